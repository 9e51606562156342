"""The healing tool: what a stroke covers is repaired once the stroke is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from studio.core.document import Document
from studio.core.edits.targets import Lock, raster, require_unlocked
from studio.core.errors import DocumentError
from studio.core.geometry import EMPTY, Point, Rect
from studio.core.history import LabelledEdit
from studio.core.layers import Layer, LayerId
from studio.core.painting.brush import Brush, StrokePoint, require_points
from studio.retouch import retouch_step
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.picture import qtransform
from studio.ui.canvas.tool import PointerEvent
from studio.ui.canvas.tools import paint_text as text
from studio.ui.canvas.tools.brush_line import motion, size_and_edge
from studio.ui.canvas.tools.brush_settings import BrushSettings
from studio.ui.canvas.tools.option_line import OptionLine
from studio.ui.canvas.tools.paint_text import say
from studio.ui.canvas.tools.sources import Source
from studio.ui.canvas.tools.strokes import StrokeTool, WetStroke
from studio.ui.canvas.transform import ViewTransform

VEIL_ALPHA = 90
"""Of what is drawn over the places that will be repaired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealSettings:
    """`from_source` takes the texture from where Alt was clicked; `aligned` keeps that distance between strokes."""

    from_source: bool = False
    aligned: bool = True


@dataclass(slots=True, eq=False)
class Trail:
    """A stroke that is only noted down, used like `wet.Stroke`."""

    layer: LayerId
    brush: Brush
    offset: Point | None
    seed: int
    on_mask: bool
    points: list[StrokePoint] = field(default_factory=list[StrokePoint])

    def extend(self, points: Sequence[StrokePoint]) -> Rect:
        """Go on through these points; nothing changes yet."""
        require_points(points)
        self.points += points
        return EMPTY

    def finish(self) -> Rect:
        """Lift the pen; nothing changes yet."""
        return EMPTY

    @property
    def edit(self) -> LabelledEdit:
        """The repair of what the stroke covers."""
        return retouch_step(
            "heal",
            layer_id=self.layer,
            brush=self.brush,
            points=tuple(self.points),
            offset=self.offset,
            seed=self.seed,
            on_mask=self.on_mask,
        )

    @property
    def path(self) -> QPainterPath:
        """Its way over the canvas."""
        first, *others = self.points
        path = QPainterPath(QPointF(first.x, first.y))
        for point in others or [first]:
            path.lineTo(point.x + 0.01, point.y)  # so that a single point is drawn too
        return path


class HealTool(StrokeTool):
    """Repairs from the surroundings, or from a place chosen with Alt. A veil lies over what is not done yet."""

    def __init__(self, kit: ToolKit) -> None:
        super().__init__(kit, "heal.brush", BrushSettings(size_px=30.0, hardness=0.7))
        self.settings = kit.options("heal", HealSettings())
        self.source = Source()
        self.source.repaint.connect(self.repaint)
        self.work = kit.work
        self.work.busy_changed.connect(self._on_busy)
        self._trail: Trail | None = None
        self._veiled: list[Trail] = []

    @property
    def name(self) -> str:
        return say(text.HEAL)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        painter.save()
        painter.setTransform(qtransform(transform.affine), combine=True)
        color = QColor(look.accent)
        color.setAlpha(VEIL_ALPHA)
        for trail in (*self._veiled, *([self._trail] if self._trail is not None else [])):
            if trail.points:
                pen = QPen(color, trail.brush.size_px)
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
                painter.strokePath(trail.path, pen)
        painter.restore()
        if self.settings.now.from_source:
            self.source.paint(painter, transform, look)
        super().paint(painter, transform, look)

    def forget(self) -> None:
        super().forget()
        self.source.forget()

    def takes(self, event: PointerEvent) -> bool:
        if event.alt:
            self.settings.change(from_source=True)
            at = self.source.choose(event)
            self.status.emit(say(text.SOURCE_SET, x=at.x, y=at.y))
        return event.alt

    def begin(self, document: Document, layer: Layer, event: PointerEvent) -> WetStroke | None:
        on_mask = self.kit.target.is_mask(layer)
        if not on_mask:
            require_unlocked(document, raster(document, layer.id).id, Lock.PIXELS)
        settings = self.settings.now
        if settings.from_source and not self.source.is_chosen:
            raise DocumentError(say(text.NO_SOURCE))
        offset = self.source.begin(event, aligned=settings.aligned) if settings.from_source else None
        self._trail = Trail(layer.id, self.brush.now.brush(self.seed), offset, self.seed, on_mask)
        return self._trail

    def move(self, event: PointerEvent) -> None:
        super().move(event)
        self.source.point_at(event, follows=self.is_painting)
        if self.is_painting:
            self.repaint.emit(None)

    def hover(self, event: PointerEvent) -> None:
        super().hover(event)
        self.source.point_at(event, follows=self.settings.now.aligned)

    def painted(self) -> None:
        trail, self._trail = self._trail, None
        if trail is not None and trail.points:
            self._veiled.append(trail)
            self.work.do(self.host, trail.layer, trail.edit)
            self.repaint.emit(None)

    def cancel(self) -> None:
        super().cancel()
        self._trail = None
        self.repaint.emit(None)

    def options(self, parent: QWidget) -> QWidget:
        line = OptionLine(parent)
        size_and_edge(line, self.kit, self.brush)
        line.switch(self.settings, "from_source", say(text.FROM_SOURCE), help_=say(text.FROM_SOURCE_HELP))
        line.switch(self.settings, "aligned", say(text.ALIGNED), help_=say(text.ALIGNED_HELP))
        motion(line, self.brush)
        line.end()
        return line

    def _on_busy(self, busy: bool) -> None:
        if not busy:
            self._veiled.clear()
        self.repaint.emit(None)
