"""Colours of the canvas, taken from the widget's palette."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette


@dataclass(frozen=True, slots=True)
class CanvasLook:
    """What the canvas is drawn in. `surround` lies around the picture, `ruler` under the rulers' marks."""

    surround: QColor
    border: QColor
    checker_light: QColor
    checker_dark: QColor
    accent: QColor
    on_accent: QColor
    guide: QColor
    ruler: QColor
    ruler_mark: QColor
    label: QColor
    label_text: QColor

    @classmethod
    def of(cls, palette: QPalette) -> CanvasLook:
        """The colours that go with a widget's palette."""
        window, text = palette.color(QPalette.ColorRole.Window), palette.color(QPalette.ColorRole.WindowText)
        dark = window.lightnessF() < 0.5
        label = QColor(20, 20, 20, 210) if dark else QColor(32, 32, 32, 200)
        return cls(
            surround=window.darker(135) if dark else window.darker(118),
            border=QColor(0, 0, 0, 150) if dark else QColor(0, 0, 0, 90),
            checker_light=QColor(153, 153, 153) if dark else QColor(255, 255, 255),
            checker_dark=QColor(102, 102, 102) if dark else QColor(204, 204, 204),
            accent=palette.color(QPalette.ColorRole.Highlight),
            on_accent=palette.color(QPalette.ColorRole.HighlightedText),
            guide=QColor(0, 190, 230),
            ruler=window,
            ruler_mark=QColor(text.red(), text.green(), text.blue(), 170),
            label=label,
            label_text=QColor(255, 255, 255),
        )
