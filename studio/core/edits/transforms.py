"""Free transforms of layers, and of the picture as a whole: scale, rotate, skew, perspective, image size."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from studio.core.document import MAX_SIDE_PX, Document
from studio.core.edits.geometry import Turn, crop, cut_to_canvas, turn_canvas, turn_layers
from studio.core.edits.targets import Lock, changed, checked, everywhere, outermost, require_unlocked
from studio.core.errors import DocumentError
from studio.core.geometry import ORIGIN, Affine, Point, Rect, Size
from studio.core.guides import mapped_guides, with_guides
from studio.core.homography import Homography, Spot
from studio.core.layers import Layer, LayerId, Mask, RasterLayer
from studio.core.moved import moved
from studio.core.pixels import PixelBuffer
from studio.core.resampling import Sampling, resampled
from studio.core.selection import Selection, on_canvas

Placed: TypeAlias = "Callable[[PixelBuffer, Point], tuple[PixelBuffer, Point]]"
"""What becomes of a buffer and of where it lies."""


def transform_layers(
    document: Document, ids: Sequence[LayerId], move: Homography, *, sampling: Sampling = Sampling.BICUBIC
) -> Document:
    """Map layers, groups with all they hold, and the masks that are linked to them.

    Moves by whole pixels, flips and right-angled turns onto whole pixels keep every sample.
    Raises DocumentError when position, pixels or transparency of one of them are locked, and for a map that flattens.
    """
    return checked(_transformed(document, ids, move, partial(_resampled, move, sampling)))


def transform_preview(
    document: Document, ids: Sequence[LayerId], move: Homography, *, sampling: Sampling = Sampling.BICUBIC
) -> Document:
    """What `transform_layers` gives, to look at only: its buffers are sampled when they are drawn (see `core.moved`).

    It costs next to nothing and raises the same.
    """
    return _transformed(document, ids, move, lambda pixels, origin: moved(pixels, origin, move, sampling))


def transform_outline(document: Document, move: Homography, *, sampling: Sampling = Sampling.BICUBIC) -> Document:
    """Map the selection without the pixels in it; what leaves the canvas goes.

    Raises DocumentError without a selection, for a map that flattens, and when nothing would stay on the canvas.
    """
    if document.selection is None:
        raise DocumentError("There is no selection to transform.", "Select something first.")
    pixels, origin = resampled(document.selection.pixels, ORIGIN, move, sampling)
    placed = on_canvas(pixels, document.size, origin)
    if not placed.tiles:
        raise DocumentError("The selection would leave the canvas.", "Move it less far.")
    return replace(document, selection=Selection(placed))


def require_transformable(document: Document, ids: Sequence[LayerId]) -> None:
    """Raise DocumentError when a lock keeps one of the layers, or one inside them, from any transform but a move."""
    for layer in outermost(document, ids):
        require_unlocked(document, layer.id, Lock.POSITION, Lock.PIXELS, Lock.ALPHA, inside=True)


def _transformed(document: Document, ids: Sequence[LayerId], move: Homography, place: Placed) -> Document:
    for layer in outermost(document, ids):
        locks = (Lock.POSITION,) if move.whole_offset is not None else (Lock.POSITION, Lock.PIXELS, Lock.ALPHA)
        require_unlocked(document, layer.id, *locks, inside=True)
        document = changed(document, layer.id, lambda layer: _mapped(layer, place, linked_only=True))
    return document


def _resampled(move: Homography, sampling: Sampling, pixels: PixelBuffer, origin: Point) -> tuple[PixelBuffer, Point]:
    return resampled(pixels, origin, move, sampling)


def scale_layers(document: Document, ids: Sequence[LayerId], x: float, y: float) -> Document:
    """Scale layers by factors (negative ones mirror) about the centre of what they cover together."""
    return transform_layers(document, ids, Homography.about(_center(document, ids), Affine.scale(x, y)))


def rotate_layers(document: Document, ids: Sequence[LayerId], degrees: float) -> Document:
    """Rotate layers clockwise about the centre of what they cover together.

    Right angles keep every sample; where the centre lies between pixels they round as `turn_layers` does.
    """
    turn = _right_angle(degrees)
    if turn is not None:
        return turn_layers(document, ids, turn)
    return transform_layers(document, ids, Homography.about(_center(document, ids), _rotation(degrees)))


def skew_layers(document: Document, ids: Sequence[LayerId], x_degrees: float, y_degrees: float) -> Document:
    """Slant layers about the centre of what they cover together; less than 90 degrees each way."""
    if not (abs(x_degrees) < 89.9 and abs(y_degrees) < 89.9):
        raise DocumentError("A layer cannot be skewed by 90 degrees.", "Use less than 89.9 degrees.")
    slant = Affine(b=math.tan(math.radians(y_degrees)), c=math.tan(math.radians(x_degrees)))
    return transform_layers(document, ids, Homography.about(_center(document, ids), slant))


def distort_layers(document: Document, ids: Sequence[LayerId], corners: tuple[Spot, Spot, Spot, Spot]) -> Document:
    """Perspective: pull the corners of what the layers cover together to four points, clockwise from the top left."""
    frame = _frame(document, ids)
    return transform_layers(document, ids, Homography.between(Homography().corners(frame), corners))


def resize_image(document: Document, size: Size, *, sampling: Sampling = Sampling.BICUBIC) -> Document:
    """Scale everything so that the canvas gets another size: layers, masks, selection, channels and guides.

    Raises DocumentError for a size that no document may have.
    """
    if not (0 < size.width <= MAX_SIDE_PX and 0 < size.height <= MAX_SIDE_PX):
        raise DocumentError(f"A picture cannot be {size.width} x {size.height} px.", f"Use 1 to {MAX_SIDE_PX} px.")
    x, y = size.width / document.size.width, size.height / document.size.height

    def scaled(line: Rect) -> Rect:
        return Rect(round(line.left * x), round(line.top * y), round(line.right * x), round(line.bottom * y))

    resized = _whole_picture(document, size, Homography.of(Affine.scale(x, y)), sampling)
    return with_guides(resized, mapped_guides(document, scaled))


def rotate_canvas(document: Document, degrees: float) -> Document:
    """Rotate the whole picture clockwise about its centre; the canvas grows to hold all of it.

    Right angles keep every sample. At others guides, which cannot slant, keep their distance from the centre.
    """
    if (turn := _right_angle(degrees)) is not None:
        return turn_canvas(document, turn)
    width, height = document.size.width, document.size.height
    around = Homography.about((width / 2, height / 2), _rotation(degrees))
    spots = around.corners(document.canvas)
    xs, ys = [x for x, _ in spots], [y for _, y in spots]
    size = Size(math.ceil(max(xs) - min(xs) - 1e-6), math.ceil(max(ys) - min(ys) - 1e-6))
    x, y = (size.width - width) / 2, (size.height - height) / 2
    rotated = _whole_picture(document, size, around.then(Homography.of(Affine.translation(x, y))))
    offset = Point(round(x), round(y))
    return with_guides(rotated, mapped_guides(document, lambda line: Rect.at(line.origin + offset, line.size)))


def crop_turned(document: Document, rect: Rect, degrees: float, *, delete_hidden: bool = False) -> Document:
    """Make `rect`, turned clockwise about its middle, the canvas: the picture turns the other way to stand upright.

    Guides, which cannot slant, keep their distance from the middle. `delete_hidden` is as in `crop`.
    Raises DocumentError for an empty rectangle, and for a size that no document may have.
    """
    if rect.is_empty or degrees % 360 == 0:
        return crop(document, rect, delete_hidden=delete_hidden)
    middle = (rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2
    upright = Homography.about(middle, _rotation(-degrees))
    moved = upright.then(Homography.of(Affine.translation(-rect.left, -rect.top)))
    cropped = _whole_picture(document, rect.size, moved)
    cropped = with_guides(cropped, mapped_guides(document, lambda line: Rect.at(line.origin - rect.origin, line.size)))
    return cut_to_canvas(cropped) if delete_hidden else cropped


def _whole_picture(document: Document, size: Size, move: Homography, sampling: Sampling = Sampling.BICUBIC) -> Document:
    """Every layer and mask, the selection and the channels under one map, on a canvas of another size."""

    def fitted(pixels: PixelBuffer) -> PixelBuffer:
        moved, origin = resampled(pixels, ORIGIN, move)
        return on_canvas(moved, size, origin)

    place = partial(_resampled, move, sampling)
    layers = tuple(_mapped(layer, place, linked_only=False) for layer in document.layers)
    selection = None if document.selection is None else Selection(fitted(document.selection.pixels))
    return checked(
        replace(
            document,
            size=size,
            layers=layers,
            selection=selection if selection is not None and selection.pixels.tiles else None,
            channels=tuple(replace(channel, pixels=fitted(channel.pixels)) for channel in document.channels),
        )
    )


def _mapped(layer: Layer, place: Placed, *, linked_only: bool) -> Layer:
    def raster(layer: RasterLayer) -> RasterLayer:
        pixels, origin = place(layer.pixels, layer.origin)
        return replace(layer, pixels=pixels, origin=origin)

    def mask(mask: Mask) -> Mask:
        if linked_only and not mask.linked:
            return mask
        pixels, origin = place(mask.pixels, mask.origin)
        return replace(mask, pixels=pixels, origin=origin)

    return everywhere(layer, raster, mask)


def _frame(document: Document, ids: Sequence[LayerId]) -> Rect:
    """What the layers cover together; the canvas for adjustments alone."""
    frame = Rect.union(layer.bounds for layer in outermost(document, ids))
    return document.canvas if frame.is_empty else frame


def _center(document: Document, ids: Sequence[LayerId]) -> Spot:
    frame = _frame(document, ids)
    return (frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2


def _rotation(degrees: float) -> Affine:
    """Clockwise; whole turns without rounding."""
    if not math.isfinite(degrees):
        raise DocumentError("The angle is not a number.", "Type degrees.")
    return Affine() if degrees % 360 == 0 else Affine.rotation(degrees)


def _right_angle(degrees: float) -> Turn | None:
    turns = {90.0: Turn.QUARTER, 180.0: Turn.HALF, 270.0: Turn.THREE_QUARTERS}
    return turns.get(degrees % 360)
