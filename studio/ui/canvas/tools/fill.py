"""The fill tool: a click colours what looks like the place that is clicked."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QWidget

from studio.core import edits
from studio.core.edits.targets import Lock, require_unlocked
from studio.core.geometry import Point
from studio.core.layers import RasterLayer
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tool import PointerEvent
from studio.ui.canvas.tools import paint_text as text
from studio.ui.canvas.tools.brush_line import PERCENT
from studio.ui.canvas.tools.eyedropper import pick
from studio.ui.canvas.tools.option_line import OptionLine
from studio.ui.canvas.tools.paint_text import say
from studio.ui.canvas.tools.strokes import PaintTool


@dataclass(frozen=True, slots=True, kw_only=True)
class FillSettings:
    """As `fill_similar` takes them; `merged` compares colours of all layers."""

    tolerance: int = 32
    contiguous: bool = True
    antialias: bool = True
    merged: bool = False
    opacity: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.tolerance <= 255 or not 0.0 <= self.opacity <= 1.0:
            raise ValueError("a value is out of range")


class FillTool(PaintTool):
    """Fills with the foreground colour, a mask with its brightness; Alt picks one."""

    def __init__(self, kit: ToolKit) -> None:
        super().__init__(kit)
        self.settings = kit.options("fill", FillSettings())
        self.work = kit.work

    @property
    def name(self) -> str:
        return say(text.FILL)

    @property
    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.CrossCursor)

    def press(self, event: PointerEvent) -> None:
        if event.alt:
            color = pick(self.host.session, self.kit, event)
            if color is not None:
                self.kit.colors.options.change(foreground=color)
            return
        if self.kit.target.is_selection and self.host.session.has_document:
            self._fill_selection(event)
            return
        layer = self.paintable()
        if layer is None:
            return
        session, settings, color = self.host.session, self.settings.now, self.kit.colors.now.foreground
        on_mask = self.kit.target.is_mask(layer)
        own = isinstance(layer, RasterLayer) and not settings.merged
        if on_mask or self.try_to(lambda: require_unlocked(session.document, layer.id, Lock.PIXELS)):
            edit = edits.step(
                edits.fill_similar,
                layer.id,
                Point(math.floor(event.x), math.floor(event.y)),
                color,
                tolerance=settings.tolerance,
                contiguous=settings.contiguous,
                antialias=settings.antialias,
                source=layer.id if own else None,
                opacity=settings.opacity,
                on_mask=on_mask,
            )
            self.work.do(self.host, layer.id, edit)
            self.kit.colors.used(color)

    def _fill_selection(self, event: PointerEvent) -> None:
        settings, color = self.settings.now, self.kit.colors.now.foreground
        edit = edits.step(
            edits.fill_selection,
            Point(math.floor(event.x), math.floor(event.y)),
            color,
            tolerance=settings.tolerance,
            contiguous=settings.contiguous,
            antialias=settings.antialias,
            merged=settings.merged,
            opacity=settings.opacity,
        )
        self.work.do(self.host, None, edit)
        self.kit.colors.used(color)

    def options(self, parent: QWidget) -> QWidget:
        line = OptionLine(parent)
        line.amount(self.settings, "tolerance", say(text.TOLERANCE), 0, 255, help_=say(text.TOLERANCE_HELP))
        line.amount(
            self.settings, "opacity", say(text.OPACITY), 1, 100, unit=0.01, suffix=PERCENT,
            help_=say(text.OPACITY_HELP),
        )  # fmt: skip
        line.switch(self.settings, "contiguous", say(text.CONTIGUOUS), help_=say(text.CONTIGUOUS_HELP))
        line.switch(self.settings, "antialias", say(text.ANTIALIAS), help_=say(text.ANTIALIAS_HELP))
        line.choice(
            self.settings,
            "merged",
            {False: say(text.THIS_LAYER), True: say(text.ALL_LAYERS)},
            say(text.TAKES),
            help_=say(text.TAKES_HELP),
        )
        line.end()
        return line
