"""Selection without weights: GrabCut from a box, a point or nothing, and cleaning of the masks it makes.

GrabCut runs on a picture of at most 0.15 megapixels; its outline is then refined at full size in a narrow band.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.core.errors import StudioError
from studio.core.geometry import Point, Rect
from studio.cutout.arrays import Floats, Mask
from studio.cutout.regions import large_parts, touching

WORK_AREA_PX = 150_000
ROUNDS = 5
BAND_SHARE = 0.006
"""Half width of the band refined at full size, as a share of the diagonal."""
SEED_SHARE = 0.008
"""Around a point: the disc that is surely object, as a share of the diagonal."""
POINT_REACHES = (0.05, 0.08, 0.12, 0.17, 0.24, 0.34, 0.48)
"""How far the object under a point may reach, as shares of the diagonal; all are tried."""
POINT_BAND_SHARE = 0.12
"""How far outside the region found GrabCut may still find object, as a share of the region's size."""
SMALLEST_SHARE = 2e-4
LARGEST_PINHOLE = 0.004
"""Holes below this share of the object are eyes and highlights, not gaps."""
LARGE_BOX = 0.8
"""Share of the picture from which a box no longer says where its corners lie."""
SEED = 20


def segment_box(image: NDArray[np.uint8], box: Rect) -> Mask:
    """(H, W) mask of the object inside the box.

    Args:
        image: (H, W, 3) 8-bit RGB.
        box: around the whole object, with a little ground inside it.
    Raises:
        StudioError: the box does not overlap the picture, or nothing in it differs from the ground.
    """
    height, width = image.shape[:2]
    clipped = box.intersect(Rect(0, 0, width, height))
    if clipped.width < 4 or clipped.height < 4:
        raise StudioError(
            "The box does not contain enough of the picture.", f"Give a box inside {width} x {height} pixels: x,y,w,h."
        )
    if clipped.width >= width and clipped.height >= height:
        return segment_auto(image)
    labels = np.full((height, width), cv2.GC_BGD, np.uint8)
    # The corners of the box start as probable ground; a box that fills the picture needs all it has.
    labels[clipped.slices()] = cv2.GC_PR_BGD if clipped.area < LARGE_BOX * labels.size else cv2.GC_PR_FGD
    labels[_ellipse(clipped, labels.shape)] = cv2.GC_PR_FGD
    return _finish(_grab(image, labels), "in the box", None)


def _ellipse(box: Rect, shape: tuple[int, ...]) -> Mask:
    y, x = np.ogrid[: shape[0], : shape[1]]
    u = (x + 0.5 - (box.left + box.right) / 2) / (box.width / 2)
    v = (y + 0.5 - (box.top + box.bottom) / 2) / (box.height / 2)
    return u * u + v * v <= 1


def segment_point(image: NDArray[np.uint8], point: Point) -> Mask:
    """(H, W) mask of the object under the point.

    Raises:
        StudioError: the point lies outside the picture.
    """
    height, width = image.shape[:2]
    if not (0 <= point.x < width and 0 <= point.y < height):
        raise StudioError(
            f"The point {point.x},{point.y} lies outside the picture.",
            f"Give a point inside {width} x {height} pixels.",
        )
    region = _region_at(image, point)
    seed = _disc((height, width), point, max(2.0, SEED_SHARE * float(np.hypot(height, width))))
    margin = 2 * max(4, round(POINT_BAND_SHARE * float(np.sqrt(region.sum())))) + 1
    near = cv2.dilate(region.astype(np.uint8), np.ones((margin, margin), np.uint8)) > 0
    labels = np.full((height, width), cv2.GC_BGD, np.uint8)
    labels[near] = cv2.GC_PR_BGD
    labels[region] = cv2.GC_PR_FGD
    labels[seed & region] = cv2.GC_FGD
    return _finish(_grab(image, labels), "at the point", seed)


