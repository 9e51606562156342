"""Find an object's cast shadow and how much light it takes, so that the ground can be relit instead of repainted.

Evidence comes from the ground itself: near the object, is this colour more likely as ordinary ground, or as ordinary
ground times a factor below one? Ordinary ground is a set of local colour histograms of log luminance and two log
chromaticities, which a shadow hardly changes. Dark things that also occur farther away explain themselves and are left
alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from studio.cutout.arrays import Floats, Mask
from studio.cutout.probes import shifted_copies
from studio.cutout.regions import label
from studio.cutout.smoothing import masked_mean, membrane

WORK_AREA_PX = 100_000
BLACK = 4 / 255
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
LOG_FACTORS = np.linspace(0.0, math.log(0.18), 20).astype(np.float32)
"""Candidate log light factors; the first is "no shadow"."""
BINS = (48, 14, 14)
CELLS = 8
SUPPORT = 0.01
"""Ground seen in a cell, as a share of its pixels, at which the histogram and "anything goes" weigh the same."""
FOUND, JOINED = 1.2, 0.3
"""Evidence in nats per pixel that seeds a shadow, and that lets a seed grow."""
SURE, POSSIBLE = 1.8, 0.95
"""Mean evidence in nats above which a region is a shadow at first sight, and below which it never is."""
FACTOR_DEVIATION = 0.06
"""Typical error of a found log factor, against which the membrane's own error is weighed."""
LARGEST_DOUBTFUL = 0.6
"""A shadow that needed a second look may not be larger than this share of its object."""
TRAIL = 0.08
"""Evidence below this share of a component's strongest is dropped from it."""
CUT_OFF_SHARE, LEAVING_SHARE = 0.15, 0.3
"""How much of a shadow's outline may lie at the end of the search, and how much there and at the picture's sides."""
TINTS = tuple(np.array([k, -2 * k], np.float32) for k in (0.0, 0.06, 0.12, 0.18, -0.05))
"""Change of log R/G and log B/G per log factor: none, three strengths of sky light, warm light."""
CONTACT_FROM = 0.78
"""A shadow starts at the lower part of the object: from this share of its height downwards."""
WEAKEST = 0.93
"""A component whose mean factor is above this is not worth calling a shadow."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """A found shadow.

    Args:
        ratio: (H, W, 3) light factor per channel in (0, 1], 1 outside; continued smoothly under the object.
        region: (H, W) bool where the ratio differs from 1.
        confidence: mean evidence in nats.
    """

    ratio: Floats
    region: Mask
    confidence: float


@dataclass(frozen=True, slots=True)
class _Ground:
    """Local colour histograms: (CELLS, CELLS, *BINS) densities relative to uniform, their origin and bin size."""

    density: Floats
    origin: Floats
    step: Floats


def find_shadow(image: Floats, mask: Mask, others: Mask | None = None) -> Shadow | None:
    """The shadow that touches the object, or None where none is found with confidence.

    Args:
        image: (H, W, 3) unit picture.
        mask: (H, W) the object with its soft edge; a little loose is right.
        others: other marked objects: never shadow, never ground.
    """
    solid = mask if others is None else mask | others
    scale = min(1.0, (WORK_AREA_PX / mask.size) ** 0.5)
    size = (max(8, round(mask.shape[1] * scale)), max(8, round(mask.shape[0] * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    own, blocked = _shrink(mask, size), _shrink(solid, size)
    free = cv2.dilate(blocked.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0
    if free.sum() < 200:
        return None
    features = _features(small)
    ring = search_ring(own)
    finding = _search(features, own, free, ring, (free & ~ring).astype(np.float32))
    if finding is None or finding.confidence < SURE or _is_cut_off(finding.found, own, ring):
        finding = _second_look(finding, features, own, free, ring)
    return None if finding is None else _full_size(image, _profile(features[..., 0], finding, free), finding)


def _second_look(
    first: _Finding | None,
    features: Floats,
    own: Mask,
    free: Mask,
    ring: Mask,
) -> _Finding | None:
    """Search with the far part of the ring as ordinary ground, so that a bench or a backdrop explains itself."""
    finding = _search(features, own, free, ring, _ground_trust(own, ring) * free)
    if finding is None or finding.confidence < POSSIBLE or _is_cut_off(finding.found, own, ring):
        return None
    if finding.found.sum() > LARGEST_DOUBTFUL * own.sum():
        return None
    if first is not None and _is_cut_off(first.found, own, ring) and finding.found.sum() > 0.5 * first.found.sum():
        return None  # much the same gradient, only trimmed
    return finding


@dataclass(frozen=True, slots=True)
class _Finding:
    """A shadow at work size: where, its log factor, its tint (log R/G, log B/G per log factor), its mean evidence."""

    found: Mask
    depth: Floats
    tint: Floats
    confidence: float


def _search(
    features: Floats,
    own: Mask,
    free: Mask,
    ring: Mask,
    trust: Floats,
) -> _Finding | None:
    """Alternate between what the ground looks like, where the shadow is, and which tint it has."""
    tint = TINTS[2]
    evidence = depth = np.zeros(own.shape, np.float32)
    found = np.zeros(own.shape, bool)
    for seed_evidence in (0.5 * FOUND, 0.75 * FOUND, FOUND):
        # The first look still has shadow among its ground, which weakens the evidence: ask for less then.
        ground = _learn(features, trust)
        evidence, depth = _compare(features, ground, free, tint)
        grown = _grow(evidence, depth, own, free, ring, seed_evidence, seed_evidence == FOUND)
        if grown is None or not grown.any():
            return None
        found = grown
        tint = _best_tint(features, ground, depth, found)
        trust = (free & ~(cv2.dilate(found.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0)).astype(np.float32)
    return _Finding(found, np.minimum(depth, 0), tint, float(evidence[found].mean()))


def _is_cut_off(found: Mask, own: Mask, ring: Mask) -> bool:
    """Whether the region ends at the search ring or at the sides of the frame instead of ending by itself."""
    solid = found.astype(np.uint8)
    outline = found & (cv2.erode(solid, np.ones((3, 3), np.uint8), borderValue=0, borderType=cv2.BORDER_CONSTANT) == 0)
    outline &= cv2.dilate(own.astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
    rows, columns = np.flatnonzero(ring.any(1)), np.flatnonzero(ring.any(0))
    limit = np.ones_like(ring)  # a shadow may well leave the picture at the bottom
    limit[rows[0] + 2 :, columns[0] + 2 : columns[-1] - 1] = False
    frame = np.zeros_like(ring)
    frame[:, [0, 1, -2, -1]] = True
    length = max(1, int(outline.sum()))
    at_ring, at_limit = int((outline & limit & ~frame).sum()), int((outline & limit).sum())
    return at_ring > CUT_OFF_SHARE * length or at_limit > LEAVING_SHARE * length


def _shrink(mask: Mask, size: tuple[int, int]) -> Mask:
    return cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.02


def search_ring(mask: Mask) -> Mask:
    """(H, W) where a cast shadow may lie: beside and below the object, not above its middle."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    reach = max(width, height)
    ring = np.zeros_like(mask)
    top, bottom = int(rows[0] + 0.4 * height), int(rows[-1] + 0.7 * height)
    ring[top : bottom + 1, max(0, int(columns[0] - reach)) : int(columns[-1] + reach) + 1] = True
    return ring


