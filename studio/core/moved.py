"""A buffer under a map that is not worked out: what a preview of a transform is drawn from.

`resampled` computes every pixel from the original ones, which takes seconds at 4K. A `MovedBuffer` stands for its
result in a document that is only looked at: the compositor samples what is seen of it, at the size it is seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.core.geometry import ORIGIN, Point, Rect
from studio.core.homography import Homography
from studio.core.pixels import TILE, PixelBuffer, Pixels
from studio.core.resampling import Sampling, outline, read_resampled, resampled


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MovedBuffer(PixelBuffer):
    """What `source` at `source_origin` becomes under `move`; the first pixel lies at `origin` on the canvas.

    `size` is that of the result. `tiles` are stand-ins, one for each tile that the result may have, so that comparing
    documents finds it changed everywhere. It equals nothing but itself.
    """

    source: PixelBuffer
    source_origin: Point = ORIGIN
    origin: Point = ORIGIN
    move: Homography = Homography()
    sampling: Sampling = Sampling.BICUBIC

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def read(self, rect: Rect | None = None) -> Pixels:
        """A writable (h, w, C) copy of `rect` (all of it by default), exact; `fill` outside the buffer."""
        wanted = (self.rect if rect is None else rect).moved(self.origin)
        return read_resampled(self.source, self.source_origin, self.move, self.sampling, wanted)


def moved(
    pixels: PixelBuffer, origin: Point, move: Homography, sampling: Sampling = Sampling.BICUBIC
) -> tuple[PixelBuffer, Point]:
    """The same as `resampled`, with a buffer that costs nothing to make. Raises DocumentError as that does."""
    bounds = Rect.at(origin, pixels.size)
    if move.whole_offset is not None or bounds.is_empty:
        return resampled(pixels, origin, move, sampling)
    move.inverse()
    _, rect = outline(bounds, move)
    stand_in = np.zeros((0, 0, 0), pixels.depth.dtype)  # its own, for tiles are told apart by identity
    pending = MovedBuffer(
        size=rect.size,
        depth=pixels.depth,
        channels=pixels.channels,
        fill=pixels.fill,
        tiles=dict.fromkeys(rect.size.rect.cells(TILE), stand_in) if pixels.tiles else {},
        source=pixels,
        source_origin=origin,
        origin=rect.origin,
        move=move,
        sampling=sampling,
    )
    return pending, rect.origin
