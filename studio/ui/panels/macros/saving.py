"""Keeping what was recorded: its name, its steps, and what could not be recorded."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.macro_library import MacroLibrary
from studio.macros import Recorded
from studio.ui import theme
from studio.ui.forms.field import tint
from studio.ui.panels.macros import text
from studio.ui.panels.macros.telling import step_title, step_values
from studio.ui.panels.macros.text import say
from studio.ui.text import say_edit

SIZE = (380, 360)


class SaveMacroDialog(QDialog):
    """Accepted, the macro is to be kept as `name`; rejected, the recording goes on; `discarded`, it is forgotten.

    Args:
        ended: the recording cannot go on.
    """

    def __init__(self, recorded: Recorded, library: MacroLibrary, parent: QWidget, *, ended: bool) -> None:
        super().__init__(parent)
        self._library = library
        self._taken = {name.casefold() for name in library.names()}
        self.discarded = False
        self.setObjectName("save_macro")
        self.setWindowTitle(say(text.SAVE_TITLE))
        self.field = QLineEdit(self._free_name(), self)
        self.field.setAccessibleName(say(text.NAME))
        self.field.selectAll()
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.steps = QListWidget(self)
        self.steps.setAccessibleName(say(text.STEPS, count=len(recorded.steps)))
        for number, step in enumerate(recorded.steps, 1):
            self.steps.addItem(say(text.STEP_NUMBER, number=number, step=step_title(step)))
            self.steps.item(number - 1).setToolTip(step_values(step))
        self.left_out = QLabel(self)
        self.left_out.setWordWrap(True)
        self.left_out.setTextFormat(Qt.TextFormat.PlainText)
        if recorded.left_out:
            self.left_out.setText(say(text.LEFT_OUT, steps=", ".join(say_edit(label) for label in recorded.left_out)))
            tint(self.left_out, theme.current().warning)
        self.left_out.setVisible(bool(recorded.left_out))
        self.discard_button = self._button(text.DISCARD)
        self.go_on_button = self._button(text.GO_ON)
        self.keep_button = self._button(text.KEEP)
        self.keep_button.setDefault(True)
        self.go_on_button.setVisible(not ended)
        self.discard_button.clicked.connect(self._discard)
        self.go_on_button.clicked.connect(self.reject)
        self.keep_button.clicked.connect(self.accept)
        self.field.textChanged.connect(lambda _: self._show_fault())
        self._lay_out(len(recorded.steps))
        self._show_fault()
        self.resize(*SIZE)

    @property
    def name(self) -> str:
        return self.field.text().strip()

    def accept(self) -> None:
        if not self._library.fault(self.name):
            super().accept()

    def _discard(self) -> None:
        self.discarded = True
        self.reject()

    def _show_fault(self) -> None:
        fault = self._library.fault(self.name)
        replaces = not fault and self.name.casefold() in self._taken
        self.note.setText(fault or (say(text.REPLACES) if replaces else ""))
        self.note.setVisible(bool(self.note.text()))
        tint(self.note, theme.current().danger if fault else theme.current().warning)
        self.keep_button.setEnabled(not fault)
        self.keep_button.setToolTip(fault)

    def _free_name(self) -> str:
        numbers = range(1, len(self._taken) + 2)
        names = (say(text.NEW_NAME, number=number) for number in numbers)
        return next(name for name in names if name.casefold() not in self._taken)

    def _button(self, label: str) -> QPushButton:
        button = QPushButton(say(label), self)
        button.setAutoDefault(False)
        return button

    def _lay_out(self, count: int) -> None:
        name = QLabel(say(text.NAME), self)
        name.setBuddy(self.field)
        buttons = QHBoxLayout()
        buttons.addWidget(self.discard_button)
        buttons.addStretch(1)
        buttons.addWidget(self.go_on_button)
        buttons.addWidget(self.keep_button)
        column = QVBoxLayout(self)
        for part in (name, self.field, self.note, QLabel(say(text.STEPS, count=count), self)):
            column.addWidget(part)
        column.addWidget(self.steps, 1)
        column.addWidget(self.left_out)
        column.addLayout(buttons)
