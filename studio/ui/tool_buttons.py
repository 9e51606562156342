"""The toolbar of tools: a button for each group; those that hold several open a list of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPolygon,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QToolTip, QWidget

from studio.ui import text, theme
from studio.ui.panels.colors.wells import ColorWells
from studio.ui.text import say
from studio.ui.toolbox import GROUPS, SPECS, Toolbox, members, sharing

CORNER_PX = 5
"""Side of the small triangle that marks a button with a list."""
GAP_PX = 2
UNDER_GAP_PX = 8
MOST_COLUMNS = 3
Actions = Callable[[str], QAction]


class GroupButton(QToolButton):
    """Chooses the tool that stands for the group; a long or a right press, or the down key, lists the others."""

    def __init__(self, group: str, toolbox: Toolbox, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = group
        self._toolbox = toolbox
        self._actions = actions
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if len(members(group)) > 1:
            menu = QMenu(say(GROUPS[group]), self)
            for spec in members(group):
                action = actions(f"tool.{spec.name}")
                action.setIconVisibleInMenu(True)
                menu.addAction(action)
            self.setMenu(menu)
            self.setPopupMode(QToolButton.ToolButtonPopupMode.DelayedPopup)
        self.show_front()

    def show_front(self) -> None:
        """Stand for the tool that stands for the group."""
        front = self._actions(f"tool.{self._toolbox.front(self._group)}")
        if self.defaultAction() is not front:
            self.setDefaultAction(front)
        self.setAccessibleName(self.tip.split("\n")[0])

    @property
    def tip(self) -> str:
        """What the button says about itself: its tool, the key that the group may share, and that there are more."""
        front = SPECS[self._toolbox.front(self._group)]
        head, *rest = self._actions(f"tool.{front.name}").toolTip().split("\n")
        if len(sharing(front)) > 1:
            keys = self._actions(f"tool.key_{front.key.lower()}").shortcut()
            shown = keys.toString(QKeySequence.SequenceFormat.NativeText)
            head = f"{head} ({shown})" if shown else head
        more = [say(text.TOOL_MORE)] if self.menu() is not None else []
        return "\n".join((head, *rest, *more))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip, self)
            return True
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.menu() is None:
            super().contextMenuEvent(event)
        else:
            self.showMenu()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.menu() is not None and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Right):
            self.showMenu()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.menu() is None:
            return
        look = theme.current()
        corner = self.rect().bottomRight() - QPoint(3, 3)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.selection_text if self.isChecked() else look.text))
        painter.drawPolygon(QPolygon([corner, corner - QPoint(CORNER_PX, 0), corner - QPoint(0, CORNER_PX)]))
        painter.end()


class ToolGrid(QWidget):
    """Buttons and, under them, another widget; in as many columns as its height needs."""

    def __init__(self, buttons: Sequence[QWidget], under: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons = buttons
        self._under = under
        for widget in (*buttons, under):
            widget.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._arrange(self.sizeHint().height())

    @property
    def _cell(self) -> QSize:
        hints = [button.sizeHint() for button in self._buttons]
        widths, heights = [hint.width() for hint in hints], [hint.height() for hint in hints]
        return QSize(max(*widths, self._under.width()), max(heights) + GAP_PX)

    def sizeHint(self) -> QSize:
        return QSize(self.width(), self._height(len(self._buttons)))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.width(), self._height(-(-len(self._buttons) // MOST_COLUMNS)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange(event.size().height())

    def _height(self, rows: int) -> int:
        return rows * self._cell.height() + UNDER_GAP_PX + self._under.height()

    def _arrange(self, height: int) -> None:
        count, cell = len(self._buttons), self._cell
        fits = (columns for columns in range(1, MOST_COLUMNS) if self._height(-(-count // columns)) <= height)
        columns = next(fits, MOST_COLUMNS)
        for index, button in enumerate(self._buttons):
            row, column = divmod(index, columns)
            button.setGeometry(column * cell.width(), row * cell.height(), cell.width(), cell.height() - GAP_PX)
        top = -(-count // columns) * cell.height() + UNDER_GAP_PX
        self._under.move((columns * cell.width() - self._under.width()) // 2, top)
        self.setFixedWidth(columns * cell.width())


class ToolButtons(QToolBar):
    """Follows the toolbox by itself; the colours stand under the tools. `colors_wanted` asks for the colour panel."""

    colors_wanted = Signal()

    def __init__(self, toolbox: Toolbox, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(say(text.TOOLBAR_TOOLS), parent)
        self.setObjectName("toolbar.tools")
        self.setAccessibleName(say(text.TOOLBAR_TOOLS))
        self.setOrientation(Qt.Orientation.Vertical)
        self.setAllowedAreas(Qt.ToolBarArea.LeftToolBarArea | Qt.ToolBarArea.RightToolBarArea)
        side = theme.current().icon_px
        self._buttons = {group: GroupButton(group, toolbox, actions, self) for group in GROUPS}
        for button in self._buttons.values():
            button.setIconSize(QSize(side, side))
        self.wells = ColorWells(toolbox.kit.colors, actions("tool.swap_colors"), actions("tool.default_colors"), self)
        self.wells.chosen.connect(self.colors_wanted)
        self.addWidget(ToolGrid(list(self._buttons.values()), self.wells, self))
        toolbox.changed.connect(self._show_fronts)

    def button(self, group: str) -> GroupButton:
        """The button of a group."""
        return self._buttons[group]

    def _show_fronts(self) -> None:
        for button in self._buttons.values():
            button.show_front()
