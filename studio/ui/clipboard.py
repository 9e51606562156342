"""Between the clipboard and layers: what is pasted and what is copied.

Other programs get and give an image of 8 bits. What is copied from a document of 16 bits is there in full, too, as a
type of our own: the bytes of an .npy file, (H, W, 4) uint16 straight RGBA.
"""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication, QImage

from studio.core import pixels
from studio.core.document import Document
from studio.core.edits.areas import selected_area
from studio.core.edits.samples import coverage_at, faded
from studio.core.edits.selections import sampled
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import Depth, PixelBuffer, Pixels

DEEP = "application/x-lamina-rgba16"
"""The type of samples of 16 bits."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """What was copied: an image for every program, and `deep` where the document has 16 bits."""

    image: QImage
    deep: Pixels | None = None

    @property
    def is_empty(self) -> bool:
        return self.image.isNull()

    def put(self) -> None:
        """Put it on the clipboard."""
        mime = QMimeData()
        mime.setImageData(self.image)
        if self.deep is not None:
            held = io.BytesIO()
            np.save(held, self.deep, allow_pickle=False)
            mime.setData(DEEP, held.getvalue())
        QGuiApplication.clipboard().setMimeData(mime)


def clip_on(mime: QMimeData) -> Clip:
    """What lies there to be pasted; an empty one where that is no picture."""
    image = QImage(mime.imageData()) if mime.hasImage() else QImage()
    return Clip(image, _deep_on(mime) if mime.hasFormat(DEEP) else None)


def _deep_on(mime: QMimeData) -> Pixels | None:
    try:
        samples = np.load(io.BytesIO(mime.data(DEEP).data()), allow_pickle=False)
    except (ValueError, OSError, EOFError, MemoryError) as error:  # a header may claim any size
        _log.warning("the samples on the clipboard cannot be read: %s", error)
        return None
    fits = isinstance(samples, np.ndarray) and samples.dtype == np.uint16 and samples.ndim == 3
    return samples if fits and samples.shape[2] == 4 and samples.size else None


def layer_of(clip: Clip, name: str, depth: Depth | None = None) -> RasterLayer:
    """A layer with the clip's pixels at the canvas's corner; in the clip's own depth unless another is given."""
    samples = _samples_of(clip.image) if clip.deep is None else clip.deep
    own = Depth.EIGHT if clip.deep is None else Depth.SIXTEEN
    return RasterLayer(name=name, pixels=PixelBuffer.from_array(pixels.to_depth(samples, depth or own)))


def _samples_of(image: QImage) -> Pixels:
    straight = image.convertToFormat(QImage.Format.Format_RGBA8888)
    lines = np.frombuffer(straight.constBits(), np.uint8).reshape(straight.height(), straight.bytesPerLine())
    return lines[:, : 4 * straight.width()].reshape(straight.height(), straight.width(), 4).copy()


def clip_of(document: Document, layer_id: LayerId | None = None) -> Clip:
    """What is selected of the picture as it looks, or of one layer or group by itself.

    It is as large as the selection's rectangle, else as the canvas, the layer or the group's part of the canvas; an
    empty one when there is nothing to see. May be called from any thread.
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
        return Clip(QImage())
    shown = np.ascontiguousarray(pixels.to_depth(samples, Depth.EIGHT))
    height, width = shown.shape[:2]
    image = QImage(shown.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
    return Clip(image, np.ascontiguousarray(samples) if document.depth is Depth.SIXTEEN else None)
