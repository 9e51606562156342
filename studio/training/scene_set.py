"""The training set of the text-to-image model: scenes whose objects are large enough to be drawn, with many captions.

Scenes come from the training split but are chosen: no object is tiny, frequent classes are thinned out, and some stages
are empty. Pictures are kept in files of a few hundred, so that a run that starts anew has nothing to draw again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.synth.caption import Caption, Style, Wording, describe, empty_caption
from studio.synth.dice import Dice, derived_seed
from studio.synth.generate import Recipe, generate
from studio.synth.placement import instance_box
from studio.synth.render import render
from studio.synth.scene import Scene
from studio.synth.splits import Split, split_recipe, split_seed
from studio.synth.vocabulary import ObjectClass, Pattern
from studio.synth.world import SMALL_WORLD, WHOLE_WORLD, World
from studio.training.choices import Config
from studio.training.scenes import size_of

PLAIN_WORLD = replace(SMALL_WORLD, patterns=(Pattern.PLAIN,))
"""What the scene model of the processor configuration knows: the small world without stripes."""

COUNTS = ((1, 0.45), (2, 0.35), (3, 0.15), (4, 0.05))
"""Objects per training scene: mostly few, so that crowded prompts are a test."""
EMPTY_SHARE = 0.06
"""Scenes without objects."""
SMALLEST_AREA = 0.012
"""Share of the picture that the box of every object covers at least: one and a half latents on a side at 128 px."""
_TRIES = 64

_KEPT = {
    ObjectClass.TREE: 0.25,
    ObjectClass.HOUSE: 0.6,
    ObjectClass.BUSH: 0.8,
    ObjectClass.FLOWER: 0.8,
    ObjectClass.BOAT: 0.5,
    ObjectClass.SUN: 0.5,
    ObjectClass.BALLOON: 0.5,
}
"""How often a scene with nothing rarer in it is kept."""
_STYLES = ((Style.LONG, 0.3), (Style.LIST, 0.35), (Style.SHORT, 0.22), (Style.TAGS, 0.13))
_SYNONYMS, _COLORLESS = 0.15, 0.06


def scene_world(config: Config) -> World:
    """The part of the world that the scene model of a configuration is trained on."""
    return PLAIN_WORLD if config is Config.CPU else WHOLE_WORLD


def scene_recipe(split: Split, config: Config) -> Recipe:
    """How scenes of a split are drawn for the scene model; the crowded split keeps its own numbers of objects."""
    recipe = split_recipe(split, scene_world(config))
    return recipe if split in (Split.CROWDED, Split.COMPOSITIONAL) else replace(recipe, counts=COUNTS)


def chosen_scene(split: Split, index: int, config: Config) -> Scene:
    """Scene `index` of the set: the first of the split's scenes from 64 `index` on that suits."""
    recipe = scene_recipe(split, config)
    dice = Dice(split_seed(split, index)).child("scene set")
    scene = generate(split_seed(split, index * _TRIES), recipe)
    for attempt in range(_TRIES):
        scene = generate(split_seed(split, index * _TRIES + attempt), recipe)
        if _suits(scene, dice):
            break
    plain = split in (Split.TRAIN, Split.VAL)
    return replace(scene, instances=()) if plain and dice.chance(EMPTY_SHARE) else scene


def _suits(scene: Scene, dice: Dice) -> bool:
    """Whether every object is large enough; scenes that show only frequent classes are now and then passed over."""
    if any(instance_box(instance).area < SMALLEST_AREA * scene.aspect for instance in scene.instances):
        return False
    return dice.chance(max(_KEPT.get(instance.kind, 1.0) for instance in scene.instances))


def caption_text(scene: Scene, draw: int) -> str:
    """The words of one of many captions of a scene."""
    return caption_of(scene, draw).text


def caption_of(scene: Scene, draw: int) -> Caption:
    """One of many captions of a scene."""
    dice = Dice(scene.seed).child("wording", draw)
    seed = derived_seed(scene.seed, "caption", draw)
    if not scene.instances:
        return empty_caption(scene, seed)
    style = dice.weighted([style for style, _ in _STYLES], [weight for _, weight in _STYLES])
    wording = Wording(style=style, colors=not dice.chance(_COLORLESS), synonyms=_SYNONYMS)
    return describe(scene, seed, wording)


@dataclass(frozen=True, slots=True)
class PictureFiles:
    """The pictures of the set, (per_file, H, W, 3) uint8 a file, drawn when first asked for."""

    root: Path
    config: Config
    split: Split = Split.TRAIN
    per_file: int = 500

    @property
    def folder(self) -> Path:
        return self.root / f"scene-set-{self.config}-{self.split}-{self.per_file}"

    def __getitem__(self, number: int) -> NDArray[np.uint8]:
        """The pictures from `number` * `per_file` on."""
        path = self.folder / f"{number:04d}.npy"
        try:
            return np.load(path)
        except (OSError, ValueError, EOFError):
            return self._draw(number, path)

    def _draw(self, number: int, path: Path) -> NDArray[np.uint8]:
        first = number * self.per_file
        scenes = (chosen_scene(self.split, first + index, self.config) for index in range(self.per_file))
        pictures = np.stack([render(scene, size_of(self.config)).composite for scene in scenes])
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with draft.open("wb") as stream:
            np.save(stream, pictures)
        os.replace(draft, path)
        return pictures
