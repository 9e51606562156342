"""How far two pictures are apart: figures and a heat map."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.core.errors import ShapeError
from studio.core.opencv import cv2
from studio.core.pixels import Depth, Pixels

HEAT_TOP_255 = 8.0
"""A difference of this many 1/255 is the hottest colour, unless the largest one is greater."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Over premultiplied colour and alpha, in units of 1/255; PSNR is infinite for equal pictures."""

    max_255: float
    p95_255: float
    psnr_db: float
    changed_share: float


def distance_map(first: Pixels, second: Pixels) -> NDArray[np.float32]:
    """(H, W) largest difference of premultiplied colour and alpha in 1/255. 8 and 16 bit may be mixed.

    Raises ShapeError when the pictures have not the same size or are not RGBA.
    """
    if first.shape != second.shape or first.shape[-1] != 4:
        sizes = f"{first.shape[1]} x {first.shape[0]} and {second.shape[1]} x {second.shape[0]} px"
        raise ShapeError(f"The pictures differ in size: {sizes}.", "Compare pictures of the same size.")
    gap = np.zeros(first.shape[:2], np.float32)
    for rows in _strips(first.shape[0]):
        gap[rows] = np.abs(_premultiplied_255(first[rows]) - _premultiplied_255(second[rows])).max(axis=2)
    return gap


def measure(first: Pixels, second: Pixels) -> Difference:
    """Compare two (H, W, 4) straight RGBA pictures. Raises ShapeError."""
    gap = distance_map(first, second)
    squares, changed = 0.0, 0
    for rows in _strips(first.shape[0]):
        error = _premultiplied_255(first[rows]) - _premultiplied_255(second[rows])
        squares += float(np.square(error, dtype=np.float64).sum())
        changed += int((error != 0).any(axis=2).sum())
    mean = squares / first.size
    psnr = math.inf if mean == 0 else 10 * math.log10(255**2 / mean)
    return Difference(float(gap.max()), float(np.percentile(gap, 95)), psnr, changed / gap.size)


def heat_map(gap: NDArray[np.float32], top_255: float | None = None) -> NDArray[np.uint8]:
    """(H, W, 4) opaque RGBA of a distance map: black is equal, white is far.

    Args:
        top_255: the difference from which on it is white; the largest one of the map, but no less than HEAT_TOP_255,
            unless given.
    """
    top = max(HEAT_TOP_255, float(gap.max())) if top_255 is None else top_255
    scaled = np.rint(np.minimum(gap * (255 / top), 255)).astype(np.uint8)
    colours = cv2.applyColorMap(scaled, cv2.COLORMAP_INFERNO)
    colours[gap == 0] = 0
    return np.ascontiguousarray(cv2.cvtColor(colours, cv2.COLOR_BGR2RGBA)).astype(np.uint8)


def shrunk(gap: NDArray[np.float32], side_px: int) -> NDArray[np.float32]:
    """A distance map with no side longer than `side_px`; each pixel is the largest of those it stands for."""
    step = max(1, -(-max(gap.shape) // side_px))
    height, width = gap.shape
    padded = np.zeros((-(-height // step) * step, -(-width // step) * step), np.float32)
    padded[:height, :width] = gap
    return padded.reshape(padded.shape[0] // step, step, -1, step).max(axis=(1, 3))


def _strips(height: int, step: int = 256) -> list[slice]:
    return [slice(top, min(top + step, height)) for top in range(0, height, step)]


def _premultiplied_255(samples: Pixels) -> NDArray[np.float32]:
    scaled = samples.astype(np.float32) * np.float32(255 / Depth.of(samples).top)
    scaled[..., :3] *= scaled[..., 3:] / 255
    return scaled
