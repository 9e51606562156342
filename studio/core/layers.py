"""Layers as frozen values: raster, group and adjustment; masks, locks, provenance; and walking the tree.

Children are ordered bottom to top. A layer is changed with `dataclasses.replace`; its id stays the same for life.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NewType, TypeAlias

from studio.core.adjustments import Adjustment
from studio.core.errors import DocumentError
from studio.core.geometry import EMPTY, ORIGIN, Point, Rect
from studio.core.lettering import Lettering
from studio.core.pixels import PixelBuffer

LayerId = NewType("LayerId", str)


def new_layer_id() -> LayerId:
    """A fresh id, unique over all documents."""
    return LayerId(uuid.uuid4().hex)


class BlendMode(StrEnum):
    """Photoshop's 27 modes, and pass-through for groups. The values are our stored names."""

    PASS_THROUGH = "pass_through"
    NORMAL = "normal"
    DISSOLVE = "dissolve"
    DARKEN = "darken"
    MULTIPLY = "multiply"
    COLOR_BURN = "color_burn"
    LINEAR_BURN = "linear_burn"
    DARKER_COLOR = "darker_color"
    LIGHTEN = "lighten"
    SCREEN = "screen"
    COLOR_DODGE = "color_dodge"
    LINEAR_DODGE = "linear_dodge"
    LIGHTER_COLOR = "lighter_color"
    OVERLAY = "overlay"
    SOFT_LIGHT = "soft_light"
    HARD_LIGHT = "hard_light"
    VIVID_LIGHT = "vivid_light"
    LINEAR_LIGHT = "linear_light"
    PIN_LIGHT = "pin_light"
    HARD_MIX = "hard_mix"
    DIFFERENCE = "difference"
    EXCLUSION = "exclusion"
    SUBTRACT = "subtract"
    DIVIDE = "divide"
    HUE = "hue"
    SATURATION = "saturation"
    COLOR = "color"
    LUMINOSITY = "luminosity"


class ColorLabel(StrEnum):
    """The sheet colour shown beside the layer's name."""

    NONE = "none"
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    VIOLET = "violet"
    GRAY = "gray"


