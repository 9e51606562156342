"""Edits of one property of a layer, or of the document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from studio.core.adjustments import Adjustment
from studio.core.document import Document
from studio.core.edits.targets import changed, everywhere, outermost
from studio.core.errors import DocumentError
from studio.core.generative import digest
from studio.core.guides import Guides, with_guides
from studio.core.layers import (
    AdjustmentLayer,
    BlendMode,
    ColorLabel,
    GroupLayer,
    Layer,
    LayerId,
    Layers,
    Locks,
    Provenance,
    RasterLayer,
    walk,
)
from studio.core.pixels import Depth


def rename(document: Document, layer_id: LayerId, name: str) -> Document:
    """Raises DocumentError for an empty name."""
    if not name:
        raise DocumentError("A layer needs a name.", "Type at least one character.")
    return changed(document, layer_id, lambda layer: replace(layer, name=name))


def set_visible(document: Document, layer_id: LayerId, visible: bool) -> Document:
    return changed(document, layer_id, lambda layer: replace(layer, visible=visible))


def show_only(document: Document, ids: Sequence[LayerId]) -> Document:
    """Hide everything but the named layers with all in them, and show these, with the groups that hold them.

    Raises DocumentError when one of them is not there, or when none is named.
    """
    return document.with_layers(_only(document.layers, {layer.id for layer in outermost(document, ids)}))


def _only(layers: Layers, wanted: set[LayerId]) -> Layers:
    out: list[Layer] = []
    for layer in layers:
        holds = isinstance(layer, GroupLayer) and any(inner.id in wanted for inner in walk(layer.children))
        if isinstance(layer, GroupLayer) and holds and layer.id not in wanted:
            layer = replace(layer, children=_only(layer.children, wanted))
        shown = holds or layer.id in wanted
        out.append(layer if layer.visible is shown else replace(layer, visible=shown))
    return tuple(out)


def set_opacity(document: Document, layer_id: LayerId, opacity: float) -> Document:
    """0..1. Raises DocumentError outside."""
    return changed(document, layer_id, lambda layer: replace(layer, opacity=_share(opacity, "Opacity")))


def set_fill(document: Document, layer_id: LayerId, fill: float) -> Document:
    """0..1. Raises DocumentError outside."""
    return changed(document, layer_id, lambda layer: replace(layer, fill=_share(fill, "Fill")))


def set_blend(document: Document, layer_id: LayerId, blend: BlendMode) -> Document:
    """Raises DocumentError for pass-through on anything but a group."""

    def change(layer: Layer) -> Layer:
        if blend is BlendMode.PASS_THROUGH and not isinstance(layer, GroupLayer):
            raise DocumentError(f"“{layer.name}” cannot pass through: it is not a group.", "Choose another blend mode.")
        return replace(layer, blend=blend)

    return changed(document, layer_id, change)


def set_clipping(document: Document, layer_id: LayerId, clipping: bool) -> Document:
    """Whether the layer shows only where the base below it does."""
    return changed(document, layer_id, lambda layer: replace(layer, clipping=clipping))


def set_label(document: Document, layer_id: LayerId, label: ColorLabel) -> Document:
    return changed(document, layer_id, lambda layer: replace(layer, label=label))


def set_locks(document: Document, layer_id: LayerId, locks: Locks) -> Document:
    return changed(document, layer_id, lambda layer: replace(layer, locks=locks))


def set_ai_visible(document: Document, layer_id: LayerId, ai_visible: bool) -> Document:
    """Whether models may see the layer."""
    return changed(document, layer_id, lambda layer: replace(layer, ai_visible=ai_visible))


def set_ai_editable(document: Document, layer_id: LayerId, ai_editable: bool) -> Document:
    """Whether results of models may change the layer."""
    return changed(document, layer_id, lambda layer: replace(layer, ai_editable=ai_editable))


def set_expanded(document: Document, group_id: LayerId, expanded: bool) -> Document:
    """Whether the group's layers are listed in the panel. Raises DocumentError when it is not a group."""

    def change(layer: Layer) -> Layer:
        if not isinstance(layer, GroupLayer):
            raise DocumentError(f"“{layer.name}” is not a group.", "Choose a group.")
        return replace(layer, expanded=expanded)

    return changed(document, group_id, change)


def set_adjustment(document: Document, layer_id: LayerId, adjustment: Adjustment) -> Document:
    """Other parameters, or another kind, for an adjustment layer. Raises DocumentError for other layers."""

    def change(layer: Layer) -> Layer:
        if not isinstance(layer, AdjustmentLayer):
            raise DocumentError(f"“{layer.name}” is not an adjustment layer.", "Choose an adjustment layer.")
        return replace(layer, adjustment=adjustment)

    return changed(document, layer_id, change)


def set_provenance(document: Document, layer_id: LayerId, provenance: Provenance | None) -> Document:
    return changed(document, layer_id, lambda layer: replace(layer, provenance=provenance))


def set_metadata(document: Document, metadata: tuple[tuple[str, str], ...]) -> Document:
    """All (key, value) pairs at once."""
    return replace(document, metadata=metadata)


def set_guides(document: Document, columns: Sequence[int], rows: Sequence[int]) -> Document:
    """The lines to align to: x of the upright ones, y of the level ones, in canvas pixels."""
    return with_guides(document, Guides(tuple(sorted(set(columns))), tuple(sorted(set(rows)))))


def set_icc(document: Document, icc: bytes | None) -> Document:
    """Name the profile that the samples are in; they stay as they are."""
    return replace(document, icc=icc)


def set_ppi(document: Document, ppi: float) -> Document:
    """Pixels per inch, for print only. Raises DocumentError unless it is above 0."""
    if not 0 < ppi < float("inf"):
        raise DocumentError(f"A resolution of {ppi} pixels per inch is not possible.", "Use a number above 0.")
    return replace(document, ppi=ppi)


def convert_depth(document: Document, depth: Depth) -> Document:
    """The same picture with other bits per channel; 8 to 16 and back gives the same samples."""
    layers = tuple(
        everywhere(
            layer,
            lambda raster: _in_depth(raster, depth),
            lambda mask: replace(mask, pixels=mask.pixels.to_depth(depth)),
        )
        for layer in document.layers
    )
    return replace(document, depth=depth, layers=layers)


def _in_depth(layer: RasterLayer, depth: Depth) -> RasterLayer:
    """The layer with other bits; text that was not changed by hand is still that."""
    pixels, lettering = layer.pixels.to_depth(depth), layer.lettering
    if lettering is not None and lettering.digest == digest(layer.pixels):
        lettering = replace(lettering, digest=digest(pixels))
    return replace(layer, pixels=pixels, lettering=lettering)


def _share(value: float, what: str) -> float:
    if not 0.0 <= value <= 1.0:
        raise DocumentError(f"{what} {value} is not between 0 and 1.", "Use a value between 0 and 1.")
    return value
