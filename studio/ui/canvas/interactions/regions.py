"""Labelled boxes, and the objects of a scene with phrase and colour."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtGui import QColor

from studio.core.geometry import Rect
from studio.plugin_api.interactions import Box, ObjectEntry, ObjectList, Region, Regions
from studio.ui.canvas import text
from studio.ui.canvas.interactions.boxes import BoxInteraction, Item
from studio.ui.canvas.text import say

COLORS = ("#e4572e", "#17bebb", "#ffc914", "#7b5ea7", "#76b041", "#2e86de", "#e86fb0", "#a97142", "#5c6b73", "#c8d63c")
"""New objects get these, one after the other: apart from each other for most eyes."""


class RegionsInteraction(BoxInteraction[Regions]):
    """Draw, move, resize and delete labelled boxes; `edit_wanted` asks the panel to edit a label."""

    @property
    def name(self) -> str:
        return say(text.REGIONS)

    def items(self, value: Regions) -> tuple[Item, ...]:
        return tuple(
            Item(
                rect=region.box.rect,
                caption=region.label or say(text.REGION_NUMBER, number=index + 1),
                color=QColor(COLORS[index % len(COLORS)]),
            )
            for index, region in enumerate(value)
        )

    def with_rect(self, value: Regions, index: int, rect: Rect) -> Regions:
        return (*value[:index], replace(value[index], box=Box.of(rect)), *value[index + 1 :])

    def with_new(self, value: Regions, rect: Rect) -> Regions:
        return (*value, Region(box=Box.of(rect)))

    def without(self, value: Regions, index: int) -> Regions:
        return (*value[:index], *value[index + 1 :])


class ObjectsInteraction(BoxInteraction[ObjectList]):
    """The same for objects: each box has the object's own colour and says its phrase."""

    @property
    def name(self) -> str:
        return say(text.OBJECTS)

    def items(self, value: ObjectList) -> tuple[Item, ...]:
        return tuple(
            Item(
                rect=entry.box.rect,
                caption=entry.phrase or say(text.OBJECT_NUMBER, number=index + 1),
                color=QColor(entry.color),
            )
            for index, entry in enumerate(value)
        )

    def with_rect(self, value: ObjectList, index: int, rect: Rect) -> ObjectList:
        return (*value[:index], replace(value[index], box=Box.of(rect)), *value[index + 1 :])

    def with_new(self, value: ObjectList, rect: Rect) -> ObjectList:
        return (*value, ObjectEntry(box=Box.of(rect), color=_unused_color(value)))

    def without(self, value: ObjectList, index: int) -> ObjectList:
        return (*value[:index], *value[index + 1 :])


def _unused_color(entries: ObjectList) -> str:
    """The first of our colours that no object has, else any."""
    used = {entry.color.lower() for entry in entries}
    return next((color for color in COLORS if color not in used), COLORS[len(entries) % len(COLORS)])
