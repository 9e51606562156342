"""A slider that is its own label: name and value stand in the bar, a double click or a digit lets one type."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QSpinBox, QWidget

from studio.ui import theme

HEIGHT_PX = 24
PADDING_PX = 7
FILLED = 0.3
"""How much of the accent colour lies under the words: they stay readable on both parts of the bar."""
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class AmountBar(QSlider):
    """`changed` brings every value on the way, `settled` says that a drag or an entry is over.

    Args:
        label: stands at the left in the bar.
        help_: tool tip: effect, unit, default.
        curve: above 1, small values get more of the bar: a share s of its length stands for s ** curve of the range.
    """

    changed = Signal(int)
    settled = Signal()

    def __init__(
        self,
        label: str,
        low: int,
        high: int,
        *,
        suffix: str = "",
        help_: str = "",
        curve: float = 1.0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._label = label
        self._suffix = suffix
        self._curve = curve
        self.setRange(low, high)
        self.setPageStep(max(1, (high - low) // 10))
        self.setToolTip(help_)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.field = QSpinBox(self)
        self.field.setRange(low, high)
        self.field.setSuffix(suffix)
        self.field.setKeyboardTracking(False)
        self.field.setProperty("plain", True)  # not NoButtons: Qt then gives its number no room beside a style sheet
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setAccessibleName(label)
        self.field.setCursor(Qt.CursorShape.IBeamCursor)
        self.field.installEventFilter(self)
        self.field.hide()
        self.valueChanged.connect(self.changed)
        self.sliderReleased.connect(self.settled)
        self.field.editingFinished.connect(self._take_typed)

    def show_value(self, value: int) -> None:
        """Show a value of the document; nothing is emitted."""
        with QSignalBlocker(self):
            self.setValue(value)
        self.update()

    def type_value(self, begin: str = "") -> None:
        """Let the user type the value, beginning with these digits."""
        with QSignalBlocker(self.field):
            self.field.setValue(self.value())
        self.field.show()
        self.field.setFocus()
        self.field.selectAll()
        if begin:
            self.field.lineEdit().insert(begin)

    def sizeHint(self) -> QSize:
        words = f"{self._label}  {self.maximum()}{self._suffix}"
        return QSize(self.fontMetrics().horizontalAdvance(words) + 2 * PADDING_PX + 4, HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    # Pointer and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setValue(self._value_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setValue(self._value_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setSliderDown(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.type_value()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().isdigit():
            self.type_value(event.text())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.type_value()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Return takes what was typed, Escape leaves it; neither is for anybody else."""
        if not isinstance(event, QKeyEvent) or event.key() not in _ENDS:
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            with QSignalBlocker(self.field):
                self.field.setValue(self.value())
                self.field.hide()
            self.setFocus()
        elif event.type() == QEvent.Type.KeyPress:
            self.field.interpretText()
            self._take_typed()
        return True

    def _take_typed(self) -> None:
        if self.field.isHidden():
            return
        had_focus = self.field.hasFocus()
        self.field.hide()
        self.setValue(self.field.value())
        self.settled.emit()
        if had_focus:
            self.setFocus()

    def _value_at(self, x: float) -> int:
        share = min(1.0, max(0.0, x / max(1, self.width() - 1))) ** self._curve
        return round(self.minimum() + share * (self.maximum() - self.minimum()))

    # Painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.field.setGeometry(self.rect())

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        path = QPainterPath()
        path.addRoundedRect(frame, look.radius_px, look.radius_px)
        painter.fillPath(path, QColor(look.base))
        share = ((self.value() - self.minimum()) / max(1, self.maximum() - self.minimum())) ** (1 / self._curve)
        inside = QRectF(frame.left(), frame.top(), frame.width() * share, frame.height())
        words = frame.adjusted(PADDING_PX, 0, -PADDING_PX, 0)
        if self.isEnabled():
            filled = QColor(look.accent)
            filled.setAlphaF(FILLED)
            painter.save()
            painter.setClipPath(path)
            painter.fillRect(inside, filled)
            painter.restore()
        painter.setPen(QColor(look.text if self.isEnabled() else look.disabled))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignLeft, self._label)
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignRight, f"{self.value()}{self._suffix}")
        painter.setPen(QPen(QColor(look.accent if self.hasFocus() else look.border), 1))
        painter.drawPath(path)
        painter.end()
