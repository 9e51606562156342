"""The public engines at full size, without their weights: a whole guided step and the decoding, and their memory."""

from __future__ import annotations

from typing import cast

import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from plugins.structured_guidance.engines import DEFAULTS
from studio import resources
from studio.diffusion.latents import decode_latents
from studio.diffusion.public_models import SD15, SDXL
from studio.diffusion.schedules import Schedule, Scheduler
from studio.diffusion.symbolic import build_as, without_data
from studio.diffusion.text import ClipText, TextEmbeds
from studio.diffusion.text_to_image import Sampling, TextToImage
from studio.plugin_api.manifest import load_manifest
from tests.support.diffusion_models import ddim

MODELS = {"sd15": SD15, "sdxl": SDXL}
FOLDER = resources.plugins_dir() / "structured_guidance"


@pytest.mark.parametrize("name", list(MODELS))
def test_a_guided_step_at_full_size(name: str) -> None:
    public = MODELS[name]
    height, width = public.size
    sampling = Sampling(steps=1, scale=DEFAULTS[name].guidance, height=height, width=width)
    scheduler = cast("Scheduler", ddim())  # XL's own, Euler's, asks tensors for their values, and there are none
    ready = Schedule(scheduler, 1).build(torch.device("cpu"))
    with without_data():
        unet = cast("UNet2DConditionModel", build_as(public.parts["unet"].build, public.dtype))
        vae = cast("AutoencoderKL", build_as(public.parts["vae"].build, public.vae_dtype))
        model = TextToImage(unet, vae, ClipText((), (), name == "sdxl"), scheduler)
        assert model.native_px == height
        text = torch.empty(2, 77, 2048 if name == "sdxl" else 768)
        embeds = TextEmbeds(text, torch.empty(2, 1280) if name == "sdxl" else None)
        latents = model.latents(embeds, torch.empty(1, 4, height // 8, width // 8), sampling, schedule=ready)
        picture = decode_latents(vae, latents)
    assert (tuple(latents.shape), latents.dtype) == ((1, 4, height // 8, width // 8), torch.float32)
    assert tuple(picture.shape) == (1, 3, height, width)


@pytest.mark.parametrize("name", list(MODELS))
def test_the_stated_memory_is_the_computed_one(name: str) -> None:
    engine = load_manifest(FOLDER).engine(name)
    assert engine is not None
    assert engine.memory is not None
    computed = {str(plan): found / 2**20 for plan, found in MODELS[name].memory().items()}
    stated = engine.memory.model_dump()
    assert {plan: stated[plan] for plan in computed} == pytest.approx(computed, rel=0.02)
    assert engine.memory_mb == stated["full"]


def test_every_engine_has_its_defaults() -> None:
    assert set(DEFAULTS) == {engine.id for engine in load_manifest(FOLDER).engines}
