"""Whole models in one safetensors file: recognised by the names and shapes of their tensors, loaded through
diffusers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import torch
from diffusers.loaders.single_file_utils import (
    DIFFUSERS_DEFAULT_PIPELINE_PATHS,
    infer_diffusers_model_type,
)
from diffusers.pipelines.pipeline_utils import DiffusionPipeline
from safetensors import SafetensorError, safe_open
from torch import nn

from studio.core.errors import StudioError
from studio.diffusion.files import ModelFault
from studio.diffusion.sources import FileSource, HubSource
from studio.diffusion.weights import UNUSED_PARTS, Placement, check_safetensors, does_not_fit, quiet_loading, ready

Part = TypeVar("Part")

# What infer_diffusers_model_type says -> what people call it, and the pipeline that its parts form.
_FAMILIES = {
    "v1": ("Stable Diffusion 1.x", "StableDiffusionPipeline"),
    "inpainting": ("Stable Diffusion 1.x inpainting", "StableDiffusionInpaintPipeline"),
    "v2": ("Stable Diffusion 2.x", "StableDiffusionPipeline"),
    "xl_base": ("Stable Diffusion XL", "StableDiffusionXLPipeline"),
    "xl_inpaint": ("Stable Diffusion XL inpainting", "StableDiffusionXLInpaintPipeline"),
    "controlnet": ("ControlNet for Stable Diffusion 1.x", ""),
    "controlnet_xl_large": ("ControlNet for Stable Diffusion XL", ""),
    "controlnet_xl_mid": ("ControlNet for Stable Diffusion XL", ""),
    "controlnet_xl_small": ("ControlNet for Stable Diffusion XL", ""),
    "flux-dev": ("FLUX.1", ""),
    "flux-schnell": ("FLUX.1", ""),
    "flux-fill": ("FLUX.1 Fill", ""),
    "wan-t2v-1.3B": ("Wan 2.1", ""),
    "wan-t2v-14B": ("Wan 2.1", ""),
}
_V1_MARKER = "model.diffusion_model.input_blocks.0.0.weight"


@dataclass(frozen=True, slots=True)
class SingleFile:
    """What a file holds.

    Args:
        title: the family, as people call it.
        pipeline: diffusers' pipeline class for a file with all parts; "" when the file holds one model.
        repo: the repository whose configurations describe the family.
        tensors, parameters: counts, for display.
    """

    title: str
    pipeline: str
    repo: str
    tensors: int
    parameters: int


@dataclass(frozen=True, slots=True)
class _Shape:
    """Stands for a tensor where only its shape is asked for."""

    shape: tuple[int, ...]


def recognise(path: Path, restore: str = "") -> SingleFile:
    """Say what a safetensors file holds, from its header alone.

    Raises:
        ModelFault: the file is not safetensors, damaged, or of a family that Lamina does not know.
    """
    shapes = _shapes(path, restore or FileSource(path).restore)
    family = infer_diffusers_model_type({name: _Shape(shape) for name, shape in shapes.items()})
    # The library calls everything it does not know "v1".
    if family not in _FAMILIES or (family == "v1" and _V1_MARKER not in shapes):
        raise ModelFault(
            path, "The kind of model in this file is not known", "Import a folder in diffusers layout instead.", family
        )
    title, pipeline = _FAMILIES[family]
    whole = pipeline and any(
        name.startswith(("first_stage_model.", "cond_stage_model.", "conditioner.")) for name in shapes
    )
    repo = DIFFUSERS_DEFAULT_PIPELINE_PATHS[family]["pretrained_model_name_or_path"]
    count = sum(int(torch.Size(shape).numel()) for shape in shapes.values())
    return SingleFile(title, pipeline if whole else "", repo, len(shapes), count)


def load_single_file(source: FileSource, parts: Collection[str] | None, place: Placement) -> dict[str, object]:
    """The parts of a pipeline from one file. Raises as `loading.load_engine` does."""
    found = recognise(source.path, source.restore)
    if not found.pipeline:
        raise ModelFault(
            source.path, f"This file holds one part only ({found.title})", "Import it as a part of an engine."
        )
    import diffusers  # the pipeline classes are slow to import, and only this path needs them

    kind = cast("type[DiffusionPipeline]", getattr(diffusers, found.pipeline))
    options = {
        "config": str(_configs(source, found)),
        "local_files_only": True,
        "dtype": place.dtype,
        "safety_checker": None,
    }
    with quiet_loading():
        pipeline = cast("DiffusionPipeline", _from_single_file(kind, source, options))
        loaded = {
            name: part for name, part in pipeline.components.items() if part is not None and name not in UNUSED_PARTS
        }
        names = list(loaded) if parts is None else list(parts)
        if missing := [name for name in names if name not in loaded]:
            raise ModelFault(source.path, f"The file has no {', '.join(missing)}", source.restore)
        return {name: _placed(loaded[name], name, source, place) for name in names}


def load_single_model(kind: type[Part], source: FileSource, place: Placement) -> Part:
    """One model (a ControlNet, an autoencoder, a transformer) from one file; `source.configs` holds its config.json."""
    check_safetensors(source.path, source.restore)
    configs = source.configs
    if configs is None:
        configs = _configs(source, recognise(source.path, source.restore))
    options = {"config": str(configs), "local_files_only": True, "dtype": place.dtype}
    with quiet_loading():
        return cast("Part", _placed(_from_single_file(kind, source, options), "", source, place))


def _from_single_file(kind: type, source: FileSource, options: dict[str, object]) -> object:
    try:
        return kind.from_single_file(str(source.path), **options)  # pyright: ignore[reportAttributeAccessIssue]
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        raise does_not_fit(source.path, source.restore, f"{type(error).__name__}: {error}") from error


def _placed(part: object, name: str, source: FileSource, place: Placement) -> object:
    if not isinstance(part, nn.Module):
        return part
    # Weights that the file lacks stay on the meta device: the library says nothing.
    if absent := [key for key, value in part.state_dict().items() if value.is_meta]:
        raise does_not_fit(source.path, source.restore, f"{name} lacks {absent[:5]}")
    return ready(part.to(place.dtype_of(name)), place.device)


def _configs(source: FileSource, found: SingleFile) -> Path:
    if source.configs is not None:
        if not source.configs.is_dir():
            raise ModelFault(source.configs, "The folder with the model's configurations is missing", source.restore)
        return source.configs
    try:
        return HubSource(found.repo).folder()
    except StudioError as error:
        raise StudioError(
            f"{source.path.name} is a {found.title} model, whose configuration and tokenizer are not in the file.",
            f"Install {found.repo} once, or name a folder of a {found.title} model in diffusers layout.",
            error.detail,
        ) from error


def _shapes(path: Path, restore: str) -> dict[str, tuple[int, ...]]:
    check_safetensors(path, restore)
    with safe_open(path, framework="pt") as file:
        return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118  # not a dict
