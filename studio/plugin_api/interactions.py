"""Drawings on the canvas that a plugin asks for by a parameter's type; the window implements each once.

All lengths are canvas pixels, all boxes half-open like `geometry.Rect`. Values are plain data that go through JSON;
maps (`HeatMap`, `LabelMap`) are arrays that a plugin or the window computes, shown and never edited. Objects marked
by mask, box or point are `params.Picks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import Rect


@dataclass(frozen=True, slots=True)
class Box:
    """A box on the canvas; it may reach beyond it."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def of(cls, rect: Rect) -> Box:
        return cls(rect.left, rect.top, rect.width, rect.height)

    @property
    def rect(self) -> Rect:
        return Rect(self.x, self.y, self.x + self.width, self.y + self.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A box with a label, such as one layer of a layout. A later region lies in front of an earlier one."""

    box: Box
    label: str = ""


Regions: TypeAlias = tuple[Region, ...]
"""Boxes on the canvas, bottom to top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEntry:
    """An object of a scene: what it is, in words, and the colour ("#rrggbb") that stands for it in a sketch.

    `layer` is the id of the layer it is drawn on, empty when there is none.
    """

    box: Box
    phrase: str = ""
    color: str = "#808080"
    layer: str = ""


ObjectList: TypeAlias = tuple[ObjectEntry, ...]
"""The objects of a scene, bottom to top."""


class OperationKind(StrEnum):
    """What is done with an object. Moving and resizing are one: both boxes say it."""

    PLACE = "place"
    DUPLICATE = "duplicate"
    FLIP = "flip"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing to do with the object on `layer` (an id): what is in `source` shall be in `target`.

    FLIP mirrors it left to right on the way; DUPLICATE leaves the original; REMOVE has no use for `target`.
    """

    layer: str
    source: Box
    target: Box
    kind: OperationKind = OperationKind.PLACE


Operations: TypeAlias = tuple[Operation, ...]
"""In the order of the list; later ones lie in front."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A suggested place; a higher score is better."""

    box: Box
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Suggested places, best first, and the number of the one that was chosen; None is none of them."""

    places: tuple[Candidate, ...] = ()
    chosen: int | None = None

    @property
    def choice(self) -> Candidate | None:
        """The chosen place."""
        return None if self.chosen is None else self.places[self.chosen]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Places that a run suggests for a parameter of the kind `places`, and how good each place is, where it knows."""

    candidates: Candidates
    heat: HeatMap | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneCard:
    """One scene of a sequence: its caption and how long it is."""

    caption: str
    frames: int


Scenes: TypeAlias = tuple[SceneCard, ...]
"""In the order they are played."""


@dataclass(frozen=True, slots=True, eq=False)
class HeatMap:
    """How good each place is: `values` (h, w) float32 0..1, stretched over `area`; higher is better."""

    values: NDArray[np.float32]
    area: Box


@dataclass(frozen=True, eq=False)  # no slots, so that it can keep its boxes
class LabelMap:
    """Which region each canvas pixel belongs to: `labels` (h, w) int32, the first pixel at (0, 0); 0 is no region.

    One label stands for `step` x `step` canvas pixels.
    """

    labels: NDArray[np.int32]
    step: int = 1

    def at(self, x: int, y: int) -> int:
        """The region of a canvas pixel; 0 outside the map."""
        height, width = self.labels.shape
        x, y = x // self.step, y // self.step
        return int(self.labels[y, x]) if 0 <= x < width and 0 <= y < height else 0

    @cached_property
    def boxes(self) -> Mapping[int, Rect]:
        """The box around each region, in labels."""
        found: dict[int, Rect] = {}
        few = int(self.labels.max(initial=0)) <= np.iinfo(np.uint16).max  # counting is many times faster than sorting
        names = np.flatnonzero(np.bincount(self.labels.ravel())) if few else np.unique(self.labels)
        for name in names[names > 0].tolist():
            inside = self.labels == name
            rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
            found[name] = Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        return found
