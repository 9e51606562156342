"""Training and test scenes: disjoint seeds, and test sets that ask for what training hardly or never shows."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from studio.core.errors import UsageError
from studio.synth.generate import Pairs, Recipe, generate
from studio.synth.scene import Scene
from studio.synth.world import WHOLE_WORLD, World


class Split(StrEnum):
    TRAIN = "train"
    VAL = "val"
    TEST = "test"
    COMPOSITIONAL = "compositional"
    CROWDED = "crowded"
    SMALL = "small"
    RARE = "rare"


SPLIT_SIZE = 2**40
"""Scenes in each split."""

_STARTS = {split: number * SPLIT_SIZE for number, split in enumerate(Split)}
_MANY = ((4, 0.3), (5, 0.25), (6, 0.2), (7, 0.15), (8, 0.1))


def split_recipe(split: Split, world: World = WHOLE_WORLD) -> Recipe:
    """How the scenes of a split are drawn.

    Compositional scenes show at least one (class, colour) pair that no other split shows; crowded ones 4 to 8 objects;
    small ones objects that each cover less than 2 % of the picture; rare ones at least one of a rare class.
    """
    base = Recipe(world=world)
    match split:
        case Split.COMPOSITIONAL:
            return replace(base, pairs=Pairs.HELD_OUT, counts=((1, 0.3), (2, 0.4), (3, 0.3)))
        case Split.CROWDED:
            return replace(base, counts=_MANY, overlap=0.38)
        case Split.SMALL:
            return replace(base, small=True, counts=((2, 0.4), (3, 0.4), (4, 0.2)))
        case Split.RARE:
            return replace(base, rare=True, counts=((1, 0.4), (2, 0.4), (3, 0.2)))
        case _:
            return base


def split_seed(split: Split, index: int) -> int:
    """The seed of scene `index` of a split. Raises UsageError outside 0..2^40 - 1."""
    if not 0 <= index < SPLIT_SIZE:
        raise UsageError(f"A split has scenes 0 to {SPLIT_SIZE - 1}, not {index}.")
    return _STARTS[split] + index


def split_of(seed: int) -> Split | None:
    """The split that a seed belongs to, if any."""
    number = seed // SPLIT_SIZE
    return tuple(Split)[number] if 0 <= number < len(Split) else None


def split_scene(split: Split, index: int, world: World = WHOLE_WORLD) -> Scene:
    """Scene `index` of a split."""
    return generate(split_seed(split, index), split_recipe(split, world))
