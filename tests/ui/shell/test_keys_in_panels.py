"""Keys that the window has a shortcut for go to what has the focus in a panel, where that uses them."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.adjustments import Adjustment, Curves, GradientMap
from studio.core.gradients import GradientStop
from studio.core.layers import AdjustmentLayer, LayerId, Place
from studio.ui.main_window import MainWindow
from studio.ui.panels.colors.swatches import SwatchGrid
from studio.ui.panels.macros import MacrosPanel
from studio.ui.panels.properties.curves import CurveGraph
from studio.ui.panels.properties.gradient import GradientBar

TONE = LayerId("tone")
W = TypeVar("W", bound=QWidget)


def focused(window: MainWindow, dock: str, kind: type[W], number: int = 0) -> W:
    """The part of a panel, shown and with the focus."""
    window.show_panel(dock)
    panel = window.docks.panel(dock)
    assert panel is not None
    QTest.qWaitForWindowExposed(window)
    part = [one for one in panel.findChildren(kind) if one.isVisible()][number]
    part.setFocus()
    assert part.hasFocus()
    return part


def add(window: MainWindow, adjustment: Adjustment) -> None:
    layer = AdjustmentLayer(id=TONE, name="Tone", adjustment=adjustment)
    window.session.history.apply(edits.step(edits.add_layers, (layer,), Place(None, 2)))
    window.session.select([TONE])


def tone(window: MainWindow) -> Adjustment:
    layer = window.session.document.layer(TONE)
    assert isinstance(layer, AdjustmentLayer)
    return layer.adjustment


def test_delete_takes_a_swatch_away_and_no_layer(opened: MainWindow) -> None:
    colors = opened.toolbox.kit.colors
    layers, swatches = opened.session.document.layers, colors.now.swatches
    grid = focused(opened, "colors", SwatchGrid)
    assert grid.colors == swatches
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    assert colors.now.swatches == swatches[1:]
    assert opened.session.document.layers == layers


def test_delete_on_a_recent_color_deletes_no_layer(opened: MainWindow) -> None:
    layers = opened.session.document.layers
    opened.toolbox.kit.colors.used((1.0, 0.0, 0.0))
    grid = focused(opened, "colors", SwatchGrid, 1)
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    assert grid.colors == ("#ff0000",)
    assert opened.session.document.layers == layers


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_delete_takes_a_gradient_stop_away(opened: MainWindow, key: Qt.Key) -> None:
    stops = tuple(GradientStop(position=at, color=(at, at, at)) for at in (0.0, 0.5, 1.0))
    add(opened, GradientMap(gradient=stops))
    bar = focused(opened, "properties", GradientBar)
    QTest.keyClick(bar, Qt.Key.Key_PageUp)
    QTest.keyClick(bar, key)
    assert tone(opened) == GradientMap(gradient=(stops[0], stops[2]))


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_delete_takes_a_point_of_a_curve_away(opened: MainWindow, key: Qt.Key) -> None:
    add(opened, Curves(rgb=((0, 0), (100, 150), (255, 255))))
    graph = focused(opened, "properties", CurveGraph)
    QTest.keyClick(graph, Qt.Key.Key_PageUp)
    QTest.keyClick(graph, key)
    assert tone(opened) == Curves()


class TestMacros:
    @pytest.fixture
    def panel(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest) -> MacrosPanel:
        """With two macros, the first one chosen and the list focused."""
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        opened = request.getfixturevalue("opened")
        assert isinstance(opened, MainWindow)
        for name in ("One", "Two"):
            opened.macros.library.save(name, [{"command": "deselect"}])
        opened.macros.choose("One")
        opened.show_panel("macros")
        panel = opened.docks.panel("macros")
        assert isinstance(panel, MacrosPanel)
        panel.refresh()
        panel.tree.setFocus()
        return panel

    def test_f2_renames_the_macro_and_no_layer(self, panel: MacrosPanel, opened: MainWindow, qtbot: QtBot) -> None:
        layers = opened.session.document.layers
        QTest.keyClick(panel.tree, Qt.Key.Key_F2)
        (field,) = panel.tree.findChildren(QLineEdit)
        field.selectAll()
        qtbot.keyClicks(field, "Third")
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: opened.macros.library.names() == ["Third", "Two"])
        assert opened.session.document.layers == layers

    def test_delete_deletes_the_macro_and_no_layer(self, panel: MacrosPanel, opened: MainWindow) -> None:
        layers = opened.session.document.layers
        QTest.keyClick(panel.tree, Qt.Key.Key_Delete)
        assert opened.macros.library.names() == ["Two"]
        assert opened.session.document.layers == layers
        assert opened.notices.cards[0].told.offer is not None
