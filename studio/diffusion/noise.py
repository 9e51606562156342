"""All noise comes from here: seeded on the CPU, drawn in float32, one stream per purpose.

A draw depends on its seed and names only, never on the batch it ends up in, on the device or on the working type, so
that moving one layer, adding a frame or changing the card leaves everything else as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch
from torch import Tensor

Name = str | int
_SEED_BITS = 63  # torch takes signed 64-bit seeds


def stream_seed(seed: int, *names: Name) -> int:
    """The seed of a named stream; without names the seed itself, as the stock pipelines use it.

    >>> stream_seed(7)
    7
    >>> stream_seed(7, "layer", 1) == stream_seed(7, "layer", 2)
    False
    """
    if not names:
        return seed
    text = "\x1f".join((str(seed), *(f"{type(name).__name__}:{name}" for name in names)))
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - _SEED_BITS)


def generator(seed: int, *names: Name) -> torch.Generator:
    """A CPU generator at the start of a named stream."""
    return torch.Generator("cpu").manual_seed(stream_seed(seed, *names))


def gaussian(
    shape: Sequence[int],
    seed: int,
    *names: Name,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Standard normal noise of one stream, rounded to `dtype` only after it is drawn."""
    return torch.randn(tuple(shape), generator=generator(seed, *names), dtype=torch.float32).to(device, dtype)


def gaussian_rows(
    shape: Sequence[int],
    seed: int,
    names: Sequence[Name | tuple[Name, ...]],
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> Tensor:
    """(len(names), *shape): one independent stream per row, for instance per layer, per frame or per picture of a
    batch.
    """
    keys = [name if isinstance(name, tuple) else (name,) for name in names]
    return torch.stack([gaussian(shape, seed, *key) for key in keys]).to(device, dtype)
