"""The bins of the heat map: which box of the picture each stands for, and how good boxes are picked from scores.

A bin (k, i, j) is a scale and a cell. An object w x h on a picture W x H has the scale s = max(w / W, h / H);
the object keeps its shape. Higher scores are better. Scores are (S, G, G) float32, boxes are in picture pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Bin = tuple[int, int, int]
"""(scale k, row i, column j)."""

_COVERAGE_CELLS = 256


@dataclass(frozen=True, slots=True)
class Shape:
    """Width and height in pixels, of a picture or (then only their ratio matters) of an object."""

    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an object may go: the centre of its box, its size, its scale s and its score."""

    x: float
    y: float
    width: float
    height: float
    scale: float
    score: float

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return (
            self.x - self.width / 2,
            self.y - self.height / 2,
            self.x + self.width / 2,
            self.y + self.height / 2,
        )


class Spacing(StrEnum):
    """Whether the steps between scales are evenly spaced in log s or in s."""

    LOG = "log"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """`scales` steps from `smallest` to `largest`, times `cells` x `cells` centres."""

    scales: int = 16
    cells: int = 32
    smallest: float = 0.05
    largest: float = 0.9
    spacing: Spacing = Spacing.LOG

    @property
    def shape(self) -> Bin:
        return self.scales, self.cells, self.cells

    @property
    def count(self) -> int:
        return self.scales * self.cells**2

    def all(self) -> list[Bin]:
        """Every bin."""
        return [(k, i, j) for k in range(self.scales) for i in range(self.cells) for j in range(self.cells)]

    def scale(self, k: float) -> float:
        """s of a scale step, which may lie between two."""
        share = k / (self.scales - 1)
        if self.spacing is Spacing.LINEAR:
            return self.smallest + (self.largest - self.smallest) * share
        return self.smallest * (self.largest / self.smallest) ** share

    def step(self, scale: float) -> float:
        """The step of an s; the inverse of `scale`."""
        if self.spacing is Spacing.LINEAR:
            return (scale - self.smallest) / (self.largest - self.smallest) * (self.scales - 1)
        return float(np.log(scale / self.smallest) / np.log(self.largest / self.smallest) * (self.scales - 1))

    def sizes(self, thing: Shape, picture: Shape) -> NDArray[np.float64]:
        """(S, 2) width and height of the object at each scale."""
        return np.array([_fitted(self.scale(k), thing, picture) for k in range(self.scales)])

    def centres(self, picture: Shape) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(G,) x and (G,) y of the cells."""
        middles = (np.arange(self.cells) + 0.5) / self.cells
        return middles * picture.width, middles * picture.height

    def edges(self, thing: Shape, picture: Shape) -> tuple[NDArray[np.float64], ...]:
        """Left, top, right and bottom of the box of every bin, each broadcasting to (S, G, G)."""
        sizes, (xs, ys) = self.sizes(thing, picture), self.centres(picture)
        half_width, half_height = sizes[:, 0, None, None] / 2, sizes[:, 1, None, None] / 2
        return (
            xs[None, None, :] - half_width,
            ys[None, :, None] - half_height,
            xs[None, None, :] + half_width,
            ys[None, :, None] + half_height,
        )

    def valid(self, thing: Shape, picture: Shape) -> NDArray[np.bool_]:
        """(S, G, G) whether the box lies on the picture."""
        left, top, right, bottom = self.edges(thing, picture)
        return (left >= 0) & (top >= 0) & (right <= picture.width) & (bottom <= picture.height)

    def place(self, found: tuple[float, float, float], thing: Shape, picture: Shape, score: float) -> Place:
        """The box of a bin, or of a point between bins."""
        k, i, j = found
        scale = self.scale(k)
        width, height = _fitted(scale, thing, picture)
        x, y = (j + 0.5) * picture.width / self.cells, (i + 0.5) * picture.height / self.cells
        return Place(x=x, y=y, width=width, height=height, scale=scale, score=score)

    def nearest(self, x: float, y: float, scale: float, picture: Shape) -> Bin:
        """The bin of a box centred at (x, y); what lies beyond the first or last bin goes there."""
        k = round(self.step(scale))
        i, j = int(y / picture.height * self.cells), int(x / picture.width * self.cells)
        top = self.cells - 1
        return min(max(k, 0), self.scales - 1), min(max(i, 0), top), min(max(j, 0), top)


def scale_of(width: float, height: float, picture: Shape) -> float:
    """s of a box."""
    return max(width / picture.width, height / picture.height)


def _fitted(scale: float, thing: Shape, picture: Shape) -> tuple[float, float]:
    """Width and height of the object at a scale."""
    if thing.height / thing.width > picture.height / picture.width:
        height = scale * picture.height
        return height * thing.width / thing.height, height
    width = scale * picture.width
    return width, width * thing.height / thing.width


def coverage(bins: Bins, mask: NDArray[np.bool_], thing: Shape, picture: Shape) -> Scores:
    """(S, G, G) which share of the box of each bin a mask of the picture covers, 0..1."""
    side = _COVERAGE_CELLS
    small = cv2.resize(mask.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
    summed = cv2.integral(small)
    left, top, right, bottom = bins.edges(thing, picture)
    columns = [np.rint(np.clip(e / picture.width, 0, 1) * side).astype(int) for e in (left, right)]
    rows = [np.rint(np.clip(e / picture.height, 0, 1) * side).astype(int) for e in (top, bottom)]
    (x0, x1), (y0, y1) = columns, rows
    inside = summed[y1, x1] - summed[y0, x1] - summed[y1, x0] + summed[y0, x0]
    area = np.maximum((x1 - x0) * (y1 - y0), 1)
    return (inside / area).astype(np.float32)


def best_places(
    bins: Bins,
    scores: Scores,
    allowed: NDArray[np.bool_],
    thing: Shape,
    picture: Shape,
    *,
    count: int = 5,
    overlap: float = 0.3,
    refine: bool = True,
) -> list[Place]:
    """The best bins whose boxes overlap each other by no more than an IoU of `overlap`, best first.

    Args:
        allowed: (S, G, G); bins outside it are never returned, so fewer than `count` may come back.
        refine: fit a parabola through the neighbouring scores along each axis.
    """
    left = np.where(allowed, scores, -np.inf)
    edges = bins.edges(thing, picture)
    found: list[Place] = []
    while len(found) < count:
        at = np.unravel_index(int(left.argmax()), left.shape)
        best: Bin = (int(at[0]), int(at[1]), int(at[2]))
        if not np.isfinite(left[best]):
            break
        place = bins.place(best, thing, picture, float(scores[best]))
        left[iou(place, edges) > overlap] = -np.inf
        left[best] = -np.inf
        if refine:
            finer = bins.place(_between(scores, best), thing, picture, float(scores[best]))
            place = finer if _is_inside(finer, picture) else place
        found.append(place)
    return found


def best_scale(
    bins: Bins, scores: Scores, allowed: NDArray[np.bool_], x: float, y: float, picture: Shape
) -> float | None:
    """The best s of a box centred at (x, y), between bins; None where no scale is allowed."""
    _, i, j = bins.nearest(x, y, bins.smallest, picture)
    column = np.where(allowed[:, i, j], scores[:, i, j], -np.inf)
    k = int(column.argmax())
    return bins.scale(k + _offset(scores[:, i, j], k)) if np.isfinite(column[k]) else None


def at_scale(bins: Bins, allowed: NDArray[np.bool_], scale: float) -> NDArray[np.bool_]:
    """What is left of `allowed` when the size is given."""
    only = np.zeros_like(allowed)
    k = min(max(round(bins.step(scale)), 0), bins.scales - 1)
    only[k] = allowed[k]
    return only


def iou(place: Place, edges: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Intersection over union of one box and many, given as left, top, right and bottom."""
    left, top, right, bottom = place.edges
    width = np.minimum(edges[2], right) - np.maximum(edges[0], left)
    height = np.minimum(edges[3], bottom) - np.maximum(edges[1], top)
    common = np.maximum(width, 0) * np.maximum(height, 0)
    both = (edges[2] - edges[0]) * (edges[3] - edges[1]) + place.width * place.height - common
    return common / np.maximum(both, 1e-9)


def with_scale(place: Place, scale: float, thing: Shape, picture: Shape) -> Place:
    """The same centre with another size."""
    width, height = _fitted(scale, thing, picture)
    return replace(place, width=width, height=height, scale=scale)


def _is_inside(place: Place, picture: Shape) -> bool:
    left, top, right, bottom = place.edges
    return left >= 0 and top >= 0 and right <= picture.width and bottom <= picture.height


def _between(scores: Scores, best: Bin) -> tuple[float, float, float]:
    """The top of a parabola through a bin and its neighbours, along each axis."""
    k, i, j = best
    return (
        k + _offset(scores[:, i, j], k),
        i + _offset(scores[k, :, j], i),
        j + _offset(scores[k, i, :], j),
    )


def _offset(line: Scores, at: int) -> float:
    """-0.5..0.5: where between the neighbours of a maximum it really lies; 0 at the ends and where it is none."""
    if not 0 < at < len(line) - 1:
        return 0.0
    before, middle, after = (float(value) for value in line[at - 1 : at + 2])
    bend = before - 2 * middle + after
    return 0.0 if bend >= 0 else min(max(0.5 * (before - after) / bend, -0.5), 0.5)
