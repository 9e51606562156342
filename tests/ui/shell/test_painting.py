"""Painting in the whole window: keys, wells, brushes that are kept, the mask as what is painted on."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QMenu

from studio.core.layers import LayerId, RasterLayer
from studio.ui.canvas.paints import hex_of
from studio.ui.canvas.tools.brush_line import PresetButton
from studio.ui.canvas.tools.brush_settings import saved
from studio.ui.canvas.tools.strokes import StrokeTool
from studio.ui.main_window import MainWindow
from studio.ui.panels.layers import LayersPanel
from studio.ui.panels.layers.rows import parts_of
from studio.ui.settings import SettingsFile
from studio.ui.tool_buttons import ToolButtons
from studio.ui.toolbox import Toolbox
from tests.ui.canvas.gestures import drag
from tests.ui.shell.test_actions import press

SQUARE = LayerId("square")
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def brush(opened: MainWindow) -> StrokeTool:
    press(opened, "B")
    tool = opened.canvas.tool
    assert isinstance(tool, StrokeTool)
    return tool


def test_keys_change_brush_and_colors(opened: MainWindow, brush: StrokeTool) -> None:
    assert brush.brush.now.size_px == 24
    press(opened, "]")
    assert brush.brush.now.size_px == 28
    press(opened, "[")
    press(opened, "[")
    assert brush.brush.now.size_px == 21
    press(opened, "Shift+[")
    assert brush.brush.now.hardness == pytest.approx(0.55)
    press(opened, "Shift+]")
    press(opened, "Shift+]")
    assert brush.brush.now.hardness == 1.0
    press(opened, "4")  # turns the view with other tools
    assert brush.brush.now.opacity == pytest.approx(0.4)
    assert opened.canvas.transform.rotation_deg == 0
    colors = opened.toolbox.kit.colors
    press(opened, "X")
    assert hex_of(colors.now.foreground) == "#ffffff"
    press(opened, "D")
    assert hex_of(colors.now.foreground) == "#000000"
    press(opened, "V")
    assert opened.action_set.why_not("tool.brush_larger") != ""
    press(opened, "4")
    assert opened.canvas.transform.rotation_deg != 0


def test_a_well_opens_the_color_panel(opened: MainWindow) -> None:
    (bar,) = opened.findChildren(ToolButtons)
    QTest.mouseClick(bar.wells.background, LEFT, pos=QPoint(18, 18))
    panel = opened.docks.panel("colors")
    assert panel is not None
    assert panel.isVisible()
    assert opened.toolbox.kit.colors.now.background_first


def test_a_stroke_of_the_window_is_undone_by_key(opened: MainWindow, brush: StrokeTool) -> None:
    before = opened.session.document
    drag(opened.canvas, (8, 8), (20, 12), modifiers=NONE)
    assert opened.session.document != before
    assert opened.action_set["edit.undo"].text() == "Undo Brush stroke"
    press(opened, "Ctrl+Z")
    assert opened.session.document == before


def test_brushes_are_saved_used_and_kept(opened: MainWindow, brush: StrokeTool, settings: SettingsFile) -> None:
    (button,) = opened.options.findChildren(PresetButton)
    button.fill()
    by_name = {action.text(): action for action in button.menu().actions()}
    by_name["Airbrush"].trigger()
    assert brush.brush.now.flow == pytest.approx(0.08)
    assert button.text() == "Airbrush"
    brush.brush.change(spacing=0.31)
    assert button.text() == "Custom"
    button.ask_name()
    (dialog,) = button.findChildren(QInputDialog)
    dialog.setTextValue("My & me")
    dialog.accept()
    assert button.text() == "My && me"
    assert list(saved(opened.toolbox.kit)) == ["My & me"]
    opened.close()
    again = Toolbox(SettingsFile(settings.path))
    assert saved(again.kit)["My & me"].spacing == pytest.approx(0.31)
    tool = again.get("brush")
    assert isinstance(tool, StrokeTool)
    assert tool.brush.now.spacing == pytest.approx(0.31)


def test_a_saved_brush_can_be_deleted(opened: MainWindow, brush: StrokeTool) -> None:
    opened.toolbox.kit.keep("brush: Old", brush.brush.table)
    (button,) = opened.options.findChildren(PresetButton)
    button.fill()
    (gone,) = (action for action in button.menu().actions() if action.menu() is not None)
    cast("QMenu", gone.menu()).actions()[0].trigger()
    assert saved(opened.toolbox.kit) == {}


def test_a_click_on_the_mask_makes_it_what_is_painted_on(opened: MainWindow, brush: StrokeTool, tmp_path: Path) -> None:
    opened.session.select([SQUARE])
    opened.action_set["layer.add_mask"].trigger()
    panel = opened.docks.panel("layers")
    assert isinstance(panel, LayersPanel)
    tree, target = panel.tree, opened.toolbox.kit.target
    assert target.mask_of == SQUARE
    layer = opened.session.document.layer(SQUARE)
    index = tree.layers.index_of(SQUARE)
    parts = parts_of(layer, tree.visualRect(index))
    QTest.mouseClick(tree.viewport(), LEFT, pos=parts.picture.center())
    assert target.mask_of is None
    framed = tree.viewport().grab().toImage()
    QTest.mouseClick(tree.viewport(), LEFT, pos=parts.mask.center())
    assert target.mask_of == SQUARE
    assert tree.viewport().grab().toImage() != framed
    assert opened.action_set["layer.paint_mask"].isChecked()
    samples = _pixels(opened)
    drag(opened.canvas, (8, 8), (20, 12), modifiers=NONE)
    painted = opened.session.document.layer(SQUARE).mask
    assert painted is not None
    assert painted.pixels.read(opened.session.document.canvas.moved(-painted.origin))[10, 14, 0] == 0
    assert np.array_equal(_pixels(opened), samples)
    opened.action_set["layer.paint_mask"].trigger()
    assert target.mask_of is None


def _pixels(window: MainWindow) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    layer = window.session.document.layer(SQUARE)
    assert isinstance(layer, RasterLayer)
    return layer.pixels.read()
