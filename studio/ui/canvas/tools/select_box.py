"""The box between where a drag began and where it is. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from studio.core.geometry import Rect


class Style(StrEnum):
    """What gives the box its sides: the pointer, a proportion, or numbers."""

    FREE = "free"
    RATIO = "ratio"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class BoxStyle:
    """`ratio_width` : `ratio_height` counts for `Style.RATIO`, the size in pixels for `Style.SIZE`."""

    style: Style = Style.FREE
    ratio_width: float = 1.0
    ratio_height: float = 1.0
    width_px: int = 512
    height_px: int = 512

    def __post_init__(self) -> None:
        if min(self.ratio_width, self.ratio_height) <= 0 or min(self.width_px, self.height_px) < 1:
            raise ValueError("the sides of a box are positive")


def dragged_box(
    start: tuple[int, int], stop: tuple[int, int], style: BoxStyle, *, square: bool = False, from_middle: bool = False
) -> Rect:
    """The box of a drag in whole canvas pixels; empty when it has no width or height.

    Args:
        start, stop: corners of pixels. The start is a corner of the box, or its middle with `from_middle`.
        square: the sides are equal, whatever the style says of their proportion; they follow the longer one.
    """
    (x0, y0), (x1, y1) = start, stop
    if style.style is Style.SIZE:
        left, top = (x1 - style.width_px // 2, y1 - style.height_px // 2) if from_middle else (x1, y1)
        return Rect(left, top, left + style.width_px, top + style.height_px)
    width, height = abs(x1 - x0), abs(y1 - y0)
    if square or style.style is Style.RATIO:
        ratio = 1.0 if square else style.ratio_width / style.ratio_height
        wide = max(float(width), height * ratio)
        width, height = round(wide), round(wide / ratio)
    left, right = _span(x0, width, x1 < x0, from_middle)
    top, bottom = _span(y0, height, y1 < y0, from_middle)
    return Rect(left, top, right, bottom)


def _span(start: int, length: int, backwards: bool, from_middle: bool) -> tuple[int, int]:
    if from_middle:
        return start - length, start + length
    return (start - length, start) if backwards else (start, start + length)
