"""What the canvas says, in English; Qt's translators hold the other languages."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "canvas"

CANVAS = "Canvas"
CANVAS_HELP = "The picture. Tools work here. Space and drag moves the view, the wheel zooms."
RULER_TOP = "Top ruler, in pixels"
RULER_LEFT = "Left ruler, in pixels"
RULER_HELP = "Drag from here onto the picture to place a guide."
RULER_CORNER = "Rulers"

HAND = "Hand"
ZOOM = "Zoom"
ROTATE = "Rotate view"
MOVE = "Move"
PICK = "Choose objects"
REGIONS = "Regions"
OBJECTS = "Objects"
OPERATIONS = "Move and resize"
CANDIDATES = "Suggested places"
HOVER = "Choose by click"

NOTHING_SELECTED = "No layer is selected. Choose one in the layer list to move it."
NOT_COMPOSITED = "The picture could not be drawn: {error}. Save your work and open the document again."
REGION_NUMBER = "Region {number}"
OBJECT_NUMBER = "Object {number}"
DUPLICATE = "copy"
FLIP = "mirrored"
REMOVE = "remove"
CANDIDATE = "{number}: {score}"
CANDIDATE_STATUS = "Place {number} of {count}, score {score}, at {x}, {y}"
REGION_STATUS = "Region {number} of {count}"
BOX_STATUS = "{number} of {count}: {caption}, {width} x {height} px at {x}, {y}"
POINT_STATUS = "{number} of {count}: {caption}, at {x}, {y}"
ZOOM_VALUE = "{percent} %"


def say(english: str, **values: object) -> str:
    """One of the sentences above in the user's language, with `{name}` replaced by `values`."""
    return QCoreApplication.translate(CONTEXT, english).format(**values) if english else ""
