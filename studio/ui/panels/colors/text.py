"""What the colour panel says, in English; studio/ui/translations holds the other languages."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "colors"

PANEL = "Colors"
WELLS = "Paint colors"
FOREGROUND = "Foreground: {color}"
BACKGROUND = "Background: {color}"
WELL_HELP = "Click to choose it."
SHADES = "Saturation and brightness"
SHADES_HELP = "Drag to choose a shade. Arrow keys go by 1 %, with Shift by 10 %."
HUE_BAR = "Hue"
HUE_HELP = "Drag to choose a hue. Arrow keys go by 1°, with Shift by 10°."
MODEL = "Sliders"
MODEL_HELP = "What the sliders set."
HSV = "HSV"
RGB = "RGB"
HUE = "Hue"
SATURATION = "Saturation"
VALUE = "Brightness"
RED = "Red"
GREEN = "Green"
BLUE = "Blue"
DEGREES = "°"
PERCENT = " %"
SLIDER_HELP = "A double click or a digit lets you type the value."
HEX = "Hex"
HEX_HELP = "The color as #rrggbb. Return takes it."
SWATCHES = "Swatches"
SWATCHES_HELP = "Click to use a color. Delete, or a right click, takes it out."
RECENT = "Recent"
RECENT_HELP = "Colors that were painted with last. Click to use one again."
RECENT_EMPTY = "What you paint with appears here."
ADD = "Add to the swatches"
REMOVE = "Remove this swatch"
SWATCH = "{color}, {number} of {count}"


def say(english: str, **values: object) -> str:
    """One of the sentences above in the user's language, with `{name}` replaced by `values`."""
    said = QCoreApplication.translate(CONTEXT, english)
    return said.format(**values) if values else said
