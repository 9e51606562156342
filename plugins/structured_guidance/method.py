"""From a prompt to pixels: encode, denoise, decode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.diffusion.latents import decode_latents
from studio.diffusion.sampling import StepResult
from studio.diffusion.text_to_image import Sampling, TextToImage


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One picture."""

    prompt: str
    negative: str
    seed: int
    sampling: Sampling


def draw(model: TextToImage, request: Request, watch: Callable[[StepResult], None]) -> NDArray[np.uint8]:
    """(H, W, 3) picture; `watch` is called after every step, and what it raises ends the run."""
    sampling = request.sampling
    noise = model.noise([request.seed], sampling)
    embeds = model.embeds([request.prompt], sampling, request.negative)
    latents = model.latents(embeds, noise, sampling, watch=watch)
    picture = decode_latents(model.vae, latents)[0].clamp(-1, 1)
    return ((picture + 1) * 127.5).round().byte().permute(1, 2, 0).cpu().numpy()
