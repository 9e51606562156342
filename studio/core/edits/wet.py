"""Strokes under way: what they have touched so far, and the document with them.

A stroke has a buffer of its own, so that its opacity caps it however often it crosses itself. Only the tiles under new
dabs are mixed again; the document that comes of it shares all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from studio.core.compositing import composite
from studio.core.document import MAX_SIDE_PX, Document
from studio.core.edits.areas import require_color, shares_at
from studio.core.edits.targets import Lock, changed, lock_holder, raster, require_unlocked
from studio.core.errors import DocumentError
from studio.core.geometry import EMPTY, Point, Rect, Size
from studio.core.history import EditCall, LabelledEdit
from studio.core.layers import LayerId, RasterLayer
from studio.core.painting.brush import Brush, StrokePoint, require_brush, require_points
from studio.core.painting.inks import Clone, Erase, Ink, Paint, Tone, brightness_of, toned_color
from studio.core.painting.mixing import Reals, brightness, color_shares, erased, painted, toned
from studio.core.painting.path import Dab, DabPath
from studio.core.painting.stamp import build_up, dab_print, dab_rect
from studio.core.pixels import TILE, PixelBuffer, Pixels

Cell = tuple[int, int]
State = tuple[PixelBuffer, Point]
"""Pixels, and where they lie."""
STROKE_LABEL = "Brush stroke"


class WetBuffer:
    """A layer's or mask's pixels while they are painted on, by the tiles of the buffer there was."""

    def __init__(self, pixels: PixelBuffer, origin: Point, *, grows: bool) -> None:
        self.base = pixels
        self._ground = pixels, origin
        """What is under the brush: the buffer there was, or the last state of it that was laid onto a document."""
        self.origin = origin
        self._grows = grows
        self._tiles = dict(pixels.tiles)
        self._outside: dict[Cell, Rect] = {}
        """What shows in the tiles that reach out of the buffer there was."""

    def parts(self, rect: Rect) -> Iterator[tuple[Cell, Rect]]:
        """The tiles under a canvas rectangle, and which canvas pixels of each; only those that may be painted."""
        inside = rect.moved(-self.origin)
        if not self._grows:
            inside = inside.intersect(self.base.rect)
        for cell in inside.cells(TILE):
            yield cell, cell_rect(cell).intersect(inside).moved(self.origin)

    def local(self, cell: Cell, part: Rect) -> tuple[slice, slice]:
        """Where canvas pixels of a tile lie in it."""
        return part.moved(-self.origin).slices(cell_rect(cell).origin)

    def before(self, cell: Cell, part: Rect) -> Pixels:
        """What was there before the stroke."""
        tile = self.base.tiles.get(cell)
        if tile is None:
            return np.full((part.height, part.width, self.base.channels), self.base.fill, self.base.depth.dtype)
        return tile[self.local(cell, part)]

    def put(self, cell: Cell, part: Rect, samples: Pixels) -> None:
        """Make this the present state of a part of a tile."""
        old, base, place = self._tiles.get(cell), self.base, self.local(cell, part)
        if np.array_equal(samples, old[place]) if old is not None else (samples == base.fill).all():
            return
        shape = (TILE, TILE, base.channels)
        new = np.full(shape, base.fill, base.depth.dtype) if old is None else old.copy()
        new[place] = samples
        if not base.rect.contains(cell_rect(cell)):
            self._outside[cell] = _shown(new, cell, base.fill)
        if not (new.any() if base.fill == 0 else (new != base.fill).any()):
            self._tiles.pop(cell, None)
            return
        new.setflags(write=False)
        self._tiles[cell] = new

    def result(self) -> State:
        """The present state, and where it lies; raises DocumentError when it is larger than a document may be."""
        base = self.base
        rect = Rect.union((base.rect, *self._outside.values()))
        columns, rows = min(0, rect.left // TILE), min(0, rect.top // TILE)
        size = Size(rect.right - columns * TILE, rect.bottom - rows * TILE)
        if max(size.width, size.height) > MAX_SIDE_PX:
            raise DocumentError(
                f"The layer would be {size.width} x {size.height} px.", f"{MAX_SIDE_PX} px is the limit."
            )
        tiles = {(column - columns, row - rows): tile for (column, row), tile in self._tiles.items()}
        pixels = PixelBuffer(size, base.depth, base.channels, base.fill, tiles)
        return pixels, self.origin + Point(columns * TILE, rows * TILE)

    def is_ground(self, state: State) -> bool:
        """Whether a stroke may go on where this is: nothing else was done to it meanwhile."""
        return state in (self._ground, (self.base, self.origin))

    def lay(self, state: State) -> State:
        """Note that this state of the buffer is in the document now, and return it."""
        self._ground = state
        return state


def cell_rect(cell: Cell) -> Rect:
    """The pixels of a tile in its buffer's coordinates."""
    return Rect.at(Point(cell[0] * TILE, cell[1] * TILE), Size(TILE, TILE))


