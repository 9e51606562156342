"""What tools share: what the user set for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from studio.core.events import Event, Subscription
from studio.ui.canvas.options import Options, Table

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


class ToolKit:
    """Every tool is made with one. `changed` tells that some tool's options did.

    Args:
        kept: what was set in earlier runs, by tool and option.
    """

    def __init__(self, kept: Mapping[str, Table] | None = None) -> None:
        self._kept: dict[str, Table] = dict(kept or {})
        self._options: dict[str, Options[DataclassInstance]] = {}
        self._held: list[Subscription] = []
        self.changed: Event[str] = Event("kit.changed", str)

    def options(self, name: str, default: T) -> Options[T]:
        """What is set under a name; all that ask for it share it. `default` is what is set at first."""
        found = self._options.get(name)
        if found is None:
            made = Options(default, self._kept.get(name, {}))
            found = self._options[name] = cast("Options[DataclassInstance]", made)
            self._held.append(made.changed.connect(lambda _: self.changed.emit(name)))
        return cast("Options[T]", found)

    @property
    def table(self) -> dict[str, Table]:
        """All that is set, for the settings; what no tool asked for stays as it was kept."""
        return self._kept | {name: options.table for name, options in self._options.items()}
