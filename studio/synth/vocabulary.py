"""The words of the practice world: what things are, what they look like, and where they belong.

The order of the members of `ObjectClass`, `ColorName` and `Ground` is stored in label maps: append only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ObjectClass(StrEnum):
    HOUSE = "house"
    TREE = "tree"
    PINE = "pine"
    BUSH = "bush"
    FLOWER = "flower"
    ROCK = "rock"
    MUSHROOM = "mushroom"
    CAR = "car"
    BOAT = "boat"
    SAILBOAT = "sailboat"
    LIGHTHOUSE = "lighthouse"
    BIRD = "bird"
    BALLOON = "balloon"
    CLOUD = "cloud"
    SUN = "sun"
    MOON = "moon"
    CUP = "cup"
    BALL = "ball"
    BOTTLE = "bottle"
    LAMP = "lamp"

    @property
    def label(self) -> int:
        """Its value in semantic maps, 1..20; 0 is the backdrop."""
        return _CLASS_LABELS[self]


class ColorName(StrEnum):
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    BROWN = "brown"
    BLACK = "black"
    WHITE = "white"
    GRAY = "gray"

    @property
    def label(self) -> int:
        """Its value in colour maps, 1..11; 0 is the backdrop."""
        return _COLOR_LABELS[self]


class Pattern(StrEnum):
    PLAIN = "plain"
    STRIPED = "striped"
    DOTTED = "dotted"
    CHECKED = "checked"


class Biome(StrEnum):
    MEADOW = "meadow"
    DESERT = "desert"
    SNOW = "snow"
    BEACH = "beach"
    SEA = "sea"
    FOREST = "forest"
    STREET = "street"
    TABLE = "table"


class Time(StrEnum):
    DAY = "day"
    SUNSET = "sunset"
    NIGHT = "night"
    OVERCAST = "overcast"


class Ground(StrEnum):
    """What a place of the backdrop is, and so what an object there stands, floats or hangs on."""

    SKY = "sky"
    LAND = "land"
    WATER = "water"
    ROAD = "road"
    TABLE = "table"
    WALL = "wall"

    @property
    def label(self) -> int:
        """Its value in ground maps, 1..6."""
        return _GROUND_LABELS[self]


_CLASS_LABELS = {kind: number for number, kind in enumerate(ObjectClass, 1)}
_COLOR_LABELS = {color: number for number, color in enumerate(ColorName, 1)}
_GROUND_LABELS = {ground: number for number, ground in enumerate(Ground, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassTraits:
    """What holds for every object of a class.

    `rank` is its place in the Zipf law of frequencies. `size` is its height as a multiple of the distance from eye
    level to its base (for the sky: low and high height in units of the picture height, at the horizon and at the top).
    `aspect` is its usual width / height; `foot` the width of what touches the ground / height. `typical` gives the
    usual colours with their weights.
    """

    rank: int
    size: tuple[float, float]
    aspect: float
    foot: float
    patterned: bool
    typical: tuple[tuple[ColorName, float], ...]

    @property
    def flies(self) -> bool:
        return self.foot == 0.0


_C = ColorName

TRAITS: dict[ObjectClass, ClassTraits] = {
    ObjectClass.TREE: ClassTraits(
        rank=1,
        size=(1.25, 1.25),
        aspect=0.78,
        foot=0.10,
        patterned=False,
        typical=((_C.GREEN, 0.8), (_C.ORANGE, 0.1), (_C.YELLOW, 0.1)),
    ),
    ObjectClass.HOUSE: ClassTraits(
        rank=2,
        size=(1.0, 1.0),
        aspect=1.2,
        foot=1.0,
        patterned=True,
        typical=((_C.WHITE, 0.3), (_C.RED, 0.25), (_C.YELLOW, 0.25), (_C.BROWN, 0.2)),
    ),
    ObjectClass.FLOWER: ClassTraits(
        rank=3,
        size=(0.55, 0.55),
        aspect=0.6,
        foot=0.06,
        patterned=False,
        typical=((_C.RED, 0.3), (_C.YELLOW, 0.25), (_C.PINK, 0.25), (_C.PURPLE, 0.2)),
    ),
    ObjectClass.BUSH: ClassTraits(
        rank=4,
        size=(0.42, 0.42),
        aspect=1.50,
        foot=1.2,
        patterned=False,
        typical=((_C.GREEN, 0.85), (_C.RED, 0.15)),
    ),
    ObjectClass.BIRD: ClassTraits(
        rank=5,
        size=(0.06, 0.17),
        aspect=1.95,
        foot=0.0,
        patterned=False,
        typical=((_C.WHITE, 0.35), (_C.BLUE, 0.25), (_C.BLACK, 0.2), (_C.RED, 0.2)),
    ),
    ObjectClass.CLOUD: ClassTraits(
        rank=6,
        size=(0.07, 0.16),
        aspect=1.8,
        foot=0.0,
        patterned=False,
        typical=((_C.WHITE, 0.7), (_C.GRAY, 0.2), (_C.PINK, 0.1)),
    ),
    ObjectClass.CAR: ClassTraits(
        rank=7,
        size=(0.42, 0.42),
        aspect=2.05,
        foot=1.7,
        patterned=True,
        typical=((_C.RED, 0.35), (_C.BLUE, 0.25), (_C.WHITE, 0.2), (_C.BLACK, 0.2)),
    ),
    ObjectClass.SUN: ClassTraits(
        rank=8,
        size=(0.17, 0.17),
        aspect=1.0,
        foot=0.0,
        patterned=False,
        typical=((_C.YELLOW, 0.6), (_C.ORANGE, 0.3), (_C.RED, 0.1)),
    ),
    ObjectClass.PINE: ClassTraits(
        rank=9,
        size=(1.35, 1.35),
        aspect=0.63,
        foot=0.09,
        patterned=False,
        typical=((_C.GREEN, 0.9), (_C.BLUE, 0.1)),
    ),
    ObjectClass.BOAT: ClassTraits(
        rank=10,
        size=(0.6, 0.6),
        aspect=1.55,
        foot=1.2,
        patterned=True,
        typical=((_C.RED, 0.3), (_C.BLUE, 0.3), (_C.WHITE, 0.2), (_C.BROWN, 0.2)),
    ),
    ObjectClass.ROCK: ClassTraits(
        rank=11,
        size=(0.34, 0.34),
        aspect=1.45,
        foot=1.3,
        patterned=False,
        typical=((_C.GRAY, 0.7), (_C.BROWN, 0.3)),
    ),
    ObjectClass.CUP: ClassTraits(
        rank=12,
        size=(0.32, 0.32),
        aspect=1.24,
        foot=0.7,
        patterned=True,
        typical=((_C.WHITE, 0.4), (_C.RED, 0.3), (_C.BLUE, 0.3)),
    ),
    ObjectClass.BALL: ClassTraits(
        rank=13,
        size=(0.3, 0.3),
        aspect=1.0,
        foot=0.45,
        patterned=True,
        typical=((_C.RED, 0.4), (_C.ORANGE, 0.3), (_C.BLUE, 0.3)),
    ),
    ObjectClass.MOON: ClassTraits(
        rank=14,
        size=(0.15, 0.15),
        aspect=0.86,
        foot=0.0,
        patterned=False,
        typical=((_C.WHITE, 0.5), (_C.YELLOW, 0.5)),
    ),
    ObjectClass.BALLOON: ClassTraits(
        rank=15,
        size=(0.13, 0.36),
        aspect=0.68,
        foot=0.0,
        patterned=True,
        typical=((_C.RED, 0.4), (_C.YELLOW, 0.2), (_C.BLUE, 0.2), (_C.PURPLE, 0.2)),
    ),
    ObjectClass.SAILBOAT: ClassTraits(
        rank=16,
        size=(1.0, 1.0),
        aspect=0.89,
        foot=0.7,
        patterned=True,
        typical=((_C.WHITE, 0.5), (_C.RED, 0.3), (_C.BLUE, 0.2)),
    ),
    ObjectClass.MUSHROOM: ClassTraits(
        rank=17,
        size=(0.42, 0.42),
        aspect=1.0,
        foot=0.32,
        patterned=True,
        typical=((_C.RED, 0.6), (_C.BROWN, 0.4)),
    ),
    ObjectClass.BOTTLE: ClassTraits(
        rank=18,
        size=(0.62, 0.62),
        aspect=0.34,
        foot=0.34,
        patterned=True,
        typical=((_C.GREEN, 0.5), (_C.BROWN, 0.3), (_C.BLUE, 0.2)),
    ),
    ObjectClass.LAMP: ClassTraits(
        rank=19,
        size=(0.78, 0.78),
        aspect=0.52,
        foot=0.28,
        patterned=True,
        typical=((_C.YELLOW, 0.3), (_C.BLACK, 0.3), (_C.WHITE, 0.2), (_C.RED, 0.2)),
    ),
    ObjectClass.LIGHTHOUSE: ClassTraits(
        rank=20,
        size=(1.7, 1.7),
        aspect=0.47,
        foot=0.40,
        patterned=True,
        typical=((_C.WHITE, 0.5), (_C.RED, 0.5)),
    ),
}

RARE_CLASSES: frozenset[ObjectClass] = frozenset(
    {
        ObjectClass.PINE,
        ObjectClass.MOON,
        ObjectClass.SAILBOAT,
        ObjectClass.MUSHROOM,
        ObjectClass.BOTTLE,
        ObjectClass.LIGHTHOUSE,
    }
)
"""The classes that law and habitats make rare: each is at most 1.5 % of the objects in training."""

_SKY = (ObjectClass.BIRD, ObjectClass.CLOUD, ObjectClass.SUN, ObjectClass.MOON, ObjectClass.BALLOON)

HABITATS: dict[Biome, dict[Ground, tuple[ObjectClass, ...]]] = {
    Biome.MEADOW: {
        Ground.SKY: _SKY,
        Ground.LAND: tuple(
            map(
                ObjectClass,
                ("tree", "house", "flower", "bush", "car", "pine", "rock", "ball", "mushroom", "lamp", "lighthouse"),
            )
        ),
        Ground.WATER: (ObjectClass.BOAT, ObjectClass.SAILBOAT),
    },
    Biome.DESERT: {
        Ground.SKY: _SKY,
        Ground.LAND: tuple(map(ObjectClass, ("tree", "house", "bush", "car", "rock", "ball", "lamp", "flower"))),
    },
    Biome.SNOW: {
        Ground.SKY: _SKY,
        Ground.LAND: tuple(map(ObjectClass, ("tree", "house", "bush", "car", "pine", "rock", "lamp", "ball"))),
    },
    Biome.BEACH: {
        Ground.SKY: _SKY,
        Ground.LAND: tuple(map(ObjectClass, ("tree", "house", "flower", "bush", "car", "rock", "ball", "lighthouse"))),
        Ground.WATER: (ObjectClass.BOAT, ObjectClass.SAILBOAT),
    },
    Biome.SEA: {
        Ground.SKY: _SKY,
        Ground.WATER: (ObjectClass.BOAT, ObjectClass.SAILBOAT, ObjectClass.ROCK, ObjectClass.LIGHTHOUSE),
    },
    Biome.FOREST: {
        Ground.SKY: _SKY,
        Ground.LAND: tuple(
            map(ObjectClass, ("tree", "house", "flower", "bush", "pine", "rock", "mushroom", "ball", "lamp"))
        ),
    },
    Biome.STREET: {
        Ground.SKY: _SKY,
        Ground.LAND: tuple(map(ObjectClass, ("tree", "flower", "bush", "ball", "lamp"))),
        Ground.ROAD: (ObjectClass.CAR,),
    },
    Biome.TABLE: {
        Ground.TABLE: tuple(map(ObjectClass, ("cup", "ball", "bottle", "lamp"))),
    },
}
"""Which classes live on which ground of each biome."""


def grounds_of(biome: Biome, kind: ObjectClass) -> tuple[Ground, ...]:
    """The grounds of this biome where the class may be; empty when it does not live there."""
    return tuple(ground for ground, kinds in HABITATS[biome].items() if kind in kinds)
