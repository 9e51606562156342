"""The eyedropper, and picking a colour with Alt while another tool paints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.core.document import Document
from studio.core.edits.wet import read_layer
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import RasterLayer
from studio.core.selecting.colors import Color
from studio.session import Session
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.paints import hex_of
from studio.ui.canvas.tool import PointerEvent, Tool
from studio.ui.canvas.tools import paint_text as text
from studio.ui.canvas.tools.option_line import OptionLine
from studio.ui.canvas.tools.paint_text import say
from studio.ui.canvas.transform import ViewTransform

SIDES = (1, 3, 5, 11)
"""Of the squares of pixels whose mean can be taken."""
RING_PX = 34
"""Radius of the ring that shows the picked colour above the one of before, in logical pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EyedropperSettings:
    """`side` is of the square whose mean is taken; `merged` looks at all layers, else at the active one."""

    side: int = 1
    merged: bool = True

    def __post_init__(self) -> None:
        if self.side not in SIDES:
            raise ValueError(f"{self.side} is none of {SIDES}")


def settings_of(kit: ToolKit) -> EyedropperSettings:
    """What is set for the eyedropper, which Alt goes by too."""
    return kit.options("eyedropper", EyedropperSettings()).now


def color_at(document: Document, layer: RasterLayer | None, x: float, y: float, side: int) -> Color | None:
    """The mean colour of a square of pixels around a canvas point, by alpha; None where all is clear.

    Args:
        layer: what to look at; None looks at the picture of all layers.
        side: odd; of the square, which is cut at the canvas when the picture is looked at.
    """
    reach = side // 2
    corner = Point(int(np.floor(x)) - reach, int(np.floor(y)) - reach)
    rect = Rect.at(corner, Size(side, side))
    rect = rect.intersect(document.canvas) if layer is None else rect
    if rect.is_empty:
        return None
    samples = read_layer(document, layer, rect).astype(np.float64) / document.depth.top
    alpha = samples[..., 3:]
    total = float(alpha.sum())
    if not total:
        return None
    red, green, blue = (float(value) for value in (samples[..., :3] * alpha).sum(axis=(0, 1)) / total)
    return red, green, blue


def pick(session: Session, kit: ToolKit, event: PointerEvent) -> Color | None:
    """The colour under the pointer as the eyedropper is set; None where there is none."""
    if not session.has_document:
        return None
    settings = settings_of(kit)
    layer = session.document.find(session.selection[0]) if session.selection else None
    own = None if settings.merged or not isinstance(layer, RasterLayer) else layer
    return color_at(session.document, own, event.x, event.y, settings.side)


class EyedropperTool(Tool):
    """A press takes the foreground colour, with Alt the background; a drag goes on taking."""

    def __init__(self, kit: ToolKit) -> None:
        super().__init__()
        self._kit = kit
        self.settings = kit.options("eyedropper", EyedropperSettings())
        self._before: Color | None = None
        self._field = ""
        self._at = (0.0, 0.0)

    @property
    def name(self) -> str:
        return say(text.EYEDROPPER)

    @property
    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.CrossCursor)

    def options(self, parent: QWidget) -> QWidget:
        line = OptionLine(parent)
        sides: dict[object, str] = {side: say(text.MEAN, side=side) for side in SIDES[1:]}
        line.choice(self.settings, "side", {1: say(text.POINT), **sides}, say(text.SAMPLE), help_=say(text.SAMPLE_HELP))
        line.choice(
            self.settings,
            "merged",
            {True: say(text.ALL_LAYERS), False: say(text.THIS_LAYER)},
            say(text.TAKES),
            help_=say(text.TAKES_HELP),
        )
        line.end()
        return line

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        """A ring of the picked colour above and the one of before below."""
        if self._before is None:
            return
        middle = QPointF(*self._at)
        ring = QRectF(middle.x() - RING_PX, middle.y() - RING_PX, 2 * RING_PX, 2 * RING_PX)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(128, 128, 128), 17))
        painter.drawEllipse(ring)
        now: Color = getattr(self._kit.colors.now, self._field)
        for color, start in ((now, 0), (self._before, 180)):
            pen = QPen(QColor.fromRgbF(*color), 13)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawArc(ring, 16 * start, 16 * 180)

    def press(self, event: PointerEvent) -> None:
        self._field = "background" if event.alt else "foreground"
        self._before = getattr(self._kit.colors.now, self._field)
        self._take(event)

    def move(self, event: PointerEvent) -> None:
        if self._before is not None:
            self._take(event)

    def release(self, event: PointerEvent) -> None:
        self._end()

    def cancel(self) -> None:
        if self._before is not None:
            self._kit.colors.options.change(**{self._field: self._before})
        self._end()

    def _take(self, event: PointerEvent) -> None:
        self._at = event.view_x, event.view_y
        color = pick(self.host.session, self._kit, event)
        if color is not None:
            self._kit.colors.options.change(**{self._field: color})
            self.status.emit(say(text.PICKED, color=hex_of(color)))
        self.repaint.emit(None)

    def _end(self) -> None:
        if self._before is not None:
            self._before = None
            self.repaint.emit(None)
