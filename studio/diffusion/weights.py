"""What every loader asks of weights: whole safetensors, readable configurations, one build at a time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import diffusers.utils.logging
import torch
import transformers.utils.logging
from safetensors import SafetensorError, safe_open
from torch import nn

from studio.diffusion.attention.backend import use_fast_attention
from studio.diffusion.files import ModelFault

_PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl")
_LOADING = threading.Lock()  # loaders of both libraries patch torch globally while they build a model

UNUSED_PARTS = frozenset({"safety_checker", "feature_extractor", "image_encoder"})
"""Parts of pipelines that no method uses; they are loaded only when asked for."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and in what type parts live.

    `overrides` names parts with another type, such as SDXL's autoencoder in float32.
    """

    dtype: torch.dtype = torch.float32
    device: str = "cpu"
    overrides: Mapping[str, torch.dtype] = field(default_factory=dict[str, torch.dtype])

    def dtype_of(self, part: str) -> torch.dtype:
        return self.overrides.get(part, self.dtype)


ON_CPU = Placement()
"""Full precision on the processor: what tiny engines use."""


@contextmanager
def quiet_loading() -> Iterator[None]:
    """One model at a time, and no bars and advice of the libraries on the terminal: what goes wrong is raised."""
    libraries = (diffusers.utils.logging, transformers.utils.logging)
    with _LOADING:
        before = [(library, library.get_verbosity(), library.is_progress_bar_enabled()) for library in libraries]
        for library in libraries:
            library.set_verbosity_error()
            library.disable_progress_bar()
        try:
            yield
        finally:
            for library, verbosity, bar in before:
                library.set_verbosity(verbosity)
                if bar:
                    library.enable_progress_bar()


def ready(model: nn.Module, device: str) -> nn.Module:
    """For use, not for training."""
    model = model.to(device).eval().requires_grad_(False)
    use_fast_attention(model, device)
    return model


def does_not_fit(path: Path, restore: str, reason: str) -> ModelFault:
    """The error for weights and a configuration that belong to different models."""
    return ModelFault(path, "The model's weights do not fit its configuration", restore, reason)


def check_weight_files(folder: Path, restore: str) -> str | None:
    """Find the safetensors files of one model and read their headers.

    Returns:
        The variant to load ("fp16"), or None for the plain one.

    Raises:
        ModelFault: there are none, a shard is missing, a file is cut short or damaged, or there are only pickles.
    """
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        pickles = [path for path in sorted(folder.iterdir()) if path.suffix in _PICKLES] if folder.is_dir() else []
        if pickles:
            raise ModelFault(
                pickles[0],
                "The model's weights are stored as a pickle, which can run programs and is never opened",
                "Convert it with `lamina models import`, or get the safetensors version.",
            )
        raise ModelFault(folder, "The model's weights are missing", restore)
    for path in files:
        check_safetensors(path, restore)
    for index in folder.glob("*.safetensors.index*.json"):
        shards = cast("dict[str, str]", read_json(index, restore).get("weight_map", {}))
        for shard in sorted(set(shards.values())):
            if not (folder / shard).is_file():
                raise ModelFault(folder / shard, "A part of the model's weights is missing", restore)
    variants = {_variant(path.name) for path in files}
    return None if None in variants else sorted(str(variant) for variant in variants)[0]


def check_safetensors(path: Path, restore: str) -> None:
    """Raises ModelFault when a safetensors file is missing, cut short, or something else."""
    if not path.is_file():
        raise ModelFault(path, "The model's weights are missing", restore)
    try:
        with safe_open(path, framework="pt"):
            return
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelFault(path, "The model's weights are damaged or incomplete", restore, str(error)) from error


def _variant(name: str) -> str | None:
    """ "fp16" of "model.fp16.safetensors" and "model.fp16-00001-of-00002.safetensors"."""
    middle = name.split(".")[1:-1]
    return middle[0].split("-")[0] if middle else None


def read_json(path: Path, restore: str) -> dict[str, object]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelFault(path, "A configuration of the model is missing", restore) from error
    except (OSError, ValueError) as error:
        raise ModelFault(path, "A configuration of the model cannot be read", restore, str(error)) from error
    if not isinstance(value, dict):
        raise ModelFault(path, "A configuration of the model cannot be read", restore, "not an object")
    return cast("dict[str, object]", value)
