"""Edits that replace layers by their composite.

A merge that cannot keep the picture, such as Multiply onto transparency, is refused unless the caller says that it may
change: the picture with and without the merge is compared before it is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from studio.core.changes import diff
from studio.core.compositing import composite_layers
from studio.core.document import Document
from studio.core.edits.targets import (
    Lock,
    changed,
    checked,
    group,
    outermost,
    path,
    require_unlocked,
    run_of,
    siblings,
    switched,
)
from studio.core.errors import DocumentError, LookChangesError
from studio.core.geometry import Point, Rect
from studio.core.layers import (
    BACKGROUND_NAME,
    BlendMode,
    GroupLayer,
    Layer,
    LayerId,
    Layers,
    RasterLayer,
    clipping_runs,
    new_layer_id,
    walk,
)
from studio.core.painting.mixing import premultiplied
from studio.core.pixels import TILE, PixelBuffer

LOOK_TOLERANCE = 2
"""Sample steps, at the document's depth, that rounding a merged layer may cost (premultiplied)."""
_ROUNDING = 0.01  # float32 shares of 16 bits do not hit a whole step exactly


def merge_down(document: Document, layer_id: LayerId, *, may_change_look: bool = False) -> Document:
    """Merge a layer with the one below it; the result keeps the lower one's id, name, label and switches.

    A layer clipped to the one below is merged into it. A base is merged with all that is clipped to it, into the base
    below with all that is clipped to that. Hidden layers among those are dropped, off-canvas pixels are kept.

    Raises DocumentError when there is nothing below, when one of the two is hidden or locked, or when the picture would
    change and `may_change_look` is not set.
    """
    parent, run = run_of(document, layer_id)
    layer = document.layer(layer_id)
    if layer is run[0]:
        lower = _run_below(document, parent, run)
        merged: Layers = (*lower, *run)
        target = lower[0]
        new = _replaced(target, flat_pixels(document, merged), BlendMode.NORMAL)
    else:
        target = run[run.index(layer) - 1]
        merged = (target, layer)
        new = _clipped_into(document, target, layer, is_base=target is run[0])
    _require_visible((layer, target))
    _require_pixels_unlocked(document, merged)
    new = switched(new, shown_layers(merged))
    out = changed(document, target.id, lambda _: new)
    for part in merged[1:]:
        out = changed(out, part.id, lambda _: None)
    if not may_change_look:
        _require_same_look(document, merged[-1].id, out, target.id)
    return out


def merge_layers(document: Document, ids: Sequence[LayerId], *, may_change_look: bool = False) -> Document:
    """Merge layers into one in the place of the topmost of them, whose id, name, label and switches it keeps.

    Groups and adjustments among them are drawn into it. Layers that are all clipped stay so, as one.
    Raises DocumentError for fewer than two layers, when one of them is hidden or locked, or when the picture would
    change and `may_change_look` is not set.
    """
    parts = outermost(document, ids)
    if len(parts) < 2:
        raise DocumentError("One layer alone cannot be merged.", "Choose two or more layers.")
    _require_visible(parts)
    _require_pixels_unlocked(document, parts)
    top = parts[-1]
    clipped = all(part.clipping for part in parts)
    drawn = tuple(replace(part, clipping=False) for part in parts) if clipped else parts
    new = replace(_replaced(top, flat_pixels(document, drawn), BlendMode.NORMAL), clipping=clipped)
    new = switched(new, (*_around(document, parts, new), *shown_layers(parts)))
    out = changed(document, top.id, lambda _: new)
    for part in parts[:-1]:
        out = changed(out, part.id, lambda _: None)
    if not may_change_look:
        _require_same_look(document, top.id, out, top.id)
    return out


