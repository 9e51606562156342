"""Every command once: id, label, typed parameters, session function. The command line, the window's actions, recorded
macros and `lamina batch` recipes are views of this table.

Layers are named by id or by name. A command that edits makes one undo step.
"""

from __future__ import annotations

import inspect
import json
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, is_dataclass, make_dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, ConfigDict, PlainSerializer, TypeAdapter, ValidationError

from studio.core import edits
from studio.core.adjustments import Adjustment
from studio.core.document import Document
from studio.core.errors import FileFormatError, StudioError, UsageError
from studio.core.history import EditCall, LabelledEdit
from studio.core.layers import LayerId
from studio.io.delivery import Adjustments
from studio.io.images import read_mask
from studio.io.records import adjustment_json, adjustment_of
from studio.jobs.inline import ignore_message
from studio.jobs.messages import Message
from studio.lettering import LETTERINGS
from studio.plugin_api.params import ParamKind, specs
from studio.plugin_host.registry import Plugin
from studio.requests import PluginRun
from studio.retouch import RETOUCHES
from studio.session import RunReport, Session

Told = Mapping[str, object]
_STRICT = ConfigDict(extra="forbid")
_PLACE = re.compile(r"#(-?[1-9]\d{0,5})")
_OPTIONAL_LAYERS = ("above", "source")
"""Parameters that name a layer of the document or nothing; other optional ids are those of layers to be made."""


def _adjustment_told(value: object) -> object:
    """An adjustment from JSON, whose “kind” says which it is: {"kind": "threshold", "level": 90}."""
    if not isinstance(value, Mapping):
        return value
    try:
        return adjustment_of(json.dumps(value))
    except FileFormatError as error:
        raise ValueError(f"{error.message} ({error.detail.splitlines()[0] if error.detail else ''})") from error


_KindedAdjustment = typing.Annotated[
    Adjustment,
    BeforeValidator(_adjustment_told),
    PlainSerializer(lambda value: json.loads(adjustment_json(value))),
]


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `parameters` is a pydantic model or a dataclass; `call` checks JSON values against it and runs."""

    id: str
    label: str
    parameters: type
    function: Callable[[Session, typing.Any], object]

    def call(self, session: Session, told: Told) -> object:
        """Run with JSON values; what it returns is JSON values too, or None.

        Raises UsageError that names the parameter, or what the command raises.
        """
        try:
            values = TypeAdapter(self.parameters).validate_python(dict(told))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the parameters"
            raise UsageError(f"{self.id}: {where}: {first['msg']}.", "See the README.", str(error)) from error
        return self.function(session, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePath:
    """The one parameter of opening."""

    __pydantic_config__ = _STRICT

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveFile:
    """Where to write, and whether a PSD's adjustment layers stay live or are baked for every program."""

    __pydantic_config__ = _STRICT

    path: Path
    adjustments: Adjustments = Adjustments.BAKED


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlugin:
    """A plugin run as files name it. `masks` are mask files or patterns with * and ?; each becomes one picked object,
    front-most first, before those in `params`.
    """

    __pydantic_config__ = _STRICT

    plugin: str
    params: Mapping[str, object] = field(default_factory=dict[str, object])
    engine: str | None = None
    seed: int = 0
    steps: int | None = None
    masks: tuple[str, ...] = ()


@cache
def table() -> Mapping[str, Command]:
    """Every command by id."""
    own = (
        Command("open", "Open", FilePath, lambda session, told: [str(n) for n in session.open(told.path)]),
        Command("save", "Save", SaveFile, _save),
        Command("run_plugin", "Run plugin", RunPlugin, lambda session, told: asdict(run_plugin(session, told))),
    )
    changes = (*edits.EDITS.values(), *RETOUCHES.values(), *LETTERINGS.values())
    commands = (*own, *(_edit_command(edit) for edit in changes if _is_json(edit)))
    return {command.id: command for command in commands}


def _save(session: Session, told: SaveFile) -> dict[str, float]:
    return dict(session.save(told.path, told.adjustments).figures)


def get(command_id: str) -> Command:
    """Raises UsageError when there is no such command."""
    command = table().get(command_id)
    if command is None:
        raise UsageError(f"There is no command “{command_id}”.", f"Choose among {', '.join(table())}.")
    return command


def run_plugin(session: Session, told: RunPlugin, listener: Callable[[Message], None] = ignore_message) -> RunReport:
    """Read the masks and run. Raises StudioError."""
    arrays: dict[str, NDArray[np.uint8]] = {}
    picked: list[dict[str, object]] = []
    files = _mask_files(told.masks)
    for index, path in enumerate(files, 1):
        arrays[f"mask{index}"] = read_mask(path)
        picked.append({"kind": "mask", "array": f"mask{index}", "name": object_name(path, files)})
    plugin = session.registry.get(told.plugin)
    params = _with_layer_ids(session.document, plugin, told.params)
    if picked:
        name = _picks_name(plugin)
        given = params.get(name, ())
        params[name] = [*picked, *(given if isinstance(given, list | tuple) else ())]
    run = PluginRun(
        plugin=told.plugin, params=params, engine=told.engine, seed=told.seed, steps=told.steps, arrays=arrays
    )
    return session.run_plugin(run, listener)


