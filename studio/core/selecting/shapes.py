"""Antialiased coverage of rectangles, ellipses and polygons.

Each pixel row is cut by `LINES` lines; along a line the covered length is exact. So an upright edge anywhere is exact,
and any other is off by at most 1/32.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import Rect, Size
from studio.core.selection import FULL, Coverage

LINES = 16
"""Lines through each pixel row of an antialiased shape; one, through the middle, without."""

BAND_ROWS = 32
"""Pixel rows that are covered in one go, so that they stay in the cache."""

_Sample = TypeVar("_Sample", np.uint8, np.float64)
_Reals = NDArray[np.float64]
_Integers = NDArray[np.int64]


def rectangle(size: Size, rect: Rect) -> Coverage:
    """Coverage of the pixels in `rect` on a canvas of that size."""
    out = np.zeros((size.height, size.width), np.uint8)
    out[rect.intersect(size.rect).slices()] = FULL
    return out


def ellipse(size: Size, rect: Rect, *, antialias: bool = True) -> Coverage:
    """Coverage of the ellipse that touches all four sides of `rect`."""
    out = np.zeros((size.height, size.width), np.uint8)
    box = rect.intersect(size.rect)
    if box.is_empty:
        return out
    seen = rect.moved(-box.origin)
    lines, y = _lines(box.size, seen.top, seen.bottom, antialias)
    up = (y - (seen.top + seen.bottom) / 2) / (seen.height / 2)
    half = np.sqrt(np.maximum(0.0, 1.0 - up * up)) * seen.width / 2
    middle = (seen.left + seen.right) / 2
    part = out[box.slices()]
    for rows, shares in _covered(box.size, lines, middle - half, middle + half, antialias):
        part[rows] = np.rint(shares * FULL)
    return out


def polygon(size: Size, points: Sequence[tuple[float, float]], *, antialias: bool = True) -> Coverage:
    """Coverage of the closed polygon through the points (canvas coordinates); where it overlaps itself it is a hole.

    Fewer than three points cover nothing.
    """
    out = np.zeros((size.height, size.width), np.uint8)
    for part, rows, shares in _polygon(out, points, antialias):
        part[rows] = np.rint(shares * FULL)
    return out


def polygon_shares(size: Size, points: Sequence[tuple[float, float]], *, antialias: bool = True) -> _Reals:
    """The same before it is rounded: (h, w) float64, 0..1."""
    out = np.zeros((size.height, size.width))
    for part, rows, shares in _polygon(out, points, antialias):
        part[rows] = shares
    return out


def _polygon(
    out: NDArray[_Sample], points: Sequence[tuple[float, float]], antialias: bool
) -> Iterator[tuple[NDArray[_Sample], slice, _Reals]]:
    """The part of `out` around the polygon, and for each band of its rows how much of each pixel is covered."""
    corners = np.asarray(points, np.float64).reshape(-1, 2)
    if len(corners) < 3:
        return
    low, high = np.clip(corners, -1e9, 1e9).min(axis=0), np.clip(corners, -1e9, 1e9).max(axis=0)
    around = Rect(math.floor(low[0]), math.floor(low[1]), math.ceil(high[0]), math.ceil(high[1]))
    box = around.intersect(Rect(0, 0, out.shape[1], out.shape[0]))
    if box.is_empty:
        return
    lines, at = _crossings(box.size, corners - (box.left, box.top), antialias)
    for rows, shares in _covered(box.size, lines[::2], at[::2], at[1::2], antialias):
        yield out[box.slices()], rows, shares


def _lines(size: Size, top: float, bottom: float, antialias: bool) -> tuple[_Integers, _Reals]:
    """Numbers and heights of the lines between `top` and `bottom` that cut the canvas."""
    per_row = LINES if antialias else 1
    first = max(0, int(np.ceil(top * per_row - 0.5)))
    last = min(size.height * per_row, int(np.ceil(bottom * per_row - 0.5)))
    lines = np.arange(first, max(first, last))
    return lines, (lines + 0.5) / per_row


def _crossings(size: Size, corners: _Reals, antialias: bool) -> tuple[_Integers, _Reals]:
    """Line number and x of every crossing of a line with an edge, in order along each line; an even count on each."""
    per_row = LINES if antialias else 1
    start, end = corners, np.roll(corners, -1, axis=0)
    flipped = start[:, 1] > end[:, 1]
    upper, lower = np.where(flipped[:, None], end, start), np.where(flipped[:, None], start, end)
    reach = size.height * per_row
    first = np.clip(np.ceil(upper[:, 1] * per_row - 0.5), 0, reach).astype(np.int64)
    last = np.clip(np.ceil(lower[:, 1] * per_row - 0.5), 0, reach).astype(np.int64)
    counts = last - first
    edge = np.repeat(np.arange(len(corners)), counts)
    lines: _Integers = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    y: _Reals = (lines + 0.5) / per_row
    height = np.maximum(lower[:, 1] - upper[:, 1], 1e-300)
    share: _Reals = (y - upper[edge, 1]) / height[edge]
    x: _Reals = upper[edge, 0] + share * (lower[edge, 0] - upper[edge, 0])
    order = np.lexsort((x, lines))
    return lines[order], x[order]


def _covered(
    size: Size, lines: _Integers, left: _Reals, right: _Reals, antialias: bool
) -> Iterator[tuple[slice, _Reals]]:
    """The share of each pixel that the spans from `left` to `right` on the lines cover: some rows, and (h, w) of them.

    Rows that no line cuts are left out. A span is a step up at its left end and a step down at its right one; the
    running sum along a row is its cover.
    """
    if antialias:
        left, right, row_of = np.clip(left, 0, size.width), np.clip(right, 0, size.width), lines // LINES
    else:
        left, right = (np.clip(np.ceil(x - 0.5), 0, size.width) for x in (left, right))
        row_of = lines
    stride = size.width + 2
    for top in range(0, size.height, BAND_ROWS):
        first, last = np.searchsorted(row_of, (top, top + BAND_ROWS))
        if first == last:
            continue
        rows = slice(top, min(top + BAND_ROWS, size.height))
        steps = np.zeros((rows.stop - top) * stride)
        for ends, sign in ((left[first:last], 1.0), (right[first:last], -1.0)):
            whole = np.floor(ends).astype(np.int64)
            part = ends - whole
            at = (row_of[first:last] - top) * stride + whole
            np.add.at(steps, at, sign * (1 - part))
            np.add.at(steps, at + 1, sign * part)
        share = np.cumsum(steps.reshape(-1, stride), axis=1)[:, : size.width] / (LINES if antialias else 1)
        yield rows, np.clip(share, 0.0, 1.0, out=share)
