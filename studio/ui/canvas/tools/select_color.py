"""Picking colours out of the picture for a dialog that asks for them."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCursor

from studio.core.geometry import Point
from studio.ui.canvas.tool import PointerEvent, Tool
from studio.ui.selecting import text
from studio.ui.selecting.text import say


class ColorPickTool(Tool):
    """A press tells where: `picked` brings the canvas pixel and whether Alt was held."""

    picked = Signal(object, bool)

    @property
    def name(self) -> str:
        return say(text.RANGE_TITLE)

    @property
    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.CrossCursor)

    def press(self, event: PointerEvent) -> None:
        session = self.host.session
        at = Point(math.floor(event.x), math.floor(event.y))
        if session.has_document and session.document.canvas.contains_point(at):
            self.picked.emit(at, event.alt)
