"""Small pictures of results."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from studio.core.compositing import SCALES, Compositor
from studio.core.document import Document
from studio.core.generative import without_result
from studio.core.layers import LayerId
from studio.core.pixels import Depth, to_depth
from studio.io.color import convert_pixels
from studio.placing import placed
from studio.plugin_api.results import Results

THUMBNAIL_PX = 192
"""The longer side is at least this, where the picture is: twice what is shown, for dense screens."""
CACHE_BYTES = 64 << 20


def thumbnail(document: Document, results: Results, in_place_of: LayerId | None) -> QImage:
    """What the document would look like with the result, small; may be called from any thread."""
    root = None if in_place_of is None else document.find(in_place_of)
    made = None if root is None else root.provenance
    if made is not None and made.run:
        document = document.with_layers(without_result(document.layers, made.run))
    whole, _ = placed(document, results, document)
    longest = max(document.size.width, document.size.height)
    scale = next((s for s in reversed(SCALES) if longest // s >= THUMBNAIL_PX), 1)
    samples = convert_pixels(Compositor(CACHE_BYTES).render(whole, scale=scale), document.icc, None)
    eight = np.ascontiguousarray(to_depth(samples, Depth.EIGHT))
    height, width = eight.shape[:2]
    return QImage(eight.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
