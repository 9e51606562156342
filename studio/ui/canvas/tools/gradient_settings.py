"""What is set for the gradient tool; the stops of the user's own gradient are kept as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from studio.core.gradients import Gradient, GradientStop, gradient_faults
from studio.core.painting.shading import GradientShape
from studio.ui.canvas.paints import Paints

StopTable: TypeAlias = tuple[tuple[float, float, float, float, float], ...]
"""Position, red, green, blue and opacity of each, 0..1."""


class GradientColors(StrEnum):
    """What a gradient runs between."""

    TO_BACKGROUND = "to_background"
    TO_CLEAR = "to_clear"
    OWN = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientSettings:
    """As `draw_gradient` takes them; `stops` are those of the user's own gradient."""

    shape: GradientShape = GradientShape.LINEAR
    colors: GradientColors = GradientColors.TO_BACKGROUND
    stops: StopTable = ((0.0, 0.0, 0.0, 0.0, 1.0), (1.0, 1.0, 1.0, 1.0, 1.0))
    reversed: bool = False
    dither: bool = True
    opacity: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.opacity <= 1.0:
            raise ValueError("the opacity is out of range")
        if faults := gradient_faults(stops_of(self.stops)):
            raise ValueError(f"the gradient {faults}")

    def gradient(self, paints: Paints) -> Gradient:
        """What is drawn with these colours."""
        if self.colors is GradientColors.OWN:
            stops = stops_of(self.stops)
        else:
            fades = self.colors is GradientColors.TO_CLEAR
            stops = (
                GradientStop(position=0.0, color=paints.foreground),
                GradientStop(position=1.0, color=paints.foreground if fades else paints.background, opacity=not fades),
            )
        return (
            tuple(replace(stop, position=1.0 - stop.position) for stop in reversed(stops)) if self.reversed else stops
        )


def stops_of(table: StopTable) -> Gradient:
    """The gradient that a table stands for. Raises ValueError for rows that are not five numbers."""
    stops: list[GradientStop] = []
    for row in table:
        position, red, green, blue, opacity = map(float, row)
        stops.append(GradientStop(position=position, color=(red, green, blue), opacity=opacity))
    return tuple(stops)


def table_of(stops: Gradient) -> StopTable:
    """The same the other way round."""
    return tuple((stop.position, *stop.color, stop.opacity) for stop in stops)
