"""The frame of a transform on the canvas: how it is drawn, what of it is under the pointer, which pointer to show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPen, QPixmap, QPolygonF

from studio.core.homography import Spot
from studio.ui.canvas.framing import Framing
from studio.ui.canvas.interactions.handles import HANDLES, Handle
from studio.ui.canvas.interactions.marks import HANDLE_PX
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.transform import ViewTransform
from studio.ui.icons import drawn

GRAB_PX = 8
"""How near to a handle or to the pivot (logical pixels) a press takes hold of it."""
PIVOT_PX = 5
_CURSORS = (
    Qt.CursorShape.SizeHorCursor,
    Qt.CursorShape.SizeFDiagCursor,
    Qt.CursorShape.SizeVerCursor,
    Qt.CursorShape.SizeBDiagCursor,
)
"""From the right clockwise, every 45 degrees."""
_CURSOR_PX = 20


@dataclass(frozen=True, slots=True)
class Zone:
    """What a press takes hold of: a handle, the pivot, the inside; none of them is the outside, which turns."""

    handle: Handle | None = None
    is_pivot: bool = False
    is_inside: bool = False


def zone_at(framing: Framing, transform: ViewTransform, at: Spot, *, with_pivot: bool = True) -> Zone:
    """What of the frame is at a view point."""
    near = [(math.dist(transform.to_view(*framing.at(handle)), at), index) for index, handle in enumerate(HANDLES)]
    distance, index = min(near)
    if distance <= GRAB_PX:
        return Zone(HANDLES[index])
    if with_pivot and math.dist(transform.to_view(*framing.pivot_now), at) <= GRAB_PX:
        return Zone(is_pivot=True)
    inside = outline(framing, transform).containsPoint(QPointF(*at), Qt.FillRule.OddEvenFill)
    return Zone(is_inside=inside)


def outline(framing: Framing, transform: ViewTransform) -> QPolygonF:
    """The frame in the view."""
    return QPolygonF([QPointF(*transform.to_view(*corner)) for corner in framing.corners])


def draw_frame(painter: QPainter, transform: ViewTransform, framing: Framing, look: CanvasLook) -> None:
    """A line on a dark edge, and white squares at corners and sides."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shape = outline(framing, transform)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((QColor(0, 0, 0, 130), 3.0), (look.accent, 1.25)):
        painter.setPen(QPen(color, width, j=Qt.PenJoinStyle.MiterJoin))
        painter.drawPolygon(shape)
    painter.setPen(QPen(look.accent, 1.5))
    painter.setBrush(QColor(255, 255, 255))
    for handle in HANDLES:
        x, y = transform.to_view(*framing.at(handle))
        painter.drawRect(QRectF(x - HANDLE_PX / 2, y - HANDLE_PX / 2, HANDLE_PX, HANDLE_PX))


def draw_pivot(painter: QPainter, transform: ViewTransform, framing: Framing, look: CanvasLook) -> None:
    """A ring with four arms."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = QPointF(*transform.to_view(*framing.pivot_now))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((QColor(0, 0, 0, 150), 3.0), (QColor(255, 255, 255), 1.25)):
        painter.setPen(QPen(color, width))
        painter.drawEllipse(middle, PIVOT_PX, PIVOT_PX)
        for x, y in ((1, 0), (0, 1), (-1, 0), (0, -1)):
            arm = QPointF(x, y)
            painter.drawLine(middle + arm * (PIVOT_PX - 2), middle + arm * (PIVOT_PX + 3))


def cursor_of(zone: Zone, framing: Framing, transform: ViewTransform) -> QCursor:
    """The pointer over a part of the frame; arrows point away from its middle as it lies in the view."""
    if zone.is_pivot:
        return QCursor(Qt.CursorShape.CrossCursor)
    if zone.is_inside:
        return QCursor(Qt.CursorShape.SizeAllCursor)
    if zone.handle is None:
        return _turning_cursor()
    x, y = transform.to_view(*framing.at(zone.handle))
    middle_x, middle_y = transform.to_view(*framing.at(Handle(0, 0)))
    eighths = round(math.degrees(math.atan2(y - middle_y, x - middle_x)) / 45)
    return QCursor(_CURSORS[eighths % 4])


@cache
def _turning_cursor() -> QCursor:
    """A turning arrow, black with a light edge so that it is seen on any picture."""
    pixmap = QPixmap(_CURSOR_PX, _CURSOR_PX)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    edge = drawn("rotate", "#ffffff", _CURSOR_PX)
    for x in (-1, 0, 1):
        for y in (-1, 0, 1):
            painter.drawPixmap(x, y, edge)
    painter.drawPixmap(0, 0, drawn("rotate", "#000000", _CURSOR_PX))
    painter.end()
    return QCursor(pixmap)
