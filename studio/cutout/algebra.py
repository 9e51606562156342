"""The effect-layer algebra: which alpha and which colours reproduce a photo exactly over a given background.

Everything happens in levels: a layer stores integers 0..`peak` (255 or 65535), the compositor works in float32 units
and rounds once at the end. A colour solved for a given alpha is off by at most half a level, and that error is scaled
by alpha <= 1, so the rounded stack equals the photo. Numbers such as 9.1 are sections of the method text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from studio.cutout.arrays import Floats, Levels, Mask
from studio.cutout.regions import label

TIE_MARGIN = 0.02
"""Levels kept free below the rounding tie, for float32 arithmetic of any order."""
TINY_GROUND = 4 / 255
"""Below this background value ratios explode (9.7)."""


@dataclass(frozen=True, slots=True)
class StraightLayer:
    """Integer colours (H, W, 3) and alpha (H, W) in levels, straight."""

    colour: Levels
    alpha: Levels


def peak_of(dtype: np.dtype) -> int:
    """Largest level of an integer picture: 255 or 65535."""
    return int(np.iinfo(dtype).max)


def over(base: Floats, colour: Floats, alpha: Floats) -> Floats:
    """Normal mode on an opaque base: all in [0, 1], alpha (H, W)."""
    a = alpha[..., None]
    return base * (1 - a) + colour * a


def multiply(base: Floats, colour: Floats, alpha: Floats) -> Floats:
    """Multiply mode on an opaque base: all in [0, 1], alpha (H, W)."""
    a = alpha[..., None]
    return base * (1 - a + a * colour)


def effect_region(
    image: Floats,
    background: Floats,
    mask: Mask,
    diagonal_px: float | None = None,
) -> Mask:
    """Pixels that the object's removal changed: its mask and the effects connected to it (9.1).

    Hysteresis on d = max_c |I - B| between t_hi = max(6/255, 4 MAD) and t_hi / 2; components must come within 2 % of
    the diagonal of the mask. Outside the result the background has to be set back to the photo.
    """
    height, width = mask.shape
    diagonal = diagonal_px or math.hypot(height, width)
    change = np.abs(image - background).max(axis=2)
    outside = change[~mask]
    noise = 1.4826 * float(np.median(np.abs(outside - np.median(outside)))) if outside.size else 0.0
    high = max(6 / 255, 4 * noise)
    near = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5) <= 0.02 * diagonal
    weak = (change > high / 2) | mask
    count, labels = label(weak)
    keep = np.zeros(count, bool)
    strong = np.zeros(count, bool)
    strong[np.unique(labels[(change > high) | mask])] = True
    keep[np.unique(labels[near & weak])] = True
    keep &= strong
    keep[0] = False
    closed = cv2.morphologyEx(keep[labels].astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return (closed > 0) | mask


def minimum_alpha(image: Floats, background: Floats) -> Floats:
    """Smallest alpha (H, W) with which a legal colour over the background gives the image: colour to alpha (9.2)."""
    brighter = image - background
    room = np.where(brighter > 0, 1 - background, background)
    needed = np.divide(np.abs(brighter), room, out=np.zeros_like(brighter), where=room > 0)
    return np.clip(needed.max(axis=2), 0, 1)


def solve_colour(target: Floats, base: Floats, alpha: Floats) -> Floats:
    """F = (I - (1 - a) B) / a, clipped to [0, 1]; zero where alpha is zero (9.3)."""
    a = alpha[..., None]
    colour = np.divide(target - (1 - a) * base, a, out=np.zeros_like(target), where=a > 0)
    return np.clip(colour, 0, 1)


def raise_alpha(alpha: Floats, peak: int) -> Floats:
    """Alpha quantised upwards, in levels, so that a legal colour stays legal."""
    return np.minimum(np.ceil(alpha * peak - 1e-4), peak).astype(np.float32)


def rounds_to(base: Floats, target: Levels, peak: int) -> Mask:
    """(H, W) True where the composite, rounded once, equals the target in every channel."""
    return np.all(np.abs(base * peak - target) < 0.5 - TIE_MARGIN, axis=2)


def shadow_levels(ratio: Floats, peak: int) -> tuple[Floats, Floats]:
    """A multiply layer that scales by `ratio` (H, W, 3) in [0, 1]: (alpha, colour) in levels, of least alpha."""
    alpha = raise_alpha(1 - ratio.min(axis=2), peak)
    unit = (alpha / peak)[..., None]
    colour = np.divide(ratio - (1 - unit), unit, out=np.zeros_like(ratio), where=unit > 0)
    return alpha, np.round(np.clip(colour, 0, 1) * peak)


def shadow_ratio(image: Floats, background: Floats, region: Mask, mask: Mask) -> Floats:
    """Smooth shadow factor r = I / B (H, W, 3) for any background estimate; 1 where nothing is a shadow (9.4, 9.5).

    A component of the region outside the mask is a shadow when its channels darken alike (deviation / mean < 0.1 and
    mean < 0.97). For backgrounds made by relighting, use the relighting's own factor instead: it is cleaner.
    """
    from studio.cutout.smoothing import masked_mean

    effects = region & ~mask
    raw = image / np.maximum(background, TINY_GROUND)
    ratio = np.ones_like(raw)
    count, labels = label(effects)
    sigma = max(1.0, 0.005 * math.hypot(*mask.shape))
    for k in range(1, count):
        part = labels == k
        mean = np.median(raw[part], axis=0)
        if float(mean.std() / max(mean.mean(), 1e-3)) < 0.1 and float(mean.mean()) < 0.97:
            smooth = masked_mean(raw, part, sigma)
            ratio[part] = smooth[part]
    return np.clip(ratio, 0, 1)
