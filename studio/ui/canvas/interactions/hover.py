"""Regions of a picture that was cut into them once: outlining the one under the pointer, and choosing it."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QPainter

from studio.core.geometry import Point, Rect
from studio.plugin_api.interactions import LabelMap
from studio.ui.canvas import text
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.outline import MaskSamples
from studio.ui.canvas.overlays import HoverOutline
from studio.ui.canvas.text import say
from studio.ui.canvas.tool import Overlay, PointerEvent, Tool
from studio.ui.canvas.transform import ViewTransform


class RegionOutline(Overlay):
    """The outline of one region of a label map; none for label 0."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._map: LabelMap | None = None
        self._boxes: dict[int, Rect] = {}
        self._label = 0
        self._outline = HoverOutline(self)
        self._outline.repaint.connect(self.repaint)

    @property
    def labels(self) -> tuple[int, ...]:
        """The labels of the map's regions, in reading order of their boxes."""
        return tuple(sorted(self._boxes, key=lambda label: (self._boxes[label].top, self._boxes[label].left)))

    @property
    def label(self) -> int:
        """The outlined region."""
        return self._label

    def set_map(self, labels: LabelMap | None) -> None:
        """Take regions from another map, or from none."""
        self._map = labels
        self._boxes = {} if labels is None else _boxes(labels)
        self._label = 0
        self._outline.set_mask(None)

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
            self._outline.set_mask(None)
            return
        self._outline.set_mask(self._mask(self._map, label, box), box.origin)

    def inside_of(self, label: int) -> Point:
        """A pixel of the region, as near to its middle as there is one."""
        assert self._map is not None
        box = self._boxes[label]
        rows, columns = np.nonzero(self._mask(self._map, label, box))
        distance = (rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2
        nearest = int(distance.argmin())
        return Point(box.left + int(columns[nearest]), box.top + int(rows[nearest]))

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        self._outline.paint(painter, transform, look)

    def _mask(self, labels: LabelMap, label: int, box: Rect) -> MaskSamples:
        """The region within its box, 255 inside."""
        return (labels.labels[box.slices()] == label).astype(np.uint8) * np.uint8(255)


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


def _boxes(labels: LabelMap) -> dict[int, Rect]:
    """The box around each region."""
    rows, columns = np.nonzero(labels.labels)
    found = labels.labels[rows, columns]
    names, numbers = np.unique(found, return_inverse=True)
    count = len(names)
    low = np.full((2, count), np.iinfo(np.int64).max)
    high = np.zeros((2, count), np.int64)
    for axis, places in enumerate((rows, columns)):
        np.minimum.at(low[axis], numbers, places)
        np.maximum.at(high[axis], numbers, places)
    return {
        int(name): Rect(int(low[1, i]), int(low[0, i]), int(high[1, i]) + 1, int(high[0, i]) + 1)
        for i, name in enumerate(names)
    }
