"""Small pictures of results."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from studio.core.compositing import SCALES, Compositor
from studio.core.document import Document
from studio.core.pixels import Depth, to_depth
from studio.io.color import convert_pixels

THUMBNAIL_PX = 192
"""The longer side is at least this, where the picture is: twice what is shown, for dense screens."""
CACHE_BYTES = 64 << 20


def thumbnail(document: Document) -> QImage:
    """The document, small; may be called from any thread."""
    longest = max(document.size.width, document.size.height)
    scale = next((s for s in reversed(SCALES) if longest // s >= THUMBNAIL_PX), 1)
    samples = convert_pixels(Compositor(CACHE_BYTES).render(document, scale=scale), document.icc, None)
    eight = np.ascontiguousarray(to_depth(samples, Depth.EIGHT))
    height, width = eight.shape[:2]
    return QImage(eight.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
