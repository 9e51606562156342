"""What the tool of a canvas has pending, as the session asks for it."""

from __future__ import annotations

from studio.ui.canvas.view import CanvasView


class ToolWork:
    """The `studio.session.Pending` of a canvas, whatever its tool is at the moment."""

    def __init__(self, canvas: CanvasView) -> None:
        self._canvas = canvas

    @property
    def is_pending(self) -> bool:
        return self._canvas.tool.is_pending

    def settle(self) -> bool:
        return self._canvas.tool.settle()
