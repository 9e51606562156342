"""A canvas on a real session."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.plugin_host.registry import Registry
from studio.session import Session
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tools.select import SelectTool
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.selections import Use


@pytest.fixture
def document() -> Document:
    """300 x 200: an opaque gradient, and an 80 x 60 half-transparent square at (40, 30) above it."""
    y, x = np.mgrid[0:200, 0:300]
    back = np.stack([x * 255 // 300, y * 255 // 200, (x + y) % 256, np.full_like(x, 255)], axis=-1).astype(np.uint8)
    square = np.full((60, 80, 4), (250, 40, 40, 160), np.uint8)
    return Document(
        size=Size(300, 200),
        layers=(
            RasterLayer(id=LayerId("back"), name="Back", pixels=PixelBuffer.from_array(back)),
            RasterLayer(
                id=LayerId("square"), name="Square", pixels=PixelBuffer.from_array(square), origin=Point(40, 30)
            ),
        ),
    )


@pytest.fixture
def session(document: Document) -> Session:
    session = Session(Registry())
    session.start(document)
    return session


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Callable[[Session], CanvasView]]:
    """Show a canvas of 500 x 400 without rulers, and end it after the test."""
    shown: list[CanvasView] = []

    def show(session: Session) -> CanvasView:
        canvas = CanvasView(session)
        qtbot.addWidget(canvas)
        canvas.set_rulers_visible(False)
        canvas.resize(500, 400)
        canvas.show()
        qtbot.waitExposed(canvas)
        canvas.setFocus()
        shown.append(canvas)
        qtbot.waitUntil(lambda: canvas.is_settled)
        return canvas

    yield show
    for canvas in shown:
        canvas.release()


@pytest.fixture
def canvas(show: Callable[[Session], CanvasView], session: Session) -> CanvasView:
    """The canvas of `session`, its picture drawn."""
    return show(session)


def grabbed(widget: QWidget) -> NDArray[np.uint8]:
    """(h, w, 3) RGB of what the widget shows, in device pixels."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return lines[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


@pytest.fixture
def use(show: Callable[[Session], CanvasView], session: Session) -> Use:
    """A canvas at 100 % with a tool."""

    def use(kind: type[SelectTool]) -> CanvasView:
        canvas = show(session)
        canvas.set_snapping(False)
        canvas.set_tool(kind(ToolKit()))
        return canvas

    return use
