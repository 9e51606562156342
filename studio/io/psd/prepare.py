"""The document as a PSD can hold it, and what that changes: done before anything is encoded, without reading pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from studio.core.adjustments import Adjustment, HueSaturation
from studio.core.document import Document
from studio.core.errors import FileFormatError
from studio.core.geometry import Rect, Size
from studio.core.guides import GUIDES_KEY
from studio.core.layers import AdjustmentLayer, GroupLayer, Layer, LayerId, Layers, Mask, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.core.selection import Channel
from studio.io.psd import blocks, xmp
from studio.io.psd.adjust_blocks import as_stored
from studio.io.psd.alphas import MOST_CHANNELS
from studio.io.psd.container import PSD_SIDE_PX
from studio.io.report import TEXT_IS_BAKED, Fate, Notice

MAX_LAYERS = 8000
MAX_NAME_UNITS = 255
MAX_HUE_RANGES = 6
NO_LAYER = LayerId("0" * 32)
PICTURE_CHANNELS = 4


@dataclass(frozen=True, slots=True)
class Prepared:
    """The document that the file will hold, layer by layer with the ids of the original, and the notices."""

    document: Document
    notices: tuple[Notice, ...]


def prepare(document: Document) -> Prepared:
    """Levels rounded to the 256 steps of the format, names made storable, adjustments as their records hold them."""
    notices: list[Notice] = []
    channels = _prepared_channels(document, notices)
    layers: Layers = tuple(_prepared(layer, document, notices) for layer in document.layers)
    if not layers:
        notices.append(
            Notice(Fate.CONVERTED, "empty document", why="Photoshop needs a layer; one without pixels is added")
        )
        layers = (RasterLayer(id=NO_LAYER, pixels=PixelBuffer(Size(0, 0), document.depth)),)
    notices += [
        Notice(Fate.KEPT, f"metadata “{key}”", why="in the file's XMP, where only Lamina looks for it")
        for key, _ in document.metadata
        if key not in xmp.DUBLIN and key != GUIDES_KEY
    ]
    return Prepared(replace(document, layers=layers, channels=channels), tuple(dict.fromkeys(notices)))


def _prepared_channels(document: Document, notices: list[Notice]) -> tuple[Channel, ...]:
    """Saved selections as alpha channels: under names that can be stored, and no more than the format holds."""
    kept: list[Channel] = []
    for channel in document.channels:
        name = _storable_name(channel.name) or "Alpha"
        number = 2
        while any(other.name == name for other in kept):
            name, number = f"{_storable_name(channel.name)[: MAX_NAME_UNITS - 10]} {number}", number + 1
        if len(kept) == MOST_CHANNELS - PICTURE_CHANNELS:
            why = f"a PSD holds {MOST_CHANNELS - PICTURE_CHANNELS}"
            notices.append(Notice(Fate.DROPPED, f"saved selection “{channel.name}”", why=why))
            continue
        if name != channel.name:
            notices.append(Notice(Fate.CONVERTED, f"saved selection “{channel.name}”", why=f"stored as “{name}”"))
        kept.append(replace(channel, name=name))
    return tuple(kept)


def check_size(document: Document, path: Path) -> None:
    """Raises FileFormatError when the container cannot hold the document."""
    side = max(document.size.width, document.size.height)
    if path.suffix.lower() != ".psb" and side > PSD_SIDE_PX:
        raise FileFormatError(
            f"Could not write {path.name}: the canvas is {side:,} px and a PSD holds {PSD_SIDE_PX:,} px at most.",
            "Save it as .psb, or make the picture smaller.",
        )
    count = sum(2 if isinstance(layer, GroupLayer) else 1 for layer in document.walk())
    if count > MAX_LAYERS:
        raise FileFormatError(
            f"Could not write {path.name}: it has {count:,} layers and group ends, and Photoshop opens {MAX_LAYERS:,}.",
            "Merge layers you no longer need apart.",
        )
    faults = document.check()
    if faults:
        raise FileFormatError(f"Could not write {path.name}: {faults[0]}", detail="; ".join(faults))


def eighth_bits(share: float) -> float:
    """0..1 in the 256 steps of a byte."""
    return round(share * 255) / 255


def _prepared(layer: Layer, document: Document, notices: list[Notice]) -> Layer:
    name = _storable_name(layer.name)
    if name != layer.name:
        notices.append(Notice(Fate.CONVERTED, "name", layer.name, f"stored as “{name}”"))
    notices.extend(_foreign(layer))
    common = replace(
        layer,
        name=name,
        opacity=eighth_bits(layer.opacity),
        fill=eighth_bits(layer.fill),
        mask=None if layer.mask is None else _prepared_mask(layer.mask, layer, document, notices),
    )
    if isinstance(common, GroupLayer):
        return replace(common, children=tuple(_prepared(child, document, notices) for child in common.children))
    if isinstance(common, AdjustmentLayer):
        return replace(common, adjustment=_prepared_adjustment(common, notices))
    if common.lettering is not None:
        notices.append(Notice(Fate.BAKED, "text", layer.name, TEXT_IS_BAKED))
        return replace(common, lettering=None)
    return common


def _prepared_adjustment(layer: AdjustmentLayer, notices: list[Notice]) -> Adjustment:
    """The adjustment as its record gives it back: values inside Photoshop's ranges, six colour ranges at most."""
    wanted = layer.adjustment
    stored = as_stored(wanted)
    if stored is None and isinstance(wanted, HueSaturation):
        stored = as_stored(replace(wanted, ranges=wanted.ranges[:MAX_HUE_RANGES]))
        why = f"the format holds {MAX_HUE_RANGES}"
        notices.append(Notice(Fate.DROPPED, "further colour ranges of Hue/Saturation", layer.name, why))
    elif stored != wanted:
        notices.append(Notice(Fate.CONVERTED, "adjustment", layer.name, "values that the format has no room for"))
    if stored is None:
        raise FileFormatError(
            f"Could not write the adjustment “{layer.name}”: its values are not Photoshop's.",
            "Change its values, or have it baked into the layers below.",
            detail=repr(wanted),
        )
    return stored


