"""Multi-scale patch-based filling: the missing part is rebuilt from 7 x 7 patches of the known part.

Expectation-maximisation over a pyramid after Wexler et al. (2007) and Newson et al. (2014): match every patch that
touches the hole (PatchMatch, Barnes et al., 2009), let overlapping matches vote, repeat, go one level finer. Texture
features in the distance stop the smooth drift of plain colour matching. A last membrane removes what is left of a step
along the outline.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.cutout.arrays import Floats, Mask
from studio.cutout.smoothing import membrane, shrink_known

PATCH = 7
COARSEST_HALF_WIDTH_PX = 7
MAX_ROUNDS = 8
SETTLED = 0.2 / 255
TEXTURE_WEIGHT = 1.5
CHUNKS = 4
"""Ranges of targets searched side by side; fixed, so that the result does not depend on the machine."""
THREADS = 2
COPY_LIMIT = 600_000
"""Above this many hole pixels the work is done at half size and only copied at full size."""
UNKNOWN_COST = 1e29
STRIP_ROWS = 512
REFINE_LIMIT = 150_000
"""Above this many hole pixels a level is refined by one short search only."""


@dataclass(slots=True)
class Level:
    """One pyramid level: what is known, what may be copied, and what must be filled."""

    colours: Floats
    hole: Mask
    allowed: Mask
    texture: Floats


@dataclass(slots=True)
class Matches:
    """Targets in scan order and their present matches (see patch_kernels for the arrays)."""

    targets: NDArray[np.int32]
    lookup: NDArray[np.int32]
    usable: Mask
    sources: NDArray[np.int32]
    cost: Floats


def can_fill(hole: Mask, allowed: Mask) -> bool:
    """Whether enough whole patches exist to copy from."""
    return int(_usable(hole, allowed).sum()) >= 64


def fill(
    colours: Floats,
    hole: Mask,
    allowed: Mask,
    seed: int = 0,
    check_cancel: Callable[[], None] = lambda: None,
) -> Floats:
    """Fill the hole of a picture.

    Args:
        colours: (H, W, 3) float32 unit colours.
        hole: (H, W) bool pixels to fill.
        allowed: (H, W) bool pixels that may be copied from (the hole itself never is).
    """
    return _fill(colours, hole, allowed & ~hole, seed, check_cancel)[0]


def _fill(
    colours: Floats,
    hole: Mask,
    allowed: Mask,
    seed: int,
    check_cancel: Callable[[], None],
) -> tuple[Floats, Matches]:
    if int(hole.sum()) > COPY_LIMIT:
        return _fill_large(colours, hole, allowed, seed, check_cancel)
    pyramid = _pyramid(colours, hole, allowed)
    matches: Matches | None = None
    for depth in range(len(pyramid) - 1, -1, -1):
        level = pyramid[depth]
        matches = _start(level.hole, level.allowed, matches, seed + depth)
        if depth == len(pyramid) - 1:
            _peel(level, matches, seed)
        else:
            _apply(level, matches)
        _refine(level, matches, seed + 17 * depth, finest=depth == 0, check_cancel=check_cancel)
    assert matches is not None
    return _finish(pyramid[0], matches), matches


def _fill_large(
    colours: Floats,
    hole: Mask,
    allowed: Mask,
    seed: int,
    check_cancel: Callable[[], None],
) -> tuple[Floats, Matches]:
    """Fill at half size, then copy the same matches at full size and take the low frequencies from the small fill."""
    from studio.cutout import patch_kernels

    small, known = shrink_known(colours, ~hole)
    small_filled, coarser = _fill(small, ~known, _shrink_allowed(allowed) & known, seed, check_cancel)
    check_cancel()
    matches = _start(hole, allowed, coarser, seed)
    filled = colours.copy()
    pixels = np.argwhere(hole).astype(np.int32)
    patch_kernels.vote_best(filled, pixels, matches.lookup, matches.sources, matches.cost, filled)
    lacking = small_filled - shrink_known(filled, np.ones_like(hole))[0]
    height, width = hole.shape
    for top in range(0, height, STRIP_ROWS):
        check_cancel()
        rows = slice(top, min(top + STRIP_ROWS, height))
        # Two coarse rows more on both sides keep the interpolation the same across strips.
        first, last = max(0, top // 2 - 2), min(len(lacking), (rows.stop + 1) // 2 + 2)
        grown = cv2.resize(lacking[first:last], (width, 2 * (last - first)), interpolation=cv2.INTER_LINEAR)
        grown = grown[top - 2 * first : rows.stop - 2 * first]
        filled[rows] = np.where(hole[rows][..., None], np.clip(filled[rows] + grown, 0, 1), filled[rows])
    return filled, matches


def _pyramid(colours: Floats, hole: Mask, allowed: Mask) -> list[Level]:
    texture = _texture(colours, hole)
    levels = [Level(colours.copy(), hole, allowed, texture)]
    while True:
        finest = levels[-1]
        half_width = cv2.distanceTransform(np.pad(finest.hole, 1, mode="edge").astype(np.uint8), cv2.DIST_L2, 5).max()
        height, width = finest.hole.shape
        if half_width < COARSEST_HALF_WIDTH_PX or min(height, width) < 6 * PATCH:
            return levels
        stacked = _features(finest)
        small, known = shrink_known(stacked, ~finest.hole)
        hole_small = ~known
        allowed_small = _shrink_allowed(finest.allowed) & ~hole_small
        if not hole_small.any() or _usable(hole_small, allowed_small).sum() < 256:
            return levels
        levels.append(Level(np.ascontiguousarray(small[..., :3]), hole_small, allowed_small, small[..., 3:].copy()))


def _shrink_allowed(allowed: Mask) -> Mask:
    height, width = allowed.shape
    padded = np.pad(allowed, ((0, height % 2), (0, width % 2))).astype(np.float32)
    size = (padded.shape[1] // 2, padded.shape[0] // 2)
    return cv2.resize(padded, size, interpolation=cv2.INTER_AREA) > 0.99


def _texture(colours: Floats, hole: Mask) -> Floats:
    """(H, W, 2) local mean of the absolute luminance gradient along x and y, from known pixels only."""
    grey = colours @ np.array([0.299, 0.587, 0.114], np.float32)
    grey = membrane(grey, ~hole) if hole.any() else grey
    across = np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=1))
    along = np.abs(cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=1))
    known = cv2.erode((~hole).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    weight = cv2.blur(known, (9, 9))
    planes = [cv2.blur(gradient * known, (9, 9)) / np.maximum(weight, 1e-3) for gradient in (across, along)]
    return (TEXTURE_WEIGHT * np.stack(planes, axis=2)).astype(np.float32)


def _usable(hole: Mask, allowed: Mask) -> Mask:
    good = (allowed & ~hole).astype(np.uint8)
    return cv2.erode(good, np.ones((PATCH, PATCH), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0


def _start(hole: Mask, allowed: Mask, coarser: Matches | None, seed: int) -> Matches:
    """Targets of this level with matches taken over from the coarser one, or random ones."""
    touched = cv2.dilate(hole.astype(np.uint8), np.ones((PATCH, PATCH), np.uint8)) > 0
    targets = np.argwhere(touched).astype(np.int32)
    lookup = np.full(hole.shape, -1, np.int32)
    lookup[touched] = np.arange(len(targets), dtype=np.int32)
    usable = _usable(hole, allowed)
    places = np.argwhere(usable).astype(np.int32)
    if len(places) == 0:
        # The finest level is checked by can_fill; coarser ones by _pyramid.
        raise ValueError("no whole patch to copy from")
    random = np.random.default_rng(seed)
    sources = places[random.integers(0, len(places), len(targets), dtype=np.int32)]
    cost = np.full(len(targets), UNKNOWN_COST, np.float32)
    if coarser is not None:
        _take_over(coarser, targets, usable, sources, cost)
    return Matches(targets, lookup, usable, sources, cost)


def _take_over(
    coarser: Matches,
    targets: NDArray[np.int32],
    usable: Mask,
    sources: NDArray[np.int32],
    cost: Floats,
) -> None:
    """Double the coarser matches, in place, wherever the doubled source is usable."""
    height, width = coarser.lookup.shape
    half = np.minimum(targets // 2, np.array([height - 1, width - 1], np.int32))
    number = coarser.lookup[half[:, 0], half[:, 1]]
    proposal = targets + 2 * (coarser.sources[number] - half)
    inside = (number >= 0) & (proposal >= 0).all(1) & (proposal < usable.shape).all(1)
    clipped = np.where(inside[:, None], proposal, 0)
    good = inside & usable[clipped[:, 0], clipped[:, 1]]
    sources[good] = proposal[good]
    cost[good] = coarser.cost[number[good]]


def _features(level: Level) -> Floats:
    return np.ascontiguousarray(np.concatenate([level.colours, level.texture], axis=2))


def _search(level: Level, matches: Matches, solid: Mask, rounds: int, reach: int, seed: int) -> None:
    from studio.cutout import patch_kernels

    features = _features(level)
    patch_kernels.measure(features, solid, matches.targets, matches.sources, matches.cost)
    count = len(matches.targets)
    # The cut between ranges moves from call to call, so that no seam can settle on it.
    cuts = [0, *(int(count * (k + (seed % 3) / 3) / CHUNKS) for k in range(1, CHUNKS)), count]

    def run(k: int) -> None:
        patch_kernels.search(
            features, solid, matches.usable, matches.targets, matches.lookup, matches.sources, matches.cost,
            cuts[k], cuts[k + 1], rounds, reach, seed * CHUNKS + k + 1,
        )  # fmt: skip

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, range(CHUNKS)))


def _peel(level: Level, matches: Matches, seed: int) -> None:
    """First guess at the coarsest level: fill ring by ring, comparing only what is known or already filled."""
    from studio.cutout import patch_kernels

    stack = _features(level)
    solid = ~level.hole
    reach = max(level.hole.shape)
    left = level.hole.copy()
    while left.any():
        ring = left & (cv2.dilate((~left).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
        if not ring.any():
            break
        pixels = np.argwhere(ring).astype(np.int32)
        numbers = matches.lookup[pixels[:, 0], pixels[:, 1]]
        part = Matches(
            pixels,
            _lookup_of(pixels, level.hole.shape),
            matches.usable,
            matches.sources[numbers],
            matches.cost[numbers],
        )
        _search(level, part, solid, rounds=6, reach=reach, seed=seed + len(pixels))
        patch_kernels.vote(
            stack, pixels, part.lookup, part.sources, _trust(part.cost, np.ones(len(pixels), np.float32)), stack
        )
        level.colours[...], level.texture[...] = stack[..., :3], stack[..., 3:]
        matches.sources[numbers] = part.sources
        solid = solid | ring
        left &= ~ring


def _lookup_of(pixels: NDArray[np.int32], shape: tuple[int, ...]) -> NDArray[np.int32]:
    lookup = np.full(shape, -1, np.int32)
    lookup[pixels[:, 0], pixels[:, 1]] = np.arange(len(pixels), dtype=np.int32)
    return lookup


def _trust(cost: Floats, confidence: Floats) -> Floats:
    """w = confidence * exp(-cost / (2 sigma^2)), sigma^2 = 75th percentile of the cost."""
    finite = cost[cost < UNKNOWN_COST]
    sigma2 = max(float(np.percentile(finite, 75)), 1e-8) if len(finite) else 1.0
    return (confidence * np.exp(-np.minimum(cost / (2 * sigma2), 40))).astype(np.float32)


def _confidence(level: Level, matches: Matches) -> Floats:
    """Matches near the outline see real pixels and lead; the middle follows."""
    depth = cv2.distanceTransform(level.hole.astype(np.uint8), cv2.DIST_L2, 3)
    return np.power(1.3, -np.minimum(depth[matches.targets[:, 0], matches.targets[:, 1]], 30)).astype(np.float32)


def _apply(level: Level, matches: Matches, best: bool = False) -> float:
    """Write the votes into the hole and return the mean change of the colours."""
    from studio.cutout import patch_kernels

    stack = _features(level)
    pixels = np.argwhere(level.hole).astype(np.int32)
    before = stack[level.hole][:, :3].copy()
    out = stack.copy()
    if best:
        patch_kernels.vote_best(stack, pixels, matches.lookup, matches.sources, matches.cost, out)
    else:
        weight = _trust(matches.cost, _confidence(level, matches))
        patch_kernels.vote(stack, pixels, matches.lookup, matches.sources, weight, out)
    level.colours[...], level.texture[...] = out[..., :3], out[..., 3:]
    return float(np.abs(out[level.hole][:, :3] - before).mean())


def _refine(level: Level, matches: Matches, seed: int, finest: bool, check_cancel: Callable[[], None]) -> None:
    """Alternate search and vote until the colours settle."""
    count = int(level.hole.sum())
    solid = np.ones(level.hole.shape, bool)
    large = count > REFINE_LIMIT
    rounds = 1 if large else 3 if finest else MAX_ROUNDS
    reach = 8 if large else max(level.hole.shape) if not finest else max(16, max(level.hole.shape) // 8)
    for k in range(rounds):
        check_cancel()
        _search(level, matches, solid, rounds=1 if large else 2 if finest else 4, reach=reach, seed=seed + 101 * k)
        if _apply(level, matches) < SETTLED:
            break


def _finish(level: Level, matches: Matches) -> Floats:
    """Sharp copy of the best match, then a membrane that removes the remaining step along the outline."""
    from studio.cutout import patch_kernels

    known = level.colours.copy()
    _apply(level, matches, best=True)
    rim = (cv2.dilate(level.hole.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0) & ~level.hole
    if not rim.any():
        return level.colours
    predicted = known.copy()
    pixels = np.argwhere(rim).astype(np.int32)
    patch_kernels.vote_best(known, pixels, matches.lookup, matches.sources, matches.cost, predicted)
    step = np.where(rim[..., None], known - predicted, 0).astype(np.float32)
    smooth = cv2.GaussianBlur(step, (0, 0), 3) / np.maximum(
        cv2.GaussianBlur(rim.astype(np.float32), (0, 0), 3)[..., None], 1e-3
    )
    correction = membrane(np.where(rim[..., None], smooth, 0).astype(np.float32), rim | ~level.hole)
    level.colours = np.clip(level.colours + np.where(level.hole[..., None], correction, 0), 0, 1)
    return level.colours
