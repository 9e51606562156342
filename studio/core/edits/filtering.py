"""Filters as edits of a layer's pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.core.document import Document
from studio.core.edits.areas import shares_at
from studio.core.edits.samples import written_in_strips
from studio.core.edits.targets import Lock, changed, lock_holder, raster, require_unlocked
from studio.core.errors import DocumentError
from studio.core.filters import Filter, Reals, filter_fault, filtered, keeps_alpha, reach_px, straight
from studio.core.geometry import Rect
from studio.core.layers import LayerId, RasterLayer
from studio.core.painting.mixing import premultiplied, rounded
from studio.core.pixels import TILE, Pixels


def apply_filter(document: Document, layer_id: LayerId, filter: Filter) -> Document:
    """Filter what is selected of a layer, else all of it.

    A blur spreads into the transparent room around the layer, which grows for it. Where the layer reaches the edge of
    the canvas, its border goes on instead, so that a picture keeps its opaque edges. Where transparency is locked,
    only colours change. Raises DocumentError for locked pixels and values out of range.
    """
    layer = raster(document, layer_id)
    require_unlocked(document, layer_id, Lock.PIXELS)
    if fault := filter_fault(filter):
        raise DocumentError(fault, "Change that value.")
    locked = lock_holder(document, layer_id, Lock.ALPHA) is not None or keeps_alpha(filter)
    reach = reach_px(filter)
    area = layer.bounds if locked else _room(document, layer, reach)
    if document.selection is not None:
        area = area.intersect(document.selection.bounds)
    if area.is_empty:
        return document

    def change(strip: Rect) -> Pixels:
        inside = (slice(reach, reach + strip.height), slice(reach, reach + strip.width))
        wide = strip.grown(reach) if reach else strip
        around = premultiplied(_with_surroundings(document, layer, wide))
        new = filtered(filter, around, document.depth, wide.origin)[inside]
        old = layer.pixels.read(strip.moved(-layer.origin))
        return _mixed(old, around[inside], new, document, strip, locked=locked)

    pixels, origin = written_in_strips(layer.pixels, layer.origin, area, change, max(TILE, 2 * reach))
    return changed(document, layer_id, lambda _: replace(layer, pixels=pixels, origin=origin))


def _sticks(document: Document, layer: RasterLayer) -> tuple[bool, bool, bool, bool]:
    """At which sides (left, top, right, bottom) the layer reaches the edge of the canvas or beyond it."""
    bounds, canvas = layer.bounds, document.canvas
    return (
        bounds.left <= canvas.left,
        bounds.top <= canvas.top,
        bounds.right >= canvas.right,
        bounds.bottom >= canvas.bottom,
    )


def _room(document: Document, layer: RasterLayer, reach: int) -> Rect:
    """Where a blur can spread to."""
    bounds = layer.bounds
    if bounds.is_empty:
        return bounds
    left, top, right, bottom = (0 if sticks else reach for sticks in _sticks(document, layer))
    return Rect(bounds.left - left, bounds.top - top, bounds.right + right, bounds.bottom + bottom)


def _with_surroundings(document: Document, layer: RasterLayer, rect: Rect) -> Pixels:
    """The layer's samples of a rectangle, its border repeated beyond the sides where it sticks."""
    bounds = layer.bounds
    left, top, right, bottom = _sticks(document, layer)
    core = Rect(
        max(rect.left, bounds.left) if left else rect.left,
        max(rect.top, bounds.top) if top else rect.top,
        min(rect.right, bounds.right) if right else rect.right,
        min(rect.bottom, bounds.bottom) if bottom else rect.bottom,
    )
    samples = layer.pixels.read(core.moved(-layer.origin))
    widths = (
        (core.top - rect.top, rect.bottom - core.bottom),
        (core.left - rect.left, rect.right - core.right),
        (0, 0),
    )
    return np.pad(samples, widths, mode="edge")


def _mixed(old: Pixels, before: Reals, new: Reals, document: Document, area: Rect, *, locked: bool) -> Pixels:
    """The samples between the old ones and the filtered, as far as each is selected."""
    share = shares_at(document, area)[..., None]
    if locked:
        color = np.add(straight(before), (straight(new) - straight(before)) * share)
        samples = rounded(np.concatenate([color, before[..., 3:]], axis=2), document.depth)
        samples[..., 3] = old[..., 3]
        touched = (share > 0) & (old[..., 3:] > 0)
    else:
        mixed = np.add(before, (new - before) * share)
        samples = rounded(np.concatenate([straight(mixed), mixed[..., 3:]], axis=2), document.depth)
        samples[samples[..., 3] == 0] = 0
        touched = share > 0
    return np.where(touched, samples, old)
