"""The plugins of this installation."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import cast

import platformdirs

from studio import resources
from studio.core.errors import StudioError, UsageError
from studio.plugin_api.bench import BenchTable
from studio.plugin_api.context import Context
from studio.plugin_api.manifest import EngineInfo, Manifest, Role, load_manifest
from studio.plugin_api.params import ParamsClass
from studio.plugin_api.results import Results

Run = Callable[[Context, ParamsClass], Results]

ENTRY_POINT_GROUP = "studio.plugins"


@dataclass(frozen=True)
class Plugin:
    """One plugin: its manifest is read, its code is imported when `params_class` or `run` is asked for."""

    folder: Path
    package: str
    manifest: Manifest

    @cached_property
    def params_class(self) -> type[ParamsClass]:
        return cast("type[ParamsClass]", self._load(self.manifest.entry.params))

    @cached_property
    def run(self) -> Run:
        return cast("Run", self._load(self.manifest.entry.run))

    @cached_property
    def bench(self) -> Callable[[bool], Iterable[BenchTable]] | None:
        """Tables of the measured claims, quick or full; None when the plugin has none."""
        entry = self.manifest.entry.bench
        return None if entry is None else cast("Callable[[bool], Iterable[BenchTable]]", self._load(entry))

    def recipe(self, name: str) -> object:
        """The training recipe that the manifest lists under this name (a `studio.training.recipe.Recipe`)."""
        return self._load(next(recipe.entry for recipe in self.manifest.recipes if recipe.name == name))

    def engine(self, engine_id: str | None) -> EngineInfo:
        """The named engine, or the default one. Raises UsageError when there is none of that name."""
        if engine_id is None:
            return self.manifest.default_engine
        engine = self.manifest.engine(engine_id)
        if engine is None:
            known = ", ".join(info.id for info in self.manifest.engines)
            raise UsageError(f"{self.manifest.title} has no engine “{engine_id}”.", f"Choose among {known}.")
        return engine

    def _load(self, entry: str) -> object:
        module, _, name = entry.partition(":")
        try:
            return getattr(importlib.import_module(f"{self.package}.{module}"), name)
        except (ImportError, AttributeError) as error:
            raise StudioError(
                f"Could not load the plugin {self.manifest.title}: {error}.",
                "Reinstall the plugin.",
                f"{self.folder} {entry}",
            ) from error


class Registry:
    """Plugins by id. A folder with a faulty manifest is kept in `faults` and does not hide the others."""

    def __init__(self, plugins: Iterable[Plugin] = (), faults: Iterable[StudioError] = ()) -> None:
        self._plugins: dict[str, Plugin] = {}
        self.faults = list(faults)
        for plugin in plugins:
            self._plugins.setdefault(plugin.manifest.id, plugin)

    def __iter__(self) -> Iterator[Plugin]:
        """Those that a person may run."""
        return (plugin for plugin in self._plugins.values() if plugin.manifest.role is not Role.SELECTION)

    @property
    def selector(self) -> Plugin | None:
        """The plugin that says what a click would choose; the one found last, so that a user's own goes first."""
        return self._serving(Role.SELECTION)

    @property
    def placer(self) -> Plugin | None:
        """The plugin that says where a layer fits; again the one found last."""
        return self._serving(Role.PLACEMENT)

    def _serving(self, role: Role) -> Plugin | None:
        return next((p for p in reversed(self._plugins.values()) if p.manifest.role is role), None)

    def get(self, plugin_id: str) -> Plugin:
        """Raises UsageError when there is no such plugin."""
        plugin = self._plugins.get(plugin_id)
        if plugin is None:
            raise UsageError(
                f"There is no plugin “{plugin_id}”.", f"Choose among {', '.join(self._plugins) or 'none'}."
            )
        return plugin


def user_plugins_dir() -> Path:
    """Where a user puts plugin folders."""
    return platformdirs.user_data_path("lamina-studio", appauthor=False) / "plugins"


def discover() -> Registry:
    """Every plugin of this installation."""
    found: list[Plugin] = []
    faults: list[StudioError] = []
    for folder, package in _folders():
        try:
            found.append(Plugin(folder, package, load_manifest(folder)))
        except StudioError as error:
            faults.append(error)
    return Registry(found, faults)


def _folders() -> Iterable[tuple[Path, str]]:
    """(folder, package name) of every plugin folder; nothing of it is imported yet."""
    bundled = "plugins" if resources.checkout_root() else "studio.plugins"
    for folder in _subfolders(resources.plugins_dir()):
        yield folder, f"{bundled}.{folder.name}"
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        spec = importlib.util.find_spec(entry.value)
        for location in spec.submodule_search_locations or () if spec else ():
            yield Path(location), entry.value
    for folder in _subfolders(user_plugins_dir()):
        yield folder, f"{_user_package()}.{folder.name}"


def _subfolders(parent: Path) -> list[Path]:
    return sorted(manifest.parent for manifest in parent.glob("*/plugin.toml"))


def _user_package() -> str:
    """A package whose modules come from the user's plugin folder."""
    name = "lamina_user_plugins"
    package = sys.modules.setdefault(name, ModuleType(name))
    package.__path__ = [str(user_plugins_dir())]
    importlib.invalidate_caches()
    return name
