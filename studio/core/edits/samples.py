"""Arithmetic on integer samples, rounded to nearest, and writing them into buffers that grow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from studio.core.document import MAX_SIDE_PX, Document
from studio.core.errors import DocumentError, ShapeError
from studio.core.feedback import report
from studio.core.geometry import Point, Rect, Size
from studio.core.pixels import TILE, Depth, PixelBuffer, Pixels, to_depth


def times(a: Pixels, b: Pixels) -> Pixels:
    """a * b / top, for two arrays of one depth, rounded to nearest."""
    top = Depth.of(a).top
    return ((a.astype(np.uint32) * b + top // 2) // top).astype(a.dtype)


def faded(rgba: Pixels, coverage: Pixels) -> Pixels:
    """(h, w, 4) straight samples with alpha times `coverage` (h, w, 1); colour goes where that takes the last alpha."""
    out = rgba.copy()
    out[..., 3:] = times(rgba[..., 3:], coverage)
    out[(out[..., 3] == 0) & (coverage[..., 0] < Depth.of(rgba).top)] = 0
    return out


def rect_of(at: Point, samples: Pixels) -> Rect:
    """Where (h, w, C) samples lie that start at `at`."""
    return Rect.at(at, Size(samples.shape[1], samples.shape[0]))


def require_shape(samples: Pixels, depth: Depth, channels: int) -> None:
    """Raise ShapeError unless `samples` is (h, w, channels) at `depth`."""
    if samples.ndim != 3 or samples.shape[2] != channels or samples.dtype != depth.dtype:
        raise ShapeError(
            f"This needs {depth}-bit samples with {channels} channels, not {samples.dtype} of shape {samples.shape}."
        )


def written(pixels: PixelBuffer, origin: Point, at: Point, samples: Pixels) -> tuple[PixelBuffer, Point]:
    """A buffer at `origin` with `samples` at `at` (both on the canvas), grown to hold them, and its new origin.

    Raises DocumentError when it would grow beyond the largest side a document may have.
    """
    area = rect_of(at, samples)
    return written_in_strips(pixels, origin, area, lambda _: samples, max(1, area.height))


def written_in_strips(
    pixels: PixelBuffer, origin: Point, area: Rect, make: Callable[[Rect], Pixels], rows: int = TILE
) -> tuple[PixelBuffer, Point]:
    """The same with the samples that `make` gives for one strip of the area after the other, `rows` high.

    What is made of a large area then needs memory for a strip only. Several strips are reported as progress.
    """
    grown, shift = pixels.grown(area.moved(-origin))
    if max(grown.size.width, grown.size.height) > MAX_SIDE_PX:
        raise DocumentError(
            f"The layer would be {grown.size.width} x {grown.size.height} px.", f"{MAX_SIDE_PX} px is the limit."
        )
    origin = origin + shift
    for top in range(area.top, area.bottom, rows):
        if area.height > rows:
            report((top - area.top) / area.height)
        strip = Rect(area.left, top, area.right, min(area.bottom, top + rows))
        grown = grown.with_rect(strip.origin - origin, make(strip))
    return grown, origin


def coverage_at(document: Document, rect: Rect) -> Pixels:
    """(h, w, 1) how much of each pixel of `rect` is selected, at the document's depth; all without a selection."""
    if document.selection is None:
        return np.full((rect.height, rect.width, 1), document.depth.top, document.depth.dtype)
    return to_depth(document.selection.pixels.read(rect), document.depth)
