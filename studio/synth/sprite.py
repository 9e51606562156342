"""From an instance to its pixels: draw, model the form with light from one side, and tint by the time of day."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.synth.dice import Dice
from studio.synth.effects import Sprite
from studio.synth.frame import Frame
from studio.synth.painter import Painter
from studio.synth.palette import TINTS, mixed, tones
from studio.synth.patch import Patch
from studio.synth.scene import Backdrop, Instance
from studio.synth.scenery.sky import SKY
from studio.synth.sprites import DRAW, EXTENTS, Look
from studio.synth.vocabulary import Biome, ObjectClass, Time

_RELIEF: dict[ObjectClass, float] = {
    ObjectClass.HOUSE: 0.4,
    ObjectClass.SAILBOAT: 0.6,
    ObjectClass.SUN: 0.0,
    ObjectClass.MOON: 0.4,
    ObjectClass.LAMP: 0.5,
    ObjectClass.CLOUD: 0.35,
}
"""How much the edges are rounded by shading; 1 where nothing else is said."""


def draw_sprite(instance: Instance, backdrop: Backdrop, frame: Frame) -> Sprite:
    """The instance alone, complete behind whatever hides it, as straight RGBA cut to its bounds."""
    base_px, unit_px = frame.to_px(instance.x, instance.y), instance.height * frame.scale
    side = light_side(backdrop, instance)
    painter = Painter(EXTENTS[instance.kind], unit_px, base_px, instance.flip)
    look = Look(
        ramp=tones(instance.rgb),
        pattern=instance.pattern,
        light=-side if instance.flip else side,
        lit=backdrop.time in (Time.NIGHT, Time.SUNSET) or instance.effects.glow > 0,
        biome=backdrop.biome,
        ground=instance.ground,
        pose=instance.pose,
        dice=Dice(instance.variant),
    )
    DRAW[instance.kind](painter, look)
    pixels = _modelled(painter.finish(), instance, backdrop, unit_px, side)
    return Sprite(Patch(pixels, painter.origin).trimmed(), base_px, unit_px)


def light_side(backdrop: Backdrop, instance: Instance) -> float:
    """+1 when the light stands to the right of the object, -1 to the left."""
    return 1.0 if backdrop.light.x > instance.x else -1.0


def _modelled(
    premultiplied: NDArray[np.uint8], instance: Instance, backdrop: Backdrop, unit_px: float, side: float
) -> NDArray[np.uint8]:
    """Straight RGBA with rounded edges, a gradient from top to bottom, the time's tint and a veil of distance."""
    alpha = premultiplied[:, :, 3]
    weight = alpha.astype(np.float32) / np.float32(255)
    color = premultiplied[:, :, :3].astype(np.float32) / np.maximum(weight, np.float32(1 / 255))[:, :, None]
    relief = np.float32(_RELIEF.get(instance.kind, 1.0))
    height = alpha.shape[0]
    factor = np.float32(1.03) - np.float32(0.09) * (np.arange(height, dtype=np.float32) / np.float32(height))[:, None]
    if relief > 0:
        reach = max(1, round(0.03 * unit_px))
        soft = cv2.GaussianBlur(alpha, (0, 0), 0.3 + 0.03 * unit_px).astype(np.float32) / np.float32(255)
        dark = np.float32(1) - _moved(soft, round(-side * reach), reach)
        lit = np.float32(1) - _moved(soft, round(side * reach), -reach)
        factor = factor - relief * np.float32(0.2) * dark + relief * np.float32(0.12) * lit
    if instance.kind is not ObjectClass.SUN:
        factor = factor[:, :, None] * np.array(TINTS[backdrop.time], np.float32)
    else:
        factor = np.ones((1, 1, 3), np.float32)
    color = color * factor
    share = np.float32(_distance_veil(instance, backdrop))
    veil = np.array(mixed(SKY[backdrop.time][-1][1], (128, 128, 128), 0.1), np.float32)
    color = np.clip(color + (veil - color) * share, 0.0, 255.0)
    if instance.kind is ObjectClass.CLOUD:
        alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 0.3 + 0.014 * unit_px), np.uint8)
    out = np.dstack([(color + np.float32(0.5)).astype(np.uint8), alpha])
    out[alpha == 0] = 0
    return out


def _moved(field: NDArray[np.floating], right: int, down: int) -> NDArray[np.floating]:
    """`field` read at an offset: the value of each pixel's neighbour `right`, `down` away; 0 outside."""
    height, width = field.shape
    out = np.zeros_like(field)
    rows = slice(max(0, -down), min(height, height - down))
    columns = slice(max(0, -right), min(width, width - right))
    if rows.start < rows.stop and columns.start < columns.stop:
        out[rows, columns] = field[rows.start + down : rows.stop + down, columns.start + right : columns.stop + right]
    return out


def _distance_veil(instance: Instance, backdrop: Backdrop) -> float:
    """How much of the air's colour lies over an object on the ground: at most an eighth, near the horizon."""
    if backdrop.biome is Biome.TABLE or instance.y < backdrop.horizon:
        return 0.0
    return 0.12 * max(0.0, 1.0 - (instance.y - backdrop.horizon) / 0.22)
