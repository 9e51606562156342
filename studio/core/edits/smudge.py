"""Smudging: the brush picks colour up and lays it down again a little further on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np

from studio.core.document import Document
from studio.core.edits.areas import shares_at
from studio.core.edits.targets import Lock, lock_holder, raster, require_unlocked
from studio.core.edits.wet import Cell, State, WetBuffer, require_ground, target, with_state
from studio.core.errors import DocumentError
from studio.core.geometry import Point, Rect, Size
from studio.core.history import EditCall, LabelledEdit
from studio.core.layers import LayerId
from studio.core.painting.brush import Brush, StrokePoint, require_brush, require_points
from studio.core.painting.inks import Paint
from studio.core.painting.mixing import Reals, premultiplied, rounded
from studio.core.painting.path import Dab, DabPath
from studio.core.painting.stamp import dab_print
from studio.core.pixels import TILE, Depth, Pixels

SMUDGE_LABEL = "Smudge"
_ONE = np.float32(1)


class Smudge:
    """A smudging stroke, used like `wet.Stroke`. `strength` 0..1 is how long colour sticks to the brush.

    Pressure acts on opacity and flow; the size stays, because the brush carries a patch of it. With `on_mask` the
    layer's mask is smeared.
    """

    def __init__(
        self, document: Document, layer_id: LayerId, brush: Brush, strength: float, *, on_mask: bool = False
    ) -> None:
        require_brush(brush)
        if not 0.0 <= strength <= 1.0:
            raise DocumentError(f"The strength {strength} is not between 0 and 1.", "Change that value.")
        self._target = _target(document, layer_id, on_mask=on_mask)
        self._on_mask = on_mask
        self._document = document
        self._layer_id = layer_id
        self._brush = brush
        self._told_strength = strength
        self._strength = np.float32(strength)
        self._points: list[StrokePoint] = []
        self._path = DabPath(brush)
        self._locked = lock_holder(document, layer_id, Lock.ALPHA) is not None
        self._mixed: dict[Cell, Reals] = {}
        """(256, 256, C) shares of the tiles that the stroke has come to, premultiplied where they have alpha."""
        self._carried: Reals | None = None

    def extend(self, points: Sequence[StrokePoint]) -> Rect:
        """Go on through these points; the canvas area that changed."""
        require_points(points)
        self._points += points
        return self._smear(self._path.extend(points))

    def finish(self) -> Rect:
        """Lift the pen; the canvas area that changed."""
        return self._smear(self._path.finish())

    @property
    def document(self) -> Document:
        """The document with the stroke so far."""
        return with_state(self._document, self._layer_id, self._target.result(), on_mask=self._on_mask)

    @property
    def edit(self) -> LabelledEdit:
        """The stroke so far, for the history, as `Stroke.edit`."""
        state = self._target.result()
        arguments: dict[str, object] = {
            "layer_id": self._layer_id,
            "brush": self._brush,
            "points": tuple(self._points),
            "strength": self._told_strength,
            "on_mask": self._on_mask,
        }
        return LabelledEdit(SMUDGE_LABEL, partial(self._laid, state), (EditCall("smudge", arguments),))

    def _laid(self, state: State, document: Document) -> Document:
        there = _target(document, self._layer_id, on_mask=self._on_mask)
        require_ground(document, self._layer_id, self._target, there)
        return with_state(document, self._layer_id, self._target.lay(state), on_mask=self._on_mask)

    def _smear(self, dabs: Iterable[Dab]) -> Rect:
        touched: dict[Cell, Rect] = {}
        for dab in dabs:
            rect = self._patch_rect(dab)
            patch = self._read(rect)
            if self._carried is None:
                self._carried = patch
                continue
            self._carried = np.add(patch, (self._carried - patch) * self._strength)
            share = dab_print(dab, self._brush, rect) * np.float32(dab.opacity * dab.flow)
            share *= shares_at(self._document, rect)
            self._write(rect, np.add(patch, (self._carried - patch) * share[..., None]))
            for cell, part in self._target.parts(rect):
                touched[cell] = Rect.union((touched.get(cell, part), part))
        for cell, part in touched.items():
            self._target.put(cell, part, self._straight(cell, part))
        return Rect.union(touched.values())

    def _patch_rect(self, dab: Dab) -> Rect:
        """A square of one size around the dab, so that what is carried fits every dab."""
        reach = int(np.ceil(self._brush.size_px / 2)) + 2
        corner = Point(int(np.floor(dab.x)) - reach, int(np.floor(dab.y)) - reach)
        return Rect.at(corner, Size(2 * reach + 1, 2 * reach + 1))

    def _cell(self, cell: Cell) -> Reals:
        """A tile as it is now, as shares."""
        mixed = self._mixed.get(cell)
        if mixed is None:
            base = self._target.base
            tile = base.tiles.get(cell)
            blank = np.float32(base.fill / base.depth.top)
            mixed = np.full((TILE, TILE, base.channels), blank, np.float32) if tile is None else _shares(tile)
            self._mixed[cell] = mixed
        return mixed

    def _read(self, rect: Rect) -> Reals:
        out = np.zeros((rect.height, rect.width, self._target.base.channels), np.float32)
        for cell, part in self._target.parts(rect):
            out[part.slices(rect.origin)] = self._cell(cell)[self._target.local(cell, part)]
        return out

    def _write(self, rect: Rect, values: Reals) -> None:
        for cell, part in self._target.parts(rect):
            self._cell(cell)[self._target.local(cell, part)] = values[part.slices(rect.origin)]

    def _straight(self, cell: Cell, part: Rect) -> Pixels:
        """The samples of a part; those that did not change are the old ones, bit by bit."""
        mixed = self._cell(cell)[self._target.local(cell, part)]
        before = self._target.before(cell, part)
        same = (_shares(before) == mixed).all(axis=2)
        if self._on_mask:
            return np.where(same[..., None], before, rounded(mixed, Depth.of(before)))
        alpha = mixed[..., 3:]
        color: Reals = np.divide(mixed[..., :3], np.where(alpha > 0, alpha, _ONE))
        new = rounded(np.concatenate([color, alpha], axis=2), Depth.of(before))
        if self._locked:
            new = np.where(before[..., 3:] > 0, np.concatenate([new[..., :3], before[..., 3:]], axis=2), before)
        new[new[..., 3] == 0] = 0
        return np.where(same[..., None], before, new)


def _shares(samples: Pixels) -> Reals:
    """(h, w, C) samples as shares; those with alpha premultiplied."""
    if samples.shape[2] == 4:
        return premultiplied(samples)
    shares: Reals = np.divide(samples, Depth.of(samples).top, dtype=np.float32)
    return shares


def _target(document: Document, layer_id: LayerId, *, on_mask: bool) -> WetBuffer:
    """The layer's buffer, or its mask's. Raises DocumentError when it may not be smudged."""
    if on_mask:
        return target(document, layer_id, Paint(), on_mask=True)
    layer = raster(document, layer_id)
    require_unlocked(document, layer_id, Lock.PIXELS)
    return WetBuffer(layer.pixels, layer.origin, grows=lock_holder(document, layer_id, Lock.ALPHA) is None)
