"""Filters on premultiplied pictures: blurs, sharpening, noise, high pass, median.

What a pixel becomes depends on its surroundings within `reach_px`. Blurs and the median act on transparency too; the
others change colours and leave alpha alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.core.blur import gaussian, gaussian_reach_px
from studio.core.geometry import ORIGIN, Point
from studio.core.opencv import cv2
from studio.core.pixels import Depth

Reals: TypeAlias = NDArray[np.float32]
"""(h, w, 4) premultiplied shares, 0..1."""

_ONE = np.float32(1)
_SUBSTEPS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianBlur:
    """`radius_px` is the deviation, 0.1..500."""

    radius_px: float = 4.0
    kind: Literal["gaussian_blur"] = "gaussian_blur"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxBlur:
    """The mean of a square of 2 radius + 1, 1..1000."""

    radius_px: int = 4
    kind: Literal["box_blur"] = "box_blur"


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionBlur:
    """The mean along a line of that length (1..1000) through the pixel; the angle is clockwise from the x axis."""

    length_px: float = 10.0
    angle: float = 0.0
    kind: Literal["motion_blur"] = "motion_blur"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharpen:
    """Unsharp mask: `amount` (0..5) of what a Gaussian of `radius_px` takes away is added.

    Only where that is at least `threshold` (0..1).
    """

    amount: float = 1.0
    radius_px: float = 1.0
    threshold: float = 0.0
    kind: Literal["sharpen"] = "sharpen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """`amount` 0..1 is the deviation of Gaussian noise, or half the width of an even one. One seed, one noise."""

    amount: float = 0.1
    even: bool = False
    monochrome: bool = False
    seed: int = 0
    kind: Literal["noise"] = "noise"


@dataclass(frozen=True, slots=True, kw_only=True)
class HighPass:
    """What a Gaussian of `radius_px` takes away, on middle grey."""

    radius_px: float = 4.0
    kind: Literal["high_pass"] = "high_pass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Median:
    """The middle value of a square of 2 radius + 1, 1..100."""

    radius_px: int = 1
    kind: Literal["median"] = "median"


Filter: TypeAlias = GaussianBlur | BoxBlur | MotionBlur | Sharpen | Noise | HighPass | Median

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "gaussian_blur": "Gaussian blur",
        "box_blur": "Box blur",
        "motion_blur": "Motion blur",
        "sharpen": "Sharpen",
        "noise": "Add noise",
        "high_pass": "High pass",
        "median": "Median",
    }
)
"""What the history calls each kind."""

LIMITS: dict[str, dict[str, tuple[float, float]]] = {
    "gaussian_blur": {"radius_px": (0.1, 500)},
    "box_blur": {"radius_px": (1, 1000)},
    "motion_blur": {"length_px": (1, 1000), "angle": (-360, 360)},
    "sharpen": {"amount": (0, 5), "radius_px": (0.1, 500), "threshold": (0, 1)},
    "noise": {"amount": (0, 1), "seed": (0, 2**63)},
    "high_pass": {"radius_px": (0.1, 500)},
    "median": {"radius_px": (1, 100)},
}
"""The least and most of each kind's values."""


def filter_fault(filter_: Filter) -> str:
    """What is wrong with a filter's values, as a sentence; empty when nothing is."""
    for name, (least, most) in LIMITS[filter_.kind].items():
        value = float(getattr(filter_, name))
        if not least <= value <= most:
            return f"The {name} of {filter_.kind} is {value:g}, which is not between {least:g} and {most:g}."
    return ""


def reach_px(filter_: Filter) -> int:
    """How far a pixel's surroundings count."""
    match filter_:
        case GaussianBlur() | HighPass() | Sharpen():
            return gaussian_reach_px(filter_.radius_px)
        case BoxBlur() | Median():
            return filter_.radius_px
        case MotionBlur():
            return math.ceil(filter_.length_px / 2) + 1
        case Noise():
            return 0


def keeps_alpha(filter_: Filter) -> bool:
    """Whether transparency stays as it is."""
    return isinstance(filter_, Sharpen | Noise | HighPass)


