"""The seam to typer's types, which it keeps in a private package."""

from __future__ import annotations

from typing import cast

import typer
from typer.core import TyperCommand, TyperGroup


def as_command(app: typer.Typer) -> TyperCommand | TyperGroup:
    """The command that a typer app describes, ready to be a subcommand of another."""
    return cast("TyperCommand | TyperGroup", typer.main.get_command(app))
