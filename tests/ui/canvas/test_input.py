"""Pens, gestures and keys reach the tool as they should; nothing is left behind when a canvas goes."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QKeyEvent, QNativeGestureEvent, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from studio.session import Session
from studio.ui.canvas.tool import CanvasHost, PointerEvent, Tool
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.gestures import at, hover


class Recorder(Tool):
    """Writes down what it gets; takes the key K for itself."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[tuple[str, PointerEvent | None]] = []

    @property
    def name(self) -> str:
        return "Recorder"

    def press(self, event: PointerEvent) -> None:
        self.log.append(("press", event))

    def move(self, event: PointerEvent) -> None:
        self.log.append(("move", event))

    def release(self, event: PointerEvent) -> None:
        self.log.append(("release", event))

    def hover(self, event: PointerEvent) -> None:
        self.log.append(("hover", event))

    def cancel(self) -> None:
        self.log.append(("cancel", None))

    def claims(self, event: QKeyEvent) -> bool:
        return event.key() == Qt.Key.Key_K

    @property
    def words(self) -> list[str]:
        return [word for word, _ in self.log]


@pytest.fixture
def tool(canvas: CanvasView) -> Recorder:
    tool = Recorder()
    canvas.set_tool(tool)
    return tool


class Teller(Recorder):
    """Says what it waits for as it begins."""

    def activate(self, host: CanvasHost) -> None:
        super().activate(host)
        self.status.emit("Click somewhere")


def test_what_a_tool_says_as_it_begins_is_told(canvas: CanvasView) -> None:
    told: list[str] = []
    canvas.status.connect(told.append)
    canvas.set_tool(Teller())
    assert told[-1] == "Click somewhere"
    assert canvas.surface.accessibleDescription() == "Click somewhere"


@pytest.fixture
def stylus() -> QPointingDevice:
    return QPointingDevice(
        "stylus",
        1,
        QInputDevice.DeviceType.Stylus,
        QPointingDevice.PointerType.Eraser,
        QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
        1,
        2,
    )


def pen(canvas: CanvasView, stylus: QPointingDevice, kind: QEvent.Type, x: float, y: float, pressure: float) -> None:
    """Send a tablet event at a canvas point."""
    local = canvas.transform.to_view(x, y)
    button = Qt.MouseButton.NoButton if kind is QEvent.Type.TabletMove else Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.TabletRelease or not pressure else Qt.MouseButton.LeftButton
    event = QTabletEvent(
        kind,
        stylus,
        QPointF(*local),
        QPointF(canvas.surface.mapToGlobal(QPoint(0, 0))) + QPointF(*local),
        pressure,
        12.0,
        -7.0,
        0.0,
        0.0,
        0.0,
        Qt.KeyboardModifier.ShiftModifier,
        button,
        held,
    )
    QApplication.sendEvent(canvas.surface, event)
    assert event.isAccepted()


def test_pressure_tilt_and_eraser_reach_the_tool(canvas: CanvasView, tool: Recorder, stylus: QPointingDevice) -> None:
    pen(canvas, stylus, QEvent.Type.TabletMove, 5.25, 6.5, 0.0)
    pen(canvas, stylus, QEvent.Type.TabletPress, 10.25, 20.5, 0.3)
    pen(canvas, stylus, QEvent.Type.TabletMove, 12.25, 20.5, 0.7)
    pen(canvas, stylus, QEvent.Type.TabletRelease, 12.25, 20.5, 0.0)
    assert tool.words == ["hover", "press", "move", "release"]
    press, moved = tool.log[1][1], tool.log[2][1]
    assert press is not None
    assert moved is not None
    assert (press.x, press.y) == pytest.approx((10.25, 20.5))
    assert (press.pressure, moved.pressure) == pytest.approx((0.3, 0.7))
    assert (press.tilt_x, press.tilt_y) == (12.0, -7.0)
    assert press.eraser
    assert press.shift


