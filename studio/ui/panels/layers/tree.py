"""The list of layers: clicks, keys, dragging and renaming, turned into edits of the session's document."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QCursor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.history import LabelledEdit
from studio.core.layers import GroupLayer, Layer, LayerId, listed
from studio.session import Session
from studio.ui import theme
from studio.ui.panels.applying import apply
from studio.ui.panels.layers import text
from studio.ui.panels.layers.describing import one_line
from studio.ui.panels.layers.dropping import Drop, drop_at
from studio.ui.panels.layers.model import Column, LayerModel
from studio.ui.panels.layers.rows import EYE_PX, Part, RowDelegate, drawn, parts_of
from studio.ui.panels.layers.text import say
from studio.ui.panels.layers.thumbnails import Thumbnails

INDENT_PX, LEAST_INDENT_PX, INDENT_ROOM_PX = 16, 7, 96
"""Indentation of a level, the least it may become, and what all levels together should not exceed."""
SEAM_PX = 5
"""How near to the line between two rows Alt+click means clipping."""
DRAG_PX = 6
SCROLL_EDGE_PX, SCROLL_STEP_PX, SCROLL_MS = 24, 12, 30


@dataclass(slots=True)
class _Eyes:
    """A drag over eyes: all of them become what the first one became."""

    visible: bool
    gesture: Hashable
    done: list[LayerId] = field(default_factory=list[LayerId])
    last_y: int = 0


@dataclass(slots=True)
class _Lift:
    """Layers on their way to another place."""

    layers: tuple[LayerId, ...]
    point: QPoint
    drop: Drop | None = None


class LayerTree(QTreeView):
    """Rows of the session's layers. It shows what `LayerModel` holds and applies edits to the session.

    `properties_wanted` asks for the properties panel, `menu_wanted` for the context menu at a global point.
    """

    properties_wanted = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._eyes: _Eyes | None = None
        self._lift: _Lift | None = None
        self._pressed: QPoint | None = None
        self._click: QModelIndex | None = None
        self._before_solo: dict[LayerId, bool] = {}
        self._gestures = 0
        self._open: dict[LayerId, bool] = {}
        self.following = False
        self.thumbnails = Thumbnails(self)
        self.layers = LayerModel(self)
        self.setModel(self.layers)
        self.rows = RowDelegate(self.thumbnails, self)
        self.setItemDelegate(self.rows)
        self._look_like_a_list()
        self._scroll = QTimer(self, interval=SCROLL_MS)
        self._scroll.timeout.connect(self._scroll_on)
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
        self._before_solo.clear()
        self._end_lift()

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
        self._end_lift()
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
        if index.column() == Column.EYE:
            self._press_eye(layer, point, alone=alt)
        elif alt and (upper := self._seam(point)) is not None:
            self.apply(edits.step(edits.set_clipping, upper.id, not upper.clipping))
        elif not self._press_mask(layer, index, point, event.modifiers()):
            self._press_row(index, point, event)

    def _press_eye(self, layer: Layer, point: QPoint, *, alone: bool) -> None:
        if alone:
            self._show_alone(layer)
            return
        self._gestures += 1
        self._eyes = _Eyes(not layer.visible, ("eyes", id(self), self._gestures), last_y=point.y())
        self._switch_eyes([layer.id])

    def _switch_eyes(self, layers: Sequence[LayerId]) -> None:
        eyes = self._eyes
        assert eyes is not None, "a drag over eyes is going on"
        new = [layer for layer in layers if layer not in eyes.done]
        if new:
            eyes.done += new
            self.apply(edits.each(edits.set_visible, new, eyes.visible), eyes.gesture)

    def _show_alone(self, layer: Layer) -> None:
        """Show only this layer; when it is alone already, show again what showed before."""
        document = self._session.document
        only = edits.show_only(document, [layer.id])
        if only == document:
            before = self._before_solo or {other.id: True for other in document.walk()}
            self._before_solo = {}
            self.apply(_with_visibility(before))
        else:
            self._before_solo = {other.id: other.visible for other in document.walk()}
            self.apply(edits.step(edits.show_only, [layer.id]))

    def _press_mask(self, layer: Layer, index: QModelIndex, point: QPoint, modifiers: Qt.KeyboardModifier) -> bool:
        """Whether the press was meant for the mask and is done with."""
        if layer.mask is None:
            return False
        part = parts_of(layer, self.visualRect(index)).hit(point)
        if part is Part.LINK:
            return self.apply(edits.step(edits.set_mask_linked, layer.id, not layer.mask.linked))
        if part is Part.MASK and modifiers & Qt.KeyboardModifier.ShiftModifier:
            return self.apply(edits.step(edits.set_mask_enabled, layer.id, not layer.mask.enabled))
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
        if self._eyes is not None:
            self._drag_eyes(point)
        elif self._lift is not None:
            self._drag_to(point)
        elif self._pressed is not None and (point - self._pressed).manhattanLength() >= DRAG_PX:
            self._begin_lift(point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self._eyes is not None:
            self._eyes = None
            self._session.history.seal()
        elif self._lift is not None:
            self._put_down(copies=bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
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

    def _drag_eyes(self, point: QPoint) -> None:
        """Switch every eye between the last point and this one."""
        eyes = self._eyes
        assert eyes is not None, "a drag over eyes is going on"
        low, high = sorted((eyes.last_y, point.y()))
        x = self.columnViewportPosition(Column.EYE) + EYE_PX // 2
        found: list[LayerId] = []
        for y in range(low, high + 1):
            layer = self.layers.layer_at(self.indexAt(QPoint(x, y)))
            if layer is not None and layer.id not in found:
                found.append(layer.id)
        eyes.last_y = point.y()
        self._switch_eyes(found)

    # Dragging layers

    @property
    def is_dragging(self) -> bool:
        """Whether layers are on their way to another place."""
        return self._lift is not None

    def _begin_lift(self, point: QPoint) -> None:
        chosen = self.chosen()
        if chosen:
            self._lift = _Lift(chosen, point)
            self._drag_to(point)

    def _drag_to(self, point: QPoint) -> None:
        lift = self._lift
        assert lift is not None, "layers are being dragged"
        lift.point = point
        lift.drop = drop_at(self, self._session.document, point, lift.layers)
        shape = Qt.CursorShape.ForbiddenCursor if lift.drop is None else Qt.CursorShape.ClosedHandCursor
        self.viewport().setCursor(shape)
        near = min(point.y(), self.viewport().height() - point.y()) < SCROLL_EDGE_PX
        if near and not self._scroll.isActive():
            self._scroll.start()
        elif not near:
            self._scroll.stop()
        self.viewport().update()

    def _scroll_on(self) -> None:
        """Scroll while the pointer is held near the upper or lower edge."""
        if self._lift is None:
            self._scroll.stop()
            return
        bar = self.verticalScrollBar()
        up = self._lift.point.y() < self.viewport().height() // 2
        bar.setValue(bar.value() + (-SCROLL_STEP_PX if up else SCROLL_STEP_PX))
        self._drag_to(self._lift.point)

    def _put_down(self, *, copies: bool) -> None:
        lift = self._lift
        self._end_lift()
        if lift is None or lift.drop is None:
            return
        place = lift.drop.place
        if not copies:
            self.apply(edits.step(edits.move_layers, lift.layers, place))
        else:
            document = self._session.document
            originals = [layer for layer in document.walk() if layer.id in lift.layers]
            made = tuple(edits.with_new_ids(layer) for layer in originals)
            label = edits.EDITS["duplicate_layers"].label
            if self.apply(LabelledEdit(label, lambda root: edits.add_layers(root, made, place))):
                self._session.select([layer.id for layer in reversed(made)])
        if place.parent is not None and lift.drop.into:
            self.expand(self.layers.index_of(place.parent))

    def cancel_drag(self) -> None:
        """Put back what is being dragged: the rows are no longer those that were picked up."""
        if self._lift is not None:
            self._end_lift()
        self._pressed = self._click = None

    def _end_lift(self) -> None:
        self._lift = None
        self._scroll.stop()
        self.viewport().unsetCursor()
        self.viewport().update()

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._lift is not None and event.key() == Qt.Key.Key_Escape:
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
        if self._lift is None:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._lift.drop is not None:
            _paint_drop(painter, self._lift.drop)
        self._paint_dragged(painter, self._lift)
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

    def _paint_dragged(self, painter: QPainter, lift: _Lift) -> None:
        """What is being dragged, beside the pointer."""
        layer = self._session.document.find(lift.layers[0])
        words = say(text.DRAGGED, count=len(lift.layers)) if len(lift.layers) > 1 or layer is None else layer.name
        metrics = QFontMetrics(self.font())
        words = metrics.elidedText(one_line(words), Qt.TextElideMode.ElideRight, 160)
        corner = lift.point + QPoint(14, 6)
        rect = QRect(corner, QSize(metrics.horizontalAdvance(words) + 16, metrics.height() + 8))
        look = theme.current()
        painter.setPen(QPen(QColor(look.accent), 1))
        painter.setBrush(QColor(look.raised))
        painter.drawRoundedRect(rect, 4, 4)
        painter.setPen(QColor(look.text))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)


def _with_visibility(visible: dict[LayerId, bool]) -> LabelledEdit:
    """Visibility layer by layer, for those that are still there; one step."""
    label = edits.EDITS["set_visible"].label

    def change(document: Document) -> Document:
        for layer in list(document.walk()):
            if layer.id in visible and layer.visible is not visible[layer.id]:
                document = edits.set_visible(document, layer.id, visible[layer.id])
        return document

    return LabelledEdit(label, change)


def _paint_drop(painter: QPainter, drop: Drop) -> None:
    accent = QColor(theme.current().accent)
    painter.setPen(QPen(accent, 2))
    if drop.into:
        tint = QColor(accent)
        tint.setAlpha(40)
        painter.setBrush(tint)
        painter.drawRoundedRect(drop.mark.adjusted(1, 1, -2, -2), 4, 4)
        return
    y = max(drop.mark.top(), 3)
    painter.setBrush(accent)
    painter.drawLine(drop.mark.left() + 6, y, drop.mark.right(), y)
    painter.setBrush(QColor(theme.current().base))
    painter.drawEllipse(QPoint(drop.mark.left() + 4, y), 3, 3)


def _clip_cursor(scale: float) -> QCursor:
    picture = QPixmap(drawn("clip", theme.current().accent, 20, scale))
    return QCursor(picture, 4, 14)
