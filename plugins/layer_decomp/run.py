"""From a request to result layers: find the objects' masks, decompose, and name the layers of the stack."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.core import difference
from studio.core.compositing import composite
from studio.core.errors import ShapeError, StudioError
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import BlendMode, GroupLayer, Layer, Provenance
from studio.core.pixels import Depth, Pixels, to_depth
from studio.cutout.beyond import fading_out
from studio.cutout.fill import Filler
from studio.cutout.segment import segment_box, segment_point
from studio.plugin_api.context import PREVIEW_SIDE_PX, Context
from studio.plugin_api.params import BoxPick, MaskPick, Pick
from studio.plugin_api.results import Figure, Placement, Results, group, raster

from .method import Decomposition, Mode, ObjectLayers, Options, PlacedPixels, decompose
from .params import Params

SEGMENT_SHARE = 0.1
FOUND_TINT = (70, 160, 255, 150)


def run(ctx: Context, params: Params) -> Results:
    """Separate `params.objects` from the picture; the group replaces it."""
    if not params.objects:
        raise StudioError("No object is marked.", "Give a mask, a box around an object, or a point on it.")
    picture = ctx.picture()
    opaque, notices = _over_white(picture)
    eight = np.ascontiguousarray(to_depth(opaque, Depth.EIGHT)[..., :3]).astype(np.uint8, copy=False)
    masks: list[NDArray[np.bool_]] = []
    for index, pick in enumerate(params.objects):
        ctx.progress("Finding the objects", SEGMENT_SHARE * index / len(params.objects))
        masks.append(_mask(ctx, pick, eight, index))
        ctx.preview(_found(masks))
    options = Options(mode=Mode(params.mode), filler=Filler(params.filler), shadows=params.shadows, seed=ctx.seed)

    def progress(stage: str, share: float) -> None:
        ctx.progress(stage, SEGMENT_SHARE + (1 - SEGMENT_SHARE) * share)

    found = decompose(np.ascontiguousarray(opaque[..., :3]), masks, options, progress, ctx.check_cancelled)
    inputs = {"picture": picture, **{f"mask {index}": mask for index, mask in enumerate(masks, 1)}}
    names = [pick.name or f"Object {index}" for index, pick in enumerate(params.objects, 1)]
    stack = _stack(found, names, ctx.provenance(params, inputs))
    shown = composite(ctx.document.with_layers((stack,)))
    return Results(
        layers=(stack,),
        placement=Placement.REPLACE_SOURCE,
        figures=_figures(found, difference.measure(opaque, shown)),
        notices=notices,
    )


def _found(masks: list[NDArray[np.bool_]]) -> Pixels:
    """A tint over the objects found so far, small: who sees that a wrong one was found can stop here."""
    step = max(1, max(masks[0].shape) // PREVIEW_SIDE_PX)
    covered = np.any([mask[::step, ::step] for mask in masks], axis=0)
    tint = np.zeros((*covered.shape, 4), np.uint8)
    tint[covered] = FOUND_TINT
    return tint


def _over_white(picture: Pixels) -> tuple[Pixels, tuple[str, ...]]:
    """The picture made opaque: the background of the stack has no holes."""
    top = Depth.of(picture).top
    if bool((picture[..., 3] == top).all()):
        return picture, ()
    alpha = picture[..., 3:].astype(np.float32) / top
    flat = picture.copy()
    flat[..., :3] = np.rint(picture[..., :3] * alpha + top * (1 - alpha)).astype(picture.dtype)
    flat[..., 3] = top
    return flat, ("The picture has transparent parts; they were put on white, because the background layer is opaque.",)


def _mask(ctx: Context, pick: Pick, picture: NDArray[np.uint8], index: int) -> NDArray[np.bool_]:
    """(H, W) bool of one picked object. Raises ShapeError when a mask has another size than the picture."""
    if isinstance(pick, BoxPick):
        return segment_box(picture, Rect.at(Point(pick.x, pick.y), Size(pick.width, pick.height)))
    if not isinstance(pick, MaskPick):
        return segment_point(picture, Point(pick.x, pick.y))
    mask = ctx.array(pick.array)
    if mask.shape != picture.shape[:2]:
        sizes = f"{mask.shape[1]} x {mask.shape[0]} px, the picture {picture.shape[1]} x {picture.shape[0]} px"
        raise ShapeError(f"Mask {index + 1} does not fit: it is {sizes}.", "Give a mask of the picture's size.")
    return mask >= 128


def _stack(found: Decomposition, names: list[str], made: Provenance) -> GroupLayer:
    """Background at the bottom, then a group per object, back to front: shadow, residual, object."""
    opaque = np.full((*found.background.shape[:2], 1), np.iinfo(found.background.dtype).max, found.background.dtype)
    background = raster("Background", np.concatenate([found.background, opaque], axis=2), provenance=made)
    size = Size(found.background.shape[1], found.background.shape[0])
    objects = [_object_group(layers, names[layers.index], size, made) for layers in found.objects]
    return group("Decomposition", [background, *objects], provenance=made)


def _object_group(layers: ObjectLayers, name: str, size: Size, made: Provenance) -> GroupLayer:
    children: list[Layer] = []
    if layers.shadow is not None:
        shadow = PlacedPixels(*fading_out(layers.shadow.pixels, layers.shadow.origin, size))
        children.append(_layer("Shadow", shadow, BlendMode.MULTIPLY, made))
    if layers.residual is not None:
        children.append(_layer("Residual", layers.residual, BlendMode.NORMAL, made))
    children.append(_layer(name, layers.object, BlendMode.NORMAL, made))
    return group(name, children, provenance=made)


def _layer(name: str, placed: PlacedPixels, blend: BlendMode, made: Provenance) -> Layer:
    return raster(name, placed.pixels, placed.origin, blend=blend, provenance=made, trim=True)


def _figures(found: Decomposition, recomposed: difference.Difference) -> dict[str, Figure]:
    """What the report prints; the recomposition is measured on the layers themselves, by the compositor."""
    figures: dict[str, Figure] = {
        "recomposition_max_255": recomposed.max_255,
        "recomposition_psnr_db": recomposed.psnr_db,
    }
    figures |= {name: value for name, value in found.metrics.items() if not name.startswith("recomposition")}
    figures["fillers"] = ", ".join(f"{layers.filler}" for layers in found.objects)
    return figures
