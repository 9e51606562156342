"""What the text tool says, in English; Qt's translators hold the other languages."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "lettering"

TEXT = "Text"
FIELD = "Text of the layer"
FIELD_HELP = "Type here. Control and Enter keep the text, Escape leaves everything as it was."
STATUS = "Writing “{name}”"

ON_CLIPBOARD = "The text could not be kept. Its words are on the clipboard."
FONT_MISSING = "This system has no font “{family}”: once changed, the text is drawn in the usual one."

FAMILY = "Font"
FINDING_FONTS = "Finding fonts…"
FAMILY_MISSING = "{family} (missing)"
FAMILY_HELP = "The font's family. Usually the system's plain one."
WEIGHT = "Weight"
WEIGHT_HELP = "How heavy the letters are, as far as the font has it. Usually regular."
ITALIC = "Italic"
ITALIC_HELP = "Slanted letters, where the font has them. Usually off."
SIZE = "Size"
SIZE_HELP = "Height of the em square in pixels of the canvas. Usually 64 px."
ALIGNMENT = "Alignment"
ALIGNMENT_HELP = "Which part of each line lies where you clicked. Usually left."
LEFT = "Left"
CENTER = "Center"
RIGHT = "Right"
TRACKING = "Tracking"
TRACKING_HELP = "Room added between letters, in thousandths of the size. Usually 0."
LINE_HEIGHT = "Lines"
LINE_HEIGHT_NAME = "Line height"
LINE_HEIGHT_HELP = "From one line to the next, in percent of the size. Usually 120 %."
COLOR_HELP = "Text has the foreground color."
APPLY = "Done"
APPLY_HELP = "Keep the text as it is shown, as one step. Control and Enter do the same."
CANCEL = "Cancel"
CANCEL_HELP = "Leave everything as it was. Escape does the same."
PIXELS = " px"
PERCENT = " %"

WEIGHT_100 = "Thin"
WEIGHT_200 = "Extra light"
WEIGHT_300 = "Light"
WEIGHT_400 = "Regular"
WEIGHT_500 = "Medium"
WEIGHT_600 = "Semibold"
WEIGHT_700 = "Bold"
WEIGHT_800 = "Extra bold"
WEIGHT_900 = "Black"


def say(english: str, **values: object) -> str:
    """One of the sentences above in the user's language, with `{name}` replaced by `values`."""
    return QCoreApplication.translate(CONTEXT, english).format(**values) if english else ""
