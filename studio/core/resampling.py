"""Pixels under a homography: exact where no pixel is cut, else interpolated, averaged where the picture shrinks.

Colours are premultiplied on the way, so that nothing hidden bleeds in. The picture goes on beyond its border, and the
covered share of each pixel of the new outline becomes alpha; so an outline on whole pixels stays sharp, and any other
is as smooth as a drawn polygon.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from studio.core.document import MAX_SIDE_PX
from studio.core.errors import DocumentError
from studio.core.geometry import Point, Rect, Size
from studio.core.homography import Homography, Spot
from studio.core.lanczos import lanczos
from studio.core.opencv import cv2
from studio.core.pixels import PixelBuffer, Pixels
from studio.core.selecting.shapes import polygon_shares

Reals: TypeAlias = NDArray[np.float32]

_MOST_SAMPLES = 16
"""Samples along each axis of a pixel that shrinks; more would not show."""
_WHOLE = 1e-6
_PART_PX = 512
_MOST_SOURCE_PX = 16_000  # OpenCV warps pictures of less than 32,768 px a side
_REACH_PX = 4
"""How far beyond a spot interpolation looks, at most."""


class Sampling(StrEnum):
    """How samples between pixels are found. All but the first take the mean where the picture shrinks."""

    NEAREST = "nearest"
    """The pixel there, unmixed; edges stay hard."""
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    """Keys' cubic with -0.75."""
    LANCZOS = "lanczos"
    """Three lobes, for pictures that grow and are not turned; others get the cubic."""


