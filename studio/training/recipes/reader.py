"""The reader: says for every pixel which class and which colour is seen there. It judges pictures that models make.

A stock UNet2DModel whose output channels are logits: first the classes, then the colours, each with "nothing" in front.
It has no use for a time step and always gets 0. It is trained on drawn pictures alone, some of them softened and
roughened a little, so that it reads what an autoencoder gives back as well; never on generated ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from diffusers.models.unets.unet_2d import UNet2DModel
from numpy.typing import NDArray
from torch import Tensor

from studio.synth.palette import ANCHORS
from studio.synth.sheet import colored_labels, grid
from studio.synth.splits import Split
from studio.synth.vocabulary import ColorName, ObjectClass
from studio.training.crops import chooser, to_pixels, to_signed
from studio.training.recipe import Batch, CardText, Config, Figures, Losses, Plan, Setup, Task
from studio.training.recipes.vae import there_and_back
from studio.training.scenes import CLASS, COLOR, SceneCache, Shown, draw_planes, size_of
from studio.training.shipped import shipped_vae

CLASSES = len(ObjectClass) + 1
"""Class logits; number 0 is the backdrop."""
COLORS = len(ColorName) + 1
"""Colour logits; number 0 is the backdrop."""
POOL = 8000
VALIDATED, TESTED = 64, 512
OBJECT_WEIGHT = 2.0
"""What a pixel of an object counts, next to 1 for the backdrop, which fills most of a picture."""
WIDTHS = {Config.CPU: (16, 32, 64, 96, 128), Config.GPU: (32, 64, 96, 128, 192)}


def build_reader(widths: tuple[int, ...]) -> UNet2DModel:
    """A stock UNet2DModel without attention."""
    count = len(widths)
    return UNet2DModel(
        in_channels=3,
        out_channels=CLASSES + COLORS,
        block_out_channels=widths,
        down_block_types=("DownBlock2D",) * count,
        up_block_types=("UpBlock2D",) * count,
        layers_per_block=1,
        norm_num_groups=8,
        add_attention=False,
    )


def read_logits(reader: UNet2DModel, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """(B, 3, H, W) in [-1, 1], sides multiples of 16 -> class logits (B, CLASSES, H, W), colours (B, COLORS, H, W)."""
    out = cast("Tensor", reader(pictures, 0, return_dict=False)[0]).float()
    return out[:, :CLASSES], out[:, CLASSES:]


@torch.no_grad()
def read(reader: UNet2DModel, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """(B, H, W) class labels and colour labels of pictures in [-1, 1]; 0 is the backdrop for both."""
    classes, colors = read_logits(reader, pictures.to(reader.device, reader.dtype))
    return classes.argmax(1), colors.argmax(1)


@dataclass(frozen=True, slots=True)
class LabelledScenes:
    """Batches of whole pictures with their label maps."""

    scenes: SceneCache
    seed: int
    batch: int

    def __call__(self, index: int) -> Batch:
        draws = chooser(self.seed, "reader", index)
        planes = np.stack([self.scenes[int(draws.integers(POOL))] for _ in range(self.batch)])
        if draws.random() < 0.5:
            planes = planes[:, :, ::-1]
        pictures = np.stack([_worn(picture, draws) for picture in planes[..., :3]])
        return {
            "pictures": to_signed(pictures),
            "classes": torch.from_numpy(planes[..., CLASS].astype(np.int64)),
            "colors": torch.from_numpy(planes[..., COLOR].astype(np.int64)),
        }


def _worn(picture: NDArray[np.uint8], draws: np.random.Generator) -> NDArray[np.uint8]:
    """Two pictures in five are softened and get some noise."""
    if draws.random() >= 0.4:
        return picture
    soft = cv2.GaussianBlur(np.ascontiguousarray(picture), (0, 0), float(draws.uniform(0.3, 1.1)))
    noise = draws.normal(0.0, float(draws.uniform(0.0, 5.0)), picture.shape)
    return np.clip(soft + noise, 0, 255).astype(np.uint8)


class ReaderTask(Task):
    """Trains the reader."""

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        self.config = setup.config
        self.models_dir = setup.models_dir
        self.reader = build_reader(WIDTHS[setup.config])
        batch = 4 if setup.config is Config.CPU else 24
        scenes = SceneCache(setup.cache_dir, setup.config, shown=Shown.JUDGED)
        self.data = LabelledScenes(scenes, setup.seed, batch)

    def forward(self, batch: Batch) -> Losses:
        classes, colors = read_logits(self.reader, batch["pictures"])
        weight = 1.0 + (OBJECT_WEIGHT - 1.0) * (batch["classes"] > 0)
        by_class = (F.cross_entropy(classes, batch["classes"], reduction="none") * weight).mean()
        by_color = (F.cross_entropy(colors, batch["colors"], reduction="none") * weight).mean()
        return {"loss": by_class + by_color, "class": by_class, "color": by_color}

    def validate(self, split: Split) -> Figures:
        planes = self._planes(split, VALIDATED if split is Split.VAL else TESTED)
        pictures = to_signed(planes[..., :3])
        figures = self._accuracy(pictures, planes)
        if split is not Split.VAL and (self.models_dir / "vae4").is_dir():
            seen = there_and_back(shipped_vae(self.models_dir, str(self.reader.device)), pictures)
            again = self._accuracy(seen.clamp(-1, 1), planes)
            figures |= {f"{name}_after_vae4": value for name, value in again.items()}
        return figures

    def _planes(self, split: Split, count: int) -> NDArray[np.uint8]:
        return np.stack([draw_planes(split, index, self.config) for index in range(count)])

    def _accuracy(self, pictures: Tensor, planes: NDArray[np.uint8]) -> dict[str, float]:
        """Shares of right pixels, of all and of objects; and intersection over union, the mean over classes."""
        read_maps = [read(self.reader, part) for part in pictures.split(8)]
        classes = torch.cat([found.cpu() for found, _ in read_maps]).numpy()
        colors = torch.cat([found.cpu() for _, found in read_maps]).numpy()
        objects = planes[..., CLASS] > 0
        overlaps = []
        for label in np.unique(planes[..., CLASS]):
            truth, found = planes[..., CLASS] == label, classes == label
            overlaps.append((truth & found).sum() / (truth | found).sum())
        class_right, color_right = classes == planes[..., CLASS], colors == planes[..., COLOR]
        return {
            "class": float(class_right.mean()),
            "color": float(color_right.mean()),
            "class_objects": float(class_right[objects].mean()),
            "color_objects": float(color_right[objects].mean()),
            "iou": float(np.mean(overlaps)),
            "mean": float((class_right.mean() + color_right.mean()) / 2),
        }

    def samples(self) -> NDArray[np.uint8]:
        pictures = to_signed(self._planes(Split.VAL, 8)[..., :3])
        classes, colors = (found.cpu().numpy().astype(np.uint8) for found in read(self.reader, pictures))
        terms = np.array([(28, 28, 34), *ANCHORS.values()], np.uint8)
        shown = to_pixels(pictures)
        tiles = [
            tile
            for number in range(len(shown))
            for tile in (shown[number], colored_labels(classes[number], CLASSES), terms[colors[number]])
        ]
        return grid(tiles, 6)

    def export(self, folder: Path) -> None:
        self.reader.half().save_pretrained(folder)
        self.reader.float()

    def card(self) -> CardText:
        side = size_of(self.config)
        part = "eight classes, six colours, four backdrops" if self.config is Config.CPU else "the whole world"
        return CardText(
            title="reader: class and colour of every pixel",
            purpose=f"diffusers' UNet2DModel, RGB in, {CLASSES} class logits and {COLORS} colour logits out (0 is the "
            "backdrop, the others are `ObjectClass.label` and `ColorName.label`), time step 0. The judge of pictures "
            "that models make.",
            data=f"{POOL} scenes of the practice world (training seeds; {part}) at {side} px, mirrored half of the "
            "time, two in five softened and with noise. Every class in every colour, those pairs too that no other "
            "model is shown, and one scene in four crowded. Never a generated picture.",
            limits="It reads storybook drawings of this size only. Classes and colours outside its part of the world "
            "are read as others.",
        )


@dataclass(frozen=True, slots=True)
class ReaderRecipe:
    """Trains the reader."""

    name: str = "reader"
    title: str = "reads class and colour of every pixel"

    def plan(self, config: Config) -> Plan:
        return Plan(
            learning_rate=1.5e-3,
            warmup_steps=200,
            criterion="mean",
            validations=10,
            ema=0.998,
            workers=1 if config is Config.CPU else 12,
            log_every=25,
        )

    def task(self, setup: Setup) -> Task:
        return ReaderTask(setup)


READER = ReaderRecipe()
