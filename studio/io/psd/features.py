"""What a layer record holds that our layers do not: its kind, effects, blending options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from psd_tools.constants import Tag
from psd_tools.psd.descriptor import Descriptor
from psd_tools.psd.effects_layer import EffectsLayer
from psd_tools.psd.layer_and_mask import LayerRecord

from studio.io.psd.blocks import EFFECTS
from studio.io.report import Fate

Unkept = tuple[Fate, str, str]
"""Fate, what, why."""

_SMART: Final = (
    Tag.SMART_OBJECT_LAYER_DATA1,
    Tag.SMART_OBJECT_LAYER_DATA2,
    Tag.PLACED_LAYER1,
    Tag.PLACED_LAYER2,
)
_FILLS: Final = (
    Tag.SOLID_COLOR_SHEET_SETTING,
    Tag.GRADIENT_FILL_SETTING,
    Tag.PATTERN_FILL_SETTING,
    Tag.VECTOR_STROKE_CONTENT_DATA,
)
_PATHS: Final = (Tag.VECTOR_MASK_SETTING1, Tag.VECTOR_MASK_SETTING2)

_EFFECT_NAMES: Final = {
    b"DrSh": "drop shadow",
    b"dropShadowMulti": "drop shadow",
    b"IrSh": "inner shadow",
    b"innerShadowMulti": "inner shadow",
    b"OrGl": "outer glow",
    b"IrGl": "inner glow",
    b"ebbl": "bevel and emboss",
    b"ChFX": "satin",
    b"SoFi": "colour overlay",
    b"solidFillMulti": "colour overlay",
    b"GrFl": "gradient overlay",
    b"gradientFillMulti": "gradient overlay",
    b"patternFill": "pattern overlay",
    b"FrFX": "stroke",
    b"frameFXMulti": "stroke",
}
_OLD_EFFECT_NAMES: Final = {
    b"dsdw": "drop shadow",
    b"isdw": "inner shadow",
    b"oglw": "outer glow",
    b"iglw": "inner glow",
    b"bevl": "bevel and emboss",
    b"sofi": "colour overlay",
}


def has_fill(record: LayerRecord) -> bool:
    """A fill or shape layer: its colours come from a description, whether or not its pixels are stored as well."""
    return any(tag in record.tagged_blocks for tag in _FILLS)


def layer_kind(record: LayerRecord) -> str | None:
    """The name of a kind of layer that becomes pixels here; None for a pixel layer."""
    tags = record.tagged_blocks
    if Tag.TYPE_TOOL_OBJECT_SETTING in tags or Tag.TYPE_TOOL_INFO in tags:
        return "text"
    if any(tag in tags for tag in _SMART):
        return "smart object"
    if not has_fill(record):
        return None
    if any(tag in tags for tag in _PATHS):
        return "shape"
    if Tag.GRADIENT_FILL_SETTING in tags:
        return "gradient fill"
    return "pattern fill" if Tag.PATTERN_FILL_SETTING in tags else "solid colour fill"


def unkept(record: LayerRecord, is_group: bool) -> Iterator[Unkept]:
    """What changes the layer's look in Photoshop and not here."""
    effects = effect_names(record)
    if effects:
        yield (
            Fate.DROPPED,
            "layer effects",
            f"{', '.join(effects)} are not drawn; they go back into a PSD",
        )
    tags = record.tagged_blocks
    if _byte(tags.get_data(Tag.KNOCKOUT_SETTING)):
        yield Fate.DROPPED, "knockout", "not drawn; it goes back into a PSD"
    if tags.get_data(Tag.CHANNEL_BLENDING_RESTRICTIONS_SETTING):
        yield Fate.DROPPED, "blending of single channels", "all channels blend here"
    if _byte(tags.get_data(Tag.BLEND_INTERIOR_ELEMENTS)):
        yield Fate.DROPPED, "blend interior effects as group", "it changes effects only, which are not drawn"
    if Tag.BLEND_CLIPPING_ELEMENTS in tags and not _byte(tags.get_data(Tag.BLEND_CLIPPING_ELEMENTS)):
        yield Fate.DROPPED, "clipped layers blended one by one", "they blend as a group here"
    if _has_ranges(record):
        yield Fate.DROPPED, "blend-if ranges", "the layer shows at every brightness here"
    if any(tag in tags for tag in (Tag.ARTBOARD_DATA1, Tag.ARTBOARD_DATA2, Tag.ARTBOARD_DATA3)):
        yield Fate.CONVERTED, "artboard to group", "its frame and background are not drawn"
    if is_group and record.mask_data is None and any(tag in tags for tag in _PATHS):
        yield Fate.CONVERTED, "vector mask to pixels", "on a group"


def effect_names(record: LayerRecord) -> list[str]:
    """The effects that are switched on, each once."""
    found: dict[str, None] = {}
    tags = record.tagged_blocks
    for key in EFFECTS[1:]:
        block = tags.get_data(key)
        if isinstance(block, Descriptor) and _switch(block.get(b"masterFXSwitch"), True):
            for name, value in block.items():
                title = _EFFECT_NAMES.get(bytes(getattr(name, "value", name)))
                if title is not None and _any_enabled(value):
                    found[title] = None
    old = tags.get_data(Tag.EFFECTS_LAYER)
    if not found and isinstance(old, EffectsLayer) and not any(key in tags for key in EFFECTS[1:]):
        for name, effect in old.items():
            title = _OLD_EFFECT_NAMES.get(bytes(getattr(name, "value", name)))
            if title is not None and getattr(effect, "enabled", False):
                found[title] = None
    return list(found)


def _any_enabled(value: object) -> bool:
    if isinstance(value, Descriptor):
        return _switch(value.get(b"enab"), True)
    if hasattr(value, "__iter__"):
        return any(_any_enabled(item) for item in value)  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType, reportUnknownArgumentType, reportAttributeAccessIssue] - a descriptor's list
    return False


def _switch(value: object, default: bool) -> bool:
    return default if value is None else bool(getattr(value, "value", value))


def _byte(value: object) -> int:
    number = getattr(value, "value", value)
    return int(number) if isinstance(number, (int, bool)) else 0


def _has_ranges(record: LayerRecord) -> bool:
    """Whether the layer is hidden at some brightness of its own or of what lies below."""
    ranges = record.blending_ranges
    pairs = [*(ranges.composite_ranges or ()), *(pair for both in ranges.channel_ranges or () for pair in both)]
    return any(tuple(pair) not in ((0, 65535), (0, 0)) for pair in pairs)
