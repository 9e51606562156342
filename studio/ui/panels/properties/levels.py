"""Levels: a histogram with handles for black, middle and white, and the same values as numbers."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QLabel, QSizePolicy, QSpinBox, QWidget

from studio.core.adjustments import Levels, LevelsBand
from studio.ui import theme
from studio.ui.panels.layers import text
from studio.ui.panels.layers.text import say
from studio.ui.panels.properties.editor import CHANNELS, Counts, Editor
from studio.ui.panels.properties.histogram import paint_histogram

HANDLE_PX = 6
GRAPH_PX = 84
FIELD_PX = 56
MARGIN_PX = 8
GAMMA_LOW, GAMMA_HIGH = 0.1, 9.99


class LevelsGraph(QWidget):
    """The histogram; its handles send `dragged` with the next band and `released` at the end."""

    dragged = Signal(object)
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._band = LevelsBand()
        self._counts: Counts | None = None
        self._channel = 0
        self._held = ""
        self.setAccessibleName(say(text.HISTOGRAM))
        self.setToolTip(say(text.HISTOGRAM_HELP))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, GRAPH_PX + 3 * HANDLE_PX)

    def show_band(self, band: LevelsBand, channel: int) -> None:
        self._band, self._channel = band, channel
        self.update()

    def show_counts(self, counts: Counts | None) -> None:
        self._counts = counts
        self.update()

    def place(self, handle: str) -> QPointF:
        """Where a handle ("black", "gamma" or "white") stands in the widget."""
        return QPointF(self._x(self._values()[handle]), GRAPH_PX + HANDLE_PX)

    def _values(self) -> dict[str, float]:
        band = self._band
        middle = band.black + (band.white - band.black) * 0.5**band.gamma
        return {"black": float(band.black), "gamma": middle, "white": float(band.white)}

    def _x(self, value: float) -> float:
        return MARGIN_PX + (self.width() - 2 * MARGIN_PX) * value / 255

    def _value(self, x: float) -> float:
        return min(255.0, max(0.0, 255 * (x - MARGIN_PX) / max(1, self.width() - 2 * MARGIN_PX)))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(MARGIN_PX, 1, self.width() - 2 * MARGIN_PX, GRAPH_PX - 2)
        painter.fillRect(frame, QColor(look.base))
        paint_histogram(painter, frame, self._counts, self._channel, look.muted)
        painter.setPen(QPen(QColor(look.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame)
        for handle, fill in (("black", "#000000"), ("gamma", "#808080"), ("white", "#ffffff")):
            at = self.place(handle)
            painter.setPen(QPen(QColor(look.accent if handle == self._held else look.text), 1.2))
            painter.setBrush(QColor(fill))
            tip, half = QPointF(at.x(), GRAPH_PX + 1), HANDLE_PX
            painter.drawPolygon(QPolygonF([tip, tip + QPointF(half, 2 * half), tip + QPointF(-half, 2 * half)]))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        order = ("black", "white", "gamma") if x < self.width() / 2 else ("white", "black", "gamma")
        nearest = min(order, key=lambda handle: abs(self.place(handle).x() - x))
        self._held = nearest if abs(self.place(nearest).x() - x) <= 2 * HANDLE_PX else ""
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        value, band = self._value(event.position().x()), self._band
        match self._held:
            case "black":
                self.dragged.emit(replace(band, black=min(round(value), band.white - 2)))
            case "white":
                self.dragged.emit(replace(band, white=max(round(value), band.black + 2)))
            case "gamma":
                share = (value - band.black) / (band.white - band.black)
                gamma = math.log(min(0.999, max(0.001, share))) / math.log(0.5)
                self.dragged.emit(replace(band, gamma=round(min(GAMMA_HIGH, max(GAMMA_LOW, gamma)), 2)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held:
            self._held = ""
            self.update()
            self.released.emit()


class LevelsEditor(Editor[Levels]):
    """One band at a time."""

    wants_histogram = True

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels = Levels()
        self.channel = self.channel_choice()
        self.graph = LevelsGraph(self)
        self.column.addWidget(self.graph)
        self.black = self._whole(text.INPUT_BLACK, 0, 253)
        self.gamma = QDoubleSpinBox(self)
        self.gamma.setRange(GAMMA_LOW, GAMMA_HIGH)
        self.gamma.setSingleStep(0.05)
        self.gamma.setKeyboardTracking(False)
        self.gamma.setAccessibleName(say(text.INPUT_GAMMA))
        self.white = self._whole(text.INPUT_WHITE, 2, 255)
        self.out_black = self._whole(text.OUTPUT_BLACK, 0, 255)
        self.out_white = self._whole(text.OUTPUT_WHITE, 0, 255)
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        for column in range(3):
            grid.setColumnStretch(column, 1)
        places = (
            (self.black, text.INPUT_BLACK, 0, 0),
            (self.gamma, text.INPUT_GAMMA, 0, 1),
            (self.white, text.INPUT_WHITE, 0, 2),
            (self.out_black, text.OUTPUT_BLACK, 2, 0),
            (self.out_white, text.OUTPUT_WHITE, 2, 2),
        )
        for box, label, row, column in places:
            words = QLabel(say(label), self)
            words.setBuddy(box)
            box.setMinimumWidth(FIELD_PX)
            grid.addWidget(words, row, column)
            grid.addWidget(box, row + 1, column)
            box.valueChanged.connect(self._typed)
            box.editingFinished.connect(self.settled)
        self.column.addLayout(grid)
        self.channel.currentIndexChanged.connect(lambda _: self.show_adjustment(self._levels))
        self.graph.dragged.connect(self._take)
        self.graph.released.connect(self.settled)
        self.show_adjustment(self._levels)

    def show_adjustment(self, adjustment: Levels) -> None:
        self._levels = adjustment
        band = self._band
        for box, value in (
            (self.black, band.black),
            (self.white, band.white),
            (self.out_black, band.out_black),
            (self.out_white, band.out_white),
        ):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)
        self.gamma.blockSignals(True)
        self.gamma.setValue(band.gamma)
        self.gamma.blockSignals(False)
        self.graph.show_band(band, self.channel.currentIndex())

    def show_histogram(self, counts: Counts | None) -> None:
        self.graph.show_counts(counts)

    @property
    def _band(self) -> LevelsBand:
        return getattr(self._levels, CHANNELS[self.channel.currentIndex()])

    def _whole(self, label: str, low: int, high: int) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(low, high)
        box.setKeyboardTracking(False)
        box.setAccessibleName(say(label))
        return box

    def _typed(self) -> None:
        black = self.black.value()
        self._take(
            LevelsBand(
                black=black,
                white=max(self.white.value(), black + 2),
                gamma=round(self.gamma.value(), 2),
                out_black=self.out_black.value(),
                out_white=self.out_white.value(),
            )
        )

    def _take(self, band: LevelsBand) -> None:
        match self.channel.currentIndex():
            case 0:
                new = replace(self._levels, rgb=band)
            case 1:
                new = replace(self._levels, red=band)
            case 2:
                new = replace(self._levels, green=band)
            case _:
                new = replace(self._levels, blue=band)
        self.changed.emit(new)
