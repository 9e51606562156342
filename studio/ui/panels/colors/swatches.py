"""Little squares of colour in rows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from studio.ui import theme
from studio.ui.forms.lists import TAKE_AWAY, keeps_key
from studio.ui.panels.colors import text
from studio.ui.panels.colors.text import say

CELL_PX = 18
GAP_PX = 2


class SwatchGrid(QWidget):
    """`chosen` brings the #rrggbb that is to be used, `removed` the one that is to go.

    Args:
        editable: whether colours can be taken out.
        empty: what stands there while there are none.
    """

    chosen = Signal(str)
    removed = Signal(str)

    def __init__(
        self, name: str, help_: str, *, editable: bool = False, empty: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._help = help_
        self._editable = editable
        self._empty = empty
        self._colors: tuple[str, ...] = ()
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(name)
        self._tell()

    @property
    def colors(self) -> tuple[str, ...]:
        return self._colors

    def show_colors(self, colors: tuple[str, ...]) -> None:
        """Show these, as #rrggbb."""
        if colors != self._colors:
            self._colors = colors
            self._current = min(self._current, max(0, len(colors) - 1))
            self.updateGeometry()
            self.update()
            self._tell()

    def cell(self, index: int) -> QRect:
        """Where a colour stands."""
        row, column = divmod(index, self._columns(self.width()))
        return QRect(column * (CELL_PX + GAP_PX), row * (CELL_PX + GAP_PX), CELL_PX, CELL_PX)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = -(-max(1, len(self._colors)) // self._columns(width))
        return rows * (CELL_PX + GAP_PX) - GAP_PX

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(max(200, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(4 * CELL_PX, CELL_PX)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self._at(event.pos())
            told = self._help if index is None else f"{self._colors[index]}\n{self._help}"
            QToolTip.showText(event.globalPos(), told, self)
            return True
        return keeps_key(event, TAKE_AWAY) or super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._at(event.position().toPoint())
        if index is not None and event.button() is Qt.MouseButton.LeftButton:
            self._go(index)
            self.chosen.emit(self._colors[index])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self._at(event.pos()) if event.reason() is QContextMenuEvent.Reason.Mouse else self._current
        if not self._editable or index is None or index >= len(self._colors):
            return
        told = self._colors[index]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(say(text.REMOVE)).triggered.connect(lambda _=False: self.removed.emit(told))
        menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        columns = self._columns(self.width())
        steps = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -columns, Qt.Key.Key_Down: columns,
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key in steps and 0 <= self._current + steps[key] < len(self._colors):
            self._go(self._current + steps[key])
        elif not self._colors:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._colors[self._current])
        elif key == Qt.Key.Key_Delete and self._editable:
            self.removed.emit(self._colors[self._current])
        elif key not in steps:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        if not self._colors:
            painter.setPen(QColor(look.muted))
            shown = self.fontMetrics().elidedText(self._empty, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        for index, told in enumerate(self._colors):
            cell = self.cell(index)
            painter.fillRect(cell, QColor(told))
            painter.setPen(QPen(QColor(look.border), 1))
            painter.drawRect(cell.adjusted(0, 0, -1, -1))
        if self.hasFocus() and self._colors:
            painter.setPen(QPen(QColor(look.accent), 2))
            painter.drawRect(self.cell(self._current).adjusted(1, 1, -1, -1))
        painter.end()

    def _columns(self, width: int) -> int:
        return max(1, (width + GAP_PX) // (CELL_PX + GAP_PX))

    def _at(self, point: QPoint) -> int | None:
        return next((index for index in range(len(self._colors)) if self.cell(index).contains(point)), None)

    def _go(self, index: int) -> None:
        self._current = index
        self._tell()
        self.update()

    def _tell(self) -> None:
        """Say which colour keys would use, for assistive technology."""
        count = len(self._colors)
        told = (
            say(text.SWATCH, color=self._colors[self._current], number=self._current + 1, count=count) if count else ""
        )
        self.setAccessibleDescription(told or self._empty or self._help)
