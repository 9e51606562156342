"""Photoshop's blend functions B(backdrop, source) on float32 colours in 0..1.

Every function takes the backdrop `b` and the source `s` as arrays whose last axis is RGB, both straight (not
premultiplied), and returns the blended colour; opacity, alpha and masks are the compositor's business. These are the numpy
forms: the stand-in while the compiled kernels are being built, and the meaning that those kernels must reproduce.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.core.layers import BlendMode

Colors: TypeAlias = NDArray[np.float32]
"""(..., 3) float32 straight RGB, 0..1."""

BlendFunction: TypeAlias = Callable[[Colors, Colors], Colors]

LUMA = (0.3, 0.59, 0.11)
"""Weights of red, green, blue in the luminosity of Hue, Saturation, Color, Luminosity, Darker and Lighter Color."""

SPECIAL_FILL = frozenset(
    {
        BlendMode.COLOR_BURN,
        BlendMode.LINEAR_BURN,
        BlendMode.COLOR_DODGE,
        BlendMode.LINEAR_DODGE,
        BlendMode.VIVID_LIGHT,
        BlendMode.LINEAR_LIGHT,
        BlendMode.HARD_MIX,
        BlendMode.DIFFERENCE,
    }
)
"""The eight modes in which fill weakens the source colour before blending, instead of the layer's alpha."""

_HALF = np.float32(0.5)
_ONE = np.float32(1.0)


def normal(b: Colors, s: Colors) -> Colors:
    """The source. Also what Dissolve draws where its dither lets the layer through."""
    return np.broadcast_to(s, np.broadcast_shapes(b.shape, s.shape))


def darken(b: Colors, s: Colors) -> Colors:
    return np.minimum(b, s)


def multiply(b: Colors, s: Colors) -> Colors:
    return b * s


def color_burn(b: Colors, s: Colors) -> Colors:
    """White stays white under any source, black burns everything else to black."""
    burnt = _ONE - np.minimum(_ONE, _quotient(_ONE - b, s))
    return np.where(b >= _ONE, _ONE, burnt)


def linear_burn(b: Colors, s: Colors) -> Colors:
    return np.maximum(b + s - _ONE, 0)


def darker_color(b: Colors, s: Colors) -> Colors:
    """The whole pixel of lower luminosity; the source where both are alike."""
    return np.where(luminosity_of(s) <= luminosity_of(b), s, b)


def lighten(b: Colors, s: Colors) -> Colors:
    return np.maximum(b, s)


def screen(b: Colors, s: Colors) -> Colors:
    return b + s - b * s


def color_dodge(b: Colors, s: Colors) -> Colors:
    """Black stays black under any source, white dodges everything else to white."""
    dodged = np.minimum(_ONE, _quotient(b, _ONE - s))
    return np.where(b <= 0, np.float32(0), dodged)


def linear_dodge(b: Colors, s: Colors) -> Colors:
    return np.minimum(b + s, _ONE)


def lighter_color(b: Colors, s: Colors) -> Colors:
    """The whole pixel of higher luminosity; the source where both are alike."""
    return np.where(luminosity_of(s) >= luminosity_of(b), s, b)


def overlay(b: Colors, s: Colors) -> Colors:
    return hard_light(s, b)


def soft_light(b: Colors, s: Colors) -> Colors:
    """Photoshop's published form, with the square root of the backdrop above half."""
    dark = b - (_ONE - 2 * s) * b * (_ONE - b)
    light = b + (2 * s - _ONE) * (np.sqrt(b) - b)
    return np.where(s <= _HALF, dark, light)


def hard_light(b: Colors, s: Colors) -> Colors:
    return np.where(s <= _HALF, multiply(b, 2 * s), screen(b, 2 * s - _ONE))


def vivid_light(b: Colors, s: Colors) -> Colors:
    return np.where(s <= _HALF, color_burn(b, 2 * s), color_dodge(b, 2 * s - _ONE))


def linear_light(b: Colors, s: Colors) -> Colors:
    return np.clip(b + 2 * s - _ONE, 0, 1)


def pin_light(b: Colors, s: Colors) -> Colors:
    return np.where(s <= _HALF, np.minimum(b, 2 * s), np.maximum(b, 2 * s - _ONE))


def hard_mix(b: Colors, s: Colors) -> Colors:
    """White where the two add up to at least 1, else black, channel by channel."""
    return (b + s >= _ONE).astype(np.float32)


def difference(b: Colors, s: Colors) -> Colors:
    return np.abs(b - s)


def exclusion(b: Colors, s: Colors) -> Colors:
    return b + s - 2 * b * s


def subtract(b: Colors, s: Colors) -> Colors:
    return np.maximum(b - s, 0)


def divide(b: Colors, s: Colors) -> Colors:
    """Division by black gives white, but black over black stays black."""
    return np.minimum(_ONE, _quotient(b, s))


def hue(b: Colors, s: Colors) -> Colors:
    return set_luminosity(set_saturation(s, saturation_of(b)), luminosity_of(b))


def saturation(b: Colors, s: Colors) -> Colors:
    return set_luminosity(set_saturation(b, saturation_of(s)), luminosity_of(b))


