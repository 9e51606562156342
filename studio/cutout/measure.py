"""Metrics for cut-outs with known truth: PSNR, SSIM and the usual matte errors.

Pictures and mattes are arrays in [0, 1]; a region is (H, W) bool and restricts the mean to its pixels.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from studio.cutout.arrays import Floats, Mask

PERFECT_PSNR_DB = 100.0
"""Reported instead of infinity, so that means over cases stay finite."""


def psnr(image: Floats, truth: Floats, region: Mask | None = None) -> float:
    """Peak signal-to-noise ratio in dB, capped at `PERFECT_PSNR_DB`; NaN for an empty region."""
    difference = np.asarray(image, np.float64) - np.asarray(truth, np.float64)
    if region is not None:
        difference = difference[region]
    if difference.size == 0:
        return math.nan
    error = float(np.mean(difference**2))
    return PERFECT_PSNR_DB if error <= 10 ** (-PERFECT_PSNR_DB / 10) else -10 * math.log10(error)


def ssim(image: Floats, truth: Floats, region: Mask | None = None) -> float:
    """Mean structural similarity of the luminance, Gaussian window of sigma 1.5 (Wang et al., 2004)."""
    a, b = _luminance(image), _luminance(truth)

    def smooth(plane: Floats) -> Floats:
        return cv2.GaussianBlur(plane, (11, 11), 1.5)

    mean_a, mean_b = smooth(a), smooth(b)
    variance_a, variance_b = smooth(a * a) - mean_a**2, smooth(b * b) - mean_b**2
    covariance = smooth(a * b) - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    score = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    score /= (mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2)
    return float(np.mean(score if region is None else score[region]))


def sum_of_absolute_differences(alpha: Floats, truth: Floats) -> float:
    """SAD of two mattes in thousands of pixels, the unit matting papers use."""
    return float(np.abs(np.asarray(alpha, np.float64) - truth).sum() / 1000)


def mean_squared_error(alpha: Floats, truth: Floats, region: Mask | None = None) -> float:
    """Mean squared matte error inside the region."""
    squared = (np.asarray(alpha, np.float64) - truth) ** 2
    return float(np.mean(squared if region is None else squared[region]))


def gradient_error(alpha: Floats, truth: Floats, sigma: float = 1.4) -> float:
    """Summed squared difference of the Gaussian gradient magnitudes, in thousands (Rhemann et al., 2009)."""
    difference = _gradient_magnitude(alpha, sigma) - _gradient_magnitude(truth, sigma)
    return float((difference**2).sum() / 1000)


def mass_outside(alpha: Floats, region: Mask) -> float:
    """Alpha outside the region, as a share of the picture's pixels: a veil over the frame shows here."""
    return float(np.asarray(alpha, np.float64)[~region].sum() / alpha.size)


def _luminance(image: Floats) -> Floats:
    plane = np.asarray(image, np.float32)
    return plane if plane.ndim == 2 else plane @ np.array([0.299, 0.587, 0.114], np.float32)


def _gradient_magnitude(plane: Floats, sigma: float) -> Floats:
    smooth = cv2.GaussianBlur(np.asarray(plane, np.float64), (0, 0), sigma)
    return np.hypot(np.gradient(smooth, axis=1), np.gradient(smooth, axis=0))
