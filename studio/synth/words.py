"""The words of captions: nouns with plurals, synonyms, settings, verbs of motion. The first of each is the usual."""

from __future__ import annotations

from dataclasses import dataclass

from studio.synth.relations import Relation
from studio.synth.vocabulary import Biome, ColorName, ObjectClass, Pattern, Time


@dataclass(frozen=True, slots=True)
class Noun:
    one: str
    many: str


def _regular(*words: str) -> tuple[Noun, ...]:
    return tuple(Noun(word, word + "s") for word in words)


NOUNS: dict[ObjectClass, tuple[Noun, ...]] = {
    ObjectClass.HOUSE: _regular("house", "cottage"),
    ObjectClass.TREE: _regular("tree", "leafy tree"),
    ObjectClass.PINE: _regular("pine", "fir", "pine tree"),
    ObjectClass.BUSH: (Noun("bush", "bushes"), Noun("shrub", "shrubs")),
    ObjectClass.FLOWER: _regular("flower", "blossom"),
    ObjectClass.ROCK: _regular("rock", "boulder", "stone"),
    ObjectClass.MUSHROOM: _regular("mushroom", "toadstool"),
    ObjectClass.CAR: _regular("car", "automobile"),
    ObjectClass.BOAT: _regular("boat", "fishing boat"),
    ObjectClass.SAILBOAT: _regular("sailboat", "yacht"),
    ObjectClass.LIGHTHOUSE: _regular("lighthouse", "beacon"),
    ObjectClass.BIRD: _regular("bird", "songbird"),
    ObjectClass.BALLOON: _regular("balloon", "hot-air balloon"),
    ObjectClass.CLOUD: _regular("cloud"),
    ObjectClass.SUN: _regular("sun"),
    ObjectClass.MOON: _regular("moon", "crescent moon"),
    ObjectClass.CUP: _regular("cup", "mug"),
    ObjectClass.BALL: _regular("ball"),
    ObjectClass.BOTTLE: _regular("bottle", "flask"),
    ObjectClass.LAMP: _regular("lamp", "lantern"),
}

COLORS: dict[ColorName, tuple[str, ...]] = {
    ColorName.RED: ("red", "crimson"),
    ColorName.ORANGE: ("orange",),
    ColorName.YELLOW: ("yellow",),
    ColorName.GREEN: ("green", "emerald"),
    ColorName.BLUE: ("blue", "azure"),
    ColorName.PURPLE: ("purple", "violet"),
    ColorName.PINK: ("pink",),
    ColorName.BROWN: ("brown",),
    ColorName.BLACK: ("black",),
    ColorName.WHITE: ("white",),
    ColorName.GRAY: ("gray", "grey"),
}

PATTERNS: dict[Pattern, tuple[str, ...]] = {
    Pattern.PLAIN: ("plain",),
    Pattern.STRIPED: ("striped",),
    Pattern.DOTTED: ("dotted", "spotted"),
    Pattern.CHECKED: ("checked", "checkered"),
}

RELATIONS: dict[Relation, tuple[str, ...]] = {
    Relation.LEFT_OF: ("left of", "to the left of"),
    Relation.RIGHT_OF: ("right of", "to the right of"),
    Relation.BESIDE: ("beside", "next to"),
    Relation.IN_FRONT_OF: ("in front of",),
    Relation.BEHIND: ("behind",),
    Relation.UNDER: ("under", "below"),
    Relation.ABOVE: ("above", "over"),
}

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

PLACES: dict[Biome, tuple[tuple[str, str], ...]] = {
    Biome.MEADOW: (("on", "a meadow"), ("in", "a grassy field")),
    Biome.DESERT: (("in", "the desert"), ("in", "a sandy desert")),
    Biome.SNOW: (("in", "the snow"), ("on", "a snowy plain")),
    Biome.BEACH: (("on", "the beach"), ("at", "the seaside")),
    Biome.SEA: (("on", "the sea"), ("on", "the open sea")),
    Biome.FOREST: (("at", "the edge of a forest"), ("beside", "the woods")),
    Biome.STREET: (("in", "a town street"), ("on", "a street in town")),
    Biome.TABLE: (("on", "a table"), ("on", "a wooden table")),
}
"""(preposition, noun phrase) of each biome."""

TIMES: dict[Time, tuple[tuple[str, str], ...]] = {
    Time.DAY: (("by", "day"), ("in", "daylight")),
    Time.SUNSET: (("at", "sunset"), ("in", "the evening")),
    Time.NIGHT: (("at", "night"), ("by", "night")),
    Time.OVERCAST: (("on", "a cloudy day"), ("in", "dull weather")),
}

MOTIONS: dict[ObjectClass, str] = {
    ObjectClass.CAR: "drives",
    ObjectClass.BOAT: "sails",
    ObjectClass.SAILBOAT: "sails",
    ObjectClass.BIRD: "flies",
    ObjectClass.BALLOON: "drifts",
    ObjectClass.CLOUD: "drifts",
    ObjectClass.BALL: "rolls",
}
"""The verb of each class that can move by itself; other classes stay where they are."""
