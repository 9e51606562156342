"""From the layer tree to one picture: the one source of truth for screen, export and a PSD's merged image.

Colours are float32 and premultiplied while layers pile up; the result is divided by its alpha and rounded once, at the
end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.kernels import strips
from studio.core.kernels.program import program_of
from studio.core.layers import Layer
from studio.core.pixels import Pixels


def composite(document: Document, rect: Rect | None = None) -> Pixels:
    """The flattened picture of `rect` (the canvas by default): (h, w, 4) straight RGBA at the document's depth."""
    return composite_layers(document, document.layers, rect)


def composite_layers(document: Document, layers: Sequence[Layer], rect: Rect | None = None) -> Pixels:
    """The same for a part of the document's tree, such as one group's children, over nothing."""
    return strips.render(program_of(layers), document.canvas if rect is None else rect, document.depth)


class Compositor:
    """Renders a document that changes: keeps what can be used again for the next picture of it."""

    def __init__(self, budget_bytes: int = 512 << 20) -> None:
        self.budget_bytes = budget_bytes

    def render(self, document: Document, rect: Rect | None = None, scale: int = 1) -> Pixels:
        """The picture of `rect` (canvas pixels) with one output pixel for `scale` x `scale` canvas pixels.

        `scale` is a power of two. The result covers the output pixels that `rect` touches: (h, w, 4) straight RGBA at
        the document's depth.
        """
        rect = document.canvas if rect is None else rect
        if scale == 1:
            return composite(document, rect)
        grid = Rect(rect.left // scale, rect.top // scale, -(-rect.right // scale), -(-rect.bottom // scale))
        whole = Rect(grid.left * scale, grid.top * scale, grid.right * scale, grid.bottom * scale)
        return _shrunk(composite(document, whole), scale)


def _shrunk(samples: Pixels, scale: int) -> Pixels:
    """The mean of each `scale` x `scale` block, colours weighted by alpha."""
    height, width, channels = samples.shape
    blocks = samples.reshape(height // scale, scale, width // scale, scale, channels).astype(np.float32)
    alpha = blocks[..., 3:]
    total = alpha.sum(axis=(1, 3))
    weighted = (blocks[..., :3] * alpha).sum(axis=(1, 3))
    color = weighted / np.where(total > 0, total, 1)
    mean = np.concatenate([color, total / np.float32(scale * scale)], axis=-1)
    return (mean + np.float32(0.5)).astype(samples.dtype)
