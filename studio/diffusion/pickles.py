"""The only place where a pickle is opened: as tensors and nothing else, to write them as safetensors."""

from __future__ import annotations

import os
import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import torch
from safetensors.torch import save_file
from torch import Tensor

from studio.diffusion.files import ModelFault

_WRAPPERS = ("state_dict", "model", "module", "params_ema", "params")


def convert_pickle(source: Path, target: Path) -> int:
    """Convert a .ckpt, .pt, .pth or .bin file to safetensors at `target`, and give the number of tensors.

    torch's weights-only reader refuses everything but tensors and plain values, so nothing in the file can run.
    Wrapping entries ("state_dict", "model") are opened; what is no tensor is dropped. `target` appears whole or not at
    all.

    Raises:
        ModelFault: the file is no pickle of tensors, is damaged, or holds more than data.
    """
    advice = "Get the safetensors version of this model from its author."
    try:
        with warnings.catch_warnings():
            # A newer pickle protocol is read all the same, or refused with an error.
            warnings.filterwarnings("ignore", message="Detected pickle protocol", category=UserWarning)
            loaded = torch.load(source, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelFault(source, "The file holds more than weights and was not opened", advice, str(error)) from error
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelFault(source, "The file is damaged or no weights file", advice, str(error)) from error
    tensors = _tensors(loaded)
    if not tensors:
        raise ModelFault(source, "The file holds no weights", advice)
    draft = target.with_name(f".{target.name}.new")
    try:
        save_file(tensors, draft, metadata={"format": "pt"})
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return len(tensors)


def _tensors(loaded: object) -> dict[str, Tensor]:
    """The state dict inside; tensors that share memory are copied apart, as safetensors requires."""
    if isinstance(loaded, Tensor):
        return {"tensor": loaded.contiguous()}
    if not isinstance(loaded, Mapping):
        return {}
    entries = cast("Mapping[str, object]", loaded)
    for name in _WRAPPERS:
        inner = entries.get(name)
        if isinstance(inner, Mapping):
            return _tensors(cast("object", inner))
    return {
        str(name): value.detach().clone().contiguous() for name, value in entries.items() if isinstance(value, Tensor)
    }
