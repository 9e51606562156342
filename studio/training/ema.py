"""Averaged weights: smoother than the last step's, and what is validated and exported."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


def trained(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that are trained, by name."""
    return {name: value for name, value in model.named_parameters() if value.requires_grad}


class Average:
    """Exponential moving average, in float32, of a model's trained parameters.

    The decay rises as (1 + n) / (10 + n) to its limit, so that the random start is soon forgotten.
    """

    def __init__(self, model: nn.Module, limit: float) -> None:
        self._limit = limit
        self.updates = 0
        self.shadow = {name: value.detach().float().clone() for name, value in trained(model).items()}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        decay = min(self._limit, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        for kept, value in zip(self.shadow.values(), trained(model).values(), strict=True):
            kept.lerp_(value.detach().float(), 1.0 - decay)

    def load(self, shadow: Mapping[str, Tensor], updates: int) -> None:
        """Go on from a checkpoint."""
        for name, value in self.shadow.items():
            value.copy_(shadow[name])
        self.updates = updates

    @contextmanager
    def applied(self, model: nn.Module) -> Generator[None]:
        """The model holds the averaged weights, in evaluation mode, and afterwards exactly what it held before."""
        with weights_swapped(model, self.shadow):
            yield


@contextmanager
def weights_swapped(model: nn.Module, weights: Mapping[str, Tensor]) -> Generator[None]:
    """The model holds other values for its trained parameters, in evaluation mode, until the block ends."""
    kept = {name: value.detach().clone() for name, value in trained(model).items()}
    was_training = model.training
    try:
        put(model, weights)
        model.eval()
        yield
    finally:
        put(model, kept)
        model.train(was_training)


@torch.no_grad()
def put(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Copy values into a model's trained parameters."""
    for name, value in trained(model).items():
        value.copy_(weights[name])
