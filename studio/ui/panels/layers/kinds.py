"""The kinds of adjustment layers, in the order of menus."""

from __future__ import annotations

from studio.core.adjustments import (
    Adjustment,
    BrightnessContrast,
    ColorBalance,
    Curves,
    Exposure,
    GradientMap,
    HueSaturation,
    Invert,
    Levels,
    Posterize,
    Threshold,
)

KINDS: tuple[tuple[str, type[Adjustment], str], ...] = (
    ("levels", Levels, "levels"),
    ("curves", Curves, "curves"),
    ("hue_saturation", HueSaturation, "hue"),
    ("brightness_contrast", BrightnessContrast, "brightness"),
    ("color_balance", ColorBalance, "balance"),
    ("exposure", Exposure, "exposure"),
    ("invert", Invert, "invert"),
    ("threshold", Threshold, "threshold"),
    ("posterize", Posterize, "posterize"),
    ("gradient_map", GradientMap, "gradient-map"),
)
"""Name in the ids of actions, type, and icon."""
