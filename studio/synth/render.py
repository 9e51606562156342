"""A scene drawn at one resolution, with every layer, mask and map that went into it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import Rect, Size
from studio.core.layers import BlendMode
from studio.synth.compose import lay, min_alpha, to_bytes, to_float
from studio.synth.dice import Dice
from studio.synth.effects import cast_shadow, glow_of, lamp_shadows, mirror_image
from studio.synth.frame import Frame
from studio.synth.patch import RGB8, SOLID, Mask, Patch, box_of
from studio.synth.scene import Instance, Scene
from studio.synth.scenery import paint_backdrop
from studio.synth.sprite import draw_sprite
from studio.synth.terrain import GroundMap, ground_map


@dataclass(frozen=True, slots=True, eq=False)
class InstanceLayers:
    """The layers of one object, in the order in which they are laid: shadow (multiply), reflection (normal), the
    object itself (normal; complete behind what hides it), glow (screen)."""

    instance: Instance
    object: Patch
    shadow: Patch | None = None
    reflection: Patch | None = None
    glow: Patch | None = None

    @property
    def stack(self) -> tuple[tuple[str, Patch, BlendMode], ...]:
        """(name, patch, mode) of the layers there are, bottom to top."""
        layers = (
            ("Shadow", self.shadow, BlendMode.MULTIPLY),
            ("Reflection", self.reflection, BlendMode.NORMAL),
            ("Object", self.object, BlendMode.NORMAL),
            ("Glow", self.glow, BlendMode.SCREEN),
        )
        return tuple((name, patch, mode) for name, patch, mode in layers if patch is not None and not patch.is_empty)


@dataclass(frozen=True, slots=True, eq=False)
class Render:
    """Everything about one picture. Objects are numbered from 0, back to front, as in `scene.instances`.

    `composite` and `backdrop` are (H, W, 3). `order` (H, W) holds for each pixel 1 + the number of the object seen
    there, or 0 for the backdrop.
    """

    scene: Scene
    frame: Frame
    composite: RGB8
    backdrop: RGB8
    layers: tuple[InstanceLayers, ...]
    order: NDArray[np.uint8]

    @property
    def size(self) -> Size:
        return self.frame.size

    def amodal_mask(self, number: int) -> Mask:
        """The whole object, hidden parts included, where it lies on the picture."""
        return self.layers[number].object.solid(self.size)

    def visible_mask(self, number: int) -> Mask:
        return self.order == number + 1

    def amodal_box(self, number: int) -> Rect:
        """Around the whole object; it may leave the picture."""
        patch = self.layers[number].object
        box = box_of(patch.pixels[:, :, 3] >= SOLID)
        return box.moved(patch.origin)

    def visible_box(self, number: int) -> Rect:
        return box_of(self.visible_mask(number))

    def visible_share(self, number: int) -> float:
        """How much of the whole object is seen, 0..1; what lies off the picture counts as hidden."""
        whole = int((self.layers[number].object.pixels[:, :, 3] >= SOLID).sum())
        return float(self.visible_mask(number).sum()) / whole if whole else 0.0

    def class_map(self) -> NDArray[np.uint8]:
        """(H, W) `ObjectClass.label` of what is seen, 0 for the backdrop."""
        return np.array([0, *(layer.instance.kind.label for layer in self.layers)], np.uint8)[self.order]

    def color_map(self) -> NDArray[np.uint8]:
        """(H, W) `ColorName.label` of the object that is seen, 0 for the backdrop."""
        return np.array([0, *(layer.instance.color.label for layer in self.layers)], np.uint8)[self.order]

    def ground_map(self) -> GroundMap:
        """(H, W) `Ground.label` of the empty stage."""
        return ground_map(self.scene.backdrop, self.frame)

    def partial_composites(self) -> tuple[RGB8, ...]:
        """The picture after 0, 1, 2 ... objects; the last is `composite`."""
        picture = to_float(self.backdrop)
        out = [self.backdrop]
        for layers in self.layers:
            for _, patch, mode in layers.stack:
                lay(picture, patch, mode)
            out.append(to_bytes(picture))
        return tuple(out)

    def merged_layers(self) -> tuple[Patch, ...]:
        """Each object with its effects as one straight RGBA patch, by the min-alpha rule.

        Laid over the backdrop one after the other, rounding after each, they give `composite` exactly.
        """
        stages = self.partial_composites()
        out = []
        for layers, before, after in zip(self.layers, stages, stages[1:], strict=False):
            box = Rect.union(patch.bounds for _, patch, _ in layers.stack).intersect(self.size.rect)
            matte = np.zeros((box.height, box.width), np.uint8)
            where, pixels = layers.object.overlap(box)
            matte[where] = pixels[:, :, 3]
            part = box.slices()
            out.append(Patch(min_alpha(after[part], before[part], matte), box.origin).trimmed())
        return tuple(out)


def render(scene: Scene, height_px: int, backdrop: RGB8 | None = None, other_lights: int | None = None) -> Render:
    """Draw a scene.

    Args:
        height_px: 64..1024 is what the drawing is made for.
        backdrop: the empty stage if it was drawn before (for another frame of the same sequence).
        other_lights: a seed; shadows are then those of `effects.lamp_shadows` instead of the scene's own.
    """
    frame = Frame.of(scene, height_px)
    stage = paint_backdrop(scene.backdrop, frame) if backdrop is None else backdrop
    picture = to_float(stage)
    order = np.zeros((frame.size.height, frame.size.width), np.uint8)
    layers = tuple(_draw_instance(instance, scene, frame, other_lights) for instance in scene.instances)
    for number, drawn in enumerate(layers, 1):
        for _, patch, mode in drawn.stack:
            lay(picture, patch, mode)
        where, pixels = drawn.object.overlap(frame.rect)
        order[where][pixels[:, :, 3] >= SOLID] = number
    return Render(scene, frame, to_bytes(picture), stage, layers, order)


def _draw_instance(instance: Instance, scene: Scene, frame: Frame, other_lights: int | None) -> InstanceLayers:
    backdrop = scene.backdrop
    sprite = draw_sprite(instance, backdrop, frame)
    if sprite.patch.is_empty:
        return InstanceLayers(instance, sprite.patch)
    if other_lights is None:
        shadow = cast_shadow(sprite, instance, backdrop, frame)
    else:
        shadow = lamp_shadows(sprite, instance, backdrop, frame, Dice(other_lights).child(instance.id))
    return InstanceLayers(
        instance,
        sprite.patch,
        shadow,
        mirror_image(sprite, instance, backdrop, frame),
        glow_of(sprite, instance, backdrop),
    )
