"""Layers and masks at a reduced size, compiled: one tile of a view where `scale` x `scale` canvas pixels become one."""

# pyright: basic
# numba carries no type information; what leaves this package is typed in the loader.

from __future__ import annotations

import numpy as np
from numba import carray, njit

from studio.core.blend import HALF, ONE, ZERO
from studio.core.kernels.layout import BOTTOM, LEFT, RIGHT, TOP, WIDTH
from studio.core.kernels.memory import clear_pile, compiled, fill_row, int32_at, uint8_at, uint16_at
from studio.core.kernels.samples import UNIT_8, line_at, mask_row, pack_row, unpack
from studio.core.pixels import TILE

_TOP_8 = np.float32(255)


@compiled
def _add_line_8(line, n, total):
    """Add colours times alpha, and alpha, of n 8-bit pixels."""
    words = carray(int32_at(line), (TILE,))
    for x in range(n):
        word = words[x]
        a = np.float32(np.int32((word >> 24) & 255)) * UNIT_8
        total[x] = total[x] + np.float32(np.int32(word & 255)) * a
        total[WIDTH + x] = total[WIDTH + x] + np.float32(np.int32((word >> 8) & 255)) * a
        total[2 * WIDTH + x] = total[2 * WIDTH + x] + np.float32(np.int32((word >> 16) & 255)) * a
        total[3 * WIDTH + x] = total[3 * WIDTH + x] + a


@compiled
def _add_line(line, sixteen, n, source, total):
    """The same for both depths; colours count up to UNIT_8's inverse, alpha up to 1."""
    if not sixteen:
        _add_line_8(line, n, total)
        return
    unpack(line, True, n, ONE, source)
    for channel in range(3):
        for x in range(n):
            place = channel * WIDTH + x
            total[place] = total[place] + source[place] * _TOP_8 * source[3 * WIDTH + x]
    for x in range(n):
        total[3 * WIDTH + x] = total[3 * WIDTH + x] + source[3 * WIDTH + x]


@compiled
def _add_row(steps, sixteen, x, y, n, source, total):
    """Add n columns of the layer from canvas position x, y; whether there are any tiles."""
    shown = False
    done = 0
    while done < n:
        line, count = line_at(steps, 0, sixteen, x + done, y, n - done)
        if line != 0:
            _add_line(line, sixteen, count, source, total[done:])
            shown = True
        done += count
    return shown


@compiled
def _halve(wide, planes, n, out):
    """Sums of neighbouring pairs: n columns of each plane."""
    for plane in range(planes):
        for x in range(n):
            out[plane * WIDTH + x] = wide[plane * WIDTH + 2 * x] + wide[plane * WIDTH + 2 * x + 1]


@compiled
def _squeeze(total, planes, scale, spare):
    """Sums of `scale` neighbouring columns, by halving again and again; the rows they end in."""
    n = WIDTH
    while scale > 1:
        scale, n = scale // 2, n // 2
        _halve(total, planes, n, spare)
        total, spare = spare, total
    return total


@compiled
def _mean_colors(total, n, share, out):
    """Straight colours and alpha from sums of colours times alpha and of alpha; `share` is one pixel's share."""
    for x in range(n):
        alpha = total[3 * WIDTH + x]
        scale = UNIT_8 / (alpha if alpha > ZERO else ONE)
        out[x], out[WIDTH + x] = total[x] * scale, total[WIDTH + x] * scale
        out[2 * WIDTH + x], out[3 * WIDTH + x] = total[2 * WIDTH + x] * scale, alpha * share


@compiled
def _pack_mask(target, sixteen, n, values, share):
    if sixteen:
        wide = carray(uint16_at(target), (TILE,))
        for x in range(n):
            wide[x] = np.uint16(np.int32(min(values[x] * share, ONE) * np.float32(65535) + HALF))
        return
    narrow = carray(uint8_at(target), (TILE,))
    for x in range(n):
        narrow[x] = np.uint8(np.int32(min(values[x] * share, ONE) * np.float32(255) + HALF))


@njit(
    "void(int64[:,::1], int64, int64, int64, boolean, int64, float32[::1])",
    nogil=True,
    cache=True,
    error_model="numpy",
    boundscheck=False,
)
def shrink_layer(steps, left, top, scale, sixteen, target, work):
    """Fill the RGBA tile at address `target`, whose first pixel is view pixel left, top, from the layer of step 0.

    `work` holds 16 * WIDTH floats.
    """
    source, total, spare, out = work[: 4 * WIDTH], work[4 * WIDTH :], work[8 * WIDTH :], work[12 * WIDTH :]
    size = 8 if sixteen else 4
    share = ONE / np.float32(scale * scale)
    for row in range(TILE):
        clear_pile(out, WIDTH)
        for segment in range(scale):
            first = (left * scale) + segment * WIDTH
            low, high = max(steps[0, LEFT] - first, 0), min(steps[0, RIGHT] - first, WIDTH)
            if low >= high:
                continue
            shown = False
            clear_pile(total, WIDTH)
            for y in range((top + row) * scale, (top + row + 1) * scale):
                if y >= steps[0, TOP] and y < steps[0, BOTTOM]:
                    some = _add_row(steps, sixteen, first + low, y, high - low, source, total[low:])
                    shown = shown or some
            if shown:
                sums = _squeeze(total, 4, scale, spare)
                _mean_colors(sums, WIDTH // scale, share, out[segment * (WIDTH // scale) :])
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
    values, total, spare = work[:WIDTH], work[WIDTH : 2 * WIDTH], work[2 * WIDTH : 3 * WIDTH]
    share, size = ONE / np.float32(scale * scale), 2 if sixteen else 1
    for row in range(TILE):
        for segment in range(scale):
            fill_row(total, WIDTH, ZERO)
            for y in range((top + row) * scale, (top + row + 1) * scale):
                mask_row(steps, ONE, 0, sixteen, (left * scale) + segment * WIDTH, y, WIDTH, values)
                for x in range(WIDTH):
                    total[x] = total[x] + values[x]
            place = row * TILE + segment * (WIDTH // scale)
            _pack_mask(target + place * size, sixteen, WIDTH // scale, _squeeze(total, 1, scale, spare), share)
