"""A document in words: the layer tree, sizes, modes and provenance, as values for JSON and as lines for people."""

from __future__ import annotations

import json
from collections.abc import Iterator

from studio.core.document import Document
from studio.core.layers import AdjustmentLayer, GroupLayer, Layer, Layers, Locks

JsonObject = dict[str, object]


def describe(document: Document) -> JsonObject:
    """Everything `lamina info --json` prints; layers are listed top to bottom, as an artist reads them."""
    return {
        "width": document.size.width,
        "height": document.size.height,
        "depth": int(document.depth),
        "ppi": document.ppi,
        "icc_bytes": len(document.icc or b""),
        "metadata": dict(document.metadata),
        "layer_count": sum(1 for _ in document.walk()),
        "layers": [_layer(layer) for layer in reversed(document.layers)],
    }


def _layer(layer: Layer) -> JsonObject:
    bounds = layer.bounds
    told: JsonObject = {
        "name": layer.name,
        "kind": kind_of(layer),
        "bounds": [bounds.left, bounds.top, bounds.right, bounds.bottom],
        "visible": layer.visible,
        "opacity": round(layer.opacity, 4),
        "fill": round(layer.fill, 4),
        "blend": str(layer.blend),
        "clipping": layer.clipping,
        "label": str(layer.label),
        "locks": _locks(layer.locks),
        "visible_to_model": layer.ai_visible,
        "may_be_changed_by_model": layer.ai_editable,
    }
    if layer.mask is not None:
        mask = layer.mask
        box = mask.bounds
        told["mask"] = {
            "bounds": [box.left, box.top, box.right, box.bottom],
            "enabled": mask.enabled,
            "linked": mask.linked,
            "density": round(mask.density, 4),
        }
    if isinstance(layer, AdjustmentLayer):
        told["adjustment"] = type(layer.adjustment).__name__
    if layer.provenance is not None:
        made = layer.provenance
        told["provenance"] = {
            "plugin": made.plugin,
            "plugin_version": made.plugin_version,
            "engine": made.engine,
            "model_id": made.model_id,
            "model_hash": made.model_hash,
            "licence": made.licence,
            "prompt": made.prompt,
            "seed": made.seed,
            "parameters": json.loads(made.parameters),
            "inputs": dict(made.inputs),
            "created": made.created,
        }
    if isinstance(layer, GroupLayer):
        told["layers"] = [_layer(child) for child in reversed(layer.children)]
    return told


def kind_of(layer: Layer) -> str:
    """The kind as artists name it."""
    if isinstance(layer, GroupLayer):
        return "group"
    return "adjustment" if isinstance(layer, AdjustmentLayer) else "raster"


def _locks(locks: Locks) -> list[str]:
    return [name for name in ("alpha", "pixels", "position") if getattr(locks, name)]


def tree_lines(document: Document) -> list[str]:
    """The layer tree, top layer first, one line a layer."""
    return list(_lines(document.layers, ""))


def _lines(layers: Layers, indent: str) -> Iterator[str]:
    for layer in reversed(layers):
        yield f"{indent}{_line(layer)}"
        if isinstance(layer, GroupLayer):
            yield from _lines(layer.children, indent + "  ")


def _line(layer: Layer) -> str:
    bounds = layer.bounds
    parts = [f"{layer.name}  [{kind_of(layer)}]", str(layer.blend).replace("_", " "), f"{layer.opacity:.0%}"]
    if layer.fill < 1:
        parts.append(f"fill {layer.fill:.0%}")
    if not bounds.is_empty:
        parts.append(f"{bounds.width} x {bounds.height} at {bounds.left},{bounds.top}")
    if isinstance(layer, AdjustmentLayer):
        parts.append(type(layer.adjustment).__name__)
    if layer.mask is not None:
        parts.append("mask" if layer.mask.enabled else "mask off")
    flags = {"clipped": layer.clipping, "hidden": not layer.visible, "protected from the model": not layer.ai_editable}
    parts += [word for word, on in flags.items() if on]
    if layer.provenance is not None:
        parts.append(f"made by {layer.provenance.plugin}/{layer.provenance.engine}")
    return " · ".join(parts)
