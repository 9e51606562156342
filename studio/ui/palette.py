"""The command palette: type a few letters of what you want to do, and press Return."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from studio.ui import text, theme
from studio.ui.actions import ActionSet, plain
from studio.ui.text import say

MOST = 200
ROW_PX = 26
_UNAVAILABLE = 1000.0
_BY_ID = 100.0
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, slots=True)
class Match:
    """An action that fits what was typed; a greater score fits better."""

    action: str
    label: str
    score: float


def score(typed: str, label: str) -> float | None:
    """How well the letters of `typed` fit into `label` in their order; None when they do not.

    Whole words and letters that begin a word count more, gaps less.

    >>> score("md", "Merge down") > score("md", "Reload command")
    True
    """
    wanted, text_ = "".join(typed.lower().split()), label.lower()
    if not wanted:
        return 0.0
    bonus = 12.0 if typed.strip().lower() in text_ else 0.0
    bonus += 6.0 if text_.startswith(typed.strip().lower()) else 0.0
    initials = "".join(word[0] for word in text_.split() if word)
    bonus += 8.0 if initials.startswith(wanted) else 0.0
    total, at, last = bonus, 0, -2
    for letter in wanted:
        found = text_.find(letter, at)
        if found < 0:
            return None
        begins = found == 0 or not text_[found - 1].isalnum()
        total += 3.0 if begins else (2.0 if found == last + 1 else 0.5)
        at, last = found + 1, found
    return total - 0.02 * len(text_)


def matches(actions: ActionSet, typed: str) -> list[Match]:
    """Actions that fit, best first, in the table's order when they fit alike. Those that cannot run come last."""
    found: list[Match] = []
    for action_id in actions.specs:
        label = plain(actions[action_id].text())
        value = score(typed, label)
        if value is None and (english := score(typed, action_id.replace(".", " ").replace("_", " "))) is not None:
            value = english - _BY_ID  # in whatever language the window is, the English word finds it
        if value is not None and action_id != "edit.palette":
            found.append(Match(action_id, label, value - (_UNAVAILABLE if actions.why_not(action_id) else 0.0)))
    return sorted(found, key=lambda match: -match.score)[:MOST]


class CommandPalette(QDialog):
    """A field and the list of what fits. Up and Down choose, Return does it, Escape leaves."""

    def __init__(self, actions: ActionSet, parent: QWidget) -> None:
        super().__init__(parent)
        self._actions = actions
        self.setWindowTitle(say(text.PALETTE_TITLE))
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        look = theme.current()
        self.setStyleSheet(f"CommandPalette {{ background: {look.window}; border: 1px solid {look.border}; }}")
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(say(text.PALETTE_PROMPT))
        self.field.setAccessibleName(say(text.PALETTE_PROMPT))
        self.field.setClearButtonEnabled(False)
        self.list = self._made_list()
        self._nothing = QLabel(say(text.PALETTE_NOTHING), self)
        column = QVBoxLayout(self)
        column.addWidget(self.field)
        column.addWidget(self._nothing)
        column.addWidget(self.list, 1)
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list.itemActivated.connect(lambda _: self._take())
        self.resize(560, 420)
        self._fill("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _MOVES:
                self.list.event(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take()
                return True
        return False

    def _made_list(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setAccessibleName(say(text.PALETTE_LIST))
        tree.setColumnCount(2)
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(False)
        tree.setIndentation(0)
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(0, tree.header().ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, tree.header().ResizeMode.ResizeToContents)
        tree.setUniformRowHeights(True)
        tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        return tree

    def _fill(self, typed: str) -> None:
        self.list.clear()
        for match in matches(self._actions, typed):
            self.list.addTopLevelItem(self._item(match))
        first = self.list.topLevelItem(0)
        self.list.setVisible(first is not None)
        self._nothing.setVisible(first is None)
        if first is not None:
            self.list.setCurrentItem(first)

    def _item(self, match: Match) -> QTreeWidgetItem:
        keys = self._actions.keys(match.action)
        reason = self._actions.why_not(match.action)
        shown = QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
        item = QTreeWidgetItem([match.label, reason or shown])
        item.setData(0, Qt.ItemDataRole.UserRole, match.action)
        item.setSizeHint(0, QSize(0, ROW_PX))
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        look = theme.current()
        item.setForeground(1, theme.brush(look.muted))
        if reason:
            item.setForeground(0, theme.brush(look.muted))
            item.setToolTip(0, reason)
        if self._actions[match.action].isChecked():
            item.setText(0, f"✓ {match.label}")
        return item

    def _take(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        action = str(item.data(0, Qt.ItemDataRole.UserRole))
        if self._actions.why_not(action):
            return
        self.accept()
        self._actions[action].trigger()
