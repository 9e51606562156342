"""The adjustments that are plain sliders: hue and saturation, brightness and contrast, colour balance."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QCheckBox, QWidget

from studio.core.adjustments import BrightnessContrast, ColorBalance, HueRange, HueSaturation
from studio.ui.panels.amount import Amount, align
from studio.ui.panels.layers import text
from studio.ui.panels.layers.text import say
from studio.ui.panels.properties.editor import Editor

RANGES = (
    (text.COLORS_RED, (315, 345, 15, 45)),
    (text.COLORS_YELLOW, (15, 45, 75, 105)),
    (text.COLORS_GREEN, (75, 105, 135, 165)),
    (text.COLORS_CYAN, (135, 165, 195, 225)),
    (text.COLORS_BLUE, (195, 225, 255, 285)),
    (text.COLORS_MAGENTA, (255, 285, 315, 345)),
)
"""Photoshop's six ranges with the angles (degrees) where they fade in, hold and fade out at first."""


class HueSaturationEditor(Editor[HueSaturation]):
    """All colours, or one range of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = HueSaturation()
        self.range = self.choice(say(text.COLORS), (say(text.COLORS_ALL), *(say(name) for name, _ in RANGES)))
        self.hue = Amount(say(text.HUE), -180, 180, 0, suffix=say(text.DEGREES), parent=self)
        self.saturation = Amount(say(text.SATURATION), -100, 100, 0, parent=self)
        self.lightness = Amount(say(text.LIGHTNESS), -100, 100, 0, parent=self)
        self.colorize = QCheckBox(say(text.COLORIZE), self)
        self.colorize.setToolTip(say(text.COLORIZE_HELP))
        amounts = (self.hue, self.saturation, self.lightness)
        align(amounts)
        for amount in amounts:
            self.column.addWidget(amount)
            amount.changed.connect(lambda _: self._take())
            amount.settled.connect(self.settled)
        self.column.addWidget(self.colorize)
        self.range.currentIndexChanged.connect(lambda _: self.show_adjustment(self._value))
        self.colorize.clicked.connect(self._switch)

    def show_adjustment(self, adjustment: HueSaturation) -> None:
        self._value = adjustment
        whole = adjustment.colorize or self.range.currentIndex() == 0
        self.range.setEnabled(not adjustment.colorize)
        self.hue.set_range(0 if adjustment.colorize else -180, 360 if adjustment.colorize else 180)
        self.saturation.set_range(0 if adjustment.colorize else -100, 100)
        shown = adjustment if whole else self._range()
        self.hue.show_value(shown.hue)
        self.saturation.show_value(shown.saturation)
        self.lightness.show_value(shown.lightness)
        self.colorize.setChecked(adjustment.colorize)

    def _range(self) -> HueRange:
        """The chosen range as the adjustment has it, or as it is at first."""
        angles = RANGES[self.range.currentIndex() - 1][1]
        return next((part for part in self._value.ranges if _is_near(part, angles)), HueRange(angles=angles))

    def _take(self) -> None:
        hue, saturation, lightness = self.hue.value, self.saturation.value, self.lightness.value
        if self._value.colorize or self.range.currentIndex() == 0:
            self.changed.emit(replace(self._value, hue=hue, saturation=saturation, lightness=lightness))
            return
        old = self._range()
        new = replace(old, hue=hue, saturation=saturation, lightness=lightness)
        others = tuple(part for part in self._value.ranges if part is not old)
        kept = (*others, new) if (hue, saturation, lightness) != (0, 0, 0) else others
        self.changed.emit(replace(self._value, ranges=kept))

    def _switch(self, on: bool) -> None:
        """To one colour and back, each with values that show something and are allowed there."""
        saturation = 25 if on else 0
        self.changed.emit(replace(self._value, colorize=on, hue=0, saturation=saturation))
        self.settled.emit()


def _is_near(part: HueRange, angles: tuple[int, int, int, int]) -> bool:
    """Whether the middle of a range's angles lies where the named range has it."""
    return abs((_middle(part.angles) - _middle(angles) + 180) % 360 - 180) < 30


