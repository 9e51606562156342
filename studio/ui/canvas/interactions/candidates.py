"""Suggested places for an object, drawn over a map of how good each place is; one of them is chosen."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QCursor, QKeyEvent, QPainter

from studio.plugin_api.interactions import Candidates, HeatMap
from studio.ui.canvas import text
from studio.ui.canvas.interactions.marks import draw_box, draw_caption
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.overlays import HeatOverlay
from studio.ui.canvas.text import say
from studio.ui.canvas.tool import PointerEvent, Tool
from studio.ui.canvas.transform import ViewTransform

_NUMBER_KEYS = {Qt.Key(Qt.Key.Key_1 + i): i for i in range(9)}
_ACCEPT = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CandidatesInteraction(Tool):
    """Choose one of the suggested places by click, by its number, or with Tab; Escape chooses none.

    `changed` brings the value; `accepted` comes for a double click or Return on the chosen one.
    """

    changed = Signal(object)
    accepted = Signal()

    def __init__(self, value: Candidates, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._value = value
        self._over: int | None = None
        self._heat = HeatOverlay(self)
        self._heat.repaint.connect(self.repaint)

    @property
    def name(self) -> str:
        return say(text.CANDIDATES)

    @property
    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.ArrowCursor if self._over is None else Qt.CursorShape.PointingHandCursor)

    @property
    def value(self) -> Candidates:
        return self._value

    def set_value(self, value: Candidates) -> None:
        """Show other places; nothing is emitted."""
        self._value = value
        self._over = None
        self.repaint.emit(None)

    def set_heat(self, heat: HeatMap | None) -> None:
        """Show how good each place is below the suggestions."""
        self._heat.set_map(heat)

    def choose(self, index: int | None) -> None:
        """Choose a place, or none."""
        if index == self._value.chosen:
            return
        self._value = replace(self._value, chosen=index)
        self.changed.emit(self._value)
        place = self._value.choice
        told = "" if place is None or index is None else self._words(index)
        self.status.emit(told)
        self.repaint.emit(None)

    def hover(self, event: PointerEvent) -> None:
        over = self.place_at(event)
        if over != self._over:
            self._over = over
            self.repaint.emit(None)

    def leave(self) -> None:
        self._over = None
        self.repaint.emit(None)

    def press(self, event: PointerEvent) -> None:
        index = self.place_at(event)
        self.choose(index)
        if event.clicks == 2 and index is not None:
            self.accepted.emit()

    def claims(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        chosen = self._value.chosen is not None
        return self._number(key) is not None or (chosen and key in (*_ACCEPT, Qt.Key.Key_Escape))

    def key_press(self, event: QKeyEvent) -> bool:
        key, chosen = Qt.Key(event.key()), self._value.chosen
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return self._go_on(-1 if key is Qt.Key.Key_Backtab else 1)
        if (number := self._number(key)) is not None:
            self.choose(number)
        elif key in _ACCEPT and chosen is not None:
            self.accepted.emit()
        elif key is Qt.Key.Key_Escape and chosen is not None:
            self.choose(None)
        else:
            return False
        return True

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        painter.save()
        self._heat.paint(painter, transform, look)
        painter.restore()
        for index in self._drawing_order():
            place, chosen = self._value.places[index], index == self._value.chosen
            color = look.accent if chosen else QColor(255, 255, 255, 255 if index == self._over else 190)
            draw_box(painter, transform, place.box.rect, color, firm=chosen or index == self._over, dashed=not chosen)
            x, y = min(transform.corners(place.box.rect), key=lambda corner: (round(corner[1]), corner[0]))
            words = say(text.CANDIDATE, number=index + 1, score=f"{place.score:.2f}")
            draw_caption(painter, (x + 5, y + 5), words, color, look)

    def _drawing_order(self) -> list[int]:
        """The best on top, and the chosen one over all."""
        order = list(range(len(self._value.places) - 1, -1, -1))
        return sorted(order, key=lambda index: index == self._value.chosen)

    def place_at(self, event: PointerEvent) -> int | None:
        """The suggestion under the pointer: the smallest, because larger ones are easy to hit elsewhere."""
        hit = [
            (place.box.rect.area, index)
            for index, place in enumerate(self._value.places)
            if place.box.x <= event.x < place.box.x + place.box.width
            and place.box.y <= event.y < place.box.y + place.box.height
        ]
        return min(hit)[1] if hit else None

    def _number(self, key: Qt.Key) -> int | None:
        number = _NUMBER_KEYS.get(key)
        return number if number is not None and number < len(self._value.places) else None

    def _go_on(self, step: int) -> bool:
        """To the next suggestion; after the last one the focus leaves the canvas."""
        count, chosen = len(self._value.places), self._value.chosen
        index = (0 if step > 0 else count - 1) if chosen is None else chosen + step
        if not 0 <= index < count:
            return False
        self.choose(index)
        return True

    def _words(self, index: int) -> str:
        place = self._value.places[index]
        return say(
            text.CANDIDATE_STATUS,
            number=index + 1,
            count=len(self._value.places),
            score=f"{place.score:.2f}",
            x=place.box.x,
            y=place.box.y,
        )
