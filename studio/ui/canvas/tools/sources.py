"""The place that is copied from: chosen with Alt, kept from stroke to stroke, and marked by a cross."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from studio.core.geometry import Point
from studio.core.painting.inks import Clone
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.tool import Overlay, PointerEvent
from studio.ui.canvas.transform import ViewTransform

ARM_PX = 9
"""Of the cross, in logical pixels."""


class Source(Overlay):
    """`begin` gives the offset of a stroke; `point_at` moves the cross along with the pointer."""

    def __init__(self) -> None:
        super().__init__()
        self._chosen: Point | None = None
        self._offset: Point | None = None
        self._at: tuple[float, float] | None = None

    @property
    def is_chosen(self) -> bool:
        """Whether there is a place to copy from."""
        return self._chosen is not None

    @property
    def at(self) -> tuple[float, float] | None:
        """Where the cross is, in canvas coordinates."""
        return self._at

    def choose(self, event: PointerEvent) -> Point:
        """Copy from here from now on; the canvas pixel."""
        self._chosen, self._offset = pixel_of(event), None
        self._put((event.x, event.y))
        return self._chosen

    def forget(self) -> None:
        """There is no place to copy from any more."""
        self._chosen = self._offset = None
        self._put(None)

    def begin(self, event: PointerEvent, *, aligned: bool) -> Point:
        """How far away a stroke that begins here takes from; a place must be chosen."""
        assert self._chosen is not None, "no place is chosen"
        if self._offset is None or not aligned:
            self._offset = Clone.offset_to(self._chosen, pixel_of(event))
        return self._offset

    def point_at(self, event: PointerEvent, *, follows: bool) -> None:
        """The pointer is here; the cross goes along while a stroke is drawn, or keeps its distance."""
        if self._chosen is None:
            return
        if follows and self._offset is not None:
            self._put((event.x + self._offset.x, event.y + self._offset.y))
        else:
            self._put((self._chosen.x + 0.5, self._chosen.y + 0.5))

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if self._at is None:
            return
        middle = QPointF(*transform.to_view(*self._at))
        cross = QPainterPath()
        for arm in (QPointF(ARM_PX, 0), QPointF(0, ARM_PX)):
            cross.moveTo(middle - arm)
            cross.lineTo(middle + arm)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.strokePath(cross, QPen(QColor(0, 0, 0, 180), 3))
        painter.strokePath(cross, QPen(QColor(255, 255, 255), 1))

    def _put(self, at: tuple[float, float] | None) -> None:
        if at != self._at:
            self._at = at
            self.repaint.emit(None)


def pixel_of(event: PointerEvent) -> Point:
    """The canvas pixel under the pointer."""
    return Point(math.floor(event.x), math.floor(event.y))
