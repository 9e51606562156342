"""The line of numbers and buttons of the crop tool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QEvent, Qt, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QToolButton, QWidget

from studio.core.document import MAX_SIDE_PX
from studio.ui.canvas.cropping import FREE, ORIGINAL, RATIOS, SIZES, CropFrame
from studio.ui.canvas.options import Options
from studio.ui.canvas.tool import CanvasHost
from studio.ui.canvas.tools import transform_text as text
from studio.ui.canvas.tools.transform_options import NumberField, labelled, push_button
from studio.ui.canvas.tools.transform_text import say
from studio.ui.icons import icon


@dataclass(frozen=True, slots=True, kw_only=True)
class CropSettings:
    """What the user set: the proportion by its name, its sides swapped or not, and whether what is cropped goes."""

    ratio: str = FREE
    swapped: bool = False
    delete_cropped: bool = False


class Cropping(Protocol):
    """What the line of controls needs of the tool."""

    settings: Options[CropSettings]

    @property
    def frame(self) -> CropFrame | None: ...
    @property
    def ratio(self) -> float | None: ...
    @property
    def is_active(self) -> bool: ...
    @property
    def host(self) -> CanvasHost: ...
    def choose_ratio(self, name: str) -> None: ...
    def swap(self) -> None: ...
    def set_size(self, width: int, height: int) -> None: ...
    def set_degrees(self, degrees: float) -> None: ...
    def discard(self) -> None: ...
    def apply(self) -> None: ...


class CropOptions(QWidget):
    """Proportion, size and angle of the frame; what becomes of the rest. Return gives the keys back to the canvas."""

    def __init__(self, tool: Cropping, changed: SignalInstance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tool = tool
        self._changed = changed
        self.ratio = QComboBox(self)
        self.ratio.setAccessibleName(say(text.CROP_RATIO))
        self.ratio.setToolTip(say(text.CROP_RATIO_HELP))
        for value, name in choices():
            self.ratio.addItem(name, value)
        self.ratio.setCurrentIndex(max(0, self.ratio.findData(tool.settings.now.ratio)))
        self.ratio.activated.connect(lambda _: tool.choose_ratio(self.ratio.currentData()))
        self.width_field = self._side(text.WIDTH_NAME, text.CROP_WIDTH_HELP)
        self.height_field = self._side(text.HEIGHT_NAME, text.CROP_HEIGHT_HELP)
        self.swap = QToolButton(self)
        self.swap.setToolTip(say(text.SWAP_HELP))
        self.swap.setAccessibleName(say(text.SWAP))
        self.swap.clicked.connect(tool.swap)
        self.angle_field = NumberField(
            say(text.ANGLE), say(text.CROP_ANGLE_HELP), -180, 180, say(text.DEGREES), self, decimals=2
        )
        self.angle_field.valueChanged.connect(tool.set_degrees)
        self.delete_cropped = QCheckBox(say(text.DELETE_CROPPED), self)
        self.delete_cropped.setToolTip(say(text.DELETE_CROPPED_HELP))
        self.delete_cropped.setChecked(tool.settings.now.delete_cropped)
        self.delete_cropped.toggled.connect(lambda on: tool.settings.change(delete_cropped=on))
        self.discard = push_button(self, say(text.CANCEL), say(text.CANCEL_CROP_HELP), tool.discard)
        self.apply = push_button(self, say(text.CROP), say(text.APPLY_CROP_HELP), tool.apply)
        self._lay_out()
        self._dress()
        changed.connect(self.show_frame)
        self.show_frame(tool.frame)

    def show_frame(self, frame: CropFrame | None) -> None:
        """Show a frame in numbers."""
        for part in (self.width_field, self.height_field, self.angle_field, self.swap, self.discard, self.apply):
            part.setEnabled(frame is not None)
        if frame is not None:
            self.width_field.show_value(frame.rect.width)
            self.height_field.show_value(frame.rect.height)
            self.angle_field.show_value(frame.degrees)

    def _side(self, name: str, help_: str) -> NumberField:
        field = NumberField(say(name), say(help_), 1, MAX_SIDE_PX, say(text.PIXELS), self, decimals=0)
        field.valueChanged.connect(lambda _: self._take(field))
        return field

    def _take(self, field: NumberField) -> None:
        """Another size; with a proportion the other side follows."""
        ratio = self._tool.ratio
        width, height = round(self.width_field.value()), round(self.height_field.value())
        if ratio is not None and field is self.width_field:
            height = max(1, round(width / ratio))
        elif ratio is not None:
            width = max(1, round(height * ratio))
        self._tool.set_size(width, height)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        labelled(row, say(text.CROP_RATIO), self.ratio)
        row.addSpacing(8)
        labelled(row, say(text.WIDTH), self.width_field)
        row.addWidget(self.swap)
        labelled(row, say(text.HEIGHT), self.height_field)
        row.addSpacing(8)
        labelled(row, say(text.ANGLE), self.angle_field)
        row.addSpacing(8)
        row.addWidget(self.delete_cropped)
        row.addStretch(1)
        row.addWidget(self.discard)
        row.addWidget(self.apply)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return after an entry gives the keys back to the canvas; there the next one crops."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape) and self._tool.is_active:
            self._tool.host.take_focus()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "apply"):
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        self.swap.setIcon(icon("swap"))
        self.discard.setIcon(icon("close"))
        self.apply.setIcon(icon("check"))


def choices() -> list[tuple[str, str]]:
    """The proportions and sizes by name, with what they are called."""
    named = [(FREE, say(text.RATIO_FREE)), (ORIGINAL, say(text.RATIO_ORIGINAL))]
    named += [(name, f"{wide} : {high}") for name, (wide, high) in RATIOS.items()]
    return [*named, *((name, f"{wide} x {high}{say(text.PIXELS)}") for name, (wide, high) in SIZES.items())]
