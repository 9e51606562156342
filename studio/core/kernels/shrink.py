"""Layers and masks at a reduced size, compiled: one tile of a view where `scale` x `scale` canvas pixels become one."""

# pyright: basic
# numba carries no type information; what leaves this package is typed in the loader.

from __future__ import annotations

import numpy as np
from numba import carray, njit

from studio.core.blend import HALF, ONE, ZERO
from studio.core.kernels.layout import BOTTOM, LEFT, RIGHT, SCRATCH, TOP, WIDTH
from studio.core.kernels.memory import clear_pile, compiled, uint8_at, uint16_at
from studio.core.kernels.samples import mask_row, pack_row, read_row
from studio.core.pixels import TILE


@compiled
def _add_weighted(source, n, total):
    """Add colours times alpha, and alpha."""
    for channel in range(3):
        for x in range(n):
            place = channel * WIDTH + x
            total[place] = total[place] + source[place] * source[3 * WIDTH + x]
    for x in range(n):
        total[3 * WIDTH + x] = total[3 * WIDTH + x] + source[3 * WIDTH + x]


@compiled
def _squeeze(total, scale, share, out):
    """Straight means of `scale` neighbouring columns; `share` is 1 / scale**2."""
    for x in range(WIDTH // scale):
        red, green, blue, alpha = ZERO, ZERO, ZERO, ZERO
        for k in range(x * scale, (x + 1) * scale):
            red, green, blue = red + total[k], green + total[WIDTH + k], blue + total[2 * WIDTH + k]
            alpha = alpha + total[3 * WIDTH + k]
        safe = alpha if alpha > ZERO else ONE
        out[x], out[WIDTH + x], out[2 * WIDTH + x], out[3 * WIDTH + x] = (
            red / safe, green / safe, blue / safe, alpha * share,
        )  # fmt: skip


@njit(
    "void(int64[:,::1], int64, int64, int64, boolean, int64, float32[::1])",
    nogil=True,
    cache=True,
    error_model="numpy",
    boundscheck=False,
)
def shrink_layer(steps, left, top, scale, sixteen, target, work):
    """Fill the RGBA tile at address `target`, whose first pixel is view pixel left, top, from the layer of step 0."""
    source, total, out = work[: 4 * WIDTH], work[4 * WIDTH : 8 * WIDTH], work[8 * WIDTH : SCRATCH]
    size = 8 if sixteen else 4
    share = ONE / np.float32(scale * scale)
    for row in range(TILE):
        clear_pile(out, WIDTH)
        for segment in range(scale):
            first = (left * scale) + segment * WIDTH
            low, high = max(steps[0, LEFT] - first, 0), min(steps[0, RIGHT] - first, WIDTH)
            if low >= high:
                continue
            clear_pile(total, WIDTH)
            for y in range((top + row) * scale, (top + row + 1) * scale):
                if y >= steps[0, TOP] and y < steps[0, BOTTOM]:
                    _, shown = read_row(steps, 0, sixteen, first + low, y, high - low, ONE, source)
                    if shown:
                        _add_weighted(source, high - low, total[low:])
            _squeeze(total, scale, share, out[segment * (WIDTH // scale) :])
        pack_row(target + row * TILE * size, sixteen, WIDTH, out)


@njit(
    "void(int64[:,::1], int64, int64, int64, boolean, int64, float32[::1])",
    nogil=True,
    cache=True,
    error_model="numpy",
    boundscheck=False,
)
def shrink_mask(steps, left, top, scale, sixteen, target, work):
    """Fill the one-channel tile at address `target` in the same way from the mask of step 0."""
    values, total = work[:WIDTH], work[WIDTH : 2 * WIDTH]
    share = ONE / np.float32(scale * scale)
    for row in range(TILE):
        for segment in range(scale):
            first = (left * scale) + segment * WIDTH
            for x in range(WIDTH):
                total[x] = ZERO
            for y in range((top + row) * scale, (top + row + 1) * scale):
                mask_row(steps, ONE, 0, sixteen, first, y, WIDTH, values)
                for x in range(WIDTH):
                    total[x] = total[x] + values[x]
            for x in range(WIDTH // scale):
                mean = ZERO
                for k in range(x * scale, (x + 1) * scale):
                    mean = mean + total[k]
                place = row * TILE + segment * (WIDTH // scale) + x
                if sixteen:
                    wide = carray(uint16_at(target), (TILE * TILE,))
                    wide[place] = np.uint16(min(mean * share, ONE) * np.float32(65535) + HALF)
                else:
                    narrow = carray(uint8_at(target), (TILE * TILE,))
                    narrow[place] = np.uint8(min(mean * share, ONE) * np.float32(255) + HALF)
