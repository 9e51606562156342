"""A parameter of every kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from studio.plugin_api.interactions import Candidates, ObjectList, Operations, Regions, Scenes
from studio.plugin_api.params import (
    LayerFilter,
    LayerRef,
    Picks,
    PictureFile,
    PixelSize,
    choice,
    integer,
    layer,
    number,
    objects,
    operations,
    picks,
    picture_file,
    places,
    prompt,
    regions,
    scenes,
    size,
    switch,
    text,
)


class Look(StrEnum):
    FLAT = "flat"
    NOISY = "noisy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What `run` paints."""

    version: ClassVar[int] = 2
    prompt: str = prompt(label="Prompt", help="Words that are written into the provenance, and change nothing else.")
    strength: float = number(
        0.5,
        0,
        1,
        step=0.05,
        label="Strength",
        help="How opaque the paint is. 0 leaves the picture as it is, 1 covers it. Everything in between lets it shine "
        "through; a long help text such as this one has to break its lines and must not make the panel wider.",
    )
    regions: Regions = regions(label="Regions", help="Boxes that are filled, each in a colour of its own.")
    subjects: Picks = picks(label="Subjects", help="Objects that are covered in white.")
    cast: ObjectList = objects(label="Cast", help="Objects that are painted in their colours.")
    moves: Operations = operations(label="Moves", help="Layers whose target boxes are outlined.")
    find_places: bool = switch(False, label="Suggest places", help="Suggest places instead of painting.")
    place: Candidates = places(label="Place", help="Where the stamp goes.")
    stamp: PictureFile = picture_file(label="Stamp", help="A picture that is put on the chosen place.")
    base: LayerRef = layer(LayerFilter.PIXELS, label="Base", help="A layer whose mean colour is used.")
    scenes: Scenes = scenes(maximum=48, label="Scenes", help="One bar for each scene, as long as it has frames.")
    look: Look = choice(Look.FLAT, label="Look", help="Flat, or with noise that the seed decides.", advanced=True)
    rounds: int = integer(1, 1, 64, label="Rounds", help="How often progress is told.", unit="times", advanced=True)
    title: str = text("Demo", label="Title", help="What the group is called.", advanced=True)
    canvas: PixelSize = size(PixelSize(64, 64), 16, 2048, step=8, label="Size", help="Unused size.", advanced=True)

    def check(self) -> Mapping[str, str]:
        """A group needs a name."""
        return {} if self.title.strip() else {"title": "Give the result a title."}

    @staticmethod
    def migrate(told: Mapping[str, object], from_version: int) -> Mapping[str, object]:
        """Version 1 called the strength `amount`."""
        return {("strength" if key == "amount" else key): value for key, value in told.items()}
