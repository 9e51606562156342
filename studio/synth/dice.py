"""Seeded draws that are the same on every machine and version: Python's Mersenne Twister, split by name."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def derived_seed(seed: int, *names: str | int) -> int:
    """A 64-bit seed that depends on `seed` and every name; independent streams for independent purposes."""
    text = "/".join((str(seed), *(str(name) for name in names)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


class Dice:
    """A stream of draws. `child` gives an independent stream that does not depend on how many draws were made."""

    __slots__ = ("_random", "seed")

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._random = random.Random(seed)

    def child(self, *names: str | int) -> Dice:
        return Dice(derived_seed(self.seed, *names))

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * self._random.random()

    def integer(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def sign(self) -> int:
        return 1 if self._random.random() < 0.5 else -1

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self._random.random() * len(items))]

    def weighted(self, items: Sequence[T], weights: Sequence[float]) -> T:
        """One item, drawn with a probability proportional to its weight (not all of them zero)."""
        target = self._random.random() * sum(weights)
        for item, weight in zip(items, weights, strict=True):
            target -= weight
            if target < 0:
                return item
        return items[-1]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        out = list(items)
        for last in range(len(out) - 1, 0, -1):
            other = int(self._random.random() * (last + 1))
            out[last], out[other] = out[other], out[last]
        return out
