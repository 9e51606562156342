"""What the place tool says, in English; Qt's translators hold the other languages."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "place"

PLACE = "Place object"
LOOKING = "Looking for places for “{name}”…"
FOUND = "Places for “{name}”: {count}. Click one, or drag to see how large it is there; Enter puts it there."
CHOSEN = "“{name}”: {width} x {height} px at {x}, {y}. Enter puts it there."

HEAT = "Heat map"
HEAT_HELP = "Show over the picture how good each place is for the size of the best one. Usually on."
INSIDE = "In the selection"
INSIDE_HELP = "Where something is selected, look for places in there only. Usually on."
SHADOW = "Cast a shadow"
SHADOW_HELP = "Add a layer with its shadow below it, falling as other objects' shadows do. Usually off."
LIGHT = "Match the light"
LIGHT_HELP = "Add curves clipped to it that bring its colors towards those around it. Usually off."
SHADOW_NAME, LIGHT_NAME = "Cast shadow", "Matched light"
APPLY = "Place"
APPLY_HELP = "Move and scale the layer to where it is shown, as one step. Enter and a double click do the same."
NEEDS_PLACE = "Choose one of the places, or drag the object to another, first."
CANCEL = "Cancel"
CANCEL_HELP = "Leave the layer as it is. Escape does the same."


def say(english: str, **values: object) -> str:
    """One of the sentences above in the user's language, with `{name}` replaced by `values`."""
    return QCoreApplication.translate(CONTEXT, english).format(**values) if english else ""
