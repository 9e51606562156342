"""Engines from their files: every part through its real class, nothing from the network, nothing half loaded.

Only diffusers and transformers classes are built, by name; code that comes with a model is never run. Weights are read
from safetensors alone. A missing, surplus or mis-shaped weight is an error, never a warning: a layer left at random
values would draw noise that looks like a bad prompt.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar, cast

import torch
from diffusers.configuration_utils import ConfigMixin
from diffusers.models.modeling_utils import ModelMixin
from safetensors import SafetensorError
from torch import nn
from transformers import PreTrainedModel

from studio.core.errors import StudioError
from studio.diffusion.files import ModelFault, model_hash
from studio.diffusion.shared_parts import part_folder
from studio.diffusion.single_file import load_single_file, load_single_model
from studio.diffusion.sources import FileSource, Source
from studio.diffusion.weights import (
    ON_CPU,
    UNUSED_PARTS,
    Placement,
    check_weight_files,
    does_not_fit,
    quiet_loading,
    read_json,
    ready,
)

INDEX = "model_index.json"
LIBRARIES = ("diffusers", "transformers")
Part = TypeVar("Part")


@dataclass(frozen=True)
class Engine:
    """A loaded engine: its parts under diffusers' names ("unet", "vae", "text_encoder", "scheduler", ...).

    Models are in evaluation mode and need no gradients. `model_hash` is for provenance, "" when the files have no
    records.
    """

    parts: Mapping[str, object]
    model_hash: str = ""

    def part(self, name: str, kind: type[Part]) -> Part:
        """A part of a given class. Raises StudioError when the engine has none, or another."""
        found = self.parts.get(name)
        if not isinstance(found, kind):
            has = "no" if found is None else f"another kind of ({type(found).__name__})"
            raise StudioError(f"This engine has {has} {name}.", "Choose another engine.", f"wanted {kind.__name__}")
        return found


class _FromPretrained(Protocol):
    def from_pretrained(self, path: str, **options: object) -> object: ...


def load_engine(source: Source, parts: Collection[str] | None = None, place: Placement = ON_CPU) -> Engine:
    """Load a pipeline's parts.

    Args:
        parts: names to load; None loads all but UNUSED_PARTS.

    Raises:
        ModelFault: a file is missing, damaged, a pickle, or does not fit its configuration; it names the file and the
            way to restore it.
        StudioError: the model is not installed, or needs code of its own.
    """
    if isinstance(source, FileSource):
        return Engine(load_single_file(source, parts, place))
    folder = source.folder()
    index = read_json(folder / INDEX, source.restore)
    wanted = {
        name: (entry[0], entry[1])
        for name, entry in index.items()
        if isinstance(entry, list) and len(entry) == 2 and all(isinstance(item, str) for item in entry)
    }
    names = [name for name in wanted if name not in UNUSED_PARTS] if parts is None else list(parts)
    if missing := [name for name in names if name not in wanted]:
        raise ModelFault(folder / INDEX, f"The model has no {', '.join(missing)}", source.restore)
    loaded = {}
    for name in names:
        lies_in = part_folder(folder, name, source.restore)
        loaded[name] = _load_part(lies_in, *wanted[name], name, source.restore, place)
    return Engine(loaded, model_hash(source.files) if source.files else "")


def load_model(kind: type[Part], source: Source, place: Placement = ON_CPU, subfolder: str = "") -> Part:
    """Load one model saved on its own, such as a ControlNet or an autoencoder. Raises as `load_engine` does."""
    if isinstance(source, FileSource):
        return load_single_model(kind, source, place)
    folder = source.folder() / subfolder
    with quiet_loading():
        return _load_weights(kind, folder, source.restore, place.dtype_of(subfolder), place.device)


def _load_part(folder: Path, library: str, name: str, part: str, restore: str, place: Placement) -> object:
    kind = _class(library, name, folder)
    if not folder.is_dir():
        raise ModelFault(folder, "A folder of the model is missing", restore)
    with quiet_loading():
        if issubclass(kind, (ModelMixin, PreTrainedModel)):
            return _load_weights(kind, folder, restore, place.dtype_of(part), place.device)
        with _reported(folder, restore):
            return cast("_FromPretrained", kind).from_pretrained(str(folder), local_files_only=True)


def _class(library: str, name: str, folder: Path) -> type:
    found = getattr(importlib.import_module(library), name, None) if library in LIBRARIES else None
    if not isinstance(found, type):
        raise StudioError(
            f"The part {folder.name} of this model needs program code of its own, which Lamina never runs.",
            "Choose a model that works with diffusers and transformers as they are.",
            f"{folder}: {library}.{name}",
        )
    return found


def _load_weights(kind: type[Part], folder: Path, restore: str, dtype: torch.dtype, device: str) -> Part:
    """A model whose every weight came from its files."""
    config = read_json(folder / "config.json", restore)
    _check_class(kind, config, folder / "config.json", restore)
    variant = check_weight_files(folder, restore)
    options = {
        "dtype": dtype,
        "variant": variant,
        "local_files_only": True,
        "use_safetensors": True,
        "output_loading_info": True,
    }
    with _reported(folder, restore):
        model, report = cast(
            "tuple[nn.Module, dict[str, object]]", cast("_FromPretrained", kind).from_pretrained(str(folder), **options)
        )
    for problem in ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs"):
        if keys := report.get(problem):
            raise does_not_fit(
                folder / "config.json", restore, f"{problem}: {sorted(map(str, cast('Collection[object]', keys)))[:5]}"
            )
    return cast("Part", ready(model, device))


def _check_class(kind: type, config: dict[str, object], path: Path, restore: str) -> None:
    architectures = config.get("architectures")
    named = (
        [config["_class_name"]] if "_class_name" in config else architectures if isinstance(architectures, list) else []
    )
    if named and kind.__name__ not in named:
        raise ModelFault(
            path, f"The configuration is of another kind of model ({named[0]})", restore, f"wanted {kind.__name__}"
        )
    if issubclass(kind, ConfigMixin) and "_class_name" not in config:
        raise ModelFault(path, "The configuration does not say what kind of model it is for", restore)


@contextmanager
def _reported(folder: Path, restore: str) -> Iterator[None]:
    """What the libraries raise for files that do not fit, as an error that names the folder."""
    try:
        yield
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        if "expected shape" in str(error) or "size mismatch" in str(error):
            raise does_not_fit(folder, restore, str(error)) from error
        raise ModelFault(
            folder, "A part of the model could not be loaded", restore, f"{type(error).__name__}: {error}"
        ) from error
