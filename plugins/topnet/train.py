"""How the tiny weights were made: placement tasks of the practice world, and the grid softmax."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.synth.sheet import grid
from studio.synth.splits import Split
from studio.training.recipe import Batch, CardText, Config, Figures, Losses, Plan, Setup, Task

from . import evaluate
from .bins import Bins
from .losses import LOSSES
from .method import tensor
from .network import TopNet
from .scenes import task

POOL = {Config.CPU: 16_000, Config.GPU: 200_000}
BATCH = {Config.CPU: 32, Config.GPU: 128}
SIZES = {Config.CPU: (64, 32, 96), Config.GPU: (128, 64, 192)}
"""Background and object in pixels, and the transformer's width."""
VALIDATED, TESTED = 120, 400


@dataclass(frozen=True, slots=True)
class PlacementPool:
    """Tasks of the training split, drawn when first asked for and kept in `root` as bytes."""

    root: Path
    background_px: int
    object_px: int
    bins: Bins
    painted_over: bool

    def __getitem__(self, index: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8], tuple[int, int, int]]:
        path = self.root / f"{index // 1000:04d}" / f"{index:07d}.npy"
        try:
            flat = np.load(path)
        except (OSError, ValueError, EOFError):
            flat = self._drawn(index)
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.{os.getpid()}")
            with draft.open("wb") as stream:
                np.save(stream, flat)
            os.replace(draft, path)
        cut = 3 * self.background_px**2
        background = flat[:cut].reshape(self.background_px, self.background_px, 3)
        thing = flat[cut:-3].reshape(self.object_px, self.object_px, 4)
        k, i, j = (int(value) for value in flat[-3:])
        return background, thing, (k, i, j)

    def _drawn(self, index: int) -> NDArray[np.uint8]:
        found = task(Split.TRAIN, index, self.background_px, self.object_px, painted_over=self.painted_over)
        truth = np.array(found.truth(self.bins), np.uint8)
        return np.concatenate([found.background.ravel(), found.thing.ravel(), truth])


@dataclass(frozen=True, slots=True)
class PlacementBatches:
    """Batches of tasks: mirrored half of the time, brightness changed for both pictures at once, the object's crop
    a little looser or not. The object's size in its input never changes by itself, it would say how large it is."""

    pool: PlacementPool
    seed: int
    batch: int
    tasks: int

    def __call__(self, index: int) -> Batch:
        draws = np.random.default_rng((self.seed, index))
        parts = [self._drawn(draws) for _ in range(self.batch)]
        backgrounds, things, truths = zip(*parts, strict=True)
        return {
            "background": tensor(np.stack(backgrounds)),
            "thing": tensor(np.stack(things)),
            "truth": torch.tensor(truths),
        }

    def _drawn(self, draws: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8], tuple[int, int, int]]:
        background, thing, (k, i, j) = self.pool[int(draws.integers(self.tasks))]
        if draws.random() < 0.5:
            background, thing, j = background[:, ::-1], thing[:, ::-1], self.pool.bins.cells - 1 - j
        light = draws.uniform(0.8, 1.2)
        thing = _loosened(thing, draws.uniform(0, 0.1))
        bright = np.clip(background * light, 0, 255).astype(np.uint8)
        color = np.clip(thing[:, :, :3] * light, 0, 255).astype(np.uint8)
        return bright, np.concatenate([color, thing[:, :, 3:]], axis=2), (k, i, j)


def _loosened(thing: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    """The object with a transparent border of this share of its side."""
    side = thing.shape[0]
    inner = max(1, round(side * (1 - share)))
    if inner == side:
        return thing
    out = np.zeros_like(thing)
    start = (side - inner) // 2
    out[start : start + inner, start : start + inner] = cv2.resize(thing, (inner, inner), interpolation=cv2.INTER_AREA)
    return out


class TopNetTask(Task):
    """Trains the small network.

    Args:
        loss: one of `losses.LOSSES`.
        painted_over: train as on photos, whose missing object was painted over.
    """

    def __init__(self, setup: Setup, loss: str = "grid_softmax", painted_over: bool = False) -> None:
        super().__init__()
        background_px, object_px, width = SIZES[setup.config]
        self.network = TopNet(background_px=background_px, object_px=object_px, width=width)
        self.bins = Bins(scales=self.network.config["scales"], cells=4 * self.network.grid)
        self.loss = LOSSES[loss]
        kind = "painted" if painted_over else "clean"
        root = setup.cache_dir / f"placements-{kind}-{background_px}"
        pool = PlacementPool(root, background_px, object_px, self.bins, painted_over)
        self.pool_size = POOL[setup.config]
        self.data = PlacementBatches(pool, setup.seed, BATCH[setup.config], self.pool_size)

    def forward(self, batch: Batch) -> Losses:
        scores = cast("Tensor", self.network(batch["background"], batch["thing"]))
        return {"loss": self.loss(scores.float(), batch["truth"])}

    def validate(self, split: Split) -> Figures:
        count = VALIDATED if split is Split.VAL else TESTED
        return evaluate.figures(self.network, self.bins, split, count)

    def samples(self) -> NDArray[np.uint8]:
        return grid([evaluate.picture(self.network, self.bins, Split.VAL, index) for index in range(16)], 4)

    def export(self, folder: Path) -> None:
        self.network.half().save_pretrained(folder)
        self.network.float()

    def card(self) -> CardText:
        sizes = self.network.config
        return CardText(
            title="topnet: where and how large an object fits",
            purpose="The placement network of plugins/topnet: local features of the background, one token of the "
            f"object, a transformer, and a score for each of {' x '.join(map(str, self.bins.shape))} bins.",
            data=f"{self.pool_size} placement tasks of the whole practice world (training split) at "
            f"{sizes['background_px']} px: one object is taken out of the layers and is to be put back. Mirrored half "
            "of the time, brightness changed, the object's crop loosened.",
            limits="It knows twenty kinds of storybook objects in eight kinds of scenery, and no photos.",
        )


@dataclass(frozen=True, slots=True)
class TopNetRecipe:
    """Trains the tiny engine; `loss` and `painted_over` are arms of the comparison."""

    name: str = "topnet"
    title: str = "placement network"
    loss: str = "grid_softmax"
    painted_over: bool = False

    def plan(self, config: Config) -> Plan:
        return Plan(
            learning_rate=1e-3,
            warmup_steps=50,
            weight_decay=0.05,
            betas=(0.9, 0.999),
            criterion="plausible_1",
            validations=8,
            ema=0.998,
            workers=1 if config is Config.CPU else 12,
            log_every=25,
        )

    def task(self, setup: Setup) -> Task:
        return TopNetTask(setup, self.loss, self.painted_over)


RECIPE = TopNetRecipe()
