"""The names of the shared recipes and where they lie; no torch here."""

from __future__ import annotations

RECIPES = {
    "vae4": "studio.training.recipes.vae:VAE4",
    "vae16": "studio.training.recipes.vae16:VAE16",
    "reader": "studio.training.recipes.reader:READER",
    "scene": "studio.training.recipes.scene:SCENE",
    "sketch": "studio.training.recipes.sketch:SKETCH",
}
"""Name -> "module:attribute"."""
