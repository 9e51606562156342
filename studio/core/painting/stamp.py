"""The print of one dab, and how prints build up in a stroke."""

from __future__ import annotations

import math

import numpy as np

from studio.core.geometry import Rect
from studio.core.painting.brush import Brush
from studio.core.painting.mixing import Reals
from studio.core.painting.path import Dab

_ONE = np.float32(1)


def dab_rect(dab: Dab) -> Rect:
    """The canvas pixels that a dab may touch."""
    reach = dab.radius_px + 1.0
    return Rect(
        math.floor(dab.x - reach), math.floor(dab.y - reach), math.ceil(dab.x + reach), math.ceil(dab.y + reach)
    )


def dab_print(dab: Dab, brush: Brush, rect: Rect) -> Reals:
    """(h, w) how much of the dab each pixel of `rect` gets, 0..1, measured at pixel centres.

    Full within the hard core, from there a smooth fall to the rim, over one pixel at least.
    """
    across = np.arange(rect.left, rect.right, dtype=np.float32) + np.float32(0.5 - dab.x)
    down = (np.arange(rect.top, rect.bottom, dtype=np.float32) + np.float32(0.5 - dab.y))[:, None]
    if brush.roundness < 1:
        turn = math.radians(brush.angle)
        cos, sin = np.float32(math.cos(turn)), np.float32(math.sin(turn))
        across, down = across * cos + down * sin, (down * cos - across * sin) / np.float32(brush.roundness)
    distance = np.sqrt(across * across + down * down)
    inner, outer = dab.radius_px * brush.hardness, dab.radius_px
    if outer - inner < 1:
        middle = (inner + outer) / 2
        inner, outer = middle - 0.5, middle + 0.5
    fall = np.multiply(np.float32(outer) - distance, np.float32(1 / (outer - inner)))
    share: Reals = np.clip(fall, np.float32(0), _ONE)
    return np.multiply(share * share, np.float32(3) - np.float32(2) * share)


def build_up(wet: Reals, added: Reals, opacity: float) -> Reals:
    """What a stroke has become: `added` (0..1) of what is missing to the cap; what lies above the cap stays."""
    return np.add(wet, added * np.maximum(np.float32(opacity) - wet, 0))
