"""The blend functions of `studio.core.blend` compiled: one row function for each mode.

A row function lays B(b, s) onto the opaque colours `b`, in place, with the alpha of `s`: b (1 - a) + a B(b, s), for the
first `n` columns. `b` holds red, green and blue WIDTH floats apart, `s` these and alpha. All loops start at 0, so that
the compiler sees no negative index and uses vectors. The formulas repeat `studio.core.blend` operation by operation,
without fused or reordered arithmetic, so that both give the same floats; their reasons are told there.
"""

# pyright: basic
# numba carries no type information; what leaves this package is typed in the loader.

from __future__ import annotations

import numpy as np

from studio.core.blend import BLUE_WEIGHT, GREEN_WEIGHT, HALF, ONE, RED_WEIGHT, TIE, TINY, TWO, ZERO
from studio.core.kernels.layout import MODES, WIDTH
from studio.core.kernels.memory import compiled
from studio.core.layers import BlendMode


def by_channel(formula):
    """The row function of a mode that treats each channel alone."""

    @compiled
    def row(b, s, n):
        for channel in range(3):
            for x in range(n):
                a, place = s[3 * WIDTH + x], channel * WIDTH + x
                b[place] = b[place] * (ONE - a) + a * formula(b[place], s[place])

    return row


def by_color(formula):
    """The row function of a mode that needs all three channels of a pixel."""

    @compiled
    def row(b, s, n):
        for x in range(n):
            a, old_red, old_green, old_blue = s[3 * WIDTH + x], b[x], b[WIDTH + x], b[2 * WIDTH + x]
            red, green, blue = formula(old_red, old_green, old_blue, s[x], s[WIDTH + x], s[2 * WIDTH + x])
            b[x] = old_red * (ONE - a) + a * red
            b[WIDTH + x] = old_green * (ONE - a) + a * green
            b[2 * WIDTH + x] = old_blue * (ONE - a) + a * blue

    return row


@compiled
def darken(b, s):
    return min(b, s)


@compiled
def multiply(b, s):
    return b * s


@compiled
def color_burn(b, s):
    burnt = ONE - min(ONE, (ONE - b) / (s if s > ZERO else ONE))
    return ONE if b >= ONE else (burnt if s > ZERO else ZERO)


@compiled
def linear_burn(b, s):
    return max(b + s - ONE, ZERO)


@compiled
def lighten(b, s):
    return max(b, s)


@compiled
def screen(b, s):
    return b + s - b * s


@compiled
def color_dodge(b, s):
    dodged = min(ONE, b / (ONE - s if s < ONE else ONE))
    return ZERO if b <= ZERO else (dodged if s < ONE else ONE)


@compiled
def linear_dodge(b, s):
    return min(b + s, ONE)


@compiled
def hard_light(b, s):
    twice = TWO * s
    return b * twice if s <= HALF else screen(b, twice - ONE)


@compiled
def overlay(b, s):
    return hard_light(s, b)


@compiled
def soft_light(b, s):
    dark = b - (ONE - TWO * s) * b * (ONE - b)
    light = b + (TWO * s - ONE) * (np.sqrt(b) - b)
    return dark if s <= HALF else light


@compiled
def vivid_light(b, s):
    twice = TWO * s
    burnt, dodged = color_burn(b, twice), color_dodge(b, twice - ONE)
    mixed = burnt if s <= HALF else dodged
    return ZERO if s <= ZERO else (ONE if s >= ONE else mixed)


@compiled
def linear_light(b, s):
    return min(max(b + TWO * s - ONE, ZERO), ONE)


@compiled
def pin_light(b, s):
    twice = TWO * s
    return min(b, twice) if s <= HALF else max(b, twice - ONE)


@compiled
def hard_mix(b, s):
    over = b + s - ONE
    white = b > s if abs(over) <= TIE else over > ZERO
    return ONE if white else ZERO


@compiled
def difference(b, s):
    return abs(b - s)


@compiled
def exclusion(b, s):
    return max(b + s - b * TWO * s, ZERO)


@compiled
def subtract(b, s):
    return max(b - s, ZERO)


@compiled
def divide(b, s):
    divided = min(ONE, b / (s if s > ZERO else ONE))
    return divided if s > ZERO else (ONE if b > ZERO else ZERO)


