"""The text-to-image model of the practice world: a U-Net in the latents of vae4, trained with its text encoder.

Velocity prediction on a cosine schedule whose last level is pure noise for all practical purposes, so that sampling may
begin there; the plain squared error of the velocity then weighs all noise levels alike.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from studio.diffusion.files import model_hash, read_manifest
from studio.diffusion.latents import encode_picture
from studio.diffusion.loading import load_model
from studio.diffusion.noise import gaussian
from studio.diffusion.previews import factors_for, write_factors
from studio.diffusion.sources import FolderSource
from studio.diffusion.text_to_image import Sampling, TextToImage
from studio.diffusion.weights import quiet_loading
from studio.synth.dice import derived_seed
from studio.synth.render import render
from studio.synth.scoring import Binding
from studio.synth.sheet import grid
from studio.synth.splits import Split
from studio.training.choices import Config
from studio.training.crops import to_pixels, to_signed
from studio.training.judge import Judge, has_judge, load_judge
from studio.training.prompt_sets import Prompt, PromptKind, prompt_set
from studio.training.recipe import Batch, Better, CardText, Figures, Losses, Plan, Setup, Task
from studio.training.scene_latents import LatentBatches, LatentFiles, prepare, text_key, tokens_of
from studio.training.scene_set import PictureFiles, caption_text, chosen_scene
from studio.training.scenes import size_of
from studio.training.text_model import WIDTH, build_text_encoder, build_tokenizer, known_words, write_vocabulary
from studio.training.text_pretraining import pretrain

STEPS, SCALE, RESCALE = 25, 4.0, 0.5
"""How the model is meant to be sampled."""
OBJECT_WEIGHT = 2.0
"""What a latent inside the box of an object counts more than the backdrop, which fills most of a picture."""
EARLY_SHARE = 0.25
_SHOWN = 16
_TRAIN_STEPS = 1000
_PATTERN = ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D")
_PATTERN_UP = ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D")


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSize:
    """How large to build and how much to draw: `files` of `per_file` scenes each, and held-out ones to measure with.

    `judged` are the prompts of each kind that the reader looks at, in training and for the card; `text_steps` what the
    text encoder learns from captions alone.
    """

    widths: tuple[int, int, int]
    batch: int
    files: int
    per_file: int = 500
    validated: int = 256
    tested: int = 512
    judged: tuple[int, int] = (16, 100)
    text_steps: int = 1200


SIZES = {
    Config.CPU: SceneSize(widths=(64, 96, 128), batch=32, files=48),
    Config.GPU: SceneSize(widths=(80, 112, 144), batch=256, files=400),
}


def build_unet(config: Config, widths: tuple[int, int, int] | None = None) -> UNet2DConditionModel:
    """Three levels, attention on the two coarser ones, where it costs little."""
    return UNet2DConditionModel(
        sample_size=size_of(config) // 8,
        block_out_channels=widths or SIZES[config].widths,
        down_block_types=_PATTERN,
        up_block_types=_PATTERN_UP,
        layers_per_block=1,
        attention_head_dim=4,
        norm_num_groups=16,
        cross_attention_dim=WIDTH,
    )


def build_scheduler() -> DDIMScheduler:
    """Cosine levels, velocity; sampling begins at the last level (trailing steps)."""
    return DDIMScheduler(
        num_train_timesteps=_TRAIN_STEPS,
        beta_schedule="squaredcos_cap_v2",
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        steps_offset=1,  # has no part in trailing steps; diffusers warns of any other number
        clip_sample=False,
        set_alpha_to_one=False,
    )


def spread_timesteps(count: int) -> Tensor:
    """(count,) training timesteps, one from each of `count` equal parts of the schedule, at random within it."""
    return (_spread(count) * _TRAIN_STEPS).long()


def early_timesteps(count: int) -> Tensor:
    """(count,) training timesteps, half of them spread over all levels, half over the noisiest quarter.

    What is drawn, in which colour and where is decided there; a uniform choice would hardly ever practise it.
    """
    late = count // 2
    shares = torch.cat([_spread(count - late), 1 - EARLY_SHARE * _spread(late)])
    return (shares * _TRAIN_STEPS).long().clamp(max=_TRAIN_STEPS - 1)


def _spread(count: int) -> Tensor:
    return (torch.arange(count) + torch.rand(count)) / max(1, count)


class SceneTask(Task):
    """Trains U-Net and text encoder; the autoencoder is vae4 as it is shipped."""

    def __init__(self, setup: Setup, size: SceneSize) -> None:
        super().__init__()
        self.config, self.models_dir, self.size = setup.config, setup.models_dir, size
        self._held_out: dict[Split, tuple[Tensor, Tensor, Tensor, Tensor]] = {}
        self.tokenizer: CLIPTokenizer = build_tokenizer()
        self.text_encoder: CLIPTextModel = build_text_encoder(self.tokenizer)
        self.unet = build_unet(setup.config, size.widths)
        self.scheduler = build_scheduler()
        self.vae, vae_hash = load_vae(setup.models_dir)
        pictures = PictureFiles(setup.cache_dir, setup.config, per_file=size.per_file)
        self.files = LatentFiles(pictures, vae_hash[:12], text_key(self.tokenizer), size.files)
        prepare(self.files, self.vae, self.tokenizer)
        self._teach_words(setup.seed)
        empty = tuple(tokens_of(self.tokenizer, [""])[0].tolist())
        self.data = self.batches = LatentBatches(self.files, setup.seed, size.batch, empty)

    def _teach_words(self, seed: int) -> None:
        """Train the text encoder on the captions alone, or read what an earlier start of such a run made of it."""
        captions = self.files.captions()
        path = self.files.text_encoder(seed, self.size.text_steps)
        if path.is_file():
            self.text_encoder.load_state_dict(load_file(path))
            return
        pretrain(self.text_encoder, captions, self.size.text_steps)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        save_file(self.text_encoder.state_dict(), draft)
        os.replace(draft, path)

    def forward(self, batch: Batch) -> Losses:
        latents = batch["latents"]
        levels = early_timesteps(len(latents)).to(latents.device)
        errors = self.errors(latents, batch["tokens"], torch.randn_like(latents), levels)
        weight = 1 + OBJECT_WEIGHT * batch["cover"]
        return {"loss": (errors * weight).mean() / weight.mean(), "plain": errors.mean()}

    def errors(self, latents: Tensor, tokens: Tensor, noise: Tensor, levels: Tensor) -> Tensor:
        """(B, C, h, w) squared error of the velocity."""
        text = self.text_encoder(tokens).last_hidden_state
        noisy = self.scheduler.add_noise(latents, noise, cast("torch.IntTensor", levels))
        wanted = self.scheduler.get_velocity(latents, noise, cast("torch.IntTensor", levels))
        made = self.unet(noisy, levels, encoder_hidden_states=text, return_dict=False)[0]
        return F.mse_loss(made.float(), wanted, reduction="none")

    def engine(self) -> TextToImage:
        """For sampling with the weights as they are."""
        parts = {"unet": self.unet, "vae": self.vae, "text_encoder": self.text_encoder, "tokenizer": self.tokenizer}
        return TextToImage.of({**parts, "scheduler": self.scheduler})

    def sampling(self) -> Sampling:
        side = size_of(self.config)
        return Sampling(steps=STEPS, scale=SCALE, rescale=RESCALE, height=side, width=side)

    def validate(self, split: Split) -> Figures:
        """The loss on held-out scenes and, where there is a reader to judge, what pictures of held-out prompts show."""
        figures = {"loss": self.held_out_loss(split)}
        if has_judge(self.models_dir):
            judge = load_judge(self.models_dir)
            brief = split is Split.VAL
            count = self.size.judged[0 if brief else 1]
            for kind in (PromptKind.ONE, PromptKind.TWO) if brief else PromptKind:
                figures |= self._judged(judge, kind, prompt_set(kind, count, self.config, split))
        return figures

    @torch.no_grad()
    def _judged(self, judge: Judge, kind: PromptKind, prompts: list[Prompt]) -> dict[str, float]:
        """Shares of the asked objects that are there, and there in the right colour."""
        scores = []
        for first in range(0, len(prompts), _SHOWN):
            part = prompts[first : first + _SHOWN]
            seeds = range(first, first + len(part))
            scores += judge.score(self.engine().draw([prompt.text for prompt in part], seeds, self.sampling()), part)
        name = kind.replace(" ", "_")
        proper = np.mean([score.rate(Binding.PROPER) for score in scores])
        return {f"{name}_there": float(np.mean([score.recall for score in scores])), f"{name}_proper": float(proper)}

    @torch.no_grad()
    def held_out_loss(self, split: Split) -> float:
        """Each scene at its own fixed level and noise."""
        if split not in self._held_out:
            self._held_out[split] = self._draw_held_out(split)
        latents, tokens, noise, levels = (part.to(self.unet.device) for part in self._held_out[split])
        parts = zip(latents.split(32), tokens.split(32), noise.split(32), levels.split(32), strict=True)
        return float(torch.cat([self.errors(*part).cpu() for part in parts]).mean())

    def _draw_held_out(self, split: Split) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Latents, tokens, noise and levels of the first scenes of a split."""
        count = self.size.validated if split is Split.VAL else self.size.tested
        scenes = [chosen_scene(split, index, self.config) for index in range(count)]
        pictures = to_signed(np.stack([render(scene, size_of(self.config)).composite for scene in scenes]))
        latents = torch.cat([encode_picture(self.vae, part).cpu() for part in pictures.split(32)])
        tokens = torch.from_numpy(tokens_of(self.tokenizer, [caption_text(scene, 0) for scene in scenes]))
        levels = ((torch.arange(count) + 0.5) / count * _TRAIN_STEPS).long()
        noise = gaussian(latents.shape, derived_seed(0, "scene validation", split) >> 1)
        return latents, tokens, noise, levels

    def samples(self) -> NDArray[np.uint8]:
        """The first held-out prompts, one picture each."""
        texts = held_out_prompts(Split.VAL, _SHOWN, self.config)
        return self.contact_sheet(texts)

    @torch.no_grad()
    def contact_sheet(self, texts: list[str]) -> NDArray[np.uint8]:
        made = self.engine().draw(texts, range(len(texts)), self.sampling())
        return grid(list(to_pixels(made)), 8, texts)

    def export(self, folder: Path) -> None:
        write_pipeline(folder, self.engine(), self.tokenizer, self.text_encoder)
        write_vocabulary(folder, known_words(self.tokenizer, self.batches.token_ids()))

    def card(self) -> CardText:
        side = size_of(self.config)
        part = (
            "eight classes, six colours, no patterns, four backdrops"
            if self.config is Config.CPU
            else "the whole world"
        )
        return CardText(
            title="scene: text to image",
            purpose="A StableDiffusionPipeline: UNet2DConditionModel, CLIPTextModel with a tokenizer of its own, vae4, "
            f"and a DDIM scheduler with velocity prediction. It draws {side} x {side} px; sample with {STEPS} steps, "
            f"guidance {SCALE:g} and guidance rescale {RESCALE:g}.",
            data=f"{self.files.count} scenes of the practice world's training split ({part}) with 8 captions each, "
            "mostly 1 to 3 objects; scenes with tiny objects were left out. 12 % of the captions are empty. The text "
            "encoder first learned from the captions alone to keep its words (`studio/training/text_pretraining.py`).",
            limits="It knows the words of the practice world. Others are read letter by letter and mean nothing to it.",
        )


