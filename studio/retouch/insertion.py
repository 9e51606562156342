"""Edits that make an inserted layer belong: its colours follow the picture's, and it casts a shadow as others do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from studio.core.adjustments import Curves
from studio.core.compositing import SCALES, Compositor, composite_layers
from studio.core.document import Document
from studio.core.edits.structure import add_layers
from studio.core.edits.targets import own_place, raster, run_of
from studio.core.errors import DocumentError
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import (
    AdjustmentLayer,
    BlendMode,
    GroupLayer,
    Layer,
    LayerId,
    Layers,
    RasterLayer,
    mapped,
    new_layer_id,
)
from studio.core.opencv import cv2
from studio.core.painting.mixing import Reals, color_shares, rounded
from studio.core.pixels import PixelBuffer, Pixels

if TYPE_CHECKING:
    from studio.cutout.insertion import Light

MATCHED, SHADOW = "Matched light", "Cast shadow"
_LOOKED_AT_PX = 512
_AROUND = 0.5
"""How far the surroundings of an object reach, in its larger side."""


def match_light(
    document: Document,
    layer_id: LayerId,
    strength: float = 0.5,
    *,
    name: str = MATCHED,
    new_id: LayerId | None = None,
) -> Document:
    """Bring a layer's colours towards those around it, by curves clipped to it; `strength` 0..1 is how far.

    Raises DocumentError for a layer without pixels on the canvas, and when there is nothing behind it.
    """
    from studio.cutout.insertion import curve_of, matching_gains

    layer = raster(document, layer_id)
    if not 0 <= strength <= 1:
        raise DocumentError(f"Colours cannot be matched by {strength:g}.", "Choose a strength between 0 and 1.")
    shown = layer.pixels.shown_rect().moved(layer.origin).intersect(document.canvas)
    if shown.is_empty:
        raise DocumentError(f"“{layer.name}” shows nothing on the canvas.", "Choose a layer with something on it.")
    rest = _small_picture(document.with_layers(mapped(document.layers, layer_id, lambda _: None)))
    seen = _reduced(rest[..., 3].astype(np.float32) / np.float32(document.depth.top))
    if not (seen > 0.5).any():
        raise DocumentError("There is nothing behind the layer to follow.", "Put it above a picture.")
    scene = _reduced(color_shares(rest))
    step = max(1, max(shown.width, shown.height) // _LOOKED_AT_PX)
    own = layer.pixels.read(shown.moved(-layer.origin))[::step, ::step]
    near = _around(shown, document.size, scene.shape[:2]) * seen
    alpha = own[..., 3].astype(np.float32) / np.float32(document.depth.top)
    gains = matching_gains(color_shares(own), alpha, scene, near, strength)
    red, green, blue = (curve_of(gain) for gain in gains)
    curves = AdjustmentLayer(
        id=new_id or new_layer_id(), name=name, adjustment=Curves(red=red, green=green, blue=blue), clipping=True
    )
    return add_layers(document, (curves,), own_place(document, layer_id, higher=1))


def cast_shadow(
    document: Document,
    layer_id: LayerId,
    *,
    across: float | None = None,
    down: float | None = None,
    depth: float | None = None,
    name: str = SHADOW,
    new_id: LayerId | None = None,
) -> Document:
    """Put a shadow below a layer, on a layer of its own that multiplies.

    Args:
        across, down: where its tip lies from the object's foot, in heights of the object; x to the right, y down.
        depth: 0..1 how much light is gone at the foot.

    What is not given follows the shadows that objects of the document have as layers, else falls to the lower right.
    Raises DocumentError for a layer that shows nothing, and for values out of range.
    """
    from studio.cutout.insertion import LONGEST, Light
    from studio.cutout.insertion import cast_shadow as cast

    layer = document.layer(layer_id)
    found = scene_light(document, layer_id) or Light()
    light = Light(
        found.across if across is None else across,
        found.down if down is None else down,
        found.depth if depth is None else depth,
    )
    if max(abs(light.across), abs(light.down)) > LONGEST or not 0 <= light.depth <= 1:
        raise DocumentError("The shadow would be too long or too dark.", f"Keep its length within {LONGEST:g} heights.")
    bounds = layer.bounds
    alpha = _coverage(document, layer, bounds)
    made = cast(alpha, light)
    shares = np.zeros((*made.share.shape, 4), np.float32)
    shares[..., 3] = made.share
    pixels, shift = PixelBuffer.from_array(rounded(shares, document.depth)).trimmed()
    if not pixels.tiles:
        raise DocumentError(f"“{layer.name}” casts no shadow.", "Choose a layer with something solid on it.")
    shadow = RasterLayer(
        id=new_id or new_layer_id(),
        name=name,
        pixels=pixels,
        origin=bounds.origin + Point(made.left, made.top) + shift,
        blend=BlendMode.MULTIPLY,
    )
    _, run = run_of(document, layer_id)
    return add_layers(document, (shadow,), own_place(document, run[0].id))


def scene_light(document: Document, ignoring: LayerId | None = None) -> Light | None:
    """The light that the document's objects with shadow layers stand in; None when there are none.

    An object with its shadow is a group that holds a multiplying layer below a normal one, as decompositions do.
    """
    from studio.cutout.insertion import light_of

    def pairs() -> Iterator[tuple[Reals, Reals]]:
        for thing, shadow in _with_shadows(document.layers, ignoring):
            area = Rect.union((thing.bounds, shadow.bounds))
            yield _reduced(_coverage(document, thing, area)), _reduced(_taken_away(shadow, area))

    return light_of(pairs())


def _small_picture(document: Document) -> Pixels:
    """All layers composited, no smaller than needs to be looked at."""
    longer = max(document.size.width, document.size.height)
    scale = max((scale for scale in SCALES if scale * _LOOKED_AT_PX <= longer), default=1)
    return Compositor().render(document, scale=scale)


def _with_shadows(layers: Layers, ignoring: LayerId | None) -> Iterator[tuple[RasterLayer, RasterLayer]]:
    """(object, shadow) of the groups that hold both."""
    for layer in layers:
        if not isinstance(layer, GroupLayer) or not layer.visible or layer.id == ignoring:
            continue
        parts = [part for part in layer.children if isinstance(part, RasterLayer) and part.visible]
        shadows = [part for part in parts if part.blend is BlendMode.MULTIPLY and not part.clipping]
        things = [part for part in parts if part.blend is BlendMode.NORMAL and part.id != ignoring]
        if shadows and things:
            yield things[-1], shadows[0]
        yield from _with_shadows(layer.children, ignoring)


def _coverage(document: Document, layer: Layer, area: Rect) -> Reals:
    """(h, w) 0..1 of a layer on its own."""
    alone = composite_layers(document, (layer,), area)
    return alone[..., 3].astype(np.float32) / np.float32(document.depth.top)


def _taken_away(shadow: RasterLayer, area: Rect) -> Reals:
    """(h, w) 0..1 share of light that a multiplying layer takes away."""
    samples = shadow.pixels.read(area.moved(-shadow.origin))
    alpha = samples[..., 3].astype(np.float32) / np.float32(shadow.pixels.depth.top)
    return (1 - color_shares(samples).mean(axis=2)) * alpha * np.float32(shadow.opacity)


def _reduced(plane: Reals) -> Reals:
    """Its longer side no larger than what needs to be looked at."""
    factor = min(1.0, _LOOKED_AT_PX / max(plane.shape[:2]))
    size = max(1, round(plane.shape[1] * factor)), max(1, round(plane.shape[0] * factor))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def _around(shown: Rect, canvas: Size, shape: tuple[int, int]) -> Reals:
    """(h, w) weight of what surrounds a rectangle of the canvas, in a reduced picture of it."""
    factor = shape[1] / canvas.width, shape[0] / canvas.height
    reach = round(_AROUND * max(shown.width, shown.height))
    wide = shown.grown(reach)
    out = np.full(shape, 1e-3, np.float32)
    top, bottom = max(0, int(wide.top * factor[1])), max(1, round(wide.bottom * factor[1]))
    left, right = max(0, int(wide.left * factor[0])), max(1, round(wide.right * factor[0]))
    out[top:bottom, left:right] = 1
    return out
