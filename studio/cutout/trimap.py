"""From a mask to a trimap: sure object, sure background, and the band between them that the matte has to decide."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

BAND_SHARE = 0.0035
"""Half width of the unknown band as a share of the diagonal, before roughness widens it."""
MIN_BAND_PX = 3.0
WIDEST = 3.0
"""A rough or strongly textured outline widens the band by at most this factor."""


def signed_distance(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Distance to the outline in pixels: positive inside, negative outside. The frame is not an outline."""
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    return inside - outside


def band_radius(mask: NDArray[np.bool_], diagonal_px: float | None = None) -> NDArray[np.float32]:
    """Half width of the unknown band at every pixel, in pixels: wider where the outline is rough.

    Args:
        mask: (H, W) object mask.
        diagonal_px: diagonal of the whole picture when `mask` is a crop of it.
    """
    height, width = mask.shape
    diagonal = diagonal_px or math.hypot(height, width)
    base = max(MIN_BAND_PX, BAND_SHARE * diagonal)
    solid = mask.astype(np.float32)
    outline = cv2.morphologyEx(solid, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    window = 2 * int(round(2 * base)) + 1
    # A straight outline, two pixels thick, fills 2 / window of the window; hair and fur fill much more.
    roughness = cv2.blur(outline, (window, window)) * window / 2
    factor = np.clip(roughness, 1.0, WIDEST)
    factor = cv2.GaussianBlur(cv2.dilate(factor, np.ones((window, window), np.uint8)), (0, 0), base)
    return (base * factor).astype(np.float32)


def make_trimap(mask: NDArray[np.bool_], diagonal_px: float | None = None) -> NDArray[np.float32]:
    """(H, W) float32: 1 sure object, 0 sure background, 0.5 unknown.

    Thin parts keep a core: there the band never takes more than 60 % of the local half thickness.
    """
    distance = signed_distance(mask)
    radius = band_radius(mask, diagonal_px)
    reach = 2 * int(math.ceil(float(radius.max()))) + 1
    window = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    thickness_inside = cv2.dilate(np.maximum(distance, 0), window)
    thickness_outside = cv2.dilate(np.maximum(-distance, 0), window)
    trimap = np.full(mask.shape, 0.5, np.float32)
    trimap[distance >= np.minimum(radius, 0.6 * thickness_inside)] = 1
    trimap[-distance >= np.minimum(radius, 0.6 * thickness_outside)] = 0
    return trimap