def resampled(
    pixels: PixelBuffer, origin: Point, move: Homography, sampling: Sampling = Sampling.BICUBIC
) -> tuple[PixelBuffer, Point]:
    """A buffer at `origin` on the canvas after the map, and its new origin.

    Outside of it lies its `fill`, before and after. Raises DocumentError for maps that flatten it, show it from behind
    or make it larger than a document may be.
    """
    bounds = Rect.at(origin, pixels.size)
    offset = move.whole_offset
    if offset is not None:
        return pixels, origin + offset
    inverse = move.inverse()
    if bounds.is_empty:
        x, y = move.apply(origin.x, origin.y)
        return pixels, Point(math.floor(x), math.floor(y))
    corners, target = outline(bounds, move)
    turned = _turned(pixels, bounds, move)
    if turned is not None:
        return turned, target.origin
    source = _Source(pixels, bounds, inverse, sampling)
    out = PixelBuffer(target.size, pixels.depth, pixels.channels, pixels.fill)
    for part in source.parts(target):
        out = out.with_rect(part.origin - target.origin, source.covered(part, corners))
    return out, target.origin


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """The picture to be sampled, at `bounds` on the canvas, and the way back to it."""

    pixels: PixelBuffer
    bounds: Rect
    inverse: Homography
    sampling: Sampling

    def parts(self, target: Rect) -> Iterator[Rect]:
        """The target in pieces for which no large part of the picture is needed at once."""
        side = max(1, min(_PART_PX, _MOST_SOURCE_PX // max(self._steps(target))))
        for column, row in target.moved(-target.origin).cells(side):
            corner = Point(target.left + column * side, target.top + row * side)
            yield Rect.at(corner, Size(side, side)).intersect(target)

    def covered(self, rect: Rect, corners: Sequence[Spot]) -> Pixels:
        """The samples of a target rectangle, as far as the new outline covers it."""
        shares = polygon_shares(rect.size, [(x - rect.left, y - rect.top) for x, y in corners])
        if self.sampling is Sampling.NEAREST:
            shares = shares >= 0.5
        if not shares.any():
            shape = (rect.height, rect.width, self.pixels.channels)
            return np.full(shape, self.pixels.fill, self.pixels.depth.dtype)
        return self._samples(rect, shares.astype(np.float32))

    def _samples(self, rect: Rect, shares: Reals) -> Pixels:
        depth = self.pixels.depth
        values = (self._nearest(rect) if self.sampling is Sampling.NEAREST else self._warped(rect)) * shares[..., None]
        if values.shape[2] == 1:
            values = values + np.float32(self.pixels.fill / depth.top)
        else:
            alpha = np.clip(values[..., 3:], 0, 1)
            color = values[..., :3] / np.where(alpha > 0, alpha, np.float32(1))
            values = np.concatenate([color, alpha], axis=2)
        out = np.clip(np.rint(values * np.float32(depth.top)), 0, depth.top).astype(depth.dtype)
        if out.shape[2] == 4:
            out[out[..., 3] == 0] = 0
        return out

    def _nearest(self, rect: Rect) -> Reals:
        """The pixel under the middle of each target pixel."""
        source = self._needed(rect)
        x, y = np.meshgrid(np.arange(rect.left, rect.right) + 0.5, np.arange(rect.top, rect.bottom) + 0.5)
        u, v, w = np.tensordot(self.inverse.matrix, np.stack([x, y, np.ones_like(x)]), axes=1)
        w = np.where(np.abs(w) < 1e-12, 1e-12, w)
        columns = np.clip(np.floor(u / w + _WHOLE) - source.left, 0, source.width - 1).astype(np.int64)
        rows = np.clip(np.floor(v / w + _WHOLE) - source.top, 0, source.height - 1).astype(np.int64)
        return self._values(source)[rows, columns]

    def _warped(self, rect: Rect) -> Reals:
        """Interpolated samples, several for each pixel where the picture shrinks, and their mean."""
        across, down = (min(_MOST_SAMPLES, steps) for steps in self._steps(rect))
        if self.sampling is Sampling.LANCZOS and across == down == 1 and self._is_upright:
            return self._lanczos(rect)
        fine = Size(rect.width * across, rect.height * down)
        source = self._needed(rect)
        # From the centre of a fine pixel to the canvas, back to the picture, to the number of its pixel there.
        to_canvas = np.diag([1 / across, 1 / down, 1.0])
        to_canvas[:2, 2] = rect.left + 0.5 / across, rect.top + 0.5 / down
        to_picture = np.eye(3)
        to_picture[:2, 2] = -source.left - 0.5, -source.top - 0.5
        warped = cv2.warpPerspective(
            self._values(source),
            to_picture @ self.inverse.matrix @ to_canvas,
            (fine.width, fine.height),
            flags=(cv2.INTER_LINEAR if self.sampling is Sampling.BILINEAR else cv2.INTER_CUBIC) | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        planes = cast(Reals, warped).reshape(rect.height, down, rect.width, across, self.pixels.channels)
        return planes[:, 0, :, 0] if across == down == 1 else planes.mean(axis=(1, 3), dtype=np.float32)

    def _lanczos(self, rect: Rect) -> Reals:
        source = self._needed(rect)
        a, _, c, _, e, f, *_ = self.inverse.values
        i = self.inverse.values[8]
        columns = np.arange(rect.left, rect.right, dtype=np.float64)
        rows = np.arange(rect.top, rect.bottom, dtype=np.float64)
        xs = np.asarray((a * (columns + 0.5) + c) / i - source.left - 0.5, np.float64)
        ys = np.asarray((e * (rows + 0.5) + f) / i - source.top - 0.5, np.float64)
        return lanczos(self._values(source), xs, ys)

    @property
    def _is_upright(self) -> bool:
        """Whether rows stay rows and columns stay columns."""
        _, b, _, d, _, _, g, h, i = self.inverse.values
        return max(abs(b), abs(d), abs(g), abs(h)) < 1e-12 * abs(i)

    def _values(self, source: Rect) -> Reals:
        """Premultiplied shares of a part of the picture, or for one channel what differs from its fill."""
        pixels = self.pixels
        values = pixels.read(source.moved(-self.bounds.origin)).astype(np.float32) / np.float32(pixels.depth.top)
        if pixels.channels == 4:
            values[..., :3] *= values[..., 3:]
        else:
            values -= np.float32(pixels.fill / pixels.depth.top)
        return values

    def _steps(self, rect: Rect) -> tuple[int, int]:
        """How many pixels of the picture one target pixel spans along x and along y, at most, at the corners."""
        across = down = 1.0
        for x in (rect.left, rect.right):
            for y in (rect.top, rect.bottom):
                if (here := self._back(x, y)) is None:
                    continue
                right, below = self._back(x + 1, y), self._back(x, y + 1)
                across = max(across, 1.0 if right is None else math.dist(here, right))
                down = max(down, 1.0 if below is None else math.dist(here, below))
        return math.ceil(min(across, 1e6) - _WHOLE), math.ceil(min(down, 1e6) - _WHOLE)

    def _needed(self, rect: Rect) -> Rect:
        """The part of the picture that a target rectangle shows, with what interpolation reaches beyond it."""
        spots = [self._back(x, y) for x in (rect.left, rect.right) for y in (rect.top, rect.bottom)]
        seen = [spot for spot in spots if spot is not None]
        if len(seen) < len(spots):
            return self.bounds
        whole = Rect(
            math.floor(min(x for x, _ in seen)),
            math.floor(min(y for _, y in seen)),
            math.ceil(max(x for x, _ in seen)),
            math.ceil(max(y for _, y in seen)),
        )
        part = whole.grown(_REACH_PX).intersect(self.bounds)
        return self.bounds if part.is_empty else part

    def _back(self, x: float, y: float) -> Spot | None:
        """Where a target spot comes from; None for one beyond the horizon of a perspective."""
        g, h, i = self.inverse.values[6:]
        middle = g * self._middle[0] + h * self._middle[1] + i
        if (g * x + h * y + i) * middle <= 1e-9 * middle * middle:
            return None
        return self.inverse.apply(x, y)

    @property
    def _middle(self) -> Spot:
        """The target spot of the picture's middle, which is in sight."""
        bounds = self.bounds
        return self.inverse.inverse().apply((bounds.left + bounds.right) / 2, (bounds.top + bounds.bottom) / 2)


def outline(bounds: Rect, move: Homography) -> tuple[tuple[Spot, ...], Rect]:
    """The corners of a rectangle after the map, and the whole pixels around them; a hair over a pixel is that pixel.

    Raises DocumentError as `resampled` does.
    """
    corners = move.corners(bounds)
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    left, top = math.floor(min(xs) + _WHOLE), math.floor(min(ys) + _WHOLE)
    right, bottom = math.ceil(max(xs) - _WHOLE), math.ceil(max(ys) - _WHOLE)
    rect = Rect(left, top, max(right, left + 1), max(bottom, top + 1))
    if max(rect.width, rect.height) > MAX_SIDE_PX:
        raise DocumentError(f"The layer would be {rect.width} x {rect.height} px.", f"{MAX_SIDE_PX} px is the limit.")
    return corners, rect


def read_resampled(pixels: PixelBuffer, origin: Point, move: Homography, sampling: Sampling, rect: Rect) -> Pixels:
    """What `resampled` gives in a canvas rectangle: (h, w, C) samples, `fill` where the picture is not."""
    bounds = Rect.at(origin, pixels.size)
    corners, target = outline(bounds, move)
    source = _Source(pixels, bounds, move.inverse(), sampling)
    out = np.full((rect.height, rect.width, pixels.channels), pixels.fill, pixels.depth.dtype)
    part = rect.intersect(target)
    if not part.is_empty:
        out[part.slices(rect.origin)] = source.covered(part, corners)
    return out


def _turned(pixels: PixelBuffer, bounds: Rect, move: Homography) -> PixelBuffer | None:
    """The buffer when the map only flips and turns by right angles, onto whole pixels; else None."""
    matrix = move.matrix
    linear = matrix[:2, :2]
    whole = np.rint(linear)
    if (
        np.abs(matrix[2] - (0, 0, 1)).max() > _WHOLE
        or np.abs(linear - whole).max() * max(bounds.size.diagonal, 1) > _WHOLE
    ):
        return None
    if (np.abs(whole).sum(axis=0) != 1).any() or (np.abs(whole).sum(axis=1) != 1).any():
        return None
    corner = np.array(move.apply(bounds.left, bounds.top))
    if np.abs(corner - np.rint(corner)).max() > _WHOLE:
        return None
    samples = pixels.read()
    if whole[0, 0] == 0:
        samples = samples.transpose(1, 0, 2)
    samples = samples[:, ::-1] if whole[0].sum() < 0 else samples
    samples = samples[::-1] if whole[1].sum() < 0 else samples
    return PixelBuffer.from_array(np.ascontiguousarray(samples), pixels.fill)
