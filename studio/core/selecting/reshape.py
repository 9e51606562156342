"""What is done to the outline of a selection. The edge of the canvas is no outline: a selection goes on behind it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.core.blur import gaussian
from studio.core.opencv import cv2
from studio.core.selection import FULL, Coverage

_HALF = 128


def feather(coverage: Coverage, radius_px: float) -> Coverage:
    """Blurred by a Gaussian whose deviation is the radius."""
    return _levels(gaussian(coverage.astype(np.float32), radius_px))


def grow(coverage: Coverage, px: float) -> Coverage:
    """Everything within that distance of what is more than half selected is selected too; the new outline is soft."""
    distance = _distance_to(coverage >= _HALF)
    return np.maximum(coverage, _levels(FULL * np.clip(px + 1 - distance, 0, 1)))


def shrink(coverage: Coverage, px: float) -> Coverage:
    """What `grow` does to all that is not selected."""
    return FULL - grow(FULL - coverage, px)


def border(coverage: Coverage, px: float) -> Coverage:
    """A band of that width along the outline, half of it on each side."""
    outer = grow(coverage, px / 2)
    return np.minimum(outer, FULL - shrink(coverage, px / 2))


def smooth(coverage: Coverage, px: int) -> Coverage:
    """What most pixels within a square of 2 px + 1 are becomes of each: corners are rounded, specks and holes go."""
    window = 2 * px + 1
    mean = cv2.blur(coverage.astype(np.float32), (window, window), borderType=cv2.BORDER_REPLICATE) / FULL
    return _levels(FULL * np.clip((mean - 0.5) * window + 0.5, 0, 1))


def _distance_to(region: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Distance of each pixel to the nearest one of the region; far beyond any canvas when there is none."""
    if not region.any():
        return np.full(region.shape, np.float32(1e9))
    outside = (~region).astype(np.uint8)
    return cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE).astype(np.float32)


def _levels(values: NDArray[np.floating]) -> Coverage:
    return np.clip(np.rint(values), 0, FULL).astype(np.uint8)
