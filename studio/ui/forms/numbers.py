"""Fields for numbers, whole numbers and sizes: a slider and an entry that show the same."""

from __future__ import annotations

import math
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QHBoxLayout, QLabel, QSlider, QSpinBox, QWidget

from studio.plugin_api.params import ParamKind, ParamSpec, PixelSize
from studio.ui.forms import text
from studio.ui.forms.field import Field, IconButton, still
from studio.ui.forms.host import FormHost
from studio.ui.forms.text import say

SLIDER_STEPS = 10_000
"""A range of more steps than this has no slider: a pixel would be many steps."""
FINE_PLACES = 1000
"""Places of a slider that gives small values more room."""
ENTRY_PX = 92


class NumberBox(QWidget):
    """A slider and an entry for one number between two limits. `changed` brings it.

    Args:
        fine: the slider gives small values more room: its place is the cube root of the share of the range.
    """

    changed = Signal(float)

    def __init__(
        self,
        low: float,
        high: float,
        step: float,
        unit: str,
        *,
        whole: bool,
        fine: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._low, self._high, self._step, self._whole = low, high, step, whole
        self._fine = fine
        self.entry = _entry(low, high, step, unit, whole=whole, parent=self)
        steps = round((high - low) / step)
        self.slider: QSlider | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        if 0 < steps <= SLIDER_STEPS:
            self.slider = QSlider(Qt.Orientation.Horizontal, self)
            places = FINE_PLACES if fine else steps
            self.slider.setRange(0, places)
            self.slider.setPageStep(max(1, places // 10))
            still(self.slider)
            self.slider.valueChanged.connect(self._slid)
            row.addWidget(self.slider, 1)
        self.entry.setFixedWidth(ENTRY_PX)
        row.addWidget(self.entry)
        if self.slider is None:
            row.addStretch(1)
        self.entry.valueChanged.connect(self._entered)
        self.setFocusProxy(self.entry)

    @property
    def value(self) -> float:
        return self.entry.value()

    def set_value(self, value: float) -> None:
        """Show another number; nothing is emitted."""
        before = self.blockSignals(True)
        self._set_entry(value)
        self.blockSignals(before)
        self._show_slider()

    def _set_entry(self, value: float) -> None:
        if isinstance(self.entry, QSpinBox):
            self.entry.setValue(round(value))
        else:
            self.entry.setValue(value)

    def set_name(self, name: str, help: str = "") -> None:
        """What is read out for both parts."""
        self.entry.setAccessibleName(name)
        self.entry.setAccessibleDescription(help)
        if self.slider is not None:
            self.slider.setAccessibleName(say(text.SLIDER, name=name))
            self.slider.setAccessibleDescription(help)

    def _slid(self, place: int) -> None:
        if self._place(self.entry.value()) != place:
            before = self.value
            self.entry.blockSignals(True)
            self._set_entry(self._at(place))
            self.entry.blockSignals(False)
            if self.value != before:
                self.changed.emit(self.value)

    def _at(self, place: int) -> float:
        """The value at a place of the slider."""
        if not self._fine:
            return self._low + place * self._step
        share = (place / FINE_PLACES) ** 3
        return self._low + round(share * (self._high - self._low) / self._step) * self._step

    def _place(self, value: float) -> int:
        """The slider's place for a value."""
        if not self._fine:
            return round((value - self._low) / self._step)
        return round(FINE_PLACES * math.cbrt(max(0.0, value - self._low) / (self._high - self._low)))

    def _entered(self, value: float) -> None:
        self._show_slider()
        self.changed.emit(float(value))

    def _show_slider(self) -> None:
        if self.slider is not None:
            before = self.slider.blockSignals(True)
            self.slider.setValue(self._place(self.entry.value()))
            self.slider.blockSignals(before)


def _entry(
    low: float, high: float, step: float, unit: str, *, whole: bool, parent: QWidget
) -> QSpinBox | QDoubleSpinBox:
    if whole:
        entry: QSpinBox | QDoubleSpinBox = QSpinBox(parent)
        cast("QSpinBox", entry).setRange(round(low), round(high))
        cast("QSpinBox", entry).setSingleStep(max(1, round(step)))
    else:
        entry = QDoubleSpinBox(parent)
        entry.setDecimals(decimals_of(step))
        entry.setRange(low, high)
        entry.setSingleStep(step)
    if unit:
        entry.setSuffix(f" {unit}")
    entry.setAlignment(Qt.AlignmentFlag.AlignRight)
    entry.setKeyboardTracking(False)
    entry.setCorrectionMode(QAbstractSpinBox.CorrectionMode.CorrectToNearestValue)
    still(entry)
    return entry


def decimals_of(step: float) -> int:
    """As many decimals as multiples of the step need, six at most.

    >>> decimals_of(0.05), decimals_of(0.125), decimals_of(1.0)
    (2, 3, 0)
    """
    return next((count for count in range(6) if math.isclose(round(step, count), step, rel_tol=1e-9)), 6)


class NumberField(Field):
    """A number, whole or not."""

    def __init__(self, spec: ParamSpec, host: FormHost, parent: QWidget | None = None) -> None:
        super().__init__(spec, host, parent)
        assert spec.minimum is not None
        assert spec.maximum is not None
        self._whole = spec.kind is ParamKind.INTEGER
        self.box = NumberBox(
            spec.minimum, spec.maximum, spec.step or 1, spec.unit, whole=self._whole, fine=spec.fine, parent=self
        )
        self.box.set_name(spec.label, spec.help)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)
        self.set_value(spec.default)
        self.box.changed.connect(lambda _: self.changed.emit())
        self.setFocusProxy(self.box)

    @property
    def value(self) -> float | int:
        return round(self.box.value) if self._whole else self.box.value

    def set_value(self, value: object) -> None:
        self.box.set_value(cast("float", value))


class SizeField(Field):
    """Width and height, with a button that swaps them and one that takes the canvas's."""

    def __init__(self, spec: ParamSpec, host: FormHost, parent: QWidget | None = None) -> None:
        super().__init__(spec, host, parent)
        assert spec.minimum is not None
        assert spec.maximum is not None
        self.width_box, self.height_box = (
            cast("QSpinBox", _entry(spec.minimum, spec.maximum, spec.step or 1, "px", whole=True, parent=self))
            for _ in range(2)
        )
        self.width_box.setAccessibleName(say(text.SIZE_WIDTH, name=spec.label))
        self.height_box.setAccessibleName(say(text.SIZE_HEIGHT, name=spec.label))
        for box in (self.width_box, self.height_box):
            box.setMinimumWidth(ENTRY_PX - 20)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.width_box, 1)
        row.addWidget(QLabel("×", self))
        row.addWidget(self.height_box, 1)
        row.addWidget(IconButton("rotate", text.SIZE_SWAP, self._swap, self))
        self.canvas_button = IconButton("fit", text.SIZE_OF_CANVAS, self._take_canvas, self)
        row.addWidget(self.canvas_button)
        self.set_value(spec.default)
        for box in (self.width_box, self.height_box):
            box.setAccessibleDescription(spec.help)
            box.valueChanged.connect(self.changed)
        host.document_changed.connect(self._show_canvas)
        self._show_canvas()
        self.setFocusProxy(self.width_box)

    @property
    def value(self) -> PixelSize:
        return PixelSize(self.width_box.value(), self.height_box.value())

    def set_value(self, value: object) -> None:
        size = cast("PixelSize", value)
        for box, side in ((self.width_box, size.width), (self.height_box, size.height)):
            before = box.blockSignals(True)
            box.setValue(side)
            box.blockSignals(before)

    def _swap(self) -> None:
        self.set_value(PixelSize(self.height_box.value(), self.width_box.value()))
        self.changed.emit()

    def _take_canvas(self) -> None:
        size, step = self.host.session.document.size, round(self.spec.step or 1)
        self.set_value(PixelSize(max(step, size.width // step * step), max(step, size.height // step * step)))
        self.changed.emit()

    def _show_canvas(self) -> None:
        self.canvas_button.allow("" if self.host.session.has_document else say(text.NEEDS_PICTURE))
