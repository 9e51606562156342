"""Lists of things with a place on the canvas: what is drawn is listed, what is chosen in the list is marked there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.document import MAX_SIDE_PX
from studio.core.geometry import Point, Rect, Size
from studio.plugin_api.params import ParamSpec
from studio.ui.canvas.interactions.boxes import BoxInteraction
from studio.ui.forms import text
from studio.ui.forms.field import Field, IconButton, still
from studio.ui.forms.host import FormHost
from studio.ui.forms.text import say
from studio.ui.icons import icon

E = TypeVar("E")

MOST_ROWS = 6
NARROW_PX = 72
"""Entries of a box may become so narrow: Qt would make room for the longest number of their range."""
SWATCH_PX = 14
TAKE_AWAY = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_NAME = Qt.ItemDataRole.UserRole
_ROW = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RowText:
    """How an entry is listed: `shown`, what renaming begins with, and a swatch."""

    shown: str
    name: str = ""
    color: QColor | None = None


def keeps_key(event: QEvent, keys: Collection[int]) -> bool:
    """Whether a key goes to the list that has the focus although the window has a shortcut for it."""
    if event.type() == QEvent.Type.ShortcutOverride and cast("QKeyEvent", event).key() in keys:
        event.accept()
        return True
    return False


class EntryList(QListWidget):
    """Rows to choose, rename (F2, double click), reorder (drag, Alt+arrows) and take away (Delete)."""

    renamed = Signal(int, str)
    removed = Signal(int)
    shifted = Signal(int, int)
    reordered = Signal(object)

    def __init__(self, name: str, *, renames: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setProperty("roomy", True)
        self.setUniformItemSizes(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self._renames = renames
        if renames:
            delegate = _NameDelegate(self)
            # Queued: the rows are filled anew, which must not happen while Qt still closes the editor in one.
            delegate.renamed.connect(self.renamed, Qt.ConnectionType.QueuedConnection)
            self.setItemDelegate(delegate)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.EditKeyPressed | triggers.DoubleClicked if renames else triggers.NoEditTriggers)
        # Queued: the list is filled anew, which must not happen while Qt still moves its rows.
        self.model().rowsMoved.connect(self._on_moved, Qt.ConnectionType.QueuedConnection)

    def fill(self, rows: list[RowText]) -> None:
        """Show these rows; the chosen one stays chosen by its number."""
        current = self.currentRow()
        blocked = self.blockSignals(True)
        while self.count() > len(rows):
            self.takeItem(self.count() - 1)
        for number, row in enumerate(rows):
            item = self.item(number) if number < self.count() else QListWidgetItem(self)
            item.setText(row.shown)
            item.setToolTip(row.shown)
            item.setData(_NAME, row.name)
            item.setData(_ROW, number)
            if row.color is not None:
                item.setIcon(swatch(row.color))
            flags = item.flags() & ~Qt.ItemFlag.ItemIsDropEnabled
            item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if self._renames else flags)
        self.setCurrentRow(min(current, len(rows) - 1))
        self.blockSignals(blocked)
        shown = min(max(len(rows), 1), MOST_ROWS)
        height = self.sizeHintForRow(0) if rows else 24
        self.setFixedHeight(shown * height + 2 * self.frameWidth() + 2)

    def choose(self, row: int) -> None:
        """Choose a row, or none (-1); nothing is emitted."""
        blocked = self.blockSignals(True)
        self.setCurrentRow(row)
        if row < 0:
            self.clearSelection()
        self.blockSignals(blocked)

    def rename(self, row: int) -> None:
        """Begin to rename a row."""
        item = self.item(row)
        if item is not None and self._renames:
            self.setFocus()
            self.editItem(item)

    def event(self, e: QEvent) -> bool:
        return keeps_key(e, (*TAKE_AWAY, Qt.Key.Key_F2, Qt.Key.Key_Up, Qt.Key.Key_Down)) or super().event(e)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, key = self.currentRow(), event.key()
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and key in steps:
            self.shifted.emit(row, steps[Qt.Key(key)])
        elif key in TAKE_AWAY and row >= 0:
            self.removed.emit(row)
        else:
            super().keyPressEvent(event)

    def _on_moved(self) -> None:
        self.reordered.emit([int(self.item(row).data(_ROW)) for row in range(self.count())])


class _NameDelegate(QStyledItemDelegate):
    """Edits the name of an entry, which is not always what the row shows."""

    renamed = Signal(int, str)

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName(say(text.ENTRY_NAME))
        return editor

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        line = cast("QLineEdit", editor)
        line.setText(str(index.data(_NAME)))
        line.selectAll()

    def setModelData(
        self, editor: QWidget, model: QAbstractItemModel, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        self.renamed.emit(index.row(), cast("QLineEdit", editor).text().strip())


def swatch(color: QColor) -> QPixmap:
    """A square in a colour, with an edge that is seen on any ground."""
    pixmap = QPixmap(SWATCH_PX * 2, SWATCH_PX * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(color)
    painter = QPainter(pixmap)
    painter.setPen(QColor(128, 128, 128))
    painter.drawRect(0, 0, SWATCH_PX - 1, SWATCH_PX - 1)
    painter.end()
    return pixmap


class BoxEditor(QWidget):
    """Place and size of a box by numbers. `changed` brings the box."""

    changed = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        self.boxes: list[QSpinBox] = []
        parts = (text.BOX_X, text.BOX_Y, text.BOX_WIDTH, text.BOX_HEIGHT)
        for number, part in enumerate(parts):
            box = QSpinBox(self)
            box.setRange(-MAX_SIDE_PX if number < 2 else 1, MAX_SIDE_PX)
            box.setKeyboardTracking(False)
            box.setAccessibleName(f"{name}: {say(part)}")
            box.setSuffix(" px")
            box.setMinimumWidth(NARROW_PX)
            still(box)
            box.valueChanged.connect(self._entered)
            label = QLabel(say(part), self)
            label.setBuddy(box)
            grid.addWidget(label, number // 2, 2 * (number % 2))
            grid.addWidget(box, number // 2, 2 * (number % 2) + 1)
            grid.setColumnStretch(2 * (number % 2) + 1, 1)
            self.boxes.append(box)

    def show_rect(self, rect: Rect, *, is_point: bool = False) -> None:
        """Show another box; nothing is emitted. A point has no size."""
        for box, value in zip(self.boxes, (rect.left, rect.top, rect.width, rect.height), strict=True):
            blocked = box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(blocked)
        for box in self.boxes[2:]:
            box.setEnabled(not is_point)

    def _entered(self) -> None:
        x, y, width, height = (box.value() for box in self.boxes)
        self.changed.emit(Rect.at(Point(x, y), Size(width, height)))


class ListField(Field, Generic[E]):
    """A tuple of entries, most of which are boxes on the canvas.

    Rows stand topmost first. The value counts from the bottom unless `front_first`; the tool always does.
    """

    front_first = False
    renames = True
    draws = True
    hint = text.LIST_EMPTY

    def __init__(self, spec: ParamSpec, host: FormHost, parent: QWidget | None = None) -> None:
        super().__init__(spec, host, parent)
        self._value = cast("tuple[E, ...]", spec.default)
        self.tool = self.make_tool()
        self.list = EntryList(spec.label, renames=self.renames, parent=self)
        self.list.setAccessibleDescription(spec.help)
        self.empty = QLabel(say(self.hint), self)
        self.empty.setWordWrap(True)
        self.empty.setForegroundRole(self.empty.foregroundRole().PlaceholderText)
        self.editor = QWidget(self)
        self.editor_form = QFormLayout(self.editor)
        self.editor_form.setContentsMargins(0, 0, 0, 0)
        self.editor_form.setSpacing(4)
        self.fill_editor()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (self._buttons(), self.empty, self.list, self.editor):
            column.addWidget(part)
        self._listen()
        self.refresh()

    # What a kind of list says about its entries

    def make_tool(self) -> BoxInteraction[tuple[E, ...]] | None:
        """The tool that draws it; None when nothing is drawn."""
        return None

    def row_of(self, entry: E, number: int) -> RowText:
        """How an entry is listed; `number` counts from 1 as the value does."""
        raise NotImplementedError

    def renamed(self, entry: E, name: str) -> E:
        """The entry under another name."""
        return entry

    def fill_editor(self) -> None:
        """Put the widgets into `editor_form` that edit the chosen entry."""

    def show_in_editor(self, entry: E) -> None:
        """Let those widgets show an entry."""

    def more_buttons(self) -> list[QWidget]:
        """Buttons that add entries in another way than by drawing."""
        return []

    # The value

    @property
    def value(self) -> tuple[E, ...]:
        return self._value

    def set_value(self, value: object) -> None:
        self._value = cast("tuple[E, ...]", value)
        if self.tool is not None:
            self.tool.set_value(self._value)
        self.list.choose(-1)
        self.refresh()

    @property
    def current(self) -> int | None:
        """The chosen entry's place in the value."""
        row = self.list.currentRow()
        return self._index(row) if 0 <= row < len(self._value) else None

    def change_current(self, entry: E) -> None:
        """Put another entry in the chosen one's place."""
        index = self.current
        if index is not None:
            self.take((*self._value[:index], entry, *self._value[index + 1 :]))

    def add(self, entry: E) -> None:
        """Put an entry in front of all others, and choose it."""
        self.take((entry, *self._value) if self.front_first else (*self._value, entry))
        self.choose_row(0)

    def take(self, value: tuple[E, ...]) -> None:
        """Another value, made by the user here."""
        if value == self._value:
            return
        self._value = value
        if self.tool is not None:
            self.tool.set_value(value)
        self.refresh()
        self.changed.emit()

    def choose_row(self, row: int) -> None:
        """Choose a row here and on the canvas."""
        self.list.choose(row)
        self._on_row(row)

    def _index(self, row: int) -> int:
        """The place in the value of a row, and the other way round."""
        return row if self.front_first else len(self._value) - 1 - row

    # Showing

    def refresh(self) -> None:
        """Show the value as it is."""
        count = len(self._value)
        self.list.fill([self.row_of(self._value[self._index(row)], self._index(row) + 1) for row in range(count)])
        self.list.setVisible(count > 0)
        self.empty.setVisible(count == 0)
        self._show_current()

    def _show_current(self) -> None:
        index = self.current
        row, count = self.list.currentRow(), len(self._value)
        if index is not None:
            self.show_in_editor(self._value[index])
        self.editor.setVisible(index is not None and self.editor_form.rowCount() > 0)
        needs = "" if index is not None else say(text.NEEDS_ENTRY)
        self.remove_button.allow(needs)
        self.up_button.allow(needs or ("" if row > 0 else say(text.IS_FIRST)))
        self.down_button.allow(needs or ("" if row < count - 1 else say(text.IS_LAST)))

    def _buttons(self) -> QWidget:
        bar = QWidget(self)
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.draw_button = QPushButton(say(text.DRAW), bar)
        self.draw_button.setIcon(icon("box-select"))
        self.draw_button.setIconSize(QSize(16, 16))
        self.draw_button.setCheckable(True)
        self.draw_button.setVisible(self.tool is not None)
        self.draw_button.setAccessibleName(say(text.DRAW_NAMED, name=self.spec.label))
        self.up_button = IconButton("up", text.ENTRY_UP, lambda: self._shift(self.list.currentRow(), -1), bar)
        self.down_button = IconButton("down", text.ENTRY_DOWN, lambda: self._shift(self.list.currentRow(), 1), bar)
        self.remove_button = IconButton("trash", text.ENTRY_REMOVE, lambda: self._remove(self.list.currentRow()), bar)
        row.addWidget(self.draw_button)
        for button in self.more_buttons():
            button.setParent(bar)
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.up_button, self.down_button, self.remove_button):
            row.addWidget(button)
        return bar

    # What it listens to

    def _listen(self) -> None:
        self.list.currentRowChanged.connect(self._on_row)
        self.list.renamed.connect(self._on_renamed)
        self.list.removed.connect(self._remove)
        self.list.shifted.connect(self._shift)
        self.list.reordered.connect(self._reorder)
        self.host.document_changed.connect(self._on_document)
        if self.tool is not None:
            self.tool.changed.connect(self._on_drawn)
            self.tool.current_changed.connect(self._on_tool_current)
            self.tool.edit_wanted.connect(lambda index: self.list.rename(len(self._value) - 1 - index))
            self.draw_button.toggled.connect(self._on_draw)
            self.host.tool_changed.connect(self._on_tool)
        self._on_document()

    def _on_row(self, row: int) -> None:
        self._show_current()
        if self.tool is None:
            return
        if row >= 0:
            self.host.begin(self.tool)
        self.tool.set_current(len(self._value) - 1 - row if row >= 0 else None)

    def _on_drawn(self, value: object) -> None:
        self._value = cast("tuple[E, ...]", value)
        self.refresh()
        self.changed.emit()

    def _on_tool_current(self, index: int | None) -> None:
        """The canvas chose another box; its list may be one entry behind."""
        count = len(self._value)
        self.list.choose(-1 if index is None or index >= count else count - 1 - index)
        self._show_current()

    def _on_draw(self, on: bool) -> None:
        assert self.tool is not None
        if on == self.host.is_drawing(self.tool):
            return
        if on:
            self.host.begin(self.tool)
            if self.host.canvas is not None:
                self.host.canvas.setFocus()
        else:
            self.host.end(self.tool)
        self._on_tool()

    def _on_tool(self) -> None:
        assert self.tool is not None
        self.draw_button.setChecked(self.host.is_drawing(self.tool))

    def _on_document(self) -> None:
        self.draw_button.setEnabled(self.host.can_draw)
        reason = "" if self.host.can_draw else say(text.NEEDS_PICTURE)
        self.draw_button.setToolTip(reason or say(text.DRAW_HELP))
        self.refresh()

    def _on_renamed(self, row: int, name: str) -> None:
        index = self._index(row)
        entry = self.renamed(self._value[index], name)
        self.take((*self._value[:index], entry, *self._value[index + 1 :]))

    def _remove(self, row: int) -> None:
        if not 0 <= row < len(self._value):
            return
        index = self._index(row)
        self.take((*self._value[:index], *self._value[index + 1 :]))
        self.choose_row(min(row, len(self._value) - 1))

    def _shift(self, row: int, by: int) -> None:
        if not (0 <= row < len(self._value) and 0 <= row + by < len(self._value)):
            return
        order = list(range(len(self._value)))
        order[row], order[row + by] = order[row + by], order[row]
        self._reorder(order)
        self.choose_row(row + by)

    def _reorder(self, order: list[int]) -> None:
        """Rows in another order: each number is where the row stood."""
        rows = [self._value[self._index(row)] for row in order]
        self.take(tuple(rows if self.front_first else reversed(rows)))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if hasattr(self, "draw_button"):
            self.draw_button.setIcon(icon("box-select"))

    def release(self) -> None:
        if self.tool is not None:
            self.host.end(self.tool)
