"""What a field may use of the window it stands in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from studio.core.changes import Changes
from studio.core.events import DocumentChanged, Subscriptions
from studio.session import DocumentOpened, LayersSelected, Session
from studio.ui.canvas.tool import Tool
from studio.ui.canvas.view import CanvasView

Mask = NDArray[np.uint8]
_SHOWN = frozenset({"name", "ai_visible", "mask", "kind", "provenance"})


class FormHost(QObject):
    """The session, the canvas to draw on once there is one, and the masks that picks name.

    `document_changed` comes for another document or selection and for other layers or names, `tool_changed` when the
    canvas got another tool, `run_wanted` when a key asks for a run.
    """

    document_changed = Signal()
    tool_changed = Signal()
    run_wanted = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.arrays: dict[str, Mask] = {}
        self._canvas: CanvasView | None = None
        self._give_back: Callable[[], None] = _nothing
        self._subscriptions = Subscriptions()
        self._subscriptions.listen(session.opened, self._on_opened)
        self._subscriptions.listen(session.was_shut, self._on_shut)
        self._subscriptions.listen(session.document_changed, self._on_changed)
        self._subscriptions.listen(session.selected, self._on_selected)

    @property
    def canvas(self) -> CanvasView | None:
        return self._canvas

    @property
    def can_draw(self) -> bool:
        """Whether there is a picture on a canvas."""
        return self._canvas is not None and self.session.has_document

    def use_canvas(self, canvas: CanvasView, give_back: Callable[[], None]) -> None:
        """Draw on this canvas from now on; `give_back` lets it have its own tool again."""
        self._canvas = canvas
        self._give_back = give_back
        canvas.tool_changed.connect(self.tool_changed)
        self.document_changed.emit()

    def is_drawing(self, tool: Tool) -> bool:
        """Whether the canvas works with this tool."""
        return self._canvas is not None and self._canvas.tool is tool

    def begin(self, tool: Tool) -> None:
        """Let the user draw with this tool."""
        if self._canvas is not None and self.can_draw:
            self._canvas.set_tool(tool)

    def end(self, tool: Tool) -> None:
        """Give the canvas its own tool back, if it works with this one."""
        if self.is_drawing(tool):
            self._give_back()

    def release(self) -> None:
        """Hear nothing more."""
        self._subscriptions.close()

    def _on_opened(self, _: DocumentOpened) -> None:
        self.arrays.clear()
        self.document_changed.emit()

    def _on_shut(self, _: None) -> None:
        self.document_changed.emit()

    def _on_changed(self, news: DocumentChanged) -> None:
        if concerns_forms(news.changes):
            self.document_changed.emit()

    def _on_selected(self, _: LayersSelected) -> None:
        self.document_changed.emit()


def concerns_forms(changes: Changes) -> bool:
    """Whether something changed that forms show; painting and moving do not, and come many times a second."""
    shown = any(names & _SHOWN for names in changes.fields.values())
    return changes.structure_changed or bool(changes.document_fields) or shown


def _nothing() -> None:
    """There is no canvas yet."""