@dataclass(frozen=True, slots=True, kw_only=True)
class Locks:
    """What hand edits may not change: transparency, pixels, position."""

    alpha: bool = False
    pixels: bool = False
    position: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """A pixel mask: one channel at `origin` on the canvas; outside the buffer its value is `pixels.fill`.

    `linked` masks move with their layer. `density` 0..1 pulls it towards white: effective = 1 - density * (1 - mask).
    """

    pixels: PixelBuffer
    origin: Point = ORIGIN
    enabled: bool = True
    linked: bool = True
    density: float = 1.0

    @property
    def bounds(self) -> Rect:
        return Rect.at(self.origin, self.pixels.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """How a layer's pixels came to be; kept in the project, OpenRaster attributes and PSD XMP.

    `parameters` is the JSON text of the plugin's parameters; `inputs` maps an input's role to its pixels' BLAKE2b.
    `created` is ISO 8601 in UTC; `model_hash` and `licence` are empty where no model was used. `steps` None is the
    engine's own number.

    The last fields are what running the recipe again in place needs; see `studio.core.generative`. Layers of one result
    share `run`, and keep it when they are made anew; `job` is the job that made these pixels. `part` is the layer's
    place in the result by the names that the plugin gave, `x` to `height` and `digest` what its pixels were there.
    `canvas_width` and `canvas_height` are what it was made for; `replaces` tells that the result took the place of the
    layer it was made from.
    """

    plugin: str
    engine: str
    plugin_version: str = ""
    model_id: str = ""
    model_hash: str = ""
    licence: str = ""
    prompt: str = ""
    seed: int | None = None
    parameters: str = "{}"
    inputs: tuple[tuple[str, str], ...] = ()
    created: str = ""
    steps: int | None = None
    run: str = ""
    job: str = ""
    part: str = ""
    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0
    digest: str = ""
    canvas_width: int = 0
    canvas_height: int = 0
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class ForeignBlock:
    """Bytes that a file format carries and we do not understand, kept so that writing the same format returns them."""

    format: str
    key: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerBase:
    """What every layer has. `opacity` scales layer and effects, `fill` the layer's own pixels; both 0..1."""

    id: LayerId = field(default_factory=new_layer_id)
    name: str = "Layer"
    visible: bool = True
    opacity: float = 1.0
    fill: float = 1.0
    blend: BlendMode = BlendMode.NORMAL
    clipping: bool = False
    mask: Mask | None = None
    locks: Locks = Locks()
    label: ColorLabel = ColorLabel.NONE
    ai_visible: bool = True
    ai_editable: bool = True
    provenance: Provenance | None = None
    foreign: tuple[ForeignBlock, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterLayer(LayerBase):
    """Straight RGBA pixels whose first pixel lies at `origin` on the canvas; off-canvas pixels are kept.

    `lettering` is the text that they were drawn of, for a text layer.
    """

    pixels: PixelBuffer
    origin: Point = ORIGIN
    lettering: Lettering | None = None

    @property
    def bounds(self) -> Rect:
        return Rect.at(self.origin, self.pixels.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLayer(LayerBase):
    """Layers drawn together: onto what lies below with pass-through, else on their own first and blended as one."""

    children: tuple[Layer, ...] = ()
    blend: BlendMode = BlendMode.PASS_THROUGH
    expanded: bool = True

    @property
    def bounds(self) -> Rect:
        return Rect.union(child.bounds for child in self.children)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentLayer(LayerBase):
    """Changes the colours of what lies below it, inside its group."""

    adjustment: Adjustment

    @property
    def bounds(self) -> Rect:
        """Empty: an adjustment has no pixels of its own; it acts on the whole canvas, or inside its mask."""
        return EMPTY


Layer: TypeAlias = RasterLayer | GroupLayer | AdjustmentLayer
Layers: TypeAlias = tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a layer is, or goes: inside `parent` (None is the top level) at `index`, counted from the bottom."""

    parent: LayerId | None
    index: int


def walk(layers: Sequence[Layer]) -> Iterator[Layer]:
    """Every layer, bottom to top, a group before its children."""
    for layer in layers:
        yield layer
        if isinstance(layer, GroupLayer):
            yield from walk(layer.children)


def listed(layers: Sequence[Layer]) -> Iterator[Layer]:
    """Every layer in the order of a layer panel: topmost first, a group before its children."""
    for layer in reversed(layers):
        yield layer
        if isinstance(layer, GroupLayer):
            yield from listed(layer.children)


def clipping_runs(siblings: Sequence[Layer]) -> Iterator[Layers]:
    """Siblings in runs, bottom to top: a base and the layers clipped to it.

    The first layer of a run is its base. Only the lowest run may start with a clipping layer, which has no base and is
    drawn as if it were not clipping.
    """
    start = 0
    for index in range(1, len(siblings) + 1):
        if index == len(siblings) or not siblings[index].clipping:
            yield tuple(siblings[start:index])
            start = index


def find(layers: Sequence[Layer], layer_id: LayerId) -> Layer | None:
    return next((layer for layer in walk(layers) if layer.id == layer_id), None)


def path_to(layers: Sequence[Layer], layer_id: LayerId) -> tuple[Layer, ...]:
    """The groups that hold the layer, outermost first, and the layer itself; empty when it is not there."""
    for layer in layers:
        if layer.id == layer_id:
            return (layer,)
        if isinstance(layer, GroupLayer) and (inner := path_to(layer.children, layer_id)):
            return (layer, *inner)
    return ()


def place_of(layers: Sequence[Layer], layer_id: LayerId, parent: LayerId | None = None) -> Place | None:
    """Where a layer stands in the tree, `parent` being the group of `layers`; None when it is not there."""
    for index, layer in enumerate(layers):
        if layer.id == layer_id:
            return Place(parent, index)
        if isinstance(layer, GroupLayer) and (place := place_of(layer.children, layer_id, layer.id)):
            return place
    return None


def mapped(layers: Layers, layer_id: LayerId, change: Callable[[Layer], Layer | None]) -> Layers:
    """The same tree with one layer changed, or taken out when `change` returns None.

    Raises DocumentError when the layer is not there.
    """
    out, hit = _mapped(layers, layer_id, change)
    if not hit:
        raise DocumentError("That layer is no longer in the document.", detail=f"layer {layer_id}")
    return out


def _mapped(layers: Layers, layer_id: LayerId, change: Callable[[Layer], Layer | None]) -> tuple[Layers, bool]:
    for index, layer in enumerate(layers):
        if layer.id == layer_id:
            new = change(layer)
            return (*layers[:index], *(() if new is None else (new,)), *layers[index + 1 :]), True
        if isinstance(layer, GroupLayer):
            children, hit = _mapped(layer.children, layer_id, change)
            if hit:
                return (*layers[:index], replace(layer, children=children), *layers[index + 1 :]), True
    return layers, False


def inserted(layers: Layers, place: Place, new: Sequence[Layer]) -> Layers:
    """The same tree with `new` (bottom to top) put in at `place`; the index is clipped to the siblings there.

    Raises DocumentError when the parent is not a group of this tree.
    """
    if place.parent is None:
        index = max(0, min(place.index, len(layers)))
        return (*layers[:index], *new, *layers[index:])

    def into(group: Layer) -> Layer:
        if not isinstance(group, GroupLayer):
            raise DocumentError(f"“{group.name}” is not a group.", "Choose a group to put layers into.")
        return replace(group, children=inserted(group.children, Place(None, place.index), new))

    return mapped(layers, place.parent, into)


BACKGROUND_NAME = "Background"
"""What the one layer of a flat opaque picture is called, in English."""
COPY_NAME = "{name} copy"
"""What a copy of a layer is called, in English; see `named_after`."""


def named_after(layer: Layer, pattern: str) -> str:
    """The name of a layer that comes from another: “{name}” in the pattern stands for the other's own name."""
    return pattern.replace("{name}", layer.name)
