"""Selecting rectangles and ellipses."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from studio.core import edits
from studio.core.geometry import EMPTY, Rect
from studio.core.history import LabelledEdit
from studio.core.selection import Combine
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tool import PointerEvent
from studio.ui.canvas.tools.select import Gesture, SelectTool
from studio.ui.canvas.tools.select_box import BoxStyle, Style, dragged_box
from studio.ui.canvas.tools.select_options import BoxOptions
from studio.ui.canvas.tools.select_outline import Spot
from studio.ui.selecting import text
from studio.ui.selecting.text import say

ELLIPSE_CORNERS = 120
"""An ellipse is outlined as a polygon of so many corners while it is dragged."""


class BoxSelectTool(SelectTool):
    """A drag from corner to corner. Pressed while dragging, Shift keeps the sides equal and Alt draws from the middle;
    Space moves the box, Control leaves out snapping.

    A kind of box says under which name its style is kept, and what edit selects it.
    """

    kept_as = ""
    has_soft_edge = True

    def __init__(self, kit: ToolKit) -> None:
        super().__init__(kit)
        self.style = kit.options(self.kept_as, BoxStyle())
        self._start: Spot = (0.0, 0.0)
        self._box = EMPTY
        self._slides = False

    def options(self, parent: QWidget) -> QWidget:
        return BoxOptions(self.shared, self.style, parent, soft_edge=self.has_soft_edge)

    def edit(self, box: Rect, combine: Combine) -> LabelledEdit:
        """What selects a box."""
        raise NotImplementedError

    def outline_of(self, box: Rect) -> tuple[Spot, ...]:
        """The line around what would be selected."""
        raise NotImplementedError

    def begin(self, gesture: Gesture) -> None:
        self._start = gesture.start.x, gesture.start.y
        self._slides = False

    def drag(self, gesture: Gesture, event: PointerEvent) -> None:
        if self._slides:
            x, y = self._start
            self._start = x + event.x - gesture.last.x, y + event.y - gesture.last.y
        shaping = gesture.shaping(event)
        self._box = dragged_box(
            self._snapped(self._start, event),
            self._snapped((event.x, event.y), event),
            self.style.now,
            square=bool(shaping & Qt.KeyboardModifier.ShiftModifier),
            from_middle=bool(shaping & Qt.KeyboardModifier.AltModifier),
        )
        self._show()

    def finish(self, gesture: Gesture) -> None:
        box, self._box = self._box, EMPTY
        self._end()
        if box.intersect(self.host.session.document.canvas).is_empty:
            self.host.tell(say(text.COVERS_NOTHING))
        else:
            self.apply(self.edit(box, gesture.combine))

    def clicked(self, gesture: Gesture) -> None:
        """A box of fixed size is put where the click was."""
        if self.style.now.style is not Style.SIZE:
            super().clicked(gesture)
            return
        at = self._snapped((gesture.start.x, gesture.start.y), gesture.start)
        self._box = dragged_box(at, at, self.style.now)
        self.finish(gesture)

    def abort(self) -> None:
        self._box = EMPTY
        self._end()

    def key_press(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Space and self._gesture is not None and self._gesture.begun:
            self._slides = not self._gesture.moves
            return True
        return super().key_press(event)

    def key_release(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Space and self._slides:
            self._slides = event.isAutoRepeat()
            return True
        return super().key_release(event)

    def _snapped(self, at: Spot, event: PointerEvent) -> tuple[int, int]:
        """The corner of a pixel that is nearest, or a line that attracts."""
        x, y = math.floor(at[0] + 0.5), math.floor(at[1] + 0.5)
        if event.control:
            self.host.end_snapping()
            return x, y
        offset = self.host.snapped(Rect(x, y, x, y)).offset
        return x + offset.x, y + offset.y

    def _show(self) -> None:
        box = self._box
        self.show_outline(() if box.is_empty else self.outline_of(box))
        self.status.emit(say(text.BOX_STATUS, width=box.width, height=box.height, x=box.left, y=box.top))

    def _end(self) -> None:
        self._slides = False
        self.show_outline(())
        self.host.end_snapping()
        self.status.emit("")


class RectangleSelectTool(BoxSelectTool):
    """Selects a rectangle of whole pixels."""

    kept_as = "select_rectangle"
    has_soft_edge = False

    @property
    def name(self) -> str:
        return say(text.RECTANGLE)

    def edit(self, box: Rect, combine: Combine) -> LabelledEdit:
        return edits.step(edits.select_rectangle, box, combine=combine)

    def outline_of(self, box: Rect) -> tuple[Spot, ...]:
        return (box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)


class EllipseSelectTool(BoxSelectTool):
    """Selects the ellipse that touches all sides of the box."""

    kept_as = "select_ellipse"

    @property
    def name(self) -> str:
        return say(text.ELLIPSE)

    def edit(self, box: Rect, combine: Combine) -> LabelledEdit:
        return edits.step(edits.select_ellipse, box, antialias=self.shared.now.antialias, combine=combine)

    def outline_of(self, box: Rect) -> tuple[Spot, ...]:
        x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        turns = (math.tau * step / ELLIPSE_CORNERS for step in range(ELLIPSE_CORNERS))
        return tuple((x + math.cos(turn) * box.width / 2, y + math.sin(turn) * box.height / 2) for turn in turns)
