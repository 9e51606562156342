"""The compiled machine's piles: what a row of a pile is, and how a source row is blended onto it.

The arithmetic is that of `strips`, operation by operation. Where a row of a pile is opaque, the division by alpha and
the alpha itself are left out, which changes no float.
"""

# pyright: basic
# numba carries no type information; what leaves this package is typed in the loader.

from __future__ import annotations

import numpy as np
from numba import carray

from studio.core.blend import NEUTRAL, ONE, ZERO
from studio.core.kernels.layout import MODES, WIDTH
from studio.core.kernels.memory import compiled, copy_planes, fill_row, int32_at
from studio.core.kernels.modes import hard_mix_at_fill, lay_row, weakened
from studio.core.layers import BlendMode
from studio.core.pixels import TILE

_UNIT_8 = ONE / np.float32(255)
_NOISE_UNIT = np.float32(2.0**-24)
_WORD = np.uint64(0xFFFFFFFF)
_DISSOLVE = MODES.index(BlendMode.DISSOLVE)
_NORMAL = MODES.index(BlendMode.NORMAL)
_HARD_MIX = MODES.index(BlendMode.HARD_MIX)
_NEUTRAL = tuple(np.float32(NEUTRAL.get(mode, 0)) for mode in MODES)


@compiled
def straighten(pile, opaque, n, out):
    """The straight colour of a pile's row."""
    if opaque:
        copy_planes(pile, out, 3, n)
        return
    for channel in range(3):
        for x in range(n):
            a, value = pile[3 * WIDTH + x], pile[channel * WIDTH + x]
            divided = min(max(value / (a if a > ZERO else ONE), ZERO), ONE)
            out[channel * WIDTH + x] = divided if a < ONE else value


@compiled
def _noise(x, y):
    """The noise of `strips.dissolve_noise` at one canvas position."""
    h = ((np.uint64(x) & _WORD) * np.uint64(0x9E3779B1) & _WORD) ^ (
        (np.uint64(y) & _WORD) * np.uint64(0x85EBCA77) & _WORD
    )
    h ^= h >> np.uint64(15)
    h = h * np.uint64(0x2C1B3C6D) & _WORD
    h ^= h >> np.uint64(12)
    h = h * np.uint64(0x297A2D39) & _WORD
    h ^= h >> np.uint64(15)
    return np.float32(np.int32(h >> np.uint64(8))) * _NOISE_UNIT


@compiled
def _dither(alpha, x, y, n):
    for k in range(n):
        alpha[k] = ONE if alpha[k] > _noise(x + k, y) else ZERO


@compiled
def lay_8(line, n, pile, opaque, opacity):
    """Mode Normal straight from n 8-bit pixels onto a pile."""
    words = carray(int32_at(line), (TILE,))
    if opaque:
        for x in range(n):
            word = words[x]
            a = np.float32(np.int32((word >> 24) & 255)) * _UNIT_8 * opacity
            rest = ONE - a
            pile[x] = pile[x] * rest + np.float32(np.int32(word & 255)) * _UNIT_8 * a
            pile[WIDTH + x] = pile[WIDTH + x] * rest + np.float32(np.int32((word >> 8) & 255)) * _UNIT_8 * a
            pile[2 * WIDTH + x] = pile[2 * WIDTH + x] * rest + np.float32(np.int32((word >> 16) & 255)) * _UNIT_8 * a
        return
    for x in range(n):
        word = words[x]
        a = np.float32(np.int32((word >> 24) & 255)) * _UNIT_8 * opacity
        rest = ONE - a
        pile[x] = pile[x] * rest + np.float32(np.int32(word & 255)) * _UNIT_8 * a
        pile[WIDTH + x] = pile[WIDTH + x] * rest + np.float32(np.int32((word >> 8) & 255)) * _UNIT_8 * a
        pile[2 * WIDTH + x] = pile[2 * WIDTH + x] * rest + np.float32(np.int32((word >> 16) & 255)) * _UNIT_8 * a
        pile[3 * WIDTH + x] = pile[3 * WIDTH + x] + (ONE - pile[3 * WIDTH + x]) * a


