"""What the dialogs of sizes share: number fields with names, choices, and the row of buttons."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QDoubleSpinBox, QWidget

from studio.ui.geometry import text
from studio.ui.geometry.text import say

FIELD_PX = 130


class SizeField(QDoubleSpinBox):
    """A length or an angle with its unit."""

    def __init__(self, name: str, help_: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(help_)
        self.setMinimumWidth(FIELD_PX)
        self.setKeyboardTracking(True)

    def set_unit(self, suffix: str, low: float, high: float, decimals: int) -> None:
        """Tell another quantity; nothing is emitted."""
        with QSignalBlocker(self):
            self.setSuffix(suffix)
            self.setDecimals(decimals)
            self.setRange(low, high)

    def show_value(self, value: float) -> None:
        """Show another number; nothing is emitted."""
        with QSignalBlocker(self):
            self.setValue(value)

    def textFromValue(self, value: float) -> str:
        """Without zeros at the end."""
        shown = super().textFromValue(value)
        point = self.locale().decimalPoint()
        return shown.rstrip("0").rstrip(point) if point in shown else shown


def choice(name: str, help_: str, entries: Iterable[tuple[str, object]], parent: QWidget) -> QComboBox:
    """A list to choose from, each entry with what it stands for."""
    box = QComboBox(parent)
    box.setAccessibleName(name)
    box.setToolTip(help_)
    for label, value in entries:
        box.addItem(label, value)
    return box


def buttons(dialog: QDialog, accept: str) -> QDialogButtonBox:
    """Do it, or cancel."""
    box = QDialogButtonBox(dialog)
    box.addButton(accept, QDialogButtonBox.ButtonRole.AcceptRole).setDefault(True)
    box.addButton(say(text.CANCEL), QDialogButtonBox.ButtonRole.RejectRole)
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box
