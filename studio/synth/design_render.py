"""Draws designs: the background, one RGBA patch per item with its drop shadow inside, and their composite."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from studio.core.document import Document
from studio.core.errors import UsageError
from studio.core.geometry import ORIGIN, Point, Rect, Size
from studio.core.layers import LayerId
from studio.synth.compose import lay, to_bytes, to_float
from studio.synth.design import Background, Design, Item, Shape, design_to_json
from studio.synth.design import Ground as DesignGround
from studio.synth.dice import Dice
from studio.synth.document import opaque, raster, unique_names
from studio.synth.frame import LARGEST_PX, SMALLEST_PX, Frame
from studio.synth.noise import fractal
from studio.synth.painter import Extent, Painter
from studio.synth.palette import RGB, mixed, tones
from studio.synth.patch import RGB8, RGBA8, Patch
from studio.synth.scenery import paint_backdrop
from studio.synth.shapes import Outline, blob, circle, ellipse, rounded_box, shifted, turned
from studio.synth.sprites import DRAW, EXTENTS
from studio.synth.sprites.look import Look
from studio.synth.vocabulary import Biome, Ground, ObjectClass


@dataclass(frozen=True, slots=True, eq=False)
class DesignRender:
    """`layers` are in the order of `design.items`, bottom to top; `boxes` are theirs, cut to the picture."""

    design: Design
    size: Size
    composite: RGB8
    background: RGB8
    layers: tuple[Patch, ...]

    @property
    def boxes(self) -> tuple[Rect, ...]:
        return tuple(layer.bounds.intersect(self.size.rect) for layer in self.layers)

    def token_boxes(self, token_px: int, jitter: int = 0, seed: int = 0) -> tuple[Rect, ...]:
        """Boxes grown to whole tokens and, on each side, by up to `jitter` more; in pixels, inside the picture."""
        dice = Dice(seed).child("boxes")
        out = []
        for box in self.boxes:
            grow = [dice.integer(0, jitter) for _ in range(4)]
            left, top = box.left // token_px - grow[0], box.top // token_px - grow[1]
            right, bottom = -(-box.right // token_px) + grow[2], -(-box.bottom // token_px) + grow[3]
            whole = Rect(left * token_px, top * token_px, right * token_px, bottom * token_px)
            out.append(whole.intersect(self.size.rect))
        return tuple(out)


def render_design(design: Design, height_px: int) -> DesignRender:
    """Draw a design. Raises UsageError for a height that is not between 16 and 4096 pixels."""
    if not SMALLEST_PX <= height_px <= LARGEST_PX:
        raise UsageError(
            f"A design cannot be drawn {height_px} pixels high.",
            f"Choose a height between {SMALLEST_PX} and {LARGEST_PX} pixels.",
        )
    size = Size(max(1, round(height_px * design.aspect)), height_px)
    background = _paint_background(design.background, Frame(size, 0.0, 0.0, float(height_px)))
    picture = to_float(background)
    layers = tuple(_draw_item(item, height_px) for item in design.items)
    for layer in layers:
        lay(picture, layer)
    return DesignRender(design, size, to_bytes(picture), background, layers)


def design_document(design: Design, height_px: int) -> Document:
    """Background and one raster layer per item, named after it. The same design and size give the same ids."""
    drawn = render_design(design, height_px)
    identity = f"{design_to_json(design)}@{height_px}"

    def layer_id(part: str) -> LayerId:
        return LayerId(hashlib.blake2b(f"{identity}/{part}".encode(), digest_size=16).hexdigest())

    names = unique_names([item.name for item in design.items])
    items = (
        raster(name, layer.pixels, layer.origin, layer_id(str(item.id)))
        for name, layer, item in zip(names, drawn.layers, design.items, strict=True)
        if not layer.is_empty
    )
    background = raster("Background", opaque(drawn.background), ORIGIN, layer_id("Background"))
    return Document(size=drawn.size, layers=(background, *items), metadata=(("title", "Practice design"),))


# Background


def _paint_background(background: Background, frame: Frame) -> RGB8:
    if background.stage is not None:
        return paint_backdrop(background.stage, frame)
    share = _ground_share(background, frame)[:, :, None]
    first, second = np.array(background.first, np.float32), np.array(background.second, np.float32)
    return (np.clip(first + (second - first) * share, 0.0, 255.0) + np.float32(0.5)).astype(np.uint8)


def _ground_share(background: Background, frame: Frame) -> NDArray[np.floating]:
    """(H, W) how much of the second colour shows, 0..1."""
    xs, ys = frame.xs[None, :], frame.ys[:, None]
    match background.ground:
        case DesignGround.CLOUDY:
            return np.clip(
                (fractal(background.seed, frame.ys / 0.3 + 5, frame.xs / 0.3 + 5, 4) - np.float32(0.25))
                * np.float32(2),
                0,
                1,
            )
        case DesignGround.CHECKER:
            cell = 0.06 + 0.001 * (background.seed % 60)
            odd = (np.floor(xs / cell) + np.floor(ys / cell)) % 2
            return (odd * 0.55).astype(np.float32)
        case DesignGround.RAYS:
            centre = (frame.size.width / frame.scale / 2, 0.55)
            angle = np.arctan2(ys - centre[1], xs - centre[0]) * (20 / math.tau) + background.angle / 18
            wave = np.abs(angle - np.floor(angle) - 0.5) * 4.0 - 1.0
            spread = np.sqrt((ys - centre[1]) ** 2 + (xs - centre[0]) ** 2) * frame.scale * 0.08
            return np.clip(wave * np.maximum(spread, 0.5) + 0.5, 0, 1).astype(np.float32) * np.float32(0.6)
        case _:
            turn = math.radians(background.angle)
            along = (xs - 0.5) * math.cos(turn) + (ys - 0.5) * math.sin(turn)
            return np.clip(along * 0.8 + 0.5, 0, 1).astype(np.float32)


# Items


def _draw_item(item: Item, scale: int) -> Patch:
    """The item with opacity, soft edge and drop shadow, cut to its bounds."""
    body = (
        _word_patch(item, scale)
        if item.shape is Shape.WORD
        else _glow_patch(item, scale)
        if item.shape is Shape.GLOW
        else _shape_patch(item, scale)
    )
    pixels = body.pixels.copy()
    if item.softness > 0:
        pixels[:, :, 3] = np.minimum(cv2.GaussianBlur(pixels[:, :, 3], (0, 0), 0.3 + item.softness * scale), 255)
        pixels = _bled(pixels, body.pixels)
    share = int(item.opacity * 256 + 0.5)
    pixels[:, :, 3] = (pixels[:, :, 3].astype(np.int32) * share + 128) >> 8
    return _with_shadow(Patch(pixels, body.origin), item, scale).trimmed()


def _bled(soft: RGBA8, hard: RGBA8) -> RGBA8:
    """Give pixels that blurring has made visible the colour of the shape beside them."""
    missing = (hard[:, :, 3] == 0) & (soft[:, :, 3] > 0)
    if missing.any():
        spread = cv2.dilate(hard[:, :, :3], np.ones((5, 5), np.uint8), iterations=2)
        soft[:, :, :3][missing] = spread[missing]
    return soft


def _shape_patch(item: Item, scale: int) -> Patch:
    unit = item.height * scale
    ratio = item.width / item.height
    base = (item.x * scale, (item.y + item.height / 2) * scale)
    ramp = tones(item.rgb)
    look = Look(
        ramp=ramp,
        pattern=item.pattern,
        light=-1.0,
        lit=False,
        biome=Biome.MEADOW,
        ground=Ground.TABLE,
        pose=0.0,
        dice=Dice(item.variant),
    )
    if item.kind is not None:
        painter = Painter(EXTENTS[item.kind], unit, base)
        DRAW[ObjectClass(item.kind)](painter, look)
    else:
        reach = 0.75 * math.hypot(ratio, 1.0) + 0.1
        painter = Painter(Extent(left=-reach, right=reach, bottom=0.5 - reach, top=0.5 + reach), unit, base)
        _paint_shape(painter, item, look, ratio)
    return Patch(_straight(painter.finish()), painter.origin)


def _straight(premultiplied: RGBA8) -> RGBA8:
    alpha = premultiplied[:, :, 3:].astype(np.int32)
    color = (premultiplied[:, :, :3].astype(np.int32) * 255 + alpha // 2) // np.maximum(alpha, 1)
    return np.dstack([np.minimum(color, 255), alpha]).astype(np.uint8)


def _paint_shape(p: Painter, item: Item, look: Look, ratio: float) -> None:
    ramp = look.ramp
    outline = turned(_outline(item, ratio), item.angle, (0.0, 0.5))
    p.fill(outline, ramp.base)
    inside = p.stencil(outline)
    if item.shape is Shape.RING:
        p.cut(circle(0.0, 0.5, 0.29, 48))
        return
    if item.shape is Shape.GLASS:
        rim = turned(rounded_box(-ratio / 2 + 0.03, 0.03, ratio / 2 - 0.03, 0.97, 0.09), item.angle, (0.0, 0.5))
        p.fill(outline, mixed(ramp.base, (255, 255, 255), 0.65))
        p.fill(rim, mixed(ramp.base, (255, 255, 255), 0.25))
        sheen = turned(
            np.array([(-ratio / 2, 1.0), (-ratio * 0.1, 1.0), (-ratio * 0.35, 0.0), (-ratio / 2, 0.0)]),
            item.angle,
            (0.0, 0.5),
        )
        p.glaze(sheen, (255, 255, 255), 0.28, p.stencil(rim))
        return
    look.decorate(p, inside, (-ratio / 2 - 0.2, -0.2, ratio / 2 + 0.2, 1.2), 0.24)
    p.glaze(shifted(outline, 0.0, -0.62), ramp.deep, 0.16, inside)


def _outline(item: Item, ratio: float) -> Outline:
    """The shape in local units, 1 high and `ratio` wide, centred at (0, 0.5)."""
    match item.shape:
        case Shape.TRIANGLE:
            return np.array([(-ratio / 2, 0.0), (ratio / 2, 0.0), (0.0, 1.0)])
        case Shape.SQUARE:
            return rounded_box(-ratio / 2, 0.0, ratio / 2, 1.0, 0.06)
        case Shape.GLASS:
            return rounded_box(-ratio / 2, 0.0, ratio / 2, 1.0, 0.12)
        case Shape.HEXAGON:
            return ellipse(0.0, 0.5, ratio / 2, 0.5, 0.0, 6)
        case Shape.STAR:
            spikes = [0.5 if k % 2 == 0 else 0.22 for k in range(10)]
            angles = np.radians(90 + 36 * np.arange(10))
            return np.stack([np.cos(angles) * spikes, 0.5 + np.sin(angles) * spikes], axis=1)
        case Shape.HEART:
            turn = np.linspace(0, math.tau, 60, endpoint=False)
            x = 16 * np.sin(turn) ** 3
            y = 13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn)
            return np.stack([x / 33, 0.56 + y / 31], axis=1)
        case Shape.BLOB:
            return blob(0.0, 0.5, ratio * 0.44, 0.44, Dice(item.variant), 4, 0.12, 8)
        case _:
            return ellipse(0.0, 0.5, ratio / 2, 0.5, 0.0, 64)


def _glow_patch(item: Item, scale: int) -> Patch:
    """A round light that fades to nothing."""
    radius = item.width / 2 * scale
    left, top = math.floor(item.x * scale - radius), math.floor(item.y * scale - radius)
    side = math.ceil(2 * radius) + 1
    xs = (np.arange(side) + left + 0.5 - item.x * scale) / radius
    ys = (np.arange(side) + top + 0.5 - item.y * scale) / radius
    near = np.clip(1.0 - (xs[None, :] ** 2 + ys[:, None] ** 2), 0.0, 1.0)
    alpha = (near * near * 255 + 0.5).astype(np.uint8)
    color = np.broadcast_to(np.array(mixed(item.rgb, (255, 252, 236), 0.5), np.uint8), (side, side, 3))
    return Patch(np.dstack([color, alpha]), Point(left, top))


def _word_patch(item: Item, scale: int) -> Patch:
    """The word in Pillow's own typeface, as large as its box allows."""
    width, height = max(1, round(item.width * scale)), max(1, round(item.height * scale))
    size = max(4.0, height * 1.25)
    font = _font(size)
    left, top, right, bottom = font.getbbox(item.text)
    fit = min(width / max(1, right - left), height / max(1, bottom - top))
    font = _font(max(4.0, size * fit))
    left, top, right, bottom = (round(v) for v in font.getbbox(item.text))
    glyphs = Image.new("L", (max(1, right - left), max(1, bottom - top)), 0)
    ImageDraw.Draw(glyphs).text((-left, -top), item.text, fill=255, font=font)
    alpha = np.asarray(glyphs)
    pixels = np.dstack([np.broadcast_to(np.array(item.rgb, np.uint8), (*alpha.shape, 3)), alpha])
    origin = Point(round(item.x * scale - alpha.shape[1] / 2), round(item.y * scale - alpha.shape[0] / 2))
    return Patch(pixels, origin)


