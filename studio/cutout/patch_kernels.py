"""The compiled inner loops of PatchMatch filling. Importing this module imports numba; do it where the work runs.

Shared names: `features` (H, W, C) float32; `targets` (N, 2) int32 patch centres in scan order; `lookup` (H, W) int32
gives the target number of a pixel or -1; `sources` (N, 2) int32 the matched patch centres; `cost` (N,) float32 the mean
squared distance per pixel of the match; `usable` (H, W) bool pixels whose whole patch may be copied; `solid` (H, W)
bool pixels whose value is already meaningful (the others do not count in a distance).
"""

from __future__ import annotations

import numba
import numpy as np

HALF = 3
"""Half patch size: patches are 7 x 7."""


@numba.njit(cache=True, nogil=True, fastmath=True)
def patch_distance(features, solid, ty, tx, sy, sx, limit):  # pragma: no cover - compiled
    """Mean squared difference over the solid pixels of the target patch; stops early beyond `limit`."""
    height, width, channels = features.shape
    top = max(-HALF, -ty)
    bottom = min(HALF, height - 1 - ty)
    left = max(-HALF, -tx)
    right = min(HALF, width - 1 - tx)
    total = np.float32(0)
    count = 0
    ceiling = limit * (bottom - top + 1) * (right - left + 1)
    for dy in range(top, bottom + 1):
        for dx in range(left, right + 1):
            if solid[ty + dy, tx + dx]:
                count += 1
                for c in range(channels):
                    d = features[ty + dy, tx + dx, c] - features[sy + dy, sx + dx, c]
                    total += d * d
        if total > ceiling:
            return np.float32(1e30)
    if count == 0:
        return np.float32(1e30)
    return total / np.float32(count)


@numba.njit(cache=True, nogil=True)
def search(
    features, solid, usable, targets, lookup, sources, cost, first, last, rounds, reach, seed
):  # pragma: no cover - compiled
    """Improve the matches of targets[first:last] in place: propagation both ways, then random search around the best.

    Only neighbours inside [first, last) are read, so several ranges can run at once and the result stays the same.
    """
    height, width, _ = features.shape
    state = np.uint64(seed * 2654435761 + 88172645463325252)
    for step in range(rounds):
        forward = step % 2 == 0
        shift = -1 if forward else 1
        for j in range(last - first):
            k = first + j if forward else last - 1 - j
            ty = targets[k, 0]
            tx = targets[k, 1]
            best = cost[k]
            by = sources[k, 0]
            bx = sources[k, 1]
            for axis in range(2):
                ny = ty + shift if axis == 0 else ty
                nx = tx if axis == 0 else tx + shift
                if 0 <= ny < height and 0 <= nx < width:
                    n = lookup[ny, nx]
                    if first <= n < last:
                        sy = sources[n, 0] + ty - ny
                        sx = sources[n, 1] + tx - nx
                        if 0 <= sy < height and 0 <= sx < width and usable[sy, sx] and (sy != by or sx != bx):
                            d = patch_distance(features, solid, ty, tx, sy, sx, best)
                            if d < best:
                                best = d
                                by = sy
                                bx = sx
            radius = reach
            while radius >= 1:
                state ^= state << np.uint64(13)
                state ^= state >> np.uint64(7)
                state ^= state << np.uint64(17)
                span = np.uint64(2 * radius + 1)
                sy = by - radius + np.int64(state % span)
                sx = bx - radius + np.int64((state >> np.uint64(24)) % span)
                if 0 <= sy < height and 0 <= sx < width and usable[sy, sx]:
                    d = patch_distance(features, solid, ty, tx, sy, sx, best)
                    if d < best:
                        best = d
                        by = sy
                        bx = sx
                radius //= 2
            cost[k] = best
            sources[k, 0] = by
            sources[k, 1] = bx


@numba.njit(cache=True, nogil=True)
def measure(features, solid, targets, sources, cost):  # pragma: no cover - compiled
    """Recompute the cost of every match after the features changed."""
    for k in range(targets.shape[0]):
        cost[k] = patch_distance(
            features, solid, targets[k, 0], targets[k, 1], sources[k, 0], sources[k, 1], np.float32(1e30)
        )


@numba.njit(cache=True, nogil=True, fastmath=True)
def vote(planes, pixels, lookup, sources, weight, out):  # pragma: no cover - compiled
    """Each listed pixel becomes the weighted mean of what the overlapping matches say about it.

    Args:
        planes: (H, W, K) float32 values to copy (colours, features, anything that travels with them).
        pixels: (M, 2) int32 pixels to write.
        weight: (N,) float32 trust in each match; zero switches a match off.
        out: (H, W, K) float32, written in place; pixels without a match keep their value.
    """
    height, width, channels = planes.shape
    total = np.zeros(channels, np.float32)
    for m in range(pixels.shape[0]):
        y = pixels[m, 0]
        x = pixels[m, 1]
        total[:] = 0
        sum_of_weights = np.float32(0)
        for dy in range(-HALF, HALF + 1):
            cy = y + dy
            if cy < 0 or cy >= height:
                continue
            for dx in range(-HALF, HALF + 1):
                cx = x + dx
                if cx < 0 or cx >= width:
                    continue
                k = lookup[cy, cx]
                if k >= 0 and weight[k] > 0:
                    w = weight[k]
                    sy = sources[k, 0] - dy
                    sx = sources[k, 1] - dx
                    sum_of_weights += w
                    for c in range(channels):
                        total[c] += w * planes[sy, sx, c]
        if sum_of_weights > 0:
            for c in range(channels):
                out[y, x, c] = total[c] / sum_of_weights


@numba.njit(cache=True, nogil=True)
def vote_best(planes, pixels, lookup, sources, cost, out):  # pragma: no cover - compiled
    """Each listed pixel is copied from the one overlapping match with the lowest cost: sharp, no averaging."""
    height, width, channels = planes.shape
    for m in range(pixels.shape[0]):
        y = pixels[m, 0]
        x = pixels[m, 1]
        best = np.float32(1e30)
        by = -1
        bx = -1
        for dy in range(-HALF, HALF + 1):
            for dx in range(-HALF, HALF + 1):
                cy = y + dy
                cx = x + dx
                if 0 <= cy < height and 0 <= cx < width:
                    k = lookup[cy, cx]
                    if k >= 0 and cost[k] < best:
                        best = cost[k]
                        by = sources[k, 0] - dy
                        bx = sources[k, 1] - dx
        if by >= 0:
            for c in range(channels):
                out[y, x, c] = planes[by, bx, c]
