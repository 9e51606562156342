"""What the network learns from: scenes drawn once and kept, each with several objects and where they may go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from studio.synth.dice import Dice
from studio.synth.splits import Split, split_seed
from studio.training.recipe import Batch
from studio.training.scenes import keep_array

from .bins import Bin, Bins
from .method import tensor
from .scenes import Task, stranger, task

OBJECTS = 4
"""Objects of each scene: the missing one, and others that may live there."""
PAINTED_EVERY = 4
"""One scene out of so many had its object painted over, as on a photo, and decoys with it."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One pair to learn from.

    `background` (b, b, 3) and `thing` (o, o, 4) are the network's inputs, `good` (S, G, G) the bins that the rule
    allows. `truth` is the bin of the box that was there; for an object that was not, one of the good ones.
    """

    background: NDArray[np.uint8]
    thing: NDArray[np.uint8]
    good: NDArray[np.bool_]
    truth: Bin

    def mirrored(self) -> Example:
        """Left and right exchanged."""
        k, i, j = self.truth
        turned = k, i, self.good.shape[2] - 1 - j
        return Example(self.background[:, ::-1], self.thing[:, ::-1], self.good[:, :, ::-1], turned)

    def relit(self, light: float) -> Example:
        """Both pictures brighter or darker by the same factor."""
        background = np.clip(self.background * light, 0, 255).astype(np.uint8)
        color = np.clip(self.thing[:, :, :3] * light, 0, 255).astype(np.uint8)
        return Example(background, np.concatenate([color, self.thing[:, :, 3:]], axis=2), self.good, self.truth)

    def loosened(self, share: float) -> Example:
        """The object with a transparent border of this share of its side."""
        side = self.thing.shape[0]
        inner = max(1, round(side * (1 - share)))
        if inner == side:
            return self
        thing, start = np.zeros_like(self.thing), (side - inner) // 2
        small = cv2.resize(self.thing, (inner, inner), interpolation=cv2.INTER_AREA)
        thing[start : start + inner, start : start + inner] = small
        return Example(self.background, thing, self.good, self.truth)


@dataclass(frozen=True, slots=True)
class PlacementPool:
    """Scenes of the training split, drawn when first asked for and kept in `root`.

    A scene's bytes: the background, the bin of the missing object, then OBJECTS times a flag (0: there is none), the
    object, and its good bins, eight to a byte.
    """

    root: Path
    background_px: int
    object_px: int
    bins: Bins

    def example(self, scene: int, number: int, draws: np.random.Generator) -> Example | None:
        """Object `number` (0 is the missing one) of a scene; None where the scene has no such object.

        Args:
            draws: choose the place of an object that had none.
        """
        path = self.root / f"{scene // 1000:04d}" / f"{scene:07d}.npy"
        flat = keep_array(path, lambda: self._drawn(scene))
        cut = 3 * self.background_px**2
        background = flat[:cut].reshape(self.background_px, self.background_px, 3)
        k, i, j = (int(value) for value in flat[cut : cut + 3])
        part = flat[cut + 3 :].reshape(OBJECTS, -1)[number]
        if not part[0]:
            return None
        side = 4 * self.object_px**2
        thing = part[1 : 1 + side].reshape(self.object_px, self.object_px, 4)
        good = np.unpackbits(part[1 + side :]).astype(np.bool_).reshape(self.bins.shape)
        if number:
            k, i, j = (int(value) for value in draws.choice(np.argwhere(good)))
        return Example(background, thing, good, (k, i, j))

    def _drawn(self, scene: int) -> NDArray[np.uint8]:
        painted = scene % PAINTED_EVERY == PAINTED_EVERY - 1
        first = task(Split.TRAIN, scene, self.background_px, self.object_px, painted_over=painted)
        dice = Dice(split_seed(Split.TRAIN, scene)).child("strangers")
        others = [stranger(first, dice.child(number)) for number in range(1, OBJECTS)]
        parts = [first.background.ravel(), np.array(first.truth(self.bins), np.uint8)]
        return np.concatenate([*parts, *(self._object(one) for one in (first, *others))])

    def _object(self, one: Task | None) -> NDArray[np.uint8]:
        good = np.zeros(self.bins.shape, np.bool_) if one is None else one.plausible(self.bins)
        flag = np.array([one is not None and good.any()], np.uint8)
        thing = np.zeros((self.object_px, self.object_px, 4), np.uint8) if one is None else one.thing
        return np.concatenate([flag, thing.ravel(), np.packbits(good)])


@dataclass(frozen=True, slots=True)
class PlacementBatches:
    """Batches of pairs: mirrored half of the time, brightness changed for both pictures at once, the object's crop a
    little looser or not. The object's size in its input never changes by itself, it would say how large it is.

    Args:
        first, fresh, most: batch n draws from `first` + `fresh` * n scenes, at most from `most`; so a short run does
            not wait for scenes that it would see once, and a long one does not see few of them often.
    """

    pool: PlacementPool
    seed: int
    batch: int
    first: int
    fresh: int
    most: int

    def __call__(self, index: int) -> Batch:
        draws = np.random.default_rng((self.seed, index))
        scenes = min(self.first + self.fresh * index, self.most)
        parts = [self._drawn(draws, scenes) for _ in range(self.batch)]
        return {
            "background": tensor(np.stack([one.background for one in parts])),
            "thing": tensor(np.stack([one.thing for one in parts])),
            "good": torch.from_numpy(np.stack([one.good for one in parts])),
            "truth": torch.tensor([one.truth for one in parts]),
        }

    def _drawn(self, draws: np.random.Generator, scenes: int) -> Example:
        found = None
        while found is None:
            found = self.pool.example(int(draws.integers(scenes)), int(draws.integers(OBJECTS)), draws)
        if draws.random() < 0.5:
            found = found.mirrored()
        return found.relit(draws.uniform(0.8, 1.2)).loosened(draws.uniform(0, 0.1))
