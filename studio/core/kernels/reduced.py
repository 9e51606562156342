"""Layers and masks at a reduced size, kept tile by tile: what a zoomed-out view is composited from.

One view pixel is the mean of exactly the canvas pixels behind it, weighted with alpha, so that layers that fit together
on the canvas still do. A reduced tile is made for a *phase*: where in a view pixel its layer begins. A layer that moves
by whole view pixels keeps its tiles, and one that moves otherwise soon has them for each phase it meets.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import ORIGIN, Point, Rect, Size
from studio.core.kernels import layout, machine
from studio.core.kernels.loader import Kernels
from studio.core.kernels.program import Program, Step, StepKind, shrunk_rect
from studio.core.kernels.table import Addresses, Grid, address_of, tables_of
from studio.core.layers import Mask
from studio.core.pixels import TILE, Depth, PixelBuffer, Pixels

Origins = tuple["ref[Pixels] | None", ...]
"""The tiles that one reduced tile was made from, None for those that are not stored."""

_WORTH_A_THREAD = 1 << 18
_LEFT = 4


@dataclass(frozen=True, slots=True)
class _Kind:
    """What two buffers must have in common for one to take over reduced tiles of the other."""

    phase: Point
    scale: int
    size: Size
    depth: Depth
    channels: int
    fill: int


@dataclass(slots=True, eq=False)
class _Reduced:
    """One buffer at one phase and scale; `made` tells which cells of its grid are there.

    The grid begins at the view pixel that holds the buffer's first pixel. `pixels` is None once the buffer has left the
    document: its tiles are then known by weak references only.
    """

    pixels: PixelBuffer | None
    kind: _Kind
    addresses: Addresses
    made: NDArray[np.bool_]
    tiles: dict[tuple[int, int], Pixels] = field(default_factory=dict[tuple[int, int], Pixels])
    origins: dict[tuple[int, int], Origins] = field(default_factory=dict[tuple[int, int], Origins])

    @classmethod
    def of(cls, pixels: PixelBuffer, phase: Point, scale: int) -> _Reduced:
        view = shrunk_rect(Rect.at(phase, pixels.size), scale)
        shape = (max(-(-view.bottom // TILE), 1), max(-(-view.right // TILE), 1))
        kind = _Kind(phase, scale, pixels.size, pixels.depth, pixels.channels, pixels.fill)
        return cls(pixels, kind, np.zeros(shape, np.int64), np.zeros(shape, np.bool_))

    @property
    def nbytes(self) -> int:
        return sum(tile.nbytes for tile in self.tiles.values())

    @property
    def grid(self) -> Grid:
        rows, columns = self.addresses.shape
        return Grid(self.addresses, columns, Size(columns * TILE, rows * TILE), tuple(self.tiles.values()))

    def missing(self, part: Rect) -> list[tuple[int, int]]:
        """Cells that are not made yet of this part, in view pixels from the grid's corner."""
        height, width = self.made.shape
        wanted = Rect(part.left // TILE, part.top // TILE, -(-part.right // TILE), -(-part.bottom // TILE))
        wanted = wanted.intersect(Rect(0, 0, width, height))
        rows, columns = np.nonzero(~self.made[wanted.slices(ORIGIN)])
        return [(int(x) + wanted.left, int(y) + wanted.top) for x, y in zip(columns, rows, strict=True)]

    def put(self, cell: tuple[int, int], tile: Pixels | None, sources: Sequence[Pixels | None]) -> None:
        """Enter a cell, made from these tiles of the buffer."""
        place = cell[1], cell[0]
        self.made[place] = True
        self.origins[cell] = tuple(None if source is None else ref(source) for source in sources)
        if tile is not None:
            self.tiles[cell] = tile
            self.addresses[place] = address_of(tile)

    def adopt(self, older: _Reduced, pixels: PixelBuffer) -> bool:
        """Take over the cells that an older buffer of the same kind has in common with this one; whether it has any.

        A few cells are looked at first, for most buffers of the same kind are other layers.
        """
        cells = list(older.origins)
        if not any(older.serves(cell, pixels) for cell in cells[:: max(1, len(cells) // 3)]):
            return False
        for cell in cells:
            if older.serves(cell, pixels):
                self.put(cell, older.tiles.get(cell), _sources(pixels, self.kind, cell))
        return True

    def serves(self, cell: tuple[int, int], pixels: PixelBuffer) -> bool:
        """Whether a made cell is what this buffer would give: from the very same tiles, and not from none at all."""
        sources, origins = _sources(pixels, self.kind, cell), self.origins[cell]
        pairs = list(zip(sources, origins, strict=True))
        same = all(
            origin is None if tile is None else origin is not None and origin() is tile for tile, origin in pairs
        )
        return same and any(tile is not None for tile in sources)


def _sources(pixels: PixelBuffer, kind: _Kind, cell: tuple[int, int]) -> list[Pixels | None]:
    """The tiles of the buffer that a cell is made from, None for those that are not stored."""
    side = TILE * kind.scale
    at = Point(cell[0] * side, cell[1] * side) - kind.phase
    inside = Rect(at.x, at.y, at.x + side, at.y + side).intersect(pixels.rect)
    return [pixels.tiles.get(key) for key in inside.cells(TILE)]


class ReducedLayers:
    """Keeps reduced tiles within a budget; what was used longest ago goes first.

    Of buffers that have left the document the last few are kept too, for undo; not their own tiles, though.
    """

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self._kept: dict[tuple[int, Point, int], _Reduced] = {}
        self._left: deque[_Reduced] = deque(maxlen=_LEFT)

    def grid(self, kernels: Kernels, pixels: PixelBuffer, origin: Point, scale: int, view: Rect) -> tuple[Grid, Point]:
        """Tiles of the buffer that cover at least `view` (view pixels), and where the first one lies."""
        corner = Point(origin.x // scale, origin.y // scale)
        phase = origin - Point(corner.x * scale, corner.y * scale)
        key = (id(pixels), phase, scale)
        reduced = self._kept.pop(key, None)
        if reduced is None:
            reduced = _Reduced.of(pixels, phase, scale)
            alike = (o for o in (*reversed(self._kept.values()), *reversed(self._left)) if o.kind == reduced.kind)
            any(reduced.adopt(older, pixels) for older in alike)
        self._kept[key] = reduced
        _make(kernels, reduced, pixels, reduced.missing(view.moved(-corner)))
        return reduced.grid, corner

    def settle(self, program: Program) -> None:
        """Let go of buffers that the program no longer draws, and of what does not fit into the budget."""
        drawn = {id(step.pixels) for step in program}
        drawn |= {id(step.mask.pixels) for step in program if step.mask is not None}
        for key, reduced in list(self._kept.items()):
            if key[0] not in drawn:
                del self._kept[key]
                reduced.pixels = None
                self._left.append(reduced)
        held = sum(reduced.nbytes for reduced in (*self._left, *self._kept.values()))
        while held > self.budget_bytes and self._left:
            held -= self._left.popleft().nbytes
        for key in list(self._kept)[:-1]:
            if held <= self.budget_bytes:
                break
            held -= self._kept.pop(key).nbytes


def reduced_samples(kernels: Kernels, pixels: PixelBuffer, scale: int) -> Pixels:
    """(h, w, C) samples of a whole buffer at a reduced size, straight colours weighted with alpha."""
    reduced = _Reduced.of(pixels, ORIGIN, scale)
    view = shrunk_rect(pixels.rect, scale)
    _make(kernels, reduced, pixels, reduced.missing(view))
    out = np.full((view.height, view.width, pixels.channels), pixels.fill, pixels.depth.dtype)
    for (column, row), tile in reduced.tiles.items():
        corner = Point(column * TILE, row * TILE)
        part = Rect.at(corner, Size(TILE, TILE)).intersect(view)
        out[part.slices()] = tile[part.slices(corner)]
    return out


def _make(kernels: Kernels, reduced: _Reduced, pixels: PixelBuffer, missing: list[tuple[int, int]]) -> None:
    """Make the missing cells, on all processors."""
    if not missing:
        return
    phase, scale = reduced.kind.phase, reduced.kind.scale
    bounds = Rect.at(phase, pixels.size)
    if pixels.channels == 1:
        tables = tables_of((Step(kind=StepKind.SEAL, extent=bounds, mask=Mask(pixels=pixels, origin=phase)),), bounds)
        shrink = kernels.shrink_mask
    else:
        tables = tables_of((Step(kind=StepKind.DRAW, extent=bounds, pixels=pixels, origin=phase),), bounds)
        shrink = kernels.shrink_layer

    def make(cell: tuple[int, int]) -> None:
        sources = _sources(pixels, reduced.kind, cell)
        tile = None
        if any(source is not None for source in sources):
            tile = np.empty((TILE, TILE, pixels.channels), pixels.depth.dtype)
            work = np.zeros(16 * layout.WIDTH, np.float32)
            sixteen = pixels.depth is Depth.SIXTEEN
            shrink(tables.steps, cell[0] * TILE, cell[1] * TILE, scale, sixteen, address_of(tile), work)
        reduced.put(cell, tile, sources)

    work = len(missing) * (TILE * scale) ** 2
    threads = machine.processors() if work > _WORTH_A_THREAD else 1
    machine.in_parallel([partial(make, cell) for cell in missing], threads)
