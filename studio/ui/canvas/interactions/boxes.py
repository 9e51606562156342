"""What all interactions with boxes have in common: drawing, moving and resizing them by mouse and keyboard."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QCursor, QKeyEvent, QPainter

from studio.core.geometry import Point, Rect, Size
from studio.ui.canvas import text
from studio.ui.canvas.interactions.handles import HANDLES, Handle, normal, resized
from studio.ui.canvas.interactions.marked import MarkedObject
from studio.ui.canvas.interactions.marks import HANDLE_PX, POINT_PX, draw_box, draw_caption, draw_handles, draw_point
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.text import say
from studio.ui.canvas.tool import PointerEvent, Tool
from studio.ui.canvas.tools.navigation import DRAG_PX
from studio.ui.canvas.transform import ViewTransform

V = TypeVar("V")

FAR_PX = 10
"""How far an arrow key goes with Shift, in canvas pixels."""
_ARROWS = {
    Qt.Key.Key_Left: Point(-1, 0),
    Qt.Key.Key_Right: Point(1, 0),
    Qt.Key.Key_Up: Point(0, -1),
    Qt.Key.Key_Down: Point(0, 1),
}
_REMOVE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_EDIT = (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_OUR_KEYS = (*_ARROWS, *_REMOVE, *_EDIT, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape, Qt.Key.Key_Insert)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One box as it is drawn. A point is a box of one pixel that is drawn as a mark and cannot be resized.

    What has an `outline` is shown by that instead of a box, and has no handles.
    """

    rect: Rect
    caption: str = ""
    color: QColor | None = None
    is_point: bool = False
    outline: MarkedObject | None = None

    @property
    def has_handles(self) -> bool:
        return not self.is_point and self.outline is None


@dataclass(slots=True)
class _Drag(Generic[V]):
    """A gesture: `handle` None moves item `index`; `index` None draws a new box."""

    start: PointerEvent
    before: V
    current_before: int | None
    index: int | None
    rect: Rect
    handle: Handle | None = None
    begun: bool = False


