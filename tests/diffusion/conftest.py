"""Tiny models shared by the tests of this folder; a test that changes one makes its own."""

from __future__ import annotations

import diffusers.utils.logging
import pytest
import torch
import transformers.utils.logging
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import StableDiffusionXLPipeline

from tests.support import diffusion_models as models


@pytest.fixture(scope="session", autouse=True)
def _quiet_and_single_threaded() -> None:
    """No progress bars, no advice in the log; two threads on busy cores are many times slower than one."""
    torch.set_num_threads(1)
    for library in (diffusers.utils.logging, transformers.utils.logging):
        library.disable_progress_bar()
        library.set_verbosity_error()


@pytest.fixture(scope="session")
def sd() -> StableDiffusionPipeline:
    pipeline = models.stable_diffusion()
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@pytest.fixture(scope="session")
def sdxl() -> StableDiffusionXLPipeline:
    pipeline = models.stable_diffusion_xl()
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
