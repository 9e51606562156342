"""Edges of selections and layers: alpha from the picture inside a band, colours without the old background.

Outside the band not one sample changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from studio.core.blur import gaussian
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.edits.samples import written
from studio.core.edits.selections import combine_selection, sampled
from studio.core.edits.structure import add_layers
from studio.core.edits.targets import Lock, changed, own_place, raster, require_unlocked, run_of, switched
from studio.core.errors import DocumentError
from studio.core.feedback import part
from studio.core.geometry import Rect
from studio.core.layers import (
    COPY_NAME,
    LayerId,
    RasterLayer,
    named_after,
    new_layer_id,
)
from studio.core.opencv import cv2
from studio.core.painting.mixing import Reals, color_shares, rounded
from studio.core.pixels import Depth, PixelBuffer, Pixels

Mask = NDArray[np.bool_]

MOST_BAND_PX = 250.0
_MARGIN_PX = 24
"""How much of the surroundings a matte wants to see beside its band."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeShape:
    """What is done to a new edge: `shift_px` (-50..50) moves it in when negative, `feather_px` (0..50) softens it."""

    shift_px: float = 0.0
    feather_px: float = 0.0


def refine_selection(
    document: Document,
    band_px: float = 6.0,
    *,
    source: LayerId | None = None,
    shift_px: float = 0.0,
    feather_px: float = 0.0,
) -> Document:
    """Find the selection's edge again in the picture, within `band_px` (1..250) on both sides of its outline.

    Args:
        source: the layer to look at; None looks at the picture of all layers.
    Raises DocumentError without a selection and for values out of range.
    """
    if document.selection is None:
        raise DocumentError("There is no selection to refine.", "Select something first.")
    shape = edge_shape(band_px, shift_px, feather_px)
    old = document.selection.read().astype(np.float32) / np.float32(255)
    alpha = refined(opaque(sampled(document, source)), old, band_px, shape)
    return combine_selection(document, np.rint(alpha * 255).astype(np.uint8))


def extract_selected(
    document: Document,
    layer_id: LayerId,
    *,
    decontaminate: bool = True,
    new_id: LayerId | None = None,
    name: str = COPY_NAME,
) -> Document:
    """Copy what is selected of a layer to a new one right above it, at the selection's softness.

    Args:
        decontaminate: give soft pixels the object's own colours, without what shines through of the background.
        new_id: the id of the new layer; a fresh one unless given.
        name: what to call it; “{name}” stands for the old layer's own.
    Raises DocumentError when nothing of the layer is selected.
    """
    from studio.cutout.matte import estimate_foreground

    layer = raster(document, layer_id)
    if document.selection is None:
        raise DocumentError("There is no selection to cut out.", "Select something first.")
    area = document.selection.bounds.grown(_MARGIN_PX).intersect(layer.bounds).intersect(document.canvas)
    samples = layer.pixels.read(area.moved(-layer.origin))
    share = document.selection.read(area).astype(np.float32) / np.float32(255)
    color = color_shares(samples)
    alpha: Reals = np.multiply(samples[..., 3], share / np.float32(document.depth.top), dtype=np.float32)
    if decontaminate and bool((share > 0).any()):
        color = np.where(_soft(share)[..., None], estimate_foreground(color, share), color).astype(np.float32)
    pixels, shift = PixelBuffer.from_array(_joined(color, alpha, document.depth)).trimmed()
    if not pixels.tiles:
        raise DocumentError(f"Nothing of “{layer.name}” is selected.", "Select a part of it that is not transparent.")
    copy = RasterLayer(
        id=new_id or new_layer_id(), name=named_after(layer, name), pixels=pixels, origin=area.origin + shift
    )
    _, run = run_of(document, layer_id)
    copy = switched(copy, (run[0], layer))  # the copy is not clipped, so its base no longer withholds it
    return add_layers(document, (copy,), own_place(document, layer_id, higher=1))


def repair_edges(
    document: Document,
    layer_id: LayerId,
    band_px: float = 4.0,
    *,
    source: LayerId | None = None,
    merged: bool = False,
    fringe: bool = True,
    shift_px: float = 0.0,
    feather_px: float = 0.0,
) -> Document:
    """Make a cut-out layer's edge anew within `band_px` (1..250) on both sides of its outline.

    Args:
        source: the photo that the layer was cut from: alpha and colours come from there. Without it alpha is only
            shifted and feathered, and soft colours are taken from inside the object.
        merged: take the picture of all layers for that photo, as a decomposed stack looks like it.
        fringe: take the old background out of the colours of the band.
    Raises DocumentError for locked pixels or transparency and values out of range.
    """
    from studio.cutout.matte import estimate_foreground

    layer = raster(document, layer_id)
    require_unlocked(document, layer_id, Lock.PIXELS, Lock.ALPHA)
    shape = edge_shape(band_px, shift_px, feather_px)
    area = layer.bounds.grown(int(band_px) + _MARGIN_PX)
    photo = None if source is None or merged else raster(document, source)
    if photo is not None:
        area = area.intersect(photo.bounds)
    elif merged:
        area = area.intersect(document.canvas)
    if area.is_empty:
        return document
    old = layer.pixels.read(area.moved(-layer.origin))
    alpha = old[..., 3].astype(np.float32) / np.float32(document.depth.top)
    band = edge_band(alpha, band_px)
    if photo is None and not merged:
        new_alpha = shaped(alpha, alpha, band, shape)
        color = _from_inside(color_shares(old), alpha, band) if fringe else color_shares(old)
    else:
        seen = composite(document, area) if photo is None else photo.pixels.read(area.moved(-photo.origin))
        image = opaque(seen)
        with part(0.0, 0.7):
            new_alpha = refined(image, alpha, band_px, shape)
        with part(0.7, 1.0):
            color = estimate_foreground(image, new_alpha) if fringe else image
    samples = np.where(band[..., None], _joined(color.astype(np.float32), new_alpha, document.depth), old)
    pixels, origin = written(layer.pixels, layer.origin, area.origin, samples)
    return changed(document, layer_id, lambda _: replace(layer, pixels=pixels, origin=origin))


