"""What this installation has and lacks, one finding at a time."""

from __future__ import annotations

import importlib
import importlib.util
import platform
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import platformdirs

from studio.io.project import check, recover
from studio.plugin_host.registry import discover

NEEDED = ("numpy", "PIL", "cv2", "psd_tools", "numba", "scipy", "pymatting", "tifffile")
FREE_BYTES_WANTED = 2 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, and what to do if not. Optional parts that are absent are well."""

    what: str
    well: bool = True
    hint: str = ""


def installation() -> list[Finding]:
    """Look at everything; takes a few seconds because the libraries are really imported."""
    return [
        Finding(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"),
        *(_library(name) for name in NEEDED),
        _qt(),
        _models(),
        *_plugins(),
        *_folders(),
    ]


def recovery(project: Path, out: Path) -> list[Finding]:
    """Write what can be read of a damaged project to `out`, and say what is lost. Raises StudioError."""
    faults = [Finding(fault, False) for fault in check(project)]
    lost = [Finding(str(notice), False) for notice in recover(project, out)]
    saved = Finding(f"{out}: written" if faults or lost else f"{project} is sound; {out} is a copy of it")
    return [*faults, *lost, saved]


def _library(name: str) -> Finding:
    try:
        importlib.import_module(name)
    except ImportError as error:
        return Finding(f"{name} cannot be imported: {error}", False, "Run packaging/bootstrap.py demo again.")
    return Finding(f"{name} is there")


def _qt() -> Finding:
    try:
        importlib.import_module("PySide6.QtWidgets")
    except ImportError as error:
        hint = "On Debian: apt-get install libgl1 libegl1 libglib2.0-0 libfontconfig1 libdbus-1-3 libxkbcommon0"
        return Finding(f"Qt cannot be loaded: {error}", False, hint)
    return Finding(f"Qt: PySide6 {version('PySide6-Essentials')}")


def _models() -> Finding:
    """torch is looked up, not imported: it takes seconds, and the classical engines do not need it."""
    try:
        found = version("torch")
    except PackageNotFoundError:
        return Finding(
            "torch is not installed: classical engines only", hint="pip install lamina-studio[models] adds it."
        )
    has_extra = importlib.util.find_spec("xformers") is not None
    attention = "xformers on NVIDIA cards, else torch's own attention" if has_extra else "torch's own attention"
    return Finding(f"torch {found}, {attention}")


def _plugins() -> Iterator[Finding]:
    registry = discover()
    names = ", ".join(plugin.manifest.id for plugin in registry)
    yield Finding(f"plugins: {names or 'none'}", bool(names), "" if names else "Reinstall Lamina Studio.")
    for fault in registry.faults:
        yield Finding(fault.message, False, fault.hint)


def _folders() -> Iterator[Finding]:
    for role, folder in (
        ("data", platformdirs.user_data_path("lamina-studio", appauthor=False)),
        ("cache", platformdirs.user_cache_path("lamina-studio", appauthor=False)),
    ):
        yield _folder(role, folder)


def _folder(role: str, folder: Path) -> Finding:
    """Whether the folder, or the nearest one above it that exists, can be written and has room."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            free = shutil.disk_usage(existing).free
    except OSError as error:
        return Finding(f"{role} folder {folder} cannot be written: {error.strerror}", False, "Change its permissions.")
    room = f"{free / 2**30:.1f} GiB free"
    return Finding(
        f"{role} folder {folder}: {room}",
        free >= FREE_BYTES_WANTED,
        "" if free >= FREE_BYTES_WANTED else "Free some space.",
    )
