"""Healing: what a stroke covers is filled from its surroundings, or cloned and matched to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studio.core.document import Document
from studio.core.edits.areas import shares_at
from studio.core.edits.samples import written
from studio.core.edits.wet import target, with_state
from studio.core.errors import DocumentError
from studio.core.geometry import Point, Rect
from studio.core.layers import LayerId
from studio.core.painting.brush import Brush, StrokePoint, require_brush, require_points
from studio.core.painting.inks import Tone
from studio.core.painting.mixing import Reals, brightness, color_shares, painted, toned
from studio.core.painting.path import Dab, DabPath
from studio.core.painting.stamp import build_up, dab_print, dab_rect
from studio.core.pixels import Depth, Pixels

_LEAST_MARGIN_PX = 24


def heal(
    document: Document,
    layer_id: LayerId,
    brush: Brush,
    points: Sequence[StrokePoint],
    *,
    offset: Point | None = None,
    seed: int = 0,
    on_mask: bool = False,
) -> Document:
    """Repair what a stroke covers of a layer, whose alpha stays as it is, or of its mask.

    Args:
        offset: how far away the texture is taken from, then matched in colour to what surrounds the stroke; None
            fills from the surroundings, the better of several ways chosen by trying them there.
        seed: of the filling, which searches by chance; the same seed gives the same pixels.
    Raises DocumentError for locked pixels, a brush out of range, and when nothing is left to learn from.
    """
    pixels, origin = target(document, layer_id, Tone(), on_mask=on_mask).result()
    require_brush(brush)
    require_points(points)
    bounds = pixels.rect.moved(origin)
    bounds = Rect.union((bounds, document.canvas)) if on_mask else bounds
    stroke = DabPath(brush)
    dabs = [*stroke.extend(points), *stroke.finish()]
    covered = Rect.union(dab_rect(dab) for dab in dabs).intersect(bounds)
    if covered.is_empty:
        return document
    area = covered.grown(max(_LEAST_MARGIN_PX, max(covered.width, covered.height))).intersect(bounds)
    wet = _coverage(dabs, brush, area) * shares_at(document, area)
    if not (wet > 0).any():
        return document
    samples = pixels.read(area.moved(-origin))
    there = None if offset is None else _colored(pixels.read(area.moved(offset - origin)))
    colors = _healed(_colored(samples), there, wet > 0, seed)
    new = toned(samples, brightness(colors), wet) if on_mask else painted(samples, colors, wet, lock_alpha=True)
    return with_state(document, layer_id, written(pixels, origin, area.origin, new), on_mask=on_mask)


def _colored(samples: Pixels) -> Pixels:
    """(h, w, 4) samples; those of a mask as opaque greys."""
    if samples.shape[2] == 4:
        return samples
    opaque = np.full_like(samples, Depth.of(samples).top)
    return np.concatenate([samples.repeat(3, axis=2), opaque], axis=2)


def _healed(samples: Pixels, there: Pixels | None, hole: NDArray[np.bool_], seed: int) -> Reals:
    """(h, w, 3) colours without what the hole covers: filled, or the texture `there` matched to its surroundings."""
    from studio.cutout.fill import Filler, fill_hole

    color, shown = color_shares(samples), samples[..., 3] > 0
    if not (shown & ~hole).any():
        raise DocumentError("There is nothing around the stroke to heal from.", "Use a smaller brush.")
    if there is None:
        return fill_hole(color, hole, shown, Filler.AUTO, seed).colours.astype(np.float32)
    if not there[..., 3].any():
        raise DocumentError("There is nothing where the texture would come from.", "Choose another source.")
    return _matched(color_shares(there), color, hole, shown & (there[..., 3] > 0))


def _coverage(dabs: Sequence[Dab], brush: Brush, area: Rect) -> Reals:
    """(h, w) what the stroke's dabs make of an area."""
    wet = np.zeros((area.height, area.width), np.float32)
    for dab in dabs:
        part = dab_rect(dab).intersect(area)
        if not part.is_empty:
            place = part.slices(area.origin)
            wet[place] = build_up(wet[place], dab_print(dab, brush, part) * np.float32(dab.flow), dab.opacity)
    return wet


def _matched(texture: Reals, color: Reals, hole: NDArray[np.bool_], usable: NDArray[np.bool_]) -> Reals:
    """The texture plus the smoothest difference that meets the surroundings of the hole (a membrane)."""
    from studio.cutout.smoothing import membrane

    known = usable & ~hole
    if not known.any():
        return texture
    difference = np.where(known[..., None], color - texture, 0).astype(np.float32)
    smooth = membrane(difference, known)
    return np.clip(texture + smooth, 0, 1).astype(np.float32)
