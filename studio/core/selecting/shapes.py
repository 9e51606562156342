"""Antialiased coverage of rectangles, ellipses and polygons.

Each pixel row is cut by `LINES` lines; along a line the covered length is exact. So an upright edge anywhere is exact,
and any other is off by at most 1/32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import Rect, Size
from studio.core.selection import FULL, Coverage

LINES = 16
"""Lines through each pixel row of an antialiased shape; one, through the middle, without."""

_Reals = NDArray[np.float64]
_Integers = NDArray[np.int64]


def rectangle(size: Size, rect: Rect) -> Coverage:
    """Coverage of the pixels in `rect` on a canvas of that size."""
    out = np.zeros((size.height, size.width), np.uint8)
    out[rect.intersect(size.rect).slices()] = FULL
    return out


def ellipse(size: Size, rect: Rect, *, antialias: bool = True) -> Coverage:
    """Coverage of the ellipse that touches all four sides of `rect`."""
    lines, y = _lines(size, rect.top, rect.bottom, antialias)
    if rect.is_empty or not y.size:
        return np.zeros((size.height, size.width), np.uint8)
    up = (y - (rect.top + rect.bottom) / 2) / (rect.height / 2)
    half = np.sqrt(np.maximum(0.0, 1.0 - up * up)) * rect.width / 2
    middle = (rect.left + rect.right) / 2
    return _levels(_covered(size, lines, middle - half, middle + half, antialias))


def polygon(size: Size, points: Sequence[tuple[float, float]], *, antialias: bool = True) -> Coverage:
    """Coverage of the closed polygon through the points (canvas coordinates); where it overlaps itself it is a hole.

    Fewer than three points cover nothing.
    """
    return _levels(polygon_shares(size, points, antialias=antialias))


def polygon_shares(size: Size, points: Sequence[tuple[float, float]], *, antialias: bool = True) -> _Reals:
    """The same before it is rounded: (h, w) float64, 0..1."""
    corners = np.asarray(points, np.float64).reshape(-1, 2)
    out = np.zeros((size.height, size.width))
    if len(corners) < 3:
        return out
    low, high = np.clip(corners, -1e9, 1e9).min(axis=0), np.clip(corners, -1e9, 1e9).max(axis=0)
    box = Rect(math.floor(low[0]), math.floor(low[1]), math.ceil(high[0]), math.ceil(high[1])).intersect(size.rect)
    if not box.is_empty:
        lines, at = _crossings(box.size, corners - (box.left, box.top), antialias)
        out[box.slices()] = _covered(box.size, lines[::2], at[::2], at[1::2], antialias)
    return out


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


def _covered(size: Size, lines: _Integers, left: _Reals, right: _Reals, antialias: bool) -> _Reals:
    """The share of each pixel that the spans from `left` to `right` on the lines cover.

    A span is a step up at its left end and a step down at its right one; the running sum along a row is its cover.
    """
    if antialias:
        left, right, rows = np.clip(left, 0, size.width), np.clip(right, 0, size.width), lines // LINES
    else:
        left, right = (np.clip(np.ceil(x - 0.5), 0, size.width) for x in (left, right))
        rows = lines
    stride = size.width + 2
    steps = np.zeros(size.height * stride)
    for ends, sign in ((left, 1.0), (right, -1.0)):
        whole = np.floor(ends).astype(np.int64)
        part = ends - whole
        at = rows * stride + whole
        steps += np.bincount(at, sign * (1 - part), steps.size)
        steps += np.bincount(at + 1, sign * part, steps.size)
    share = np.cumsum(steps.reshape(size.height, stride), axis=1)[:, : size.width]
    return np.clip(share / (LINES if antialias else 1), 0.0, 1.0)


def _levels(shares: _Reals) -> Coverage:
    return np.rint(shares * FULL).astype(np.uint8)
