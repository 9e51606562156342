"""Objects marked by mask, box or point: the value is `params.Picks`."""

from __future__ import annotations

import math
import weakref
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter

from studio.core.events import DocumentChanged
from studio.core.geometry import Point, Rect, Size
from studio.plugin_api.interactions import LabelMap
from studio.plugin_api.params import BoxPick, MaskPick, Pick, Picks, PointPick
from studio.ui.canvas import text
from studio.ui.canvas.interactions.boxes import BoxInteraction, Item
from studio.ui.canvas.interactions.handles import Handle
from studio.ui.canvas.interactions.hover import RegionOutline
from studio.ui.canvas.interactions.marked import MarkedObject
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.outline import INSIDE, MaskSamples
from studio.ui.canvas.text import say
from studio.ui.canvas.tool import CanvasHost, PointerEvent
from studio.ui.canvas.transform import ViewTransform


class PicksInteraction(BoxInteraction[Picks]):
    """A click marks the object under it, a drag draws a box around one.

    Where the objects of the picture are known, the one under the pointer is outlined, and a click marks just that:
    `masked` brings the new mask's name and its canvas-sized samples before the value names it. Control shows finer
    parts, Shift adds what is clicked to the current object, Alt takes it away. Elsewhere a click marks a point.
    """

    masked = Signal(str, object)

    def __init__(self, value: Picks = (), parent: QObject | None = None) -> None:
        super().__init__(value, parent)
        self._levels: tuple[RegionOutline, ...] = ()
        self._shown: RegionOutline | None = None
        self._at: tuple[float, float] | None = None
        self._masks: dict[str, MarkedObject] = {}
        self._kept = 0
        """How many masks got a name here; none gets that of another, which a form may still undo to."""
        self.finished.connect(self._forget_unnamed)

    @property
    def name(self) -> str:
        return say(text.PICK)

    @property
    def knows_objects(self) -> bool:
        """Whether a click marks an object with its outline."""
        return bool(self._levels)

    def activate(self, host: CanvasHost) -> None:
        super().activate(host)
        self._ask()

    def deactivate(self) -> None:
        self._show_level(None)
        super().deactivate()

    def document_changed(self, news: DocumentChanged) -> None:
        self._ask()

    def set_label_maps(self, maps: tuple[LabelMap, ...]) -> None:
        """Take the objects under the pointer from these maps: whole objects first, then finer parts."""
        if tuple(level.map for level in self._levels) == maps:
            return
        self._show_level(None)
        for surplus in self._levels[len(maps) :]:
            surplus.deleteLater()
        missing = (self._level() for _ in maps[len(self._levels) :])
        self._levels = (*self._levels[: len(maps)], *missing)
        for level, one in zip(self._levels, maps, strict=True):
            level.set_map(one)
        if self._at is not None:
            self._hover_at(*self._at, fine=False)

    def set_masks(self, masks: Mapping[str, NDArray[np.uint8]]) -> None:
        """The (H, W) arrays that mask picks name, canvas-sized."""
        before = self._masks
        self._masks = {
            name: known if (known := before.get(name)) is not None and known.mask is mask else self._marked(mask)
            for name, mask in masks.items()
        }
        for name, marked in before.items():
            if self._masks.get(name) is not marked:
                marked.deleteLater()
        self.repaint.emit(None)

    def set_value(self, value: Picks) -> None:
        super().set_value(value)
        self._forget_unnamed(value)

    @property
    def masks(self) -> Mapping[str, NDArray[np.uint8]]:
        """The arrays that the value's mask picks name, as far as they are known."""
        named = {pick.array for pick in self.value if isinstance(pick, MaskPick)}
        return {name: marked.mask for name, marked in self._masks.items() if name in named}

    def items(self, value: Picks) -> tuple[Item, ...]:
        count = len(value)  # picks are front-most first, items bottom to top
        return tuple(self._item(pick, count - place) for place, pick in enumerate(reversed(value)))

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
        self._hover_at(event.x, event.y, fine=event.control)
        level = self._shown
        if level is None or not level.label:
            self._add(PointPick(x=at.x, y=at.y))
            return
        mask = level.mask_of(level.label, canvas.size)
        current = self._current_mask()
        if current is not None and (event.shift or event.alt):
            self._reshape(current, mask, away=event.alt)
        else:
            self._add(MaskPick(array=self._keep(mask)))

    def hover(self, event: PointerEvent) -> None:
        super().hover(event)
        self._at = event.x, event.y
        _, index = self._hit(event)
        if index is None:
            self._hover_at(event.x, event.y, fine=event.control)
        else:
            self._show_level(None)

    def leave(self) -> None:
        self._at = None
        self._show_level(None)

    def key_press(self, event: QKeyEvent) -> bool:
        self._on_control(event, held=True)
        return super().key_press(event)

    def key_release(self, event: QKeyEvent) -> bool:
        self._on_control(event, held=False)
        return super().key_release(event)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if self._shown is not None:
            painter.save()
            self._shown.paint(painter, transform, look)
            painter.restore()
        super().paint(painter, transform, look)

    def _hit(self, event: PointerEvent) -> tuple[Handle | None, int | None]:
        """With Shift or Alt a click goes through a marked object, to what it adds or takes away."""
        handle, index = super()._hit(event)
        if index is not None and (event.shift or event.alt) and self.items(self.value)[index].outline is not None:
            return None, None
        return handle, index

    # Finding objects

    def _ask(self) -> None:
        me = weakref.ref(self)  # the answer may come when this is gone

        def deliver(maps: tuple[LabelMap, ...]) -> None:
            tool = me()
            if tool is not None and tool.is_active:
                tool.set_label_maps(maps)

        self.host.find_objects(deliver)

    def _level(self) -> RegionOutline:
        level = RegionOutline(self)
        level.repaint.connect(self.repaint)
        return level

    def _hover_at(self, x: float, y: float, *, fine: bool) -> None:
        """Outline what lies there: a whole object, or with `fine` a part."""
        level = self._levels[-1 if fine else 0] if self._levels else None
        if level is not None:
            level.show_at(x, y)
        self._show_level(level)

    def _show_level(self, level: RegionOutline | None) -> None:
        if level is self._shown:
            return
        if self._shown is not None:
            self._shown.show_label(0)
        self._shown = level
        self.repaint.emit(None)

    def _on_control(self, event: QKeyEvent, *, held: bool) -> None:
        if event.key() == Qt.Key.Key_Control and self._shown is not None and self._at is not None:
            self._hover_at(*self._at, fine=held)

    # Marking

    def _add(self, pick: Pick) -> None:
        """Add a mark and make it the current one."""
        new: Picks = (pick, *self.value)
        self._take(new)
        self.set_current(len(new) - 1)
        self.finished.emit(new)

    def _current_mask(self) -> MaskPick | None:
        """The current mark, or the newest when there is none, if it is an object with an outline."""
        if not self.value:
            return None
        pick = self.value[0 if self.current is None else len(self.value) - 1 - self.current]
        return pick if isinstance(pick, MaskPick) and pick.array in self._masks else None

    def _reshape(self, pick: MaskPick, mask: MaskSamples, *, away: bool) -> None:
        """Add the mask to a marked object, or take it away; an object of which nothing is left goes."""
        old = self._masks[pick.array].mask
        new = np.where(mask >= INSIDE, np.uint8(0), old) if away else np.maximum(old, mask)
        place = self.value.index(pick)
        rest = (self.value[:place], self.value[place + 1 :])
        if (new >= INSIDE).any():
            value: Picks = (*rest[0], replace(pick, array=self._keep(new)), *rest[1])
        else:
            self.set_current(None)
            value = (*rest[0], *rest[1])
        self._take(value)
        self.finished.emit(value)

    def _keep(self, mask: MaskSamples) -> str:
        """Remember a mask under a new name."""
        self._kept += 1
        while (name := f"object{self._kept}") in self._masks:
            self._kept += 1
        self._masks[name] = self._marked(mask)
        self.masked.emit(name, mask)
        return name

    def _forget_unnamed(self, value: Picks) -> None:
        """Let go of the masks that the value no longer names."""
        named = {pick.array for pick in value if isinstance(pick, MaskPick)}
        for name in self._masks.keys() - named:
            self._masks.pop(name).deleteLater()

    def _item(self, pick: Pick, number: int) -> Item:
        caption = pick.name or say(text.OBJECT_NUMBER, number=number)
        match pick:
            case BoxPick():
                return Item(rect=Rect.at(Point(pick.x, pick.y), Size(pick.width, pick.height)), caption=caption)
            case PointPick():
                return Item(rect=Rect.at(Point(pick.x, pick.y), Size(1, 1)), caption=caption, is_point=True)
            case MaskPick():
                marked = self._masks.get(pick.array)
                rect = Rect(0, 0, 1, 1) if marked is None else marked.bounds
                return Item(rect=rect, caption=caption, outline=marked)

    def _marked(self, mask: MaskSamples) -> MarkedObject:
        marked = MarkedObject(mask, self)
        marked.repaint.connect(self.repaint)
        return marked
