"""What the user set for a tool: a frozen dataclass that tells of changes and is kept between runs as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from studio.core.events import Event

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
Table = Mapping[str, object]
"""Options by name as TOML holds them: numbers, words, switches, lists of these."""


class Options(Generic[T]):
    """`now` is what is set; `changed` brings it after every change.

    Fields are numbers, words, switches, enums and tuples of these. A class that raises ValueError for values out of
    range gets its defaults instead of what a settings file says.

    Args:
        told: what was kept; what is missing or of another type has the default.
    """

    def __init__(self, default: T, told: Table) -> None:
        assert is_dataclass(default)
        self.now: T = read(default, told)
        self.changed: Event[T] = Event("options.changed", type(default))

    def change(self, **values: object) -> None:
        """Set some of the fields; nothing is told when nothing changes."""
        new = replace(self.now, **values)
        if new != self.now:
            self.now = new
            self.changed.emit(new)

    @property
    def table(self) -> dict[str, object]:
        """All fields as plain values."""
        return {name: _plain(value) for name, value in asdict(self.now).items()}


def read(default: T, told: Table) -> T:
    """The default with what `told` says where that fits."""
    values: dict[str, object] = {}
    for field in fields(default):
        if field.name in told:
            fit = _fitted(getattr(default, field.name), told[field.name])
            if fit is not None:
                values[field.name] = fit
    try:
        return replace(default, **values)
    except ValueError:
        return default


def _fitted(default: object, value: object) -> object:
    """The value in the type of the default; None when it does not fit."""
    if isinstance(default, Enum):
        known: dict[object, object] = {member.value: member for member in type(default)}
        return known.get(value) if isinstance(value, str | int) else None
    if isinstance(default, float) and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(default, tuple) and isinstance(value, list):
        items = [_tupled(item) for item in cast("list[object]", value)]
        kinds = {type(item) for item in cast("tuple[object, ...]", default)}
        fits = not kinds or all(type(item) in kinds for item in items)
        return tuple(items) if fits else None
    return value if type(value) is type(default) else None


def _tupled(value: object) -> object:
    """Lists in lists, as TOML holds tuples in tuples."""
    return tuple(_tupled(item) for item in cast("list[object]", value)) if isinstance(value, list) else value


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    return [_plain(item) for item in cast("tuple[object, ...]", value)] if isinstance(value, tuple) else value
