"""How a document will look after a filter or an adjustment, made for what is seen, at the size it is seen at.

At full size a preview is what the edit will make. Zoomed out, a filter works on the reduced picture with reduced
values, as nobody could see more of it; that takes milliseconds where the edit takes seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from studio.core.adjustments import Adjustment
from studio.core.document import Document
from studio.core.edits.areas import shares_at
from studio.core.edits.filtering import FilterPlan
from studio.core.edits.samples import written
from studio.core.edits.targets import changed, raster
from studio.core.feedback import report
from studio.core.filters import (
    BoxBlur,
    Filter,
    GaussianBlur,
    HighPass,
    Median,
    MotionBlur,
    Noise,
    Reals,
    Sharpen,
    filtered,
    reach_px,
    straight,
)
from studio.core.geometry import Point, Rect
from studio.core.layers import AdjustmentLayer, BlendMode, GroupLayer, LayerId, Mask
from studio.core.painting.mixing import rounded

_BAND_PIXELS = 1 << 22


def adjustment_preview(document: Document, layer_id: LayerId, adjustment: Adjustment) -> Document:
    """A document that looks as `apply_adjustment` would make it, within a rounding, and costs nothing to make.

    The layer lies in a group of its own with an adjustment layer above it, so the compositor does the work, for what
    is seen only. Raises DocumentError for layers without pixels of their own.
    """
    layer = raster(document, layer_id)
    bare = replace(layer, visible=True, opacity=1.0, fill=1.0, blend=BlendMode.NORMAL, clipping=False, mask=None)
    selection = document.selection
    mask = None if selection is None else Mask(pixels=selection.pixels.to_depth(document.depth))
    group = GroupLayer(
        name=layer.name,
        visible=layer.visible,
        opacity=layer.opacity,
        fill=layer.fill,
        blend=layer.blend,
        clipping=layer.clipping,
        mask=layer.mask,
        children=(bare, AdjustmentLayer(adjustment=adjustment, mask=mask)),
    )
    return changed(document, layer_id, lambda _: group)


@dataclass(frozen=True, slots=True, eq=False)
class _Reduced:
    """A part of what is filtered at a reduced size; `rect` is in reduced pixels, `values` are premultiplied."""

    scale: int
    rect: Rect
    values: Reals
    share: Reals


class FilterPreview:
    """Previews of one layer's filters. It keeps the reduced picture, so that another value costs little.

    One thread at a time may use it.
    """

    def __init__(self, document: Document, layer_id: LayerId, *, on_mask: bool = False) -> None:
        self._document = document
        self._layer_id = layer_id
        self._on_mask = on_mask
        self._reduced: _Reduced | None = None

    def at(self, filter: Filter, seen: Rect, scale: int) -> Document:
        """The document with the filter done to what is `seen` (canvas pixels), for a view of one pixel for `scale`.

        Raises DocumentError when the filter cannot be applied.
        """
        plan = FilterPlan.of(self._document, self._layer_id, filter, on_mask=self._on_mask)
        area = plan.area.intersect(seen)
        if area.is_empty:
            return self._document
        return _exact(plan, area) if scale == 1 else self._at_scale(plan, area, scale)

    def _at_scale(self, plan: FilterPlan, area: Rect, scale: int) -> Document:
        small_filter = _reduced_filter(plan.filter, scale)
        if small_filter is None:
            return self._document
        cells = _cells(area, scale)
        reach = reach_px(small_filter)
        around = cells.grown(reach)
        if self._reduced is None or self._reduced.scale != scale or not self._reduced.rect.contains(around):
            # A margin for larger values, so that a drag reduces the picture once and not at every step.
            self._reduced = _reduce(plan, cells.grown(max(16, 1 << math.ceil(math.log2(reach + 1)))), scale)
        held = self._reduced
        place = around.slices(held.rect.origin)
        inside = cells.slices(around.origin)
        before = held.values[place]
        new = filtered(small_filter, before, plan.document.depth, around.origin)[inside]
        before, share = before[inside], held.share[cells.slices(held.rect.origin)]
        old = rounded(np.concatenate([straight(before), before[..., 3:]], axis=2), plan.document.depth)
        small = plan.mixed(old[..., : plan.held.pixels.channels], before, new, share)
        large = small.repeat(scale, axis=0).repeat(scale, axis=1)
        at = Point(cells.left * scale, cells.top * scale)
        return plan.with_pixels(*written(plan.held.pixels, plan.held.origin, at, large))


def _exact(plan: FilterPlan, area: Rect) -> Document:
    """What the edit will make of `area`; noise is made for whole strips, because it depends on them."""
    pixels, origin = plan.held.pixels, plan.held.origin
    for top in range(plan.area.top, plan.area.bottom, plan.rows):
        strip = Rect(plan.area.left, top, plan.area.right, min(plan.area.bottom, top + plan.rows))
        part = strip if isinstance(plan.filter, Noise) else strip.intersect(area)
        if not strip.intersect(area).is_empty:
            report((top - plan.area.top) / plan.area.height)
            pixels, origin = written(pixels, origin, part.origin, plan.samples(part))
    return plan.with_pixels(pixels, origin)


def _cells(rect: Rect, scale: int) -> Rect:
    """The reduced pixels that a rectangle touches."""
    return Rect(rect.left // scale, rect.top // scale, -(-rect.right // scale), -(-rect.bottom // scale))


def _reduce(plan: FilterPlan, cells: Rect, scale: int) -> _Reduced:
    """The mean of each block of `scale` x `scale` pixels, and how much of it is selected."""
    values = np.empty((cells.height, cells.width, 4), np.float32)
    share = np.ones((cells.height, cells.width), np.float32)
    rows = max(1, _BAND_PIXELS // max(1, cells.width * scale * scale))
    for top in range(cells.top, cells.bottom, rows):
        report((top - cells.top) / cells.height)
        band = Rect(cells.left, top, cells.right, min(cells.bottom, top + rows))
        behind = Rect(*(edge * scale for edge in (band.left, band.top, band.right, band.bottom)))
        blocks = (band.height, scale, band.width, scale)
        place = band.slices(cells.origin)
        values[place] = plan.surroundings(behind).reshape(*blocks, 4).mean(axis=(1, 3))
        if plan.document.selection is not None:
            share[place] = shares_at(plan.document, behind).reshape(blocks).mean(axis=(1, 3))
    return _Reduced(scale, cells, values, share)


def _reduced_filter(filter: Filter, scale: int) -> Filter | None:
    """The filter that does to the reduced picture what this one does to the whole; None where nothing is seen of it."""
    match filter:
        case GaussianBlur() | HighPass() | Sharpen():
            return replace(filter, radius_px=filter.radius_px / scale)
        case BoxBlur() | Median():
            radius_px = round(filter.radius_px / scale)
            return replace(filter, radius_px=radius_px) if radius_px else None
        case MotionBlur():
            return replace(filter, length_px=max(1.0, filter.length_px / scale))
        case Noise():
            return replace(filter, amount=filter.amount / scale)  # its grains average out
