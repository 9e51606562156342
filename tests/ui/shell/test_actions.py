"""The table of actions: complete, without conflicts, and doing what it says."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.core.layers import GroupLayer, LayerId
from studio.core.pixels import Depth
from studio.ui import icons
from studio.ui.main_window import MainWindow
from studio.ui.shortcuts import conflicts


def names(window: MainWindow) -> list[str]:
    """Names of the layers, bottom to top, groups before what they hold."""
    return [layer.name for layer in window.session.document.walk()]


def press(window: MainWindow, keys: str) -> None:
    """Press a shortcut in the canvas."""
    sequence = QKeySequence(keys)[0]  # pyright: ignore[reportIndexIssue]  # missing in PySide6's stub
    QTest.keyClick(window.canvas.surface, sequence.key(), sequence.keyboardModifiers())


def test_every_action_has_a_label_and_a_place(window: MainWindow) -> None:
    in_menus = {action for menu in window.menuBar().findChildren(QMenu) for action in menu.actions()}
    for action_id, spec in window.action_set.specs.items():
        assert spec.label, action_id
        assert spec.menu or window.action_set[action_id] in in_menus or action_id.startswith("tool."), action_id


def test_icons_of_actions_exist(window: MainWindow) -> None:
    assert {spec.icon for spec in window.action_set.specs.values() if spec.icon} <= set(icons.names())


def test_no_two_actions_share_a_shortcut(window: MainWindow) -> None:
    assert conflicts({spec.id: spec.keys for spec in window.action_set.specs.values()}) == {}


def test_shortcuts_are_understood(window: MainWindow) -> None:
    for spec in window.action_set.specs.values():
        for keys in spec.keys:
            assert QKeySequence(keys).toString(), f"{spec.id}: {keys}"


def test_a_disabled_action_says_why(window: MainWindow) -> None:
    merge = window.action_set["layer.merge_down"]
    assert not merge.isEnabled()
    assert "Open a picture first." in merge.toolTip()


def test_reasons_follow_the_selection(opened: MainWindow) -> None:
    assert opened.action_set.why_not("layer.merge_down") == ""
    opened.session.select([LayerId("ground")])
    assert "no layer below" in opened.action_set.why_not("layer.merge_down")
    assert not opened.action_set["layer.merge_down"].isEnabled()


def test_duplicate_and_undo_by_keys(opened: MainWindow) -> None:
    press(opened, "Ctrl+J")
    assert names(opened) == ["Ground", "Square", "Square copy"]
    assert opened.action_set["edit.undo"].text() == "Undo Duplicate layer"
    press(opened, "Ctrl+Z")
    assert names(opened) == ["Ground", "Square"]
    press(opened, "Ctrl+Shift+Z")
    assert names(opened) == ["Ground", "Square", "Square copy"]


def test_group_by_keys_and_ungroup(opened: MainWindow) -> None:
    press(opened, "Ctrl+Alt+A")
    press(opened, "Ctrl+G")
    (group,) = opened.session.document.layers
    assert isinstance(group, GroupLayer)
    assert [child.name for child in group.children] == ["Ground", "Square"]
    opened.session.select([group.id])
    press(opened, "Ctrl+Shift+G")
    assert [layer.name for layer in opened.session.document.layers] == ["Ground", "Square"]


def test_merge_down_by_keys(opened: MainWindow) -> None:
    press(opened, "Ctrl+E")
    assert names(opened) == ["Ground"]


def test_delete_by_key(opened: MainWindow) -> None:
    press(opened, "Del")
    assert names(opened) == ["Ground"]


def test_new_layer_goes_above_the_active_one_and_is_chosen(opened: MainWindow) -> None:
    opened.session.select([LayerId("ground")])
    press(opened, "Ctrl+Shift+N")
    assert names(opened) == ["Ground", "Layer 3", "Square"]
    assert opened.session.document.layer(opened.session.selection[0]).name == "Layer 3"


def test_order_by_keys(opened: MainWindow) -> None:
    press(opened, "Ctrl+[")
    assert names(opened) == ["Square", "Ground"]
    press(opened, "Ctrl+]")
    assert names(opened) == ["Ground", "Square"]
    press(opened, "Ctrl+Shift+[")
    assert names(opened) == ["Square", "Ground"]
    press(opened, "Ctrl+Shift+]")
    assert names(opened) == ["Ground", "Square"]


def test_choose_layers_by_keys(opened: MainWindow) -> None:
    press(opened, "Alt+[")
    assert opened.session.selection == ("ground",)
    press(opened, "Alt+]")
    assert opened.session.selection == ("square",)


def test_masks(opened: MainWindow) -> None:
    opened.action_set["layer.add_mask"].trigger()
    mask = opened.session.document.layer(LayerId("square")).mask
    assert mask is not None
    assert int(mask.pixels.read().min()) == 255
    assert opened.action_set.why_not("layer.add_mask") == "The layer has a mask already."
    opened.action_set["layer.invert_mask"].trigger()
    mask = opened.session.document.layer(LayerId("square")).mask
    assert mask is not None
    assert int(mask.pixels.read().max()) == 0
    opened.action_set["layer.remove_mask"].trigger()
    assert opened.session.document.layer(LayerId("square")).mask is None


@pytest.mark.parametrize("name", ["visible", "clipping", "ai_visible", "ai_editable"])
def test_switches_show_and_change_the_layer(opened: MainWindow, name: str) -> None:
    action: QAction = opened.action_set[f"layer.{name}"]
    before = getattr(opened.session.document.layer(LayerId("square")), name)
    assert action.isChecked() is before
    action.trigger()
    assert getattr(opened.session.document.layer(LayerId("square")), name) is not before
    assert action.isChecked() is not before


def test_canvas_turns_and_converts(opened: MainWindow) -> None:
    opened.action_set["image.turn_right"].trigger()
    assert (opened.session.document.size.width, opened.session.document.size.height) == (48, 64)
    opened.action_set["image.to_16_bit"].trigger()
    assert opened.session.document.depth is Depth.SIXTEEN
    opened.action_set["image.flatten"].trigger()
    assert len(opened.session.document.layers) == 1


def test_an_edit_that_is_refused_becomes_a_notice(opened: MainWindow) -> None:
    opened.session.select([LayerId("ground")])
    opened.action_set["layer.visible"].trigger()
    opened.session.select([LayerId("square")])
    opened.action_set["layer.merge_down"].trigger()
    (card,) = opened.notices.cards
    assert card.told.is_error
    assert names(opened) == ["Ground", "Square"]


def test_zoom_by_keys_shows_in_the_status_bar(opened: MainWindow, qtbot: QtBot) -> None:
    press(opened, "Ctrl+1")
    assert opened.canvas.transform.zoom == pytest.approx(1.0)
    press(opened, "Ctrl+0")
    assert opened.canvas.transform.zoom > 1.0
    assert opened.status.zoom.text() == opened.canvas.zoom_text
    press(opened, "Ctrl+1")
    qtbot.mouseClick(opened.status.zoom, Qt.MouseButton.LeftButton)
    assert opened.canvas.transform.zoom > 1.0


def test_tools_by_keys(opened: MainWindow) -> None:
    for key, tool in (("H", "hand"), ("Z", "zoom"), ("R", "rotate"), ("V", "move")):
        press(opened, key)
        assert opened.tool == tool
        assert opened.action_set[f"tool.{tool}"].isChecked()


def test_view_switches_are_kept(opened: MainWindow) -> None:
    before = opened.settings.now.rulers
    press(opened, "Ctrl+R")
    assert opened.settings.now.rulers is not before
    assert opened.action_set["view.rulers"].isChecked() is not before


def test_the_status_bar_tells_the_pixel_under_the_pointer(opened: MainWindow, qtbot: QtBot) -> None:
    x, y = opened.canvas.transform.to_view(10.5, 10.5)
    qtbot.mouseMove(opened.canvas.surface, QPoint(int(x), int(y)))
    assert opened.status.cursor_label.text() == "10, 10"
    assert opened.status.color.text() == "220 30 30 · 100 %"
