"""What the dialogs of filters, adjustments and edge repair say, in English; Qt's translators hold other languages."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "filtering"

# Menus
FILTER = "{filter}…"
LAST_FILTER = "Last filter"
LAST_FILTER_NAMED = "Last filter: {filter}"
ADJUST = "{adjustment}…"
ADJUST_HELP = "Changes the pixels of the layer. An adjustment layer does the same and can be changed later."
EDGES = "Repair edges…"

# Dialogs
TITLE = "{name} – {layer}"
PREVIEW = "&Preview"
PREVIEW_HELP = "Shows the result on the canvas before it is applied. Default: on."
BEFORE = "Before"
BEFORE_HELP = "Hold it down, with the pointer or the Space key, to see the picture as it was."
RESET = "Reset"
RESET_HELP = "All values as they were at first."
CANCEL = "Cancel"
STOP = "Stop"
APPLY = "Apply"
APPLYING = "Applying {name}"
PROGRESS = "Progress"
LOOKING = "The preview is being made"
WORKS_ON = "Works on"
ON_PIXELS = "Layer"
ON_MASK = "Mask"
LAYER_GONE = "The layer is not in the document any more."
UNFORESEEN = "That did not work."

# Why not
NEEDS_VISIBLE = "The layer is hidden. Show it first."
NEEDS_UNLOCKED = "“{layer}” has its pixels locked. Unlock it in the layer panel."
NEEDS_ALPHA = "“{layer}” has its transparency locked. Unlock it in the layer panel."
NEEDS_NO_TEXT = "“{layer}” is a text. Rasterize it in the Layer menu first."
NEEDS_CONTENT = "The layer holds no pixels yet."
NEEDS_PIXELS = "Choose a layer with pixels, or with a mask."
NEEDS_LAST = "No filter was applied yet."

# Filters
RADIUS = "Radius"
GAUSSIAN_RADIUS_HELP = "How far it blurs, in pixels. Default: 4."
BOX_RADIUS_HELP = "Half the side of the square that is averaged, in pixels. Default: 4."
LENGTH = "Length"
LENGTH_HELP = "How long the line is that is averaged, in pixels. Default: 10."
ANGLE = "Angle"
ANGLE_HELP = "Direction of the line, in degrees clockwise. Default: 0, which is level."
AMOUNT = "Amount"
SHARPEN_AMOUNT_HELP = "How much of the detail is added, in percent. Default: 100."
SHARPEN_RADIUS_HELP = "How coarse the detail is that is sharpened, in pixels. Default: 1."
THRESHOLD = "Threshold"
SHARPEN_THRESHOLD_HELP = "Differences below this stay as they are, of 255. Default: 0."
NOISE_AMOUNT_HELP = "How strong the grain is, in percent. Default: 10."
EVEN = "Uniform"
EVEN_HELP = "All strengths are equally likely. Off: weak grains are more likely, as in film. Default: off."
MONOCHROME = "Monochrome"
MONOCHROME_HELP = "Grey grain in place of coloured. Default: off."
SEED = "Seed"
SEED_HELP = "The same number gives the same grain. Default: 0."
HIGH_PASS_RADIUS_HELP = "Details finer than this stay, in pixels. Default: 4."
MEDIAN_RADIUS_HELP = "Half the side of the square whose middle value is taken, in pixels. Default: 1."

# Edge repair
EDGES_HELP = "Makes a cut-out's edge anew: softness from the photo, colors without the old background."
SOURCE = "Look at"
SOURCE_HELP = "The photo that it was cut from. There the edge is found again; without one it is only shaped."
SOURCE_NOTHING = "Nothing"
SOURCE_ALL = "The picture of all layers"
SOURCE_OWN = "The layer's own picture"
BAND = "Band"
BAND_HELP = "How far from the outline things may change, on both sides, in pixels. Default: 4."
SHIFT = "Shift"
SHIFT_HELP = "Moves the edge out, or in when negative, in pixels. Default: 0."
FEATHER = "Feather"
FEATHER_HELP = "Softens the edge, in pixels. Default: 0."
FRINGE = "Remove the fringe"
FRINGE_HELP = "Takes the old background out of the colors of the band. Default: on."
FRINGE_NOT_MASK = "A mask has no colors."
GROUND = "Show on"
GROUND_HELP = "What the layer is shown on meanwhile. Default: the picture."
GROUND_STACK = "The picture"
GROUND_BLACK = "Black"
GROUND_WHITE = "White"
GROUND_GREEN = "Green"
SHOW_BAND = "Show the band"
SHOW_BAND_HELP = "Tints what may change. Default: on."


def say(english: str, **values: object) -> str:
    """One of the sentences above in the user's language, with `{name}` replaced by `values`."""
    said = QCoreApplication.translate(CONTEXT, english)
    return said.format(**values) if values else said
