"""Small plugins written to a folder, as a stranger would ship them."""

from __future__ import annotations

from pathlib import Path

MANIFEST = """
id = "{id}"
title = "Paint a square"
version = "1.0"
api = {api}
summary = "Paints a square."
licence = "MIT"
input = "picture"

[[engines]]
id = "classical"
title = "Classical"
kind = "classical"
good_at = "Squares."
licence = "MIT"

[entry]
params = "params:Params"
run = "run:run"
"""

PARAMS = """
from dataclasses import dataclass
from typing import ClassVar
from studio.plugin_api.params import integer, text

@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    version: ClassVar[int] = 1
    side: int = integer(8, 1, 64, label="Side", help="Side of the square.", unit="px")
    trouble: str = text("", label="Trouble", help="What should go wrong.")
"""

RUN = """
import numpy as np
from studio.core.errors import StudioError
from studio.plugin_api.results import Placement, Results, group, raster

def run(ctx, params):
    ctx.progress("Painting", 0.0)
    if params.trouble == "raise":
        raise RuntimeError("the brush broke")
    if params.trouble == "say":
        raise StudioError("There is no paint.", "Buy some.")
    if params.trouble == "deep":
        return ctx.run("{id}", {{"trouble": "deep"}}, ctx.document)
    if params.trouble == "nothing":
        return Results(layers=())
    if params.trouble == "wrong depth":
        pixels = np.full((4, 4, 4), 255, np.uint16 if ctx.depth == 8 else np.uint8)
    else:
        pixels = np.random.default_rng(ctx.seed).integers(0, 256, (params.side, params.side, 4)).astype(ctx.depth.dtype)
    ctx.progress("Painting", 0.5)
    made = ctx.provenance(params, {{"picture": ctx.picture()}})
    placement = Placement.REPLACE_SOURCE if params.trouble == "replace" else Placement.ABOVE_SOURCE
    square = raster("Square", pixels, provenance=made)
    return Results(layers=(group("Squares", [square]),), placement=placement, figures={{"area_px": params.side ** 2}})
"""


def write_plugin(parent: Path, plugin_id: str = "square", api: int = 1) -> Path:
    """Write the plugin's folder below `parent` and return it."""
    folder = parent / plugin_id
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text(MANIFEST.format(id=plugin_id, api=api), encoding="utf-8")
    (folder / "params.py").write_text(PARAMS, encoding="utf-8")
    (folder / "run.py").write_text(RUN.format(id=plugin_id), encoding="utf-8")
    return folder
