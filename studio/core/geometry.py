"""Integer geometry: sizes, points and half-open rectangles; and affine maps.

Points are (x, y), y points down. Arrays are (H, W, C). Rectangles are half-open: `left` is inside, `right` is not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def diagonal(self) -> float:
        return math.hypot(self.width, self.height)

    @property
    def rect(self) -> Rect:
        """The rectangle from the origin to this size."""
        return Rect(0, 0, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Point:
    """A pixel position, or an offset between two."""

    x: int
    y: int

    def __add__(self, other: Point) -> Point:
        return Point(self.x + other.x, self.y + other.y)

    def __sub__(self, other: Point) -> Point:
        return Point(self.x - other.x, self.y - other.y)

    def __neg__(self) -> Point:
        return Point(-self.x, -self.y)


ORIGIN = Point(0, 0)


@dataclass(frozen=True, slots=True)
class Rect:
    """Half-open integer rectangle; empty when it has no width or no height."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def at(cls, origin: Point, size: Size) -> Rect:
        return cls(origin.x, origin.y, origin.x + size.width, origin.y + size.height)

    @classmethod
    def union(cls, rects: Iterable[Rect]) -> Rect:
        """The smallest rectangle around all non-empty ones; `EMPTY` when there is none."""
        filled = [r for r in rects if not r.is_empty]
        if not filled:
            return EMPTY
        return cls(
            min(r.left for r in filled),
            min(r.top for r in filled),
            max(r.right for r in filled),
            max(r.bottom for r in filled),
        )

    @property
    def width(self) -> int:
        return max(0, self.right - self.left)

    @property
    def height(self) -> int:
        return max(0, self.bottom - self.top)

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)

    @property
    def origin(self) -> Point:
        return Point(self.left, self.top)

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def is_empty(self) -> bool:
        return self.right <= self.left or self.bottom <= self.top

    def intersect(self, other: Rect) -> Rect:
        """The common part, or `EMPTY`."""
        part = Rect(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )
        return EMPTY if part.is_empty else part

    def contains(self, other: Rect) -> bool:
        return other.is_empty or self.intersect(other) == other

    def contains_point(self, point: Point) -> bool:
        return self.left <= point.x < self.right and self.top <= point.y < self.bottom

    def moved(self, offset: Point) -> Rect:
        if self.is_empty:
            return self
        return Rect(self.left + offset.x, self.top + offset.y, self.right + offset.x, self.bottom + offset.y)

    def grown(self, margin_px: int) -> Rect:
        """Grown on all four sides; shrunk when negative."""
        if self.is_empty:
            return self
        grown = Rect(self.left - margin_px, self.top - margin_px, self.right + margin_px, self.bottom + margin_px)
        return EMPTY if grown.is_empty else grown

    def slices(self, origin: Point = ORIGIN) -> tuple[slice, slice]:
        """Row and column slices of this rectangle in an array whose first pixel lies at `origin`."""
        return (
            slice(self.top - origin.y, self.bottom - origin.y),
            slice(self.left - origin.x, self.right - origin.x),
        )

    def cells(self, step: int) -> Iterator[tuple[int, int]]:
        """Column and row of each `step` x `step` grid cell that this rectangle touches, row by row."""
        if self.is_empty:
            return
        for row in range(self.top // step, -(-self.bottom // step)):
            for column in range(self.left // step, -(-self.right // step)):
                yield column, row


EMPTY = Rect(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Affine:
    """x' = a x + c y + tx,  y' = b x + d y + ty."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    tx: float = 0.0
    ty: float = 0.0

    @classmethod
    def translation(cls, x: float, y: float) -> Self:
        return cls(tx=x, ty=y)

    @classmethod
    def scale(cls, x: float, y: float) -> Self:
        return cls(a=x, d=y)

    @classmethod
    def rotation(cls, degrees: float) -> Self:
        """Clockwise on screen, because y points down."""
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        return cls(a=cos, b=sin, c=-sin, d=cos)

    def then(self, after: Affine) -> Affine:
        """The map that applies this one first and `after` second."""
        return Affine(
            after.a * self.a + after.c * self.b,
            after.b * self.a + after.d * self.b,
            after.a * self.c + after.c * self.d,
            after.b * self.c + after.d * self.d,
            after.a * self.tx + after.c * self.ty + after.tx,
            after.b * self.tx + after.d * self.ty + after.ty,
        )

    def apply(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.c * y + self.tx, self.b * x + self.d * y + self.ty

    def inverse(self) -> Affine:
        """Raises ZeroDivisionError when the map flattens the plane."""
        det = self.a * self.d - self.b * self.c
        a, b, c, d = self.d / det, -self.b / det, -self.c / det, self.a / det
        return Affine(a, b, c, d, -(a * self.tx + c * self.ty), -(b * self.tx + d * self.ty))
