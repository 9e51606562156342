"""Gaussian blur of float planes at any radius."""

from __future__ import annotations

import math
from typing import cast

import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import ORIGIN, Point
from studio.core.opencv import cv2

_WIDEST = 16.0
"""Deviation in pixels from which the picture is shrunk first: a wide blur leaves nothing that the small one lacks."""
_REST = 8.0


def gaussian_reach_px(sigma_px: float) -> int:
    """How far the surroundings of a pixel count, the cells included that a wide blur shrinks the picture to."""
    return math.ceil(4 * sigma_px) + (1 if sigma_px <= _WIDEST else 3 * _factor(sigma_px))


def gaussian(
    plane: NDArray[np.float32], sigma_px: float, *, zero_outside: bool = False, at: Point = ORIGIN
) -> NDArray[np.float32]:
    """(h, w) or (h, w, C) float32 blurred by a Gaussian of that deviation.

    Args:
        zero_outside: nothing lies outside the picture, as around a layer; else its border goes on, as for coverage.
        at: where the first pixel lies in a larger picture: the cells of a wide blur start at its (0, 0),
            so that parts with `gaussian_reach_px` around them join without seams.
    """
    border = cv2.BORDER_CONSTANT if zero_outside else cv2.BORDER_REPLICATE
    if sigma_px <= 0 or not plane.size:
        return plane.copy()
    if sigma_px <= _WIDEST:
        return _blurred(plane, sigma_px, border)
    factor = _factor(sigma_px)
    height, width = plane.shape[:2]
    # A margin of whole cells on each side, so that shrinking lines up and what lies outside is known there.
    margin = factor * math.ceil(4 * sigma_px / factor)
    above, left = margin + at.y % factor, margin + at.x % factor
    below, right = margin + -(above + height) % factor, margin + -(left + width) % factor
    wide = cv2.copyMakeBorder(plane, above, below, left, right, border)
    size = (wide.shape[1] // factor, wide.shape[0] // factor)
    small = cv2.resize(wide, size, interpolation=cv2.INTER_AREA)
    # Shrinking and enlarging blur too: by boxes and ramps of one cell.
    spread = factor * factor / 12 + factor * factor / 6
    rest = math.sqrt(max(sigma_px * sigma_px - spread, 0.0)) / factor
    small = _blurred(cast("NDArray[np.float32]", small), rest, border)
    large = cv2.resize(small, (wide.shape[1], wide.shape[0]), interpolation=cv2.INTER_LINEAR)
    out = large[above : above + height, left : left + width]
    return np.ascontiguousarray(out, np.float32)


def _factor(sigma_px: float) -> int:
    return int(sigma_px / _REST)


def _blurred(plane: NDArray[np.float32], sigma_px: float, border: int) -> NDArray[np.float32]:
    reach = math.ceil(4 * sigma_px)
    size = 2 * reach + 1
    return cast("NDArray[np.float32]", cv2.GaussianBlur(plane, (size, size), sigma_px, borderType=border))