def merge_visible(document: Document) -> Document:
    """Merge all that shows into one layer, off-canvas pixels included.

    It takes the place, id and name of the lowest visible layer of the top level. Hidden layers stay, in the groups that
    hold them, and so does all that is clipped to a hidden one.
    Raises DocumentError when fewer than two layers show, or when the pixels of one of them are locked.
    """
    hidden = _hidden(document.layers)
    shown = [layer for layer in document.layers if layer.visible]
    kept = {layer.id for layer in walk(hidden)}
    merged = [layer for layer in document.walk() if layer.id not in kept]
    if not shown or len(merged) < 2:
        raise DocumentError("Fewer than two layers show.", "Show what you want to merge.")
    for layer in merged:
        require_unlocked(document, layer.id, Lock.PIXELS)
    lowest = shown[0]
    new = replace(_replaced(lowest, flat_pixels(document, document.layers), BlendMode.NORMAL), clipping=False)
    new = switched(new, shown_layers(document.layers))
    if any(layer.id == new.id for layer in hidden):  # a group that goes on holding hidden layers keeps its own id
        new = replace(new, id=new_layer_id())
    below = {layer.id for layer in document.layers[: document.layers.index(lowest)]}
    index = sum(layer.id in below for layer in hidden)
    return checked(document.with_layers((*hidden[:index], new, *hidden[index:])))


def _hidden(layers: Layers) -> Layers:
    """The tree with only what does not show; a group that shows stays where something hidden is in it."""
    out: list[Layer] = []
    for run in clipping_runs(layers):
        for layer in run:
            if not run[0].visible or not layer.visible:
                out.append(layer)
            elif isinstance(layer, GroupLayer) and (inner := _hidden(layer.children)):
                out.append(replace(layer, children=inner))
    return tuple(out)


def merge_group(document: Document, group_id: LayerId, *, may_change_look: bool = False) -> Document:
    """Turn a group into one pixel layer with the group's id, name, mask, opacity and (unless pass-through) mode.

    Raises DocumentError when pixels in it are locked, or when the picture would change and `may_change_look` is not
    set.
    """
    old = group(document, group_id)
    _require_pixels_unlocked(document, (old,))
    pixels, origin = flat_pixels(document, old.children)
    new = switched(as_raster(old, pixels, origin, _raster_blend(old)), shown_layers(old.children))
    out = changed(document, group_id, lambda _: new)
    if not may_change_look:
        _require_same_look(document, group_id, out, group_id)
    return out


def flatten(document: Document, name: str = BACKGROUND_NAME, *, layer_id: LayerId | None = None) -> Document:
    """One layer that holds the picture, transparency included; what lies off the canvas goes.

    Args:
        layer_id: the id of that layer; a fresh one unless given.
    """
    pixels = PixelBuffer.from_array(composite_layers(document, document.layers))
    new = switched(RasterLayer(id=layer_id or new_layer_id(), name=name, pixels=pixels), shown_layers(document.layers))
    return checked(document.with_layers((new,)))


def _run_below(document: Document, parent: LayerId | None, run: Layers) -> Layers:
    runs = list(clipping_runs(siblings(document, parent)))
    index = next(index for index, other in enumerate(runs) if other[0].id == run[0].id)
    if index == 0:
        raise DocumentError(f"There is nothing below “{run[0].name}” to merge with.", "Choose a layer above another.")
    return runs[index - 1]


def _clipped_into(document: Document, target: Layer, layer: Layer, *, is_base: bool) -> RasterLayer:
    """`layer`, which is clipped, merged into `target` right below it: the base, or another layer clipped to that."""
    if not is_base:
        flat = flat_pixels(document, tuple(replace(part, clipping=False) for part in (target, layer)))
        return _replaced(target, flat, BlendMode.NORMAL)
    # The base's mode, opacity, fill and mask act on the whole clipping run, so they stay with it.
    plain = replace(target, blend=BlendMode.NORMAL, opacity=1.0, fill=1.0, mask=None, clipping=False)
    return as_raster(target, *flat_pixels(document, (plain, layer)), _raster_blend(target))


def _raster_blend(layer: Layer) -> BlendMode:
    """The layer's mode, where a pixel layer can have it."""
    return BlendMode.NORMAL if layer.blend is BlendMode.PASS_THROUGH else layer.blend


def _replaced(target: Layer, flat: tuple[PixelBuffer, Point], blend: BlendMode) -> RasterLayer:
    """A pixel layer in the place of `target`, whose opacity, fill and mask are already in the pixels."""
    return replace(as_raster(target, *flat, blend), opacity=1.0, fill=1.0, mask=None)


def as_raster(layer: Layer, pixels: PixelBuffer, origin: Point, blend: BlendMode) -> RasterLayer:
    """A pixel layer with all that `layer` has in common with it; foreign blocks are about the old kind, so they go."""
    return RasterLayer(
        id=layer.id,
        name=layer.name,
        visible=layer.visible,
        opacity=layer.opacity,
        fill=layer.fill,
        blend=blend,
        clipping=layer.clipping,
        mask=layer.mask,
        locks=layer.locks,
        label=layer.label,
        ai_visible=layer.ai_visible,
        ai_editable=layer.ai_editable,
        pixels=pixels,
        origin=origin,
    )


