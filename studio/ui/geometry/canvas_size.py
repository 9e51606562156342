"""The dialog that gives the canvas another size around an anchor."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QFormLayout,
    QGridLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.core.document import MAX_SIDE_PX
from studio.core.edits.arranging import Anchor
from studio.core.geometry import Size
from studio.ui import theme
from studio.ui.geometry import text
from studio.ui.geometry.fields import SizeField, buttons
from studio.ui.geometry.text import say

ANCHORS = (
    (Anchor.TOP_LEFT, text.ANCHOR_TOP_LEFT),
    (Anchor.TOP, text.ANCHOR_TOP),
    (Anchor.TOP_RIGHT, text.ANCHOR_TOP_RIGHT),
    (Anchor.LEFT, text.ANCHOR_LEFT),
    (Anchor.CENTER, text.ANCHOR_CENTER),
    (Anchor.RIGHT, text.ANCHOR_RIGHT),
    (Anchor.BOTTOM_LEFT, text.ANCHOR_BOTTOM_LEFT),
    (Anchor.BOTTOM, text.ANCHOR_BOTTOM),
    (Anchor.BOTTOM_RIGHT, text.ANCHOR_BOTTOM_RIGHT),
)
"""Row by row."""
CELL_PX = 30


class AnchorButton(QToolButton):
    """One place of the grid: a square when it is the anchor, a dot when not."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.setAccessibleName(name)
        self.setToolTip(name)

    def sizeHint(self) -> QSize:
        return QSize(CELL_PX, CELL_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        look = theme.current()
        side = 12 if self.isChecked() else 4
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().highlight() if self.isChecked() else self.palette().buttonText())
        painter.setOpacity(1.0 if self.isChecked() or not look.muted else 0.7)
        middle = self.rect().center()
        painter.drawRoundedRect(QRectF(middle.x() - side / 2 + 0.5, middle.y() - side / 2 + 0.5, side, side), 2, 2)
        painter.end()


class AnchorGrid(QWidget):
    """Nine places, one of which is the anchor; arrow keys go from one to the next."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(say(text.ANCHOR))
        self.setToolTip(say(text.ANCHOR_HELP))
        self.group = QButtonGroup(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(2)
        for index, (_, name) in enumerate(ANCHORS):
            button = AnchorButton(say(name), self)
            self.group.addButton(button, index)
            grid.addWidget(button, index // 3, index % 3)
        grid.setColumnStretch(3, 1)
        self.group.button(4).setChecked(True)

    @property
    def anchor(self) -> Anchor:
        return ANCHORS[self.group.checkedId()][0]


class CanvasSizeDialog(QDialog):
    """The new size, as it is or relative to the present one, and the anchor."""

    def __init__(self, size: Size, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(say(text.CANVAS_SIZE_TITLE))
        self._start = size
        self.width_field = SizeField(say(text.WIDTH), say(text.CANVAS_WIDTH_HELP), self)
        self.height_field = SizeField(say(text.HEIGHT), say(text.CANVAS_HEIGHT_HELP), self)
        self.relative = QCheckBox(say(text.RELATIVE), self)
        self.relative.setToolTip(say(text.RELATIVE_HELP))
        self.grid = AnchorGrid(self)
        form = QFormLayout()
        form.addRow("", QLabel(say(text.CANVAS_NOW, width=size.width, height=size.height), self))
        form.addRow(say(text.WIDTH), self.width_field)
        form.addRow(say(text.HEIGHT), self.height_field)
        form.addRow("", self.relative)
        form.addRow(say(text.ANCHOR), self.grid)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(buttons(self, say(text.CHANGE)))
        self._show(size, relative=False)
        self.relative.toggled.connect(self._switch)
        self.width_field.selectAll()
        self.width_field.setFocus()

    @property
    def asked(self) -> Size:
        """The new size in pixels."""
        return self._told(relative=self.relative.isChecked())

    @property
    def anchor(self) -> Anchor:
        """Which part of the picture stays."""
        return self.grid.anchor

    def _told(self, *, relative: bool) -> Size:
        width, height = round(self.width_field.value()), round(self.height_field.value())
        return Size(self._start.width + width, self._start.height + height) if relative else Size(width, height)

    def _switch(self, relative: bool) -> None:
        self._show(self._told(relative=not relative), relative=relative)

    def _show(self, size: Size, *, relative: bool) -> None:
        for field, now, before in (
            (self.width_field, size.width, self._start.width),
            (self.height_field, size.height, self._start.height),
        ):
            off = before if relative else 0
            field.set_unit(say(text.PIXELS), 1 - off, MAX_SIDE_PX - off, 0)
            field.show_value(now - off)
