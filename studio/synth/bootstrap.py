"""Confidence intervals of means by resampling: over prompts or scenes, never over pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval, over `count` units."""

    mean: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        """In per cent, for instance "86.2 (82.1..89.9)"."""
        return f"{100 * self.mean:.1f} ({100 * self.low:.1f}..{100 * self.high:.1f})"


def estimate(values: Sequence[float], seed: int = 0) -> Estimate:
    """Mean of one value per unit, by the percentile bootstrap. Raises ValueError without values."""
    data = np.asarray(values, np.float64)
    if not data.size:
        raise ValueError("an estimate needs at least one value")
    picks = np.random.default_rng(seed).integers(data.size, size=(DRAWS, data.size))
    low, high = np.quantile(data[picks].mean(axis=1), (0.025, 0.975))
    return Estimate(float(data.mean()), float(low), float(high), data.size)


def paired_difference(first: Sequence[float], second: Sequence[float], seed: int = 0) -> Estimate:
    """How much larger the first arm is, unit by unit: both arms saw the same prompts and the same noise.

    Raises ValueError when the arms differ in length.
    """
    return estimate([a - b for a, b in zip(first, second, strict=True)], seed)
