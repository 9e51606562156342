"""The magic wand: selecting colours like the one that is clicked."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QWidget

from studio.core import edits
from studio.core.geometry import Point
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tools.select import Gesture, SelectTool
from studio.ui.canvas.tools.select_options import WandOptions
from studio.ui.canvas.tools.select_settings import WandSet
from studio.ui.selecting import text
from studio.ui.selecting.text import say


class MagicWandTool(SelectTool):
    """A click, or the start of a drag, names the colour. The picture is searched beside the window."""

    def __init__(self, kit: ToolKit) -> None:
        super().__init__(kit)
        self.settings = kit.options("wand", WandSet())

    @property
    def name(self) -> str:
        return say(text.WAND)

    def options(self, parent: QWidget) -> QWidget:
        return WandOptions(self.shared, self.settings, parent)

    def finish(self, gesture: Gesture) -> None:
        self.clicked(gesture)

    def clicked(self, gesture: Gesture) -> None:
        session, now = self.host.session, self.settings.now
        at = Point(math.floor(gesture.start.x), math.floor(gesture.start.y))
        source = None if now.all_layers or not session.selection else session.selection[0]
        if not session.document.canvas.contains_point(at):
            self.host.tell(say(text.OFF_CANVAS))
            return
        if source is None and not now.all_layers:
            self.host.tell(say(text.NO_LAYER))
            return
        find = edits.step(
            edits.select_similar,
            at,
            tolerance=now.tolerance,
            contiguous=now.contiguous,
            antialias=self.shared.now.antialias,
            source=source,
        )
        self.select_soon(find, gesture.combine)
