"""From a picture to the noise that makes it: deterministic DDIM inversion.

The formula of diffusers' DDIMInverseScheduler, written out: that class reads a velocity at the lower noise level, also
when it was predicted at the upper one, so rounds of fixed-point iteration would not converge to the inverse of a
sampling step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from torch import Tensor

from studio.core.errors import StudioError
from studio.diffusion.run_state import RunState, Step
from studio.diffusion.sampling import Guide, Predict
from studio.diffusion.schedules import Schedule
from studio.diffusion.settings import setting

Trajectory = list[Tensor]
"""Latents from clean ([0]) to noisy ([-1]), one more than steps."""


@torch.no_grad()
def invert(
    predict: Predict,
    schedule: Schedule,
    clean: Tensor,
    run: RunState,
    *,
    guide: Guide,
    fixed_point: int = 1,
    watch: Callable[[Step, Tensor], None] | None = None,
) -> Trajectory:
    """Run `schedule` backwards: from the end of its window up to its start.

    With `trajectory = invert(...)`, `trajectory[-1]` is where sampling with the same schedule starts, and sampling is
    at `trajectory[count - 1 - i]` after its step i. `run.step` counts as in sampling, so that processors see the same
    step at the same noise level.

    Args:
        schedule: over `schedules.invertible_ddim`. A window that starts later inverts fewer steps: `between(42)` of 50
            runs 8.
        clean: (items, ...) the picture's latents; those at the level of step `stop` when the window ends early.
        guide: as in sampling; inversion is normally run with the positive rows alone.
        fixed_point: evaluations per step. 1 takes the prediction at the level below, as DDIM inversion is published;
            more repeat the step from its own result and shrink the round-trip error where the model is smooth.
        watch: called with the step and the latents it reached.

    Raises:
        StudioError: the schedule is not one of `invertible_ddim`.
    """
    if not isinstance(schedule.template, DDIMScheduler) or _clips(schedule.template):
        raise StudioError("Only DDIM schedules without clipping can be inverted.", "Make one with invertible_ddim().")
    scheduler = schedule.build(clean.device)
    levels = _Levels.of(schedule)
    latents = clean.to(torch.promote_types(clean.dtype, torch.float32))
    trajectory = [latents]
    try:
        for step, timestep in reversed(list(scheduler.steps())):
            run.step = step
            lower, upper = levels.around(int(timestep))
            reached, level = latents, lower
            for _ in range(max(1, fixed_point)):
                guided = guide(predict(run.rows.gather(reached), timestep).to(latents.dtype))
                reached = _up(latents, levels.epsilon(guided, reached, level), lower, upper)
                level = upper
            latents = reached
            trajectory.append(latents)
            if watch is not None:
                watch(step, latents)
    finally:
        run.step = None
    return trajectory


def _up(latents: Tensor, epsilon: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """One DDIM step towards the noise, between two values of alpha-bar (DesignEdit, section 3.3)."""
    clean = (latents - (1 - lower).sqrt() * epsilon) / lower.sqrt()
    return upper.sqrt() * clean + (1 - upper).sqrt() * epsilon


@dataclass(frozen=True, slots=True)
class _Levels:
    """alpha-bar of a DDIM scheduler, and what its model predicts."""

    alphas: Tensor
    final: Tensor
    stride: int
    prediction: str

    @classmethod
    def of(cls, schedule: Schedule) -> _Levels:
        scheduler = cast("DDIMScheduler", schedule.template)
        stride = setting(scheduler, "num_train_timesteps", 1000) // schedule.count
        kind = setting(scheduler, "prediction_type", "epsilon")
        return cls(scheduler.alphas_cumprod, scheduler.final_alpha_cumprod, stride, kind)

    def around(self, timestep: int) -> tuple[Tensor, Tensor]:
        """alpha-bar below and above the step that sampling takes at `timestep`."""
        below = timestep - self.stride
        return self.alphas[below] if below >= 0 else self.final, self.alphas[timestep]

    def epsilon(self, prediction: Tensor, latents: Tensor, level: Tensor) -> Tensor:
        """The noise in `latents`, which are at `level`, whatever the model predicts."""
        match self.prediction:
            case "v_prediction":
                return level.sqrt() * prediction + (1 - level).sqrt() * latents
            case "sample":
                return (latents - level.sqrt() * prediction) / (1 - level).sqrt()
            case _:
                return prediction


def _clips(scheduler: DDIMScheduler) -> bool:
    return setting(scheduler, "clip_sample", True) or setting(scheduler, "thresholding", False)
