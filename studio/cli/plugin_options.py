"""From a plugin's parameter specification to command-line options and back."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from studio.core.errors import UsageError
from studio.plugin_api.params import ParamKind, ParamSpec

BOX_HELP = "A box around one object: left,top,width,height in pixels. May be given several times."
POINT_HELP = "A pixel on one object: x,y. May be given several times."
MASK_HELP = "A mask file, white on the object. May be given several times, front-most first."


def option_parameters(specs: Sequence[ParamSpec]) -> list[inspect.Parameter]:
    """Keyword parameters that typer turns into one option each; objects to pick become --mask, --box and --point."""
    parameters: list[inspect.Parameter] = []
    for spec in specs:
        if spec.kind is ParamKind.PICKS:
            parameters += [
                _parameter("mask", list[Path], None, typer.Option("--mask", help=MASK_HELP, metavar="FILE")),
                _parameter("box", list[str], None, typer.Option("--box", help=BOX_HELP, metavar="X,Y,W,H")),
                _parameter("point", list[str], None, typer.Option("--point", help=POINT_HELP, metavar="X,Y")),
            ]
        else:
            parameters.append(_parameter(spec.name, _type_of(spec), spec.default, _option(spec)))
    return parameters


def parameter_values(specs: Sequence[ParamSpec], given: Mapping[str, object]) -> dict[str, object]:
    """JSON values of the plugin's parameters from what typer parsed; masks are left to `mask_files`."""
    values: dict[str, object] = {}
    for spec in specs:
        if spec.kind is ParamKind.PICKS:
            values[spec.name] = [*map(_box, _texts(given["box"])), *map(_point, _texts(given["point"]))]
        else:
            value = given[spec.name]
            values[spec.name] = str(value) if spec.kind is ParamKind.CHOICE else value
    return values


def _parameter(name: str, annotation: object, default: object, option: object) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[annotation, option]
    )


def _option(spec: ParamSpec) -> object:
    name = spec.name.replace("_", "-")
    flags = f"--{name}/--no-{name}" if spec.kind is ParamKind.SWITCH else f"--{name}"
    if spec.minimum is None:
        return typer.Option(flags, help=spec.help)
    return typer.Option(flags, help=spec.help, min=spec.minimum, max=spec.maximum)


def _type_of(spec: ParamSpec) -> object:
    if spec.kind is ParamKind.CHOICE:
        return StrEnum(spec.name, {choice: choice for choice in spec.choices})
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