def _middle(angles: tuple[int, int, int, int]) -> float:
    return angles[1] + ((angles[2] - angles[1]) % 360) / 2


class BrightnessContrastEditor(Editor[BrightnessContrast]):
    """Two sliders, and whether they work as in old files."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = BrightnessContrast()
        self.brightness = Amount(say(text.BRIGHTNESS), -150, 150, 0, parent=self)
        self.contrast = Amount(say(text.CONTRAST), -50, 100, 0, parent=self)
        self.legacy = QCheckBox(say(text.LEGACY), self)
        self.legacy.setToolTip(say(text.LEGACY_HELP))
        align((self.brightness, self.contrast))
        for amount in (self.brightness, self.contrast):
            self.column.addWidget(amount)
            amount.changed.connect(lambda _: self._take())
            amount.settled.connect(self.settled)
        self.column.addWidget(self.legacy)
        self.legacy.clicked.connect(self._switch)

    def show_adjustment(self, adjustment: BrightnessContrast) -> None:
        self._value = adjustment
        most, least = (100, -100) if adjustment.legacy else (150, -50)
        self.brightness.set_range(-most, most)
        self.contrast.set_range(least, 100)
        self.brightness.show_value(adjustment.brightness)
        self.contrast.show_value(adjustment.contrast)
        self.legacy.setChecked(adjustment.legacy)

    def _take(self) -> None:
        self.changed.emit(replace(self._value, brightness=self.brightness.value, contrast=self.contrast.value))

    def _switch(self, on: bool) -> None:
        most, least = (100, -100) if on else (150, -50)
        brightness = min(most, max(-most, self._value.brightness))
        contrast = max(least, self._value.contrast)
        self.changed.emit(BrightnessContrast(brightness=brightness, contrast=contrast, legacy=on))
        self.settled.emit()


class ColorBalanceEditor(Editor[ColorBalance]):
    """Three sliders for one range of tones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = ColorBalance()
        self.tones = self.choice(say(text.TONES), (say(text.SHADOWS), say(text.MIDTONES), say(text.HIGHLIGHTS)))
        self.tones.setCurrentIndex(1)
        self.amounts = tuple(
            Amount(say(label), -100, 100, 0, parent=self)
            for label in (text.CYAN_RED, text.MAGENTA_GREEN, text.YELLOW_BLUE)
        )
        align(self.amounts)
        for amount in self.amounts:
            self.column.addWidget(amount)
            amount.changed.connect(lambda _: self._take())
            amount.settled.connect(self.settled)
        self.keep = QCheckBox(say(text.KEEP_LUMINOSITY), self)
        self.keep.setToolTip(say(text.KEEP_LUMINOSITY_HELP))
        self.column.addWidget(self.keep)
        self.tones.currentIndexChanged.connect(lambda _: self.show_adjustment(self._value))
        self.keep.clicked.connect(self._switch)

    def show_adjustment(self, adjustment: ColorBalance) -> None:
        self._value = adjustment
        shown = (adjustment.shadows, adjustment.midtones, adjustment.highlights)[self.tones.currentIndex()]
        for amount, value in zip(self.amounts, shown, strict=True):
            amount.show_value(value)
        self.keep.setChecked(adjustment.preserve_luminosity)

    def _take(self) -> None:
        red, green, blue = (amount.value for amount in self.amounts)
        match self.tones.currentIndex():
            case 0:
                new = replace(self._value, shadows=(red, green, blue))
            case 1:
                new = replace(self._value, midtones=(red, green, blue))
            case _:
                new = replace(self._value, highlights=(red, green, blue))
        self.changed.emit(new)

    def _switch(self, on: bool) -> None:
        self.changed.emit(replace(self._value, preserve_luminosity=on))
        self.settled.emit()
