"""A whole window with its macros in the test's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.documents import Loaded
from studio.session import Session
from studio.ui.app import application
from studio.ui.bridge import Bridge
from studio.ui.main_window import MainWindow
from studio.ui.panels.macros import MacrosPanel
from studio.ui.settings import SettingsFile

PHOTO = LayerId("photo")


def picture(seed: int) -> Document:
    """60 x 40 of noise."""
    samples = np.random.default_rng(seed).integers(0, 256, (40, 60, 4), np.uint8)
    samples[..., 3] = 255
    return Document(
        size=Size(60, 40), layers=(RasterLayer(id=PHOTO, name="Photo", pixels=PixelBuffer.from_array(samples)),)
    )


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    """The window with a picture open, the photo chosen and the macros at the front."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    settings = SettingsFile(tmp_path / "window.toml")
    application(settings)
    bridge = Bridge()
    made = MainWindow(Session(), settings, bridge, recovery=tmp_path / "recovery")
    made.resize(1200, 900)
    made.show()
    qtbot.waitExposed(made)
    open_picture(made, qtbot, 1)
    made.show_panel("macros")
    yield made
    qtbot.waitUntil(lambda: not made.work.is_busy)
    made.keeper.close(keep_edits=False)
    made.close()
    made.deleteLater()
    bridge.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def open_picture(window: MainWindow, qtbot: QtBot, seed: int) -> None:
    window.keeper.take(Loaded(path=None, steps=(("", picture(seed)),), name="Test"))
    window.session.select([PHOTO])
    qtbot.waitUntil(lambda: window.canvas.is_settled)


def panel_of(window: MainWindow) -> MacrosPanel:
    panel = window.docks.panel("macros")
    assert isinstance(panel, MacrosPanel)
    return panel
