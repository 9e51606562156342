"""How far a run is, and the learning rate that belongs there."""

from __future__ import annotations

import math
from dataclasses import dataclass

from studio.core.errors import UsageError
from studio.training.recipe import Plan


@dataclass(frozen=True, slots=True)
class Budget:
    """When a run ends: after so many seconds of training, or so many steps, whichever comes first.

    With steps alone nothing depends on the clock, and a run repeats exactly.
    """

    seconds: float | None = None
    steps: int | None = None

    def __post_init__(self) -> None:
        if self.seconds is None and self.steps is None:
            raise UsageError("The training has no end.", "Give minutes or steps.")
        if (self.seconds is not None and self.seconds <= 0) or (self.steps is not None and self.steps <= 0):
            raise UsageError("The training would end before it begins.", "Give more than 0 minutes or steps.")

    def progress(self, elapsed_s: float, step: int) -> float:
        """0 at the start, 1 when the budget is spent."""
        by_time = elapsed_s / self.seconds if self.seconds else 0.0
        by_steps = step / self.steps if self.steps else 0.0
        return min(1.0, max(by_time, by_steps))


def rate_factor(plan: Plan, step: int, progress: float) -> float:
    """What the peak learning rate is multiplied with: linear warm-up over steps, cosine over the budget."""
    warm = min(1.0, (step + 1) / max(1, plan.warmup_steps))
    cosine = 0.5 * (1.0 + math.cos(math.pi * progress))
    return warm * (plan.floor + (1.0 - plan.floor) * cosine)
