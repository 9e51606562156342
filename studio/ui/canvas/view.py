"""The canvas of the window.

    canvas = CanvasView(session)

It follows the session by itself: another document, every change, the selection. Embed it, choose a tool, and connect:

    canvas.set_tool(MoveTool())            any `studio.ui.canvas.tool.Tool`; `HandTool` at first
    canvas.add_overlay(MaskTint(...))      anything of `studio.ui.canvas.overlays`; `remove_overlay`
    canvas.fit()  actual_size()  zoom_in()  zoom_out()  zoom_to(2.0)
    canvas.rotate_to(30)  mirror()  reset_rotation()
    canvas.set_rulers_visible(True)  set_guides(Guides(columns=(100,)))  set_snapping(False)
    canvas.transform, canvas.set_transform(...)      what a view state keeps between runs

    canvas.view_changed                    zoom, rotation or pan changed; `zoom_text` is what to show
    canvas.cursor_moved(x, y, rgba)        canvas pixel under the pointer, with (red, green, blue, alpha) or None
    canvas.cursor_left                     the pointer is not over the canvas any more
    canvas.tool_changed                    another tool
    canvas.tool_done                       the tool has nothing more to do: the one of before may come back
    canvas.guides_changed                  other guides are shown
    canvas.notice(text)                    something to tell the user
    canvas.status(text)                    what the tool is doing, for the status bar
    canvas.settled                         everything that is seen is up to date

`release()` ends its thread and its subscriptions; it is called when the widget is destroyed, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QImage, QPainter, QPen, QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from studio.core import edits
from studio.core.changes import diff
from studio.core.document import Document
from studio.core.errors import JobCancelled, StudioError
from studio.core.events import DocumentChanged, Subscriptions
from studio.core.geometry import Point, Rect, Size
from studio.core.guides import Guides, guides_of
from studio.plugin_api.interactions import LabelMap
from studio.session import DocumentOpened, LayersSelected, Session
from studio.ui.bridge import Bridge
from studio.ui.canvas import text
from studio.ui.canvas.finding import ObjectFinder
from studio.ui.canvas.guiding import guide_place
from studio.ui.canvas.input import CanvasInput
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.masks import DocumentMasks
from studio.ui.canvas.rendering import DisplayConversion
from studio.ui.canvas.rulers import Ruler
from studio.ui.canvas.snapping import Snapped, snap, targets_of
from studio.ui.canvas.surface import CanvasSurface
from studio.ui.canvas.text import say
from studio.ui.canvas.tool import Overlay, Tool
from studio.ui.canvas.tools.navigation import HandTool
from studio.ui.canvas.transform import ViewTransform, next_zoom
from studio.ui.refusals import say_refusal
from studio.ui.work import FileWork

T = TypeVar("T")

SNAP_PX = 8
"""How near a line attracts, in logical pixels of the view."""


class CanvasView(QWidget):
    """The picture with rulers and guides, and the tool that works on it."""

    view_changed = Signal()
    cursor_moved = Signal(int, int, object)
    cursor_left = Signal()
    tool_changed = Signal()
    tool_done = Signal()
    guides_changed = Signal()
    notice = Signal(str)
    status = Signal(str)
    settled = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.surface = CanvasSurface(self)
        self._guide_lines = GuideLines()
        self.finder = ObjectFinder(session, self.request_image, self)
        self._bridge = Bridge(self)
        self.work = FileWork(self._bridge, self)
        self._snapping = True
        self._wants_fit = True
        self._preview: Document | None = None
        self._tool: Tool = HandTool()
        self._input = CanvasInput(self.surface, self, self._tool)
        self._lay_out()
        self.setFocusProxy(self.surface)
        self._masks = DocumentMasks(session, self.surface)
        self.surface.add_overlay(self._guide_lines)
        self.surface.transform_changed.connect(self.view_changed)
        self.surface.picture.settled.connect(self.settled)
        self.surface.picture.failed.connect(self._on_failed)
        self._input.pointed.connect(self._on_pointed)
        self._subscriptions = Subscriptions()
        self._subscriptions.listen(session.opened, self._on_opened)
        self._subscriptions.listen(session.document_changed, self._on_changed)
        self._subscriptions.listen(session.selected, self._on_selected)
        self._begin_tool()
        self.destroyed.connect(self._subscriptions.close)
        self.destroyed.connect(self.surface.picture.renderer.close)
        if session.has_document:
            self.show_guides(None)
            self._masks.refresh()
            self.surface.show_document(session.document)

    def release(self) -> None:
        """Hear nothing more of the session and end the thread. Releasing twice is fine."""
        self._input.cancel()
        self._subscriptions.close()
        self._bridge.close()
        self.work.cancel()
        self.work.close()
        self.surface.picture.close()

    # What tools see (`tool.CanvasHost`)

    @property
    def session(self) -> Session:
        return self._session

    @property
    def transform(self) -> ViewTransform:
        return self.surface.transform

    @property
    def view_size(self) -> Size:
        return self.surface.view_size

    def set_transform(self, transform: ViewTransform) -> None:
        """Show this part of the canvas."""
        self._wants_fit = False
        self.surface.set_transform(transform)

    def request_image(self, document: Document, rect: Rect, level: int, deliver: Callable[[QImage], None]) -> None:
        """Have a part of any document composited in the canvas's thread."""
        self.surface.picture.request_image(document, rect, level, deliver)

    def find_objects(self, deliver: Callable[[tuple[LabelMap, ...]], None]) -> None:
        """Get the maps of what a click may choose in the picture as it is now."""
        if self._session.has_document and self._session.has_jobs:
            self.finder.find(self._session.document, deliver)

    def compute(self, stage: str, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """Do long work beside the window; `then` gets what came out, a StudioError is told to the user."""
        self.work.start(stage, work, then, self._on_not_computed)

    def tell(self, message: str) -> None:
        """Show a notice to the user."""
        self.notice.emit(message)

    def shift_selection(self, offset: Point) -> None:
        """Draw the outline of the selection elsewhere, until the selection changes."""
        self._masks.shift_selection(offset)

    def take_focus(self) -> None:
        """Have the keys go to the canvas."""
        self.surface.setFocus()

    @property
    def widget(self) -> QWidget:
        """The picture's widget, for fields that stand on it."""
        return self.surface

    def show_preview(self, document: Document | None, dirty: Rect | None = None) -> None:
        """Show another document of the same size in place of the open one; None shows the open one again.

        Every change of the open one ends that, too.

        Args:
            dirty: where it differs from what is shown (canvas pixels), where the caller knows; else it is found.
        """
        if not self._session.has_document or document is self._preview:
            return
        shown = self._preview or self._session.document
        new = document or self._session.document
        self._preview = document
        self.surface.update_document(new, diff(shown, new).dirty if dirty is None else dirty)

    @property
    def guides(self) -> Guides:
        return guides_of(self._session.document) if self._session.has_document else Guides()

    def set_guides(self, guides: Guides) -> None:
        """Give the document these guides, as one undo step."""
        if self._session.has_document and guides != self.guides:
            self._session.history.apply(edits.step(edits.set_guides, guides.columns, guides.rows))

    def show_guides(self, guides: Guides | None) -> None:
        """Show other guides while some are dragged; None shows the document's again."""
        shown = self.guides if guides is None else guides
        if shown != self._guide_lines.guides:
            self._guide_lines.set_guides(shown)
            self.guides_changed.emit()

    def snapped(self, rect: Rect, ignoring: frozenset[str] = frozenset()) -> Snapped:
        """Where a moving rectangle would snap to, nowhere when snapping is off; shows the lines."""
        if not self._snapping or not self._session.has_document:
            return Snapped()
        targets = targets_of(self._session.document, self.guides, ignoring)
        found = snap(rect, targets, SNAP_PX / self.transform.scale)
        self._guide_lines.set_attracting(Guides(found.columns, found.rows))
        return found

    def end_snapping(self) -> None:
        """Take the lines away that something snapped to."""
        self._guide_lines.set_attracting(Guides())

    # Looking at what is not done yet

    @property
    def seen(self) -> Rect:
        """The part of the canvas that the view shows, in canvas pixels."""
        view = Rect(0, 0, self.surface.width(), self.surface.height())
        return self.transform.seen(view).intersect(self.surface.canvas)

    @property
    def preview(self) -> Document | None:
        """What is shown in place of the open document, if anything is."""
        return self._preview

    # Tools and overlays

    @property
    def tool(self) -> Tool:
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Work with another tool; a gesture of the last one is cancelled."""
        if tool is self._tool:
            return
        self._input.cancel()
        self._end_tool()
        self._on_status("")
        self._tool = tool
        self._begin_tool()
        self._input.set_tool(tool)
        self.tool_changed.emit()

    def add_overlay(self, overlay: Overlay) -> None:
        """Paint something over the picture until it is removed."""
        self.surface.add_overlay(overlay)

    def remove_overlay(self, overlay: Overlay) -> None:
        """Paint it no more."""
        self.surface.remove_overlay(overlay)

    def _begin_tool(self) -> None:
        self._tool.status.connect(self._on_status)  # tools tell what they wait for as they begin
        self._tool.activate(self)
        self._tool.cursor_changed.connect(self._input.show_cursor)
        self._tool.done.connect(self.tool_done)
        self.surface.add_overlay(self._tool)

    def _end_tool(self) -> None:
        self.surface.remove_overlay(self._tool)
        self._tool.cursor_changed.disconnect(self._input.show_cursor)
        self._tool.status.disconnect(self._on_status)
        self._tool.done.disconnect(self.tool_done)
        self._tool.deactivate()

    # View

    @property
    def zoom_text(self) -> str:
        """The zoom as the status bar shows it: "66.7 %"."""
        percent = self.transform.zoom * 100
        shown = f"{percent:.1f}" if percent < 100 and percent % 1 > 0.05 else f"{percent:.0f}"
        return say(text.ZOOM_VALUE, percent=shown)

    def fit(self) -> None:
        """Show the whole canvas, as large as there is room."""
        self._fit(largest=math.inf)

    def actual_size(self) -> None:
        """One device pixel for each canvas pixel, about the middle of the view."""
        self.zoom_to(1.0)

    def zoom_to(self, zoom: float) -> None:
        """Device pixels for one canvas pixel, about the middle of the view."""
        x, y = self._middle()
        self.set_transform(self.transform.zoomed(zoom, x, y))

    def zoom_in(self) -> None:
        """To the next stop."""
        self.zoom_to(next_zoom(self.transform.zoom, 1))

    def zoom_out(self) -> None:
        """To the stop before."""
        self.zoom_to(next_zoom(self.transform.zoom, -1))

    def rotate_to(self, degrees: float) -> None:
        """Turn the view clockwise to this angle, about its middle; the document stays as it is."""
        x, y = self._middle()
        self.set_transform(self.transform.rotated(degrees, x, y))

    def reset_rotation(self) -> None:
        """Turn the view back upright and, if it is mirrored, back."""
        x, y = self._middle()
        transform = self.transform.flipped(x, y) if self.transform.mirrored else self.transform
        self.set_transform(transform.rotated(0, x, y))

    def mirror(self) -> None:
        """Mirror the view left to right, or back; the document stays as it is."""
        x, y = self._middle()
        self.set_transform(self.transform.flipped(x, y))

    def set_rulers_visible(self, visible: bool) -> None:
        for ruler in (self._top, self._left, self._corner):
            ruler.setVisible(visible)

    def set_pixel_grid_visible(self, visible: bool) -> None:
        """Lines between the pixels, from 800 % on."""
        self.surface.set_pixel_grid(visible)

    def set_mask_visible(self, visible: bool) -> None:
        """Tint what the mask of the active layer hides."""
        self._masks.set_mask_visible(visible)

    def set_outlined(self, on: bool) -> None:
        """Outline what is selected, or do not while something else shows it."""
        self._masks.set_outlined(on)

    def set_quick_mask(self, on: bool) -> None:
        """Tint what is not selected in red, instead of outlining what is."""
        self._masks.set_quick_mask(on)

    def set_guides_visible(self, visible: bool) -> None:
        self._guide_lines.set_visible(visible)

    def set_snapping(self, on: bool) -> None:
        """Whether what is moved snaps to guides, canvas and layers."""
        self._snapping = on

    def set_display_conversion(self, conversion: DisplayConversion | None) -> None:
        """Convert the document's colours to the screen's before they are shown."""
        self.surface.picture.set_conversion(conversion)

    @property
    def is_settled(self) -> bool:
        """Whether everything that is seen is up to date."""
        return self.surface.picture.is_settled

    def _fit_at_first(self) -> None:
        """Whole, but no larger than one logical pixel for each canvas pixel: a small picture opens small."""
        self._fit(largest=max(1.0, self.transform.pixel_ratio))

    def _middle(self) -> tuple[float, float]:
        return self.surface.width() / 2, self.surface.height() / 2

    def _fit(self, largest: float) -> None:
        if not self.surface.canvas.is_empty:
            self.surface.set_transform(
                self.transform.fitted(self.surface.canvas.size, self.surface.view_size, largest=largest)
            )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._wants_fit:
            self._fit_at_first()

    def hideEvent(self, event: QHideEvent) -> None:
        self._input.cancel()
        super().hideEvent(event)

    def _lay_out(self) -> None:
        self._top = Ruler(self.surface, Qt.Orientation.Horizontal, self)
        self._left = Ruler(self.surface, Qt.Orientation.Vertical, self)
        self._corner = QWidget(self)
        self._corner.setAccessibleName(say(text.RULER_CORNER))
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._corner, 0, 0)
        layout.addWidget(self._top, 0, 1)
        layout.addWidget(self._left, 1, 0)
        layout.addWidget(self.surface, 1, 1)
        for ruler in (self._top, self._left):
            ruler.dragged.connect(self._on_guide_dragged)
            ruler.dropped.connect(self._on_guide_dropped)

    # News

    def _on_opened(self, news: DocumentOpened) -> None:
        self._input.cancel()
        self._preview = None
        self.show_guides(None)
        self._masks.refresh()
        self.surface.show_document(news.document)
        self._wants_fit = True
        self._fit_at_first()

    def _on_changed(self, news: DocumentChanged) -> None:
        dirty = news.changes.dirty if self._preview is None else diff(self._preview, news.new).dirty
        self._preview = None
        self.surface.update_document(news.new, dirty)
        if news.new.metadata != news.old.metadata:
            self.show_guides(None)
        self._masks.refresh()
        self._tool.document_changed(news)

    def _on_selected(self, news: LayersSelected) -> None:
        self._masks.refresh()
        self._tool.repaint.emit(None)

    def _on_not_computed(self, error: BaseException) -> None:
        if isinstance(error, StudioError):
            self.notice.emit(say_refusal(error))
        elif not isinstance(error, JobCancelled):
            raise error

    def _on_failed(self, error: str) -> None:
        self.notice.emit(say(text.NOT_COMPOSITED, error=error))

    def _on_status(self, told: str) -> None:
        self.surface.setAccessibleDescription(told or say(text.CANVAS_HELP))
        self.status.emit(told)

    def _on_pointed(self, point: tuple[float, float] | None) -> None:
        if point is None:
            for ruler in (self._top, self._left):
                ruler.point_at(None)
            self.cursor_left.emit()
            return
        x, y = math.floor(point[0]), math.floor(point[1])
        at = QPoint(*(round(value) for value in self.transform.to_view(*point)))
        for ruler in (self._top, self._left):
            ruler.point_at(at)
        self.cursor_moved.emit(x, y, self.surface.picture.pixel(x, y))

    def _on_guide_dragged(self, at: QPoint) -> None:
        self._guide_lines.set_coming(self._guide_for(at))

    def _on_guide_dropped(self, at: QPoint) -> None:
        coming = self._guide_for(at)
        self.end_snapping()
        self._guide_lines.set_coming(Guides())
        columns, rows = {*self.guides.columns, *coming.columns}, {*self.guides.rows, *coming.rows}
        self.set_guides(Guides(tuple(sorted(columns)), tuple(sorted(rows))))

    def _guide_for(self, at: QPoint) -> Guides:
        """The guide that a ruler's drag is at; none outside the surface."""
        local = self.surface.mapFromGlobal(at)
        if not self.surface.rect().contains(local) or self.surface.canvas.is_empty:
            self.end_snapping()
            return Guides()
        x, y = self.transform.to_canvas(local.x(), local.y())
        turned = round(self.transform.rotation_deg / 90) % 2 == 1
        vertical = (self.sender() is self._top) == turned
        free = bool(QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier)
        place = guide_place(self, round(x if vertical else y), vertical=vertical, free=free)
        return Guides(columns=(place,)) if vertical else Guides(rows=(place,))


class GuideLines(Overlay):
    """Guides, the one that is being dragged out of a ruler, and lines that something snapped to."""

    def __init__(self) -> None:
        super().__init__()
        self.guides = Guides()
        self._coming = Guides()
        self._attracting = Guides()
        self._visible = True

    def set_guides(self, guides: Guides) -> None:
        self.guides = guides
        self.repaint.emit(None)

    def set_coming(self, guides: Guides) -> None:
        """The guide that is being dragged out of a ruler."""
        self._coming = guides
        self.repaint.emit(None)

    def set_attracting(self, lines: Guides) -> None:
        """The lines that something snapped to."""
        if lines != self._attracting:
            self._attracting = lines
            self.repaint.emit(None)

    def set_visible(self, visible: bool) -> None:
        self._visible = visible
        self.repaint.emit(None)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        view = Rect(0, 0, painter.viewport().width(), painter.viewport().height())
        seen = transform.seen(view)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not transform.is_upright)
        shown = [(self.guides, look.guide)] if self._visible else []
        for lines, color in (*shown, (self._coming, look.guide), (self._attracting, look.accent)):
            painter.setPen(QPen(color, 1))
            for x in lines.columns:
                _line(painter, transform, (x, seen.top), (x, seen.bottom))
            for y in lines.rows:
                _line(painter, transform, (seen.left, y), (seen.right, y))


def _line(painter: QPainter, transform: ViewTransform, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A line between two canvas points."""
    (x0, y0), (x1, y1) = transform.to_view(*start), transform.to_view(*end)
    painter.drawLine(QPointF(x0, y0), QPointF(x1, y1))
