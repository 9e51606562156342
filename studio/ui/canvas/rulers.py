"""Rulers along the top and the left side; dragging from one onto the picture places a guide."""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.ui.canvas import text
from studio.ui.canvas.surface import CanvasSurface
from studio.ui.canvas.text import say

_NUMBER_GAP_PX = 56
"""Numbers are at least so far apart (logical pixels)."""


class Ruler(QWidget):
    """Shows canvas pixels along one side of the surface.

    `dragged` brings a global position while a guide is dragged out of it, `dropped` where it was let go. A view that is
    turned other than by right angles has no scale along its sides, so the ruler is empty then.
    """

    dragged = Signal(QPoint)
    dropped = Signal(QPoint)

    def __init__(self, surface: CanvasSurface, orientation: Qt.Orientation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surface = surface
        self._across = orientation is Qt.Orientation.Horizontal
        self._pointer: QPoint | None = None
        self.setObjectName("ruler_top" if self._across else "ruler_left")
        self.setAccessibleName(say(text.RULER_TOP if self._across else text.RULER_LEFT))
        self.setToolTip(say(text.RULER_HELP))
        self.setCursor(Qt.CursorShape.SplitVCursor if self._across else Qt.CursorShape.SplitHCursor)
        self._thickness_px = self.fontMetrics().height() + 6
        if self._across:
            self.setFixedHeight(self._thickness_px)
        else:
            self.setFixedWidth(self._thickness_px)
        surface.transform_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(self._thickness_px, self._thickness_px)

    def point_at(self, view_point: QPoint | None) -> None:
        """Mark where the pointer is (surface coordinates); None takes the mark away."""
        if view_point != self._pointer:
            self._pointer = view_point
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.dragged.emit(event.globalPosition().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.dragged.emit(event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.dropped.emit(event.globalPosition().toPoint())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), self._surface.look
        painter.fillRect(self.rect(), look.ruler)
        painter.setPen(QPen(look.ruler_edge, 1))
        if self._across:
            painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        else:
            painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())
        font = painter.font()
        font.setPointSizeF(max(6.5, font.pointSizeF() * 0.8))
        painter.setFont(font)
        painter.setPen(QPen(look.ruler_mark, 1))
        self._paint_marks(painter)
        if self._pointer is not None:
            painter.setPen(QPen(look.accent, 1))
            at = self._pointer.x() if self._across else self._pointer.y()
            self._line(painter, at, self._thickness_px)
        painter.end()

    def _paint_marks(self, painter: QPainter) -> None:
        """A number with a long mark at round steps, short marks between."""
        affine = self._surface.transform.affine
        slope = (affine.a or affine.c) if self._across else (affine.d or affine.b)
        start = affine.tx if self._across else affine.ty
        if self._surface.transform.rotation_deg % 90 or self._surface.canvas.is_empty:
            return
        step = _round_step(_NUMBER_GAP_PX / abs(slope))
        parts = 10 if step >= 10 else max(1, step)
        while parts > 1 and (step % parts or step / parts * abs(slope) < 4):
            parts -= 1
        length = self.width() if self._across else self.height()
        first, last = sorted((-start / slope, (length - start) / slope))
        fine = step // parts
        for mark in range(math.floor(first / fine), math.ceil(last / fine) + 1):
            at = start + mark * fine * slope
            numbered = mark % parts == 0
            self._line(painter, at, self._thickness_px if numbered else self._thickness_px // (3 if mark % 5 else 2))
            if numbered:
                self._number(painter, at, str(mark * fine))

    def _line(self, painter: QPainter, at: float, length_px: int) -> None:
        at, end = math.floor(at), self._thickness_px - 1
        if self._across:
            painter.drawLine(at, end - length_px, at, end)
        else:
            painter.drawLine(end - length_px, at, end, at)

    def _number(self, painter: QPainter, at: float, number: str) -> None:
        box = QRectF(3, 0, _NUMBER_GAP_PX, self._thickness_px * 0.7)
        painter.save()
        if self._across:
            painter.translate(at, 0)
        else:
            painter.translate(0, at)
            painter.rotate(-90)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, number)
        painter.restore()


def _round_step(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, ... that is not less."""
    power = 10 ** max(0, math.floor(math.log10(max(least, 1))))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least or factor == 10)
