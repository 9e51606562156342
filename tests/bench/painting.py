"""Strokes of the window's own brush: from a pointer event to repainted pixels, with panels and actions following."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from studio.ui.canvas.tools.strokes import StrokeTool
from studio.ui.main_window import MainWindow
from tests.bench.canvas import TARGET, CanvasBench
from tests.bench.row import Row

STEP_PX = 12
"""How far apart two pointer events of a stroke are, in logical pixels."""
LINE_PX = 480
"""Where a stroke turns to the next line."""


def rows(window: MainWindow, bench: CanvasBench) -> list[Row]:
    """The brush at 100 % and with the whole picture in view, on a layer in the middle of the stack."""
    window.session.select([TARGET])
    window.choose_tool("brush")
    tool = window.canvas.tool
    assert isinstance(tool, StrokeTool)
    found: list[Row] = []
    for size, view, name in (
        (64.0, window.canvas.actual_size, "brush of 64 px at 100 %"),
        (300.0, window.canvas.actual_size, "brush of 300 px at 100 %"),
        (64.0, window.canvas.fit, "brush of 64 px, whole picture in view"),
    ):
        tool.brush.change(size_px=size)
        view()
        bench.settle()
        with_stroke = Strokes(window)
        met = size <= 100
        found.append(
            bench.edit(f"{name}, one pointer event", "<= 16 ms" if met else "", 16 if met else None, with_stroke.move)
        )
        with_stroke.end()
        bench.settle()
    window.choose_tool("move")
    return found


class Strokes:
    """A stroke that began in the middle of the view and goes on with every `move`."""

    def __init__(self, window: MainWindow) -> None:
        self._surface = window.canvas.surface
        self._places = self._line()
        self._send(QEvent.Type.MouseButtonPress, Qt.MouseButton.LeftButton)

    def move(self) -> None:
        """Go on by one pointer event."""
        self._send(QEvent.Type.MouseMove, Qt.MouseButton.NoButton)

    def end(self) -> None:
        """Let the button go."""
        self._send(QEvent.Type.MouseButtonRelease, Qt.MouseButton.LeftButton)

    def _line(self) -> Iterator[QPointF]:
        middle = QPointF(self._surface.width() / 2, self._surface.height() / 2)
        for index in count():
            row, at = divmod(index * STEP_PX, LINE_PX)
            x = at if row % 2 == 0 else LINE_PX - at
            yield middle + QPointF(x - LINE_PX / 2, 40 * (row % 5) - 80)

    def _send(self, kind: QEvent.Type, button: Qt.MouseButton) -> None:
        at = next(self._places)
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
        globally = QPointF(self._surface.mapToGlobal(at.toPoint()))
        QApplication.sendEvent(
            self._surface, QMouseEvent(kind, at, globally, button, held, Qt.KeyboardModifier.NoModifier)
        )