def color(b: Colors, s: Colors) -> Colors:
    return set_luminosity(s, luminosity_of(b))


def luminosity(b: Colors, s: Colors) -> Colors:
    return set_luminosity(b, luminosity_of(s))


def luminosity_of(c: Colors) -> Colors:
    """(..., 1) weighted sum of the three channels."""
    red, green, blue = LUMA
    return np.float32(red) * c[..., 0:1] + np.float32(green) * c[..., 1:2] + np.float32(blue) * c[..., 2:3]


def saturation_of(c: Colors) -> Colors:
    """(..., 1) largest minus smallest channel."""
    return c.max(axis=-1, keepdims=True) - c.min(axis=-1, keepdims=True)


def set_luminosity(c: Colors, wanted: Colors) -> Colors:
    """`c` shifted to the luminosity `wanted` (..., 1), then pulled towards that grey until it fits into 0..1."""
    shifted = c + (wanted - luminosity_of(c))
    grey = luminosity_of(shifted)
    low, high = shifted.min(axis=-1, keepdims=True), shifted.max(axis=-1, keepdims=True)
    below = grey + (shifted - grey) * _quotient(grey, grey - low)
    fitted = np.where(low < 0, below, shifted)
    above = grey + (fitted - grey) * _quotient(_ONE - grey, high - grey)
    return np.where(high > _ONE, above, fitted)


def set_saturation(c: Colors, wanted: Colors) -> Colors:
    """`c` stretched so that its channels run from 0 to `wanted` (..., 1); a grey becomes black."""
    low = c.min(axis=-1, keepdims=True)
    return (c - low) * _quotient(wanted, saturation_of(c), zero_by_zero=True)


def source_at_fill(mode: BlendMode, s: Colors, fill: float) -> Colors:
    """The source of a special mode pulled towards the colour that changes nothing: white, black or middle grey."""
    if mode in (BlendMode.COLOR_BURN, BlendMode.LINEAR_BURN):
        return _ONE - np.float32(fill) * (_ONE - s)
    if mode in (BlendMode.VIVID_LIGHT, BlendMode.LINEAR_LIGHT):
        return _HALF + np.float32(fill) * (s - _HALF)
    return np.float32(fill) * s


def hard_mix_at_fill(b: Colors, s: Colors, fill: float) -> Colors:
    """The threshold of Hard Mix widens into a ramp of slope 1 / (1 - fill)."""
    if fill >= 1.0:
        return hard_mix(b, s)
    weak = np.float32(fill)
    return np.clip((b - weak * (_ONE - s)) / (_ONE - weak), 0, 1)


def blend(mode: BlendMode, b: Colors, s: Colors, fill: float = 1.0) -> Colors:
    """B(b, s) of one mode. `fill` counts only in the modes of `SPECIAL_FILL`; else the caller scales alpha by it."""
    if mode is BlendMode.HARD_MIX:
        return hard_mix_at_fill(b, s, fill)
    if fill < 1.0 and mode in SPECIAL_FILL:
        s = source_at_fill(mode, s, fill)
    return FUNCTIONS[mode](b, s)


def _quotient(top: Colors, bottom: Colors, *, zero_by_zero: bool = False) -> Colors:
    """top / bottom; where the bottom is 0: 0 if `zero_by_zero` or the top is 0 too, else a large number."""
    safe = np.where(bottom == 0, _ONE, bottom)
    by_zero = np.float32(0) if zero_by_zero else np.where(top > 0, np.float32(1e9), np.float32(0))
    return np.where(bottom == 0, by_zero, top / safe).astype(np.float32, copy=False)


FUNCTIONS: Mapping[BlendMode, BlendFunction] = MappingProxyType(
    {
        BlendMode.PASS_THROUGH: normal,
        BlendMode.NORMAL: normal,
        BlendMode.DISSOLVE: normal,
        BlendMode.DARKEN: darken,
        BlendMode.MULTIPLY: multiply,
        BlendMode.COLOR_BURN: color_burn,
        BlendMode.LINEAR_BURN: linear_burn,
        BlendMode.DARKER_COLOR: darker_color,
        BlendMode.LIGHTEN: lighten,
        BlendMode.SCREEN: screen,
        BlendMode.COLOR_DODGE: color_dodge,
        BlendMode.LINEAR_DODGE: linear_dodge,
        BlendMode.LIGHTER_COLOR: lighter_color,
        BlendMode.OVERLAY: overlay,
        BlendMode.SOFT_LIGHT: soft_light,
        BlendMode.HARD_LIGHT: hard_light,
        BlendMode.VIVID_LIGHT: vivid_light,
        BlendMode.LINEAR_LIGHT: linear_light,
        BlendMode.PIN_LIGHT: pin_light,
        BlendMode.HARD_MIX: hard_mix,
        BlendMode.DIFFERENCE: difference,
        BlendMode.EXCLUSION: exclusion,
        BlendMode.SUBTRACT: subtract,
        BlendMode.DIVIDE: divide,
        BlendMode.HUE: hue,
        BlendMode.SATURATION: saturation,
        BlendMode.COLOR: color,
        BlendMode.LUMINOSITY: luminosity,
    }
)
