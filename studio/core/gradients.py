"""Colour ramps: gradients are drawn with them, gradient maps look colours up in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientStop:
    """A colour (red, green, blue) and an opacity at a position; all 0..1."""

    position: float
    color: tuple[float, float, float]
    opacity: float = 1.0


Gradient = tuple[GradientStop, ...]
"""At least one stop, positions rising or equal: straight between stops, flat outside, a jump at equal positions."""

BLACK_TO_WHITE: Gradient = (
    GradientStop(position=0.0, color=(0.0, 0.0, 0.0)),
    GradientStop(position=1.0, color=(1.0, 1.0, 1.0)),
)


def gradient_faults(gradient: Gradient) -> str:
    """What is wrong with a gradient, as the end of a sentence; empty for a sound one."""
    if not gradient:
        return "has no stops"
    positions = [stop.position for stop in gradient]
    if positions != sorted(positions):
        return "has stops whose positions do not rise"
    values = [value for stop in gradient for value in (stop.position, stop.opacity, *stop.color)]
    return "" if all(0.0 <= value <= 1.0 for value in values) else "has values that are not between 0 and 1"


def gradient_at(gradient: Gradient, positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 4) red, green, blue, opacity at positions 0..1. Colour and opacity run apart from each other."""
    stops = np.array([(*stop.color, stop.opacity) for stop in gradient], np.float64)
    places = np.array([stop.position for stop in gradient], np.float64)
    if len(gradient) == 1:
        return np.broadcast_to(stops[0], (*positions.shape, 4)).copy()
    if (np.diff(places) > 0).all():
        columns: list[NDArray[np.float64]] = [np.interp(positions, places, stops[:, index]) for index in range(4)]
        return np.stack(columns, axis=-1)
    after = np.clip(np.searchsorted(places, positions, side="right"), 1, len(gradient) - 1)
    low, high = places[after - 1], places[after]
    width = high - low
    share = np.clip((positions - low) / np.where(width > 0, width, 1.0), 0.0, 1.0)
    share = np.where(width > 0, share, (positions >= high).astype(np.float64))
    return stops[after - 1] + (stops[after] - stops[after - 1]) * share[..., None]
