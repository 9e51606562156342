"""Scenes drawn once and kept: the training set of the picture models, filled while it is first read."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.synth.generate import Pairs, Recipe, generate
from studio.synth.render import render
from studio.synth.splits import Split, split_recipe, split_seed
from studio.synth.world import SMALL_WORLD, WHOLE_WORLD, World
from studio.training.choices import Config

CLASS, COLOR = 3, 4
"""Planes of a cached scene after red, green and blue."""


def world_of(config: Config) -> World:
    """The part of the world that a configuration is trained on."""
    return SMALL_WORLD if config is Config.CPU else WHOLE_WORLD


def size_of(config: Config) -> int:
    """Height and width of the pictures of a configuration, in pixels."""
    return 128 if config is Config.CPU else 256


class Shown(StrEnum):
    """What scenes show: what their split says, or what a judge must know, whatever models are asked for later."""

    SPLIT = "split"
    JUDGED = "judged"


_CROWDED_EVERY = 4


def shown_recipe(shown: Shown, split: Split, index: int, config: Config) -> Recipe:
    """How scene `index` is drawn. Judged ones pair every class with every colour, and one in four is crowded."""
    base = split_recipe(split, world_of(config))
    if shown is Shown.SPLIT:
        return base
    crowd = split_recipe(Split.CROWDED, world_of(config))
    return replace(base if index % _CROWDED_EVERY else crowd, pairs=Pairs.ANY)


@dataclass(frozen=True, slots=True)
class SceneCache:
    """Scenes of one split at one size: (H, W, 5) uint8 of red, green, blue, class label, colour label.

    A scene is drawn when it is first asked for and read from `root` afterwards. Its bytes do not depend on which.
    """

    root: Path
    config: Config
    split: Split = Split.TRAIN
    shown: Shown = Shown.SPLIT

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        folder = f"scenes-{self.config}-{self.split}-{self.shown}"
        path = self.root / folder / f"{index // 1000:04d}" / f"{index:07d}.npy"
        return keep_array(path, lambda: draw_planes(self.split, index, self.config, self.shown))


def keep_array(path: Path, draw: Callable[[], NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """The array in a file; drawn and written there first when there is none, or none that can be read.

    Several processes may draw the same one at once; whichever renames last wins, with the same bytes.
    """
    try:
        return np.load(path)
    except (OSError, ValueError, EOFError):
        drawn = draw()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as stream:
        np.save(stream, drawn)
    os.replace(draft, path)
    return drawn


def draw_planes(split: Split, index: int, config: Config, shown: Shown = Shown.SPLIT) -> NDArray[np.uint8]:
    """One scene as (H, W, 5) uint8: red, green, blue, class label, colour label."""
    scene = generate(split_seed(split, index), shown_recipe(shown, split, index, config))
    drawn = render(scene, size_of(config))
    return np.concatenate([drawn.composite, drawn.class_map()[:, :, None], drawn.color_map()[:, :, None]], axis=2)
