"""Placement tasks from the practice world: a picture from which one object is missing, that object, and its box.

The object is taken out of the layers, so that nothing of it remains to be found. The second kind of task imitates
training on photos, where the object is painted over and leaves traces: there, decoys are painted over as well. Other
objects can be asked for on the same picture; where they may go, the rule of the world says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import Size
from studio.synth.dice import Dice
from studio.synth.frame import Frame
from studio.synth.generate import generate
from studio.synth.palette import jittered
from studio.synth.patch import RGB8, RGBA8
from studio.synth.placement import Box, judge, plausible_grid
from studio.synth.render import render
from studio.synth.scene import Instance, Scene
from studio.synth.splits import Split, split_recipe, split_seed
from studio.synth.sprite import draw_sprite
from studio.synth.vocabulary import TRAITS, Biome, Ground, ObjectClass, Pattern, grounds_of
from studio.synth.world import WHOLE_WORLD

from .bins import Bins, Shape, scale_of
from .method import fit_object

ASPECTS = ((1.0, 0.6), (4 / 3, 0.2), (3 / 2, 0.1), (3 / 4, 0.1))
SPRITE_PX = 96
"""Height at which an object is drawn before it is fitted into the network's input."""
_DECOYS = (2, 4)


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One placement task. Boxes are in shares of the picture's width and height.

    `background` (px, px, 3) is squeezed to a square; `thing` is (px, px, 4). `decoys` are regions that were painted
    over besides the object's own; both are empty when nothing was.
    """

    background: RGB8
    thing: RGBA8
    scene: Scene
    target: Instance
    picture: Shape
    shape: Shape
    box: tuple[float, float, float, float]
    decoys: tuple[tuple[float, float, float, float], ...] = ()

    def truth(self, bins: Bins) -> tuple[int, int, int]:
        """The bin of the true box."""
        left, top, right, bottom = self.box
        scale = scale_of(right - left, bottom - top, Shape(1, 1))
        return bins.nearest((left + right) / 2, (top + bottom) / 2, scale, Shape(1, 1))

    def plausible(self, bins: Bins) -> NDArray[np.bool_]:
        """(S, G, G) which bins the rule of the world allows for this object."""
        aspect = self.scene.aspect
        world = Shape(aspect, 1.0)
        xs, ys = bins.centres(world)
        sizes = bins.sizes(self.shape, world)
        ratio = self.shape.width / self.shape.height
        return plausible_grid(self.scene.backdrop, self.target.kind, xs, ys, sizes[:, 1], ratio, aspect)

    def is_plausible(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether the rule allows a box, given in shares of the picture."""
        aspect = self.scene.aspect
        box = Box(left * aspect, top, right * aspect, bottom)
        return judge(self.scene.backdrop, self.target.kind, box, aspect).is_plausible


def task(split: Split, index: int, background_px: int = 64, object_px: int = 32, *, painted_over: bool = False) -> Task:
    """Task `index` of a split; always the same one. The missing object is one that lies wholly on the picture.

    Rare classes are missing more often than they occur.
    """
    dice = Dice(split_seed(split, index)).child("placement")
    recipe = replace(split_recipe(split), aspect=dice.weighted(*zip(*ASPECTS, strict=True)))
    for take in range(64):
        scene = generate(dice.child("scene", take).seed, recipe)
        found = _whole(scene, dice)
        if found is not None:
            break
    else:
        raise RuntimeError(f"no scene of {split} {index} has an object that lies wholly on the picture")
    target, cut = found
    background, decoys = (
        _painted_over(scene, cut.box, background_px, dice)
        if painted_over
        else (_drawn(scene, target, background_px), ())
    )
    return Task(
        background=background,
        thing=fit_object(cut.pixels, object_px),
        scene=scene.without(target.id),
        target=target,
        picture=Shape(scene.aspect, 1.0),
        shape=cut.shape,
        box=cut.box,
        decoys=decoys,
    )


