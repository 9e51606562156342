"""The shortcut editor: every action with its keys, new keys by pressing them, and what else has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui import text
from studio.ui.actions import ActionSet, plain
from studio.ui.settings import SettingsFile
from studio.ui.text import say


def conflicts(keys: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Which actions share a shortcut, by shortcut in portable text; only those that more than one has."""
    users: dict[str, list[str]] = {}
    for action, told in keys.items():
        for one in told:
            users.setdefault(QKeySequence(one).toString(), []).append(action)
    return {one: actions for one, actions in users.items() if len(actions) > 1}


class ShortcutEditor(QDialog):
    """Changes are used and kept at once; setting keys that another action has takes them away there."""

    def __init__(self, actions: ActionSet, settings: SettingsFile, parent: QWidget) -> None:
        super().__init__(parent)
        self._actions = actions
        self._settings = settings
        self.setWindowTitle(say(text.SHORTCUTS_TITLE))
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(say(text.SHORTCUTS_FILTER))
        self.search.setAccessibleName(say(text.SHORTCUTS_FILTER))
        self.list = self._made_list()
        self.keys = QKeySequenceEdit(self)
        self.keys.setMaximumSequenceLength(1)
        self.keys.setAccessibleName(say(text.SHORTCUTS_KEYS))
        self.message = QLabel(self)
        self.message.setWordWrap(True)
        self.message.setMinimumHeight(2 * self.message.fontMetrics().lineSpacing())
        self.set_button = self._button(text.SHORTCUTS_SET, self._set)
        self.clear_button = self._button(text.SHORTCUTS_CLEAR, self._clear)
        self.reset_button = self._button(text.SHORTCUTS_RESET, self._reset)
        self.reset_all_button = self._button(text.SHORTCUTS_RESET_ALL, self._reset_all)
        self._lay_out()
        self.search.textChanged.connect(self._fill)
        self.list.currentItemChanged.connect(self._show_current)
        self.keys.keySequenceChanged.connect(self._check)
        self._fill("")
        self.resize(620, 560)

    @property
    def chosen(self) -> str | None:
        """The id of the action whose keys are edited."""
        item = self.list.currentItem()
        return None if item is None else str(item.data(0, Qt.ItemDataRole.UserRole))

    def choose(self, action_id: str) -> None:
        """Edit the keys of this action."""
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            if item is not None and item.data(0, Qt.ItemDataRole.UserRole) == action_id:
                self.list.setCurrentItem(item)

    def _made_list(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setAccessibleName(say(text.SHORTCUTS_ACTION))
        tree.setRootIsDecorated(False)
        tree.setProperty("roomy", True)
        tree.setHeaderLabels([say(text.SHORTCUTS_ACTION), say(text.SHORTCUTS_KEYS)])
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        tree.header().setStretchLastSection(False)
        return tree

    def _button(self, label: str, run: object) -> QPushButton:
        button = QPushButton(say(label), self)
        button.setAutoDefault(False)
        button.clicked.connect(run)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.keys, 1)
        for button in (self.set_button, self.clear_button, self.reset_button):
            row.addWidget(button)
        end = QHBoxLayout()
        end.addWidget(self.reset_all_button)
        buttons = QDialogButtonBox(self)
        buttons.addButton(say(text.DONE), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        end.addWidget(buttons)
        column = QVBoxLayout(self)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addWidget(self.message)
        column.addLayout(row)
        column.addLayout(end)

    def _fill(self, typed: str) -> None:
        chosen = self.chosen
        self.list.clear()
        for action_id, spec in self._actions.specs.items():
            label = plain(spec.label)
            if typed.strip().lower() in label.lower():
                item = QTreeWidgetItem([label, self._shown(action_id)])
                item.setData(0, Qt.ItemDataRole.UserRole, action_id)
                self.list.addTopLevelItem(item)
        if chosen is not None:
            self.choose(chosen)
        self._show_current()

    def _shown(self, action_id: str) -> str:
        native = QKeySequence.SequenceFormat.NativeText
        return ", ".join(QKeySequence(keys).toString(native) for keys in self._actions.keys(action_id))

    def _show_current(self) -> None:
        chosen = self.chosen
        for part in (self.keys, self.set_button, self.clear_button, self.reset_button):
            part.setEnabled(chosen is not None)
        if chosen is None:
            self.message.setText(say(text.SHORTCUTS_PICK))
            return
        keys = self._actions.keys(chosen)
        self.keys.setKeySequence(QKeySequence(keys[0] if keys else ""))
        self._check()

    def _check(self) -> None:
        chosen = self.chosen
        if chosen is None:
            return
        other = self._owner_of(self.keys.keySequence().toString(), but=chosen)
        label = plain(self._actions.specs[chosen].label)
        if other is None:
            self.message.setText(say(text.SHORTCUTS_NEW, action=label))
        else:
            keys = self.keys.keySequence().toString(QKeySequence.SequenceFormat.NativeText)
            taken = plain(self._actions.specs[other].label)
            self.message.setText(say(text.SHORTCUTS_TAKEN, keys=keys, other=taken))

    def _owner_of(self, keys: str, *, but: str) -> str | None:
        """Another action that has these keys."""
        if not keys:
            return None
        for action_id in self._actions.specs:
            if action_id != but and keys in (QKeySequence(one).toString() for one in self._actions.keys(action_id)):
                return action_id
        return None

    def _set(self) -> None:
        chosen, keys = self.chosen, self.keys.keySequence().toString()
        if chosen is None:
            return
        told = dict(self._settings.now.shortcuts)
        while (other := self._owner_of(keys, but=chosen)) is not None:
            rest = [one for one in self._actions.keys(other) if QKeySequence(one).toString() != keys]
            told[other] = rest[0] if rest else ""
            self._settings.change(shortcuts=dict(told))
        told[chosen] = keys
        self._keep(told)

    def _clear(self) -> None:
        self.keys.clear()
        self._set()

    def _reset(self) -> None:
        told = {key: value for key, value in self._settings.now.shortcuts.items() if key != self.chosen}
        self._keep(told)

    def _reset_all(self) -> None:
        self._keep({})

    def _keep(self, told: dict[str, str]) -> None:
        self._settings.change(shortcuts=told)
        self._actions.use_shortcuts()
        self._actions.refresh()
        self._fill(self.search.text())
