"""Edits of the selection and of the channels that selections are saved to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from studio.core.compositing import composite, composite_layers
from studio.core.document import Document
from studio.core.edits.samples import coverage_at
from studio.core.edits.targets import changed, checked
from studio.core.errors import DocumentError
from studio.core.geometry import Point, Rect
from studio.core.layers import GroupLayer, LayerId, Mask, RasterLayer
from studio.core.pixels import Depth, PixelBuffer, Pixels, to_depth
from studio.core.selecting import colors as by_color
from studio.core.selecting import reshape, shapes
from studio.core.selecting.colors import Color
from studio.core.selection import (
    FULL,
    Channel,
    Combine,
    Coverage,
    Selection,
    combined,
    coverage_buffer,
    on_canvas,
    read_coverage,
)


def select_all(document: Document) -> Document:
    """Select the canvas, and nothing off it."""
    return set_selection(document, Selection.of(shapes.rectangle(document.size, document.canvas)))


def deselect(document: Document) -> Document:
    """Have no selection, so that edits reach everything."""
    return set_selection(document, None)


def set_selection(document: Document, selection: Selection | None) -> Document:
    """Make this the selection. Raises DocumentError when it has another size than the canvas, or is empty."""
    return checked(replace(document, selection=selection))


def combine_selection(document: Document, coverage: Coverage, combine: Combine = Combine.REPLACE) -> Document:
    """Combine the selection with (h, w) coverage of the canvas, such as a painted quick mask.

    Raises DocumentError when nothing would be selected, ShapeError for coverage of another type.
    """
    old = None if document.selection is None else document.selection.read()
    if old is not None and old.shape != coverage.shape:
        raise DocumentError("The selection has another size than the canvas.", detail=f"{coverage.shape}")
    new = Selection.of(combined(old, coverage, combine))
    if new is None:
        raise DocumentError("That would select nothing.", "Choose a larger area, or Deselect to select everything.")
    return set_selection(document, new)


def invert_selection(document: Document) -> Document:
    """Select what is not selected. Raises DocumentError when everything is."""
    if document.selection is None:
        raise DocumentError("Everything is selected, so the inverse is nothing.", "Select a part first.")
    return combine_selection(document, FULL - document.selection.read())


def move_selection(document: Document, offset: Point) -> Document:
    """Move the selection's outline; what leaves the canvas goes.

    Raises DocumentError without a selection, and when nothing of it would stay on the canvas.
    """
    if document.selection is None:
        raise DocumentError("There is no selection to move.", "Select something first.")
    pixels = on_canvas(document.selection.pixels, document.size, offset)
    if not pixels.tiles:
        raise DocumentError("The selection would leave the canvas.", "Move it less far.")
    return replace(document, selection=Selection(pixels))


def select_rectangle(document: Document, rect: Rect, *, combine: Combine = Combine.REPLACE) -> Document:
    """Raises DocumentError when nothing would be selected; so do all edits that select."""
    return combine_selection(document, shapes.rectangle(document.size, rect), combine)


def select_ellipse(
    document: Document, rect: Rect, *, antialias: bool = True, combine: Combine = Combine.REPLACE
) -> Document:
    """Select the ellipse that touches all sides of `rect`."""
    return combine_selection(document, shapes.ellipse(document.size, rect, antialias=antialias), combine)


def select_polygon(
    document: Document,
    points: Sequence[tuple[float, float]],
    *,
    antialias: bool = True,
    combine: Combine = Combine.REPLACE,
) -> Document:
    """Select inside a polygon or lasso: points in canvas coordinates, closed by itself."""
    if not all(np.isfinite(value) for point in points for value in point):
        raise DocumentError("A corner of the polygon is not a number.", "Give finite coordinates.")
    return combine_selection(document, shapes.polygon(document.size, points, antialias=antialias), combine)


def select_similar(
    document: Document,
    at: Point,
    *,
    tolerance: int = 32,
    contiguous: bool = True,
    antialias: bool = True,
    source: LayerId | None = None,
    combine: Combine = Combine.REPLACE,
) -> Document:
    """The magic wand: select the colours like the one at a canvas pixel.

    Args:
        tolerance: 0..255, how far each channel may be off.
        source: the layer to look at; None looks at the picture of all layers.
    Raises DocumentError off the canvas and for a tolerance out of range.
    """
    if not document.canvas.contains_point(at):
        raise DocumentError("There is no picture at that point.", "Choose a point on the canvas.")
    require_range("Tolerance", tolerance, 0, FULL)
    samples = sampled(document, source)
    found = by_color.wand(samples, at, tolerance, contiguous=contiguous, antialias=antialias)
    return combine_selection(document, found, combine)


def select_colors(
    document: Document,
    colors: Sequence[Color],
    *,
    fuzziness: int = 40,
    source: LayerId | None = None,
    combine: Combine = Combine.REPLACE,
) -> Document:
    """Colour range: select every pixel the more, the nearer it is to one of the colours; `fuzziness` is 1..255."""
    require_range("Fuzziness", fuzziness, 1, FULL)
    return combine_selection(document, by_color.color_range(sampled(document, source), colors, fuzziness), combine)


def select_luminosity(
    document: Document, *, source: LayerId | None = None, combine: Combine = Combine.REPLACE
) -> Document:
    """Select every pixel as far as it is bright."""
    return combine_selection(document, by_color.luminosity(sampled(document, source)), combine)


def select_layer(document: Document, layer_id: LayerId, *, combine: Combine = Combine.REPLACE) -> Document:
    """Select what a layer or group covers, without its mask and opacity. Raises DocumentError for adjustments."""
    return combine_selection(document, _eight_bit(_own_samples(document, layer_id)[..., 3]), combine)


def select_mask(document: Document, layer_id: LayerId, *, combine: Combine = Combine.REPLACE) -> Document:
    """Select what a layer's mask shows, at its density. Raises DocumentError when it has none."""
    mask = document.layer(layer_id).mask
    if mask is None:
        raise DocumentError(f"“{document.layer(layer_id).name}” has no mask.", "Add a mask first.")
    values = mask.pixels.read(document.canvas.moved(-mask.origin))[..., 0]
    shown = np.rint(FULL * (1 - mask.density * (1 - values / np.float64(document.depth.top))))
    return combine_selection(document, shown.astype(np.uint8), combine)


