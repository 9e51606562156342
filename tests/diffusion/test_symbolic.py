"""Full-size models without weights: counts that are published, shapes at real resolution, and whole loops."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import Tensor, nn

from studio.diffusion import public_models
from studio.diffusion.attention.processors import OpenProcessor
from studio.diffusion.attention.swap import swapped_attention
from studio.diffusion.guidance import classifier_free
from studio.diffusion.predictors import Conditioning, unet_predictor
from studio.diffusion.public_models import PublicModel
from studio.diffusion.rows import Rows
from studio.diffusion.run_state import RunState
from studio.diffusion.sampling import StepResult, denoise
from studio.diffusion.schedules import Schedule
from studio.diffusion.symbolic import (
    ActivationMeter,
    MemoryPlan,
    TensorSpec,
    build_as,
    plan_bytes,
    symbolic_run,
    without_data,
)
from studio.diffusion.text import TextEmbeds
from tests.support import diffusion_models as models

MIB = 2**20


class Doubling(nn.Module):
    """Holds 4 MiB of weights; its call makes 1 MiB, then 2 MiB while the first is alive, then drops both."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(MIB))

    def forward(self, start: Tensor) -> dict[str, Tensor]:
        once = start + 1
        twice = torch.cat([once, once])
        return {"sum": twice.sum() + self.weight.view(1024, 1024)[0, 0]}


def test_weights_results_and_the_peak_are_counted() -> None:
    run = symbolic_run(Doubling, lambda: {"start": torch.zeros(MIB // 4)})
    assert run.outputs == (TensorSpec((), torch.float32),)
    assert (run.parameters, run.weight_bytes, run.largest_block_bytes) == (MIB, 4 * MIB, 4 * MIB)
    assert run.activation_bytes == pytest.approx(4 * MIB, rel=0.01)  # the input, its successor, and the pair


def test_a_symbolic_run_takes_what_a_real_one_takes() -> None:
    unet, inputs = (
        models.unet(),
        lambda: {
            "sample": torch.zeros(2, 4, 12, 16),
            "timestep": torch.tensor(5),
            "encoder_hidden_states": torch.zeros(2, 7, models.WIDTH),
        },
    )
    symbolic = symbolic_run(models.unet, inputs)
    with torch.no_grad(), ActivationMeter([*unet.parameters(), *unet.buffers()]) as meter:
        arguments = inputs()
        sample = unet(**arguments).sample
    assert symbolic.outputs == (TensorSpec(tuple(sample.shape), sample.dtype),)
    assert symbolic.parameters == sum(parameter.numel() for parameter in unet.parameters())
    assert symbolic.activation_bytes == pytest.approx(meter.peak_bytes, rel=0.02)


def test_the_default_type_comes_back_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError):
        build_as(lambda: nn.Linear(1, 1 // 0), torch.float16)
    assert torch.get_default_dtype() is torch.float32


def check_step(model: PublicModel, part: str, parameters: float, shape: tuple[int, ...]) -> None:
    """A part has the published number of parameters (in millions) and gives a result of the expected shape."""
    run = model.run(part)
    assert run.parameters / 1e6 == pytest.approx(parameters, abs=0.01)
    assert run.outputs[0].shape == shape
    assert run.outputs[0].dtype is (model.vae_dtype if part == "vae" else model.dtype)
    assert run.weight_bytes >= run.parameters * run.outputs[0].dtype.itemsize


@pytest.mark.parametrize(
    ("part", "parameters", "shape"),
    [("text_encoder", 123.06, (2, 77, 768)), ("unet", 859.52, (2, 4, 64, 64)), ("vae", 83.65, (1, 3, 512, 512))],
)
def test_stable_diffusion_1_5(part: str, parameters: float, shape: tuple[int, ...]) -> None:
    check_step(public_models.SD15, part, parameters, shape)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "part", "parameters", "shape"),
    [
        (public_models.SDXL, "text_encoder_2", 694.66, (2, 1280)),
        (public_models.SDXL, "unet", 2567.46, (2, 4, 128, 128)),
        (public_models.SDXL, "vae", 83.65, (1, 3, 1024, 1024)),
        (public_models.SDXL_CONTROLNET, "controlnet", 1251.01, (2, 320, 128, 128)),
        (public_models.FLUX_DEV, "text_encoder_2", 4762.31, (2, 512, 4096)),
        (public_models.FLUX_DEV, "transformer", 11901.41, (1, 4096, 64)),
        (public_models.FLUX_DEV, "vae", 83.82, (1, 3, 1024, 1024)),
        (public_models.WAN_1_3B, "transformer", 1419.00, (1, 16, 21, 60, 104)),
        (public_models.MODELSCOPE, "unet", 1411.23, (2, 4, 16, 32, 32)),
    ],
)
def test_larger_public_models(model: PublicModel, part: str, parameters: float, shape: tuple[int, ...]) -> None:
    check_step(model, part, parameters, shape)


def test_plans_need_less_and_less() -> None:
    memory = public_models.SD15.memory((768, 1024))
    needed = [memory[plan] for plan in (MemoryPlan.FULL, MemoryPlan.TILED, MemoryPlan.OFFLOAD, MemoryPlan.SEQUENTIAL)]
    assert needed == sorted(needed, reverse=True)
    assert len(set(needed)) == 4
    assert 3e9 < needed[0] < 6e9
    assert list(memory) == list(MemoryPlan)


def test_plans_are_sums_and_maxima_of_their_parts() -> None:
    small = symbolic_run(Doubling, lambda: {"start": torch.zeros(MIB // 4)})
    large = symbolic_run(Doubling, lambda: {"start": torch.zeros(MIB)})
    plans = plan_bytes({"unet": small, "vae": large}, tiled_decode=small)
    assert plans[MemoryPlan.FULL] == 8 * MIB + large.activation_bytes
    assert plans[MemoryPlan.TILED] == 8 * MIB + small.activation_bytes
    assert plans[MemoryPlan.OFFLOAD] == 4 * MIB + small.activation_bytes
    assert plan_bytes({"vae": large})[MemoryPlan.TILED] == plan_bytes({"vae": large})[MemoryPlan.FULL]


def test_a_whole_loop_with_opened_attention_runs_at_full_size() -> None:
    """Two steps of Stable Diffusion 1.5 at 768 x 512 through our loop, guidance, predictor and processors."""
    rows = Rows.guided(1)
    run, seen = RunState(rows), list[StepResult]()
    schedule = Schedule(models.ddim(), 20).between(0, 2).build(torch.device("cpu"))
    with without_data():
        unet = build_as(public_models.SD15.parts["unet"].build, torch.float16)
        conditioning = Conditioning(TextEmbeds(torch.empty(2, 77, 768)))
        predict = unet_predictor(unet, conditioning, run)
        guide = partial(classifier_free, rows=rows, scale=7.5)
        with swapped_attention(unet, OpenProcessor, run):
            latents = denoise(predict, schedule, torch.empty(1, 4, 64, 96), run, guide=guide, watch=seen.append)
    assert [result.step.index for result in seen] == [0, 1]
    assert (latents.shape, latents.dtype) == ((1, 4, 64, 96), torch.float32)
    assert (seen[0].prediction.shape, seen[0].prediction.dtype) == ((2, 4, 64, 96), torch.float16)
