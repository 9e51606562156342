"""Layers that a recipe made: how they are marked when they are made, and how a new result takes their place.

A result's layers keep where they stand, their names, masks, opacities and modes, and how far they were moved. What was
changed by hand is told by a digest of the pixels as they were made, and is kept as a layer of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from studio.core.document import Document
from studio.core.geometry import ORIGIN, Point, Rect
from studio.core.layers import (
    GroupLayer,
    Layer,
    LayerId,
    Layers,
    Place,
    Provenance,
    RasterLayer,
    inserted,
    named_after,
    new_layer_id,
    path_to,
    place_of,
    walk,
)
from studio.core.pixels import Depth, PixelBuffer

EDITED_NAME = "{name} (by hand)"
"""What hand edits on a result are called, in English; see `named_after`."""


def marked(layers: Sequence[Layer], made: Provenance) -> Layers:
    """The layers of one result, each with its part, place and digest. Layers without provenance get `made`."""
    return tuple(_marked(layer, made, part) for part, layer in _parts(layers, ""))


def _marked(layer: Layer, made: Provenance, part: str) -> Layer:
    own = replace(
        layer.provenance or made,
        run=made.run,
        job=made.job,
        steps=made.steps,
        canvas_width=made.canvas_width,
        canvas_height=made.canvas_height,
        replaces=made.replaces,
        part=part,
    )
    if isinstance(layer, GroupLayer):
        children = tuple(_marked(child, made, inner) for inner, child in _parts(layer.children, f"{part}/"))
        return replace(layer, provenance=own, children=children)
    if isinstance(layer, RasterLayer):
        bounds = content_bounds(layer)
        own = replace(
            own, x=bounds.left, y=bounds.top, width=bounds.width, height=bounds.height, digest=digest(layer.pixels)
        )
    return replace(layer, provenance=own)


def _parts(layers: Sequence[Layer], above: str) -> Iterator[tuple[str, Layer]]:
    """Siblings with their parts: the path of names, numbered where several have one name."""
    seen: dict[str, int] = {}
    for layer in layers:
        name = layer.name.replace("/", "|")
        seen[name] = number = seen.get(name, 0) + 1
        yield f"{above}{name}" + (f"#{number}" if number > 1 else ""), layer


def digest(pixels: PixelBuffer) -> str:
    """ "depth:hex", a BLAKE2b of what shows of the pixels; margins and colours that do not show make no difference."""
    shown, _ = pixels.trimmed()
    samples = shown.read()
    samples[samples[..., -1] == 0] = 0
    state = hashlib.blake2b(f"{shown.size.width}x{shown.size.height}".encode(), digest_size=16)
    state.update(np.ascontiguousarray(samples).data)
    return f"{int(pixels.depth)}:{state.hexdigest()}"


def content_bounds(layer: RasterLayer) -> Rect:
    """The part of the canvas that the layer's pixels show on."""
    shown = layer.pixels.shown_rect()
    return Rect.at(layer.origin + shown.origin, shown.size)


def is_edited(layer: RasterLayer) -> bool:
    """Whether its pixels were changed since a recipe made them; False for layers that no recipe made."""
    made = layer.provenance
    if made is None or not made.digest:
        return False
    depth = Depth(int(made.digest.partition(":")[0]))
    return digest(layer.pixels.to_depth(depth)) != made.digest


def root_of(document: Document, layer_id: LayerId) -> Layer | None:
    """The outermost layer of the result that a layer belongs to; None when no recipe made it."""
    steps = path_to(document.layers, layer_id)
    run = next((made.run for layer in reversed(steps) if (made := layer.provenance) is not None and made.run), "")
    return next(
        (layer for layer in steps if run and layer.provenance is not None and layer.provenance.run == run), None
    )


