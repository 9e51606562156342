"""The colour panel. Hue and saturation stay when a colour turns grey or black, so that a drag can come back."""

from __future__ import annotations

import colorsys

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.core.events import Subscriptions
from studio.core.selecting.colors import Color
from studio.session import Session
from studio.ui import theme
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.paints import PaintColors, Paints, color_of, hex_of
from studio.ui.icons import icon
from studio.ui.panels.bar import AmountBar
from studio.ui.panels.colors import text
from studio.ui.panels.colors.square import HueBar, ShadeSquare
from studio.ui.panels.colors.swatches import SwatchGrid
from studio.ui.panels.colors.text import say
from studio.ui.panels.colors.wells import ColorWells
from studio.ui.toolbox import HasToolbox


class ColorsPanel(QWidget):
    """Call `use_window` to have it set the colours of the window's tools, and `release` at the end."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(say(text.PANEL))
        self._colors = ToolKit().colors
        self._hsv = (0.0, 0.0, 0.0)
        self._subscriptions = Subscriptions()
        self._inside = QWidget(self)
        self.square = ShadeSquare(self._inside)
        self.hue = HueBar(self._inside)
        self.model = QComboBox(self._inside)
        self.model.addItems([say(text.HSV), say(text.RGB)])
        self.model.setAccessibleName(say(text.MODEL))
        self.model.setToolTip(say(text.MODEL_HELP))
        self.hex = QLineEdit(self._inside)
        self.hex.setAccessibleName(say(text.HEX))
        self.hex.setToolTip(say(text.HEX_HELP))
        self.hex.setMaxLength(7)
        self.sliders = QStackedWidget(self._inside)
        self.hsv = self._made(
            (text.HUE, 360, text.DEGREES), (text.SATURATION, 100, text.PERCENT), (text.VALUE, 100, text.PERCENT)
        )
        self.rgb = self._made((text.RED, 255, ""), (text.GREEN, 255, ""), (text.BLUE, 255, ""))
        self.swatches = SwatchGrid(say(text.SWATCHES), say(text.SWATCHES_HELP), editable=True, parent=self._inside)
        self.recent = SwatchGrid(
            say(text.RECENT), say(text.RECENT_HELP), empty=say(text.RECENT_EMPTY), parent=self._inside
        )
        self.add_button = QToolButton(self._inside)
        self.add_button.setAccessibleName(say(text.ADD))
        self.add_button.setToolTip(say(text.ADD))
        self.add_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.wells = ColorWells(self._colors, parent=self._inside)
        self._lay_out()
        self._connect()
        self._dress()
        self._follow(self._colors)

    def use_window(self, window: HasToolbox) -> None:
        """Set the colours of this window's tools."""
        self._follow(window.toolbox.kit.colors)

    def release(self) -> None:
        """Hear nothing more."""
        self._subscriptions.close()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "add_button"):
            self._dress()
        super().changeEvent(event)

    def _made(self, *told: tuple[str, int, str]) -> list[AmountBar]:
        """Three sliders on a page of their own."""
        page = QWidget(self.sliders)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        bars: list[AmountBar] = []
        for name, high, suffix in told:
            bar = AmountBar(
                say(name), 0, high, suffix=say(suffix) if suffix else "", help_=say(text.SLIDER_HELP), parent=page
            )
            column.addWidget(bar)
            bars.append(bar)
        self.sliders.addWidget(page)
        return bars

    def _lay_out(self) -> None:
        shades = QHBoxLayout()
        shades.setSpacing(6)
        shades.addWidget(self.square, 1)
        shades.addWidget(self.hue)
        numbers = QHBoxLayout()
        numbers.setSpacing(6)
        numbers.addWidget(self.wells)
        numbers.addWidget(self.model)
        numbers.addWidget(self.hex, 1)
        swatches = QHBoxLayout()
        swatches.addWidget(QLabel(say(text.SWATCHES), self._inside), 1)
        swatches.addWidget(self.add_button)
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addLayout(shades, 1)
        column.addLayout(numbers)
        column.addWidget(self.sliders)
        column.addLayout(swatches)
        column.addWidget(self.swatches)
        column.addWidget(self.recent)
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setWidget(self._inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def _connect(self) -> None:
        self.square.moved.connect(lambda across, up: self._take_hsv(self._hsv[0], across, up))
        self.hue.moved.connect(lambda _, up: self._take_hsv(up, *self._hsv[1:]))
        self.model.activated.connect(self.sliders.setCurrentIndex)
        self.hex.editingFinished.connect(self._take_hex)
        for bar in self.hsv:
            bar.changed.connect(self._take_hsv_bars)
        for bar in self.rgb:
            bar.changed.connect(self._take_rgb_bars)
        for grid in (self.swatches, self.recent):
            grid.chosen.connect(self._take_swatch)
        self.swatches.removed.connect(lambda told: self._colors.remove_swatch(told))
        self.add_button.clicked.connect(lambda: self._colors.add_swatch(self._colors.edited))

    def _follow(self, colors: PaintColors) -> None:
        self._subscriptions.close()
        self._colors = colors
        self.wells.follow(colors)
        self._subscriptions.listen(colors.options.changed, self._show)
        self._show(colors.now)

    # From the controls

    def _take_hsv(self, hue: float, saturation: float, value: float) -> None:
        self._hsv = (hue, saturation, value)
        self._colors.set_edited(colorsys.hsv_to_rgb(hue, saturation, value))
        self._show(self._colors.now)  # where the colour stayed the same, such as black, the place did not

    def _take_hsv_bars(self) -> None:
        hue, saturation, value = (bar.value() for bar in self.hsv)
        self._take_hsv(hue / 360, saturation / 100, value / 100)

    def _take_rgb_bars(self) -> None:
        red, green, blue = (bar.value() / 255 for bar in self.rgb)
        self._colors.set_edited((red, green, blue))

    def _take_hex(self) -> None:
        color = color_of(self.hex.text())
        if color is not None and hex_of(color) != hex_of(self._colors.edited):
            self._colors.set_edited(color)
        self.hex.setText(hex_of(self._colors.edited))

    def _take_swatch(self, told: str) -> None:
        color = color_of(told)
        if color is not None:
            self._colors.set_edited(color)

    # To the controls

    def _show(self, now: Paints) -> None:
        color = now.background if now.background_first else now.foreground
        self._hsv = _hsv_of(color, self._hsv)
        hue, saturation, value = self._hsv
        self.square.show_place(saturation, value, hue)
        self.hue.show_place(0.0, hue, hue)
        for bar, share, high in zip(self.hsv, self._hsv, (360, 100, 100), strict=True):
            bar.show_value(round(share * high))
        for bar, share in zip(self.rgb, color, strict=True):
            bar.show_value(round(share * 255))
        if not self.hex.hasFocus() or not self.hex.isModified():
            with QSignalBlocker(self.hex):
                self.hex.setText(hex_of(color))
        self.swatches.show_colors(now.swatches)
        self.recent.show_colors(now.recent)

    def _dress(self) -> None:
        side = theme.current().icon_px - 4
        self.add_button.setIcon(icon("layer-new"))
        self.add_button.setIconSize(QSize(side, side))


def _hsv_of(color: Color, before: tuple[float, float, float]) -> tuple[float, float, float]:
    """Hue, saturation and brightness (0..1) of a colour; what it does not tell stays as it was before."""
    if _close(colorsys.hsv_to_rgb(*before), color):
        return before
    hue, saturation, value = colorsys.rgb_to_hsv(*color)
    if value == 0:
        return before[0], before[1], 0.0
    return (before[0], 0.0, value) if saturation == 0 else (hue, saturation, value)


def _close(one: Color, other: Color) -> bool:
    return all(abs(a - b) < 1e-6 for a, b in zip(one, other, strict=True))
