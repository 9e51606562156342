"""Which noise levels a run visits, as a value: a scheduler's configuration, a number of steps, and a window of them.

Schedulers of diffusers keep their place in themselves. A Schedule never steps the one it was given: every run builds
its own copy, so that a run that was cancelled halfway leaves nothing behind.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol, cast

import numpy as np
import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from torch import Tensor

from studio.core.errors import StudioError
from studio.diffusion.run_state import Step
from studio.diffusion.settings import Configured, setting

INVERTIBLE_SPACINGS = ("leading", "trailing")


class Scheduler(Configured, Protocol):
    """What a run needs of a diffusers scheduler; the parameters of `step` and `set_timesteps` differ between them."""

    timesteps: Tensor


@dataclass(frozen=True, slots=True)
class Schedule:
    """Steps `start` to `stop` (exclusive; None: the last) of `count` steps with a scheduler's settings.

    Args:
        template: any scheduler of diffusers; only its class and configuration are used.
        count: number of steps of the whole schedule.
        start, stop: the window. Editing starts late; an inversion that is needed at one level only stops there.
        mu: resolution shift of flow schedules (`resolution_shift`).
        sigmas: noise levels before shifting, for schedulers that take them; as many as `count`.
    """

    template: Scheduler
    count: int
    start: int = 0
    stop: int | None = None
    mu: float | None = None
    sigmas: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not self.count >= 1 or not 0 <= self.start <= self.last <= self.count:
            raise StudioError(
                f"Steps {self.start} to {self.last} do not exist in a schedule of {self.count}.",
                "Choose at least one step.",
            )

    @property
    def last(self) -> int:
        """Index of the step after the last one that is run."""
        return self.count if self.stop is None else self.stop

    def between(self, start: int, stop: int | None = None) -> Schedule:
        """The same schedule, another window."""
        return replace(self, start=start, stop=stop)

    def build(self, device: torch.device) -> ReadySchedule:
        """A scheduler of its own, placed at the first step of the window."""
        make = type(self.template).from_config  # pyright: ignore[reportAttributeAccessIssue]  # ConfigMixin
        with warnings.catch_warnings():
            # Several schedulers of diffusers 0.42 hand torch tensors to numpy in a way that numpy 2 warns about.
            warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
            scheduler = make(plain_config(self.template))
            if self.sigmas is None:
                scheduler.set_timesteps(self.count, device=device)
            elif self.mu is None:
                scheduler.set_timesteps(sigmas=list(self.sigmas), device=device)
            else:
                scheduler.set_timesteps(sigmas=list(self.sigmas), mu=self.mu, device=device)
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(self.start)
        return ReadySchedule(scheduler, self.start, self.last, tuple(scheduler.timesteps.tolist()))


@dataclass(frozen=True, slots=True)
class ReadySchedule:
    """A scheduler in use by one run, and the steps that the run takes; `timesteps` are its timesteps as numbers."""

    scheduler: Scheduler
    start: int
    stop: int
    timesteps: tuple[float, ...]

    def steps(self) -> Iterator[tuple[Step, Tensor]]:
        """(step, 0-d timestep tensor) in the order they are run."""
        train = setting(self.scheduler, "num_train_timesteps", 1000)
        for index in range(self.start, self.stop):
            step = Step(index, len(self.timesteps), float(self.timesteps[index]), train)
            yield step, self.scheduler.timesteps[index]

    def noisy(self, clean: Tensor, noise: Tensor) -> Tensor:
        """`clean` brought to the noise level at which the window starts; `clean` itself after the last step."""
        return self.noisy_at(clean, noise, self.start)

    def noisy_at(self, clean: Tensor, noise: Tensor, index: int) -> Tensor:
        """`clean` at the noise level before step `index`; both (B, ...), same type and device."""
        if index >= len(self.timesteps):
            return clean
        if isinstance(self.scheduler, FlowMatchEulerDiscreteScheduler):
            sigma = flow_levels(self.scheduler)[index].to(clean.device, clean.dtype)
            return (1 - sigma) * clean + sigma * noise
        level = self.scheduler.timesteps[index].expand(clean.shape[0])
        return self.scheduler.add_noise(clean, noise, level)  # pyright: ignore[reportAttributeAccessIssue]  # SchedulerMixin

    def pure_noise(self, noise: Tensor) -> Tensor:
        """Standard normal noise scaled to what the scheduler starts from."""
        return noise * float(getattr(self.scheduler, "init_noise_sigma", 1.0))


def flow_schedule(scheduler: FlowMatchEulerDiscreteScheduler, count: int, tokens: int | None = None) -> Schedule:
    """The schedule of flow models: levels 1, ..., 1/count, shifted as the scheduler says.

    Args:
        tokens: tokens the model sees, for schedulers with dynamic shifting. ART: those of all kept regions, which may
            be more than the largest count the scheduler names; the line is extended.

    Raises:
        StudioError: the scheduler shifts dynamically and `tokens` is missing.
    """
    sigmas = tuple(np.linspace(1.0, 1 / count, count).tolist())
    if not setting(scheduler, "use_dynamic_shifting", False):
        return Schedule(cast("Scheduler", scheduler), count, sigmas=sigmas)
    if tokens is None:
        raise StudioError("This model's schedule depends on the picture's size, and no number of tokens was given.")
    return Schedule(cast("Scheduler", scheduler), count, mu=resolution_shift(scheduler, tokens), sigmas=sigmas)


def plain_config(scheduler: Configured) -> dict[str, object]:
    """A scheduler's settings without diffusers' own notes.

    One of the notes lists settings that were defaults when the scheduler was made; `from_config` then drops them, also
    where a pipeline has changed them since (`steps_offset` is one).
    """
    return {name: value for name, value in scheduler.config.items() if not name.startswith("_")}


def resolution_shift(scheduler: Configured, tokens: int) -> float:
    """mu for `tokens` image tokens: the line through (base_image_seq_len, base_shift) and (max_image_seq_len,
    max_shift).
    """
    low, high = setting(scheduler, "base_image_seq_len", 256), setting(scheduler, "max_image_seq_len", 4096)
    base, top = setting(scheduler, "base_shift", 0.5), setting(scheduler, "max_shift", 1.15)
    return base + (tokens - low) * (top - base) / (high - low)


def flow_levels(scheduler: FlowMatchEulerDiscreteScheduler) -> Tensor:
    """(count + 1,) noise levels of a flow scheduler whose timesteps are set; the last is 0."""
    return cast("Tensor", scheduler.sigmas)


def invertible_ddim(scheduler: Scheduler) -> DDIMScheduler:
    """A DDIM scheduler with the noise levels of `scheduler`, set up so that inversion and sampling undo each other.

    Clipping and thresholding are off, and the last level is the first training level (DesignEdit, section 3.3), unless
    the configuration says otherwise. Models ship with schedulers of many classes; SDXL's, for one, says nothing of
    clipping, and DDIM would then clip.

    Raises:
        StudioError: the noise levels end at pure noise, where DDIM cannot be inverted, or the model is a flow model.
    """
    config = plain_config(scheduler)
    if "beta_start" not in config and "trained_betas" not in config:
        raise StudioError(
            "This model cannot be inverted with DDIM: it is a flow model.",
            "Choose an engine of the Stable Diffusion family.",
        )
    if config.get("rescale_betas_zero_snr"):
        raise StudioError(
            "This model cannot be inverted: its schedule starts from pure noise without any picture in it.",
            "Choose an engine without zero terminal SNR.",
        )
    known = inspect.signature(DDIMScheduler.__init__).parameters
    settings: dict[str, object] = {name: value for name, value in config.items() if name in known}
    settings |= {"clip_sample": False, "thresholding": False}
    settings.setdefault("set_alpha_to_one", False)
    if settings.get("timestep_spacing") not in INVERTIBLE_SPACINGS:
        settings["timestep_spacing"] = "leading"
    return DDIMScheduler(**settings)  # pyright: ignore[reportArgumentType]  # a saved configuration
