"""From the layer tree to one picture: the one source of truth for screen, export and a PSD's merged image.

Colours are float32 and premultiplied while layers pile up; the result is divided by its alpha and
rounded once, at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.core import adjust
from studio.core.blend import SPECIAL_FILL, Colors, blend
from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.layers import AdjustmentLayer, BlendMode, GroupLayer, Layer, LayerBase, Mask, RasterLayer
from studio.core.pixels import Depth, Pixels

STRIP_ROWS = 64
_ONE = np.float32(1)

Plane = NDArray[np.float32]
"""(h, w, 1) float32: alpha or coverage, 0..1."""


def composite(document: Document, rect: Rect | None = None) -> Pixels:
    """The flattened picture of `rect` (the canvas by default): (h, w, 4) straight RGBA at the document's depth."""
    return composite_layers(document, document.layers, rect)


class Compositor:
    """Renders a document that changes: keeps what can be used again for the next picture of it."""

    def __init__(self, budget_bytes: int = 512 << 20) -> None:
        self.budget_bytes = budget_bytes

    def render(self, document: Document, rect: Rect | None = None, scale: int = 1) -> Pixels:
        """The picture of `rect` (canvas pixels) with one output pixel for `scale` x `scale` canvas pixels.

        `scale` is a power of two. The result covers the output pixels that `rect` touches: (h, w, 4) straight RGBA at the
        document's depth.
        """
        rect = document.canvas if rect is None else rect
        if scale == 1:
            return composite(document, rect)
        grid = Rect(rect.left // scale, rect.top // scale, -(-rect.right // scale), -(-rect.bottom // scale))
        whole = Rect(grid.left * scale, grid.top * scale, grid.right * scale, grid.bottom * scale)
        return _shrunk(composite(document, whole), scale)


def composite_layers(document: Document, layers: Sequence[Layer], rect: Rect | None = None) -> Pixels:
    """The same for a part of the document's tree, such as one group's children, over nothing."""
    rect = document.canvas if rect is None else rect
    out = np.empty((rect.height, rect.width, 4), document.depth.dtype)
    for top in range(rect.top, rect.bottom, STRIP_ROWS):
        strip = Rect(rect.left, top, rect.right, min(rect.bottom, top + STRIP_ROWS))
        pile = _Pile.empty(strip)
        _draw_layers(pile, layers, document.depth)
        out[strip.slices(rect.origin)] = _rounded(pile, document.depth)
    return out


@dataclass(slots=True)
class _Pile:
    """What is drawn so far in `rect`: premultiplied colour (h, w, 3) and alpha (h, w, 1)."""

    rect: Rect
    color: Colors
    alpha: Plane

    @classmethod
    def empty(cls, rect: Rect) -> _Pile:
        shape = (rect.height, rect.width)
        return cls(rect, np.zeros((*shape, 3), np.float32), np.zeros((*shape, 1), np.float32))

    def straight(self) -> Colors:
        return _straight(self.color, self.alpha)

    def draw(self, s: Colors, coverage: Plane, mode: BlendMode, fill: float = 1.0) -> None:
        """Blend the straight colour `s` with its alpha `coverage` onto the pile."""
        if mode is BlendMode.DISSOLVE:
            coverage = _dithered(coverage, self.rect)
        blended = blend(mode, self.straight(), s, fill)
        ab = self.alpha
        self.color = (_ONE - coverage) * self.color + coverage * ((_ONE - ab) * s + ab * blended)
        self.alpha = ab + coverage - ab * coverage

    def recolor(self, s: Colors, coverage: Plane, mode: BlendMode) -> None:
        """Blend `s` onto what is there, without adding alpha."""
        if mode is BlendMode.DISSOLVE:
            coverage = _dithered(coverage, self.rect)
        b = self.straight()
        self.color = self.alpha * (b + coverage * (blend(mode, b, s) - b))


def _draw_layers(pile: _Pile, layers: Sequence[Layer], depth: Depth) -> None:
    """Bottom to top; a layer and the clipped ones above it are one stack, which a hidden base hides."""
    index = 0
    while index < len(layers):
        base = layers[index]
        stop = index + 1
        while stop < len(layers) and layers[stop].clipping:
            stop += 1
        clipped = [layer for layer in layers[index + 1 : stop] if _shows(layer)]
        if _shows(base):
            _draw_stack(pile, base, clipped, depth)
        index = stop


def _shows(layer: LayerBase) -> bool:
    return layer.visible and layer.opacity > 0


def _draw_stack(pile: _Pile, base: Layer, clipped: Sequence[Layer], depth: Depth) -> None:
    if isinstance(base, GroupLayer) and base.blend is BlendMode.PASS_THROUGH and not clipped:
        _draw_pass_through(pile, base, depth)
        return
    coverage, fill = _coverage(base, pile.rect)
    if isinstance(base, AdjustmentLayer):
        s = adjust.apply(base.adjustment, pile.straight())
        s = _with_clipped(s, clipped, pile.rect, depth)
        pile.recolor(s, coverage * np.float32(fill), base.blend)
        return
    s, alpha = _own_pixels(base, pile.rect, depth)
    s = _with_clipped(s, clipped, pile.rect, depth)
    if base.blend not in SPECIAL_FILL:
        coverage, fill = coverage * np.float32(fill), 1.0
    pile.draw(s, coverage * alpha, base.blend, fill)


def _draw_pass_through(pile: _Pile, group: GroupLayer, depth: Depth) -> None:
    """Draw the children onto what lies below, then go back from after to before by opacity and mask."""
    before_color, before_alpha = pile.color, pile.alpha
    _draw_layers(pile, group.children, depth)
    coverage, fill = _coverage(group, pile.rect)
    coverage = coverage * np.float32(fill)
    pile.color = before_color + coverage * (pile.color - before_color)
    pile.alpha = before_alpha + coverage * (pile.alpha - before_alpha)


def _with_clipped(s: Colors, clipped: Sequence[Layer], rect: Rect, depth: Depth) -> Colors:
    """The base's colour with the clipped layers on it; the base counts as opaque, its alpha comes back later."""
    if not clipped:
        return s
    inner = _Pile(rect, s, np.ones((rect.height, rect.width, 1), np.float32))
    for layer in clipped:
        _draw_stack(inner, layer, (), depth)
    return inner.color


def _own_pixels(layer: RasterLayer | GroupLayer, rect: Rect, depth: Depth) -> tuple[Colors, Plane]:
    """Straight colour and alpha of a raster layer, or of a group drawn on its own, before mask and opacity."""
    if isinstance(layer, GroupLayer):
        inner = _Pile.empty(rect)
        _draw_layers(inner, layer.children, depth)
        return inner.straight(), inner.alpha
    samples = layer.pixels.read(rect.moved(-layer.origin)).astype(np.float32) / np.float32(depth.top)
    return samples[..., :3], samples[..., 3:]


def _coverage(layer: LayerBase, rect: Rect) -> tuple[Plane, float]:
    """Mask times opacity, (h, w, 1), and the fill."""
    opacity = np.float32(layer.opacity)
    if layer.mask is None or not layer.mask.enabled:
        return np.full((rect.height, rect.width, 1), opacity), layer.fill
    return opacity * _mask_values(layer.mask, rect), layer.fill


def _mask_values(mask: Mask, rect: Rect) -> Plane:
    values = mask.pixels.read(rect.moved(-mask.origin)).astype(np.float32) / np.float32(mask.pixels.depth.top)
    return _ONE - np.float32(mask.density) * (_ONE - values)


def _straight(color: Colors, alpha: Plane) -> Colors:
    return np.clip(np.divide(color, alpha, out=np.zeros_like(color), where=alpha > 0), 0, 1)


def _dithered(coverage: Plane, rect: Rect) -> Plane:
    """1 where the coverage beats the noise of that canvas position, else 0."""
    return (coverage > dissolve_noise(rect)).astype(np.float32)


def dissolve_noise(rect: Rect) -> Plane:
    """(h, w, 1) noise in 0..1 that depends on the canvas position only: a moved layer does not carry it along."""
    x = np.arange(rect.left, rect.right, dtype=np.int64).astype(np.uint32)[None, :]
    y = np.arange(rect.top, rect.bottom, dtype=np.int64).astype(np.uint32)[:, None]
    h = x * np.uint32(0x9E3779B1) ^ y * np.uint32(0x85EBCA77)
    h ^= h >> np.uint32(15)
    h *= np.uint32(0x2C1B3C6D)
    h ^= h >> np.uint32(12)
    h *= np.uint32(0x297A2D39)
    h ^= h >> np.uint32(15)
    return ((h >> np.uint32(8)).astype(np.float32) / np.float32(1 << 24))[..., None]


def _rounded(pile: _Pile, depth: Depth) -> Pixels:
    top = np.float32(depth.top)
    samples = np.concatenate([pile.straight(), pile.alpha], axis=-1)
    return (np.clip(samples, 0, 1) * top + np.float32(0.5)).astype(depth.dtype)


def _shrunk(samples: Pixels, scale: int) -> Pixels:
    """The mean of each `scale` x `scale` block, colours weighted by alpha."""
    height, width, channels = samples.shape
    blocks = samples.reshape(height // scale, scale, width // scale, scale, channels).astype(np.float32)
    alpha = blocks[..., 3:]
    total = alpha.sum(axis=(1, 3))
    color = np.divide(
        (blocks[..., :3] * alpha).sum(axis=(1, 3)), total, where=total > 0, out=np.zeros_like(total.repeat(3, -1))
    )
    mean = np.concatenate([color, total / np.float32(scale * scale)], axis=-1)
    return (mean + np.float32(0.5)).astype(samples.dtype)
