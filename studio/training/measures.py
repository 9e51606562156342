"""Figures of pictures and label maps."""

from __future__ import annotations

import torch
from torch import Tensor


def psnr(made: Tensor, truth: Tensor, span: float = 2.0) -> Tensor:
    """(B,) peak signal to noise ratio in dB of pictures whose values span `span`; the first is clamped to +-1."""
    error = (made.float().clamp(-1, 1) - truth.float()).square().flatten(1).mean(1)
    return 10 * torch.log10(span**2 / error.clamp_min(1e-12))
