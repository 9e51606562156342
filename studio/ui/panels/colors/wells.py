"""The two colours that are painted with, one over the other; a click on one chooses it for the pickers."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolButton, QWidget

from studio.core.events import Subscriptions
from studio.ui import theme
from studio.ui.canvas.paints import PaintColors, Paints, hex_of
from studio.ui.panels.colors import text
from studio.ui.panels.colors.text import say

WELL_PX = 22
SHIFT_PX = 10
SMALL_PX = 16


class Well(QToolButton):
    """A button that is a colour."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._color = QColor()
        self._edited = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(WELL_PX, WELL_PX)

    def show_color(self, words: str, told: str, *, edited: bool) -> None:
        """Show #rrggbb; `edited` marks the one that pickers set."""
        self._color, self._edited = QColor(told), edited
        name = say(words, color=told)
        self.setAccessibleName(name)
        self.setToolTip(f"{name}\n{say(text.WELL_HELP)}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.window))
        painter.fillRect(self.rect().adjusted(2, 2, -2, -2), self._color)
        marked = self.hasFocus() or self._edited
        painter.setPen(QPen(QColor(look.accent if marked else look.muted), 2 if self.hasFocus() else 1))
        painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
        painter.end()


class ColorWells(QWidget):
    """Follows the colours by itself. `chosen` tells that a well was clicked.

    Args:
        swap, reset: actions that get small buttons beside the wells.
    """

    chosen = Signal()

    def __init__(
        self,
        colors: PaintColors,
        swap: QAction | None = None,
        reset: QAction | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(say(text.WELLS))
        side = WELL_PX + SHIFT_PX
        self.background = Well(self)
        self.background.move(SHIFT_PX, SHIFT_PX)
        self.foreground = Well(self)
        self.foreground.move(0, 0)
        self.foreground.raise_()
        self.foreground.clicked.connect(lambda: self._choose(background=False))
        self.background.clicked.connect(lambda: self._choose(background=True))
        top = side + 2
        for index, action in enumerate(action for action in (swap, reset) if action is not None):
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setAccessibleName(action.toolTip().split("\n")[0])
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setIconSize(QSize(SMALL_PX - 2, SMALL_PX - 2))
            button.setStyleSheet("padding: 0px;")
            button.setGeometry(QRect(index * SMALL_PX, top, SMALL_PX, SMALL_PX))
        self.setFixedSize(side, side if swap is None and reset is None else top + SMALL_PX)
        self._subscriptions = Subscriptions()
        self.destroyed.connect(self._subscriptions.close)
        self.follow(colors)

    def follow(self, colors: PaintColors) -> None:
        """Show and set these colours from now on."""
        self._subscriptions.close()
        self._colors = colors
        self._subscriptions.listen(colors.options.changed, self._show)
        self._show(colors.now)

    def _choose(self, *, background: bool) -> None:
        self._colors.options.change(background_first=background)
        self.chosen.emit()

    def _show(self, now: Paints) -> None:
        self.foreground.show_color(text.FOREGROUND, hex_of(now.foreground), edited=not now.background_first)
        self.background.show_color(text.BACKGROUND, hex_of(now.background), edited=now.background_first)
