"""Alpha matte and foreground colours from a trimap, through PyMatting, only where something is unknown.

The closed form is solved on overlapping tiles of the unknown band, so time and memory follow the outline's length and
not the picture's area: 24 megapixels need no more memory than one tile.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import cast

import cv2
import numpy as np

from studio.core.feedback import each, report
from studio.cutout.arrays import Floats, Mask
from studio.cutout.regions import label, touching

TILE_PX = 192
OVERLAP_PX = 32
EPSILON = 1e-5
"""Closed-form regularisation. PyMatting's 1e-7 follows JPEG noise; 1e-4 blurs hair."""
PRIOR_WEIGHT = 1e-3
"""Pull of the mask itself: keeps the band from drifting to grey where object and ground share their colours."""
TOLERANCE = 1e-4
THREADS = 2
LOST_SHARE = 0.2
"""A part of the mask that keeps less of its area than this was lost, not refined."""
COARSE_LIMIT = 300_000
"""Above this many unknown pixels a matte of half the size first narrows the band."""


class MatteMethod(StrEnum):
    """Closed form is the default; KNN for hair of scattered colours, LKM for wide bands, guided without PyMatting."""

    CLOSED_FORM = "closed_form"
    KNN = "knn"
    LKM = "lkm"
    GUIDED = "guided"


def estimate_alpha(
    image: Floats,
    trimap: Floats,
    mask: Mask,
    method: MatteMethod = MatteMethod.CLOSED_FORM,
    check_cancel: Callable[[], None] = lambda: None,
) -> Floats:
    """Straight alpha in [0, 1] that honours the trimap's known pixels.

    Args:
        image: (H, W, 3) unit picture.
        trimap: (H, W) with 0, 1 and anything else for unknown.
        mask: (H, W) the mask behind the trimap; the prior where colours cannot decide.
    """
    known = (trimap == 0) | (trimap == 1)
    if known.all():
        return trimap.copy()
    if known.size - int(known.sum()) > COARSE_LIMIT:
        trimap = _narrowed(image, trimap, mask, method, check_cancel)
        known = (trimap == 0) | (trimap == 1)
    alpha = _settle(_solve_tiles(image, trimap, known, mask, method, check_cancel), trimap)
    return _with_lost_parts(alpha, mask)


