"""Which part of the world scenes are drawn from, how often each thing occurs, and which pairs training never sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from studio.synth.vocabulary import HABITATS, TRAITS, Biome, ColorName, ObjectClass, Pattern, Time

ZIPF_EXPONENT = 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The classes, colours, patterns, biomes and times in use.

    `bias` 0..1 is how often an object takes one of its class's usual colours (green trees); the rest is spread evenly.
    """

    classes: tuple[ObjectClass, ...] = tuple(ObjectClass)
    colors: tuple[ColorName, ...] = tuple(ColorName)
    patterns: tuple[Pattern, ...] = tuple(Pattern)
    biomes: tuple[Biome, ...] = tuple(Biome)
    times: tuple[Time, ...] = tuple(Time)
    bias: float = 0.6

    def living_in(self, biome: Biome) -> tuple[ObjectClass, ...]:
        """The classes of this world that live somewhere in the biome, most frequent first."""
        home = {kind for kinds in HABITATS[biome].values() for kind in kinds}
        return tuple(sorted((kind for kind in self.classes if kind in home), key=lambda kind: TRAITS[kind].rank))

    def frequency(self, kind: ObjectClass) -> float:
        """The relative frequency of a class where it lives (Zipf's law over the ranks)."""
        return 1.0 / TRAITS[kind].rank ** ZIPF_EXPONENT

    def color_weights(self, kind: ObjectClass) -> tuple[float, ...]:
        """The probability of each colour of `colors` for a class."""
        usual = {color: weight for color, weight in TRAITS[kind].typical if color in self.colors}
        total = sum(usual.values())
        even = 1.0 / len(self.colors)
        if not total:
            return (even,) * len(self.colors)
        return tuple(self.bias * usual.get(color, 0.0) / total + (1 - self.bias) * even for color in self.colors)


WHOLE_WORLD = World()

SMALL_WORLD = World(
    classes=tuple(map(ObjectClass, ("house", "tree", "bush", "flower", "car", "boat", "balloon", "sun"))),
    colors=tuple(map(ColorName, ("red", "yellow", "green", "blue", "purple", "white"))),
    patterns=(Pattern.PLAIN, Pattern.STRIPED),
    biomes=(Biome.MEADOW, Biome.DESERT, Biome.BEACH, Biome.SEA),
)
"""A subset that a small model learns in minutes on a processor."""


@cache
def held_out_pairs() -> frozenset[tuple[ObjectClass, ColorName]]:
    """Two colours of every class that no training scene shows together with it; never the class's most usual colour."""
    colors = tuple(ColorName)
    pairs: set[tuple[ObjectClass, ColorName]] = set()
    for number, kind in enumerate(ObjectClass):
        usual = max(TRAITS[kind].typical, key=lambda item: item[1])[0]
        candidates = [colors[(number * 3 + step * 5 + 1) % len(colors)] for step in range(4)]
        pairs |= {(kind, color) for color in [c for c in candidates if c is not usual][:2]}
    return frozenset(pairs)
