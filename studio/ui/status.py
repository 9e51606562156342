"""The status bar: what is being done, the pixel under the pointer, size, depth and zoom."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from studio.core.document import Document
from studio.ui import text
from studio.ui.icons import icon
from studio.ui.text import say

SWATCH_PX = 12
CANCEL_PX = 12


class StatusBar(QStatusBar):
    """`zoom_clicked` asks to show the whole picture, `cancel_clicked` to stop the work that is shown."""

    zoom_clicked = Signal()
    cancel_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(say(text.STATUS_BAR))
        self.setSizeGripEnabled(False)
        self._stage = self._hint = ""
        self.work = QLabel(self)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(96, 6)
        self.bar.setAccessibleName(say(text.STATUS_WORK))
        self.cancel = QToolButton(self)
        self.cancel.setAutoRaise(True)
        self.cancel.setAccessibleName(say(text.STATUS_CANCEL))
        self.cancel.setToolTip(say(text.STATUS_CANCEL))
        self.cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.cancel.clicked.connect(self.cancel_clicked)
        self.cursor_label = _label(say(text.STATUS_CURSOR_HELP), 84, self)
        self.swatch = QLabel(self)
        self.color = _label(say(text.STATUS_CURSOR_HELP), 132, self)
        self.size_label = _label(say(text.STATUS_SIZE_HELP), 0, self)
        self.depth_label = _label(say(text.STATUS_DEPTH_HELP), 0, self)
        self.zoom = QToolButton(self)
        self.zoom.setAccessibleName(say(text.STATUS_ZOOM))
        self.zoom.setToolTip(say(text.STATUS_ZOOM_HELP))
        self.zoom.clicked.connect(self.zoom_clicked)
        self._lay_out()
        self.show_work("")
        self.show_document(None)
        self.leave_pixel()
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "cancel"):
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        self.cancel.setIcon(icon("close"))
        self.cancel.setIconSize(QSize(CANCEL_PX, CANCEL_PX))

    def show_work(self, stage: str, fraction: float | None = None, *, can_cancel: bool = False) -> None:
        """What is being done now, and how far it is; an empty stage for nothing."""
        self._stage = stage
        self.work.setText(stage or self._hint)
        self.bar.setVisible(bool(stage))
        self.cancel.setVisible(bool(stage) and can_cancel)
        self.bar.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self.bar.setValue(round(1000 * fraction))

    def show_hint(self, words: str) -> None:
        """What the tool is at, while nothing is being done."""
        self._hint = words
        self.work.setText(self._stage or words)

    def show_document(self, document: Document | None) -> None:
        """Size, depth and profile; nothing for no document."""
        for part in (self.size_label, self.depth_label, self.zoom):
            part.setVisible(document is not None)
        if document is None:
            return
        self.size_label.setText(say(text.STATUS_SIZE, width=document.size.width, height=document.size.height))
        profile = say(text.STATUS_PROFILE_SRGB if document.icc is None else text.STATUS_PROFILE_OWN)
        self.depth_label.setText(say(text.STATUS_DEPTH, bits=int(document.depth), profile=profile))

    def show_zoom(self, words: str) -> None:
        """The zoom of the view."""
        self.zoom.setText(words)

    def show_pixel(self, x: int, y: int, rgba: object) -> None:
        """The pixel under the pointer; `rgba` is (red, green, blue, alpha) of 0..255, or None outside."""
        self.cursor_label.setText(say(text.STATUS_CURSOR, x=x, y=y))
        if not isinstance(rgba, tuple | list) or len(rgba) != 4:
            self.color.setText("")
            self.swatch.setPixmap(QPixmap())
            return
        red, green, blue, alpha = (int(value) for value in rgba)
        share = round(100 * alpha / 255)
        self.color.setText(say(text.STATUS_COLOR, red=red, green=green, blue=blue, alpha=share))
        patch = QPixmap(SWATCH_PX, SWATCH_PX)
        patch.fill(QColor(red, green, blue))
        self.swatch.setPixmap(patch)

    def leave_pixel(self) -> None:
        """The pointer is not over the picture."""
        self.cursor_label.setText("")
        self.color.setText("")
        self.swatch.setPixmap(QPixmap())

    def _lay_out(self) -> None:
        left = QWidget(self)
        row = QHBoxLayout(left)
        row.setContentsMargins(8, 0, 0, 0)
        row.addWidget(self.bar)
        row.addWidget(self.cancel)
        row.addWidget(self.work, 1)
        self.addWidget(left, 1)
        self.swatch.setFixedWidth(SWATCH_PX)
        for part in (self.cursor_label, self.swatch, self.color, self.size_label, self.depth_label, self.zoom):
            self.addPermanentWidget(part)


def _label(tip: str, width_px: int, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setToolTip(tip)
    label.setMinimumWidth(width_px)
    label.setContentsMargins(4, 0, 8, 0)
    return label
