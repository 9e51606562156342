"""The adjustments with hardly a setting: exposure, threshold, posterize, invert, gradient map."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

from studio.core.adjustments import Exposure, GradientMap, Invert, Posterize, Threshold
from studio.ui.panels.amount import Amount, align
from studio.ui.panels.layers import text
from studio.ui.panels.layers.text import say
from studio.ui.panels.properties.editor import Editor

HUNDREDTHS, TEN_THOUSANDTHS = 100, 10_000


class ExposureEditor(Editor[Exposure]):
    """Exposure and gamma in hundredths, the offset in ten-thousandths. Each slider changes its own value only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = Exposure()
        self.exposure = Amount(say(text.EXPOSURE), -2000, 2000, 0, help_=say(text.EXPOSURE_HELP), parent=self)
        self.offset = Amount(say(text.OFFSET), -5000, 5000, 0, help_=say(text.OFFSET_HELP), parent=self)
        self.gamma = Amount(say(text.GAMMA), 1, 999, 100, help_=say(text.GAMMA_HELP), parent=self)
        amounts = (self.exposure, self.offset, self.gamma)
        align(amounts)
        for amount in amounts:
            self.column.addWidget(amount)
            amount.settled.connect(self.settled)
        self.exposure.changed.connect(lambda new: self._take(replace(self._value, exposure=new / HUNDREDTHS)))
        self.offset.changed.connect(lambda new: self._take(replace(self._value, offset=new / TEN_THOUSANDTHS)))
        self.gamma.changed.connect(lambda new: self._take(replace(self._value, gamma=new / HUNDREDTHS)))

    def show_adjustment(self, adjustment: Exposure) -> None:
        self._value = adjustment
        self.exposure.show_value(round(adjustment.exposure * HUNDREDTHS))
        self.offset.show_value(round(adjustment.offset * TEN_THOUSANDTHS))
        self.gamma.show_value(round(adjustment.gamma * HUNDREDTHS))

    def _take(self, value: Exposure) -> None:
        self._value = value
        self.changed.emit(value)


class ThresholdEditor(Editor[Threshold]):
    """One slider, over the histogram."""

    wants_histogram = True

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.level = Amount(say(text.THRESHOLD_LEVEL), 1, 255, 128, help_=say(text.THRESHOLD_HELP), parent=self)
        self.column.addWidget(self.level)
        self.level.changed.connect(lambda level: self.changed.emit(Threshold(level=level)))
        self.level.settled.connect(self.settled)

    def show_adjustment(self, adjustment: Threshold) -> None:
        self.level.show_value(adjustment.level)


class PosterizeEditor(Editor[Posterize]):
    """One slider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.levels = Amount(say(text.STEPS), 2, 255, 4, help_=say(text.STEPS_HELP), parent=self)
        self.column.addWidget(self.levels)
        self.levels.changed.connect(lambda levels: self.changed.emit(Posterize(levels=levels)))
        self.levels.settled.connect(self.settled)

    def show_adjustment(self, adjustment: Posterize) -> None:
        self.levels.show_value(adjustment.levels)


class InvertEditor(Editor[Invert]):
    """Says that there is nothing to set."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words = QLabel(say(text.INVERT_HELP), self)
        words.setWordWrap(True)
        self.column.addWidget(words)

    def show_adjustment(self, adjustment: Invert) -> None:
        """The same for all of them."""


class GradientMapEditor(Editor[GradientMap]):
    """Which end of the gradient is for black."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = GradientMap()
        self.reverse = QCheckBox(say(text.REVERSE), self)
        self.reverse.setToolTip(say(text.REVERSE_HELP))
        self.column.addWidget(self.reverse)
        self.reverse.clicked.connect(self._switch)

    def show_adjustment(self, adjustment: GradientMap) -> None:
        self._value = adjustment
        self.reverse.setChecked(adjustment.reverse)

    def _switch(self, on: bool) -> None:
        self.changed.emit(replace(self._value, reverse=on))
        self.settled.emit()
