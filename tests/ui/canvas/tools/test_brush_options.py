"""The controls of brushes: tip, scatter and pressure curves, with real events, and what is kept of them."""

from __future__ import annotations

import tomllib

import pytest
import tomli_w
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.core.painting.brush import Brush
from studio.core.painting.presets import PRESETS
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.options import Options
from studio.ui.canvas.tools.brush import BrushTool, SmudgeTool
from studio.ui.canvas.tools.brush_settings import SIZE_BY_PRESSURE, BrushSettings, built_in, save, saved
from studio.ui.canvas.tools.brush_tip import PressurePage, TipPage, points_of, response_of
from studio.ui.canvas.tools.flyout import Flyout


@pytest.fixture
def brush() -> BrushTool:
    return BrushTool(ToolKit())


@pytest.fixture
def line(brush: BrushTool, qtbot: QtBot) -> QWidget:
    """A window with the brush's option line."""
    holder = QWidget()
    qtbot.addWidget(holder)
    brush.options(holder)
    holder.show()
    return holder


def opened(line: QWidget, name: str) -> QWidget:
    """The page of a flyout, opened by a click."""
    button = next(button for button in line.findChildren(Flyout) if button.accessibleName() == name)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.page is not None
    assert button.page.isVisible()
    return button.page


def test_the_tip_is_set_by_keys_and_follows_what_is_chosen(brush: BrushTool, line: QWidget) -> None:
    page = opened(line, "Tip")
    assert isinstance(page, TipPage)
    assert page.bars["roundness"].hasFocus(), "the first control is ready for keys"
    QTest.keyClick(page.bars["roundness"], Qt.Key.Key_Left)
    for _ in range(3):
        QTest.keyClick(page.bars["angle"], Qt.Key.Key_Right)
    QTest.keyClick(page.bars["scatter"], Qt.Key.Key_PageUp)
    QTest.keyClick(page.bars["size_jitter"], Qt.Key.Key_End)
    now = brush.brush.now
    assert (now.roundness, now.angle, now.size_jitter) == (pytest.approx(0.99), 3.0, 1.0)
    assert now.scatter == pytest.approx(1.0)
    brush.brush.change(roundness=0.4)
    assert page.bars["roundness"].value() == 40


def test_a_pressure_curve_is_dragged_and_switched(brush: BrushTool, line: QWidget) -> None:
    page = opened(line, "Pressure")
    assert isinstance(page, PressurePage)
    assert list(page.graphs) == ["size_by_pressure", "opacity_by_pressure", "flow_by_pressure"]
    switch, graph = page.switches["size_by_pressure"], page.graphs["size_by_pressure"]
    assert not graph.isEnabled()
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton, pos=switch.rect().center() - switch.rect().center() / 1.2)
    assert brush.brush.now.size_by_pressure == SIZE_BY_PRESSURE
    QTest.mouseClick(graph, Qt.MouseButton.LeftButton, pos=graph.place(128, 40).toPoint())
    bent = brush.brush.now.size_by_pressure
    assert len(bent) == 3
    assert bent[1] == (pytest.approx(0.5, abs=0.02), pytest.approx(40 / 255, abs=0.02))
    QTest.keyClick(graph, Qt.Key.Key_Up)
    assert brush.brush.now.size_by_pressure[1][1] == pytest.approx(bent[1][1] + 1 / 255)
    QTest.keyClick(switch, Qt.Key.Key_Space)
    assert brush.brush.now.size_by_pressure == ()


def test_smudging_has_no_curve_for_the_size(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    SmudgeTool(ToolKit()).options(holder)
    holder.show()
    page = opened(holder, "Pressure")
    assert isinstance(page, PressurePage)
    assert list(page.graphs) == ["opacity_by_pressure", "flow_by_pressure"]


def test_a_brush_is_kept_with_its_curves(brush: BrushTool) -> None:
    brush.brush.change(roundness=0.3, angle=-40.0, scatter=0.5, size_by_pressure=((0.0, 0.25), (0.5, 0.5), (1.0, 1.0)))
    save(brush.kit, "Quill", brush.brush.table)
    kept = tomllib.loads(tomli_w.dumps({"tools": brush.kit.table}))["tools"]
    again = ToolKit(kept)
    assert saved(again) == {"Quill": brush.brush.now}
    assert again.options("brush", BrushSettings()).now == brush.brush.now


def test_our_own_brushes_are_those_of_core() -> None:
    for name, brush in PRESETS.items():
        assert built_in()[name].brush(brush.seed) == brush
    assert BrushSettings().brush(7) == Brush(size_px=24.0, seed=7)


@pytest.mark.parametrize("curve", [[[0.5, 2.0]], [["a", "b"]], [1, 2], [[1.0, 1.0], [0.0, 0.0]]])
def test_a_faulty_curve_in_the_settings_is_not_taken(curve: list[object]) -> None:
    told = Options(BrushSettings(), {"size_by_pressure": curve})
    assert told.now == BrushSettings()


def test_curves_become_points_and_back() -> None:
    points = ((0, 10), (80, 200), (255, 255))
    assert points_of(response_of(points)) == points
    assert points_of(()) == ((0, 0), (255, 255))
