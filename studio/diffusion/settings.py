"""Reading what models and schedulers say about themselves: diffusers' `config`, with types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar, cast

from studio.core.errors import StudioError

Value = TypeVar("Value")


class Configured(Protocol):
    """Anything with diffusers' ConfigMixin."""

    @property
    def config(self) -> Mapping[str, object]: ...


def setting(owner: Configured, name: str, default: Value) -> Value:
    """A setting, or `default` when it is missing or None.

    Raises StudioError when it is of another kind than `default`.
    """
    value = owner.config.get(name)
    if value is None:
        return default
    if isinstance(default, float) and isinstance(value, int):
        value = float(value)
    if isinstance(default, tuple) and isinstance(value, list):
        value = tuple(value)
    if not isinstance(value, type(default)):
        raise StudioError(
            f"The setting {name} of {type(owner).__name__} is {value!r}.",
            "The model's configuration may be damaged: install the model once more.",
        )
    return cast("Value", value)
