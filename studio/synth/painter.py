"""Draws one sprite: filled outlines in local units on a supersampled canvas, averaged down to straight RGBA.

Local units: the sprite is 1 high, its base is at (0, 0), x to the right, y up. Outlines are filled with OpenCV in
integers and averaged in halves, so the bytes do not depend on the machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import Point
from studio.synth.palette import RGB, Tones
from studio.synth.shapes import Outline, Points, box, circle, stroke
from studio.synth.vocabulary import Pattern

Stencil: TypeAlias = NDArray[np.uint8]
"""(H, W) at the supersampled size; 255 inside, 0 outside."""

_SHIFT_BITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The part of local space that a sprite may use."""

    left: float
    right: float
    bottom: float = -0.06
    top: float = 1.06


class Painter:
    """A canvas for one sprite; see the module."""

    def __init__(self, extent: Extent, unit_px: float, base_px: tuple[float, float], flip: bool = False) -> None:
        sign = -1.0 if flip else 1.0
        sides = sorted((extent.left * sign, extent.right * sign))
        left = math.floor(base_px[0] + sides[0] * unit_px) - 1
        right = math.ceil(base_px[0] + sides[1] * unit_px) + 1
        top = math.floor(base_px[1] - extent.top * unit_px) - 1
        bottom = math.ceil(base_px[1] - extent.bottom * unit_px) + 1
        self.origin = Point(left, top)
        self.factor = 8 if unit_px < 32 else 4 if unit_px < 160 else 2
        shape = ((bottom - top) * self.factor, (right - left) * self.factor)
        self._canvas = np.zeros((*shape, 4), np.uint8)
        self._packed = self._canvas.view(np.uint32)[:, :, 0]
        self._scale = np.array([unit_px * sign, -unit_px]) * self.factor
        self._shift = np.array([base_px[0] - left, base_px[1] - top]) * self.factor - 0.5

    def fill(self, points: Points, color: RGB, within: Stencil | None = None) -> None:
        """Fill an outline, only where `within` is set when that is given."""
        outline = self._to_canvas(points)
        if within is None:
            cv2.fillPoly(self._canvas, [outline], (*color, 255), shift=_SHIFT_BITS)
            return
        part, inside = self._inside(outline, within)
        self._packed[part][inside != 0] = _packed_color(color)

    def line(self, points: Points, width: float, color: RGB, within: Stencil | None = None) -> None:
        self.fill(stroke(points, width), color, within)

    def glaze(self, points: Points, color: RGB, opacity: float, within: Stencil | None = None) -> None:
        """Tint what is already painted inside the outline; it adds no coverage."""
        part, inside = self._inside(self._to_canvas(points), self._canvas[:, :, 3] if within is None else within)
        region = self._canvas[part]
        if region.size:
            cv2.copyTo(cv2.LUT(region, _tint_table(color, int(opacity * 256 + 0.5))), inside & region[:, :, 3], region)

    def stencil(self, points: Points) -> Stencil:
        """The inside of an outline."""
        stencil = np.zeros(self._canvas.shape[:2], np.uint8)
        cv2.fillPoly(stencil, [self._to_canvas(points)], (255,), shift=_SHIFT_BITS)
        return stencil

    def painted(self) -> Stencil:
        """Everything painted so far."""
        return self._canvas[:, :, 3].copy()

    def cut(self, points: Points) -> None:
        """Erase the inside of an outline."""
        cv2.fillPoly(self._canvas, [self._to_canvas(points)], (0, 0, 0, 0), shift=_SHIFT_BITS)

    def finish(self) -> NDArray[np.uint8]:
        """The sprite as premultiplied (H, W, 4) pixels; its first pixel lies at `origin`."""
        pixels: NDArray[np.uint8] = self._canvas
        factor = self.factor
        while factor > 1:
            size = (pixels.shape[1] // 2, pixels.shape[0] // 2)
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
            factor //= 2
        return pixels

    def _to_canvas(self, points: Points) -> NDArray[np.int32]:
        places = np.asarray(points, dtype=np.float64) * self._scale + self._shift
        return np.rint(places * (1 << _SHIFT_BITS)).astype(np.int32)

    def _inside(self, outline: NDArray[np.int32], within: Stencil) -> tuple[tuple[slice, slice], Stencil]:
        """The part of the canvas around an outline, and where inside it outline and `within` are both set."""
        low = (outline.min(axis=0) >> _SHIFT_BITS) - 1
        high = (outline.max(axis=0) >> _SHIFT_BITS) + 3
        height, width = self._canvas.shape[:2]
        top, bottom = max(0, int(low[1])), min(height, int(high[1]))
        left, right = max(0, int(low[0])), min(width, int(high[0]))
        inside = np.zeros((max(0, bottom - top), max(0, right - left)), np.uint8)
        part = (slice(top, top + inside.shape[0]), slice(left, left + inside.shape[1]))
        if inside.size:
            moved = outline - np.array([left << _SHIFT_BITS, top << _SHIFT_BITS], np.int32)
            cv2.fillPoly(inside, [moved], (255,), shift=_SHIFT_BITS)
            inside &= within[part]
        return part, inside


def _packed_color(color: RGB) -> np.uint32:
    return np.array([*color, 255], np.uint8).view(np.uint32)[0]


def _tint_table(color: RGB, share: int) -> NDArray[np.uint8]:
    """(1, 256, 4) lookup: each channel moved `share`/256 of the way to the colour, alpha kept."""
    old = np.arange(256)[:, None] * np.array([256 - share] * 3 + [256])
    return ((old + np.array([*color, 0]) * share + 128) >> 8).astype(np.uint8)[None]


def paint_pattern(
    painter: Painter,
    within: Stencil,
    bounds: tuple[float, float, float, float],
    pattern: Pattern,
    color: RGB,
    pitch: float,
) -> None:
    """Lay stripes, dots or checks of one colour over a region.

    Args:
        bounds: (left, bottom, right, top) of the region in local units.
        pitch: distance from one stripe, dot or square to the next of its kind.
    """
    for outline in _motifs(pattern, bounds, pitch):
        painter.fill(outline, color, within)


def _motifs(pattern: Pattern, bounds: tuple[float, float, float, float], pitch: float) -> list[Outline]:
    left, bottom, right, top = bounds

    def starts(low: float, high: float, step: float) -> list[float]:
        return [low + step * k for k in range(math.ceil((high - low) / step) + 1)]

    match pattern:
        case Pattern.PLAIN:
            return []
        case Pattern.STRIPED:
            return [box(left, y, right, y + pitch * 0.45) for y in starts(bottom + pitch * 0.5, top, pitch)]
        case Pattern.DOTTED:
            step = pitch * 0.9
            rows = enumerate(starts(bottom + step * 0.4, top, step))
            centres = [(x + step * 0.5 * (row % 2), y) for row, y in rows for x in starts(left, right, step)]
            return [circle(x, y, pitch * 0.25, 14) for x, y in centres]
        case Pattern.CHECKED:
            side = pitch * 0.62
            cells = (
                (i, x, j, y)
                for j, y in enumerate(starts(bottom, top, side))
                for i, x in enumerate(starts(left, right, side))
            )
            return [box(x, y, x + side, y + side) for i, x, j, y in cells if (i + j) % 2]


def accent_of(ramp: Tones, lightness: float) -> RGB:
    """The second colour of a pattern: cream on dark colours, a deep shade on light ones."""
    if lightness > 0.72:
        return ramp.deep
    return (
        (ramp.base[0] + 2 * 250) // 3,
        (ramp.base[1] + 2 * 246) // 3,
        (ramp.base[2] + 2 * 236) // 3,
    )