class BoxInteraction(Tool, Generic[V]):
    """Edits a value that consists of boxes.

    `changed` brings the value while a box is dragged and after each other change, `finished` once at the end of each
    gesture; `current_changed` the number of the box that keys act on, or None; `edit_wanted` the number of a box that
    was double-clicked, or for which Return or F2 was pressed.

    Drag on the picture: a new box. Drag a box: move it, snapping unless Control is held. Drag a handle: resize; Shift
    keeps the proportion, Alt the middle. Tab goes from box to box, arrow keys move (with Control: resize) by one pixel
    or with Shift by ten, Insert adds a box, Delete takes it away, Escape lets go of it.
    """

    changed = Signal(object)
    finished = Signal(object)
    current_changed = Signal(object)
    edit_wanted = Signal(int)

    def __init__(self, value: V, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._value = value
        self._current: int | None = None
        self._drag: _Drag[V] | None = None
        self._cursor = Qt.CursorShape.CrossCursor

    # What a kind of interaction says about its value

    def items(self, value: V) -> tuple[Item, ...]:
        """The boxes of the value, bottom to top."""
        raise NotImplementedError

    def with_rect(self, value: V, index: int, rect: Rect) -> V:
        """The value with one box somewhere else."""
        raise NotImplementedError

    def with_new(self, value: V, rect: Rect) -> V | None:
        """The value with one more box, the topmost; None when it takes none."""
        return None

    def without(self, value: V, index: int) -> V | None:
        """The value without a box; None when it must stay."""
        return None

    def clicked(self, event: PointerEvent) -> None:
        """A click on no box."""
        self.set_current(None)

    # The value

    @property
    def value(self) -> V:
        return self._value

    def set_value(self, value: V) -> None:
        """Show another value; nothing is emitted but a new current box."""
        self.cancel()
        self._value = value
        if self._current is not None and self._current >= len(self.items(value)):
            self.set_current(None)
        self.repaint.emit(None)

    @property
    def current(self) -> int | None:
        """The box that keys act on."""
        return self._current

    def set_current(self, index: int | None) -> None:
        """Let keys act on another box, and show handles on it."""
        if index == self._current:
            return
        self._current = index
        self.current_changed.emit(index)
        self._say_current()
        self.repaint.emit(None)

    @property
    def cursor(self) -> QCursor:
        return QCursor(self._cursor)

    # Pointer

    def hover(self, event: PointerEvent) -> None:
        handle, index = self._hit(event)
        if handle is not None:
            self._cursor = _cursor_of(handle, self.host.transform)
        else:
            self._cursor = Qt.CursorShape.CrossCursor if index is None else Qt.CursorShape.SizeAllCursor

    def press(self, event: PointerEvent) -> None:
        handle, index = self._hit(event)
        before = self._current
        if event.clicks == 2 and index is not None:
            self.set_current(index)
            self.edit_wanted.emit(index)
            return
        if index is not None:
            self.set_current(index)
            self._drag = _Drag(event, self._value, before, index, self.items(self._value)[index].rect, handle)
        else:
            x, y = math.floor(event.x), math.floor(event.y)
            self._drag = _Drag(event, self._value, before, None, Rect(x, y, x + 1, y + 1))

    def move(self, event: PointerEvent) -> None:
        drag = self._drag
        if drag is None:
            return
        travelled = math.hypot(event.view_x - drag.start.view_x, event.view_y - drag.start.view_y)
        drag.begun = drag.begun or travelled >= DRAG_PX
        if not drag.begun:
            return
        if drag.index is None:
            self._draw_new(drag, event)
        else:
            self._set_rect(drag.index, self._dragged(drag, event), drag.before)

    def release(self, event: PointerEvent) -> None:
        drag, self._drag = self._drag, None
        self.host.end_snapping()
        if drag is None:
            return
        if drag.begun:
            self.finished.emit(self._value)
        elif drag.index is None:
            self.clicked(event)

    def cancel(self) -> None:
        drag, self._drag = self._drag, None
        if drag is None:
            return
        self.host.end_snapping()
        self._take(drag.before)
        self.set_current(drag.current_before)

    def _draw_new(self, drag: _Drag[V], event: PointerEvent) -> None:
        start = drag.start
        x0, y0, x1, y1 = (round(value) for value in (start.x, start.y, event.x, event.y))
        if event.shift:
            side = max(abs(x1 - x0), abs(y1 - y0))
            x1, y1 = x0 + (side if x1 >= x0 else -side), y0 + (side if y1 >= y0 else -side)
        new = self.with_new(drag.before, normal(x0, y0, x1, y1))
        if new is not None:
            self._take(new)
            self.set_current(len(self.items(new)) - 1)

    def _dragged(self, drag: _Drag[V], event: PointerEvent) -> Rect:
        """Where the box is to be that is being dragged."""
        dx, dy = round(event.x - drag.start.x), round(event.y - drag.start.y)
        if drag.handle is not None:
            return resized(drag.rect, drag.handle, dx, dy, keep_aspect=event.shift, from_middle=event.alt)
        if event.shift:
            dx, dy = (dx, 0) if abs(dx) >= abs(dy) else (0, dy)
        moved = drag.rect.moved(Point(dx, dy))
        if event.control:
            self.host.end_snapping()
            return moved
        return moved.moved(self.host.snapped(moved).offset)

    def _hit(self, event: PointerEvent) -> tuple[Handle | None, int | None]:
        """The handle of the current box, or the topmost box, under the pointer."""
        items, transform = self.items(self._value), self.host.transform
        if self._current is not None and items[self._current].has_handles:
            for handle in HANDLES:
                x, y = transform.to_view(*handle.on(items[self._current].rect))
                if max(abs(x - event.view_x), abs(y - event.view_y)) <= HANDLE_PX:
                    return handle, self._current
        for index in range(len(items) - 1, -1, -1):
            if _holds(items[index], event, transform):
                return None, index
        return None, None

    # Keys

    def claims(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return False  # no shortcut takes it, and it has to leave the canvas after the last box
        return key is Qt.Key.Key_Insert or (key in _OUR_KEYS and self._current is not None)

    def key_press(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return self._go_on(-1 if key is Qt.Key.Key_Backtab else 1)
        if key is Qt.Key.Key_Insert:
            return self._add_in_the_middle()
        index = self._current
        if index is None or self._drag is not None:
            return False
        if key in _ARROWS:
            self._nudge(index, _ARROWS[key], event.modifiers())
        elif key in _REMOVE:
            self._remove(index)
        elif key in _EDIT:
            self.edit_wanted.emit(index)
        elif key is Qt.Key.Key_Escape:
            self.set_current(None)
        else:
            return False
        return True

    def _go_on(self, step: int) -> bool:
        """To the next box; after the last one the focus leaves the canvas."""
        count = len(self.items(self._value))
        index = (0 if step > 0 else count - 1) if self._current is None else self._current + step
        if not 0 <= index < count:
            self.set_current(None)
            return False
        self.set_current(index)
        return True

    def _add_in_the_middle(self) -> bool:
        view, transform = self.host.view_size, self.host.transform
        seen = transform.seen(view.rect)
        x, y = transform.to_canvas(view.width / 2, view.height / 2)
        size = Size(max(1, seen.width // 4), max(1, seen.height // 4))
        new = self.with_new(self._value, Rect.at(Point(round(x) - size.width // 2, round(y) - size.height // 2), size))
        if new is not None:
            self._take(new)
            self.set_current(len(self.items(new)) - 1)
            self.finished.emit(new)
        return new is not None

    def _nudge(self, index: int, arrow: Point, modifiers: Qt.KeyboardModifier) -> None:
        length = FAR_PX if modifiers & Qt.KeyboardModifier.ShiftModifier else 1
        step = Point(arrow.x * length, arrow.y * length)
        item = self.items(self._value)[index]
        if not modifiers & Qt.KeyboardModifier.ControlModifier:
            self._set_rect(index, item.rect.moved(step), self._value)
        elif item.has_handles:
            width, height = max(1, item.rect.width + step.x), max(1, item.rect.height + step.y)
            self._set_rect(index, Rect.at(item.rect.origin, Size(width, height)), self._value)
        self.finished.emit(self._value)

    def _remove(self, index: int) -> None:
        left = self.without(self._value, index)
        if left is None:
            return
        self._current = None
        self._take(left)
        count = len(self.items(left))
        self.set_current(min(index, count - 1) if count else None)
        if not count:
            self.current_changed.emit(None)
        self.finished.emit(left)

    # Showing

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        for index, item in enumerate(self.items(self._value)):
            self.paint_item(painter, transform, look, item, firm=index == self._current)
        if self._current is not None:
            item = self.items(self._value)[self._current]
            if item.has_handles:
                draw_handles(painter, transform, item.rect, look)

    def paint_item(
        self, painter: QPainter, transform: ViewTransform, look: CanvasLook, item: Item, *, firm: bool
    ) -> None:
        """Draw one box or point with its caption."""
        color = item.color or look.accent
        if item.is_point:
            x, y = transform.to_view(item.rect.left + 0.5, item.rect.top + 0.5)
            draw_point(painter, (x, y), color, firm=firm)
            draw_caption(painter, (x + POINT_PX + 3, y - POINT_PX), item.caption, color, look)
            return
        if item.outline is None:
            draw_box(painter, transform, item.rect, color, firm=firm)
        else:
            painter.save()
            item.outline.paint(painter, transform, look)
            painter.restore()
        x, y = min(transform.corners(item.rect), key=lambda corner: (round(corner[1]), corner[0]))
        draw_caption(painter, (x + 5, y + 5), item.caption, color, look)

    def _set_rect(self, index: int, rect: Rect, value: V) -> None:
        self._take(self.with_rect(value, index, rect))
        self._say_current()

    def _take(self, value: V) -> None:
        if value != self._value:
            self._value = value
            self.changed.emit(value)
            self.repaint.emit(None)

    def _say_current(self) -> None:
        """Tell the status bar where the current box is."""
        if self._current is None:
            self.status.emit("")
            return
        items = self.items(self._value)
        item = items[self._current]
        told = text.POINT_STATUS if item.is_point else text.BOX_STATUS
        words = say(
            told,
            number=self._current + 1,
            count=len(items),
            caption=item.caption or self.name,
            width=item.rect.width,
            height=item.rect.height,
            x=item.rect.left,
            y=item.rect.top,
        )
        self.status.emit(words)


def _holds(item: Item, event: PointerEvent, transform: ViewTransform) -> bool:
    """Whether the pointer is on an item; on a point's mark, however small the pixel is."""
    if item.is_point:
        x, y = transform.to_view(item.rect.left + 0.5, item.rect.top + 0.5)
        return math.hypot(x - event.view_x, y - event.view_y) <= POINT_PX + 2
    if item.outline is not None:
        return item.outline.holds(event.x, event.y)
    return item.rect.contains_point(Point(math.floor(event.x), math.floor(event.y)))


def _cursor_of(handle: Handle, transform: ViewTransform) -> Qt.CursorShape:
    """The arrow that points where the handle goes, in a view that may be turned and mirrored."""
    across = -handle.across if transform.mirrored else handle.across
    angle = math.degrees(math.atan2(handle.down, across)) + transform.rotation_deg
    shapes = (
        Qt.CursorShape.SizeHorCursor,
        Qt.CursorShape.SizeFDiagCursor,
        Qt.CursorShape.SizeVerCursor,
        Qt.CursorShape.SizeBDiagCursor,
    )
    return shapes[round(angle / 45) % 4]
