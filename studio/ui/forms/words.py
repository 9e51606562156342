"""Fields for words, choices and switches."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from studio.plugin_api.params import ParamSpec
from studio.ui.forms import text
from studio.ui.forms.field import Field, still, tip
from studio.ui.forms.host import FormHost
from studio.ui.forms.text import say
from studio.ui.spoken import say_plugin

PROMPT_LINES = 3


class SwitchField(Field):
    """On or off; the label stands beside the box."""

    def __init__(self, spec: ParamSpec, host: FormHost, parent: QWidget | None = None) -> None:
        super().__init__(spec, host, parent)
        self.box = QCheckBox(spec.label, self)
        self.box.setAccessibleDescription(spec.help)
        self.box.setToolTip(tip(spec.help))
        _fill(self, self.box)
        self.set_value(spec.default)
        self.box.toggled.connect(self.changed)

    @property
    def value(self) -> bool:
        return self.box.isChecked()

    def set_value(self, value: object) -> None:
        before = self.box.blockSignals(True)
        self.box.setChecked(bool(value))
        self.box.blockSignals(before)


class ChoiceField(Field):
    """One of several words."""

    def __init__(self, spec: ParamSpec, host: FormHost, parent: QWidget | None = None) -> None:
        super().__init__(spec, host, parent)
        self.box = QComboBox(self)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setAccessibleName(spec.label)
        self.box.setAccessibleDescription(spec.help)
        for choice in spec.choices:
            said = say_plugin(choice)
            self.box.addItem(choice.replace("_", " ").capitalize() if said == choice else said, choice)
        still(self.box)
        _fill(self, self.box)
        self.set_value(spec.default)
        self.box.currentIndexChanged.connect(self.changed)

    @property
    def value(self) -> object:
        """A member of the class that the default is a member of."""
        return type(self.spec.default)(self.box.currentData())  # pyright: ignore[reportCallIssue] - a StrEnum

    def set_value(self, value: object) -> None:
        before = self.box.blockSignals(True)
        self.box.setCurrentIndex(self.box.findData(str(value)))
        self.box.blockSignals(before)


class TextField(Field):
    """One line of text."""

    def __init__(self, spec: ParamSpec, host: FormHost, parent: QWidget | None = None) -> None:
        super().__init__(spec, host, parent)
        self.line = QLineEdit(self)
        self.line.setAccessibleName(spec.label)
        self.line.setAccessibleDescription(spec.help)
        _fill(self, self.line)
        self.set_value(spec.default)
        self.line.textEdited.connect(lambda _: self.changed.emit())

    @property
    def value(self) -> str:
        return self.line.text()

    def set_value(self, value: object) -> None:
        self.line.setText(str(value))


class PromptEdit(QPlainTextEdit):
    """A text of several lines: Tab leaves it, Ctrl+Return runs."""

    def __init__(self, host: FormHost, lines: int = PROMPT_LINES, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + 20)

    def keyPressEvent(self, e: QKeyEvent) -> None:
        enters = e.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enters and e.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._host.run_wanted.emit()
            return
        super().keyPressEvent(e)


class PromptField(Field):
    """Words for a model."""

    def __init__(self, spec: ParamSpec, host: FormHost, parent: QWidget | None = None) -> None:
        super().__init__(spec, host, parent)
        self.edit = PromptEdit(host, parent=self)
        self.edit.setAccessibleName(spec.label)
        self.edit.setAccessibleDescription(spec.help)
        self.edit.setPlaceholderText(say(text.PROMPT_HINT))
        _fill(self, self.edit)
        self.set_value(spec.default)
        self.edit.textChanged.connect(self.changed)
        self.setFocusProxy(self.edit)

    @property
    def value(self) -> str:
        return self.edit.toPlainText()

    def set_value(self, value: object) -> None:
        if value == self.value:
            return
        before = self.edit.blockSignals(True)
        self.edit.setPlainText(cast("str", value))
        self.edit.blockSignals(before)


def _fill(field: Field, widget: QWidget) -> None:
    column = QVBoxLayout(field)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(widget)
    field.setFocusProxy(widget)
