"""The shared recipes, by name; imported when one is used."""

from __future__ import annotations

import importlib
from typing import cast

from studio.core.errors import UsageError
from studio.training.recipe import Recipe

RECIPES = {
    "vae4": "studio.training.recipes.vae:VAE4",
    "vae16": "studio.training.recipes.vae:VAE16",
    "reader": "studio.training.recipes.reader:READER",
    "scene": "studio.training.recipes.scene:SCENE",
}
"""Name -> "module:attribute"."""


def recipe(name: str) -> Recipe:
    """A shared recipe. Raises UsageError for an unknown name."""
    if name not in RECIPES:
        raise UsageError(f"There is no recipe “{name}”.", f"Choose among {', '.join(RECIPES)}.")
    module, _, attribute = RECIPES[name].partition(":")
    return cast("Recipe", getattr(importlib.import_module(module), attribute))