def filtered(filter_: Filter, values: Reals, depth: Depth, at: Point = ORIGIN) -> Reals:
    """The filtered picture; what lies beyond its border counts as nothing, so it should be wide enough.

    Args:
        at: where the values lie in a larger picture, so that its parts join, and noise is another one in each.
    """
    match filter_:
        case GaussianBlur():
            return gaussian(values, filter_.radius_px, zero_outside=True, at=at)
        case BoxBlur():
            side = 2 * filter_.radius_px + 1
            return cv2.blur(values, (side, side), borderType=cv2.BORDER_CONSTANT).astype(np.float32, copy=False)
        case MotionBlur():
            kernel = _line(filter_.length_px, filter_.angle)
            blurred = cv2.filter2D(values, cv2.CV_32F, kernel, borderType=cv2.BORDER_CONSTANT)
            return np.clip(blurred, 0, 1).astype(np.float32, copy=False)
        case Median():
            return _median(values, filter_.radius_px, depth)
        case Sharpen():
            return _sharpened(values, filter_, at)
        case HighPass():
            color, alpha = straight(values), values[..., 3:]
            smooth = straight(gaussian(values, filter_.radius_px, zero_outside=True, at=at))
            return _with_color(np.clip(color - smooth + np.float32(0.5), 0, 1).astype(np.float32), alpha)
        case Noise():
            return _noisy(values, filter_, at.y)


def straight(values: Reals) -> Reals:
    """(h, w, 3) straight colours; 0 where nothing is."""
    alpha = values[..., 3:]
    return np.divide(values[..., :3], np.where(alpha > 0, alpha, _ONE))


def _with_color(color: Reals, alpha: Reals) -> Reals:
    return np.concatenate([color * alpha, alpha], axis=2)


def _sharpened(values: Reals, filter_: Sharpen, at: Point) -> Reals:
    color = straight(values)
    detail = color - straight(gaussian(values, filter_.radius_px, zero_outside=True, at=at))
    if filter_.threshold > 0:
        detail = np.where(np.abs(detail) >= np.float32(filter_.threshold), detail, np.float32(0))
    sharp = np.clip(color + np.float32(filter_.amount) * detail, 0, 1)
    return _with_color(sharp.astype(np.float32), values[..., 3:])


def _noisy(values: Reals, filter_: Noise, part: int) -> Reals:
    rng = np.random.default_rng((filter_.seed, abs(part), int(part < 0)))
    shape = (*values.shape[:2], 1 if filter_.monochrome else 3)
    if filter_.even:
        grain = rng.random(shape, np.float32) * np.float32(2) - _ONE
    else:
        grain = rng.standard_normal(shape, np.float32)
    color = np.clip(straight(values) + grain * np.float32(filter_.amount), 0, 1)
    return _with_color(color.astype(np.float32), values[..., 3:])


def _median(values: Reals, radius_px: int, depth: Depth) -> Reals:
    """On whole samples: OpenCV's fast way takes 8 bits, or 16 in small windows; scipy's does the rest."""
    side = 2 * radius_px + 1
    samples = np.rint(values * np.float32(depth.top)).astype(depth.dtype)
    if depth is Depth.EIGHT or side <= 5:
        r = radius_px
        padded = cv2.copyMakeBorder(samples, r, r, r, r, cv2.BORDER_CONSTANT)
        middle = np.asarray(cv2.medianBlur(padded, side)[r:-r, r:-r])
    else:
        from scipy.ndimage import median_filter

        middle = median_filter(samples, size=(side, side, 1), mode="constant")
    return middle.astype(np.float32) / np.float32(depth.top)


def _line(length_px: float, angle: float) -> Reals:
    """A line through the middle as a kernel whose sum is 1: each pixel weighs what of the line lies in it."""
    reach = math.ceil(length_px / 2) + 1
    steps = max(1, math.ceil(length_px * _SUBSTEPS))
    along = ((np.arange(steps) + 0.5) / steps - 0.5) * length_px
    turn = math.radians(angle)
    columns = np.floor(along * math.cos(turn) + 0.5).astype(np.int64) + reach
    rows = np.floor(along * math.sin(turn) + 0.5).astype(np.int64) + reach
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    np.add.at(kernel, (rows, columns), np.float32(1 / steps))
    return kernel
