"""The frame of the crop tool: a rectangle that may be turned, and what handles, numbers and proportions do. No Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from studio.core.document import MAX_SIDE_PX
from studio.core.geometry import Affine, Point, Rect, Size
from studio.core.homography import Spot
from studio.ui.canvas.framing import Framing
from studio.ui.canvas.interactions.handles import Handle, resized

FREE, ORIGINAL = "free", "original"
RATIOS: Mapping[str, tuple[int, int]] = {
    "1:1": (1, 1),
    "5:4": (5, 4),
    "4:3": (4, 3),
    "3:2": (3, 2),
    "16:9": (16, 9),
    "2:1": (2, 1),
}
SIZES: Mapping[str, tuple[int, int]] = {
    "1080x1080": (1080, 1080),
    "1080x1350": (1080, 1350),
    "1920x1080": (1920, 1080),
    "3840x2160": (3840, 2160),
}
"""Sizes in pixels, which are proportions as well."""


@dataclass(frozen=True, slots=True)
class CropFrame:
    """`rect` (canvas pixels) turned clockwise by `degrees` about its middle."""

    rect: Rect
    degrees: float = 0.0

    @property
    def middle(self) -> Spot:
        return (self.rect.left + self.rect.right) / 2, (self.rect.top + self.rect.bottom) / 2

    @property
    def framing(self) -> Framing:
        """The same as a frame that is drawn and taken hold of like that of a transform."""
        return Framing.around(self.rect).turned(self.degrees) if self.degrees else Framing.around(self.rect)

    def moved(self, x: int, y: int) -> CropFrame:
        return replace(self, rect=self.rect.moved(Point(x, y)))

    def turned_to(self, degrees: float) -> CropFrame:
        """At this angle, from -180 to 180 degrees."""
        return replace(self, degrees=(degrees + 180) % 360 - 180)

    def pulled(self, handle: Handle, x: float, y: float, ratio: float | None, *, from_middle: bool) -> CropFrame:
        """A handle dragged by an offset; what lies opposite stays, or the middle with `from_middle`.

        Args:
            ratio: width divided by height to keep; None is free.
        """
        along_x, along_y = self._linear(-1).apply(x, y)
        rect = resized(
            self.rect,
            handle,
            round(along_x),
            round(along_y),
            keep_aspect=ratio is not None,
            from_middle=from_middle,
        )
        if ratio is not None:
            rect = _in_ratio(rect, handle, ratio, from_middle=from_middle)
        return self._kept(_limited(rect))

    def sized(self, width: int, height: int) -> CropFrame:
        """Of another size about the same middle."""
        left = self.rect.left + (self.rect.width - width) // 2
        top = self.rect.top + (self.rect.height - height) // 2
        return replace(self, rect=_limited(Rect(left, top, left + max(width, 1), top + max(height, 1))))

    def in_ratio(self, ratio: float) -> CropFrame:
        """The largest frame of this proportion inside, about the same middle."""
        width, height = self.rect.width, self.rect.height
        if width > height * ratio:
            return self.sized(max(1, round(height * ratio)), height)
        return self.sized(width, max(1, round(width / ratio)))

    def _kept(self, rect: Rect) -> CropFrame:
        """Another rectangle in this frame's own axes: turned about its own middle it must stay where it was dragged."""
        x, y = (rect.left + rect.right) / 2 - self.middle[0], (rect.top + rect.bottom) / 2 - self.middle[1]
        there_x, there_y = self._linear(1).apply(x, y)
        return replace(self, rect=rect.moved(Point(round(there_x - x), round(there_y - y))))

    def _linear(self, way: int) -> Affine:
        return Affine.rotation(way * self.degrees) if self.degrees else Affine()


def drawn_frame(start: Spot, end: Spot, ratio: float | None) -> CropFrame:
    """A new frame between two corners; with a ratio it keeps to the first one."""
    left, top = round(start[0]), round(start[1])
    seed = Rect(left, top, left + 1, top + 1)
    x, y = round(end[0]) - left, round(end[1]) - top
    handle = Handle(1 if x >= 0 else -1, 1 if y >= 0 else -1)
    width, height = max(abs(x), 1), max(abs(y), 1)
    if ratio is not None:
        width, height = max(width, round(height * ratio)), max(height, round(width / ratio))
    size = Size(width, height)
    corner = Point(
        seed.left if handle.across > 0 else seed.left - size.width,
        seed.top if handle.down > 0 else seed.top - size.height,
    )
    return CropFrame(_limited(Rect.at(corner, size)))


def angle_between(middle: Spot, start: Spot, end: Spot) -> float:
    """How far it is from one spot to the other around the middle, clockwise in degrees."""
    before = math.atan2(start[1] - middle[1], start[0] - middle[0])
    after = math.atan2(end[1] - middle[1], end[0] - middle[0])
    return math.degrees(after - before)


def _in_ratio(rect: Rect, handle: Handle, ratio: float, *, from_middle: bool) -> Rect:
    """With the height that goes exactly with the width; upright handles lead with the height."""
    if handle.across or ratio >= 1:
        width = rect.width if handle.across else max(1, round(rect.height * ratio))
        height = max(1, round(width / ratio)) if handle.across else rect.height
    else:
        width, height = max(1, round(rect.height * ratio)), rect.height
    left = rect.right - width if handle.across < 0 and not from_middle else rect.left
    top = rect.bottom - height if handle.down < 0 and not from_middle else rect.top
    if from_middle or not handle.across:
        left = rect.left + (rect.width - width) // 2
    if from_middle or not handle.down:
        top = rect.top + (rect.height - height) // 2
    return Rect(left, top, left + width, top + height)


def _limited(rect: Rect) -> Rect:
    """No larger than a document may be."""
    width, height = min(rect.width, MAX_SIDE_PX), min(rect.height, MAX_SIDE_PX)
    return Rect(rect.left, rect.top, rect.left + max(width, 1), rect.top + max(height, 1))
