"""Colours of the canvas, as the theme has them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor

from studio.ui.theme import Theme


@dataclass(frozen=True, slots=True)
class CanvasLook:
    """What the canvas is drawn in. `surround` lies around the picture, `ruler` under the rulers' marks.

    Captions are light on dark in every theme, because they stand on the picture and not on a panel.
    """

    surround: QColor
    border: QColor
    checker_light: QColor
    checker_dark: QColor
    accent: QColor
    guide: QColor
    ruler: QColor
    ruler_edge: QColor
    ruler_mark: QColor
    label: QColor
    label_text: QColor

    @classmethod
    def of(cls, theme: Theme) -> CanvasLook:
        """The colours that go with a theme."""
        return cls(
            surround=QColor(theme.canvas),
            border=QColor(0, 0, 0, 170 if theme.dark else 90),
            checker_light=QColor(theme.checker_light),
            checker_dark=QColor(theme.checker_dark),
            accent=QColor(theme.accent),
            guide=QColor(0, 190, 230),
            ruler=QColor(theme.window),
            ruler_edge=QColor(theme.border),
            ruler_mark=QColor(theme.muted),
            label=QColor(24, 24, 24, 215),
            label_text=QColor(255, 255, 255),
        )