def _ground_trust(mask: Mask, ring: Mask) -> Floats:
    """(H, W) how surely a pixel shows lit ground: all of it outside the ring, none of it close to the object."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    reach = 0.8 * max(rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1)
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5) / reach
    return np.where(ring, np.clip(away, 0, 1) ** 2, 1).astype(np.float32)


def _features(small: Floats) -> Floats:
    """(H, W, 3) log luminance, log R - log G, log B - log G of the slightly smoothed picture."""
    smooth = cv2.GaussianBlur(small, (0, 0), 1.0)
    logs = np.log(np.maximum(smooth, BLACK))
    luminance = np.log(np.maximum(smooth @ LUMA, BLACK))
    return np.dstack([luminance, logs[..., 0] - logs[..., 1], logs[..., 2] - logs[..., 1]]).astype(np.float32)


def _compare(features: Floats, ground: _Ground, free: Mask, tint: Floats) -> tuple[Floats, Floats]:
    """Evidence for a shadow in nats, and the log factor it would have, per pixel."""
    height, width = free.shape
    radius = max(2, round(0.011 * math.hypot(height, width)))
    size = (2 * radius + 1, 2 * radius + 1)
    weight = np.maximum(cv2.blur(free.astype(np.float32), size), 1e-3)
    cost = np.empty((len(LOG_FACTORS), height, width), np.float32)
    for k, factor in enumerate(LOG_FACTORS):
        shift = np.array([factor, factor * tint[0], factor * tint[1]], np.float32)
        surprise = -np.log(_lookup(ground, features - shift) + 1e-4)
        cost[k] = cv2.blur(surprise * free, size) / weight
    lowest = cost[1:].min(axis=0)
    share = np.exp(-4 * (cost - np.minimum(lowest, cost[0])))
    depth = np.tensordot(LOG_FACTORS, share, 1) / share.sum(axis=0)
    return np.where(free, cost[0] - lowest, 0), depth.astype(np.float32)


def _learn(features: Floats, trust: Floats) -> _Ground:
    from scipy.ndimage import gaussian_filter

    height, width = trust.shape
    chroma = features[..., 1:].reshape(-1, 2)
    low, high = np.percentile(chroma, 0.5, axis=0) - 0.1, np.percentile(chroma, 99.5, axis=0) + 0.1
    origin = np.array([math.log(BLACK), *low])
    step = np.array([-math.log(BLACK) / BINS[0], *np.maximum((high - low) / BINS[1], 0.05)])
    rows, columns = np.nonzero(trust > 0)
    bins = np.clip((features[rows, columns] - origin) / step, 0, np.array(BINS) - 1).astype(np.int64)
    density = np.zeros((CELLS, CELLS, *BINS), np.float32)
    np.add.at(density, (rows * CELLS // height, columns * CELLS // width, *bins.T), trust[rows, columns])
    density = gaussian_filter(density, (1.0, 1.6, 0.8, 0.8, 0.8), mode="nearest", truncate=3.0)
    mass = density.sum(axis=(2, 3, 4), keepdims=True)
    # Where little ground is seen, the prior (any colour is as likely) takes over and evidence fades.
    prior = SUPPORT * height * width / CELLS**2
    density = (density * math.prod(BINS) + prior) / (mass + prior)
    return _Ground(density, origin, step)


def _lookup(ground: _Ground, features: Floats) -> Floats:
    """Density at every pixel's own place, bilinear over the cells; zero for colours brighter than white."""
    height, width = features.shape[:2]
    number = np.round(np.clip((features - ground.origin) / ground.step - 0.5, 0, np.array(BINS) - 1)).astype(np.int64)
    flat = (number[..., 0] * BINS[1] + number[..., 1]) * BINS[2] + number[..., 2]
    table = ground.density.reshape(CELLS, CELLS, -1)
    y = np.clip((np.arange(height) + 0.5) / height * CELLS - 0.5, 0, CELLS - 1)
    x = np.clip((np.arange(width) + 0.5) / width * CELLS - 0.5, 0, CELLS - 1)
    y0, x0 = y.astype(np.int64), x.astype(np.int64)
    y1, x1 = np.minimum(y0 + 1, CELLS - 1), np.minimum(x0 + 1, CELLS - 1)
    fy, fx = (y - y0)[:, None], (x - x0)[None, :]
    top = table[y0[:, None], x0[None], flat] * (1 - fx) + table[y0[:, None], x1[None], flat] * fx
    bottom = table[y1[:, None], x0[None], flat] * (1 - fx) + table[y1[:, None], x1[None], flat] * fx
    return np.where(features[..., 0] > 0.1, 0, top * (1 - fy) + bottom * fy).astype(np.float32)


