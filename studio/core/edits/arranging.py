"""Where layers and the canvas lie: anchored canvas sizes, trimming and revealing, aligning, distributing."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise

import numpy as np

from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.edits.geometry import crop, resize_canvas, translate
from studio.core.edits.targets import outermost
from studio.core.errors import DocumentError
from studio.core.geometry import ORIGIN, Point, Rect, Size
from studio.core.layers import GroupLayer, Layer, LayerId, RasterLayer


class Anchor(StrEnum):
    """Which part of the picture stays where it is when the canvas gets another size."""

    TOP_LEFT = "top_left"
    TOP = "top"
    TOP_RIGHT = "top_right"
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"
    BOTTOM_LEFT = "bottom_left"
    BOTTOM = "bottom"
    BOTTOM_RIGHT = "bottom_right"


class Alignment(StrEnum):
    """Which edges or middles of layers are brought together."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"
    TOP = "top"
    MIDDLE = "middle"
    BOTTOM = "bottom"


class Frame(StrEnum):
    """What layers are aligned to."""

    CANVAS = "canvas"
    SELECTION = "selection"
    LAYERS = "layers"


class Trimming(StrEnum):
    """What counts as empty at the edges of the picture."""

    TRANSPARENT = "transparent"
    TOP_LEFT = "top_left"
    """The colour of the top left pixel."""
    BOTTOM_RIGHT = "bottom_right"


class Axis(StrEnum):
    """Along which layers are distributed."""

    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


def set_canvas_size(document: Document, size: Size, *, anchor: Anchor = Anchor.CENTER) -> Document:
    """Give the canvas another size around `anchor`; what falls outside is kept."""
    room = Point(size.width - document.size.width, size.height - document.size.height)
    left, right = "left" in anchor, "right" in anchor
    top, bottom = "top" in anchor, "bottom" in anchor
    x = 0 if left else (room.x if right else room.x // 2)
    y = 0 if top else (room.y if bottom else room.y // 2)
    return resize_canvas(document, size, Point(x, y))


def crop_to_selection(document: Document, *, delete_hidden: bool = False) -> Document:
    """Make the rectangle around the selection the canvas. Raises DocumentError when there is no selection."""
    if document.selection is None:
        raise DocumentError("There is no selection to crop to.", "Select something first.")
    return crop(document, document.selection.bounds, delete_hidden=delete_hidden)


def trim_canvas(document: Document, *, by: Trimming = Trimming.TRANSPARENT, delete_hidden: bool = False) -> Document:
    """Crop to what the picture shows: what is not transparent, or has another colour than one of its corners.

    Raises DocumentError when nothing would be left.
    """
    samples = composite(document)
    corner = {Trimming.TOP_LEFT: samples[0, 0], Trimming.BOTTOM_RIGHT: samples[-1, -1]}.get(by)
    shown = samples[..., 3] > 0 if corner is None else (samples != corner).any(axis=2)
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    if not rows.size:
        raise DocumentError("All of the picture would be trimmed away.", "Trim by something else.")
    rect = Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return crop(document, rect, delete_hidden=delete_hidden)


def reveal_all(document: Document) -> Document:
    """Make the canvas large enough for all that layers show, hidden ones included; it never shrinks."""
    return crop(document, Rect.union((document.canvas, *(shown_bounds(layer) for layer in document.layers))))


def align_layers(
    document: Document, ids: Sequence[LayerId], alignment: Alignment, *, to: Frame = Frame.LAYERS
) -> Document:
    """Bring edges or middles of what shows of the layers together, or to those of the canvas or the selection.

    Layers with nothing to show stay. Raises DocumentError for locked positions, and when there is no selection.
    """
    shown = _shown(document, ids)
    match to:
        case Frame.CANVAS:
            frame = document.canvas
        case Frame.LAYERS:
            frame = Rect.union(shown.values())
        case Frame.SELECTION:
            if document.selection is None:
                raise DocumentError("There is no selection to align to.", "Select something first.")
            frame = document.selection.bounds
    for layer_id, bounds in shown.items():
        offset = _offset(bounds, frame, alignment)
        if offset != ORIGIN:
            document = translate(document, [layer_id], offset)
    return document


def distribute_layers(document: Document, ids: Sequence[LayerId], axis: Axis) -> Document:
    """Make the gaps between layers even; the two outermost stay. Raises DocumentError for fewer than three."""
    shown = _shown(document, ids)
    if len(shown) < 3:
        raise DocumentError("Fewer than three layers cannot be distributed.", "Choose three or more layers.")
    flat = axis is Axis.HORIZONTAL

    def span(bounds: Rect) -> tuple[int, int]:
        return (bounds.left, bounds.right) if flat else (bounds.top, bounds.bottom)

    order = sorted(shown, key=lambda key: sum(span(shown[key])))
    spans = [span(shown[key]) for key in order]
    total = spans[-1][0] - spans[0][1] - sum(end - start for start, end in spans[1:-1])
    gap = total / (len(spans) - 1)
    at = float(spans[0][1])
    for (_, layer_id), (start, end) in zip(pairwise(order), spans[1:-1], strict=False):
        at += gap
        move = round(at) - start
        at += end - start
        if move:
            document = translate(document, [layer_id], Point(move, 0) if flat else Point(0, move))
    return document


def shown_bounds(layer: Layer) -> Rect:
    """The rectangle around what a layer shows at all, without its mask: pixels that are not transparent."""
    match layer:
        case RasterLayer():
            return layer.pixels.shown_rect().moved(layer.origin)
        case GroupLayer():
            return Rect.union(shown_bounds(child) for child in layer.children)
        case _:
            return Rect.union(())


def _shown(document: Document, ids: Sequence[LayerId]) -> dict[LayerId, Rect]:
    bounds = {layer.id: shown_bounds(layer) for layer in outermost(document, ids)}
    return {layer_id: rect for layer_id, rect in bounds.items() if not rect.is_empty}


def _offset(bounds: Rect, frame: Rect, alignment: Alignment) -> Point:
    match alignment:
        case Alignment.LEFT:
            return Point(frame.left - bounds.left, 0)
        case Alignment.RIGHT:
            return Point(frame.right - bounds.right, 0)
        case Alignment.CENTER:
            return Point((frame.left + frame.right - bounds.left - bounds.right) // 2, 0)
        case Alignment.TOP:
            return Point(0, frame.top - bounds.top)
        case Alignment.BOTTOM:
            return Point(0, frame.bottom - bounds.bottom)
        case Alignment.MIDDLE:
            return Point(0, (frame.top + frame.bottom - bounds.top - bounds.bottom) // 2)
