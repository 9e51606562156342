"""Where an object may stand and how large it is there: the exact rule that scenes obey and placements are judged by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.synth.scene import Backdrop, Instance, Scene
from studio.synth.terrain import SKYLINE, ground_at, ground_labels
from studio.synth.vocabulary import TRAITS, Biome, Ground, ObjectClass, grounds_of

TOLERANCE = 1.25
"""By which factor a plausible object may be larger or smaller than its place asks for."""

_LAMP_POST = 1.35
"""A street lantern is this much taller, for its place, than a table lamp."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box in world units, y down."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    def intersection(self, other: Box) -> float:
        """The common area."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)


def box_at(kind: ObjectClass, x: float, y: float, height: float) -> Box:
    """The usual box of a class whose base is at (x, y)."""
    half = TRAITS[kind].aspect * height / 2
    return Box(x - half, y - height, x + half, y)


def instance_box(instance: Instance) -> Box:
    """The usual box of an instance; the exact one of a drawing is in its `Render`."""
    return box_at(instance.kind, instance.x, instance.y, instance.height)


def expected_height(backdrop: Backdrop, kind: ObjectClass, y: float) -> float:
    """The height of an object whose base is at height `y` of the picture; 0 where it would vanish.

    On the ground it is proportional to the distance below eye level; in the sky it grows from the horizon upwards.
    """
    low, high = TRAITS[kind].size
    if TRAITS[kind].flies:
        share = max(0.0, min(1.0, (backdrop.horizon - y) / backdrop.horizon))
        return low + (high - low) * share
    factor = _LAMP_POST if kind is ObjectClass.LAMP and Ground.TABLE not in grounds_of(backdrop.biome, kind) else 1.0
    return factor * low * max(0.0, y - backdrop.eye)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a placement is plausible, and each reason on its own. `ratio` is real / expected height."""

    inside: bool
    supported: bool
    ratio: float

    @property
    def is_plausible(self) -> bool:
        return self.inside and self.supported and 1 / TOLERANCE <= self.ratio <= TOLERANCE


def judge(backdrop: Backdrop, kind: ObjectClass, box: Box, aspect: float = 1.0) -> Verdict:
    """Judge a box for an object of a class on an empty stage `aspect` wide (topnet.md section 9.1).

    The whole box lies on the picture; the middle of its base (and both ends of its foot) lies on a ground where the
    class lives, or above the horizon for what flies; and its height fits its place.
    """
    inside = box.left >= 0 and box.top >= 0 and box.right <= aspect and box.bottom <= 1
    middle = (box.left + box.right) / 2
    expected = expected_height(backdrop, kind, box.bottom)
    supported = is_supported(backdrop, kind, middle, box.bottom, box.height)
    return Verdict(inside, supported, box.height / expected if expected > 1e-9 else float("inf"))


def is_supported(backdrop: Backdrop, kind: ObjectClass, x: float, y: float, height: float) -> bool:
    """Whether the class can stand, float or hang with its base at (x, y)."""
    homes = grounds_of(backdrop.biome, kind)
    if TRAITS[kind].flies:
        far = kind in (ObjectClass.SUN, ObjectClass.MOON, ObjectClass.CLOUD) or backdrop.biome is Biome.STREET
        return Ground.SKY in homes and y < backdrop.horizon - (SKYLINE[backdrop.biome] if far else 0.0) - 0.015
    half = 0.4 * TRAITS[kind].foot * height
    return all(ground_at(backdrop, place, y) in homes for place in (x - half, x, x + half))


def plausible_grid(
    backdrop: Backdrop,
    kind: ObjectClass,
    xs: NDArray[np.floating],
    ys: NDArray[np.floating],
    heights: NDArray[np.floating],
    width_per_height: float,
    aspect: float = 1.0,
) -> NDArray[np.bool_]:
    """`judge` for many boxes at once: (S, Gy, Gx) whether a box centred at (x, y) with each height is plausible.

    Args:
        xs, ys, heights: (Gx,), (Gy,) and (S,) in world units.
        width_per_height: of the object's own box.
    """
    out = np.zeros((len(heights), len(ys), len(xs)), np.bool_)
    for number, height in enumerate(heights):
        half = width_per_height * height / 2
        bases = ys + height / 2
        inside = ((xs - half >= 0) & (xs + half <= aspect))[None, :] & ((ys - height / 2 >= 0) & (bases <= 1))[:, None]
        expected = np.array([expected_height(backdrop, kind, float(base)) for base in bases])
        fits = (height <= expected * TOLERANCE) & (height * TOLERANCE >= expected)
        possible = inside & fits[:, None]
        if possible.any():
            out[number] = possible & _supported_grid(backdrop, kind, xs, bases, float(height))
    return out


def _supported_grid(
    backdrop: Backdrop, kind: ObjectClass, xs: NDArray[np.floating], bases: NDArray[np.floating], height: float
) -> NDArray[np.bool_]:
    """`is_supported` on a grid: (Gx,) and (Gy,) give (Gy, Gx)."""
    if TRAITS[kind].flies:
        rows = np.array([is_supported(backdrop, kind, 0.5, float(base), height) for base in bases])
        return np.repeat(rows[:, None], len(xs), axis=1)
    homes = [ground.label for ground in grounds_of(backdrop.biome, kind)]
    half = 0.4 * TRAITS[kind].foot * height
    places = [np.isin(ground_labels(backdrop, xs + shift, bases), homes) for shift in (-half, 0.0, half)]
    return places[0] & places[1] & places[2]


def is_free(scene: Scene, box: Box, limit: float = 0.3) -> bool:
    """Whether a box covers no object of the scene, nor is covered by one, beyond `limit` of the smaller of the two."""
    boxes = (instance_box(instance) for instance in scene.instances)
    return all(box.intersection(other) <= limit * min(box.area, other.area) for other in boxes)


@dataclass(frozen=True, slots=True)
class Withheld:
    """A placement task: the scene without one of its objects, and where that object was."""

    scene: Scene
    target: Instance
    box: Box


def withheld(scene: Scene, instance_id: int) -> Withheld:
    """Take one object out of a scene; nothing of it, neither shadow nor reflection, remains.

    Raises UsageError when the scene has no such object.
    """
    target = scene.instance(instance_id)
    return Withheld(scene.without(instance_id), target, instance_box(target))
