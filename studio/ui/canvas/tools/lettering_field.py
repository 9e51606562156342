"""The field at a text on the canvas: what is typed there is seen in the picture at once."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from studio.core.geometry import Rect
from studio.ui.canvas.tools import lettering_text as text
from studio.ui.canvas.tools.lettering_text import say

WIDTH_PX = 260
LINE_PX = 22
MOST_LINES = 5
GAP_PX = 8


class LetteringField(QPlainTextEdit):
    """A few lines of plain text: input methods, clipboard and undo as everywhere. `kept` and `left` end it."""

    kept = Signal()
    left = Signal()

    def __init__(self, words: str, parent: QWidget) -> None:
        super().__init__(words, parent)
        self.setObjectName("lettering_field")
        self.setAccessibleName(say(text.FIELD))
        self.setAccessibleDescription(say(text.FIELD_HELP))
        self.setToolTip(say(text.FIELD_HELP))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self.textChanged.connect(self._fit)
        self._fit()

    def put_below(self, box: Rect) -> None:
        """Stand below a rectangle of the view, or above it where there is no room, always inside the view."""
        view = self.parentWidget()
        assert view is not None, "it stands on the canvas"
        around = view.rect()
        y = box.bottom + GAP_PX
        if y + self.height() > around.height():
            y = box.top - GAP_PX - self.height()
        x = min(max(box.left, 0), max(around.width() - self.width(), 0))
        self.move(x, min(max(y, 0), max(around.height() - self.height(), 0)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.kept.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Escape is for the text, before it is a shortcut of the window."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            ends = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
            if ends:
                event.accept()
                return True
        return super().event(event)

    def _fit(self) -> None:
        """As high as the lines, within reason."""
        lines = min(max(self.blockCount(), 1), MOST_LINES)
        self.setFixedSize(WIDTH_PX, lines * LINE_PX + 14)
