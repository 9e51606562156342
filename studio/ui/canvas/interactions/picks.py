"""Objects marked by mask, box or point: the value is `params.Picks`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QPainter

from studio.core.geometry import Point, Rect, Size
from studio.plugin_api.interactions import LabelMap
from studio.plugin_api.params import BoxPick, MaskPick, Pick, Picks, PointPick
from studio.ui.canvas import text
from studio.ui.canvas.interactions.boxes import BoxInteraction, Item
from studio.ui.canvas.interactions.hover import RegionOutline
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.outline import INSIDE, MaskSamples
from studio.ui.canvas.overlays import HoverOutline
from studio.ui.canvas.text import say
from studio.ui.canvas.tool import PointerEvent
from studio.ui.canvas.transform import ViewTransform


class PicksInteraction(BoxInteraction[Picks]):
    """A click marks the object under it, a drag draws a box around one; masks are shown and can be taken away.

    With a label map, what a click would mark is outlined under the pointer.
    """

    def __init__(self, value: Picks = (), parent: QObject | None = None) -> None:
        super().__init__(value, parent)
        self._hover = RegionOutline(self)
        self._hover.repaint.connect(self.repaint)
        self._masks: dict[str, tuple[Rect, HoverOutline]] = {}

    @property
    def name(self) -> str:
        return say(text.PICK)

    def set_label_map(self, labels: LabelMap | None) -> None:
        """Outline regions of this map under the pointer."""
        self._hover.set_map(labels)

    def set_masks(self, masks: Mapping[str, NDArray[np.uint8]]) -> None:
        """The (H, W) arrays that mask picks name, canvas-sized."""
        self._masks = {name: (_bounds(mask), self._outline(mask)) for name, mask in masks.items()}
        self.repaint.emit(None)

    def items(self, value: Picks) -> tuple[Item, ...]:
        return tuple(self._item(pick) for pick in reversed(value))  # picks are front-most first, items bottom to top

    def with_rect(self, value: Picks, index: int, rect: Rect) -> Picks:
        place = len(value) - 1 - index
        pick = value[place]
        if isinstance(pick, BoxPick):
            pick = replace(pick, x=rect.left, y=rect.top, width=rect.width, height=rect.height)
        elif isinstance(pick, PointPick):
            pick = replace(pick, x=rect.left, y=rect.top)
        return (*value[:place], pick, *value[place + 1 :])

    def with_new(self, value: Picks, rect: Rect) -> Picks:
        new = BoxPick(x=rect.left, y=rect.top, width=rect.width, height=rect.height)
        return (new, *value)

    def without(self, value: Picks, index: int) -> Picks:
        place = len(value) - 1 - index
        return (*value[:place], *value[place + 1 :])

    def clicked(self, event: PointerEvent) -> None:
        canvas = self.host.session.document.canvas if self.host.session.has_document else None
        at = Point(math.floor(event.x), math.floor(event.y))
        if canvas is None or not canvas.contains_point(at):
            self.set_current(None)
            return
        self._mark(at)

    def hover(self, event: PointerEvent) -> None:
        super().hover(event)
        _, index = self._hit(event)
        if index is None:
            self._hover.show_at(event.x, event.y)
        else:
            self._hover.show_label(0)

    def leave(self) -> None:
        self._hover.show_label(0)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        painter.save()
        self._hover.paint(painter, transform, look)
        painter.restore()
        super().paint(painter, transform, look)

    def _mark(self, at: Point) -> None:
        """Add a point and make it the current one."""
        new: Picks = (PointPick(x=at.x, y=at.y), *self.value)
        self._take(new)
        self.set_current(len(new) - 1)
        self.finished.emit(new)

    def _item(self, pick: Pick) -> Item:
        match pick:
            case BoxPick():
                return Item(rect=Rect.at(Point(pick.x, pick.y), Size(pick.width, pick.height)), caption=pick.name)
            case PointPick():
                return Item(rect=Rect.at(Point(pick.x, pick.y), Size(1, 1)), caption=pick.name, is_point=True)
            case MaskPick():
                known = self._masks.get(pick.array)
                rect, outline = (Rect(0, 0, 1, 1), None) if known is None else known
                return Item(rect=rect, caption=pick.name or pick.array, outline=outline)

    def _outline(self, mask: MaskSamples) -> HoverOutline:
        outline = HoverOutline(self)
        outline.set_mask(mask)
        outline.repaint.connect(self.repaint)
        return outline


def _bounds(mask: MaskSamples) -> Rect:
    """Where the mask is inside; one pixel when it is nowhere."""
    rows, columns = np.flatnonzero((mask >= INSIDE).any(axis=1)), np.flatnonzero((mask >= INSIDE).any(axis=0))
    if not rows.size:
        return Rect(0, 0, 1, 1)
    return Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
