"""Small pictures of layers and masks, made between events and kept for as long as the pixels stay the same."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.layers import Layer, LayerId, Mask, RasterLayer
from studio.core.pixels import TILE, Depth, PixelBuffer, Pixels
from studio.ui import theme

SHARE_S = 0.004
"""How long pictures are made at a stretch before other events get their turn."""
PATIENCE_MS = 150
"""How long a picture that is out of date stays, so that a stroke or a drag makes none at every step."""
CHECKER_PX = 4
_OVERSAMPLING = 2

Key = tuple[LayerId, bool]
"""A layer, and whether its mask is meant."""


@dataclass(frozen=True, slots=True)
class _Kept:
    picture: QPixmap
    pixels: int
    side: float


class Thumbnails(QObject):
    """Gives a picture at once when it has one; otherwise makes it soon and says so by `ready`.

    A layer is shown as its bounds are, a mask as it lies on the canvas.
    """

    ready = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.made = 0
        self._document: Document | None = None
        self._kept: dict[Key, _Kept] = {}
        self._due: dict[Key, float] = {}
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._work)

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits to be made."""
        return not self._due

    def show(self, document: Document | None, changed: Iterable[LayerId] | None = None) -> None:
        """Work on this root from now on; pictures of `changed` layers (all when None) are out of date."""
        self._document = document
        if changed is None:
            self._kept.clear()
            self._due.clear()
        else:
            for layer_id in changed:
                for key in ((layer_id, False), (layer_id, True)):
                    if (kept := self._kept.get(key)) is not None:
                        self._kept[key] = _Kept(kept.picture, 0, kept.side)

    def forget(self, layers: Iterable[LayerId] = ()) -> None:
        """Let go of the pictures of these layers, or of all."""
        keys = [(layer_id, mask) for layer_id in layers for mask in (False, True)] or list(self._kept)
        for key in keys:
            self._kept.pop(key, None)

    def of_layer(self, layer: RasterLayer, side_px: int, scale: float) -> QPixmap | None:
        """The layer's picture, which may be an old one while the new one is being made; None before the first."""
        return self._picture((layer.id, False), id(layer.pixels), side_px * scale)

    def of_mask(self, layer: Layer, mask: Mask, side_px: int, scale: float) -> QPixmap | None:
        """The same for its mask."""
        return self._picture((layer.id, True), hash((id(mask.pixels), mask.origin)), side_px * scale)

    def release(self) -> None:
        """Make nothing more."""
        self._timer.stop()
        self.show(None)

    def _picture(self, key: Key, pixels: int, side: float) -> QPixmap | None:
        kept = self._kept.get(key)
        if kept is None or kept.pixels != pixels or kept.side != side:
            self._due[key] = side
            if not self._timer.isActive():
                self._timer.start(0 if kept is None else PATIENCE_MS)
        return None if kept is None else kept.picture

    def _work(self) -> None:
        started = time.perf_counter()
        while self._due and time.perf_counter() - started < SHARE_S:
            key = next(iter(self._due))
            self._make(key, self._due.pop(key))
        if self._due:
            self._timer.start(0)

    def _make(self, key: Key, side: float) -> None:
        document = self._document
        layer = None if document is None else document.find(key[0])
        if document is None or layer is None:
            return
        if key[1] and layer.mask is not None:
            area = document.canvas.moved(-layer.mask.origin)
            picture = framed(layer.mask.pixels, area, round(side))
            self._kept[key] = _Kept(picture, hash((id(layer.mask.pixels), layer.mask.origin)), side)
        elif not key[1] and isinstance(layer, RasterLayer):
            self._kept[key] = _Kept(framed(layer.pixels, layer.pixels.rect, round(side)), id(layer.pixels), side)
        else:
            return
        self.made += 1
        self.ready.emit(key[0])


def framed(pixels: PixelBuffer, area: Rect, side_px: int) -> QPixmap:
    """`area` of a buffer fitted into a square of device pixels, over a checkerboard where it is transparent."""
    picture = QPixmap(side_px, side_px)
    picture.fill(Qt.GlobalColor.transparent)
    if area.is_empty:
        where = QRect(0, 0, side_px, side_px)
    else:
        size = QSize(area.width, area.height).scaled(side_px, side_px, Qt.AspectRatioMode.KeepAspectRatio)
        size = size.expandedTo(QSize(1, 1))
        where = QRect((side_px - size.width()) // 2, (side_px - size.height()) // 2, size.width(), size.height())
    painter = QPainter(picture)
    _checker(painter, where, max(2, side_px // 8))
    if not area.is_empty:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        image = _image(sampled(pixels, area, _OVERSAMPLING * side_px))
        smooth = image.scaled(
            where.size(), Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        painter.drawImage(where.topLeft(), smooth)
    painter.end()
    return picture


def sampled(pixels: PixelBuffer, area: Rect, most_px: int) -> Pixels:
    """(h, w, C) uint8: every n-th sample of `area`, so few that neither side exceeds `most_px`; not empty."""
    step = max(1, -(-max(area.width, area.height) // most_px))
    first_x, first_y = area.left + min(step // 2, area.width - 1), area.top + min(step // 2, area.height - 1)
    width, height = -(-(area.right - first_x) // step), -(-(area.bottom - first_y) // step)
    out = np.full((height, width, pixels.channels), pixels.fill, pixels.depth.dtype)
    for (column, row), tile in pixels.tiles.items():
        xs, source_x = _hits(column * TILE, first_x, step, width)
        ys, source_y = _hits(row * TILE, first_y, step, height)
        part = tile[source_y::step, source_x::step][: ys.stop - ys.start, : xs.stop - xs.start]
        out[ys, xs] = part
    if pixels.depth is Depth.SIXTEEN:
        out = (out >> 8).astype(np.uint8)
    return out


def _hits(start: int, first: int, step: int, count: int) -> tuple[slice, int]:
    """Which of `count` samples at first, first + step, ... lie in a tile that starts at `start`; where there."""
    low = max(0, -(-(start - first) // step))
    high = min(count, -(-(start + TILE - first) // step))
    return slice(low, max(low, high)), max(0, first + low * step - start)


def _image(samples: Pixels) -> QImage:
    samples = np.ascontiguousarray(samples)
    height, width, channels = samples.shape
    told = QImage.Format.Format_RGBA8888 if channels == 4 else QImage.Format.Format_Grayscale8
    return QImage(samples.data, width, height, samples.strides[0], told).copy()


def _checker(painter: QPainter, where: QRect, square_px: int) -> None:
    look = theme.current()
    painter.fillRect(where, QColor(look.checker_light))
    dark = QColor(look.checker_dark)
    for row, y in enumerate(range(where.top(), where.bottom() + 1, square_px)):
        for x in range(where.left() + (row % 2) * square_px, where.right() + 1, 2 * square_px):
            painter.fillRect(QRect(x, y, square_px, square_px).intersected(where), dark)
