"""A whole window on a real session, with settings and recovery in the test's own folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.documents import Loaded
from studio.session import Session
from studio.ui.app import application
from studio.ui.bridge import Bridge
from studio.ui.main_window import MainWindow
from studio.ui.settings import SettingsFile
from tests.ui.shell.selections import BOX

Make = Callable[[], MainWindow]


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "config" / "window.toml")


@pytest.fixture
def make(qtbot: QtBot, qapp: QApplication, settings: SettingsFile, tmp_path: Path) -> Iterator[Make]:
    """Show further windows on sessions of their own; they are closed after the test."""
    made: list[tuple[MainWindow, Bridge]] = []

    def show() -> MainWindow:
        application(settings)
        bridge = Bridge()
        window = MainWindow(Session(), settings, bridge, recovery=tmp_path / "recovery")
        made.append((window, bridge))
        window.show()
        qtbot.waitExposed(window)
        return window

    yield show
    for window, bridge in made:
        qtbot.waitUntil(lambda window=window: not window.work.is_busy)
        window.keeper.close(keep_edits=False)
        window.close()
        window.deleteLater()
        bridge.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def window(make: Make) -> MainWindow:
    return make()


@pytest.fixture
def document() -> Document:
    """64 x 48: an opaque blue ground, and a red 20 x 10 square at (5, 6)."""
    ground = np.full((48, 64, 4), (20, 60, 200, 255), np.uint8)
    square = np.full((10, 20, 4), (220, 30, 30, 255), np.uint8)
    return Document(
        size=Size(64, 48),
        layers=(
            RasterLayer(id=LayerId("ground"), name="Ground", pixels=PixelBuffer.from_array(ground)),
            RasterLayer(id=LayerId("square"), name="Square", pixels=PixelBuffer.from_array(square), origin=Point(5, 6)),
        ),
    )


@pytest.fixture
def opened(window: MainWindow, document: Document, qtbot: QtBot) -> MainWindow:
    """The window with `document` open, which has no file."""
    window.keeper.take(Loaded(path=None, steps=(("", document),), name="Test"))
    qtbot.waitUntil(lambda: window.canvas.is_settled)
    return window


def settle(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until no file is being read or written."""
    qtbot.waitUntil(lambda: not window.work.is_busy)


@pytest.fixture
def boxed(opened: MainWindow) -> MainWindow:
    """With a box selected, and the square's layer active."""
    opened.session.history.apply(edits.step(edits.select_rectangle, BOX))
    return opened
