"""What free transform and the crop tool say, in English; Qt's translators hold the other languages."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "transform"

TRANSFORM = "Free transform"
CROP = "Crop"

NOTHING_SELECTED = "Nothing is selected that could be transformed."
NOTHING_CHOSEN = "No layer is chosen. Choose one in the layer list to transform it."
IS_HIDDEN = "“{name}” is hidden. Show it to transform it."
NO_PIXELS = "“{name}” is an adjustment without a mask: there is nothing to transform."
IS_EMPTY = "“{name}” is empty: there is nothing to transform."
STATUS = "{width} x {height} px at {x}, {y}, turned by {degrees}°"
APPLYING = "Transforming the layers"
STATUS_BENT = "Perspective, {width} x {height} px around it"

X = "X"
X_HELP = "Where the pivot is from left to right, in pixels of the canvas."
Y = "Y"
Y_HELP = "Where the pivot is from top to bottom, in pixels of the canvas."
WIDTH = "W"
WIDTH_NAME = "Width"
WIDTH_HELP = "Width in percent of what it was; negative values mirror. Usually 100 %."
HEIGHT = "H"
HEIGHT_NAME = "Height"
HEIGHT_HELP = "Height in percent of what it was; negative values mirror. Usually 100 %."
LINKED = "Keep proportions"
LINKED_HELP = (
    "Width and height change by the same factor, here and when a corner is dragged. "
    "Shift while dragging does the opposite. Usually on."
)
ANGLE = "Angle"
ANGLE_HELP = "Turned clockwise, in degrees. Drag outside the frame to turn it; Shift goes by steps of 15°. Usually 0°."
SLANT = "Skew"
SLANT_HELP = (
    "How far the upright sides lean, in degrees, less than 89. Control and a side handle do the same. Usually 0°."
)
BENT_HELP = "Numbers cannot tell a perspective. Reset it to type them again."
SAMPLING = "Interpolation"
SAMPLING_HELP = (
    "How pixels are computed when the transform is applied. Bicubic suits most pictures, nearest keeps pixel art hard. "
    "Usually bicubic."
)
RESET = "Reset"
RESET_HELP = "Put everything back where it was and go on transforming."
APPLY = "Apply"
APPLY_TRANSFORM_HELP = "Transform the layers as shown, as one step. Enter does the same, and so does another tool."
CANCEL = "Cancel"
CANCEL_TRANSFORM_HELP = "Leave the layers as they were. Escape does the same."
PERCENT = " %"
DEGREES = "°"
PIXELS = " px"

NEAREST = "Nearest"
BILINEAR = "Bilinear"
BICUBIC = "Bicubic"
LANCZOS = "Lanczos"

FREE_HELP = (
    "Drag a corner to scale in proportion (Shift: freely), a side to scale one way, outside to turn, inside to move. "
    "Control and a corner distort, Control and a side skew, Alt works from the pivot."
)

CROP_RATIO = "Ratio"
CROP_RATIO_HELP = "The proportion that the frame keeps. Usually free."
RATIO_FREE = "Free"
RATIO_ORIGINAL = "As the picture"
RATIO_SIZE = "Width x height"
CROP_WIDTH_HELP = "Width of the cropped picture, in pixels of the canvas."
CROP_HEIGHT_HELP = "Height of the cropped picture, in pixels of the canvas."
SWAP = "Swap sides"
SWAP_HELP = "Turn the frame from upright to wide, and back."
CROP_ANGLE_HELP = "How far the frame is turned, in degrees; the picture is turned back to stand upright. Usually 0°."
STRAIGHTENING = "Straightening the picture"
DELETE_CROPPED = "Delete cropped pixels"
DELETE_CROPPED_HELP = (
    "Cut away what lies outside the frame. When off, layers keep it off the canvas and Reveal all shows it again. "
    "Usually off."
)
APPLY_CROP_HELP = "Make the frame the canvas, as one step. Enter and a double click do the same."
CANCEL_CROP_HELP = "Put the frame back around the whole canvas. Escape does the same."
CROP_STATUS = "Crop to {width} x {height} px at {x}, {y}"
CROP_STATUS_TURNED = "Crop to {width} x {height} px, straightened by {degrees}°"


def say(english: str, **values: object) -> str:
    """One of the sentences above in the user's language, with `{name}` replaced by `values`."""
    return QCoreApplication.translate(CONTEXT, english).format(**values) if english else ""
