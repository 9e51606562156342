"""Plugin parameters: one frozen dataclass whose fields say how to ask for them.

From it the window builds its form, the command line its options, and `--schema` a JSON schema. A plugin that wants a
drawing on the canvas asks for it by the field's type: `Picks` is a list of masks, boxes and points that mark objects.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, ClassVar, Literal, Protocol, TypeAlias, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from studio.core.errors import UsageError

_METADATA = "lamina"
JsonObject: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskPick:
    """An object given by its mask: `array` names a (H, W) uint8 array of the request; 128 and up is object."""

    kind: Literal["mask"] = "mask"
    array: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxPick:
    """An object somewhere inside a box, in canvas pixels."""

    kind: Literal["box"] = "box"
    x: int
    y: int
    width: int
    height: int
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointPick:
    """The object under a canvas pixel."""

    kind: Literal["point"] = "point"
    x: int
    y: int
    name: str = ""


Pick: TypeAlias = Annotated[MaskPick | BoxPick | PointPick, Field(discriminator="kind")]
Picks: TypeAlias = tuple[Pick, ...]
"""Objects marked by the user, front-most first."""


class ParamKind(StrEnum):
    """How a parameter is asked for."""

    NUMBER = "number"
    INTEGER = "integer"
    SWITCH = "switch"
    CHOICE = "choice"
    TEXT = "text"
    PICKS = "picks"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamSpec:
    """One parameter as the window and the command line see it. `minimum` and `maximum` are inclusive, in `unit`."""

    name: str
    kind: ParamKind
    label: str
    help: str
    default: object
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    advanced: bool = False


class ParamsClass(Protocol):
    """A frozen dataclass with a version; `migrate` beside it turns older JSON into today's."""

    version: ClassVar[int]
    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[object]]]


P = TypeVar("P", bound=ParamsClass)
E = TypeVar("E", bound=StrEnum)


def _field(kind: ParamKind, default: object, label: str, help: str, **more: object) -> typing.Any:
    """A dataclass field; its static type is the value's, as with dataclasses.field."""
    if not label or not help:
        raise ValueError("A parameter needs a label and a help text.")
    return dataclasses.field(
        default=default, metadata={_METADATA: {"kind": kind, "label": label, "help": help, **more}}
    )


def number(
    default: float,
    minimum: float,
    maximum: float,
    *,
    label: str,
    help: str,
    step: float = 0.01,
    unit: str = "",
    advanced: bool = False,
) -> float:
    """A float between two inclusive limits."""
    limits: JsonObject = {"minimum": minimum, "maximum": maximum, "step": step, "unit": unit, "advanced": advanced}
    return _field(ParamKind.NUMBER, default, label, help, **limits)


def integer(
    default: int, minimum: int, maximum: int, *, label: str, help: str, unit: str = "", advanced: bool = False
) -> int:
    """A whole number between two inclusive limits."""
    limits: JsonObject = {"minimum": minimum, "maximum": maximum, "step": 1, "unit": unit, "advanced": advanced}
    return _field(ParamKind.INTEGER, default, label, help, **limits)


def switch(default: bool, *, label: str, help: str, advanced: bool = False) -> bool:
    """On or off."""
    return _field(ParamKind.SWITCH, default, label, help, advanced=advanced)


def choice(default: E, *, label: str, help: str, advanced: bool = False) -> E:
    """One member of the default's enumeration."""
    choices = tuple(str(member) for member in type(default))
    return _field(ParamKind.CHOICE, default, label, help, choices=choices, advanced=advanced)


def text(default: str = "", *, label: str, help: str) -> str:
    """Free text, such as a prompt."""
    return _field(ParamKind.TEXT, default, label, help)


def picks(*, label: str, help: str) -> Picks:
    """Objects marked by mask, box or point; the field's type is `Picks`."""
    return _field(ParamKind.PICKS, (), label, help)


def specs(params_class: type[ParamsClass]) -> tuple[ParamSpec, ...]:
    """The parameters of a class in the order they were written."""
    found: list[ParamSpec] = []
    for entry in params_class.__dataclass_fields__.values():
        told: Mapping[str, typing.Any] | None = entry.metadata.get(_METADATA)
        if told is not None:
            found.append(ParamSpec(name=entry.name, default=entry.default, **told))
    return tuple(found)


@cache
def _adapter(params_class: type[ParamsClass]) -> TypeAdapter[ParamsClass]:
    return TypeAdapter(params_class)


def to_json(params: ParamsClass) -> str:
    """JSON text with the class's version in `version`; keys in field order, so equal parameters give equal text."""
    values = _adapter(type(params)).dump_python(params, mode="json")
    return json.dumps({"version": type(params).version, **values}, ensure_ascii=False)


def from_json(params_class: type[P], told: Mapping[str, object]) -> P:
    """Build and check parameters; older versions go through the class's `migrate(told, from_version)` first.

    Raises UsageError that names the parameter, its value and what is allowed.
    """
    values = dict(told)
    version = values.pop("version", params_class.version)
    if not isinstance(version, int) or version > params_class.version:
        raise UsageError(
            "These settings were made by a newer version of the plugin.", "Update Lamina, or reset the settings."
        )
    if version < params_class.version:
        migrate = getattr(params_class, "migrate", None)
        values = dict(migrate(values, version)) if migrate else values
    names = {spec.name for spec in specs(params_class)}
    if unknown := sorted(set(values) - names):
        raise UsageError(f"There is no parameter “{unknown[0]}”.", f"Choose among {', '.join(sorted(names))}.")
    try:
        params = typing.cast("P", _adapter(params_class).validate_python(values))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"The parameter “{where}” is wrong: {first['msg']}.", _allowed(params_class, where), str(error)
        ) from error
    validate(params)
    return params


def validate(params: ParamsClass) -> None:
    """Check the inclusive limits. Raises UsageError."""
    for spec in specs(type(params)):
        value = getattr(params, spec.name)
        if spec.kind not in (ParamKind.NUMBER, ParamKind.INTEGER):
            continue
        assert spec.minimum is not None
        assert spec.maximum is not None
        if not spec.minimum <= value <= spec.maximum:  # NaN fails this too
            raise UsageError(f"The parameter “{spec.name}” is {value}.", _allowed(type(params), spec.name))


def _allowed(params_class: type[ParamsClass], name: str) -> str:
    spec = next((s for s in specs(params_class) if s.name == name.split(".")[0]), None)
    if spec is None:
        return "See --schema for what is allowed."
    if spec.choices:
        return f"Choose among {', '.join(spec.choices)}."
    if spec.minimum is not None:
        return f"Give a value from {spec.minimum:g} to {spec.maximum:g}{' ' + spec.unit if spec.unit else ''}."
    return spec.help


def json_schema(params_class: type[ParamsClass]) -> JsonObject:
    """The JSON schema of the parameters, with limits, labels and help texts."""
    schema = _adapter(params_class).json_schema()
    schema["title"] = "Parameters"
    properties: dict[str, JsonObject] = schema["properties"]
    for spec in specs(params_class):
        entry = properties[spec.name]
        entry["title"], entry["description"] = spec.label, spec.help
        if spec.minimum is not None:
            entry["minimum"], entry["maximum"] = spec.minimum, spec.maximum
    return schema
