"""The slow reference: paste the object into every box of the grid and score each composite on its own."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .bins import Bin, Bins, Shape
from .method import tensor

SIDE = 64
BATCH = 128


class CompositeScorer(nn.Module):
    """(B, 4, 64, 64) composites with the object's mask, 0..1, to (B,) scores; the stem is the placement network's."""

    def __init__(self) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        for channels, out in ((4, 32), (32, 64), (64, 96), (96, 64)):
            blocks += [nn.Conv2d(channels, out, 3, 2, 1), nn.GroupNorm(8, out), nn.GELU()]
        self.blocks = nn.Sequential(*blocks)
        self.score = nn.Linear(64, 1)

    def forward(self, composites: Tensor) -> Tensor:
        return self.score(self.blocks(composites - 0.5).mean((2, 3)))[:, 0]


def scores(
    scorer: CompositeScorer, background: NDArray[np.uint8], thing: NDArray[np.uint8], bins: Bins, wanted: Sequence[Bin]
) -> NDArray[np.float32]:
    """The scores of the wanted bins, one composite each.

    Args:
        background: (64, 64, 3) of a square picture.
        thing: tight (h, w, 4).
    """
    shape, picture = Shape(thing.shape[1], thing.shape[0]), Shape(SIDE, SIDE)
    out: list[NDArray[np.float32]] = []
    for start in range(0, len(wanted), BATCH):
        part = [_pasted(background, thing, bins, one, shape, picture) for one in wanted[start : start + BATCH]]
        with torch.inference_mode():
            out.append(scorer(tensor(np.stack(part))).numpy())
    return np.concatenate(out)


def _pasted(
    background: NDArray[np.uint8], thing: NDArray[np.uint8], bins: Bins, found: Bin, shape: Shape, picture: Shape
) -> NDArray[np.uint8]:
    """(64, 64, 4) the composite, and the object's mask as its fourth channel."""
    place = bins.place((float(found[0]), float(found[1]), float(found[2])), shape, picture, 0.0)
    out = np.concatenate([background, np.zeros((SIDE, SIDE, 1), np.uint8)], axis=2)
    left, top = round(place.edges[0]), round(place.edges[1])
    size = max(1, round(place.width)), max(1, round(place.height))
    small = cv2.resize(thing, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], 4)
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + size[0], SIDE), min(top + size[1], SIDE)
    if x0 >= x1 or y0 >= y1:
        return out
    part = small[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.float32)
    alpha = part[:, :, 3:] / 255
    under = out[y0:y1, x0:x1, :3]
    out[y0:y1, x0:x1, :3] = np.rint(part[:, :, :3] * alpha + under * (1 - alpha)).astype(np.uint8)
    out[y0:y1, x0:x1, 3] = part[:, :, 3].astype(np.uint8)
    return out
