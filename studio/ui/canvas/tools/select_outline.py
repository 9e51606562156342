"""The outline of a shape that is being drawn, painted again along its line only, so that a drag keeps its pace."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from PySide6.QtCore import QObject, QPointF
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF

from studio.core.geometry import EMPTY, Rect
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.overlays import draw_ants
from studio.ui.canvas.picture import qtransform
from studio.ui.canvas.tool import Overlay
from studio.ui.canvas.transform import ViewTransform

Spot = tuple[float, float]
"""A point of the canvas."""
PIECE_PX = 96
"""A line is painted again in pieces of this length, in logical pixels of the view."""


class LiveOutline(Overlay):
    """A line through points, from the last one back to the first when it is closed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._points: tuple[Spot, ...] = ()
        self._closed = True

    @property
    def points(self) -> tuple[Spot, ...]:
        return self._points

    def show_points(self, points: Sequence[Spot], scale: float, *, closed: bool = True) -> None:
        """Show another line; what it shares with the last one from the start on is not painted again.

        Args:
            scale: logical pixels of the view for one canvas pixel.
        """
        before, self._points = self._points, tuple(points)
        same = 0
        for old, new in zip(before, self._points, strict=False):
            if old != new:
                break
            same += 1
        start = max(0, same - 1)
        was_closed, self._closed = self._closed, closed
        for line, is_closed in ((before, was_closed), (self._points, closed)):
            for rect in rects_along(line, start, PIECE_PX / scale, closed=is_closed):
                self.repaint.emit(rect)

    def clear(self, scale: float) -> None:
        """Show nothing."""
        self.show_points((), scale)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if len(self._points) < 2:
            return
        path = QPainterPath()
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in self._points]))
        if self._closed:
            path.closeSubpath()
        painter.setTransform(qtransform(transform.affine), combine=True)
        draw_ants(painter, path)


def rects_along(points: Sequence[Spot], start: int, piece: float, *, closed: bool) -> Iterator[Rect]:
    """Rectangles that hold the line from point number `start` on, each around no more than `piece` canvas pixels.

    Pieces that follow each other share one of half that size.
    """
    ends = (*points[start:], points[0]) if closed and points else points[start:]
    shared = EMPTY
    for (x0, y0), (x1, y1) in pairwise(ends):
        count = max(1, math.ceil(max(abs(x1 - x0), abs(y1 - y0)) / piece))
        for step in range(count):
            low, high = step / count, (step + 1) / count
            here = _around(x0 + low * (x1 - x0), y0 + low * (y1 - y0), x0 + high * (x1 - x0), y0 + high * (y1 - y0))
            both = Rect.union((shared, here))
            if max(both.width, both.height) <= piece / 2:
                shared = both
                continue
            if not shared.is_empty:
                yield shared
            shared = here
    if not shared.is_empty:
        yield shared


def _around(x0: float, y0: float, x1: float, y1: float) -> Rect:
    left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    return Rect(math.floor(left), math.floor(top), math.floor(right) + 1, math.floor(bottom) + 1)
