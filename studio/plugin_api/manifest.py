"""plugin.toml: who a plugin is and what it needs, read without importing its code."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from studio.core.errors import StudioError
from studio.plugin_api.weights import Consent, PlanMemory, Weights

API_VERSION = 1

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
EntryPoint = Annotated[str, StringConstraints(pattern=r"^[a-z_]+:[A-Za-z_]+$")]


class EngineKind(StrEnum):
    """No weights; our own small weights, shipped; or a public checkpoint that the user installs."""

    CLASSICAL = "classical"
    TINY = "tiny"
    PUBLIC = "public"


class InputKind(StrEnum):
    """What a run starts from: a picture that is opened first, or nothing but the parameters."""

    PICTURE = "picture"
    NONE = "none"


class Role(StrEnum):
    """What a plugin is for: a person runs it, or the window asks it beside the queue what a click would choose.

    PLACEMENT is both: a person runs it, and the window asks it where a layer fits. It then gets the parameters `layer`,
    `suggest` (true) and sometimes `at` ("x,y"), and answers with suggestions under `places`, within milliseconds.
    """

    METHOD = "method"
    SELECTION = "selection"
    PLACEMENT = "placement"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EngineInfo(_Part):
    """One engine: what it is good at, what it costs, under which licence its weights come, and what they are.

    `memory_mb` is the fastest way to run it; `memory` has the others.
    """

    id: Identifier
    title: str
    kind: EngineKind
    good_at: str
    licence: str
    size_mb: float = Field(default=0, ge=0)
    memory_mb: float = Field(default=0, ge=0)
    model_ids: tuple[str, ...] = ()
    weights: tuple[Weights, ...] = ()
    memory: PlanMemory | None = None

    @model_validator(mode="after")
    def _classical_has_no_weights(self) -> EngineInfo:
        if self.kind is EngineKind.CLASSICAL and self.weights:
            raise ValueError(f"the classical engine {self.id} lists weights")
        return self

    def unaccepted(self, accepted: Collection[str]) -> tuple[Weights, ...]:
        """Weights whose licence a person must still accept; `accepted` are ids of weights."""
        return tuple(
            weights for weights in self.weights if weights.consent is Consent.ACCEPT and weights.id not in accepted
        )


class Paper(_Part):
    title: str
    year: int
    arxiv: str = ""


class EntryPoints(_Part):
    """`module:name` inside the plugin's folder. `bench` gives the rows of its measured claims."""

    params: EntryPoint
    run: EntryPoint
    bench: EntryPoint | None = None


class RecipeEntry(_Part):
    """How a model of the plugin is made, for `lamina train NAME`: `entry` is a `studio.training.recipe.Recipe`."""

    name: Identifier
    title: str
    entry: EntryPoint


class Manifest(_Part):
    """The whole of plugin.toml."""

    id: Identifier
    title: str
    version: str
    api: int
    summary: str
    licence: str
    input: InputKind
    role: Role = Role.METHOD
    paper: Paper | None = None
    engines: tuple[EngineInfo, ...] = Field(min_length=1)
    recipes: tuple[RecipeEntry, ...] = ()
    entry: EntryPoints

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Manifest:
        ids = [engine.id for engine in self.engines]
        if len(set(ids)) != len(ids):
            raise ValueError("two engines have the same id")
        return self

    @property
    def default_engine(self) -> EngineInfo:
        """The first one: engines are listed with the best that needs nothing first."""
        return self.engines[0]

    def engine(self, engine_id: str) -> EngineInfo | None:
        return next((engine for engine in self.engines if engine.id == engine_id), None)


def load_manifest(folder: Path) -> Manifest:
    """Read and check `folder`/plugin.toml. Raises StudioError that names the file and the faulty entry."""
    path = folder / "plugin.toml"
    try:
        manifest = Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StudioError(
            f"Could not read the plugin in {folder.name}: {error}.", "Reinstall the plugin.", str(path)
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise StudioError(
            f"The plugin in {folder.name} has a faulty plugin.toml: {where}: {first['msg']}.",
            "Ask the plugin's author to mend it.",
            str(error),
        ) from error
    if manifest.api != API_VERSION:
        raise StudioError(
            f"The plugin {manifest.title} is made for plugin interface {manifest.api}; this Lamina has {API_VERSION}.",
            "Update the plugin or Lamina.",
        )
    return manifest
