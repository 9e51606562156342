"""Mouse gestures on a canvas, in canvas coordinates."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.ui.canvas.view import CanvasView


def at(canvas: CanvasView, x: float, y: float) -> QPoint:
    """The view pixel of a canvas point."""
    return QPoint(*(round(value) for value in canvas.transform.to_view(x, y)))


def drag(
    canvas: CanvasView,
    start: tuple[float, float],
    *stops: tuple[float, float],
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.ControlModifier,
) -> None:
    """Press, go through the stops (canvas points) and release; Control leaves out snapping."""
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, modifiers, at(canvas, *start))
    for stop in stops:
        move(canvas, stop, modifiers)
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, modifiers, at(canvas, *stops[-1]))


def move(canvas: CanvasView, stop: tuple[float, float], modifiers: Qt.KeyboardModifier) -> None:
    """Move with the left button and modifiers held, which QTest's own mouseMove cannot."""
    _send_move(canvas, at(canvas, *stop), Qt.MouseButton.LeftButton, modifiers)


def hover(canvas: CanvasView, x: float, y: float) -> None:
    """Move the pointer there with no button down, whatever QTest remembers of other tests."""
    _send_move(canvas, at(canvas, x, y), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier)


def _send_move(canvas: CanvasView, local: QPoint, held: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> None:
    around = QPointF(canvas.surface.mapToGlobal(local))
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(local), around, Qt.MouseButton.NoButton, held, modifiers)
    QApplication.sendEvent(canvas.surface, event)


def click(
    canvas: CanvasView, x: float, y: float, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """Press and release at one place."""
    QTest.mouseClick(canvas.surface, Qt.MouseButton.LeftButton, modifiers, at(canvas, x, y))


def double_click(canvas: CanvasView, x: float, y: float) -> None:
    """As a window system sends it: press, release, double click, release; QTest's own ends with a press."""
    click(canvas, x, y)
    local = at(canvas, x, y)
    around = QPointF(canvas.surface.mapToGlobal(local))
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(
        canvas.surface, QMouseEvent(QEvent.Type.MouseButtonDblClick, QPointF(local), around, button, button, none)
    )
    QTest.mouseRelease(canvas.surface, button, none, local)
