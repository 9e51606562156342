"""What the window shows when nothing is open: where to start, recent files, work to recover."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.documents import Recoverable
from studio.ui import text, theme
from studio.ui.icons import drawn
from studio.ui.text import say

WIDTH_PX = 560
ROW_PX = 28
_SIGN_PX = 56
_LISTED = 6


class Welcome(QWidget):
    """`chosen` brings the path of a recent file, `recover` and `discard` what an earlier run left behind."""

    chosen = Signal(object)
    recover = Signal(object)
    discard = Signal(object)

    def __init__(self, actions: Callable[[str], QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(say(text.WELCOME_TITLE))
        self._sign = QLabel(self)
        self._title = QLabel(say(text.WELCOME_TITLE), self)
        self._lead = _words(say(text.WELCOME_LEAD), self)
        self._drop = QLabel(say(text.WELCOME_DROP), self)
        self._buttons = [
            _button(say(label), actions(action), self)
            for label, action in (
                (text.WELCOME_OPEN, "file.open"),
                (text.WELCOME_SAMPLE, "file.sample"),
                (text.WELCOME_NEW, "file.new"),
            )
        ]
        self._left = QFrame(self)
        self._left_rows = QVBoxLayout(self._left)
        self._recent_title = QLabel(say(text.WELCOME_RECENT), self)
        self.recent = QListWidget(self)
        self.recent.setAccessibleName(say(text.WELCOME_RECENT_LIST))
        self.recent.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.recent.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.recent.itemActivated.connect(lambda item: self.chosen.emit(item.data(Qt.ItemDataRole.UserRole)))
        self._lay_out()
        self.show_left_over(())
        self._dress()

    def show_recent(self, paths: Sequence[Path]) -> None:
        """List the files opened last, newest first."""
        self.recent.clear()
        for path in paths[:_LISTED]:
            item = QListWidgetItem(path.name)
            item.setToolTip(str(path))
            item.setData(Qt.ItemDataRole.UserRole, path)
            item.setSizeHint(QSize(0, ROW_PX))
            self.recent.addItem(item)
        for part in (self.recent, self._recent_title):
            part.setVisible(bool(paths))
        self.recent.setFixedHeight(ROW_PX * self.recent.count() + 2 * self.recent.frameWidth() + 2)

    def show_left_over(self, items: Sequence[Recoverable]) -> None:
        """List work that an earlier run did not save."""
        while (taken := self._left_rows.takeAt(0)) is not None:
            widget = taken.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._left.setVisible(bool(items))
        if items:
            title = QLabel(say(text.RECOVER_TITLE), self._left)
            title.setObjectName("leftTitle")
            self._left_rows.addWidget(title)
        for item in items:
            self._left_rows.addWidget(self._left_row(item))

    def _left_row(self, item: Recoverable) -> QWidget:
        row = QWidget(self._left)
        when = datetime.fromtimestamp(item.changed_s).strftime("%Y-%m-%d %H:%M")
        name = QLabel(say(text.RECOVER_ITEM, name=item.name, when=when), row)
        recover, discard = QPushButton(say(text.RECOVER), row), QPushButton(say(text.DISCARD), row)
        recover.clicked.connect(lambda: self.recover.emit(item))
        discard.clicked.connect(lambda: self.discard.emit(item))
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(name, 1)
        layout.addWidget(recover)
        layout.addWidget(discard)
        return row

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.current().spacing_px)
        for button in self._buttons:
            row.addWidget(button)
        row.addSpacing(theme.current().spacing_px)
        row.addWidget(self._drop)
        row.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addStretch(2)
        for part in (self._sign, self._title, self._lead):
            column.addWidget(part)
        column.addSpacing(6)
        column.addLayout(row)
        column.addSpacing(18)
        column.addWidget(self._left)
        column.addWidget(self._recent_title)
        column.addWidget(self.recent)
        column.addStretch(3)
        middle = QWidget(self)
        middle.setMaximumWidth(WIDTH_PX)
        middle.setLayout(column)
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        outer.addWidget(middle, 8)
        outer.addStretch(1)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        look = theme.current()
        self._sign.setPixmap(drawn("decompose", look.accent, _SIGN_PX, self.devicePixelRatioF()))
        font = self.font()
        font.setPointSizeF(self.font().pointSizeF() * 1.7)
        self._title.setFont(font)
        for label in (self._lead, self._drop, self._recent_title):
            palette = label.palette()
            palette.setColor(label.foregroundRole(), theme.brush(look.muted).color())
            label.setPalette(palette)
        sheet = (
            f"#left {{ background: {look.base}; border: 1px solid {look.warning}; border-radius: {look.radius_px}px; }}"
        )
        self._left.setObjectName("left")
        if self._left.styleSheet() != sheet:
            self._left.setStyleSheet(sheet)


def _words(words: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setWordWrap(True)
    return label


def _button(label: str, action: QAction, parent: QWidget) -> QPushButton:
    button = QPushButton(label, parent)
    button.setToolTip(action.toolTip())
    button.clicked.connect(action.trigger)
    return button