def _grow(
    evidence: Floats,
    depth: Floats,
    own: Mask,
    free: Mask,
    ring: Mask,
    seed_evidence: float,
    reject_cut_off: bool,
) -> Mask | None:
    """Hysteresis on the evidence; components must touch the object from below its middle and be dark enough."""
    weak = (evidence > JOINED) & ring & free
    gap = max(3, round(0.015 * math.hypot(*own.shape)))
    touch = cv2.dilate(own.astype(np.uint8), np.ones((2 * gap + 1, 2 * gap + 1), np.uint8)) > 0
    rows = np.flatnonzero(own.any(axis=1))
    touch[: int(rows[0] + CONTACT_FROM * (rows[-1] - rows[0]))] = False
    count, labels = label(weak, connectivity=4)
    found = np.zeros_like(own)
    for k in range(1, count):
        part = labels == k
        seeds = part & (evidence > seed_evidence)
        if not (part & touch).any() or seeds.sum() < 0.0004 * own.size or seeds.sum() < 0.05 * part.sum():
            continue
        if reject_cut_off and _is_cut_off(part, own, ring):
            continue
        if float(np.exp(depth[seeds].mean())) < WEAKEST:
            # A strong shadow does not trail off into faint evidence.
            found |= part & (evidence > TRAIL * np.percentile(evidence[seeds], 90))
    return found if found.any() else None


def _best_tint(features: Floats, ground: _Ground, depth: Floats, found: Mask) -> Floats:
    """The tint with which the relit shadow looks most like ground: shadows are lit by the sky, or by nothing else."""

    def surprise(tint: Floats) -> float:
        shift = depth[..., None] * np.array([1, tint[0], tint[1]], np.float32)
        return -float(np.log(_lookup(ground, features - shift)[found] + 1e-4).mean())

    return min(TINTS, key=surprise)


