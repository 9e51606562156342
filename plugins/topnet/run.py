"""From a request to an answer: take the object out of the picture, search, and place it or say where it could go."""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from studio.core.compositing import composite, composite_layers
from studio.core.document import Document
from studio.core.errors import ShapeError, StudioError
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import Layer, LayerId, Layers, RasterLayer, mapped
from studio.core.pixels import Depth, Pixels, to_depth
from studio.plugin_api.context import Context
from studio.plugin_api.interactions import Box, Candidate, Candidates, HeatMap, Regions, Suggestions
from studio.plugin_api.results import Figure, Results, group, raster
from studio.retouch import cast_shadow, match_light

from .bins import Place
from .engines import Loaded, load
from .method import Ranking, Stage, Wishes, resized, tight_crop
from .params import Params

KEPT_STAGES = 4
SMALLEST_PX = 16
"""A picture with a shorter side shows no place to put something."""
_stages: OrderedDict[tuple[str, str], Stage] = OrderedDict()
"""Backgrounds encoded last, by engine and hash of their pixels: while one object is dragged, only it is looked at."""


def run(ctx: Context, params: Params) -> Results:
    """Find places for the object; put it at the chosen or best one unless only suggestions are asked for."""
    ctx.progress("Looking at the object", 0.1)
    name, thing, rest = _object(ctx, params)
    _require_room(rest.size, params.centre)
    ctx.progress("Looking at the picture", 0.3)
    engine = load(ctx.identity.engine)
    picture = _opaque(rest)
    ranking = _stage(engine, picture).score(thing)
    ctx.progress("Choosing places", 0.8)
    found = ranking.best(params.top, _wishes(params, rest))
    if not found:
        raise StudioError(
            f"“{name}” fits nowhere within these limits.",
            "Let it overlap other layers, or leave its size and place free.",
        )
    told = {"suggestions": {"places": _suggested(ranking, found)}, "figures": _figures(found)}
    if params.suggest:
        return Results(layers=(), **told)
    chosen = params.places.choice
    area = chosen.box.rect if chosen is not None else _rect(found[0])
    made = replace(ctx.provenance(params, {"picture": picture, "object": thing}), model_hash=engine.model_hash)
    pixels = to_depth(resized(tight_crop(thing), area.width, area.height), ctx.depth)
    placed = raster(name, pixels, area.origin, provenance=made)
    layers = _finished(params, rest, placed)
    below = LayerId(params.behind) if params.behind else None
    return Results(layers=(group(f"{name} placed", layers, provenance=made),), below=below, **told)


def _finished(params: Params, rest: Document, placed: RasterLayer) -> Layers:
    """The placed object with the shadow below it and the curves above it that were asked for."""
    document = rest.with_layers((*rest.layers, placed))
    if params.shadow:
        document = cast_shadow(document, placed.id)
    if params.light:
        document = match_light(document, placed.id)
    return document.layers[len(rest.layers) :]


def _object(ctx: Context, params: Params) -> tuple[str, NDArray[np.uint8], Document]:
    """The object's name, its (h, w, 4) pixels, and the document without it. Raises StudioError."""
    if params.object:
        thing = np.asarray(ctx.array("object"))
        return "Object", _masked(ctx, params, thing), ctx.document
    if not params.layer:
        raise StudioError("No object is chosen.", "Choose the layer with the object, or a file.")
    layer = ctx.layer(params.layer)
    rest = ctx.document.with_layers(mapped(ctx.document.layers, layer.id, lambda _: None))
    if not isinstance(layer, RasterLayer):
        raise StudioError(f"“{layer.name}” has no pixels of its own.", "Choose a layer with an object on it.")
    # All of it, also what lies beyond the canvas.
    return layer.name, _eight(composite_layers(ctx.document, (layer,), layer.bounds)), rest


