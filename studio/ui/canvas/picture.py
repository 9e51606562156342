"""Keeps mosaics up to date with the document: what is seen first, from the cursor outwards, old content meanwhile."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import count

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QRegion, QTransform

from studio.core.document import Document
from studio.core.geometry import EMPTY, Affine, Rect
from studio.ui.canvas.mosaic import TILE, Mosaic, qrect, rect_of, rects_of
from studio.ui.canvas.rendering import Delivery, DisplayConversion, Order, RenderThread
from studio.ui.canvas.transform import ViewTransform

AT_ONCE_S = 0.2
"""What is expected to take no longer is composited in one piece, so that a drag changes the whole picture at once."""
PIECE_S = 0.05
"""Otherwise pieces take about so long, from the cursor outwards."""
MEMORY_BYTES = 192 << 20
"""Levels beyond this are forgotten, the longest unused first."""
SHARP_ZOOM = 2.0
"""From here on canvas pixels are shown as squares."""
_FIRST_GUESS_S = 2e-7  # for one canvas pixel
_SMOOTHING = 0.4


def qtransform(affine: Affine) -> QTransform:
    """The same map for Qt."""
    return QTransform(affine.a, affine.b, affine.c, affine.d, affine.tx, affine.ty)


class Picture(QObject):
    """The document's composite, ready to be painted at any view transform.

    `changed` brings the canvas rectangle that has new pixels, `failed` a message, `settled` comes when all that is
    seen is up to date.
    """

    changed = Signal(object)
    failed = Signal(str)
    settled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._document: Document | None = None
        self._mosaics: dict[int, Mosaic] = {}  # least recently used first
        self._level = 0
        self._seen = EMPTY
        self._focus = (0.0, 0.0)
        self._conversion: DisplayConversion | None = None
        self._pixel_s = _FIRST_GUESS_S
        self._tickets = count()
        self._flying: dict[int, tuple[Order, Mosaic]] = {}
        self._requests: dict[int, Callable[[QImage], None]] = {}
        self._was_settled = True
        self.renderer = RenderThread()
        self.renderer.delivered.connect(self._on_delivered)

    @property
    def is_settled(self) -> bool:
        """Whether everything that is seen is up to date."""
        mosaic = self._mosaics.get(self._level)
        if mosaic is None:
            return True
        seen = qrect(mosaic.leveled(self._seen))
        waiting = any(on is mosaic and qrect(order.rect).intersects(seen) for order, on in self._flying.values())
        return not waiting and (mosaic.stale & QRegion(seen)).isEmpty()

    def close(self) -> None:
        """End the thread. Nothing is composited any more."""
        self.renderer.close()

    def open(self, document: Document | None) -> None:
        """Show another document, or none; nothing of the last one is kept."""
        self._document = document
        self._mosaics.clear()
        self._pixel_s = _FIRST_GUESS_S
        self._refresh()

    def update(self, document: Document, dirty: Rect) -> None:
        """The document is now this one, and differs from the last within `dirty` (canvas pixels)."""
        if self._document is None or document.size != self._document.size:
            self.open(document)
            return
        self._document = document
        for mosaic in self._mosaics.values():
            mosaic.invalidate(dirty)
        self._pump()

    def set_conversion(self, conversion: DisplayConversion | None) -> None:
        """Convert colours for the screen with this from now on; None shows the document's samples as they are."""
        self._conversion = conversion
        for mosaic in self._mosaics.values():
            mosaic.invalidate(mosaic.on_canvas(mosaic.area))
        self._pump()

    def look_at(self, seen: Rect, level: int, focus: tuple[float, float]) -> None:
        """What the view shows: canvas rectangle, level of detail, and the canvas point to begin at."""
        self._seen, self._level, self._focus = seen, level, focus
        self._refresh()

    def request_image(self, document: Document, rect: Rect, level: int, deliver: Callable[[QImage], None]) -> None:
        """Composite a part of any document at a level, and hand the image over when it is ready; not when it fails."""
        step = 1 << level
        part = Rect(rect.left // step, rect.top // step, -(-rect.right // step), -(-rect.bottom // step))
        ticket = next(self._tickets)
        self._requests[ticket] = deliver
        self.renderer.order(Order(document, part, level, ticket, self._conversion))

    def pixel(self, x: int, y: int) -> tuple[int, int, int, int] | None:
        """Straight RGBA (0..255) shown at a canvas pixel: a mean when zoomed out, None where nothing is known yet."""
        mosaic = self._mosaics.get(self._level)
        return None if mosaic is None else mosaic.pixel(x >> self._level, y >> self._level)

    @property
    def is_clear(self) -> bool:
        """Whether something that is seen is not opaque."""
        mosaic = self._mosaics.get(self._level)
        return mosaic is not None and mosaic.clear.intersects(qrect(mosaic.leveled(self._seen)))

    @property
    def is_complete(self) -> bool:
        """Whether something is known of everything that is seen, be it up to date or not."""
        mosaic = self._mosaics.get(self._level)
        return mosaic is not None and (QRegion(qrect(mosaic.leveled(self._seen))) - mosaic.filled).isEmpty()

    def paint(self, painter: QPainter, transform: ViewTransform) -> None:
        """Draw what is known; where the right level is missing, what other levels hold."""
        mosaic = self._mosaics.get(self._level)
        if mosaic is None:
            return
        seen = QRegion(qrect(mosaic.leveled(self._seen)))
        missing = seen - mosaic.filled
        if missing.isEmpty():
            _draw(painter, transform, mosaic, None, opaque=not mosaic.clear.intersects(seen))
            return
        for other in reversed(self._mosaics.values()):
            if other is not mosaic and not other.filled.isEmpty():
                _draw(painter, transform, other, _on_level(missing, mosaic, other) & other.filled)
                break
        _draw(painter, transform, mosaic, mosaic.filled & seen)

    def _refresh(self) -> None:
        """Hold the level that is looked at, and have made what it lacks."""
        if self._document is None:
            return
        mosaic = self._mosaics.pop(self._level, None) or Mosaic(self._document.size, self._level)
        self._mosaics[self._level] = mosaic
        mosaic.cover(mosaic.leveled(self._seen))
        held_bytes = sum(other.nbytes for other in self._mosaics.values())
        for level in list(self._mosaics)[:-1]:
            if held_bytes <= MEMORY_BYTES:
                break
            held_bytes -= self._mosaics.pop(level).nbytes
        self._pump()

    def _pump(self) -> None:
        """Keep the thread busy: one order for each version of the document, two when they are pieces of one."""
        while self._document is not None and len(self._flying) < 2:
            mosaic = self._mosaics.get(self._level)
            if mosaic is None or any(order.document is not self._document for order, _ in self._flying.values()):
                return
            rect = self._next_piece(mosaic)
            if rect.is_empty:
                return
            self._was_settled = False
            mosaic.ordered(rect)
            order = Order(self._document, rect, mosaic.level, next(self._tickets), self._conversion)
            self._flying[order.ticket] = order, mosaic
            self.renderer.order(order)

    def _next_piece(self, mosaic: Mosaic) -> Rect:
        """What to composite next: a stale part of what is seen, then of its neighbourhood."""
        seen = mosaic.leveled(self._seen)
        cost_s = self._pixel_s * (1 << 2 * mosaic.level)
        stale = mosaic.stale & QRegion(qrect(seen))
        if not stale.isEmpty():
            whole = rect_of(stale.boundingRect())
            if whole.area * cost_s <= AT_ONCE_S:
                return whole
            return self._nearest(stale, mosaic, PIECE_S / cost_s)
        near = mosaic.stale & QRegion(qrect(seen.grown(TILE)))
        return self._nearest(near, mosaic, TILE * TILE) if not near.isEmpty() and not seen.is_empty else EMPTY

    def _nearest(self, stale: QRegion, mosaic: Mosaic, area: float) -> Rect:
        """A block of about `area` level pixels of the stale region, as near to the focus as there is one."""
        side = TILE * max(1, int(math.sqrt(area) / TILE))
        x, y = (value / (1 << mosaic.level) for value in self._focus)

        def blocks() -> Iterator[tuple[float, Rect]]:
            for rect in rects_of(stale):
                near_x = min(max(x, rect.left), rect.right - 1)
                near_y = min(max(y, rect.top), rect.bottom - 1)
                column, row = int(near_x // side), int(near_y // side)
                block = Rect(column * side, row * side, (column + 1) * side, (row + 1) * side)
                yield math.hypot(near_x - x, near_y - y), block.intersect(rect)

        return min(blocks(), key=lambda pair: pair[0])[1]

    def _on_delivered(self, delivery: Delivery) -> None:
        deliver = self._requests.pop(delivery.order.ticket, None)
        if deliver is not None:
            if delivery.image is not None:
                deliver(delivery.image)
            return
        order, mosaic = self._flying.pop(delivery.order.ticket)
        if delivery.image is None:
            self.failed.emit(delivery.error)
        elif self._mosaics.get(order.level) is mosaic:
            pixel_s = delivery.seconds / (order.rect.area << 2 * order.level)
            self._pixel_s += _SMOOTHING * (pixel_s - self._pixel_s)
            written = mosaic.write(order.rect, delivery.image, delivery.opaque)
            if order.level == self._level and not written.is_empty:
                self.changed.emit(mosaic.on_canvas(written))
        self._pump()
        if self.is_settled and not self._was_settled:
            self._was_settled = True
            self.settled.emit()


def _on_level(region: QRegion, source: Mosaic, target: Mosaic) -> QRegion:
    """A region of one level's pixels on another's, rounded outwards."""
    out = QRegion()
    for rect in rects_of(region):
        out += QRegion(qrect(target.leveled(source.on_canvas(rect))))
    return out


def _draw(
    painter: QPainter, transform: ViewTransform, mosaic: Mosaic, region: QRegion | None, *, opaque: bool = False
) -> None:
    """Draw the region of a mosaic (level pixels; None is all of it)."""
    painter.save()
    step = float(1 << mosaic.level)
    painter.setTransform(qtransform(Affine.scale(step, step).then(transform.affine)), combine=True)
    slanted = transform.rotation_deg % 90 != 0
    pixel_for_pixel = transform.zoom * step == 1 and not slanted
    smooth = transform.zoom < SHARP_ZOOM and not pixel_for_pixel
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, slanted)
    if opaque and transform.is_upright:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    window = mosaic.window
    if region is not None:
        painter.setClipRegion(region, Qt.ClipOperation.IntersectClip)
    painter.drawImage(QPointF(window.left, window.top), mosaic.image)
    painter.restore()
