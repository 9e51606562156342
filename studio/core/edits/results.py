"""What AI commands do to a document: what they may see, where results go, and what they must leave alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from studio.core.document import Document
from studio.core.edits.structure import with_new_ids
from studio.core.edits.targets import checked, everywhere, own_place, path, run_of
from studio.core.layers import (
    BlendMode,
    GroupLayer,
    Layer,
    LayerId,
    Layers,
    Place,
    clipping_runs,
    inserted,
    new_layer_id,
    walk,
)
from studio.core.pixels import Depth


class Harm(StrEnum):
    """What happened to a layer that models may not change."""

    CHANGED = "changed"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Violation:
    """One protected layer that an edit did not leave alone."""

    layer: LayerId
    name: str
    harm: Harm

    def __str__(self) -> str:
        return f"“{self.name}” was {self.harm}."


def place_results(
    document: Document,
    group_name: str,
    layers: Sequence[Layer],
    above: LayerId | None = None,
    *,
    group_id: LayerId | None = None,
) -> Document:
    """Put the layers of one AI result (bottom to top) into one new pass-through group.

    It goes directly above the layer `above` and what is clipped to that; on top when there is no such layer any more.
    A protected group is not entered: the results go above it. A single group that has the name already is placed as it
    is. Layers of another depth are converted, and ids that the document has already are renewed.

    Args:
        group_id: the id of the new group; a fresh one unless given.
    """
    taken = {layer.id for layer in document.walk()}
    new = tuple(_fitted(layer, document.depth, taken) for layer in layers)
    only = new[0] if len(new) == 1 else None
    if isinstance(only, GroupLayer) and only.name == group_name:
        result: Layer = only
    else:
        result = GroupLayer(id=group_id or new_layer_id(), name=group_name, children=new, blend=BlendMode.PASS_THROUGH)
    return checked(document.with_layers(inserted(document.layers, _place_above(document, above), (result,))))


def place_beside(document: Document, layer_id: LayerId, *, above: bool) -> Place:
    """Directly above or below a layer's clipping run; a protected group that holds it is not entered.

    Raises DocumentError when it is not there.
    """
    steps = path(document, layer_id)
    shut = next((layer for layer in steps[:-1] if not layer.ai_editable), steps[-1])
    _, run = run_of(document, shut.id)
    return own_place(document, run[-1].id, higher=1) if above else own_place(document, run[0].id)


def withhold(document: Document) -> Document:
    """The document as models may see it: without layers closed to them, what is inside those or clipped to them.

    File-level foreign blocks go too, because some hold a preview of everything; and the selection with the channels,
    which may show the outlines of what is closed.
    """
    return replace(document, layers=_seen(document.layers), foreign=(), selection=None, channels=())


def protected_violations(old: Document, new: Document) -> list[Violation]:
    """Protected layers that `new` does not hold exactly as `old` did; an AI result with any must be rejected.

    A layer is protected when models may not change it, or a group that holds it. It must be the same in every field and
    every sample, in the same group, and in the same order among the protected layers there.
    """
    before = {spot.layer.id: spot for spot in _spots(old.layers) if spot.protected}
    after = {spot.layer.id: spot for spot in _spots(new.layers)}
    reordered = _reordered(before, after)
    found: list[Violation] = []
    for layer_id, spot in before.items():
        now = after.get(layer_id)
        if now is None:
            found.append(Violation(layer_id, spot.layer.name, Harm.REMOVED))
        elif now.layer != spot.layer:
            found.append(Violation(layer_id, spot.layer.name, Harm.CHANGED))
        elif now.parent != spot.parent or layer_id in reordered:
            found.append(Violation(layer_id, spot.layer.name, Harm.MOVED))
    return found


@dataclass(frozen=True, slots=True)
class _Spot:
    """A layer, the group it is in, and whether it or a group above it is closed to models."""

    layer: Layer
    parent: LayerId | None
    protected: bool


def _spots(layers: Layers, parent: LayerId | None = None, protected: bool = False) -> Iterator[_Spot]:
    """Every layer, bottom to top."""
    for layer in layers:
        spot = _Spot(layer, parent, protected or not layer.ai_editable)
        yield spot
        if isinstance(layer, GroupLayer):
            yield from _spots(layer.children, layer.id, spot.protected)


def _reordered(before: Mapping[LayerId, _Spot], after: Mapping[LayerId, _Spot]) -> set[LayerId]:
    """Layers of `before` whose order among those that stayed in the same group is another one in `after`."""
    stayed = {key for key, spot in before.items() if key in after and after[key].parent == spot.parent}
    out: set[LayerId] = set()
    for parent in {before[key].parent for key in stayed}:
        was = [key for key in before if key in stayed and before[key].parent == parent]
        now = [key for key in after if key in stayed and before[key].parent == parent]
        out |= {key for key, other in zip(was, now, strict=True) if key != other}
    return out


def _fitted(layer: Layer, depth: Depth, taken: set[LayerId]) -> Layer:
    """The layer at the document's depth, under ids that it does not have yet."""
    if any(inner.id in taken for inner in walk((layer,))):
        layer = with_new_ids(layer)
    return everywhere(
        layer,
        lambda raster: replace(raster, pixels=raster.pixels.to_depth(depth)),
        lambda mask: replace(mask, pixels=mask.pixels.to_depth(depth)),
    )


def _place_above(document: Document, above: LayerId | None) -> Place:
    if above is None or document.find(above) is None:
        return Place(None, len(document.layers))
    return place_beside(document, above, above=True)


def _seen(layers: Layers) -> Layers:
    out: list[Layer] = []
    for run in clipping_runs(layers):
        if run[0].ai_visible:
            out += (layer for layer in run if layer.ai_visible)
    return tuple(
        replace(layer, children=_seen(layer.children)) if isinstance(layer, GroupLayer) else layer for layer in out
    )
