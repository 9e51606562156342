"""Paints plainly what it was asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.core.errors import StudioError
from studio.core.geometry import Point
from studio.core.layers import Layer, RasterLayer
from studio.plugin_api.context import Context
from studio.plugin_api.interactions import Box, Candidate, Candidates, HeatMap, Suggestions
from studio.plugin_api.params import BoxPick, MaskPick
from studio.plugin_api.results import Results, group, raster

from .params import Look, Params


def run(ctx: Context, params: Params) -> Results:
    """One layer for each parameter that asks for something."""
    for round_ in range(params.rounds):
        ctx.progress(f"Painting {round_ + 1} of {params.rounds}", round_ / params.rounds)
    if params.title == "Fail":
        raise StudioError("The paint has dried up.", "Choose another title.", "tube 7")
    if params.find_places and params.place.choice is None:
        return Results(layers=(), suggestions={"place": _suggestions(ctx)})
    made = ctx.provenance(params, {"picture": ctx.picture()}, prompt=params.prompt)
    layers: list[Layer] = []

    def paint(name: str, box: Box, color: tuple[int, int, int]) -> None:
        layers.append(raster(name, _square(ctx, params, box, color), Point(box.x, box.y), provenance=made))

    for number, region in enumerate(params.regions, 1):
        paint(region.label or f"Region {number}", region.box, (200, 40 * number, 0))
    for entry in params.cast:
        red, green, blue = (int(entry.color[i : i + 2], 16) for i in (1, 3, 5))
        paint(entry.phrase or "Nobody", entry.box, (red, green, blue))
    for number, pick in enumerate(params.subjects, 1):
        paint(pick.name or f"Subject {number}", _box_of(ctx, pick), (255, 255, 255))
    for operation in params.moves:
        paint(f"{ctx.layer(operation.layer).name}: {operation.kind}", operation.target, (0, 0, 255))
    for number, card in enumerate(params.scenes):
        paint(card.caption or f"Scene {number}", Box(0, 4 * number, card.frames, 3), (0, 255, 0))
    if params.stamp and params.place.choice is not None:
        box = params.place.choice.box
        layers.append(raster("Stamp", _at_depth(ctx, ctx.array("stamp")), Point(box.x, box.y), provenance=made))
    if params.base:
        base = ctx.layer(params.base)
        assert isinstance(base, RasterLayer)
        red, green, blue = (int(value) for value in base.pixels.read().reshape(-1, 4).mean(axis=0)[:3])
        paint("Mean", Box(0, ctx.document.size.height - 4, 4, 4), (red, green, blue))
    if not layers:
        paint("Ground", Box.of(ctx.document.canvas), (120, 120, 120))
    figures = {"layers": len(layers), "strength": params.strength}
    return Results(layers=(group(params.title, layers, provenance=made),), figures=figures, notices=("Painted.",))


def _square(ctx: Context, params: Params, box: Box, color: tuple[int, int, int]) -> NDArray[np.uint8 | np.uint16]:
    samples = np.full((box.height, box.width, 4), (*color, 255), np.uint8)
    if params.look is Look.NOISY:
        noise = np.random.default_rng(ctx.seed).integers(0, 256, (box.height, box.width, 3))
        samples[..., :3] = noise.astype(np.uint8)
    samples[..., 3] = round(255 * params.strength)
    return _at_depth(ctx, samples)


def _at_depth(ctx: Context, samples: NDArray[np.uint8]) -> NDArray[np.uint8 | np.uint16]:
    return samples if ctx.depth == 8 else samples.astype(np.uint16) * np.uint16(257)


def _box_of(ctx: Context, pick: object) -> Box:
    if isinstance(pick, BoxPick):
        return Box(pick.x, pick.y, pick.width, pick.height)
    if isinstance(pick, MaskPick):
        rows, columns = np.nonzero(ctx.array(pick.array) >= 128)
        left, top = int(columns.min()), int(rows.min())
        return Box(left, top, int(columns.max()) + 1 - left, int(rows.max()) + 1 - top)
    return Box(getattr(pick, "x", 0) - 2, getattr(pick, "y", 0) - 2, 5, 5)


def _suggestions(ctx: Context) -> Suggestions:
    width, height = ctx.document.size.width, ctx.document.size.height
    columns = np.linspace(0, 1, 16, dtype=np.float32)
    heat = HeatMap(np.repeat(columns[None], 16, axis=0), Box(0, 0, width, height))
    boxes = (Box(width // 2, 8, 12, 10), Box(4, height // 2, 8, 8))
    places = tuple(Candidate(box=box, score=0.9 - 0.3 * index) for index, box in enumerate(boxes))
    return Suggestions(Candidates(places=places), heat)
