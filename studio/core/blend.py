"""Photoshop's blend functions B(backdrop, source) on float32 colours in 0..1.

Every function takes the backdrop `b` and the source `s`, both straight (not premultiplied), as arrays whose first axis
is red, green, blue, and returns the blended colour; opacity, alpha and masks are the compositor's business. These numpy
forms are what `studio.core.kernels.modes` compiles, operation by operation, so that both give the same floats.

What the Photoshop-authored files of `../shared/psd/blend-modes` settle, and what they leave open:

- They hold three overlapping pure primaries at 50 %. All modes agree with them to the rounding of the picture.
- `vivid-light.psd`: a source of 0 gives 0 and a source of 1 gives 1 whatever the backdrop, unlike Color Burn and Color
  Dodge, where `color-burn.psd` and `color-dodge.psd` keep a white or black backdrop.
- `hard-mix.psd`: at the tie b + s = 1 a white backdrop stays white and a black one black. For ties between, the file
  has no case; we take the brighter of the two operands' side (white where b > s), which continues what it shows.
- `divide.psd`: 0 / 0 is 0, anything else over 0 is 1.
- `soft-light.psd` cannot tell the three formulas in use apart (all leave 0 and 1 alone, and all are b * b for a black
  source). We take the one with the square root that Adobe has published for Photoshop, which Krita's PSD import uses
  too; the PDF and W3C polynomial differs by up to 17/255.
- `dissolve.psd`: one dither serves all layers, so that a layer hides the same pixels of every layer below it.
- `hue.psd`, `saturation.psd`, `color.psd`, `luminosity.psd`, `darker-color.psd`, `lighter-color.psd`: the non-separable
  forms of the PDF specification, with luminosity 0.3 R + 0.59 G + 0.11 B.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.core.layers import BlendMode

Floats: TypeAlias = NDArray[np.float32]
"""float32 samples, 0..1. Colours are (3, ...), single values such as alpha (...)."""

BlendFunction: TypeAlias = Callable[[Floats, Floats], Floats]

ZERO = np.float32(0)
HALF = np.float32(0.5)
ONE = np.float32(1)
TWO = np.float32(2)
RED_WEIGHT, GREEN_WEIGHT, BLUE_WEIGHT = np.float32(0.3), np.float32(0.59), np.float32(0.11)
"""Shares of red, green and blue in the luminosity of Hue, Saturation, Color, Luminosity, Darker and Lighter Color."""

TIE = np.float32(1e-6)
"""How far b + s of Hard Mix may be from 1, or two luminosities from each other, to count as a tie: far below one 16-bit
step, above float32 rounding."""

TINY = np.float32(1e-12)
"""Stands for 0 below a fraction whose top is 0 too."""

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


def blend(mode: BlendMode, b: Floats, s: Floats, fill: float = 1.0) -> Floats:
    """B(b, s) of one mode. `fill` counts only in the modes of `SPECIAL_FILL`; else the caller scales alpha by it."""
    if fill < 1 and mode is BlendMode.HARD_MIX:
        return hard_mix_at_fill(b, s, np.float32(fill))
    if fill < 1 and mode in SPECIAL_FILL:
        s = source_at_fill(mode, s, np.float32(fill))
    return FUNCTIONS[mode](b, s)


def normal(b: Floats, s: Floats) -> Floats:
    """The source. Also what Dissolve draws where its dither lets the layer through."""
    return s


def darken(b: Floats, s: Floats) -> Floats:
    return np.minimum(b, s)


def multiply(b: Floats, s: Floats) -> Floats:
    return b * s


def color_burn(b: Floats, s: Floats) -> Floats:
    """White stays white under any source, black burns everything else to black."""
    burnt = ONE - np.minimum(ONE, (ONE - b) / np.where(s > 0, s, ONE))
    return np.where(b >= 1, ONE, np.where(s > 0, burnt, ZERO))


def linear_burn(b: Floats, s: Floats) -> Floats:
    return np.maximum(b + s - ONE, ZERO)


def darker_color(b: Floats, s: Floats) -> Floats:
    """The whole pixel of lower luminosity; the source where both are alike."""
    return np.where(luminosity_of(s) <= luminosity_of(b) + TIE, s, b)


def lighten(b: Floats, s: Floats) -> Floats:
    return np.maximum(b, s)


def screen(b: Floats, s: Floats) -> Floats:
    return np.subtract(b + s, b * s)


def color_dodge(b: Floats, s: Floats) -> Floats:
    """Black stays black under any source, white dodges everything else to white."""
    dodged = np.minimum(ONE, b / np.where(s < 1, ONE - s, ONE))
    return np.where(b <= 0, ZERO, np.where(s < 1, dodged, ONE))


def linear_dodge(b: Floats, s: Floats) -> Floats:
    return np.minimum(b + s, ONE)


def lighter_color(b: Floats, s: Floats) -> Floats:
    """The whole pixel of higher luminosity; the source where both are alike."""
    return np.where(luminosity_of(s) >= luminosity_of(b) - TIE, s, b)


def overlay(b: Floats, s: Floats) -> Floats:
    """Hard Light with the roles changed."""
    return hard_light(s, b)


def soft_light(b: Floats, s: Floats) -> Floats:
    """Photoshop's published form, with the square root of the backdrop for a light source; see the module's text."""
    dark = b - (ONE - TWO * s) * b * (ONE - b)
    light = b + (TWO * s - ONE) * (np.sqrt(b) - b)
    return np.where(s <= HALF, dark, light)


def hard_light(b: Floats, s: Floats) -> Floats:
    twice = TWO * s
    return np.where(s <= HALF, b * twice, screen(b, twice - ONE))


def vivid_light(b: Floats, s: Floats) -> Floats:
    """Burn or dodge with twice the source; its own extremes win over those of the backdrop."""
    twice = TWO * s
    mixed = np.where(s <= HALF, color_burn(b, twice), color_dodge(b, twice - ONE))
    return np.where(s <= 0, ZERO, np.where(s >= 1, ONE, mixed))


def linear_light(b: Floats, s: Floats) -> Floats:
    return np.minimum(np.maximum(b + TWO * s - ONE, ZERO), ONE)


def pin_light(b: Floats, s: Floats) -> Floats:
    twice = TWO * s
    return np.where(s <= HALF, np.minimum(b, twice), np.maximum(b, twice - ONE))


def hard_mix(b: Floats, s: Floats) -> Floats:
    """White where the two add up to more than 1, else black; at a tie (see `TIE`) white where b > s."""
    over = b + s - ONE
    return np.where(np.where(np.abs(over) <= TIE, b > s, over > 0), ONE, ZERO)


def difference(b: Floats, s: Floats) -> Floats:
    return np.abs(b - s)


def exclusion(b: Floats, s: Floats) -> Floats:
    return np.maximum(b + s - b * TWO * s, ZERO)


def subtract(b: Floats, s: Floats) -> Floats:
    return np.maximum(b - s, ZERO)


def divide(b: Floats, s: Floats) -> Floats:
    """Division by black gives white, but black over black stays black."""
    divided = np.minimum(ONE, b / np.where(s > 0, s, ONE))
    return np.where(s > 0, divided, np.where(b > 0, ONE, ZERO))


def hue(b: Floats, s: Floats) -> Floats:
    return set_luminosity(set_saturation(s, saturation_of(b)), luminosity_of(b))


def saturation(b: Floats, s: Floats) -> Floats:
    return set_luminosity(set_saturation(b, saturation_of(s)), luminosity_of(b))


def color(b: Floats, s: Floats) -> Floats:
    return set_luminosity(s, luminosity_of(b))


def luminosity(b: Floats, s: Floats) -> Floats:
    return set_luminosity(b, luminosity_of(s))


def luminosity_of(c: Floats) -> Floats:
    """(...) weighted sum of the three channels."""
    return c[0] * RED_WEIGHT + c[1] * GREEN_WEIGHT + c[2] * BLUE_WEIGHT


def saturation_of(c: Floats) -> Floats:
    """(...) largest minus smallest channel."""
    return np.maximum(np.maximum(c[0], c[1]), c[2]) - np.minimum(np.minimum(c[0], c[1]), c[2])


def set_luminosity(c: Floats, wanted: Floats) -> Floats:
    """`c` shifted to the luminosity `wanted` (...), then pulled towards that grey until it fits into 0..1."""
    shifted = np.add(c, wanted - luminosity_of(c))
    low = np.minimum(np.minimum(shifted[0], shifted[1]), shifted[2])
    high = np.maximum(np.maximum(shifted[0], shifted[1]), shifted[2])
    dark = low < 0
    room = np.where(dark, wanted, ONE - wanted)
    reach: Floats = np.where(dark, np.subtract(wanted, low), np.subtract(high, wanted))
    squeeze = np.minimum(room / np.maximum(reach, TINY), ONE)
    return np.maximum((shifted - wanted) * squeeze + wanted, ZERO)


def set_saturation(c: Floats, wanted: Floats) -> Floats:
    """`c` stretched so that its channels run from 0 to `wanted` (...); a grey becomes black."""
    low = np.minimum(np.minimum(c[0], c[1]), c[2])
    stretch = wanted / np.maximum(saturation_of(c), TINY)
    return (c - low) * stretch


def source_at_fill(mode: BlendMode, s: Floats, fill: np.float32) -> Floats:
    """The source of a special mode pulled towards the colour that changes nothing: white, black or middle grey."""
    neutral = NEUTRAL[mode]
    return (s - neutral) * fill + neutral


def hard_mix_at_fill(b: Floats, s: Floats, fill: np.float32) -> Floats:
    """The threshold of Hard Mix widens into a ramp of slope 1 / (1 - fill)."""
    ramp = (b - fill * (ONE - s)) / (ONE - fill)
    return np.minimum(np.maximum(ramp, ZERO), ONE)


NEUTRAL: Mapping[BlendMode, np.float32] = MappingProxyType(
    {
        BlendMode.COLOR_BURN: ONE,
        BlendMode.LINEAR_BURN: ONE,
        BlendMode.COLOR_DODGE: ZERO,
        BlendMode.LINEAR_DODGE: ZERO,
        BlendMode.DIFFERENCE: ZERO,
        BlendMode.VIVID_LIGHT: HALF,
        BlendMode.LINEAR_LIGHT: HALF,
    }
)
"""The source that leaves the backdrop as it is, for the modes in which fill pulls the source towards it."""

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
