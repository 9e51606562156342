"""DDIM inversion: against diffusers' own inverse scheduler, and back to where it came from."""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from diffusers.schedulers.scheduling_ddim_inverse import DDIMInverseScheduler
from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler
from torch import Tensor

from studio.core.errors import StudioError
from studio.diffusion.guidance import classifier_free
from studio.diffusion.inversion import invert
from studio.diffusion.noise import gaussian
from studio.diffusion.rows import Rows
from studio.diffusion.run_state import RunState, Step
from studio.diffusion.sampling import Predict, denoise
from studio.diffusion.schedules import Schedule, invertible_ddim, plain_config
from tests.support import diffusion_models as models

CLEAN = 0.5 * gaussian((1, 4, 12, 16), 3)
ROWS = Rows.plain(1)
LEVELS = models.ddim().alphas_cumprod
GUIDE = partial(classifier_free, rows=ROWS, scale=1.0)


def predict(noisy: Tensor, timestep: Tensor) -> Tensor:
    """The best prediction for data that are +0.5 or -0.5 with a spread of 0.2, in every sample independently."""
    level = LEVELS[int(timestep)]
    spread = level * 0.2**2 + 1 - level
    mean = 0.5 * torch.tanh(noisy * level.sqrt() * 0.5 / spread)
    clean = mean + level.sqrt() * 0.2**2 / spread * (noisy - level.sqrt() * mean)
    return (noisy - level.sqrt() * clean) / (1 - level).sqrt()


def round_trip_error(predict: Predict, steps: int, fixed_point: int) -> float:
    """Root mean square of what inversion and sampling change, relative to the latents."""
    schedule, run = Schedule(invertible_ddim(models.ddim()), steps), RunState(ROWS)
    noise = invert(predict, schedule, CLEAN, run, guide=GUIDE, fixed_point=fixed_point)[-1]
    back = denoise(predict, schedule, noise, run, guide=GUIDE)
    return float((back - CLEAN).square().mean().sqrt() / CLEAN.square().mean().sqrt())


def with_setting(**settings: object) -> DDIMScheduler:
    return DDIMScheduler(**(plain_config(models.ddim()) | settings))  # pyright: ignore[reportArgumentType]


def test_one_step_is_the_formula_of_the_paper() -> None:
    epsilon = gaussian(CLEAN.shape, 4)
    schedule = Schedule(invertible_ddim(models.ddim()), 50)
    trajectory = invert(lambda noisy, _: epsilon, schedule, CLEAN, RunState(ROWS), guide=GUIDE)
    x: Tensor = CLEAN
    for t in range(0, 1000, 20):  # DesignEdit, section 3.3
        s = t - 20
        below, above = LEVELS[max(s, 0)], LEVELS[t]
        x0 = (x - (1 - below).sqrt() * epsilon) / below.sqrt()
        x = above.sqrt() * x0 + (1 - above).sqrt() * epsilon
    assert len(trajectory) == 51
    assert (trajectory[-1] - x).abs().max() <= 1e-4


def test_a_constant_prediction_is_undone_exactly() -> None:
    epsilon = gaussian(CLEAN.shape, 4)
    assert round_trip_error(lambda noisy, _: epsilon, 20, 1) <= 1e-5


def test_the_round_trip_error_shrinks_with_steps_and_with_fixed_point_rounds() -> None:
    plain, finer, fixed = (round_trip_error(predict, *setting) for setting in ((20, 1), (50, 1), (20, 5)))
    assert finer < 0.6 * plain  # measured: 0.156, 0.074, 0.013
    assert fixed < 0.1 * plain


def test_a_late_window_inverts_the_last_steps_only() -> None:
    schedule, run = Schedule(invertible_ddim(models.ddim()), 10), RunState(ROWS)
    seen: list[Step] = []
    whole = invert(predict, schedule, CLEAN, run, guide=GUIDE)
    part = invert(predict, schedule.between(7), CLEAN, run, guide=GUIDE, watch=lambda step, _: seen.append(step))
    assert [step.index for step in seen] == [9, 8, 7]
    assert [step.timestep for step in seen] == [0, 100, 200]
    assert len(part) == 4
    assert torch.equal(part[-1], whole[3])


def test_the_trajectory_meets_sampling_at_the_stated_places() -> None:
    schedule, run = Schedule(invertible_ddim(models.ddim()), 8), RunState(ROWS)
    trajectory = invert(predict, schedule, CLEAN, run, guide=GUIDE, fixed_point=30)
    met: list[float] = []
    denoise(
        predict,
        schedule,
        trajectory[-1],
        run,
        guide=GUIDE,
        watch=lambda result: met.append(float((result.latents - trajectory[7 - result.step.index]).abs().max())),
    )
    assert max(met) <= 1e-3


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample"])
def test_what_the_model_predicts_makes_no_difference_once_converged(kind: str) -> None:
    def model(noisy: Tensor, timestep: Tensor) -> Tensor:
        level, epsilon = LEVELS[int(timestep)], predict(noisy, timestep)
        clean = (noisy - (1 - level).sqrt() * epsilon) / level.sqrt()
        return {"epsilon": epsilon, "sample": clean}.get(kind, level.sqrt() * epsilon - (1 - level).sqrt() * clean)

    schedule, run = Schedule(invertible_ddim(with_setting(prediction_type=kind)), 50), RunState(ROWS)
    noise = invert(model, schedule, CLEAN, run, guide=GUIDE, fixed_point=20)[-1]
    back = denoise(model, schedule, noise, run, guide=GUIDE)
    assert (back - CLEAN).abs().mean() <= 5e-3


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample"])
def test_one_evaluation_equals_the_inverse_scheduler_of_diffusers(kind: str) -> None:
    template = invertible_ddim(with_setting(prediction_type=kind))
    inverse = DDIMInverseScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        prediction_type=kind,  # pyright: ignore[reportArgumentType]
    )
    inverse.set_timesteps(20)
    expected = CLEAN
    for timestep in inverse.timesteps:
        expected = inverse.step(predict(expected, timestep), int(timestep), expected, return_dict=False)[0]
    ours = invert(predict, Schedule(template, 20), CLEAN, RunState(ROWS), guide=GUIDE)[-1]
    assert (ours - expected).abs().max() <= 1e-4


@pytest.mark.parametrize(
    ("spacing", "expected"), [("leading", "leading"), ("trailing", "trailing"), ("linspace", "leading")]
)
def test_the_schedulers_that_models_ship_with_become_invertible(spacing: str, expected: str) -> None:
    with models.quiet_libraries():
        shipped = EulerDiscreteScheduler(beta_schedule="scaled_linear", timestep_spacing=spacing, steps_offset=1)  # pyright: ignore[reportArgumentType]
    made = invertible_ddim(shipped)
    assert made.config["timestep_spacing"] == expected
    assert made.config["beta_schedule"] == "scaled_linear"
    assert made.config["steps_offset"] == 1
    assert (made.config["clip_sample"], made.config["set_alpha_to_one"]) == (False, False)
    assert math.isclose(float(made.final_alpha_cumprod), float(made.alphas_cumprod[0]))


def test_schedules_that_cannot_be_inverted_are_refused() -> None:
    flow = models.flux().scheduler
    with pytest.raises(StudioError, match="flow model"):
        invertible_ddim(flow)
    with pytest.raises(StudioError, match="pure noise"):
        invertible_ddim(with_setting(rescale_betas_zero_snr=True))
    clipping = with_setting(clip_sample=True)
    with pytest.raises(StudioError, match="clipping"):
        invert(predict, Schedule(clipping, 4), CLEAN, RunState(ROWS), guide=GUIDE)