@compiled
def _lay(pile, opaque, source, n):
    """Mode Normal: source colour with source alpha onto the pile."""
    for channel in range(3):
        for x in range(n):
            a, place = source[3 * WIDTH + x], channel * WIDTH + x
            pile[place] = pile[place] * (ONE - a) + source[place] * a
    if not opaque:
        for x in range(n):
            pile[3 * WIDTH + x] = pile[3 * WIDTH + x] + (ONE - pile[3 * WIDTH + x]) * source[3 * WIDTH + x]


@compiled
def _tint(pile, source, n):
    """Mode Normal where the pile has something; its alpha stays."""
    for channel in range(3):
        for x in range(n):
            a, ab, place = source[3 * WIDTH + x], pile[3 * WIDTH + x], channel * WIDTH + x
            pile[place] = pile[place] * (ONE - a) + a * (ab * source[place])


@compiled
def _mixed(mode, fill, pile, source, spare, n, out):
    """B(straight backdrop, source) of a mode that is neither Normal nor Dissolve: what laying with full alpha gives."""
    straighten(pile, False, n, out)
    if fill < ONE and mode == _HARD_MIX:
        hard_mix_at_fill(out, source, fill, n)
        return
    if fill < ONE:
        weakened(source, spare, _NEUTRAL[mode], fill, n)
    else:
        copy_planes(source, spare, 3, n)
    fill_row(spare[3 * WIDTH :], n, ONE)
    lay_row(mode, out, spare, n)


@compiled
def _lay_mixed(pile, adds, source, blended, n):
    """Blended colours onto a pile with alpha; with `adds` 0 its alpha stays."""
    for channel in range(3):
        for x in range(n):
            a, ab, place = source[3 * WIDTH + x], pile[3 * WIDTH + x], channel * WIDTH + x
            mixed = (ONE - ab) * adds * source[place] + ab * blended[place]
            pile[place] = pile[place] * (ONE - a) + a * mixed
    for x in range(n):
        pile[3 * WIDTH + x] = pile[3 * WIDTH + x] + (ONE - pile[3 * WIDTH + x]) * adds * source[3 * WIDTH + x]


@compiled
def blend(mode, fill, recolors, pile, opaque, x, y, n, scratch):
    """Source colour with source alpha blended onto the pile; its alpha stays if the step only recolours."""
    source = scratch[: 4 * WIDTH]
    if mode == _DISSOLVE:
        _dither(source[3 * WIDTH :], x, y, n)
    if mode in (_NORMAL, _DISSOLVE):
        if recolors:
            _tint(pile, source, n)
        else:
            _lay(pile, opaque, source, n)
    elif opaque and fill == ONE:
        lay_row(mode, pile, source, n)
    else:
        spare, blended = scratch[4 * WIDTH : 8 * WIDTH], scratch[8 * WIDTH :]
        _mixed(mode, fill, pile, source, spare, n, blended)
        _lay_mixed(pile, ZERO if recolors else fill, source, blended, n)


@compiled
def close_copy(top, pile, coverage, n):
    for plane in range(4):
        for x in range(n):
            place = plane * WIDTH + x
            pile[place] = pile[place] + coverage[x] * (top[place] - pile[place])


@compiled
def close_normal(top, pile, coverage, n):
    for channel in range(3):
        for x in range(n):
            place = channel * WIDTH + x
            pile[place] = pile[place] * (ONE - top[3 * WIDTH + x] * coverage[x]) + top[place] * coverage[x]
    for x in range(n):
        a, place = top[3 * WIDTH + x] * coverage[x], 3 * WIDTH + x
        pile[place] = pile[place] + (ONE - pile[place]) * a


@compiled
def seal(pile, opaque, n, scratch):
    straighten(pile, opaque, n, scratch)
    copy_planes(scratch, pile, 3, n)
    copy_planes(pile[3 * WIDTH :], pile[4 * WIDTH :], 1, n)
    fill_row(pile[3 * WIDTH :], n, ONE)
