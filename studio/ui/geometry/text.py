"""What menus and dialogs of transforms, sizes and alignment say, in English; Qt's translators hold other languages."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "geometry"

MENU_TRANSFORM = "Transform"
FREE_TRANSFORM = "Free transform"
SCALE = "Scale"
ROTATE = "Rotate"
SKEW = "Skew"
DISTORT = "Distort"
PERSPECTIVE = "Perspective"
TURN_RIGHT = "Rotate 90° right"
TURN_LEFT = "Rotate 90° left"
TURN_HALF = "Rotate 180°"
FLIP_HORIZONTAL = "Flip horizontally"
FLIP_VERTICAL = "Flip vertically"

MENU_ALIGN = "Align"
ALIGN_LEFT = "Align left edges"
ALIGN_CENTER = "Align centers from left to right"
ALIGN_RIGHT = "Align right edges"
ALIGN_TOP = "Align top edges"
ALIGN_MIDDLE = "Align centers from top to bottom"
ALIGN_BOTTOM = "Align bottom edges"
DISTRIBUTE_HORIZONTAL = "Distribute from left to right"
DISTRIBUTE_VERTICAL = "Distribute from top to bottom"
ALIGN_HELP = (
    "Goes by the selection where there is one, else by the chosen layers, or by the canvas for one layer alone."
)
DISTRIBUTE_HELP = "Makes the gaps between the chosen layers even; the two outermost stay."
NEEDS_THREE = "Choose three or more layers."
ALIGN_TO = "Align to"
ALIGN_TO_HELP = (
    "What layers are brought in line with. Automatic goes by the selection, else by the chosen layers, or by the "
    "canvas for one layer alone. Usually automatic."
)
TO_AUTOMATIC = "Automatic"
TO_CANVAS = "Canvas"
TO_SELECTION = "Selection"
TO_LAYERS = "Chosen layers"

IMAGE_SIZE = "Image size…"
CANVAS_SIZE = "Canvas size…"
ROTATE_CANVAS = "Rotate canvas by…"
CROP_TO_SELECTION = "Crop to selection"
TRIM = "Trim…"
REVEAL_ALL = "Reveal all"
NEEDS_SELECTION = "Select something first."
RESIZING = "Resizing the picture"
ROTATING = "Rotating the picture"

CANCEL = "Cancel"
WIDTH = "Width"
HEIGHT = "Height"
PIXELS = " px"
PERCENT = " %"
DEGREES = "°"
UNIT = "Unit"
UNIT_PIXELS = "Pixels"
UNIT_PERCENT = "Percent"
UNIT_HELP = "What width and height are told in. Usually pixels."

IMAGE_SIZE_TITLE = "Image size"
RESIZE = "Resize"
WIDTH_HELP = "The new width. All layers are scaled along."
HEIGHT_HELP = "The new height. All layers are scaled along."
PROPORTIONS = "Keep proportions"
PROPORTIONS_HELP = "The other side follows. Usually on."
SAMPLING = "Interpolation"
SAMPLING_HELP = (
    "How new pixels are computed. Where the picture shrinks, all but nearest take the mean. Usually bicubic."
)
SAMPLING_NEAREST = "Nearest (hard edges, pixel art)"
SAMPLING_BILINEAR = "Bilinear (soft)"
SAMPLING_BICUBIC = "Bicubic (most pictures)"
SAMPLING_LANCZOS = "Lanczos (sharpest, to enlarge)"
MEMORY = "Memory"
MEMORY_VALUE = "{before} now, about {after} then"
MEGABYTES = "{value} MB"

CANVAS_SIZE_TITLE = "Canvas size"
CHANGE = "Change"
CANVAS_NOW = "Now {width} x {height} px"
CANVAS_WIDTH_HELP = "Width of the canvas. Layers stay as large as they are; what falls outside is kept."
CANVAS_HEIGHT_HELP = "Height of the canvas. Layers stay as large as they are; what falls outside is kept."
RELATIVE = "Relative"
RELATIVE_HELP = "Width and height say how much is added, or with a minus taken away. Usually off."
ANCHOR = "Anchor"
ANCHOR_HELP = (
    "Which part of the picture stays where it is; the canvas grows or shrinks on the other sides. Usually the middle."
)
ANCHOR_TOP_LEFT = "Top left"
ANCHOR_TOP = "Top"
ANCHOR_TOP_RIGHT = "Top right"
ANCHOR_LEFT = "Left"
ANCHOR_CENTER = "Middle"
ANCHOR_RIGHT = "Right"
ANCHOR_BOTTOM_LEFT = "Bottom left"
ANCHOR_BOTTOM = "Bottom"
ANCHOR_BOTTOM_RIGHT = "Bottom right"

ROTATE_TITLE = "Rotate canvas"
ROTATE_BUTTON = "Rotate"
ANGLE = "Angle"
ANGLE_HELP = (
    "How far the picture is turned clockwise, in degrees; with a minus the other way. The canvas grows to hold it all."
)

TRIM_TITLE = "Trim"
TRIM_BUTTON = "Trim"
TRIM_BY = "Trim away"
TRIM_TRANSPARENT = "Transparent pixels"
TRIM_TOP_LEFT = "The color of the top left pixel"
TRIM_BOTTOM_RIGHT = "The color of the bottom right pixel"
TRIM_HELP = "What counts as empty at the edges of the picture. Usually transparent pixels."
DELETE_CROPPED = "Delete cropped pixels"
DELETE_CROPPED_HELP = "Cut away what lies outside the new canvas. When off, layers keep it. Usually off."


def say(english: str, **values: object) -> str:
    """One of the sentences above in the user's language, with `{name}` replaced by `values`."""
    return QCoreApplication.translate(CONTEXT, english).format(**values) if english else ""
