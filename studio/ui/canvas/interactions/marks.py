"""How boxes, points, handles and captions are drawn on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from studio.core.geometry import Rect
from studio.ui.canvas.interactions.handles import HANDLES
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.transform import ViewTransform

HANDLE_PX = 8
POINT_PX = 7
"""Radius of a point's mark."""
_FIRM, _FAINT = 2.0, 1.25


def polygon(transform: ViewTransform, rect: Rect) -> QPolygonF:
    """A canvas rectangle in the view."""
    return QPolygonF([QPointF(x, y) for x, y in transform.corners(rect)])


def draw_box(
    painter: QPainter, transform: ViewTransform, rect: Rect, color: QColor, *, firm: bool, dashed: bool = False
) -> None:
    """A coloured box on a dark edge, so that it is seen on any picture; `firm` for the current one."""
    shape = polygon(transform, rect)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not transform.is_upright)
    fill = QColor(color)
    fill.setAlpha(20 if firm else 10)
    width = _FIRM if firm else _FAINT
    painter.setBrush(fill)
    painter.setPen(QPen(QColor(0, 0, 0, 130), width + 2, j=Qt.PenJoinStyle.MiterJoin))
    painter.drawPolygon(shape)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    painter.setPen(QPen(color, width, style, j=Qt.PenJoinStyle.MiterJoin))
    painter.drawPolygon(shape)


def draw_handles(painter: QPainter, transform: ViewTransform, rect: Rect, look: CanvasLook) -> None:
    """White squares at corners and sides."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.accent, 1.5))
    painter.setBrush(QColor(255, 255, 255))
    for handle in HANDLES:
        x, y = transform.to_view(*handle.on(rect))
        painter.drawRect(QRectF(x - HANDLE_PX / 2, y - HANDLE_PX / 2, HANDLE_PX, HANDLE_PX))


def draw_point(painter: QPainter, at: tuple[float, float], color: QColor, *, firm: bool) -> None:
    """A filled circle on a view point."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = QPointF(*at)
    painter.setPen(QPen(QColor(0, 0, 0, 150), 1))
    painter.setBrush(QColor(255, 255, 255))
    painter.drawEllipse(middle, POINT_PX, POINT_PX)
    painter.setBrush(color)
    inner = POINT_PX - (2 if firm else 3)
    painter.drawEllipse(middle, inner, inner)


def draw_caption(painter: QPainter, at: tuple[float, float], words: str, color: QColor, look: CanvasLook) -> None:
    """A small sign with a coloured edge, its top left corner on a view point but inside the view."""
    if not words:
        return
    metrics = painter.fontMetrics()
    words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, 220)
    width, height = metrics.horizontalAdvance(words) + 14, metrics.height() + 4
    view = painter.viewport()
    x = min(max(at[0], 2.0), max(2.0, view.width() - width - 2.0))
    y = min(max(at[1], 2.0), max(2.0, view.height() - height - 2.0))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.label)
    painter.drawRoundedRect(QRectF(x, y, width, height), 3, 3)
    painter.setBrush(color)
    painter.drawRoundedRect(QRectF(x, y, 4, height), 2, 2)
    painter.setPen(look.label_text)
    painter.drawText(
        QRectF(x + 9, y, width - 9, height), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words
    )
