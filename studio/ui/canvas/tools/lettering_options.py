"""The line of controls of the text tool: font, size, alignment, and buttons that keep or leave the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QEvent, QSignalBlocker, SignalInstance
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QWidget

from studio.core.lettering import LARGEST_PX, TextAlignment
from studio.lettering import fonts
from studio.ui.canvas.options import Options
from studio.ui.canvas.tools import lettering_text as text
from studio.ui.canvas.tools.lettering_text import say
from studio.ui.canvas.tools.transform_options import NumberField, labelled, push_button
from studio.ui.icons import icon

WEIGHTS = {
    100: text.WEIGHT_100,
    200: text.WEIGHT_200,
    300: text.WEIGHT_300,
    400: text.WEIGHT_400,
    500: text.WEIGHT_500,
    600: text.WEIGHT_600,
    700: text.WEIGHT_700,
    800: text.WEIGHT_800,
    900: text.WEIGHT_900,
}
ALIGNMENTS = {
    TextAlignment.LEFT: text.LEFT,
    TextAlignment.CENTER: text.CENTER,
    TextAlignment.RIGHT: text.RIGHT,
}
FAMILY_PX = 170


@dataclass(frozen=True, slots=True, kw_only=True)
class LetteringSettings:
    """The style of what is written next; as in `Lettering`."""

    family: str = ""
    size_px: float = 64.0
    weight: int = 400
    italic: bool = False
    alignment: TextAlignment = TextAlignment.LEFT
    tracking: int = 0
    line_height: float = 1.2


class Writing(Protocol):
    """What the line of controls needs of the tool."""

    settings: Options[LetteringSettings]

    @property
    def is_writing(self) -> bool: ...
    def keep(self) -> bool: ...
    def discard(self) -> None: ...


class LetteringOptions(QWidget):
    """Shows the style that is set, and sets another; what is being written follows at once."""

    def __init__(self, tool: Writing, changed: SignalInstance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tool = tool
        self._changed = changed
        self.family = self._choice(text.FAMILY, text.FAMILY_HELP)
        self.family.setFixedWidth(FAMILY_PX)
        self.weight = self._choice(text.WEIGHT, text.WEIGHT_HELP)
        for value, name in WEIGHTS.items():
            self.weight.addItem(say(name), value)
        self.italic = QToolButton(self)
        self.italic.setCheckable(True)
        self.italic.setAccessibleName(say(text.ITALIC))
        self.italic.setToolTip(say(text.ITALIC_HELP))
        self.size_field = NumberField(say(text.SIZE), say(text.SIZE_HELP), 1, LARGEST_PX, say(text.PIXELS), self)
        self.alignment = self._choice(text.ALIGNMENT, text.ALIGNMENT_HELP)
        for value, name in ALIGNMENTS.items():
            self.alignment.addItem(say(name), value)
        self.tracking = NumberField(say(text.TRACKING), say(text.TRACKING_HELP), -1000, 10_000, "", self, decimals=0)
        self.line_height = NumberField(
            say(text.LINE_HEIGHT_NAME), say(text.LINE_HEIGHT_HELP), 10, 1000, say(text.PERCENT), self, decimals=0
        )
        self.cancel_button = push_button(self, say(text.CANCEL), say(text.CANCEL_HELP), tool.discard)
        self.apply_button = push_button(self, say(text.APPLY), say(text.APPLY_HELP), tool.keep)
        self._lay_out()
        self._listen()
        self._dress()
        self._subscription = tool.settings.changed.connect(lambda _: self._show())
        self.destroyed.connect(self._subscription.close)
        changed.connect(self._show)
        self._show()

    def _choice(self, name: str, help_: str) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(say(name))
        box.setToolTip(say(help_))
        return box

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        labelled(row, say(text.FAMILY), self.family)
        row.addWidget(self.weight)
        row.addWidget(self.italic)
        labelled(row, say(text.SIZE), self.size_field)
        row.addSpacing(8)
        labelled(row, say(text.ALIGNMENT), self.alignment)
        labelled(row, say(text.TRACKING), self.tracking)
        labelled(row, say(text.LINE_HEIGHT), self.line_height)
        row.addStretch(1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.apply_button)

    def _listen(self) -> None:
        change = self._tool.settings.change
        self.family.activated.connect(lambda _: change(family=self.family.currentData()))
        self.weight.activated.connect(lambda _: change(weight=self.weight.currentData()))
        self.italic.toggled.connect(lambda on: change(italic=on))
        self.size_field.valueChanged.connect(lambda value: change(size_px=float(value)))
        self.alignment.activated.connect(lambda _: change(alignment=TextAlignment(self.alignment.currentData())))
        self.tracking.valueChanged.connect(lambda value: change(tracking=round(value)))
        self.line_height.valueChanged.connect(lambda value: change(line_height=value / 100))

    def _show(self) -> None:
        """Show what is set, and whether anything is being written."""
        now = self._tool.settings.now
        self._show_family(now.family)
        self.weight.setCurrentIndex(self.weight.findData(now.weight))
        self.alignment.setCurrentIndex(self.alignment.findData(now.alignment))
        with QSignalBlocker(self.italic):
            self.italic.setChecked(now.italic)
        self.size_field.show_value(now.size_px)
        self.tracking.show_value(now.tracking)
        self.line_height.show_value(100 * now.line_height)
        for button in (self.cancel_button, self.apply_button):
            button.setEnabled(self._tool.is_writing)

    def _show_family(self, family: str) -> None:
        """Show it among all families; there are none to choose from while the fonts are still being looked for."""
        self.family.setEnabled(fonts.are_found())
        if not fonts.are_found():
            self.family.setPlaceholderText(say(text.FINDING_FONTS))
            return
        if not self.family.count():
            for name in fonts.families():
                self.family.addItem(name, name)
        if not fonts.is_known(family) and self.family.findData(family) < 0:
            self.family.insertItem(0, say(text.FAMILY_MISSING, family=family), family)
        self.family.setCurrentIndex(self.family.findData(family or fonts.usual_family()))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "apply_button"):
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        self.italic.setIcon(icon("italic"))
        self.cancel_button.setIcon(icon("close"))
        self.apply_button.setIcon(icon("check"))
