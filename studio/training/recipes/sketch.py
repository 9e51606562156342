"""The sketch ControlNet: the scene model draws what a flat-colour sketch lays out.

Its condition picture is a blob sketch of the scene (`synth.sketch`): one colour per phrase of the caption on black, in
colours that say nothing about the objects. The scene model stays as it is shipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.models.controlnets.controlnet import ControlNetModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import CLIPTokenizer

from studio.diffusion.files import read_manifest
from studio.diffusion.latents import decode_latents, encode_picture
from studio.diffusion.loading import Engine, load_engine
from studio.diffusion.noise import gaussian
from studio.diffusion.predictors import controlnet_residuals
from studio.diffusion.run_state import RunState
from studio.diffusion.sources import FolderSource
from studio.diffusion.text_to_image import Sampling, TextToImage
from studio.synth.dice import derived_seed
from studio.synth.render import Render, render
from studio.synth.scoring import instance_recall
from studio.synth.sheet import grid
from studio.synth.sketch import blob_sketch
from studio.synth.splits import Split
from studio.training.choices import Config
from studio.training.crops import chooser, to_pixels, to_signed
from studio.training.judge import has_judge, load_judge
from studio.training.recipe import Batch, Better, CardText, Figures, Losses, Plan, Setup, Task
from studio.training.recipes.scene import RESCALE, SCALE, STEPS, spread_timesteps
from studio.training.scene_latents import tokens_of
from studio.training.scene_set import caption_of, chosen_scene
from studio.training.scenes import size_of

POOL = 100_000
"""Scenes of the training split that are drawn, while training, again and again."""
CONDITION_WIDTHS = (8, 16, 32, 64)
"""Of the layers that bring the sketch down to the size of the latents."""
_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SketchSize:
    """Pairs per batch, and held-out ones to measure with, in training and for the card."""

    batch: int
    validated: int = 64
    tested: int = 64


SIZES = {Config.CPU: SketchSize(batch=16), Config.GPU: SketchSize(batch=128)}


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A drawn scene, its sketch as (H, W, 3) bytes, and the caption whose phrases the sketch's colours stand for."""

    drawn: Render
    sketch: NDArray[np.uint8]
    text: str


def draw_pair(split: Split, index: int, config: Config, draw: int) -> Pair:
    """Scene `index` of a split with its sketch number `draw`."""
    scene = chosen_scene(split, index, config)
    caption = caption_of(scene, draw)
    drawn = render(scene, size_of(config))
    sketch = blob_sketch(drawn, derived_seed(scene.seed, "sketch", draw), groups=[p.ids for p in caption.phrases])
    return Pair(drawn, sketch.image, caption.text)


def to_condition(sketches: NDArray[np.uint8]) -> Tensor:
    """(B, H, W, 3) bytes -> (B, 3, H, W) in [0, 1], as a ControlNet is told."""
    return (to_signed(sketches) + 1) / 2


@dataclass(frozen=True, slots=True)
class SketchPairs:
    """Batches of pictures, sketches and tokens, drawn on the fly."""

    config: Config
    seed: int
    batch: int
    tokenizer: CLIPTokenizer

    def __call__(self, index: int) -> Batch:
        draws = chooser(self.seed, "sketch", index)
        numbers = draws.integers(POOL, size=(self.batch, 2)).tolist()
        pairs = [draw_pair(Split.TRAIN, scene, self.config, draw) for scene, draw in numbers]
        return {
            "pictures": to_signed(np.stack([pair.drawn.composite for pair in pairs])),
            "sketches": to_condition(np.stack([pair.sketch for pair in pairs])),
            "tokens": torch.from_numpy(tokens_of(self.tokenizer, [pair.text for pair in pairs])),
        }


