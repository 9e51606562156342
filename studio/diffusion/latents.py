"""Pictures to latents and back, with the scaling every autoencoder brings in its configuration."""

from __future__ import annotations

from typing import cast

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import Tensor

from studio.diffusion.noise import Name, generator
from studio.diffusion.settings import setting


def stride(vae: AutoencoderKL) -> int:
    """Pixels per latent, along each side."""
    return 2 ** (len(setting(vae, "block_out_channels", (0,))) - 1)


@torch.no_grad()
def encode_picture(vae: AutoencoderKL, pictures: Tensor, draw: tuple[int, *tuple[Name, ...]] | None = None) -> Tensor:
    """(B, C, H, W) pictures in [-1, 1] -> normalised latents in float32.

    The mean of the posterior, which inversion needs; or, with `draw` = (seed, *names), a sample of it.
    """
    posterior = vae.encode(pictures.to(vae.device, vae.dtype)).latent_dist  # pyright: ignore[reportAttributeAccessIssue]
    if draw is None:
        chosen = posterior.mode()
    else:
        chosen = posterior.sample(generator(draw[0], *draw[1:]))
    return normalise(vae, chosen.float())


@torch.no_grad()
def decode_latents(vae: AutoencoderKL, latents: Tensor, at_once: int = 1) -> Tensor:
    """Normalised latents -> (B, C, H, W) pictures in float32, about [-1, 1], not clamped; `at_once` of them at a
    time.
    """
    raw = denormalise(vae, latents.to(vae.device, torch.float32)).to(vae.dtype)
    parts = [vae.decode(cast("torch.FloatTensor", part), return_dict=False)[0].float() for part in raw.split(at_once)]
    return torch.cat(parts)


def normalise(vae: AutoencoderKL, raw: Tensor) -> Tensor:
    """What the autoencoder gives -> what the denoiser works in."""
    return (raw - setting(vae, "shift_factor", 0.0)) * setting(vae, "scaling_factor", 1.0)


def denormalise(vae: AutoencoderKL, latents: Tensor) -> Tensor:
    """The inverse of `normalise`."""
    return latents / setting(vae, "scaling_factor", 1.0) + setting(vae, "shift_factor", 0.0)
