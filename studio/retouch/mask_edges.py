"""Edges of layer masks, and where the band of a repair lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.edits.masks import mask_of
from studio.core.edits.samples import written
from studio.core.edits.selections import sampled
from studio.core.edits.targets import changed, raster
from studio.core.geometry import Point, Rect
from studio.core.layers import AdjustmentLayer, LayerId
from studio.core.painting.mixing import Reals, rounded
from studio.core.pixels import Depth, Pixels
from studio.retouch.edges import Mask, edge_band, edge_shape, opaque, refined, shaped


def repair_mask(
    document: Document,
    layer_id: LayerId,
    band_px: float = 4.0,
    *,
    refine: bool = True,
    source: LayerId | None = None,
    merged: bool = False,
    shift_px: float = 0.0,
    feather_px: float = 0.0,
) -> Document:
    """Make the edge of a layer's mask anew within `band_px` (1..250) on both sides of its outline, on the canvas.

    Args:
        refine: find the edge again in the picture; else it is only shifted and feathered.
        source: the layer whose picture that is; the layer itself unless given, all of them for an adjustment.
        merged: look at the picture of all layers.
    Raises DocumentError when there is no mask, and for values out of range.
    """
    layer = document.layer(layer_id)
    mask = mask_of(layer)
    shape = edge_shape(band_px, shift_px, feather_px)
    old = mask.pixels.read(document.canvas.moved(-mask.origin))
    alpha = _shares(old)
    band = edge_band(alpha, band_px)
    if refine:
        alone = layer_id if source is None else source
        all_of_it = merged or (source is None and isinstance(layer, AdjustmentLayer))
        image = opaque(composite(document) if all_of_it else sampled(document, alone))
        new = refined(image, alpha, band_px, shape)
    else:
        new = shaped(alpha, alpha, band, shape)
    samples = np.where(band[..., None], rounded(new[..., None], document.depth), old)
    pixels, origin = written(mask.pixels, mask.origin, document.canvas.origin, samples)
    return changed(document, layer_id, lambda _: replace(layer, mask=replace(mask, pixels=pixels, origin=origin)))


def repair_band(document: Document, layer_id: LayerId, band_px: float, *, on_mask: bool) -> tuple[Mask, Point]:
    """(h, w) where a repair may change something, and the canvas pixel of its first one.

    Raises DocumentError for a layer without pixels, or without a mask.
    """
    if on_mask:
        mask = mask_of(document.layer(layer_id))
        area: Rect = document.canvas
        alpha = _shares(mask.pixels.read(area.moved(-mask.origin)))
    else:
        layer = raster(document, layer_id)
        area = layer.bounds.grown(int(band_px) + 1)
        alpha = layer.pixels.read(area.moved(-layer.origin))[..., 3].astype(np.float32)
        alpha /= np.float32(document.depth.top)
    return edge_band(alpha, band_px), area.origin


def _shares(samples: Pixels) -> Reals:
    """One channel (h, w, 1) as shares (h, w)."""
    return samples[..., 0].astype(np.float32) / np.float32(Depth.of(samples).top)
