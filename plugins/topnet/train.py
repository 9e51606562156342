"""How the tiny weights were made, and the arms they are compared with; all learn from the same pairs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from studio.synth.sheet import grid
from studio.synth.splits import Split
from studio.training.recipe import Batch, CardText, Config, Figures, Losses, Plan, Setup, Task

from . import evaluate
from .bins import Bins
from .losses import LOSSES, labelled_softmax
from .network import BoxRegression, PairModel, TopNet
from .pool import OBJECTS, PAINTED_EVERY, PlacementBatches, PlacementPool

FIRST_SCENES = 400
FRESH_SCENES = {Config.CPU: 1, Config.GPU: 24}
"""Scenes that each batch adds to those that are drawn from: fewer than are drawn while a batch is learned."""
MOST_SCENES = {Config.CPU: 12_000, Config.GPU: 200_000}
BATCH = {Config.CPU: 16, Config.GPU: 128}
SIZES = {Config.CPU: (64, 32, 96), Config.GPU: (128, 64, 192)}
"""Background and object in pixels, and the transformer's width."""
VALIDATED, TESTED = 240, 400
LABELLED = "labelled_softmax"


class PairTask(Task):
    """What the network and the baseline have in common: data, export, card."""

    network: PairModel

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        background_px, object_px, _ = SIZES[setup.config]
        self.bins = Bins(cells=background_px // 2)
        self.placements = self.data = PlacementBatches(
            pool=PlacementPool(setup.cache_dir / f"placements-{background_px}", background_px, object_px, self.bins),
            seed=setup.seed,
            batch=BATCH[setup.config],
            first=FIRST_SCENES,
            fresh=FRESH_SCENES[setup.config],
            most=MOST_SCENES[setup.config],
        )

    def export(self, folder: Path) -> None:
        self.network.half().save_pretrained(folder)
        self.network.float()

    @abstractmethod
    def what(self) -> tuple[str, str, str]:
        """Title, purpose and what is learned from, for the card."""

    def card(self) -> CardText:
        title, purpose, learned = self.what()
        return CardText(
            title=title,
            purpose=purpose,
            data=f"Scenes of the whole practice world (training split) at {self.placements.pool.background_px} px: "
            f"{FIRST_SCENES}, and {self.placements.fresh} more with every step. One object is taken out of the layers; "
            f"in one of {PAINTED_EVERY} scenes it is painted over instead, and so are two to four other places. "
            f"Learned from are {OBJECTS} objects of each scene, the missing one and others that may live there, and "
            f"for each of them {learned}. Mirrored half of the time, brightness changed, the object's crop loosened.",
            limits="It knows twenty kinds of storybook objects in eight kinds of scenery, and no photos.",
        )


class TopNetTask(PairTask):
    """Trains the small network.

    Args:
        loss: LABELLED, which learns from every good place, or one of `losses.LOSSES`, which see one box.
    """

    def __init__(self, setup: Setup, loss: str = LABELLED) -> None:
        super().__init__(setup)
        background_px, object_px, width = SIZES[setup.config]
        self.network = TopNet(background_px=background_px, object_px=object_px, width=width)
        self.loss = loss

    def forward(self, batch: Batch) -> Losses:
        scores = cast("Tensor", self.network(batch["background"], batch["thing"])).float()
        if self.loss == LABELLED:
            return {"loss": labelled_softmax(scores, batch["good"])}
        return {"loss": LOSSES[self.loss](scores, batch["truth"])}

    def validate(self, split: Split) -> Figures:
        sizes = self.placements.pool.background_px, self.placements.pool.object_px
        return evaluate.figures(
            evaluate.network_scores(cast("TopNet", self.network)), self.bins, split, _count(split), *sizes
        )

    def samples(self) -> NDArray[np.uint8]:
        sizes = self.placements.pool.background_px, self.placements.pool.object_px
        score = evaluate.network_scores(cast("TopNet", self.network))
        tasks = evaluate.tasks_of(Split.VAL, VALIDATED, *sizes)[:16]
        return grid([evaluate.picture(score, self.bins, one) for one in tasks], 4)

    def what(self) -> tuple[str, str, str]:
        return (
            "topnet: where and how large an object fits",
            "The placement network of plugins/topnet: local features of the background, one token of the object, a "
            f"transformer, and a score for each of {' x '.join(map(str, self.bins.shape))} bins.",
            "all places and sizes that the rule of the world allows" if self.loss == LABELLED else "one good box",
        )


class RegressionTask(PairTask):
    """Trains the baseline that answers with one box."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        background_px, object_px, width = SIZES[setup.config]
        self.network = BoxRegression(background_px=background_px, object_px=object_px, width=width)

    def forward(self, batch: Batch) -> Losses:
        box = cast("Tensor", self.network(batch["background"], batch["thing"])).float()
        k, i, j = batch["truth"].float().unbind(1)
        scales, cells = self.bins.scales, self.bins.cells
        wanted = torch.stack([(j + 0.5) / cells, (i + 0.5) / cells, k / (scales - 1)], 1)
        return {"loss": functional.smooth_l1_loss(box, wanted, beta=0.05)}

    def validate(self, split: Split) -> Figures:
        sizes = self.placements.pool.background_px, self.placements.pool.object_px
        tasks = evaluate.tasks_of(split, _count(split), *sizes)
        return evaluate.summary(evaluate.regressed(cast("BoxRegression", self.network), self.bins, tasks), self.bins)

    def samples(self) -> NDArray[np.uint8]:
        sizes = self.placements.pool.background_px, self.placements.pool.object_px
        tasks = evaluate.tasks_of(Split.VAL, VALIDATED, *sizes)[:16]
        return grid(
            [evaluate.shown(one) for one in evaluate.regressed(cast("BoxRegression", self.network), self.bins, tasks)],
            4,
        )

    def what(self) -> tuple[str, str, str]:
        return (
            "topnet_regression: the baseline of the placement network",
            "The same encoders and transformer, and a head that answers with one box; a measure for "
            "`lamina bench topnet`, not an engine.",
            "one good box",
        )


def _count(split: Split) -> int:
    return VALIDATED if split is Split.VAL else TESTED


@dataclass(frozen=True, slots=True)
class PlacementRecipe:
    """Trains the tiny engine, or what it is compared with."""

    name: str
    title: str
    make: Callable[[Setup], Task]

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
        return self.make(setup)


RECIPE = PlacementRecipe("topnet", "placement network", TopNetTask)
ONE_BOX = PlacementRecipe(
    "topnet_one_box", "placement network, one box per pair", lambda setup: TopNetTask(setup, "grid_softmax")
)
"""As published, one box per pair is all that is known; shows what the labels are worth."""
REGRESSION = PlacementRecipe("topnet_regression", "placement by one regressed box", RegressionTask)
