"""The choices a person has when training; no torch here, so that the command line can offer them at once."""

from __future__ import annotations

from enum import StrEnum


class Config(StrEnum):
    """How large to build: what two processor cores train within the hour, or what a GPU is for."""

    CPU = "cpu"
    GPU = "gpu"


class DeviceChoice(StrEnum):
    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class Precision(StrEnum):
    """AUTO takes bfloat16 where it is faster and the recipe allows it."""

    AUTO = "auto"
    BF16 = "bf16"
    FP32 = "fp32"
