"""Between Qt's images and layers: what is pasted and what is copied."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from studio.core import pixels
from studio.core.document import Document
from studio.core.edits.areas import selected_area
from studio.core.edits.samples import coverage_at, faded
from studio.core.edits.selections import sampled
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import Depth, PixelBuffer


def layer_of(image: QImage, name: str, depth: Depth = Depth.EIGHT) -> RasterLayer:
    """A layer with the image's pixels at the canvas's corner."""
    straight = image.convertToFormat(QImage.Format.Format_RGBA8888)
    lines = np.frombuffer(straight.constBits(), np.uint8).reshape(straight.height(), straight.bytesPerLine())
    samples = lines[:, : 4 * straight.width()].reshape(straight.height(), straight.width(), 4).copy()
    return RasterLayer(name=name, pixels=PixelBuffer.from_array(pixels.to_depth(samples, depth)))


def image_of(document: Document, layer_id: LayerId | None = None) -> QImage:
    """What is selected of the picture as it looks, or of one layer or group by itself, 8 bits per channel.

    It is as large as the selection's rectangle, else as the canvas, the layer or the group's part of the canvas; a
    null image when there is nothing to see. May be called from any thread.
    """
    layer = None if layer_id is None or document.selection is not None else document.layer(layer_id)
    if isinstance(layer, RasterLayer):
        samples = layer.pixels.read()
    else:
        area = selected_area(document) if layer is None else document.canvas.intersect(layer.bounds)
        samples = sampled(document, layer_id)[area.slices()]
        if document.selection is not None:
            samples = faded(samples, coverage_at(document, area))
    if not samples[..., 3].any():
        return QImage()
    samples = np.ascontiguousarray(pixels.to_depth(samples, Depth.EIGHT))
    height, width = samples.shape[:2]
    return QImage(samples.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
