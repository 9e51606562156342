"""Photoshop's adjustments that we do not have but can say with those that we have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from psd_tools.constants import Tag
from psd_tools.psd.adjustments import Exposure
from psd_tools.psd.tagged_blocks import TaggedBlocks
from scipy.interpolate import CubicSpline

from studio.core.adjustments import Adjustment, CurvePoints, Curves, Levels, LevelsBand

MOST_POINTS = 19
REPLACED = (Tag.INVERT, Tag.EXPOSURE, Tag.THRESHOLD)
"""Their blocks do not go back into a file beside the adjustment that stands for them."""

WORST_255 = 2.0
"""A curve that stays this close to the adjustment, in 1/255, may stand for it."""

_INVERTED: CurvePoints = ((0, 255), (255, 0))
_GRAY_POWER = 1.75  # of Photoshop's usual gray profile, dot gain 20 %
_RGB_POWER = 2.2


def substitute(blocks: TaggedBlocks, gray: bool) -> tuple[str, Adjustment] | None:
    """The name of the foreign adjustment and ours that does the same; None where ours cannot."""
    if Tag.INVERT in blocks:
        return "Invert", Curves(rgb=_INVERTED)
    exposure = blocks.get_data(Tag.EXPOSURE)
    if isinstance(exposure, Exposure):
        points = _curve_like(_exposed(exposure, _GRAY_POWER if gray else _RGB_POWER))
        return None if points is None else ("Exposure", Curves(rgb=points))
    threshold = blocks.get_data(Tag.THRESHOLD)
    if gray and isinstance(threshold, int) and 1 <= threshold <= 255:
        return "Threshold", Levels(rgb=LevelsBand(black=threshold - 1, white=threshold))
    return None


def _exposed(exposure: Exposure, power: float) -> NDArray[np.float64]:
    """The 256 outputs of an exposure adjustment, 0..255: gain and offset in linear light, then its gamma."""
    light = (np.arange(256) / 255) ** power
    gained = np.clip(light * 2.0 ** float(exposure.exposure) + float(exposure.offset), 0, None)
    gamma = min(max(float(exposure.gamma), 0.01), 9.99)
    return np.clip(gained ** (1 / gamma / power), 0, 1) * 255


def _curve_like(wanted: NDArray[np.float64]) -> CurvePoints | None:
    """Points whose natural spline follows the 256 values, added where it is farthest off; None when it never does."""
    chosen = {0, 255}
    whole = np.round(wanted)
    inputs = np.arange(256)
    while True:
        knots = sorted(chosen)
        spline = CubicSpline(knots, whole[knots], bc_type="natural")(inputs)
        gap = np.abs(np.clip(spline, 0, 255) - wanted)
        if gap.max() <= WORST_255:
            return tuple((knot, int(whole[knot])) for knot in knots)
        gap[knots] = 0
        if len(knots) == MOST_POINTS or not gap.any():
            return None
        chosen.add(int(gap.argmax()))
