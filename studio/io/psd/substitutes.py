"""Exposure of a grayscale file, as a curve: its light follows the gray profile, and ours that of RGB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from psd_tools.constants import Tag
from psd_tools.psd.adjustments import Exposure
from psd_tools.psd.tagged_blocks import TaggedBlocks
from scipy.interpolate import CubicSpline

from studio.core.adjustments import Adjustment, CurvePoints, Curves

MOST_POINTS = 19
REPLACED = (Tag.EXPOSURE,)
"""Their blocks do not go back into a file beside the adjustment that stands for them."""

WORST_255 = 2.0
"""A curve that stays this close to the adjustment, in 1/255, may stand for it."""

_GRAY_POWER = 1.75  # of Photoshop's usual gray profile, dot gain 20 %


def substitute(blocks: TaggedBlocks, gray: bool) -> tuple[str, Adjustment] | None:
    """The name of the foreign adjustment and ours that does the same; None where ours cannot."""
    exposure = blocks.get_data(Tag.EXPOSURE)
    if not gray or not isinstance(exposure, Exposure):
        return None
    points = _curve_like(_exposed(exposure, _GRAY_POWER))
    return None if points is None else ("Exposure", Curves(rgb=points))


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
