"""Painting as whole edits: strokes, bucket fills, gradients. Each respects the selection and the locks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from studio.core.document import Document
from studio.core.edits.areas import require_color, selected_area, shares_at
from studio.core.edits.samples import written_in_strips
from studio.core.edits.selections import require_range, sampled
from studio.core.edits.smudge import Smudge
from studio.core.edits.targets import Lock, changed, lock_holder, raster, require_unlocked
from studio.core.edits.wet import Stroke
from studio.core.errors import DocumentError
from studio.core.geometry import Point, Rect
from studio.core.gradients import Gradient, gradient_at, gradient_faults
from studio.core.layers import LayerId
from studio.core.painting.brush import Brush, StrokePoint
from studio.core.painting.inks import Ink
from studio.core.painting.mixing import Reals, brightness, painted, toned
from studio.core.painting.shading import GradientShape, Spot, dither_thresholds, positions
from studio.core.pixels import Pixels
from studio.core.selecting import colors as by_color
from studio.core.selecting.colors import Color
from studio.core.selection import FULL


def paint_stroke(
    document: Document,
    layer_id: LayerId,
    brush: Brush,
    ink: Ink,
    points: Sequence[StrokePoint],
    *,
    on_mask: bool = False,
) -> Document:
    """Paint, erase, clone, lighten or darken along a stroke: what `wet.Stroke` makes of all its points."""
    stroke = Stroke(document, layer_id, brush, ink, on_mask=on_mask)
    stroke.extend(points)
    stroke.finish()
    return stroke.document


def smudge(
    document: Document,
    layer_id: LayerId,
    brush: Brush,
    points: Sequence[StrokePoint],
    *,
    strength: float = 0.5,
    on_mask: bool = False,
) -> Document:
    """Smear the colours of a layer along a stroke, or its mask."""
    stroke = Smudge(document, layer_id, brush, strength, on_mask=on_mask)
    stroke.extend(points)
    stroke.finish()
    return stroke.document


def fill_similar(
    document: Document,
    layer_id: LayerId,
    at: Point,
    color: Color,
    *,
    tolerance: int = 32,
    contiguous: bool = True,
    antialias: bool = True,
    source: LayerId | None = None,
    opacity: float = 1.0,
    on_mask: bool = False,
) -> Document:
    """The paint bucket: fill the pixels like the one at a canvas pixel, found as `select_similar` does.

    Args:
        source: the layer whose colours are compared; None compares those of all layers.
        on_mask: fill the layer's mask, with the brightness of the colour.
    """
    require_color(color, opacity)
    require_range("Tolerance", tolerance, 0, FULL)
    if not document.canvas.contains_point(at):
        raise DocumentError("There is no picture at that point.", "Choose a point on the canvas.")
    samples = sampled(document, source)
    found = by_color.wand(samples, at, tolerance, contiguous=contiguous, antialias=antialias)
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    area = Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    paint = np.array(color, np.float32)

    def shade(part: Rect) -> tuple[Reals, Reals]:
        return paint, found[part.slices()].astype(np.float32) * np.float32(opacity / FULL)

    return _laid(document, layer_id, area, shade, on_mask=on_mask)


def draw_gradient(
    document: Document,
    layer_id: LayerId,
    gradient: Gradient,
    start: Spot,
    end: Spot,
    *,
    shape: GradientShape = GradientShape.LINEAR,
    opacity: float = 1.0,
    dither: bool = True,
    on_mask: bool = False,
) -> Document:
    """Lay a gradient from `start` to `end` (canvas coordinates) over what is selected, else over the canvas.

    With `on_mask` its brightness is laid over the layer's mask. Raises DocumentError for locked pixels, a faulty
    gradient, and when both ends are one point.
    """
    if faults := gradient_faults(gradient):
        raise DocumentError(f"The gradient {faults}.", "Change its stops.")
    require_color((0.0, 0.0, 0.0), opacity)
    if not all(map(np.isfinite, (*start, *end))) or np.hypot(end[0] - start[0], end[1] - start[1]) < 1e-6:
        raise DocumentError("The gradient has no length.", "Drag from its start to its end.")

    def shade(part: Rect) -> tuple[Reals, Reals]:
        values = gradient_at(gradient, positions(part, start, end, shape)).astype(np.float32)
        return values[..., :3], values[..., 3] * np.float32(opacity)

    return _laid(document, layer_id, selected_area(document), shade, dither=dither, on_mask=on_mask)


def _laid(
    document: Document,
    layer_id: LayerId,
    area: Rect,
    shade: Callable[[Rect], tuple[Reals, Reals]],
    *,
    on_mask: bool,
    dither: bool = False,
) -> Document:
    """Colour laid over an area of a layer, or of its mask, as far as it is selected.

    `shade` gives colours, (3,) or (h, w, 3), and alpha (h, w) for a part of the area. Raises DocumentError for locked
    pixels and missing masks.
    """
    if on_mask:
        return _laid_on_mask(document, layer_id, area, shade, dither=dither)
    layer = raster(document, layer_id)
    require_unlocked(document, layer.id, Lock.PIXELS)
    locked = lock_holder(document, layer.id, Lock.ALPHA) is not None
    part = area.intersect(layer.bounds) if locked else area
    if part.is_empty:
        return document

    def lay(strip: Rect) -> Pixels:
        color, alpha = shade(strip)
        return painted(
            layer.pixels.read(strip.moved(-layer.origin)),
            color,
            alpha * shares_at(document, strip),
            lock_alpha=locked,
            thresholds=dither_thresholds(strip) if dither else None,
        )

    pixels, origin = written_in_strips(layer.pixels, layer.origin, part, lay)
    return changed(document, layer.id, lambda _: replace(layer, pixels=pixels, origin=origin))


def _laid_on_mask(
    document: Document,
    layer_id: LayerId,
    area: Rect,
    shade: Callable[[Rect], tuple[Reals, Reals]],
    *,
    dither: bool,
) -> Document:
    """The brightness of colours laid over an area of a layer's mask."""
    mask = document.layer(layer_id).mask
    if mask is None:
        raise DocumentError(f"“{document.layer(layer_id).name}” has no mask.", "Add a mask first.")

    def lay(strip: Rect) -> Pixels:
        color, alpha = shade(strip)
        return toned(
            mask.pixels.read(strip.moved(-mask.origin)),
            brightness(color),
            alpha * shares_at(document, strip),
            thresholds=dither_thresholds(strip) if dither else None,
        )

    pixels, origin = written_in_strips(mask.pixels, mask.origin, area, lay)
    new = replace(mask, pixels=pixels, origin=origin)
    return changed(document, layer_id, lambda layer: replace(layer, mask=new))
