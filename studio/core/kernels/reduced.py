"""Layers and masks at a reduced size, kept tile by tile: what a zoomed-out view is composited from.

A reduced tile lies on the grid of the view, not of its layer, so that one view pixel is the mean of exactly the canvas
pixels behind it and layers that fit together on the canvas still do. Means are weighted with alpha.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import Point, Rect, Size
from studio.core.kernels import layout, machine
from studio.core.kernels.loader import Kernels
from studio.core.kernels.program import Step, StepKind, shrunk_rect
from studio.core.kernels.table import Addresses, Grid, address_of, tables_of
from studio.core.layers import Mask
from studio.core.pixels import TILE, Depth, PixelBuffer, Pixels

_WORTH_A_THREAD = 1 << 18


@dataclass(slots=True, eq=False)
class _Reduced:
    """One buffer at one place and scale; `made` tells which cells of the view's grid are there."""

    pixels: PixelBuffer
    origin: Point
    scale: int
    area: Rect
    addresses: Addresses
    made: NDArray[np.bool_]
    tiles: dict[tuple[int, int], Pixels] = field(default_factory=dict[tuple[int, int], Pixels])

    @classmethod
    def of(cls, pixels: PixelBuffer, origin: Point, scale: int) -> _Reduced:
        view = shrunk_rect(Rect.at(origin, pixels.size), scale)
        area = Rect(view.left // TILE, view.top // TILE, -(-view.right // TILE), -(-view.bottom // TILE))
        shape = (max(area.height, 1), max(area.width, 1))
        return cls(pixels, origin, scale, area, np.zeros(shape, np.int64), np.zeros(shape, np.bool_))

    @property
    def nbytes(self) -> int:
        return sum(tile.nbytes for tile in self.tiles.values())

    @property
    def grid(self) -> tuple[Grid, Point]:
        rows, columns = self.addresses.shape
        size = Size(columns * TILE, rows * TILE)
        corner = Point(self.area.left * TILE, self.area.top * TILE)
        return Grid(self.addresses, columns, size, tuple(self.tiles.values())), corner

    def missing(self, view: Rect) -> list[tuple[int, int]]:
        """Cells of the view that are not made yet."""
        wanted = Rect(view.left // TILE, view.top // TILE, -(-view.right // TILE), -(-view.bottom // TILE))
        wanted = wanted.intersect(self.area)
        made = self.made[wanted.slices(self.area.origin)]
        if made.all():
            return []
        return [
            (int(column) + wanted.left, int(row) + wanted.top) for row, column in zip(*np.nonzero(~made), strict=True)
        ]

    def sources(self, cell: tuple[int, int]) -> list[tuple[int, int]]:
        """Keys of the buffer's tiles that a cell is made from."""
        side = TILE * self.scale
        at = Point(cell[0] * side, cell[1] * side) - self.origin
        return list(Rect(at.x, at.y, at.x + side, at.y + side).intersect(self.pixels.rect).cells(TILE))

    def put(self, cell: tuple[int, int], tile: Pixels | None) -> None:
        place = cell[1] - self.area.top, cell[0] - self.area.left
        self.made[place] = True
        if tile is not None:
            self.tiles[cell] = tile
            self.addresses[place] = address_of(tile)

    def adopt(self, older: _Reduced) -> None:
        """Take over the cells that an older buffer at the same place and scale had in common with this one."""
        for row, column in zip(*np.nonzero(older.made), strict=True):
            cell = int(column) + self.area.left, int(row) + self.area.top
            keys = self.sources(cell)
            if all(self.pixels.tiles.get(key) is older.pixels.tiles.get(key) for key in keys):
                self.put(cell, older.tiles.get(cell))


class ReducedLayers:
    """Keeps reduced tiles within a budget; what was used longest ago goes first."""

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self._kept: dict[tuple[int, Point, int], _Reduced] = {}

    def grid(self, kernels: Kernels, pixels: PixelBuffer, origin: Point, scale: int, view: Rect) -> tuple[Grid, Point]:
        """Tiles of the buffer that cover at least `view` (view pixels), and where the first one lies."""
        key = (id(pixels), origin, scale)
        reduced = self._kept.pop(key, None)
        if reduced is None:
            reduced = _Reduced.of(pixels, origin, scale)
            older = self._like(reduced)
            if older is not None:
                reduced.adopt(older)
        self._kept[key] = reduced
        _make(kernels, reduced, reduced.missing(view))
        return reduced.grid

    def trim(self) -> None:
        """Forget what does not fit into the budget."""
        held = sum(reduced.nbytes for reduced in self._kept.values())
        for key in list(self._kept)[:-1]:
            if held <= self.budget_bytes:
                break
            held -= self._kept.pop(key).nbytes

    def _like(self, wanted: _Reduced) -> _Reduced | None:
        """The latest buffer of the same kind at the same place: most likely the layer before its last change."""
        alike = (
            kept
            for kept in reversed(self._kept.values())
            if (kept.origin, kept.scale, kept.area) == (wanted.origin, wanted.scale, wanted.area)
            and (kept.pixels.size, kept.pixels.channels) == (wanted.pixels.size, wanted.pixels.channels)
            and kept.pixels.fill == wanted.pixels.fill
            and any(kept.pixels.tiles.get(key) is tile for key, tile in wanted.pixels.tiles.items())
        )
        return next(alike, None)


def _make(kernels: Kernels, reduced: _Reduced, missing: list[tuple[int, int]]) -> None:
    """Make the missing cells, on all processors."""
    if not missing:
        return
    pixels = reduced.pixels
    bounds = Rect.at(reduced.origin, pixels.size)
    if pixels.channels == 1:
        mask = Mask(pixels=pixels, origin=reduced.origin)
        tables = tables_of((Step(kind=StepKind.SEAL, extent=bounds, mask=mask),), bounds)
        shrink = kernels.shrink_mask
    else:
        tables = tables_of((Step(kind=StepKind.DRAW, extent=bounds, pixels=pixels, origin=reduced.origin),), bounds)
        shrink = kernels.shrink_layer

    def make(cell: tuple[int, int]) -> None:
        if not any(key in pixels.tiles for key in reduced.sources(cell)):
            reduced.put(cell, None)
            return
        tile = np.empty((TILE, TILE, pixels.channels), pixels.depth.dtype)
        work = np.zeros(16 * layout.WIDTH, np.float32)
        sixteen = pixels.depth is Depth.SIXTEEN
        shrink(tables.steps, cell[0] * TILE, cell[1] * TILE, reduced.scale, sixteen, address_of(tile), work)
        reduced.put(cell, tile)

    work = len(missing) * (TILE * reduced.scale) ** 2
    threads = machine.processors() if work > _WORTH_A_THREAD else 1
    machine.in_parallel([partial(make, cell) for cell in missing], threads)
