"""Where to train, and in which precision."""

from __future__ import annotations

import platform

import torch

from studio.core.errors import UsageError
from studio.training.choices import DeviceChoice, Precision


def on_cpu(choice: DeviceChoice) -> bool:
    """Whether to train on the processor. Raises UsageError when a GPU is asked for and there is none."""
    if choice is DeviceChoice.CUDA and not torch.cuda.is_available():
        raise UsageError("There is no GPU that torch can use.", "Use --device cpu, or install torch's CUDA build.")
    return choice is DeviceChoice.CPU or not torch.cuda.is_available()


def use_bf16(precision: Precision, cpu: bool, safe: bool) -> bool:
    """Whether to train in bfloat16; `safe` is what the recipe says."""
    return precision is Precision.BF16 or (precision is Precision.AUTO and safe and bf16_pays(cpu))


def bf16_pays(cpu: bool) -> bool:
    """Whether bfloat16 is faster here: on recent GPUs, and on processors that multiply in it."""
    if not cpu:
        return torch.cuda.is_bf16_supported(including_emulation=False)
    has = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16"))


def hardware(cpu: bool) -> str:
    """The machine in a few words, for a card."""
    if not cpu:
        return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    name = getattr(torch.cpu, "get_capabilities", dict)().get("cpu_name") or platform.machine()
    count = torch.get_num_threads()
    return f"{count} core{'s' if count > 1 else ''} of {name}, torch {torch.__version__}"
