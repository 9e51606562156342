"""Buffers under a map that is not worked out, sampled for a view: linear, from the reduced size that is just enough."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import Point, Rect, Size
from studio.core.kernels import machine
from studio.core.kernels.loader import Kernels
from studio.core.kernels.program import Program, shrunk_rect
from studio.core.kernels.reduced import reduced_samples
from studio.core.kernels.table import Addresses, Grid, address_of
from studio.core.moved import MovedBuffer
from studio.core.opencv import cv2
from studio.core.pixels import TILE, PixelBuffer, Pixels
from studio.core.resampling import Sampling

_MOST_SIDE_PX = 32_000
"""OpenCV warps pictures of less than 32,768 px a side."""
_COARSEST = 256
_SUBPIXEL_BITS = 4
_FAR_PX = 30_000
"""Corners further away than this are drawn here; no tile sees the difference where edges run straight on."""


@dataclass(slots=True, eq=False)
class MovedLayers:
    """Keeps the reduced sources of what is being moved."""

    _sources: dict[tuple[int, int], tuple[PixelBuffer, Pixels]] = field(
        default_factory=dict[tuple[int, int], tuple[PixelBuffer, Pixels]]
    )

    def grid(self, kernels: Kernels, pixels: MovedBuffer, scale: int, view: Rect) -> tuple[Grid, Point]:
        """Tiles that cover what `view` (view pixels of `scale` x `scale` canvas pixels) shows of the buffer."""
        whole = shrunk_rect(Rect.at(pixels.origin, pixels.size), scale)
        box = whole.intersect(machine.whole_cells(view))
        if box.is_empty:
            return Grid(np.zeros(1, np.int64), 1, Size(0, 0), ()), whole.origin
        shrunk = _source_scale(pixels, scale)
        warp = _Warp.of(pixels, self._samples(kernels, pixels.source, shrunk), shrunk, scale)
        columns, rows = -(-box.width // TILE), -(-box.height // TILE)
        addresses: Addresses = np.zeros(columns * rows, np.int64)
        tiles: list[Pixels] = []

        def make(column: int, row: int) -> None:
            tile = warp.tile(box.origin + Point(column * TILE, row * TILE))
            addresses[row * columns + column] = address_of(tile)
            tiles.append(tile)

        machine.in_parallel(
            [partial(make, column, row) for row in range(rows) for column in range(columns)], machine.processors()
        )
        return Grid(addresses, columns, box.size, tuple(tiles)), box.origin

    def settle(self, program: Program) -> None:
        """Forget the sources of what the program does not draw."""
        drawn = {id(step.pixels.source) for step in program if isinstance(step.pixels, MovedBuffer)}
        masks = (step.mask.pixels for step in program if step.mask is not None)
        drawn |= {id(pixels.source) for pixels in masks if isinstance(pixels, MovedBuffer)}
        self._sources = {key: kept for key, kept in self._sources.items() if key[0] in drawn}

    def _samples(self, kernels: Kernels, source: PixelBuffer, scale: int) -> Pixels:
        kept = self._sources.get((id(source), scale))
        if kept is None:
            samples = source.read() if scale == 1 else reduced_samples(kernels, source, scale)
            kept = self._sources[id(source), scale] = (source, _with_spread_colors(samples))
        return kept[1]


@dataclass(frozen=True, slots=True, eq=False)
class _Warp:
    """One buffer for one view: its source's samples, the way back to them from the view, and the new outline there."""

    pixels: MovedBuffer
    samples: Pixels
    back: NDArray[np.float64]
    corners: NDArray[np.float64]

    @classmethod
    def of(cls, pixels: MovedBuffer, samples: Pixels, source_scale: int, scale: int) -> _Warp:
        """`samples` are the source's with one for `source_scale` x `source_scale` pixels."""
        to_source = np.diag([1 / source_scale, 1 / source_scale, 1.0])
        to_source[:2, 2] = (-pixels.source_origin.x / source_scale, -pixels.source_origin.y / source_scale)
        back = to_source @ pixels.move.inverse().matrix @ np.diag([scale, scale, 1.0])
        bounds = Rect.at(pixels.source_origin, pixels.source.size)
        return cls(pixels, samples, back, np.array(pixels.move.corners(bounds)) / scale)

    def tile(self, corner: Point) -> Pixels:
        """The tile whose first pixel is the view pixel `corner`."""
        channels, fill = self.pixels.channels, self.pixels.fill
        nearest = self.pixels.sampling is Sampling.NEAREST
        found = cv2.warpPerspective(
            self.samples,
            self._from_tile(corner),
            (TILE, TILE),
            flags=(cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        warped = cast(Pixels, np.ascontiguousarray(found).reshape(TILE, TILE, channels))
        covered = self._covered(corner)
        if covered is not None and channels == 1:
            share = covered[..., None] / np.float32(255)
            warped = np.rint(fill + (warped - np.float32(fill)) * share).astype(warped.dtype)
        elif covered is not None:
            alpha = warped[..., 3].astype(np.float32) * covered / np.float32(255)
            warped[..., 3] = np.rint(alpha).astype(warped.dtype)
        return warped

    def _from_tile(self, corner: Point) -> NDArray[np.float64]:
        """From the number of a pixel of the tile to that of a sample of the source."""
        middle, number = np.eye(3), np.eye(3)
        middle[:2, 2] = corner.x + 0.5, corner.y + 0.5
        number[:2, 2] = -0.5
        return number @ self.back @ middle

    def _covered(self, corner: Point) -> NDArray[np.uint8] | None:
        """How much of each pixel of a tile lies in the new outline, 0..255; None when all of them do."""
        spots = self.corners - (corner.x, corner.y)
        polygon = spots.astype(np.float32)
        tile = ((0.0, 0.0), (TILE, 0.0), (TILE, TILE), (0.0, TILE))
        if all(cv2.pointPolygonTest(polygon, spot, measureDist=False) >= 0 for spot in tile):
            return None
        out = np.zeros((TILE, TILE), np.uint8)
        fine = np.rint((np.clip(spots, -_FAR_PX, _FAR_PX) - 0.5) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
        hard = self.pixels.sampling is Sampling.NEAREST
        cv2.fillConvexPoly(out, fine, 255, cv2.LINE_8 if hard else cv2.LINE_AA, _SUBPIXEL_BITS)
        return out


def _source_scale(pixels: MovedBuffer, scale: int) -> int:
    """The coarsest reduced size of the source that has as many samples as the view shows, or more."""
    middle = Rect.at(pixels.origin, pixels.size)
    x, y = (middle.left + middle.right) / 2, (middle.top + middle.bottom) / 2
    back = pixels.move.inverse()
    (x0, y0), (x1, y1), (x2, y2) = back.apply(x, y), back.apply(x + 1, y), back.apply(x, y + 1)
    spanned = scale * math.sqrt(abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)))
    longest = max(pixels.source.size.width, pixels.source.size.height)
    found = 1
    while found < _COARSEST and (found * 2 <= spanned or longest > _MOST_SIDE_PX * found):
        found *= 2
    return found


def _with_spread_colors(samples: Pixels) -> Pixels:
    """The samples with the colours at an edge carried one pixel out, so that mixing with nothing darkens nothing."""
    if samples.shape[2] != 4:
        return samples
    hidden = samples[..., 3] == 0
    if not hidden.any():
        return samples
    spread = cast(Pixels, cv2.dilate(samples, np.ones((3, 3), np.uint8)))
    spread[..., 3] = 0
    return np.where(hidden[..., None], spread, samples)
