"""The compiled machine's way in and out: tiles to rows of floats, masks to coverage, piles to samples."""

# pyright: basic
# numba carries no type information; what leaves this package is typed in the loader.

from __future__ import annotations

import numpy as np
from numba import carray

from studio.core.blend import HALF, ONE, ZERO
from studio.core.kernels.layout import (
    AT_LEFT,
    DENSITY,
    GRID,
    GRID_COLUMNS,
    LOAD,
    MASK_COLUMNS,
    MASK_FILL,
    MASK_GRID,
    MASK_HEIGHT,
    MASK_WIDTH,
    MASK_X,
    MASK_Y,
    OPACITY,
    ORIGIN_X,
    ORIGIN_Y,
    OUT,
    OUT_LEFT,
    OUT_STRIDE,
    OUT_TOP,
    PLANES_HEIGHT,
    PLANES_LEFT,
    PLANES_TOP,
    PLANES_WIDTH,
    SIXTEEN,
    STORE,
    WIDTH,
)
from studio.core.kernels.memory import (
    clear_pile,
    compiled,
    copy_planes,
    fill_row,
    float32_at,
    int32_at,
    int64_at,
    prefetch,
    uint8_at,
    uint16_at,
)
from studio.core.kernels.piles import straighten
from studio.core.pixels import TILE

UNIT_8 = ONE / np.float32(255)
_UNIT_16 = ONE / np.float32(65535)
_TOP_8 = np.float32(255)
_TOP_16 = np.float32(65535)
_ONE_BITS = np.int32(ONE.view(np.int32))
_SHIFT = TILE.bit_length() - 1
_INSIDE = TILE - 1


@compiled
def alpha_bits(line, sixteen, n):
    """(all alpha full, any alpha at all) of n pixels from this address."""
    every, some = np.int32(-1), np.int32(0)
    if sixteen:
        wide = carray(int32_at(line), (2 * TILE,))
        for x in range(n):
            every, some = np.int32(every & wide[2 * x + 1]), np.int32(some | wide[2 * x + 1])
        return (every >> 16) & 65535 == 65535, (some >> 16) & 65535 != 0
    words = carray(int32_at(line), (TILE,))
    for x in range(n):
        every, some = np.int32(every & words[x]), np.int32(some | words[x])
    return (every >> 24) & 255 == 255, (some >> 24) & 255 != 0


@compiled
def all_opaque(line, sixteen, n):
    """Whether n pixels from this address have full alpha; looks at few of them where they have not."""
    size = 8 if sixteen else 4
    for start in range(0, n, 64):
        every, _ = alpha_bits(line + start * size, sixteen, min(64, n - start))
        if not every:
            return False
    return True


@compiled
def unpack(line, sixteen, n, opacity, out):
    """Straight colour, and alpha times opacity, of n pixels from this address."""
    if sixteen:
        wide = carray(int32_at(line), (2 * TILE,))
        for x in range(n):
            first, second = wide[2 * x], wide[2 * x + 1]
            out[x] = np.float32(np.int32(first & 65535)) * _UNIT_16
            out[WIDTH + x] = np.float32(np.int32((first >> 16) & 65535)) * _UNIT_16
            out[2 * WIDTH + x] = np.float32(np.int32(second & 65535)) * _UNIT_16
            out[3 * WIDTH + x] = np.float32(np.int32((second >> 16) & 65535)) * _UNIT_16 * opacity
        return
    words = carray(int32_at(line), (TILE,))
    for x in range(n):
        word = words[x]
        out[x] = np.float32(np.int32(word & 255)) * UNIT_8
        out[WIDTH + x] = np.float32(np.int32((word >> 8) & 255)) * UNIT_8
        out[2 * WIDTH + x] = np.float32(np.int32((word >> 16) & 255)) * UNIT_8
        out[3 * WIDTH + x] = np.float32(np.int32((word >> 24) & 255)) * UNIT_8 * opacity


