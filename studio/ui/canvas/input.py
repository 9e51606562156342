"""From Qt's events on the surface to what tools understand; zooming, panning and turning that every tool shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QSinglePointEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture

from studio.ui.canvas.surface import CanvasSurface
from studio.ui.canvas.tool import CanvasHost, PointerEvent, Tool
from studio.ui.canvas.tools.navigation import HandTool, RotateTool, ZoomTool
from studio.ui.canvas.transform import next_zoom

NOTCH = 120
"""What one step of a mouse wheel reports, in eighths of a degree."""
_MODIFIER_KEYS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt)


class CanvasInput(QObject):
    """Filters the surface's events. `pointed` brings the canvas point under the pointer, or None when it left.

    While space is held, dragging pans; with Control it zooms, with Shift it turns the view. The middle button pans.
    """

    pointed = Signal(object)

    def __init__(self, surface: CanvasSurface, host: CanvasHost, tool: Tool) -> None:
        super().__init__(surface)
        self._surface = surface
        self._host = host
        self._hand, self._zoom, self._rotate = HandTool(self), ZoomTool(self), RotateTool(self)
        for shared in (self._hand, self._zoom, self._rotate):
            shared.activate(host)
        self._tool = tool
        self._gesture: Tool | None = None
        self._space = False
        self._wheel = 0.0
        self._handlers: dict[QEvent.Type, Callable[[QEvent], bool]] = {
            QEvent.Type.MouseButtonPress: self._on_mouse_press,
            QEvent.Type.MouseButtonDblClick: self._on_mouse_press,
            QEvent.Type.MouseMove: self._on_mouse_move,
            QEvent.Type.MouseButtonRelease: self._on_mouse_release,
            QEvent.Type.TabletPress: self._on_tablet_press,
            QEvent.Type.TabletMove: self._on_tablet_move,
            QEvent.Type.TabletRelease: self._on_tablet_release,
            QEvent.Type.Wheel: self._on_wheel,
            QEvent.Type.NativeGesture: self._on_native_gesture,
            QEvent.Type.Gesture: self._on_gesture,
            QEvent.Type.ShortcutOverride: self._on_shortcut,
            QEvent.Type.KeyPress: self._on_key_press,
            QEvent.Type.KeyRelease: self._on_key_release,
            QEvent.Type.FocusOut: self._on_lost,
            QEvent.Type.Hide: self._on_lost,
            QEvent.Type.Enter: self._on_enter,
            QEvent.Type.Leave: self._on_leave,
        }
        surface.installEventFilter(self)

    @property
    def tool(self) -> Tool:
        """The chosen tool."""
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Send events to another tool from now on; a gesture of the last one is cancelled."""
        self.cancel()
        self._tool = tool
        self._show_cursor()

    def cancel(self) -> None:
        """Take back the gesture that is under way."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()

    def show_cursor(self) -> None:
        """Read the tool's cursor again."""
        self._show_cursor()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        handler = self._handlers.get(event.type())
        return handler(event) if handler is not None else False

    # Pointer

    def _on_mouse_press(self, event: QEvent) -> bool:
        mouse = cast("QMouseEvent", event)
        clicks = 2 if event.type() == QEvent.Type.MouseButtonDblClick else 1
        return self._press(self._pointer(mouse, mouse.button(), clicks=clicks))

    def _on_mouse_move(self, event: QEvent) -> bool:
        mouse = cast("QMouseEvent", event)
        return self._move(self._pointer(mouse, mouse.button()), pressed=bool(mouse.buttons()))

    def _on_mouse_release(self, event: QEvent) -> bool:
        mouse = cast("QMouseEvent", event)
        return self._release(self._pointer(mouse, mouse.button()))

    def _on_tablet_press(self, event: QEvent) -> bool:
        return self._press(self._pen(cast("QTabletEvent", event)))

    def _on_tablet_move(self, event: QEvent) -> bool:
        tablet = cast("QTabletEvent", event)
        return self._move(self._pen(tablet), pressed=bool(tablet.buttons()))

    def _on_tablet_release(self, event: QEvent) -> bool:
        return self._release(self._pen(cast("QTabletEvent", event)))

    def _press(self, event: PointerEvent) -> bool:
        if self._gesture is not None:  # a second button: the first one keeps the gesture
            return True
        tool = self._tool_for(event)
        if tool is None:
            return False
        self._gesture = tool
        tool.press(event)
        self._show_cursor()
        return True

    def _move(self, event: PointerEvent, *, pressed: bool) -> bool:
        self._surface.set_focus_point(event.x, event.y)
        if self._gesture is not None and not pressed:  # the release was lost, for instance to a dialog
            self._release(event)
        if self._gesture is not None:
            self._gesture.move(event)
        elif not pressed:
            self._override().hover(event)
            self._show_cursor()
        self.pointed.emit((event.x, event.y))
        return True

    def _release(self, event: PointerEvent) -> bool:
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.release(event)
            self._show_cursor()
        return True

    def _tool_for(self, event: PointerEvent) -> Tool | None:
        if event.button == Qt.MouseButton.MiddleButton:
            return self._hand
        return self._override(event.modifiers) if event.button == Qt.MouseButton.LeftButton else None

    def _override(self, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> Tool:
        """The tool that a press would go to."""
        if not self._space:
            return self._tool
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            return self._zoom
        return self._rotate if modifiers & Qt.KeyboardModifier.ShiftModifier else self._hand

    def _pointer(self, event: QSinglePointEvent, button: Qt.MouseButton, *, clicks: int = 1) -> PointerEvent:
        at = event.position()
        x, y = self._surface.transform.to_canvas(at.x(), at.y())
        return PointerEvent(
            x=x,
            y=y,
            view_x=at.x(),
            view_y=at.y(),
            button=button,
            modifiers=event.modifiers(),
            clicks=clicks,
            time_ms=event.timestamp(),
        )

    def _pen(self, event: QTabletEvent) -> PointerEvent:
        at = event.position()
        x, y = self._surface.transform.to_canvas(at.x(), at.y())
        event.accept()  # else Qt makes a mouse event of it as well
        return PointerEvent(
            x=x,
            y=y,
            view_x=at.x(),
            view_y=at.y(),
            pressure=event.pressure(),
            tilt_x=event.xTilt(),
            tilt_y=event.yTilt(),
            button=event.button(),
            modifiers=event.modifiers(),
            eraser=event.pointerType() == QPointingDevice.PointerType.Eraser,
            time_ms=event.timestamp(),
        )

    # Zooming by wheel and fingers

    def _on_wheel(self, event: QEvent) -> bool:
        wheel = cast("QWheelEvent", event)
        modifiers, at = wheel.modifiers(), wheel.position()
        fingers = wheel.device() is not None and wheel.device().type() == QPointingDevice.DeviceType.TouchPad
        shift, alt = modifiers & Qt.KeyboardModifier.ShiftModifier, modifiers & Qt.KeyboardModifier.AltModifier
        if (fingers and not modifiers & Qt.KeyboardModifier.ControlModifier) or shift or alt:
            self._pan_by_wheel(wheel, sideways=bool(shift))
        else:
            self._zoom_by_wheel(wheel.angleDelta().y(), at)
        wheel.accept()
        return True

    def _pan_by_wheel(self, wheel: QWheelEvent, *, sideways: bool) -> None:
        delta = QPointF(wheel.pixelDelta()) if not wheel.pixelDelta().isNull() else QPointF(wheel.angleDelta()) / 2
        x, y = delta.x(), delta.y()
        if sideways and not x:
            x, y = y, 0.0
        elif wheel.modifiers() & Qt.KeyboardModifier.AltModifier and not y:  # with Alt, Qt reports a sideways turn
            x, y = 0.0, x
        self._host.set_transform(self._host.transform.panned(x, y))

    def _zoom_by_wheel(self, delta: int, at: QPointF) -> None:
        """Whole notches go from stop to stop; the fine steps of other devices go smoothly."""
        transform = self._host.transform
        if delta % NOTCH == 0:
            self._wheel = 0
            zoom = next_zoom(transform.zoom, delta // NOTCH)
        else:
            zoom = transform.zoom * 2 ** (delta / (2 * NOTCH))
        self._host.set_transform(transform.zoomed(zoom, at.x(), at.y()))

    def _on_native_gesture(self, event: QEvent) -> bool:
        gesture = cast("QNativeGestureEvent", event)
        at, transform = gesture.position(), self._host.transform
        match gesture.gestureType():
            case Qt.NativeGestureType.ZoomNativeGesture:
                transform = transform.zoomed(transform.zoom * (1 + gesture.value()), at.x(), at.y())
            case Qt.NativeGestureType.RotateNativeGesture:
                transform = transform.rotated(transform.rotation_deg + gesture.value(), at.x(), at.y())
            case Qt.NativeGestureType.SmartZoomNativeGesture:
                transform = transform.zoomed(1.0, at.x(), at.y())
            case _:
                return False
        self._host.set_transform(transform)
        return True

    def _on_gesture(self, event: QEvent) -> bool:
        pinch = cast("QGestureEvent", event).gesture(Qt.GestureType.PinchGesture)
        if not isinstance(pinch, QPinchGesture):
            return False
        self.cancel()  # the first finger began what is now two fingers
        at, last = pinch.centerPoint(), pinch.lastCenterPoint()
        local = QPointF(self._surface.mapFromGlobal(at.toPoint()))
        transform = self._host.transform.panned(at.x() - last.x(), at.y() - last.y())
        transform = transform.zoomed(transform.zoom * pinch.scaleFactor(), local.x(), local.y())
        turned = transform.rotation_deg + pinch.rotationAngle() - pinch.lastRotationAngle()
        self._host.set_transform(transform.rotated(turned, local.x(), local.y()))
        return True

    # Keys, focus

    def _on_shortcut(self, event: QEvent) -> bool:
        key = cast("QKeyEvent", event)
        mine = key.key() == Qt.Key.Key_Space or (self._gesture is not None and key.key() == Qt.Key.Key_Escape)
        if mine or self._tool.claims(key):
            key.accept()
            return True
        return False

    def _on_key_press(self, event: QEvent) -> bool:
        key = cast("QKeyEvent", event)
        if key.key() == Qt.Key.Key_Space:
            if self._gesture is None or not self._gesture.key_press(key):  # a drag may have its own use for it
                self._space = True
                self._show_cursor(key.modifiers())
            return True
        if key.key() == Qt.Key.Key_Escape and self._gesture is not None:
            self.cancel()
            return True
        return self._tool.key_press(key)

    def _on_key_release(self, event: QEvent) -> bool:
        key = cast("QKeyEvent", event)
        if key.key() == Qt.Key.Key_Space:
            if not key.isAutoRepeat():
                self._space = False
                self._show_cursor()
            self._tool.key_release(key)
            return True
        return self._tool.key_release(key)

    def _on_lost(self, event: QEvent) -> bool:
        self._space = False
        self.cancel()
        self._show_cursor()
        return False

    def _on_enter(self, event: QEvent) -> bool:
        at = cast("QEnterEvent", event).position()
        self.pointed.emit(self._surface.transform.to_canvas(at.x(), at.y()))
        return False

    def _on_leave(self, event: QEvent) -> bool:
        self._tool.leave()
        self.pointed.emit(None)
        return False

    def _show_cursor(self, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        tool = self._gesture or self._override(modifiers)
        cursor = tool.cursor
        if self._surface.cursor() != cursor:
            self._surface.setCursor(cursor)
