"""From the points of a stroke to its dabs: steadied, rounded, and set at even distances.

The path runs in curves whose corners are the points. Dabs depend on the points alone and not on how many come at a
time, so a stroke painted live is the stroke that a recipe paints.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from studio.core.painting.brush import Brush, StrokePoint, responded

_LEAST_STEP_PX = 0.5
_CHORD_PX = 2.0
_MOST_CHORDS = 64


@dataclass(frozen=True, slots=True)
class Dab:
    """One print of the brush: centre in canvas coordinates, radius in pixels, its cap and what it adds of it, 0..1."""

    x: float
    y: float
    radius_px: float
    opacity: float
    flow: float


@dataclass(frozen=True, slots=True)
class _Spot:
    x: float
    y: float
    pressure: float

    def towards(self, other: _Spot, share: float) -> _Spot:
        return _Spot(
            self.x + (other.x - self.x) * share,
            self.y + (other.y - self.y) * share,
            self.pressure + (other.pressure - self.pressure) * share,
        )

    def distance(self, other: _Spot) -> float:
        return math.hypot(other.x - self.x, other.y - self.y)


class DabPath:
    """The dabs of one stroke, as its points come in."""

    def __init__(self, brush: Brush) -> None:
        self._brush = brush
        self._held: _Spot | None = None
        """Where the brush hangs on its string."""
        self._last: _Spot | None = None
        """The point before the newest one: the corner of the next curve."""
        self._end: _Spot | None = None
        """Where the path has been walked to."""
        self._tip: _Spot | None = None
        """The newest point of the stroke itself, without the string."""
        self._to_go = 0.0
        """How far it is to the next dab."""
        self._count = 0

    def extend(self, points: Iterable[StrokePoint]) -> Iterator[Dab]:
        """The dabs that these points settle; the path runs half a step behind the newest one."""
        for point in points:
            spot = _Spot(point.x, point.y, point.pressure)
            self._tip = spot
            if self._held is None:
                self._held = self._last = self._end = spot
                yield self._dab(spot)
                continue
            steady = self._pulled(spot)
            if steady is not None:
                yield from self._turn(steady)

    def finish(self) -> Iterator[Dab]:
        """The dabs of the rest of the way, up to where the pen was lifted."""
        if self._tip is None or self._last is None:
            return
        yield from self._walk(self._last)
        if self._brush.string_px > 0:
            yield from self._walk(self._tip)

    def _pulled(self, spot: _Spot) -> _Spot | None:
        """Where the brush is pulled to; None when the string is slack."""
        assert self._held is not None
        distance = self._held.distance(spot)
        if distance <= self._brush.string_px or distance == 0:
            return None
        self._held = self._held.towards(spot, 1 - self._brush.string_px / distance)
        return self._held

    def _turn(self, spot: _Spot) -> Iterator[Dab]:
        """A curve from where the path is, around the last point, halfway to the new one."""
        assert self._last is not None
        assert self._end is not None
        start, corner, middle = self._end, self._last, self._last.towards(spot, 0.5)
        self._last = spot
        length = start.distance(corner) + corner.distance(middle)
        chords = max(1, min(_MOST_CHORDS, math.ceil(length / _CHORD_PX)))
        for index in range(1, chords + 1):
            share = index / chords
            yield from self._walk(start.towards(corner, share).towards(corner.towards(middle, share), share))

    def _walk(self, spot: _Spot) -> Iterator[Dab]:
        """Straight on to `spot`, with a dab wherever one is due."""
        assert self._end is not None
        start = self._end
        length = start.distance(spot)
        done = 0.0
        while length - done >= self._to_go:
            done += self._to_go
            yield self._dab(start.towards(spot, done / length if length else 1.0))
        self._to_go -= length - done
        self._end = spot

    def _dab(self, spot: _Spot) -> Dab:
        brush, x, y = self._brush, spot.x, spot.y
        size = brush.size_px * responded(brush.size_by_pressure, spot.pressure)
        if brush.scatter or brush.size_jitter:
            dice = random.Random(brush.seed * 1_000_003 + self._count)
            x += (dice.random() - 0.5) * brush.scatter * brush.size_px
            y += (dice.random() - 0.5) * brush.scatter * brush.size_px
            size *= 1 - dice.random() * brush.size_jitter
        self._count += 1
        self._to_go = max(_LEAST_STEP_PX, size * brush.spacing)
        opacity = brush.opacity * responded(brush.opacity_by_pressure, spot.pressure)
        return Dab(x, y, size / 2, opacity, brush.flow * responded(brush.flow_by_pressure, spot.pressure))
