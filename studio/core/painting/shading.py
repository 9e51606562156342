"""Where each pixel lies along a drawn gradient, and the ordered dither that hides its steps."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import Rect

Spot = tuple[float, float]
"""(x, y) in canvas coordinates."""


class GradientShape(StrEnum):
    """How positions run: along the drawn line, or outwards from its start."""

    LINEAR = "linear"
    RADIAL = "radial"


def positions(rect: Rect, start: Spot, end: Spot, shape: GradientShape) -> NDArray[np.float64]:
    """(h, w) 0..1 for the pixel centres of `rect`: 0 at `start`, 1 at `end`, flat beyond."""
    x = np.arange(rect.left, rect.right, dtype=np.float64) + 0.5 - start[0]
    y = (np.arange(rect.top, rect.bottom, dtype=np.float64) + 0.5 - start[1])[:, None]
    along, down = end[0] - start[0], end[1] - start[1]
    length = along * along + down * down
    if shape is GradientShape.LINEAR:
        return np.clip((x * along + y * down) / length, 0.0, 1.0)
    return np.clip(np.sqrt((x * x + y * y) / length), 0.0, 1.0)


def dither_thresholds(rect: Rect) -> NDArray[np.float32]:
    """(h, w) where a sample is rounded up: the 64 steps of an 8 x 8 Bayer matrix, fixed to the canvas, mean 0.5."""
    rows = np.arange(rect.top, rect.bottom) % 8
    columns = np.arange(rect.left, rect.right) % 8
    return _BAYER[rows][:, columns]


def _bayer(order: int) -> NDArray[np.int64]:
    if order == 0:
        return np.zeros((1, 1), np.int64)
    small = 4 * _bayer(order - 1)
    return np.block([[small, small + 2], [small + 3, small + 1]])


_BAYER = ((_bayer(3) + 0.5) / 64).astype(np.float32)
