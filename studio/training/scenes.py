"""Scenes drawn once and kept: the training set of the picture models, filled while it is first read."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.synth.render import render
from studio.synth.splits import Split, split_scene
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


@dataclass(frozen=True, slots=True)
class SceneCache:
    """Scenes of one split at one size: (H, W, 5) uint8 of red, green, blue, class label, colour label.

    A scene is drawn when it is first asked for and read from `root` afterwards. Its bytes do not depend on which.
    """

    root: Path
    config: Config
    split: Split = Split.TRAIN

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        path = self.root / f"scenes-{self.config}-{self.split}" / f"{index // 1000:04d}" / f"{index:07d}.npy"
        return keep_array(path, lambda: draw_planes(self.split, index, self.config))


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


def draw_planes(split: Split, index: int, config: Config) -> NDArray[np.uint8]:
    """One scene as (H, W, 5) uint8: red, green, blue, class label, colour label."""
    drawn = render(split_scene(split, index, world_of(config)), size_of(config))
    return np.concatenate([drawn.composite, drawn.class_map()[:, :, None], drawn.color_map()[:, :, None]], axis=2)
