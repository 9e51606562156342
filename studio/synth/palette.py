"""Colours: the eleven basic terms, jitter that stays inside a term, shading ramps, and the tint of each time of day.

RGB triples are sRGB 0..255. Distances and ramps are computed in OKLab (Ottosson, 2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from studio.synth.dice import Dice
from studio.synth.vocabulary import ColorName, Time

RGB: TypeAlias = tuple[int, int, int]
Lab: TypeAlias = tuple[float, float, float]

ANCHORS: dict[ColorName, RGB] = {
    ColorName.RED: (212, 50, 46),
    ColorName.ORANGE: (240, 138, 36),
    ColorName.YELLOW: (249, 210, 62),
    ColorName.GREEN: (82, 160, 74),
    ColorName.BLUE: (50, 108, 204),
    ColorName.PURPLE: (128, 72, 172),
    ColorName.PINK: (244, 146, 184),
    ColorName.BROWN: (124, 78, 48),
    ColorName.BLACK: (46, 46, 54),
    ColorName.WHITE: (244, 242, 236),
    ColorName.GRAY: (142, 144, 147),
}
"""The middle of each colour term, in daylight."""

TINTS: dict[Time, tuple[float, float, float]] = {
    Time.DAY: (1.0, 1.0, 1.0),
    Time.SUNSET: (1.0, 0.925, 0.86),
    Time.NIGHT: (0.78, 0.80, 0.91),
    Time.OVERCAST: (0.93, 0.95, 0.97),
}
"""What the light of each time does to the colours of objects (a factor per channel)."""


def clipped(rgb: tuple[float, float, float]) -> RGB:
    """Rounded and clipped to 0..255."""
    r, g, b = (max(0, min(255, int(v + 0.5))) for v in rgb)
    return r, g, b


def mixed(first: RGB, second: RGB, weight: float) -> RGB:
    """The straight sRGB blend; weight 0 is `first`, 1 is `second`."""
    return clipped(
        (
            first[0] + (second[0] - first[0]) * weight,
            first[1] + (second[1] - first[1]) * weight,
            first[2] + (second[2] - first[2]) * weight,
        )
    )


def tinted(rgb: RGB, tint: tuple[float, float, float]) -> RGB:
    return clipped((rgb[0] * tint[0], rgb[1] * tint[1], rgb[2] * tint[2]))


def to_oklab(rgb: RGB) -> Lab:
    """OKLab: lightness 0..1 and two opponent axes."""
    r, g, b = (_linear(v / 255) for v in rgb)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def from_oklab(lab: Lab) -> RGB:
    """The nearest sRGB colour, clipped to the gamut channel by channel."""
    light, a, b = lab
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    r, g, b = (_encoded(v) * 255 for v in linear)
    return clipped((r, g, b))


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _encoded(value: float) -> float:
    value = max(0.0, min(1.0, value))
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


@cache
def _anchors_in(time: Time) -> tuple[tuple[ColorName, Lab], ...]:
    return tuple((name, to_oklab(tinted(rgb, TINTS[time]))) for name, rgb in ANCHORS.items())


def _distance(first: Lab, second: Lab) -> float:
    return sum((x - y) ** 2 for x, y in zip(first, second, strict=True)) ** 0.5


def nearest_term(rgb: RGB, time: Time = Time.DAY) -> ColorName:
    """The colour term that a person standing in this light would use (the nearest anchor under the same tint)."""
    lab = to_oklab(rgb)
    return min(_anchors_in(time), key=lambda anchor: _distance(lab, anchor[1]))[0]


def term_margin(rgb: RGB, term: ColorName) -> float:
    """How much nearer the colour is to its own term than to the next one: 1 at the anchor, 0 on the border."""
    lab = to_oklab(rgb)
    own = min(_distance(lab, anchor) for name, anchor in _anchors_in(Time.DAY) if name is term)
    other = min(_distance(lab, anchor) for name, anchor in _anchors_in(Time.DAY) if name is not term)
    return (other - own) / (other + own)


def jittered(term: ColorName, dice: Dice, strength: float = 1.0) -> RGB:
    """A colour near the term's anchor whose margin to every other term stays above 0.4."""
    light, a, b = to_oklab(ANCHORS[term])
    shift = (dice.uniform(-0.035, 0.035), dice.uniform(-0.022, 0.022), dice.uniform(-0.022, 0.022))
    for share in (1.0, 0.6, 0.3):
        scale = strength * share
        rgb = from_oklab((light + shift[0] * scale, a + shift[1] * scale, b + shift[2] * scale))
        if term_margin(rgb, term) > 0.4:
            return rgb
    return ANCHORS[term]


@dataclass(frozen=True, slots=True)
class Tones:
    """A ramp of one colour, from the lit to the deepest part of a form."""

    light: RGB
    base: RGB
    shade: RGB
    deep: RGB


def tones(rgb: RGB) -> Tones:
    """Lit parts turn warmer, shaded parts cooler, as in outdoor light; neutral colours shift least."""
    light, a, b = to_oklab(rgb)
    shift = 0.35 + 0.65 * min(1.0, (a * a + b * b) ** 0.5 / 0.1)
    lift = 0.035 + 0.055 * (1.0 - light)
    dark = 0.16 * min(1.0, light + 0.15)
    return Tones(
        light=from_oklab((min(0.985, light + lift), a, b + 0.012 * shift)),
        base=rgb,
        shade=from_oklab((light - dark * 0.62, a * 0.98, b - 0.016 * shift)),
        deep=from_oklab((light - dark * 1.45, a * 0.85, b * 0.85 - 0.022 * shift)),
    )
