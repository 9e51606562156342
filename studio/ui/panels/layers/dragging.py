"""Layers on their way to another place of the list: the marks that show where they would go, the edit at the end."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QTreeView

from studio.core import edits
from studio.core.edits.targets import outermost
from studio.core.layers import LayerId
from studio.session import Session
from studio.ui import text as window_text
from studio.ui import theme
from studio.ui.panels.applying import apply
from studio.ui.panels.layers import text
from studio.ui.panels.layers.describing import one_line
from studio.ui.panels.layers.dropping import Drop, drop_at
from studio.ui.panels.layers.text import say

SCROLL_EDGE_PX, SCROLL_STEP_PX, SCROLL_MS = 24, 12, 30
TAG_PX = 160


class LayerDrag(QObject):
    """Begun by `lift`, followed by `move`, ended by `put_down` or `cancel`. It needs no drag and drop of the system."""

    def __init__(self, tree: QTreeView, session: Session) -> None:
        super().__init__(tree)
        self._tree = tree
        self._session = session
        self._layers: tuple[LayerId, ...] = ()
        self._point = QPoint()
        self._drop: Drop | None = None
        self._scroll = QTimer(self, interval=SCROLL_MS)
        self._scroll.timeout.connect(self._scroll_on)

    @property
    def is_on(self) -> bool:
        """Whether layers are being dragged."""
        return bool(self._layers)

    def lift(self, layers: tuple[LayerId, ...], point: QPoint) -> None:
        """Pick layers up, once the list is as it will be when they are put down."""
        if layers and self._session.settle():
            self._layers = layers
            self.move(point)

    def move(self, point: QPoint) -> None:
        """The pointer is here now; near the upper and lower edge the list scrolls."""
        self._point = point
        self._drop = drop_at(self._tree, self._session.document, point, self._layers)
        view = self._tree.viewport()
        view.setCursor(Qt.CursorShape.ForbiddenCursor if self._drop is None else Qt.CursorShape.ClosedHandCursor)
        near = min(point.y(), view.height() - point.y()) < SCROLL_EDGE_PX
        if near and not self._scroll.isActive():
            self._scroll.start()
        elif not near:
            self._scroll.stop()
        view.update()

    def put_down(self, *, copies: bool) -> LayerId | None:
        """Move the layers, or copies of them, to where they are; the group they were put into, if any."""
        layers, drop = self._layers, self._drop
        self.cancel()
        if drop is None:
            return None
        if copies:
            known = {layer.id for layer in self._session.document.walk()}
            name = window_text.say(window_text.COPY_NAME)
            if apply(self._session, edits.step(edits.duplicate_layers, layers, drop.place, name=name)):
                document = self._session.document
                made = outermost(document, {layer.id for layer in document.walk()} - known)
                self._session.select([layer.id for layer in reversed(made)])
        else:
            apply(self._session, edits.step(edits.move_layers, layers, drop.place))
        return drop.place.parent if drop.into else None

    def cancel(self) -> None:
        """Leave everything where it was."""
        self._layers, self._drop = (), None
        self._scroll.stop()
        self._tree.viewport().unsetCursor()
        self._tree.viewport().update()

    def paint(self, painter: QPainter) -> None:
        """Mark the place, and show beside the pointer what is being dragged."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._drop is not None:
            _paint_place(painter, self._drop)
        self._paint_tag(painter)

    def _scroll_on(self) -> None:
        bar = self._tree.verticalScrollBar()
        up = self._point.y() < self._tree.viewport().height() // 2
        bar.setValue(bar.value() + (-SCROLL_STEP_PX if up else SCROLL_STEP_PX))
        self.move(self._point)

    def _paint_tag(self, painter: QPainter) -> None:
        layer = self._session.document.find(self._layers[0])
        count = len(self._layers)
        words = say(text.DRAGGED, count=count) if count > 1 or layer is None else one_line(layer.name)
        metrics = QFontMetrics(self._tree.font())
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, TAG_PX)
        size = QSize(metrics.horizontalAdvance(words) + 16, metrics.height() + 8)
        rect = QRect(self._point + QPoint(14, 6), size)
        look = theme.current()
        painter.setPen(QPen(QColor(look.accent), 1))
        painter.setBrush(QColor(look.raised))
        painter.drawRoundedRect(rect, 4, 4)
        painter.setPen(QColor(look.text))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)


def _paint_place(painter: QPainter, drop: Drop) -> None:
    accent = QColor(theme.current().accent)
    painter.setPen(QPen(accent, 2))
    if drop.into:
        tint = QColor(accent)
        tint.setAlpha(40)
        painter.setBrush(tint)
        painter.drawRoundedRect(drop.mark.adjusted(1, 1, -2, -2), 4, 4)
        return
    y = max(drop.mark.top(), 3)
    painter.drawLine(drop.mark.left() + 6, y, drop.mark.right(), y)
    painter.setBrush(QColor(theme.current().base))
    painter.drawEllipse(QPoint(drop.mark.left() + 4, y), 3, 3)
