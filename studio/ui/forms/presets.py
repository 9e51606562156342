"""Parameters that the user keeps under a name, one TOML file for each plugin. No Qt.

A preset holds the parameters with the version of their class, so that an older one goes through the class's `migrate`;
what it does not name has its default. A file that cannot be read is set aside as `.broken`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import tomli_w

from studio.core.errors import StudioError
from studio.io import atomic
from studio.plugin_api.params import ParamsClass, from_json, to_json

VERSION = 1
P = TypeVar("P", bound=ParamsClass)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """`params` is JSON values with the class's `version`; `engine` empty and `steps` None leave what is chosen."""

    params: Mapping[str, object]
    engine: str = ""
    steps: int | None = None

    def read(self, params_class: type[P]) -> P:
        """The parameters, brought up to date. Raises UsageError when they do not fit the plugin any more."""
        return from_json(params_class, self.params)


class Presets:
    """The presets of one plugin.

    Args:
        folder: where the files of all plugins lie.
    """

    def __init__(self, folder: Path, plugin: str) -> None:
        self.path = folder / f"{plugin}.toml"
        self.problem: StudioError | None = None
        self._presets = self._read()

    def names(self) -> list[str]:
        """In the order of the alphabet."""
        return sorted(self._presets, key=str.casefold)

    def __getitem__(self, name: str) -> Preset:
        return self._presets[name]

    def save(self, name: str, params: ParamsClass, engine: str = "", steps: int | None = None) -> None:
        """Keep parameters under a name, in place of what had it. Raises StudioError when they cannot be written."""
        told = json.loads(to_json(params))
        self._write({**self._presets, name: Preset(params=told, engine=engine, steps=steps)})

    def delete(self, name: str) -> None:
        """Forget a preset. Raises StudioError when that cannot be written."""
        self._write({known: preset for known, preset in self._presets.items() if known != name})

    def _write(self, presets: Mapping[str, Preset]) -> None:
        table = {"version": VERSION, "presets": {name: _table_of(preset) for name, preset in presets.items()}}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write_bytes(self.path, tomli_w.dumps(table).encode())
        except OSError as error:
            raise StudioError("The preset could not be kept.", "Free some disk space.", repr(error)) from error
        self._presets = dict(presets)

    def _read(self) -> dict[str, Preset]:
        try:
            told = tomllib.loads(self.path.read_text(encoding="utf-8"))
            if told.get("version") != VERSION:
                raise ValueError(f"version {told.get('version')}")
            return {str(name): _preset_of(one) for name, one in told["presets"].items()}
        except FileNotFoundError:
            return {}
        except (
            OSError,
            UnicodeDecodeError,
            tomllib.TOMLDecodeError,
            LookupError,
            TypeError,
            AttributeError,
            ValueError,
        ) as error:
            self.problem = StudioError(
                f"The presets in {self.path.name} could not be read.",
                f"The old file is kept beside it as {self.path.name}.broken.",
                f"{self.path}: {error!r}",
            )
            if self.path.is_file():
                self.path.replace(self.path.with_name(f"{self.path.name}.broken"))
            return {}


def _table_of(preset: Preset) -> dict[str, Any]:
    told: dict[str, Any] = {"params": _without_none(preset.params)}
    if preset.engine:
        told["engine"] = preset.engine
    if preset.steps is not None:
        told["steps"] = preset.steps
    return told


def _preset_of(told: Mapping[str, Any]) -> Preset:
    steps = told.get("steps")
    return Preset(
        params=dict(told["params"]), engine=str(told.get("engine", "")), steps=None if steps is None else int(steps)
    )


def _without_none(value: object) -> Any:
    """TOML has no None; what is left out has its default, which None is wherever it may stand."""
    if isinstance(value, Mapping):
        return {str(key): _without_none(one) for key, one in value.items() if one is not None}
    return [_without_none(one) for one in value] if isinstance(value, list | tuple) else value
