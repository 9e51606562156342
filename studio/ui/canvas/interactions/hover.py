"""Regions of a picture that was cut into them once: outlining the one under the pointer, and choosing it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QCursor, QImage, QKeyEvent, QPainter

from studio.core.geometry import ORIGIN, Point, Rect, Size
from studio.plugin_api.interactions import LabelMap
from studio.ui.canvas import text
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.outline import INSIDE, MaskSamples
from studio.ui.canvas.overlays import AccentTint, HoverOutline
from studio.ui.canvas.text import say
from studio.ui.canvas.tool import Overlay, PointerEvent, Tool
from studio.ui.canvas.transform import ViewTransform


class RegionOutline(Overlay):
    """The outline of one region of a label map; none for label 0."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._map: LabelMap | None = None
        self._boxes: Mapping[int, Rect] = {}
        self._label = 0
        self._outline = HoverOutline(self)
        self._outline.repaint.connect(self.repaint)
        self._tint = AccentTint(self)
        self._tint.repaint.connect(self.repaint)

    @property
    def labels(self) -> tuple[int, ...]:
        """The labels of the map's regions, in reading order of their boxes."""
        return tuple(sorted(self._boxes, key=lambda label: (self._boxes[label].top, self._boxes[label].left)))

    @property
    def map(self) -> LabelMap | None:
        """Where the regions are taken from."""
        return self._map

    @property
    def label(self) -> int:
        """The outlined region."""
        return self._label

    def set_map(self, labels: LabelMap | None) -> None:
        """Take regions from another map, or from none."""
        self._map = labels
        self._boxes = {} if labels is None else labels.boxes
        self._label = 0
        self._show(None)

    def show_at(self, x: float, y: float) -> None:
        """Outline the region under a canvas point."""
        self.show_label(0 if self._map is None else self._map.at(math.floor(x), math.floor(y)))

    def show_label(self, label: int) -> None:
        """Outline a region."""
        if label == self._label or self._map is None:
            return
        self._label = label
        box = self._boxes.get(label)
        if box is None:
            self._show(None)
            return
        self._show(region_mask(self._map, label, box), Point(box.left * self._map.step, box.top * self._map.step))

    def mask_of(self, label: int, size: Size) -> MaskSamples:
        """(H, W) of the canvas, 255 inside the region."""
        mask = np.zeros((size.height, size.width), np.uint8)
        box = self._boxes.get(label)
        if box is not None and self._map is not None:
            step = self._map.step
            part = region_mask(self._map, label, box)
            top, left = box.top * step, box.left * step
            part = part[: size.height - top, : size.width - left]
            mask[top : top + part.shape[0], left : left + part.shape[1]] = part
        return mask

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        for overlay in (self._tint, self._outline):
            painter.save()
            overlay.paint(painter, transform, look)
            painter.restore()

    def _show(self, mask: MaskSamples | None, origin: Point = ORIGIN) -> None:
        self._tint.set_mask(mask, origin)
        self._outline.set_mask(mask, origin)


def region_mask(labels: LabelMap, label: int, box: Rect) -> MaskSamples:
    """The region within its box (in labels), 255 inside; one sample for each canvas pixel, with smooth edges."""
    mask = (labels.labels[box.slices()] == label).astype(np.uint8) * np.uint8(255)
    return mask if labels.step == 1 else smoothly_enlarged(mask, labels.step)


def smoothly_enlarged(mask: MaskSamples, step: int) -> MaskSamples:
    """The mask `step` times as large; its stairs become slopes."""
    height, width = mask.shape
    image = QImage(mask.data, width, height, width, QImage.Format.Format_Grayscale8)
    large = image.scaled(
        width * step, height * step, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    lines = np.frombuffer(cast("memoryview", large.constBits()), np.uint8).reshape(large.height(), large.bytesPerLine())
    return np.where(lines[:, : large.width()] >= INSIDE, np.uint8(255), np.uint8(0))


class HoverInteraction(Tool):
    """Choose a region: the one under the pointer is outlined, a click chooses it.

    `changed` brings the label of a chosen region. Tab and Shift+Tab go through the regions, Return or Space chooses.
    """

    changed = Signal(int)

    def __init__(self, labels: LabelMap, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._map = labels
        self._value = 0
        self._outline = RegionOutline(self)
        self._outline.set_map(labels)
        self._outline.repaint.connect(self.repaint)

    @property
    def name(self) -> str:
        return say(text.HOVER)

    @property
    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.PointingHandCursor if self._outline.label else Qt.CursorShape.ArrowCursor)

    @property
    def value(self) -> int:
        """The label chosen last; 0 before the first choice."""
        return self._value

    def hover(self, event: PointerEvent) -> None:
        self._outline.show_at(event.x, event.y)

    def leave(self) -> None:
        self._outline.show_label(0)

    def release(self, event: PointerEvent) -> None:
        self._choose(self._map.at(math.floor(event.x), math.floor(event.y)))

    def claims(self, event: QKeyEvent) -> bool:
        return bool(self._outline.label) and Qt.Key(event.key()) in (Qt.Key.Key_Return, Qt.Key.Key_Enter)

    def key_press(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return self._go_on(-1 if key is Qt.Key.Key_Backtab else 1)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._outline.label:
            self._choose(self._outline.label)
            return True
        return False

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        self._outline.paint(painter, transform, look)

    def _choose(self, label: int) -> None:
        if label:
            self._value = label
            self.changed.emit(label)

    def _go_on(self, step: int) -> bool:
        """Outline the next region; after the last one the focus leaves the canvas."""
        labels = self._outline.labels
        now = self._outline.label
        place = (0 if step > 0 else len(labels) - 1) if now not in labels else labels.index(now) + step
        inside = 0 <= place < len(labels)
        self._outline.show_label(labels[place] if inside else 0)
        if inside:
            self.status.emit(say(text.REGION_STATUS, number=place + 1, count=len(labels)))
        return inside
