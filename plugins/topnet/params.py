"""What the user can set. Read by the window and the command line, so it imports nothing heavy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from studio.plugin_api.interactions import Candidates, Regions
from studio.plugin_api.params import (
    LayerFilter,
    LayerRef,
    PictureFile,
    integer,
    number,
    picture_file,
    places,
    regions,
    switch,
    text,
)
from studio.plugin_api.params import layer as layer_choice

_POINT = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of the object placement."""

    version: ClassVar[int] = 1
    layer: LayerRef = layer_choice(
        LayerFilter.PIXELS,
        label="Object",
        help="The layer whose object is to be placed; the rest is the picture. It stays, a copy is placed.",
    )
    object: PictureFile = picture_file(
        label="Object from a file", help="A picture of the object, cut out, when it is not a layer."
    )
    mask: PictureFile = picture_file(
        label="Mask of that file", help="White where the object is, when the file itself is not cut out.", advanced=True
    )
    places: Candidates = places(
        label="Places", help="Where the object goes: one of the places that a run has suggested, else the best."
    )
    suggest: bool = switch(
        False, label="Only suggest", help="Show where it could go and change nothing. Default: off, it is put there."
    )
    top: int = integer(
        5, 1, 12, label="Places to find", help="How many places to suggest, no two of them nearly the same. Default: 5."
    )
    at: str = text(
        label="Centre", help="x,y in pixels: the object's centre is there, only its size is searched.", advanced=True
    )
    scale: float = number(
        0.0,
        0.0,
        0.9,
        label="Size",
        help="The larger of width and height, as a share of the picture's; only the place is searched. 0: free.",
        advanced=True,
    )
    clear: bool = switch(
        True, label="Keep clear", help="Keep off what lies on other layers above the lowest one. Default: on."
    )
    inside: Regions = regions(
        label="Inside", help="Boxes on the canvas: the object must lie in one of them. Default: anywhere."
    )
    behind: LayerRef = layer_choice(
        LayerFilter.ANY,
        label="Behind",
        help="The object goes behind this layer, which may hide part of it.",
        advanced=True,
    )

    shadow: bool = switch(
        False,
        label="Cast a shadow",
        help="A layer below the object, falling as the shadows of other objects do. Default: off.",
    )
    light: bool = switch(
        False,
        label="Match the light",
        help="Curves clipped to the object that bring its colours towards those around it. Default: off.",
    )

    def check(self) -> Mapping[str, str]:
        """What keeps these values from being run."""
        found: dict[str, str] = {}
        if not self.layer and not self.object:
            found["layer"] = "Choose the layer with the object, or a file."
        if self.at and not _POINT.fullmatch(self.at):
            found["at"] = "Write two numbers, such as 320,240."
        return found

    @property
    def centre(self) -> tuple[float, float] | None:
        """`at` as numbers."""
        found = _POINT.fullmatch(self.at)
        return (float(found[1]), float(found[2])) if found else None