def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise UsageError("Words cannot be drawn.", "Install a Pillow that was built with FreeType.")
    return font


_SHADOW: RGB = (24, 22, 40)


def _with_shadow(body: Patch, item: Item, scale: int) -> Patch:
    """Lay the body over its own blurred, shifted silhouette, as one straight RGBA patch."""
    shadow = item.shadow
    if shadow is None:
        return body
    margin = math.ceil((max(shadow.dx, shadow.dy) + 3 * shadow.blur) * scale) + 2
    pixels = np.pad(body.pixels, ((margin, margin), (margin, margin), (0, 0)))
    dx, dy = round(shadow.dx * scale), round(shadow.dy * scale)
    moved = np.zeros_like(pixels[:, :, 3])
    moved[max(0, dy) :, max(0, dx) :] = pixels[: moved.shape[0] - dy, : moved.shape[1] - dx, 3]
    soft = cv2.GaussianBlur(moved, (0, 0), 0.3 + shadow.blur * scale).astype(np.float32) / np.float32(255)
    under = soft * np.float32(shadow.strength)
    over = pixels[:, :, 3].astype(np.float32) / np.float32(255)
    alpha = over + under * (np.float32(1) - over)
    weight = (over / np.maximum(alpha, np.float32(1e-6)))[:, :, None]
    color = pixels[:, :, :3] * weight + np.array(_SHADOW, np.float32) * (np.float32(1) - weight)
    out = np.dstack([color, alpha * np.float32(255)]) + np.float32(0.5)
    return Patch(out.astype(np.uint8), body.origin - Point(margin, margin))