@compiled
def luminosity_of(red, green, blue):
    return red * RED_WEIGHT + green * GREEN_WEIGHT + blue * BLUE_WEIGHT


@compiled
def set_luminosity(red, green, blue, wanted):
    shift = wanted - luminosity_of(red, green, blue)
    red, green, blue = red + shift, green + shift, blue + shift
    low, high = min(min(red, green), blue), max(max(red, green), blue)
    dark = low < ZERO
    room, reach = (wanted if dark else ONE - wanted), (wanted - low if dark else high - wanted)
    squeeze = min(room / max(reach, TINY), ONE)
    return (
        max((red - wanted) * squeeze + wanted, ZERO),
        max((green - wanted) * squeeze + wanted, ZERO),
        max((blue - wanted) * squeeze + wanted, ZERO),
    )


@compiled
def set_saturation(red, green, blue, wanted):
    low = min(min(red, green), blue)
    spread = max(max(red, green), blue) - low
    stretch = wanted / max(spread, TINY)
    return (red - low) * stretch, (green - low) * stretch, (blue - low) * stretch


@compiled
def saturation_of(red, green, blue):
    return max(max(red, green), blue) - min(min(red, green), blue)


@compiled
def darker_color(br, bg, bb, sr, sg, sb):
    darker = luminosity_of(sr, sg, sb) <= luminosity_of(br, bg, bb) + TIE
    return (sr if darker else br), (sg if darker else bg), (sb if darker else bb)


@compiled
def lighter_color(br, bg, bb, sr, sg, sb):
    lighter = luminosity_of(sr, sg, sb) >= luminosity_of(br, bg, bb) - TIE
    return (sr if lighter else br), (sg if lighter else bg), (sb if lighter else bb)


@compiled
def hue(br, bg, bb, sr, sg, sb):
    red, green, blue = set_saturation(sr, sg, sb, saturation_of(br, bg, bb))
    return set_luminosity(red, green, blue, luminosity_of(br, bg, bb))


@compiled
def saturation(br, bg, bb, sr, sg, sb):
    red, green, blue = set_saturation(br, bg, bb, saturation_of(sr, sg, sb))
    return set_luminosity(red, green, blue, luminosity_of(br, bg, bb))


@compiled
def color(br, bg, bb, sr, sg, sb):
    return set_luminosity(sr, sg, sb, luminosity_of(br, bg, bb))


@compiled
def luminosity(br, bg, bb, sr, sg, sb):
    return set_luminosity(br, bg, bb, luminosity_of(sr, sg, sb))


@compiled
def weakened(s, out, neutral, fill, n):
    """The source pulled towards the neutral colour of its mode."""
    for channel in range(3):
        for x in range(n):
            out[channel * WIDTH + x] = (s[channel * WIDTH + x] - neutral) * fill + neutral


@compiled
def hard_mix_at_fill(b, s, fill, n):
    """Hard Mix with fill, in place and without alpha."""
    for channel in range(3):
        for x in range(n):
            place = channel * WIDTH + x
            b[place] = min(max((b[place] - fill * (ONE - s[place])) / (ONE - fill), ZERO), ONE)


_lay_darken = by_channel(darken)
_lay_multiply = by_channel(multiply)
_lay_color_burn = by_channel(color_burn)
_lay_linear_burn = by_channel(linear_burn)
_lay_lighten = by_channel(lighten)
_lay_screen = by_channel(screen)
_lay_color_dodge = by_channel(color_dodge)
_lay_linear_dodge = by_channel(linear_dodge)
_lay_overlay = by_channel(overlay)
_lay_soft_light = by_channel(soft_light)
_lay_hard_light = by_channel(hard_light)
_lay_vivid_light = by_channel(vivid_light)
_lay_linear_light = by_channel(linear_light)
_lay_pin_light = by_channel(pin_light)
_lay_hard_mix = by_channel(hard_mix)
_lay_difference = by_channel(difference)
_lay_exclusion = by_channel(exclusion)
_lay_subtract = by_channel(subtract)
_lay_divide = by_channel(divide)
_lay_darker_color = by_color(darker_color)
_lay_lighter_color = by_color(lighter_color)
_lay_hue = by_color(hue)
_lay_saturation = by_color(saturation)
_lay_color = by_color(color)
_lay_luminosity = by_color(luminosity)

