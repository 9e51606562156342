"""Plugin parameters: one frozen dataclass whose fields say how to ask for them.

From it the window builds its form, the command line its options, and `--schema` a JSON schema. A plugin that wants a
drawing on the canvas asks for it by the field's kind: `picks` is a list of masks, boxes and points that mark objects,
`regions`, `objects`, `operations`, `places` and `scenes` hold the values of `studio.plugin_api.interactions`.

What no single field can say, such as "mark an object first", a class says in `check`:

    def check(self) -> Mapping[str, str]:
        return {} if self.objects else {"objects": "Mark an object first."}
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, ClassVar, Literal, Protocol, TypeAlias, TypeVar, cast

from pydantic import Field, TypeAdapter, ValidationError

from studio.core.errors import UsageError
from studio.plugin_api.interactions import Candidates, ObjectList, Operations, Regions, Scenes

_METADATA = "lamina"
_COLOR = re.compile("#[0-9a-fA-F]{6}")
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


LayerRef: TypeAlias = str
"""The id of a layer that the plugin may see; empty for none."""

PictureFile: TypeAlias = str
"""The path of a picture; empty for none. Its pixels come with the request, as the array of the parameter's name."""


@dataclass(frozen=True, slots=True)
class PixelSize:
    """Width and height in pixels."""

    width: int
    height: int


class ParamKind(StrEnum):
    """How a parameter is asked for."""

    NUMBER = "number"
    INTEGER = "integer"
    SWITCH = "switch"
    CHOICE = "choice"
    TEXT = "text"
    PROMPT = "prompt"
    SIZE = "size"
    FILE = "file"
    LAYER = "layer"
    PICKS = "picks"
    REGIONS = "regions"
    OBJECTS = "objects"
    OPERATIONS = "operations"
    PLACES = "places"
    SCENES = "scenes"


class LayerFilter(StrEnum):
    """Which layers may be chosen."""

    ANY = "any"
    PIXELS = "pixels"
    GROUP = "group"
    MASKED = "masked"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamSpec:
    """One parameter as the window and the command line see it.

    `minimum` and `maximum` are inclusive, in `unit`; of a size they limit both sides, of scenes each one's frames.
    `fine` gives small values more room on a slider.
    """

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
    layers: LayerFilter = LayerFilter.ANY
    advanced: bool = False
    fine: bool = False


class ParamsClass(Protocol):
    """A frozen dataclass with a version. It may have two methods of its own: `migrate(told, from_version)` turns older
    JSON into today's, and `check()` says what keeps its values from being run.
    """

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
    fine: bool = False,
) -> float:
    """A float between two inclusive limits; with `fine` a slider gives small values more room."""
    limits: JsonObject = {"minimum": minimum, "maximum": maximum, "step": step, "unit": unit}
    return _field(ParamKind.NUMBER, default, label, help, **limits, advanced=advanced, fine=fine)


def integer(
    default: int,
    minimum: int,
    maximum: int,
    *,
    label: str,
    help: str,
    unit: str = "",
    advanced: bool = False,
    fine: bool = False,
) -> int:
    """A whole number between two inclusive limits; with `fine` a slider gives small values more room."""
    limits: JsonObject = {"minimum": minimum, "maximum": maximum, "step": 1, "unit": unit}
    return _field(ParamKind.INTEGER, default, label, help, **limits, advanced=advanced, fine=fine)


def switch(default: bool, *, label: str, help: str, advanced: bool = False) -> bool:
    """On or off."""
    return _field(ParamKind.SWITCH, default, label, help, advanced=advanced)


def choice(default: E, *, label: str, help: str, advanced: bool = False) -> E:
    """One member of the default's enumeration."""
    choices = tuple(str(member) for member in type(default))
    return _field(ParamKind.CHOICE, default, label, help, choices=choices, advanced=advanced)


def text(default: str = "", *, label: str, help: str, advanced: bool = False) -> str:
    """Free text in one line, such as a name."""
    return _field(ParamKind.TEXT, default, label, help, advanced=advanced)


def prompt(default: str = "", *, label: str, help: str, advanced: bool = False) -> str:
    """Words for a model, in as many lines as they need."""
    return _field(ParamKind.PROMPT, default, label, help, advanced=advanced)


def size(
    default: PixelSize, minimum: int, maximum: int, *, label: str, help: str, step: int = 1, advanced: bool = False
) -> PixelSize:
    """Width and height, each between two inclusive limits and a multiple of `step`."""
    limits: JsonObject = {"minimum": minimum, "maximum": maximum, "step": step, "unit": "px", "advanced": advanced}
    return _field(ParamKind.SIZE, default, label, help, **limits)


def picture_file(*, label: str, help: str, advanced: bool = False) -> PictureFile:
    """A picture from a file; the plugin gets its pixels with `ctx.array(NAME)`, (H, W, 4) straight RGBA."""
    return _field(ParamKind.FILE, "", label, help, advanced=advanced)


def layer(kind: LayerFilter | str = LayerFilter.ANY, *, label: str, help: str, advanced: bool = False) -> LayerRef:
    """A layer of the document, of one kind; the plugin gets it with `ctx.layer(params.NAME)`."""
    return _field(ParamKind.LAYER, "", label, help, layers=LayerFilter(kind), advanced=advanced)


