"""Maps of the plane that keep straight lines straight: everything from a move to a perspective."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.core.errors import DocumentError
from studio.core.geometry import Affine, Point, Rect

Spot: TypeAlias = tuple[float, float]
"""(x, y) in canvas coordinates: pixel (0, 0) reaches from 0.0 to 1.0."""

Nine: TypeAlias = tuple[float, float, float, float, float, float, float, float, float]
_IDENTITY: Nine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
_WHOLE = 1e-9


@dataclass(frozen=True, slots=True)
class Homography:
    """A 3 x 3 matrix, row by row: x' = (a x + b y + c) / w, y' = (d x + e y + f) / w, w = g x + h y + i."""

    values: Nine = _IDENTITY

    @classmethod
    def of(cls, affine: Affine) -> Self:
        return cls((affine.a, affine.c, affine.tx, affine.b, affine.d, affine.ty, 0.0, 0.0, 1.0))

    @classmethod
    def about(cls, center: Spot, affine: Affine) -> Self:
        """An affine map that leaves `center` where it is."""
        there, back = Affine.translation(-center[0], -center[1]), Affine.translation(*center)
        return cls.of(there.then(affine).then(back))

    @classmethod
    def between(cls, source: Sequence[Spot], target: Sequence[Spot]) -> Self:
        """The map that takes four corners to four others. Raises DocumentError when there is none."""
        rows: list[list[float]] = []
        right: list[float] = []
        for (x, y), (u, v) in zip(source, target, strict=True):
            rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
            right += [u, v]
        try:
            found = np.linalg.solve(np.array(rows, np.float64), np.array(right, np.float64))
        except np.linalg.LinAlgError as error:
            raise flat_error() from error
        return cls._of_array(np.append(found, 1.0))

    @classmethod
    def _of_array(cls, values: NDArray[np.floating]) -> Self:
        a, b, c, d, e, f, g, h, i = (float(value) for value in values.ravel())
        return cls((a, b, c, d, e, f, g, h, i))

    @property
    def matrix(self) -> NDArray[np.float64]:
        return np.array(self.values, np.float64).reshape(3, 3)

    def then(self, after: Homography) -> Homography:
        """The map that applies this one first and `after` second."""
        return Homography._of_array(after.matrix @ self.matrix)

    def inverse(self) -> Homography:
        """Raises DocumentError when the map flattens the plane."""
        matrix = self.matrix
        size = np.abs(matrix).max(initial=0.0)
        if not np.isfinite(matrix).all() or size == 0 or abs(float(np.linalg.det(matrix / size))) < 1e-12:
            raise flat_error()
        return Homography._of_array(np.linalg.inv(matrix))

    def apply(self, x: float, y: float) -> Spot:
        """Raises DocumentError for a point that would lie at infinity."""
        u, v, w = (float(value) for value in self.matrix @ np.array([x, y, 1.0]))
        if abs(w) < 1e-12:
            raise flat_error()
        return u / w, v / w

    def corners(self, rect: Rect) -> tuple[Spot, Spot, Spot, Spot]:
        """Where the corners of a rectangle go, clockwise from the top left.

        Raises DocumentError when a part of it would lie behind the viewer.
        """
        spots = ((rect.left, rect.top), (rect.right, rect.top), (rect.right, rect.bottom), (rect.left, rect.bottom))
        g, h, i = self.values[6:]
        depths = [g * x + h * y + i for x, y in spots]
        if min(depths) <= 0 <= max(depths):
            raise DocumentError("The perspective is too strong: a part would lie behind you.", "Move its corners back.")
        first, second, third, fourth = (self.apply(x, y) for x, y in spots)
        return first, second, third, fourth

    @property
    def whole_offset(self) -> Point | None:
        """The offset, when the map only moves by whole pixels."""
        a, b, c, d, e, f, g, h, i = self.values
        if not _near(i, 1.0) or not all(_near(v, 0.0) for v in (b, d, g, h)) or not (_near(a, 1.0) and _near(e, 1.0)):
            return None
        return Point(round(c), round(f)) if _near(c, round(c)) and _near(f, round(f)) else None


def flat_error() -> DocumentError:
    """What to say when a map leaves nothing to see."""
    return DocumentError("That would make the layer flat.", "Give it a width and a height.")


def _near(value: float, wanted: float) -> bool:
    return math.isfinite(value) and abs(value - wanted) < _WHOLE
