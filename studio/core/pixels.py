"""PixelBuffer: an immutable picture in 256-px tiles that are shared between versions.

A buffer has its own grid that starts at (0, 0); where it lies on the canvas is its layer's business, so moving a layer
copies nothing. A tile that is all `fill` is not stored. Tiles at the right and bottom edge are padded with `fill`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.core.errors import ShapeError
from studio.core.geometry import ORIGIN, Point, Rect, Size

TILE = 256

Pixels: TypeAlias = NDArray[np.uint8 | np.uint16]
"""(H, W, C) samples, uint8 0..255 or uint16 0..65535; C is 4 (straight RGBA) or 1 (mask)."""


class Depth(IntEnum):
    """Bits per channel of a document."""

    EIGHT = 8
    SIXTEEN = 16

    @property
    def dtype(self) -> np.dtype[np.uint8] | np.dtype[np.uint16]:
        return np.dtype(np.uint8) if self is Depth.EIGHT else np.dtype(np.uint16)

    @property
    def top(self) -> int:
        """The sample value that means 1.0."""
        return 255 if self is Depth.EIGHT else 65535

    @classmethod
    def of(cls, samples: NDArray[np.generic]) -> Depth:
        """The depth of an array. Raises ShapeError for a dtype that is neither uint8 nor uint16."""
        if samples.dtype == np.uint8:
            return cls.EIGHT
        if samples.dtype == np.uint16:
            return cls.SIXTEEN
        raise ShapeError(f"Pixels must be 8-bit or 16-bit integers, not {samples.dtype}.")


def to_depth(samples: Pixels, depth: Depth) -> Pixels:
    """The same picture at another depth: 8 -> 16 bit multiplies by 257, 16 -> 8 bit rounds to nearest."""
    if samples.dtype == depth.dtype:
        return samples
    if depth is Depth.SIXTEEN:
        return samples.astype(np.uint16) * np.uint16(257)
    return ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class PixelBuffer:
    """Tiles by (column, row); each tile is a read-only (256, 256, channels) array.

    Two buffers are equal when size, depth, channels and pixels are. `fill` is the sample of tiles that are not stored.
    """

    size: Size
    depth: Depth
    channels: int = 4
    fill: int = 0
    tiles: Mapping[tuple[int, int], Pixels] = field(default_factory=dict[tuple[int, int], Pixels], repr=False)

    @classmethod
    def from_array(cls, samples: Pixels, fill: int = 0) -> PixelBuffer:
        """Split (H, W, C) or (H, W) samples into tiles; the array is copied.

        Raises ShapeError for a wrong dtype or a channel count other than 1 or 4.
        """
        if samples.ndim == 2:
            samples = samples[:, :, None]
        if samples.ndim != 3 or samples.shape[2] not in (1, 4):
            raise ShapeError(f"A pixel buffer needs 1 or 4 channels; this array has the shape {samples.shape}.")
        height, width, channels = samples.shape
        empty = cls(Size(width, height), Depth.of(samples), channels, fill)
        return empty.with_rect(ORIGIN, samples)

    @property
    def rect(self) -> Rect:
        return self.size.rect

    @property
    def nbytes(self) -> int:
        """Bytes of the stored tiles, shared ones included."""
        return sum(tile.nbytes for tile in self.tiles.values())

    def tile(self, column: int, row: int) -> Pixels | None:
        """The stored tile, or None when all of it is `fill`."""
        return self.tiles.get((column, row))

    def read(self, rect: Rect | None = None) -> Pixels:
        """A writable (h, w, C) copy of `rect` (all of it by default); `fill` outside the buffer."""
        rect = self.rect if rect is None else rect
        out = np.full((rect.height, rect.width, self.channels), self.fill, self.depth.dtype)
        for column, row in rect.intersect(self.rect).cells(TILE):
            tile = self.tiles.get((column, row))
            if tile is None:
                continue
            corner = Point(column * TILE, row * TILE)
            part = Rect.at(corner, Size(TILE, TILE)).intersect(rect).intersect(self.rect)
            out[part.slices(rect.origin)] = tile[part.slices(corner)]
        return out

    def with_rect(self, at: Point, samples: Pixels) -> PixelBuffer:
        """A buffer in which `samples` (h, w, C), clipped to the buffer, replace what was at `at`.

        Only touched tiles are copied; a tile that ends up all `fill` is dropped; an unchanged tile stays shared.
        Raises ShapeError when dtype or channels differ.
        """
        if samples.dtype != self.depth.dtype or samples.ndim != 3 or samples.shape[2] != self.channels:
            raise ShapeError(f"Cannot write {samples.dtype} samples of shape {samples.shape} into {self!r}.")
        target = Rect.at(at, Size(samples.shape[1], samples.shape[0])).intersect(self.rect)
        tiles = dict(self.tiles)
        for key in target.cells(TILE):
            corner = Point(key[0] * TILE, key[1] * TILE)
            part = Rect.at(corner, Size(TILE, TILE)).intersect(target)
            _replace_part(tiles, key, part.slices(corner), samples[part.slices(at)], self)
        return self._with_tiles(tiles)

    def map_tiles(self, function: Callable[[Pixels], Pixels], fill: int | None = None) -> PixelBuffer:
        """Apply `function`, which works sample by sample and keeps shape and dtype, to each stored tile.

        It must map the old `fill` to the new one, which is the same unless given.
        """
        fill = self.fill if fill is None else fill
        tiles = {key: function(tile) for key, tile in self.tiles.items()}
        return PixelBuffer(self.size, self.depth, self.channels, fill, _stored(tiles, fill))

    def grown(self, rect: Rect) -> tuple[PixelBuffer, Point]:
        """A buffer that covers `rect` too, and where its first pixel lies in this one; new area is `fill`.

        Every tile is shared: to the left and to the top it grows by whole tiles.
        """
        if self.rect.is_empty:
            return PixelBuffer(rect.size, self.depth, self.channels, self.fill), rect.origin
        whole = Rect.union((self.rect, rect))
        if whole == self.rect:
            return self, ORIGIN
        columns, rows = -(whole.left // TILE), -(whole.top // TILE)
        size = Size(whole.right + columns * TILE, whole.bottom + rows * TILE)
        tiles = {(column + columns, row + rows): tile for (column, row), tile in self.tiles.items()}
        return PixelBuffer(size, self.depth, self.channels, self.fill, tiles), Point(-columns * TILE, -rows * TILE)

    def trimmed(self) -> tuple[PixelBuffer, Point]:
        """The buffer cut to what shows, and where that starts in this one. A buffer with nothing becomes 0 x 0.

        What shows is a last channel that is not zero or, where `fill` is not zero, any sample other than `fill`.
        """
        bounds = self.shown_rect()
        if bounds == self.rect:
            return self, ORIGIN
        return PixelBuffer.from_array(self.read(bounds), self.fill), bounds.origin

    def shown_rect(self) -> Rect:
        """The rectangle around what shows (see `trimmed`), empty when nothing does.

        Opposite corners that show settle it at once; else tiles are looked at from the rim inwards, and only while they
        could reach beyond what was found.
        """
        found = Rect(0, 0, 0, 0)
        if self._shows(0, 0) and self._shows(self.size.width - 1, self.size.height - 1):
            return self.rect
        middle_x, middle_y = self.size.width / 2, self.size.height / 2
        outermost_first = sorted(
            self.tiles,
            key=lambda key: -max(abs((key[0] + 0.5) * TILE - middle_x), abs((key[1] + 0.5) * TILE - middle_y)),
        )
        for key in outermost_first:
            cell = Rect(key[0] * TILE, key[1] * TILE, (key[0] + 1) * TILE, (key[1] + 1) * TILE).intersect(self.rect)
            if not found.contains(cell):
                found = Rect.union((found, _shown_bounds(self.tiles[key], key, self.fill)))
        return found.intersect(self.rect)

    def to_depth(self, depth: Depth) -> PixelBuffer:
        if depth is self.depth:
            return self
        fill = self.fill * 257 if depth is Depth.SIXTEEN else (self.fill + 128) // 257
        tiles = {key: to_depth(tile, depth) for key, tile in self.tiles.items()}
        return PixelBuffer(self.size, depth, self.channels, fill, _stored(tiles, fill))

    def changed_rect(self, other: PixelBuffer) -> Rect:
        """Where the two may differ, in whole tiles; found by tile identity, so shared tiles cost nothing."""
        if (self.size, self.depth, self.channels, self.fill) != (other.size, other.depth, other.channels, other.fill):
            return Rect.union((self.rect, other.rect))
        keys = [k for k in self.tiles.keys() | other.tiles.keys() if self.tiles.get(k) is not other.tiles.get(k)]
        cells = (Rect(c * TILE, r * TILE, (c + 1) * TILE, (r + 1) * TILE) for c, r in keys)
        return Rect.union(cells).intersect(self.rect)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PixelBuffer):
            return NotImplemented
        if (self.size, self.depth, self.channels, self.fill) != (other.size, other.depth, other.channels, other.fill):
            return False
        if self.tiles.keys() != other.tiles.keys():
            return False
        return all(tile is other.tiles[k] or np.array_equal(tile, other.tiles[k]) for k, tile in self.tiles.items())

    def __hash__(self) -> int:
        return hash((self.size, self.depth, self.channels, self.fill, frozenset(self.tiles)))

    def _shows(self, x: int, y: int) -> bool:
        """Whether one pixel shows (see `trimmed`)."""
        tile = self.tiles.get((x // TILE, y // TILE))
        if tile is None:
            return False
        pixel = tile[y % TILE, x % TILE]
        return bool((pixel != self.fill).any() if self.fill else pixel[-1] != 0)

    def _with_tiles(self, tiles: dict[tuple[int, int], Pixels]) -> PixelBuffer:
        return PixelBuffer(self.size, self.depth, self.channels, self.fill, tiles)


def _replace_part(
    tiles: dict[tuple[int, int], Pixels],
    key: tuple[int, int],
    where: tuple[slice, slice],
    samples: Pixels,
    like: PixelBuffer,
) -> None:
    """Write `samples` into one tile of `tiles`, keeping the old array when nothing changes."""
    old = tiles.get(key)
    if old is not None and np.array_equal(old[where], samples):
        return
    new = np.full((TILE, TILE, like.channels), like.fill, like.depth.dtype) if old is None else old.copy()
    new[where] = samples
    if (new == like.fill).all():
        tiles.pop(key, None)
    else:
        tiles[key] = _frozen(new)


def _frozen(tile: Pixels) -> Pixels:
    tile.setflags(write=False)
    return tile


def _stored(tiles: Mapping[tuple[int, int], Pixels], fill: int) -> dict[tuple[int, int], Pixels]:
    """The tiles worth storing, read-only: those that are not all `fill`."""
    return {key: _frozen(tile) for key, tile in tiles.items() if not (tile == fill).all()}


def _shown_bounds(tile: Pixels, key: tuple[int, int], fill: int) -> Rect:
    """Bounds, in buffer coordinates, of what shows of one tile (see `PixelBuffer.trimmed`)."""
    solid = (tile != fill).any(axis=2) if fill else tile[:, :, -1] != 0
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if not rows.size:
        return Rect(0, 0, 0, 0)
    left, top = key[0] * TILE, key[1] * TILE
    return Rect(left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1, top + int(rows[-1]) + 1)
