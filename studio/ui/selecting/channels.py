"""Saving the selection under a name, and loading one that was saved. They are kept in the document."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.core import edits
from studio.core.events import DocumentChanged, Subscriptions
from studio.core.selection import Combine
from studio.ui.canvas.view import CanvasView
from studio.ui.selecting import text
from studio.ui.selecting.soon import told
from studio.ui.selecting.text import say


class SaveDialog(QDialog):
    """Asks for the name, and what becomes of a saved selection that has it."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas.window())
        self._canvas = canvas
        self.setObjectName("save_selection")
        self.setWindowTitle(say(text.SAVE_TITLE))
        self._there = [channel.name for channel in canvas.session.document.channels]
        self.name = QComboBox(self)
        self.name.setEditable(True)
        self.name.addItems(self._there)
        self.name.setCurrentText(self._free_name())
        self.name.setAccessibleName(say(text.NAME))
        self.name.setToolTip(say(text.NAME_HELP))
        self.how = combine_choice(text.SAVE_NAMES, text.SAVE_HOW, self)
        self.how.setToolTip(say(text.SAVE_HOW_HELP))
        form = QFormLayout()
        form.addRow(say(text.NAME), self.name)
        form.addRow(say(text.SAVE_HOW), self.how)
        buttons = QDialogButtonBox(self)
        self.save = buttons.addButton(say(text.SAVE_DO), QDialogButtonBox.ButtonRole.AcceptRole)
        self.save.setDefault(True)
        buttons.addButton(say(text.CANCEL), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(buttons)
        self.name.editTextChanged.connect(self._on_name)
        self._on_name(self.name.currentText())
        self.setMinimumWidth(340)

    def accept(self) -> None:
        name = self.name.currentText().strip()
        how = Combine(self.how.currentData()) if name in self._there else Combine.REPLACE
        step = edits.step(edits.save_selection, name, combine=how)
        if told(self._canvas, lambda: self._canvas.session.history.apply(step)):
            super().accept()

    def _free_name(self) -> str:
        number = len(self._there) + 1
        while (name := say(text.NEW_NAME, number=number)) in self._there:
            number += 1
        return name

    def _on_name(self, name: str) -> None:
        self.save.setEnabled(bool(name.strip()))
        self.how.setEnabled(name.strip() in self._there)


class LoadDialog(QDialog):
    """Lists the saved selections: loads one, renames and deletes them."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas.window())
        self._canvas = canvas
        self.setObjectName("load_selection")
        self.setWindowTitle(say(text.LOAD_TITLE))
        self.list = QListWidget(self)
        self.list.setAccessibleName(say(text.LOAD_LIST))
        self.list.setToolTip(say(text.LOAD_LIST_HELP))
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.how = combine_choice(text.COMBINE_NAMES, text.LOAD_HOW, self)
        form = QFormLayout()
        form.addRow(say(text.LOAD_HOW), self.how)
        buttons = QDialogButtonBox(self)
        self.delete = QPushButton(say(text.DELETE), self)
        self.delete.setAutoDefault(False)
        buttons.addButton(self.delete, QDialogButtonBox.ButtonRole.DestructiveRole)
        self.load = buttons.addButton(say(text.LOAD_DO), QDialogButtonBox.ButtonRole.AcceptRole)
        self.load.setDefault(True)
        buttons.addButton(say(text.CANCEL), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.delete.clicked.connect(self.delete_current)
        self.list.itemDoubleClicked.connect(lambda _: self.accept())
        self.list.itemChanged.connect(self._rename)
        column = QVBoxLayout(self)
        column.addWidget(self.list, 1)
        column.addLayout(form)
        column.addWidget(buttons)
        self._subscriptions = Subscriptions()
        self._subscriptions.listen(canvas.session.document_changed, self._on_changed)
        self._fill()
        self.resize(380, 300)

    def done(self, result: int) -> None:
        self._subscriptions.close()
        super().done(result)

    def accept(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        step = edits.step(
            edits.load_channel, item.data(Qt.ItemDataRole.UserRole), combine=Combine(self.how.currentData())
        )
        if told(self._canvas, lambda: self._canvas.session.history.apply(step)):
            super().accept()

    def delete_current(self) -> None:
        """Take the chosen one out of the document, which can be undone."""
        item = self.list.currentItem()
        if item is not None:
            step = edits.step(edits.remove_channel, item.data(Qt.ItemDataRole.UserRole))
            told(self._canvas, lambda: self._canvas.session.history.apply(step))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.list.hasFocus():
            self.delete_current()
            return
        super().keyPressEvent(event)

    def _rename(self, item: QListWidgetItem) -> None:
        old, new = item.data(Qt.ItemDataRole.UserRole), item.text().strip()
        if new == old:
            return
        step = edits.step(edits.rename_channel, old, new)
        if not told(self._canvas, lambda: self._canvas.session.history.apply(step)):
            self._fill()

    def _on_changed(self, news: DocumentChanged) -> None:
        if news.new.channels is not news.old.channels:
            self._fill()

    def _fill(self) -> None:
        row = max(0, self.list.currentRow())
        self.list.blockSignals(True)
        self.list.clear()
        for channel in self._canvas.session.document.channels:
            item = QListWidgetItem(channel.name)
            item.setData(Qt.ItemDataRole.UserRole, channel.name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            self.list.addItem(item)
        self.list.setCurrentRow(min(row, self.list.count() - 1))
        self.list.blockSignals(False)
        for button in (self.load, self.delete):
            button.setEnabled(self.list.count() > 0)


def combine_choice(names: dict[str, str], label: str, parent: QWidget) -> QComboBox:
    """What becomes of what is there when something else comes."""
    box = QComboBox(parent)
    for combine in Combine:
        box.addItem(say(names[combine]), combine)
    box.setAccessibleName(say(label))
    return box
