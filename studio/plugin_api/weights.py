"""What an engine needs before it can run, as data: weights, their files and hashes, licence and consent, and memory.

Part of plugin.toml and free of torch: the window, the command line and the worker read the same entry. The worker's
loader takes these values as they are (`studio.diffusion.files` asks for nothing but path, size and digest).
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

Digest = Annotated[str, StringConstraints(pattern=r"^(blake2b|sha256):[0-9a-f]{64}$")]
HubRepo = Annotated[str, StringConstraints(pattern=r"^(\w[\w.\-]*/\w[\w.\-]*)?$")]
FolderName = Annotated[str, StringConstraints(pattern=r"^([a-z0-9_]+)?$")]


class Consent(StrEnum):
    """What a person must do before weights are used for the first time."""

    NONE = "none"
    """Nothing: our own weights, or a licence that asks for nothing."""
    NOTICE = "notice"
    """Be shown the licence, for instance one with use restrictions."""
    ACCEPT = "accept"
    """Accept it; such weights are never downloaded on their own."""


class LocalImport(StrEnum):
    """What a person may bring instead of a download."""

    FOLDER = "folder"
    """A folder in diffusers layout."""
    FILE = "file"
    """One safetensors file; pickles are converted first."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WeightFile(_Entry):
    """One file: path inside the model's folder, bytes, and "algorithm:hex"."""

    path: str
    size: int = Field(ge=0)
    digest: Digest

    @field_validator("path")
    @classmethod
    def _stays_inside(cls, path: str) -> str:
        parts = PurePosixPath(path)
        if parts.is_absolute() or ".." in parts.parts or not parts.parts or "\\" in path:
            raise ValueError(f"{path} is not a path inside the model's folder")
        return path


class PlanMemory(_Entry):
    """Device memory in MiB for each way to run an engine; None where it cannot run that way.

    The names are those of `studio.diffusion.symbolic.MemoryPlan`, which works the figures out.
    """

    full: float = Field(ge=0)
    tiled: float | None = Field(default=None, ge=0)
    offload: float | None = Field(default=None, ge=0)
    sequential: float | None = Field(default=None, ge=0)

    def best_plan(self, free_mb: float) -> str | None:
        """The fastest plan that fits, or None when none does."""
        plans = {"full": self.full, "tiled": self.tiled, "offload": self.offload, "sequential": self.sequential}
        return next((plan for plan, needed in plans.items() if needed is not None and needed <= free_mb), None)


class Weights(_Entry):
    """One set of weights of an engine.

    Args:
        id: for provenance; the hub's "owner/name" for public models, "lamina/name" for ours.
        part: "pipeline" for a whole engine, else the part it gives, such as "controlnet".
        commercial_use: whether the licence allows it.
        shipped: folder under assets/models, with the list of its files in it; "" for weights that are not ours.
        repo, revision: where the hub has them; the revision is a commit.
        files: what to check, for weights that do not bring their own list.
        imports: what a person may bring instead.
        recognised_as: the family that a file or folder must be of, as `studio.diffusion.single_file` calls it.
    """

    id: str
    title: str
    part: str = "pipeline"
    licence: str
    licence_url: str = ""
    commercial_use: bool = True
    consent: Consent = Consent.NONE
    shipped: FolderName = ""
    repo: HubRepo = ""
    revision: str = ""
    size_mb: float = Field(default=0, ge=0)
    files: tuple[WeightFile, ...] = ()
    imports: tuple[LocalImport, ...] = ()
    recognised_as: str = ""

    @model_validator(mode="after")
    def _comes_from_somewhere(self) -> Weights:
        if self.shipped and self.repo:
            raise ValueError(f"{self.id} is both shipped and on the hub")
        if not (self.shipped or self.repo or self.imports):
            raise ValueError(f"{self.id} has no source: give shipped, repo or imports")
        if not self.commercial_use and self.consent is not Consent.ACCEPT:
            raise ValueError(f"{self.id} allows no commercial use, so its licence must be accepted")
        return self
