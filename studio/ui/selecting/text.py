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
TOLERANCE_HELP = "How far a color may be off in any channel, from 0 to 255. Usually 32."
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

# The Select menu
ALL = "All"
NONE = "Deselect"
AGAIN = "Reselect"
INVERSE = "Inverse"
LAYER = "What the layer covers"
COLOR_RANGE = "Color range…"
GROW = "Grow…"
SHRINK = "Shrink…"
BORDER = "Border…"
SMOOTH = "Smooth…"
FEATHER = "Feather…"
TRANSFORM = "Transform selection"
TRANSFORM_HELP = "Moves, scales, turns and bends the outline of the selection; the pixels stay."
REFINE = "Refine edge…"
QUICK_MASK = "Quick mask"
QUICK_MASK_HELP = "Shows in red what is not selected; brush and eraser paint the selection."
QUICK_MASK_ON = "Quick mask: paint black to take away from the selection, white to add to it. Q leaves it."
SAVE = "Save selection…"
LOAD = "Load selection…"
COPY = "Copy"
CUT = "Cut"
CLEAR_SELECTED = "Delete selected pixels"
CLEAR_LAYER = "Delete layer"
VIA_COPY = "New layer via copy"
VIA_CUT = "New layer via cut"

NEEDS_SELECTION = "Nothing is selected."
NEEDS_PART = "Everything is selected."
NEEDS_EARLIER = "There is no earlier selection."
NEEDS_NONE = "Something is selected already."
NEEDS_CHANNEL = "No selection was saved in this document."
STILL_FINDING = "The selection is being found."
CHANGED_MEANWHILE = "Nothing was done: the selection or the picture changed meanwhile. Try it again."

# Dialogs
CANCEL = "Cancel"
BY = "By"
AMOUNT_TITLES = {
    "grow": "Grow selection",
    "shrink": "Shrink selection",
    "border": "Border of the selection",
    "smooth": "Smooth selection",
    "feather": "Feather selection",
}
AMOUNT_HELP = {
    "grow": "Moves the outline out by so many pixels, from 0.5 to 1000. Usually 5.",
    "shrink": "Moves the outline in by so many pixels, from 0.5 to 1000. Usually 5.",
    "border": "Selects a band along the outline, so many pixels wide, from 1 to 1000. Usually 10.",
    "smooth": "Rounds corners and drops specks smaller than so many pixels, from 1 to 500. Usually 5.",
    "feather": "Blurs the outline by so many pixels, from 0.1 to 500. Usually 5.",
}
AMOUNT_DO = {"grow": "Grow", "shrink": "Shrink", "border": "Select border", "smooth": "Smooth", "feather": "Feather"}
AMOUNT_DOING = "Changing the selection"

RANGE_TITLE = "Color range"
RANGE_HINT = "Click colors in the picture. Alt takes one away, Space moves the view."
PICKED = "Picked colors"
PICKED_ONE = "{color}: click to take it away"
FUZZINESS = "Fuzziness"
FUZZINESS_HELP = "How far from a picked color a pixel may be to be selected at all, from 1 to 255. Usually 40."
PREVIEW = "Preview: white is selected"
SELECT = "Select"
NEEDS_COLOR = "Click a color in the picture first."

REFINE_TITLE = "Refine edge"
BAND = "Radius"
BAND_HELP = "How far on both sides of the outline the edge is looked for, from 1 to 250 px. Usually 6."
SHIFT = "Shift edge"
SHIFT_HELP = "Moves the new edge out, or in when negative, from -50 to 50 px. Usually 0."
SOFTEN = "Feather"
SOFTEN_HELP = "Blurs the new edge, from 0 to 50 px. Usually 0."
CLEAN = "Take the background out of soft edges"
CLEAN_HELP = "Gives soft pixels the object's own colors, without what shines through. For a new layer. Usually on."
SHOW_ON = "Show on"
SHOW_ON_HELP = "What hides the part that is not selected while this is open. Usually red."
GROUNDS = {"red": "Red", "black": "Black", "white": "White"}
OUTPUT = "Result"
OUTPUT_HELP = "What becomes of the new edge. Usually the selection."
OUTPUTS = {"selection": "Selection", "mask": "Layer mask", "layer": "New layer"}
APPLY = "Apply"
REFINING = "Finding the edge"

SAVE_TITLE = "Save selection"
SAVE_DO = "Save"
NAME = "Name"
NAME_HELP = "The name of a new saved selection, or of one that is there."
NEW_NAME = "Selection {number}"
SAVE_HOW = "If it is there"
SAVE_HOW_HELP = "What becomes of a saved selection of that name. Usually it is replaced."
SAVE_NAMES = {"replace": "Replace it", "add": "Add to it", "subtract": "Subtract from it", "intersect": "Intersect"}
LOAD_TITLE = "Load selection"
LOAD_DO = "Load"
LOAD_LIST = "Saved selections"
LOAD_LIST_HELP = "F2 renames, Delete deletes."
LOAD_HOW = "Load as"
DELETE = "Delete"


def say(english: str, **values: object) -> str:
    """One of the sentences above in the user's language, with `{name}` replaced by `values`."""
    said = QCoreApplication.translate(CONTEXT, english)
    return said.format(**values) if values else said
