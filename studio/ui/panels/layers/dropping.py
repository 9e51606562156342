"""Where dragged layers would go: from a point in the list to a place in the tree, and the mark that shows it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPoint, QRect
from PySide6.QtWidgets import QTreeView

from studio.core.document import Document
from studio.core.layers import GroupLayer, Layer, LayerId, Layers, Place, path_to
from studio.ui.panels.layers.model import LayerModel

EDGE_SHARE = 0.28
"""How much of a group's row, at its top and bottom, means between the rows and not into the group."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A place for the dragged layers. The mark is a line of `mark`'s width at its top or, with `into`, a frame."""

    place: Place
    mark: QRect
    into: bool = False


def drop_at(tree: QTreeView, document: Document, point: QPoint, dragged: Collection[LayerId]) -> Drop | None:
    """What dropping here would do; None where the dragged layers cannot go, such as into themselves."""
    model = tree.model()
    assert isinstance(model, LayerModel)
    index = tree.indexAt(QPoint(tree.viewport().width() - 8, point.y())).siblingAtColumn(0)
    layer = model.layer_at(index)
    if layer is None:
        drop = _below_all(tree, model, document)
    else:
        drop = _at_row(tree, document, index, layer, point)
    inside = {ancestor.id for ancestor in path_to(document.layers, drop.place.parent)} if drop.place.parent else set()
    return None if inside & set(dragged) else drop


def _below_all(tree: QTreeView, model: LayerModel, document: Document) -> Drop:
    index = model.index(model.rowCount() - 1, 0)
    bottom = 0
    while index.isValid():  # down to the last row that is listed
        bottom = tree.visualRect(index).bottom() + 1
        index = model.index(model.rowCount(index) - 1, 0, index) if tree.isExpanded(index) else QModelIndex()
    return Drop(Place(None, 0), _line(tree, bottom, 0))


def _at_row(tree: QTreeView, document: Document, index: QModelIndex, layer: Layer, point: QPoint) -> Drop:
    rect = tree.visualRect(index)
    share = (point.y() - rect.top()) / max(1, rect.height())
    path = path_to(document.layers, layer.id)
    level = len(path) - 1
    is_group = isinstance(layer, GroupLayer)
    if share < (EDGE_SHARE if is_group else 0.5):
        parent, at = _place(document, path)
        return Drop(Place(parent, at + 1), _line(tree, rect.top(), level))
    if isinstance(layer, GroupLayer):
        top = Place(layer.id, len(layer.children))
        if share < 1 - EDGE_SHARE:
            return Drop(top, QRect(rect.left(), rect.top(), tree.viewport().width() - rect.left(), rect.height()), True)
        if layer.children and tree.isExpanded(index):
            return Drop(top, _line(tree, rect.bottom() + 1, level + 1))
    return _below(tree, document, path, rect, point)


def _below(tree: QTreeView, document: Document, path: Layers, rect: QRect, point: QPoint) -> Drop:
    """Below a row. Below the last row of a group, further to the left means further out."""
    while True:
        parent, at = _place(document, path)
        level = len(path) - 1
        if at > 0 or level == 0 or point.x() >= level_left(tree, level):
            return Drop(Place(parent, at), _line(tree, rect.bottom() + 1, level))
        path = path[:-1]


def _place(document: Document, path: Layers) -> tuple[LayerId | None, int]:
    """The parent of the last layer of a path, and its index there."""
    if len(path) == 1:
        return None, document.layers.index(path[0])
    parent = path[-2]
    assert isinstance(parent, GroupLayer), "only groups hold layers"
    return parent.id, parent.children.index(path[-1])


def _line(tree: QTreeView, y: int, level: int) -> QRect:
    left = level_left(tree, level)
    return QRect(left, y, tree.viewport().width() - left, 0)


def level_left(tree: QTreeView, level: int) -> int:
    """Where rows of a level begin, after the sign that opens them."""
    return tree.columnViewportPosition(0) + (level + 1) * tree.indentation()
