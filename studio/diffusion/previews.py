"""Small pictures of latents while they are denoised: one linear map per autoencoder, no decoding.

The map is fitted by least squares to pairs of latents and pictures, kept beside the autoencoder's weights, and fitted
anew (from drawn cards, in a second or less) where there is none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from numpy.typing import NDArray
from torch import Tensor

from studio.core.errors import ShapeError
from studio.diffusion.files import ModelFault
from studio.diffusion.latents import encode_picture
from studio.diffusion.noise import gaussian

FACTORS_FILE = "preview.json"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class PreviewFactors:
    """RGB = latents x weights + bias, in [-1, 1].

    Args:
        weights: 3 rows of one number per latent channel.
        bias: 3 numbers.
        fit: share of the pictures' variance that the map explains, 0..1.
    """

    weights: tuple[tuple[float, ...], ...]
    bias: tuple[float, ...]
    fit: float

    @property
    def channels(self) -> int:
        return len(self.weights[0])


def fit_factors(latents: Tensor, pictures: Tensor) -> PreviewFactors:
    """Least squares from latents to pictures shrunk to their size.

    Args:
        latents: (B, C, h, w) normalised.
        pictures: (B, 3, H, W) in [-1, 1], what the latents were encoded from.

    Raises:
        ShapeError: the batches differ, or there are fewer latent pixels than unknowns.
    """
    if len(latents) != len(pictures) or latents.ndim != 4 or pictures.shape[1] != 3:
        raise ShapeError(f"Latents {tuple(latents.shape)} and pictures {tuple(pictures.shape)} do not belong together.")
    small = F.interpolate(pictures.double().cpu(), latents.shape[-2:], mode="area")
    inputs = latents.double().cpu().movedim(1, -1).flatten(0, -2)
    targets = small.movedim(1, -1).flatten(0, -2)
    if len(inputs) <= inputs.shape[1]:
        raise ShapeError(f"{len(inputs)} latent pixels are too few to fit {inputs.shape[1]} channels.")
    design = torch.cat([inputs, torch.ones(len(inputs), 1, dtype=torch.float64)], dim=1)
    # gelsd copes with channels that carry nothing; the default would divide by them.
    solution = torch.linalg.lstsq(design, targets, driver="gelsd").solution
    left = (design @ solution - targets).square().sum()
    total = (targets - targets.mean(0)).square().sum().clamp_min(1e-12)
    weights = tuple(tuple(row) for row in solution[:-1].T.tolist())
    return PreviewFactors(weights, tuple(solution[-1].tolist()), float((1 - left / total).clamp(0, 1)))


def preview(latents: Tensor, factors: PreviewFactors, size: int = 64) -> NDArray[np.uint8]:
    """(h, w, 3) picture of one item's latents (C, h, w), its longer side at most `size`.

    Raises ShapeError for other channels.
    """
    if latents.ndim != 3 or latents.shape[0] != factors.channels:
        raise ShapeError(f"Latents {tuple(latents.shape)} do not fit a preview of {factors.channels} channels.")
    shrink = max(1.0, max(latents.shape[-2:]) / size)
    height, width = (max(1, round(side / shrink)) for side in latents.shape[-2:])
    small = F.interpolate(latents[None].detach().float(), (height, width), mode="area")[0].cpu()
    weights, bias = torch.tensor(factors.weights), torch.tensor(factors.bias)
    colours = torch.einsum("kc,chw->hwk", weights, small) + bias
    return ((colours.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).numpy()


def factors_for(vae: AutoencoderKL, folder: Path | None = None) -> PreviewFactors:
    """The factors stored in the autoencoder's folder, or, without any, a fit to drawn cards through its encoder."""
    if folder is not None and (folder / FACTORS_FILE).is_file():
        return read_factors(folder)
    cards = colour_cards(cast("int", vae.config["in_channels"]))
    return fit_factors(encode_picture(vae, cards), cards[:, :3])


def write_factors(folder: Path, factors: PreviewFactors) -> None:
    """Store factors beside an autoencoder's weights."""
    stored = {"version": _VERSION, "weights": factors.weights, "bias": factors.bias, "fit": factors.fit}
    (folder / FACTORS_FILE).write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def read_factors(folder: Path) -> PreviewFactors:
    """Raises ModelFault when the file cannot be understood."""
    path = folder / FACTORS_FILE
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        weights = tuple(tuple(float(value) for value in row) for row in stored["weights"])
        factors = PreviewFactors(weights, tuple(float(value) for value in stored["bias"]), float(stored["fit"]))
        if len(weights) != 3 or len(factors.bias) != 3 or len({len(row) for row in weights}) != 1:
            raise ValueError("not three rows of equal length")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFault(path, "The model's preview factors cannot be read", "Delete the file.", repr(error)) from error
    return factors


def colour_cards(channels: int = 3, count: int = 8, size: int = 64) -> Tensor:
    """(count, channels, size, size) smooth pictures in [-1, 1] in which all colours occur; channels over 3 are
    opaque.
    """
    coarse = gaussian((count, 3, 4, 4), 0, "preview cards")
    smooth = F.interpolate(coarse, (size, size), mode="bicubic", align_corners=False)
    flat = gaussian((count, 3, 1, 1), 0, "preview card colours")
    colours = torch.tanh(0.7 * smooth + 0.7 * flat)
    return torch.cat([colours, torch.ones(count, max(0, channels - 3), size, size)], dim=1)
