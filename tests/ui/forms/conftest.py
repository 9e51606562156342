"""A form on a canvas and a real session, without a window around."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import GroupLayer, LayerId, Mask, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.plugin_host.registry import Registry
from studio.session import Session
from studio.ui.canvas.tools.move import MoveTool
from studio.ui.canvas.view import CanvasView
from studio.ui.forms.form import ParamsForm
from studio.ui.forms.host import FormHost
from tests.plugins.demo_interactions.params import Params


@pytest.fixture
def document() -> Document:
    """300 x 200: a ground, and a group with a square that has a mask."""
    ground = np.full((200, 300, 4), (20, 60, 200, 255), np.uint8)
    square = np.full((60, 80, 4), (220, 30, 30, 255), np.uint8)
    white = Mask(pixels=PixelBuffer.from_array(np.full((200, 300, 1), 255, np.uint8)))
    return Document(
        size=Size(300, 200),
        layers=(
            RasterLayer(id=LayerId("ground"), name="Ground", pixels=PixelBuffer.from_array(ground)),
            GroupLayer(
                id=LayerId("group"),
                name="組",
                children=(
                    RasterLayer(
                        id=LayerId("square"),
                        name="Square",
                        pixels=PixelBuffer.from_array(square),
                        origin=Point(40, 30),
                        mask=white,
                    ),
                ),
            ),
        ),
    )


@pytest.fixture
def session() -> Session:
    return Session(Registry())


class Bench:
    """A form beside a canvas."""

    def __init__(self, session: Session, qtbot: QtBot) -> None:
        self.session = session
        self.whole = QWidget()
        qtbot.addWidget(self.whole)
        self.canvas = CanvasView(session, self.whole)
        self.canvas.set_rulers_visible(False)
        self.own_tool = MoveTool()
        self.canvas.set_tool(self.own_tool)
        self.host = FormHost(session, self.whole)
        self.host.use_canvas(self.canvas, lambda: self.canvas.set_tool(self.own_tool))
        self.form = ParamsForm(Params, self.host, self.whole)
        row = QHBoxLayout(self.whole)
        row.addWidget(self.canvas, 1)
        row.addWidget(self.form)
        self.form.setFixedWidth(320)
        self.whole.resize(900, 1600)
        self.whole.show()
        qtbot.waitExposed(self.whole)

    @property
    def params(self) -> Params:
        params = self.form.params
        assert isinstance(params, Params)
        return params

    def open(self, document: Document, qtbot: QtBot) -> None:
        self.session.start(document)
        qtbot.waitUntil(lambda: self.canvas.is_settled, timeout=60_000)


@pytest.fixture
def empty(session: Session, qtbot: QtBot) -> Iterator[Bench]:
    """With nothing open."""
    bench = Bench(session, qtbot)
    yield bench
    bench.form.release()
    bench.host.release()
    bench.canvas.release()


@pytest.fixture
def bench(empty: Bench, document: Document, qtbot: QtBot) -> Bench:
    """With `document` open."""
    empty.open(document, qtbot)
    return empty
