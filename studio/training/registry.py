"""The shared recipes, by name; imported when one is used."""

from __future__ import annotations

import importlib
from typing import cast

from studio.core.errors import UsageError
from studio.training.names import RECIPES
from studio.training.recipe import Recipe


def recipe(name: str) -> Recipe:
    """A shared recipe. Raises UsageError for an unknown name."""
    if name not in RECIPES:
        raise UsageError(f"There is no recipe “{name}”.", f"Choose among {', '.join(RECIPES)}.")
    module, _, attribute = RECIPES[name].partition(":")
    return cast("Recipe", getattr(importlib.import_module(module), attribute))
