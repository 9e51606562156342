"""The macros panel: every macro with its steps, and buttons to record, play, rename, delete, import and export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, cast

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedWidget,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.errors import StudioError
from studio.session import Session
from studio.ui import icons, theme
from studio.ui.forms.lists import TAKE_AWAY, keeps_key
from studio.ui.icons import icon
from studio.ui.notices import Notices, Offer, Told
from studio.ui.panels.layers.describing import one_line
from studio.ui.panels.macros import text
from studio.ui.panels.macros.flow import Macros
from studio.ui.panels.macros.telling import step_title, step_values
from studio.ui.panels.macros.text import say
from studio.ui.refusals import say_error

NAME = Qt.ItemDataRole.UserRole


class HasMacros(Protocol):
    """What the panel uses of the window."""

    @property
    def macros(self) -> Macros: ...

    @property
    def notices(self) -> Notices: ...


class MacroTree(QTreeWidget):
    """The list with its keys, F2 and Delete; `deletion_wanted` tells of the latter."""

    deletion_wanted = Signal()

    def event(self, event: QEvent) -> bool:
        return keeps_key(event, (*TAKE_AWAY, Qt.Key.Key_F2)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in TAKE_AWAY:
            self.deletion_wanted.emit()
        else:
            super().keyPressEvent(event)


class MacrosPanel(QWidget):
    """A view of the window's macros; it shows nothing before `use_window`."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._flow: Macros | None = None
        self._notices: Notices | None = None
        self._listed: tuple[str, ...] | None = None
        self.setAccessibleName(say(text.PANEL))
        self.tree = MacroTree(self)
        self.tree.setAccessibleName(say(text.LIST))
        self.tree.setHeaderHidden(True)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.tree.setUniformRowHeights(True)
        self.tree.setProperty("roomy", True)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.empty = QLabel(say(text.EMPTY), self)
        self.empty.setWordWrap(True)
        self.empty.setMargin(24)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.tree)
        self.pages.addWidget(self.empty)
        self.record_button = self._button("record", text.RECORD)
        self.play_button = self._button("play", text.PLAY)
        self.rename_button = self._button("rename", text.RENAME)
        self.delete_button = self._button("trash", text.DELETE)
        self.more_button = self._button("more", text.MORE)
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more_button)
        self.import_action, self.export_action = QAction(say(text.IMPORT), menu), QAction(say(text.EXPORT), menu)
        menu.addActions([self.import_action, self.export_action])
        menu.setToolTipsVisible(True)
        self.more_button.setMenu(menu)
        self._lay_out()
        self.setEnabled(False)

    def use_window(self, window: QWidget) -> None:
        """Follow the window's macros from now on."""
        shell = cast("HasMacros", window)
        self._flow, self._notices = shell.macros, shell.notices
        self._flow.changed.connect(self.refresh)
        self.tree.currentItemChanged.connect(lambda item, _: self._choose(item))
        self.tree.itemChanged.connect(self._rename)
        self.tree.itemExpanded.connect(self._fill)
        self.tree.itemDoubleClicked.connect(lambda item, _: self.flow.play() if item.parent() is None else None)
        self.record_button.clicked.connect(self._flow.record)
        self.play_button.clicked.connect(self._flow.play)
        self.rename_button.clicked.connect(self.rename_chosen)
        self.delete_button.clicked.connect(self.delete_chosen)
        self.tree.deletion_wanted.connect(self.delete_chosen)
        self.import_action.triggered.connect(self._ask_import)
        self.export_action.triggered.connect(self._ask_export)
        self.setEnabled(True)
        self.refresh()

    @property
    def flow(self) -> Macros:
        assert self._flow is not None, "the panel has its window"
        return self._flow

    def refresh(self) -> None:
        """List the macros as they are, and say what can be done now."""
        if self._flow is None:
            return
        names = tuple(self._flow.library.names())
        if names != self._listed:
            self._list(names)
        self.pages.setCurrentIndex(0 if names else 1)
        chosen = self._flow.chosen
        item = self._item(chosen)
        if item is None and chosen:
            self._flow.choose("")
            return
        if item is not None and self._name(self.tree.currentItem()) != chosen:
            self.tree.setCurrentItem(item)
        recording = self._flow.is_recording
        self._dress_record(recording)
        self._allow(self.record_button, text.STOP if recording else text.RECORD, self._flow.why_not_record())
        self.record_button.setChecked(recording)
        self._allow(self.play_button, text.PLAY, self._flow.why_not_play())
        needs = "" if chosen else say(text.NEEDS_MACRO)
        for button, label in ((self.rename_button, text.RENAME), (self.delete_button, text.DELETE)):
            self._allow(button, label, needs)
        self.export_action.setEnabled(bool(chosen))
        self.export_action.setToolTip(needs)

    def rename_chosen(self) -> None:
        """Let another name be typed."""
        item = self._item(self.flow.chosen)
        if item is not None:
            self.tree.editItem(item, 0)

    def delete_chosen(self) -> None:
        """Delete the macro; the notice offers to put it back."""
        name = self.flow.chosen
        if not name:
            return
        try:
            steps = self.flow.library.steps(name)
        except StudioError:
            steps = None  # it cannot be read, so it cannot be put back either
        if not self._tried(lambda: self.flow.delete(name)) or self._notices is None:
            return
        told = say(text.DELETED, name=name)
        if steps is None:
            self._notices.tell(told)
            return

        def put_back() -> None:
            self._tried(lambda: self.flow.library.save(name, steps))
            self.flow.choose(name)

        self._notices.show_notice(Told(message=told, offer=Offer(say(text.PUT_BACK), put_back)))

    def import_file(self, path: Path) -> None:
        """Take in a macro from a file."""

        def add() -> None:
            name = self.flow.library.add(path)
            self.flow.choose(name)
            if self._notices is not None:
                self._notices.tell(say(text.IMPORTED, name=name))

        self._tried(add)

    def export_file(self, path: Path) -> None:
        """Write the chosen macro to a file."""
        if self._tried(lambda: self.flow.library.export(self.flow.chosen, path)) and self._notices is not None:
            self._notices.tell(say(text.EXPORTED, file=path.name))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "more_button"):
            for button in (self.play_button, self.rename_button, self.delete_button, self.more_button):
                button.setIcon(icon(button.objectName()))
            self._dress_record(self._flow is not None and self._flow.is_recording)
        super().changeEvent(event)

    def _dress_record(self, recording: bool) -> None:
        look = theme.current()
        name = "stop" if recording else "record"
        self.record_button.setIcon(icons.tinted(name, look.danger, look.disabled, look.selection_text))

    def _list(self, names: tuple[str, ...]) -> None:
        open_ones = {self._name(item) for item in self._items() if item.isExpanded()}
        before = self.tree.blockSignals(True)
        self.tree.clear()
        for name in names:
            item = QTreeWidgetItem([one_line(name)])
            item.setData(0, NAME, name)
            item.setIcon(0, icon("macro"))
            item.setToolTip(0, one_line(name))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
            self.tree.addTopLevelItem(item)
            if name in open_ones:
                self._fill(item)
                item.setExpanded(True)
        self._listed = names
        self.tree.blockSignals(before)

    def _fill(self, item: QTreeWidgetItem) -> None:
        """The steps of a macro, read when it is opened."""
        if item.childCount() or item.parent() is not None:
            return
        try:
            steps = self.flow.library.steps(self._name(item))
        except StudioError as error:
            child = QTreeWidgetItem([say(text.BROKEN, why=say_error(error.message))])
            child.setToolTip(0, f"{say_error(error.message)}\n{say_error(error.hint)}")
            item.addChild(child)
            return
        for number, step in enumerate(steps, 1):
            child = QTreeWidgetItem([say(text.STEP_NUMBER, number=number, step=step_title(step))])
            child.setToolTip(0, step_values(step))
            item.addChild(child)

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.tree.topLevelItem(index) for index in range(self.tree.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _item(self, name: str) -> QTreeWidgetItem | None:
        return next((item for item in self._items() if item.data(0, NAME) == name), None)

    def _name(self, item: QTreeWidgetItem | None) -> str:
        """The macro that a row belongs to."""
        if item is None:
            return ""
        return str((item.parent() or item).data(0, NAME))

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        self.flow.choose(self._name(item))

    def _rename(self, item: QTreeWidgetItem) -> None:
        name, new = self._name(item), item.text(0).strip()
        if item.parent() is None and new != one_line(name) and not self._tried(lambda: self.flow.rename(name, new)):
            before = self.tree.blockSignals(True)
            item.setText(0, one_line(name))
            self.tree.blockSignals(before)

    def _ask_import(self) -> None:
        dialog = QFileDialog(self, say(text.IMPORT_TITLE), "", say(text.FILE_FILTER))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.import_file(Path(path)))
        dialog.open()

    def _ask_export(self) -> None:
        dialog = QFileDialog(self, say(text.EXPORT_TITLE), f"{self.flow.chosen}.json", say(text.FILE_FILTER))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.export_file(Path(path)))
        dialog.open()

    def _tried(self, act: Callable[[], object]) -> bool:
        """Whether it was done; what cannot be done becomes a notice."""
        try:
            act()
        except StudioError as error:
            self._session.troubled.emit(error)
            return False
        return True

    def _allow(self, button: QToolButton, label: str, reason: str) -> None:
        button.setEnabled(not reason)
        button.setAccessibleName(say(label))
        button.setToolTip("\n".join(line for line in (say(label), reason) if line))

    def _button(self, icon_name: str, label: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(icon_name)
        button.setIcon(icon(icon_name))
        button.setIconSize(QSize(theme.current().icon_px - 2, theme.current().icon_px - 2))
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(say(label))
        button.setToolTip(say(label))
        return button

    def _lay_out(self) -> None:
        self.record_button.setCheckable(True)
        row = QHBoxLayout()
        row.setContentsMargins(6, 2, 6, 4)
        row.setSpacing(2)
        for button in (self.record_button, self.play_button):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.rename_button, self.delete_button, self.more_button):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        column.addLayout(row)
