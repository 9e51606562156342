"""From a picture to two maps of labels: whole objects, and the parts that the picture falls into."""

from __future__ import annotations

import numpy as np

from studio.core.pixels import Depth, to_depth
from studio.cutout.objects import find_objects
from studio.plugin_api.context import Context
from studio.plugin_api.interactions import LabelMap
from studio.plugin_api.results import Results

from .params import Params

GROUND = 255.0
"""Transparent pixels are looked at on white."""


def run(ctx: Context, params: Params) -> Results:
    """The picture's objects and parts; no layers."""
    picture = to_depth(ctx.picture(), Depth.EIGHT).astype(np.float32)
    alpha = picture[..., 3:] / 255
    flat = np.rint(picture[..., :3] * alpha + GROUND * (1 - alpha)).astype(np.uint8)
    ctx.check_cancelled()
    found = find_objects(np.ascontiguousarray(flat))
    return Results(layers=(), label_maps=(LabelMap(found.whole), LabelMap(found.parts)))
