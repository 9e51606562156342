"""The autoencoders: pictures and layers to latents an eighth as wide, and back.

L1, squared and gradient error with a slight pull to unit Gaussian latents; no adversary and no perceptual network, as
nothing here was trained on anything but our own drawings. Latents are normalised channel by channel at export, inside
the convolutions next to them, so that they have mean 0 and variance 1 without any scaling factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.diffusion.latents import encode_picture
from studio.diffusion.previews import fit_factors, write_factors
from studio.synth.sheet import grid
from studio.synth.splits import Split
from studio.training.crops import chooser, random_crop, to_pixels, to_signed
from studio.training.measures import psnr
from studio.training.recipe import Batch, CardText, Config, Figures, Losses, Plan, Setup, Task
from studio.training.scenes import SceneCache, draw_planes, size_of

KL_WEIGHT = 1e-4
GRADIENT_WEIGHT = 0.5
POOL = 8000
"""Scenes that are drawn and kept; their crops and mirrorings are many times more."""
VALIDATED, TESTED = 48, 256
WIDTHS = {Config.CPU: (16, 32, 64, 128), Config.GPU: (32, 64, 128, 192)}


def build_vae(widths: tuple[int, ...], channels: int, latent_channels: int) -> AutoencoderKL:
    """A stock AutoencoderKL without attention, so that it takes pictures of any size at the same quality."""
    count = len(widths)
    settings: dict[str, object] = {
        "in_channels": channels,
        "out_channels": channels,
        "down_block_types": ("DownEncoderBlock2D",) * count,
        "up_block_types": ("UpDecoderBlock2D",) * count,
        "block_out_channels": widths,
        "layers_per_block": 1,
        "latent_channels": latent_channels,
        "norm_num_groups": 8,
        "mid_block_add_attention": False,
        "scaling_factor": 1.0,
        "force_upcast": False,
    }
    return cast("AutoencoderKL", AutoencoderKL.from_config(settings))


def posterior_of(vae: AutoencoderKL, pictures: Tensor) -> DiagonalGaussianDistribution:
    """The distribution of latents of (B, C, H, W) pictures."""
    return cast("DiagonalGaussianDistribution", vae.encode(pictures, return_dict=False)[0])


def decoded(vae: AutoencoderKL, latents: Tensor) -> Tensor:
    """(B, C, H, W) pictures in float32, not clamped."""
    return cast("Tensor", vae.decode(cast("torch.FloatTensor", latents), return_dict=False)[0]).float()


@torch.no_grad()
def there_and_back(vae: AutoencoderKL, pictures: Tensor, at_once: int = 8) -> Tensor:
    """(B, C, H, W) pictures through the mean of their latents, on the processor."""
    parts = [part.to(vae.device) for part in pictures.split(at_once)]
    return torch.cat([decoded(vae, posterior_of(vae, part).mode()).cpu() for part in parts])


def vae_losses(vae: AutoencoderKL, pictures: Tensor) -> Losses:
    """Reconstruction through a sampled latent, and the divergence from a unit Gaussian (mean per latent value)."""
    posterior = posterior_of(vae, pictures)
    error = decoded(vae, posterior.sample()) - pictures
    absolute, squared = error.abs().mean(), error.square().mean()
    slopes = (error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()) / 2
    mean, spread = posterior.mean.float(), posterior.logvar.float()
    divergence = 0.5 * (mean.square() + spread.exp() - 1 - spread).mean()
    loss = absolute + 2 * squared + GRADIENT_WEIGHT * slopes + KL_WEIGHT * divergence
    return {"loss": loss, "absolute": absolute, "squared": squared, "divergence": divergence}


@torch.no_grad()
def normalise_latents(vae: AutoencoderKL, latents: Tensor) -> None:
    """Change the convolutions around the latents so that these latents would have had mean 0 and variance 1."""
    into, out = cast("nn.Conv2d", vae.quant_conv), cast("nn.Conv2d", vae.post_quant_conv)
    assert into.bias is not None
    assert out.bias is not None
    channels = latents.shape[1]
    mean, spread = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
    out.bias += out.weight[:, :, 0, 0] @ mean
    out.weight *= spread[None, :, None, None]
    into.weight[:channels] /= spread[:, None, None, None]
    into.bias[:channels] = (into.bias[:channels] - mean) / spread
    into.bias[channels:] -= 2 * spread.log()


@dataclass(frozen=True, slots=True)
class SceneCrops:
    """Batches of crops; every fourth batch holds whole pictures, which the normalisation layers must know too."""

    scenes: SceneCache
    seed: int
    crop_px: int
    batch: int

    def __call__(self, index: int) -> Batch:
        draws = chooser(self.seed, "vae", index)
        side = size_of(self.scenes.config)
        whole = index % 4 == 3
        count = max(1, self.batch * self.crop_px**2 // side**2) if whole else self.batch
        per_scene = 1 if whole else 2
        parts = []
        for _ in range(-(-count // per_scene)):
            picture = self.scenes[int(draws.integers(POOL))][:, :, :3]
            parts += [random_crop(picture, side if whole else self.crop_px, draws) for _ in range(per_scene)]
        return {"pictures": to_signed(np.stack(parts[:count]))}


class VaeTask(Task):
    """Trains an RGB autoencoder on pictures of the practice world."""

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        self.config = setup.config
        self.vae = build_vae(WIDTHS[setup.config], 3, 4)
        self.crop_px, batch = (64, 12) if setup.config is Config.CPU else (128, 96)
        scenes = SceneCache(setup.cache_dir, setup.config)
        self.data = SceneCrops(scenes, setup.seed, self.crop_px, batch)

    def forward(self, batch: Batch) -> Losses:
        return vae_losses(self.vae, batch["pictures"])

    def pictures(self, split: Split, count: int) -> Tensor:
        """(count, 3, H, W) in [-1, 1]: the first scenes of a split."""
        drawn = np.stack([draw_planes(split, index, self.config)[:, :, :3] for index in range(count)])
        return to_signed(drawn)

    def validate(self, split: Split) -> Figures:
        pictures = self.pictures(split, VALIDATED if split is Split.VAL else TESTED)
        values = psnr(there_and_back(self.vae, pictures), pictures)
        return {"psnr": float(values.mean()), "psnr_p5": float(values.quantile(0.05))}

    def samples(self) -> NDArray[np.uint8]:
        pictures = self.pictures(Split.VAL, 8)
        made = to_pixels(there_and_back(self.vae, pictures))
        return grid([tile for pair in zip(to_pixels(pictures), made, strict=True) for tile in pair], 4)

    def export(self, folder: Path) -> None:
        pictures = self.pictures(Split.VAL, 64)
        normalise_latents(self.vae, encode_picture(self.vae, pictures))
        write_factors_for(self.vae, pictures, folder)

    def card(self) -> CardText:
        side = size_of(self.config)
        part = "eight classes, six colours, four backdrops" if self.config is Config.CPU else "the whole world"
        return CardText(
            title="vae4: autoencoder with 4 latent channels",
            purpose="diffusers' AutoencoderKL, RGB in and out, one latent per 8 x 8 pixels, without attention. Latents "
            "have mean 0 and variance 1 per channel (scaling factor 1). The scene model and its kin work in them.",
            data=f"{POOL} scenes of the practice world (training split; {part}) at {side} px: random crops of "
            f"{self.crop_px} px and whole pictures, mirrored half of the time.",
            limits="It knows flat storybook drawings. Photos come back blurred and in wrong colours.",
        )


def write_factors_for(vae: AutoencoderKL, pictures: Tensor, folder: Path) -> None:
    """Save an autoencoder in half precision, and the preview map fitted to its latents beside it."""
    factors = fit_factors(encode_picture(vae, pictures), pictures[:, :3])
    vae.half().save_pretrained(folder)
    vae.float()
    write_factors(folder, factors)


@dataclass(frozen=True, slots=True)
class VaeRecipe:
    """Trains vae4."""

    name: str = "vae4"
    title: str = "autoencoder, 4 latent channels"
    learning_rate: float = 1.5e-3

    def plan(self, config: Config) -> Plan:
        return Plan(
            learning_rate=self.learning_rate,
            warmup_steps=200,
            criterion="psnr",
            validations=12,
            ema=0.998,
            workers=1 if config is Config.CPU else 12,
            log_every=25,
        )

    def task(self, setup: Setup) -> Task:
        return VaeTask(setup)


VAE4 = VaeRecipe()
