"""Which kernels compute attention: xFormers' where the extra is installed and works, torch's own everywhere else."""

from __future__ import annotations

import importlib
from functools import cache

import torch
from torch import nn


@cache
def xformers_works() -> bool:
    """Whether xFormers attends on this machine's NVIDIA card: it has no other kernels, and needs a build that fits."""
    if not torch.cuda.is_available():
        return False
    try:
        operators = importlib.import_module("xformers.ops")
        probe = torch.zeros((1, 8, 1, 32), device="cuda", dtype=torch.float16)
        operators.memory_efficient_attention(probe, probe, probe)
    except (ImportError, AttributeError, NotImplementedError, RuntimeError, OSError):
        return False
    return True


def use_fast_attention(model: nn.Module, device: str) -> bool:
    """Let a U-Net's layers attend with xFormers if it works here; whether they do now.

    Transformers of the newer kind keep torch's kernels: they choose them by themselves.
    """
    enable = getattr(model, "enable_xformers_memory_efficient_attention", None)
    if enable is None or torch.device(device).type != "cuda" or not xformers_works():
        return False
    enable()
    return True
