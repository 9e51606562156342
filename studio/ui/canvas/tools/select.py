"""What all selection tools have in common: how a press combines, moving and nudging the outline."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor, QKeyEvent, QPainter

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.geometry import ORIGIN, Point, Rect
from studio.core.history import EditCall, LabelledEdit
from studio.core.selection import FULL, Combine, Coverage
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.tool import CanvasHost, PointerEvent, Tool
from studio.ui.canvas.tools.navigation import DRAG_PX
from studio.ui.canvas.tools.select_cursor import select_cursor
from studio.ui.canvas.tools.select_outline import LiveOutline, Spot
from studio.ui.canvas.tools.select_settings import SelectSet
from studio.ui.canvas.transform import ViewTransform
from studio.ui.refusals import say_refusal
from studio.ui.selecting import text
from studio.ui.selecting.text import say

FAR_PX = 10
"""How far an arrow key moves the outline with Shift, in canvas pixels; without it moves one."""
COMBINE = {
    (True, False): Combine.ADD,
    (False, True): Combine.SUBTRACT,
    (True, True): Combine.INTERSECT,
}
"""What Shift and Alt at the press mean."""
_ARROWS = {
    Qt.Key.Key_Left: Point(-1, 0),
    Qt.Key.Key_Right: Point(1, 0),
    Qt.Key.Key_Up: Point(0, -1),
    Qt.Key.Key_Down: Point(0, 1),
}
_SHAPING = {
    Qt.Key.Key_Shift: Qt.KeyboardModifier.ShiftModifier,
    Qt.Key.Key_Alt: Qt.KeyboardModifier.AltModifier,
}
_NONE = Qt.KeyboardModifier.NoModifier


@dataclass(slots=True)
class Gesture:
    """From press to release. `spent` are modifiers that were down at the press: they said how to combine, and shape
    nothing until they are pressed again.
    """

    start: PointerEvent
    last: PointerEvent
    combine: Combine
    moves: bool
    spent: Qt.KeyboardModifier
    begun: bool = False
    offset: Point = ORIGIN

    def shaping(self, event: PointerEvent) -> Qt.KeyboardModifier:
        """The modifiers that count for the shape now."""
        self.spent &= event.modifiers
        return event.modifiers & ~self.spent


class SelectTool(Tool):
    """A drag selects, inside the selection it moves the outline; a click deselects; arrow keys nudge the outline.

    Shift adds, Alt subtracts, both intersect, as they are when the button goes down. A kind of tool says what a drag
    and a click select: `begin`, `drag`, `finish`, `clicked`, `abort`.
    """

    def __init__(self, kit: ToolKit) -> None:
        super().__init__()
        self.shared = kit.options("select", SelectSet())
        self.outline = LiveOutline(self)
        self.outline.repaint.connect(self.repaint)
        self._gesture: Gesture | None = None
        self._hovered: PointerEvent | None = None

    # What a kind of tool does

    def begin(self, gesture: Gesture) -> None:
        """A drag that selects begins."""

    def drag(self, gesture: Gesture, event: PointerEvent) -> None:
        """The pointer is somewhere else, or a modifier was pressed or released."""

    def finish(self, gesture: Gesture) -> None:
        """Select what was dragged."""

    def clicked(self, gesture: Gesture) -> None:
        """A press and release in one place."""
        if gesture.combine is Combine.REPLACE and self.host.session.document.selection is not None:
            self.apply(edits.step(edits.deselect))

    def abort(self) -> None:
        """Forget what was dragged."""

    # The pointer

    @property
    def cursor(self) -> QCursor:
        gesture, at = self._gesture, self._hovered
        if gesture is not None:
            return select_cursor(gesture.combine, moves=gesture.moves)
        if at is None or not self.host.session.has_document:
            return select_cursor(self.shared.now.combine)
        combine = self.combine_at(at)
        return select_cursor(combine, moves=combine is Combine.REPLACE and self._is_inside(at))

    def combine_at(self, event: PointerEvent) -> Combine:
        """What a press does with the selection: as its modifiers say, else as the options do."""
        if self.host.session.document.selection is None:
            return Combine.REPLACE if event.shift or event.alt else self.shared.now.combine
        return COMBINE.get((event.shift, event.alt), self.shared.now.combine)

    def press(self, event: PointerEvent) -> None:
        session = self.host.session
        if not session.has_document:
            return
        combine = self.combine_at(event)
        moves = combine is Combine.REPLACE and self._is_inside(event)
        spent = _NONE if session.document.selection is None else event.modifiers
        self._gesture = Gesture(event, event, combine, moves, spent)

    def move(self, event: PointerEvent) -> None:
        gesture = self._gesture
        if gesture is None:
            return
        if not gesture.begun:
            start = gesture.start
            if math.hypot(event.view_x - start.view_x, event.view_y - start.view_y) < DRAG_PX:
                return
            gesture.begun = True
            if not gesture.moves:
                self.begin(gesture)
        if gesture.moves:
            self._shift(gesture, event)
        else:
            self.drag(gesture, event)
        gesture.last = event

    def release(self, event: PointerEvent) -> None:
        gesture, self._gesture = self._gesture, None
        if gesture is None:
            return
        self._hovered = event
        if not gesture.begun:
            self.clicked(gesture)
        elif gesture.moves:
            self._put_down(gesture)
        else:
            self.finish(gesture)

    def hover(self, event: PointerEvent) -> None:
        self._hovered = event

    def leave(self) -> None:
        self._hovered = None

    def cancel(self) -> None:
        gesture, self._gesture = self._gesture, None
        if gesture is None:
            return
        if gesture.moves:
            self.host.shift_selection(ORIGIN)
        self.abort()
        self.status.emit("")

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        painter.save()
        self.outline.paint(painter, transform, look)
        painter.restore()

    def show_outline(self, points: tuple[Spot, ...], *, closed: bool = True) -> None:
        """Outline what is dragged."""
        self.outline.show_points(points, self.host.transform.scale, closed=closed)

    # Keys

    def claims(self, event: QKeyEvent) -> bool:
        return event.key() in _ARROWS and self._has_selection

    def key_press(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in _SHAPING:
            return self._on_modifier(key, held=True)
        step = _ARROWS.get(key)
        if step is None or self._gesture is not None or not self._has_selection:
            return False
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            step = Point(step.x * FAR_PX, step.y * FAR_PX)
        self.apply(edits.step(edits.move_selection, step), merge_key=("nudge selection",))
        return True

    def key_release(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in _SHAPING:
            return self._on_modifier(key, held=False)
        if key not in _ARROWS or event.isAutoRepeat():
            return False
        if self.host.session.has_document:
            self.host.session.history.seal()
        return True

    def _on_modifier(self, key: Qt.Key, *, held: bool) -> bool:
        """Shape what is dragged, or show what a press would do, without waiting for the pointer to move."""
        gesture = self._gesture
        event = self._hovered if gesture is None else gesture.last
        if event is None:
            return False
        flag = _SHAPING[key]
        event = replace(event, modifiers=event.modifiers | flag if held else event.modifiers & ~flag)
        if gesture is None:
            self._hovered = event
            self.cursor_changed.emit()
        elif gesture.begun:
            self.move(event)
        else:
            gesture.spent &= event.modifiers
        return False

    # The document

    def select_soon(self, find: LabelledEdit, combine: Combine) -> None:
        """Combine what an edit selects, which takes long, with the selection: it looks at the document as it is now.

        It is taken even if another tool was chosen meanwhile, but in no other document.
        """
        host, session, history = self.host, self.host.session, self.host.session.history
        bare = replace(session.document, selection=None)

        def found(coverage: Coverage) -> None:
            if session.has_document and session.history is history:
                _apply(host, _combining(find, coverage, combine))

        self.host.compute(say(text.FINDING), lambda: _coverage(find, bare), found)

    def take(self, find: LabelledEdit, coverage: Coverage, combine: Combine) -> None:
        """Combine (H, W) coverage, which an edit found, with the selection, as one step under that edit's name."""
        self.apply(_combining(find, coverage, combine))

    def apply(self, edit: LabelledEdit, merge_key: tuple[object, ...] | None = None) -> bool:
        """Whether it was done; what cannot be done is told."""
        return _apply(self.host, edit, merge_key)

    def _is_inside(self, event: PointerEvent) -> bool:
        """Whether the pointer is on a pixel that is at least half selected."""
        selection = self.host.session.document.selection
        x, y = math.floor(event.x), math.floor(event.y)
        return selection is not None and bool(selection.read(Rect(x, y, x + 1, y + 1))[0, 0] > FULL // 2)

    @property
    def _has_selection(self) -> bool:
        session = self.host.session
        return session.has_document and session.document.selection is not None

    def _shift(self, gesture: Gesture, event: PointerEvent) -> None:
        """Show the outline where it is dragged to; Shift keeps to one axis."""
        x, y = round(event.x - gesture.start.x), round(event.y - gesture.start.y)
        if gesture.shaping(event) & Qt.KeyboardModifier.ShiftModifier:
            x, y = (x, 0) if abs(x) >= abs(y) else (0, y)
        gesture.offset = Point(x, y)
        self.host.shift_selection(gesture.offset)
        self.status.emit(say(text.MOVED_STATUS, x=x, y=y))

    def _put_down(self, gesture: Gesture) -> None:
        if gesture.offset == ORIGIN or not self.apply(edits.step(edits.move_selection, gesture.offset)):
            self.host.shift_selection(ORIGIN)
        self.status.emit("")


def _apply(host: CanvasHost, edit: LabelledEdit, merge_key: tuple[object, ...] | None = None) -> bool:
    """Whether it was done; what cannot be done is told."""
    try:
        host.session.history.apply(edit, merge_key=merge_key)
    except StudioError as error:
        host.tell(say_refusal(error))
        return False
    return True


def _combining(find: LabelledEdit, coverage: Coverage, combine: Combine) -> LabelledEdit:
    """The edit that combines (H, W) coverage, which another edit found, with the selection."""

    def change(document: Document) -> Document:
        return edits.combine_selection(document, coverage, combine)

    calls = tuple(EditCall(call.id, {**call.arguments, "combine": combine}) for call in find.calls)
    return LabelledEdit(find.label, change, calls)


def _coverage(find: LabelledEdit, document: Document) -> Coverage:
    """(H, W) what an edit selects in a document without a selection."""
    selection = find(document).selection
    assert selection is not None, "an edit that selects raises when it selects nothing"
    return selection.read()