@compiled
def line_at(steps, i, sixteen, x, y, n):
    """(address, pixels) of the tile row that holds canvas position x, y; address 0 for a tile that is not stored."""
    from_left, from_top = x - steps[i, ORIGIN_X], y - steps[i, ORIGIN_Y]
    column, row, inside = from_left >> _SHIFT, from_top >> _SHIFT, from_left & _INSIDE
    grid = carray(int64_at(steps[i, GRID]), (1 << 20,))
    tile = grid[row * steps[i, GRID_COLUMNS] + column]
    place = ((from_top & _INSIDE) << _SHIFT) + inside
    line = tile + (place << (3 if sixteen else 2)) if tile != 0 else 0
    return line, min(n, TILE - inside)


@compiled
def read_row(steps, i, sixteen, x, y, n, opacity, source):
    """Straight colour, and alpha times opacity, of n columns of a raster layer; (all alpha full, any alpha at all)."""
    full, shown = opacity == ONE, False
    size = 8 if sixteen else 4
    done = 0
    while done < n:
        line, count = line_at(steps, i, sixteen, x + done, y, n - done)
        if line == 0:
            full = False
            clear_pile(source[done:], count)
        else:
            prefetch(line + TILE * size, count * size)
            every, some = alpha_bits(line, sixteen, count)
            full, shown = full and every, shown or some
            unpack(line, sixteen, count, opacity, source[done:])
        done += count
    return full, shown


@compiled
def _mask_values(address, sixteen, density, n, out):
    """n mask samples from this address, with density, 0..1."""
    if sixteen:
        wide = carray(uint16_at(address), (TILE,))
        for x in range(n):
            out[x] = ONE - density * (ONE - np.float32(np.int32(wide[x])) * _UNIT_16)
        return
    narrow = carray(uint8_at(address), (TILE,))
    for x in range(n):
        out[x] = ONE - density * (ONE - np.float32(np.int32(narrow[x])) * UNIT_8)


