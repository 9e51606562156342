"""Transforming what is selected of a layer: it is lifted off, mapped, and laid down on what is left of the layer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.core.compositing import composite_layers
from studio.core.document import Document
from studio.core.edits.areas import layer_via_copy
from studio.core.edits.targets import Lock, changed, checked, raster, require_unlocked
from studio.core.edits.transforms import transform_layers
from studio.core.geometry import ORIGIN
from studio.core.homography import Homography
from studio.core.layers import BlendMode, GroupLayer, LayerId, RasterLayer, new_layer_id
from studio.core.moved import moved
from studio.core.resampling import Sampling, resampled
from studio.core.selection import Selection, on_canvas


@dataclass(frozen=True, slots=True, eq=False)
class Lifted:
    """A layer in two: `rest` is the layer without what is selected, `floating` the selected pixels alone."""

    rest: RasterLayer
    floating: RasterLayer

    @classmethod
    def of(cls, document: Document, layer_id: LayerId) -> Lifted:
        """Raises DocumentError for locks, and when nothing that shows is selected."""
        require_unlocked(document, layer_id, Lock.POSITION, Lock.PIXELS, Lock.ALPHA)
        new_id = new_layer_id()
        cut = layer_via_copy(document, layer_id, cut=True, new_id=new_id)
        return cls(raster(cut, layer_id), _plain(raster(cut, new_id)))

    def preview(self, document: Document, move: Homography, sampling: Sampling) -> Document:
        """What `transform_selected` gives, to look at only: a group of both in place of the layer."""
        pixels, origin = moved(self.floating.pixels, self.floating.origin, move, sampling)
        rest = self.rest
        group = GroupLayer(
            name=rest.name,
            visible=rest.visible,
            opacity=rest.opacity,
            fill=rest.fill,
            blend=rest.blend,
            clipping=rest.clipping,
            mask=rest.mask,
            children=(_plain(rest), replace(self.floating, pixels=pixels, origin=origin)),
        )
        return changed(document, rest.id, lambda _: group)


def transform_selected(
    document: Document, layer_id: LayerId, move: Homography, *, sampling: Sampling = Sampling.BICUBIC
) -> Document:
    """Map what is selected of a layer, and the selection with it; without a selection, the layer and its linked mask.

    Raises DocumentError as `Lifted.of` and `transform_layers` do.
    """
    if document.selection is None:
        return transform_layers(document, [layer_id], move, sampling=sampling)
    parts = Lifted.of(document, layer_id)
    pixels, origin = resampled(parts.floating.pixels, parts.floating.origin, move, sampling)
    laid, rest = replace(parts.floating, pixels=pixels, origin=origin), parts.rest
    grown, corner = rest.pixels.grown(laid.bounds.moved(-rest.origin))
    place = rest.origin + corner
    samples = composite_layers(document, (_plain(rest), laid), laid.bounds)
    merged = replace(rest, pixels=grown.with_rect(laid.bounds.origin - place, samples), origin=place)
    selected, shift = resampled(document.selection.pixels, ORIGIN, move, sampling)
    selection = Selection(on_canvas(selected, document.size, shift))
    laid_down = changed(document, layer_id, lambda _: merged)
    return checked(replace(laid_down, selection=selection if selection.pixels.tiles else None))


def _plain(layer: RasterLayer) -> RasterLayer:
    """Its pixels alone, as they are."""
    return replace(
        layer, visible=True, opacity=1.0, fill=1.0, blend=BlendMode.NORMAL, clipping=False, mask=None, lettering=None
    )
