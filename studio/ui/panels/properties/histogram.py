"""How often each value occurs in a picture, such as what lies below a layer, counted on a thread at a small size."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath

from studio.core.document import Document
from studio.core.kernels.program import shrunk_rect
from studio.core.layers import GroupLayer, LayerId, Layers
from studio.ui.canvas.rendering import Delivery, Order, RenderThread
from studio.ui.panels.properties.editor import Counts

SIDE_PX = 400
"""The picture is counted when its longer side is about this."""
PATIENCE_MS = 120
CHANNEL_COLORS = ("#e05555", "#4fb35c", "#5b8def")


class Histogram(QObject):
    """`follow` a picture; `counted` brings its counts, soon after another one is followed."""

    counted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: RenderThread | None = None
        self._picture: Document | None = None
        self._ticket = 0
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._timer.timeout.connect(self._order)

    def follow(self, picture: Document | None) -> None:
        """Count this document's picture from now on; None counts nothing."""
        if picture is None:
            self._picture = None
            self._timer.stop()
        elif self._picture is None or picture != self._picture:
            self._picture = picture
            self._timer.start()

    @property
    def is_idle(self) -> bool:
        """Whether the last counts are the newest."""
        return not self._timer.isActive() and self._ticket == 0

    def release(self) -> None:
        """Count nothing more, and end the thread."""
        self._timer.stop()
        self._picture = None
        if self._thread is not None:
            self._thread.close()
            self._thread.deleteLater()
            self._thread = None

    def _order(self) -> None:
        if self._picture is None:
            return
        if self._thread is None:
            self._thread = RenderThread()
            self._thread.delivered.connect(self._take)
        level = 0
        while max(self._picture.size.width, self._picture.size.height) >> level > SIDE_PX and level < 8:
            level += 1
        self._ticket += 1
        self._thread.order(Order(self._picture, shrunk_rect(self._picture.canvas, 1 << level), level, self._ticket))

    def _take(self, delivery: Delivery) -> None:
        if delivery.order.ticket != self._ticket or delivery.order.document is not self._picture:
            return
        self._ticket = 0
        if delivery.image is not None:
            self.counted.emit(counts_of(delivery.image))


def below_layer(document: Document, layer_id: LayerId) -> Document:
    """The document with only what lies below a layer in its group, and below the groups that hold it."""
    return document.with_layers(_below(document.layers, layer_id) or ())


def _below(layers: Layers, layer_id: LayerId) -> Layers | None:
    for index, layer in enumerate(layers):
        if layer.id == layer_id:
            return layers[:index]
        if isinstance(layer, GroupLayer) and (inner := _below(layer.children, layer_id)) is not None:
            return (*layers[:index], *inner)
    return None


def counts_of(image: QImage) -> Counts:
    """How many pixels that show have each value."""
    told = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(told.constBits(), np.uint8).reshape(told.height(), told.bytesPerLine())
    samples = rows[:, : 4 * told.width()].reshape(-1, 4)
    shown = samples[samples[:, 3] > 0]
    return np.stack([np.bincount(shown[:, channel], minlength=256) for channel in range(3)]).astype(np.int64)


def paint_histogram(painter: QPainter, rect: QRectF, counts: Counts | None, channel: int, color: str) -> None:
    """Fill the shape of one channel (1..3), or of all three as one grey (0), into `rect`."""
    if counts is None or not counts.any():
        return
    values = counts.sum(axis=0) if channel == 0 else counts[channel - 1]
    top = max(1.0, float(np.partition(values, -3)[-3]))  # a flat ground or sky does not press the rest down
    path = QPainterPath(QPointF(rect.left(), rect.bottom()))
    for value in range(256):
        share = min(1.0, float(values[value]) / top)
        path.lineTo(rect.left() + rect.width() * value / 255, rect.bottom() - rect.height() * share)
    path.lineTo(rect.right(), rect.bottom())
    path.closeSubpath()
    fill = QColor(CHANNEL_COLORS[channel - 1] if channel else color)
    fill.setAlpha(150)
    painter.fillPath(path, fill)