def _storable_name(name: str) -> str:
    """A name as UTF-16 holds it: no lone surrogates, no NUL at the end, at most 255 units."""
    units = name.encode("utf-16-be", "replace")[: 2 * MAX_NAME_UNITS]
    return units.decode("utf-16-be", "ignore").rstrip("\0")


def _prepared_mask(mask: Mask, layer: Layer, document: Document, notices: list[Notice]) -> Mask:
    """Density in 256 steps; outside its pixels a stored mask is black or white and nothing between."""
    mask = replace(mask, density=eighth_bits(mask.density))
    top = document.depth.top
    if mask.pixels.fill in (0, top):
        return mask
    covered = Rect.union((document.canvas, mask.bounds, layer.bounds))
    samples = mask.pixels.read(covered.moved(-mask.origin))
    outside = top if mask.pixels.fill * 2 > top else 0
    notices.append(Notice(Fate.CONVERTED, "gray mask surround", layer.name, "drawn into the mask's pixels"))
    return replace(mask, pixels=PixelBuffer.from_array(samples, outside), origin=covered.origin)


def _foreign(layer: Layer) -> Iterator[Notice]:
    """What the layer brought from its file: looks that go back undrawn, and blocks that no longer fit its pixels."""
    kept, dropped = blocks.valid_blocks(layer, layer.foreign)
    for title in blocks.undrawn(kept):
        yield Notice(Fate.KEPT, title, layer.name, "it goes back as it came; Lamina does not draw it")
    if dropped:
        yield Notice(
            Fate.DROPPED, "editable text, shape or smart object", layer.name, "its pixels have been changed since"
        )
