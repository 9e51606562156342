"""Parts of pictures, picked by the number of a batch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.synth.dice import derived_seed


def chooser(*names: str | int) -> np.random.Generator:
    """Draws for one batch: the same names give the same draws."""
    return np.random.default_rng(derived_seed(0, *names))


def random_crop(planes: NDArray[np.uint8], side: int, draws: np.random.Generator) -> NDArray[np.uint8]:
    """A (side, side, C) part somewhere in (H, W, C), mirrored left to right half of the time."""
    height, width = planes.shape[:2]
    top, left = int(draws.integers(height - side + 1)), int(draws.integers(width - side + 1))
    part = planes[top : top + side, left : left + side]
    return part[:, ::-1] if draws.random() < 0.5 else part


def to_signed(pixels: NDArray[np.uint8]) -> Tensor:
    """(..., H, W, C) bytes -> (..., C, H, W) float32 in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(pixels, -1, -3))).float() / 127.5 - 1.0


def to_pixels(pictures: Tensor) -> NDArray[np.uint8]:
    """(..., C, H, W) in about [-1, 1] -> (..., H, W, C) bytes."""
    scaled = ((pictures.detach().float().cpu().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return np.moveaxis(scaled.numpy(), -3, -1)
