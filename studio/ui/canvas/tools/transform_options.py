"""The line of numbers and buttons of free transform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from studio.core.resampling import Sampling
from studio.ui.canvas.framing import Framing, Placement
from studio.ui.canvas.options import Options
from studio.ui.canvas.tool import CanvasHost
from studio.ui.canvas.tools import transform_text as text
from studio.ui.canvas.tools.transform_text import say
from studio.ui.icons import icon

FIELD_PX = 78
SAMPLINGS = {
    Sampling.NEAREST: text.NEAREST,
    Sampling.BILINEAR: text.BILINEAR,
    Sampling.BICUBIC: text.BICUBIC,
    Sampling.LANCZOS: text.LANCZOS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformSettings:
    """What the user set: how samples are computed, and whether corners keep the proportions."""

    sampling: Sampling = Sampling.BICUBIC
    linked: bool = True


class Transforming(Protocol):
    """What the line of controls needs of the tool."""

    settings: Options[TransformSettings]

    @property
    def framing(self) -> Framing | None: ...
    @property
    def is_active(self) -> bool: ...
    @property
    def host(self) -> CanvasHost: ...
    def place(self, placement: Placement) -> None: ...
    def reset(self) -> None: ...
    def discard(self) -> None: ...
    def apply(self) -> None: ...


class NumberField(QDoubleSpinBox):
    """One number; what it says comes when the entry is over, or at once from its arrows."""

    def __init__(
        self, name: str, help_: str, low: float, high: float, suffix: str, parent: QWidget, decimals: int = 1
    ) -> None:
        super().__init__(parent)
        self.setRange(low, high)
        self.setDecimals(decimals)
        self.setSuffix(suffix)
        self.setKeyboardTracking(False)
        self.setFixedWidth(FIELD_PX)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setAccessibleName(name)
        self.setAccessibleDescription(help_)
        self.setToolTip(help_)

    def show_value(self, value: float) -> None:
        """Show another number; nothing is emitted."""
        with QSignalBlocker(self):
            self.setValue(value)

    def textFromValue(self, value: float) -> str:
        """Without zeros at the end."""
        shown = super().textFromValue(value)
        point = self.locale().decimalPoint()
        return shown.rstrip("0").rstrip(point) if point in shown else shown


def push_button(parent: QWidget, label: str, help_: str, run: Callable[[], object]) -> QPushButton:
    """A button at the end of a line of controls, in the user's language; Return does not press it."""
    button = QPushButton(label, parent)
    button.setToolTip(help_)
    button.setAutoDefault(False)
    button.clicked.connect(lambda: run())
    return button


def labelled(row: QHBoxLayout, label: str, field: QWidget) -> None:
    """A field with its label in front."""
    words = QLabel(label)
    words.setBuddy(field)
    words.setToolTip(field.toolTip())
    row.addWidget(words)
    row.addWidget(field)


