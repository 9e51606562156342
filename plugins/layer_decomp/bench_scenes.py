"""Composites with known truth for the benchmark: real cut-outs and drawn sprites on real and drawn grounds.

The shadow is drawn by another model than the one the method inverts: light is linear, the ambient part is coloured, the
penumbra grows with the height of what casts it, contact darkening is added, then sensor noise and JPEG. The mask given
to the method is the true outline, roughened, loosened or tightened as hand-made masks are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.core.errors import StudioError
from studio.cutout.arrays import Floats, Mask


@dataclass(frozen=True, slots=True)
class Sprite:
    """A cut-out: unit colours (H, W, 3) that are valid under soft edges too, and its true alpha (H, W)."""

    name: str
    colours: Floats
    alpha: Floats


@dataclass(frozen=True, slots=True)
class Light:
    """Where the shadow falls and how dark it is, in linear light.

    Args:
        shear: horizontal run of the shadow per unit of object height.
        squash: vertical run; positive comes towards the viewer.
        ambient: what is left of the light in full shadow, per channel.
        penumbra: blur in pixels per pixel of casting height.
    """

    shear: float = 0.5
    squash: float = 0.25
    ambient: tuple[float, float, float] = (0.35, 0.38, 0.45)
    penumbra: float = 0.04


@dataclass(frozen=True, slots=True)
class Scene:
    """One test case; pictures are unit float32, `photo` is uint8 as a camera would deliver it."""

    name: str
    photo: NDArray[np.uint8]
    mask: Mask
    background: Floats
    alpha: Floats
    colours: Floats
    ratio: Floats

    @property
    def effects(self) -> Mask:
        """Where the shadow is stronger than 4/255 outside the object."""
        return (np.abs(self.background * (1 - self.ratio)).max(axis=2) > 4 / 255) & (self.alpha < 0.02)


def to_linear(srgb: Floats) -> Floats:
    """sRGB transfer function to linear light."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((np.maximum(srgb, 0.04045) + 0.055) / 1.055) ** 2.4).astype(
        np.float32
    )


def to_srgb(linear: Floats) -> Floats:
    """Linear light to sRGB."""
    high = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, linear * 12.92, high).astype(np.float32)


