"""What a person might draw instead of the picture: flat colour blobs, rough outlines, or the picture's edges."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.synth.dice import Dice
from studio.synth.noise import smooth
from studio.synth.palette import ANCHORS, RGB
from studio.synth.patch import RGB8, Mask
from studio.synth.render import Render
from studio.synth.shapes import curve


class BlobColors(StrEnum):
    """DISTINCT gives every phrase a colour of its own that says nothing about the object; OWN uses its colour term."""

    DISTINCT = "distinct"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One colour of a blob sketch and the objects drawn in it."""

    rgb: RGB
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class BlobSketch:
    """Flat colours on black, (H, W, 3); every pixel is black or exactly one legend colour."""

    image: RGB8
    legend: tuple[LegendEntry, ...]

    def mask(self, entry: LegendEntry) -> Mask:
        return (self.image == np.array(entry.rgb, np.uint8)).all(axis=2)


def blob_sketch(
    render: Render,
    seed: int = 0,
    colors: BlobColors = BlobColors.DISTINCT,
    groups: Sequence[Sequence[int]] | None = None,
    roughness: float = 1.0,
) -> BlobSketch:
    """Flat, roughly drawn shapes of the objects, nearer ones over farther ones. No object is lost.

    Args:
        groups: ids of the objects that share a colour (those of one phrase); one group per object by default.
            Objects in no group are left out.
        roughness: 0 follows the true outlines, 1 a quick hand.
    """
    members = [(instance.id,) for instance in render.scene.instances] if groups is None else [tuple(g) for g in groups]
    dice = Dice(seed).child("blobs")
    image = np.zeros((*render.order.shape, 3), np.uint8)
    palette = _palette(render, members, colors, dice)
    owner = {member: number for number, group in enumerate(members) for member in group}
    for number, instance in enumerate(render.scene.instances):
        if instance.id in owner:
            rough = _roughened(render.amodal_mask(number), dice.child(instance.id).seed, roughness)
            image[rough] = palette[owner[instance.id]]
    for number, instance in enumerate(render.scene.instances):
        if instance.id in owner and not _has_own(image, palette[owner[instance.id]], render.visible_mask(number)):
            image[render.visible_mask(number)] = palette[owner[instance.id]]
    return BlobSketch(image, tuple(LegendEntry(rgb, group) for rgb, group in zip(palette, members, strict=True)))


def _has_own(image: RGB8, rgb: RGB, mask: Mask) -> bool:
    """Whether at least a quarter of the mask shows the colour (an empty mask has nothing to show)."""
    return 4 * int((image[mask] == np.array(rgb, np.uint8)).all(axis=1).sum()) >= int(mask.sum())


def _palette(render: Render, groups: list[tuple[int, ...]], colors: BlobColors, dice: Dice) -> list[RGB]:
    if colors is BlobColors.OWN:
        return _unique([ANCHORS[render.scene.instance(group[0]).color] for group in groups])
    turn = dice.uniform(0.0, 1.0)
    hues = dice.shuffled([(turn + number / max(1, len(groups))) % 1.0 for number in range(len(groups))])
    parts = [colorsys.hsv_to_rgb(hue, dice.uniform(0.55, 1.0), dice.uniform(0.75, 1.0)) for hue in hues]
    return _unique([(round(r * 255), round(g * 255), round(b * 255)) for r, g, b in parts])


def _unique(colors: list[RGB]) -> list[RGB]:
    """The same colours, told apart by a step in blue where two are equal."""
    out: list[RGB] = []
    for r, g, b in colors:
        while (r, g, b) in out:
            b = b + 1 if b < 255 else 128
        out.append((r, g, b))
    return out


def _roughened(mask: Mask, seed: int, roughness: float) -> Mask:
    """The mask with corners rounded and edges wandering."""
    if roughness <= 0 or not mask.any():
        return mask
    reach = float(np.sqrt(mask.sum()))
    soft = cv2.GaussianBlur(mask.astype(np.uint8) * 255, (0, 0), max(0.4, 0.05 * reach * roughness))
    height, width = mask.shape
    cell = max(3.0, 0.22 * reach)
    wander = smooth(seed, np.arange(height) / cell, np.arange(width) / cell)
    rough = soft.astype(np.float32) > np.float32(118) + (wander - np.float32(0.5)) * np.float32(130 * roughness)
    return rough if rough.any() else mask


def line_sketch(render: Render, seed: int = 0, jitter: float = 1.0) -> RGB8:
    """White strokes on black: the outlines of what is seen, by an unsteady hand, and the horizon. (H, W, 3)."""
    dice = Dice(seed).child("lines")
    height, width = render.order.shape
    canvas = np.zeros((height, width), np.uint8)
    thick = max(1, round(height / 190))
    for number, instance in enumerate(render.scene.instances):
        hand = dice.child(instance.id)
        for outline in _outlines(render.visible_mask(number)):
            for _ in range(2 if hand.chance(0.3) else 1):
                _draw_stroke(canvas, outline, hand, jitter * height / 256, thick)
    horizon = (render.scene.backdrop.horizon - render.frame.top) * render.frame.scale
    empty = (render.order == 0).astype(np.uint8)
    stage = np.zeros((height, width), np.uint8)
    line = np.array([(x, horizon) for x in np.linspace(0, width, 9)])
    _draw_stroke(stage, line, dice.child("horizon"), jitter * height / 300, thick, closed=False)
    return np.repeat(np.maximum(canvas, stage * empty)[:, :, None], 3, axis=2)


def _outlines(mask: Mask) -> list[NDArray[np.float64]]:
    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return [c[:, 0].astype(np.float64) for c in found if len(c) >= 8]


def _draw_stroke(
    canvas: NDArray[np.uint8], outline: NDArray[np.float64], hand: Dice, jitter: float, thick: int, closed: bool = True
) -> None:
    """A smooth curve through points of the outline, each a little off."""
    step = max(2, len(outline) // max(8, min(60, len(outline) // 5))) if closed else 1
    knots = outline[::step] + [(hand.uniform(-jitter, jitter), hand.uniform(-jitter, jitter)) for _ in outline[::step]]
    path = np.rint(curve(knots, closed=closed, steps=4) * 16).astype(np.int32)
    cv2.polylines(canvas, [path], closed, (255,), thick, cv2.LINE_AA, 4)


def edge_map(render: Render) -> RGB8:
    """Canny edges of the picture, white on black, (H, W, 3)."""
    gray = cv2.cvtColor(render.composite, cv2.COLOR_RGB2GRAY)
    edges = np.asarray(cv2.Canny(cv2.GaussianBlur(gray, (0, 0), 0.8), 60, 140), np.uint8)
    return np.repeat(edges[:, :, None], 3, axis=2)
