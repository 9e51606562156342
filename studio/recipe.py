"""`lamina batch`: a recipe of commands for every picture of a folder. Broken files are reported and the rest is done.

A recipe is JSON: {"version": 1, "files": ["*.jpg"], "steps": [{"command": ID, ...parameters}], "save": ["{stem}.psd"]}.
In every text `{stem}`, `{name}` and `{folder}` stand for the file being worked on. An entry of "save" may also be
{"file": "{stem}.psd", "adjustments": "live"}.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from studio import commands
from studio.core.errors import StudioError, UsageError
from studio.io.delivery import Adjustments
from studio.io.formats import FORMATS, format_for_writing
from studio.session import Session

READABLE = tuple(f"*{extension}" for entry in FORMATS for extension in entry.extensions)


class SaveAs(BaseModel):
    """One file to write, and whether a PSD's adjustment layers stay live or are baked for every program."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    adjustments: Adjustments = Adjustments.BAKED


class Recipe(BaseModel):
    """What to do with each file. Steps are commands of the command table with their parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    files: tuple[str, ...] = READABLE
    exclude: tuple[str, ...] = ()
    steps: tuple[dict[str, object], ...] = ()
    save: tuple[SaveAs, ...] = Field(min_length=1)

    @field_validator("save", mode="before")
    @classmethod
    def _named_files(cls, value: object) -> object:
        """A bare name is a file with nothing more to say about it."""
        if not isinstance(value, list | tuple):
            return value
        entries = cast("Sequence[object]", value)
        return [{"file": entry} if isinstance(entry, str) else entry for entry in entries]


@dataclass(slots=True, kw_only=True)
class FileOutcome:
    """One line of the batch report; `error` is empty when all went well."""

    file: str
    outputs: list[str] = field(default_factory=list[str])
    figures: list[Mapping[str, object]] = field(default_factory=list[Mapping[str, object]])
    notices: list[str] = field(default_factory=list[str])
    seconds: float = 0.0
    error: str = ""
    hint: str = ""


def load(path: Path) -> Recipe:
    """Read and check a recipe, its commands' names included. Raises UsageError that names the faulty entry."""
    try:
        recipe = Recipe.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"Could not read the recipe {path.name}: {error.strerror}.", "Check the name.") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"The recipe {path.name} is not JSON: {error}.", "Mend the file.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the recipe"
        raise UsageError(f"The recipe {path.name} is wrong at {where}: {first['msg']}.", "See the README.") from error
    for number, step in enumerate(recipe.steps, 1):
        name = step.get("command")
        if not isinstance(name, str):
            raise UsageError(
                f"Step {number} of the recipe names no command.", 'Add "command": "run_plugin" or another.'
            )
        commands.get(name)
    for entry in recipe.save:
        format_for_writing(Path(entry.file))
    return recipe


def pictures(folder: Path, recipe: Recipe) -> list[Path]:
    """The files that the recipe's patterns match, by name. Raises UsageError when there are none."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", "Name a folder of pictures.")
    excluded = {path for pattern in recipe.exclude for path in folder.glob(pattern)}
    found = {path for pattern in recipe.files for path in folder.glob(pattern) if path.is_file()} - excluded
    if not found:
        raise UsageError(f"No file in {folder} matches {', '.join(recipe.files)}.", "Check the folder and the recipe.")
    return sorted(found)


def run(
    session: Session, folder: Path, recipe: Recipe, out: Path, on_file: Callable[[int, int, str], None]
) -> Iterator[FileOutcome]:
    """Work through the folder; yields one outcome a file. `on_file` hears (index from 0, count, name) before each.

    Raises UsageError before the first file when nothing can be done.
    """
    files = pictures(folder, recipe)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(f"Could not make the folder {out}: {error.strerror}.", "Choose another folder.") from error
    for index, path in enumerate(files):
        on_file(index, len(files), path.name)
        yield _one_file(session, path, recipe, out)


def _one_file(session: Session, path: Path, recipe: Recipe, out: Path) -> FileOutcome:
    outcome = FileOutcome(file=path.name)
    started = time.perf_counter()
    names = {"stem": path.stem, "name": path.name, "folder": str(path.parent)}
    try:
        outcome.notices += [str(notice) for notice in session.open(path)]
        for step in recipe.steps:
            told = {key: _expanded(value, names) for key, value in step.items() if key != "command"}
            result = commands.get(str(step["command"])).call(session, told)
            if isinstance(result, Mapping):
                outcome.figures.append(result)
        for entry in recipe.save:
            target = out / str(_expanded(entry.file, names))
            written = session.save(target, entry.adjustments)
            outcome.outputs.append(target.name)
            outcome.notices += [f"{target.name}: {notice}" for notice in written.notices]
    except StudioError as error:
        outcome.error, outcome.hint = error.message, error.hint
    outcome.seconds = round(time.perf_counter() - started, 3)
    return outcome


def _expanded(value: object, names: Mapping[str, str]) -> object:
    """The same JSON value with `{stem}`, `{name}` and `{folder}` filled in, in every text of it."""
    if isinstance(value, str):
        for key, name in names.items():
            value = value.replace("{" + key + "}", name)
        return value
    if isinstance(value, list):
        return [_expanded(item, names) for item in value]
    if isinstance(value, dict):
        return {key: _expanded(item, names) for key, item in value.items()}
    return value
