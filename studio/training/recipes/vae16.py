"""vae16: layers with transparency to 16 latent channels and back.

It starts from vae4 where the shapes agree and from opaque (alpha out 1, alpha in ignored), so that only what is new has
to be learned. It sees pictures, layers over grey with their alpha, and layers over grey as if they were opaque, because
the models built on it use all three.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.diffusion.latents import encode_picture
from studio.synth.sheet import grid, over_checks
from studio.synth.splits import Split
from studio.training.crops import chooser
from studio.training.layer_set import LAYERS, OPAQUE, LayerCache, draw_layers, on_grey
from studio.training.measures import psnr
from studio.training.recipe import Batch, CardText, Config, Figures, Losses, Plan, Setup, Task
from studio.training.recipes.vae import (
    WIDTHS,
    build_vae,
    normalise_latents,
    there_and_back,
    vae_losses,
    write_factors_for,
)
from studio.training.scenes import size_of
from studio.training.shipped import shipped_vae

LATENTS = 16
POOL = 4000
VALIDATED, TESTED = 24, 128
_FRESH_LOGVAR = -6.0
"""How certain new latents are at first."""
_OPAQUE_SHARE, _FLATTENED_SHARE = 0.3, 0.2


def start_from(vae: AutoencoderKL, trained: AutoencoderKL) -> None:
    """Take over an RGB autoencoder: the new one first gives what that one gives, with alpha 1.

    Its latents become the first ones; the others are read by the decoder with weight zero, and alpha is not looked at.
    Weights that do not fit (of another configuration) keep their random start.
    """
    source = trained.state_dict()
    old, new = trained.config["latent_channels"], vae.config["latent_channels"]
    moments = [*range(old), *range(new, new + old)]
    with torch.no_grad():
        for name, value in vae.state_dict().items():
            if source[name].shape == value.shape:
                value.copy_(source[name])
        if tuple(vae.config["block_out_channels"]) != tuple(trained.config["block_out_channels"]):
            return
        _widen(vae.encoder.conv_in, trained.encoder.conv_in, [0, 1, 2], None)
        _widen(vae.decoder.conv_out, trained.decoder.conv_out, None, [0, 1, 2])
        cast("Tensor", vae.decoder.conv_out.bias)[3] = 1.0
        _take_over_latents(vae, trained, moments)


def _take_over_latents(vae: AutoencoderKL, trained: AutoencoderKL, moments: list[int]) -> None:
    """The convolutions next to the latents; `moments` are the old means' and spreads' places among the new ones."""
    out = vae.encoder.conv_out
    new = len(cast("Tensor", out.bias)) // 2
    fresh = out.weight[:new].clone()
    _widen(out, trained.encoder.conv_out, None, moments)
    kept = [row for row in range(new) if row not in moments]
    out.weight[kept] = fresh[kept]
    cast("Tensor", out.bias)[[new + row for row in kept]] = _FRESH_LOGVAR
    for wide, narrow, places in (
        (vae.quant_conv, trained.quant_conv, moments),
        (vae.post_quant_conv, trained.post_quant_conv, moments[: len(moments) // 2]),
    ):
        _widen(cast("nn.Conv2d", wide), cast("nn.Conv2d", narrow), places, places)
        for channel in set(range(cast("nn.Conv2d", wide).out_channels)) - set(places):
            cast("nn.Conv2d", wide).weight[channel, channel] = 1.0
    _widen(vae.decoder.conv_in, trained.decoder.conv_in, moments[: len(moments) // 2], None)


def _widen(wide: nn.Conv2d, narrow: nn.Conv2d, columns: list[int] | None, rows: list[int] | None) -> None:
    """Copy a convolution into one with more channels, to the given places; all else starts at zero."""
    to_rows = torch.tensor(rows if rows is not None else list(range(narrow.out_channels)))
    to_columns = torch.tensor(columns if columns is not None else list(range(narrow.in_channels)))
    assert wide.bias is not None
    assert narrow.bias is not None
    wide.weight.zero_()
    wide.weight[to_rows[:, None], to_columns[None, :]] = narrow.weight
    wide.bias.zero_()
    wide.bias[to_rows] = narrow.bias


@dataclass(frozen=True, slots=True)
class LayerCrops:
    """Batches of crops of layers and pictures; every fourth batch holds whole ones."""

    layers: LayerCache
    seed: int
    crop_px: int
    batch: int

    def __call__(self, index: int) -> Batch:
        draws = chooser(self.seed, "vae16", index)
        side = size_of(self.layers.config)
        whole = index % 4 == 3
        count = max(1, self.batch * self.crop_px**2 // side**2) if whole else self.batch
        parts = [self._part(draws, side if whole else self.crop_px) for _ in range(count)]
        return {"pictures": torch.from_numpy(np.stack(parts))}

    def _part(self, draws: np.random.Generator, side: int) -> NDArray[np.floating]:
        """(4, side, side) float32 in [-1, 1]."""
        item = self.layers[int(draws.integers(POOL))]
        kind = draws.random()
        opaque = kind < _OPAQUE_SHARE or len(item) == OPAQUE
        number = int(draws.integers(OPAQUE)) if opaque else int(draws.integers(OPAQUE, len(item)))
        values = on_grey(_interesting(item[number], side, draws))
        if kind < _OPAQUE_SHARE + _FLATTENED_SHARE:
            values[..., 3] = 1.0
        if draws.random() < 0.5:
            values = values[:, ::-1]
        return np.ascontiguousarray(np.moveaxis(values, -1, 0))


def _interesting(layer: NDArray[np.uint8], side: int, draws: np.random.Generator) -> NDArray[np.uint8]:
    """A (side, side, 4) part, four times in five around a pixel that is not empty."""
    height, width = layer.shape[:2]
    top, left = int(draws.integers(height - side + 1)), int(draws.integers(width - side + 1))
    filled = np.argwhere(layer[..., 3] > 0)
    if len(filled) and draws.random() < 0.8:
        row, column = filled[int(draws.integers(len(filled)))]
        top = int(np.clip(row - draws.integers(side), 0, height - side))
        left = int(np.clip(column - draws.integers(side), 0, width - side))
    return layer[top : top + side, left : left + side]


class LayerVaeTask(Task):
    """Trains an RGBA autoencoder on pictures and layers."""

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        self.config = setup.config
        self.vae = build_vae(WIDTHS[setup.config], 4, LATENTS)
        start_from(self.vae, shipped_vae(setup.models_dir))
        small = setup.config is Config.CPU
        cache = LayerCache(setup.cache_dir, setup.config)
        self.data = LayerCrops(cache, setup.seed, 64 if small else 128, 12 if small else 96)

    def forward(self, batch: Batch) -> Losses:
        return vae_losses(self.vae, batch["pictures"])

    def validate(self, split: Split) -> Figures:
        items = self._items(split, VALIDATED if split is Split.VAL else TESTED)
        pictures = torch.cat([item[:OPAQUE] for item in items])
        layers = torch.cat([item[OPAQUE:] for item in items])
        flattened = layers.clone()
        flattened[:, 3] = 1.0
        made, again, flat = (there_and_back(self.vae, part) for part in (layers, pictures, flattened))
        figures = {
            "psnr": float(psnr(again[:, :3], pictures[:, :3]).mean()),
            "layer_psnr": float(psnr(made[:, :3], layers[:, :3]).mean()),
            "alpha_psnr": float(psnr(made[:, 3:], layers[:, 3:]).mean()),
            "flattened_psnr": float(psnr(flat[:, :3], flattened[:, :3]).mean()),
        }
        return figures | {"mean": sum(figures.values()) / len(figures)}

    def _items(self, split: Split, count: int) -> list[Tensor]:
        drawn = (on_grey(draw_layers(split, index, self.config)) for index in range(count))
        return [torch.from_numpy(np.ascontiguousarray(np.moveaxis(item, -1, 1))) for item in drawn]

    def samples(self) -> NDArray[np.uint8]:
        layers = torch.cat([item[: OPAQUE + LAYERS] for item in self._items(Split.VAL, 6)])[:24]
        made = there_and_back(self.vae, layers)
        tiles = [over_checks(straight(picture)) for pair in zip(layers, made, strict=True) for picture in pair]
        return grid(tiles, 8)

    def export(self, folder: Path) -> None:
        values = torch.cat(self._items(Split.VAL, 32))
        normalise_latents(self.vae, encode_picture(self.vae, values))
        write_factors_for(self.vae, values, folder)

    def card(self) -> CardText:
        side = size_of(self.config)
        part = "eight classes, six colours, four backdrops" if self.config is Config.CPU else "the whole world"
        return CardText(
            title="vae16: autoencoder for layers, 16 latent channels",
            purpose="diffusers' AutoencoderKL, RGBA in and out, one latent per 8 x 8 pixels, without attention. "
            "Colours are laid over mid grey (alpha times the value in [-1, 1]), alpha is scaled to [-1, 1]; opaque "
            "pictures have alpha 1. Latents have mean 0 and variance 1 per channel (scaling factor 1).",
            data=f"{POOL} scenes and posters of the practice world (training split; scenes: {part}) at {side} px: "
            "pictures, empty stages, objects with and without their effects, poster layers. It started from the "
            "weights of vae4.",
            limits="It knows flat storybook drawings: photos come back blurred. Small objects lose their pattern and "
            "some of their colour. Layers are measured over the whole canvas, most of which is empty.",
        )


def straight(picture: Tensor) -> NDArray[np.uint8]:
    """(4, H, W) over grey in about [-1, 1] -> (H, W, 4) straight RGBA bytes."""
    alpha = ((picture[3:].float() + 1) / 2).clamp(0, 1)
    color = (picture[:3].float() / alpha.clamp_min(1 / 255)).clamp(-1, 1)
    values = torch.cat([(color + 1) / 2 * (alpha > 0), alpha])
    return np.ascontiguousarray((values * 255).round().byte().permute(1, 2, 0).cpu().numpy())


@dataclass(frozen=True, slots=True)
class LayerVaeRecipe:
    """Trains vae16."""

    name: str = "vae16"
    title: str = "autoencoder for layers, 16 latent channels"

    def plan(self, config: Config) -> Plan:
        return Plan(
            learning_rate=1e-3,
            warmup_steps=200,
            criterion="mean",
            validations=10,
            ema=0.998,
            workers=1 if config is Config.CPU else 12,
            log_every=25,
        )

    def task(self, setup: Setup) -> Task:
        return LayerVaeTask(setup)


VAE16 = LayerVaeRecipe()
