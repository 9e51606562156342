"""The list of layers: clicks, keys, dragging and renaming, turned into edits of the session's document."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QCursor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.history import LabelledEdit
from studio.core.layers import AdjustmentLayer, GroupLayer, Layer, LayerId, listed
from studio.core.selection import Combine
from studio.session import Session
from studio.ui import theme
from studio.ui.canvas.paints import PaintTarget
from studio.ui.panels.applying import apply
from studio.ui.panels.layers import text
from studio.ui.panels.layers.dragging import LayerDrag
from studio.ui.panels.layers.eyes import Eyes
from studio.ui.panels.layers.model import Column, LayerModel
from studio.ui.panels.layers.rows import EYE_PX, Part, RowDelegate, drawn, parts_of
from studio.ui.panels.layers.text import say
from studio.ui.panels.layers.thumbnails import Thumbnails

INDENT_PX, LEAST_INDENT_PX, INDENT_ROOM_PX = 16, 7, 96
"""Indentation of a level, the least it may become, and what all levels together should not exceed."""
SEAM_PX = 5
"""How near to the line between two rows Alt+click means clipping."""
DRAG_PX = 6
COMBINE = {
    (False, False): Combine.REPLACE,
    (True, False): Combine.ADD,
    (False, True): Combine.SUBTRACT,
    (True, True): Combine.INTERSECT,
}
"""What a selection becomes by (Shift, Alt)."""


class LayerTree(QTreeView):
    """Rows of the session's layers. It shows what `LayerModel` holds and applies edits to the session.

    `properties_wanted` asks for the properties panel, `menu_wanted` for the context menu at a global point.
    """

    properties_wanted = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._pressed: QPoint | None = None
        self._click: QModelIndex | None = None
        self._open: dict[LayerId, bool] = {}
        self.following = False
        self.target = PaintTarget()
        self.thumbnails = Thumbnails(self)
        self.layers = LayerModel(self)
        self.setModel(self.layers)
        self.rows = RowDelegate(self.thumbnails, self)
        self.setItemDelegate(self.rows)
        self._eyes = Eyes(self, self.layers, session)
        self._drag = LayerDrag(self, session)
        self._look_like_a_list()
        self.thumbnails.ready.connect(self._repaint_row)
        self.layers.renamed.connect(lambda layer, name: self.apply(edits.step(edits.rename, LayerId(layer), name)))
        self.layers.shown.connect(lambda layer, on: self.apply(edits.step(edits.set_visible, LayerId(layer), on)))
        self.expanded.connect(lambda index: self._remember_open(index, True))
        self.collapsed.connect(lambda index: self._remember_open(index, False))
        self._keeping = QTimer(self, singleShot=True, interval=0)
        self._keeping.timeout.connect(self._keep_open_groups)
        self.selectionModel().selectionChanged.connect(self._on_chosen)

    def _look_like_a_list(self) -> None:
        self.setAccessibleName(say(text.LIST))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        header = self.header()
        header.setMinimumSectionSize(EYE_PX)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(Column.LAYER, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(Column.EYE, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(Column.EYE, EYE_PX)
        header.moveSection(Column.EYE, 0)
        self.setIndentation(INDENT_PX)

    # What the panel tells

    def fit_indentation(self) -> None:
        """Indent less when groups lie deep."""
        depth = max(1, self.layers.depth())
        self.setIndentation(max(LEAST_INDENT_PX, min(INDENT_PX, INDENT_ROOM_PX // depth)))

    def forget_view(self) -> None:
        """Another document: nothing of what was open or alone is remembered."""
        self._open.clear()
        self._eyes.forget()
        self.cancel_drag()

    def open_groups(self) -> None:
        """Open the groups that the document, or the user since, says are open."""
        following, self.following = self.following, True
        for group in self.layers.groups():
            index = self.layers.index_of(group.id)
            if index.isValid() and self.isExpanded(index) is not (wanted := self._open.get(group.id, group.expanded)):
                self.setExpanded(index, wanted)
        self.following = following

    def show_chosen(self, chosen: Sequence[LayerId]) -> None:
        """Select the rows of these layers, and bring the first of them into sight."""
        if set(chosen) == set(self.chosen()):
            return
        following, self.following = self.following, True
        selection = QItemSelection()
        for layer_id in chosen:
            index = self.layers.index_of(layer_id)
            selection.select(index, index.siblingAtColumn(Column.EYE))
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, flags.ClearAndSelect)
        if chosen:
            first = self.layers.index_of(chosen[0])
            self.selectionModel().setCurrentIndex(first, flags.NoUpdate)
            self._show_parents(first)
            self.scrollTo(first)
        self.following = following

    def chosen(self) -> tuple[LayerId, ...]:
        """The layers of the selected rows, topmost first."""
        rows = self.selectionModel().selectedRows(Column.LAYER)
        ids = {layer.id for index in rows if (layer := self.layers.layer_at(index)) is not None}
        if len(ids) < 2 or not self._session.has_document:
            return tuple(ids)
        return tuple(layer.id for layer in listed(self._session.document.layers) if layer.id in ids)

    def rename_current(self) -> None:
        """Let the user type another name for the active layer."""
        if self._session.has_document and self._session.selection:
            index = self.layers.index_of(self._session.selection[0])
            self._show_parents(index)
            self.setCurrentIndex(index)
            self.scrollTo(index)
            self.edit(index)

    def apply(self, edit: LabelledEdit, merge_key: Hashable = None) -> bool:
        """Whether the edit was done; what cannot be done is told by the session."""
        return apply(self._session, edit, merge_key)

    def release(self) -> None:
        """Stop what would go on by itself."""
        self._drag.cancel()
        self._keeping.stop()
        self.thumbnails.release()

    def _show_parents(self, index: QModelIndex) -> None:
        parent = index.parent()
        while parent.isValid():
            self.expand(parent)
            parent = parent.parent()

    def is_open(self, group: LayerId) -> bool:
        """Whether the rows of a group are listed."""
        return self.isExpanded(self.layers.index_of(group))

    def keep_open_groups_soon(self) -> None:
        """Write which groups are open into the document once it has changes to save anyway.

        Opening a group is no step to undo, and nothing to ask about when the window closes.
        """
        if self._open:
            self._keeping.start()

    def _remember_open(self, index: QModelIndex, is_open: bool) -> None:
        layer = self.layers.layer_at(index)
        if not self.following and isinstance(layer, GroupLayer):
            self._open[layer.id] = is_open
            self._keeping.start()

    def _keep_open_groups(self) -> None:
        if not self._session.has_document or not self._session.history.is_modified:
            return
        new = [g.id for g in self.layers.groups() if self._open.get(g.id, g.expanded) is not g.expanded]
        if not new:
            return

        def change(document: Document) -> Document:
            for group in new:
                document = edits.set_expanded(document, group, self._open[group])
            return document

        with suppress(StudioError):  # in the middle of a gesture; the next edit asks again
            self._session.history.amend(LabelledEdit(edits.EDITS["set_expanded"].label, change))

    def _on_chosen(self) -> None:
        self.viewport().update()
        if not self.following and self._session.has_document:
            self._session.select(self.chosen())

    def _repaint_row(self, layer_id: str) -> None:
        self.update(self.layers.index_of(LayerId(layer_id)))

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        index = self.indexAt(point)
        layer = self.layers.layer_at(index)
        if event.button() is not Qt.MouseButton.LeftButton or layer is None:
            super().mousePressEvent(event)
            return
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if index.column() == Column.EYE and alt:
            self._eyes.show_alone(layer)
        elif index.column() == Column.EYE:
            self._eyes.press(layer, point)
        elif alt and not control and (upper := self._seam(point)) is not None:
            self.apply(edits.step(edits.set_clipping, upper.id, not upper.clipping))
        elif not self._press_part(layer, index, point, event.modifiers()):
            self._press_row(index, point, event)
            self._choose_target(layer, index, point, event.modifiers())

    def use_target(self, target: PaintTarget) -> None:
        """Have clicks on the pictures of a row choose what this target says is painted on."""
        self.target = self.rows.target = target

    def _choose_target(self, layer: Layer, index: QModelIndex, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """A plain click on the picture of a mask, or of pixels, makes it what is painted on."""
        part = parts_of(layer, self.visualRect(index)).hit(point)
        if modifiers == Qt.KeyboardModifier.NoModifier and part in (Part.MASK, Part.PICTURE):
            self.target.choose(layer.id if part is Part.MASK else None)

    def _press_part(self, layer: Layer, index: QModelIndex, point: QPoint, modifiers: Qt.KeyboardModifier) -> bool:
        """Whether the press was meant for the pictures of the row and is done with."""
        part = parts_of(layer, self.visualRect(index)).hit(point)
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            return self._select_pixels(layer, part, modifiers)
        if layer.mask is None:
            return False
        if part is Part.LINK:
            return self.apply(edits.step(edits.set_mask_linked, layer.id, not layer.mask.linked))
        if part is Part.MASK and modifiers & Qt.KeyboardModifier.ShiftModifier:
            return self.apply(edits.step(edits.set_mask_enabled, layer.id, not layer.mask.enabled))
        return False

    def _select_pixels(self, layer: Layer, part: Part, modifiers: Qt.KeyboardModifier) -> bool:
        """Ctrl+click on a picture selects what it shows; with Shift it adds, with Alt it takes away."""
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        alt = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        combine = COMBINE[shift, alt]
        if part is Part.PICTURE and not isinstance(layer, AdjustmentLayer):
            return self.apply(edits.step(edits.select_layer, layer.id, combine=combine))
        if part is Part.MASK:
            return self.apply(edits.step(edits.select_mask, layer.id, combine=combine))
        return False

    def _press_row(self, index: QModelIndex, point: QPoint, event: QMouseEvent) -> None:
        """Choose the row; one of several chosen ones stays chosen with the others until the button is let go."""
        self._pressed = point if self.visualRect(index).contains(point) else None
        plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        if plain and self._pressed is not None and self.selectionModel().isSelected(index):
            self._click = index
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self._show_cursor(point, event.modifiers())
            super().mouseMoveEvent(event)
            return
        if self._eyes.is_dragging:
            self._eyes.move(point)
        elif self._drag.is_on:
            self._drag.move(point)
        elif self._pressed is not None and (point - self._pressed).manhattanLength() >= DRAG_PX:
            self._drag.lift(self.chosen(), point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self._eyes.is_dragging:
            self._eyes.release()
        elif self._drag.is_on:
            into = self._drag.put_down(copies=bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
            if into is not None:
                self.expand(self.layers.index_of(into))
        elif self._click is not None and self._click.isValid():
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(self._click, flags.ClearAndSelect | flags.Rows)
        self._pressed = self._click = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        index = self.indexAt(point)
        layer = self.layers.layer_at(index)
        if event.button() is not Qt.MouseButton.LeftButton or layer is None:
            return
        if index.column() == Column.EYE:
            self.mousePressEvent(event)  # quick clicks are clicks
            return
        if not self.visualRect(index).contains(point):
            super().mouseDoubleClickEvent(event)
            return
        match parts_of(layer, self.visualRect(index)).hit(point):
            case Part.NAME:
                self.edit(index)
            case Part.PICTURE if isinstance(layer, GroupLayer):
                self.setExpanded(index, not self.isExpanded(index))
            case Part.LINK:
                self.mousePressEvent(event)
            case _:
                self.properties_wanted.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            rect = self.visualRect(self.currentIndex())
            self.menu_wanted.emit(self.viewport().mapToGlobal(rect.center()))
        else:
            self.menu_wanted.emit(event.globalPos())

    def _show_cursor(self, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        seam = bool(modifiers & Qt.KeyboardModifier.AltModifier) and self._seam(point) is not None
        if seam:
            self.viewport().setCursor(_clip_cursor(self.devicePixelRatioF()))
        else:
            self.viewport().unsetCursor()

    def _seam(self, point: QPoint) -> Layer | None:
        """The layer above the line between two siblings that the point is near to."""
        index = self.indexAt(point).siblingAtColumn(Column.LAYER)
        rect = self.visualRect(index)
        if not index.isValid():
            return None
        if rect.bottom() - point.y() < SEAM_PX:
            upper = index
        elif point.y() - rect.top() < SEAM_PX:
            upper = index.siblingAtRow(index.row() - 1)
        else:
            return None
        has_lower = upper.isValid() and upper.siblingAtRow(upper.row() + 1).isValid()
        return self.layers.layer_at(upper) if has_lower and not self.isExpanded(upper) else None

    @property
    def is_dragging(self) -> bool:
        """Whether layers are on their way to another place."""
        return self._drag.is_on

    def cancel_drag(self) -> None:
        """Put back what is being dragged: the rows are no longer those that were picked up."""
        if self._drag.is_on:
            self._drag.cancel()
        self._pressed = self._click = None

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._drag.is_on and event.key() == Qt.Key.Key_Escape:
            self.cancel_drag()
            return
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        does: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Space: self._toggle_chosen,
            Qt.Key.Key_F2: self.rename_current,
            Qt.Key.Key_Return: self.properties_wanted.emit,
            Qt.Key.Key_Enter: self.properties_wanted.emit,
        }
        editing = self.state() is QAbstractItemView.State.EditingState
        if plain and not editing and event.key() in does and self._session.has_document and self._session.selection:
            does[event.key()]()
            return
        super().keyPressEvent(event)

    def _toggle_chosen(self) -> None:
        chosen = self._session.selection
        visible = not self._session.document.layer(chosen[0]).visible
        self.apply(edits.each(edits.set_visible, chosen, visible))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._drag.is_on:
            painter = QPainter(self.viewport())
            self._drag.paint(painter)
            painter.end()

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        """The selection's ground, and a sign that opens a group."""
        look = theme.current()
        chosen = self.selectionModel().isSelected(index)
        if chosen:
            painter.fillRect(rect, QColor(look.selection))
        line = QColor(look.border)
        line.setAlpha(120)
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), line)
        if isinstance(self.layers.layer_at(index), GroupLayer):
            side = min(16, self.indentation() + 4)
            name = "chevron-down" if self.isExpanded(index) else "chevron-right"
            sign = drawn(name, look.selection_text if chosen else look.muted, side, self.devicePixelRatioF())
            middle = rect.right() - self.indentation() // 2
            painter.drawPixmap(middle - side // 2, rect.center().y() - side // 2 + 1, sign)


def _clip_cursor(scale: float) -> QCursor:
    picture = QPixmap(drawn("clip", theme.current().accent, 20, scale))
    return QCursor(picture, 4, 14)
