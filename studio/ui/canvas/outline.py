"""The outline of a mask, along the edges of its pixels, as paths that Qt strokes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream
from PySide6.QtGui import QPainterPath

from studio.core.geometry import Point, Rect

MaskSamples = NDArray[np.uint8]
"""(h, w) 0..255; from 128 on a pixel is inside."""

INSIDE = 128
BAND_AREA = 500_000
"""Mask pixels looked at in one go: a few milliseconds."""
MOST_CELLS = 400
"""Where an outline passes is told in no more rectangles than this; one around all of it says it, too."""
_ELEMENT = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])


def line_bands(mask: MaskSamples, step: int = 1) -> Iterator[NDArray[np.float64]]:
    """The outline in mask coordinates, (n, 4) lines x0, y0, x1, y1 for each band of rows from the top.

    It is found on the mask shrunk by `step` (a power of two): cheaper, and enough when zoomed out that far.
    """
    height, width = mask.shape
    rows = max(1, BAND_AREA // max(1, width) // step) * step
    above = np.zeros((1, -(-width // step)), np.bool_)
    for top in range(0, height, rows):
        inside = shrunk(mask[top : top + rows], step) >= INSIDE
        lines = edges(inside, above, closed=top + rows >= height)
        yield lines * step + np.array([0, top, 0, top])
        above = inside[-1:]


def outline_bands(mask: MaskSamples, step: int = 1) -> Iterator[QPainterPath]:
    """The same as paths."""
    return map(path_of, line_bands(mask, step))


def outline_of(mask: MaskSamples, step: int = 1) -> QPainterPath:
    """The whole outline at once, for masks of moderate size."""
    path = QPainterPath()
    for band in outline_bands(mask, step):
        path.addPath(band)
    return path


def shrunk(mask: MaskSamples, step: int) -> MaskSamples:
    """One pixel for each `step` x `step` pixels: the largest of them, so that nothing gets lost."""
    while step > 1:
        height, width = mask.shape
        if height % 2 or width % 2:
            mask = np.pad(mask, ((0, height % 2), (0, width % 2)))
        mask = np.maximum(mask[0::2], mask[1::2])
        mask = np.maximum(mask[:, 0::2], mask[:, 1::2])
        step //= 2
    return mask


def edges(inside: NDArray[np.bool_], above: NDArray[np.bool_], *, closed: bool = True) -> NDArray[np.float64]:
    """(n, 4) lines x0, y0, x1, y1 between inside and outside pixels; neighbours in one direction are one line.

    `above` (1, w) is the row over the first one; the lines under the last row come with `closed`.
    """
    height, width = inside.shape
    padded = np.zeros((height + 1 + closed, width + 2), np.bool_)
    padded[0, 1:-1], padded[1 : height + 1, 1:-1] = above, inside
    across = padded[1:, 1:-1] != padded[:-1, 1:-1]  # above each pixel row
    body = padded[1 : height + 1]
    down = (body[:, 1:] != body[:, :-1]).T  # left of each pixel column
    y, x0, x1 = _runs(across)
    x, y0, y1 = _runs(down)
    rows = np.stack([x0, y, x1, y], axis=1)
    columns = np.stack([x, y0, x, y1], axis=1)
    return np.concatenate([rows, columns]).astype(np.float64)


def cells_along(lines: NDArray[np.float64], side: int) -> list[Rect]:
    """The cells of a grid with that side which upright and level lines pass; neighbours in a row are one rectangle."""
    if not len(lines):
        return []
    cells = np.unique((lines // side).astype(np.int64), axis=0)
    left, top = int(cells[:, 0].min()), int(cells[:, 1].min())
    grid = np.zeros((int(cells[:, 3].max()) - top + 1, int(cells[:, 2].max()) - left + 1), np.bool_)
    for x0, y0, x1, y1 in cells - (left, top, left, top):
        grid[y0 : y1 + 1, x0 : x1 + 1] = True
    row, start, end = (places * side for places in _runs(grid))
    found = [
        Rect(x0, y, x1, y + side).moved(Point(left * side, top * side))
        for y, x0, x1 in zip(row.tolist(), start.tolist(), end.tolist(), strict=True)
    ]
    return found if len(found) <= MOST_CELLS else [Rect.union(found)]


def path_of(lines: NDArray[np.float64]) -> QPainterPath:
    """(n, 4) lines as one path. Goes through Qt's stream format: building it line by line takes many times as long."""
    path = QPainterPath()
    if not len(lines):
        return path
    elements = np.zeros(2 * len(lines), _ELEMENT)
    elements["kind"][1::2] = 1  # move to, line to, move to, ...
    elements["x"], elements["y"] = lines[:, 0::2].ravel(), lines[:, 1::2].ravel()
    head = np.array([len(elements)], ">i4").tobytes()
    tail = np.array([0, 0], ">i4").tobytes()  # where the last subpath starts, and the fill rule
    stream = QDataStream(QByteArray(head + elements.tobytes() + tail))
    stream >> path  # pyright: ignore[reportUnusedExpression]  # this is how Qt reads
    return path


def _runs(marks: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Row, first column and column after the last of each run of marks."""
    padded = np.zeros((marks.shape[0], marks.shape[1] + 2), np.int8)
    padded[:, 1:-1] = marks
    change = np.diff(padded, axis=1)
    row, start = np.nonzero(change == 1)
    _, end = np.nonzero(change == -1)
    return row, start, end
