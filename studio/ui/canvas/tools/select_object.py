"""Selecting an object by a click on it or a box around it."""

from __future__ import annotations

import math
import weakref

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from studio.core.document import Document
from studio.core.events import DocumentChanged, Subscriptions
from studio.core.geometry import EMPTY, Point, Rect
from studio.core.history import EditCall, LabelledEdit
from studio.plugin_api.interactions import LabelMap
from studio.retouch import RETOUCHES, select_object
from studio.ui.canvas.interactions.hover import RegionOutline
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.tool import CanvasHost, PointerEvent
from studio.ui.canvas.tools.select import Gesture, SelectTool
from studio.ui.canvas.tools.select_options import ObjectOptions
from studio.ui.canvas.tools.select_settings import ObjectSet
from studio.ui.canvas.transform import ViewTransform
from studio.ui.selecting import text
from studio.ui.selecting.text import say

LABEL = RETOUCHES["select_object"].label


class ObjectSelectTool(SelectTool):
    """Where the objects of the picture are known, the one under the pointer is outlined and a click selects just that;
    with Control a part of it. Elsewhere, and in a box that is dragged, the object is searched for beside the window.
    """

    def __init__(self, kit: ToolKit) -> None:
        super().__init__(kit)
        self.settings = kit.options("select_object", ObjectSet())
        self._levels: tuple[RegionOutline, ...] = ()
        self._shown: RegionOutline | None = None
        self._box = EMPTY
        self._questions = 0
        self._subscriptions = Subscriptions()

    @property
    def name(self) -> str:
        return say(text.OBJECT)

    @property
    def knows_objects(self) -> bool:
        """Whether objects are outlined under the pointer."""
        return bool(self._levels)

    def options(self, parent: QWidget) -> QWidget:
        return ObjectOptions(self.shared, self.settings, parent)

    def activate(self, host: CanvasHost) -> None:
        super().activate(host)
        self._subscriptions.listen(host.session.opened, lambda _: self._ask())
        self._subscriptions.listen(host.session.was_shut, lambda _: self._ask())
        self._ask()

    def deactivate(self) -> None:
        self._subscriptions.close()
        self._show_level(None)
        super().deactivate()

    def document_changed(self, news: DocumentChanged) -> None:
        if not news.changes.dirty.is_empty:
            self._ask()

    def set_label_maps(self, maps: tuple[LabelMap, ...]) -> None:
        """Take the objects under the pointer from these maps: whole objects first, then finer parts."""
        self._show_level(None)
        for level in self._levels:
            level.deleteLater()
        self._levels = tuple(self._level(one) for one in maps)

    # The pointer

    def hover(self, event: PointerEvent) -> None:
        super().hover(event)
        self._outline_at(event)

    def leave(self) -> None:
        super().leave()
        self._show_level(None)

    def begin(self, gesture: Gesture) -> None:
        self._show_level(None)

    def drag(self, gesture: Gesture, event: PointerEvent) -> None:
        left, right = sorted((math.floor(gesture.start.x), math.floor(event.x)))
        top, bottom = sorted((math.floor(gesture.start.y), math.floor(event.y)))
        self._box = Rect(left, top, right + 1, bottom + 1)
        box = self._box
        self.show_outline(((left, top), (box.right, top), (box.right, box.bottom), (left, box.bottom)))
        self.status.emit(say(text.BOX_STATUS, width=box.width, height=box.height, x=box.left, y=box.top))

    def finish(self, gesture: Gesture) -> None:
        box = self._box
        self.abort()
        if box.intersect(self.host.session.document.canvas).is_empty:
            self.host.tell(say(text.COVERS_NOTHING))
        else:
            self.select_soon(_finding(box=box), gesture.combine)

    def clicked(self, gesture: Gesture) -> None:
        document, start = self.host.session.document, gesture.start
        at = Point(math.floor(start.x), math.floor(start.y))
        if not document.canvas.contains_point(at):
            super().clicked(gesture)
            return
        self._outline_at(start)
        level = self._shown
        if level is not None and level.label:
            self.take(
                LabelledEdit(LABEL, lambda told: told), level.mask_of(level.label, document.size), gesture.combine
            )
        else:
            self.select_soon(_finding(point=at), gesture.combine)

    def abort(self) -> None:
        self._box = EMPTY
        self.show_outline(())
        self.status.emit(say(text.OBJECT_STATUS))

    def key_press(self, event: QKeyEvent) -> bool:
        self._on_control(event, held=True)
        return super().key_press(event)

    def key_release(self, event: QKeyEvent) -> bool:
        self._on_control(event, held=False)
        return super().key_release(event)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if self._shown is not None:
            painter.save()
            self._shown.paint(painter, transform, look)
            painter.restore()
        super().paint(painter, transform, look)

    # Objects that are known

    def _ask(self) -> None:
        """Ask for the objects of the picture as it is now; those of the last one are forgotten."""
        self.set_label_maps(())
        self._questions += 1
        question = self._questions
        me = weakref.ref(self)  # the answer may come when this is gone

        def deliver(maps: tuple[LabelMap, ...]) -> None:
            tool = me()
            if tool is not None and tool.is_active and tool._questions == question:
                tool.set_label_maps(maps)

        self.host.find_objects(deliver)

    def _level(self, labels: LabelMap) -> RegionOutline:
        level = RegionOutline(self)
        level.repaint.connect(self.repaint)
        level.set_map(labels)
        return level

    def _outline_at(self, event: PointerEvent, *, fine: bool = False) -> None:
        fine = fine or event.control or self.settings.now.fine
        level = self._levels[-1 if fine else 0] if self._levels else None
        if level is not None:
            level.show_at(event.x, event.y)
        self._show_level(level)

    def _show_level(self, level: RegionOutline | None) -> None:
        if level is self._shown:
            return
        if self._shown is not None:
            self._shown.show_label(0)
        self._shown = level
        self.repaint.emit(None)

    def _on_control(self, event: QKeyEvent, *, held: bool) -> None:
        if event.key() == Qt.Key.Key_Control and self._shown is not None and self._hovered is not None:
            self._outline_at(self._hovered, fine=held)


def _finding(*, box: Rect | None = None, point: Point | None = None) -> LabelledEdit:
    """The edit that searches for an object."""
    told = {"box": box} if point is None else {"point": point}

    def find(document: Document) -> Document:
        return select_object(document, box=box, point=point)

    return LabelledEdit(LABEL, find, (EditCall("select_object", told),))
