"""A whole window with the demo plugin and a real worker process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.documents import Loaded
from studio.jobs.messages import JobState
from studio.jobs.request import JobId
from studio.plugin_host.consents import Consents
from studio.session import Session
from studio.ui.app import application
from studio.ui.bridge import Bridge
from studio.ui.main_window import MainWindow
from studio.ui.panels.plugins import PluginPanel
from studio.ui.settings import SettingsFile
from tests.support.demo_plugin import DEMO, install_demo

WORKER_MS = 60_000


@pytest.fixture(autouse=True)
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The demo plugin in a user folder of this test's own, which the worker inherits."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    install_demo()
    yield
    for name in [name for name in sys.modules if name.startswith("lamina_user_plugins")]:
        del sys.modules[name]


@pytest.fixture
def document() -> Document:
    """96 x 64: an opaque blue ground, and a red 20 x 10 square at (5, 6)."""
    ground = np.full((64, 96, 4), (20, 60, 200, 255), np.uint8)
    square = np.full((10, 20, 4), (220, 30, 30, 255), np.uint8)
    return Document(
        size=Size(96, 64),
        layers=(
            RasterLayer(id=LayerId("ground"), name="Ground", pixels=PixelBuffer.from_array(ground)),
            RasterLayer(id=LayerId("square"), name="Square", pixels=PixelBuffer.from_array(square), origin=Point(5, 6)),
        ),
    )


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    """A window with nothing open, and no worker yet."""
    settings = SettingsFile(tmp_path / "config" / "window.toml")
    application(settings)
    bridge = Bridge()
    session = Session(consents=Consents(tmp_path / "licences.toml"))
    window = MainWindow(session, settings, bridge, recovery=tmp_path / "recovery")
    window.resize(1200, 1000)
    window.show()
    qtbot.waitExposed(window)
    yield window
    qtbot.waitUntil(lambda: not window.work.is_busy)
    window.keeper.close(keep_edits=False)
    window.close()
    window.deleteLater()
    bridge.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def opened(window: MainWindow, document: Document, qtbot: QtBot) -> MainWindow:
    """The window with `document` open."""
    window.keeper.take(Loaded(path=None, steps=(("", document),), name="Test"))
    qtbot.waitUntil(lambda: window.canvas.is_settled, timeout=WORKER_MS)
    return window


@pytest.fixture
def panel(opened: MainWindow) -> PluginPanel:
    """The panel on the demo plugin, over an open document."""
    opened.show_plugin(DEMO)
    panel = panel_of(opened)
    assert panel.plugin == DEMO
    return panel


@pytest.fixture
def working(opened: MainWindow, panel: PluginPanel, tmp_path: Path) -> PluginPanel:
    """The same with a worker."""
    opened.use_worker(tmp_path / "queue")
    return panel


def panel_of(window: MainWindow) -> PluginPanel:
    panel = window.docks.panel("plugins")
    assert isinstance(panel, PluginPanel)
    return panel


def wait_for_end(qtbot: QtBot, panel: PluginPanel) -> None:
    """Wait until nothing that was begun here runs, its results are read, and the document has what it awaited."""
    session = panel.session

    def is_delivered() -> bool:
        finished = [record.id for record in session.jobs.records() if record.state is JobState.FINISHED]
        return not any(session.awaits(job) for job in finished)

    qtbot.waitUntil(lambda: not panel.is_running, timeout=WORKER_MS)
    qtbot.waitUntil(is_delivered, timeout=WORKER_MS)
    qtbot.waitUntil(lambda: panel.results.is_settled, timeout=WORKER_MS)


def last_job(panel: PluginPanel) -> JobId:
    return panel.session.jobs.records()[-1].id
