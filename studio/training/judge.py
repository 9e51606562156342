"""The judge: the shipped reader looks at what models made, and `synth.scoring` compares with what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from diffusers.models.unets.unet_2d import UNet2DModel
from torch import Tensor

from studio.diffusion.files import read_manifest
from studio.diffusion.loading import load_model
from studio.diffusion.sources import FolderSource
from studio.synth.scoring import Labels, PictureScore, asked_by, score_picture
from studio.training.prompt_sets import Prompt
from studio.training.recipes.reader import read

_READ_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class PixelAccuracy:
    """Shares of pixels whose class and colour were read right."""

    classes: float
    colors: float


@dataclass(frozen=True, slots=True)
class Judge:
    """Reads pictures with one network."""

    reader: UNet2DModel

    def labels(self, pictures: Tensor) -> list[tuple[Labels, Labels]]:
        """(class labels, colour labels) of each of (B, 3, H, W) pictures in [-1, 1]; sides are multiples of 16."""
        found: list[tuple[Labels, Labels]] = []
        for part in pictures.clamp(-1, 1).split(_READ_AT_ONCE):
            classes, colors = read(self.reader, part)
            pairs = zip(classes.byte().cpu().numpy(), colors.byte().cpu().numpy(), strict=True)
            found += [(class_map, color_map) for class_map, color_map in pairs]
        return found

    def score(self, pictures: Tensor, prompts: Sequence[Prompt]) -> list[PictureScore]:
        """One score per picture, against the prompt of the same number."""
        read_maps = self.labels(pictures)
        return [
            score_picture(classes, colors, asked_by(prompt.caption))
            for (classes, colors), prompt in zip(read_maps, prompts, strict=True)
        ]

    def accuracy(self, pictures: Tensor, classes: Labels, colors: Labels) -> PixelAccuracy:
        """How well it reads pictures whose (B, H, W) labels are known."""
        read_maps = self.labels(pictures)
        class_right = np.stack([found for found, _ in read_maps]) == classes
        color_right = np.stack([found for _, found in read_maps]) == colors
        return PixelAccuracy(float(class_right.mean()), float(color_right.mean()))


def load_judge(models_dir: Path) -> Judge:
    """The reader as it is shipped. Raises ModelFault that says how to make it when it is not there."""
    folder = models_dir / "reader"
    restore = "Install Lamina Studio again, or make the model: lamina train reader --minutes 30."
    return Judge(load_model(UNet2DModel, FolderSource(folder, read_manifest(folder, restore), restore)))


def has_judge(models_dir: Path) -> bool:
    """Whether there is a reader to judge with."""
    return (models_dir / "reader").is_dir()
