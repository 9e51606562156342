"""Filters as edits of a layer's pixels or of its mask."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from studio.core.document import Document
from studio.core.edits.areas import shares_at
from studio.core.edits.masks import mask_of
from studio.core.edits.samples import written_in_strips
from studio.core.edits.targets import Lock, changed, lock_holder, raster, require_unlocked
from studio.core.errors import DocumentError
from studio.core.filters import Filter, Reals, filter_fault, filtered, keeps_alpha, reach_px, straight
from studio.core.geometry import Point, Rect
from studio.core.layers import LayerId, Mask, RasterLayer
from studio.core.painting.mixing import premultiplied, rounded
from studio.core.pixels import TILE, PixelBuffer, Pixels


def apply_filter(document: Document, layer_id: LayerId, filter: Filter, *, on_mask: bool = False) -> Document:
    """Filter what is selected of a layer, else all of it; with `on_mask` its mask, as one grey channel.

    A blur spreads into the transparent room around the layer, which grows for it. Where the layer reaches the edge of
    the canvas, its border goes on instead, so that a picture keeps its opaque edges. Where transparency is locked,
    only colours change. Raises DocumentError for locked pixels, a mask that is not there and values out of range.
    """
    plan = FilterPlan.of(document, layer_id, filter, on_mask=on_mask)
    if plan.area.is_empty:
        return document
    pixels, origin = written_in_strips(plan.held.pixels, plan.held.origin, plan.area, plan.samples, plan.rows)
    return plan.with_pixels(pixels, origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterPlan:
    """What a filter does to a document: to which pixels, where, and what comes out of any part of them.

    `held` is the layer or the mask; `locked` tells that only colours change.
    """

    document: Document
    layer_id: LayerId
    filter: Filter
    held: RasterLayer | Mask
    locked: bool
    area: Rect

    @classmethod
    def of(cls, document: Document, layer_id: LayerId, filter: Filter, *, on_mask: bool = False) -> FilterPlan:
        """Raises DocumentError when it cannot be done."""
        if on_mask:
            held: RasterLayer | Mask = mask_of(document.layer(layer_id))
            locked = keeps_alpha(filter)
        else:
            held = raster(document, layer_id)
            require_unlocked(document, layer_id, Lock.PIXELS)
            locked = lock_holder(document, layer_id, Lock.ALPHA) is not None or keeps_alpha(filter)
        if fault := filter_fault(filter):
            raise DocumentError(fault, "Change that value.")
        area = held.bounds if locked else _room(document, held, reach_px(filter))
        if document.selection is not None:
            area = area.intersect(document.selection.bounds)
        return cls(document=document, layer_id=layer_id, filter=filter, held=held, locked=locked, area=area)

    @property
    def rows(self) -> int:
        """How high the strips are that the work is done in; noise is another one in each."""
        return max(TILE, 2 * reach_px(self.filter))

    def samples(self, part: Rect) -> Pixels:
        """(h, w, C) the filtered samples of a part of one strip."""
        reach = reach_px(self.filter)
        inside = (slice(reach, reach + part.height), slice(reach, reach + part.width))
        wide = part.grown(reach) if reach else part
        around = self.surroundings(wide)
        new = filtered(self.filter, around, self.document.depth, wide.origin)[inside]
        old = self.held.pixels.read(part.moved(-self.held.origin))
        return self.mixed(old, around[inside], new, shares_at(self.document, part))

    def surroundings(self, rect: Rect) -> Reals:
        """(h, w, 4) premultiplied: what is there, the border repeated beyond the sides where it sticks."""
        samples = _with_surroundings(self.document, self.held, rect)
        if samples.shape[2] == 4:
            return premultiplied(samples)
        grey = samples.astype(np.float32) / np.float32(self.document.depth.top)
        return np.concatenate([grey, grey, grey, np.ones_like(grey)], axis=2)

    def mixed(self, old: Pixels, before: Reals, new: Reals, share: Reals) -> Pixels:
        """The samples between the old ones and the filtered, as far as each is selected; `share` is (h, w)."""
        share = share[..., None]
        depth = self.document.depth
        if isinstance(self.held, Mask):
            mixed = np.add(before[..., :1], (new[..., :1] - before[..., :1]) * share)
            return np.where(share > 0, rounded(mixed, depth), old)
        if self.locked:
            color = np.add(straight(before), (straight(new) - straight(before)) * share)
            samples = rounded(np.concatenate([color, before[..., 3:]], axis=2), depth)
            samples[..., 3] = old[..., 3]
            return np.where((share > 0) & (old[..., 3:] > 0), samples, old)
        mixed = np.add(before, (new - before) * share)
        samples = rounded(np.concatenate([straight(mixed), mixed[..., 3:]], axis=2), depth)
        samples[samples[..., 3] == 0] = 0
        return np.where(share > 0, samples, old)

    def with_pixels(self, pixels: PixelBuffer, origin: Point) -> Document:
        """The document with these in place of what is filtered."""
        held = replace(self.held, pixels=pixels, origin=origin)
        if isinstance(held, Mask):
            return changed(self.document, self.layer_id, lambda layer: replace(layer, mask=held))
        return changed(self.document, self.layer_id, lambda _: held)


def _sticks(document: Document, held: RasterLayer | Mask) -> tuple[bool, bool, bool, bool]:
    """At which sides (left, top, right, bottom) a layer or mask reaches the edge of the canvas or beyond it."""
    bounds, canvas = held.bounds, document.canvas
    return (
        bounds.left <= canvas.left,
        bounds.top <= canvas.top,
        bounds.right >= canvas.right,
        bounds.bottom >= canvas.bottom,
    )


def _room(document: Document, held: RasterLayer | Mask, reach: int) -> Rect:
    """Where a blur can spread to."""
    bounds = held.bounds
    if bounds.is_empty:
        return bounds
    left, top, right, bottom = (0 if sticks else reach for sticks in _sticks(document, held))
    return Rect(bounds.left - left, bounds.top - top, bounds.right + right, bounds.bottom + bottom)


def _with_surroundings(document: Document, held: RasterLayer | Mask, rect: Rect) -> Pixels:
    """The samples of a rectangle, the border repeated beyond the sides where it sticks."""
    bounds = held.bounds
    left, top, right, bottom = _sticks(document, held)
    core = Rect(
        max(rect.left, bounds.left) if left else rect.left,
        max(rect.top, bounds.top) if top else rect.top,
        min(rect.right, bounds.right) if right else rect.right,
        min(rect.bottom, bounds.bottom) if bottom else rect.bottom,
    )
    samples = held.pixels.read(core.moved(-held.origin))
    widths = (
        (core.top - rect.top, rect.bottom - core.bottom),
        (core.left - rect.left, rect.right - core.right),
        (0, 0),
    )
    return np.pad(samples, widths, mode="edge")
