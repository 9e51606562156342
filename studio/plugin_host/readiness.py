"""Whether an engine can run on this machine as it is, found without importing anything heavy."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from studio import resources
from studio.plugin_api.manifest import EngineInfo, EngineKind
from studio.plugin_api.weights import Weights

LIBRARIES = ("torch", "diffusers", "transformers", "safetensors")


class Lack(Enum):
    """What an engine may lack: what to say, and what to do about it, with `{name}` and `{repo}` of a `Readiness`."""

    LIBRARY = (
        "It needs {name}, which is not installed.",
        "Install Lamina with its models: pip install 'lamina-studio[models]'.",
    )
    SHIPPED = (
        "Its weights “{name}” did not come with this version.",
        "Install a version that has them, or choose another engine.",
    )
    HUB = (
        "“{name}” is not on this computer.",
        "Install it with “lamina models get {repo}”, or import a folder or file of it.",
    )
    FILE = ("“{name}” is not on this computer.", "Import a folder or file of it with “lamina models”.")


@dataclass(frozen=True, slots=True)
class Readiness:
    """`why` says what is missing and `hint` what to do about it; both are empty for an engine that can run."""

    lack: Lack | None = None
    name: str = ""
    repo: str = ""

    @property
    def can_run(self) -> bool:
        return self.lack is None

    @property
    def why(self) -> str:
        return "" if self.lack is None else self.lack.value[0].format(name=self.name)

    @property
    def hint(self) -> str:
        return "" if self.lack is None else self.lack.value[1].format(repo=self.repo)


READY = Readiness()


def readiness(engine: EngineInfo, hub: Path | None = None, models: Path | None = None) -> Readiness:
    """What keeps an engine from running; licences are not looked at. Files are looked for, not read.

    Args:
        hub: the cache of the model hub; the user's own unless given.
        models: the folder of our own weights; the one of this installation unless given.
    """
    if engine.kind is EngineKind.CLASSICAL:
        return READY
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        return Readiness(Lack.LIBRARY, missing[0])
    for weights in engine.weights:
        if weights.shipped and not ((models or _models_dir()) / weights.shipped).is_dir():
            return Readiness(Lack.SHIPPED, weights.title)
        if weights.repo and not _is_in_hub(weights, hub or hub_dir()):
            return Readiness(Lack.HUB, weights.title, weights.repo)
        if not weights.shipped and not weights.repo:
            return Readiness(Lack.FILE, weights.title)
    return READY


def hub_dir() -> Path:
    """Where the model hub's client keeps what it downloaded."""
    if told := os.environ.get("HF_HUB_CACHE"):
        return Path(told)
    home = os.environ.get("HF_HOME")
    return (Path(home) if home else Path.home() / ".cache" / "huggingface") / "hub"


def _models_dir() -> Path:
    return resources.assets_dir() / "models"


def _is_in_hub(weights: Weights, hub: Path) -> bool:
    snapshots = hub / f"models--{weights.repo.replace('/', '--')}" / "snapshots"
    if weights.revision:
        return (snapshots / weights.revision).is_dir()
    return snapshots.is_dir() and any(snapshots.iterdir())
