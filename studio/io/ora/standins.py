"""What of a document OpenRaster can say, and which layers other programs get merged into one stand-in.

A stand-in covers the fewest layers that give the right picture: one masked layer, a base with the layers clipped to it,
or everything from the bottom of a group up to an adjustment layer, which changes all that lies below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from studio.core.compositing import composite_layers
from studio.core.document import Document
from studio.core.geometry import Point, Rect
from studio.core.layers import AdjustmentLayer, BlendMode, GroupLayer, Layer, RasterLayer
from studio.core.pixels import PixelBuffer


@dataclass(frozen=True, slots=True)
class Plain:
    """A raster layer that is written as it is."""

    layer: RasterLayer


@dataclass(frozen=True, slots=True)
class Stack:
    """A group that is written as a stack."""

    group: GroupLayer
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """How a stand-in is drawn."""

    name: str
    visible: bool = True
    opacity: float = 1.0
    blend: BlendMode = BlendMode.NORMAL


@dataclass(frozen=True, slots=True)
class StandIn:
    """Layers (bottom to top) that are kept in our namespace, with what others see in their place.

    `drawn` are the layers to merge inside `area`; none when others shall see nothing.
    """

    originals: tuple[Layer, ...]
    drawn: tuple[Layer, ...]
    area: Rect
    look: Look

    def picture(self, document: Document) -> tuple[PixelBuffer, Point]:
        """The merged pixels inside the canvas, trimmed, and where they start."""
        area = document.canvas.intersect(self.area)
        buffer, corner = PixelBuffer.from_array(composite_layers(document, self.drawn, area)).trimmed()
        return buffer, corner + area.origin


Item: TypeAlias = Plain | Stack | StandIn


def arranged(document: Document) -> tuple[Item, ...]:
    """The document's layers, bottom to top, as OpenRaster can say them."""
    return _arranged(document.layers, document.canvas)


def _arranged(siblings: Sequence[Layer], canvas: Rect) -> tuple[Item, ...]:
    """Siblings drawn over nothing, or onto what lies below in a pass-through group that holds nothing bound to it."""
    runs = list(_runs(siblings))
    top = max((i for i, run in enumerate(runs) if _is_bound(run) and _shows(run[0])), default=-1)
    items: list[Item] = []
    if top >= 0:
        merged = tuple(layer for run in runs[: top + 1] for layer in run)
        items.append(StandIn(merged, merged, canvas, Look(f"{runs[top][0].name} (merged)")))
    items += [_item(run, canvas) for run in runs[top + 1 :]]
    return tuple(items)


def _item(run: tuple[Layer, ...], canvas: Rect) -> Item:
    """One layer with those clipped to it, where nothing shown is bound to what lies below."""
    base = run[0]
    if isinstance(base, AdjustmentLayer) or (_is_bound(run) and not _shows(base)):
        return StandIn(run, (), canvas, Look(base.name, visible=False))
    clipped = [layer for layer in run[1:] if _shows(layer)]
    if len(run) == 1 and not _masks(base):
        return Plain(base) if isinstance(base, RasterLayer) else Stack(base, _arranged(base.children, canvas))
    blend = BlendMode.NORMAL if base.blend is BlendMode.PASS_THROUGH else base.blend
    whole = replace(base, visible=True, opacity=1.0, blend=BlendMode.NORMAL)
    return StandIn(run, (whole, *clipped), base.bounds, Look(base.name, base.visible, base.opacity, blend))


def _runs(siblings: Sequence[Layer]) -> Iterator[tuple[Layer, ...]]:
    """Each layer together with the clipped layers above it."""
    start = 0
    for index in range(1, len(siblings) + 1):
        if index == len(siblings) or not siblings[index].clipping:
            yield tuple(siblings[start:index])
            start = index


def _is_bound(run: tuple[Layer, ...]) -> bool:
    """Whether the run acts on what lies below it in a way that OpenRaster cannot say."""
    base = run[0]
    if isinstance(base, AdjustmentLayer):
        return True
    if not isinstance(base, GroupLayer) or base.blend is not BlendMode.PASS_THROUGH or len(run) > 1:
        return False
    inside = any(_is_bound(inner) and _shows(inner[0]) for inner in _runs(base.children))
    return inside or _masks(base) or base.opacity < 1 or base.fill < 1


def _shows(layer: Layer) -> bool:
    return layer.visible and layer.opacity > 0


def _masks(layer: Layer) -> bool:
    """Whether the layer's mask changes the picture."""
    return layer.mask is not None and layer.mask.enabled and layer.mask.density > 0
