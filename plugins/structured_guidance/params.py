"""What the user can set. Read by the window and the command line, so it imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from studio.plugin_api.params import PixelSize, choice, number
from studio.plugin_api.params import prompt as words
from studio.plugin_api.params import size as side_lengths

OWN_SIZE = PixelSize(0, 0)
"""Stands for the size that the engine was trained on."""


class Mode(StrEnum):
    """How the phrases of the prompt guide the picture. Off: the engine as it is."""

    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of drawing from a prompt."""

    version: ClassVar[int] = 1
    prompt: str = words(label="Prompt", help="What to draw, for instance “a red house beside a yellow tree at night”.")
    negative: str = words(label="Leave out", help="What the picture should not show. Default: nothing.", advanced=True)
    mode: Mode = choice(Mode.OFF, label="Guidance by phrases", help="Off draws with the engine as it is. Default: off.")
    size: PixelSize = side_lengths(
        OWN_SIZE,
        0,
        2048,
        step=8,
        label="Size",
        help="Width and height. 0x0 takes the engine's own: 128 px for Tiny, 512 for SD 1.5, 1024 for XL.",
        advanced=True,
    )
    guidance: float = number(
        0.0,
        0.0,
        20.0,
        step=0.5,
        label="Prompt strength",
        help="How firmly the picture follows the prompt; 1 and below lets go. 0 takes the engine's own. Default: 0.",
        advanced=True,
    )

    def check(self) -> Mapping[str, str]:
        """A prompt is needed, and both sides of a size or none."""
        found: dict[str, str] = {}
        if not self.prompt.strip():
            found["prompt"] = "Say what to draw, for instance “a red house at night”."
        if self.size != OWN_SIZE and not (self.size.width and self.size.height):
            found["size"] = "Give both sides, or 0x0 for the engine's own size."
        return found
