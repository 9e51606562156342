"""The edits of text: a new text layer, and other words or another style for one that is there."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from studio.core import edits
from studio.core.document import Document
from studio.core.edits.targets import Lock, changed, raster, require_unlocked
from studio.core.errors import DocumentError
from studio.core.generative import digest
from studio.core.geometry import Point, Size
from studio.core.homography import Spot
from studio.core.layers import Layer, LayerId, Place, RasterLayer, new_layer_id, place_of
from studio.core.lettering import Lettering
from studio.core.pixels import PixelBuffer
from studio.lettering.drawing import drawn

NAME_LENGTH = 30
_LATELY: deque[tuple[PixelBuffer, str]] = deque(maxlen=8)


def write_text(
    document: Document,
    lettering: Lettering,
    at: Spot,
    *,
    above: LayerId | None = None,
    layer_id: LayerId | None = None,
) -> Document:
    """A new text layer whose anchor lies at a canvas spot, above another layer or on top of all.

    Args:
        layer_id: the new layer's id; a fresh one unless given.
    Raises DocumentError for text that cannot be drawn, and for a layer `above` that is not there.
    """
    anchor = Point(round(at[0]), round(at[1]))
    layer = _written(lettering, document, anchor, _blank(document, layer_id))
    place = Place(None, len(document.layers))
    if above is not None:
        document.layer(above)
        found = place_of(document.layers, above)
        place = place if found is None else Place(found.parent, found.index + 1)
    return edits.add_layers(document, [layer], place)


def change_text(document: Document, layer_id: LayerId, lettering: Lettering) -> Document:
    """Draw a text layer anew, its anchor where it was; a name that was made of its words follows them.

    Raises DocumentError for locks, for layers that are no text, and for text that was changed by hand.
    """
    layer = raster(document, layer_id)
    require_unlocked(document, layer_id, Lock.PIXELS, Lock.ALPHA)
    old = layer.lettering
    if old is None:
        raise DocumentError(f"“{layer.name}” is no text.", "Choose a text layer.")
    if not is_written(layer):
        raise DocumentError(
            f"“{layer.name}” was painted on or transformed after it was written.",
            "Undo that, or write a new text.",
        )
    new = _written(lettering, document, layer.origin - old.offset, layer)
    return changed(document, layer_id, lambda _: new)


def rasterize_text(document: Document, layer_id: LayerId) -> Document:
    """Make a text layer a pixel layer that looks the same. Raises DocumentError for layers that are no text."""
    layer = raster(document, layer_id)
    if layer.lettering is None:
        raise DocumentError(f"“{layer.name}” is no text.", "Choose a text layer.")
    return changed(document, layer_id, lambda _: replace(layer, lettering=None))


def is_written(layer: Layer) -> bool:
    """Whether it is a text layer whose pixels are still those that were drawn; it may have been moved."""
    if not isinstance(layer, RasterLayer) or layer.lettering is None:
        return False
    return _digest_of(layer.pixels) == layer.lettering.digest


def _digest_of(pixels: PixelBuffer) -> str:
    """The digest, at once for buffers that were asked for lately: menus ask about the same layer many times."""
    for known, told in tuple(_LATELY):
        if known is pixels:
            return told
    told = digest(pixels)
    _LATELY.append((pixels, told))
    return told


def name_of(text: str) -> str:
    """What a layer with this text is called: its first line, cut short."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return first if len(first) <= NAME_LENGTH else f"{first[: NAME_LENGTH - 1].rstrip()}…"


def _blank(document: Document, layer_id: LayerId | None) -> RasterLayer:
    return RasterLayer(id=layer_id or new_layer_id(), pixels=PixelBuffer(Size(0, 0), document.depth))


def _written(lettering: Lettering, document: Document, anchor: Point, layer: RasterLayer) -> RasterLayer:
    """The layer with the text drawn at the anchor."""
    pixels, offset = drawn(lettering, document.depth)
    old = layer.lettering
    name = name_of(lettering.text) if old is None or layer.name == name_of(old.text) else layer.name
    told = replace(lettering, offset=offset, digest=digest(pixels))
    return replace(layer, name=name, pixels=pixels, origin=anchor + offset, lettering=told)
