"""What an object does to its surroundings: cast shadow, reflection, glow. Each is one patch with its own blend mode."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import Point, Rect
from studio.synth.dice import Dice
from studio.synth.frame import Frame
from studio.synth.palette import RGB, mixed, tones
from studio.synth.patch import Patch
from studio.synth.scene import Backdrop, Instance, Light
from studio.synth.shapes import curve
from studio.synth.terrain import ground_labels
from studio.synth.vocabulary import TRAITS, Ground, ObjectClass, Time

_SHADOW_COLORS: dict[Time, RGB] = {
    Time.DAY: (30, 40, 84),
    Time.SUNSET: (62, 34, 78),
    Time.NIGHT: (6, 10, 34),
    Time.OVERCAST: (38, 44, 62),
}
_SHADOW_LENGTHS: dict[Time, float] = {Time.DAY: 0.75, Time.SUNSET: 1.1, Time.NIGHT: 0.8, Time.OVERCAST: 0.45}
_STANDING = (Ground.LAND, Ground.ROAD, Ground.TABLE)


@dataclass(frozen=True, slots=True)
class Sprite:
    """A drawn object: its patch, where its base lies in the picture, and how many pixels its height is."""

    patch: Patch
    base_px: tuple[float, float]
    unit_px: float


def shadow_vector(time: Time, light: Light, x: float) -> tuple[float, float]:
    """Where the shadow of a point one unit above a base at `x` falls, relative to that base.

    It lies to the side away from the light, longer the lower the light stands, and a little towards the viewer.
    """
    away = x - light.x
    side = 1.0 if away >= 0 else -1.0
    length = _SHADOW_LENGTHS[time] * (1.3 - 0.75 * light.elevation)
    return side * length * (0.6 + 0.6 * min(1.0, abs(away))), 0.1 + 0.05 * length


def cast_shadow(sprite: Sprite, instance: Instance, backdrop: Backdrop, frame: Frame) -> Patch | None:
    """The sheared silhouette on the ground, sharp at the base and blurring with distance, and a contact shadow.

    To be multiplied. None for what flies or floats, and where nothing of it is left.
    """
    strength = instance.effects.shadow
    if strength <= 0 or instance.ground not in _STANDING:
        return None
    vector = shadow_vector(backdrop.time, backdrop.light, instance.x)
    rect = _shadow_rect(sprite, vector)
    cover = _fallen(sprite, rect, vector, instance.effects.softness) * np.float32(strength)
    cover = np.maximum(cover, _contact(sprite, instance, rect) * np.float32(min(0.8, strength * 1.25)))
    cover *= _on_ground(backdrop, frame, rect, _STANDING)
    return _veil(cover, _SHADOW_COLORS[backdrop.time], rect.origin)


def lamp_shadows(sprite: Sprite, instance: Instance, backdrop: Backdrop, frame: Frame, dice: Dice) -> Patch | None:
    """Shadows as another generator would draw them: two or three tinted lights with wide penumbrae, no contact shadow.

    For training data whose effects must not be those that a model has learnt to invert.
    """
    if instance.effects.shadow <= 0 or instance.ground not in _STANDING:
        return None
    lights = [
        Light(x=instance.x + dice.uniform(0.15, 0.9) * dice.sign(), elevation=dice.uniform(0.2, 0.9))
        for _ in range(dice.integer(2, 3))
    ]
    vectors = [shadow_vector(backdrop.time, light, instance.x) for light in lights]
    rect = Rect.union(_shadow_rect(sprite, vector) for vector in vectors)
    light_left = np.ones((rect.height, rect.width), np.float32)
    for vector in vectors:
        cover = _fallen(sprite, rect, vector, dice.uniform(0.8, 2.0)) * np.float32(dice.uniform(0.2, 0.5))
        light_left *= np.float32(1) - cover
    cover = (np.float32(1) - light_left) * _on_ground(backdrop, frame, rect, _STANDING)
    tint = (dice.integer(10, 90), dice.integer(10, 70), dice.integer(20, 110))
    return _veil(cover, tint, rect.origin)


def _shadow_rect(sprite: Sprite, vector: tuple[float, float]) -> Rect:
    across, down = vector
    bounds, height = sprite.patch.bounds, sprite.unit_px
    margin = math.ceil(0.16 * height) + 2
    left = bounds.left + math.floor(min(0.0, across * height)) - margin
    right = bounds.right + math.ceil(max(0.0, across * height)) + margin
    top = math.floor(sprite.base_px[1] - 0.08 * height) - 2
    bottom = math.ceil(sprite.base_px[1] + down * height) + margin
    return Rect(left, top, right, bottom)


def _fallen(sprite: Sprite, rect: Rect, vector: tuple[float, float], soft: float) -> NDArray[np.floating]:
    """How much light the silhouette takes from each place of `rect`, 0..1."""
    across, down = vector
    height = sprite.unit_px
    rows = np.arange(rect.top, rect.bottom) + 0.5 - sprite.base_px[1]
    rise = np.maximum(rows, 0.0) / down
    fall = _sheared(sprite, rect, rise, across)
    fall[rows < 0] = 0
    share = np.clip(rise / height, 0.0, 1.0).astype(np.float32)[:, None]
    near, far = _blurred(fall, 0.3 + 0.012 * height), _blurred(fall, 0.4 + (0.02 + 0.06 * soft) * height)
    return (near + (far - near) * share) * (np.float32(1.0) - np.float32(0.4) * share)


def _sheared(sprite: Sprite, rect: Rect, rise: NDArray[np.floating], across: float) -> NDArray[np.uint8]:
    """The sprite's alpha laid on the ground: row k of `rect` shows what is `rise[k]` px above the base, moved aside."""
    alpha = sprite.patch.pixels[:, :, 3]
    bounds = sprite.patch.bounds
    source_rows = np.floor(sprite.base_px[1] - rise).astype(np.int64) - bounds.top
    source_rows = np.minimum(source_rows, alpha.shape[0] - 1)
    shift = np.rint(rise * across).astype(np.int64)
    columns = np.arange(rect.left, rect.right)[None, :] - shift[:, None] - bounds.left
    inside = (columns >= 0) & (columns < alpha.shape[1]) & (source_rows >= 0)[:, None]
    found = alpha[np.clip(source_rows, 0, None)[:, None], np.clip(columns, 0, alpha.shape[1] - 1)]
    return np.where(inside, found, 0).astype(np.uint8)


