"""What tools share: what the user set for each of them, the colours, and what is painted on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from studio.core.events import Event, Subscription
from studio.ui.canvas.options import Options, Table
from studio.ui.canvas.paints import PaintColors, Paints, PaintTarget
from studio.ui.canvas.tools.background import BackgroundEdits

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


class ToolKit:
    """Every tool is made with one. `changed` tells that something that is kept did.

    Args:
        kept: what was set in earlier runs, by tool and option.
    """

    def __init__(self, kept: Mapping[str, Table] | None = None) -> None:
        self._kept: dict[str, Table] = dict(kept or {})
        self._options: dict[str, Options[DataclassInstance]] = {}
        self._held: list[Subscription] = []
        self.changed: Event[str] = Event("kit.changed", str)
        self.colors = PaintColors(self.options("colors", Paints()))
        self.target = PaintTarget()
        self.work = BackgroundEdits()
        """The edits that tools leave to be done beside the window, one after the other."""

    def options(self, name: str, default: T) -> Options[T]:
        """What is set under a name; all that ask for it share it. `default` is what is set at first."""
        found = self._options.get(name)
        if found is None:
            made = Options(default, self._kept.get(name, {}))
            found = self._options[name] = cast("Options[DataclassInstance]", made)
            self._held.append(made.changed.connect(lambda _: self.changed.emit(name)))
        return cast("Options[T]", found)

    def kept(self, prefix: str) -> dict[str, Table]:
        """What is kept under names that begin so, by the rest of the name."""
        return {name.removeprefix(prefix): table for name, table in self._kept.items() if name.startswith(prefix)}

    def keep(self, name: str, table: Table | None) -> None:
        """Keep something under a name; None forgets it."""
        if table is None:
            self._kept.pop(name, None)
        else:
            self._kept[name] = table
        self.changed.emit(name)

    @property
    def table(self) -> dict[str, Table]:
        """All that is kept, for the settings; what no tool asked for stays as it was."""
        return self._kept | {name: options.table for name, options in self._options.items()}