def without_result(layers: Layers, run: str) -> Layers:
    """The tree as it would be without the layers of one run; what was put into their groups by hand goes with them."""
    kept: list[Layer] = []
    for layer in layers:
        if layer.provenance is not None and layer.provenance.run == run:
            continue
        if isinstance(layer, GroupLayer):
            layer = replace(layer, children=without_result(layer.children, run))
        kept.append(layer)
    return tuple(kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class InPlace:
    """A document in which a new result took an older one's place; `kept` names layers whose hand edits stayed."""

    document: Document
    kept: tuple[str, ...] = ()


def put_in_place(
    document: Document,
    root: LayerId,
    layers: Sequence[Layer],
    originals: Sequence[Layer] = (),
    edited_name: str = EDITED_NAME,
) -> InPlace | None:
    """Give the result below `root` the pixels of a new one; None when that layer is gone or no recipe made it.

    Parts that the new result does not have go, unless they were edited by hand; new parts come beside their siblings.

    Args:
        layers: the new result, marked.
        originals: the old result as it was made, where it is still known: then hand edits are told apart from what
            lies below them, else the whole edited layer is kept, hidden.
        edited_name: what to call hand edits; “{name}” stands for the name of the layer that they were made on.
    """
    old = document.find(root)
    if old is None or old.provenance is None or not old.provenance.run:
        return None
    work = _Replacing(document, old, with_run(layers, old.provenance.run), originals, edited_name)
    return InPlace(document=document.with_layers(work.result()), kept=tuple(work.kept))


@dataclass(slots=True)
class _Replacing:
    document: Document
    root: Layer
    layers: Sequence[Layer]
    originals: Sequence[Layer]
    edited_name: str
    kept: list[str] = field(default_factory=list[str])
    run: str = ""
    new: dict[str, Layer] = field(default_factory=dict[str, Layer])
    old: dict[str, Layer] = field(default_factory=dict[str, Layer])
    as_made: dict[str, Layer] = field(default_factory=dict[str, Layer])

    def __post_init__(self) -> None:
        assert self.root.provenance is not None
        self.run = self.root.provenance.run
        self.new = {_part(layer): layer for layer in walk(self.layers)}
        self.as_made = {_part(layer): layer for layer in walk(self.originals)}
        # Those below the root first: a copy of the result elsewhere has the same parts.
        for layer in (*walk((self.root,)), *self.document.walk()):
            if layer.provenance is not None and layer.provenance.run == self.run:
                self.old.setdefault(layer.provenance.part, layer)

    def result(self) -> Layers:
        place = place_of(self.document.layers, self.root.id)
        assert place is not None
        layers = self._walked(self.document.layers)
        fresh = [self._fresh(layer) for layer in self.layers if _part(layer) not in self.old]
        if fresh:
            standing = next((key for layer in self.layers if (key := self._standing(layer, layers)) is not None), None)
            above = place if standing is None else place_of(layers, standing)
            assert above is not None
            at = above.index + (0 if standing is None else 1)
            layers = inserted(layers, Place(above.parent, at), fresh)
        return layers

    def _standing(self, layer: Layer, layers: Layers) -> LayerId | None:
        """The id under which a part of the new result stands in the tree already."""
        old = self.old.get(_part(layer))
        return old.id if old is not None and place_of(layers, old.id) is not None else None

    def _walked(self, layers: Layers) -> Layers:
        out: list[Layer] = []
        for layer in layers:
            if self.old.get(_part(layer)) is layer:
                out += self._replaced(layer)
            elif isinstance(layer, GroupLayer):
                out.append(replace(layer, children=self._walked(layer.children)))
            else:
                out.append(layer)
        return tuple(out)

    def _replaced(self, old: Layer) -> Layers:
        """What stands in a layer's place: its new self, and hand edits above it."""
        new = self.new.get(_part(old))
        if isinstance(old, GroupLayer):
            return self._replaced_group(old, new)
        edits = self._hand_edits(old) if isinstance(old, RasterLayer) else None
        above = () if edits is None else (edits,)
        if isinstance(old, RasterLayer) and isinstance(new, RasterLayer):
            moved = replace(
                old,
                pixels=new.pixels.to_depth(self.document.depth),
                origin=new.origin + self._offset(old),
                mask=old.mask or new.mask,
                provenance=new.provenance,
            )
            return (moved, *above)
        if new is not None:
            return (replace(self._fresh(new), id=old.id, name=old.name), *above)
        return above

    def _replaced_group(self, old: GroupLayer, new: Layer | None) -> Layers:
        children = self._walked(old.children)
        if not isinstance(new, GroupLayer):  # its part is gone: only what was put into it stays
            return () if not children else (replace(old, children=children, provenance=None),)
        last = -1
        for child in new.children:
            part = _part(child)
            at = next((i for i, layer in enumerate(children) if self._is(layer, part)), None)
            if at is None and part not in self.old:
                last += 1
                children = (*children[:last], self._fresh(child), *children[last:])
            elif at is not None:
                last = at
        return (replace(old, children=children, provenance=new.provenance),)

    def _is(self, layer: Layer, part: str) -> bool:
        return layer.provenance is not None and (layer.provenance.run, layer.provenance.part) == (self.run, part)

    def _fresh(self, new: Layer) -> Layer:
        """A part that was not there before, moved as the rest of the result was."""
        rasters = [layer for layer in self.old.values() if isinstance(layer, RasterLayer)]
        offset = self._offset(rasters[0]) if rasters else ORIGIN
        return _settled(new, offset, self.document.depth)

    def _offset(self, old: RasterLayer) -> Point:
        """How far a layer was moved since it was made; not at all where the canvas is another one now."""
        made, now = old.provenance, content_bounds(old)
        assert made is not None
        if not self._same_canvas(made):
            return ORIGIN
        if (now.width, now.height) == (made.width, made.height):
            return Point(now.left - made.x, now.top - made.y)
        return next((offset for other in self.old.values() if (offset := _plain_offset(other)) is not None), ORIGIN)

    def _same_canvas(self, made: Provenance) -> bool:
        """Whether the new result was made for the canvas that the old one was: their places can be compared."""
        new = next((layer.provenance for layer in self.layers if layer.provenance is not None), None)
        sizes = {(one.canvas_width, one.canvas_height) for one in (made, new) if one is not None}
        return len(sizes) == 1

    def _hand_edits(self, old: RasterLayer) -> RasterLayer | None:
        """What was painted on a layer since it was made, as a layer; None when nothing was."""
        if not is_edited(old):
            return None
        self.kept.append(old.name)
        kept = replace(old, id=new_layer_id(), name=named_after(old, self.edited_name), provenance=None)
        original = self.as_made.get(_part(old))
        if not isinstance(original, RasterLayer):
            return replace(kept, visible=False)
        pixels, origin = _painted(old, original, self._offset(old))
        return replace(kept, pixels=pixels, origin=origin)


def _part(layer: Layer) -> str:
    return "" if layer.provenance is None else layer.provenance.part


def _plain_offset(layer: Layer) -> Point | None:
    """How far a layer was moved that has the size it was made with; None for others."""
    if not isinstance(layer, RasterLayer) or layer.provenance is None:
        return None
    made, now = layer.provenance, content_bounds(layer)
    same = (now.width, now.height) == (made.width, made.height)
    return Point(now.left - made.x, now.top - made.y) if same else None


def _settled(layer: Layer, offset: Point, depth: Depth) -> Layer:
    """A new layer under an id of its own, moved, at the document's depth."""
    mask = layer.mask
    if mask is not None:
        mask = replace(mask, pixels=mask.pixels.to_depth(depth), origin=mask.origin + offset)
    layer = replace(layer, id=new_layer_id(), mask=mask)
    if isinstance(layer, GroupLayer):
        return replace(layer, children=tuple(_settled(child, offset, depth) for child in layer.children))
    if isinstance(layer, RasterLayer):
        return replace(layer, pixels=layer.pixels.to_depth(depth), origin=layer.origin + offset)
    return layer


def _painted(now: RasterLayer, original: RasterLayer, offset: Point) -> tuple[PixelBuffer, Point]:
    """The pixels that differ from those that were made, on nothing; and where they lie."""
    area = Rect.union((now.bounds, original.bounds.moved(offset)))
    after = now.pixels.read(area.moved(-now.origin))
    before = original.pixels.to_depth(now.pixels.depth).read(area.moved(-(original.origin + offset)))
    after[(after == before).all(axis=2)] = 0
    pixels, inside = PixelBuffer.from_array(after).trimmed()
    return pixels, area.origin + inside


def with_run(layers: Sequence[Layer], run: str) -> Layers:
    """The layers of a result as part of an older run, whose place they take."""
    return tuple(_with_run(layer, run) for layer in layers)


def _with_run(layer: Layer, run: str) -> Layer:
    made = layer.provenance
    layer = replace(layer, provenance=None if made is None else replace(made, run=run))
    if isinstance(layer, GroupLayer):
        return replace(layer, children=with_run(layer.children, run))
    return layer
