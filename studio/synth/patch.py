"""A rectangle of straight RGBA pixels somewhere on (or beyond) the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import EMPTY, ORIGIN, Point, Rect, Size

RGBA8: TypeAlias = NDArray[np.uint8]
"""(H, W, 4) straight alpha."""
RGB8: TypeAlias = NDArray[np.uint8]
"""(H, W, 3)."""
Mask: TypeAlias = NDArray[np.bool_]
"""(H, W)."""

SOLID = 128
"""Alpha from which a pixel counts as part of an object in masks."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """`pixels` (h, w, 4) with their first pixel at `origin`; parts off the picture are kept."""

    pixels: RGBA8
    origin: Point = ORIGIN

    @property
    def bounds(self) -> Rect:
        return Rect.at(self.origin, Size(self.pixels.shape[1], self.pixels.shape[0]))

    @property
    def is_empty(self) -> bool:
        return self.pixels.size == 0

    def trimmed(self) -> Patch:
        """Cut to the pixels whose alpha is not zero; 0 x 0 when there are none."""
        box = box_of(self.pixels[:, :, 3] != 0)
        rows, columns = box.slices()
        return Patch(np.ascontiguousarray(self.pixels[rows, columns]), self.origin + box.origin)

    def overlap(self, rect: Rect) -> tuple[tuple[slice, slice], RGBA8]:
        """The slices of a picture that starts at the origin and fills `rect`, and the pixels that lie there."""
        part = self.bounds.intersect(rect)
        return part.slices(rect.origin), self.pixels[part.slices(self.origin)]

    def on_canvas(self, size: Size) -> RGBA8:
        """The patch alone on a transparent (H, W, 4) picture."""
        out = np.zeros((size.height, size.width, 4), np.uint8)
        where, pixels = self.overlap(size.rect)
        out[where] = pixels
        return out

    def solid(self, size: Size) -> Mask:
        """Where on the picture its alpha is at least one half."""
        out = np.zeros((size.height, size.width), np.bool_)
        where, pixels = self.overlap(size.rect)
        out[where] = pixels[:, :, 3] >= SOLID
        return out


def box_of(mask: Mask) -> Rect:
    """The smallest rectangle around the set pixels; `EMPTY` when there are none."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return EMPTY
    return Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