def _masked(ctx: Context, params: Params, thing: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if not params.mask:
        return thing
    mask = np.asarray(ctx.array("mask"))
    if mask.shape[:2] != thing.shape[:2]:
        sizes = f"{mask.shape[1]} x {mask.shape[0]} px, the picture {thing.shape[1]} x {thing.shape[0]} px"
        raise ShapeError(f"The object's mask does not fit: it is {sizes}.", "Give a mask of the picture's size.")
    cut = thing.copy()
    cut[:, :, 3] = np.minimum(thing[:, :, 3], mask[:, :, :3].max(axis=2))
    return cut


def _require_room(size: Size, centre: tuple[float, float] | None) -> None:
    """Raise StudioError for a picture too small to hold something, and for a centre that is not on it."""
    if min(size.width, size.height) < SMALLEST_PX:
        raise StudioError(
            f"The picture is too small to place something in: {size.width} x {size.height} px.",
            f"Choose one of at least {SMALLEST_PX} px on each side.",
        )
    if centre is not None and not (0 <= centre[0] < size.width and 0 <= centre[1] < size.height):
        raise StudioError(
            f"The centre {centre[0]:g},{centre[1]:g} is not on the picture.",
            f"It reaches from 0,0 to {size.width - 1},{size.height - 1}.",
        )


def _opaque(rest: Document) -> NDArray[np.uint8]:
    """(H, W, 3) of what the object is to be put into, over grey where there is nothing."""
    flat = _eight(composite(rest)).astype(np.float32)
    alpha = flat[:, :, 3:] / 255
    return np.rint(flat[:, :, :3] * alpha + 128 * (1 - alpha)).astype(np.uint8)


def _stage(engine: Loaded, picture: NDArray[np.uint8]) -> Stage:
    """The encoded background, kept from the last time if it is the same."""
    digest = hashlib.blake2b(picture.tobytes(), digest_size=16, key=str(picture.shape).encode()).hexdigest()
    key = (engine.model_hash, digest)
    stage = _stages.pop(key, None) or Stage.of(engine.network, picture)
    _stages[key] = stage
    while len(_stages) > KEPT_STAGES:
        _stages.popitem(last=False)
    return stage


def _wishes(params: Params, rest: Document) -> Wishes:
    """The limits that the parameters set. Masks come from the layers' own pixels."""
    behind = rest.find(LayerId(params.behind)) if params.behind else None
    others = [layer for layer in rest.layers[1:] if layer.visible and layer is not behind]
    return Wishes(
        at=params.centre,
        scale=params.scale or None,
        inside=_inside(params.inside, rest),
        clear=_solid(rest, others) if params.clear and others else None,
        behind=_solid(rest, [behind]) if behind is not None else None,
    )


def _inside(boxes: Regions, rest: Document) -> NDArray[np.bool_] | None:
    """(H, W) where the object may be: in one of the boxes, and in what is selected."""
    if not boxes and rest.selection is None:
        return None
    size = rest.size
    out = np.full((size.height, size.width), not boxes)
    for region in boxes:
        out[region.box.rect.intersect(size.rect).slices()] = True
    return out if rest.selection is None else out & (rest.selection.read() >= 128)


def _solid(document: Document, layers: Sequence[Layer]) -> NDArray[np.bool_]:
    """(H, W) where one of the layers is."""
    return _eight(composite_layers(document, layers))[:, :, 3] >= 128


def _suggested(ranking: Ranking, found: list[Place]) -> Suggestions:
    """Scores as shares of the best one, since only their differences mean something."""
    best = max(place.score for place in found)
    shares = [math.exp(place.score - best) for place in found]
    candidates = tuple(
        Candidate(box=Box.of(_rect(place)), score=round(share, 4)) for place, share in zip(found, shares, strict=True)
    )
    area = Box(0, 0, round(ranking.picture.width), round(ranking.picture.height))
    return Suggestions(Candidates(places=candidates), HeatMap(ranking.heat(found[0].scale), area))


def _figures(found: list[Place]) -> dict[str, Figure]:
    """The places for the report: left, top, width and height in pixels, and the score."""
    figures: dict[str, Figure] = {"best_scale": found[0].scale}
    for number, place in enumerate(found, 1):
        box = _rect(place)
        figures[f"place_{number}"] = f"{box.left},{box.top},{box.width},{box.height} score {place.score:.2f}"
    return figures


def _rect(place: Place) -> Rect:
    """Whole pixels, at least one of them."""
    left, top, _, _ = place.edges
    size = Size(max(1, round(place.width)), max(1, round(place.height)))
    return Rect.at(Point(round(left), round(top)), size)


def _eight(pixels: Pixels) -> NDArray[np.uint8]:
    return to_depth(pixels, Depth.EIGHT).astype(np.uint8, copy=False)