def _region_at(image: NDArray[np.uint8], point: Point) -> Mask:
    """(H, W) the region around the point with the strongest edge all along its outline.

    Watersheds between the point and what lies beyond a ring, for rings of several sizes; no colour model is asked, so
    shading inside the object does not matter.
    """
    height, width = image.shape[:2]
    scale = min(1.0, (WORK_AREA_PX / (height * width)) ** 0.5)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image
    smooth = cv2.bilateralFilter(small, 0, 25, 2.0)
    lab = cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB).astype(np.float32)
    edge = cv2.morphologyEx(lab, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(axis=2)
    at = Point(min(size[0] - 1, int(point.x * scale)), min(size[1] - 1, int(point.y * scale)))
    diagonal = float(np.hypot(*size))
    seed = _disc((size[1], size[0]), at, max(2.0, SEED_SHARE * diagonal))
    best, best_score = seed, -1.0
    for reach in POINT_REACHES:
        ring = ~_disc((size[1], size[0]), at, reach * diagonal)
        if not ring.any():
            ring[[0, -1]], ring[:, [0, -1]] = True, True
        markers = np.where(seed, 1, np.where(ring, 2, 0)).astype(np.int32)
        region = cv2.watershed(smooth, markers) == 1
        score = _outline_score(region, edge, ring)
        if score > best_score:
            best, best_score = region, score
    return cv2.resize(best.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0


def _outline_score(region: Mask, edge: Floats, ring: Mask) -> float:
    """How clearly an outline stands out, by its weaker parts; where the ring cut it off, it counts as no edge."""
    outline = (cv2.dilate(region.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~region
    if not outline.any():
        return -1.0
    cut = cv2.dilate(ring.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    strength = np.where(cut, 0.0, edge)[outline]
    return float(np.percentile(strength, 25) + 0.5 * strength.mean())


def _disc(shape: tuple[int, int], centre: Point, radius_px: float) -> Mask:
    y, x = np.ogrid[: shape[0], : shape[1]]
    return (x - centre.x) ** 2 + (y - centre.y) ** 2 < radius_px**2


def segment_auto(image: NDArray[np.uint8]) -> Mask:
    """(H, W) mask of the main object, taking a thin frame of the picture as ground.

    Raises:
        StudioError: nothing stands out from the frame.
    """
    height, width = image.shape[:2]
    frame = max(2, round(0.03 * min(height, width)))
    labels = np.full((height, width), cv2.GC_BGD, np.uint8)
    labels[frame:-frame, frame:-frame] = cv2.GC_PR_FGD
    return _finish(_grab(image, labels), "in the picture", None)


def clean_mask(mask: Mask, smallest_share: float = SMALLEST_SHARE) -> Mask:
    """Without specks smaller than the share of the picture, and without pinholes."""
    kept = large_parts(mask, max(4, int(smallest_share * mask.size)))
    return ~large_parts(~kept, max(4, int(smallest_share * mask.size), int(LARGEST_PINHOLE * kept.sum())))


def _grab(image: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Mask:
    """Run GrabCut small, then on a band of the full picture."""
    height, width = labels.shape
    scale = min(1.0, (WORK_AREA_PX / labels.size) ** 0.5)
    size = (round(width * scale), round(height * scale))
    if scale == 1:
        return _cut(image, labels, ROUNDS)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    mask = _cut(small, cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST).astype(np.uint8), ROUNDS)
    if not mask.any():
        return np.zeros((height, width), bool)
    mask = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) > 0.5
    return _refine_band(image, mask, labels)


def _cut(image: NDArray[np.uint8], labels: NDArray[np.uint8], rounds: int) -> Mask:
    sure_ground = (labels == cv2.GC_BGD) | (labels == cv2.GC_PR_BGD)
    maybe_object = ~sure_ground
    if not sure_ground.any() or not maybe_object.any():
        return maybe_object
    cv2.setRNGSeed(SEED)
    work = labels.copy()
    models = np.zeros((2, 1, 65))
    whole = (0, 0, image.shape[1], image.shape[0])  # ignored: the mask says where to look
    bgr = np.ascontiguousarray(image[..., ::-1])
    cv2.grabCut(bgr, work, whole, models[0], models[1], rounds, cv2.GC_INIT_WITH_MASK)
    return (work == cv2.GC_FGD) | (work == cv2.GC_PR_FGD)


def _refine_band(image: NDArray[np.uint8], mask: Mask, labels: NDArray[np.uint8]) -> Mask:
    """Let GrabCut decide again in a band around the outline, tile by tile so that memory stays small."""
    radius = max(4, round(BAND_SHARE * float(np.hypot(*mask.shape))))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    inner = cv2.erode(mask.astype(np.uint8), kernel) > 0
    outer = cv2.dilate(mask.astype(np.uint8), kernel) > 0
    work = np.where(mask, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    work[inner], work[~outer] = cv2.GC_FGD, cv2.GC_BGD
    work[labels == cv2.GC_BGD] = cv2.GC_BGD
    refined = mask.copy()
    tile, margin = 1024, 2 * radius
    for top in range(0, mask.shape[0], tile):
        for left in range(0, mask.shape[1], tile):
            core = (slice(top, top + tile), slice(left, left + tile))
            if not (outer[core] & ~inner[core]).any():
                continue
            view = (
                slice(max(0, top - margin), top + tile + margin),
                slice(max(0, left - margin), left + tile + margin),
            )
            cut = _cut(image[view], work[view], 1)
            inside = (slice(top - view[0].start, top - view[0].start + tile),)
            inside += (slice(left - view[1].start, left - view[1].start + tile),)
            refined[core] = cut[inside]
    return refined


def _finish(mask: Mask, where: str, seed: Mask | None) -> Mask:
    cleaned = clean_mask(mask)
    if seed is not None:
        cleaned = touching(cleaned | (seed & mask), seed, connectivity=4)
    if not cleaned.any():
        raise StudioError(
            f"No object was found {where}.", "Mark it by hand and pass the mask, or draw the box closer around it."
        )
    return cleaned
