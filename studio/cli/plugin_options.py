"""From a plugin's parameter specification to command-line options and back."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from studio.core.errors import StudioError, UsageError
from studio.plugin_api.params import ParamKind, ParamSpec, PixelSize

BOX_HELP = "A box around one object: left,top,width,height in pixels. May be given several times."
POINT_HELP = "A pixel on one object: x,y. May be given several times."
MASK_HELP = "A mask file, white on the object. May be given several times, front-most first."
_LISTS = (ParamKind.REGIONS, ParamKind.OBJECTS, ParamKind.OPERATIONS, ParamKind.SCENES)
_METAVARS = {
    ParamKind.SIZE: "WxH",
    ParamKind.FILE: "FILE",
    ParamKind.LAYER: "LAYER",
    ParamKind.PLACES: "X,Y,W,H",
    **dict.fromkeys(_LISTS, "FILE.json"),
}


def option_parameters(specs: Sequence[ParamSpec]) -> list[inspect.Parameter]:
    """Keyword parameters that typer turns into one option each; objects to pick become --mask, --box and --point.

    What is a list in a file (regions, objects, operations, scenes) is given as a JSON file, or as JSON itself.
    """
    parameters: list[inspect.Parameter] = []
    for spec in specs:
        if spec.kind is ParamKind.PICKS:
            parameters += [
                _parameter("mask", list[Path], None, typer.Option("--mask", help=MASK_HELP, metavar="FILE")),
                _parameter("box", list[str], None, typer.Option("--box", help=BOX_HELP, metavar="X,Y,W,H")),
                _parameter("point", list[str], None, typer.Option("--point", help=POINT_HELP, metavar="X,Y")),
            ]
        else:
            parameters.append(_parameter(spec.name, _type_of(spec), _default_of(spec), _option(spec)))
    return parameters


def parameter_values(specs: Sequence[ParamSpec], given: Mapping[str, object]) -> dict[str, object]:
    """JSON values of the plugin's parameters from what typer parsed; masks are left to `mask_files`.

    Raises UsageError for a value of another form, StudioError for a file that cannot be read.
    """
    values: dict[str, object] = {}
    for spec in specs:
        if spec.kind is ParamKind.PICKS:
            values[spec.name] = [*map(_box, _texts(given["box"])), *map(_point, _texts(given["point"]))]
        elif (value := _value(spec, given[spec.name])) is not None:
            values[spec.name] = value
    return values


def mask_files(specs: Sequence[ParamSpec], given: Mapping[str, object]) -> tuple[str, ...]:
    """The mask files of a plugin whose objects are picked; another plugin may have a `mask` of its own."""
    if all(spec.kind is not ParamKind.PICKS for spec in specs):
        return ()
    return tuple(_texts(given["mask"]))


def _value(spec: ParamSpec, given: object) -> object:
    """The JSON value of one option; None leaves the default."""
    if spec.kind is ParamKind.CHOICE:
        return str(given)
    if given is None or spec.kind not in _METAVARS:
        return given
    option, text = _flag(spec), str(given)
    if spec.kind is ParamKind.SIZE:
        width, height = _numbers(text.replace("x", ","), 2, option, "512x512")
        return {"width": width, "height": height}
    if spec.kind in _LISTS or (spec.kind is ParamKind.PLACES and not text[:1].isdigit() and text[:1] != "-"):
        return _json(text, option)
    if spec.kind is ParamKind.PLACES:
        x, y, width, height = _numbers(text, 4, option, "40,60,200,180")
        return {"places": [{"box": {"x": x, "y": y, "width": width, "height": height}, "score": 0}], "chosen": 0}
    return text


def _json(text: str, option: str) -> object:
    """What a JSON file holds, or the text itself when it is JSON."""
    told = text
    if not text.lstrip().startswith(("[", "{")):
        path = Path(text)
        try:
            told = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise StudioError(f"Could not read {path.name}: {error}.", f"Give a JSON file with {option}.") from error
    try:
        return json.loads(told)
    except ValueError as error:
        raise UsageError(f"What {option} names is not JSON: {error}.", "See --schema for its form.") from error


def _parameter(name: str, annotation: object, default: object, option: object) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[annotation, option]
    )


def _flag(spec: ParamSpec) -> str:
    return f"--{spec.name.replace('_', '-')}"


def _option(spec: ParamSpec) -> object:
    flag = _flag(spec)
    flags = f"{flag}/--no-{flag[2:]}" if spec.kind is ParamKind.SWITCH else flag
    if spec.kind in _METAVARS:
        shown = f" Default: {_size_text(spec.default)}." if isinstance(spec.default, PixelSize) else ""
        return typer.Option(flags, help=f"{spec.help}{shown}", metavar=_METAVARS[spec.kind])
    if spec.minimum is None:
        return typer.Option(flags, help=spec.help)
    return typer.Option(flags, help=spec.help, min=spec.minimum, max=spec.maximum)


def _default_of(spec: ParamSpec) -> object:
    return None if spec.kind in _METAVARS else spec.default


def _size_text(size: PixelSize) -> str:
    return f"{size.width}x{size.height}"


def _type_of(spec: ParamSpec) -> object:
    if spec.kind is ParamKind.CHOICE:
        return StrEnum(spec.name, {choice: choice for choice in spec.choices})
    if spec.kind in _METAVARS:
        return str | None
    return {ParamKind.NUMBER: float, ParamKind.INTEGER: int, ParamKind.SWITCH: bool}.get(spec.kind, str)


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _numbers(text: str, count: int, option: str, example: str) -> list[int]:
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != count:
        raise UsageError(f"{option} {text} is not {count} whole numbers.", f"Write it like {option} {example}.")
    return numbers


def _box(text: str) -> dict[str, object]:
    x, y, width, height = _numbers(text, 4, "--box", "40,60,200,180")
    if width <= 0 or height <= 0:
        raise UsageError(f"--box {text} has no area.", "Width and height must be at least 1.")
    return {"kind": "box", "x": x, "y": y, "width": width, "height": height}


def _point(text: str) -> dict[str, object]:
    x, y = _numbers(text, 2, "--point", "320,240")
    return {"kind": "point", "x": x, "y": y}