def visibility(alpha: Floats, light: Light, levels: int = 8) -> Floats:
    """(H, W) share of the direct light that the object takes away, on a flat ground through its lowest row.

    The silhouette is laid on the ground; what lands far from the contact was cast from high up and is blurred more.
    """
    rows = np.flatnonzero((alpha > 0.5).any(axis=1))
    contact, height = int(rows[-1]), int(rows[-1] - rows[0])
    # Row y of the object lands at contact + squash * (contact - y), moved sideways by shear * (contact - y).
    inverse = np.array(
        [
            [1, -light.shear / light.squash, light.shear / light.squash * contact],
            [0, -1 / light.squash, contact * (1 + 1 / light.squash)],
        ],
        np.float32,
    )
    fallen = cv2.warpAffine(alpha, inverse, alpha.shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    cast_from = np.abs(np.arange(alpha.shape[0], dtype=np.float32) - contact) / abs(light.squash) / height
    position = np.clip(cast_from, 0, 1) * (levels - 1)
    blocked = np.zeros_like(alpha)
    for k in range(levels):
        blur = cv2.GaussianBlur(fallen, (0, 0), 0.8 + light.penumbra * height * k / (levels - 1))
        blocked += blur * np.clip(1 - np.abs(position - k), 0, 1)[:, None]
    return np.clip(np.maximum(blocked, _contact_darkening(alpha, contact, height)), 0, 1).astype(np.float32)


def _contact_darkening(alpha: Floats, contact: int, height: int) -> Floats:
    """A soft flat patch under the lowest part of the object."""
    foot = alpha[contact - max(2, height // 20) : contact + 1].max(axis=0)
    patch = np.zeros_like(alpha)
    thick = max(2, height // 40)
    patch[max(0, contact - 3 * thick) : contact + thick] = foot
    return 0.9 * cv2.GaussianBlur(patch, (0, 0), sigmaX=1.5 * thick, sigmaY=thick)


def compose(
    name: str,
    sprite: Sprite,
    ground: Floats,
    place: tuple[float, float],
    height: float,
    light: Light | None,
    mask_change_px: float = 0.0,
    noise: float = 1.5 / 255,
    jpeg_quality: int | None = 92,
    seed: int = 0,
) -> Scene:
    """Put a sprite on a ground.

    Args:
        place: where the middle of the sprite's lowest row goes, as shares of width and height.
        height: of the sprite as a share of the ground's height.
        mask_change_px: mean distance by which the given mask is wider (positive) or tighter than the truth.
    """
    rng = np.random.default_rng(seed)
    colours, alpha = _placed(sprite, ground.shape[:2], place, height)
    blocked = visibility(alpha, light) if light else np.zeros_like(alpha)
    ambient = np.array(light.ambient if light else (1, 1, 1), np.float32)
    shadowed = to_srgb(to_linear(ground) * (1 - blocked[..., None] * (1 - ambient)))
    ratio = shadowed / np.maximum(ground, 1e-4)
    photo = shadowed * (1 - alpha[..., None]) + colours * alpha[..., None]
    photo = photo + noise * rng.standard_normal(photo.shape)
    levels = np.round(np.clip(photo, 0, 1) * 255).astype(np.uint8)
    if jpeg_quality is not None:
        coded = cv2.imencode(".jpg", levels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality])[1]
        levels = np.ascontiguousarray(cv2.cvtColor(_read(coded, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)).astype(np.uint8)
    mask = hand_mask(alpha, mask_change_px, rng)
    return Scene(name, levels, mask, ground, alpha, colours, np.clip(ratio, 0, 1).astype(np.float32))


def hand_mask(alpha: Floats, change_px: float, rng: np.random.Generator) -> Mask:
    """The outline alpha = 0.5 moved by `change_px`, wobbling by about half of that plus half a pixel."""
    solid = alpha > 0.5
    distance = cv2.distanceTransform(solid.astype(np.uint8), cv2.DIST_L2, 5)
    distance -= cv2.distanceTransform((~solid).astype(np.uint8), cv2.DIST_L2, 5)
    wobble = cv2.GaussianBlur(rng.standard_normal(alpha.shape).astype(np.float32), (0, 0), 6)
    wobble /= max(float(wobble.std()), 1e-6)
    return distance > -change_px + wobble * (0.5 + 0.4 * abs(change_px))


def _placed(sprite: Sprite, shape: tuple[int, int], place: tuple[float, float], height: float) -> tuple[Floats, Floats]:
    rows, columns = np.flatnonzero((sprite.alpha > 0.5).any(1)), np.flatnonzero((sprite.alpha > 0.5).any(0))
    scale = height * shape[0] / (rows[-1] - rows[0] + 1)
    left = place[0] * shape[1] - scale * (columns[0] + columns[-1]) / 2
    top = place[1] * shape[0] - scale * rows[-1]
    premultiplied = np.dstack([sprite.colours * sprite.alpha[..., None], sprite.alpha])
    if scale < 0.7:
        # warpAffine does not average when it shrinks.
        size = (max(1, round(sprite.alpha.shape[1] * scale)), max(1, round(sprite.alpha.shape[0] * scale)))
        premultiplied = cv2.resize(premultiplied, size, interpolation=cv2.INTER_AREA)
        scale = 1.0
    matrix = np.array([[scale, 0, left], [0, scale, top]], np.float32)
    warped = cv2.warpAffine(premultiplied, matrix, shape[::-1], flags=cv2.INTER_LINEAR)
    alpha = np.clip(warped[..., 3], 0, 1)
    alpha[alpha < 1 / 255] = 0
    colours = np.where(alpha[..., None] > 0, warped[..., :3] / np.maximum(alpha, 1 / 255)[..., None], 0)
    return np.clip(colours, 0, 1).astype(np.float32), alpha.astype(np.float32)


def read_unit(path: Path) -> Floats:
    """A photo as unit RGB."""
    bgr = _read(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    return (cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB) / 255).astype(np.float32)


def _read(coded: NDArray[np.uint8], flags: int) -> NDArray[np.uint8]:
    decoded = cv2.imdecode(coded, flags)
    if decoded is None:
        raise StudioError("A benchmark picture cannot be read.", "Restore the photos folder beside the checkout.")
    return decoded.astype(np.uint8, copy=False)


def photo_sprite(name: str, photo: Path, mask: Path, soften_px: float = 0.0) -> Sprite:
    """A real cut-out: the mask file as alpha (softened when it is binary), colours freed from the old background."""
    from studio.cutout.matte import estimate_foreground

    image = read_unit(photo)
    alpha = (_read(np.fromfile(mask, np.uint8), cv2.IMREAD_GRAYSCALE) / 255).astype(np.float32)
    if soften_px:
        alpha = cv2.GaussianBlur((alpha > 0.5).astype(np.float32), (0, 0), soften_px)
    alpha = np.clip((alpha - 0.03) / 0.94, 0, 1)
    return Sprite(name, estimate_foreground(image, alpha), alpha)


def ball_sprite(size: int = 400, seed: int = 1) -> Sprite:
    """A shaded, textured ball with a one-pixel edge."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size * 2 - 1
    radius = np.hypot(x, y) / 0.9
    normal_z = np.sqrt(np.clip(1 - radius**2, 0, 1))
    shade = np.clip(0.25 + 0.75 * (0.5 * normal_z - 0.45 * x - 0.55 * y), 0.05, 1)
    blotches = cv2.GaussianBlur(rng.random((size, size, 3)).astype(np.float32), (0, 0), size / 40)
    blotches = (blotches - 0.5) / blotches.std() * 0.08 + np.array([0.75, 0.35, 0.2], np.float32)
    alpha = np.clip((1 - radius) * size * 0.45 + 0.5, 0, 1)
    return Sprite("ball", np.clip(blotches * shade[..., None], 0, 1).astype(np.float32), alpha.astype(np.float32))


def hairy_sprite(size: int = 500, seed: int = 2) -> Sprite:
    """A dark blob with thin soft hairs: the hard case for mattes."""
    rng = np.random.default_rng(seed)
    alpha = np.zeros((size, size), np.float32)
    cv2.ellipse(alpha, (size // 2, int(size * 0.58)), (size // 4, int(size * 0.36)), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    for _ in range(420):
        angle = rng.uniform(0, 2 * np.pi)
        start = np.array([size / 2 + size / 4 * np.cos(angle), size * 0.58 + size * 0.36 * np.sin(angle)])
        way = np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(0.02, 0.07) * size
        bend = rng.normal(0, 0.012 * size, 2)
        points = np.array([start - way * 0.3, start + way * 0.5 + bend, start + way + 2 * bend])
        line = np.zeros_like(alpha)
        cv2.polylines(line, [np.round(points * 16).astype(np.int32)], False, 1.0, 1, cv2.LINE_AA, 4)
        alpha = np.maximum(alpha, line * rng.uniform(0.5, 1.0))
    alpha = cv2.GaussianBlur(alpha, (0, 0), 0.7)
    fur = cv2.GaussianBlur(rng.random((size, size, 1)).astype(np.float32), (0, 0), 2.0)[..., None]
    fur = (fur - 0.5) / fur.std() * 0.06
    colours = np.clip(np.array([0.28, 0.2, 0.16], np.float32) + fur, 0.02, 1)
    return Sprite("hairy", np.broadcast_to(colours, (size, size, 3)).astype(np.float32).copy(), alpha)


def crate_sprite(size: int = 400, seed: int = 3) -> Sprite:
    """A bright box with planks and a hole through it."""
    rng = np.random.default_rng(seed)
    alpha = np.zeros((size, size), np.float32)
    cv2.rectangle(alpha, (int(size * 0.12), int(size * 0.2)), (int(size * 0.88), int(size * 0.95)), 1.0, -1)
    cv2.rectangle(alpha, (int(size * 0.38), int(size * 0.3)), (int(size * 0.62), int(size * 0.5)), 0.0, -1)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 0.6)
    planks = (
        0.72 + 0.12 * np.sign(np.sin(np.arange(size) / size * 40))[:, None] + 0.05 * rng.standard_normal((size, size))
    )
    colours = np.clip(planks[..., None] * np.array([1.0, 0.86, 0.6]), 0, 1)
    return Sprite("crate", cv2.GaussianBlur(colours.astype(np.float32), (0, 0), 0.8), alpha)


def studio_ground(height: int = 640, width: int = 900) -> Floats:
    """A smooth backdrop: light falling off towards the corners."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 0.82 - 0.25 * ((x / width - 0.4) ** 2 + (y / height - 0.6) ** 2)
    return np.clip(light[..., None] * np.array([0.93, 0.96, 1.0], np.float32), 0, 1).astype(np.float32)


def plank_ground(height: int = 640, width: int = 900, seed: int = 5) -> Floats:
    """Wooden planks in perspective below a plain wall."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    horizon = 0.3 * height
    depth = np.maximum(y - horizon, 1) / (height - horizon)
    across = (x - width / 2) / width / (0.35 + depth) * 14
    board = np.floor(across)
    tone = rng.random(64).astype(np.float32)[board.astype(int) % 64]
    stretched = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), sigmaX=1.2, sigmaY=9)
    grain = stretched / stretched.std() * 0.04
    gap = np.clip(np.minimum(across - board, board + 1 - across) * 30, 0.35, 1)
    wood = (0.55 + 0.14 * (tone - 0.5) + grain) * gap
    floor = wood[..., None] * np.array([1.0, 0.78, 0.55], np.float32)
    wall = np.broadcast_to(np.array([0.72, 0.74, 0.7], np.float32), floor.shape)
    return np.clip(np.where((y > horizon)[..., None], floor, wall), 0, 1).astype(np.float32)


def tiled_ground(height: int = 640, width: int = 900, seed: int = 6) -> Floats:
    """A square-tiled floor seen from above, unevenly lit, with joints and stains."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = (x * 0.94 + y * 0.34) / 70, (y * 0.94 - x * 0.34) / 70
    tone = rng.random((64, 64)).astype(np.float32)[np.floor(u).astype(int) % 64, np.floor(v).astype(int) % 64]
    joint = np.minimum(np.abs(u - np.round(u)), np.abs(v - np.round(v))) * 70
    stains = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), 5)
    light = 0.75 + 0.2 * x / width
    plane = (0.8 + 0.12 * (tone - 0.5) + 0.02 * stains / stains.std()) * np.clip(joint / 2.5, 0.55, 1) * light
    return np.clip(plane[..., None] * np.array([0.93, 0.97, 1.0], np.float32), 0, 1).astype(np.float32)


def meadow_ground(height: int = 640, width: int = 900, seed: int = 7) -> Floats:
    """Grass-like multi-scale noise, getting finer with distance."""
    rng = np.random.default_rng(seed)
    field = np.zeros((height, width), np.float32)
    for sigma, weight in ((1.0, 0.06), (2.5, 0.05), (8.0, 0.04), (40.0, 0.06)):
        noise = cv2.GaussianBlur(
            rng.standard_normal((height, width)).astype(np.float32), (0, 0), sigmaX=sigma, sigmaY=1.6 * sigma
        )
        field += weight * noise / noise.std()
    tint = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), 20)
    tint = 0.05 * tint / tint.std()
    grass = np.dstack([0.38 + field + tint, 0.5 + field, 0.2 + 0.7 * field - tint])
    return np.clip(grass, 0.02, 1).astype(np.float32)
