"""Edits of the tree: add, remove, move, duplicate, group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from studio.core.document import Document
from studio.core.edits.targets import Lock, changed, checked, group, outermost, path, require_unlocked, siblings
from studio.core.errors import DocumentError
from studio.core.layers import (
    COPY_NAME,
    BlendMode,
    GroupLayer,
    Layer,
    LayerId,
    Layers,
    Place,
    inserted,
    named_after,
    new_layer_id,
    place_of,
)


def add_layers(document: Document, layers: Sequence[Layer], place: Place) -> Document:
    """Put new layers (bottom to top) in at `place`; the index is clipped to the siblings there.

    Raises DocumentError when an id is taken, the depth is another one, or `place` is not inside a group.
    """
    return checked(document.with_layers(inserted(document.layers, place, layers)))


def remove_layers(document: Document, ids: Sequence[LayerId]) -> Document:
    """Take layers out, groups with all they hold. Raises DocumentError for one whose pixels are locked."""
    for layer in outermost(document, ids):
        require_unlocked(document, layer.id, Lock.PIXELS, inside=True)
        document = changed(document, layer.id, lambda _: None)
    return document


def move_layers(document: Document, ids: Sequence[LayerId], place: Place) -> Document:
    """Move layers to `place`, keeping their order; the index counts the siblings as they are now, moved ones included.

    Raises DocumentError when a group would go into itself.
    """
    moving = outermost(document, ids)
    names = {layer.id: layer.name for layer in moving}
    if place.parent is not None:
        for ancestor in path(document, place.parent):
            if ancestor.id in names:
                raise DocumentError(f"“{ancestor.name}” cannot go into itself.", "Choose a place outside it.")
    before = siblings(document, place.parent)[: max(0, place.index)]
    index = sum(layer.id not in names for layer in before)
    for layer in moving:
        document = changed(document, layer.id, lambda _: None)
    return document.with_layers(inserted(document.layers, Place(place.parent, index), moving))


def duplicate_layers(
    document: Document, ids: Sequence[LayerId], place: Place | None = None, *, name: str = COPY_NAME
) -> Document:
    """A copy directly above each of the layers, with new ids all through; pixels are shared, not copied.

    Args:
        place: put all the copies in there instead, in the order of the layers.
        name: what to call a copy; “{name}” stands for the layer's own.
    """
    copies = {
        layer.id: replace(with_new_ids(layer), name=named_after(layer, name)) for layer in outermost(document, ids)
    }
    if place is not None:
        return add_layers(document, tuple(copies.values()), place)
    for layer_id, copy in copies.items():
        own = place_of(document.layers, layer_id)
        if own is not None:
            document = document.with_layers(inserted(document.layers, Place(own.parent, own.index + 1), (copy,)))
    return document


def with_new_ids(layer: Layer) -> Layer:
    """The same layer, and all in it, under fresh ids."""
    if isinstance(layer, GroupLayer):
        return replace(layer, id=new_layer_id(), children=tuple(with_new_ids(child) for child in layer.children))
    return replace(layer, id=new_layer_id())


def group_layers(
    document: Document,
    ids: Sequence[LayerId],
    name: str = "Group",
    *,
    blend: BlendMode = BlendMode.PASS_THROUGH,
    group_id: LayerId | None = None,
) -> Document:
    """Gather layers, in their order, in a new group where the topmost of them is.

    Args:
        group_id: the id of the new group; a fresh one unless given.
    """
    children = outermost(document, ids)
    new = GroupLayer(id=group_id or new_layer_id(), name=name, blend=blend, children=children)
    for layer in children[:-1]:
        document = changed(document, layer.id, lambda _: None)
    return checked(changed(document, children[-1].id, lambda _: new))


def ungroup(document: Document, group_id: LayerId) -> Document:
    """Put the group's layers in its place; its own mask, opacity and mode are lost."""
    place = place_of(document.layers, group_id)
    children: Layers = group(document, group_id).children
    without = changed(document, group_id, lambda _: None)
    return document.with_layers(inserted(without.layers, place, children)) if place else document