def write_pipeline(folder: Path, engine: TextToImage, tokenizer: CLIPTokenizer, text_encoder: CLIPTextModel) -> None:
    """Save the parts as a StableDiffusionPipeline in half precision, the map for previews beside the autoencoder."""
    vae = copy.deepcopy(engine.vae).half()
    vae.register_to_config(_name_or_path="")  # where it was loaded from is nobody's business
    with quiet_loading():
        pipeline = StableDiffusionPipeline(
            vae=vae,
            text_encoder=copy.deepcopy(text_encoder).half(),
            tokenizer=tokenizer,
            unet=copy.deepcopy(engine.unet).half(),
            scheduler=engine.scheduler,  # pyright: ignore[reportArgumentType]  any scheduler will do
            safety_checker=None,  # pyright: ignore[reportArgumentType]
            feature_extractor=None,  # pyright: ignore[reportArgumentType]
            requires_safety_checker=False,
        )
        pipeline.save_pretrained(folder)
    write_factors(folder / "vae", factors_for(engine.vae))


def held_out_prompts(split: Split, count: int, config: Config) -> list[str]:
    """The captions of the first scenes of a split."""
    return [caption_text(chosen_scene(split, index, config), 0) for index in range(count)]


def load_vae(models_dir: Path) -> tuple[AutoencoderKL, str]:
    """vae4 as it is shipped, and its hash. Raises ModelFault that says how to make it when it is not there."""
    folder = models_dir / "vae4"
    restore = "Make it first: lamina train vae4 --minutes 30."
    files = read_manifest(folder, restore)
    return load_model(AutoencoderKL, FolderSource(folder, files, restore)), model_hash(files)


@dataclass(frozen=True, slots=True)
class SceneRecipe:
    """Trains the scene model."""

    name: str = "scene"
    title: str = "text to image"
    learning_rate: float = 1e-3
    sizes: Mapping[Config, SceneSize] = field(default_factory=lambda: SIZES)

    def plan(self, config: Config) -> Plan:
        return Plan(
            learning_rate=self.learning_rate,
            warmup_steps=300,
            weight_decay=0.01,
            criterion="loss",
            better=Better.LOWER,
            validations=8,
            ema=0.999 if config is Config.CPU else 0.9995,
            workers=0,
        )

    def task(self, setup: Setup) -> Task:
        return SceneTask(setup, self.sizes[setup.config])


SCENE = SceneRecipe()
