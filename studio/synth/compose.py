"""Laying patches over each other, and the min-alpha rule that merges an object with its effects.

Values are 0..1 in float32, in the order of operations that Photoshop's formulas give; nothing is rounded in between.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import ORIGIN, Point, Rect, Size
from studio.core.layers import BlendMode
from studio.synth.patch import RGB8, RGBA8, Patch

Picture = NDArray[np.floating]
"""(H, W, 3) values 0..1."""

_ONE = np.float32(1)


def to_float(pixels: NDArray[np.uint8]) -> NDArray[np.floating]:
    return pixels.astype(np.float32) / np.float32(255)


def to_bytes(picture: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Rounded to the nearest of 256 steps."""
    return (np.clip(picture, 0.0, 1.0) * np.float32(255) + np.float32(0.5)).astype(np.uint8)


def lay(picture: Picture, patch: Patch, mode: BlendMode = BlendMode.NORMAL, origin: Point = ORIGIN) -> None:
    """Blend a patch into a picture whose first pixel lies at `origin`; modes: normal, multiply, screen."""
    size = Size(picture.shape[1], picture.shape[0])
    where, pixels = patch.overlap(Rect.at(origin, size))
    if not pixels.size:
        return
    source = to_float(pixels)
    color, alpha, below = source[:, :, :3], source[:, :, 3:], picture[where]
    match mode:
        case BlendMode.NORMAL:
            blended = color
        case BlendMode.MULTIPLY:
            blended = below * color
        case BlendMode.SCREEN:
            blended = _ONE - (_ONE - below) * (_ONE - color)
        case _:
            raise ValueError(f"the practice world has no {mode} layers")
    picture[where] = below * (_ONE - alpha) + blended * alpha


def min_alpha(after: RGB8, before: RGB8, matte: NDArray[np.uint8]) -> RGBA8:
    """One straight RGBA layer that turns `before` into `after`, as transparent as its colours allow.

    Alpha is the matte where that is larger than the smallest alpha for which the layer's colour stays between 0 and 1
    (layer_decomp.md section 9, steps 2 and 3), rounded up to the next of 256 steps. Laid over `before` it gives `after`
    exactly after rounding. Where nothing changed, alpha is the matte and the colour that of the picture.

    Args:
        after, before: (H, W, 3).
        matte: (H, W) alpha of the object alone.
    """
    new, old = after.astype(np.int32), before.astype(np.int32)
    rise, room = new - old, 255 - old
    needed = np.where(rise > 0, -(-rise * 255 // np.maximum(room, 1)), -(rise * 255 // np.maximum(old, 1)))
    alpha = np.maximum(needed.max(axis=2), matte.astype(np.int32))[:, :, None]
    safe = np.maximum(alpha, 1)
    color = (2 * (255 * new - (255 - alpha) * old) + safe) // (2 * safe)
    color = np.where(alpha > 0, np.clip(color, 0, 255), 0)
    return np.concatenate([color, alpha], axis=2).astype(np.uint8)
