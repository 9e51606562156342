"""The crop tool: a frame over the picture that becomes the canvas; turned, it straightens the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QCursor, QKeyEvent, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import JobCancelled, StudioError
from studio.core.events import DocumentChanged, Subscription
from studio.core.geometry import Point, Rect
from studio.core.history import LabelledEdit
from studio.core.layers import RasterLayer
from studio.ui.canvas.cropping import ORIGINAL, RATIOS, SIZES, CropFrame, angle_between, drawn_frame
from studio.ui.canvas.interactions.handles import Handle
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.tool import CanvasHost, PointerEvent, Tool
from studio.ui.canvas.tools import transform_text as text
from studio.ui.canvas.tools.crop_options import CropOptions, CropSettings
from studio.ui.canvas.tools.frame_marks import Zone, cursor_of, draw_frame, outline, zone_at
from studio.ui.canvas.tools.transform_text import say
from studio.ui.canvas.transform import ViewTransform
from studio.ui.refusals import say_refusal

AT_ONCE_PX = 1_000_000
"""A picture with more pixels than this in its layers is turned beside the window."""
STEP_DEG = 15.0
FAR_PX = 10
_SHADE = QColor(0, 0, 0, 140)
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


@dataclass(frozen=True, slots=True)
class _Drag:
    start: PointerEvent
    frame: CropFrame
    zone: Zone
    draws: bool


class CropTool(Tool):
    """Enter or a double click crops to the frame, Escape puts it back around the canvas or, there already, is done.

    Drag a handle or a side to resize the frame, beyond the canvas too; Shift keeps the proportion, Alt the middle.
    Drag outside to straighten. A frame that is still around the whole canvas is drawn anew by dragging in it.
    `changed` brings another frame, None when there is none.
    """

    changed = Signal(object)

    def __init__(self, kit: ToolKit | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = (kit or ToolKit()).options("crop", CropSettings())
        self._frame: CropFrame | None = None
        self._drag: _Drag | None = None
        self._zone = Zone()
        self._is_turning = False
        self._held: list[Subscription] = []

    @property
    def name(self) -> str:
        return say(text.CROP)

    @property
    def cursor(self) -> QCursor:
        if self._frame is None:
            return QCursor(Qt.CursorShape.ArrowCursor)
        zone = self._zone if self._drag is None else self._drag.zone
        draws = self._is_whole if self._drag is None else self._drag.draws
        if zone.is_inside and draws:
            return QCursor(Qt.CursorShape.CrossCursor)
        return cursor_of(zone, self._frame.framing, self.host.transform)

    def options(self, parent: QWidget) -> CropOptions:
        return CropOptions(self, self.changed, parent)

    @property
    def frame(self) -> CropFrame | None:
        """What would become the canvas."""
        return self._frame

    @property
    def ratio(self) -> float | None:
        """The proportion to keep, width divided by height; None is free."""
        told = self.settings.now
        if told.ratio == ORIGINAL and self.is_active and self.host.session.has_document:
            size = self.host.session.document.size
            sides = (size.width, size.height)
        else:
            found = RATIOS.get(told.ratio) or SIZES.get(told.ratio)
            if found is None:
                return None
            sides = found
        return sides[1] / sides[0] if told.swapped else sides[0] / sides[1]

    def activate(self, host: CanvasHost) -> None:
        super().activate(host)
        session = host.session
        self._held = [
            session.opened.connect(lambda _: self.reset()),
            session.was_shut.connect(lambda _: self._set(None)),
        ]
        self.reset(around_selection=True)

    def deactivate(self) -> None:
        super().deactivate()
        for subscription in self._held:
            subscription.close()
        self._held = []
        self._set(None)

    def reset(self, *, around_selection: bool = False) -> None:
        """The frame back around the canvas, or around what is selected."""
        session = self.host.session
        if not session.has_document:
            self._set(None)
            return
        document = session.document
        selected = document.selection if around_selection else None
        self._set(CropFrame(document.canvas if selected is None else selected.bounds))

    def apply(self) -> None:
        """Make the frame the canvas; turning a large picture is worked out beside the window.

        What the document refuses is told.
        """
        frame = self._frame
        if frame is None or self._is_whole or self._is_turning:
            return
        delete = self.settings.now.delete_cropped
        if not frame.degrees:
            self._lay(frame, edits.step(edits.crop, frame.rect, delete_hidden=delete))
            return
        step = edits.step(edits.crop_turned, frame.rect, frame.degrees, delete_hidden=delete)
        document = self.host.session.document
        if sum(layer.bounds.area for layer in document.walk() if isinstance(layer, RasterLayer)) <= AT_ONCE_PX:
            self._lay(frame, step)
        else:
            self._turn_beside(frame, step, document)

    def _turn_beside(self, frame: CropFrame, step: LabelledEdit, base: Document) -> None:
        host, history = self.host, self.host.session.history

        def work() -> Document | StudioError | JobCancelled:
            try:
                return step(base)
            except (StudioError, JobCancelled) as error:
                return error

        def done(made: Document | StudioError | JobCancelled) -> None:
            self._is_turning = False
            is_open = host.session.has_document and host.session.history is history
            if isinstance(made, StudioError):
                host.tell(say_refusal(made))
            elif isinstance(made, Document) and is_open and self.is_active and frame == self._frame:
                self._lay(frame, replace(step, function=lambda now: made if now is base else step(now)))

        self._is_turning = True
        host.compute(say(text.STRAIGHTENING), work, done)

    def _lay(self, frame: CropFrame, step: LabelledEdit) -> None:
        host = self.host
        x, y = host.transform.to_view(frame.rect.left, frame.rect.top)
        try:
            host.session.history.apply(step)
        except StudioError as error:
            host.tell(say_refusal(error))
            return
        host.set_transform(replace(host.transform, pan_x=x, pan_y=y))  # what is kept stays where it is seen
        self.reset()

    def discard(self) -> None:
        """The frame back around the canvas; done when it is there already."""
        if self._is_whole:
            self.done.emit()
        else:
            self.reset()

    # Proportions and numbers

    def choose_ratio(self, name: str) -> None:
        """Keep another proportion from now on; a size makes the frame exactly as large."""
        self.settings.change(ratio=name)
        self._fit_ratio()

    def swap(self) -> None:
        """Width becomes height."""
        self.settings.change(swapped=not self.settings.now.swapped)
        if self._frame is not None and self.ratio is None:
            self._set(self._frame.sized(self._frame.rect.height, self._frame.rect.width))
        self._fit_ratio()

    def set_size(self, width: int, height: int) -> None:
        """Another size about the same middle."""
        if self._frame is not None:
            self._set(self._frame.sized(width, height))

    def set_degrees(self, degrees: float) -> None:
        """Another angle."""
        if self._frame is not None:
            self._set(self._frame.turned_to(degrees))

    def _fit_ratio(self) -> None:
        ratio, frame = self.ratio, self._frame
        if frame is None or ratio is None:
            return
        size = SIZES.get(self.settings.now.ratio)
        if size is None:
            self._set(frame.in_ratio(ratio))
        else:
            self._set(frame.sized(*(reversed(size) if self.settings.now.swapped else size)))

    @property
    def _is_whole(self) -> bool:
        """Whether the frame is still the canvas."""
        session = self.host.session
        return session.has_document and self._frame == CropFrame(session.document.canvas)

    def _set(self, frame: CropFrame | None) -> None:
        if frame == self._frame:
            return
        self._frame = frame
        self.changed.emit(frame)
        self.repaint.emit(None)
        self._tell_status(frame)

    def _tell_status(self, frame: CropFrame | None) -> None:
        if frame is None:
            self.status.emit("")
            return
        rect = frame.rect
        sides: dict[str, object] = {"width": rect.width, "height": rect.height}
        if frame.degrees:
            self.status.emit(say(text.CROP_STATUS_TURNED, **sides, degrees=f"{frame.degrees:.1f}"))
        else:
            self.status.emit(say(text.CROP_STATUS, **sides, x=rect.left, y=rect.top))

    # Dragging

    def hover(self, event: PointerEvent) -> None:
        if self._frame is not None:
            self._zone = self._zone_at(self._frame, event)

    def press(self, event: PointerEvent) -> None:
        if self._frame is None:
            return
        zone = self._zone_at(self._frame, event)
        if event.clicks == 2 and zone.is_inside:
            self.apply()
            return
        self._drag = _Drag(event, self._frame, zone, zone.is_inside and self._is_whole)

    def move(self, event: PointerEvent) -> None:
        drag = self._drag
        if drag is None:
            return
        start, frame = drag.start, drag.frame
        x, y = event.x - start.x, event.y - start.y
        if drag.zone.handle is not None:
            self._set(self._pulled(drag, drag.zone.handle, x, y, event))
        elif drag.draws:
            end = self._snapped_spot(event.x, event.y, event)
            self._set(drawn_frame((start.x, start.y), end, self._ratio_for(drag, event)))
        elif drag.zone.is_inside:
            self._set(self._moved(frame, round(x), round(y), event))
        else:
            turned = angle_between(frame.middle, (start.x, start.y), (event.x, event.y)) + frame.degrees
            self._set(frame.turned_to(round(turned / STEP_DEG) * STEP_DEG if event.shift else turned))

    def release(self, event: PointerEvent) -> None:
        self._drag = None
        self.host.end_snapping()

    def cancel(self) -> None:
        drag, self._drag = self._drag, None
        if drag is not None:
            self.host.end_snapping()
            self._set(drag.frame)

    def document_changed(self, news: DocumentChanged) -> None:
        """A canvas of another size has another frame."""
        if news.new.size != news.old.size:
            self.reset()

    def _zone_at(self, frame: CropFrame, event: PointerEvent) -> Zone:
        return zone_at(frame.framing, self.host.transform, (event.view_x, event.view_y), with_pivot=False)

    def _ratio_for(self, drag: _Drag, event: PointerEvent) -> float | None:
        """The proportion to keep; where none is set, Shift keeps that of the frame, and draws squares."""
        if self.ratio is not None or not event.shift:
            return self.ratio
        return 1.0 if drag.draws else drag.frame.rect.width / drag.frame.rect.height

    def _pulled(self, drag: _Drag, handle: Handle, x: float, y: float, event: PointerEvent) -> CropFrame:
        """Resized; the sides of an upright frame go onto what attracts them."""
        frame, ratio = drag.frame, self._ratio_for(drag, event)
        if not frame.degrees and ratio is None:
            at_x, at_y = handle.on(frame.rect)
            to_x, to_y = self._snapped_spot(at_x + x, at_y + y, event)
            x, y = to_x - at_x, to_y - at_y
        return frame.pulled(handle, x, y, ratio, from_middle=event.alt)

    def _moved(self, frame: CropFrame, x: int, y: int, event: PointerEvent) -> CropFrame:
        moved = frame.moved(x, y)
        if event.control or frame.degrees:
            self.host.end_snapping()
            return moved
        snap = self.host.snapped(moved.rect).offset
        return moved.moved(snap.x, snap.y)

    def _snapped_spot(self, x: float, y: float, event: PointerEvent) -> tuple[float, float]:
        if event.control:
            self.host.end_snapping()
            return x, y
        spot = Rect(round(x), round(y), round(x), round(y))
        found = self.host.snapped(spot)
        return (
            spot.left + found.offset.x if found.columns else x,
            spot.top + found.offset.y if found.rows else y,
        )

    # Keys

    def claims(self, event: QKeyEvent) -> bool:
        return self._frame is not None and event.key() in (*_ENTER, *_ARROWS, Qt.Key.Key_Escape)

    def key_press(self, event: QKeyEvent) -> bool:
        frame = self._frame
        if frame is None or self._drag is not None:
            return False
        key = Qt.Key(event.key())
        if key in _ENTER:
            self.apply()
        elif key is Qt.Key.Key_Escape:
            self.discard()
        elif key in _ARROWS:
            far = FAR_PX if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            step = Point(_ARROWS[key][0] * far, _ARROWS[key][1] * far)
            self._set(frame.moved(step.x, step.y))
        else:
            return False
        return True

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        """What would go is shaded; the frame has lines at its thirds."""
        if self._frame is None:
            return
        framing = self._frame.framing
        shape = outline(framing, transform)
        around = QPainterPath()
        around.addRect(painter.viewport().toRectF())
        inside = QPainterPath()
        inside.addPolygon(shape)
        inside.closeSubpath()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not transform.is_upright or self._frame.degrees != 0)
        painter.fillPath(around.subtracted(inside), _SHADE)
        if not self._is_whole:
            _draw_thirds(painter, shape)
        draw_frame(painter, transform, framing, look)


def _draw_thirds(painter: QPainter, shape: QPolygonF) -> None:
    """Two lines each way."""
    top_left, top_right, bottom_right, bottom_left = (shape.at(index) for index in range(4))

    def between(start: QPointF, end: QPointF, share: float) -> QPointF:
        return start + (end - start) * share

    for color, width in ((QColor(0, 0, 0, 90), 2.0), (QColor(255, 255, 255, 150), 1.0)):
        painter.setPen(QPen(color, width))
        for share in (1 / 3, 2 / 3):
            painter.drawLine(between(top_left, top_right, share), between(bottom_left, bottom_right, share))
            painter.drawLine(between(top_left, bottom_left, share), between(top_right, bottom_right, share))
