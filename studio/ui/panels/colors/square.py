"""Choosing a colour by eye: a square of its hue's shades, and a bar of hues."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui import theme
from studio.ui.panels.colors import text
from studio.ui.panels.colors.text import say

HUE_PX = 18
RING_PX = 5
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class _Field(QWidget):
    """Something a point is chosen on: `moved` brings its place as shares of width and of height from below."""

    moved = Signal(float, float)

    def __init__(self, name: str, help_: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.across, self.up = 0.0, 0.0
        self.hue = 0.0
        self.setAccessibleName(name)
        self.setAccessibleDescription(help_)
        self.setToolTip(help_)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def show_place(self, across: float, up: float, hue: float) -> None:
        """Show this place (shares 0..1) and hue (0..1)."""
        if (across, up, hue) != (self.across, self.up, self.hue):
            self.across, self.up, self.hue = across, up, hue
            self.update()

    @property
    def step(self) -> float:
        """What an arrow key goes by."""
        return 0.01

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in _STEPS:
            super().keyPressEvent(event)
            return
        across, up = _STEPS[Qt.Key(event.key())]
        by = self.step * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        self.moved.emit(_share(self.across + by * across), _share(self.up + by * up))

    def _go(self, at: QPointF) -> None:
        self.moved.emit(_share(at.x() / max(1, self.width() - 1)), _share(1 - at.y() / max(1, self.height() - 1)))

    def frame(self, painter: QPainter) -> None:
        """A thin border, in the accent colour when keys go here."""
        look = theme.current()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(look.accent if self.hasFocus() else look.border), 1))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))


class ShadeSquare(_Field):
    """Saturation to the right, brightness upwards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(say(text.SHADES), say(text.SHADES_HELP), parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(80, 60)

    def sizeHint(self) -> QSize:
        return QSize(200, 80)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        shades = QLinearGradient(rect.topLeft(), rect.topRight())
        shades.setColorAt(0, QColor(255, 255, 255))
        shades.setColorAt(1, QColor.fromHsvF(min(self.hue, 0.9999), 1, 1))
        painter.fillRect(rect, shades)
        dark = QLinearGradient(rect.topLeft(), rect.bottomLeft())
        dark.setColorAt(0, QColor(0, 0, 0, 0))
        dark.setColorAt(1, QColor(0, 0, 0))
        painter.fillRect(rect, dark)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(self.across * (rect.width() - 1), (1 - self.up) * (rect.height() - 1))
        for color, width in ((QColor(0, 0, 0), 3.0), (QColor(255, 255, 255), 1.5)):
            painter.setPen(QPen(color, width))
            painter.drawEllipse(middle, RING_PX, RING_PX)
        self.frame(painter)
        painter.end()


class HueBar(_Field):
    """Hues from red below through green and blue to red above."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(say(text.HUE_BAR), say(text.HUE_HELP), parent)
        self.setFixedWidth(HUE_PX)

    @property
    def step(self) -> float:
        return 1 / 360

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        hues = QLinearGradient(rect.bottomLeft(), rect.topLeft())
        for sixth in range(7):
            hues.setColorAt(sixth / 6, QColor.fromHsvF(sixth / 6 % 1, 1, 1))
        painter.fillRect(rect, hues)
        y = (1 - self.up) * (rect.height() - 1)
        for color, width in ((QColor(0, 0, 0), 4.0), (QColor(255, 255, 255), 2.0)):
            painter.setPen(QPen(color, width))
            painter.drawLine(QPointF(0, y), QPointF(rect.width(), y))
        self.frame(painter)
        painter.end()


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))