def picks(*, label: str, help: str) -> Picks:
    """Objects marked by mask, box or point; the field's type is `Picks`."""
    return _field(ParamKind.PICKS, (), label, help)


def regions(default: Regions = (), *, label: str, help: str) -> Regions:
    """Labelled boxes on the canvas."""
    return _field(ParamKind.REGIONS, default, label, help)


def objects(default: ObjectList = (), *, label: str, help: str) -> ObjectList:
    """Objects with a box, a phrase and a colour."""
    return _field(ParamKind.OBJECTS, default, label, help)


def operations(*, label: str, help: str) -> Operations:
    """What shall be done with which layer: placed, resized, copied, mirrored, removed."""
    return _field(ParamKind.OPERATIONS, (), label, help)


def places(*, label: str, help: str) -> Candidates:
    """A place out of several. While none is chosen a run may answer with `Results.suggestions` under this name."""
    return _field(ParamKind.PLACES, Candidates(), label, help)


def scenes(default: Scenes = (), *, minimum: int = 1, maximum: int = 240, label: str, help: str) -> Scenes:
    """Scenes of a sequence, each with a caption and a number of frames between two inclusive limits."""
    return _field(ParamKind.SCENES, default, label, help, minimum=minimum, maximum=maximum, step=1, unit="frames")


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
    """Check limits and what each kind asks for; not what the class's own `check` says. Raises UsageError."""
    for spec in specs(type(params)):
        if told := _fault(spec, getattr(params, spec.name)):
            raise UsageError(f"The parameter “{spec.name}” {told}.", _allowed(type(params), spec.name))


def problems(params: ParamsClass) -> Mapping[str, str]:
    """What keeps these parameters from being run: a sentence by the name of the parameter at fault."""
    found = {
        spec.name: _allowed(type(params), spec.name)
        for spec in specs(type(params))
        if _fault(spec, getattr(params, spec.name))
    }
    check = getattr(params, "check", None)
    own = cast("Mapping[str, str]", check()) if callable(check) else dict[str, str]()
    return {**own, **found}


def _fault(spec: ParamSpec, value: typing.Any) -> str:
    """What is wrong with a value of the right type, as the end of a sentence; empty when nothing is."""
    low, high = spec.minimum or 0.0, math.inf if spec.maximum is None else spec.maximum
    match spec.kind:
        case ParamKind.NUMBER | ParamKind.INTEGER:
            return "" if low <= value <= high else f"is {value}"  # NaN fails this too
        case ParamKind.SIZE:
            sides = (value.width, value.height)
            fits = all(low <= side <= high and side % (spec.step or 1) == 0 for side in sides)
            return "" if fits else f"is {value.width} x {value.height} px"
        case ParamKind.OBJECTS if odd := [entry.color for entry in value if not _COLOR.fullmatch(entry.color)]:
            return f"has the colour “{odd[0]}”, which is not written as #rrggbb"
        case ParamKind.REGIONS | ParamKind.OBJECTS:
            empty = [number for number, entry in enumerate(value, 1) if entry.box.rect.is_empty]
            return f"has a box without area at number {empty[0]}" if empty else ""
        case ParamKind.OPERATIONS:
            empty = [number for number, entry in enumerate(value, 1) if entry.source.rect.is_empty]
            return f"has an object without area at number {empty[0]}" if empty else ""
        case ParamKind.PLACES:
            known = value.chosen is None or 0 <= value.chosen < len(value.places)
            return "" if known else f"names place {value.chosen}, which is not there"
        case ParamKind.SCENES:
            wrong = [number for number, card in enumerate(value, 1) if not low <= card.frames <= high]
            return f"has a scene of {value[wrong[0] - 1].frames} frames" if wrong else ""
        case _:
            return ""


def _allowed(params_class: type[ParamsClass], name: str) -> str:
    spec = next((s for s in specs(params_class) if s.name == name.split(".")[0]), None)
    if spec is None:
        return "See --schema for what is allowed."
    if spec.choices:
        return f"Choose among {', '.join(spec.choices)}."
    if spec.minimum is not None:
        unit = f" {spec.unit}" if spec.unit else ""
        each = " for each side" if spec.kind is ParamKind.SIZE else ""
        multiple = f", in multiples of {spec.step:g}" if spec.kind is ParamKind.SIZE and (spec.step or 1) > 1 else ""
        return f"Give a value from {spec.minimum:g} to {spec.maximum:g}{unit}{each}{multiple}."
    return spec.help


def json_schema(params_class: type[ParamsClass]) -> JsonObject:
    """The JSON schema of the parameters, with limits, labels and help texts."""
    schema = _adapter(params_class).json_schema()
    schema["title"] = "Parameters"
    properties: dict[str, JsonObject] = schema["properties"]
    for spec in specs(params_class):
        entry = properties[spec.name]
        entry["title"], entry["description"] = spec.label, spec.help
        if spec.kind in (ParamKind.NUMBER, ParamKind.INTEGER):
            entry["minimum"], entry["maximum"] = spec.minimum, spec.maximum
        elif spec.minimum is not None:
            entry["x-limits"] = {"minimum": spec.minimum, "maximum": spec.maximum, "step": spec.step}
        entry["x-kind"] = str(spec.kind)
    return schema