@compiled
def mask_row(steps, density, i, sixteen, x, y, n, out):
    """Mask with density, 0..1, of n canvas columns from x."""
    unit, size = (_UNIT_16, 2) if sixteen else (UNIT_8, 1)
    fill_row(out, n, ONE - density * (ONE - np.float32(np.int32(steps[i, MASK_FILL])) * unit))
    row = y - steps[i, MASK_Y]
    if row < 0 or row >= steps[i, MASK_HEIGHT]:
        return
    grid = carray(int64_at(steps[i, MASK_GRID]), (1 << 20,))
    at, end = max(x, steps[i, MASK_X]), min(x + n, steps[i, MASK_X] + steps[i, MASK_WIDTH])
    while at < end:
        column = (at - steps[i, MASK_X]) // TILE
        inside = at - steps[i, MASK_X] - column * TILE
        count = min(end - at, TILE - inside)
        tile = grid[(row // TILE) * steps[i, MASK_COLUMNS] + column]
        if tile != 0:
            address = tile + ((row % TILE) * TILE + inside) * size
            _mask_values(address, sixteen, density, count, out[at - x :])
        at += count


@compiled
def coverage_row(steps, reals, i, sixteen, x, y, n, out):
    """Opacity times mask of n canvas columns from x."""
    if steps[i, MASK_GRID] == 0:
        fill_row(out, n, reals[i, OPACITY])
        return
    mask_row(steps, reals[i, DENSITY], i, sixteen, x, y, n, out)
    opacity = reals[i, OPACITY]
    for k in range(n):
        out[k] = opacity * out[k]


@compiled
def _plane_start(request, plane, y):
    """Index of the block's first column of row y in one plane."""
    row = plane * request[PLANES_HEIGHT] + y - request[PLANES_TOP]
    return row * request[PLANES_WIDTH] + request[AT_LEFT] - request[PLANES_LEFT]


@compiled
def load_planes(request, y, n, pile):
    for plane in range(4):
        place = request[LOAD] + 4 * _plane_start(request, plane, y)
        prefetch(place + 4 * request[PLANES_WIDTH], 4 * n)
        kept = carray(float32_at(place), (WIDTH,))
        for x in range(n):
            pile[plane * WIDTH + x] = kept[x]


@compiled
def loads_opaque(request, y, n):
    """Whether every alpha of the kept pile's row is full. As whole numbers, which compare as floats from 0 up do."""
    alpha = carray(int32_at(request[LOAD] + 4 * _plane_start(request, 3, y)), (WIDTH,))
    least = _ONE_BITS
    for x in range(n):
        least = min(least, alpha[x])
    return least >= _ONE_BITS


@compiled
def store_planes(request, y, n, pile):
    for plane in range(4):
        kept = carray(float32_at(request[STORE] + 4 * _plane_start(request, plane, y)), (WIDTH,))
        for x in range(n):
            kept[x] = pile[plane * WIDTH + x]


@compiled
def lay_planes(request, planes, y, n, pile):
    """The stack kept at the address `planes`, in mode Normal, onto the pile."""
    alpha = carray(float32_at(planes + 4 * _plane_start(request, 3, y)), (WIDTH,))
    for plane in range(4):
        place = planes + 4 * _plane_start(request, plane, y)
        prefetch(place + 4 * request[PLANES_WIDTH], 4 * n)
        kept = carray(float32_at(place), (WIDTH,))
        for x in range(n):
            pile[plane * WIDTH + x] = pile[plane * WIDTH + x] * (ONE - alpha[x]) + kept[x]


@compiled
def _whole(value, top):
    """0..1 as a whole sample value, rounded to nearest."""
    return np.int32(min(max(value, ZERO), ONE) * top + HALF)


@compiled
def pack_row(line, sixteen, n, straight):
    """Straight colour and alpha of n columns, rounded, to this address; nothing at all where alpha is 0."""
    if sixteen:
        wide = carray(int32_at(line), (2 * WIDTH,))
        for x in range(n):
            shown = straight[3 * WIDTH + x] > ZERO
            red, green = _whole(straight[x], _TOP_16), _whole(straight[WIDTH + x], _TOP_16)
            blue, a = _whole(straight[2 * WIDTH + x], _TOP_16), _whole(straight[3 * WIDTH + x], _TOP_16)
            first, second = np.int32(red | np.int32(green << 16)), np.int32(blue | np.int32(a << 16))
            wide[2 * x], wide[2 * x + 1] = (first if shown else np.int32(0)), (second if shown else np.int32(0))
        return
    words = carray(int32_at(line), (WIDTH,))
    for x in range(n):
        red, green = _whole(straight[x], _TOP_8), _whole(straight[WIDTH + x], _TOP_8)
        blue, a = _whole(straight[2 * WIDTH + x], _TOP_8), _whole(straight[3 * WIDTH + x], _TOP_8)
        word = np.int32(np.int32(red | np.int32(green << 8)) | np.int32(np.int32(blue << 16) | np.int32(a << 24)))
        words[x] = word if straight[3 * WIDTH + x] > ZERO else np.int32(0)


@compiled
def write_row(request, y, n, pile, opaque, straight):
    """Straight samples of a pile's row into the picture."""
    size = 8 if request[SIXTEEN] else 4
    line = request[OUT] + (y - request[OUT_TOP]) * request[OUT_STRIDE] + (request[AT_LEFT] - request[OUT_LEFT]) * size
    if opaque:
        pack_row(line, request[SIXTEEN] != 0, n, pile)
        return
    straighten(pile, opaque, n, straight)
    copy_planes(pile[3 * WIDTH :], straight[3 * WIDTH :], 1, n)
    pack_row(line, request[SIXTEEN] != 0, n, straight)
