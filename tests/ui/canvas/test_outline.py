"""Outlines run along the edges of pixels, whole or in bands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from studio.ui.canvas import outline
from studio.ui.canvas.outline import MaskSamples, cells_along, edges, line_bands, outline_bands, outline_of, shrunk

masks = arrays(
    np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.sampled_from([0, 127, 128, 255])
)


def unit_edges(path: QPainterPath) -> set[tuple[float, float, float, float]]:
    """The path's lines cut into pieces of one pixel."""
    pieces: set[tuple[float, float, float, float]] = set()
    for i in range(0, path.elementCount(), 2):
        start, end = path.elementAt(i), path.elementAt(i + 1)
        steps = int(abs(end.x - start.x) + abs(end.y - start.y))
        dx, dy = (end.x - start.x) / steps, (end.y - start.y) / steps
        for k in range(steps):
            pieces.add((start.x + k * dx, start.y + k * dy, start.x + (k + 1) * dx, start.y + (k + 1) * dy))
    return pieces


def expected_edges(mask: MaskSamples) -> set[tuple[float, float, float, float]]:
    """Pixel by pixel."""
    inside = np.pad(mask >= 128, 1)
    found: set[tuple[float, float, float, float]] = set()
    for y in range(mask.shape[0] + 1):
        for x in range(mask.shape[1] + 1):
            if inside[y, x + 1] != inside[y + 1, x + 1]:
                found.add((x, y, x + 1, y))
            if inside[y + 1, x] != inside[y + 1, x + 1]:
                found.add((x, y, x, y + 1))
    return found


@given(masks)
def test_every_edge_and_no_other(mask: MaskSamples) -> None:
    assert unit_edges(outline_of(mask)) == expected_edges(mask)


@given(masks, st.integers(1, 40))
def test_bands_together_are_the_whole(mask: MaskSamples, area: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outline, "BAND_AREA", area)
        path = QPainterPath()
        for band in outline_bands(mask):
            path.addPath(band)
    assert unit_edges(path) == expected_edges(mask)


@given(masks, st.sampled_from([2, 4]))
def test_shrunk_keeps_whatever_is_there(mask: MaskSamples, step: int) -> None:
    small = shrunk(mask, step)
    for y in range(small.shape[0]):
        for x in range(small.shape[1]):
            assert small[y, x] == mask[y * step : (y + 1) * step, x * step : (x + 1) * step].max()


def test_lines_are_as_long_as_they_can_be() -> None:
    lines = edges(np.ones((5, 9), np.bool_), np.zeros((1, 9), np.bool_))
    assert sorted(map(tuple, lines)) == [(0, 0, 0, 5), (0, 0, 9, 0), (0, 5, 9, 5), (9, 0, 9, 5)]


def test_the_path_knows_its_bounds() -> None:
    mask = np.zeros((40, 60), np.uint8)
    mask[10:20, 30:50] = 255
    assert outline_of(mask).boundingRect().topLeft() == QPointF(30, 10)
    assert outline_of(mask, 4).boundingRect().right() == 52  # 50 rounded up to whole blocks
    assert outline_of(np.zeros((40, 60), np.uint8)).isEmpty()


@given(masks, st.integers(1, 5))
def test_cells_along_hold_every_edge_and_touch_one(mask: MaskSamples, side: int) -> None:
    lines = np.concatenate(list(line_bands(mask)))
    cells = cells_along(lines, side)
    pieces = expected_edges(mask)
    ends = {end for x0, y0, x1, y1 in pieces for end in ((x0, y0), (x1, y1))}
    for x0, y0, x1, y1 in pieces:
        assert any(c.left <= x0 <= x1 <= c.right and c.top <= y0 <= y1 <= c.bottom for c in cells)
    for cell in cells:
        for left in range(cell.left, cell.right, side):
            assert any(left <= x <= left + side and cell.top <= y <= cell.top + side for x, y in ends)


def test_very_many_cells_are_told_as_one() -> None:
    y, x = np.mgrid[0:200, 0:200]
    dots = ((x % 4 == 0) & (y % 4 == 0)).astype(np.uint8) * np.uint8(255)
    (cell,) = cells_along(np.concatenate(list(line_bands(dots))), 2)
    assert (cell.left, cell.top) == (0, 0)
    assert min(cell.right, cell.bottom) >= 197
