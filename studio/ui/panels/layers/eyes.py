"""Clicks on the eyes of the list: one, several in a drag, or only this one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QTreeView

from studio.core import edits
from studio.core.document import Document
from studio.core.history import LabelledEdit
from studio.core.layers import Layer, LayerId
from studio.session import Session
from studio.ui.panels.applying import apply
from studio.ui.panels.layers.model import Column, LayerModel
from studio.ui.panels.layers.rows import EYE_PX


@dataclass(slots=True)
class _Drag:
    """All eyes that the pointer passes become what the first one became; one undo step."""

    visible: bool
    gesture: Hashable
    last_y: int
    done: list[LayerId] = field(default_factory=list[LayerId])


class Eyes:
    """Switches visibility by `press`, `move` and `release` of the pointer."""

    def __init__(self, tree: QTreeView, layers: LayerModel, session: Session) -> None:
        self._tree = tree
        self._layers = layers
        self._session = session
        self._drag: _Drag | None = None
        self._gestures = 0
        self._before: dict[LayerId, bool] = {}

    @property
    def is_dragging(self) -> bool:
        """Whether the pointer is held down on an eye."""
        return self._drag is not None

    def forget(self) -> None:
        """Another document: nothing of what was alone is remembered."""
        self._drag = None
        self._before.clear()

    def press(self, layer: Layer, point: QPoint) -> None:
        """Show or hide a layer, and begin a drag over others."""
        self._gestures += 1
        self._drag = _Drag(not layer.visible, ("eyes", id(self), self._gestures), point.y())
        self._switch([layer.id])

    def move(self, point: QPoint) -> None:
        """Switch every eye between the last point and this one."""
        drag = self._drag
        assert drag is not None, "a drag over eyes is going on"
        low, high = sorted((drag.last_y, point.y()))
        x = self._tree.columnViewportPosition(Column.EYE) + EYE_PX // 2
        found: list[LayerId] = []
        for y in range(low, high + 1):
            layer = self._layers.layer_at(self._tree.indexAt(QPoint(x, y)))
            if layer is not None and layer.id not in found:
                found.append(layer.id)
        drag.last_y = point.y()
        self._switch(found)

    def release(self) -> None:
        """End the drag: the next one is another step."""
        self._drag = None
        if self._session.has_document:
            self._session.history.seal()

    def show_alone(self, layer: Layer) -> None:
        """Show only this layer; when it is alone already, show again what showed before."""
        document = self._session.document
        if edits.show_only(document, [layer.id]) == document:
            before = self._before or {other.id: True for other in document.walk()}
            self._before = {}
            apply(self._session, _with_visibility(before))
        else:
            self._before = {other.id: other.visible for other in document.walk()}
            apply(self._session, edits.step(edits.show_only, [layer.id]))

    def _switch(self, layers: Sequence[LayerId]) -> None:
        drag = self._drag
        assert drag is not None, "a drag over eyes is going on"
        new = [layer for layer in layers if layer not in drag.done]
        if new:
            drag.done += new
            apply(self._session, edits.each(edits.set_visible, new, drag.visible), drag.gesture)


def _with_visibility(visible: dict[LayerId, bool]) -> LabelledEdit:
    """Visibility layer by layer, for those that are still there; one step."""

    def change(document: Document) -> Document:
        for layer in list(document.walk()):
            if layer.id in visible and layer.visible is not visible[layer.id]:
                document = edits.set_visible(document, layer.id, visible[layer.id])
        return document

    return LabelledEdit(edits.EDITS["set_visible"].label, change)