def _shown(tile: Pixels, cell: Cell, fill: int) -> Rect:
    """The part of a tile, in its buffer's coordinates, that is not `fill`."""
    differs = (tile != fill).any(axis=2)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not rows.size:
        return EMPTY
    corner = cell_rect(cell).origin
    return Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1).moved(corner)


class Stroke:
    """One stroke: `extend` it with points, `finish` it, and read `document` or `edit` at any time between.

        stroke.extend(points)
        history.apply(stroke.edit, merge_key=("stroke", id(stroke)))

    Args:
        document: what it is painted on, and what Clone takes from.
        layer_id: the layer; its pixels are painted, or with `on_mask` its mask.
    Raises DocumentError for a brush out of range, locks, a layer without pixels or mask, and an ink that cannot work
    there.
    """

    def __init__(self, document: Document, layer_id: LayerId, brush: Brush, ink: Ink, *, on_mask: bool = False) -> None:
        require_brush(brush)
        self._document = document
        self._layer_id = layer_id
        self._brush = brush
        self._path = DabPath(brush)
        self._ink = ink
        self._points: list[StrokePoint] = []
        self._wet: dict[Cell, Reals] = {}
        self._target = target(document, layer_id, ink, on_mask=on_mask)
        self._on_mask = on_mask
        self._mix = _mixer(document, layer_id, ink, on_mask=on_mask)

    def extend(self, points: Sequence[StrokePoint]) -> Rect:
        """Go on through these points; the canvas area that changed."""
        require_points(points)
        self._points += points
        return self._paint(self._path.extend(points))

    def finish(self) -> Rect:
        """Lift the pen; the canvas area that changed."""
        return self._paint(self._path.finish())

    @property
    def document(self) -> Document:
        """The document with the stroke so far."""
        return with_state(self._document, self._layer_id, self._target.result(), on_mask=self._on_mask)

    @property
    def edit(self) -> LabelledEdit:
        """The stroke so far, for the history: one step under one merge key, which a macro can do again.

        What was done to other layers since the stroke began stays. It raises DocumentError when the layer was changed
        meanwhile, or is gone.
        """
        state = self._target.result()
        arguments: dict[str, object] = {
            "layer_id": self._layer_id,
            "brush": self._brush,
            "ink": self._ink,
            "points": tuple(self._points),
            "on_mask": self._on_mask,
        }
        return LabelledEdit(STROKE_LABEL, partial(self._laid, state), (EditCall("paint_stroke", arguments),))

    def _laid(self, state: State, document: Document) -> Document:
        there = target(document, self._layer_id, self._ink, on_mask=self._on_mask)
        require_ground(document, self._layer_id, self._target, there)
        return with_state(document, self._layer_id, self._target.lay(state), on_mask=self._on_mask)

    def _paint(self, dabs: Iterable[Dab]) -> Rect:
        touched: dict[Cell, Rect] = {}
        for dab in dabs:
            for cell, part in self._target.parts(dab_rect(dab)):
                self._stamp(dab, cell, part)
                touched[cell] = Rect.union((touched.get(cell, part), part))
        for cell, part in touched.items():
            alpha = self._wet[cell][self._target.local(cell, part)] * shares_at(self._document, part)
            self._target.put(cell, part, self._mix(self._target.before(cell, part), alpha, part))
        return Rect.union(touched.values())

    def _stamp(self, dab: Dab, cell: Cell, part: Rect) -> None:
        wet = self._wet.get(cell)
        if wet is None:
            wet = self._wet[cell] = np.zeros((TILE, TILE), np.float32)
        place = self._target.local(cell, part)
        added = dab_print(dab, self._brush, part) * np.float32(dab.flow)
        wet[place] = build_up(wet[place], added, dab.opacity)


def target(document: Document, layer_id: LayerId, ink: Ink, *, on_mask: bool) -> WetBuffer:
    """The buffer that a stroke paints on. Raises DocumentError when it may not."""
    layer = document.layer(layer_id)
    if on_mask:
        if layer.mask is None:
            raise DocumentError(f"“{layer.name}” has no mask.", "Add a mask first.")
        return WetBuffer(layer.mask.pixels, layer.mask.origin, grows=True)
    own = raster(document, layer_id)
    require_unlocked(document, layer_id, Lock.PIXELS)
    if isinstance(ink, Erase):
        require_unlocked(document, layer_id, Lock.ALPHA)
    locked = lock_holder(document, layer_id, Lock.ALPHA) is not None
    return WetBuffer(own.pixels, own.origin, grows=isinstance(ink, Paint | Clone) and not locked)


