"""Video models of diffusers behind one interface: what they are given, and how their latents become frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from diffusers.models.unets.unet_3d_condition import UNet3DConditionModel
from torch import Tensor
from transformers import PreTrainedModel

from studio.diffusion.latents import decode_latents
from studio.diffusion.loading import Engine
from studio.diffusion.schedules import Scheduler
from studio.diffusion.settings import setting
from studio.diffusion.text import ClipText, Tokenizer

WAN_TOKENS = 512
"""Rows of Wan's text; padding is zeros, and is looked at."""


@dataclass(frozen=True, slots=True)
class ModelScopeVideo:
    """UNet3DConditionModel with an image autoencoder and CLIP: every frame has a latent of its own."""

    denoiser: UNet3DConditionModel
    vae: AutoencoderKL
    text: ClipText
    scheduler: Scheduler
    compression: int = 1

    @classmethod
    def of(cls, engine: Engine) -> ModelScopeVideo:
        """Raises StudioError when the engine lacks a part."""
        return cls(
            engine.part("unet", UNet3DConditionModel),
            engine.part("vae", AutoencoderKL),
            ClipText.of(engine.parts),
            cast("Scheduler", engine.parts["scheduler"]),
        )

    @property
    def channels(self) -> int:
        return setting(self.denoiser, "in_channels", 4)

    def encode(self, texts: Sequence[str]) -> Tensor:
        return self.text.encode(texts).sequence

    def predict(self, noisy: Tensor, timestep: Tensor, text: Tensor) -> Tensor:
        # The network repeats one caption for all frames; aligned layers put each frame's own in its place.
        one = text[:, : self.text.tokenizers[0].model_max_length]
        return self.denoiser(noisy, timestep, one, return_dict=False)[0]

    def frames(self, latents: Tensor) -> Iterator[Tensor]:
        """(3, H, W) pictures in about [-1, 1], one after another."""
        for latent in latents[0].unbind(1):
            yield decode_latents(self.vae, latent[None])[0]


@dataclass(frozen=True, slots=True)
class WanVideo:
    """WanTransformer3DModel with UMT5 and a causal autoencoder: a latent holds four frames, the first one aside."""

    denoiser: WanTransformer3DModel
    vae: AutoencoderKLWan
    tokenizer: Tokenizer
    text_encoder: PreTrainedModel
    scheduler: Scheduler
    tokens: int = WAN_TOKENS

    @classmethod
    def of(cls, engine: Engine) -> WanVideo:
        """Raises StudioError when the engine lacks a part."""
        return cls(
            engine.part("transformer", WanTransformer3DModel),
            engine.part("vae", AutoencoderKLWan),
            cast("Tokenizer", engine.parts["tokenizer"]),
            engine.part("text_encoder", PreTrainedModel),
            cast("Scheduler", engine.parts["scheduler"]),
        )

    @property
    def channels(self) -> int:
        return setting(self.denoiser, "in_channels", 16)

    @property
    def compression(self) -> int:
        return setting(self.vae, "scale_factor_temporal", 4)

    @torch.no_grad()
    def encode(self, texts: Sequence[str]) -> Tensor:
        told = self.tokenizer(
            list(texts), padding="max_length", max_length=self.tokens, truncation=True, return_tensors="pt"
        )
        ids, seen = cast("Tensor", told.input_ids), cast("Tensor", told.attention_mask)  # pyright: ignore[reportAttributeAccessIssue]
        states = self.text_encoder(ids, attention_mask=seen).last_hidden_state
        return states * seen[..., None].to(states.dtype)

    def predict(self, noisy: Tensor, timestep: Tensor, text: Tensor) -> Tensor:
        dtype = self.denoiser.dtype
        times = timestep.expand(len(noisy))
        return self.denoiser(noisy.to(dtype), times, text.to(dtype), return_dict=False)[0]

    @torch.no_grad()
    def frames(self, latents: Tensor) -> Iterator[Tensor]:
        """(3, H, W) pictures in about [-1, 1], one after another; the autoencoder works on the video as a whole."""
        shape = (1, -1, 1, 1, 1)
        mean = torch.tensor(setting(self.vae, "latents_mean", (0.0,))).view(shape).to(latents)
        scale = torch.tensor(setting(self.vae, "latents_std", (1.0,))).view(shape).to(latents)
        video = self.vae.decode((latents * scale + mean).to(self.vae.dtype), return_dict=False)[0]
        yield from video[0].float().unbind(1)
