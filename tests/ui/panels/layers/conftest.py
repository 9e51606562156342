"""A layer panel on a real session, by itself or in a whole window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.adjustments import BrightnessContrast
from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import AdjustmentLayer, BlendMode, GroupLayer, LayerId, Mask, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.documents import Loaded
from studio.session import Session
from studio.ui.app import application
from studio.ui.bridge import Bridge
from studio.ui.main_window import MainWindow
from studio.ui.panels.layers import LayersPanel
from studio.ui.settings import SettingsFile


def pixels(color: tuple[int, int, int, int], width: int = 20, height: int = 10) -> PixelBuffer:
    return PixelBuffer.from_array(np.full((height, width, 4), color, np.uint8))


@pytest.fixture
def document() -> Document:
    """From the top: tone, g(b a), masked, ground. `masked` has a mask, `g` is open."""
    half = np.zeros((48, 64, 1), np.uint8)
    half[:, 32:] = 255
    return Document(
        size=Size(64, 48),
        layers=(
            RasterLayer(id=LayerId("ground"), name="Ground", pixels=pixels((20, 60, 200, 255), 64, 48)),
            RasterLayer(
                id=LayerId("masked"),
                name="Masked",
                pixels=pixels((220, 30, 30, 255)),
                origin=Point(5, 6),
                mask=Mask(pixels=PixelBuffer.from_array(half)),
            ),
            GroupLayer(
                id=LayerId("g"),
                name="Things",
                children=(
                    RasterLayer(id=LayerId("a"), name="A", pixels=pixels((9, 99, 9, 255))),
                    RasterLayer(id=LayerId("b"), name="B", pixels=pixels((90, 9, 9, 128)), blend=BlendMode.MULTIPLY),
                ),
            ),
            AdjustmentLayer(id=LayerId("tone"), name="Tone", adjustment=BrightnessContrast()),
        ),
    )


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication, session: Session, document: Document) -> Iterator[LayersPanel]:
    """The panel alone, 300 x 500, on the open document; the ground is chosen."""
    session.start(document)
    session.select([LayerId("ground")])
    made = LayersPanel(session)
    qtbot.addWidget(made)
    made.resize(300, 500)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.release()


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, tmp_path: Path, document: Document) -> Iterator[MainWindow]:
    """The whole window with the document open and the ground chosen."""
    settings = SettingsFile(tmp_path / "window.toml")
    application(settings)
    bridge = Bridge()
    made = MainWindow(Session(), settings, bridge, recovery=tmp_path / "recovery")
    made.resize(1200, 900)
    made.show()
    qtbot.waitExposed(made)
    made.keeper.take(Loaded(path=None, steps=(("", document),), name="Test"))
    made.session.select([LayerId("ground")])
    yield made
    qtbot.waitUntil(lambda: not made.work.is_busy)
    made.keeper.close(keep_edits=False)
    made.close()
    made.deleteLater()
    bridge.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def many() -> Document:
    """500 layers, in groups of ten."""
    shared = pixels((1, 2, 3, 255))
    groups = tuple(
        GroupLayer(
            id=LayerId(f"g{group}"),
            name=f"Group {group}",
            children=tuple(
                RasterLayer(id=LayerId(f"l{group}.{index}"), name=f"Layer {group}.{index}", pixels=shared)
                for index in range(9)
            ),
        )
        for group in range(50)
    )
    return Document(size=Size(64, 48), depth=Depth.EIGHT, layers=groups)
