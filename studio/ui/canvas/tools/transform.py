"""Free transform: a frame with handles around the chosen layers, which are seen transformed before they are."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QPainter, QPainterPath, QTransform
from PySide6.QtWidgets import QWidget

from studio.core.document import Document
from studio.core.edits.targets import outermost
from studio.core.errors import StudioError
from studio.core.events import DocumentChanged, Subscription
from studio.core.geometry import EMPTY, Rect
from studio.core.history import LabelledEdit
from studio.core.homography import Homography, Spot
from studio.ui.canvas.framing import Framing, Placement
from studio.ui.canvas.interactions.handles import Handle
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.outline import outline_of
from studio.ui.canvas.overlays import draw_ants
from studio.ui.canvas.picture import qtransform
from studio.ui.canvas.tool import CanvasHost, PointerEvent, Tool
from studio.ui.canvas.tools import transform_text as text
from studio.ui.canvas.tools.aside import EditAside
from studio.ui.canvas.tools.frame_marks import Zone, cursor_of, draw_frame, draw_pivot, zone_at
from studio.ui.canvas.tools.transform_options import TransformOptions, TransformSettings
from studio.ui.canvas.tools.transform_outline import OutlineWork
from studio.ui.canvas.tools.transform_text import say
from studio.ui.canvas.tools.transform_work import TransformWork, why_not
from studio.ui.canvas.transform import ViewTransform
from studio.ui.refusals import say_refusal

STEP_DEG = 15.0
"""What Shift turns by."""
FAR_PX = 10
"""How far an arrow key moves with Shift, in canvas pixels; without it moves one."""
AT_ONCE_PX = 1_000_000
"""Layers of up to so many pixels are transformed at once, others beside the window."""
PIVOT_SNAP_PX = 8
"""How near to a handle (logical pixels) the pivot goes onto it."""
OUTLINE_PIXELS = 1_000_000
"""The outline of a selection that is transformed is found at so many pixels at most."""
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Mode(StrEnum):
    """What dragging a handle does with no key held."""

    FREE = "free"
    SCALE = "scale"
    ROTATE = "rotate"
    SKEW = "skew"
    DISTORT = "distort"
    PERSPECTIVE = "perspective"


@dataclass(frozen=True, slots=True)
class _Drag:
    start: PointerEvent
    framing: Framing
    zone: Zone
    grab: Spot = (0.0, 0.0)


class FreeTransformTool(Tool):
    """Transforms the chosen layers; the document stays as it is until it is applied.

    Enter applies it as one step, and so does changing the tool or the chosen layers; Escape leaves everything as it
    was. `changed` tells of another frame (None when nothing is transformed), `done` that it was applied or cancelled.
    """

    changed = Signal(object)

    def __init__(self, kit: ToolKit | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = (kit or ToolKit()).options("transform", TransformSettings())
        self._mode = Mode.FREE
        self._work: TransformWork | OutlineWork | None = None
        self._framing: Framing | None = None
        self._past: list[Framing] = []
        self._drag: _Drag | None = None
        self._zone = Zone()
        self._shown = EMPTY
        self._held: list[Subscription] = []
        self._aside: EditAside | None = None
        self._on_outline = False
        self._outline: QPainterPath | None = None

    @property
    def name(self) -> str:
        return say(text.TRANSFORM)

    @property
    def cursor(self) -> QCursor:
        zone = self._zone if self._drag is None else self._drag.zone
        if self._framing is None:
            return QCursor(Qt.CursorShape.ArrowCursor)
        return cursor_of(zone, self._framing, self.host.transform)

    def options(self, parent: QWidget) -> TransformOptions:
        return TransformOptions(self, self.changed, parent)

    # Beginning and ending

    @property
    def framing(self) -> Framing | None:
        """The transform so far; None when nothing is transformed."""
        return self._framing

    @property
    def mode(self) -> Mode:
        return self._mode

    def set_mode(self, mode: Mode) -> None:
        """What dragging a handle does from now on."""
        self._mode = mode
        self.repaint.emit(None)

    def work_on_outline(self) -> None:
        """Transform the selection and not the layers, from now on until that is applied or cancelled."""
        if self.is_active:
            self._commit()
        self._on_outline = True
        if self.is_active:
            self._begin()

    def activate(self, host: CanvasHost) -> None:
        super().activate(host)
        session = host.session
        self._held = [
            self.settings.changed.connect(lambda _: self._show()),
            session.selected.connect(lambda _: self._on_selected()),
            session.opened.connect(lambda _: self._drop()),
            session.was_shut.connect(lambda _: self._drop()),
        ]
        self._begin()

    def deactivate(self) -> None:
        self.cancel()
        self._commit()
        for subscription in self._held:
            subscription.close()
        self._held = []
        self._mode = Mode.FREE
        self._on_outline = False
        super().deactivate()

    def apply(self) -> None:
        """Transform the layers as they are shown; what takes long is worked out beside the window.

        What the document refuses is told, and nothing is lost.
        """
        work, framing, step = self._work, self._framing, self._step()
        if work is None or framing is None or self._aside is not None:
            return
        if step is None or work.area <= AT_ONCE_PX or framing.move.whole_offset is not None:
            self._commit()
            self.done.emit()
            return
        self._aside = EditAside(step, self.host.session.document, self)
        self._aside.finished.connect(self._on_finished)
        self._aside.finished.connect(self._aside.deleteLater)
        self.status.emit(say(text.APPLYING))
        self._aside.start()

    @property
    def is_pending(self) -> bool:
        return self._step() is not None

    def settle(self) -> bool:
        """Apply what is shown, that of a drag under way too; a frame that nothing was done to stays."""
        work, framing, past = self._work, self._framing, self._past
        if framing is None or not self.is_pending:
            return True
        self._drag = None
        if self._commit():
            self.done.emit()
            return True
        self._work, self._past = work, past
        self._set(framing)
        return False

    def _on_finished(self) -> None:
        if self._aside is not None:
            self._commit()
            self.done.emit()

    def _step(self) -> LabelledEdit | None:
        """What makes the document look as it is shown; None when that is as it is."""
        work, framing = self._work, self._framing
        return None if work is None or framing is None else work.step(framing, self.settings.now.sampling)

    def _commit(self) -> bool:
        """Apply now; what is being worked out already is waited for. Returns whether the document took it."""
        step, aside = self._step(), self._aside
        self._drop()
        if step is None:
            return True
        try:
            self.host.session.history.apply(step if aside is None else aside.take())
        except StudioError as error:
            self.host.tell(say_refusal(error))
            return False
        return True

    def discard(self) -> None:
        """Leave the layers as they were."""
        self._drop()
        self.done.emit()

    def reset(self) -> None:
        """Everything back where it was, and go on."""
        if self._framing is not None:
            self._take(Framing.around(self._framing.rect))

    def _begin(self) -> None:
        """Put a frame around the chosen layers, or tell why there cannot be one."""
        session = self.host.session
        if not session.has_document:
            return
        if self._on_outline:
            self._begin_on_outline(session.document)
            return
        reason = why_not(session.document, session.selection)
        if reason:
            self.host.tell(reason)
            return
        try:
            work = TransformWork.of(session.document, session.selection)
        except StudioError as error:
            self.host.tell(say_refusal(error))
            return
        self._work = work
        self._past = []
        self._set(Framing.around(work.frame))

    def _begin_on_outline(self, document: Document) -> None:
        if document.selection is None:
            self.host.tell(say(text.NOTHING_SELECTED))
            return
        work = self._work = OutlineWork(document.selection)
        step = 1
        while work.area > OUTLINE_PIXELS * step * step:
            step *= 2
        self._outline = outline_of(document.selection.read(work.frame), step).translated(
            work.frame.left, work.frame.top
        )
        self._past = []
        self._set(Framing.around(work.frame))

    def _drop(self) -> None:
        """Show the document as it is, and have nothing under way."""
        self._aside = None
        if self._framing is None:
            return
        self._drag = self._framing = self._work = self._outline = None
        self._past = []
        if self.host.session.has_document:
            self.host.end_snapping()
            self.host.show_preview(None, self._shown)
        self._shown = EMPTY
        self.changed.emit(None)
        self.status.emit("")
        self.repaint.emit(None)

    def _on_selected(self) -> None:
        """Other layers are chosen: those of before are done with."""
        session = self.host.session
        work = self._work
        if self._on_outline:
            return
        chosen = outermost(session.document, session.selection) if session.selection else ()
        if work is not None and tuple(layer.id for layer in chosen) == work.ids:
            return
        self._commit()
        if session.selection:
            self._begin()

    def document_changed(self, news: DocumentChanged) -> None:
        """Go on with the new document while it has the same layers, else begin anew with what it has."""
        work = self._work
        if work is None or self._aside is not None:  # what is worked out is laid onto the new document
            return
        if work.is_same(news):
            self._shown = Rect.union((self._shown, news.changes.dirty))
            self._show()
            return
        self._drop()
        if self._on_outline:
            if news.new.selection is not None:
                self._begin()
        elif news.new.layers and not why_not(news.new, self.host.session.selection):
            self._begin()

    # Numbers

    def place(self, placement: Placement) -> None:
        """Transform as the numbers say; those that would make it flat are told."""
        if self._framing is None:
            return
        try:
            self._take(self._framing.placed(placement))
        except StudioError as error:
            self.host.tell(say_refusal(error))
            self.changed.emit(self._framing)

    def turn(self, degrees: float) -> None:
        """Turn by this angle about the pivot."""
        if self._framing is not None:
            self._take(self._framing.turned(degrees))

    def mirror(self, across: float, down: float) -> None:
        """Flip about the pivot where a factor is -1."""
        if self._framing is not None:
            self._take(self._framing.mirrored(across, down))

    def _take(self, framing: Framing) -> None:
        """Another frame, which undo takes back."""
        if self._framing is not None and framing != self._framing and self._aside is None:
            self._past.append(self._framing)
            self._set(framing)

    def _set(self, framing: Framing) -> None:
        self._framing = framing
        self._show()
        self.changed.emit(framing)
        self._tell_status(framing)
        self.repaint.emit(None)

    def _show(self) -> None:
        """Have the picture show the layers where the frame is; a map that cannot be is not shown."""
        work, framing = self._work, self._framing
        if work is None or framing is None or not self.is_active:
            return
        try:
            preview, now = work.preview(self.host.session.document, framing, self.settings.now.sampling)
        except StudioError:
            return
        before = Rect.union(layer.bounds for layer in work.layers)
        self.host.show_preview(preview, Rect.union((self._shown, now, before)))
        self._shown = Rect.union((now, before))

    def _tell_status(self, framing: Framing) -> None:
        placement, bounds = framing.placement, framing.bounds
        if placement is None:
            self.status.emit(say(text.STATUS_BENT, width=bounds.width, height=bounds.height))
            return
        self.status.emit(
            say(
                text.STATUS,
                width=round(abs(placement.across) * framing.rect.width),
                height=round(abs(placement.down) * framing.rect.height),
                x=bounds.left,
                y=bounds.top,
                degrees=f"{placement.degrees:g}",
            )
        )

    # Dragging

    def hover(self, event: PointerEvent) -> None:
        if self._framing is not None:
            self._zone = zone_at(self._framing, self.host.transform, (event.view_x, event.view_y))

    def press(self, event: PointerEvent) -> None:
        framing = self._framing
        if self._aside is not None:
            return
        if framing is None:
            self._begin()
            return
        zone = zone_at(framing, self.host.transform, (event.view_x, event.view_y))
        if event.clicks == 2 and zone.is_inside:
            self.apply()
            return
        if self._mode is Mode.ROTATE and not zone.is_pivot:
            zone = Zone()
        at = framing.at(zone.handle) if zone.handle is not None else framing.pivot_now
        self._past.append(framing)
        self._drag = _Drag(event, framing, zone, (at[0] - event.x, at[1] - event.y))

    def move(self, event: PointerEvent) -> None:
        drag = self._drag
        if drag is None:
            return
        zone = drag.zone
        if zone.is_pivot:
            self._set(drag.framing.with_pivot(*self._pivot_spot(drag, event)))
        elif zone.is_inside:
            self._set(self._moved(drag, event))
        elif zone.handle is not None:
            self._set(self._pulled(drag, zone.handle, event))
        else:
            self._set(self._rotated(drag, event))

    def release(self, event: PointerEvent) -> None:
        if self._drag is None:
            return
        self._drag = None
        self.host.end_snapping()
        if self._past and self._framing == self._past[-1]:
            self._past.pop()

    def cancel(self) -> None:
        drag, self._drag = self._drag, None
        if drag is not None:
            self._past.pop()
            self.host.end_snapping()
            self._set(drag.framing)

    def _moved(self, drag: _Drag, event: PointerEvent) -> Framing:
        """By whole pixels; Shift keeps to one axis, Control leaves out snapping."""
        x, y = round(event.x - drag.start.x), round(event.y - drag.start.y)
        if event.shift:
            x, y = (x, 0) if abs(x) >= abs(y) else (0, y)
        moved = drag.framing.moved(x, y)
        if event.control:
            self.host.end_snapping()
            return moved
        snap = self.host.snapped(moved.bounds, self._ignoring).offset
        if event.shift:
            snap = replace(snap, x=snap.x if x else 0, y=snap.y if y else 0)
        return moved.moved(snap.x, snap.y)

    def _rotated(self, drag: _Drag, event: PointerEvent) -> Framing:
        """As the pointer goes round the pivot; Shift turns the whole frame to steps of 15 degrees."""
        x, y = drag.framing.pivot_now
        before = math.atan2(drag.start.y - y, drag.start.x - x)
        degrees = math.degrees(math.atan2(event.y - y, event.x - x) - before)
        if event.shift:
            placement = drag.framing.placement
            start = 0.0 if placement is None else placement.degrees
            degrees = round((start + degrees) / STEP_DEG) * STEP_DEG - start
        return drag.framing.turned(degrees)

    def _pulled(self, drag: _Drag, handle: Handle, event: PointerEvent) -> Framing:
        corner = bool(handle.across and handle.down)
        to = event.x + drag.grab[0], event.y + drag.grab[1]
        offset = event.x - drag.start.x, event.y - drag.start.y
        free = self._mode in (Mode.FREE, Mode.SCALE)
        if self._mode is Mode.PERSPECTIVE or (free and event.control and event.alt and event.shift):
            if corner:
                return drag.framing.bent(handle, to, mirror=True)
            return drag.framing.slanted(handle, *offset, along=True)
        if self._mode is Mode.DISTORT or (free and event.control):
            if corner:
                return drag.framing.bent(handle, to)
            return drag.framing.slanted(handle, *offset, along=event.shift)
        if self._mode is Mode.SKEW and not corner:
            return drag.framing.slanted(handle, *offset, along=True)
        return self._stretched(drag, handle, to, event)

    def _stretched(self, drag: _Drag, handle: Handle, to: Spot, event: PointerEvent) -> Framing:
        """Scaled, the handle on a line that attracts it and the edges of an upright frame on whole pixels."""
        keep = self.settings.now.linked != event.shift
        out = drag.framing.stretched(handle, to, keep_aspect=keep, about_pivot=event.alt)
        if not drag.framing.is_upright:
            return out
        x, y = out.at(handle)
        spot = Rect(round(x), round(y), round(x), round(y))
        snap = self.host.snapped(spot, self._ignoring)
        if snap.columns or snap.rows:
            near = (spot.left + snap.offset.x if snap.columns else x, spot.top + snap.offset.y if snap.rows else y)
            if keep and handle.across and handle.down and not (snap.columns and snap.rows):
                near = _on_diagonal(drag.framing, handle, near, self._anchor(drag.framing, handle, event), snap.columns)
            out = drag.framing.stretched(handle, near, keep_aspect=keep, about_pivot=event.alt)
        return out.squared()

    def _anchor(self, framing: Framing, handle: Handle, event: PointerEvent) -> Spot:
        return framing.pivot_now if event.alt else framing.at(Handle(-handle.across, -handle.down))

    def _pivot_spot(self, drag: _Drag, event: PointerEvent) -> Spot:
        """Under the pointer, or on a handle or the middle of the frame that is near."""
        to = event.x + drag.grab[0], event.y + drag.grab[1]
        reach = PIVOT_SNAP_PX / self.host.transform.scale
        spots = [drag.framing.at(Handle(x, y)) for x in (-1, 0, 1) for y in (-1, 0, 1)]
        near = min(spots, key=lambda spot: math.dist(spot, to))
        return near if math.dist(near, to) <= reach and not event.control else to

    @property
    def _ignoring(self) -> frozenset[str]:
        return frozenset() if self._work is None else self._work.ignoring

    # Keys

    def claims(self, event: QKeyEvent) -> bool:
        if self._framing is None:
            return False
        return event.key() in (*_ENTER, *_ARROWS, Qt.Key.Key_Escape) or (_is_undo(event) and bool(self._past))

    def key_press(self, event: QKeyEvent) -> bool:
        if self._framing is None or self._drag is not None or (self._aside is not None and not _is_escape(event)):
            return False
        key = Qt.Key(event.key())
        if key in _ENTER:
            self.apply()
        elif key is Qt.Key.Key_Escape:
            self.discard()
        elif key in _ARROWS:
            far = FAR_PX if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            x, y = _ARROWS[key]
            self._take(self._framing.moved(x * far, y * far))
        elif _is_undo(event) and self._past:
            self._set(self._past.pop())
        else:
            return False
        return True

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if self._framing is not None:
            if self._outline is not None:
                painter.save()
                moved = _qtransform(self._framing.move) * qtransform(transform.affine)
                draw_ants(painter, moved.map(self._outline))
                painter.restore()
            draw_frame(painter, transform, self._framing, look)
            draw_pivot(painter, transform, self._framing, look)


def _on_diagonal(framing: Framing, handle: Handle, near: Spot, anchor: Spot, columns: tuple[int, ...]) -> Spot:
    """The spot on the line from the anchor through the handle that has the snapped coordinate of `near`."""
    x, y = framing.at(handle)
    if columns:
        share = (near[0] - anchor[0]) / (x - anchor[0]) if x != anchor[0] else 1.0
    else:
        share = (near[1] - anchor[1]) / (y - anchor[1]) if y != anchor[1] else 1.0
    return anchor[0] + share * (x - anchor[0]), anchor[1] + share * (y - anchor[1])


def _qtransform(move: Homography) -> QTransform:
    """The same map for Qt, which has it by columns."""
    a, b, c, d, e, f, g, h, i = move.values
    return QTransform(a, d, g, b, e, h, c, f, i)


def _is_escape(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Escape


def _is_undo(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Z and event.modifiers() == Qt.KeyboardModifier.ControlModifier
