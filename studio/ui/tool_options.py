"""The row under the main toolbar: what can be set for the tool of the canvas, or another bar in its place.

Its height never changes, so that the canvas stays where it is. What finds no room scrolls, by the wheel, by the arrows
at the ends, and to whatever gets the focus.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QStackedWidget,
    QToolBar,
    QToolButton,
    QWidget,
)

from studio.ui import text, theme
from studio.ui.canvas.tool import Tool
from studio.ui.canvas.view import CanvasView
from studio.ui.forms.field import still
from studio.ui.icons import icon
from studio.ui.text import say

HEIGHT_PX = 32
STEP_PX = 120
"""How far one press of an arrow scrolls."""


class Strip(QWidget):
    """One line of controls that scrolls sideways when there is no room for all of them."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        self.area = QScrollArea(self)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidgetResizable(True)
        self.area.setWidget(content)
        self.area.viewport().setAutoFillBackground(False)
        content.setAutoFillBackground(False)
        self._still: set[QWidget] = set()
        self._keep_still()
        self.back = self._arrow(text.OPTIONS_BACK, Qt.ArrowType.LeftArrow, -STEP_PX)
        self.onward = self._arrow(text.OPTIONS_ONWARD, Qt.ArrowType.RightArrow, STEP_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.back)
        row.addWidget(self.area, 1)
        row.addWidget(self.onward)
        content.installEventFilter(self)
        self.area.viewport().installEventFilter(self)
        self.area.horizontalScrollBar().valueChanged.connect(self._show_arrows)
        self.area.horizontalScrollBar().rangeChanged.connect(self._show_arrows)
        self._show_arrows()

    def sizeHint(self) -> QSize:
        return QSize(self._content.sizeHint().width(), HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, HEIGHT_PX)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._scroll(-event.angleDelta().y() or -event.angleDelta().x())
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_arrows()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent):  # the area would scroll a line that is a pixel too high up and down
            self.wheelEvent(event)
            return True
        if event.type() == QEvent.Type.LayoutRequest:
            self._keep_still()
            self._show_arrows()
        return super().eventFilter(watched, event)

    def _keep_still(self) -> None:
        """Have the wheel scroll past all controls, those that were put into the line later too."""
        for kind in (QAbstractSpinBox, QSlider, QComboBox):
            for control in self._content.findChildren(kind):
                if control not in self._still:
                    self._still.add(control)
                    still(control)

    def _arrow(self, name: str, kind: Qt.ArrowType, step: int) -> QToolButton:
        button = QToolButton(self)
        button.setArrowType(kind)
        button.setAutoRepeat(True)
        button.setAccessibleName(say(name))
        button.setToolTip(say(name))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard scrolls by going to what it wants
        button.setFixedWidth(18)
        button.clicked.connect(lambda: self._scroll(step))
        return button

    def _scroll(self, by_px: int) -> None:
        bar = self.area.horizontalScrollBar()
        bar.setValue(bar.value() + by_px)

    def _show_arrows(self) -> None:
        """Both stand there as soon as anything is out of sight, so that they do not jump."""
        bar = self.area.horizontalScrollBar()
        short = self._content.minimumSizeHint().width() > self.width()
        for button, more in ((self.back, bar.value() > bar.minimum()), (self.onward, bar.value() < bar.maximum())):
            button.setVisible(short)
            button.setEnabled(more)


class ToolOptions(QToolBar):
    """Shows what `Tool.options` gives for the canvas's tool; `put_over` shows another bar in its place.

    Args:
        sign_of: the icon of a tool; empty for none.
    """

    def __init__(self, canvas: CanvasView, sign_of: Callable[[Tool], str], parent: QWidget | None = None) -> None:
        super().__init__(say(text.TOOLBAR_OPTIONS), parent)
        self.setObjectName("toolbar.options")
        self.setAccessibleName(say(text.TOOLBAR_OPTIONS))
        self.setMovable(False)
        self.setFloatable(False)
        self.toggleViewAction().setVisible(False)  # other bars stand here too, so it must not go away
        self._canvas = canvas
        self._strips: dict[Tool, Strip] = {}
        self._sign_of = sign_of
        self.pages = QStackedWidget(self)
        self.pages.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.pages.setFixedHeight(HEIGHT_PX)
        self.own = QWidget(self.pages)
        self.picture = QLabel(self.own)
        self.strips = QStackedWidget(self.own)
        self._name = QLabel(self.strips)
        self.strips.addWidget(self._name)
        row = QHBoxLayout(self.own)
        row.setContentsMargins(6, 0, 4, 0)
        row.setSpacing(10)
        row.addWidget(self.picture)
        row.addWidget(self.strips, 1)
        self.pages.addWidget(self.own)
        self.addWidget(self.pages)
        canvas.tool_changed.connect(self._show_tool)
        self._show_tool()

    def put_over(self, bar: QWidget | None) -> None:
        """Show another bar in place of the options; None shows them again."""
        if bar is None:
            self.pages.setCurrentWidget(self.own)
            return
        if self.pages.indexOf(bar) < 0:
            self.pages.addWidget(bar)
        self.pages.setCurrentWidget(bar)

    @property
    def shown(self) -> QWidget | None:
        """The strip of options that is shown."""
        return self.strips.currentWidget()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "picture"):
            self._dress()
        super().changeEvent(event)

    def _show_tool(self) -> None:
        tool = self._canvas.tool
        if tool not in self._strips and (options := tool.options(self.strips)) is not None:
            strip = self._strips[tool] = Strip(options, self.strips)
            self.strips.addWidget(strip)
        self._name.setText(tool.name)
        self.strips.setCurrentWidget(self._strips.get(tool, self._name))
        self._dress()

    def _dress(self) -> None:
        sign, side = self._sign_of(self._canvas.tool), theme.current().icon_px
        self.picture.setVisible(bool(sign))
        if sign:
            self.picture.setPixmap(icon(sign).pixmap(QSize(side, side)))
