"""Edits of a layer's own pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.core.document import Document
from studio.core.edits.samples import faded, rect_of, require_shape, written
from studio.core.edits.targets import Lock, changed, checked, lock_holder, raster, require_unlocked
from studio.core.geometry import ORIGIN, Point
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import PixelBuffer, Pixels


def write_pixels(document: Document, layer_id: LayerId, at: Point, samples: Pixels) -> Document:
    """Replace what the layer holds by `samples`, straight RGBA (h, w, 4), at `at` on the canvas.

    The layer grows to hold them, by whole tiles. Where its transparency is locked, alpha stays as it is and only
    colours change, inside its bounds. Raises DocumentError when its pixels are locked, ShapeError for other samples.
    """
    require_shape(samples, document.depth, 4)
    layer = raster(document, layer_id)
    require_unlocked(document, layer_id, Lock.PIXELS)
    if lock_holder(document, layer_id, Lock.ALPHA) is not None:
        new = _recolored(layer, at, samples)
    else:
        pixels, origin = written(layer.pixels, layer.origin, at, samples)
        new = replace(layer, pixels=pixels, origin=origin)
    return changed(document, layer_id, lambda _: new)


def replace_pixels(document: Document, layer_id: LayerId, pixels: PixelBuffer, origin: Point = ORIGIN) -> Document:
    """Give the layer other pixels, and with them other bounds.

    Raises DocumentError when its pixels or its transparency are locked, or when depth or channels are not right.
    """
    layer = raster(document, layer_id)
    require_unlocked(document, layer_id, Lock.PIXELS, Lock.ALPHA)
    return checked(changed(document, layer_id, lambda _: replace(layer, pixels=pixels, origin=origin)))


def clear(document: Document, layer_id: LayerId, at: Point, coverage: Pixels) -> Document:
    """Erase the layer's pixels as far as `coverage` (h, w, 1), which starts at `at` on the canvas, is white.

    Raises DocumentError when pixels or transparency are locked, ShapeError for a coverage of another depth.
    """
    require_shape(coverage, document.depth, 1)
    layer = raster(document, layer_id)
    require_unlocked(document, layer_id, Lock.PIXELS, Lock.ALPHA)
    part = rect_of(at, coverage).intersect(layer.bounds)
    if part.is_empty:
        return document
    kept = coverage.dtype.type(document.depth.top) - coverage[part.slices(at)]
    inside = part.moved(-layer.origin)
    samples = faded(layer.pixels.read(inside), kept)
    return changed(document, layer_id, lambda _: replace(layer, pixels=layer.pixels.with_rect(inside.origin, samples)))


def trim(document: Document, layer_id: LayerId) -> Document:
    """Cut the layer's bounds to what shows of it."""
    layer = raster(document, layer_id)
    pixels, shift = layer.pixels.trimmed()
    return changed(document, layer_id, lambda _: replace(layer, pixels=pixels, origin=layer.origin + shift))


def _recolored(layer: RasterLayer, at: Point, samples: Pixels) -> RasterLayer:
    """The layer with the samples' colours where both have alpha, and its own alpha everywhere."""
    part = rect_of(at, samples).intersect(layer.bounds)
    if part.is_empty:
        return layer
    inside = part.moved(-layer.origin)
    out, new = layer.pixels.read(inside), samples[part.slices(at)]
    shown = np.minimum(out[..., 3], new[..., 3]) > 0
    out[shown, :3] = new[shown, :3]
    return replace(layer, pixels=layer.pixels.with_rect(inside.origin, out))
