"""Coverage of pixels by their colour: magic wand, colour range, luminosity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import Point
from studio.core.opencv import cv2
from studio.core.pixels import Depth, Pixels
from studio.core.selection import FULL, Coverage

Color: TypeAlias = tuple[float, float, float]
"""Red, green and blue, 0..1."""

_LUMA = np.array([0.3, 0.59, 0.11], np.float32)


def wand(samples: Pixels, seed: Point, tolerance: int, *, contiguous: bool = True, antialias: bool = True) -> Coverage:
    """The pixels whose channels, alpha included, are all within `tolerance` (0..255) of those at `seed`.

    Args:
        samples: (h, w, 4) straight RGBA.
        contiguous: only those joined to `seed` by their sides.
        antialias: pixels beside the region are selected in part, the less the farther their colour is off; from twice
            the tolerance on not at all.
    """
    there = samples[seed.y : seed.y + 1, seed.x : seed.x + 1]
    gap = _distance(samples, [float(_seen(there, channel)[0, 0]) for channel in range(4)])
    inside = (gap <= tolerance).astype(np.uint8)
    if contiguous:
        inside = _joined(inside, seed)
    out = inside * np.uint8(FULL)
    if antialias and tolerance > 0:
        beside = cv2.dilate(inside, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))) > inside
        share = np.clip(2 - gap[beside] / np.float32(tolerance), 0, 1)
        out[beside] = np.rint(share * FULL).astype(np.uint8)
    return out


def color_range(samples: Pixels, colors: Sequence[Color], fuzziness: int) -> Coverage:
    """How near each pixel is to the nearest of `colors`: all at the colour itself, none from `fuzziness` (1..255) on.

    Distances are those of the channel that is farthest off; transparency counts as not selected.
    """
    nearest = np.full(samples.shape[:2], np.float32(FULL))
    for color in colors:
        nearest = np.minimum(nearest, _distance(samples, [255 * share for share in color], channels=3))
    share = np.clip(1 - nearest / np.float32(fuzziness), 0, 1)
    return np.rint(share * _alpha(samples) * FULL).astype(np.uint8)


def luminosity(samples: Pixels) -> Coverage:
    """How bright each pixel is, times its alpha."""
    light = (samples[..., :3].astype(np.float32) / np.float32(Depth.of(samples).top)) @ _LUMA
    return np.rint(np.clip(light, 0, 1) * _alpha(samples) * FULL).astype(np.uint8)


def _seen(samples: Pixels, channel: int) -> NDArray[np.float32]:
    """(h, w) one channel in 0..255; what cannot be seen has no colour."""
    out = samples[..., channel].astype(np.float32)
    out *= np.float32(255 / Depth.of(samples).top)
    if channel < 3:
        out *= samples[..., 3] > 0
    return out


def _distance(samples: Pixels, color: Sequence[float], channels: int = 4) -> NDArray[np.float32]:
    """(h, w) the largest difference of a channel, 0..255."""
    gap = np.zeros(samples.shape[:2], np.float32)
    for channel in range(channels):
        plane = _seen(samples, channel)
        plane -= np.float32(color[channel])
        np.maximum(gap, np.abs(plane, out=plane), out=gap)
    return gap


def _alpha(samples: Pixels) -> NDArray[np.float32]:
    return samples[..., 3].astype(np.float32) / np.float32(Depth.of(samples).top)


def _joined(inside: NDArray[np.uint8], seed: Point) -> NDArray[np.uint8]:
    """The part of `inside` that is joined to the seed, which is in it."""
    height, width = inside.shape
    mask = np.zeros((height + 2, width + 2), np.uint8)
    cv2.floodFill(inside, mask, (seed.x, seed.y), 1, flags=4 | cv2.FLOODFILL_MASK_ONLY)
    return mask[1:-1, 1:-1]