_DARKEN = MODES.index(BlendMode.DARKEN)
_MULTIPLY = MODES.index(BlendMode.MULTIPLY)
_COLOR_BURN = MODES.index(BlendMode.COLOR_BURN)
_LINEAR_BURN = MODES.index(BlendMode.LINEAR_BURN)
_LIGHTEN = MODES.index(BlendMode.LIGHTEN)
_SCREEN = MODES.index(BlendMode.SCREEN)
_COLOR_DODGE = MODES.index(BlendMode.COLOR_DODGE)
_LINEAR_DODGE = MODES.index(BlendMode.LINEAR_DODGE)
_OVERLAY = MODES.index(BlendMode.OVERLAY)
_SOFT_LIGHT = MODES.index(BlendMode.SOFT_LIGHT)
_HARD_LIGHT = MODES.index(BlendMode.HARD_LIGHT)
_VIVID_LIGHT = MODES.index(BlendMode.VIVID_LIGHT)
_LINEAR_LIGHT = MODES.index(BlendMode.LINEAR_LIGHT)
_PIN_LIGHT = MODES.index(BlendMode.PIN_LIGHT)
_HARD_MIX = MODES.index(BlendMode.HARD_MIX)
_DIFFERENCE = MODES.index(BlendMode.DIFFERENCE)
_EXCLUSION = MODES.index(BlendMode.EXCLUSION)
_SUBTRACT = MODES.index(BlendMode.SUBTRACT)
_DIVIDE = MODES.index(BlendMode.DIVIDE)
_DARKER_COLOR = MODES.index(BlendMode.DARKER_COLOR)
_LIGHTER_COLOR = MODES.index(BlendMode.LIGHTER_COLOR)
_HUE = MODES.index(BlendMode.HUE)
_SATURATION = MODES.index(BlendMode.SATURATION)
_COLOR = MODES.index(BlendMode.COLOR)
_LUMINOSITY = MODES.index(BlendMode.LUMINOSITY)


@compiled
def lay_row(mode, b, s, n):
    """Lay B(b, s) of the mode with this number onto `b`; modes that draw the source itself never come here."""
    if mode == _DARKEN:
        _lay_darken(b, s, n)
    elif mode == _MULTIPLY:
        _lay_multiply(b, s, n)
    elif mode == _COLOR_BURN:
        _lay_color_burn(b, s, n)
    elif mode == _LINEAR_BURN:
        _lay_linear_burn(b, s, n)
    elif mode == _LIGHTEN:
        _lay_lighten(b, s, n)
    elif mode == _SCREEN:
        _lay_screen(b, s, n)
    elif mode == _COLOR_DODGE:
        _lay_color_dodge(b, s, n)
    elif mode == _LINEAR_DODGE:
        _lay_linear_dodge(b, s, n)
    elif mode == _OVERLAY:
        _lay_overlay(b, s, n)
    elif mode == _SOFT_LIGHT:
        _lay_soft_light(b, s, n)
    elif mode == _HARD_LIGHT:
        _lay_hard_light(b, s, n)
    elif mode == _VIVID_LIGHT:
        _lay_vivid_light(b, s, n)
    elif mode == _LINEAR_LIGHT:
        _lay_linear_light(b, s, n)
    elif mode == _PIN_LIGHT:
        _lay_pin_light(b, s, n)
    elif mode == _HARD_MIX:
        _lay_hard_mix(b, s, n)
    elif mode == _DIFFERENCE:
        _lay_difference(b, s, n)
    elif mode == _EXCLUSION:
        _lay_exclusion(b, s, n)
    elif mode == _SUBTRACT:
        _lay_subtract(b, s, n)
    elif mode == _DIVIDE:
        _lay_divide(b, s, n)
    elif mode == _DARKER_COLOR:
        _lay_darker_color(b, s, n)
    elif mode == _LIGHTER_COLOR:
        _lay_lighter_color(b, s, n)
    elif mode == _HUE:
        _lay_hue(b, s, n)
    elif mode == _SATURATION:
        _lay_saturation(b, s, n)
    elif mode == _COLOR:
        _lay_color(b, s, n)
    elif mode == _LUMINOSITY:
        _lay_luminosity(b, s, n)