def _blurred(alpha: NDArray[np.uint8], sigma: float) -> NDArray[np.floating]:
    """0..1; the 8-bit Gaussian of OpenCV is exact on every machine."""
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), sigma), np.uint8).astype(np.float32) / np.float32(255)


def _contact(sprite: Sprite, instance: Instance, rect: Rect) -> NDArray[np.floating]:
    """A soft dark ellipse where the object touches the ground."""
    foot = TRAITS[instance.kind].foot * sprite.unit_px
    rx, ry = 0.5 * foot + 0.05 * sprite.unit_px, 0.03 * sprite.unit_px + 0.06 * foot + 0.5
    across = (np.arange(rect.left, rect.right) + 0.5 - sprite.base_px[0]) / rx
    down = (np.arange(rect.top, rect.bottom) + 0.5 - sprite.base_px[1]) / ry
    inside = np.clip(1.25 - (across[None, :] ** 2 + down[:, None] ** 2), 0.0, 1.0)
    return (inside * inside * (3.0 - 2.0 * inside)).astype(np.float32)


def _on_ground(backdrop: Backdrop, frame: Frame, rect: Rect, grounds: tuple[Ground, ...]) -> NDArray[np.floating]:
    """1 where the stage shows one of these grounds, also beyond the picture's edge."""
    xs = frame.left + (np.arange(rect.left, rect.right) + 0.5) / frame.scale
    ys = frame.top + (np.arange(rect.top, rect.bottom) + 0.5) / frame.scale
    return np.isin(ground_labels(backdrop, xs, ys), [ground.label for ground in grounds]).astype(np.float32)


