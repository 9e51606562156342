"""The engine: our small network, shipped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from studio.core.errors import UsageError
from studio.diffusion.files import model_hash
from studio.diffusion.loading import load_model
from studio.diffusion.sources import FolderSource, source_of
from studio.plugin_api.manifest import load_manifest

from .network import TopNet

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Loaded:
    """A network ready to score, and the hash of its files."""

    network: TopNet
    model_hash: str


@lru_cache(maxsize=1)
def load(engine_id: str) -> Loaded:
    """The engine's network; it is kept, because the next question comes within milliseconds.

    Raises ModelFault when its weights are missing or damaged.
    """
    info = load_manifest(FOLDER).engine(engine_id)
    if info is None:
        raise UsageError(f"Object placement has no engine “{engine_id}”.", "Choose another engine.")
    source = source_of(info.weights[0])
    files = source.files if isinstance(source, FolderSource) else ()
    return Loaded(load_model(TopNet, source), model_hash(files) if files else "")