class SketchTask(Task):
    """Trains a ControlNet on the frozen scene model."""

    def __init__(self, setup: Setup, size: SketchSize) -> None:
        super().__init__()
        self.config, self.models_dir, self.size = setup.config, setup.models_dir, size
        engine = load_scene_engine(setup.models_dir)
        self.model = TextToImage.of(engine.parts)
        self.tokenizer = engine.part("tokenizer", CLIPTokenizer)
        self.frozen = nn.ModuleList([self.model.unet, self.model.vae, *self.model.text.encoders])
        self.scheduler = engine.part("scheduler", DDIMScheduler)
        self.controlnet = build_controlnet(self.model.unet)
        self.data = SketchPairs(setup.config, setup.seed, size.batch, self.tokenizer)

    def forward(self, batch: Batch) -> Losses:
        latents = encode_picture(self.model.vae, batch["pictures"])
        levels = spread_timesteps(len(latents)).to(latents.device)
        errors = self.error(latents, batch["sketches"], batch["tokens"], torch.randn_like(latents), levels)
        return {"loss": errors.mean()}

    def error(self, latents: Tensor, sketches: Tensor, tokens: Tensor, noise: Tensor, levels: Tensor) -> Tensor:
        """(B,) mean squared error of the velocity."""
        with torch.no_grad():
            text = self.model.text.encoders[0](tokens).last_hidden_state
        noisy = self.scheduler.add_noise(latents, noise, cast("torch.IntTensor", levels))
        wanted = self.scheduler.get_velocity(latents, noise, cast("torch.IntTensor", levels))
        down, middle = self.controlnet(
            noisy, levels, encoder_hidden_states=text, controlnet_cond=sketches, return_dict=False
        )
        made = self.model.unet(
            noisy,
            levels,
            encoder_hidden_states=text,
            down_block_additional_residuals=down,
            mid_block_additional_residual=middle,
            return_dict=False,
        )[0]
        return F.mse_loss(made.float(), wanted, reduction="none").mean((1, 2, 3))

    def sampling(self) -> Sampling:
        side = size_of(self.config)
        return Sampling(steps=STEPS, scale=SCALE, rescale=RESCALE, height=side, width=side)

    @torch.no_grad()
    def draw(self, pair: Pair, seed: int, strength: float = 1.0) -> Tensor:
        """(1, 3, H, W) picture of a sketch; strength 0 is the scene model alone."""
        sampling = self.sampling()
        run = RunState(self.model.rows(1, sampling))
        condition = to_condition(pair.sketch[None])
        residuals = controlnet_residuals(self.controlnet, condition, strength, run) if strength else None
        embeds = self.model.embeds([pair.text], sampling)
        noise = self.model.noise([seed], sampling)
        latents = self.model.latents(embeds, noise, sampling, run=run, residuals=residuals)
        return decode_latents(self.model.vae, latents)

    @torch.no_grad()
    def validate(self, split: Split) -> Figures:
        """The loss on held-out scenes and, where there is a reader, how many objects lie where they were drawn."""
        count = self.size.validated if split is Split.VAL else self.size.tested
        pairs = [draw_pair(split, index, self.config, 0) for index in range(count)]
        figures = {"loss": self._held_out_loss(pairs)}
        if has_judge(self.models_dir) and split is not Split.VAL:
            for name, strength in (("recall", 1.0), ("recall_without", 0.0)):
                figures[name] = self._recall(pairs, strength)
        return figures

    def _held_out_loss(self, pairs: list[Pair]) -> float:
        """Each pair at its own fixed level and noise."""
        errors = []
        for first in range(0, len(pairs), _SHOWN):
            part = pairs[first : first + _SHOWN]
            latents = encode_picture(self.model.vae, to_signed(np.stack([pair.drawn.composite for pair in part])))
            tokens = torch.from_numpy(tokens_of(self.tokenizer, [pair.text for pair in part])).to(latents.device)
            sketches = to_condition(np.stack([pair.sketch for pair in part])).to(latents.device)
            noise = gaussian(latents.shape, first, "sketch validation", device=latents.device)
            levels = ((torch.arange(len(part)) + 0.5) / len(part) * 1000).long().to(latents.device)
            errors.append(self.error(latents, sketches, tokens, noise, levels).cpu())
        return float(torch.cat(errors).mean())

    def _recall(self, pairs: list[Pair], strength: float) -> float:
        """Share of the visible objects where the reader finds their class, IoU 0.5 or more."""
        judge, found = load_judge(self.models_dir), []
        for seed, pair in enumerate(pairs):
            ((classes, _),) = judge.labels(self.draw(pair, seed, strength))
            masks = [pair.drawn.visible_mask(number) for number in range(len(pair.drawn.layers))]
            kinds = [layer.instance.kind for layer in pair.drawn.layers]
            if masks:
                found.append(instance_recall(classes, list(zip(kinds, masks, strict=True))))
        return float(np.mean(found))

    def samples(self) -> NDArray[np.uint8]:
        """Sketch, what is drawn from it, and the true scene."""
        pairs = [draw_pair(Split.VAL, index, self.config, 0) for index in range(_SHOWN)]
        made = [to_pixels(self.draw(pair, seed))[0] for seed, pair in enumerate(pairs)]
        rows = zip(pairs, made, strict=True)
        return grid([tile for pair, picture in rows for tile in (pair.sketch, picture, pair.drawn.composite)], 6)

    def export(self, folder: Path) -> None:
        self.controlnet.half().save_pretrained(folder)
        self.controlnet.float()

    def card(self) -> CardText:
        side = size_of(self.config)
        return CardText(
            title="sketch: scenes from flat-colour sketches",
            purpose="diffusers' ControlNetModel for the model `scene`. Its condition is a sketch of flat colours "
            f"on black at {side} px, one colour per phrase of the prompt; which colour does not matter.",
            data=f"Scenes of the practice world's training split (a pool of {POOL}) with roughly drawn blobs of their "
            f"objects, drawn anew while training. Measured on {self.size.tested} scenes of the test split.",
            limits="It knows the objects and stages that the scene model knows, and blobs, not lines.",
        )


def build_controlnet(unet: UNet2DConditionModel) -> ControlNetModel:
    """A ControlNet that begins as a copy of the U-Net's first half and changes nothing yet."""
    made = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=CONDITION_WIDTHS)
    return made.requires_grad_(True).train()


def load_scene_engine(models_dir: Path) -> Engine:
    """The scene model as it is shipped. Raises ModelFault that says how to make it when it is not there."""
    folder = models_dir / "scene"
    restore = "Make it first: lamina train scene --minutes 65."
    return load_engine(FolderSource(folder, read_manifest(folder, restore), restore))


@dataclass(frozen=True, slots=True)
class SketchRecipe:
    """Trains the sketch ControlNet."""

    name: str = "sketch"
    title: str = "scenes from flat-colour sketches"
    learning_rate: float = 5e-4
    sizes: Mapping[Config, SketchSize] = field(default_factory=lambda: SIZES)

    def plan(self, config: Config) -> Plan:
        return Plan(
            learning_rate=self.learning_rate,
            warmup_steps=100,
            criterion="loss",
            better=Better.LOWER,
            validations=6,
            ema=0.995,
            workers=1 if config is Config.CPU else 14,
            log_every=25,
        )

    def task(self, setup: Setup) -> Task:
        return SketchTask(setup, self.sizes[setup.config])


SKETCH = SketchRecipe()
