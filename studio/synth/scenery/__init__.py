"""The painted stage of each biome: sky, land, water, streets and tables, from the same world at every resolution."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.synth.frame import Frame
from studio.synth.scene import Backdrop
from studio.synth.scenery.built import paint_street, paint_table
from studio.synth.scenery.land import paint_beach, paint_desert, paint_forest, paint_meadow, paint_snow
from studio.synth.scenery.stage import Stage
from studio.synth.scenery.water import paint_sea
from studio.synth.vocabulary import Biome

_PAINT = {
    Biome.MEADOW: paint_meadow,
    Biome.DESERT: paint_desert,
    Biome.SNOW: paint_snow,
    Biome.BEACH: paint_beach,
    Biome.SEA: paint_sea,
    Biome.FOREST: paint_forest,
    Biome.STREET: paint_street,
    Biome.TABLE: paint_table,
}


def paint_backdrop(backdrop: Backdrop, frame: Frame) -> NDArray[np.uint8]:
    """The empty stage, (H, W, 3)."""
    stage = Stage(backdrop, frame)
    _PAINT[backdrop.biome](stage)
    return stage.finish()
