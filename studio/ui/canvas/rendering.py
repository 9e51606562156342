"""The thread that composites for the canvas, so that the event loop never waits for a picture."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPainter

from studio.core.compositing import Compositor
from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.pixels import Pixels
from studio.ui.canvas.collecting import hold_collector, release_collector

DisplayConversion = Callable[[Pixels], Pixels]
"""From the document's colours to the screen's: (h, w, 4) straight RGBA in and out, same depth. Runs in the thread, so
it may hold no Qt object."""

_CLOSE_TIMEOUT_S = 10.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """A part of a document's picture to make: `rect` in level pixels. `ticket` is a number by which to know it again.

    It holds no Qt object, because the thread may be the last to let go of it.
    """

    document: Document
    rect: Rect
    level: int
    ticket: int
    conversion: DisplayConversion | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """What an order became, ready to draw. `image` is None when it failed; `error` says why, and so does the log."""

    order: Order
    image: QImage | None
    opaque: bool
    seconds: float
    error: str = ""


class RenderThread(QObject):
    """Carries out orders one after the other; `delivered` brings each back on the thread this object lives on.

    `close` must be called before the object goes away.
    """

    delivered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="canvas-render", daemon=True)
        self._closed = False

    def order(self, order: Order) -> None:
        """Have a part composited. The thread starts with the first order."""
        if self._closed:
            return
        if self._thread.ident is None:
            hold_collector()
            self._thread.start()
        self._orders.put(order)

    def close(self) -> None:
        """Finish what is being composited, drop the rest, and end the thread. Closing twice is fine."""
        if self._closed:
            return
        self._closed = True
        if self._thread.ident is not None:
            self._orders.put(None)
            self._thread.join(_CLOSE_TIMEOUT_S)
            release_collector()

    def _work(self) -> None:
        compositor = Compositor()
        while (order := self._orders.get()) is not None and not self._closed:
            started = time.perf_counter()
            try:
                image, opaque = _carried_out(order, compositor)
                delivery = Delivery(order, image, opaque, time.perf_counter() - started)
            except Exception as error:  # whatever it is, the thread must live on and the window must hear of it
                _log.exception("could not composite %s at level %s", order.rect, order.level)
                delivery = Delivery(order, None, True, time.perf_counter() - started, repr(error))
            if not self._closed:
                self.delivered.emit(delivery)


def _carried_out(order: Order, compositor: Compositor) -> tuple[QImage, bool]:
    """The order's picture, and whether all of it is opaque."""
    scale = 1 << order.level
    rect = Rect(*(edge * scale for edge in (order.rect.left, order.rect.top, order.rect.right, order.rect.bottom)))
    samples = compositor.render(order.document, rect, scale)
    if order.conversion is not None:
        samples = order.conversion(samples)
    opaque = is_opaque(samples)
    return for_screen(samples, opaque), opaque


def is_opaque(samples: Pixels) -> bool:
    """Whether every alpha of (h, w, 4) is full; whole pixels are looked at as one number, which is much faster."""
    whole = np.uint32 if samples.itemsize == 1 else np.uint64
    common = np.bitwise_and.reduce(np.ascontiguousarray(samples).view(whole), axis=None)
    return bool(np.array([common], whole).view(samples.dtype)[3] == np.iinfo(samples.dtype).max)


def for_screen(samples: Pixels, opaque: bool) -> QImage:
    """(h, w, 4) straight RGBA of either depth as an 8-bit image that Qt draws without converting it again."""
    height, width, _ = samples.shape
    eight = samples.itemsize == 1
    samples = np.ascontiguousarray(samples)  # lives until the copy is made, as the image that reads it in place must
    if opaque:
        told = QImage.Format.Format_RGBX8888 if eight else QImage.Format.Format_RGBX64
        read = QImage(samples.data, width, height, samples.strides[0], told)
        return read.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    told = QImage.Format.Format_RGBA8888 if eight else QImage.Format.Format_RGBA64
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)  # several times faster than convertToFormat, and rounds the same way
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    painter.drawImage(0, 0, QImage(samples.data, width, height, samples.strides[0], told))
    painter.end()
    return image
