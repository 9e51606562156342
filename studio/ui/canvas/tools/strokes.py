"""What all tools that paint with a brush have in common: the gesture, its one undo step, the outline, the keys."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCursor, QKeyEvent, QPainter

from studio.core.document import Document
from studio.core.edits.selections import set_selection
from studio.core.edits.targets import raster
from studio.core.edits.wet import State, with_state
from studio.core.errors import StudioError
from studio.core.events import Subscription, Subscriptions
from studio.core.geometry import Rect
from studio.core.history import History, LabelledEdit
from studio.core.layers import GroupLayer, Layer, RasterLayer, path_to
from studio.core.painting.brush import StrokePoint
from studio.lettering import is_written
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.overlays import BrushOutline
from studio.ui.canvas.tool import CanvasHost, PointerEvent, Tool
from studio.ui.canvas.tools import paint_text as text
from studio.ui.canvas.tools.brush_settings import BrushSettings, resized, softened
from studio.ui.canvas.tools.paint_text import say
from studio.ui.canvas.transform import ViewTransform
from studio.ui.refusals import say_refusal

SECOND_DIGIT_MS = 700
"""A digit within this time of another one makes a number of two with it."""
SETTLES_PX = 2.0
"""So many pixels of the picture settle whether Shift keeps a stroke to a row or to a column."""
_DIGITS = {Qt.Key(Qt.Key.Key_0.value + digit): digit for digit in range(10)}


class WetStroke(Protocol):
    """`Stroke` and `Smudge` of core."""

    def extend(self, points: Sequence[StrokePoint]) -> Rect: ...
    def finish(self) -> Rect: ...
    @property
    def edit(self) -> LabelledEdit: ...


@dataclass(slots=True)
class _Axis:
    """Keeps the points of a stroke to one row or column for as long as Shift is held."""

    start: StrokePoint | None = None
    """Where Shift was pressed."""
    across: bool | None = None
    """Along a row, or a column; settled by the first few pixels."""

    def kept(self, point: StrokePoint, last: StrokePoint, *, held: bool) -> StrokePoint:
        """Where a stroke that was at `last` goes on."""
        if not held:
            self.start = self.across = None
            return point
        if self.start is None:
            self.start = last
        along, down = abs(point.x - self.start.x), abs(point.y - self.start.y)
        if self.across is None and max(along, down) < SETTLES_PX:
            return self.start
        if self.across is None:
            self.across = along >= down
        return replace(point, y=self.start.y) if self.across else replace(point, x=self.start.x)


@dataclass(slots=True)
class _Gesture:
    """A stroke under way, which is `at` a place; `restore` makes a document of its history as it was before."""

    stroke: WetStroke
    history: History
    restore: Callable[[Document], Document]
    waiting: list[StrokePoint]
    at: StrokePoint

    @property
    def key(self) -> tuple[str, int]:
        return "stroke", id(self.stroke)


class PaintTool(Tool):
    """A tool that works on the active layer or its mask."""

    def __init__(self, kit: ToolKit) -> None:
        super().__init__()
        self.kit = kit

    def paintable(self) -> Layer | None:
        """The layer to work on, or on the mask of; None, and the user is told why, when there is none."""
        session = self.host.session
        if not session.has_document:
            return None
        document = session.document
        if not session.selection:
            return self._refuse(text.NO_LAYER, "")
        layer = document.layer(session.selection[0])
        hidden = next((step for step in path_to(document.layers, layer.id) if not step.visible), None)
        if hidden is not None:
            return self._refuse(text.HIDDEN, hidden.name)
        if self.kit.target.is_mask(layer):
            return layer
        if isinstance(layer, GroupLayer):
            return self._refuse(text.GROUP, layer.name)
        if is_written(layer):
            return self._refuse(text.WRITTEN, layer.name)
        return layer if isinstance(layer, RasterLayer) else self._refuse(text.ADJUSTMENT, layer.name)

    def try_to(self, work: Callable[[], object]) -> bool:
        """Do it; what goes wrong is told to the user. Returns whether it went well."""
        try:
            work()
        except StudioError as error:
            self.host.tell(say_refusal(error))
            return False
        return True

    def _refuse(self, sentence: str, name: str) -> None:
        self.host.tell(say(sentence, name=name))


class StrokeTool(PaintTool):
    """Paints while the button is down: one undo step, taken back by Escape.

    Shift+click goes straight on from where the last stroke ended; Shift pressed while painting keeps to a row or a
    column, whichever the pointer has gone further along since. Digits set the opacity: 1 is 10 %, 0 is 100 %, two
    quick ones are exact. What comes between two turns of the event loop is painted at once.
    """

    def __init__(self, kit: ToolKit, name: str, default: BrushSettings) -> None:
        super().__init__(kit)
        self.brush = kit.options(name, default)
        self._gesture: _Gesture | None = None
        self._last: StrokePoint | None = None
        self._axis = _Axis()
        self._known: weakref.ref[History] | None = None
        self._subscriptions = Subscriptions()
        self._strokes = 0
        self._digit: tuple[int, int] | None = None
        self._pointer: tuple[PointerEvent, ViewTransform] | None = None
        """Where the pointer is, and the view that its canvas point was told for."""
        self._outline = BrushOutline(self)
        self._outline.repaint.connect(self.repaint)
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._flush)
        self._held: Subscription = self.brush.changed.connect(self._show_brush)
        self._show_brush(self.brush.now)

    def begin(self, document: Document, layer: Layer, event: PointerEvent) -> WetStroke | None:
        """A stroke on this layer (or its mask, if that is the target); None when there is a reason not to.

        May raise StudioError.
        """
        raise NotImplementedError

    def begin_on_selection(self, document: Document, event: PointerEvent) -> WetStroke:
        """A stroke on the selection as a mask. May raise StudioError."""
        raise StudioError(say(text.NOT_ON_SELECTION))

    def forget(self) -> None:
        """Another document is worked on: no place of the last one counts."""
        self._last = None

    def activate(self, host: CanvasHost) -> None:
        super().activate(host)
        self._subscriptions.listen(host.session.opened, lambda _: self._meet())
        self._meet()

    def deactivate(self) -> None:
        self._subscriptions.close()
        super().deactivate()

    def takes(self, event: PointerEvent) -> bool:
        """Whether a press is something else than the beginning of a stroke, and is done with."""
        return False

    def painted(self) -> None:
        """A stroke is done."""

    @property
    def seed(self) -> int:
        """For the chance of brushes that have any: another one for each stroke."""
        return self._strokes

    @property
    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.BlankCursor)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if self._pointer is not None and self._pointer[1] != transform:  # the view moved under a pointer that rests
            event = self._pointer[0]
            self._pointer = event, transform
            self._outline.set_position(transform.to_canvas(event.view_x, event.view_y))
        self._outline.paint(painter, transform, look)

    def _meet(self) -> None:
        """Forget the last document if the one that is open is another."""
        session = self.host.session
        if session.has_document and (self._known is None or self._known() is not session.history):
            self._known = weakref.ref(session.history)
            self.forget()

    # The gesture

    def press(self, event: PointerEvent) -> None:
        self._point_at(event)
        if self.takes(event):
            return
        session = self.host.session
        if self.kit.target.is_selection and session.has_document:
            self._strokes += 1
            self.try_to(lambda: self._press_on_selection(session.document, event))
            return
        layer = self.paintable()
        if layer is None:
            return
        self._strokes += 1
        self.try_to(lambda: self._press(self.host.session.document, layer, event))

    def _press(self, document: Document, layer: Layer, event: PointerEvent) -> None:
        stroke = self.begin(document, layer, event)
        if stroke is None:
            return
        on_mask = self.kit.target.is_mask(layer)
        before = _state(document, layer, on_mask=on_mask)
        self._start(stroke, lambda now: with_state(now, layer.id, before, on_mask=on_mask), event)

    def _press_on_selection(self, document: Document, event: PointerEvent) -> None:
        before = document.selection
        stroke = self.begin_on_selection(document, event)
        self._start(stroke, lambda now: set_selection(now, before), event)

    def _start(self, stroke: WetStroke, restore: Callable[[Document], Document], event: PointerEvent) -> None:
        point = point_of(event)
        self._axis = _Axis(point if event.shift else None)
        start = [self._last, point] if event.shift and self._last is not None else [point]
        self._gesture = _Gesture(stroke, self.host.session.history, restore, start, point)
        self._last = point
        self._flush()

    def move(self, event: PointerEvent) -> None:
        self._point_at(event)
        if self._gesture is not None:
            self._last = self._axis.kept(point_of(event), self._gesture.at, held=event.shift)
            self._gesture.at = self._last
            self._gesture.waiting.append(self._last)
            if not self._soon.isActive():
                self._soon.start()

    def release(self, event: PointerEvent) -> None:
        self._flush()
        gesture = self._gesture
        if gesture is not None:
            if not gesture.stroke.finish().is_empty:
                self._apply(gesture)
            self.painted()
        self._end()

    def cancel(self) -> None:
        gesture, session = self._gesture, self.host.session
        if gesture is not None and session.has_document and session.history is gesture.history:
            with suppress(StudioError):  # the layer is gone
                session.history.apply(gesture.restore, merge_key=gesture.key)
        self._end()

    def hover(self, event: PointerEvent) -> None:
        self._point_at(event)

    def leave(self) -> None:
        self._pointer = None
        self._outline.set_position(None)

    @property
    def is_painting(self) -> bool:
        """Whether a stroke is under way."""
        return self._gesture is not None

    def _flush(self) -> None:
        """Paint what came since the last time."""
        self._soon.stop()
        gesture = self._gesture
        if gesture is None or not gesture.waiting:
            return
        points, gesture.waiting = gesture.waiting, []
        if not gesture.stroke.extend(points).is_empty and not self._apply(gesture):
            self._end()

    def _apply(self, gesture: _Gesture) -> bool:
        history = self.host.session.history
        return self.try_to(lambda: history.apply(gesture.stroke.edit, merge_key=gesture.key))

    def _end(self) -> None:
        self._soon.stop()
        if self._gesture is not None:
            self._gesture = None
            if self.host.session.has_document:
                self.host.session.history.seal()

    def _point_at(self, event: PointerEvent) -> None:
        self._pointer = event, self.host.transform
        self._outline.set_position((event.x, event.y))

    # What is set

    def resize(self, steps: int) -> None:
        """Make the brush so many steps larger, or smaller."""
        self.brush.change(size_px=resized(self.brush.now, steps))

    def harden(self, change: float) -> None:
        """Change the hardness by so much."""
        self.brush.change(hardness=softened(self.brush.now, change).hardness)

    def set_amount(self, share: float) -> None:
        """What digits set: the opacity, unless another number means more for this tool."""
        self.brush.change(opacity=share)

    def claims(self, event: QKeyEvent) -> bool:
        return _digit_of(event) is not None

    def key_press(self, event: QKeyEvent) -> bool:
        digit = _digit_of(event)
        if digit is None:
            return False
        before, self._digit = self._digit, (digit, event.timestamp())
        if before is not None and event.timestamp() - before[1] <= SECOND_DIGIT_MS:
            self._digit = None
            self.set_amount(max(1, 10 * before[0] + digit) / 100)
        else:
            self.set_amount((digit or 10) / 10)
        return True

    def _show_brush(self, now: BrushSettings) -> None:
        self._outline.set_brush(now.size_px, now.hardness, now.roundness, now.angle)


def point_of(event: PointerEvent) -> StrokePoint:
    """Where a stroke passes, as core takes it."""
    return StrokePoint(
        x=event.x,
        y=event.y,
        pressure=min(1.0, max(0.0, event.pressure)),
        tilt_x=event.tilt_x,
        tilt_y=event.tilt_y,
        time_ms=event.time_ms,
    )


def _digit_of(event: QKeyEvent) -> int | None:
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return _DIGITS.get(Qt.Key(event.key())) if held == Qt.KeyboardModifier.NoModifier else None


def _state(document: Document, layer: Layer, *, on_mask: bool) -> State:
    """The pixels that are painted on, and where they lie."""
    if on_mask and layer.mask is not None:
        return layer.mask.pixels, layer.mask.origin
    own = raster(document, layer.id)
    return own.pixels, own.origin