def stranger(found: Task, dice: Dice) -> Task | None:
    """The same picture with an object of another class that may live there; None when there is no such class.

    It has no place of its own: `box` is still the one of the object that is missing.
    """
    backdrop = found.scene.backdrop
    kinds = [kind for kind in WHOLE_WORLD.living_in(backdrop.biome) if kind is not found.target.kind]
    if backdrop.biome is Biome.MEADOW and backdrop.pond is None:
        kinds = [kind for kind in kinds if grounds_of(backdrop.biome, kind) != (Ground.WATER,)]
    if not kinds:
        return None
    kind = dice.pick(kinds)
    color = dice.weighted(WHOLE_WORLD.colors, WHOLE_WORLD.color_weights(kind))
    patterns = tuple(Pattern) if TRAITS[kind].patterned else (Pattern.PLAIN,)
    target = replace(
        found.target,
        kind=kind,
        color=color,
        rgb=jittered(color, dice.child("shade")),
        ground=grounds_of(backdrop.biome, kind)[0],
        pattern=dice.pick(patterns),
        flip=dice.chance(0.5),
        variant=dice.integer(0, 2**31),
        pose=dice.uniform(0, 1),
    )
    cut = cut_out(found.scene, target)
    return replace(found, thing=fit_object(cut.pixels, found.thing.shape[0]), target=target, shape=cut.shape)


@dataclass(frozen=True, slots=True, eq=False)
class CutOut:
    """An object alone: tight RGBA pixels, and the box they fill, in shares of the picture's width and height."""

    pixels: RGBA8
    box: tuple[float, float, float, float]

    @property
    def shape(self) -> Shape:
        return Shape(self.pixels.shape[1], self.pixels.shape[0])


def cut_out(scene: Scene, instance: Instance) -> CutOut:
    """Draw the object alone, at a size of its own and without the air that lies before what is far away.

    Neither would be right: they say how large it is to be.
    """
    near = replace(instance, y=1.0)
    frame = Frame(Size(SPRITE_PX, SPRITE_PX), near.x, near.y - near.height, SPRITE_PX / near.height)
    patch = draw_sprite(near, scene.backdrop, frame).patch.trimmed()
    bounds, up = patch.bounds, near.y - instance.y
    left, right = (frame.left + edge / frame.scale for edge in (bounds.left, bounds.right))
    top, bottom = (frame.top + edge / frame.scale - up for edge in (bounds.top, bounds.bottom))
    return CutOut(patch.pixels, (left / scene.aspect, top, right / scene.aspect, bottom))


def _whole(scene: Scene, dice: Dice) -> tuple[Instance, CutOut] | None:
    """One object of the scene that lies wholly on the picture."""
    left = list(scene.instances)
    while left:
        target = dice.weighted(left, [1 / _commonness(one.kind) for one in left])
        cut = cut_out(scene, target)
        if min(cut.box) >= 0 and max(cut.box) <= 1:
            return target, cut
        left.remove(target)
    return None


def _commonness(kind: ObjectClass) -> float:
    """The square root of how often a class occurs, roughly."""
    return 1.0 / (1 + tuple(ObjectClass).index(kind)) ** 0.5


def _drawn(scene: Scene, target: Instance, px: int) -> RGB8:
    """The picture without the object, squeezed to a square."""
    return _squeezed(render(scene.without(target.id), px).composite, px)


def _squeezed(picture: RGB8, px: int) -> RGB8:
    return cv2.resize(picture, (px, px), interpolation=cv2.INTER_AREA).reshape(px, px, 3).astype(np.uint8)


def _painted_over(
    scene: Scene, box: tuple[float, float, float, float], px: int, dice: Dice
) -> tuple[RGB8, tuple[tuple[float, float, float, float], ...]]:
    """The picture with the object and 2 to 4 places of its size painted over, then softened and made noisy."""
    picture = _squeezed(render(scene, 2 * px).composite, 2 * px)
    width, height = box[2] - box[0], box[3] - box[1]
    count = dice.integer(*_DECOYS)
    corners = [(dice.uniform(0, max(1 - width, 0)), dice.uniform(0, max(1 - height, 0))) for _ in range(count)]
    decoys = tuple((x, y, x + width, y + height) for x, y in corners)
    hole = np.zeros(picture.shape[:2], np.uint8)
    for left, top, right, bottom in (box, *decoys):
        grown = [round(edge * 2 * px) for edge in (left - 0.02, top - 0.02, right + 0.02, bottom + 0.02)]
        hole[max(grown[1], 0) : grown[3], max(grown[0], 0) : grown[2]] = 255
    filled = cv2.inpaint(picture, hole, 3, cv2.INPAINT_TELEA)
    noise = np.random.default_rng(dice.integer(0, 2**32)).normal(0, 3, (px, px, 3))
    soft = cv2.GaussianBlur(_squeezed(filled.astype(np.uint8), px), (0, 0), dice.uniform(0.3, 0.9))
    return np.clip(soft + noise, 0, 255).astype(np.uint8), decoys