def _narrowed(
    image: Floats,
    trimap: Floats,
    mask: Mask,
    method: MatteMethod,
    check_cancel: Callable[[], None],
) -> Floats:
    """The trimap with only those pixels left unknown that a matte of half the size finds soft."""
    height, width = trimap.shape
    size = ((width + 1) // 2, (height + 1) // 2)
    known = (trimap == 0) | (trimap == 1)
    unsure = cv2.resize((~known).astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    small_trimap = np.where(unsure, 0.5, cv2.resize(trimap, size, interpolation=cv2.INTER_NEAREST)).astype(np.float32)
    small_mask = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    alpha = estimate_alpha(small, small_trimap, small_mask, method, check_cancel)
    # A soft pixel of the small matte, and its neighbours, stay open.
    window = np.ones((3, 3), np.uint8)
    low, high = (
        cv2.resize(f(alpha, window), (width, height), interpolation=cv2.INTER_NEAREST) for f in (cv2.erode, cv2.dilate)
    )
    narrowed = np.where(known, trimap, 0.5).astype(np.float32)
    narrowed[~known & (low >= 1)] = 1
    narrowed[~known & (high <= 0)] = 0
    return narrowed


def _solve_tiles(
    image: Floats,
    trimap: Floats,
    known: Mask,
    mask: Mask,
    method: MatteMethod,
    check_cancel: Callable[[], None],
) -> Floats:
    """Solve overlapping tiles side by side and blend them."""
    solve = {
        MatteMethod.CLOSED_FORM: _closed_form,
        MatteMethod.KNN: _knn,
        MatteMethod.LKM: _lkm,
        MatteMethod.GUIDED: _guided,
    }[method]
    prior = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0)
    total = np.zeros_like(trimap)
    weight = np.zeros_like(trimap)

    def solve_tile(tile: tuple[slice, slice]) -> tuple[tuple[slice, slice], Floats]:
        check_cancel()
        return tile, solve(image[tile], trimap[tile], prior[tile])

    tiles = list(_tiles(known))
    with ThreadPoolExecutor(THREADS) as pool:
        solved = cast("Generator[tuple[tuple[slice, slice], Floats]]", pool.map(solve_tile, tiles))
        try:
            for index, (tile, alpha) in enumerate(solved):
                report(index / len(tiles))
                ramp = _ramp(alpha.shape)
                total[tile] += ramp * alpha
                weight[tile] += ramp
        finally:
            solved.close()  # when stopped, the tiles that wait are not begun
    return np.where(known | (weight == 0), trimap, total / np.maximum(weight, 1e-6)).astype(np.float32)


def estimate_foreground(image: Floats, alpha: Floats) -> Floats:
    """(H, W, 3) object colours that explain the soft pixels (multi-level, Germer et al., 2020).

    Where alpha is 0 or 1 they are the picture's own colours.
    """
    from pymatting.foreground.estimate_foreground_ml import estimate_foreground_ml

    foreground = image.copy()
    soft = (alpha > 0) & (alpha < 1)
    for tile in each(list(_tiles(~soft, size=1024, overlap=64))):
        colours = estimate_foreground_ml(image[tile], alpha[tile])
        foreground[tile] = np.where(soft[tile][..., None], np.clip(colours, 0, 1), foreground[tile])
    return foreground


def _tiles(known: Mask, size: int = TILE_PX, overlap: int = OVERLAP_PX) -> Iterator[tuple[slice, slice]]:
    """Overlapping tiles that together cover every unknown pixel, each trimmed to where it has something to do."""
    height, width = known.shape
    for top in range(0, height, size):
        for left in range(0, width, size):
            core = ~known[top : top + size, left : left + size]
            if not core.any():
                continue
            rows, columns = np.flatnonzero(core.any(1)), np.flatnonzero(core.any(0))
            yield (
                slice(max(0, top + int(rows[0]) - overlap), min(height, top + int(rows[-1]) + 1 + overlap)),
                slice(max(0, left + int(columns[0]) - overlap), min(width, left + int(columns[-1]) + 1 + overlap)),
            )


def _ramp(shape: tuple[int, ...]) -> Floats:
    """Weight of a tile's pixels: full in the core, falling to almost nothing at its border."""
    sides = [
        np.minimum(1, (np.minimum(np.arange(n), np.arange(n)[::-1]) + 1) / OVERLAP_PX).astype(np.float32) for n in shape
    ]
    return np.outer(sides[0], sides[1]) ** 2 + 1e-4


def _closed_form(image: Floats, trimap: Floats, prior: Floats) -> Floats:
    """Solve (L + w) a = w * prior on the unknown pixels with the known ones fixed (Levin et al., 2008).

    Assembled from PyMatting's Laplacian, preconditioner and solver, because its `estimate_alpha_cf` takes no prior.
    """
    import scipy.sparse
    from pymatting.laplacian.cf_laplacian import cf_laplacian
    from pymatting.preconditioner.ichol import ichol
    from pymatting.solver.cg import cg

    known = (trimap == 0) | (trimap == 1)
    if known.all():
        return trimap
    laplacian = cf_laplacian(image.astype(np.float64), epsilon=EPSILON, is_known=known)
    known, unknown = known.ravel(), ~known.ravel()
    rows = laplacian[unknown]
    weight = PRIOR_WEIGHT
    system = rows[:, unknown] + weight * scipy.sparse.identity(int(unknown.sum()), format="csr")
    right = weight * prior.ravel()[unknown].astype(np.float64) - rows[:, known] @ trimap.ravel()[known]
    alpha = trimap.ravel().astype(np.float64)
    if float(np.abs(right).max()) < 1e-12:
        # Nothing of the object reaches this tile; the solver cannot work relative to zero.
        alpha[unknown] = 0
        return alpha.reshape(trimap.shape).astype(np.float32)
    alpha[unknown] = cg(system, right, M=ichol(system.tocsc()), rtol=TOLERANCE)
    return np.clip(alpha, 0, 1).reshape(trimap.shape).astype(np.float32)


def _knn(image: Floats, trimap: Floats, _: Floats) -> Floats:
    from pymatting.alpha.estimate_alpha_knn import estimate_alpha_knn

    return estimate_alpha_knn(image.astype(np.float64), _three_values(trimap)).astype(np.float32)


def _lkm(image: Floats, trimap: Floats, _: Floats) -> Floats:
    from pymatting.alpha.estimate_alpha_lkm import estimate_alpha_lkm

    radius = max(1, min(10, min(trimap.shape) // 4))
    alpha = estimate_alpha_lkm(
        image.astype(np.float64), _three_values(trimap), laplacian_kwargs={"radius": radius, "epsilon": 1e-4}
    )
    return np.clip(alpha, 0, 1).astype(np.float32)


def _guided(image: Floats, trimap: Floats, prior: Floats) -> Floats:
    """The mask smoothed along the edges of the colour axis that tells object from ground in this tile."""
    from studio.cutout.smoothing import guided_filter

    unknown = ((trimap > 0) & (trimap < 1)).astype(np.uint8)
    radius = max(2, math.ceil(float(cv2.distanceTransform(unknown, cv2.DIST_L2, 5).max())))
    axis = np.array([0.299, 0.587, 0.114], np.float32)
    if (trimap == 1).any() and (trimap == 0).any():
        axis = image[trimap == 1].mean(axis=0) - image[trimap == 0].mean(axis=0)
        axis /= max(float(np.linalg.norm(axis)), 1e-3)
    return np.clip(guided_filter(image @ axis, prior, radius, 1e-4), 0, 1)


def _three_values(trimap: Floats) -> Floats:
    return np.where((trimap == 0) | (trimap == 1), trimap, 0.5).astype(np.float64)


def _settle(alpha: Floats, trimap: Floats) -> Floats:
    """Snap nearly certain pixels and drop faint islands that no sure part of the object reaches."""
    alpha = np.clip((alpha - 0.02) / 0.96, 0, 1)
    visible = alpha > 0.05
    anchored = touching(visible, (trimap == 1) | (alpha > 0.95))
    return np.where(visible & ~anchored, 0, alpha).astype(np.float32)


def _with_lost_parts(alpha: Floats, mask: Mask) -> Floats:
    """Parts of the mask that the matte gave up altogether come back as the mask has them: the user marked them."""
    count, labels = label(mask)
    area = np.bincount(labels.ravel(), minlength=count)
    kept = np.bincount(labels.ravel(), weights=alpha.ravel(), minlength=count)
    lost = kept < LOST_SHARE * area
    lost[0] = False
    return np.where(lost[labels], 1, alpha).astype(np.float32) if lost.any() else alpha
