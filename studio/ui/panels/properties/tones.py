"""The adjustments with hardly a setting: exposure, threshold, posterize, invert."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from studio.core.adjustments import Exposure, Invert, Posterize, Threshold
from studio.ui import theme
from studio.ui.panels.amount import Amount, align
from studio.ui.panels.layers import text
from studio.ui.panels.layers.text import say
from studio.ui.panels.properties.editor import Counts, Editor
from studio.ui.panels.properties.histogram import paint_histogram

HUNDREDTHS, TEN_THOUSANDTHS = 100, 10_000
GRAPH_PX, MARGIN_PX, HANDLE_PX = 84, 8, 6


class ExposureEditor(Editor[Exposure]):
    """Exposure in stops, gamma and offset as they are. Each slider changes its own value only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = Exposure()
        self.exposure = Amount(
            say(text.EXPOSURE), -2000, 2000, 0, decimals=2, help_=say(text.EXPOSURE_HELP), parent=self
        )
        self.offset = Amount(say(text.OFFSET), -5000, 5000, 0, decimals=4, help_=say(text.OFFSET_HELP), parent=self)
        self.gamma = Amount(say(text.GAMMA), 1, 999, 100, decimals=2, help_=say(text.GAMMA_HELP), parent=self)
        amounts = (self.exposure, self.offset, self.gamma)
        align(amounts)
        for amount in amounts:
            self.column.addWidget(amount)
            amount.settled.connect(self.settled)
        self.exposure.changed.connect(lambda new: self._take(replace(self._value, exposure=new / HUNDREDTHS)))
        self.offset.changed.connect(lambda new: self._take(replace(self._value, offset=new / TEN_THOUSANDTHS)))
        self.gamma.changed.connect(lambda new: self._take(replace(self._value, gamma=new / HUNDREDTHS)))

    def show_adjustment(self, adjustment: Exposure) -> None:
        self._value = adjustment
        self.exposure.show_value(round(adjustment.exposure * HUNDREDTHS))
        self.offset.show_value(round(adjustment.offset * TEN_THOUSANDTHS))
        self.gamma.show_value(round(adjustment.gamma * HUNDREDTHS))

    def _take(self, value: Exposure) -> None:
        self._value = value
        self.changed.emit(value)


class ThresholdGraph(QWidget):
    """The histogram with the level as a line to drag: `dragged` brings the next level, `released` ends a gesture."""

    dragged = Signal(int)
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level = 128
        self._counts: Counts | None = None
        self.setAccessibleName(say(text.HISTOGRAM))
        self.setToolTip(say(text.THRESHOLD_GRAPH_HELP))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, GRAPH_PX + 3 * HANDLE_PX)

    def show_level(self, level: int) -> None:
        self._level = level
        self.update()

    def show_counts(self, counts: Counts | None) -> None:
        self._counts = counts
        self.update()

    def place(self, level: float) -> QPointF:
        """Where the handle of a level stands."""
        return QPointF(MARGIN_PX + (self.width() - 2 * MARGIN_PX) * level / 255, GRAPH_PX + HANDLE_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._drag(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.released.emit()

    def _drag(self, x: float) -> None:
        level = round(255 * (x - MARGIN_PX) / max(1, self.width() - 2 * MARGIN_PX))
        self.dragged.emit(min(255, max(1, level)))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(MARGIN_PX, 1, self.width() - 2 * MARGIN_PX, GRAPH_PX - 2)
        painter.fillRect(frame, QColor(look.base))
        paint_histogram(painter, frame, self._counts, 0, look.muted)
        painter.setPen(QPen(QColor(look.border), 1))
        painter.drawRect(frame)
        at = self.place(self._level)
        painter.setPen(QPen(QColor(look.accent), 1.6))
        painter.drawLine(QPointF(at.x(), frame.top()), QPointF(at.x(), frame.bottom()))
        painter.setPen(QPen(QColor(look.text), 1.2))
        painter.setBrush(QColor(look.accent))
        tip, half = QPointF(at.x(), GRAPH_PX + 1), HANDLE_PX
        painter.drawPolygon(QPolygonF([tip, tip + QPointF(half, 2 * half), tip + QPointF(-half, 2 * half)]))
        painter.end()


class ThresholdEditor(Editor[Threshold]):
    """One slider, under the histogram."""

    wants_histogram = True

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.graph = ThresholdGraph(self)
        self.column.addWidget(self.graph)
        self.graph.dragged.connect(lambda level: self.changed.emit(Threshold(level=level)))
        self.graph.released.connect(self.settled)
        self.level = Amount(say(text.THRESHOLD_LEVEL), 1, 255, 128, help_=say(text.THRESHOLD_HELP), parent=self)
        self.column.addWidget(self.level)
        self.level.changed.connect(lambda level: self.changed.emit(Threshold(level=level)))
        self.level.settled.connect(self.settled)

    def show_adjustment(self, adjustment: Threshold) -> None:
        self.level.show_value(adjustment.level)
        self.graph.show_level(adjustment.level)

    def show_histogram(self, counts: Counts | None) -> None:
        self.graph.show_counts(counts)


class PosterizeEditor(Editor[Posterize]):
    """One slider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.levels = Amount(say(text.STEPS), 2, 255, 4, help_=say(text.STEPS_HELP), parent=self)
        self.column.addWidget(self.levels)
        self.levels.changed.connect(lambda levels: self.changed.emit(Posterize(levels=levels)))
        self.levels.settled.connect(self.settled)

    def show_adjustment(self, adjustment: Posterize) -> None:
        self.levels.show_value(adjustment.levels)


class InvertEditor(Editor[Invert]):
    """Says that there is nothing to set."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words = QLabel(say(text.INVERT_HELP), self)
        words.setWordWrap(True)
        self.column.addWidget(words)

    def show_adjustment(self, adjustment: Invert) -> None:
        """The same for all of them."""
