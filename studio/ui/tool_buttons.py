"""The toolbar of tools: a button for each group; those that hold several open a list of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QAction, QColor, QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent, QPolygon
from PySide6.QtWidgets import QMenu, QToolBar, QToolButton, QWidget

from studio.ui import text, theme
from studio.ui.text import say
from studio.ui.toolbox import GROUPS, Toolbox, members

CORNER_PX = 5
"""Side of the small triangle that marks a button with a list."""
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
        self.setAccessibleName(front.toolTip().split("\n")[0])

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


class ToolButtons(QToolBar):
    """Follows the toolbox by itself."""

    def __init__(self, toolbox: Toolbox, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(say(text.TOOLBAR_TOOLS), parent)
        self.setObjectName("toolbar.tools")
        self.setAccessibleName(say(text.TOOLBAR_TOOLS))
        self.setOrientation(Qt.Orientation.Vertical)
        side = theme.current().icon_px
        self.setIconSize(QSize(side, side))
        self._buttons: dict[str, GroupButton] = {}
        for group in GROUPS:
            button = self._buttons[group] = GroupButton(group, toolbox, actions, self)
            button.setIconSize(self.iconSize())
            self.addWidget(button)
        toolbox.changed.connect(self._show_fronts)

    def button(self, group: str) -> GroupButton:
        """The button of a group."""
        return self._buttons[group]

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def _show_fronts(self) -> None:
        for button in self._buttons.values():
            button.show_front()
