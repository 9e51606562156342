"""Frozen dataclasses to JSON text and back, checked against their annotations."""

from __future__ import annotations

import json
import types
import typing
from dataclasses import MISSING, asdict, fields, is_dataclass
from enum import StrEnum
from typing import TypeVar

from studio.core.errors import FileFormatError

T = TypeVar("T")


def encode(value: object, version: int) -> str:
    """A dataclass instance as JSON text, its fields in order after the version."""
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"{value!r} is not a dataclass instance")
    return json.dumps({"version": version, **asdict(value)}, indent=1)


def decode(kind: type[T], text: str, version: int, what: str) -> T:
    """What `encode` wrote. `what` names it in errors, for instance "a scene".

    Raises FileFormatError for another version, for text that is not such JSON, and for fields that are missing,
    unknown or of another type.
    """
    try:
        data = json.loads(text)
        found = data.pop("version")
        if found != version:
            raise FileFormatError(f"This is {what} of format version {found!r}; this program reads version {version}.")
        return _value(kind, data)  # pyright: ignore[reportReturnType]  the check is in _value
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise FileFormatError(
            f"The text is not {what} of the practice world.",
            "Give the JSON that `lamina synth` writes.",
            f"{type(fault).__name__}: {fault}",
        ) from fault


def _value(kind: object, data: object) -> object:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        if data is None and types.NoneType in arguments:
            return None
        return _value(next(option for option in arguments if option is not types.NoneType), data)
    if origin is tuple:
        return _tuple(arguments, data)
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass(kind, data)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(data)
    if kind is float and isinstance(data, int | float) and not isinstance(data, bool):
        return float(data)
    if isinstance(kind, type) and type(data) is kind:
        return data
    raise TypeError(f"{data!r} is not {kind}")


def _tuple(arguments: tuple[object, ...], data: object) -> tuple[object, ...]:
    if not isinstance(data, list):
        raise TypeError(f"{data!r} is not a list")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_value(arguments[0], item) for item in data)
    return tuple(_value(kind, item) for kind, item in zip(arguments, data, strict=True))


def _dataclass(kind: type, data: object) -> object:
    if not isinstance(data, dict):
        raise TypeError(f"{data!r} is not an object")
    hints = typing.get_type_hints(kind)
    known = {field.name: field for field in fields(kind)}
    if unknown := set(data) - set(known):
        raise KeyError(f"unknown fields {sorted(unknown)}")
    missing = [n for n, f in known.items() if n not in data and f.default is MISSING and f.default_factory is MISSING]
    if missing:
        raise KeyError(f"missing fields {missing}")
    return kind(**{name: _value(hints[name], item) for name, item in data.items()})