def require_ground(document: Document, layer_id: LayerId, buffer: WetBuffer, there: WetBuffer) -> None:
    """Raise DocumentError when what is `there` is not what the stroke in `buffer` is on."""
    if not buffer.is_ground((there.base, there.origin)):
        name = document.layer(layer_id).name
        raise DocumentError(f"“{name}” was changed while it was painted on.", "Draw the stroke again.")


def with_state(document: Document, layer_id: LayerId, state: State, *, on_mask: bool) -> Document:
    """The document with a state of a buffer in its place."""
    pixels, origin = state
    layer = document.layer(layer_id)
    if on_mask and layer.mask is not None:
        mask = replace(layer.mask, pixels=pixels, origin=origin)
        return changed(document, layer_id, lambda layer: replace(layer, mask=mask))
    own = raster(document, layer_id)
    return changed(document, layer_id, lambda _: replace(own, pixels=pixels, origin=origin))


_Mixer = Callable[[Pixels, Reals, Rect], Pixels]


def _mixer(document: Document, layer_id: LayerId, ink: Ink, *, on_mask: bool) -> _Mixer:
    """What the ink makes of samples, given how much of it each gets and where on the canvas they lie."""
    if on_mask:
        return _mask_mixer(document, ink)
    locked = lock_holder(document, layer_id, Lock.ALPHA) is not None
    match ink:
        case Paint():
            require_color(ink.color)
            color = np.array(ink.color, np.float32)
            return lambda base, alpha, _: painted(base, color, alpha, lock_alpha=locked)
        case Erase():
            return lambda base, alpha, _: erased(base, alpha)
        case Clone():
            return _cloner(document, ink, locked=locked)
        case Tone():
            _require_exposure(ink)
            return lambda base, alpha, _: painted(base, toned_color(color_shares(base), ink), alpha, lock_alpha=True)


def _mask_mixer(document: Document, ink: Ink) -> _Mixer:
    """The same for the one channel of the layer's mask."""
    match ink:
        case Paint():
            require_color(ink.color)
            value = brightness_of(ink.color)
            return lambda base, alpha, _: toned(base, value, alpha)
        case Erase():
            return lambda base, alpha, _: toned(base, 0.0, alpha)
        case Clone():
            return _mask_cloner(document, ink)
        case Tone():
            _require_exposure(ink)
            top = np.float32(document.depth.top)
            return lambda base, alpha, _: toned(base, toned_color(base.astype(np.float32) / top, ink)[..., 0], alpha)


def _mask_cloner(document: Document, ink: Clone) -> _Mixer:
    """Lays down the mask of the ink's source, or the brightness of the picture as far as it is opaque."""
    top = np.float32(document.depth.top)
    if ink.source is not None:
        mask = document.layer(ink.source).mask
        if mask is None:
            name = document.layer(ink.source).name
            raise DocumentError(f"“{name}” has no mask.", "Clone from a layer that has one, or from all layers.")

        def clone(base: Pixels, alpha: Reals, part: Rect) -> Pixels:
            taken = mask.pixels.read(part.moved(ink.offset - mask.origin))
            return toned(base, taken[..., 0].astype(np.float32) / top, alpha)

        return clone

    def print_picture(base: Pixels, alpha: Reals, part: Rect) -> Pixels:
        taken = composite(document, part.moved(ink.offset))
        share = taken[..., 3].astype(np.float32) / top
        return toned(base, brightness(color_shares(taken)), np.multiply(alpha, share))

    return print_picture


def _require_exposure(ink: Tone) -> None:
    if not -1.0 <= ink.exposure <= 1.0:
        raise DocumentError(f"The exposure {ink.exposure} is not between -1 and 1.", "Change that value.")


def _cloner(document: Document, ink: Clone, *, locked: bool) -> _Mixer:
    source = None if ink.source is None else raster(document, ink.source)

    def clone(base: Pixels, alpha: Reals, part: Rect) -> Pixels:
        taken = read_layer(document, source, part.moved(ink.offset))
        share = taken[..., 3].astype(np.float32) / np.float32(document.depth.top)
        return painted(base, color_shares(taken), np.multiply(alpha, share), lock_alpha=locked)

    return clone


def read_layer(document: Document, layer: RasterLayer | None, rect: Rect) -> Pixels:
    """(h, w, 4) straight samples of a canvas rectangle: of one layer, or of the picture when it is None."""
    return composite(document, rect) if layer is None else layer.pixels.read(rect.moved(-layer.origin))
