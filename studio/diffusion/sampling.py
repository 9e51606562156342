"""The denoising loop that methods write their steps into, over any scheduler of diffusers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from torch import Tensor

from studio.core.errors import ShapeError
from studio.diffusion.noise import generator
from studio.diffusion.run_state import RunState, Step
from studio.diffusion.schedules import ReadySchedule, Schedule, Scheduler, flow_levels

Predict = Callable[[Tensor, Tensor], Tensor]
"""(rows, ...) noisy latents and a 0-d timestep -> (rows, ...) prediction.

The current step and rows are in the RunState.
"""

Guide = Callable[[Tensor], Tensor]
"""(rows, ...) prediction -> (items, ...) guided prediction; see `guidance.classifier_free`."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one step did, for edits and for whoever watches.

    Args:
        before, latents: (items, ...) before and after the step, at least float32.
        prediction: (rows, ...) what the model gave; DesignEdit reads the difference of two rows from it.
        guided: (items, ...) what the scheduler was given.
        clean: (items, ...) the picture the step heads for, or None when the scheduler does not say.
    """

    step: Step
    before: Tensor
    latents: Tensor
    prediction: Tensor
    guided: Tensor
    clean: Tensor | None


Edit = Callable[[StepResult], Tensor]
Watch = Callable[[StepResult], None]


@torch.no_grad()
def denoise(
    predict: Predict,
    schedule: Schedule | ReadySchedule,
    latents: Tensor,
    run: RunState,
    *,
    guide: Guide,
    edit: Edit | None = None,
    watch: Watch | None = None,
    seed: int = 0,
) -> Tensor:
    """Run the schedule's window from `latents` to the end of it.

    Args:
        schedule: what to run; a ReadySchedule is used as it stands, which is good for one run.
        latents: (items, ...) at the noise level where the window starts (`ReadySchedule.pure_noise`, `.noisy`).
        run: its `step` is set before each call of `predict`, and cleared at the end, also after an error.
        guide: rows to items.
        edit: gives the latents that replace those of the step, for blending, fusing and pulling.
        watch: progress, preview, cancelling; what it raises ends the run. It sees the edited latents.
        seed: for schedulers that add noise at every step; the others ignore it.

    Returns:
        (items, ...) in at least float32: in half precision the error of a step grows as the noise shrinks.

    Raises:
        ShapeError: `predict` or `edit` gives tensors of another shape.
    """
    ready = schedule if isinstance(schedule, ReadySchedule) else schedule.build(latents.device)
    latents = latents.to(torch.promote_types(latents.dtype, torch.float32))
    advance = _advance(ready, seed)
    try:
        for step, timestep in ready.steps():
            run.step = step
            noisy = run.rows.gather(scaled_input(ready.scheduler, latents, timestep))
            prediction = predict(noisy, timestep)
            _check(prediction, noisy, "The model's prediction")
            guided = guide(prediction.to(latents.dtype))
            result = advance(step, latents, prediction, guided)
            if edit is not None:
                edited = edit(result)
                _check(edited, latents, "The edited latents")
                result = replace(result, latents=edited)
            if watch is not None:
                watch(result)
            latents = result.latents
    finally:
        run.step = None
    return latents


def scaled_input(scheduler: Scheduler, latents: Tensor, timestep: Tensor) -> Tensor:
    """What the model is shown for `latents`; only schedulers that work in another scale change them."""
    scale = getattr(scheduler, "scale_model_input", None)
    return latents if scale is None else scale(latents, timestep)


def _advance(ready: ReadySchedule, seed: int) -> Callable[[Step, Tensor, Tensor, Tensor], StepResult]:
    """The scheduler's step as a function to a StepResult."""
    scheduler = ready.scheduler
    step_once = scheduler.step  # pyright: ignore[reportAttributeAccessIssue]  # its parameters differ between schedulers
    takes_noise = "generator" in inspect.signature(step_once).parameters
    extra = {"generator": generator(seed, "sampler")} if takes_noise else {}

    def advance(step: Step, before: Tensor, prediction: Tensor, guided: Tensor) -> StepResult:
        output = step_once(guided, ready.timesteps[step.index], before, **extra)
        if isinstance(scheduler, FlowMatchEulerDiscreteScheduler):
            clean = before - flow_levels(scheduler)[step.index] * guided
        else:
            clean = getattr(output, "pred_original_sample", None)
        return StepResult(step, before, output.prev_sample, prediction, guided, clean)

    return advance


def _check(given: Tensor, expected: Tensor, what: str) -> None:
    if given.shape != expected.shape:
        raise ShapeError(f"{what} has the shape {tuple(given.shape)}, not {tuple(expected.shape)}.")
