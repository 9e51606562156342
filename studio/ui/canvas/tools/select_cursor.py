"""The pointer of the selection tools: a cross with a sign of what a press will do with the selection."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPen, QPixmap

from studio.core.selection import Combine

SIDE_PX = 32
_MIDDLE = 12.0
_SIGN_AT = QPointF(22.5, 22.5)
_SIGN_PX = 4.0


@cache
def select_cursor(combine: Combine, *, moves: bool = False) -> QCursor:
    """The pointer for a way to combine; with `moves` that of dragging the outline itself."""
    if moves:
        return QCursor(Qt.CursorShape.SizeAllCursor)
    picture = QPixmap(SIDE_PX, SIDE_PX)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    for color, width in ((QColor(0, 0, 0, 190), 3.0), (QColor(255, 255, 255), 1.0)):
        painter.setPen(QPen(color, width))
        for line in (*_cross(), *_sign(combine)):
            painter.drawLine(line)
    painter.end()
    return QCursor(picture, int(_MIDDLE), int(_MIDDLE))


def _cross() -> tuple[QLineF, ...]:
    """Four arms that leave the pixel in the middle free."""
    at, near, far = _MIDDLE + 0.5, 3.0, 9.0
    return (
        QLineF(at - far, at, at - near, at),
        QLineF(at + near, at, at + far, at),
        QLineF(at, at - far, at, at - near),
        QLineF(at, at + near, at, at + far),
    )


def _sign(combine: Combine) -> tuple[QLineF, ...]:
    """Plus, minus, or a cross of slanted lines."""
    x, y, arm = _SIGN_AT.x(), _SIGN_AT.y(), _SIGN_PX
    across, down = QLineF(x - arm, y, x + arm, y), QLineF(x, y - arm, x, y + arm)
    match combine:
        case Combine.ADD:
            return across, down
        case Combine.SUBTRACT:
            return (across,)
        case Combine.INTERSECT:
            return QLineF(x - arm, y - arm, x + arm, y + arm), QLineF(x - arm, y + arm, x + arm, y - arm)
        case _:
            return ()
