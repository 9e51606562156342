"""Two short questions: by how much to rotate the canvas, and what to trim away."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QVBoxLayout, QWidget

from studio.core.edits.arranging import Trimming
from studio.ui.geometry import text
from studio.ui.geometry.fields import SizeField, buttons, choice
from studio.ui.geometry.text import say

TRIMMINGS = (
    (text.TRIM_TRANSPARENT, Trimming.TRANSPARENT),
    (text.TRIM_TOP_LEFT, Trimming.TOP_LEFT),
    (text.TRIM_BOTTOM_RIGHT, Trimming.BOTTOM_RIGHT),
)


class RotateDialog(QDialog):
    """An angle."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(say(text.ROTATE_TITLE))
        self.angle_field = SizeField(say(text.ANGLE), say(text.ANGLE_HELP), self)
        self.angle_field.set_unit(say(text.DEGREES), -360, 360, 2)
        form = QFormLayout()
        form.addRow(say(text.ANGLE), self.angle_field)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(buttons(self, say(text.ROTATE_BUTTON)))
        self.angle_field.selectAll()
        self.angle_field.setFocus()

    @property
    def degrees(self) -> float:
        """Clockwise."""
        return self.angle_field.value()


class TrimDialog(QDialog):
    """What counts as empty, and what becomes of what is cropped."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(say(text.TRIM_TITLE))
        names = [(say(label), trimming) for label, trimming in TRIMMINGS]
        self.by_choice = choice(say(text.TRIM_BY), say(text.TRIM_HELP), names, self)
        self.delete_box = QCheckBox(say(text.DELETE_CROPPED), self)
        self.delete_box.setToolTip(say(text.DELETE_CROPPED_HELP))
        form = QFormLayout()
        form.addRow(say(text.TRIM_BY), self.by_choice)
        form.addRow("", self.delete_box)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(buttons(self, say(text.TRIM_BUTTON)))

    @property
    def by(self) -> Trimming:
        return Trimming(self.by_choice.currentData())

    @property
    def delete_cropped(self) -> bool:
        return self.delete_box.isChecked()
