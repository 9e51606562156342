"""Nothing that a tool or a mode remembers of one document is used in the next; what was asked for in one is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.document import Document
from studio.core.layers import LayerId, RasterLayer
from studio.documents import Loaded
from studio.plugin_api.interactions import LabelMap
from studio.ui.canvas.tools.brush_settings import BrushSettings
from studio.ui.canvas.tools.clone import CloneTool
from studio.ui.canvas.tools.heal import HealTool
from studio.ui.canvas.tools.select_object import ObjectSelectTool
from studio.ui.main_window import MainWindow
from tests.ui.canvas.gestures import click
from tests.ui.shell.test_actions import press

GROUND = LayerId("ground")
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
Next = Callable[[], None]


@pytest.fixture
def another(opened: MainWindow, document: Document, qtbot: QtBot) -> Next:
    """Close the document, and open an equal one."""

    def open_next() -> None:
        opened.keeper.close(keep_edits=False)
        opened.keeper.take(Loaded(path=None, steps=(("", replace(document)),), name="Next"))
        opened.session.select([GROUND])
        qtbot.waitUntil(lambda: opened.canvas.is_settled)

    return open_next


def changed(window: MainWindow) -> int:
    """Pixels of the ground that are not as they were at first."""
    ground = window.session.document.layer(GROUND)
    assert isinstance(ground, RasterLayer)
    return int((ground.pixels.read() != (20, 60, 200, 255)).any(axis=-1).sum())


def test_quick_mask_is_off(opened: MainWindow, another: Next) -> None:
    press(opened, "Q")
    assert opened.action_set["select.quick_mask"].isChecked()
    opened.keeper.close(keep_edits=False)
    assert not opened.action_set["select.quick_mask"].isChecked()
    another()
    press(opened, "B")
    click(opened.canvas, 40, 30)
    assert opened.session.document.selection is None
    assert changed(opened) > 0


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same tool", "another tool meanwhile"])
def test_shift_click_draws_from_no_point_of_the_last_one(opened: MainWindow, another: Next, elsewhere: bool) -> None:
    press(opened, "B")
    opened.toolbox.kit.options("brush", BrushSettings()).change(size_px=4.0)
    click(opened.canvas, 2, 2)
    if elsewhere:
        press(opened, "V")
    another()
    press(opened, "B")
    click(opened.canvas, 60, 45, SHIFT)
    assert 0 < changed(opened) < 30
    click(opened.canvas, 30, 45, SHIFT)
    assert changed(opened) > 90


@pytest.mark.parametrize(("keys", "kind"), [("S", CloneTool), ("J", HealTool)])
def test_sources_are_forgotten(
    opened: MainWindow, another: Next, keys: str, kind: type[CloneTool] | type[HealTool]
) -> None:
    press(opened, keys)
    tool = opened.canvas.tool
    assert isinstance(tool, kind)
    click(opened.canvas, 10, 10, ALT)
    assert tool.source.is_chosen
    another()
    assert not tool.source.is_chosen
    assert tool.source.at is None
    click(opened.canvas, 40, 30)
    assert len(opened.session.history.labels) == 1
    assert "Alt" in opened.notices.cards[0].told.message


def test_known_objects_are_forgotten(opened: MainWindow, another: Next) -> None:
    opened.choose_tool("select_object")
    tool = opened.canvas.tool
    assert isinstance(tool, ObjectSelectTool)
    known = (LabelMap(labels=np.ones((48, 64), np.int32)),)
    tool.set_label_maps(known)
    another()
    assert not tool.knows_objects
    tool.set_label_maps(known)
    opened.choose_tool("move")
    another()
    opened.choose_tool("select_object")
    assert not tool.knows_objects
    tool.set_label_maps(known)
    opened.session.history.apply(edits.step(edits.set_opacity, GROUND, 0.5))
    assert not tool.knows_objects


def test_what_the_wand_found_is_taken_under_another_tool(opened: MainWindow, qtbot: QtBot) -> None:
    opened.session.select([GROUND])
    press(opened, "W")
    click(opened.canvas, 40, 30)
    press(opened, "V")
    qtbot.waitUntil(lambda: not opened.canvas.work.is_busy)
    assert opened.session.document.selection is not None
    assert opened.session.history.labels[-1] == "Magic wand"


def test_a_closed_window_hears_nothing_of_its_session(opened: MainWindow) -> None:
    target = opened.toolbox.kit.target
    target.choose_selection(True)
    session = opened.session
    opened.keeper.close(keep_edits=False)
    target.choose_selection(True)
    opened.close()
    session.was_shut.emit(None)
    assert target.is_selection