def _veil(cover: NDArray[np.floating], color: RGB, origin: Point) -> Patch | None:
    """A patch of one colour whose alpha is `cover` 0..1; None when that is nowhere visible."""
    alpha = (np.clip(cover, 0.0, 1.0) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    pixels = np.empty((*alpha.shape, 4), np.uint8)
    pixels[:, :, :3], pixels[:, :, 3] = color, alpha
    patch = Patch(pixels, origin).trimmed()
    return None if patch.is_empty else patch


def mirror_image(sprite: Sprite, instance: Instance, backdrop: Backdrop, frame: Frame) -> Patch | None:
    """The object upside down in water or a polished table, fading with distance; a glitter path for sun and moon."""
    rho = instance.effects.reflection
    if rho <= 0:
        return None
    if instance.kind in (ObjectClass.SUN, ObjectClass.MOON):
        return _glitter_path(instance, backdrop, frame)
    if instance.ground not in (Ground.WATER, Ground.TABLE, Ground.ROAD, Ground.LAND):
        return None
    on_water = instance.ground is Ground.WATER
    bounds, height = sprite.patch.bounds, sprite.unit_px
    reach = 0.95 if on_water else 0.5
    top = math.floor(sprite.base_px[1])
    slack = math.ceil(0.05 * height) + 1
    rect = Rect(bounds.left - slack, top, bounds.right + slack, top + math.ceil(reach * height) + 1)
    rows = np.arange(rect.top, rect.bottom) + 0.5 - sprite.base_px[1]
    source_rows = np.clip(
        np.floor(sprite.base_px[1] - np.maximum(rows, 0.0)).astype(np.int64) - bounds.top, 0, bounds.height - 1
    )
    wave = np.sin(rows / height * 46.0 + instance.variant % 7) * (0.004 + 0.03 * np.maximum(rows, 0.0) / height)
    shift = np.rint(wave * height).astype(np.int64) if on_water else np.zeros(len(rows), np.int64)
    columns = np.arange(rect.left, rect.right)[None, :] - shift[:, None] - bounds.left
    inside = (columns >= 0) & (columns < bounds.width) & (rows >= 0)[:, None]
    pixels = sprite.patch.pixels[source_rows[:, None], np.clip(columns, 0, bounds.width - 1)]
    fade = np.clip(1.0 - rows / height / reach, 0.0, 1.0)
    if on_water:
        fade *= 0.82 + 0.18 * np.sin(rows / height * 60.0 + instance.variant % 5)
    cover = pixels[:, :, 3].astype(np.float32) / np.float32(255) * inside * (fade * rho).astype(np.float32)[:, None]
    grounds = (Ground.WATER,) if on_water else (Ground.TABLE, Ground.ROAD, Ground.LAND)
    cover *= _on_ground(backdrop, frame, rect, grounds)
    alpha = (cover * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    patch = Patch(np.dstack([pixels[:, :, :3], alpha]), rect.origin).trimmed()
    return None if patch.is_empty else patch


def _glitter_path(instance: Instance, backdrop: Backdrop, frame: Frame) -> Patch | None:
    """Short lights on the water below sun or moon, wider towards the viewer."""
    reach = 0.42
    left, top = frame.to_px(instance.x - 0.25, backdrop.horizon)
    right, bottom = frame.to_px(instance.x + 0.25, backdrop.horizon + reach)
    rect = Rect(math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)).intersect(frame.rect)
    if rect.is_empty:
        return None
    alpha = np.zeros((rect.height, rect.width), np.uint8)
    for step in range(26):
        share = (step + 0.5) / 26
        depth = 0.012 + reach * share**1.5 * 0.9
        wobble = math.sin(step * 2.4 + instance.variant % 9)
        half = (0.02 + 0.075 * share) * (0.75 + 0.25 * math.sin(step * 1.7)) * instance.height / 0.19
        x, y, thick = instance.x + wobble * 0.02 * (0.3 + share), backdrop.horizon + depth, 0.0016 + 0.008 * share
        lens = curve([(x - half, y), (x, y - thick), (x + half, y), (x, y + thick)], steps=4)
        places = (lens - (frame.left, frame.top)) * frame.scale - 0.5 - (rect.left, rect.top)
        cv2.fillPoly(alpha, [np.rint(places * 16).astype(np.int32)], (int(255 - 110 * share),), cv2.LINE_AA, 4)
    cover = alpha.astype(np.float32) / np.float32(255) * np.float32(min(1.0, instance.effects.reflection * 2.0))
    cover *= _on_ground(backdrop, frame, rect, (Ground.WATER,))
    return _veil(cover, mixed(tones(instance.rgb).light, (255, 252, 238), 0.62), rect.origin)


def glow_of(sprite: Sprite, instance: Instance, backdrop: Backdrop) -> Patch | None:
    """A round veil of light around lamp, sun and moon, to be screened."""
    strength = instance.effects.glow
    if strength <= 0:
        return None
    lamp = instance.kind is ObjectClass.LAMP
    centre = 0.72 if lamp and instance.ground is Ground.TABLE else 0.8 if lamp else 0.5
    radius = (0.95 if lamp else 1.35) * sprite.unit_px
    cx, cy = sprite.base_px[0], sprite.base_px[1] - centre * sprite.unit_px
    rect = Rect(
        math.floor(cx - radius), math.floor(cy - radius), math.ceil(cx + radius) + 1, math.ceil(cy + radius) + 1
    )
    across = (np.arange(rect.left, rect.right) + 0.5 - cx) / radius
    down = (np.arange(rect.top, rect.bottom) + 0.5 - cy) / radius
    near = np.clip(1.0 - (across[None, :] ** 2 + down[:, None] ** 2), 0.0, 1.0)
    tone = (255, 214, 130) if lamp else mixed(instance.rgb, (255, 244, 214), 0.35)
    dimmed = 0.8 if backdrop.time is Time.DAY else 1.0
    return _veil(
        (near * near * near * strength * (0.46 if lamp else 0.62) * dimmed).astype(np.float32), tone, rect.origin
    )
