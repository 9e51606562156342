"""What a step of a macro does, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from studio import commands
from studio.commands import Told
from studio.core import adjustments, filters
from studio.core.errors import StudioError
from studio.io.records import adjustment_of
from studio.ui.text import say_edit


def step_title(step: Told) -> str:
    """What the history would call it."""
    name = str(step.get("command", ""))
    if name == "apply_filter":
        return say_edit(filters.LABELS.get(_kind(step.get("filter")), "Filter"))
    if name in ("apply_adjustment", "add_adjustment"):
        return say_edit(_adjustment(step.get("adjustment")))
    if name == "run_plugin":
        return str(step.get("plugin", name))
    command = commands.table().get(name)
    return name if command is None else say_edit(command.label)


def step_values(step: Told) -> str:
    """Its values, one a line."""
    told = {key: value for key, value in step.items() if key != "command"}
    return "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in told.items())


def _kind(told: object) -> str:
    return str(cast("Mapping[str, object]", told).get("kind", "")) if isinstance(told, Mapping) else ""


def _adjustment(told: object) -> str:
    try:
        return adjustments.LABELS[type(adjustment_of(json.dumps(told)))]
    except StudioError:  # the recipe was written by hand; playing it says what is wrong
        return "Adjust layer"
