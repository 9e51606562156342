"""A free transform under way: a frame, the map it has gone through so far, and what handles do to it. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from studio.core.errors import DocumentError
from studio.core.geometry import Affine, Rect
from studio.core.homography import Homography, Spot
from studio.ui.canvas.interactions.handles import Handle

_LEVEL = 1e-9
_WHOLE = 1e-6


@dataclass(frozen=True, slots=True)
class Placement:
    """A transform in numbers: where the pivot is (canvas pixels), how the frame is scaled, turned and slanted there.

    The factors are shares (1.0 is as it was, negative ones mirror), the angles degrees, clockwise. First comes the
    scaling, then the slant of the upright sides, then the turn.
    """

    x: float
    y: float
    across: float = 1.0
    down: float = 1.0
    degrees: float = 0.0
    slant: float = 0.0


@dataclass(frozen=True, slots=True)
class Framing:
    """`move` takes `rect`, what is transformed, to where it is now; `pivot` is a spot of it before that."""

    rect: Rect
    pivot: Spot
    move: Homography = Homography()

    @classmethod
    def around(cls, rect: Rect) -> Framing:
        """Nothing done yet, the pivot in the middle."""
        return cls(rect, ((rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2))

    @property
    def corners(self) -> tuple[Spot, Spot, Spot, Spot]:
        """Where the corners are, clockwise from what was the top left."""
        return self.move.corners(self.rect)

    @property
    def bounds(self) -> Rect:
        """The nearest whole pixels around it."""
        xs, ys = zip(*self.corners, strict=True)
        left, top = round(min(xs)), round(min(ys))
        return Rect(left, top, max(left + 1, round(max(xs))), max(top + 1, round(max(ys))))

    @property
    def pivot_now(self) -> Spot:
        return self.move.apply(*self.pivot)

    @property
    def is_upright(self) -> bool:
        """Whether its sides are rows and columns of the canvas."""
        a, b, _, d, e, _, g, h, i = self.move.values
        turned = max(abs(b), abs(d)) <= _LEVEL * abs(i) or max(abs(a), abs(e)) <= _LEVEL * abs(i)
        return turned and max(abs(g), abs(h)) <= _LEVEL * abs(i)

    @property
    def placement(self) -> Placement | None:
        """The transform in numbers; None for a perspective, which has more to it."""
        values = [value / self.move.values[8] for value in self.move.values]
        a, c, _, b, d, _, g, h, _ = values
        if max(abs(g), abs(h)) > _LEVEL:
            return None
        x, y = self.pivot_now
        across = math.hypot(a, b)
        degrees, down = math.degrees(math.atan2(b, a)), (a * d - b * c) / across
        slant = math.degrees(math.atan((a * c + b * d) / across / down))
        if down < 0 and abs(degrees) > 90 + _WHOLE:  # rather mirrored left to right than upside down and turned about
            degrees, across, down = degrees - math.copysign(180, degrees), -across, -down
        return Placement(x, y, _tidy(across), _tidy(down), _tidy(degrees), _tidy(slant))

    def placed(self, placement: Placement) -> Framing:
        """As the numbers say. Raises DocumentError when that would be flat."""
        if min(abs(placement.across), abs(placement.down)) < 1e-6 or abs(placement.slant) > 89:
            raise DocumentError("That would make the layer flat.", "Give it a width and a height.")
        slant = Affine(c=math.tan(math.radians(placement.slant)))
        affine = (
            Affine.translation(-self.pivot[0], -self.pivot[1])
            .then(Affine.scale(placement.across, placement.down))
            .then(slant)
            .then(_rotation(placement.degrees))
            .then(Affine.translation(placement.x, placement.y))
        )
        return replace(self, move=Homography.of(affine))

    def moved(self, x: float, y: float) -> Framing:
        """All of it further by an offset."""
        return self._then(Affine.translation(x, y))

    def turned(self, degrees: float) -> Framing:
        """Turned clockwise about the pivot; right angles onto whole pixels where it lay on them."""
        x, y = self.pivot_now
        out = self._then(Affine.translation(-x, -y).then(_rotation(degrees)).then(Affine.translation(x, y)))
        return out._on_whole_pixels() if degrees % 90 == 0 and self._is_on_whole_pixels else out

    def mirrored(self, across: float, down: float) -> Framing:
        """Flipped about the pivot where a factor is -1."""
        x, y = self.pivot_now
        flipped = Affine.translation(-x, -y).then(Affine.scale(across, down)).then(Affine.translation(x, y))
        out = self._then(flipped)
        return out._on_whole_pixels() if self._is_on_whole_pixels else out

    def with_pivot(self, x: float, y: float) -> Framing:
        """The pivot on another canvas spot."""
        return replace(self, pivot=self.move.inverse().apply(x, y))

    def at(self, handle: Handle) -> Spot:
        """Where a handle is now."""
        return self.move.apply(*handle.on(self.rect))

    def stretched(self, handle: Handle, to: Spot, *, keep_aspect: bool, about_pivot: bool) -> Framing:
        """A handle pulled to a canvas spot: the frame is scaled along its own sides, from the other side or the pivot.

        Args:
            keep_aspect: a corner pulls both sides by the same factor; sides pull one alone in any case.
        """
        start = handle.on(self.rect)
        anchor = self.pivot if about_pivot else Handle(-handle.across, -handle.down).on(self.rect)
        wanted = self.move.inverse().apply(*to)
        if keep_aspect and handle.across and handle.down:
            factor = _along(self.move.apply(*anchor), self.move.apply(*start), to)
            across = down = factor
        else:
            across = _factor(anchor[0], start[0], wanted[0]) if handle.across else 1.0
            down = _factor(anchor[1], start[1], wanted[1]) if handle.down else 1.0
        if min(abs(across), abs(down)) < 1e-4:
            return self
        scaled = Homography.about(anchor, Affine.scale(across, down))
        return replace(self, move=scaled.then(self.move))

    def slanted(self, handle: Handle, x: float, y: float, *, along: bool) -> Framing:
        """The side of a handle shifted by an offset, its opposite staying; `along` keeps to the side's direction."""
        corners = list(self.corners)
        first, second = {(0, -1): (0, 1), (1, 0): (1, 2), (0, 1): (3, 2), (-1, 0): (0, 3)}[handle.across, handle.down]
        if along:
            x, y = _projected((x, y), corners[first], corners[second])
        for index in (first, second):
            corners[index] = (corners[index][0] + x, corners[index][1] + y)
        return self._bent(corners)

    def bent(self, handle: Handle, to: Spot, *, mirror: bool = False) -> Framing:
        """A corner pulled away alone; with `mirror` its neighbour along the drag goes the other way: a perspective."""
        index = {(-1, -1): 0, (1, -1): 1, (1, 1): 2, (-1, 1): 3}[handle.across, handle.down]
        corners = list(self.corners)
        if not mirror:
            corners[index] = to
            return self._bent(corners)
        at = corners[index]
        sides = [(index + step) % 4 for step in (1, -1)]
        pulls = [_projected((to[0] - at[0], to[1] - at[1]), at, corners[side]) for side in sides]
        side, (x, y) = max(zip(sides, pulls, strict=True), key=lambda pair: math.hypot(*pair[1]))
        corners[index] = (at[0] + x, at[1] + y)
        corners[side] = (corners[side][0] - x, corners[side][1] - y)
        return self._bent(corners)

    def squared(self) -> Framing:
        """An upright frame on the nearest whole pixels, so that its edges stay sharp; others as they are."""
        if not self.is_upright or self.rect.is_empty:
            return self
        corners = self.corners
        rounded = [(float(round(x)), float(round(y))) for x, y in corners]
        if rounded[0][0] == rounded[2][0] or rounded[0][1] == rounded[2][1]:
            return self
        a, i = self.move.values[0], self.move.values[8]
        (x0, y0), (x2, y2) = rounded[0], rounded[2]
        width, height = float(self.rect.width), float(self.rect.height)
        if abs(a) > _LEVEL * abs(i):
            linear = Affine(a=(x2 - x0) / width, d=(y2 - y0) / height)
        else:
            linear = Affine(a=0.0, b=(y2 - y0) / width, c=(x2 - x0) / height, d=0.0)
        back = Affine.translation(-self.rect.left, -self.rect.top)
        return replace(self, move=Homography.of(back.then(linear).then(Affine.translation(x0, y0))))

    @property
    def _is_on_whole_pixels(self) -> bool:
        return self.is_upright and all(abs(v - round(v)) < _WHOLE for corner in self.corners for v in corner)

    def _on_whole_pixels(self) -> Framing:
        """Moved by less than a pixel, so that a right-angled turn keeps every sample; turning on moves it back."""
        x, y = self.corners[0]
        whole = math.floor if abs(self.move.values[0]) <= _LEVEL * abs(self.move.values[8]) else math.ceil
        on_x, on_y = (value if abs(value - round(value)) < _WHOLE else whole(value) for value in (x, y))
        return self.moved(on_x - x, on_y - y).squared()

    def _then(self, affine: Affine) -> Framing:
        return replace(self, move=self.move.then(Homography.of(affine)))

    def _bent(self, corners: list[Spot]) -> Framing:
        """Corners on four spots; as it is when they do not surround anything."""
        if not _is_convex(corners):
            return self
        original = Homography().corners(self.rect)
        try:
            move = Homography.between(original, corners)
            move.corners(self.rect)
        except DocumentError:
            return self
        return replace(self, move=_without_dust(move, self.rect))


