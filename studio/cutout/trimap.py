"""From a mask to a trimap: sure object, sure background, and the band between them that the matte has to decide."""

from __future__ import annotations

import math

import cv2
import numpy as np

from studio.cutout.arrays import Floats, Mask

BAND_SHARE = 0.0035
"""Half width of the unknown band as a share of the diagonal, before roughness widens it."""
MIN_BAND_PX = 3.0
WIDEST = 3.0
"""A rough or strongly textured outline widens the band by at most this factor."""


WORK_AREA_PX = 2_000_000
SEARCH_SHARE = 0.012
"""How far from the mask's outline the picture's own edge is looked for, as a share of the diagonal."""
TRUST_IN_MASK = 1.4
"""An edge beside the mask's outline must be this many times as strong as what the outline itself shows."""
EDGE_CONTRAST = 1.15
"""An edge counts when it is this many times as strong as the average change around the outline."""
THINNEST_CORE_PX = 2.5
"""Parts with less half thickness are hair or roughness of the mask: nothing in them is sure."""


def signed_distance(mask: Mask) -> Floats:
    """Distance to the outline in pixels: positive inside, negative outside. The frame is not an outline."""
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    return inside - outside


def band_radius(mask: Mask, diagonal_px: float | None = None) -> Floats:
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
    window = 2 * round(2 * base) + 1
    # A straight outline, two pixels thick, fills 2 / window of the window; hair and fur fill much more.
    roughness = cv2.blur(outline, (window, window)) * window / 2
    factor = np.clip(roughness, 1.0, WIDEST)
    factor = cv2.GaussianBlur(cv2.dilate(factor, np.ones((window, window), np.uint8)), (0, 0), base)
    return (base * factor).astype(np.float32)


def outline_offset(image: Floats, distance: Floats, diagonal_px: float) -> Floats:
    """(H, W) how far inside (positive) or outside the given outline the picture's own edge runs, in pixels.

    For every distance from the outline, the strength of the colour step across it is averaged along the outline; the
    strongest distance wins, the outline itself when nothing stands out. Hand-made masks are often a few pixels off.
    """
    reach = max(4, round(SEARCH_SHARE * diagonal_px))
    sigma = 0.015 * diagonal_px
    step = _step_across(image, distance)
    height, width = distance.shape
    # The averages are wide: taking them on a smaller grid costs nothing.
    shrink = max(1, int(sigma / 4))
    size = (max(1, width // shrink), max(1, height // shrink))

    def mean_where(where: Mask) -> Floats:
        total, weight = (
            cv2.GaussianBlur(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), (0, 0), sigma / shrink)
            for plane in (step * where, where.astype(np.float32))
        )
        return total / np.maximum(weight, 1e-5)

    mean = mean_where(np.abs(distance) <= reach + 2)
    best, best_score = np.zeros_like(mean), TRUST_IN_MASK * mean_where(np.abs(distance) <= 1.0)
    for level in range(-reach, reach + 1, max(1, reach // 12)):
        score = mean_where(np.abs(distance - level - 0.5) <= 0.75) * math.exp(-0.5 * (1.5 * level / reach) ** 2)
        better = score > np.maximum(best_score, EDGE_CONTRAST * mean)
        best[better], best_score[better] = level, score[better]
    return cv2.resize(cv2.GaussianBlur(best, (0, 0), 1.0), (width, height), interpolation=cv2.INTER_LINEAR)


def _step_across(image: Floats, distance: Floats) -> Floats:
    """Magnitude of the colour change along the outline's normal."""
    smooth = cv2.GaussianBlur(distance, (0, 0), 2.0)
    nx, ny = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    length = np.maximum(np.hypot(nx, ny), 1e-3)
    calm = cv2.GaussianBlur(image, (0, 0), 1.0)
    dx, dy = cv2.Sobel(calm, cv2.CV_32F, 1, 0), cv2.Sobel(calm, cv2.CV_32F, 0, 1)
    return np.linalg.norm(dx * (nx / length)[..., None] + dy * (ny / length)[..., None], axis=2)


def make_trimap(mask: Mask, diagonal_px: float | None = None, image: Floats | None = None) -> Floats:
    """(H, W) float32: 1 sure object, 0 sure background, 0.5 unknown.

    Thin parts keep a core: there the band never takes more than 60 % of the local half thickness. Hair keeps none. With
    the picture given, the band also covers the edge that the picture shows beside the mask's own outline.
    """
    diagonal = diagonal_px or math.hypot(*mask.shape)
    distance = signed_distance(mask)
    inner, outer = _margins(mask, distance, diagonal, image)
    trimap = np.full(mask.shape, 0.5, np.float32)
    trimap[distance >= inner] = 1
    trimap[-distance >= outer] = 0
    return trimap


def _margins(mask: Mask, distance: Floats, diagonal_px: float, image: Floats | None) -> tuple[Floats, Floats]:
    """How far inside, and how far outside, the outline a pixel is sure.

    Both vary slowly, so they are worked out on a picture of at most two megapixels.
    """
    height, width = mask.shape
    scale = min(1.0, (WORK_AREA_PX / mask.size) ** 0.5)
    if scale == 1:
        return _margins_at(mask, distance, diagonal_px, image)
    size = (round(width * scale), round(height * scale))
    small_mask = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    small = None if image is None else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    margins = _margins_at(small_mask, signed_distance(small_mask), diagonal_px * scale, small)
    inner, outer = (cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR) for plane in margins)
    return inner / np.float32(scale), outer / np.float32(scale)


def _margins_at(mask: Mask, distance: Floats, diagonal_px: float, image: Floats | None) -> tuple[Floats, Floats]:
    radius = band_radius(mask, diagonal_px)
    inside, outside = np.maximum(distance, 0), np.maximum(-distance, 0)
    thickness_inside, thickness_outside = (_largest_near(plane, float(radius.max())) for plane in (inside, outside))
    core = np.where(thickness_inside >= THINNEST_CORE_PX, 0.6 * thickness_inside, radius)
    inner, outer = np.minimum(radius, core), np.minimum(radius, 0.6 * thickness_outside)
    if image is not None:
        offset = outline_offset(image, distance, diagonal_px)
        offset = np.where(np.abs(offset) > 0.5 * radius, offset, 0)  # else the band covers that edge anyway
        reach = float(radius.max() + np.abs(offset).max())
        inner = np.minimum(inner + np.maximum(offset, 0), np.maximum(inner, 0.6 * _largest_near(inside, reach)))
        outer = np.minimum(outer + np.maximum(-offset, 0), np.maximum(outer, 0.6 * _largest_near(outside, reach)))
    return inner.astype(np.float32), outer.astype(np.float32)


def _largest_near(plane: Floats, radius_px: float) -> Floats:
    """Largest value within the radius: applied to a distance, the local half thickness."""
    size = 2 * math.ceil(radius_px) + 1
    return cv2.dilate(plane, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
