"""One parameter of a form: label, help, reset, the field, and what is wrong with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.plugin_api.params import ParamKind, ParamSpec
from studio.ui import theme
from studio.ui.forms import text
from studio.ui.forms.drawings import ObjectsField, OperationsField, PicksField, RegionsField
from studio.ui.forms.field import Field, IconButton, tint, tip
from studio.ui.forms.host import FormHost
from studio.ui.forms.numbers import NumberField, SizeField
from studio.ui.forms.places import PlacesField
from studio.ui.forms.scenes import ScenesField
from studio.ui.forms.sources import FileField, LayerField
from studio.ui.forms.text import say
from studio.ui.forms.words import ChoiceField, PromptField, SwitchField, TextField

FIELDS: dict[ParamKind, type[Field]] = {
    ParamKind.NUMBER: NumberField,
    ParamKind.INTEGER: NumberField,
    ParamKind.SWITCH: SwitchField,
    ParamKind.CHOICE: ChoiceField,
    ParamKind.TEXT: TextField,
    ParamKind.PROMPT: PromptField,
    ParamKind.SIZE: SizeField,
    ParamKind.FILE: FileField,
    ParamKind.LAYER: LayerField,
    ParamKind.PICKS: PicksField,
    ParamKind.REGIONS: RegionsField,
    ParamKind.OBJECTS: ObjectsField,
    ParamKind.OPERATIONS: OperationsField,
    ParamKind.PLACES: PlacesField,
    ParamKind.SCENES: ScenesField,
}


class Row(QWidget):
    """`changed` tells that its field holds another value."""

    changed = Signal()

    def __init__(self, spec: ParamSpec, host: FormHost, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.field = FIELDS[spec.kind](spec, host, self)
        self.field.changed.connect(self._on_changed)
        self.help = QLabel(spec.help, self)
        self.help.setWordWrap(True)
        self.help.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.help.hide()
        self.fault = QLabel(self)
        self.fault.setWordWrap(True)
        self.fault.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.fault.hide()
        self.info_button = IconButton("info", text.ROW_HELP, self._toggle_help, self)
        self.info_button.set_name(say(text.ROW_HELP, name=spec.label))
        self.info_button.setCheckable(True)
        self.info_button.setToolTip(tip(spec.help))
        self.reset_button = IconButton("undo", text.ROW_RESET, self.reset, self)
        self.reset_button.set_name(say(text.ROW_RESET, name=spec.label))
        for button in (self.info_button, self.reset_button):
            button.setIconSize(button.iconSize().scaled(14, 14, Qt.AspectRatioMode.KeepAspectRatio))
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            button.setSizePolicy(policy)
        self._lay_out()
        self._show_reset()

    @property
    def is_default(self) -> bool:
        return self.field.value == self.spec.default

    def reset(self) -> None:
        """Back to the plugin's own value."""
        if self.is_default:
            return
        self.field.set_value(self.spec.default)
        self.field.setFocus()  # the button that was pressed goes away
        self._on_changed()

    def show_value(self, value: object) -> None:
        """Show another value."""
        self.field.set_value(value)
        self._show_reset()

    def show_fault(self, words: str, *, urgent: bool) -> None:
        """Say what is wrong, in the colour of errors where it is `urgent`; nothing for no words."""
        self._urgent = urgent
        self.fault.setText(words)
        self.fault.setVisible(bool(words))
        look = theme.current()
        tint(self.fault, look.danger if urgent else look.muted)
        self.field.setAccessibleDescription(words or self.spec.help)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_urgent"):
            self.show_fault(self.fault.text(), urgent=self._urgent)
        super().changeEvent(event)

    def _on_changed(self) -> None:
        self._show_reset()
        self.changed.emit()

    def _show_reset(self) -> None:
        self.reset_button.setVisible(not self.is_default)

    def _toggle_help(self) -> None:
        self.help.setVisible(self.info_button.isChecked())

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(2)
        if isinstance(self.field, SwitchField):
            head.addWidget(self.field)
        else:
            label = QLabel(self.spec.label, self)
            label.setWordWrap(True)
            label.setBuddy(self.field)
            label.setToolTip(tip(self.spec.help))
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            head.addWidget(label, 1)
        head.addStretch(0)
        head.addWidget(self.reset_button)
        head.addWidget(self.info_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(head)
        column.addWidget(self.help)
        if not isinstance(self.field, SwitchField):
            column.addWidget(self.field)
        column.addWidget(self.fault)
