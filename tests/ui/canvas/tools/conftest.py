"""A canvas to paint on, the pixels of its layers, and a pen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QApplication

from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.plugin_host.registry import Registry
from studio.session import Session
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tool import Tool
from studio.ui.canvas.view import CanvasView

PAPER, TOP = LayerId("paper"), LayerId("top")
NONE, SHIFT, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
RED = (1.0, 0.0, 0.0)


@pytest.fixture
def document() -> Document:
    """200 x 150: opaque paper, blue on the left and green on the right, and an empty layer above it."""
    paper = np.zeros((150, 200, 4), np.uint8)
    paper[:, :100] = (20, 40, 200, 255)
    paper[:, 100:] = (30, 180, 60, 255)
    return Document(
        size=Size(200, 150),
        layers=(
            RasterLayer(id=PAPER, name="Paper", pixels=PixelBuffer.from_array(paper)),
            RasterLayer(id=TOP, name="Top", pixels=PixelBuffer(Size(200, 150), Depth.EIGHT)),
        ),
    )


@pytest.fixture
def session(document: Document) -> Session:
    session = Session(Registry())
    session.start(document)
    session.select([TOP])
    return session


@pytest.fixture
def kit(session: Session) -> ToolKit:
    """Red is painted with, and the mask is painted on when it is chosen."""
    kit = ToolKit()
    kit.colors.options.change(foreground=RED)
    kit.target.follow(session)
    return kit


@pytest.fixture
def use(canvas: CanvasView) -> Callable[[Tool], None]:
    """Work with this tool on the canvas at 100 %."""

    def use(tool: Tool) -> None:
        canvas.set_tool(tool)
        canvas.zoom_to(1.0)

    return use


def pixels(session: Session, layer_id: LayerId) -> NDArray[np.uint8]:
    """(150, 200, 4) what a layer holds on the canvas."""
    layer = session.document.layer(layer_id)
    assert isinstance(layer, RasterLayer)
    return layer.pixels.read(session.document.canvas.moved(-layer.origin)).astype(np.uint8)


def told(canvas: CanvasView) -> list[str]:
    """What the canvas tells from now on."""
    words: list[str] = []
    canvas.notice.connect(words.append)
    return words


class Pen:
    """A stylus; `eraser` is its other end."""

    def __init__(self, canvas: CanvasView, *, eraser: bool = False) -> None:
        kind = QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen
        self._canvas = canvas
        self._device = QPointingDevice(
            "pen", 7, QInputDevice.DeviceType.Stylus, kind, QInputDevice.Capability.Pressure, 1, 1
        )

    def draw(self, *points: tuple[float, float, float]) -> None:
        """Touch at the first (x, y, pressure), go on through the others and lift."""
        self._send(QEvent.Type.TabletPress, *points[0])
        for point in points[1:]:
            self._send(QEvent.Type.TabletMove, *point)
        self._send(QEvent.Type.TabletRelease, *points[-1])

    def _send(self, kind: QEvent.Type, x: float, y: float, pressure: float) -> None:
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        local = QPointF(*self._canvas.transform.to_view(x, y))
        event = QTabletEvent(
            kind,
            self._device,
            local,
            QPointF(self._canvas.surface.mapToGlobal(QPoint(0, 0))) + local,
            pressure,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            NONE,
            none if kind is QEvent.Type.TabletMove else left,
            none if kind is QEvent.Type.TabletRelease else left,
        )
        QApplication.sendEvent(self._canvas.surface, event)
