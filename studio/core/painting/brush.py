"""What a brush is, and the points of a stroke as they come from a pen, a mouse or a recipe."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TypeAlias

from studio.core.errors import DocumentError

Response: TypeAlias = tuple[tuple[float, float], ...]
"""(pressure, share) pairs, pressures rising, all 0..1; straight between them and flat outside. Empty: always 1."""

MAX_SIZE_PX = 5000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StrokePoint:
    """Where a stroke passes, in canvas coordinates: pixel (0, 0) reaches from 0.0 to 1.0.

    `pressure` is 0..1, tilt is in degrees, `time_ms` counts from any moment.
    """

    x: float
    y: float
    pressure: float = 1.0
    tilt_x: float = 0.0
    tilt_y: float = 0.0
    time_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Brush:
    """A round or elliptic brush.

    `size_px` is the diameter; `hardness` 0..1 the share of it that is full; `spacing` the distance of dabs as a share
    of the diameter. `opacity` 0..1 is what a stroke reaches at most, `flow` 0..1 how much of that one dab adds.
    `string_px` steadies the hand: the brush hangs on a string of that length. `roundness` 0.01..1 and `angle` (degrees,
    clockwise) make it an ellipse. The three responses say how size, opacity and flow follow the pressure.
    The jitters are shares of the diameter (position) and of the size, drawn from `seed`; 0 is none.
    """

    size_px: float = 20.0
    hardness: float = 0.8
    opacity: float = 1.0
    flow: float = 1.0
    spacing: float = 0.1
    string_px: float = 0.0
    roundness: float = 1.0
    angle: float = 0.0
    size_by_pressure: Response = ()
    opacity_by_pressure: Response = ()
    flow_by_pressure: Response = ()
    scatter: float = 0.0
    size_jitter: float = 0.0
    seed: int = 0


_RANGES: dict[str, tuple[float, float]] = {
    "size_px": (0.1, MAX_SIZE_PX),
    "hardness": (0.0, 1.0),
    "opacity": (0.0, 1.0),
    "flow": (0.0, 1.0),
    "spacing": (0.01, 10.0),
    "string_px": (0.0, 1000.0),
    "roundness": (0.01, 1.0),
    "angle": (-360.0, 360.0),
    "scatter": (0.0, 10.0),
    "size_jitter": (0.0, 1.0),
}


def require_brush(brush: Brush) -> None:
    """Raise DocumentError that names the value out of range."""
    for name, (least, most) in _RANGES.items():
        value = float(getattr(brush, name))
        if not least <= value <= most:
            raise DocumentError(f"The brush's {name} {value} is not between {least} and {most}.", "Change that value.")
    for field in fields(brush):
        if not field.name.endswith("_by_pressure"):
            continue
        response: Response = getattr(brush, field.name)
        pressures = [pressure for pressure, _ in response]
        shares = [value for pair in response for value in pair]
        if pressures != sorted(set(pressures)) or not all(0.0 <= value <= 1.0 for value in shares):
            raise DocumentError(
                f"The brush's {field.name} does not rise through pressures between 0 and 1.", "Change that curve."
            )


def require_points(points: Sequence[StrokePoint]) -> None:
    """Raise DocumentError for a point that is not a number or a pressure out of 0..1."""
    for point in points:
        if not (math.isfinite(point.x) and math.isfinite(point.y) and abs(point.x) < 1e6 and abs(point.y) < 1e6):
            raise DocumentError("A point of the stroke is off any canvas.", detail=repr(point))
        if not 0.0 <= point.pressure <= 1.0:
            raise DocumentError(f"The pressure {point.pressure} is not between 0 and 1.", detail=repr(point))


def responded(response: Response, pressure: float) -> float:
    """The share that the response gives at a pressure."""
    if not response:
        return 1.0
    if pressure <= response[0][0]:
        return response[0][1]
    for (low, start), (high, end) in pairwise(response):
        if pressure <= high:
            return start + (end - start) * (pressure - low) / (high - low)
    return response[-1][1]
