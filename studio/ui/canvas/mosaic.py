"""The composite at one level as Qt draws it, and which part of it is there and up to date."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage, QPainter, QRegion

from studio.core.geometry import EMPTY, Point, Rect, Size

TILE = 256
WHOLE_AREA = 16_000_000
"""A level of up to so many pixels is kept whole."""


def qrect(rect: Rect) -> QRect:
    """The same rectangle for Qt."""
    return QRect(rect.left, rect.top, rect.width, rect.height)


def rect_of(rect: QRect) -> Rect:
    """The same rectangle of ours."""
    return Rect(rect.left(), rect.top(), rect.left() + rect.width(), rect.top() + rect.height())


def rects_of(region: QRegion) -> list[Rect]:
    """The rectangles that a region consists of."""
    return [rect_of(rect) for rect in cast("Iterable[QRect]", region)]  # its stub does not say that it can be iterated


class Mosaic:
    """What is known of one level. Coordinates are level pixels: canvas pixels divided by 2 ** level.

    It holds the whole level when that is small, else a window around what is seen. `stale` has to be composited
    (again), `filled` has pixels, possibly old ones, `clear` is where some of them are not opaque.
    """

    def __init__(self, canvas: Size, level: int) -> None:
        self.level = level
        self.area = _leveled(canvas.rect, level)
        self.window = EMPTY
        self.stale = QRegion()
        self.filled = QRegion()
        self.clear = QRegion()
        self.image = QImage()
        if self.area.area <= WHOLE_AREA:
            self._move(self.area)

    @property
    def nbytes(self) -> int:
        return self.image.sizeInBytes()

    @property
    def is_whole(self) -> bool:
        """Whether the window is the whole level."""
        return self.window == self.area

    def leveled(self, canvas_rect: Rect) -> Rect:
        """The level pixels that a rectangle of canvas pixels touches, within the canvas."""
        return _leveled(canvas_rect, self.level).intersect(self.area)

    def on_canvas(self, rect: Rect) -> Rect:
        """The canvas pixels behind level pixels."""
        k = self.level
        return Rect(rect.left << k, rect.top << k, rect.right << k, rect.bottom << k)

    def cover(self, seen: Rect) -> None:
        """Make the window hold the level pixels `seen`, with room around them for what will be seen next."""
        if self.window.contains(seen):
            return
        margin_px = max(TILE, max(seen.width, seen.height) // 4)
        wide = seen.grown(margin_px)
        on_grid = Rect(
            wide.left // TILE * TILE,
            wide.top // TILE * TILE,
            -(-wide.right // TILE) * TILE,
            -(-wide.bottom // TILE) * TILE,
        )
        self._move(on_grid.intersect(self.area))

    def invalidate(self, canvas_rect: Rect) -> None:
        """The picture changed there."""
        self.stale += QRegion(qrect(self.leveled(canvas_rect).intersect(self.window)))

    def ordered(self, rect: Rect) -> None:
        """These level pixels are being composited: they are not stale unless the document changes again."""
        self.stale -= QRegion(qrect(rect))

    def write(self, rect: Rect, image: QImage, opaque: bool) -> Rect:
        """Take in new pixels of `rect`; returns the level pixels that were written."""
        part = rect.intersect(self.window)
        if part.is_empty:
            return part
        if part == rect == self.window:
            self.image = image
        else:
            _copy(image, part.origin - rect.origin, self.image, part.moved(-self.window.origin))
        region = QRegion(qrect(part))
        self.filled += region
        self.clear = self.clear - region if opaque else self.clear + region
        return part

    def pixel(self, x: int, y: int) -> tuple[int, int, int, int] | None:
        """Straight red, green, blue, alpha (0..255) of a level pixel; None where nothing is known yet."""
        if not self.filled.contains(QPoint(x, y)):
            return None
        color = self.image.pixelColor(x - self.window.left, y - self.window.top)
        return color.red(), color.green(), color.blue(), color.alpha()

    def _move(self, window: Rect) -> None:
        """Hold another part of the level; what both parts have in common is kept."""
        image = QImage(window.width, window.height, QImage.Format.Format_ARGB32_Premultiplied)
        common = window.intersect(self.window)
        if not common.is_empty:
            _copy(self.image, common.origin - self.window.origin, image, common.moved(-window.origin))
        kept, inside = QRegion(qrect(common)), QRegion(qrect(window))
        self.stale = (self.stale & kept) + (inside - kept)
        self.filled &= kept
        self.clear &= kept
        self.window, self.image = window, image


def _copy(source: QImage, corner: Point, target: QImage, rect: Rect) -> None:
    """Copy the pixels of `source` that start at `corner` into `rect` of `target`."""
    painter = QPainter(target)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    painter.drawImage(rect.left, rect.top, source, corner.x, corner.y, rect.width, rect.height)
    painter.end()


def _leveled(rect: Rect, level: int) -> Rect:
    step = 1 << level
    return Rect(rect.left // step, rect.top // step, -(-rect.right // step), -(-rect.bottom // step))
