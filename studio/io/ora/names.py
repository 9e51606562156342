"""The words of stack.xml: composite operations, our namespace, and text that XML can hold."""

from __future__ import annotations

import re

from studio.core.layers import BlendMode

NAMESPACE = "urn:lamina-studio:openraster:1"
PREFIX = "lamina"
MIMETYPE = "image/openraster"
VERSION = "0.0.5"

_SVG = {
    BlendMode.NORMAL: "svg:src-over",
    BlendMode.MULTIPLY: "svg:multiply",
    BlendMode.SCREEN: "svg:screen",
    BlendMode.OVERLAY: "svg:overlay",
    BlendMode.DARKEN: "svg:darken",
    BlendMode.LIGHTEN: "svg:lighten",
    BlendMode.COLOR_DODGE: "svg:color-dodge",
    BlendMode.COLOR_BURN: "svg:color-burn",
    BlendMode.HARD_LIGHT: "svg:hard-light",
    BlendMode.SOFT_LIGHT: "svg:soft-light",
    BlendMode.DIFFERENCE: "svg:difference",
    BlendMode.COLOR: "svg:color",
    BlendMode.LUMINOSITY: "svg:luminosity",
    BlendMode.HUE: "svg:hue",
    BlendMode.SATURATION: "svg:saturation",
    BlendMode.LINEAR_DODGE: "svg:plus",
}
_KRITA = {
    BlendMode.DISSOLVE: "krita:dissolve",
    BlendMode.LINEAR_BURN: "krita:linear_burn",
    BlendMode.DARKER_COLOR: "krita:darker color",
    BlendMode.LIGHTER_COLOR: "krita:lighter color",
    BlendMode.VIVID_LIGHT: "krita:vivid_light",
    BlendMode.LINEAR_LIGHT: "krita:linear light",
    BlendMode.PIN_LIGHT: "krita:pin_light",
    BlendMode.HARD_MIX: "krita:hard_mix_photoshop",
    BlendMode.EXCLUSION: "krita:exclusion",
    BlendMode.SUBTRACT: "krita:subtract",
    BlendMode.DIVIDE: "krita:divide",
}
OPERATIONS: dict[BlendMode, str] = {**_SVG, **_KRITA, BlendMode.PASS_THROUGH: "svg:src-over"}
MODES: dict[str, BlendMode] = {
    **{name: mode for mode, name in (*_SVG.items(), *_KRITA.items())},
    "svg:add": BlendMode.LINEAR_DODGE,
    "krita:hard mix": BlendMode.HARD_MIX,
}


def is_extension(mode: BlendMode) -> bool:
    """Whether only Krita knows the mode."""
    return mode in _KRITA


def ours(name: str) -> str:
    """An attribute or element of our namespace as ElementTree names it after parsing."""
    return f"{{{NAMESPACE}}}{name}"


def writable(text: str) -> str:
    """The text with what XML cannot hold replaced."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
