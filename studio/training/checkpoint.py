"""A run's state on disk: one file, replaced as a whole, so that a killed run always finds a good one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor

from studio.core.errors import StudioError, UsageError

VERSION = 1


@dataclass(frozen=True, slots=True)
class Identity:
    """What a checkpoint belongs to: a run goes on only as what it began as."""

    recipe: str
    config: str
    seed: int


@dataclass(slots=True)
class Progress:
    """Where a run is. Batch numbers and random draws follow from `step`, so they need no record of their own.

    `best` is the best validation so far, `validated` how many there were.
    """

    step: int = 0
    elapsed_s: float = 0.0
    validated: int = 0
    best: float | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Everything that training changes."""

    identity: Identity
    progress: Progress
    weights: Mapping[str, Tensor]
    average: Mapping[str, Tensor]
    average_updates: int
    optimizer: Mapping[str, object]


def save(path: Path, state: State) -> None:
    """Write the state beside `path`, sync it, and put it in the place of the last one."""
    stored = {
        "version": VERSION,
        "identity": asdict(state.identity),
        "progress": asdict(state.progress),
        "weights": dict(state.weights),
        "average": dict(state.average),
        "average_updates": state.average_updates,
        "optimizer": dict(state.optimizer),
    }
    replace_file(path, stored)


def replace_file(path: Path, stored: object) -> None:
    """`torch.save`, atomically. Raises StudioError when the disk will not have it."""
    draft = path.with_name(f".{path.name}.new")
    try:
        with draft.open("wb") as stream:
            torch.save(stored, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(draft, path)
    except (OSError, RuntimeError) as error:
        draft.unlink(missing_ok=True)
        hint = "Free some space, or choose another folder with --out."
        raise StudioError(f"Could not write the checkpoint {path.name}: {error}.", hint, str(path)) from error


def load(path: Path, identity: Identity) -> State:
    """What `save` wrote.

    Raises:
        StudioError: the file is damaged or of another version.
        UsageError: it belongs to another recipe, configuration or seed.
    """
    stored = read_file(path)
    try:
        if stored["version"] != VERSION:
            raise ValueError(f"version {stored['version']!r}, this program reads {VERSION}")
        found = Identity(**stored["identity"])  # pyright: ignore[reportCallIssue]  checked by the except below
        state = State(
            found,
            Progress(**stored["progress"]),
            stored["weights"],
            stored["average"],
            stored["average_updates"],
            stored["optimizer"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, error) from error
    if found != identity:
        raise UsageError(
            f"The run in {path.parent} is another one: {found.recipe}, {found.config}, seed {found.seed}.",
            "Choose another folder with --out, or start anew with --fresh.",
        )
    return state


def read_file(path: Path) -> dict:
    """A file of tensors and plain values; anything else in it is refused."""
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, KeyError, UnpicklingError) as error:
        raise _damaged(path, error) from error
    if not isinstance(stored, dict):
        raise _damaged(path, TypeError(f"a {type(stored).__name__}"))
    return stored


def _damaged(path: Path, error: Exception) -> StudioError:
    hint = "Start the run anew with --fresh, or delete this file."
    return StudioError(f"The checkpoint cannot be read: {path}.", hint, repr(error))
