"""A whole window with a picture to filter: hills on the ground, an island above, a group, an adjustment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.adjustments import Curves
from studio.core.compositing import Compositor
from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import AdjustmentLayer, GroupLayer, LayerId, Mask, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.documents import Loaded
from studio.session import Session
from studio.ui.app import application
from studio.ui.bridge import Bridge
from studio.ui.filtering.dialog import PreviewDialog
from studio.ui.main_window import MainWindow
from studio.ui.settings import SettingsFile

GROUND, ISLAND, GROUP, TONE = LayerId("ground"), LayerId("island"), LayerId("group"), LayerId("tone")


def hills(width: int, height: int) -> np.ndarray:
    """(h, w, 4) soft hills in three colours with hard stripes, opaque."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    parts = [127 + 100 * np.sin(x / (7 + 3 * k) + k) * np.cos(y / (9 + 2 * k)) for k in range(3)]
    parts[0] = np.where((x // 8) % 4 == 0, 240, parts[0])
    return np.stack([*parts, np.full(x.shape, 255)], -1).astype(np.uint8)


@pytest.fixture
def document() -> Document:
    """200 x 160."""
    half = np.zeros((160, 200, 1), np.uint8)
    half[:, 100:] = 255
    return Document(
        size=Size(200, 160),
        layers=(
            RasterLayer(id=GROUND, name="Ground", pixels=PixelBuffer.from_array(hills(200, 160))),
            GroupLayer(
                id=GROUP,
                name="Group",
                children=(
                    RasterLayer(
                        id=ISLAND,
                        name="Island",
                        pixels=PixelBuffer.from_array(hills(60, 50)),
                        origin=Point(70, 40),
                        mask=Mask(pixels=PixelBuffer.from_array(half)),
                    ),
                ),
            ),
            AdjustmentLayer(id=TONE, name="Tone", adjustment=Curves()),
        ),
    )


Open = Callable[[Document], MainWindow]


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Open]:
    """A function that opens a document in a window, which is closed after the test."""
    settings = SettingsFile(tmp_path / "window.toml")
    application(settings)
    bridge = Bridge()
    made = MainWindow(Session(), settings, bridge, recovery=tmp_path / "recovery")
    made.resize(1200, 900)
    made.show()
    qtbot.waitExposed(made)

    def take(document: Document) -> MainWindow:
        made.keeper.take(Loaded(path=None, steps=(("", document),), name="Test"))
        qtbot.waitUntil(lambda: made.canvas.is_settled)
        return made

    yield take
    qtbot.waitUntil(lambda: not made.work.is_busy)
    made.keeper.close(keep_edits=False)
    made.close()
    made.deleteLater()
    bridge.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def window(opened: Open, document: Document) -> MainWindow:
    """The window with `document` open and the ground chosen."""
    window = opened(document)
    window.session.select([GROUND])
    return window


def dialog_of(window: MainWindow) -> PreviewDialog:
    """The dialog that is open."""
    assert window.filtering.dialog is not None
    return window.filtering.dialog


def rest(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until previews and the canvas are up to date."""
    qtbot.waitUntil(lambda: window.filtering.background.is_idle and window.canvas.is_settled, timeout=20_000)


def shown(window: MainWindow) -> np.ndarray:
    """(h, w, 4) what the canvas shows of the picture at the present level: its document, composited."""
    canvas = window.canvas
    document = canvas.preview or window.session.document
    return Compositor().render(document, scale=1 << canvas.transform.level).astype(int)


def on_screen(window: MainWindow) -> np.ndarray:
    """(h, w, 3) the pixels of the canvas widget itself."""
    image = window.canvas.surface.grab().toImage()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return rows[:, : image.width(), :3].astype(int)
