"""What the tools that paint say, in English; studio/ui/translations holds the other languages."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "paint"

BRUSH = "Brush"
ERASER = "Eraser"
SMUDGE = "Smudge"
CLONE = "Clone"
HEAL = "Heal"
DODGE = "Lighten"
BURN = "Darken"
FILL = "Fill"
GRADIENT = "Gradient"
EYEDROPPER = "Eyedropper"

# Options
SIZE = "Size"
SIZE_HELP = "Diameter of the brush in pixels of the picture. Keys: [ and ]. Default: 24."
HARDNESS = "Hardness"
HARDNESS_HELP = "How much of the brush is full before its edge fades. Keys: Shift+[ and Shift+]. Default: 80 %."
OPACITY = "Opacity"
OPACITY_HELP = "What one stroke covers at most, however often it crosses itself. Keys: 1 to 0. Default: 100 %."
FLOW = "Flow"
FLOW_HELP = "How much each dab of a stroke adds. Default: 100 %."
SPACING = "Spacing"
SPACING_HELP = "Distance of the dabs in percent of the size. Default: 10 %."
SMOOTHING = "Smoothing"
SMOOTHING_HELP = "Steadies the hand: the brush follows on a string of so many pixels. Default: 0 px, off."
STRENGTH = "Strength"
STRENGTH_HELP = "How long color sticks to the brush. Default: 50 %."
EXPOSURE = "Exposure"
EXPOSURE_HELP = "How much the tones change where the brush is full. Default: 30 %."
RANGE = "Tones"
RANGE_HELP = "Which tones change most. Default: midtones."
SHADOWS = "Shadows"
MIDTONES = "Midtones"
HIGHLIGHTS = "Highlights"
TIP = "Tip"
TIP_HELP = "Shape of the brush, and how its dabs scatter."
ROUNDNESS = "Roundness"
ROUNDNESS_HELP = "Height of the brush in percent of its width. Default: 100 %."
ANGLE = "Angle"
ANGLE_HELP = "By how many degrees the brush is turned clockwise. Default: 0."
SCATTER = "Scatter"
SCATTER_HELP = "How far dabs stray from the stroke, in percent of the size. Default: 0 %."
JITTER = "Size jitter"
JITTER_HELP = "How much smaller dabs may be by chance. Default: 0 %."
PRESSURE = "Pressure"
PRESSURE_HELP = "How size, opacity and flow follow the pressure of the pen."
RESPONSE_HELP = "Left: light pressure. Right: full pressure. Drag points; press Insert to add one, Delete to remove it."
PRESSURE_SIZE = "Pressure sets the size"
PRESSURE_OPACITY = "Pressure sets the opacity"
PRESSURE_FLOW = "Pressure sets the flow"
ALIGNED = "Aligned"
ALIGNED_HELP = "On: the source keeps its distance from stroke to stroke. Off: each stroke begins at the source again."
TAKES = "Takes from"
TAKES_HELP = "Which pixels are looked at. Default: the chosen layer."
THIS_LAYER = "This layer"
ALL_LAYERS = "All layers"
FROM_SOURCE = "From a source"
FROM_SOURCE_HELP = "On: the texture comes from where you Alt+click. Off: it comes from the surroundings."
TOLERANCE = "Tolerance"
TOLERANCE_HELP = "How far colors may differ from the one that is clicked, 0 to 255. Default: 32."
CONTIGUOUS = "Contiguous"
CONTIGUOUS_HELP = "On: only what is connected to the place that is clicked. Off: all of the picture."
ANTIALIAS = "Smooth edge"
ANTIALIAS_HELP = "Half covers pixels along the edge of the area."
SHAPE = "Shape"
SHAPE_HELP = "Along the drawn line, or in rings around its start. Default: linear."
LINEAR = "Linear"
RADIAL = "Radial"
COLORS = "Colors"
COLORS_HELP = "What the gradient runs between."
TO_BACKGROUND = "Foreground to background"
TO_CLEAR = "Foreground to transparent"
OWN_GRADIENT = "Own gradient"
EDIT_GRADIENT = "Stops"
EDIT_GRADIENT_HELP = "Ready-made gradients, and the stops of your own."
STOP_OPACITY = "Opacity of the stop"
STOP_OPACITY_HELP = "How opaque the gradient is at the chosen stop. Default: 100 %."
REVERSED = "Reversed"
REVERSED_HELP = "Runs the other way."
DITHER = "Dither"
DITHER_HELP = "Hides the steps of long gradients. Default: on."
SAMPLE = "Sample"
SAMPLE_HELP = "How large an area gives the color. Default: one pixel."
POINT = "One pixel"
MEAN = "Mean of {side} × {side}"

# Presets
PRESETS = "Brushes"
OWN_BRUSH = "Custom"
PRESETS_HELP = "Brushes to start from, and your own."
SAVE_PRESET = "Save this brush…"
SAVE_PRESET_TITLE = "Save brush"
PRESET_NAME = "Name"
DELETE_PRESET = "Delete"
PRESET_NAMES = {
    "round": "Round",
    "hard_round": "Hard round",
    "soft_round": "Soft round",
    "pencil": "Pencil",
    "ink": "Ink",
    "marker": "Marker",
    "airbrush": "Airbrush",
    "spray": "Spray",
}

# Notices
NO_LAYER = "No layer is chosen. Choose one in the layer list to paint on it."
WRITTEN = "“{name}” is a text. Rasterize it in the Layer menu to paint on it."
HIDDEN = "“{name}” is hidden. Show it to paint on it."
GROUP = "“{name}” is a group. Choose a layer in it to paint on."
ADJUSTMENT = "“{name}” has no pixels. Choose a pixel layer, or give it a mask to paint on."
NO_SOURCE = "Hold Alt and click where to copy from first."
NOT_ON_SELECTION = "The quick mask cannot be healed. Press Q to leave it."
SELECTION_CHANGED = "The selection was changed meanwhile. Do it again."
CHANGED_MEANWHILE = "“{name}” was changed meanwhile. Do it again."
NO_COLOR = "There is no color at that place."
WORKING = "Working…"
SOURCE_SET = "Source: {x}, {y}"
PICKED = "Color: {color}"


def say(english: str, **values: object) -> str:
    """One of the sentences above in the user's language, with `{name}` replaced by `values`."""
    said = QCoreApplication.translate(CONTEXT, english)
    return said.format(**values) if values else said
