"""Text that can still be edited is not painted over by the way: it is rasterized first."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.geometry import Rect
from studio.core.layers import LayerId, RasterLayer
from studio.core.lettering import Lettering
from studio.lettering import is_written, write_text
from studio.ui.main_window import MainWindow
from tests.ui.canvas.gestures import at

TEXT = LayerId("text")


@pytest.fixture
def written(opened: MainWindow) -> MainWindow:
    """The window with a text layer on top, chosen."""
    told = Lettering(text="Hi", size_px=30)
    opened.session.apply("Text", lambda document: write_text(document, told, (8, 40), layer_id=TEXT))
    opened.session.select([TEXT])
    return opened


def layer(window: MainWindow) -> RasterLayer:
    found = window.session.document.layer(TEXT)
    assert isinstance(found, RasterLayer)
    return found


def drag(window: MainWindow) -> None:
    """A stroke over the text."""
    surface = window.canvas.surface
    QTest.mousePress(surface, Qt.MouseButton.LeftButton, pos=at(window.canvas, 10, 30))
    QTest.mouseRelease(surface, Qt.MouseButton.LeftButton, pos=at(window.canvas, 10, 30))


@pytest.mark.parametrize("tool", ["brush", "eraser", "fill", "smudge"])
def test_tools_that_paint_say_what_to_do(written: MainWindow, qtbot: QtBot, tool: str) -> None:
    written.choose_tool(tool)
    before = written.session.document
    with qtbot.waitSignal(written.canvas.notice) as told:
        drag(written)
    assert "Rasterize" in str(told.args)
    assert written.session.document is before


def test_filters_cut_and_clear_say_so_too(written: MainWindow) -> None:
    window = written
    window.session.history.apply(edits.step(edits.select_rectangle, Rect(0, 0, 30, 48)))
    for name in ("image.adjust_invert", "filter.gaussian_blur", "edit.cut", "edit.clear", "layer.via_cut"):
        assert "Rasterize" in window.action_set.why_not(name), name
    window.session.history.apply(edits.step(edits.deselect))
    assert window.action_set.why_not("edit.clear") == ""  # it removes the whole layer


def test_rasterized_it_is_painted_on(written: MainWindow) -> None:
    window = written
    assert not window.action_set.why_not("layer.rasterize_text")
    window.action_set["layer.rasterize_text"].trigger()
    assert layer(window).lettering is None
    assert window.session.history.undo_label == "Rasterize text"
    assert "text layer" in window.action_set.why_not("layer.rasterize_text")
    window.choose_tool("brush")
    drag(window)
    assert len(window.session.history.labels) == 4
    window.session.history.undo()
    window.session.history.undo()
    assert is_written(layer(window))
