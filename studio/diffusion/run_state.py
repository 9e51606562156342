"""What a sampling loop is doing right now: the one thing that the loop writes and attention processors read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from studio.core.errors import StudioError
from studio.diffusion.rows import Rows


@dataclass(frozen=True, slots=True)
class Grid:
    """Size of a token grid, row-major; `frames` is 1 for pictures, and frames come first."""

    height: int
    width: int
    frames: int = 1

    @property
    def tokens(self) -> int:
        return self.frames * self.height * self.width


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a schedule.

    Args:
        index: 0 is the noisiest step of the whole schedule, also when only a part of it is run.
        count: steps of the whole schedule. Methods state their windows as fractions, so that they hold for any count.
        timestep: as the model sees it; fractional for some schedulers.
        train_timesteps: of the scheduler, 1000 for most models.
    """

    index: int
    count: int
    timestep: float
    train_timesteps: int = 1000

    @property
    def fraction(self) -> float:
        """0 at the first step, below 1 at the last."""
        return self.index / self.count

    @property
    def noise_level(self) -> float:
        """The timestep as a share of the training steps, 0..1."""
        return self.timestep / self.train_timesteps


@dataclass(slots=True)
class RunState:
    """Shared by one loop and the processors of every model it calls.

    Args:
        rows: layout of the pass that is being run.
        step: the current step, None outside a loop.
        packed_grid: token grid of models that are given packed tokens (Flux); the others are measured while they run.
    """

    rows: Rows
    step: Step | None = None
    packed_grid: Grid | None = None

    @property
    def current_step(self) -> Step:
        """Raises StudioError outside a loop."""
        if self.step is None:
            raise StudioError(
                "A step was asked for outside a sampling loop.", "Run the model through studio.diffusion.sampling."
            )
        return self.step

    @contextmanager
    def passing(self, rows: Rows) -> Iterator[None]:
        """The model is called on `rows` only, for instance once per role to save memory."""
        whole, self.rows = self.rows, rows
        try:
            yield
        finally:
            self.rows = whole
