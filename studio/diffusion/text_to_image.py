"""Plain text-to-image with a U-Net of the Stable Diffusion family: where methods start, and what they are measured
against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor

from studio.core.errors import ShapeError
from studio.diffusion.guidance import classifier_free
from studio.diffusion.latents import decode_latents, stride
from studio.diffusion.noise import gaussian
from studio.diffusion.predictors import Conditioning, Residuals, unet_predictor
from studio.diffusion.rows import Rows
from studio.diffusion.run_state import RunState
from studio.diffusion.sampling import Watch, denoise
from studio.diffusion.schedules import ReadySchedule, Schedule, Scheduler
from studio.diffusion.settings import setting
from studio.diffusion.text import ClipText, TextEmbeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How to draw.

    Args:
        steps: of the scheduler.
        scale: guidance; at 1 or below there are no negative rows.
        rescale: 0..1, see `guidance.classifier_free`.
        height, width: of the picture, in pixels; multiples of the autoencoder's stride.
    """

    steps: int
    scale: float
    rescale: float = 0.0
    height: int
    width: int

    @property
    def guided(self) -> bool:
        return self.scale > 1.0


@dataclass(frozen=True, slots=True)
class TextToImage:
    """The parts of an engine that turn text into a picture."""

    unet: UNet2DConditionModel
    vae: AutoencoderKL
    text: ClipText
    scheduler: Scheduler

    @classmethod
    def of(cls, parts: Mapping[str, object]) -> TextToImage:
        """From an engine's parts, named as diffusers names them."""
        unet, vae = cast("UNet2DConditionModel", parts["unet"]), cast("AutoencoderKL", parts["vae"])
        return cls(unet, vae, ClipText.of(parts), cast("Scheduler", parts["scheduler"]))

    @property
    def native_px(self) -> int:
        """Height and width of the pictures it was trained on."""
        return setting(self.unet, "sample_size", 64) * stride(self.vae)

    def noise(self, seeds: Sequence[int], sampling: Sampling) -> Tensor:
        """(len(seeds), C, h, w) standard normal, each item from its own seed, as the stock pipeline draws it.

        Raises ShapeError for a size that the autoencoder cannot make.
        """
        step = stride(self.vae)
        if sampling.height % step or sampling.width % step or min(sampling.height, sampling.width) < step:
            raise ShapeError(
                f"This engine cannot draw {sampling.width} x {sampling.height} px.",
                f"Choose a width and a height that are multiples of {step} px.",
            )
        shape = (1, setting(self.unet, "in_channels", 4), sampling.height // step, sampling.width // step)
        return torch.cat([gaussian(shape, seed) for seed in seeds]).to(self.unet.device)

    def rows(self, items: int, sampling: Sampling) -> Rows:
        return Rows.guided(items) if sampling.guided else Rows.plain(items)

    def embeds(self, prompts: Sequence[str], sampling: Sampling, negative: str = "") -> TextEmbeds:
        """One entry per row of `rows`, in its order."""
        positive = self.text.encode(prompts)
        if not sampling.guided:
            return positive
        return TextEmbeds.join([self.text.encode([negative] * len(prompts)), positive])

    def conditioning(self, embeds: TextEmbeds, sampling: Sampling) -> Conditioning:
        """With the sizes that SDXL is told."""
        if embeds.pooled is None:
            return Conditioning(embeds)
        size = (sampling.height, sampling.width)
        ids = torch.tensor([[*size, 0, 0, *size]] * len(embeds), dtype=torch.float32)
        return Conditioning(embeds, ids)

    def latents(
        self,
        embeds: TextEmbeds,
        noise: Tensor,
        sampling: Sampling,
        *,
        schedule: ReadySchedule | None = None,
        run: RunState | None = None,
        residuals: Residuals | None = None,
        watch: Watch | None = None,
    ) -> Tensor:
        """Denoise `noise` (items, C, h, w) under `embeds` (one per row); float32.

        Args:
            schedule: another one than the whole of `sampling.steps`.
            run: the state that attention processors read; made here when there are none.
            residuals: of a ControlNet, see `predictors.controlnet_residuals`.
            watch: called after each step; what it raises ends the run.
        """
        run = RunState(self.rows(len(noise), sampling)) if run is None else run
        predict = unet_predictor(self.unet, self.conditioning(embeds, sampling), run, residuals=residuals)
        guide = partial(classifier_free, rows=run.rows, scale=sampling.scale, rescale=sampling.rescale)
        ready = Schedule(self.scheduler, sampling.steps).build(noise.device) if schedule is None else schedule
        return denoise(predict, ready, ready.pure_noise(noise), run, guide=guide, watch=watch)

    def draw(self, prompts: Sequence[str], seeds: Sequence[int], sampling: Sampling, negative: str = "") -> Tensor:
        """(items, 3, H, W) pictures, about [-1, 1], one per prompt and seed."""
        noise = self.noise(seeds, sampling)
        return decode_latents(self.vae, self.latents(self.embeds(prompts, sampling, negative), noise, sampling))
