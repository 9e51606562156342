"""A number with a slider and a field: drag, type, step by keys; what a drag does can be one undo step."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QRect, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QMouseEvent, QValidator
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QStyle,
    QStyleOptionSlider,
    QWidget,
)

FIELD_PX = 70


class JumpSlider(QSlider):
    """A slider whose handle comes to where it is clicked."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and not self._handle_rect().contains(event.position().toPoint()):
            handle = self._handle_rect().width()
            room = self.width() - handle
            x = round(event.position().x()) - handle // 2
            self.setSliderDown(True)
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), x, room))
        super().mousePressEvent(event)

    def _handle_rect(self) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        control, part = QStyle.ComplexControl.CC_Slider, QStyle.SubControl.SC_SliderHandle
        return self.style().subControlRect(control, option, part, self)


class DecimalSpin(QSpinBox):
    """A field for whole numbers that shows them with decimals: with two of them 125 is 1.25."""

    def __init__(self, decimals: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._decimals = decimals
        self._reader = QDoubleSpinBox(self)
        self._reader.hide()
        self._reader.setDecimals(decimals)
        self._reader.setRange(-1e6, 1e6)

    def textFromValue(self, val: int) -> str:
        return self._reader.textFromValue(val / 10**self._decimals)

    def valueFromText(self, text: str) -> int:
        told = text.removesuffix(self.suffix()).strip()
        return round(self._reader.valueFromText(told) * 10**self._decimals)

    def validate(self, input: str, pos: int) -> tuple[QValidator.State, str, int]:
        return self._reader.validate(input.removesuffix(self.suffix()), pos)


class Amount(QWidget):
    """`changed` brings every value on the way, `settled` says that a drag or an entry is over.

    Args:
        label: shown in front; a double click on it brings the `usual` value.
        decimals: how many of the number's digits stand behind the point where it is shown.
        help_: tool tip: effect, unit, default.
    """

    changed = Signal(int)
    settled = Signal()

    def __init__(
        self, label: str, low: int, high: int, usual: int, *, decimals: int = 0, suffix: str = "", help_: str = "",
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._usual = usual
        self.label = QLabel(label, self)
        self.slider = JumpSlider(Qt.Orientation.Horizontal, self)
        self.field = DecimalSpin(decimals, self) if decimals else QSpinBox(self)
        self.slider.setRange(low, high)
        self.slider.setPageStep(max(1, (high - low) // 10))
        self.slider.setMinimumWidth(40)
        self.field.setRange(low, high)
        self.field.setSuffix(suffix)
        self.field.setSingleStep(10 ** max(0, decimals - 1))
        self.field.setKeyboardTracking(False)
        self.field.setFixedWidth(FIELD_PX)
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.label.setBuddy(self.field)
        for part in (self.slider, self.field, self.label):
            part.setToolTip(help_)
        self.slider.setAccessibleName(label)
        self.field.setAccessibleName(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.label)
        row.addWidget(self.slider, 1)
        row.addWidget(self.field)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.slider.valueChanged.connect(self._take)
        self.field.valueChanged.connect(self._take)
        self.slider.sliderReleased.connect(self.settled)
        self.field.editingFinished.connect(self.settled)
        self.label.installEventFilter(self)

    @property
    def value(self) -> int:
        return self.field.value()

    def show_value(self, value: int) -> None:
        """Show a value of the document; nothing is emitted."""
        if self.slider.value() != value or self.field.value() != value:
            with QSignalBlocker(self.slider), QSignalBlocker(self.field):
                self.slider.setValue(value)
                self.field.setValue(value)

    def set_range(self, low: int, high: int) -> None:
        """Other limits; nothing is emitted."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.field):
            self.slider.setRange(low, high)
            self.field.setRange(low, high)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonDblClick and self.isEnabled():
            self._take(self._usual)
            self.settled.emit()
            return True
        return super().eventFilter(watched, event)

    def _take(self, value: int) -> None:
        self.show_value(value)
        self.changed.emit(value)


def align(amounts: Iterable[Amount]) -> None:
    """Give the labels of several amounts one width, so that their sliders stand below each other."""
    rows = list(amounts)
    width = max(row.label.sizeHint().width() for row in rows)
    for row in rows:
        row.label.setMinimumWidth(width)
