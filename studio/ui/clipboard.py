"""Between Qt's images and layers: what is pasted and what is copied."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from studio.core import pixels
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.layers import RasterLayer
from studio.core.pixels import Depth, PixelBuffer


def layer_of(image: QImage, name: str, depth: Depth = Depth.EIGHT) -> RasterLayer:
    """A layer with the image's pixels at the canvas's corner."""
    straight = image.convertToFormat(QImage.Format.Format_RGBA8888)
    lines = np.frombuffer(straight.constBits(), np.uint8).reshape(straight.height(), straight.bytesPerLine())
    samples = lines[:, : 4 * straight.width()].reshape(straight.height(), straight.width(), 4).copy()
    return RasterLayer(name=name, pixels=PixelBuffer.from_array(pixels.to_depth(samples, depth)))


def image_of(document: Document) -> QImage:
    """The picture as it looks, 8 bits per channel; may be called from any thread."""
    samples = np.ascontiguousarray(pixels.to_depth(composite(document), Depth.EIGHT))
    height, width = samples.shape[:2]
    return QImage(samples.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