def edge_band(alpha: Reals, band_px: float) -> Mask:
    """Pixels within `band_px` of the outline, which runs where alpha passes a half."""
    inside = alpha >= 0.5
    if inside.all() or not inside.any():
        return np.zeros(alpha.shape, np.bool_)
    near = np.zeros(alpha.shape, np.bool_)
    for side in (inside, ~inside):
        distance = cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        near |= side & (distance <= band_px)
    return near


def refined(image: Reals, alpha: Reals, band_px: float, shape: EdgeShape) -> Reals:
    """Alpha (h, w) found again in the band, with the same values as before everywhere else; `image` is (h, w, 3)."""
    from studio.cutout.matte import estimate_alpha

    band = edge_band(alpha, band_px)
    if not band.any():
        return alpha
    rows, columns = np.flatnonzero(band.any(axis=1)), np.flatnonzero(band.any(axis=0))
    around = Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1).grown(_MARGIN_PX)
    place = around.intersect(Rect(0, 0, alpha.shape[1], alpha.shape[0])).slices()
    inside = alpha[place] >= 0.5
    trimap = np.where(band[place], 0.5, inside).astype(np.float32)
    found = alpha.copy()
    found[place] = estimate_alpha(image[place], trimap, inside)
    return shaped(np.where(band, found, alpha).astype(np.float32), alpha, band, shape)


def shaped(new: Reals, old: Reals, band: Mask, shape: EdgeShape) -> Reals:
    """The new alpha shifted and feathered inside the band, the old one outside."""
    if shape.shift_px:
        new = _shifted(new, shape.shift_px)
    if shape.feather_px:
        new = gaussian(new, shape.feather_px)
    return np.where(band, np.clip(new, 0, 1), old).astype(np.float32)


def _shifted(alpha: Reals, px: float) -> Reals:
    """Grown by the largest, or shrunk by the smallest alpha within that distance; parts of pixels between the two."""
    whole = int(abs(px))
    operation = cv2.dilate if px > 0 else cv2.erode
    low, high = (operation(alpha, _disc(radius)) if radius else alpha for radius in (whole, whole + 1))
    share = np.float32(abs(px) - whole)
    return np.asarray(low + (high - low) * share, np.float32)


def _disc(radius: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return (x * x + y * y <= radius * radius + radius).astype(np.uint8)


def _from_inside(color: Reals, alpha: Reals, band: Mask) -> Reals:
    """The band's colours drawn from where the object is whole: what lies deeper counts, the edge itself does not."""
    from studio.cutout.smoothing import masked_mean

    sure = (alpha >= 0.999) & ~band
    if not sure.any():
        sure = alpha >= 0.999
    if not sure.any():
        return color
    depth = cv2.distanceTransform((~sure).astype(np.uint8), cv2.DIST_L2, 5)
    reach = float(depth[band].max(initial=1.0))
    out = color.copy()
    known = sure.copy()
    sigma = 1.0
    while sigma <= 2 * reach:
        mean = masked_mean(color, known, sigma)
        weight = cv2.GaussianBlur(known.astype(np.float32), (0, 0), sigma)
        fill = band & ~known & (weight > 1e-3)
        out[fill] = mean[fill]
        color = np.where(fill[..., None], mean, color).astype(np.float32)
        known |= fill
        sigma *= 2
    return out


def edge_shape(band_px: float, shift_px: float, feather_px: float) -> EdgeShape:
    """Raises DocumentError for values out of range."""
    for what, value, least, most in (
        ("band", band_px, 1.0, MOST_BAND_PX),
        ("shift", shift_px, -50.0, 50.0),
        ("feather", feather_px, 0.0, 50.0),
    ):
        if not least <= value <= most:
            raise DocumentError(f"The {what} of {value} px is not between {least:g} and {most:g}.", "Change it.")
    return EdgeShape(shift_px=shift_px, feather_px=feather_px)


def _soft(share: Reals) -> Mask:
    return (share > 0) & (share < 1)


def opaque(samples: Pixels) -> Reals:
    """Colours of a picture on middle grey, so that holes in it do not look like an object."""
    alpha = samples[..., 3:].astype(np.float32) / np.float32(Depth.of(samples).top)
    return np.add(color_shares(samples) * alpha, np.float32(0.5) * (np.float32(1) - alpha))


def _joined(color: Reals, alpha: Reals, depth: Depth) -> Pixels:
    """Straight samples; no colour where there is no alpha."""
    out = rounded(np.concatenate([color, alpha[..., None]], axis=2), depth)
    out[out[..., 3] == 0] = 0
    return out
