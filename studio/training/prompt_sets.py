"""The prompts that text-to-image models are measured with, each with the objects it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from studio.synth.caption import Caption, Style, Wording, describe
from studio.synth.scene import Scene
from studio.synth.splits import Split
from studio.training.choices import Config
from studio.training.scene_set import chosen_scene

_WORDING = Wording(style=Style.LIST, synonyms=0.0)


class PromptKind(StrEnum):
    """One or two objects in pairs that training knows; pairs that it never showed; four to eight objects."""

    ONE = "one object"
    TWO = "two objects"
    COMPOSITIONAL = "compositional"
    CROWDED = "crowded"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A test prompt and the scene that it was said of."""

    caption: Caption
    scene: Scene

    @property
    def text(self) -> str:
        return self.caption.text


def prompt_set(kind: PromptKind, count: int, config: Config, split: Split = Split.TEST) -> list[Prompt]:
    """The first prompts of a kind; the plain kinds come from `split`, the others from their own."""
    own = {PromptKind.COMPOSITIONAL: Split.COMPOSITIONAL, PromptKind.CROWDED: Split.CROWDED}.get(kind, split)
    found: list[Prompt] = []
    scenes = _scenes(own, config)
    while len(found) < count:
        scene = next(scenes)
        if kind is PromptKind.ONE and len(scene.instances) != 1:
            continue
        if kind is PromptKind.TWO and len(scene.instances) != 2:
            continue
        found.append(Prompt(describe(scene, scene.seed, _WORDING), scene))
    return found


def _scenes(split: Split, config: Config) -> Iterator[Scene]:
    index = 0
    while True:
        yield chosen_scene(split, index, config)
        index += 1