def test_a_mouse_presses_fully(canvas: CanvasView, tool: Recorder) -> None:
    QTest.mouseClick(canvas.surface, Qt.MouseButton.LeftButton, pos=at(canvas, 30, 40))
    press = tool.log[0][1]
    assert press is not None
    assert (press.x, press.y, press.pressure, press.eraser) == (30.0, 40.0, 1.0, False)


def test_a_second_button_does_not_disturb_a_gesture(canvas: CanvasView, tool: Recorder) -> None:
    before = canvas.transform
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, pos=at(canvas, 30, 40))
    QTest.mousePress(canvas.surface, Qt.MouseButton.MiddleButton, pos=at(canvas, 30, 40))
    assert tool.words == ["press"]
    assert canvas.transform == before


def test_a_lost_release_ends_the_gesture(canvas: CanvasView, tool: Recorder) -> None:
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, pos=at(canvas, 30, 40))
    hover(canvas, 50, 40)  # no button is down any more
    assert tool.words[:2] == ["press", "release"]


def test_hiding_cancels(canvas: CanvasView, tool: Recorder) -> None:
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, pos=at(canvas, 30, 40))
    canvas.hide()
    assert tool.words == ["press", "cancel"]


def test_the_right_button_is_left_to_the_window(canvas: CanvasView, tool: Recorder) -> None:
    QTest.mouseClick(canvas.surface, Qt.MouseButton.RightButton, pos=at(canvas, 30, 40))
    assert tool.words == []


def test_a_tool_takes_its_keys_before_shortcuts(canvas: CanvasView, tool: Recorder) -> None:
    for key, taken in ((Qt.Key.Key_K, True), (Qt.Key.Key_Space, True), (Qt.Key.Key_L, False)):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QApplication.sendEvent(canvas.surface, event)
        assert event.isAccepted() == taken


@pytest.mark.parametrize(
    ("gesture", "value", "zoom", "angle"),
    [
        (Qt.NativeGestureType.ZoomNativeGesture, 0.5, 1.5, 0.0),
        (Qt.NativeGestureType.RotateNativeGesture, 20.0, 1.0, 20.0),
    ],
)
def test_pinching_zooms_and_turns_about_the_fingers(
    canvas: CanvasView, gesture: Qt.NativeGestureType, value: float, zoom: float, angle: float
) -> None:
    local = QPointF(120, 90)
    under = canvas.transform.to_canvas(120, 90)
    pad = QPointingDevice.primaryPointingDevice()
    event = QNativeGestureEvent(gesture, pad, 2, local, local, local, value, QPointF(), 1)
    QApplication.sendEvent(canvas.surface, event)
    assert canvas.transform.zoom == pytest.approx(zoom)
    assert canvas.transform.rotation_deg == pytest.approx(angle)
    assert canvas.transform.to_view(*under) == pytest.approx((120, 90), abs=1)


def test_a_destroyed_canvas_leaves_nothing(qtbot: QtBot, session: Session) -> None:
    window = QMainWindow()
    canvas = CanvasView(session)
    window.setCentralWidget(canvas)
    window.resize(400, 300)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: canvas.is_settled)
    surface = canvas.surface
    canvas.release()
    window.close()
    window.deleteLater()
    qtbot.waitUntil(lambda: not isValid(surface))
    assert len(session.document_changed) == 0
    session.start(session.document)  # nobody is there to fail


def test_closing_the_window_alone_ends_the_thread(qtbot: QtBot, session: Session) -> None:
    canvas = CanvasView(session)
    canvas.resize(300, 200)
    canvas.show()
    qtbot.waitUntil(lambda: canvas.is_settled)
    canvas.deleteLater()
    qtbot.waitUntil(lambda: not isValid(canvas))
    assert len(session.document_changed) == 0


def test_many_documents_leave_one_thread(show: Callable[[Session], CanvasView], session: Session, qtbot: QtBot) -> None:
    canvas = show(session)
    for _ in range(5):
        session.start(session.document)
        qtbot.waitUntil(lambda: canvas.is_settled)
    assert [thread.name for thread in threading.enumerate()].count("canvas-render") == 1
