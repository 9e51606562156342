"""The adjustments of `studio.core.adjust` compiled: its tables looked up, operation by operation as there."""

# pyright: basic
# numba carries no type information; what leaves this package is typed in the loader.

from __future__ import annotations

import numpy as np
from numba import carray

from studio.core.adjust import DEGREES, SMALL_STEP, STEPS, TableKind
from studio.core.blend import HALF, ONE, TWO, ZERO
from studio.core.kernels.layout import WIDTH
from studio.core.kernels.memory import compiled, float32_at
from studio.core.kernels.modes import luminosity_of, set_luminosity

_THREE = np.float32(3)
_FOUR = np.float32(4)
_SIX = np.float32(6)
_SMALL = np.float32(1e-3)
_KEEP_LUMINOSITY = TableKind.CHANNELS_KEEP_LUMINOSITY.value
_HUE = TableKind.HUE.value
_COLORIZE = TableKind.COLORIZE.value
_THRESHOLD = TableKind.THRESHOLD.value
_POSTERIZE = TableKind.POSTERIZE.value
_GRADIENT = TableKind.GRADIENT.value


@compiled
def _interpolated(table, start, x, steps):
    place = x * np.float32(steps)
    index = min(max(np.int32(place), np.int32(0)), np.int32(steps - 1))
    low = table[start + index]
    return low + (place - np.float32(index)) * (table[start + index + 1] - low)


@compiled
def _lightened(value, amount):
    return value + amount * (ONE - value) if amount > ZERO else value * (ONE + amount)


@compiled
def _saturated(s, amount):
    more = min(s / max(ONE - amount, _SMALL), ONE)
    return more if amount > ZERO else s * (ONE + amount)


@compiled
def _ramp(turn, offset):
    around = turn + offset
    around = around - np.floor(around / _SIX) * _SIX
    return min(max(abs(around - _THREE) - ONE, ZERO), ONE)


@compiled
def _hue_of(red, green, blue, low, high):
    spread = high - low
    safe = spread if spread > ZERO else ONE
    near_red, near_green, near_blue = (green - blue) / safe, (blue - red) / safe, (red - green) / safe
    near_red = near_red + _SIX if near_red < ZERO else near_red
    turn = near_red if high == red else (near_green + TWO if high == green else near_blue + _FOUR)
    return turn if spread > ZERO else ZERO


@compiled
def _from_hue(turn, chroma, middle):
    bottom = middle - chroma * HALF
    return (
        max(bottom + chroma * _ramp(turn, ZERO), ZERO),
        max(bottom + chroma * _ramp(turn, _FOUR), ZERO),
        max(bottom + chroma * _ramp(turn, TWO), ZERO),
    )


@compiled
def _turned(table, red, green, blue):
    """Hue/Saturation of one colour; see `adjust._turned`."""
    red, green, blue = _lightened(red, table[1]), _lightened(green, table[1]), _lightened(blue, table[1])
    low, high = min(min(red, green), blue), max(max(red, green), blue)
    turn = _hue_of(red, green, blue, low, high)
    place = turn / _SIX
    shift = _interpolated(table, 2, place, DEGREES)
    saturation = _interpolated(table, 2 + DEGREES + 1, place, DEGREES)
    lightness = _interpolated(table, 2 + 2 * DEGREES + 2, place, DEGREES)
    spread = high - low
    low, high = low + max(lightness, ZERO) * spread, high + min(lightness, ZERO) * spread
    middle = (low + high) * HALF
    room = ONE - abs(TWO * middle - ONE)
    s = (high - low) / (room if room > ZERO else ONE)
    s = _saturated(_saturated(min(s if room > ZERO else ZERO, ONE), table[0]), saturation)
    return _from_hue(turn + shift, s * room, middle)


@compiled
def _colorized(table, red, green, blue):
    low, high = min(min(red, green), blue), max(max(red, green), blue)
    middle = _lightened((low + high) * HALF, table[2])
    return _from_hue(table[0], table[1] * (ONE - abs(TWO * middle - ONE)), middle)


@compiled
def _looked_up(table, red, green, blue):
    return (
        _interpolated(table, 0, red, STEPS),
        _interpolated(table, STEPS + 1, green, STEPS),
        _interpolated(table, 2 * STEPS + 2, blue, STEPS),
    )


@compiled
def _posterized(value, scale, last):
    return min(np.floor(value * scale + SMALL_STEP), last) / last


@compiled
def adjust(address, kind, sixteen, colors, n):
    """The adjustment applied in place to straight colours."""
    table = carray(float32_at(address), (3 * STEPS + 3,))
    for x in range(n):
        red, green, blue = colors[x], colors[WIDTH + x], colors[2 * WIDTH + x]
        if kind == _HUE:
            new_red, new_green, new_blue = _turned(table, red, green, blue)
        elif kind == _COLORIZE:
            new_red, new_green, new_blue = _colorized(table, red, green, blue)
        elif kind == _THRESHOLD:
            new_red = ONE if luminosity_of(red, green, blue) >= table[0] else ZERO
            new_green, new_blue = new_red, new_red
        elif kind == _POSTERIZE:
            scale, last = (table[1] if sixteen else table[0]), table[2]
            new_red, new_green = _posterized(red, scale, last), _posterized(green, scale, last)
            new_blue = _posterized(blue, scale, last)
        elif kind == _GRADIENT:
            light = luminosity_of(red, green, blue)
            new_red, new_green, new_blue = _looked_up(table, light, light, light)
        else:
            new_red, new_green, new_blue = _looked_up(table, red, green, blue)
            if kind == _KEEP_LUMINOSITY:
                wanted = luminosity_of(red, green, blue)
                new_red, new_green, new_blue = set_luminosity(new_red, new_green, new_blue, wanted)
        colors[x], colors[WIDTH + x], colors[2 * WIDTH + x] = new_red, new_green, new_blue
