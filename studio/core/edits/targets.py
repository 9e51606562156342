"""Finding the layers that an edit is about, and asking whether they may be changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum

from studio.core.document import Document
from studio.core.errors import DocumentError
from studio.core.layers import (
    GroupLayer,
    Layer,
    LayerId,
    Layers,
    Mask,
    Place,
    RasterLayer,
    clipping_runs,
    mapped,
    path_to,
    place_of,
    walk,
)


class Lock(StrEnum):
    """The fields of `Locks`, each with the words for what it protects."""

    ALPHA = "alpha"
    PIXELS = "pixels"
    POSITION = "position"

    @property
    def words(self) -> str:
        return "transparency" if self is Lock.ALPHA else str(self)


def changed(document: Document, layer_id: LayerId, change: Callable[[Layer], Layer | None]) -> Document:
    """The document with one layer changed, or taken out when `change` returns None."""
    return document.with_layers(mapped(document.layers, layer_id, change))


def everywhere(layer: Layer, own: Callable[[RasterLayer], RasterLayer], masks: Callable[[Mask], Mask]) -> Layer:
    """The layer with `own` applied to every raster layer in it and `masks` to every mask."""
    mask = None if layer.mask is None else masks(layer.mask)
    match layer:
        case GroupLayer():
            return replace(layer, mask=mask, children=tuple(everywhere(child, own, masks) for child in layer.children))
        case RasterLayer():
            return replace(own(layer), mask=mask)
        case _:
            return replace(layer, mask=mask)


def checked(document: Document) -> Document:
    """The document itself. Raises DocumentError with the first broken invariant."""
    faults = document.check()
    if faults:
        raise DocumentError(f"That would break the document: {faults[0]}", detail=" ".join(faults))
    return document


def path(document: Document, layer_id: LayerId) -> Layers:
    """The groups that hold the layer, outermost first, and the layer. Raises DocumentError when it is not there."""
    found = path_to(document.layers, layer_id)
    if not found:
        raise DocumentError("That layer is no longer in the document.", detail=f"layer {layer_id}")
    return found


def own_place(document: Document, layer_id: LayerId, *, higher: int = 0) -> Place:
    """Where a layer stands, or so many places higher among its siblings. Raises DocumentError when it is not there."""
    place = place_of(document.layers, layer_id)
    if place is None:
        raise DocumentError("That layer is no longer in the document.", detail=f"layer {layer_id}")
    return replace(place, index=place.index + higher)


def raster(document: Document, layer_id: LayerId) -> RasterLayer:
    """The layer, which must have pixels. Raises DocumentError."""
    layer = document.layer(layer_id)
    if not isinstance(layer, RasterLayer):
        raise DocumentError(f"“{layer.name}” has no pixels of its own.", "Choose a pixel layer.")
    return layer


def group(document: Document, layer_id: LayerId) -> GroupLayer:
    """The layer, which must be a group. Raises DocumentError."""
    layer = document.layer(layer_id)
    if not isinstance(layer, GroupLayer):
        raise DocumentError(f"“{layer.name}” is not a group.", "Choose a group.")
    return layer


def siblings(document: Document, parent: LayerId | None) -> Layers:
    """The layers inside a group, or at the top level."""
    return document.layers if parent is None else group(document, parent).children


def run_of(document: Document, layer_id: LayerId) -> tuple[LayerId | None, Layers]:
    """The parent, and the clipping run (base first) that the layer belongs to."""
    steps = path(document, layer_id)
    parent = steps[-2].id if len(steps) > 1 else None
    runs = clipping_runs(siblings(document, parent))
    return parent, next(run for run in runs if any(layer.id == layer_id for layer in run))


def outermost(document: Document, ids: Iterable[LayerId]) -> tuple[Layer, ...]:
    """The named layers from bottom to top, without those inside another of them.

    Raises DocumentError when one is not there, or when none is named.
    """
    wanted = set(ids)
    for layer_id in wanted:
        document.layer(layer_id)
    found = tuple(_outermost(document.layers, wanted))
    if not found:
        raise DocumentError("No layer is chosen.", "Choose a layer first.")
    return found


def _outermost(layers: Sequence[Layer], wanted: set[LayerId]) -> Iterator[Layer]:
    for layer in layers:
        if layer.id in wanted:
            yield layer
        elif isinstance(layer, GroupLayer):
            yield from _outermost(layer.children, wanted)


def switched(new: RasterLayer, parts: Iterable[Layer]) -> RasterLayer:
    """What one of the layers that it was made of withholds from models, or protects from them, the new one does too."""
    made_of = (new, *parts)
    return replace(
        new,
        ai_visible=all(layer.ai_visible for layer in made_of),
        ai_editable=all(layer.ai_editable for layer in made_of),
    )


def lock_holder(document: Document, layer_id: LayerId, lock: Lock, *, inside: bool = False) -> Layer | None:
    """The layer that has `lock` set: itself, a group that holds it or, with `inside`, a layer in it; None when free."""
    steps = path(document, layer_id)
    concerned = [*steps, *(walk(steps[-1:]) if inside else ())]
    return next((layer for layer in concerned if getattr(layer.locks, lock)), None)


def require_unlocked(document: Document, layer_id: LayerId, *locks: Lock, inside: bool = False) -> None:
    """Raise DocumentError when the layer, or a group that holds it, has one of `locks` set.

    Args:
        inside: also ask the layers inside it, for edits that reach them.
    """
    for lock in locks:
        holder = lock_holder(document, layer_id, lock, inside=inside)
        if holder is not None:
            raise DocumentError(f"“{holder.name}” has its {lock.words} locked.", "Unlock it in the layer panel.")
