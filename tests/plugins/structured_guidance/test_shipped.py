"""The weights that come with the program: whole, runnable by the stock pipeline, and worth having."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline

from plugins.structured_guidance.engines import DEFAULTS, load
from studio import resources
from studio.diffusion.text_to_image import Sampling
from studio.synth.scoring import Binding
from studio.synth.splits import Split
from studio.training.choices import Config
from studio.training.judge import load_judge
from studio.training.prompt_sets import PromptKind, prompt_set
from studio.training.recipes.scene import RESCALE, SCALE, STEPS
from tests.support.diffusion_models import quiet_libraries

FOLDER = resources.assets_dir() / "models" / "scene"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the scene model is not trained yet")


def test_they_load_with_their_hashes_and_words() -> None:
    engine = load("tiny")
    assert engine.model.native_px == 128
    assert engine.vocabulary is not None
    assert {"house", "tree", "red", "yellow", "beside", "night"} <= engine.vocabulary
    assert engine.previews.fit > 0.5


def test_the_defaults_are_those_of_the_card() -> None:
    defaults = DEFAULTS["tiny"]
    assert (defaults.steps, defaults.guidance, defaults.rescale) == (STEPS, SCALE, RESCALE)


def test_the_stock_pipeline_runs_the_folder() -> None:
    with quiet_libraries():
        vae = AutoencoderKL.from_pretrained(FOLDER.with_name("vae4"), dtype=torch.float32, local_files_only=True)
        pipeline = StableDiffusionPipeline.from_pretrained(FOLDER, vae=vae, dtype=torch.float32, local_files_only=True)
        pipeline.set_progress_bar_config(disable=True)
        pictures = pipeline("a red house", num_inference_steps=2, output_type="np", return_dict=False)[0]
    assert np.asarray(pictures).shape == (1, 128, 128, 3)
    assert np.asarray(pictures).std() > 0.05


@pytest.mark.slow
def test_they_draw_what_is_asked_more_often_than_by_chance() -> None:
    model, judge = load("tiny").model, load_judge(resources.assets_dir() / "models")
    prompts = prompt_set(PromptKind.ONE, 32, Config.CPU, Split.VAL)
    sampling = Sampling(steps=STEPS, scale=SCALE, rescale=RESCALE, height=128, width=128)
    with torch.no_grad():
        pictures = model.draw([prompt.text for prompt in prompts], range(32), sampling)
    own = np.mean([score.rate(Binding.PROPER) for score in judge.score(pictures, prompts)])
    turned = [*prompts[9:], *prompts[:9]]
    other = np.mean([score.rate(Binding.PROPER) for score in judge.score(pictures, turned)])
    assert own >= 0.4
    assert own >= other + 0.25
