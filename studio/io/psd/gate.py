"""The PSD gate: is what lies in the file what the document says, and do its layers make its merged image?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.core.baking import bake_adjustments
from studio.core.compositing import composite
from studio.core.difference import distance_map
from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.layers import AdjustmentLayer, GroupLayer, Layer, Layers, Mask, RasterLayer
from studio.core.pixels import PixelBuffer, Pixels
from studio.io.psd.merged import merged_preview
from studio.io.psd.prepare import prepare
from studio.io.psd.reader import read

MERGED_TOLERANCE_255 = 1.0
"""The merged image may differ from the layers by this many 1/255 of premultiplied colour or alpha."""

_ROUNDING_255 = 0.01  # 16-bit samples and float32 do not hit a whole 1/255 exactly
_COMPARED = ("name", "visible", "opacity", "fill", "blend", "clipping", "locks", "label")
_KEPT_ASIDE = ("ai_visible", "ai_editable", "provenance")


@dataclass(frozen=True, slots=True)
class GateReport:
    """Figures by name, and what is wrong, one sentence each. Serialise with `dataclasses.asdict`."""

    figures: tuple[tuple[str, float], ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.faults

    def __str__(self) -> str:
        lines = [f"{name}: {value:g}" for name, value in self.figures]
        lines += [f"FAULT: {fault}" for fault in self.faults]
        lines.append("The file passes the gate." if self.passed else "The file does not pass the gate.")
        return "\n".join(lines)


def verify(path: Path, against: Document | None = None) -> GateReport:
    """The gate on a file as it lies: its layers recomposited against its merged image, and against a document if given.

    A file without adjustment layers is compared with the document after its adjustments have been baked.
    Raises FileFormatError when the file cannot be read at all.
    """
    found = read(path).document
    figures = [("layers", float(sum(1 for _ in found.walk())))]
    if against is not None and (count := _adjustments(against)) and not _adjustments(found):
        against = bake_adjustments(against).document
        figures.append(("adjustment layers baked", float(count)))
    wanted = None if against is None else prepare(against).document
    expected = composite(found)
    faults = [] if wanted is None else list(document_faults(wanted, found))
    stored = merged_preview(path)
    if stored is None:
        faults.append("The file holds no merged image.")
    else:
        largest = float(distance_map(expected, stored).max(initial=0))
        figures.append(("merged vs layers, largest difference in 1/255", largest))
        faults += _merged_faults(largest, "its layers")
    if wanted is not None and stored is not None and not faults:
        largest = float(distance_map(composite(wanted), stored).max(initial=0))
        figures.append(("merged vs document, largest difference in 1/255", largest))
        faults += _merged_faults(largest, "the document")
    return GateReport(tuple(figures), tuple(faults))


def check_written(path: Path, wanted: Document, picture: Pixels) -> GateReport:
    """The gate inside a write: `wanted` is the prepared document and `picture` the composite of it.

    Layers that come back equal bit for bit composite to `picture` again, so it is not computed twice.
    """
    found = read(path).document
    faults = list(document_faults(wanted, found))
    stored = merged_preview(path)
    figures = [("layers", float(sum(1 for _ in found.walk())))]
    if stored is None or stored.shape != picture.shape:
        faults.append("The file holds no merged image of the document's size.")
    else:
        largest = float(distance_map(picture, stored).max(initial=0))
        figures.append(("merged vs layers, largest difference in 1/255", largest))
        faults += _merged_faults(largest, "its layers")
    return GateReport(tuple(figures), tuple(faults))


def document_faults(wanted: Document, found: Document) -> Iterator[str]:
    """Where `found`, read back, is not `wanted` as it was prepared: canvas, tree, every property, every pixel."""
    for name in ("size", "depth", "icc", "metadata"):
        if getattr(wanted, name) != getattr(found, name):
            yield f"The document's {name} is not what was written."
    if abs(wanted.ppi - found.ppi) > 1e-3:
        yield f"The resolution is {found.ppi:g} ppi instead of {wanted.ppi:g}."
    yield from _layers_faults(wanted.layers, found.layers, "")
    if [channel.name for channel in wanted.channels] != [channel.name for channel in found.channels]:
        yield "The alpha channels are not those that were written."
        return
    for channel, other in zip(wanted.channels, found.channels, strict=True):
        yield from _pixel_faults(channel.pixels, other.pixels, f"The channel “{channel.name}” has samples")


def _adjustments(document: Document) -> int:
    return sum(isinstance(layer, AdjustmentLayer) for layer in document.walk())


def _merged_faults(largest: float, what: str) -> list[str]:
    if largest <= MERGED_TOLERANCE_255 + _ROUNDING_255:
        return []
    return [f"The merged image differs from {what} by {largest:.2f}/255."]


def _layers_faults(wanted: Layers, found: Layers, where: str) -> Iterator[str]:
    if len(wanted) != len(found):
        yield f"{where or 'The top level'} has {len(found)} layers instead of {len(wanted)}."
        return
    for index, (layer, other) in enumerate(zip(wanted, found, strict=True)):
        place = f"{where} > {layer.name}" if where else f"{layer.name}"
        yield from _layer_faults(layer, other, f"“{place}” (layer {index + 1} from below)")


def _layer_faults(wanted: Layer, found: Layer, place: str) -> Iterator[str]:
    if type(wanted) is not type(found):
        yield f"{place} is a {type(found).__name__} instead of a {type(wanted).__name__}."
        return
    for name in (*_COMPARED, *_KEPT_ASIDE, "id"):
        mine, theirs = getattr(wanted, name), getattr(found, name)
        if mine != theirs:
            yield f"{place} has {name} {theirs} instead of {mine}."
    yield from _mask_faults(wanted.mask, found.mask, place)
    if isinstance(wanted, RasterLayer) and isinstance(found, RasterLayer):
        if wanted.bounds != found.bounds:
            yield f"{place} lies at {_box(found.bounds)} instead of {_box(wanted.bounds)}."
        else:
            yield from _pixel_faults(wanted.pixels, found.pixels, f"{place} has pixels")
    if (
        isinstance(wanted, AdjustmentLayer)
        and isinstance(found, AdjustmentLayer)
        and wanted.adjustment != found.adjustment
    ):
        yield f"{place} has another adjustment."
    if isinstance(wanted, GroupLayer) and isinstance(found, GroupLayer):
        if wanted.expanded != found.expanded:
            yield f"{place} is {'open' if found.expanded else 'closed'}."
        yield from _layers_faults(wanted.children, found.children, wanted.name)


def _mask_faults(wanted: Mask | None, found: Mask | None, place: str) -> Iterator[str]:
    if wanted is None or found is None:
        if wanted is not found:
            yield f"{place} has {'no mask' if found is None else 'a mask'}."
        return
    for name in ("enabled", "linked", "density", "bounds"):
        mine, theirs = getattr(wanted, name), getattr(found, name)
        if mine != theirs:
            yield f"{place} has a mask with {name} {theirs} instead of {mine}."
    if wanted.bounds == found.bounds:
        if wanted.pixels.fill != found.pixels.fill:
            yield f"{place} has a mask that is {found.pixels.fill} outside its pixels."
        yield from _pixel_faults(wanted.pixels, found.pixels, f"{place} has mask pixels")


def _pixel_faults(wanted: PixelBuffer, found: PixelBuffer, what: str) -> Iterator[str]:
    if wanted == found:
        return
    if wanted.size != found.size or wanted.depth is not found.depth:
        yield f"{what} of another size or depth."
        return
    gap = np.abs(wanted.read().astype(np.int32) - found.read().astype(np.int32))
    yield f"{what} that differ by up to {int(gap.max(initial=0))} of {wanted.depth.top}."


def _box(rect: Rect) -> str:
    return f"({rect.left}, {rect.top}) - ({rect.right}, {rect.bottom})"
