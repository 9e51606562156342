"""The layer tree as a flat list of steps for a stack machine, which numpy or the compiled kernels carry out.

The machine holds a stack of piles. A pile is premultiplied colour with alpha; the lowest one becomes the picture.
Everything is pixel by pixel, so that any part of the canvas can be computed alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from studio.core.adjustments import Adjustment
from studio.core.blend import SPECIAL_FILL
from studio.core.geometry import ORIGIN, Point, Rect
from studio.core.layers import AdjustmentLayer, BlendMode, GroupLayer, Layer, Layers, Mask, RasterLayer, clipping_runs
from studio.core.pixels import PixelBuffer

EVERYWHERE = Rect(-(1 << 30), -(1 << 30), 1 << 30, 1 << 30)


class StepKind(IntEnum):
    """What a step does. The numbers are part of the compiled kernels."""

    DRAW = 0
    """Blend a raster layer onto the top pile."""
    ADJUST = 1
    """Blend the adjusted colours of the top pile onto it; its alpha stays."""
    OPEN = 2
    """Put an empty pile on the stack, for a group that is drawn on its own."""
    OPEN_COPY = 3
    """Put a copy of the top pile on the stack, for a pass-through group that does not count fully."""
    OPEN_BASE = 4
    """Put a raster layer on the stack as an opaque pile, its alpha kept aside, for layers clipped to it."""
    OPEN_ADJUSTED = 5
    """Put the adjusted colours of the top pile on the stack as an opaque pile, for layers clipped to an adjustment."""
    SEAL = 6
    """Make the top pile opaque and keep its alpha aside: the group drawn on it has layers clipped to it."""
    CLOSE = 7
    """Take the top pile off and blend it onto the next with its own alpha."""
    CLOSE_CLIPPED = 8
    """Take the top pile off and blend it onto the next with the alpha kept aside."""
    CLOSE_COPY = 9
    """Take the top pile off and go from the next one towards it by opacity and mask."""
    CLOSE_ADJUSTED = 10
    """Take the top pile off and blend its colours onto the next, whose alpha stays."""


OPENING = frozenset({StepKind.OPEN, StepKind.OPEN_COPY, StepKind.OPEN_BASE, StepKind.OPEN_ADJUSTED})
CLOSING = frozenset({StepKind.CLOSE, StepKind.CLOSE_CLIPPED, StepKind.CLOSE_COPY, StepKind.CLOSE_ADJUSTED})
ADDING = frozenset({StepKind.DRAW, StepKind.CLOSE, StepKind.CLOSE_CLIPPED})
"""Steps that can add alpha; an adjustment only recolours what is there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """One step. `extent` is where on the canvas it can change anything; opening and closing steps share theirs.

    `opacity` holds opacity times fill, except in the modes of `SPECIAL_FILL`, where `fill` is told apart.
    """

    kind: StepKind
    extent: Rect
    mode: BlendMode = BlendMode.NORMAL
    opacity: float = 1.0
    fill: float = 1.0
    pixels: PixelBuffer | None = None
    origin: Point = ORIGIN
    mask: Mask | None = None
    adjustment: Adjustment | None = None

    def same(self, other: Step) -> bool:
        """Whether both do exactly the same; pixels and masks are compared by identity, so it costs next to nothing."""
        return self is other or (
            self.pixels is other.pixels
            and self.mask is other.mask
            and (self.kind, self.extent, self.mode, self.opacity, self.fill, self.origin)
            == (other.kind, other.extent, other.mode, other.opacity, other.fill, other.origin)
            and self.adjustment == other.adjustment
        )


Program = tuple[Step, ...]


def program_of(layers: Sequence[Layer]) -> Program:
    """The steps that draw these siblings, bottom to top, onto an empty pile."""
    return tuple(_siblings(layers, EVERYWHERE))


