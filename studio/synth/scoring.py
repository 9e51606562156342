"""Scores of a picture whose classes and colours were read pixel by pixel, against what its prompt asked for.

Whoever read the picture (a network, or the renderer's own maps) gives two label maps; nothing here knows models. Rates
are per asked object, as in the attribute-binding literature: proper, improper, other colour and missing add up to one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.synth.caption import Caption
from studio.synth.patch import Mask
from studio.synth.vocabulary import ColorName, ObjectClass

Labels = NDArray[np.uint8]
"""(H, W) class or colour labels, 0 for the backdrop."""

SMALLEST_SHARE = 0.003
"""Share of the picture that something must cover to count as an object: 7 x 7 px of 128 x 128."""
_COLOR_SHARE = 0.3
"""Share of a connected region that a colour must cover to make an object of its own: two trees that touch are two."""
LEAK_SHARE = 0.1
SAME_PLACE = 0.5


class Binding(StrEnum):
    """What became of an asked object: there in its colour, in a colour asked for another object, in any other colour,
    or not there.
    """

    PROPER = "proper"
    IMPROPER = "improper"
    OTHER = "other"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Asked:
    """One object that a prompt names; the colour is None where it says none."""

    kind: ObjectClass
    color: ColorName | None


@dataclass(frozen=True, slots=True)
class Found:
    """One object that was read: its colour (that of most of its pixels), and the shares of all colours in it."""

    kind: ObjectClass
    color: ColorName | None
    area: int
    shares: tuple[tuple[ColorName, float], ...]


@dataclass(frozen=True, slots=True)
class ObjectScore:
    """`leaks`: a colour asked for another object covers more than a tenth of it."""

    asked: Asked
    binding: Binding
    leaks: bool = False


@dataclass(frozen=True, slots=True)
class PictureScore:
    """The scores of all objects of one prompt."""

    objects: tuple[ObjectScore, ...]

    def rate(self, binding: Binding) -> float:
        return sum(score.binding is binding for score in self.objects) / max(1, len(self.objects))

    @property
    def recall(self) -> float:
        """Share of the asked objects that are there, in whatever colour."""
        return 1.0 - self.rate(Binding.MISSING)

    @property
    def leakage(self) -> float:
        return sum(score.leaks for score in self.objects) / max(1, len(self.objects))

    @property
    def is_right(self) -> bool:
        """Every object is there in its colour."""
        return all(score.binding is Binding.PROPER for score in self.objects)


def asked_by(caption: Caption) -> tuple[Asked, ...]:
    """The objects that a caption names, each as often as it says."""
    return tuple(Asked(phrase.kind, phrase.color) for phrase in caption.phrases for _ in phrase.ids)


def find_objects(classes: Labels, colors: Labels, kind: ObjectClass) -> list[Found]:
    """The objects of a class, largest first: connected regions, divided by colour where several share one."""
    smallest = max(1, round(SMALLEST_SHARE * classes.size))
    count, regions = cv2.connectedComponents((classes == kind.label).astype(np.uint8), connectivity=8)
    found: list[Found] = []
    for number in range(1, count):
        region = regions == number
        area = int(region.sum())
        if area < smallest:
            continue
        shares = _color_shares(colors[region])
        main = [(color, share) for color, share in shares if share >= _COLOR_SHARE and share * area >= smallest]
        if len(main) < 2:
            found.append(Found(kind, shares[0][0] if shares else None, area, tuple(shares)))
        else:
            found += [Found(kind, color, round(share * area), ((color, 1.0),)) for color, share in main]
    return sorted(found, key=lambda item: -item.area)


def _color_shares(labels: NDArray[np.uint8]) -> list[tuple[ColorName, float]]:
    """Colours among the labels with their shares, most frequent first."""
    counts = np.bincount(labels, minlength=len(ColorName) + 1)
    shares = [(color, float(counts[color.label]) / len(labels)) for color in ColorName if counts[color.label]]
    return sorted(shares, key=lambda item: -item[1])


def score_picture(classes: Labels, colors: Labels, asked: Sequence[Asked]) -> PictureScore:
    """Match what was read to what was asked: first objects in their colour, then the rest by size."""
    scores: dict[int, ObjectScore] = {}
    for kind in dict.fromkeys(item.kind for item in asked):
        free = find_objects(classes, colors, kind)
        waiting = [number for number, item in enumerate(asked) if item.kind is kind]
        for exact in (True, False):
            for number in [number for number in waiting if number not in scores]:
                match = next((item for item in free if not exact or _fits(item, asked[number])), None)
                if match is not None:
                    free.remove(match)
                    scores[number] = _scored(match, number, asked)
        scores |= {n: ObjectScore(asked[n], Binding.MISSING) for n in waiting if n not in scores}
    return PictureScore(tuple(scores[number] for number in range(len(asked))))


def _fits(found: Found, asked: Asked) -> bool:
    return asked.color is None or found.color is asked.color


def _scored(found: Found, number: int, asked: Sequence[Asked]) -> ObjectScore:
    item = asked[number]
    others = {other.color for other in asked if other.color is not None} - {item.color}
    leaks = any(color in others and share > LEAK_SHARE for color, share in found.shares)
    if _fits(found, item):
        return ObjectScore(item, Binding.PROPER, leaks)
    return ObjectScore(item, Binding.IMPROPER if found.color in others else Binding.OTHER, leaks)


def overlap(first: Mask, second: Mask) -> float:
    """Intersection over union; two empty masks agree."""
    union = int((first | second).sum())
    return float((first & second).sum()) / union if union else 1.0


def instance_recall(classes: Labels, places: Sequence[tuple[ObjectClass, Mask]]) -> float:
    """Share of the places (class and mask) where a connected region of that class lies, IoU 0.5 or more."""
    hits = 0
    for kind, place in places:
        count, regions = cv2.connectedComponents((classes == kind.label).astype(np.uint8), connectivity=8)
        hits += any(overlap(regions == number, place) >= SAME_PLACE for number in range(1, count))
    return hits / max(1, len(places))
