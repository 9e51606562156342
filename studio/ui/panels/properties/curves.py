"""Curves: points on a grid over the histogram, moved by pointer or keys."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSpinBox, QWidget

from studio.core.adjust import STEPS, tables
from studio.core.adjustments import STRAIGHT, CurvePoints, Curves
from studio.ui import theme
from studio.ui.forms.lists import TAKE_AWAY, keeps_key
from studio.ui.panels.layers import text
from studio.ui.panels.layers.text import say
from studio.ui.panels.properties.editor import CHANNELS, Counts, Editor
from studio.ui.panels.properties.histogram import CHANNEL_COLORS, paint_histogram

HEIGHT_PX = 190
MARGIN_PX = 8
POINT_PX = 4
REACH_PX = 9
OUT_PX = 24
"""How far outside the grid a point must be dragged to be taken away."""
MOST_POINTS = 19
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class CurveGraph(QWidget):
    """One curve. `dragged` brings the next points, `released` ends a gesture, `picked` the index of the chosen one."""

    dragged = Signal(object)
    released = Signal()
    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: CurvePoints = STRAIGHT
        self._counts: Counts | None = None
        self._channel = 0
        self._chosen = 0
        self._held = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(say(text.CURVE))
        self.setToolTip(say(text.CURVE_HELP))
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(220, HEIGHT_PX)

    @property
    def chosen(self) -> int:
        """Index of the point that keys move."""
        return self._chosen

    def show_points(self, points: CurvePoints, channel: int) -> None:
        """Show a curve of a channel (0 is RGB)."""
        if channel != self._channel:
            self._chosen = 0
        self._points, self._channel = points, channel
        self._chosen = min(self._chosen, len(points) - 1)
        self._tell()
        self.update()

    def show_counts(self, counts: Counts | None) -> None:
        self._counts = counts
        self.update()

    def place(self, source: float, target: float) -> QPointF:
        """Where an input and output value (0..255) lie in the widget."""
        grid = self._grid()
        return QPointF(grid.left() + grid.width() * source / 255, grid.bottom() - grid.height() * target / 255)

    def _grid(self) -> QRectF:
        return QRectF(MARGIN_PX, MARGIN_PX, self.width() - 2 * MARGIN_PX, self.height() - 2 * MARGIN_PX)

    def _values(self, at: QPointF) -> tuple[int, int]:
        grid = self._grid()
        source = 255 * (at.x() - grid.left()) / grid.width()
        target = 255 * (grid.bottom() - at.y()) / grid.height()
        return round(min(255.0, max(0.0, source))), round(min(255.0, max(0.0, target)))

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        at = event.position()
        distances = [(self.place(*point) - at).manhattanLength() for point in self._points]
        nearest = min(range(len(distances)), key=distances.__getitem__)
        self._held = True
        if distances[nearest] <= REACH_PX:
            self._choose(nearest)
        else:
            self._held = self._add(*self._values(at))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._held:
            return
        at = event.position()
        inner = 0 < self._chosen < len(self._points) - 1
        if inner and not self._grid().adjusted(-OUT_PX, -OUT_PX, OUT_PX, OUT_PX).contains(at):
            self._held = False
            self.remove_chosen()
            return
        self._move(*self._values(at))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = False
        self.released.emit()

    # Keys

    def event(self, event: QEvent) -> bool:
        return keeps_key(event, TAKE_AWAY) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        key = Qt.Key(event.key())
        if key in ARROWS:
            across, up = ARROWS[key]
            source, target = self._points[self._chosen]
            self._move(source + step * across, target + step * up)
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            by = 1 if key == Qt.Key.Key_PageUp else -1
            self._choose((self._chosen + by) % len(self._points))
        elif key in TAKE_AWAY:
            self.remove_chosen()
        elif key == Qt.Key.Key_Insert:
            self._insert()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        super().keyReleaseEvent(event)
        if not event.isAutoRepeat():
            self.released.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def remove_chosen(self) -> None:
        """Take the chosen point away; the two at the ends stay."""
        if 0 < self._chosen < len(self._points) - 1:
            points = (*self._points[: self._chosen], *self._points[self._chosen + 1 :])
            self._chosen -= 1
            self._emit(points)
            self.released.emit()

    def set_chosen(self, source: int, target: int) -> None:
        """Move the chosen point to these values, as far as its neighbours let it."""
        self._move(source, target)

    def _insert(self) -> None:
        """A new point in the middle of the widest gap, on the curve."""
        gaps = [b[0] - a[0] for a, b in zip(self._points, self._points[1:], strict=False)]
        left = max(range(len(gaps)), key=gaps.__getitem__)
        middle = self._points[left][0] + gaps[left] // 2
        self._add(middle, round(255 * self._heights()[middle]))

    def _add(self, source: int, target: int) -> bool:
        """A new point, chosen; False where there is no room for it."""
        if len(self._points) >= MOST_POINTS or any(source == point[0] for point in self._points):
            return False
        points = tuple(sorted((*self._points, (source, target))))
        self._chosen = points.index((source, target))
        self._emit(points)
        return True

    def _move(self, source: int, target: int) -> None:
        low = self._points[self._chosen - 1][0] + 1 if self._chosen else 0
        high = self._points[self._chosen + 1][0] - 1 if self._chosen < len(self._points) - 1 else 255
        moved = (min(high, max(low, source)), min(255, max(0, target)))
        self._emit((*self._points[: self._chosen], moved, *self._points[self._chosen + 1 :]))

    def _choose(self, index: int) -> None:
        self._chosen = index
        self._tell()
        self.update()
        self.picked.emit(index)

    def _emit(self, points: CurvePoints) -> None:
        if points != self._points:
            self._points = points
            self._tell()
            self.update()
            self.dragged.emit(points)
            self.picked.emit(self._chosen)

    def _tell(self) -> None:
        """Say the chosen point to screen readers."""
        source, target = self._points[self._chosen]
        words = say(text.CURVE_POINT, number=self._chosen + 1, count=len(self._points), input=source, output=target)
        if self.accessibleDescription() != words:
            self.setAccessibleDescription(words)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def _heights(self) -> list[float]:
        """The curve at 0..255."""
        values = tables(Curves(rgb=self._points)).values[: STEPS + 1]
        return [float(values[round(value * STEPS / 255)]) for value in range(256)]

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        look, grid = theme.current(), self._grid()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(grid, QColor(look.base))
        paint_histogram(painter, grid, self._counts, self._channel, look.border)
        painter.setPen(QPen(QColor(look.border), 1))
        for part in range(5):
            x, y = grid.left() + grid.width() * part / 4, grid.top() + grid.height() * part / 4
            painter.drawLine(QPointF(x, grid.top()), QPointF(x, grid.bottom()))
            painter.drawLine(QPointF(grid.left(), y), QPointF(grid.right(), y))
        painter.drawLine(grid.bottomLeft(), grid.topRight())
        color = QColor(CHANNEL_COLORS[self._channel - 1] if self._channel else look.text)
        heights = self._heights()
        path = QPainterPath(self.place(0, 255 * heights[0]))
        for value in range(1, 256):
            path.lineTo(self.place(value, 255 * heights[value]))
        painter.setPen(QPen(color, 1.6))
        painter.drawPath(path)
        for index, point in enumerate(self._points):
            chosen = index == self._chosen
            painter.setPen(QPen(QColor(look.accent if chosen else look.text), 1.6))
            painter.setBrush(QColor(look.accent if chosen else look.base))
            painter.drawEllipse(self.place(*point), POINT_PX, POINT_PX)
        if self.hasFocus():
            painter.setPen(QPen(QColor(look.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), 4, 4)
        painter.end()


class CurvesEditor(Editor[Curves]):
    """One curve at a time, and the chosen point as numbers."""

    wants_histogram = True

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves = Curves()
        self.channel = self.channel_choice()
        self.graph = CurveGraph(self)
        self.column.addWidget(self.graph)
        self.input = self._value(text.CURVE_INPUT)
        self.output = self._value(text.CURVE_OUTPUT)
        row = QHBoxLayout()
        for label, box in ((text.CURVE_INPUT, self.input), (text.CURVE_OUTPUT, self.output)):
            words = QLabel(say(label), self)
            words.setBuddy(box)
            row.addWidget(words)
            row.addWidget(box)
            box.valueChanged.connect(lambda _: self.graph.set_chosen(self.input.value(), self.output.value()))
            box.editingFinished.connect(self.settled)
        row.addStretch(1)
        self.column.addLayout(row)
        self.channel.currentIndexChanged.connect(lambda _: self.show_adjustment(self._curves))
        self.graph.dragged.connect(self._take)
        self.graph.released.connect(self.settled)
        self.graph.picked.connect(lambda _: self._show_point())
        self.show_adjustment(self._curves)

    def show_adjustment(self, adjustment: Curves) -> None:
        self._curves = adjustment
        self.graph.show_points(self._points, self.channel.currentIndex())
        self._show_point()

    def show_histogram(self, counts: Counts | None) -> None:
        self.graph.show_counts(counts)

    @property
    def _points(self) -> CurvePoints:
        return getattr(self._curves, CHANNELS[self.channel.currentIndex()])

    def _value(self, label: str) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(0, 255)
        box.setKeyboardTracking(False)
        box.setAccessibleName(say(label))
        return box

    def _show_point(self) -> None:
        points = self._points
        point = points[min(self.graph.chosen, len(points) - 1)]
        for box, value in zip((self.input, self.output), point, strict=True):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)

    def _take(self, points: CurvePoints) -> None:
        match self.channel.currentIndex():
            case 0:
                new = replace(self._curves, rgb=points)
            case 1:
                new = replace(self._curves, red=points)
            case 2:
                new = replace(self._curves, green=points)
            case _:
                new = replace(self._curves, blue=points)
        self.changed.emit(new)
