"""Full-size models without their weights: shapes, types and memory of a step, computed on tensors that hold no data.

This proves that a public engine's configuration runs with our loops at real resolution, and gives the memory estimates
that its entry states. Parameters and results are exact; the activation peak counts every tensor that is alive at once,
but not what kernels allocate inside or what a driver keeps for itself (0.3 to 0.8 GB on CUDA).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakIdKeyDictionary

Inputs = Callable[[], Mapping[str, object]]
"""Makes the keyword arguments of one forward call; runs where tensors hold no data, so any size is free."""


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """Shape and type of a result."""

    shape: tuple[int, ...]
    dtype: torch.dtype


@dataclass(frozen=True, slots=True)
class SymbolicRun:
    """What one call of a model takes.

    Args:
        outputs: every tensor in the result, in order.
        parameters: their number.
        weight_bytes: parameters and buffers.
        largest_block_bytes: weights of the largest single layer, which sequential offloading keeps on the device.
        activation_bytes: peak of everything alive besides the weights, inputs included.
    """

    outputs: tuple[TensorSpec, ...]
    parameters: int
    weight_bytes: int
    largest_block_bytes: int
    activation_bytes: int


class MemoryPlan(StrEnum):
    """Ways to fit an engine into memory, from fastest to smallest; the engine entry states a figure for each."""

    FULL = "full"
    """Every part stays on the device."""
    TILED = "tiled"
    """The same, with the autoencoder working in tiles."""
    OFFLOAD = "offload"
    """One part at a time on the device, autoencoder in tiles."""
    SEQUENTIAL = "sequential"
    """One layer at a time on the device, autoencoder in tiles."""


def symbolic_run(
    build: Callable[[], nn.Module],
    inputs: Inputs,
    *,
    dtype: torch.dtype = torch.float32,
    method: str = "forward",
) -> SymbolicRun:
    """Build a model and call it once, without memory for its weights or its activations.

    Args:
        build: makes the model; it runs inside, and must not load files.
        inputs: keyword arguments of the call.
        dtype: of the weights.
        method: the method to call, for instance "decode".
    """
    with without_data():
        model = build_as(build, dtype)
        weights = [*model.parameters(), *model.buffers()]
        arguments = inputs()
        with ActivationMeter(weights) as meter:
            meter.count(tree_leaves(arguments))
            result = getattr(model, method)(**arguments)
        outputs = tuple(TensorSpec(tuple(leaf.shape), leaf.dtype) for leaf in _tensors(result))
        return SymbolicRun(
            outputs,
            sum(parameter.numel() for parameter in model.parameters()),
            sum(_bytes(weight) for weight in weights),
            max((_layer_bytes(module) for module in model.modules()), default=0),
            meter.peak_bytes,
        )


@contextmanager
def without_data() -> Iterator[None]:
    """Tensors made inside have a shape and a type but no data, so models and pictures of any size cost nothing.

    Whole loops run inside, if they are given a `ReadySchedule` that was made outside: a schedule's numbers must be
    real.
    """
    with FakeTensorMode(allow_non_fake_inputs=True), torch.no_grad():
        yield


def build_as(build: Callable[[], nn.Module], dtype: torch.dtype) -> nn.Module:
    """Build a model in a type rather than cast it: tensors without data cannot be changed in place."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        return build().eval()
    finally:
        torch.set_default_dtype(before)


class ActivationMeter(TorchDispatchMode):
    """Peak bytes of the tensors made while it is active; also works on real tensors.

    Args:
        known: tensors that do not count, such as weights; views of them do not count either.
    """

    def __init__(self, known: Iterable[Tensor] = ()) -> None:
        super().__init__()
        self.live_bytes = self.peak_bytes = 0
        self._seen = WeakIdKeyDictionary()
        for tensor in known:
            self._seen[tensor.untyped_storage()] = 0

    def count(self, values: Iterable[object]) -> None:
        """Take in tensors that were made outside."""
        for value in values:
            if isinstance(value, Tensor):
                self._add(value.untyped_storage())

    def __torch_dispatch__(
        self,
        func: Callable[..., object],
        types: object,
        args: tuple[object, ...] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        result = func(*args, **(kwargs or {}))
        self.count(tree_leaves(result))
        return result

    def _add(self, storage: torch.UntypedStorage) -> None:
        if storage in self._seen:
            return
        size = storage.nbytes()
        self._seen[storage] = size
        self.live_bytes += size
        self.peak_bytes = max(self.peak_bytes, self.live_bytes)
        weakref.finalize(storage, self._remove, size)

    def _remove(self, size: int) -> None:
        self.live_bytes -= size


def plan_bytes(parts: Mapping[str, SymbolicRun], tiled_decode: SymbolicRun | None = None) -> dict[MemoryPlan, int]:
    """Device memory that each plan needs for parts that run one after another.

    Args:
        parts: by name; "vae" is the decoder at full size.
        tiled_decode: the autoencoder's call on one tile; None when it cannot work in tiles.
    """
    tiled = dict(parts) | ({"vae": tiled_decode} if tiled_decode is not None else {})
    weights = sum(part.weight_bytes for part in parts.values())
    return {
        MemoryPlan.FULL: weights + max(part.activation_bytes for part in parts.values()),
        MemoryPlan.TILED: weights + max(part.activation_bytes for part in tiled.values()),
        MemoryPlan.OFFLOAD: max(part.weight_bytes + part.activation_bytes for part in tiled.values()),
        MemoryPlan.SEQUENTIAL: max(part.largest_block_bytes + part.activation_bytes for part in tiled.values()),
    }


def _tensors(result: object) -> Iterator[Tensor]:
    """Tensors in a tuple, dict or output object of the libraries."""
    values = result.values() if isinstance(result, Mapping) else [result]
    for value in tree_leaves(list(values)):
        if isinstance(value, Tensor):
            yield value


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def _layer_bytes(module: nn.Module) -> int:
    return sum(_bytes(tensor) for tensor in (*module.parameters(recurse=False), *module.buffers(recurse=False)))