def object_name(mask: Path, masks: list[Path]) -> str:
    """A layer name from a mask's file name: the words that tell it from its siblings; empty when there are none.

    >>> object_name(Path("still_life_mug.png"), [Path("still_life_mug.png"), Path("still_life_pear.png")])
    'Mug'
    """
    words = [path.stem.replace("-", "_").split("_") for path in masks]
    shared = 0
    while len(masks) > 1 and all(len(w) > shared + 1 and w[shared] == words[0][shared] for w in words):
        shared += 1
    name = " ".join(w for w in words[masks.index(mask)][shared:] if w).strip()
    is_plain = name.lower().startswith("mask") or not any(char.isalpha() for char in name)
    return "" if is_plain or len(masks) == 1 else name[:1].upper() + name[1:]


def _mask_files(patterns: tuple[str, ...]) -> list[Path]:
    files: list[Path] = []
    for pattern in patterns:
        path = Path(pattern)
        found = sorted(path.parent.glob(path.name)) if any(char in path.name for char in "*?[") else [path]
        if not found:
            raise StudioError(f"No mask matches {path.name}.", f"Look into the folder “{path.parent.resolve()}”.")
        files += found
    return files


def _with_layer_ids(document: Document, plugin: Plugin, told: Told) -> dict[str, object]:
    """Parameters with the ids of layers that are named by their names. Raises UsageError for none or several."""
    params = dict(told)
    for spec in specs(plugin.params_class):
        given = params.get(spec.name)
        if spec.kind is ParamKind.LAYER and isinstance(given, str) and given:
            params[spec.name] = layer_named(document, given)
        elif spec.kind in (ParamKind.OBJECTS, ParamKind.OPERATIONS) and isinstance(given, list | tuple):
            params[spec.name] = [_entry_with_id(document, entry) for entry in typing.cast("list[object]", given)]
    return params


def _entry_with_id(document: Document, entry: object) -> object:
    """One object or operation; what has another form is left to the check of the parameters."""
    if not isinstance(entry, dict):
        return entry
    told = typing.cast("dict[str, object]", entry)
    layer = told.get("layer")
    return {**told, "layer": layer_named(document, layer)} if isinstance(layer, str) and layer else told


def _picks_name(plugin: Plugin) -> str:
    for spec in specs(plugin.params_class):
        if spec.kind is ParamKind.PICKS:
            return spec.name
    raise UsageError(f"{plugin.manifest.title} takes no masks.", "Leave --mask out.")


def _parameters_of(edit: edits.Edit) -> dict[str, inspect.Parameter]:
    return {n: p for n, p in inspect.signature(edit.function).parameters.items() if n != "document"}


def _is_json(edit: edits.Edit) -> bool:
    """Whether every parameter of an edit can be written as JSON: pixels and layers cannot."""
    hints = typing.get_type_hints(edit.function)
    text = " ".join(str(hints[name]) for name in _parameters_of(edit))
    return not any(word in text for word in ("ndarray", "PixelBuffer", "Mask", "RasterLayer", "bytes", "Selection"))


def _edit_command(edit: edits.Edit) -> Command:
    """The command of an edit: its own parameters, with layers named by id or name."""
    hints = typing.get_type_hints(edit.function)
    parameters = _parameters_of(edit)
    fields: list[tuple[str, typing.Any, typing.Any]] = []
    for name, parameter in parameters.items():
        given = MISSING if parameter.default is inspect.Parameter.empty else parameter.default
        fields.append((name, _KindedAdjustment if hints[name] == Adjustment else hints[name], field(default=given)))
    model = make_dataclass(edit.id, fields, frozen=True, kw_only=True, namespace={"__pydantic_config__": _STRICT})

    def function(session: Session, told: object) -> None:
        document = session.document
        values = {name: _resolved(document, name, hints[name], getattr(told, name)) for name in parameters}
        call = EditCall(edit.id, values)
        session.history.apply(LabelledEdit(edit.label, lambda document: edit.function(document, **values), (call,)))

    return Command(edit.id, edit.label, model, function)


def _resolved(document: Document, name: str, hint: object, value: object) -> object:
    """Layer ids in place of layer names, in single values and in sequences; ids of layers to be made stay."""
    if isinstance(value, str) and (hint is LayerId or (hint == LayerId | None and name in _OPTIONAL_LAYERS)):
        return layer_named(document, value)
    if "LayerId" in str(hint) and isinstance(value, list | tuple):
        return [layer_named(document, item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        inner = typing.get_type_hints(type(value))
        names = [name for name, kind in inner.items() if kind in (LayerId, LayerId | None)]
        told = {name: getattr(value, name) for name in names}
        return replace(value, **{name: layer_named(document, item) for name, item in told.items() if item is not None})
    return value


def layer_named(document: Document, told: str) -> LayerId:
    """The layer with this id, or the only one with this name, or the one at a place such as “#2”.

    Places count from the bottom, groups before their layers; “#-1” is the last. Raises UsageError for none or several.
    """
    if (layer := document.find(LayerId(told))) is not None:
        return layer.id
    found = [layer for layer in document.walk() if layer.name == told]
    if not found and (place := _PLACE.fullmatch(told)) is not None:
        layers, number = tuple(document.walk()), int(place[1])
        if 1 <= abs(number) <= len(layers):
            return layers[number - 1 if number > 0 else number].id
    if not found:
        names = ", ".join(f"“{layer.name}”" for layer in document.walk())
        raise UsageError(f"There is no layer “{told}”.", f"The layers are {names or 'none'}.")
    if len(found) > 1:
        raise UsageError(f"{len(found)} layers are called “{told}”.", "Give them different names, or use the id.")
    return found[0].id
