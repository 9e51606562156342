"""What the layer panel and the properties panel say, in English; studio/ui/translations holds the other languages."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from studio.core.adjustments import LABELS, Adjustment
from studio.core.layers import BlendMode, ColorLabel

CONTEXT = "layers"

PANEL = "Layers"
LIST = "Layers"
NO_DOCUMENT = "Open a picture to see its layers."
NO_LAYERS = "This document has no layers yet."
COLUMN_LAYER = "Layer"
COLUMN_EYE = "Visibility"

# Controls
BLEND = "Blend mode"
BLEND_HELP = "How the layer mixes with what lies below. Default: Normal, for groups Pass through."
OPACITY = "Opacity"
OPACITY_HELP = "How much of the layer shows, effects included, in percent. Default: 100."
FILL = "Fill"
FILL_HELP = "How much of the layer's own pixels shows, in percent. Default: 100."
LOCKS = "Locks"
ON = "on"
OFF = "off"
PERCENT = " %"
LABEL_BUTTON = "Color label"
ADD_MASK = "Add mask"
ADD_ADJUSTMENT = "Add adjustment layer"
COMMANDS = "Layer commands"

# What a row says
KIND_RASTER = "Pixel layer"
KIND_TEXT = "Text layer"
KIND_GROUP = "Group"
HIDDEN = "hidden"
VISIBLE = "visible"
CLIPPED = "clipped to the layer below"
MASKED = "with mask"
MASK_OFF = "mask is off"
LOCKED = "locked: {locks}"
LOCK_ALPHA = "transparency"
LOCK_PIXELS = "pixels"
LOCK_POSITION = "position"
AI_HIDDEN = "hidden from models"
AI_PROTECTED = "may not be changed by models"
MADE_BY = "made by {plugin}"
SHARE = "{percent} %"
FILL_SHARE = "fill {percent} %"
EYE_TIP = "Shows or hides the layer. Drag over several, Alt+click to show only this one."
MASK_TIP = (
    "Mask. Click to paint on it. Shift+click turns it on or off, Ctrl+click selects what it shows, a double click "
    "shows its properties."
)
LINK_TIP = "Whether the mask moves with the layer. Click to change it."
DRAGGED = "{count} layers"

# How a layer was made
MADE_TITLE = "How it was made"
MADE_PLUGIN = "Plugin"
MADE_ENGINE = "Engine"
MADE_MODEL = "Model"
MADE_LICENCE = "Licence"
MADE_PROMPT = "Prompt"
MADE_SEED = "Seed"
MADE_TIME = "Made"
MADE_PARAMETERS = "Parameters"
MADE_UNKNOWN = "unknown"

# Properties
PROPERTIES = "Properties"
PROPERTIES_EMPTY = "Choose one layer to see its mask, its adjustment and how it was made."
MASK_TITLE = "Mask"
MASK_NONE = "The layer has no mask."
MASK_ENABLED = "On"
MASK_LINKED = "Moves with the layer"
DENSITY = "Density"
DENSITY_HELP = "How strongly the mask hides, in percent. At 0 it hides nothing. Default: 100."
RESET = "Reset"
RESET_HELP = "Back to values that change nothing."
CHANNEL = "Channel"
CHANNEL_RGB = "RGB"
CHANNEL_RED = "Red"
CHANNEL_GREEN = "Green"
CHANNEL_BLUE = "Blue"
HISTOGRAM = "Histogram of the picture below"
HISTOGRAM_HELP = "Drag the handles: black, middle and white of what comes in."
INPUT_BLACK = "Input black"
INPUT_GAMMA = "Middle"
INPUT_WHITE = "Input white"
OUTPUT_BLACK = "Output black"
OUTPUT_WHITE = "Output white"
CURVE = "Curve"
CURVE_HELP = (
    "Click to add a point, drag it, drag it out or press Delete to remove it. "
    "Page keys choose a point, arrow keys move it, Insert adds one."
)
CURVE_INPUT = "Input"
CURVE_OUTPUT = "Output"
CURVE_POINT = "point {number} of {count}: {input} becomes {output}"
COLORS = "Colors"
COLORS_ALL = "All"
COLORS_RED = "Reds"
COLORS_YELLOW = "Yellows"
COLORS_GREEN = "Greens"
COLORS_CYAN = "Cyans"
COLORS_BLUE = "Blues"
COLORS_MAGENTA = "Magentas"
HUE = "Hue"
SATURATION = "Saturation"
LIGHTNESS = "Lightness"
COLORIZE = "Colorize"
COLORIZE_HELP = "Give everything one hue."
BRIGHTNESS = "Brightness"
CONTRAST = "Contrast"
LEGACY = "Use legacy"
LEGACY_HELP = "A plain shift and stretch, as old files have it."
TONES = "Tones"
SHADOWS = "Shadows"
MIDTONES = "Midtones"
HIGHLIGHTS = "Highlights"
CYAN_RED = "Cyan – red"
MAGENTA_GREEN = "Magenta – green"
YELLOW_BLUE = "Yellow – blue"
KEEP_LUMINOSITY = "Keep luminosity"
KEEP_LUMINOSITY_HELP = "Colors change and brightness stays. Default: on."
DEGREES = "°"
EXPOSURE = "Exposure"
EXPOSURE_HELP = "In stops: each doubles the light. Default: 0."
OFFSET = "Offset"
OFFSET_HELP = "Light added everywhere, of 1; it shows most in the shadows. Default: 0."
GAMMA = "Gamma"
GAMMA_HELP = "Above 1 the midtones become lighter. Default: 1."
THRESHOLD_LEVEL = "Level"
THRESHOLD_HELP = "What is at least this bright becomes white, the rest black. Default: 128."
THRESHOLD_GRAPH_HELP = "Drag the line: what is right of it becomes white."
STEPS = "Steps"
STEPS_HELP = "How many values each channel keeps. Default: 4."
INVERT_HELP = "Every color becomes its opposite. There is nothing to set."
REVERSE = "Reverse"
REVERSE_HELP = "The end of the gradient is for black. Default: off."
GRADIENT = "Gradient"
GRADIENT_HELP = (
    "Left is for black, right for white. Click to add a stop, drag it, drag it down or press Delete to remove it. "
    "A double click or Space changes its color; page keys choose a stop, arrow keys move it, Insert adds one."
)
GRADIENT_STOP = "stop {number} of {count}: {color} at {percent} %"
GRADIENT_PRESET = "Ready-made"
GRADIENT_OWN = "Own"
GRADIENT_GREY = "Black to white"
GRADIENT_SEPIA = "Sepia"
GRADIENT_CYANOTYPE = "Cyanotype"
GRADIENT_DUSK = "Dusk"
GRADIENT_FOREST = "Forest"
GRADIENT_FIRE = "Fire"
GRADIENT_NEGATIVE = "White to black"
STOP_COLOR = "Stop color"
STOP_COLOR_NAMED = "Stop color {color}"
STOP_COLOR_HELP = "Changes the color of the chosen stop."
STOP_POSITION = "At"
STOP_POSITION_HELP = "Where the chosen stop lies, in percent from black to white."
STOP_REMOVE = "Remove the chosen stop"
STOP_NEEDS_TWO = "A gradient has two stops at least."

BLEND_NAMES = {
    BlendMode.PASS_THROUGH: "Pass through",
    BlendMode.NORMAL: "Normal",
    BlendMode.DISSOLVE: "Dissolve",
    BlendMode.DARKEN: "Darken",
    BlendMode.MULTIPLY: "Multiply",
    BlendMode.COLOR_BURN: "Color burn",
    BlendMode.LINEAR_BURN: "Linear burn",
    BlendMode.DARKER_COLOR: "Darker color",
    BlendMode.LIGHTEN: "Lighten",
    BlendMode.SCREEN: "Screen",
    BlendMode.COLOR_DODGE: "Color dodge",
    BlendMode.LINEAR_DODGE: "Linear dodge (add)",
    BlendMode.LIGHTER_COLOR: "Lighter color",
    BlendMode.OVERLAY: "Overlay",
    BlendMode.SOFT_LIGHT: "Soft light",
    BlendMode.HARD_LIGHT: "Hard light",
    BlendMode.VIVID_LIGHT: "Vivid light",
    BlendMode.LINEAR_LIGHT: "Linear light",
    BlendMode.PIN_LIGHT: "Pin light",
    BlendMode.HARD_MIX: "Hard mix",
    BlendMode.DIFFERENCE: "Difference",
    BlendMode.EXCLUSION: "Exclusion",
    BlendMode.SUBTRACT: "Subtract",
    BlendMode.DIVIDE: "Divide",
    BlendMode.HUE: "Hue",
    BlendMode.SATURATION: "Saturation",
    BlendMode.COLOR: "Color",
    BlendMode.LUMINOSITY: "Luminosity",
}
LABEL_NAMES = {
    ColorLabel.NONE: "No color",
    ColorLabel.RED: "Red",
    ColorLabel.ORANGE: "Orange",
    ColorLabel.YELLOW: "Yellow",
    ColorLabel.GREEN: "Green",
    ColorLabel.BLUE: "Blue",
    ColorLabel.VIOLET: "Violet",
    ColorLabel.GRAY: "Gray",
}
ADJUSTMENT_NAMES: dict[type[Adjustment], str] = dict(LABELS)


def say(english: str, **values: object) -> str:
    """One of the sentences above in the user's language, with `{name}` replaced by `values`."""
    said = QCoreApplication.translate(CONTEXT, english)
    return said.format(**values) if values else said
