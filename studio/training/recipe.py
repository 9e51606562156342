"""What a recipe is: the interface between the trainer and everything that is trained.

To add a model: write a `Task` (a torch module), a `Recipe` that makes it, and name the recipe in `registry` or in a
plugin's `[[recipes]]`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.synth.splits import Split
from studio.training.choices import Config

Batch = Mapping[str, Tensor]
"""One batch as it leaves the data; the trainer moves it to the device."""
Losses = Mapping[str, Tensor]
"""Named scalars; "loss" is the one that is minimised, the others are logged."""
Figures = Mapping[str, float]
"""Named measurements of a model."""


class Better(StrEnum):
    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to train.

    Args:
        learning_rate: the peak; warm-up leads to it, a cosine from it to `floor` times it at the end of the budget.
        warmup_steps: steps of linear warm-up.
        criterion: the figure of `Task.validate` by which the best weights are kept.
        better: which way that figure improves.
        validations: how many times per run to validate, evenly over the budget; the last is at its end.
        ema: decay of the averaged weights, which are what is validated and exported; reached gradually.
        clip: largest gradient norm.
        workers: processes that make data, unless told otherwise.
        log_every: steps per line of the log.
        bf16: whether training in bfloat16 is safe for this model.
    """

    learning_rate: float
    warmup_steps: int = 200
    floor: float = 0.02
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.99)
    criterion: str
    better: Better = Better.HIGHER
    validations: int = 12
    ema: float = 0.999
    clip: float = 1.0
    workers: int = 1
    log_every: int = 50
    bf16: bool = True


@dataclass(frozen=True, slots=True)
class Setup:
    """What a task is made from.

    Args:
        cache_dir: for data that is expensive to make, shared by runs; `scenes.SceneCache` uses it.
        models_dir: the shipped models (`assets/models`), for tasks that build on another one.
    """

    config: Config
    seed: int
    cache_dir: Path
    models_dir: Path


class Data(Protocol):
    """Makes batches. It is sent to worker processes, so it must be picklable and hold no model."""

    def __call__(self, index: int) -> Batch:
        """Batch number `index`: always the same one for the same number."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CardText:
    """What a model's card says that the trainer cannot know; whole sentences.

    Args:
        title: a heading, for instance "vae4: autoencoder with 4 latent channels".
        purpose: what it is for and which class it is.
        data: what it was trained on.
        limits: what it cannot do.
    """

    title: str
    purpose: str
    data: str
    limits: str


class Task(nn.Module):
    """The models of one run, their data, loss and measurements.

    Parameters that require gradients are trained, averaged and checkpointed; freeze the rest. `forward` runs under
    autocast on the trainer's device. Random draws inside it may use torch's global generator: it is seeded anew for
    every step from the run's seed and the step's number.
    """

    data: Data

    @abstractmethod
    def forward(self, batch: Batch) -> Losses:
        """The losses of a batch, "loss" among them."""

    @abstractmethod
    def validate(self, split: Split) -> Figures:
        """Measure the model, in evaluation mode and without gradients, on scenes of a split that training never sees.

        Called with `Split.VAL` during training, a few seconds long, and with `Split.TEST` once, for the card.
        """

    @abstractmethod
    def samples(self) -> NDArray[np.uint8]:
        """(H, W, 3) picture grid of what the model makes of held-out inputs, not chosen by hand."""

    @abstractmethod
    def export(self, folder: Path) -> None:
        """Write the models into an empty folder: `save_pretrained`, fp16, safetensors, and what belongs beside them."""

    @abstractmethod
    def card(self) -> CardText:
        """The texts of the model's card."""


class Recipe(Protocol):
    """How one model is made. `name` is also the folder under `assets/models` that it is published to."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str:
        """A few words for lists."""
        ...

    def plan(self, config: Config) -> Plan: ...

    def task(self, setup: Setup) -> Task:
        """Build the models, their weights drawn from `setup.seed`. Torch's global generator is already seeded."""
        ...
