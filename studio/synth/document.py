"""A scene as a layered document, in the stack that decomposition also delivers (DESIGN.md section 7)."""

from __future__ import annotations

import hashlib

import numpy as np

from studio.core.document import Document
from studio.core.geometry import ORIGIN, Point
from studio.core.layers import BlendMode, GroupLayer, Layer, LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.synth.patch import RGB8, Patch
from studio.synth.render import InstanceLayers, Render, render
from studio.synth.scene import Scene, to_json


def scene_document(scene: Scene, height_px: int) -> Document:
    """The scene's layers, 8 bit.

    Bottom `Background`, opaque; above it one pass-through group "Objects" that holds, back to front, a pass-through
    group per object named after it, with Shadow (multiply), Reflection (normal), Object (normal) and Glow (screen)
    as far as it has them, each trimmed to its bounds. The same scene and size give the same ids.
    """
    return render_document(render(scene, height_px))


def render_document(drawn: Render) -> Document:
    """As `scene_document`, from a render that is at hand."""
    identity = f"{to_json(drawn.scene)}@{drawn.size.height}"
    background = raster("Background", opaque(drawn.backdrop), ORIGIN, _id(identity, "Background"))
    names = unique_names([instance.name for instance in drawn.scene.instances])
    groups = tuple(_object_group(layers, name, identity) for layers, name in zip(drawn.layers, names, strict=True))
    objects = GroupLayer(id=_id(identity, "Objects"), name="Objects", children=groups)
    return Document(size=drawn.size, layers=(background, objects), metadata=(("title", "Practice scene"),))


def _object_group(layers: InstanceLayers, name: str, identity: str) -> Layer:
    place = f"{identity}/{layers.instance.id}"
    children = tuple(
        raster(part, patch.pixels, patch.origin, _id(place, part), mode) for part, patch, mode in layers.stack
    )
    return GroupLayer(id=_id(place, "group"), name=name, children=children)


def raster(
    name: str, pixels: RGB8, origin: Point, layer_id: LayerId, mode: BlendMode = BlendMode.NORMAL
) -> RasterLayer:
    """A raster layer from (h, w, 4) pixels, cut to what is visible."""
    cut = Patch(pixels, origin).trimmed()
    return RasterLayer(id=layer_id, name=name, blend=mode, pixels=PixelBuffer.from_array(cut.pixels), origin=cut.origin)


def opaque(pixels: RGB8) -> RGB8:
    """(H, W, 3) with full alpha added."""
    return np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])


def _id(*parts: str) -> LayerId:
    return LayerId(hashlib.blake2b("/".join(parts).encode(), digest_size=16).hexdigest())


def unique_names(names: list[str]) -> list[str]:
    """The same names, repeated ones numbered from 2."""
    counts: dict[str, int] = {}
    out = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        out.append(name if counts[name] == 1 else f"{name} {counts[name]}")
    return out