def feather_selection(document: Document, radius_px: float) -> Document:
    """Blur the selection's outline: 0.1..500 px."""
    require_range("Feather", radius_px, 0.1, 500)
    return _reshaped(document, lambda old: reshape.feather(old, radius_px))


def grow_selection(document: Document, px: float) -> Document:
    """Move the outline out: 0.5..1000 px."""
    require_range("Grow", px, 0.5, 1000)
    return _reshaped(document, lambda old: reshape.grow(old, px))


def shrink_selection(document: Document, px: float) -> Document:
    """Move the outline in: 0.5..1000 px. Raises DocumentError when nothing would be left."""
    require_range("Shrink", px, 0.5, 1000)
    return _reshaped(document, lambda old: reshape.shrink(old, px))


def border_selection(document: Document, px: float) -> Document:
    """Select a band along the outline, 1..1000 px wide."""
    require_range("Border", px, 1, 1000)
    return _reshaped(document, lambda old: reshape.border(old, px))


def smooth_selection(document: Document, px: int) -> Document:
    """Round the outline's corners, and drop specks and holes: 1..500 px."""
    require_range("Smooth", px, 1, 500)
    return _reshaped(document, lambda old: reshape.smooth(old, px))


def save_selection(document: Document, name: str, *, combine: Combine = Combine.REPLACE) -> Document:
    """Keep the selection as a channel; one of that name is replaced by, or combined with, it.

    Raises DocumentError when nothing is selected in particular, and for an empty name.
    """
    if document.selection is None:
        raise DocumentError("There is no selection to save.", "Select something first.")
    old = next((channel for channel in document.channels if channel.name == name), None)
    pixels = document.selection.pixels
    if old is None:
        return checked(replace(document, channels=(*document.channels, Channel(name=name, pixels=pixels))))
    if combine is not Combine.REPLACE:
        pixels = coverage_buffer(combined(read_coverage(old.pixels), document.selection.read(), combine))
    new = replace(old, pixels=pixels)
    return replace(document, channels=tuple(new if channel is old else channel for channel in document.channels))


def load_channel(document: Document, name: str, *, combine: Combine = Combine.REPLACE) -> Document:
    """Select what a channel holds. Raises DocumentError when there is none of that name."""
    return combine_selection(document, read_coverage(_channel(document, name).pixels), combine)


def remove_channel(document: Document, name: str) -> Document:
    """Raises DocumentError when there is none of that name."""
    gone = _channel(document, name)
    return replace(document, channels=tuple(channel for channel in document.channels if channel is not gone))


def rename_channel(document: Document, name: str, new_name: str) -> Document:
    """Raises DocumentError when there is none of that name, or when the new one is empty or taken."""
    old = _channel(document, name)
    renamed = (replace(channel, name=new_name) if channel is old else channel for channel in document.channels)
    return checked(replace(document, channels=tuple(renamed)))


def mask_from_selection(document: Document, layer_id: LayerId, *, hide: bool = False) -> Document:
    """Give the layer a mask that shows what is selected, in place of one it may have.

    Without a selection it shows everything. With `hide` it is the other way round.
    """
    top = document.depth.top
    if document.selection is None:
        pixels = PixelBuffer(document.size, document.depth, 1, 0 if hide else top)
    else:
        values = coverage_at(document, document.canvas)
        shown = values.dtype.type(top) - values if hide else values
        pixels = PixelBuffer.from_array(shown, top if hide else 0)
    return checked(changed(document, layer_id, lambda layer: replace(layer, mask=Mask(pixels=pixels))))


def require_range(what: str, value: float, least: float, most: float) -> None:
    """Raise DocumentError that names the value, unless it lies in that range."""
    if not least <= value <= most:
        raise DocumentError(f"{what} {value} is not between {least} and {most}.", "Use a value in that range.")


def sampled(document: Document, source: LayerId | None) -> Pixels:
    """The canvas as one layer has it, or as all layers show it: (h, w, 4) straight RGBA."""
    return composite(document) if source is None else _own_samples(document, source)


def _own_samples(document: Document, layer_id: LayerId) -> Pixels:
    """A layer's own pixels on the canvas, those of a group composited. Raises DocumentError for adjustments."""
    match document.layer(layer_id):
        case RasterLayer() as layer:
            return layer.pixels.read(document.canvas.moved(-layer.origin))
        case GroupLayer() as layer:
            return composite_layers(document, layer.children)
        case layer:
            raise DocumentError(f"“{layer.name}” has no pixels of its own.", "Choose a pixel layer.")


def _reshaped(document: Document, change: Callable[[Coverage], Coverage]) -> Document:
    if document.selection is None:
        raise DocumentError("There is no selection to change.", "Select something first.")
    return combine_selection(document, change(document.selection.read()))


def _channel(document: Document, name: str) -> Channel:
    for channel in document.channels:
        if channel.name == name:
            return channel
    known = ", ".join(f"“{channel.name}”" for channel in document.channels)
    raise DocumentError(f"There is no channel “{name}”.", f"The channels are {known or 'none'}.")


def _eight_bit(alpha: Pixels) -> Coverage:
    return to_depth(alpha, Depth.EIGHT).astype(np.uint8, copy=False)
