"""Where a plugin's layers go in a document that may have changed since they were asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from studio.core import edits
from studio.core.document import Document
from studio.core.generative import EDITED_NAME, put_in_place
from studio.core.layers import GroupLayer, Layer, LayerId, Layers, RasterLayer, inserted, walk
from studio.core.pixels import Depth
from studio.plugin_api.results import Placement, Results


class Source(StrEnum):
    """What became of the layers that a job was asked for, since it was."""

    AS_ASKED = "as_asked"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Remade:
    """A result took an older one's place. `kept` names layers whose hand edits became layers of their own.

    `is_gone` tells that the older result was not there any more, so that the new one was put on top.
    """

    root: LayerId
    kept: tuple[str, ...] = ()
    is_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultNames:
    """What layers are called, in the user's language: those that no plugin named, and what `layer` makes of a plugin's
    own name. “{name}” stands for a layer's name.
    """

    group: str = "Results"
    edited: str = EDITED_NAME
    layer: Callable[[str], str] = str

    def named(self, layers: Layers) -> Layers:
        """A result's layers under the names that they get in the document."""
        return tuple(
            replace(layer, name=self.layer(layer.name), children=self.named(layer.children))
            if isinstance(layer, GroupLayer)
            else replace(layer, name=self.layer(layer.name))
            for layer in layers
        )

    def of_group(self, results: Results) -> str:
        """What to call a group of the result's layers."""
        return results.layers[0].name if len(results.layers) == 1 else self.group


def unknown(document: Document, results: Results) -> Document:
    """What to give `placed` when nobody knows any more what a result was made from: it then replaces nothing."""
    depths = (buffer.depth for buffer in document.with_layers(results.layers).buffers())
    return Document(size=document.size, depth=next(depths, document.depth))


def placed(document: Document, results: Results, asked: Document) -> tuple[Document, Source]:
    """The document with a result in it: below the layer it names, in place of its one source layer, or on top.

    Only a lone raster layer is replaced that the model may see and change, and only while it is in every field what it
    was in `asked`, the document that the result was made from; one that was changed meanwhile stays below the result.
    """
    layers, new = document.layers, _fitted(document, results.layers, asked.depth)
    if results.below is not None:
        if document.find(results.below) is None:
            return document.with_layers((*layers, *new)), Source.GONE
        place = edits.place_beside(document, results.below, above=False)
        return document.with_layers(inserted(layers, place, new)), Source.AS_ASKED
    sources = [layer for layer in asked.layers if layer.visible and layer.ai_visible]
    if sources and not any(document.find(layer.id) for layer in sources):
        return document.with_layers((*layers, *new)), Source.GONE
    lone = sources[0] if results.placement is Placement.REPLACE_SOURCE and len(sources) == 1 else None
    if not (isinstance(lone, RasterLayer) and lone.ai_editable):
        return document.with_layers((*layers, *new)), Source.AS_ASKED
    at = next((index for index, layer in enumerate(layers) if layer.id == lone.id), None)
    if at is None:
        return document.with_layers((*layers, *new)), Source.CHANGED
    if layers[at] != lone:
        return document.with_layers((*layers[: at + 1], *new, *layers[at + 1 :])), Source.CHANGED
    return document.with_layers((*layers[:at], *new, *layers[at + 1 :])), Source.AS_ASKED


def placed_again(
    document: Document, results: Results, root: LayerId, as_made: Sequence[Layer], names: ResultNames
) -> tuple[Document, Remade]:
    """The document with a result in place of the older one whose outermost layer is `root`; on top when that is gone.

    Args:
        as_made: the layers of the older result as they came out, none when those are not kept.
    """
    found = put_in_place(document, root, results.layers, as_made, names.edited)
    if found is not None:
        return found.document, Remade(root, found.kept)
    on_top = edits.place_results(document, names.of_group(results), results.layers)
    return on_top, Remade(root, is_gone=True)


def _fitted(document: Document, layers: Layers, depth: Depth) -> Layers:
    """Layers of that depth made to fit the document: in its own depth, under ids that it does not have yet."""
    if depth is not document.depth:
        layers = edits.convert_depth(Document(size=document.size, depth=depth, layers=layers), document.depth).layers
    taken = {layer.id for layer in document.walk()}
    return tuple(
        edits.with_new_ids(layer) if any(inner.id in taken for inner in walk((layer,))) else layer for layer in layers
    )
