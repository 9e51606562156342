"""What the user chose, kept as TOML in the user's configuration folder, and the window's own state beside it.

A file that cannot be read is set aside as `.broken` and the defaults are used; `problem` tells what happened.
"""

from __future__ import annotations

import base64
import binascii
import threading
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import platformdirs
import tomli_w

from studio.core.errors import StudioError
from studio.io import atomic

VERSION = 1
RECENT_FILES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that is kept between runs.

    `language` is "system", "en" or "ja". `shortcuts` maps an action's id to its keys in Qt's portable text, empty for
    none; actions that are not named have their own. `recent` is newest first. `tools` holds each tool's options, as
    `canvas.options` reads them. `geometry` and `docks` are Qt's bytes.
    """

    theme: str = "dark"
    language: str = "system"
    rulers: bool = False
    guides: bool = True
    snapping: bool = True
    pixel_grid: bool = True
    mask_tint: bool = False
    recent: tuple[str, ...] = ()
    folder: str = ""
    shortcuts: Mapping[str, str] = field(default_factory=dict[str, str])
    tools: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    geometry: bytes = b""
    docks: bytes = b""


def config_dir() -> Path:
    """Where the settings lie."""
    return platformdirs.user_config_path("lamina-studio", appauthor=False)


class SettingsFile:
    """Holds the settings and writes every change. Failing to write is told once, in `problem`, and harms nothing."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = config_dir() / "window.toml" if path is None else path
        self.problem: StudioError | None = None
        self.now = self._read()
        self._writer: threading.Thread | None = None

    def change(self, **changes: object) -> None:
        """Replace some of the fields and write the file."""
        self.flush()
        if self._replace(changes):
            self._write(self.now)

    def change_beside(self, **changes: object) -> None:
        """Replace some of the fields at once, and write the file on another thread: in the middle of other work.

        The file is whole after `flush`, which every `change` does first.
        """
        before = self._writer
        if not self._replace(changes):
            return
        now = self.now

        def write() -> None:
            if before is not None:
                before.join()
            self._write(now)

        self._writer = threading.Thread(target=write, name="settings")
        self._writer.start()

    def flush(self) -> None:
        """Wait until everything is written."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.join()

    def _replace(self, changes: Mapping[str, object]) -> bool:
        """Whether anything is another one now."""
        before = self.now
        self.now = replace(before, **changes)  # pyright: ignore[reportArgumentType]  # checked by the dataclass's names
        return self.now != before

    def opened(self, path: Path) -> None:
        """Put a file at the top of the recent ones."""
        text = str(path.resolve())
        others = tuple(known for known in self.now.recent if known != text)
        self.change_beside(recent=(text, *others)[:RECENT_FILES], folder=str(path.resolve().parent))

    def forget(self, path: Path) -> None:
        """Take a file out of the recent ones."""
        self.change(recent=tuple(known for known in self.now.recent if known != str(path)))

    def _read(self) -> Settings:
        try:
            told = tomllib.loads(self.path.read_text(encoding="utf-8"))
            return _settings_of(told)
        except FileNotFoundError:
            return Settings()
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, ValueError, binascii.Error) as error:
            self.problem = StudioError(
                "The window's settings could not be read; the defaults are used.",
                f"The old file is kept beside it as {self.path.name}.broken.",
                f"{self.path}: {error!r}",
            )
            if self.path.is_file():
                self.path.replace(self.path.with_name(f"{self.path.name}.broken"))
            return Settings()

    def _write(self, settings: Settings) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write_bytes(self.path, tomli_w.dumps(_table_of(settings)).encode())
        except (OSError, StudioError) as error:
            self.problem = StudioError(
                "The window's settings could not be kept.", "They are lost when Lamina ends.", repr(error)
            )


def _table_of(settings: Settings) -> dict[str, object]:
    table: dict[str, object] = {"version": VERSION}
    for name, value in asdict(settings).items():
        if isinstance(value, bytes):
            table[name] = base64.b64encode(value).decode()
        else:
            table[name] = list(value) if isinstance(value, tuple) else value
    return table


def _settings_of(told: Mapping[str, object]) -> Settings:
    """Fields that are missing, or of another type, have their default; unknown ones are left out."""
    values: dict[str, object] = {}
    defaults = asdict(Settings())
    for name, default in defaults.items():
        value = told.get(name, default)
        if isinstance(default, bytes) and isinstance(value, str):
            values[name] = base64.b64decode(value, validate=True)
        elif isinstance(default, tuple) and isinstance(value, list):
            values[name] = tuple(str(item) for item in value)
        elif name == "tools" and isinstance(value, dict):
            values[name] = {str(key): item for key, item in value.items() if isinstance(item, dict)}
        elif isinstance(default, dict) and isinstance(value, dict):
            values[name] = {str(key): str(item) for key, item in value.items()}
        elif type(value) is type(default):
            values[name] = value
    return Settings(**values)  # pyright: ignore[reportArgumentType]  # each value has its default's type
