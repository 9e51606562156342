"""What a stroke does where it passes: paint, erase, clone, lighten or darken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

import numpy as np

from studio.core.geometry import Point
from studio.core.layers import LayerId
from studio.core.painting.mixing import Reals, brightness
from studio.core.selecting.colors import Color

_THIRD = np.float32(1 / 3)
_ONE = np.float32(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint:
    """Lay a colour down; on a mask, its brightness."""

    color: Color = (0.0, 0.0, 0.0)
    kind: Literal["paint"] = "paint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase:
    """Take away what is there; on a mask, hide."""

    kind: Literal["erase"] = "erase"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """Lay down what lies `offset` away, as it was before the stroke: of one layer, or of all when `source` is None.

    On a mask it takes the source's mask, or the brightness of all layers. A clone tool that is aligned keeps its offset
    from stroke to stroke; one that is not takes `offset_to` each time.
    """

    offset: Point
    source: LayerId | None = None
    kind: Literal["clone"] = "clone"

    @staticmethod
    def offset_to(source: Point, start: Point) -> Point:
        """The offset with which a stroke that begins at `start` takes its first pixel from `source`."""
        return source - start


class ToneRange(StrEnum):
    """Which tones are changed most."""

    SHADOWS = "shadows"
    MIDTONES = "midtones"
    HIGHLIGHTS = "highlights"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """Dodge (lighten) with an `exposure` above 0, burn (darken) below; -1..1."""

    exposure: float = 0.5
    range: ToneRange = ToneRange.MIDTONES
    kind: Literal["tone"] = "tone"


Ink: TypeAlias = Paint | Erase | Clone | Tone


def brightness_of(color: Color) -> float:
    """What a colour is worth on a mask, 0..1."""
    return float(brightness(np.array(color, np.float32)))


def toned_color(color: Reals, ink: Tone) -> Reals:
    """(h, w, 3) colours lightened or darkened by the full exposure.

    Highlights are scaled; midtones are bent by a power, so that black and white stay; shadows are lifted or pressed
    towards white or black, so that white stays.
    """
    amount = np.float32(ink.exposure)
    match ink.range:
        case ToneRange.HIGHLIGHTS:
            out = color * (_ONE + amount * _THIRD)
        case ToneRange.MIDTONES:
            power = _ONE / (_ONE + amount) if amount >= 0 else _ONE - amount
            out = np.power(color, power)
        case ToneRange.SHADOWS:
            part = np.abs(amount) * _THIRD
            out = part + color * (_ONE - part) if amount >= 0 else (color - part) / (_ONE - part)
    return np.clip(out, 0, 1).astype(np.float32)
