"""Parameters of the adjustment layers. Values and ranges are Photoshop's, so that files carry them unchanged.

Each class is a value only; `studio.core.adjust` computes with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from studio.core.gradients import BLACK_TO_WHITE, Gradient


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelsBand:
    """Input black and white 0..255, gamma 0.1..9.99, output black and white 0..255."""

    black: int = 0
    white: int = 255
    gamma: float = 1.0
    out_black: int = 0
    out_white: int = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The single channels act first, then the composite band."""

    rgb: LevelsBand = LevelsBand()
    red: LevelsBand = LevelsBand()
    green: LevelsBand = LevelsBand()
    blue: LevelsBand = LevelsBand()


CurvePoints: TypeAlias = tuple[tuple[int, int], ...]
"""(input, output) pairs, both 0..255, inputs strictly rising, 2 to 19 of them; a natural cubic spline, flat outside."""

STRAIGHT: CurvePoints = ((0, 0), (255, 255))


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """The single channels act first, then the composite curve."""

    rgb: CurvePoints = STRAIGHT
    red: CurvePoints = STRAIGHT
    green: CurvePoints = STRAIGHT
    blue: CurvePoints = STRAIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class HueRange:
    """One of the six colour ranges: its shift and the hue angles (degrees) where it fades in, holds and fades out."""

    hue: int = 0
    saturation: int = 0
    lightness: int = 0
    angles: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HueSaturation:
    """Hue -180..180 degrees, saturation and lightness -100..100.

    With `colorize`, hue is 0..360 and saturation 0..100 of the one colour. `ranges` shift single colour ranges.
    """

    hue: int = 0
    saturation: int = 0
    lightness: int = 0
    colorize: bool = False
    ranges: tuple[HueRange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BrightnessContrast:
    """Brightness -150..150, contrast -50..100; both -100..100 with `legacy` (a plain shift and stretch)."""

    brightness: int = 0
    contrast: int = 0
    legacy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorBalance:
    """(cyan-red, magenta-green, yellow-blue), each -100..100, for shadows, midtones and highlights."""

    shadows: tuple[int, int, int] = (0, 0, 0)
    midtones: tuple[int, int, int] = (0, 0, 0)
    highlights: tuple[int, int, int] = (0, 0, 0)
    preserve_luminosity: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """In linear light: times 2 to the `exposure` (-20..20), plus `offset` (-0.5..0.5), then to the power 1 / `gamma`.

    `gamma` is 0.01..9.99.
    """

    exposure: float = 0.0
    offset: float = 0.0
    gamma: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Invert:
    """Every channel becomes its opposite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """White where the luminosity is at least `level` (1..255), black elsewhere."""

    level: int = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterize:
    """Each channel in that many even steps (2..255), black and white among them."""

    levels: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientMap:
    """The colour of a gradient at the luminosity; black is at its start unless `reverse`. Opacities do not count."""

    gradient: Gradient = BLACK_TO_WHITE
    reverse: bool = False


Adjustment: TypeAlias = (
    Levels
    | Curves
    | HueSaturation
    | BrightnessContrast
    | ColorBalance
    | Exposure
    | Invert
    | Threshold
    | Posterize
    | GradientMap
)

LABELS: Mapping[type[Adjustment], str] = MappingProxyType(
    {
        Levels: "Levels",
        Curves: "Curves",
        HueSaturation: "Hue/Saturation",
        BrightnessContrast: "Brightness/Contrast",
        ColorBalance: "Color balance",
        Exposure: "Exposure",
        Invert: "Invert",
        Threshold: "Threshold",
        Posterize: "Posterize",
        GradientMap: "Gradient map",
    }
)
"""What layers and the history call each kind."""