def _factor(anchor: float, start: float, wanted: float) -> float:
    """How much longer it is from the anchor to what is wanted than to the start."""
    return (wanted - anchor) / (start - anchor) if abs(start - anchor) > _WHOLE else 1.0


def _along(anchor: Spot, start: Spot, to: Spot) -> float:
    """The same on the line from the anchor through the start."""
    x, y = start[0] - anchor[0], start[1] - anchor[1]
    length = x * x + y * y
    return ((to[0] - anchor[0]) * x + (to[1] - anchor[1]) * y) / length if length > _WHOLE else 1.0


def _projected(offset: Spot, start: Spot, end: Spot) -> Spot:
    """The part of an offset that goes along a line."""
    x, y = end[0] - start[0], end[1] - start[1]
    length = x * x + y * y
    share = (offset[0] * x + offset[1] * y) / length if length > 0 else 0.0
    return x * share, y * share


def _is_convex(corners: list[Spot]) -> bool:
    """Whether they go round one way, and no three are in line."""
    turns: list[float] = []
    for index, (x, y) in enumerate(corners):
        (x1, y1), (x2, y2) = corners[(index + 1) % 4], corners[(index + 2) % 4]
        turns.append((x1 - x) * (y2 - y1) - (y1 - y) * (x2 - x1))
    return min(turns) > 1.0 or max(turns) < -1.0


def _without_dust(move: Homography, rect: Rect) -> Homography:
    """An affine map where the perspective is only what rounding left."""
    a, b, c, d, e, f, g, h, _ = (value / move.values[8] for value in move.values)
    reach = max(abs(rect.left), abs(rect.right), abs(rect.top), abs(rect.bottom), 1)
    if max(abs(g), abs(h)) * reach > 1e-9:
        return move
    return Homography((a, b, c, d, e, f, 0.0, 0.0, 1.0))


def _rotation(degrees: float) -> Affine:
    """Clockwise; right angles without rounding."""
    quarters, rest = divmod(degrees, 90)
    if rest:
        return Affine.rotation(degrees)
    cos, sin = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters) % 4]
    return Affine(a=cos, b=sin, c=-sin, d=cos)


def _tidy(value: float) -> float:
    """A number that is whole but for rounding as the whole one, never minus zero."""
    return float(round(value)) + 0.0 if abs(value - round(value)) < 1e-9 else value
