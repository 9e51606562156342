"""What of a layer a filter, an adjustment or an edge repair may change now, and why not."""

from __future__ import annotations

from enum import StrEnum

from studio.core.document import Document
from studio.core.edits.targets import Lock, lock_holder
from studio.core.layers import LayerId, RasterLayer, path_to
from studio.lettering import is_written
from studio.ui.filtering import text
from studio.ui.filtering.text import say
from studio.ui.panels.layers.describing import one_line


class Target(StrEnum):
    """What is changed."""

    PIXELS = "pixels"
    MASK = "mask"


def targets(document: Document, layer_id: LayerId, *locks: Lock) -> tuple[Target, ...]:
    """What may be changed, pixels first; `locks` are those that pixels must not have."""
    layer = document.layer(layer_id)
    if hidden(document, layer_id):
        return ()
    pixels = () if _no_pixels(document, layer_id, *locks) else (Target.PIXELS,)
    return (*pixels, Target.MASK) if layer.mask is not None else pixels


def why_no_target(document: Document, layer_id: LayerId, *locks: Lock) -> str:
    """Why nothing of the layer may be changed; empty when something may."""
    if targets(document, layer_id, *locks):
        return ""
    return why_no_pixels(document, layer_id, *locks)


def why_no_pixels(document: Document, layer_id: LayerId, *locks: Lock) -> str:
    """Why the layer's pixels may not be changed; empty when they may."""
    return say(text.NEEDS_VISIBLE) if hidden(document, layer_id) else _no_pixels(document, layer_id, *locks)


def hidden(document: Document, layer_id: LayerId) -> bool:
    """Whether the layer, or a group that holds it, is not shown."""
    return any(not layer.visible for layer in path_to(document.layers, layer_id))


def _no_pixels(document: Document, layer_id: LayerId, *locks: Lock) -> str:
    layer = document.layer(layer_id)
    if not isinstance(layer, RasterLayer):
        return say(text.NEEDS_PIXELS)
    for lock in locks or (Lock.PIXELS,):
        if (holder := lock_holder(document, layer_id, lock)) is not None:
            words = text.NEEDS_ALPHA if lock is Lock.ALPHA else text.NEEDS_UNLOCKED
            return say(words, layer=one_line(holder.name))
    if is_written(layer):
        return say(text.NEEDS_NO_TEXT, layer=one_line(layer.name))
    return "" if layer.pixels.tiles else say(text.NEEDS_CONTENT)
