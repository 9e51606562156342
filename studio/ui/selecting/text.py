"""What the selection tools and the Select menu with its dialogs say, in English; Qt's translators hold the rest."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "selecting"

# Tools
RECTANGLE = "Rectangular selection"
ELLIPSE = "Elliptical selection"
LASSO = "Lasso"
POLYGON = "Polygonal lasso"
WAND = "Magic wand"
OBJECT = "Object selection"

COVERS_NOTHING = "Nothing is selected: the shape covers no pixel."
NEEDS_CORNERS = "Nothing is selected: a polygon needs three corners."
OFF_CANVAS = "Nothing is selected: there is no picture at that point."
NO_LAYER = "Nothing is selected: choose a layer to look at, or turn on “All layers”."
BOX_STATUS = "{width} × {height} px at {x}, {y}"
MOVED_STATUS = "Selection moved by {x}, {y} px"
CORNERS_STATUS = "Corners: {count}. Enter or a double click closes the polygon, Backspace takes the last one back."
OBJECT_STATUS = "Click an object, or draw a box around one"
FINDING = "Finding the selection"

# Options
COMBINE = "What a new selection does"
COMBINE_NAMES = {
    "replace": "New selection",
    "add": "Add to the selection",
    "subtract": "Subtract from the selection",
    "intersect": "Intersect with the selection",
}
COMBINE_HELP = {
    "replace": "What you select takes the place of what is selected. This is the usual way.",
    "add": "What you select comes to what is selected. Holding Shift does the same once.",
    "subtract": "What you select goes from what is selected. Holding Alt does the same once.",
    "intersect": "Only what both select stays selected. Holding Shift and Alt does the same once.",
}
ANTIALIAS = "Smooth edge"
ANTIALIAS_HELP = "Select pixels that the edge crosses in part. Off, every pixel is in or out. Usually on."
STYLE = "Style"
STYLE_HELP = "Whether the sides are free, keep a proportion, or are given in pixels. Usually free."
STYLE_NAMES = {"free": "Free", "ratio": "Fixed ratio", "size": "Fixed size"}
RATIO_WIDTH = "Width of the ratio"
RATIO_HEIGHT = "Height of the ratio"
RATIO_HELP = "The proportion of width to height that the shape keeps, from 0.01 to 1000. Usually 1 to 1."
SIZE_WIDTH = "Width"
SIZE_HEIGHT = "Height"
SIZE_HELP = "The size of the shape, in pixels of the canvas. Usually 512."
PIXELS = " px"
TOLERANCE = "Tolerance"
TOLERANCE_HELP = "How far a colour may be off in any channel, from 0 to 255. Usually 32."
CONTIGUOUS = "Contiguous"
CONTIGUOUS_HELP = "Only pixels that are joined to the clicked one. Off, all of the picture is searched. Usually on."
ALL_LAYERS = "All layers"
ALL_LAYERS_HELP = "Look at the picture as it is seen. Off, only the active layer counts. Usually off."
FINE = "Finer parts"
FINE_HELP = "A click takes a part of an object instead of the whole. Holding Control does the same once. Usually off."
HOW_TO = {
    "box": "Shift keeps the sides equal, Alt draws from the middle, Space moves the shape while dragging.",
    "lasso": "Draw around what you want; the line is closed when you let go.",
    "polygon": "Click the corners. Enter closes the polygon, Backspace takes a corner back, Escape gives up.",
}


def say(english: str, **values: object) -> str:
    """One of the sentences above in the user's language, with `{name}` replaced by `values`."""
    said = QCoreApplication.translate(CONTEXT, english)
    return said.format(**values) if values else said
