"""The layers as Qt's item model: what the document holds, row by row, brought up to date by what changed.

Rows stand top to bottom while a document counts from the bottom. `Column.LAYER` is the tree, `Column.EYE` says whether
the layer shows. The model changes nothing: `renamed` and `shown` pass on what the user asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from itertools import count

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from studio.core.changes import Changes
from studio.core.document import Document
from studio.core.layers import GroupLayer, Layer, LayerId, Layers
from studio.ui.panels.layers import text
from studio.ui.panels.layers.describing import description, tip
from studio.ui.panels.layers.text import say

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
_CHOOSABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
EYE_FLAGS = _CHOOSABLE | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemNeverHasChildren
GROUP_FLAGS = _CHOOSABLE | Qt.ItemFlag.ItemIsEditable
LEAF_FLAGS = GROUP_FLAGS | Qt.ItemFlag.ItemNeverHasChildren
RESET_FROM = 64
"""From how many added and removed layers on all rows are laid out anew."""
UNSEEN_FIELDS = frozenset({"origin"})
"""Fields of a layer that its row does not show; a drag changes them many times a second."""


class Column(IntEnum):
    LAYER = 0
    EYE = 1


class _Row:
    """One layer in the tree; `at` is its place among its siblings, counted from the top."""

    __slots__ = ("at", "key", "layer", "parent", "rows")

    def __init__(self, key: int, layer: Layer | None, parent: _Row | None) -> None:
        self.key = key
        self.layer = layer
        self.parent = parent
        self.rows: list[_Row] = []
        self.at = 0


class LayerModel(QAbstractItemModel):
    """`show` another document, or `update` to the next root of the same one."""

    renamed = Signal(str, str)
    shown = Signal(str, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._keys = count(1)
        self._root = _Row(0, None, None)
        self._by_key: dict[int, _Row] = {}
        self._by_id: dict[LayerId, _Row] = {}

    # From the document

    def show(self, document: Document | None) -> None:
        """Lay out all rows anew."""
        self.beginResetModel()
        self._root = _Row(0, None, None)
        self._by_key.clear()
        self._by_id.clear()
        if document is not None:
            self._root.rows = self._made(document.layers, self._root)
        self.endResetModel()

    def update(self, document: Document, changes: Changes) -> None:
        """Follow from the last root to this one."""
        if len(changes.added) + len(changes.removed) > RESET_FROM:
            self.show(document)
            return
        if changes.structure_changed:
            self._take_out(self._root, document.layers)
            self._put_in(self._root, document.layers)
        self._refresh(document.layers)
        for layer_id, names in changes.fields.items():
            if names - UNSEEN_FIELDS:
                index = self.index_of(layer_id)
                self.dataChanged.emit(index, index.siblingAtColumn(Column.EYE))

    def _refresh(self, layers: Layers) -> None:
        for layer in layers:
            self._by_id[layer.id].layer = layer
            if isinstance(layer, GroupLayer):
                self._refresh(layer.children)

    def _made(self, layers: Sequence[Layer], parent: _Row) -> list[_Row]:
        rows: list[_Row] = []
        for layer in reversed(layers):
            row = _Row(next(self._keys), layer, parent)
            row.at = len(rows)
            self._by_key[row.key] = row
            self._by_id[layer.id] = row
            if isinstance(layer, GroupLayer):
                row.rows = self._made(layer.children, row)
            rows.append(row)
        return rows

    def _take_out(self, row: _Row, layers: Layers) -> None:
        """Remove the rows whose layer is not among `layers` any more, at every level."""
        wanted = {layer.id: layer for layer in layers}
        for at in reversed(range(len(row.rows))):
            child = row.rows[at]
            layer = wanted.get(_layer_of(child).id)
            if layer is None:
                self.beginRemoveRows(self._index(row), at, at)
                self._forget(row.rows.pop(at))
                _number(row.rows)
                self.endRemoveRows()
            elif child.rows or isinstance(layer, GroupLayer):
                self._take_out(child, _children(layer))

    def _put_in(self, row: _Row, layers: Layers) -> None:
        """Bring what stayed into order and insert what is new, at every level."""
        for at, layer in enumerate(reversed(layers)):
            known = self._by_id.get(layer.id)
            if known is None:
                self.beginInsertRows(self._index(row), at, at)
                row.rows[at:at] = self._made((layer,), row)
                _number(row.rows)
                self.endInsertRows()
            elif known.at != at:
                where = self._index(row)
                self.beginMoveRows(where, known.at, known.at, where, at)  # always upwards: what lies above is in order
                row.rows.insert(at, row.rows.pop(known.at))
                _number(row.rows)
                self.endMoveRows()
            if isinstance(layer, GroupLayer) and known is not None:
                self._put_in(known, layer.children)

    def _forget(self, row: _Row) -> None:
        del self._by_key[row.key], self._by_id[_layer_of(row).id]
        for child in row.rows:
            self._forget(child)

    # For the view

    def layer_at(self, index: Index) -> Layer | None:
        """The layer of a row; None for no row."""
        row = self._by_key.get(index.internalId()) if index.isValid() else None
        return None if row is None else row.layer

    def index_of(self, layer_id: LayerId, column: Column = Column.LAYER) -> QModelIndex:
        """Where a layer's row is; an invalid index when it has none."""
        row = self._by_id.get(layer_id)
        return QModelIndex() if row is None else self.createIndex(row.at, column, row.key)

    def is_dimmed(self, index: Index) -> bool:
        """Whether the layer, or a group that holds it, is hidden."""
        row = self._by_key.get(index.internalId())
        while row is not None and row.layer is not None:
            if not row.layer.visible:
                return True
            row = row.parent
        return False

    def depth(self) -> int:
        """How many levels the tree has."""
        return max((_level(row) for row in self._by_key.values()), default=0)

    def groups(self) -> Iterator[GroupLayer]:
        """Every group, parents before what they hold."""
        yield from (row.layer for row in self._by_key.values() if isinstance(row.layer, GroupLayer))

    # Qt's model

    def index(self, row: int, column: int, parent: Index = NOWHERE) -> QModelIndex:
        rows = self._rows(parent)
        if not (0 <= row < len(rows) and 0 <= column < len(Column)):
            return QModelIndex()
        return self.createIndex(row, column, rows[row].key)

    def parent(self, child: Index = NOWHERE) -> QModelIndex:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]  # QObject.parent() is another overload
        row = self._by_key.get(child.internalId()) if child.isValid() else None
        return QModelIndex() if row is None or row.parent is None else self._index(row.parent)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return len(self._rows(parent))

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return say(text.COLUMN_EYE if section == Column.EYE else text.COLUMN_LAYER)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if index.column() == Column.EYE:
            return EYE_FLAGS
        return GROUP_FLAGS if isinstance(self.layer_at(index), GroupLayer) else LEAF_FLAGS

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        layer = self.layer_at(index)
        if layer is None:
            return None
        if index.column() == Column.EYE:
            return _eye_data(layer, role)
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return layer.name
            case Qt.ItemDataRole.ToolTipRole:
                return tip(layer)
            case Qt.ItemDataRole.AccessibleTextRole:
                return layer.name
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return description(layer)
            case _:
                return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        layer = self.layer_at(index)
        if layer is None:
            return False
        if index.column() == Column.EYE and role == Qt.ItemDataRole.CheckStateRole:
            self.shown.emit(layer.id, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        name = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not name or name == layer.name:
            return False
        self.renamed.emit(layer.id, name)
        return True

    def _rows(self, parent: Index) -> list[_Row]:
        if not parent.isValid():
            return self._root.rows
        if parent.column() != Column.LAYER:
            return []
        row = self._by_key.get(parent.internalId())
        return [] if row is None else row.rows

    def _index(self, row: _Row) -> QModelIndex:
        return QModelIndex() if row is self._root else self.createIndex(row.at, Column.LAYER, row.key)


def _eye_data(layer: Layer, role: int) -> object:
    match role:
        case Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if layer.visible else Qt.CheckState.Unchecked
        case Qt.ItemDataRole.ToolTipRole:
            return say(text.EYE_TIP)
        case Qt.ItemDataRole.AccessibleTextRole:
            return f"{layer.name}, {say(text.VISIBLE if layer.visible else text.HIDDEN)}"
        case _:
            return None


def _layer_of(row: _Row) -> Layer:
    assert row.layer is not None, "only the root has no layer"
    return row.layer


def _children(layer: Layer) -> Layers:
    return layer.children if isinstance(layer, GroupLayer) else ()


def _number(rows: Sequence[_Row]) -> None:
    for at, row in enumerate(rows):
        row.at = at


def _level(row: _Row) -> int:
    level = 0
    while row.parent is not None:
        level, row = level + 1, row.parent
    return level
