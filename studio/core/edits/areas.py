"""Edits of a layer's pixels inside the selection: fill, erase, copy to a new layer; adjustments that keep to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.core.adjustments import Adjustment
from studio.core.document import Document
from studio.core.edits.painting import clear
from studio.core.edits.samples import coverage_at, faded, written_in_strips
from studio.core.edits.selections import mask_from_selection
from studio.core.edits.structure import add_layers
from studio.core.edits.targets import (
    Lock,
    changed,
    lock_holder,
    own_place,
    raster,
    require_unlocked,
    switched,
)
from studio.core.errors import DocumentError
from studio.core.geometry import Rect
from studio.core.layers import (
    COPY_NAME,
    AdjustmentLayer,
    LayerId,
    Place,
    RasterLayer,
    named_after,
    new_layer_id,
)
from studio.core.painting.mixing import Reals, painted
from studio.core.pixels import PixelBuffer, Pixels
from studio.core.selecting.colors import Color


def fill_selected(document: Document, layer_id: LayerId, color: Color, *, opacity: float = 1.0) -> Document:
    """Lay a colour (red, green, blue, 0..1) over what is selected, else over the canvas.

    Where transparency is locked only colours change. Raises DocumentError for locked pixels and values out of range.
    """
    layer = raster(document, layer_id)
    require_unlocked(document, layer_id, Lock.PIXELS)
    require_color(color, opacity)
    locked = lock_holder(document, layer_id, Lock.ALPHA) is not None
    area = selected_area(document)
    area = area.intersect(layer.bounds) if locked else area
    if area.is_empty:
        return document
    paint = np.array(color, np.float32)

    def fill(strip: Rect) -> Pixels:
        alpha = shares_at(document, strip) * np.float32(opacity)
        return painted(layer.pixels.read(strip.moved(-layer.origin)), paint, alpha, lock_alpha=locked)

    pixels, origin = written_in_strips(layer.pixels, layer.origin, area, fill)
    return changed(document, layer_id, lambda _: replace(layer, pixels=pixels, origin=origin))


def clear_selected(document: Document, layer_id: LayerId) -> Document:
    """Erase what is selected of a layer; all of it without a selection. Raises DocumentError for locks."""
    if document.selection is None:
        layer = raster(document, layer_id)
        require_unlocked(document, layer_id, Lock.PIXELS, Lock.ALPHA)
        empty = PixelBuffer(layer.pixels.size, layer.pixels.depth)
        return changed(document, layer_id, lambda _: replace(layer, pixels=empty))
    area = document.selection.bounds
    return clear(document, layer_id, area.origin, coverage_at(document, area))


def layer_via_copy(
    document: Document, layer_id: LayerId, *, cut: bool = False, new_id: LayerId | None = None, name: str = COPY_NAME
) -> Document:
    """Copy what is selected of a layer to a new one right above it, and with `cut` take it out of the old one.

    Args:
        new_id: the id of the new layer; a fresh one unless given.
        name: what to call it; “{name}” stands for the old layer's own.
    Raises DocumentError when there is nothing to copy, and with `cut` for locks.
    """
    layer = raster(document, layer_id)
    area = selected_area(document).intersect(layer.bounds) if document.selection is not None else layer.bounds
    samples = layer.pixels.read(area.moved(-layer.origin))
    copied = faded(samples, coverage_at(document, area)) if document.selection is not None else samples
    pixels, shift = PixelBuffer.from_array(copied).trimmed()
    if not pixels.tiles:
        raise DocumentError(f"Nothing of “{layer.name}” is selected.", "Select a part of it that is not transparent.")
    copy = RasterLayer(
        id=new_id or new_layer_id(),
        name=named_after(layer, name),
        pixels=pixels,
        origin=area.origin + shift,
        blend=layer.blend,
        clipping=layer.clipping,
    )
    copy = switched(copy, (layer,))
    after = clear_selected(document, layer_id) if cut else document
    return add_layers(after, (copy,), own_place(document, layer_id, higher=1))


def add_adjustment(
    document: Document,
    adjustment: Adjustment,
    above: LayerId | None = None,
    name: str = "Adjustment",
    *,
    new_id: LayerId | None = None,
) -> Document:
    """Put an adjustment layer right above a layer, or on top; the selection, if there is one, becomes its mask.

    Args:
        new_id: the id of the new layer; a fresh one unless given.
    """
    layer = AdjustmentLayer(id=new_id or new_layer_id(), name=name, adjustment=adjustment)
    place = Place(None, len(document.layers)) if above is None else own_place(document, above, higher=1)
    added = add_layers(document, (layer,), place)
    return added if document.selection is None else mask_from_selection(added, layer.id)


def selected_area(document: Document) -> Rect:
    """The rectangle around what is selected: the canvas without a selection."""
    return document.canvas if document.selection is None else document.selection.bounds


def shares_at(document: Document, rect: Rect) -> Reals:
    """(h, w) how much of each pixel of `rect` is selected, 0..1."""
    if document.selection is None:
        return np.ones((rect.height, rect.width), np.float32)
    return document.selection.read(rect).astype(np.float32) / np.float32(255)


def require_color(color: Color, opacity: float = 1.0) -> None:
    """Raise DocumentError unless all values lie in 0..1."""
    for value in (*color, opacity):
        if not 0.0 <= value <= 1.0:
            raise DocumentError(f"The colour value {value} is not between 0 and 1.", "Use values between 0 and 1.")
