"""Brush, eraser, smudge, lighten and darken."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor, QKeyEvent
from PySide6.QtWidgets import QWidget

from studio.core.document import Document
from studio.core.edits.quick_mask import SelectionStroke, Smear
from studio.core.edits.smudge import Smudge
from studio.core.edits.wet import Stroke
from studio.core.layers import Layer
from studio.core.painting.inks import Erase, Ink, Paint, Tone, ToneRange
from studio.core.selecting.colors import Color
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tool import PointerEvent
from studio.ui.canvas.tools import paint_text as text
from studio.ui.canvas.tools.brush_line import PERCENT, motion, opacity_and_flow, pressure, size_and_edge
from studio.ui.canvas.tools.brush_settings import BrushSettings
from studio.ui.canvas.tools.eyedropper import pick
from studio.ui.canvas.tools.option_line import OptionLine
from studio.ui.canvas.tools.paint_text import say
from studio.ui.canvas.tools.strokes import StrokeTool, WetStroke


class InkTool(StrokeTool):
    """Lays down an ink along a stroke."""

    def ink(self, event: PointerEvent) -> Ink:
        """What to lay down; `event` is the press."""
        raise NotImplementedError

    def begin(self, document: Document, layer: Layer, event: PointerEvent) -> WetStroke | None:
        return Stroke(
            document,
            layer.id,
            self.brush.now.brush(self.seed),
            self.ink(event),
            on_mask=self.kit.target.is_mask(layer),
        )

    def begin_on_selection(self, document: Document, event: PointerEvent) -> WetStroke:
        return SelectionStroke(document, self.brush.now.brush(self.seed), self.ink(event))

    def options(self, parent: QWidget) -> QWidget:
        line = OptionLine(parent)
        size_and_edge(line, self.kit, self.brush)
        opacity_and_flow(line, self.brush)
        motion(line, self.brush)
        pressure(line, self.brush)
        line.end()
        return line


class BrushTool(InkTool):
    """Paints with the foreground colour; the other end of the pen erases. Alt picks a colour."""

    def __init__(self, kit: ToolKit) -> None:
        super().__init__(kit, "brush", BrushSettings())
        self._used: Color | None = None
        self._picking = False
        self._alt = False

    @property
    def name(self) -> str:
        return say(text.BRUSH)

    @property
    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.CrossCursor) if self._alt or self._picking else super().cursor

    def ink(self, event: PointerEvent) -> Ink:
        self._used = None if event.eraser else self.kit.colors.now.foreground
        return Erase() if event.eraser else Paint(color=self.kit.colors.now.foreground)

    def takes(self, event: PointerEvent) -> bool:
        self._picking = event.alt
        if self._picking:
            self._pick(event)
        return self._picking

    def move(self, event: PointerEvent) -> None:
        if self._picking:
            self._pick(event)
        super().move(event)

    def release(self, event: PointerEvent) -> None:
        self._picking = False
        super().release(event)

    def hover(self, event: PointerEvent) -> None:
        self._set_alt(on=event.alt)
        super().hover(event)

    def cancel(self) -> None:
        self._picking = False
        super().cancel()

    def painted(self) -> None:
        if self._used is not None:
            self.kit.colors.used(self._used)

    def key_press(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Alt:
            self._set_alt(on=True)
        return super().key_press(event)

    def key_release(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Alt:
            self._set_alt(on=False)
        return super().key_release(event)

    def _pick(self, event: PointerEvent) -> None:
        color = pick(self.host.session, self.kit, event)
        if color is not None:
            self.kit.colors.options.change(foreground=color)

    def _set_alt(self, *, on: bool) -> None:
        if on != self._alt:
            self._alt = on
            self.cursor_changed.emit()


class EraserTool(InkTool):
    """Takes away; on a mask it hides."""

    def __init__(self, kit: ToolKit) -> None:
        super().__init__(kit, "eraser", BrushSettings(size_px=40.0))

    @property
    def name(self) -> str:
        return say(text.ERASER)

    def ink(self, event: PointerEvent) -> Ink:
        return Erase()


@dataclass(frozen=True, slots=True, kw_only=True)
class SmudgeSettings:
    """How long colour sticks to the brush, 0..1."""

    strength: float = 0.5

    def __post_init__(self) -> None:
        if not 0.0 <= self.strength <= 1.0:
            raise ValueError("the strength is out of range")


class SmudgeTool(StrokeTool):
    """Smears colours; digits set the strength."""

    def __init__(self, kit: ToolKit) -> None:
        super().__init__(kit, "smudge.brush", BrushSettings(size_px=40.0, hardness=0.5, spacing=0.08))
        self.settings = kit.options("smudge", SmudgeSettings())

    @property
    def name(self) -> str:
        return say(text.SMUDGE)

    def options(self, parent: QWidget) -> QWidget:
        line = OptionLine(parent)
        size_and_edge(line, self.kit, self.brush)
        line.amount(
            self.settings, "strength", say(text.STRENGTH), 0, 100, unit=0.01, suffix=PERCENT,
            help_=say(text.STRENGTH_HELP),
        )  # fmt: skip
        opacity_and_flow(line, self.brush)
        motion(line, self.brush)
        pressure(line, self.brush, size=False)
        line.end()
        return line

    def set_amount(self, share: float) -> None:
        self.settings.change(strength=share)

    def begin(self, document: Document, layer: Layer, event: PointerEvent) -> WetStroke | None:
        return Smudge(
            document,
            layer.id,
            self.brush.now.brush(self.seed),
            self.settings.now.strength,
            on_mask=self.kit.target.is_mask(layer),
        )

    def begin_on_selection(self, document: Document, event: PointerEvent) -> WetStroke:
        return SelectionStroke(document, self.brush.now.brush(self.seed), Smear(self.settings.now.strength))


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneSettings:
    """How much tones change, 0..1, and which most."""

    exposure: float = 0.3
    range: ToneRange = ToneRange.MIDTONES

    def __post_init__(self) -> None:
        if not 0.0 <= self.exposure <= 1.0:
            raise ValueError("the exposure is out of range")


class ToneTool(InkTool):
    """Lightens, or darkens, the tones under it; Alt does the opposite, digits set the exposure."""

    def __init__(self, kit: ToolKit, *, darkens: bool) -> None:
        name = "burn" if darkens else "dodge"
        super().__init__(kit, f"{name}.brush", BrushSettings(size_px=80.0, hardness=0.0))
        self._darkens = darkens
        self.settings = kit.options(name, ToneSettings())

    @property
    def name(self) -> str:
        return say(text.BURN if self._darkens else text.DODGE)

    def ink(self, event: PointerEvent) -> Ink:
        settings = self.settings.now
        darkens = self._darkens != event.alt
        return Tone(exposure=-settings.exposure if darkens else settings.exposure, range=settings.range)

    def set_amount(self, share: float) -> None:
        self.settings.change(exposure=share)

    def options(self, parent: QWidget) -> QWidget:
        line = OptionLine(parent)
        size_and_edge(line, self.kit, self.brush)
        line.amount(
            self.settings, "exposure", say(text.EXPOSURE), 1, 100, unit=0.01, suffix=PERCENT,
            help_=say(text.EXPOSURE_HELP),
        )  # fmt: skip
        ranges: dict[object, str] = {
            ToneRange.SHADOWS: say(text.SHADOWS),
            ToneRange.MIDTONES: say(text.MIDTONES),
            ToneRange.HIGHLIGHTS: say(text.HIGHLIGHTS),
        }
        line.choice(self.settings, "range", ranges, say(text.RANGE), help_=say(text.RANGE_HELP))
        motion(line, self.brush)
        pressure(line, self.brush)
        line.end()
        return line
