"""What the user can set. Read by the window and the command line, so it imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from studio.plugin_api.params import Picks, choice, picks, switch


class Mode(StrEnum):
    """Exact: the stack equals the photo to 1/255. Clean: smoother layers to move, recomposition is measured."""

    EXACT = "exact"
    CLEAN = "clean"


class Filler(StrEnum):
    """How the hole behind an object is filled; auto tests the others on the picture itself."""

    AUTO = "auto"
    PATCHMATCH = "patchmatch"
    MEMBRANE = "membrane"
    TELEA = "telea"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of the layer decomposition."""

    version: ClassVar[int] = 1
    objects: Picks = picks(
        label="Objects",
        help="The objects to separate, front-most first: a mask, a box around it, or a point on it.",
    )
    mode: Mode = choice(
        Mode.EXACT,
        label="Recomposition",
        help="Exact keeps the stack equal to the photo. Clean gives smoother layers for moving. Default: exact.",
    )
    filler: Filler = choice(
        Filler.AUTO,
        label="Fill behind objects",
        help="Auto tries each on the picture's own ground and takes the best. Default: auto.",
        advanced=True,
    )
    shadows: bool = switch(
        True, label="Separate shadows", help="Put the object's shadow on its own multiply layer. Default: on."
    )

    def check(self) -> Mapping[str, str]:
        """There is nothing to take out of a picture in which nothing is marked."""
        return {} if self.objects else {"objects": "No object is marked. Click one, draw a box, or give a mask."}
