"""Where and how large: one pass of the network scores every bin, and the search picks boxes from the scores.

Encoding the background does not depend on the object, so a `Stage` is made once per background and answers for one
object after another; and the scores of one object answer every question about it: the best k boxes, the best size at
a place, the best places at a size, within whatever is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.errors import StudioError

from .bins import Bins, Place, Scores, Shape, at_scale, best_places, best_scale, coverage, with_scale
from .network import LocalFeatures, TopNet

INSIDE_SHARE = 0.8
"""How much of a box must lie inside the selection."""
CLEAR_SHARE = 0.1
"""How much of a box may lie on what is to be kept clear."""
BEHIND_SHARE = 0.6
"""How much of a box the thing in front may hide, when the object goes behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the user has fixed. Masks are (H, W) bool of the picture.

    Args:
        at: the centre, in pixels; only the size is then searched.
        scale: s = max(w / W, h / H); only the place is then searched.
        inside: the box must lie in here.
        clear: the box must keep off this.
        behind: the object will stand behind this, so it may be hidden partly but not wholly.
    """

    at: tuple[float, float] | None = None
    scale: float | None = None
    inside: NDArray[np.bool_] | None = None
    clear: NDArray[np.bool_] | None = None
    behind: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A background that has been encoded."""

    network: TopNet
    picture: Shape
    local: LocalFeatures

    @classmethod
    def of(cls, network: TopNet, picture: NDArray[np.uint8]) -> Stage:
        """Encode an (H, W, 3) picture."""
        height, width = picture.shape[:2]
        side = network.config["background_px"]
        with torch.inference_mode():
            local = network.encode_background(tensor(fit_background(picture, side)).to(network.device))
        return cls(network, Shape(width, height), local)

    def score(self, thing: NDArray[np.uint8]) -> Ranking:
        """Score every bin for an (h, w, 4) RGBA object, in one pass."""
        tight = tight_crop(thing)
        pixels = tensor(fit_object(tight, self.network.config["object_px"])).to(self.network.device)
        with torch.inference_mode():
            scores = self.network.correlate(self.local, pixels)[0].float().cpu().numpy()
        return Ranking(scores, self.network.bins, Shape(tight.shape[1], tight.shape[0]), self.picture)


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The scores (S, G, G) of one object on one background."""

    scores: Scores
    bins: Bins
    thing: Shape
    picture: Shape

    def best(self, count: int = 5, wishes: Wishes | None = None, *, overlap: float = 0.3) -> list[Place]:
        """The best boxes within the wishes, best first; fewer than `count` where no more are allowed."""
        wishes = wishes or Wishes()
        allowed = self.allowed(wishes)
        if wishes.at is not None:
            return self._at(wishes.at, wishes.scale, allowed)
        if wishes.scale is None:
            return best_places(self.bins, self.scores, allowed, self.thing, self.picture, count=count, overlap=overlap)
        allowed = at_scale(self.bins, allowed, wishes.scale)
        found = best_places(
            self.bins, self.scores, allowed, self.thing, self.picture, count=count, overlap=overlap, refine=False
        )
        return [with_scale(place, wishes.scale, self.thing, self.picture) for place in found]

    def allowed(self, wishes: Wishes) -> NDArray[np.bool_]:
        """(S, G, G) the bins whose boxes lie on the picture and obey the wishes."""
        allowed = self.bins.valid(self.thing, self.picture)
        for mask, least, most in (
            (wishes.inside, INSIDE_SHARE, 1.0),
            (wishes.clear, 0.0, CLEAR_SHARE),
            (wishes.behind, 0.0, BEHIND_SHARE),
        ):
            if mask is not None:
                share = coverage(self.bins, mask, self.thing, self.picture)
                allowed &= (share >= least) & (share <= most)
        return allowed

    def heat(self, scale: float) -> NDArray[np.float32]:
        """(G, G) 0..1: how good each centre is at a size, as a softmax stretched to its own 99th percentile."""
        k = min(max(round(self.bins.step(scale)), 0), self.bins.scales - 1)
        plane = self.scores[k]
        weight = np.exp(plane - plane.max())
        weight[~self.bins.valid(self.thing, self.picture)[k]] = 0
        top = float(np.percentile(weight, 99))
        return np.clip(weight / max(top, 1e-9), 0, 1).astype(np.float32)

    def _at(self, at: tuple[float, float], scale: float | None, allowed: NDArray[np.bool_]) -> list[Place]:
        x, y = at
        size = scale if scale is not None else best_scale(self.bins, self.scores, allowed, x, y, self.picture)
        if size is None:
            return []
        k, i, j = self.bins.nearest(x, y, size, self.picture)
        place = Place(x=x, y=y, width=0, height=0, scale=size, score=float(self.scores[k, i, j]))
        return [with_scale(place, size, self.thing, self.picture)]


def tight_crop(thing: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The (h, w, 4) object without the transparent border around it, whose size would say nothing.

    Raises StudioError when it is transparent everywhere.
    """
    rows, columns = (np.flatnonzero((thing[:, :, 3] > 0).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise StudioError("The object is transparent everywhere.", "Choose a layer with something on it.")
    return thing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fit_background(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(H, W, 3) squeezed to a square; boxes are measured on the picture itself."""
    shrinks = side * side < picture.shape[0] * picture.shape[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(picture, (side, side), interpolation=way).reshape(side, side, 3).astype(np.uint8)


def fit_object(tight: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A tight (h, w, 4) cut-out in the middle of a transparent square, its shape kept; colour 0 where transparent."""
    height, width = tight.shape[:2]
    factor = side / max(height, width)
    fitted = max(1, round(width * factor)), max(1, round(height * factor))
    out = np.zeros((side, side, 4), np.uint8)
    top, left = (side - fitted[1]) // 2, (side - fitted[0]) // 2
    out[top : top + fitted[1], left : left + fitted[0]] = resized(tight, *fitted)
    return out


def resized(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Straight (h, w, 4) RGBA at another size, averaged with alpha: no colour bleeds out of what is transparent."""
    weight = pixels[:, :, 3:].astype(np.float32) / 255
    premultiplied = np.concatenate([pixels[:, :, :3] * weight, 255 * weight], axis=2).astype(np.float32)
    shrinks = width * height < pixels.shape[0] * pixels.shape[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    out = cv2.resize(premultiplied, (width, height), interpolation=way).reshape(height, width, 4)
    alpha = out[:, :, 3:]
    # Divided before it is clipped: where the cubic overshoots, it does so in colour and alpha alike.
    color = np.where(alpha > 0, out[:, :, :3] * 255 / np.maximum(alpha, 1e-3), 0)
    return np.rint(np.clip(np.concatenate([color, alpha], axis=2), 0, 255)).astype(np.uint8)


def tensor(pixels: NDArray[np.uint8]) -> Tensor:
    """(h, w, C) or (B, h, w, C) uint8 as (B, C, h, w) float32 0..1."""
    batch = pixels if pixels.ndim == 4 else pixels[None]
    return torch.from_numpy(np.ascontiguousarray(batch.transpose(0, 3, 1, 2))).float() / 255
