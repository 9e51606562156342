"""What a tool shows and the document does not have yet: kept before saving, closing and other edits."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import Point, Rect
from studio.core.layers import LayerId, Locks, RasterLayer
from studio.io import formats
from studio.ui.canvas.tools.crop import CropTool
from studio.ui.canvas.tools.lettering import LetteringTool
from studio.ui.canvas.tools.transform import FreeTransformTool
from studio.ui.main_window import MainWindow
from studio.ui.panels.history import HistoryPanel
from studio.ui.panels.layers import LayersPanel
from tests.ui.canvas.gestures import click
from tests.ui.shell.conftest import settle

Panel = TypeVar("Panel", bound=QWidget)
SQUARE = LayerId("square")
CONTROL = Qt.KeyboardModifier.ControlModifier


def saved_at(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    """Give the document a file that has all of it."""
    window.files.save_to(path)
    settle(qtbot, window)
    assert not window.keeper.is_modified


def pull(window: MainWindow) -> FreeTransformTool:
    """Move the square by (3, 0) with the transform tool, and do not press Enter."""
    window.session.select([SQUARE])
    window.action_set.run("edit.free_transform")
    for _ in range(3):
        QTest.keyClick(window.canvas.surface, Qt.Key.Key_Right)
    tool = window.canvas.tool
    assert isinstance(tool, FreeTransformTool)
    assert tool.is_pending
    return tool


def write(window: MainWindow) -> LetteringTool:
    """Type a text and do not keep it."""
    window.choose_tool("lettering")
    click(window.canvas, 20, 30)
    tool = window.canvas.tool
    assert isinstance(tool, LetteringTool)
    assert tool.field is not None
    QTest.keyClicks(tool.field, "Hi")
    return tool


def square(document: Document) -> RasterLayer:
    layer = document.layer(SQUARE)
    assert isinstance(layer, RasterLayer)
    return layer


def is_asked(window: MainWindow) -> bool:
    return any(box.isVisible() for box in window.findChildren(QMessageBox))


def test_a_pending_transform_is_saved(opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "one.lamina"
    saved_at(opened, qtbot, path)
    pull(opened)
    assert opened.action_set["file.save"].isEnabled()
    qtbot.keyClick(opened, Qt.Key.Key_S, CONTROL)
    settle(qtbot, opened)
    assert square(opened.session.document).origin == Point(8, 6)
    assert not opened.keeper.is_modified
    opened.keeper.close(keep_edits=True)
    assert square(formats.open_document(path).document).origin == Point(8, 6)


def test_a_pending_text_is_exported(opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    write(opened)
    opened.files.export_to(tmp_path / "one.psd")
    top = opened.session.document.layers[-1]
    assert isinstance(top, RasterLayer)
    assert top.lettering is not None
    assert top.lettering.text == "Hi"
    settle(qtbot, opened)


@pytest.mark.parametrize("begin", [pull, write])
@pytest.mark.parametrize("way", ["close the document", "close the window", "open another"])
def test_closing_asks_for_what_is_pending(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path, begin: object, way: str
) -> None:
    saved_at(opened, qtbot, tmp_path / "one.lamina")
    assert callable(begin)
    begin(opened)
    match way:
        case "close the document":
            QTest.keyClick(opened, Qt.Key.Key_W, CONTROL)
        case "close the window":
            opened.close()
        case _:
            opened.files.open_sample()
    assert is_asked(opened)
    assert opened.isVisible()
    assert len(opened.session.history.labels) == 2


def test_text_that_cannot_be_kept_holds_closing_up(opened: MainWindow, qtbot: QtBot) -> None:
    opened.session.select([SQUARE])
    tool = write(opened)
    tool.settle()
    text = opened.session.document.layers[-1].id
    box = opened.session.document.layer(text).bounds
    click(opened.canvas, (box.left + box.right) / 2, (box.top + box.bottom) / 2)
    assert tool.field is not None
    QTest.keyClicks(tool.field, "!")
    opened.session.history.apply(edits.step(edits.set_locks, text, Locks(pixels=True)))
    opened.close()
    assert opened.isVisible()
    assert not is_asked(opened)
    assert tool.field.toPlainText() == "Hi!"


def test_another_edit_comes_after_the_pending_one(opened: MainWindow, qtbot: QtBot) -> None:
    pull(opened)
    QTest.keyClick(opened, Qt.Key.Key_I, CONTROL)
    assert square(opened.session.document).origin == Point(8, 6)
    qtbot.waitUntil(lambda: len(opened.session.history.labels) == 3)


def test_modes_and_turns_go_on_with_the_frame(opened: MainWindow) -> None:
    tool = pull(opened)
    for name in ("edit.transform_skew", "edit.turn_right", "view.fit"):
        opened.action_set.run(name)
    assert opened.canvas.tool is tool
    assert len(opened.session.history.labels) == 1


def panel(window: MainWindow, name: str, kind: type[Panel]) -> Panel:
    found = window.docks.panel(name)
    assert isinstance(found, kind)
    return found


@pytest.mark.parametrize("begin", [pull, write])
def test_the_layer_panel_comes_after_what_is_pending(opened: MainWindow, qtbot: QtBot, begin: object) -> None:
    assert callable(begin)
    begin(opened)
    bar = panel(opened, "layers", LayersPanel).controls.opacity
    bar.setFocus()
    QTest.keyClick(bar, Qt.Key.Key_Left)
    labels = opened.session.history.labels
    assert len(labels) == 3
    assert labels[-1] == "Change opacity"
    assert not opened.canvas.tool.is_pending


def test_an_earlier_state_is_gone_to_after_what_is_pending(opened: MainWindow) -> None:
    pull(opened)
    history = panel(opened, "history", HistoryPanel)
    opened.docks.show("history")
    QTest.mouseClick(
        history.list.viewport(),
        Qt.MouseButton.LeftButton,
        pos=history.list.visualRect(history.steps.index(0)).center(),
    )
    assert opened.session.history.cursor == 0
    assert square(opened.session.document).origin == Point(5, 6)
    assert len(opened.session.history.labels) == 2  # the transform can be redone
    assert opened.canvas.preview is None


def test_undone_states_are_not_lost_to_what_is_pending(opened: MainWindow) -> None:
    opened.session.history.apply(edits.step(edits.rename, SQUARE, "other"))
    opened.session.history.undo()
    tool = pull(opened)
    history = panel(opened, "history", HistoryPanel)
    opened.docks.show("history")
    QTest.mouseClick(
        history.list.viewport(),
        Qt.MouseButton.LeftButton,
        pos=history.list.visualRect(history.steps.index(1)).center(),
    )
    assert tool.is_pending
    assert opened.session.history.can_redo
    assert opened.notices.cards[-1].told.message == "Apply or cancel what the tool shows first."


def test_a_crop_frame_is_no_edit(opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    saved_at(opened, qtbot, tmp_path / "one.lamina")
    opened.choose_tool("crop")
    tool = opened.canvas.tool
    assert isinstance(tool, CropTool)
    tool.set_size(20, 20)
    opened.files.close()
    assert not opened.session.has_document
    assert tool.frame is None


def test_a_frame_that_nothing_was_done_to_stays(opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    opened.session.select([SQUARE])
    opened.action_set.run("edit.free_transform")
    tool = opened.canvas.tool
    saved_at(opened, qtbot, tmp_path / "one.lamina")
    assert isinstance(tool, FreeTransformTool)
    assert tool.framing is not None
    assert tool.framing.bounds == Rect(5, 6, 25, 16)
