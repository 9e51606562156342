"""The clone tool: paints with what lies somewhere else."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from studio.core.document import Document
from studio.core.edits.quick_mask import SelectionStroke
from studio.core.edits.wet import Stroke
from studio.core.errors import DocumentError
from studio.core.geometry import Point
from studio.core.layers import Layer
from studio.core.painting.inks import Clone
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.tool import PointerEvent
from studio.ui.canvas.tools import paint_text as text
from studio.ui.canvas.tools.brush_line import motion, opacity_and_flow, pressure, size_and_edge
from studio.ui.canvas.tools.brush_settings import BrushSettings
from studio.ui.canvas.tools.option_line import OptionLine
from studio.ui.canvas.tools.paint_text import say
from studio.ui.canvas.tools.sources import Source
from studio.ui.canvas.tools.strokes import StrokeTool, WetStroke
from studio.ui.canvas.transform import ViewTransform


@dataclass(frozen=True, slots=True, kw_only=True)
class CloneSettings:
    """`aligned` keeps the distance from stroke to stroke; `merged` copies from all layers."""

    aligned: bool = True
    merged: bool = False


class CloneTool(StrokeTool):
    """Alt+click chooses where to copy from; the cross shows what is copied."""

    def __init__(self, kit: ToolKit) -> None:
        super().__init__(kit, "clone.brush", BrushSettings(size_px=60.0, hardness=0.5))
        self.settings = kit.options("clone", CloneSettings())
        self.source = Source()
        self.source.repaint.connect(self.repaint)

    @property
    def name(self) -> str:
        return say(text.CLONE)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        self.source.paint(painter, transform, look)
        super().paint(painter, transform, look)

    def forget(self) -> None:
        super().forget()
        self.source.forget()

    def takes(self, event: PointerEvent) -> bool:
        if event.alt:
            at = self.source.choose(event)
            self.status.emit(say(text.SOURCE_SET, x=at.x, y=at.y))
        return event.alt

    def begin(self, document: Document, layer: Layer, event: PointerEvent) -> WetStroke | None:
        ink = Clone(offset=self._offset(event), source=None if self.settings.now.merged else layer.id)
        on_mask = self.kit.target.is_mask(layer)
        return Stroke(document, layer.id, self.brush.now.brush(self.seed), ink, on_mask=on_mask)

    def begin_on_selection(self, document: Document, event: PointerEvent) -> WetStroke:
        return SelectionStroke(document, self.brush.now.brush(self.seed), Clone(offset=self._offset(event)))

    def _offset(self, event: PointerEvent) -> Point:
        """How far away a stroke that begins here copies from. Raises DocumentError when no place is chosen."""
        if not self.source.is_chosen:
            raise DocumentError(say(text.NO_SOURCE))
        offset = self.source.begin(event, aligned=self.settings.now.aligned)
        self.source.point_at(event, follows=True)
        return offset

    def move(self, event: PointerEvent) -> None:
        super().move(event)
        self.source.point_at(event, follows=self.is_painting)

    def hover(self, event: PointerEvent) -> None:
        super().hover(event)
        self.source.point_at(event, follows=self.settings.now.aligned)

    def options(self, parent: QWidget) -> QWidget:
        line = OptionLine(parent)
        size_and_edge(line, self.kit, self.brush)
        opacity_and_flow(line, self.brush)
        line.switch(self.settings, "aligned", say(text.ALIGNED), help_=say(text.ALIGNED_HELP))
        line.choice(
            self.settings,
            "merged",
            {False: say(text.THIS_LAYER), True: say(text.ALL_LAYERS)},
            say(text.TAKES),
            help_=say(text.TAKES_HELP),
        )
        motion(line, self.brush)
        pressure(line, self.brush)
        line.end()
        return line
