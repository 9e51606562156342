"""Shadows that the picture's edge cuts off: what is moved away from the edge must not end in a straight line."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import Point, Size
from studio.cutout.arrays import Levels

FADE_SHARE = 0.08
"""How far a shadow goes on outside, as a share of the picture's diagonal."""


def fading_out(levels: Levels, origin: Point, picture: Size) -> tuple[Levels, Point]:
    """An effect layer, continued beyond each edge of the picture that it touches, ever fainter.

    Inside the picture nothing changes, so the stack still is the photo.

    Args:
        levels: (h, w, 4) straight RGBA inside the picture, its top left pixel at `origin`.
    Returns: the larger layer, and the place of its top left pixel.
    """
    reach = max(1, round(FADE_SHARE * float(np.hypot(picture.width, picture.height))))
    height, width, _ = levels.shape
    alpha = levels[..., 3]
    left = reach if origin.x == 0 and alpha[:, 0].any() else 0
    top = reach if origin.y == 0 and alpha[0].any() else 0
    right = reach if origin.x + width == picture.width and alpha[:, -1].any() else 0
    bottom = reach if origin.y + height == picture.height and alpha[-1].any() else 0
    if not (left or top or right or bottom):
        return levels, origin
    wide = np.pad(levels, ((top, bottom), (left, right), (0, 0)), mode="edge")
    fade = np.minimum.outer(_fade(top, height, bottom, reach), _fade(left, width, right, reach))
    wide[..., 3] = np.round(wide[..., 3] * fade).astype(levels.dtype)
    return wide, Point(origin.x - left, origin.y - top)


def _fade(before: int, inside: int, after: int, reach: int) -> NDArray[np.float32]:
    """(before + inside + after,) 1 inside and a smooth way down to 0 at `reach` pixels from it."""
    away = np.concatenate([np.arange(before, 0, -1), np.zeros(inside), np.arange(1, after + 1)]) / reach
    return (1 - away * away * (3 - 2 * away)).astype(np.float32)