def flat_pixels(document: Document, layers: Layers) -> tuple[PixelBuffer, Point]:
    """The composite of some layers on their own, off-canvas pixels included, trimmed, and where it starts."""
    bounds = Rect.union(layer.bounds for layer in layers)
    pixels = PixelBuffer(bounds.size, document.depth)
    for strip in strips(bounds):
        pixels = pixels.with_rect(strip.origin - bounds.origin, composite_layers(document, layers, strip))
    trimmed, shift = pixels.trimmed()
    return trimmed, bounds.origin + shift


def shows(layer: Layer) -> bool:
    """Whether anything of the layer can be seen."""
    return layer.visible and layer.opacity > 0 and layer.fill > 0


def shown_layers(layers: Sequence[Layer]) -> Iterator[Layer]:
    """Every layer that shows, bottom to top, a group before its children."""
    for run in clipping_runs(layers):
        for layer in run if shows(run[0]) else ():
            if shows(layer):
                yield layer
                if isinstance(layer, GroupLayer):
                    yield from shown_layers(layer.children)


def _around(document: Document, parts: Sequence[Layer], new: Layer) -> Iterator[Layer]:
    """The groups and bases that `parts` leave when they become `new`, which stands where the layer of its id did."""
    stays_in = {layer.id for layer in _governors(document, new.id, clipped=new.clipping)}
    for part in parts:
        yield from (layer for layer in _governors(document, part.id) if layer.id not in stays_in)


def _governors(document: Document, layer_id: LayerId, *, clipped: bool = True) -> Iterator[Layer]:
    """The groups that hold a layer, the bases that these are clipped to and, with `clipped`, the layer's own base."""
    *groups, layer = path(document, layer_id)
    for step in (*groups, layer) if clipped else groups:
        base = run_of(document, step.id)[1][0]
        yield from (other for other in (base, step) if other is not layer)


def strips(rect: Rect) -> Iterator[Rect]:
    """`rect` from top to bottom in rows of tiles, so that a large one needs no array of its size."""
    for top in range(rect.top, rect.bottom, TILE):
        yield Rect(rect.left, top, rect.right, min(rect.bottom, top + TILE))


def _require_visible(layers: Sequence[Layer]) -> None:
    for layer in layers:
        if not layer.visible:
            raise DocumentError(f"“{layer.name}” is hidden, so it cannot be merged.", "Show it first.")


def _require_pixels_unlocked(document: Document, layers: Sequence[Layer]) -> None:
    for layer in layers:
        require_unlocked(document, layer.id, Lock.PIXELS, inside=True)


def _require_same_look(old: Document, old_top: LayerId, new: Document, new_top: LayerId) -> None:
    """Raise LookChangesError when the pictures up to and with the named layers differ by more than rounding.

    What lies above them is left out: it may hide a difference, or blow up the rounding.
    """
    before = old.with_layers(_up_to(old.layers, old_top))
    after = new.with_layers(_up_to(new.layers, new_top))
    for strip in strips(diff(before, after).dirty):
        pictures = [premultiplied(composite_layers(root, root.layers, strip)) for root in (before, after)]
        if np.abs(pictures[0] - pictures[1]).max(initial=0.0) * before.depth.top > LOOK_TOLERANCE + _ROUNDING:
            raise LookChangesError(
                f"Merging into “{new.layer(new_top).name}” would change the picture: "
                "a blend mode or an adjustment acts on what lies below.",
                "Merge it with what lies below too, or allow the picture to change.",
            )


def _up_to(layers: Layers, top: LayerId) -> Layers:
    """The tree without what lies above the layer `top`, which shows, and so do the groups that hold it."""
    for index, layer in enumerate(layers):
        if layer.id == top:
            return (*layers[:index], replace(layer, visible=True))
        if isinstance(layer, GroupLayer) and (inner := _up_to(layer.children, top)):
            shown = replace(layer, children=inner, visible=True, opacity=1.0, fill=1.0, mask=None)
            return (*layers[:index], shown)
    return ()
