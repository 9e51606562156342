"""The drawings: one function per class, in local units (1 high, base at the origin), given a painter and a look."""

from __future__ import annotations

from collections.abc import Callable

from studio.synth.painter import Extent, Painter
from studio.synth.sprites import buildings, plants, sky, tableware, vehicles
from studio.synth.sprites.look import Look
from studio.synth.vocabulary import ObjectClass

DRAW: dict[ObjectClass, Callable[[Painter, Look], None]] = {
    ObjectClass.HOUSE: buildings.draw_house,
    ObjectClass.TREE: plants.draw_tree,
    ObjectClass.PINE: plants.draw_pine,
    ObjectClass.BUSH: plants.draw_bush,
    ObjectClass.FLOWER: plants.draw_flower,
    ObjectClass.ROCK: plants.draw_rock,
    ObjectClass.MUSHROOM: plants.draw_mushroom,
    ObjectClass.CAR: vehicles.draw_car,
    ObjectClass.BOAT: vehicles.draw_boat,
    ObjectClass.SAILBOAT: vehicles.draw_sailboat,
    ObjectClass.LIGHTHOUSE: buildings.draw_lighthouse,
    ObjectClass.BIRD: sky.draw_bird,
    ObjectClass.BALLOON: sky.draw_balloon,
    ObjectClass.CLOUD: sky.draw_cloud,
    ObjectClass.SUN: sky.draw_sun,
    ObjectClass.MOON: sky.draw_moon,
    ObjectClass.CUP: tableware.draw_cup,
    ObjectClass.BALL: tableware.draw_ball,
    ObjectClass.BOTTLE: tableware.draw_bottle,
    ObjectClass.LAMP: buildings.draw_lamp,
}

EXTENTS: dict[ObjectClass, Extent] = {
    ObjectClass.HOUSE: Extent(left=-0.68, right=0.68),
    ObjectClass.TREE: Extent(left=-0.58, right=0.58),
    ObjectClass.PINE: Extent(left=-0.42, right=0.42),
    ObjectClass.BUSH: Extent(left=-0.95, right=0.95, top=1.2),
    ObjectClass.FLOWER: Extent(left=-0.45, right=0.45, top=1.12),
    ObjectClass.ROCK: Extent(left=-0.78, right=0.78),
    ObjectClass.MUSHROOM: Extent(left=-0.56, right=0.56),
    ObjectClass.CAR: Extent(left=-1.1, right=1.1),
    ObjectClass.BOAT: Extent(left=-0.85, right=0.9),
    ObjectClass.SAILBOAT: Extent(left=-0.52, right=0.52),
    ObjectClass.LIGHTHOUSE: Extent(left=-0.26, right=0.26),
    ObjectClass.BIRD: Extent(left=-1.05, right=1.05, bottom=-0.1, top=1.3),
    ObjectClass.BALLOON: Extent(left=-0.42, right=0.42),
    ObjectClass.CLOUD: Extent(left=-1.2, right=1.2, top=1.15),
    ObjectClass.SUN: Extent(left=-0.56, right=0.56),
    ObjectClass.MOON: Extent(left=-0.56, right=0.56),
    ObjectClass.CUP: Extent(left=-0.72, right=0.74),
    ObjectClass.BALL: Extent(left=-0.56, right=0.56),
    ObjectClass.BOTTLE: Extent(left=-0.24, right=0.24),
    ObjectClass.LAMP: Extent(left=-0.36, right=0.36),
}

__all__ = ["DRAW", "EXTENTS", "Extent", "Look", "Painter"]
