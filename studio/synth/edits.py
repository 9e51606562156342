"""Edits of a scene whose true result is known, because the edited scene is drawn again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from studio.core.errors import UsageError
from studio.synth.compose import min_alpha
from studio.synth.dice import Dice
from studio.synth.generate import depth_of
from studio.synth.palette import jittered
from studio.synth.patch import Mask, Patch
from studio.synth.placement import expected_height
from studio.synth.render import Render, render
from studio.synth.scene import Instance, Scene, View
from studio.synth.terrain import ground_at
from studio.synth.vocabulary import ColorName, grounds_of


@dataclass(frozen=True, slots=True)
class Remove:
    """Take objects out, with their shadows, reflections and glow."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """Shift by world units. With `perspective` the size follows the new place, else it stays."""

    id: int
    dx: float
    dy: float
    perspective: bool = False


@dataclass(frozen=True, slots=True)
class Resize:
    """Scale about the base."""

    id: int
    factor: float


@dataclass(frozen=True, slots=True)
class Flip:
    """Mirror left and right."""

    id: int


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A copy shifted by world units; it gets the next free id."""

    id: int
    dx: float
    dy: float


@dataclass(frozen=True, slots=True)
class Swap:
    """Exchange the places of two objects; each keeps its size."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class Recolor:
    """Give an object another colour term."""

    id: int
    color: ColorName


@dataclass(frozen=True, slots=True)
class Pan:
    """Move the window over the world."""

    dx: float
    dy: float


@dataclass(frozen=True, slots=True)
class Zoom:
    """Magnify about the middle of the picture; below 1 more of the world comes into view."""

    factor: float


Edit: TypeAlias = Remove | Move | Resize | Flip | Duplicate | Swap | Recolor | Pan | Zoom


def apply(scene: Scene, edit: Edit) -> Scene:
    """The edited scene. Raises UsageError for an object that is not there, or a factor that is not positive."""
    match edit:
        case Remove(ids):
            for instance_id in ids:
                scene.instance(instance_id)
            return scene.without(*ids)
        case Move(instance_id, dx, dy, perspective):
            old = scene.instance(instance_id)
            return _with(scene, _placed(scene, old, old.x + dx, old.y + dy, perspective))
        case Resize(instance_id, factor):
            old = scene.instance(instance_id)
            return _with(scene, replace(old, height=old.height * _positive(factor)))
        case Flip(instance_id):
            old = scene.instance(instance_id)
            return _with(scene, replace(old, flip=not old.flip))
        case Duplicate(instance_id, dx, dy):
            old = scene.instance(instance_id)
            copy = _placed(scene, old, old.x + dx, old.y + dy, perspective=False)
            free = max(instance.id for instance in scene.instances) + 1
            return scene.with_instances((*scene.instances, replace(copy, id=free)))
        case Swap(first_id, second_id):
            first, second = scene.instance(first_id), scene.instance(second_id)
            moved = _placed(scene, first, second.x, second.y, perspective=False)
            return _with(_with(scene, moved), _placed(scene, second, first.x, first.y, perspective=False))
        case Recolor(instance_id, color):
            old = scene.instance(instance_id)
            rgb = jittered(color, Dice(old.variant).child("recolor", color))
            return _with(scene, replace(old, color=color, rgb=rgb))
        case Pan(dx, dy):
            view = scene.view
            return replace(scene, view=replace(view, x=view.x + dx, y=view.y + dy))
        case Zoom(factor):
            return replace(scene, view=_zoomed(scene.view, _positive(factor), scene.aspect))


def _positive(factor: float) -> float:
    if not factor > 0:
        raise UsageError(f"A scale of {factor} is not possible.", "Choose a factor above 0.")
    return factor


def _zoomed(view: View, factor: float, aspect: float) -> View:
    high, low = 1 / view.zoom, 1 / (view.zoom * factor)
    return View(x=view.x + aspect * (high - low) / 2, y=view.y + (high - low) / 2, zoom=view.zoom * factor)


def _with(scene: Scene, changed: Instance) -> Scene:
    return scene.with_instances(tuple(changed if old.id == changed.id else old for old in scene.instances))


def _placed(scene: Scene, old: Instance, x: float, y: float, perspective: bool) -> Instance:
    """The instance at a new place; what it stands on changes only where it can live on what is there."""
    backdrop = scene.backdrop
    ground = ground_at(backdrop, x, y)
    ground = ground if ground in grounds_of(backdrop.biome, old.kind) else old.ground
    height = old.height
    if perspective:
        before = expected_height(backdrop, old.kind, old.y)
        after = expected_height(backdrop, old.kind, y)
        height = height * after / before if before > 0 and after > 0 else height
    return replace(old, x=x, y=y, height=height, ground=ground, depth=depth_of(old.kind, y))


@dataclass(frozen=True, slots=True, eq=False)
class EditTruth:
    """An edit with both pictures.

    `source` is where the edited objects were seen and `target` where they are seen now, both (H, W); after a pan or a
    zoom both are empty. `changed` is every pixel that differs.
    """

    edit: Edit
    before: Render
    after: Render
    source: Mask
    target: Mask
    changed: Mask


def edit_truth(scene: Scene, edit: Edit, height_px: int) -> EditTruth:
    """Draw a scene before and after an edit."""
    before = render(scene, height_px)
    edited = apply(scene, edit)
    stage = None if isinstance(edit, Pan | Zoom) else before.backdrop
    after = render(edited, height_px, stage)
    ids = _edited_ids(edit, edited)
    changed = (before.composite != after.composite).any(axis=2)
    return EditTruth(edit, before, after, _seen(before, ids), _seen(after, ids), changed)


def _edited_ids(edit: Edit, edited: Scene) -> tuple[int, ...]:
    match edit:
        case Remove(ids):
            return ids
        case Duplicate(instance_id):
            return instance_id, max(instance.id for instance in edited.instances)
        case Swap(first, second):
            return first, second
        case Move() | Resize() | Flip() | Recolor():
            return (edit.id,)
        case Pan() | Zoom():
            return ()


def _seen(drawn: Render, ids: tuple[int, ...]) -> Mask:
    seen = np.zeros(drawn.order.shape, np.bool_)
    for number, instance in enumerate(drawn.scene.instances):
        if instance.id in ids:
            seen |= drawn.visible_mask(number)
    return seen


def lifted_layer(truth: EditTruth) -> Patch:
    """What a removal took away as one RGBA layer: laid over the picture after it, it gives the picture before exactly.

    The removed objects' visible alpha and, by the min-alpha rule, their shadows, reflections and glow.
    """
    before, after = truth.before, truth.after
    matte = np.zeros(before.order.shape, np.uint8)
    ids = _edited_ids(truth.edit, after.scene)
    for layers in before.layers:
        where, pixels = layers.object.overlap(before.size.rect)
        alpha = pixels[:, :, 3]
        if layers.instance.id in ids:
            matte[where] = np.maximum(matte[where], alpha)
        else:
            hidden = (matte[where].astype(np.int32) * (255 - alpha.astype(np.int32)) + 127) // 255
            matte[where] = hidden.astype(np.uint8)
    return Patch(min_alpha(before.composite, after.composite, matte)).trimmed()
