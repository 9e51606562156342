"""A program as the integer and float tables that the compiled machine reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from studio.core import adjust
from studio.core.geometry import Point, Rect, Size
from studio.core.kernels import layout
from studio.core.kernels.program import CLOSING, OPENING, Program, Step, StepKind, levels_of
from studio.core.layers import BlendMode
from studio.core.pixels import TILE, PixelBuffer, Pixels

Addresses = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Memory addresses of a buffer's tiles, row by row, 0 where a tile is all `fill`; `tiles` keeps them alive.

    Outside `size` every sample is `fill`.
    """

    addresses: Addresses
    columns: int
    size: Size
    tiles: tuple[Pixels, ...]

    @property
    def address(self) -> int:
        return address_of(self.addresses)


@dataclass(frozen=True, slots=True, eq=False)
class StepTables:
    """Integer and float table of a program. `kept` keeps alive what the addresses point to."""

    steps: Addresses
    reals: NDArray[np.float32]
    levels: int
    kept: tuple[object, ...]


GridOf = Callable[[PixelBuffer, Point], tuple[Grid, Point]]
"""The tiles to read for a raster layer's pixels or mask, and where on the canvas the first one lies."""


def tables_of(program: Program, rect: Rect, used: range | None = None) -> StepTables:
    """The tables of a program for use within `rect` only: other tiles are not looked up."""
    return tables_with(program, partial(grid_within, rect), used)


def tables_with(program: Program, grids: GridOf, used: range | None = None) -> StepTables:
    """The tables of a program, each buffer's tiles taken from `grids`; only the `used` steps can be carried out."""
    used = range(len(program)) if used is None else used
    steps = np.zeros((len(program), layout.STEP_FIELDS), np.int64)
    reals = np.zeros((len(program), layout.REAL_FIELDS), np.float32)
    kept: list[object] = []
    opened: list[int] = []
    for i, step in enumerate(program):
        if i in used:
            kept += _fill(steps[i], reals[i], step, grids, lowest=not opened)
        if step.kind in OPENING:
            opened.append(i)
        elif step.kind in CLOSING:
            steps[opened.pop(), layout.PARTNER] = i
    return StepTables(steps, reals, levels_of(program), tuple(kept))


def _fill(row: Addresses, reals: NDArray[np.float32], step: Step, grids: GridOf, lowest: bool) -> list[object]:
    """Enter one step; what must stay alive for it."""
    kept: list[object] = []
    row[layout.KIND], row[layout.MODE] = step.kind, layout.MODES.index(step.mode)
    row[layout.LEFT : layout.BOTTOM + 1] = step.extent.left, step.extent.top, step.extent.right, step.extent.bottom
    reals[layout.OPACITY], reals[layout.FILL] = step.opacity, step.fill
    if step.pixels is not None:
        grid, origin = grids(step.pixels, step.origin)
        row[layout.GRID : layout.ORIGIN_Y + 1] = grid.address, grid.columns, origin.x, origin.y
        kept.append(grid)
    if step.mask is not None:
        grid, origin = grids(step.mask.pixels, step.mask.origin)
        size = grid.size
        place = (grid.address, grid.columns, origin.x, origin.y, size.width, size.height, step.mask.pixels.fill)
        row[layout.MASK_GRID : layout.MASK_FILL + 1] = place
        reals[layout.DENSITY] = step.mask.density
        kept.append(grid)
    if step.adjustment is not None:
        ready = adjust.tables(step.adjustment)
        row[layout.TABLE], row[layout.TABLE_KIND] = address_of(ready.values), ready.kind
        kept.append(ready)
    plain = step.mode is BlendMode.NORMAL and step.opacity == 1 and step.mask is None
    row[layout.COVERS] = lowest and step.kind is StepKind.DRAW and plain
    return kept


def grid_within(rect: Rect, pixels: PixelBuffer, origin: Point) -> tuple[Grid, Point]:
    """The buffer's own tiles, as far as they lie in `rect`."""
    columns, rows = -(-pixels.size.width // TILE), -(-pixels.size.height // TILE)
    addresses = np.zeros(max(1, columns * rows), np.int64)
    kept: list[Pixels] = []
    inside = rect.moved(-origin).intersect(pixels.rect)
    tiles = pixels.tiles.items()
    if inside != pixels.rect:
        tiles = [(key, tile) for key in inside.cells(TILE) if (tile := pixels.tiles.get(key)) is not None]
    strides = (TILE * pixels.channels * pixels.depth // 8, pixels.channels * pixels.depth // 8, pixels.depth // 8)
    for (column, row), tile in tiles:
        if tile.strides != strides:
            tile = np.ascontiguousarray(tile)
        addresses[row * columns + column] = address_of(tile)
        kept.append(tile)
    return Grid(addresses, columns, pixels.size, tuple(kept)), origin


def address_of(array: NDArray[np.generic]) -> int:
    """Where the array's first sample lies in memory."""
    return array.__array_interface__["data"][0]
