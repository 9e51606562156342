"""The engines: where their weights are, how they are placed, and how they like to be sampled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from studio.core.errors import UsageError
from studio.diffusion.loading import load_engine
from studio.diffusion.previews import PreviewFactors, factors_for
from studio.diffusion.shared_parts import part_folder
from studio.diffusion.sources import FolderSource, source_of
from studio.diffusion.text_to_image import TextToImage
from studio.diffusion.weights import ON_CPU, Placement
from studio.plugin_api.manifest import EngineInfo, EngineKind, load_manifest
from studio.training.text_model import read_vocabulary

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Defaults:
    """What an engine does when nothing is asked for."""

    steps: int
    guidance: float
    rescale: float = 0.0


DEFAULTS: Mapping[str, Defaults] = {
    "tiny": Defaults(steps=25, guidance=4.0, rescale=0.5),
    "sd15": Defaults(steps=50, guidance=7.5),
    "sdxl": Defaults(steps=40, guidance=5.0),
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """An engine ready to draw.

    Args:
        vocabulary: the words it was trained with; None for an engine that knows the language.
    """

    model: TextToImage
    previews: PreviewFactors
    defaults: Defaults
    model_hash: str
    vocabulary: frozenset[str] | None


def load(engine_id: str) -> Loaded:
    """Load an engine of this plugin.

    Raises StudioError when its weights are not on this computer, ModelFault when they are damaged; both say what helps.
    """
    info = load_manifest(FOLDER).engine(engine_id)
    if info is None:
        raise UsageError(f"Structured guidance has no engine “{engine_id}”.", "Choose another engine.")
    source = source_of(info.weights[0])
    engine = load_engine(source, place=placement(info))
    model = TextToImage.of(engine.parts)
    folder = source.path if isinstance(source, FolderSource) else None
    previews = factors_for(model.vae, part_folder(folder, "vae", source.restore) if folder else None)
    return Loaded(model, previews, DEFAULTS[info.id], engine.model_hash, read_vocabulary(folder) if folder else None)


def placement(info: EngineInfo) -> Placement:
    """Tiny engines and computers without a graphics card use the processor in full precision."""
    if info.kind is not EngineKind.PUBLIC or not torch.cuda.is_available():
        return ON_CPU
    # The autoencoder of XL overflows in half precision.
    return Placement(torch.float16, "cuda", {"vae": torch.float32} if info.id == "sdxl" else {})