def _profile(luminance: Floats, finding: _Finding, free: Mask) -> Floats:
    """(H, W) log factor at work size with the real penumbra, continued under the object.

    What the ground would look like without the shadow is known beside it and, through the found factor, in its core;
    a membrane joins the two across the penumbra. The picture minus that, averaged along the shadow's outline but not
    across it, is the penumbra's profile without the ground's texture.
    """
    found, depth = finding.found, finding.depth
    margin = max(3.0, 0.013 * math.hypot(*found.shape))
    inside = cv2.distanceTransform(np.pad(found, 1, mode="edge").astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    outside = cv2.distanceTransform((~found).astype(np.uint8), cv2.DIST_L2, 5)
    reach = 2 * int(margin) + 1
    thickness = cv2.dilate(inside, np.ones((reach, reach), np.uint8))
    core = found & (inside >= np.minimum(margin, 0.6 * thickness))
    lit = free & (outside >= margin)
    if not core.any() or not lit.any():
        return np.where(found, depth, 0).astype(np.float32)
    beside = masked_mean(luminance, lit, 2.0)
    within = masked_mean(luminance, core, 2.0) - masked_mean(depth, core, 2.0)
    alone = membrane(np.where(lit, beside, 0).astype(np.float32), lit)
    trust = _membrane_trust(luminance, found, lit)
    within = trust * alone + (1 - trust) * within
    unshadowed = membrane(np.where(core, within, np.where(lit, beside, 0)).astype(np.float32), core | lit)
    near = free & (outside < 2 * margin)
    raw = np.where(near, np.clip(luminance - unshadowed, LOG_FACTORS[-1], 0.3), 0)
    distance = np.where(found, inside, 0.5 - outside)
    smooth = _along_outline(raw, near, np.clip(distance, -2 * margin, 3 * margin))
    fade = np.clip(2 - outside / margin, 0, 1)
    known = free & (near | (outside >= 2 * margin))
    return np.minimum(membrane(np.where(near, smooth * fade, 0).astype(np.float32), known), 0)


def _along_outline(values: Floats, valid: Mask, distance: Floats, step_px: float = 1.5) -> Floats:
    """Mean over neighbours at about the same distance from the outline: a bilateral grid with the distance as guide."""
    sigma = max(2.0, 0.016 * math.hypot(*values.shape))
    low, high = float(distance[valid].min()), float(distance[valid].max())
    total, weight = np.zeros_like(values), np.zeros_like(values)
    for level in np.arange(low, high + step_px, step_px):
        share = np.maximum(1 - np.abs(distance - level) / step_px, 0).astype(np.float32)
        inside = share * valid
        mean = cv2.GaussianBlur(values * inside, (0, 0), sigma) / np.maximum(
            cv2.GaussianBlur(inside, (0, 0), sigma), 1e-4
        )
        total += share * mean
        weight += share
    return total / np.maximum(weight, 1e-6)


def _membrane_trust(luminance: Floats, found: Mask, lit: Mask) -> float:
    """How far to believe the membrane over the found factor, 0 to 1: near 1 on plain backdrops, near 0 on rough ground.

    Measured on copies of the shadow's shape moved over lit ground, where the right answer is known.
    """
    errors = []
    for copy in shifted_copies(found, lit):
        known = lit & ~copy
        guess = membrane(np.where(known, masked_mean(luminance, known, 2.0), 0).astype(np.float32), known)
        truth = masked_mean(luminance, lit, 2.0)
        errors.append(float(np.mean((guess - truth)[copy] ** 2)))
    if not errors:
        return 0.0
    return FACTOR_DEVIATION**2 / (FACTOR_DEVIATION**2 + float(np.mean(errors)))


def _full_size(image: Floats, logs: Floats, finding: _Finding) -> Shadow:
    size = image.shape[1::-1]
    log_factor = cv2.resize(logs, size, interpolation=cv2.INTER_CUBIC)
    log_factor = np.clip(log_factor, LOG_FACTORS[-1], 0)
    log_factor[log_factor > -0.006] = 0
    tint = finding.tint
    shift = np.array([tint[0], 0, tint[1]], np.float32)
    # Luminance keeps its factor: the channel weights of the shifts cancel.
    shift = shift - float(LUMA @ shift)
    ratio = np.clip(np.exp(log_factor[..., None] * (1 + shift)), 0.15, 1).astype(np.float32)
    return Shadow(ratio, log_factor < 0, finding.confidence)
