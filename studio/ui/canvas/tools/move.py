"""The move tool: drags the selected layers, and guides."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QCursor, QKeyEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from studio.core import edits
from studio.core.document import Document
from studio.core.edits.arranging import shown_bounds
from studio.core.errors import StudioError
from studio.core.events import DocumentChanged
from studio.core.geometry import EMPTY, ORIGIN, Point, Rect
from studio.core.guides import Guides
from studio.core.layers import LayerId, walk
from studio.ui.canvas import text
from studio.ui.canvas.guiding import guide_place
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.text import say
from studio.ui.canvas.tool import PointerEvent, Tool
from studio.ui.canvas.tools.align_options import AlignOptions
from studio.ui.canvas.transform import ViewTransform
from studio.ui.refusals import say_refusal

GRAB_PX = 4
"""How near to a guide (logical pixels) a press takes hold of it."""
FAR_PX = 10
"""How far an arrow key moves with Shift, in canvas pixels; without it moves one."""
_ARROWS = {
    Qt.Key.Key_Left: Point(-1, 0),
    Qt.Key.Key_Right: Point(1, 0),
    Qt.Key.Key_Up: Point(0, -1),
    Qt.Key.Key_Down: Point(0, 1),
}


@dataclass(frozen=True, slots=True)
class GuideHold:
    """A guide that is being dragged: the guides without it, and which way it runs."""

    others: Guides
    vertical: bool


@dataclass(slots=True)
class _Drag:
    start: PointerEvent
    layers: tuple[LayerId, ...]
    bounds: Rect
    ignoring: frozenset[str]
    moved: Point = ORIGIN


class MoveTool(Tool):
    """Moves the selected layers: one undo step for each drag, and for each burst of arrow keys.

    Shift keeps to one axis, Control leaves out snapping. A press on a guide drags the guide, which snaps to edges and
    middles of canvas and layers; dropped outside the canvas view it goes away.
    """

    def __init__(self) -> None:
        super().__init__()
        self._drag: _Drag | None = None
        self._guide: GuideHold | None = None
        self._over_guide: GuideHold | None = None
        self._gestures = 0

    @property
    def name(self) -> str:
        return say(text.MOVE)

    @property
    def cursor(self) -> QCursor:
        held = self._guide or self._over_guide
        if held is None:
            return QCursor(Qt.CursorShape.ArrowCursor if self._drag is None else Qt.CursorShape.SizeAllCursor)
        return QCursor(Qt.CursorShape.SplitHCursor if held.vertical else Qt.CursorShape.SplitVCursor)

    def options(self, parent: QWidget) -> QWidget:
        return AlignOptions(self, parent)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        """Outline what would be moved."""
        bounds = self._selected_bounds(self.host.session.document) if self.host.session.has_document else EMPTY
        if bounds.is_empty:
            return
        outline = QPolygonF([QPointF(x, y) for x, y in transform.corners(bounds)])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not transform.is_upright)
        for color, style in ((QColor(0, 0, 0, 110), Qt.PenStyle.SolidLine), (look.accent, Qt.PenStyle.DashLine)):
            painter.setPen(QPen(color, 1, style))
            painter.drawPolygon(outline)

    def document_changed(self, news: DocumentChanged) -> None:
        """Paint the outline again where it was and where it is; what it surrounds is the picture's business."""
        before, now = self._selected_bounds(news.old), self._selected_bounds(news.new)
        if before != now:
            for edge in (*_edges(before), *_edges(now)):
                self.repaint.emit(edge)

    def hover(self, event: PointerEvent) -> None:
        self._over_guide = self._guide_at(event)

    def press(self, event: PointerEvent) -> None:
        self._guide = self._guide_at(event)
        if self._guide is not None:
            return
        session = self.host.session
        if not session.has_document or not session.selection:
            self.host.tell(say(text.NOTHING_SELECTED))
            return
        layers = [session.document.layer(layer_id) for layer_id in session.selection]
        bounds = Rect.union(shown_bounds(layer) for layer in layers)
        ignoring = frozenset(layer.id for layer in walk(layers))
        self._gestures += 1
        self._drag = _Drag(event, session.selection, bounds, ignoring)

    def move(self, event: PointerEvent) -> None:
        if self._guide is not None:
            self.host.show_guides(self._with_guide(self._guide, event))
        elif self._drag is not None:
            self._drag_to(self._offset(self._drag, event))

    def release(self, event: PointerEvent) -> None:
        if self._guide is not None:
            self._drop_guide(event)
        self._end()

    def cancel(self) -> None:
        if self._guide is not None:
            self.host.show_guides(None)
        if self._drag is not None:
            self._drag_to(ORIGIN)
        self._end()

    def claims(self, event: QKeyEvent) -> bool:
        return event.key() in _ARROWS

    def key_press(self, event: QKeyEvent) -> bool:
        step = _ARROWS.get(Qt.Key(event.key()))
        session = self.host.session
        if step is None or self._drag is not None or not session.has_document or not session.selection:
            return False
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            step = Point(step.x * FAR_PX, step.y * FAR_PX)
        self._translate(session.selection, step, ("nudge", session.selection))
        return True

    def key_release(self, event: QKeyEvent) -> bool:
        if Qt.Key(event.key()) not in _ARROWS or event.isAutoRepeat():
            return False
        if self.host.session.has_document:
            self.host.session.history.seal()
        return True

    def _offset(self, drag: _Drag, event: PointerEvent) -> Point:
        """Whole canvas pixels from the start of the drag."""
        x, y = round(event.x - drag.start.x), round(event.y - drag.start.y)
        if event.shift:
            x, y = (x, 0) if abs(x) >= abs(y) else (0, y)
        if event.control or drag.bounds.is_empty:
            self.host.end_snapping()
            return Point(x, y)
        snapped = self.host.snapped(drag.bounds.moved(Point(x, y)), drag.ignoring).offset
        if event.shift:
            snapped = Point(snapped.x if x else 0, snapped.y if y else 0)
        return Point(x, y) + snapped

    def _drag_to(self, offset: Point) -> None:
        drag = self._drag
        if drag is None or offset == drag.moved:
            return
        if self._translate(drag.layers, offset - drag.moved, ("move", id(self), self._gestures)):
            drag.moved = offset
        else:
            self._end()

    def _translate(self, layers: tuple[LayerId, ...], step: Point, merge_key: tuple[object, ...]) -> bool:
        try:
            self.host.session.history.apply(edits.step(edits.translate, layers, step), merge_key=merge_key)
        except StudioError as error:
            self.host.tell(say_refusal(error))
            return False
        return True

    def _end(self) -> None:
        if self._drag is not None:
            self._drag = None
            self.host.end_snapping()
            if self.host.session.has_document:
                self.host.session.history.seal()
        if self._guide is not None:
            self._guide = None
            self.host.end_snapping()

    def _selected_bounds(self, document: Document) -> Rect:
        """The rectangle around what the selected layers show; those that are not in the document show nothing."""
        layers = (document.find(layer_id) for layer_id in self.host.session.selection)
        return Rect.union(shown_bounds(layer) for layer in layers if layer is not None)

    def _guide_at(self, event: PointerEvent) -> GuideHold | None:
        """The guide under the pointer."""
        guides, reach = self.host.guides, GRAB_PX / self.host.transform.scale
        for x in guides.columns:
            if abs(event.x - x) <= reach:
                return GuideHold(replace(guides, columns=tuple(c for c in guides.columns if c != x)), vertical=True)
        for y in guides.rows:
            if abs(event.y - y) <= reach:
                return GuideHold(replace(guides, rows=tuple(r for r in guides.rows if r != y)), vertical=False)
        return None

    def _drop_guide(self, event: PointerEvent) -> None:
        size, hold = self.host.view_size, self._guide
        inside = 0 <= event.view_x < size.width and 0 <= event.view_y < size.height
        if hold is not None:
            self.host.set_guides(self._with_guide(hold, event) if inside else hold.others)
            self.host.show_guides(None)

    def _with_guide(self, hold: GuideHold, event: PointerEvent) -> Guides:
        """The others and the dragged one, on an edge or middle of the canvas or a layer where one is near."""
        others, free = hold.others, event.control
        at = round(event.x if hold.vertical else event.y)
        place = guide_place(self.host, at, vertical=hold.vertical, free=free)
        if hold.vertical:
            return replace(others, columns=tuple(sorted({*others.columns, place})))
        return replace(others, rows=tuple(sorted({*others.rows, place})))


def _edges(rect: Rect) -> tuple[Rect, ...]:
    """The four sides of a rectangle, one pixel wide; none of an empty one."""
    if rect.is_empty:
        return ()
    left, top, right, bottom = rect.left, rect.top, rect.right, rect.bottom
    return (
        Rect(left, top, right, top + 1),
        Rect(left, bottom - 1, right, bottom),
        Rect(left, top, left + 1, bottom),
        Rect(right - 1, top, right, bottom),
    )
