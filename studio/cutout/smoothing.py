"""Edge-aware and hole-aware smoothing on (H, W) and (H, W, C) float32 arrays: guided filter, membrane, pyramids."""

from __future__ import annotations

import cv2
import numpy as np

from studio.cutout.arrays import Floats, Mask

MEMBRANE_SWEEPS = 12
COARSEST_PX = 8


def guided_filter(guide: Floats, values: Floats, radius: int, epsilon: float) -> Floats:
    """Edge-aware smoothing of `values` (H, W) by a one-channel `guide` (He et al., 2010)."""
    size = (2 * radius + 1, 2 * radius + 1)

    def mean(plane: Floats) -> Floats:
        return cv2.blur(plane, size, borderType=cv2.BORDER_REFLECT)

    mean_guide, mean_values = mean(guide), mean(values)
    slope = (mean(guide * values) - mean_guide * mean_values) / (mean(guide * guide) - mean_guide**2 + epsilon)
    return mean(slope) * guide + mean(mean_values - slope * mean_guide)


def masked_mean(values: Floats, known: Mask, sigma_px: float) -> Floats:
    """Gaussian mean of the known pixels only; zero where none is near."""
    weight = cv2.GaussianBlur(known.astype(np.float32), (0, 0), sigma_px)
    kept = values * (known if values.ndim == 2 else known[..., None])
    total = cv2.GaussianBlur(kept.astype(np.float32), (0, 0), sigma_px)
    return total / np.maximum(weight if values.ndim == 2 else weight[..., None], 1e-6)


def membrane(values: Floats, known: Mask) -> Floats:
    """Fill the unknown pixels with the smoothest continuation of the known ones (Laplace's equation).

    Coarse to fine: each level starts from the one below it, so a few relaxation sweeps are enough.

    Args:
        values: (H, W) or (H, W, C) float32; known pixels come back untouched.
        known: (H, W) bool with at least one True.
    """
    from studio.cutout.relaxation import relax

    planes = values[..., None] if values.ndim == 2 else values
    filled = _membrane_level(np.ascontiguousarray(planes, np.float32), known, relax)
    return filled[..., 0] if values.ndim == 2 else filled


def _membrane_level(values: Floats, known: Mask, relax) -> Floats:
    if known.all():
        return values.copy()
    height, width = known.shape
    if max(height, width) <= COARSEST_PX or not (~known[1:-1, 1:-1]).any():
        start = np.broadcast_to(values[known].mean(0), values.shape).copy()
    else:
        coarse_values, coarse_known = shrink_known(values, known)
        coarse = _membrane_level(coarse_values, coarse_known, relax)
        start = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR).reshape(values.shape)
    start[known] = values[known]
    rows, columns = np.nonzero(~known)
    relax(start, rows.astype(np.int32), columns.astype(np.int32), MEMBRANE_SWEEPS)
    return start


def shrink_known(values: Floats, known: Mask) -> tuple[Floats, Mask]:
    """Halve the size; a coarse pixel is the mean of its known pixels, and known where it has any."""
    height, width = known.shape
    size = ((width + 1) // 2, (height + 1) // 2)
    pad = ((0, height % 2), (0, width % 2))
    solid = np.pad(known, pad).astype(np.float32)
    planes = np.pad(values * known[..., None], (*pad, (0, 0))).astype(np.float32)
    weight = cv2.resize(solid, size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(planes, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], values.shape[2])
    return (total / np.maximum(weight, 1e-6)[..., None]).astype(np.float32), weight > 0
