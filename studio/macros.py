"""Macros: what was done to a document, as commands that do it again to others.

A macro is a recipe of `lamina batch`. It is read from the history, which keeps with each step what was called; so
undone steps, and the values on the way of a drag, are not in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter

from studio import commands
from studio.commands import Told
from studio.core.document import Document
from studio.core.errors import DocumentError, StudioError, UsageError
from studio.core.feedback import each, part
from studio.core.history import EditCall
from studio.core.layers import LayerId
from studio.io.atomic import replacing
from studio.plugin_host.consents import Consents
from studio.plugin_host.registry import Registry
from studio.session import Session

DEFAULT_SAVE = ("{stem}.lamina",)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The steps of a macro, and the labels of what was done meanwhile and cannot be told in commands."""

    steps: tuple[Told, ...]
    left_out: tuple[str, ...] = ()


class Recorder:
    """Records from its making on. It costs nothing while it records."""

    def __init__(self, session: Session) -> None:
        self._history = session.history
        self._start = session.document

    def recorded(self) -> Recorded:
        """What was done to the document since the beginning and is still done. Raises DocumentError when that is lost.

        That happens when more was undone than was done, or when the history had to forget its first steps.
        """
        history = self._history
        roots = [root for _, root in history.steps[: history.cursor + 1]]
        first = next((index for index, root in enumerate(roots) if root is self._start), None)
        if first is None:
            raise DocumentError("The beginning of the recording is no longer in the history.", "Record again.")
        # The only layer of a document is the picture itself, and goes by another name in the next one.
        layers = tuple(self._start.walk())
        teller = _Teller({layer.name for layer in layers} if len(layers) > 1 else set())
        steps: list[Told] = []
        left_out: list[str] = []
        for index in range(first + 1, len(roots)):
            calls = history.calls[index]
            told = None if calls is None else teller.told(calls, roots[index - 1], roots[index])
            if told is None:
                left_out.append(history.labels[index] or "a step without a name")
            else:
                steps += told
        return Recorded(tuple(steps), tuple(left_out))


def play(session: Session, steps: Sequence[Told], label: str = "Play macro") -> None:
    """Do the steps to the open document, as one undo step; when one fails, none is done. Each is reported as progress.

    Raises UsageError for steps that open or save, and StudioError that names the step for what a command raises.
    """
    with session.history.transaction(label):
        for number, step in enumerate(each(steps), 1):
            name = step.get("command")
            if not isinstance(name, str) or name in ("open", "save"):
                raise UsageError(f"Step {number} of the macro is no edit.", "Use it with lamina batch.")
            values = {key: value for key, value in step.items() if key != "command"}
            try:
                with part((number - 1) / len(steps), number / len(steps)):
                    commands.get(name).call(session, values)
            except StudioError as error:
                message = f"Step {number} of {len(steps)} of the macro failed, so none was done: {error.message}"
                raise StudioError(message, error.hint, f"{name}: {error.detail}") from error


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """What a document became, and how that is done again where it is known."""

    document: Document
    calls: tuple[EditCall, ...]


def played(document: Document, steps: Sequence[Told], registry: Registry, consents: Consents) -> Played:
    """The document with the steps done to it, in a session of its own: for another thread. Raises as `play` does."""
    session = Session(registry, consents)
    session.start(document)
    play(session, steps)
    return Played(session.document, session.history.calls[-1] or ())


def write(path: Path, steps: Sequence[Told], save: Sequence[str] = DEFAULT_SAVE) -> None:
    """Write a recipe of `lamina batch`: these steps for every picture, each then saved under `save`.

    Raises StudioError when it cannot be written.
    """
    recipe = {"version": 1, "steps": list(steps), "save": list(save)}
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(recipe, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def reference(document: Document, layer_id: LayerId, known: AbstractSet[str]) -> str:
    """How a macro names a layer: by its name where that is one of `known` and no other layer has it, else by its place.

    Names of the pictures themselves, and those made of them such as “IMG_1 copy”, would fit one document only.
    """
    layers = tuple(document.walk())
    place = next(index for index, layer in enumerate(layers) if layer.id == layer_id)
    name = layers[place].name
    fits = name in known and sum(layer.name == name for layer in layers) == 1 and not name.startswith("#")
    return name if fits else f"#{place + 1}"


def _with_kinds(full: object, short: object) -> object:
    """The value without what is usual, but with every “kind”: it tells alternatives apart that are else alike."""
    match full, short:
        case dict(), dict():
            all_of, some = cast("dict[str, object]", full), cast("dict[str, object]", short)
            kept = {key: _with_kinds(all_of[key], value) for key, value in some.items()}
            return {"kind": all_of["kind"], **kept} if "kind" in all_of else kept
        case list(), list():
            pairs = zip(cast("list[object]", full), cast("list[object]", short), strict=True)
            return [_with_kinds(whole, part) for whole, part in pairs]
        case _:
            return short


@dataclass(frozen=True, slots=True)
class _Teller:
    """Turns calls into steps. `known` are names that other documents will have too."""

    known: set[str]

    def told(self, calls: Sequence[EditCall], before: Document, after: Document) -> list[Told] | None:
        """The calls as steps of a recipe; None when one of them cannot be told."""
        steps: list[Told] = []
        for call in calls:
            command = commands.table().get(call.id)
            if command is None:
                return None
            adapter = TypeAdapter(command.parameters)
            parameters = command.parameters(**call.arguments)
            full, short = (
                adapter.dump_python(parameters, mode="json", exclude_defaults=brief) for brief in (False, True)
            )
            values = cast("Mapping[str, object]", _with_kinds(full, short))
            steps.append({"command": call.id, **{key: self._named(v, before, after) for key, v in values.items()}})
            if isinstance(name := values.get("name"), str):
                self.known.add(name)
        return steps

    def _named(self, value: object, before: Document, after: Document) -> object:
        """A JSON value with the ids of layers replaced by what other documents know them by."""
        match value:
            case str():
                for document in (before, after):
                    if document.find(LayerId(value)) is not None:
                        return reference(document, LayerId(value), self.known)
                return value
            case list():
                return [self._named(item, before, after) for item in cast("list[object]", value)]
            case dict():
                items = cast("dict[str, object]", value).items()
                return {key: self._named(item, before, after) for key, item in items}
            case _:
                return value
