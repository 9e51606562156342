"""Place object: the chosen layer is shown where it fits and as large as it is there; one step puts it there."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent
from PySide6.QtWidgets import QWidget

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.events import DocumentChanged, Subscription
from studio.core.geometry import EMPTY, Affine, Rect
from studio.core.homography import Homography, Spot
from studio.core.layers import Layer, LayerId
from studio.plugin_api.interactions import Candidates, HeatMap, Suggestions
from studio.retouch import retouch_step
from studio.ui.canvas.interactions.candidates import CandidatesInteraction
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.placing import PlaceFinder, solid_part
from studio.ui.canvas.tool import CanvasHost, PointerEvent
from studio.ui.canvas.tools import place_text as text
from studio.ui.canvas.tools.place_options import PlaceOptions, PlaceSettings
from studio.ui.canvas.tools.place_text import say
from studio.ui.canvas.tools.transform_work import frame_of, why_not
from studio.ui.refusals import say_refusal

DRAG_PX = 4
"""How far (logical pixels) the pointer goes before it drags."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the object is shown: the centre of its box and its larger side, in canvas pixels."""

    center: Spot
    side: float

    @classmethod
    def of(cls, rect: Rect) -> Target:
        return cls(((rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2), max(rect.width, rect.height))


class PlaceTool(CandidatesInteraction):
    """Shows the best places of the chosen layer; a drag shows how large it is under the pointer, as fast as the worker
    answers. The document stays as it is until the place is applied.

    `target_changed` tells that the object is shown elsewhere, or nowhere (None).
    """

    target_changed = Signal(object)

    def __init__(self, kit: ToolKit) -> None:
        super().__init__(Candidates())
        self.settings = kit.options("place", PlaceSettings())
        self._layer: Layer | None = None
        self._frame = EMPTY
        self._map: HeatMap | None = None
        self._target: Target | None = None
        self._pressed: PointerEvent | None = None
        self._dragged = False
        self._shown = EMPTY
        self._finder: PlaceFinder | None = None
        self._held: list[Subscription] = []
        self.changed.connect(self._on_chosen)
        self.accepted.connect(self.apply)
        self._inside = self.settings.now.inside

    @property
    def name(self) -> str:
        return say(text.PLACE)

    @property
    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.ClosedHandCursor) if self._dragged else super().cursor

    @property
    def target(self) -> Target | None:
        """Where the object is shown; None while it is where it was."""
        return self._target

    def options(self, parent: QWidget) -> QWidget:
        return PlaceOptions(self, self.target_changed, parent)

    # Beginning and ending

    def activate(self, host: CanvasHost) -> None:
        super().activate(host)
        self._finder = PlaceFinder(host.session, host.request_image, self)
        session = host.session
        self._held = [
            self.settings.changed.connect(lambda _: self._on_settings()),
            session.selected.connect(lambda _: self._on_selected()),
            session.opened.connect(lambda _: self._on_opened()),
            session.was_shut.connect(lambda _: self._drop()),
        ]
        self._begin()

    def deactivate(self) -> None:
        self.cancel()
        self._commit()
        for subscription in self._held:
            subscription.close()
        self._held = []
        super().deactivate()

    def apply(self) -> None:
        """Put the layer where it is shown. What the document refuses is told, and nothing is lost."""
        if self.is_pending:
            self._commit()
            self.done.emit()

    @property
    def is_pending(self) -> bool:
        return self._layer is not None and self._target is not None

    def settle(self) -> bool:
        """Apply what is shown, that of a drag under way too; where the document refuses it, look for places anew."""
        if not self.is_pending:
            return True
        if self._commit():
            self.done.emit()
            return True
        self._begin()
        return False

    def _commit(self) -> bool:
        """Put the layer where it is shown, and have nothing under way. Returns whether the document took it."""
        layer, move = self._layer, self._move()
        self._drop()
        if layer is None or move is None:
            return True
        history, added = self.host.session.history, self.settings.now
        try:
            with history.transaction(text.PLACE):
                history.apply(edits.step(edits.transform_layers, (layer.id,), move))
                if added.shadow:
                    history.apply(retouch_step("cast_shadow", layer_id=layer.id, name=say(text.SHADOW_NAME)))
                if added.light:
                    history.apply(retouch_step("match_light", layer_id=layer.id, name=say(text.LIGHT_NAME)))
        except StudioError as error:
            self.host.tell(say_refusal(error))
            return False
        return True

    def discard(self) -> None:
        """Leave the layer as it was."""
        self._drop()
        self.done.emit()

    def cancel(self) -> None:
        self._pressed, self._dragged = None, False

    def _on_selected(self) -> None:
        """Another layer is chosen: the one of before is done with."""
        self._commit()
        self._begin()

    def _begin(self) -> None:
        """Ask where the chosen layer fits, or tell why it cannot be placed."""
        self._drop()
        session = self.host.session
        if not session.has_document or self._finder is None:
            return
        chosen = session.selection[:1]
        if reason := why_not(session.document, chosen):
            self.host.tell(reason)
            return
        self._look(session.document, chosen[0])

    def _on_opened(self) -> None:
        """Another document: go on with the layer that is chosen in it, if there is one."""
        if self.host.session.selection:
            self._begin()
        else:
            self._drop()

    def _look(self, document: Document, layer_id: LayerId) -> None:
        assert self._finder is not None
        self._layer = document.layer(layer_id)
        self._frame = frame_of(document, (solid_part(self._layer),))
        self.status.emit(say(text.LOOKING, name=self._layer.name))
        self._finder.look(document, layer_id, inside=self.settings.now.inside)
        self._finder.ask(self._take_places)

    def _drop(self) -> None:
        """Show the document as it is, and have nothing under way."""
        self.cancel()
        if self._finder is not None:
            self._finder.forget()
        self._layer = self._map = None
        self.set_value(Candidates())
        self._show_heat()
        self._aim(None)

    def document_changed(self, news: DocumentChanged) -> None:
        """Another picture, or another object: the places of before mean nothing."""
        is_other = not news.changes.dirty.is_empty or news.old.selection != news.new.selection
        if self._layer is not None and is_other and self.is_active:
            self._begin()

    # What the worker says

    def _take_places(self, told: Suggestions | StudioError) -> None:
        if self._layer is None:
            return
        if isinstance(told, StudioError):
            self.status.emit("")
            self.host.tell(say_refusal(told))
            return
        self._map = told.heat
        self.set_value(told.candidates)
        self._show_heat()
        self.status.emit(say(text.FOUND, name=self._layer.name, count=len(told.candidates.places)))

    def _take_size(self, told: Suggestions | StudioError) -> None:
        """How large the object is where it is dragged to; where it fits nowhere it keeps the size it had."""
        if self._target is None or isinstance(told, StudioError) or not told.candidates.places:
            return
        box = told.candidates.places[0].box
        self._map = told.heat  # of the size that it has there
        self._show_heat()
        self._aim(Target(self._target.center, max(box.width, box.height)))

    def _on_settings(self) -> None:
        """Other limits ask for other places; the rest only shows something else."""
        self._show_heat()
        if self._inside != self.settings.now.inside:
            self._inside = self.settings.now.inside
            if self.is_active:
                self._begin()

    def _show_heat(self) -> None:
        self.set_heat(self._map if self.settings.now.heat else None)

    # The pointer and the keys

    def press(self, event: PointerEvent) -> None:
        self._pressed = event
        if event.clicks == 2 and self._target is not None:
            self.apply()
        elif (index := self.place_at(event)) is not None:
            self.choose(index)

    def move(self, event: PointerEvent) -> None:
        start = self._pressed
        if start is None or self._layer is None or self._finder is None:
            return
        away = math.hypot(event.view_x - start.view_x, event.view_y - start.view_y)
        if not self._dragged and away < DRAG_PX:
            return
        if not self._dragged:
            self._dragged = True
            self.choose(None)
            self.cursor_changed.emit()
        side = self._target.side if self._target is not None else max(self._frame.width, self._frame.height)
        canvas = self.host.session.document.size
        center = min(max(event.x, 0.0), canvas.width - 1.0), min(max(event.y, 0.0), canvas.height - 1.0)
        self._aim(Target(center, side))
        self._finder.ask(self._take_size, center)

    def release(self, event: PointerEvent) -> None:
        self.cancel()
        self.cursor_changed.emit()

    def claims(self, event: QKeyEvent) -> bool:
        asks = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
        return (asks and self._layer is not None) or super().claims(event)

    def key_press(self, event: QKeyEvent) -> bool:
        if self._layer is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.apply()
            return True
        if self._layer is not None and event.key() == Qt.Key.Key_Escape:
            self.discard()
            return True
        return super().key_press(event)

    # Showing

    def _on_chosen(self, value: Candidates) -> None:
        if value.choice is not None:
            self._aim(Target.of(value.choice.box.rect))
        elif not self._dragged:
            self._aim(None)

    def _aim(self, target: Target | None) -> None:
        """Show the object there."""
        if target == self._target:
            return
        self._target = target
        self._show()
        self.target_changed.emit(target)
        self.repaint.emit(None)

    def _move(self) -> Homography | None:
        """From where the object is to where it is shown."""
        if self._target is None or self._frame.is_empty:
            return None
        (x, y), frame = self._target.center, self._frame
        factor = max(self._target.side, 1.0) / max(frame.width, frame.height)
        middle = (frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2
        to_origin = Affine.translation(-middle[0], -middle[1])
        return Homography.of(to_origin.then(Affine.scale(factor, factor)).then(Affine.translation(x, y)))

    def _show(self) -> None:
        layer, move = self._layer, self._move()
        if not self.is_active or not self.host.session.has_document:
            return
        if layer is None or move is None:
            self.host.show_preview(None, self._shown)
            self._shown = EMPTY
            return
        try:
            preview = edits.transform_preview(self.host.session.document, (layer.id,), move)
        except StudioError:
            return
        now = Rect.union((layer.bounds, preview.layer(layer.id).bounds))
        self.host.show_preview(preview, Rect.union((self._shown, now)))
        self._shown = now
        box = preview.layer(layer.id).bounds
        self.status.emit(say(text.CHOSEN, name=layer.name, width=box.width, height=box.height, x=box.left, y=box.top))
