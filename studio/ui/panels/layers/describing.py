"""What a layer is, in words: for tool tips and for screen readers."""

from __future__ import annotations

from collections.abc import Iterator

from studio.core.layers import AdjustmentLayer, BlendMode, GroupLayer, Layer, Provenance, RasterLayer
from studio.ui.panels.layers import text
from studio.ui.panels.layers.text import say

LONGEST = 300
"""Letters of a prompt or of parameters that are shown."""


def one_line(name: str) -> str:
    """A name as one line: control characters, line breaks and marks that turn the writing direction become spaces."""
    return "".join(char if char.isprintable() or char == "\u200d" else " " for char in name)


def kind(layer: Layer) -> str:
    """What sort of layer it is."""
    match layer:
        case GroupLayer():
            return say(text.KIND_GROUP)
        case AdjustmentLayer():
            return say(text.ADJUSTMENT_NAMES[type(layer.adjustment)])
        case RasterLayer():
            return say(text.KIND_RASTER if layer.lettering is None else text.KIND_TEXT)


def mixing(layer: Layer) -> str:
    """Mode, opacity and fill where they are not the usual ones; empty otherwise."""
    usual = BlendMode.PASS_THROUGH if isinstance(layer, GroupLayer) else BlendMode.NORMAL
    parts = [] if layer.blend is usual else [say(text.BLEND_NAMES[layer.blend])]
    if layer.opacity < 1:
        parts.append(say(text.SHARE, percent=round(100 * layer.opacity)))
    if layer.fill < 1:
        parts.append(say(text.FILL_SHARE, percent=round(100 * layer.fill)))
    return " · ".join(parts)


def description(layer: Layer) -> str:
    """All that the row shows by signs, for a screen reader."""
    return ", ".join([kind(layer), *_states(layer)])


def tip(layer: Layer) -> str:
    """Name, kind, states, and how the layer was made."""
    lines = [one_line(layer.name), description(layer)]
    if layer.provenance is not None:
        lines += ["", *(f"{label}: {value}" for label, value in made(layer.provenance))]
    return "\n".join(lines)


def made(record: Provenance) -> list[tuple[str, str]]:
    """How a layer was made, as (label, value) pairs; what is not known is left out."""
    engine = f"{record.engine} ({record.plugin_version})" if record.plugin_version else record.engine
    pairs = [
        (text.MADE_PLUGIN, record.plugin),
        (text.MADE_ENGINE, engine),
        (text.MADE_MODEL, record.model_id),
        (text.MADE_LICENCE, record.licence or (say(text.MADE_UNKNOWN) if record.model_id else "")),
        (text.MADE_PROMPT, record.prompt),
        (text.MADE_SEED, "" if record.seed is None else str(record.seed)),
        (text.MADE_TIME, record.created.replace("T", " ").replace("Z", " UTC")),
        (text.MADE_PARAMETERS, "" if record.parameters == "{}" else record.parameters),
    ]
    return [(say(label), _cut(value)) for label, value in pairs if value]


def _cut(value: str) -> str:
    return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"


def _states(layer: Layer) -> Iterator[str]:
    if not layer.visible:
        yield say(text.HIDDEN)
    if mixed := mixing(layer):
        yield mixed
    if layer.clipping:
        yield say(text.CLIPPED)
    if layer.mask is not None:
        yield say(text.MASKED if layer.mask.enabled else text.MASK_OFF)
    names = {"alpha": text.LOCK_ALPHA, "pixels": text.LOCK_PIXELS, "position": text.LOCK_POSITION}
    if locks := [say(name) for field, name in names.items() if getattr(layer.locks, field)]:
        yield say(text.LOCKED, locks=", ".join(locks))
    if not layer.ai_visible:
        yield say(text.AI_HIDDEN)
    if not layer.ai_editable:
        yield say(text.AI_PROTECTED)
    if layer.provenance is not None:
        yield say(text.MADE_BY, plugin=layer.provenance.plugin)
