"""What a text layer says and how: a frozen value beside the pixels that were drawn of it.

A text layer is a raster layer with a `Lettering`, so that everything that draws, moves or writes layers needs to know
nothing of text. Drawing it takes fonts, which are files: see `studio.lettering`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from studio.core.errors import DocumentError
from studio.core.geometry import ORIGIN, Point

MOST_CHARACTERS = 20_000
LARGEST_PX = 4_000.0
LIGHTEST, HEAVIEST = 100, 900


class TextAlignment(StrEnum):
    """Which part of each line lies at the anchor."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lettering:
    """Lines of text in one style. The anchor is a canvas point on the baseline of the first line.

    Args:
        text: lines end with a line feed.
        family: of the font, as the system names it; empty is the usual one.
        size_px: of the em square.
        weight: 100 is thin, 400 regular, 700 bold, 900 black.
        color: red, green, blue, 0..1.
        tracking: added between characters, in thousandths of the size.
        line_height: from baseline to baseline, as a factor of the size.
        offset: where the first pixel lies from the anchor, once it is drawn.
        digest: of the pixels as they were drawn, by which changes by hand are known; empty before.
    """

    text: str
    family: str = ""
    size_px: float = 64.0
    weight: int = 400
    italic: bool = False
    color: tuple[float, float, float] = (0.0, 0.0, 0.0)
    alignment: TextAlignment = TextAlignment.LEFT
    tracking: int = 0
    line_height: float = 1.2
    offset: Point = ORIGIN
    digest: str = ""


def require_lettering(lettering: Lettering) -> None:
    """Raise DocumentError, with what to change, for a value that cannot be drawn."""
    size, height = lettering.size_px, lettering.line_height
    if not lettering.text.strip():
        raise DocumentError("There is no text to write.", "Type at least one character.")
    if len(lettering.text) > MOST_CHARACTERS:
        raise DocumentError(f"The text is longer than {MOST_CHARACTERS} characters.", "Make several text layers of it.")
    if not (math.isfinite(size) and 1 <= size <= LARGEST_PX):
        raise DocumentError(f"Text cannot be {size:g} px large.", f"Use 1 to {LARGEST_PX:g} px.")
    if not LIGHTEST <= lettering.weight <= HEAVIEST:
        raise DocumentError(f"There is no weight {lettering.weight}.", f"Use {LIGHTEST} to {HEAVIEST}.")
    if not (math.isfinite(height) and 0.1 <= height <= 10):
        raise DocumentError(f"Lines cannot be {height:g} times the size apart.", "Use 0.1 to 10.")
    if not -1000 <= lettering.tracking <= 10_000:
        raise DocumentError(f"The tracking {lettering.tracking} is out of range.", "Use -1000 to 10000.")
    if len(lettering.color) != 3 or not all(0 <= value <= 1 for value in lettering.color):
        raise DocumentError("The text's color is none.", "Use three values from 0 to 1.")