class Programs:
    """Programs of a document that changes: layers that stayed the same keep the very same steps."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], tuple[Layers, Program]] = {}

    def program(self, layers: Sequence[Layer], scale: int) -> Program:
        """The program of the siblings, with extents in view pixels of `scale` x `scale` canvas pixels."""
        known = self._known
        self._known = {}
        for run in clipping_runs(layers):
            key = (scale, *(id(layer) for layer in run))
            self._known[key] = known.get(key) or (run, _shrunk(_siblings(run, EVERYWHERE), scale))
        return tuple(step for _, steps in self._known.values() for step in steps)


def shrunk_rect(rect: Rect, scale: int) -> Rect:
    """The view pixels that canvas pixels touch."""
    return Rect(rect.left // scale, rect.top // scale, -(-rect.right // scale), -(-rect.bottom // scale))


def _shrunk(steps: Sequence[Step], scale: int) -> Program:
    if scale == 1:
        return tuple(steps)
    return tuple(replace(step, extent=shrunk_rect(step.extent, scale)) for step in steps)


def levels_of(program: Program) -> int:
    """How many piles the machine needs at most."""
    depth = deepest = 1
    for step in program:
        depth += (step.kind in OPENING) - (step.kind in CLOSING)
        deepest = max(deepest, depth)
    return deepest


def _siblings(layers: Sequence[Layer], reach: Rect) -> list[Step]:
    """Nothing changes outside `reach`. A hidden base hides the layers clipped to it."""
    steps: list[Step] = []
    for base, *clipped in clipping_runs(layers):
        if _shows(base):
            steps += _stack(base, [layer for layer in clipped if _shows(layer)], reach)
    return steps


def _shows(layer: Layer) -> bool:
    return layer.visible and layer.opacity > 0 and layer.fill > 0


def _stack(base: Layer, clipped: Sequence[Layer], reach: Rect) -> list[Step]:
    """A layer with those clipped to it. Layers are clipped to the base's colours first; then its mode and opacity act
    on the whole, which is Photoshop's "blend clipped layers as group"."""
    reach = _limited(reach, base.mask)
    match base:
        case RasterLayer():
            return _raster(base, clipped, reach)
        case AdjustmentLayer():
            return _adjustment(base, clipped, reach)
        case GroupLayer():
            if base.blend is BlendMode.PASS_THROUGH and not clipped:
                return _pass_through(base, reach)
            return _isolated(base, clipped, reach)


def _raster(base: RasterLayer, clipped: Sequence[Layer], reach: Rect) -> list[Step]:
    extent = reach.intersect(base.bounds)
    if extent.is_empty or not base.pixels.tiles:
        return []
    inner = _clipped(clipped, extent)
    if not inner:
        return [_blended(StepKind.DRAW, base, extent)]
    opening = Step(kind=StepKind.OPEN_BASE, extent=extent, pixels=base.pixels, origin=base.origin)
    return [opening, *inner, _blended(StepKind.CLOSE_CLIPPED, base, extent)]


def _adjustment(base: AdjustmentLayer, clipped: Sequence[Layer], reach: Rect) -> list[Step]:
    if reach.is_empty:
        return []
    inner = _clipped(clipped, reach)
    if not inner:
        return [_blended(StepKind.ADJUST, base, reach)]
    opening = Step(kind=StepKind.OPEN_ADJUSTED, extent=reach, adjustment=base.adjustment)
    return [opening, *inner, _blended(StepKind.CLOSE_ADJUSTED, base, reach)]


def _isolated(group: GroupLayer, clipped: Sequence[Layer], reach: Rect) -> list[Step]:
    children = _siblings(group.children, reach)
    extent = Rect.union(step.extent for step in children if step.kind in ADDING)
    if extent.is_empty:
        return []
    children = [replace(step, extent=step.extent.intersect(extent)) for step in children]
    opening = Step(kind=StepKind.OPEN, extent=extent)
    inner = _clipped(clipped, extent)
    if not inner:
        return [opening, *children, _blended(StepKind.CLOSE, group, extent)]
    seal = Step(kind=StepKind.SEAL, extent=extent)
    return [opening, *children, seal, *inner, _blended(StepKind.CLOSE_CLIPPED, group, extent)]


def _pass_through(group: GroupLayer, reach: Rect) -> list[Step]:
    children = _siblings(group.children, reach)
    closing = _blended(StepKind.CLOSE_COPY, group, reach)
    extent = Rect.union(step.extent for step in children).intersect(reach)
    if (closing.opacity == 1 and closing.mask is None) or extent.is_empty:
        return children
    return [Step(kind=StepKind.OPEN_COPY, extent=extent), *children, replace(closing, extent=extent)]


def _clipped(clipped: Sequence[Layer], extent: Rect) -> list[Step]:
    steps: list[Step] = []
    for layer in clipped:
        steps += _stack(layer, (), extent)
    return steps


def _blended(kind: StepKind, layer: Layer, extent: Rect) -> Step:
    """The step with the layer's mode, opacity, fill and mask, and its pixels or adjustment where it needs them."""
    mode = BlendMode.NORMAL if layer.blend is BlendMode.PASS_THROUGH else layer.blend
    special = mode in SPECIAL_FILL
    mask = layer.mask if layer.mask is not None and layer.mask.enabled and layer.mask.density > 0 else None
    return Step(
        kind=kind,
        extent=extent,
        mode=mode,
        opacity=layer.opacity if special else layer.opacity * layer.fill,
        fill=layer.fill if special else 1.0,
        pixels=layer.pixels if isinstance(layer, RasterLayer) and kind is StepKind.DRAW else None,
        origin=layer.origin if isinstance(layer, RasterLayer) and kind is StepKind.DRAW else ORIGIN,
        mask=mask,
        adjustment=layer.adjustment if isinstance(layer, AdjustmentLayer) and kind is StepKind.ADJUST else None,
    )


def _limited(reach: Rect, mask: Mask | None) -> Rect:
    """`reach` without what the mask surely hides: all outside its buffer when it is black there."""
    if mask is None or not mask.enabled or mask.pixels.fill or mask.density < 1:
        return reach
    return reach.intersect(mask.bounds)
