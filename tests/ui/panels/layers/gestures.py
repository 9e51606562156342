"""Real mouse and key events on the list of layers."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from studio.core.layers import GroupLayer, LayerId, Layers
from studio.session import Session
from studio.ui.panels.layers.model import Column
from studio.ui.panels.layers.rows import Part, parts_of
from studio.ui.panels.layers.tree import LayerTree

LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


def shape(layers: Layers) -> str:
    """The tree as text, from the top: ids, groups with what they hold in brackets."""
    return " ".join(
        f"{layer.id}({shape(layer.children)})" if isinstance(layer, GroupLayer) else layer.id
        for layer in reversed(layers)
    )


def tree_of(session: Session) -> str:
    return shape(session.document.layers)


def at(tree: LayerTree, layer_id: str, part: Part = Part.NAME, share: float = 0.5) -> QPoint:
    """A point in a part of a row; `share` is how far down the row."""
    index = tree.layers.index_of(LayerId(layer_id))
    rect = tree.visualRect(index)
    y = rect.top() + round(share * (rect.height() - 1))
    if part is Part.EYE:
        return QPoint(tree.visualRect(index.siblingAtColumn(Column.EYE)).center().x(), y)
    layer = tree.layers.layer_at(index)
    assert layer is not None, layer_id
    parts = parts_of(layer, rect)
    place = {Part.PICTURE: parts.picture, Part.LINK: parts.link, Part.MASK: parts.mask, Part.NAME: parts.name}[part]
    return QPoint(place.center().x(), y)


def click(tree: LayerTree, point: QPoint, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    QTest.mouseClick(tree.viewport(), LEFT, modifiers, point)


def drag(tree: LayerTree, start: QPoint, *stops: QPoint, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    """Press, move over the stops, and let go at the last one."""
    view = tree.viewport()
    QTest.mousePress(view, LEFT, modifiers, start)
    for stop in stops:
        move(view, stop, modifiers)
    QTest.mouseRelease(view, LEFT, modifiers, stops[-1])


def move(view: QWidget, point: QPoint, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    """Move with the left button held; QTest.mouseMove holds none."""
    where = QPointF(point)
    event = QMouseEvent(
        QEvent.Type.MouseMove, where, QPointF(view.mapToGlobal(point)), Qt.MouseButton.NoButton, LEFT, modifiers
    )
    QApplication.sendEvent(view, event)


def editor_of(tree: LayerTree) -> QLineEdit:
    """The field in which a name is being typed."""
    (field,) = (field for field in tree.viewport().findChildren(QLineEdit) if field.isVisible())
    return field
