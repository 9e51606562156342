"""Adjustments as edits of a layer's own pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.core import adjust
from studio.core.adjustments import Adjustment
from studio.core.document import Document
from studio.core.edits.areas import shares_at
from studio.core.edits.samples import written_in_strips
from studio.core.edits.targets import Lock, changed, raster, require_unlocked
from studio.core.geometry import Rect
from studio.core.layers import LayerId
from studio.core.painting.mixing import color_shares, rounded
from studio.core.pixels import Pixels


def apply_adjustment(document: Document, layer_id: LayerId, adjustment: Adjustment) -> Document:
    """Change the colours of what is selected of a layer, else of all of it; transparency stays.

    Raises DocumentError for locked pixels.
    """
    layer = raster(document, layer_id)
    require_unlocked(document, layer_id, Lock.PIXELS)
    area = layer.bounds if document.selection is None else layer.bounds.intersect(document.selection.bounds)
    if area.is_empty:
        return document

    def change(strip: Rect) -> Pixels:
        old = layer.pixels.read(strip.moved(-layer.origin))
        color = color_shares(old)
        new = np.moveaxis(adjust.apply(adjustment, np.moveaxis(color, 2, 0), document.depth), 0, 2)
        share = shares_at(document, strip)[..., None]
        out = old.copy()
        out[..., :3] = rounded(np.add(color, (new - color) * share), document.depth)
        return np.where((old[..., 3:] > 0) & (share > 0), out, old)

    pixels, origin = written_in_strips(layer.pixels, layer.origin, area, change)
    return changed(document, layer_id, lambda _: replace(layer, pixels=pixels, origin=origin))
