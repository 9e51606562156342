"""The user's macros: recipes of `lamina batch` in a folder of the user's data, one file each, under any name."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, unquote

import platformdirs

from studio import macros, recipe
from studio.commands import Told
from studio.core.errors import StudioError
from studio.io.atomic import replacing, write_error

SUFFIX = ".json"
LONGEST_NAME = 80
_FORBIDDEN = frozenset('/\\:*?"<>|%')
"""What file systems do not allow in names; it is written as the bytes of its UTF-8, as in addresses."""


def macros_dir() -> Path:
    """Where the macros lie."""
    return platformdirs.user_data_path("lamina-studio", appauthor=False) / "macros"


class MacroLibrary:
    """Lists, keeps and hands out macros. Nothing is held in memory, so files may come and go beside it.

    Args:
        folder: the user's own unless given.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = macros_dir() if folder is None else folder

    def names(self) -> list[str]:
        """In the order of the alphabet."""
        found = self.folder.glob(f"*{SUFFIX}") if self.folder.is_dir() else ()
        return sorted((unquote(path.stem) for path in found if not path.name.startswith(".")), key=str.casefold)

    def path(self, name: str) -> Path:
        """The file of a macro, be it there or not."""
        return self.folder / f"{_file_stem(name)}{SUFFIX}"

    def steps(self, name: str) -> tuple[Told, ...]:
        """What a macro does. Raises StudioError when it cannot be read or is no recipe."""
        return recipe.load(self.path(name)).steps

    def save(self, name: str, steps: Sequence[Told]) -> None:
        """Keep a macro under a name, in place of one that has it. Raises StudioError."""
        path = self._checked(name)
        self._make_folder()
        macros.write(path, steps)

    def rename(self, name: str, new: str) -> None:
        """Raises StudioError when the new name is taken or cannot be used."""
        if new == name:
            return
        target = self._checked(new)
        if target.exists():
            raise StudioError(f"There is a macro “{new}” already.", "Give it another name.")
        try:
            self.path(name).rename(target)
        except OSError as error:
            raise write_error(target, error) from error

    def delete(self, name: str) -> None:
        """Forget a macro. Raises StudioError when its file cannot be deleted."""
        try:
            self.path(name).unlink(missing_ok=True)
        except OSError as error:
            raise write_error(self.path(name), error) from error

    def export(self, name: str, path: Path) -> None:
        """Copy a macro's recipe to a file. Raises StudioError."""
        recipe.load(self.path(name))
        with replacing(path) as temporary:
            shutil.copyfile(self.path(name), temporary)

    def add(self, path: Path) -> str:
        """Take in a recipe from a file, under its name or one that is free; returns that.

        Raises StudioError when it is no recipe.
        """
        recipe.load(path)
        wanted = unquote(path.stem)[:LONGEST_NAME].strip() or "Macro"
        taken = {name.casefold() for name in self.names()}
        numbered = (f"{wanted} {number}" for number in range(2, len(taken) + 3))
        name = next(name for name in (wanted, *numbered) if name.casefold() not in taken)
        target = self._checked(name)
        self._make_folder()
        with replacing(target) as temporary:
            shutil.copyfile(path, temporary)
        return name

    def fault(self, name: str) -> str:
        """What is wrong with a name, as a sentence; empty when nothing is."""
        if not name.strip():
            return "A macro needs a name."
        if len(name) > LONGEST_NAME or len(_file_stem(name).encode()) > 200:
            return "That name is too long."
        return ""

    def _checked(self, name: str) -> Path:
        if fault := self.fault(name):
            raise StudioError(fault, "Give it another name.")
        return self.path(name)

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(self.folder, error) from error


def _file_stem(name: str) -> str:
    """The name as every file system takes it."""
    stem = "".join(quote(char, safe="") if char in _FORBIDDEN or not char.isprintable() else char for char in name)
    return quote(stem[0], safe="").replace(".", "%2E") + stem[1:] if stem.startswith((".", " ")) else stem
