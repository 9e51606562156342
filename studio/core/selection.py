"""The selection and the channels it is saved to: soft coverage of the canvas, in tiles that versions share.

A selection belongs to the document and to its history, as Photoshop has it: undo brings it back, a project keeps it.
No selection means that everything is selected; a selection that selects nothing does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from studio.core.errors import ShapeError
from studio.core.geometry import ORIGIN, Point, Rect, Size
from studio.core.pixels import Depth, PixelBuffer

Coverage: TypeAlias = NDArray[np.uint8]
"""(H, W) uint8: 0 is not selected, 255 is selected."""

FULL = 255


class Combine(StrEnum):
    """What becomes of the selection there is when another one is made."""

    REPLACE = "replace"
    ADD = "add"
    SUBTRACT = "subtract"
    INTERSECT = "intersect"


@dataclass(frozen=True, slots=True)
class Selection:
    """How much of each pixel of the canvas is selected.

    `pixels` is one 8-bit channel as large as the canvas, whatever the document's depth; nothing off the canvas is
    selected.
    """

    pixels: PixelBuffer

    @classmethod
    def of(cls, coverage: Coverage) -> Selection | None:
        """A selection of (h, w) coverage, or None when it selects nothing. Raises ShapeError for other arrays."""
        pixels = coverage_buffer(coverage)
        return cls(pixels) if pixels.tiles else None

    @property
    def size(self) -> Size:
        return self.pixels.size

    @property
    def bounds(self) -> Rect:
        """The smallest rectangle around all that is selected at all."""
        return self.pixels.shown_rect()

    def read(self, rect: Rect | None = None) -> Coverage:
        """A writable (h, w) copy of the coverage in `rect`, the canvas by default; 0 off the canvas."""
        return read_coverage(self.pixels, rect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A saved selection under a name of its own; it may be empty. `pixels` is as in `Selection`."""

    name: str
    pixels: PixelBuffer


def coverage_buffer(coverage: Coverage) -> PixelBuffer:
    """(h, w) coverage as tiles. Raises ShapeError for other arrays."""
    if coverage.ndim != 2 or coverage.dtype != np.uint8:
        raise ShapeError(f"A selection needs (h, w) 8-bit samples, not {coverage.dtype} of shape {coverage.shape}.")
    return PixelBuffer.from_array(coverage[:, :, None])


def read_coverage(pixels: PixelBuffer, rect: Rect | None = None) -> Coverage:
    """A writable (h, w) copy of one 8-bit channel."""
    return cast(Coverage, pixels.read(rect)[:, :, 0])


def on_canvas(pixels: PixelBuffer, size: Size, offset: Point = ORIGIN) -> PixelBuffer:
    """One 8-bit channel on a canvas of another size, moved by `offset`; what falls outside goes."""
    if size == pixels.size and offset == ORIGIN:
        return pixels
    return coverage_buffer(read_coverage(pixels, size.rect.moved(-offset)))


def is_canvas_channel(pixels: PixelBuffer, size: Size) -> bool:
    """Whether `pixels` is what a selection or a channel of a canvas of that size holds."""
    return (pixels.size, pixels.depth, pixels.channels, pixels.fill) == (size, Depth.EIGHT, 1, 0)


def combined(old: Coverage | None, new: Coverage, how: Combine) -> Coverage:
    """Both coverages as one, sample by sample.

    `old` None is no selection. Adding to that gives the new one alone, because nobody adds to everything; subtracting
    from it and intersecting it take everything as selected.
    """
    if how is Combine.REPLACE or (old is None and how in (Combine.ADD, Combine.INTERSECT)):
        return new
    if old is None:
        return FULL - new
    match how:
        case Combine.ADD:
            return np.maximum(old, new)
        case Combine.SUBTRACT:
            return np.minimum(old, FULL - new)
        case _:
            return np.minimum(old, new)
