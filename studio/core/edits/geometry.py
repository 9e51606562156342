"""Lossless geometry: moving, flipping and turning layers or the canvas by right angles, resizing, cropping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum

import numpy as np

from studio.core.document import MAX_SIDE_PX, Document
from studio.core.edits.targets import Lock, changed, checked, everywhere, outermost, require_unlocked
from studio.core.errors import DocumentError
from studio.core.geometry import ORIGIN, Point, Rect, Size
from studio.core.guides import mapped_guides, with_guides
from studio.core.layers import Layer, LayerId, Layers, Mask, RasterLayer
from studio.core.pixels import PixelBuffer, Pixels
from studio.core.selection import Selection, on_canvas


class Turn(StrEnum):
    """The right-angled maps; turns are clockwise."""

    FLIP_HORIZONTAL = "flip_horizontal"
    FLIP_VERTICAL = "flip_vertical"
    QUARTER = "quarter"
    HALF = "half"
    THREE_QUARTERS = "three_quarters"

    @property
    def swaps_sides(self) -> bool:
        """Whether width becomes height."""
        return self in (Turn.QUARTER, Turn.THREE_QUARTERS)


def translate(document: Document, ids: Sequence[LayerId], offset: Point) -> Document:
    """Move layers, groups with all they hold, and the masks that are linked to them. No pixel is copied.

    Raises DocumentError when the position of one of them, or of a group that holds it, is locked.
    """
    for layer in outermost(document, ids):
        require_unlocked(document, layer.id, Lock.POSITION, inside=True)
        document = changed(document, layer.id, lambda layer: _moved(layer, offset, linked_only=True))
    return document


def turn_layers(document: Document, ids: Sequence[LayerId], turn: Turn) -> Document:
    """Flip or turn layers in place, about the centre of what they cover together; linked masks go with them.

    Raises DocumentError when position, pixels or transparency of one of them are locked.
    """
    layers = outermost(document, ids)
    for layer in layers:
        require_unlocked(document, layer.id, Lock.POSITION, Lock.PIXELS, Lock.ALPHA, inside=True)
    frame = Rect.union(layer.bounds for layer in layers)
    if frame.is_empty:  # adjustments only: turn their masks about the canvas
        frame = document.canvas
    shift = int((frame.width - frame.height) / 2) if turn.swaps_sides else 0  # towards 0, so that turning back fits
    target = frame.origin + Point(shift, -shift)
    for layer in layers:
        document = changed(document, layer.id, lambda layer: _turned(layer, turn, frame, target, linked_only=True))
    return document


def turn_canvas(document: Document, turn: Turn) -> Document:
    """Flip or turn the whole picture: every layer and mask, and the canvas with its sides swapped where needed."""
    size = Size(document.size.height, document.size.width) if turn.swaps_sides else document.size
    layers = tuple(_turned(layer, turn, document.canvas, ORIGIN, linked_only=False) for layer in document.layers)
    guides = mapped_guides(document, lambda line: turned_rect(line, turn, document.canvas, ORIGIN))
    turned = _with_canvas(document, size, layers, lambda pixels: _turned_buffer(pixels, turn))
    return with_guides(turned, guides)


def resize_canvas(document: Document, size: Size, offset: Point = ORIGIN) -> Document:
    """Give the canvas another size and move all layers by `offset` on it; what falls outside is kept.

    The selection, the channels and the guides move too; the first two lose what falls outside.
    Raises DocumentError for a size that no document may have.
    """
    layers = tuple(_moved(layer, offset, linked_only=False) for layer in document.layers)
    if max(size.width, size.height) > MAX_SIDE_PX or min(size.width, size.height) < 1:
        return checked(replace(document, size=size, layers=layers))  # raises, before anything of that size is made
    guides = mapped_guides(document, lambda line: Rect.at(line.origin + offset, line.size))
    return with_guides(
        checked(_with_canvas(document, size, layers, lambda pixels: on_canvas(pixels, size, offset))), guides
    )


def crop(document: Document, rect: Rect, *, delete_hidden: bool = False) -> Document:
    """Make `rect` the canvas.

    Args:
        delete_hidden: also cut away what lies outside; kept by default.
    Raises DocumentError for an empty rectangle.
    """
    if rect.is_empty:
        raise DocumentError("The crop rectangle is empty.", "Draw a rectangle of at least one pixel.")
    cropped = resize_canvas(document, rect.size, -rect.origin)
    return cut_to_canvas(cropped) if delete_hidden else cropped


def cut_to_canvas(document: Document) -> Document:
    """The document without what its layers and masks hold outside the canvas."""
    return document.with_layers(tuple(_cut(layer, document.canvas) for layer in document.layers))


def _with_canvas(
    document: Document, size: Size, layers: Layers, change: Callable[[PixelBuffer], PixelBuffer]
) -> Document:
    """The document with another canvas, and its selection and channels changed to fit it."""
    selection = None if document.selection is None else Selection(change(document.selection.pixels))
    if selection is not None and not selection.pixels.tiles:
        selection = None
    channels = tuple(replace(channel, pixels=change(channel.pixels)) for channel in document.channels)
    return replace(document, size=size, layers=layers, selection=selection, channels=channels)


def _moved(layer: Layer, offset: Point, *, linked_only: bool) -> Layer:
    return everywhere(
        layer,
        lambda raster: replace(raster, origin=raster.origin + offset),
        lambda mask: mask if linked_only and not mask.linked else replace(mask, origin=mask.origin + offset),
    )


def _turned(layer: Layer, turn: Turn, frame: Rect, target: Point, *, linked_only: bool) -> Layer:
    """The layer after `frame` was turned and put down with its corner at `target`."""

    def raster(layer: RasterLayer) -> RasterLayer:
        origin = turned_rect(layer.bounds, turn, frame, target).origin
        return replace(layer, pixels=_turned_buffer(layer.pixels, turn), origin=origin)

    def mask(mask: Mask) -> Mask:
        if linked_only and not mask.linked:
            return mask
        origin = turned_rect(mask.bounds, turn, frame, target).origin
        return replace(mask, pixels=_turned_buffer(mask.pixels, turn), origin=origin)

    return everywhere(layer, raster, mask)


def turned_rect(rect: Rect, turn: Turn, frame: Rect, target: Point) -> Rect:
    """Where `rect` lies after `frame` was turned and put down with its corner at `target`."""
    left, top = rect.left - frame.left, rect.top - frame.top
    right, bottom = frame.right - rect.right, frame.bottom - rect.bottom
    corner = {
        Turn.FLIP_HORIZONTAL: Point(right, top),
        Turn.FLIP_VERTICAL: Point(left, bottom),
        Turn.QUARTER: Point(bottom, left),
        Turn.HALF: Point(right, bottom),
        Turn.THREE_QUARTERS: Point(top, right),
    }[turn]
    size = Size(rect.height, rect.width) if turn.swaps_sides else rect.size
    return Rect.at(target + corner, size)


def turned_samples(samples: Pixels, turn: Turn) -> Pixels:
    """(h, w, C) samples flipped or turned."""
    match turn:
        case Turn.FLIP_HORIZONTAL:
            return samples[:, ::-1]
        case Turn.FLIP_VERTICAL:
            return samples[::-1]
        case Turn.QUARTER:
            return np.rot90(samples, -1)
        case Turn.HALF:
            return samples[::-1, ::-1]
        case Turn.THREE_QUARTERS:
            return np.rot90(samples)


def _turned_buffer(pixels: PixelBuffer, turn: Turn) -> PixelBuffer:
    return PixelBuffer.from_array(turned_samples(pixels.read(), turn), pixels.fill)


def _cut(layer: Layer, canvas: Rect) -> Layer:
    """The layer and its mask without what lies outside the canvas."""

    def cut(pixels: PixelBuffer, origin: Point) -> tuple[PixelBuffer, Point]:
        bounds = Rect.at(origin, pixels.size)
        part = bounds.intersect(canvas)
        if part == bounds:
            return pixels, origin
        return PixelBuffer.from_array(pixels.read(part.moved(-origin)), pixels.fill), part.origin

    def raster(layer: RasterLayer) -> RasterLayer:
        pixels, origin = cut(layer.pixels, layer.origin)
        return replace(layer, pixels=pixels, origin=origin)

    def mask(mask: Mask) -> Mask:
        pixels, origin = cut(mask.pixels, mask.origin)
        return replace(mask, pixels=pixels, origin=origin)

    return everywhere(layer, raster, mask)
