"""Tools that change the view and leave the document alone: hand, zoom, rotate."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor, QKeyEvent

from studio.ui.canvas import text
from studio.ui.canvas.text import say
from studio.ui.canvas.tool import PointerEvent, Tool
from studio.ui.canvas.transform import ViewTransform, next_zoom

DRAG_PX = 4
"""A press that moves less (logical pixels) is a click."""
_ZOOM_PX = 100  # drag this far sideways to double or halve
_SNAP_DEG = 15
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
_ZOOMS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}


class ViewTool(Tool):
    """Remembers where a drag began and which view it began with."""

    _start: PointerEvent | None = None
    _before: ViewTransform | None = None

    def press(self, event: PointerEvent) -> None:
        self._start, self._before = event, self.host.transform

    def move(self, event: PointerEvent) -> None:
        if self._start is not None and self._before is not None:
            self.drag(self._before, self._start, event)

    def release(self, event: PointerEvent) -> None:
        self._start = self._before = None

    def cancel(self) -> None:
        if self._before is not None:
            self.host.set_transform(self._before)
        self._start = self._before = None

    def drag(self, before: ViewTransform, start: PointerEvent, event: PointerEvent) -> None:
        """The pointer is at `event` now; the drag began at `start` with the view `before`."""
        raise NotImplementedError


class HandTool(ViewTool):
    """Drags the canvas through the view; arrow keys move the view by a tenth of it, plus and minus zoom."""

    @property
    def name(self) -> str:
        return say(text.HAND)

    @property
    def cursor(self) -> QCursor:
        held = self._start is not None
        return QCursor(Qt.CursorShape.ClosedHandCursor if held else Qt.CursorShape.OpenHandCursor)

    def claims(self, event: QKeyEvent) -> bool:
        return event.key() in _ARROWS

    def key_press(self, event: QKeyEvent) -> bool:
        size, transform, key = self.host.view_size, self.host.transform, event.key()
        if key in _ARROWS:
            across, down = _ARROWS[Qt.Key(key)]
            self.host.set_transform(transform.panned(-across * size.width / 10, -down * size.height / 10))
        elif key in _ZOOMS:
            zoom = next_zoom(transform.zoom, _ZOOMS[Qt.Key(key)])
            self.host.set_transform(transform.zoomed(zoom, size.width / 2, size.height / 2))
        else:
            return False
        return True

    def drag(self, before: ViewTransform, start: PointerEvent, event: PointerEvent) -> None:
        self.host.set_transform(before.panned(event.view_x - start.view_x, event.view_y - start.view_y))


class ZoomTool(ViewTool):
    """A click zooms in, with Alt out; a drag to the right or left zooms smoothly."""

    _dragged = False

    @property
    def name(self) -> str:
        return say(text.ZOOM)

    @property
    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.CrossCursor)

    def press(self, event: PointerEvent) -> None:
        super().press(event)
        self._dragged = False

    def release(self, event: PointerEvent) -> None:
        if self._start is not None and not self._dragged:
            transform = self.host.transform
            zoom = next_zoom(transform.zoom, -1 if event.alt else 1)
            self.host.set_transform(transform.zoomed(zoom, event.view_x, event.view_y))
        super().release(event)

    def drag(self, before: ViewTransform, start: PointerEvent, event: PointerEvent) -> None:
        across = event.view_x - start.view_x
        self._dragged = self._dragged or abs(across) >= DRAG_PX
        if self._dragged:
            self.host.set_transform(before.zoomed(before.zoom * 2 ** (across / _ZOOM_PX), start.view_x, start.view_y))


class RotateTool(ViewTool):
    """Turns the view about its middle; with Shift in steps of 15 degrees."""

    @property
    def name(self) -> str:
        return say(text.ROTATE)

    @property
    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.SizeAllCursor)

    def drag(self, before: ViewTransform, start: PointerEvent, event: PointerEvent) -> None:
        size = self.host.view_size
        x, y = size.width / 2, size.height / 2
        turn = math.atan2(event.view_y - y, event.view_x - x) - math.atan2(start.view_y - y, start.view_x - x)
        angle = before.rotation_deg + math.degrees(turn)
        if event.shift:
            angle = round(angle / _SNAP_DEG) * _SNAP_DEG
        self.host.set_transform(before.rotated(angle, x, y))
