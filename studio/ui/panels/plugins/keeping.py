"""Presets and reset as a menu, and the dialog that asks for a preset's name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from studio.ui.forms import text
from studio.ui.forms.text import say
from studio.ui.icons import icon


class PresetButton(QToolButton):
    """`chosen` brings the name of a preset to load, `deleted` one to forget; `save` and `reset` ask for those."""

    chosen = Signal(str)
    deleted = Signal(str)
    save = Signal()
    reset = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setIcon(icon("more"))
        self.setAccessibleName(say(text.PRESETS))
        self.setToolTip(say(text.PRESETS))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(QMenu(self))
        self._deleting = QMenu(say(text.PRESET_DELETE), self)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.setIcon(icon("more"))
        super().changeEvent(event)

    def show_presets(self, names: Sequence[str], *, is_default: bool) -> None:
        """Fill the menu."""
        menu = self.menu()
        menu.clear()
        self._deleting.clear()
        menu.setToolTipsVisible(True)
        for name in names:
            menu.addAction(name.replace("&", "&&"), lambda name=name: self.chosen.emit(name))
        if not names:
            menu.addAction(say(text.PRESET_NONE)).setEnabled(False)
        menu.addSeparator()
        menu.addAction(say(text.PRESET_SAVE), self.save.emit)
        menu.addMenu(self._deleting)
        self._deleting.setEnabled(bool(names))
        for name in names:
            self._deleting.addAction(name.replace("&", "&&"), lambda name=name: self.deleted.emit(name))
        menu.addSeparator()
        reset = menu.addAction(say(text.RESET_ALL), self.reset.emit)
        reset.setEnabled(not is_default)
        reset.setToolTip(say(text.RESET_NOTHING) if is_default else "")


class NameDialog(QDialog):
    """Asks under which name a preset is kept; tells when there is one of that name."""

    def __init__(self, known: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known = known
        self.setWindowTitle(say(text.PRESET_SAVE))
        self.line = QLineEdit(self)
        self.line.setAccessibleName(say(text.PRESET_NAME))
        label = QLabel(say(text.PRESET_NAME), self)
        label.setBuddy(self.line)
        self.words = QLabel(self)
        buttons = QDialogButtonBox(self)
        self.keep_button = buttons.addButton(say(text.PRESET_KEEP), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(say(text.CANCEL), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for part in (label, self.line, self.words, buttons):
            column.addWidget(part)
        self.setMinimumWidth(320)
        self.line.textChanged.connect(self._show)
        self._show()

    @property
    def name(self) -> str:
        return self.line.text().strip()

    def _show(self) -> None:
        self.keep_button.setEnabled(bool(self.name))
        self.keep_button.setToolTip("" if self.name else say(text.PRESET_NEEDS_NAME))
        self.words.setText(say(text.PRESET_REPLACES) if self.name in self._known else "")
