"""Questions about files: what a format keeps, unsaved changes, and a new document."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.document import MAX_SIDE_PX, Document
from studio.core.geometry import Size
from studio.core.layers import RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.io.report import Fate, Notice
from studio.ui import text
from studio.ui.text import say

FATES = {
    Fate.DROPPED: text.FATE_DROPPED,
    Fate.BAKED: text.FATE_BAKED,
    Fate.CONVERTED: text.FATE_CONVERTED,
    Fate.KEPT: text.FATE_KEPT,
}
WIDTH_PX = 640
ROW_PX = 30
TALLEST_PX = 460


class ReportDialog(QDialog):
    """The loss report of a file. With `asks`, accepting it writes the file."""

    def __init__(self, title: str, lead: str, notices: Sequence[Notice], parent: QWidget, *, asks: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        words = QLabel(lead, self)
        words.setWordWrap(True)
        self.table = _table(notices, self)
        buttons = QDialogButtonBox(self)
        if asks:
            write = buttons.addButton(say(text.WRITE), QDialogButtonBox.ButtonRole.AcceptRole)
            write.setDefault(True)
            write.setFocus()
            buttons.addButton(say(text.CANCEL), QDialogButtonBox.ButtonRole.RejectRole)
        else:
            buttons.addButton(say(text.DONE), QDialogButtonBox.ButtonRole.AcceptRole).setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(words)
        column.addWidget(self.table, 1)
        column.addWidget(buttons)
        self.table.setVisible(bool(notices))
        self.resize(WIDTH_PX, min(140 + ROW_PX * len(notices), TALLEST_PX))


def _table(notices: Sequence[Notice], parent: QWidget) -> QTreeWidget:
    """Worst first."""
    table = QTreeWidget(parent)
    table.setAccessibleName(parent.windowTitle())
    table.setRootIsDecorated(False)
    table.setProperty("roomy", True)
    table.setUniformRowHeights(False)
    table.setWordWrap(True)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setHeaderLabels([say(text.REPORT_FATE), say(text.REPORT_WHAT), say(text.REPORT_LAYER), say(text.REPORT_WHY)])
    order = list(FATES)
    for notice in sorted(notices, key=lambda notice: order.index(notice.fate)):
        item = QTreeWidgetItem([say(FATES[notice.fate]), notice.what, notice.layer, notice.why])
        for column in range(4):
            item.setToolTip(column, item.text(column))
        table.addTopLevelItem(item)
    table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.header().setMaximumSectionSize(260)
    table.header().setStretchLastSection(True)
    return table


class Answer(StrEnum):
    """To “Save your changes?”"""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


def unsaved_box(name: str, parent: QWidget, *, job_runs: bool) -> QMessageBox:
    """“Save your changes?”; `answer_of` reads it after it is done."""
    box = QMessageBox(parent)
    box.setObjectName("unsaved")
    box.setWindowTitle(say(text.UNSAVED_TITLE))
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setText(say(text.UNSAVED_TEXT, name=name))
    if job_runs:
        box.setInformativeText(say(text.UNSAVED_JOB))
    for label, role, answer in (
        (text.UNSAVED_SAVE, QMessageBox.ButtonRole.AcceptRole, Answer.SAVE),
        (text.UNSAVED_DISCARD, QMessageBox.ButtonRole.DestructiveRole, Answer.DISCARD),
        (text.CANCEL, QMessageBox.ButtonRole.RejectRole, Answer.CANCEL),
    ):
        button = box.addButton(say(label), role)
        button.setObjectName(answer)
        if answer is Answer.SAVE:
            box.setDefaultButton(button)
        if answer is Answer.CANCEL:
            box.setEscapeButton(button)
    return box


def answer_of(box: QMessageBox) -> Answer:
    """What was pressed; Cancel when the box was closed."""
    pressed = box.clickedButton()
    return Answer.CANCEL if pressed is None else Answer(pressed.objectName())


class NewDialog(QDialog):
    """Size, depth and background of a new document."""

    def __init__(self, size: Size, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(say(text.NEW_TITLE))
        self.width_px = self._side(size.width, say(text.NEW_WIDTH))
        self.height_px = self._side(size.height, say(text.NEW_HEIGHT))
        self.depth_choice = self._choice(
            say(text.NEW_DEPTH), (text.DEPTH_8, Depth.EIGHT), (text.DEPTH_16, Depth.SIXTEEN)
        )
        self.background = self._choice(say(text.NEW_BACKGROUND), (text.NEW_WHITE, True), (text.NEW_TRANSPARENT, False))
        form = QFormLayout()
        form.addRow(say(text.NEW_WIDTH), self.width_px)
        form.addRow(say(text.NEW_HEIGHT), self.height_px)
        form.addRow(say(text.NEW_DEPTH), self.depth_choice)
        form.addRow(say(text.NEW_BACKGROUND), self.background)
        buttons = QDialogButtonBox(self)
        buttons.addButton(say(text.NEW_CREATE), QDialogButtonBox.ButtonRole.AcceptRole).setDefault(True)
        buttons.addButton(say(text.CANCEL), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(buttons)

    def document(self) -> Document:
        """What was asked for."""
        size, depth = Size(self.width_px.value(), self.height_px.value()), Depth(self.depth_choice.currentData())
        value = depth.top if self.background.currentData() else 0
        samples = np.full((size.height, size.width, 4), value, depth.dtype)
        layer = RasterLayer(name=say(text.BACKGROUND), pixels=PixelBuffer.from_array(samples))
        return Document(size=size, depth=depth, layers=(layer,))

    def _side(self, value: int, name: str) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(1, min(30_000, MAX_SIDE_PX))
        box.setValue(value)
        box.setSuffix(say(text.PIXELS_SUFFIX))
        box.setAccessibleName(name)
        return box

    def _choice(self, name: str, *entries: tuple[str, object]) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(name)
        for label, value in entries:
            box.addItem(say(label), value)
        return box
