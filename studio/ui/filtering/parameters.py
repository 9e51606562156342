"""What each filter asks for, in an artist's units, as the classes that forms are built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Protocol

from studio.core.filters import (
    LIMITS,
    BoxBlur,
    Filter,
    GaussianBlur,
    HighPass,
    Median,
    MotionBlur,
    Noise,
    Sharpen,
)
from studio.plugin_api.params import ParamsClass, integer, number, switch
from studio.ui.filtering import text

MOST_SEED = 999_999


class FilterParams(ParamsClass, Protocol):
    """Parameters that make a filter."""

    @property
    def filter(self) -> Filter: ...


def _radius(kind: str, default: float, help: str) -> float:
    low, high = LIMITS[kind]["radius_px"]
    return number(default, low, high, label=text.RADIUS, help=help, step=0.1, unit="px", fine=True)


def _side(kind: str, default: int, help: str) -> int:
    low, high = (round(limit) for limit in LIMITS[kind]["radius_px"])
    return integer(default, low, high, label=text.RADIUS, help=help, unit="px", fine=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianBlurParams:
    version: ClassVar[int] = 1
    radius_px: float = _radius("gaussian_blur", 4.0, text.GAUSSIAN_RADIUS_HELP)

    @property
    def filter(self) -> Filter:
        return GaussianBlur(radius_px=self.radius_px)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxBlurParams:
    version: ClassVar[int] = 1
    radius_px: int = _side("box_blur", 4, text.BOX_RADIUS_HELP)

    @property
    def filter(self) -> Filter:
        return BoxBlur(radius_px=self.radius_px)


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionBlurParams:
    version: ClassVar[int] = 1
    length_px: float = number(
        10.0, *LIMITS["motion_blur"]["length_px"],
        label=text.LENGTH, help=text.LENGTH_HELP, step=1, unit="px", fine=True,
    )  # fmt: skip
    angle: float = number(0.0, -180.0, 180.0, label=text.ANGLE, help=text.ANGLE_HELP, step=1, unit="°")

    @property
    def filter(self) -> Filter:
        return MotionBlur(length_px=self.length_px, angle=self.angle)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharpenParams:
    version: ClassVar[int] = 1
    amount: int = integer(100, 0, 500, label=text.AMOUNT, help=text.SHARPEN_AMOUNT_HELP, unit="%")
    radius_px: float = _radius("sharpen", 1.0, text.SHARPEN_RADIUS_HELP)
    threshold: int = integer(0, 0, 255, label=text.THRESHOLD, help=text.SHARPEN_THRESHOLD_HELP)

    @property
    def filter(self) -> Filter:
        return Sharpen(amount=self.amount / 100, radius_px=self.radius_px, threshold=self.threshold / 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseParams:
    version: ClassVar[int] = 1
    amount: int = integer(10, 0, 100, label=text.AMOUNT, help=text.NOISE_AMOUNT_HELP, unit="%")
    even: bool = switch(False, label=text.EVEN, help=text.EVEN_HELP)
    monochrome: bool = switch(False, label=text.MONOCHROME, help=text.MONOCHROME_HELP)
    seed: int = integer(0, 0, MOST_SEED, label=text.SEED, help=text.SEED_HELP)

    @property
    def filter(self) -> Filter:
        return Noise(amount=self.amount / 100, even=self.even, monochrome=self.monochrome, seed=self.seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class HighPassParams:
    version: ClassVar[int] = 1
    radius_px: float = _radius("high_pass", 4.0, text.HIGH_PASS_RADIUS_HELP)

    @property
    def filter(self) -> Filter:
        return HighPass(radius_px=self.radius_px)


@dataclass(frozen=True, slots=True, kw_only=True)
class MedianParams:
    version: ClassVar[int] = 1
    radius_px: int = _side("median", 1, text.MEDIAN_RADIUS_HELP)

    @property
    def filter(self) -> Filter:
        return Median(radius_px=self.radius_px)


PARAMETERS: Mapping[str, type[FilterParams]] = MappingProxyType(
    {
        "gaussian_blur": GaussianBlurParams,
        "box_blur": BoxBlurParams,
        "motion_blur": MotionBlurParams,
        "sharpen": SharpenParams,
        "noise": NoiseParams,
        "high_pass": HighPassParams,
        "median": MedianParams,
    }
)
"""By the filter's kind, in the order of the menu."""
