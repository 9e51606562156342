"""Selecting inside a line that is drawn by hand, or from corner to corner."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from studio.core import edits
from studio.core.history import History
from studio.core.selection import Combine
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tool import PointerEvent
from studio.ui.canvas.tools.select import Gesture, SelectTool
from studio.ui.canvas.tools.select_options import LineOptions
from studio.ui.canvas.tools.select_outline import Spot
from studio.ui.selecting import text
from studio.ui.selecting.text import say

CLOSE_PX = 8
"""How near to the first corner (logical pixels) a click closes the polygon."""
EIGHTH = math.pi / 4
"""Shift turns the next side to multiples of this."""
_RETURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class LineSelectTool(SelectTool):
    """Selects inside a closed line."""

    how_to = ""

    def options(self, parent: QWidget) -> QWidget:
        return LineOptions(self.shared, say(text.HOW_TO[self.how_to]), parent)

    def say_size(self, points: Sequence[Spot]) -> None:
        """Tell the status bar how large the line is."""
        left, top = min(x for x, _ in points), min(y for _, y in points)
        width, height = max(x for x, _ in points) - left, max(y for _, y in points) - top
        numbers = {"width": round(width), "height": round(height), "x": round(left), "y": round(top)}
        self.status.emit(say(text.BOX_STATUS, **numbers))

    def select_inside(self, points: tuple[Spot, ...], combine: Combine) -> None:
        """Select what the line surrounds; tell when that is nothing."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        canvas = self.host.session.document.canvas
        misses = max(xs) <= 0 or max(ys) <= 0 or min(xs) >= canvas.right or min(ys) >= canvas.bottom
        if misses or len(points) < 3 or min(xs) == max(xs) or min(ys) == max(ys):
            self.host.tell(say(text.COVERS_NOTHING))
        else:
            self.apply(edits.step(edits.select_polygon, points, antialias=self.shared.now.antialias, combine=combine))


class LassoTool(LineSelectTool):
    """A drag draws the line; letting go closes it."""

    how_to = "lasso"

    def __init__(self, kit: ToolKit) -> None:
        super().__init__(kit)
        self._points: list[Spot] = []

    @property
    def name(self) -> str:
        return say(text.LASSO)

    def begin(self, gesture: Gesture) -> None:
        self._points = [(gesture.start.x, gesture.start.y)]

    def drag(self, gesture: Gesture, event: PointerEvent) -> None:
        spot = event.x, event.y
        if spot != self._points[-1]:
            self._points.append(spot)
            self.show_outline(tuple(self._points))
            self.say_size(self._points)

    def finish(self, gesture: Gesture) -> None:
        points = tuple(self._points)
        self.abort()
        self.select_inside(points, gesture.combine)

    def abort(self) -> None:
        self._points.clear()
        self.show_outline(())
        self.status.emit("")


class PolygonLassoTool(LineSelectTool):
    """Clicks set corners. A click on the first one, a double click or Enter closes the polygon; Backspace takes the
    last corner back, Escape gives up. Shift turns the next side to multiples of 45 degrees.
    """

    how_to = "polygon"

    def __init__(self, kit: ToolKit) -> None:
        super().__init__(kit)
        self._corners: list[Spot] = []
        self._combine = Combine.REPLACE
        self._began_in: History | None = None
        self._holds_corner = False

    @property
    def name(self) -> str:
        return say(text.POLYGON)

    @property
    def corners(self) -> tuple[Spot, ...]:
        """Those that are set."""
        return tuple(self._corners)

    def press(self, event: PointerEvent) -> None:
        if not self._is_under_way:
            super().press(event)
        elif event.clicks == 2 or self._is_at_start(event):
            self._close()
        else:
            self._set_corner(self._turned(event))
            self._holds_corner = True

    def move(self, event: PointerEvent) -> None:
        if self._holds_corner:
            self._drag_corner(event)
        else:
            super().move(event)

    def release(self, event: PointerEvent) -> None:
        self._holds_corner = False
        super().release(event)

    def begin(self, gesture: Gesture) -> None:
        self._start(gesture)
        self._holds_corner = True
        self._set_corner((gesture.start.x, gesture.start.y))

    def drag(self, gesture: Gesture, event: PointerEvent) -> None:
        self._drag_corner(event)

    def clicked(self, gesture: Gesture) -> None:
        self._start(gesture)

    def hover(self, event: PointerEvent) -> None:
        super().hover(event)
        if self._is_under_way:
            self.show_outline((*self._corners, self._turned(event)), closed=len(self._corners) > 1)

    def cancel(self) -> None:
        super().cancel()
        self.abort()

    def abort(self) -> None:
        self._corners.clear()
        self._began_in = None
        self._holds_corner = False
        if self.is_active:
            self.show_outline(())
            self.status.emit("")

    def claims(self, event: QKeyEvent) -> bool:
        if not self._is_under_way:
            return super().claims(event)
        return event.key() in (*_RETURN, Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Escape)

    def key_press(self, event: QKeyEvent) -> bool:
        if not self._is_under_way:
            return super().key_press(event)
        match Qt.Key(event.key()):
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._close()
            case Qt.Key.Key_Backspace | Qt.Key.Key_Delete:
                self._take_back()
            case Qt.Key.Key_Escape:
                self.abort()
            case _:
                return super().key_press(event)
        return True

    @property
    def _is_under_way(self) -> bool:
        """Whether corners are set in the document that is open now."""
        session = self.host.session
        if self._corners and not (session.has_document and session.history is self._began_in):
            self.abort()
        return bool(self._corners)

    def _start(self, gesture: Gesture) -> None:
        self._combine = gesture.combine
        self._began_in = self.host.session.history
        self._set_corner((gesture.start.x, gesture.start.y))

    def _set_corner(self, spot: Spot) -> None:
        self._corners.append(spot)
        self._show()

    def _drag_corner(self, event: PointerEvent) -> None:
        """The newest corner follows the pointer as long as the button is down."""
        spot = self._turned(event)
        self._corners.pop()
        self._set_corner(spot)

    def _take_back(self) -> None:
        self._corners.pop()
        if self._corners:
            self._show()
        else:
            self.abort()

    def _show(self) -> None:
        self.show_outline(self.corners, closed=len(self._corners) > 2)
        self.status.emit(say(text.CORNERS_STATUS, count=len(self._corners)))

    def _close(self) -> None:
        corners, combine = self.corners, self._combine
        self.abort()
        if len(corners) < 3:
            self.host.tell(say(text.NEEDS_CORNERS))
        else:
            self.select_inside(corners, combine)

    def _is_at_start(self, event: PointerEvent) -> bool:
        x, y = self.host.transform.to_view(*self._corners[0])
        return len(self._corners) > 2 and math.hypot(x - event.view_x, y - event.view_y) <= CLOSE_PX

    def _turned(self, event: PointerEvent) -> Spot:
        """Where the next corner is to be: the pointer, or with Shift the nearest point on a side at 45 degrees."""
        fixed = self._corners[-2 if self._holds_corner and len(self._corners) > 1 else -1]
        dx, dy = event.x - fixed[0], event.y - fixed[1]
        if not event.shift:
            return event.x, event.y
        turn = round(math.atan2(dy, dx) / EIGHTH) * EIGHTH
        length = dx * math.cos(turn) + dy * math.sin(turn)
        return fixed[0] + length * math.cos(turn), fixed[1] + length * math.sin(turn)