class TransformOptions(QWidget):
    """Shows the transform in numbers and takes others; buttons apply and cancel it. Return gives the keys back."""

    def __init__(self, tool: Transforming, changed: SignalInstance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tool = tool
        self._changed = changed
        self.x_field = self._number(text.X, text.X_HELP, 1e6, text.PIXELS)
        self.y_field = self._number(text.Y, text.Y_HELP, 1e6, text.PIXELS)
        self.width_field = self._number(text.WIDTH_NAME, text.WIDTH_HELP, 1e5, text.PERCENT)
        self.height_field = self._number(text.HEIGHT_NAME, text.HEIGHT_HELP, 1e5, text.PERCENT)
        self.angle_field = self._number(text.ANGLE, text.ANGLE_HELP, 360, text.DEGREES)
        self.slant_field = self._number(text.SLANT, text.SLANT_HELP, 88.9, text.DEGREES)
        self.linked = QToolButton(self)
        self.linked.setCheckable(True)
        self.linked.setChecked(tool.settings.now.linked)
        self.linked.setToolTip(say(text.LINKED_HELP))
        self.linked.setAccessibleName(say(text.LINKED))
        self.linked.toggled.connect(lambda on: tool.settings.change(linked=on))
        self.sampling = QComboBox(self)
        self.sampling.setAccessibleName(say(text.SAMPLING))
        self.sampling.setToolTip(say(text.SAMPLING_HELP))
        for value, name in SAMPLINGS.items():
            self.sampling.addItem(say(name), value)
        self.sampling.setCurrentIndex(list(SAMPLINGS).index(tool.settings.now.sampling))
        self.sampling.activated.connect(lambda _: tool.settings.change(sampling=self.sampling.currentData()))
        self.reset = push_button(self, say(text.RESET), say(text.RESET_HELP), tool.reset)
        self.discard = push_button(self, say(text.CANCEL), say(text.CANCEL_TRANSFORM_HELP), tool.discard)
        self.apply = push_button(self, say(text.APPLY), say(text.APPLY_TRANSFORM_HELP), tool.apply)
        self._lay_out()
        self._dress()
        self.setToolTip(say(text.FREE_HELP))
        changed.connect(self.show_framing)
        self.show_framing(tool.framing)

    @property
    def fields(self) -> tuple[NumberField, ...]:
        return self.x_field, self.y_field, self.width_field, self.height_field, self.angle_field, self.slant_field

    @property
    def _sides(self) -> tuple[NumberField, NumberField]:
        """The fields in percent."""
        return self.width_field, self.height_field

    @property
    def _meaning(self) -> dict[NumberField, str]:
        """What of a placement each field is."""
        return dict(zip(self.fields, ("x", "y", "across", "down", "degrees", "slant"), strict=True))

    def show_framing(self, framing: Framing | None) -> None:
        """Show a transform in numbers, as far as it has them."""
        placement = None if framing is None else framing.placement
        for field in self.fields:
            field.setEnabled(placement is not None)
            field.setToolTip(field.accessibleDescription() if placement is not None else say(text.BENT_HELP))
        for button in (self.reset, self.discard, self.apply):
            button.setEnabled(framing is not None)
        if placement is None:
            return
        for field, name in self._meaning.items():
            field.show_value(getattr(placement, name) * (100 if field in self._sides else 1))

    def _number(self, name: str, help_: str, limit: float, suffix: str) -> NumberField:
        field = NumberField(say(name), say(help_), -limit, limit, say(suffix), self)
        field.valueChanged.connect(lambda _: self._take(field))
        return field

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        labelled(row, say(text.X), self.x_field)
        labelled(row, say(text.Y), self.y_field)
        row.addSpacing(8)
        labelled(row, say(text.WIDTH), self.width_field)
        row.addWidget(self.linked)
        labelled(row, say(text.HEIGHT), self.height_field)
        row.addSpacing(8)
        labelled(row, say(text.ANGLE), self.angle_field)
        labelled(row, say(text.SLANT), self.slant_field)
        row.addSpacing(8)
        labelled(row, say(text.SAMPLING), self.sampling)
        row.addStretch(1)
        for button in (self.reset, self.discard, self.apply):
            row.addWidget(button)

    def _take(self, field: NumberField) -> None:
        """Transform by what the fields say; a side that is linked follows the other one."""
        framing = self._tool.framing
        before = None if framing is None else framing.placement
        if before is None:
            return
        after = replace(before, **{self._meaning[field]: field.value() / (100 if field in self._sides else 1)})
        if self.linked.isChecked() and field in self._sides:
            factor = after.across / before.across if field is self.width_field else after.down / before.down
            after = replace(after, across=before.across * factor, down=before.down * factor)
        self._tool.place(after)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return after an entry gives the keys back to the canvas; there the next one applies."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape) and self._tool.is_active:
            self._tool.host.take_focus()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "apply"):
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        self.linked.setIcon(icon("link"))
        self.discard.setIcon(icon("close"))
        self.apply.setIcon(icon("check"))
