"""Edits of layer masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from studio.core.document import Document
from studio.core.edits.samples import faded, require_shape, written
from studio.core.edits.targets import Lock, changed, checked, raster, require_unlocked
from studio.core.errors import DocumentError
from studio.core.geometry import Point
from studio.core.layers import Layer, LayerId, Mask
from studio.core.pixels import PixelBuffer, Pixels


def set_mask(document: Document, layer_id: LayerId, mask: Mask) -> Document:
    """Give the layer this mask, in place of one it may have. Raises DocumentError for the wrong depth or channels."""
    return checked(changed(document, layer_id, lambda layer: replace(layer, mask=mask)))


def mask_from_alpha(document: Document, layer_id: LayerId) -> Document:
    """Move the layer's transparency into a mask: what shows at all becomes opaque, and the picture stays the same.

    Raises DocumentError for groups and adjustments, for a layer that has a mask, and for locked pixels.
    """
    layer = raster(document, layer_id)
    if layer.mask is not None:
        raise DocumentError(f"“{layer.name}” has a mask already.", "Apply it or delete it first.")
    require_unlocked(document, layer_id, Lock.PIXELS, Lock.ALPHA)
    samples = layer.pixels.read()
    mask = Mask(pixels=PixelBuffer.from_array(samples[..., 3:]), origin=layer.origin)
    samples[..., 3] = np.where(samples[..., 3] > 0, document.depth.top, 0)
    return changed(document, layer_id, lambda _: replace(layer, pixels=PixelBuffer.from_array(samples), mask=mask))


def remove_mask(document: Document, layer_id: LayerId) -> Document:
    """Take the mask away and leave the pixels. Raises DocumentError when there is none."""
    return _with_mask(document, layer_id, lambda _: None)


def apply_mask(document: Document, layer_id: LayerId) -> Document:
    """Multiply the mask into the pixels' alpha, and take it away.

    Raises DocumentError for groups and adjustments, for a mask that is switched off, and for locked pixels.
    """
    layer = raster(document, layer_id)
    mask = mask_of(layer)
    if not mask.enabled:
        raise DocumentError(f"The mask of “{layer.name}” is off.", "Turn it on to apply it, or remove it.")
    require_unlocked(document, layer_id, Lock.PIXELS, Lock.ALPHA)
    coverage = _effective(mask, mask.pixels.read(layer.bounds.moved(-mask.origin)))
    pixels = PixelBuffer.from_array(faded(layer.pixels.read(), coverage))
    return changed(document, layer_id, lambda _: replace(layer, pixels=pixels, mask=None))


def invert_mask(document: Document, layer_id: LayerId) -> Document:
    """White becomes black and black white, outside the mask's buffer too."""

    def invert(mask: Mask) -> Mask:
        top = mask.pixels.depth.top
        samples = mask.pixels.map_tiles(lambda tile: tile.dtype.type(top) - tile, top - mask.pixels.fill)
        return replace(mask, pixels=samples)

    return _with_mask(document, layer_id, invert)


def write_mask(document: Document, layer_id: LayerId, at: Point, samples: Pixels) -> Document:
    """Replace the mask's values by `samples` (h, w, 1) at `at` on the canvas; the mask grows to hold them."""
    require_shape(samples, document.depth, 1)

    def write(mask: Mask) -> Mask:
        pixels, origin = written(mask.pixels, mask.origin, at, samples)
        return replace(mask, pixels=pixels, origin=origin)

    return _with_mask(document, layer_id, write)


def set_mask_enabled(document: Document, layer_id: LayerId, enabled: bool) -> Document:
    return _with_mask(document, layer_id, lambda mask: replace(mask, enabled=enabled))


def set_mask_linked(document: Document, layer_id: LayerId, linked: bool) -> Document:
    """Whether the mask moves with its layer."""
    return _with_mask(document, layer_id, lambda mask: replace(mask, linked=linked))


def set_mask_density(document: Document, layer_id: LayerId, density: float) -> Document:
    """0..1; 0 makes the mask all white. Raises DocumentError outside."""
    if not 0.0 <= density <= 1.0:
        raise DocumentError(f"Density {density} is not between 0 and 1.", "Use a value between 0 and 1.")
    return _with_mask(document, layer_id, lambda mask: replace(mask, density=density))


def mask_of(layer: Layer) -> Mask:
    """Its mask. Raises DocumentError when there is none."""
    if layer.mask is None:
        raise DocumentError(f"“{layer.name}” has no mask.", "Add a mask first.")
    return layer.mask


def _with_mask(document: Document, layer_id: LayerId, change: Callable[[Mask], Mask | None]) -> Document:
    return changed(document, layer_id, lambda layer: replace(layer, mask=change(mask_of(layer))))


def _effective(mask: Mask, samples: Pixels) -> Pixels:
    """The mask's values with its density, at their depth."""
    if mask.density == 1.0:
        return samples
    top = mask.pixels.depth.top
    return np.rint(top - mask.density * (top - samples.astype(np.float64))).astype(samples.dtype)
