"""The controls above the list: sliders, fields and the box of modes, by mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.layers import BlendMode, LayerId
from studio.session import Session
from studio.ui.panels.bar import AmountBar
from studio.ui.panels.layers import LayersPanel
from tests.ui.panels.layers.gestures import LEFT, move


def slide(bar: AmountBar, *shares: float) -> None:
    """Press on the bar and drag over these shares of its width."""
    points = [QPoint(round(share * (bar.width() - 1)), bar.height() // 2) for share in shares]
    QTest.mousePress(bar, LEFT, pos=points[0])
    for point in points[1:]:
        move(bar, point)
    QTest.mouseRelease(bar, LEFT, pos=points[-1])


class TestAmounts:
    @pytest.mark.parametrize("name", ["opacity", "fill"])
    def test_a_drag_is_one_step(self, panel: LayersPanel, session: Session, name: str) -> None:
        slide(getattr(panel.controls, name), 0.9, 0.7, 0.5, 0.25)
        value = getattr(session.document.layer(LayerId("ground")), name)
        assert 0.15 < value < 0.35
        assert session.history.labels == ("", f"Change {name}")
        slide(getattr(panel.controls, name), 0.25, 0.6)
        assert len(session.history.labels) == 3

    def test_a_drag_back_leaves_no_step(self, panel: LayersPanel, session: Session) -> None:
        slide(panel.controls.opacity, 0.5, 1.0)
        assert session.history.labels == ("",)

    def test_typing_a_number(self, panel: LayersPanel, session: Session, qtbot: QtBot) -> None:
        bar = panel.controls.opacity
        bar.setFocus()
        qtbot.keyClick(bar, Qt.Key.Key_4)
        assert bar.field.hasFocus()
        qtbot.keyClick(bar.field, Qt.Key.Key_0)
        assert session.document.layer(LayerId("ground")).opacity == 1.0
        qtbot.keyClick(bar.field, Qt.Key.Key_Return)
        assert session.document.layer(LayerId("ground")).opacity == 0.4
        assert not bar.field.isVisible()
        assert bar.hasFocus()

    def test_a_double_click_lets_one_type_and_escape_leaves(
        self, panel: LayersPanel, session: Session, qtbot: QtBot
    ) -> None:
        bar = panel.controls.fill
        QTest.mouseDClick(bar, LEFT)
        qtbot.keyClicks(bar.field, "12")
        qtbot.keyClick(bar.field, Qt.Key.Key_Escape)
        assert not bar.field.isVisible()
        assert session.history.labels == ("",)
        QTest.mouseDClick(bar, LEFT)
        qtbot.keyClicks(bar.field, "12")
        panel.tree.setFocus()
        assert session.document.layer(LayerId("ground")).fill == 0.12

    def test_arrow_keys_are_one_step(self, panel: LayersPanel, session: Session, qtbot: QtBot) -> None:
        for _ in range(3):
            qtbot.keyClick(panel.controls.opacity, Qt.Key.Key_Left)
        assert session.document.layer(LayerId("ground")).opacity == 0.97
        assert len(session.history.labels) == 2

    def test_all_chosen_layers_change(self, panel: LayersPanel, session: Session) -> None:
        session.select([LayerId("b"), LayerId("ground")])
        slide(panel.controls.opacity, 0.5)
        opacities = {layer.opacity for layer in session.document.walk() if layer.id in ("b", "ground")}
        assert len(opacities) == 1
        assert opacities != {1.0}
        assert len(session.history.labels) == 2

    def test_show_the_document(self, panel: LayersPanel, session: Session) -> None:
        slide(panel.controls.opacity, 0.5)
        shown = panel.controls.opacity.value()
        session.history.undo()
        assert panel.controls.opacity.value() == 100
        session.history.redo()
        assert panel.controls.opacity.value() == shown < 100


class TestBlendBox:
    def test_holds_all_modes_in_groups(self, panel: LayersPanel) -> None:
        box = panel.controls.blend
        modes = [box.itemData(row) for row in range(box.count()) if box.itemData(row) is not None]
        assert modes == list(BlendMode)
        assert box.count() - len(modes) == 6

    def test_choosing_with_keys(self, panel: LayersPanel, session: Session, qtbot: QtBot) -> None:
        qtbot.keyClick(panel.controls.blend, Qt.Key.Key_Down)
        assert session.document.layer(LayerId("ground")).blend is BlendMode.DISSOLVE

    def test_only_groups_pass_through(self, panel: LayersPanel, session: Session) -> None:
        box = panel.controls.blend
        row = box.findData(BlendMode.PASS_THROUGH)
        flags = box.model().index(row, 0).flags
        assert not flags() & Qt.ItemFlag.ItemIsEnabled
        session.select([LayerId("g")])
        assert flags() & Qt.ItemFlag.ItemIsEnabled
        assert box.currentText() == "Pass through"

    def test_passing_over_modes_shows_them_and_leaving_takes_them_back(
        self, panel: LayersPanel, session: Session, qtbot: QtBot
    ) -> None:
        box = panel.controls.blend
        box.showPopup()
        qtbot.keyClick(box.view(), Qt.Key.Key_Down)
        qtbot.keyClick(box.view(), Qt.Key.Key_Down)
        assert session.document.layer(LayerId("ground")).blend is BlendMode.DARKEN
        qtbot.keyClick(box.view(), Qt.Key.Key_Escape)
        assert session.document.layer(LayerId("ground")).blend is BlendMode.NORMAL
        assert session.history.labels == ("",)
        assert box.currentText() == "Normal"

    def test_taking_one_is_one_step(self, panel: LayersPanel, session: Session, qtbot: QtBot) -> None:
        box = panel.controls.blend
        box.showPopup()
        qtbot.keyClick(box.view(), Qt.Key.Key_Down)
        qtbot.keyClick(box.view(), Qt.Key.Key_Return)
        assert session.document.layer(LayerId("ground")).blend is BlendMode.DISSOLVE
        assert session.history.labels == ("", "Change blend mode")
        assert session.history.undo().layer(LayerId("ground")).blend is BlendMode.NORMAL

    def test_looking_costs_no_undone_step(self, panel: LayersPanel, session: Session, qtbot: QtBot) -> None:
        slide(panel.controls.opacity, 0.5)
        session.history.undo()
        box = panel.controls.blend
        box.showPopup()
        qtbot.keyClick(box.view(), Qt.Key.Key_Down)
        qtbot.keyClick(box.view(), Qt.Key.Key_Escape)
        assert session.history.can_redo


class TestEmpty:
    def test_without_a_document(self, panel: LayersPanel, session: Session) -> None:
        session.shut()
        assert panel.pages.currentWidget() is panel.empty
        assert panel.empty.text() == "Open a picture to see its layers."
        assert not panel.controls.isEnabled()

    def test_without_layers(self, panel: LayersPanel, session: Session) -> None:
        session.history.apply(lambda document: document.with_layers(()), "Empty")
        assert panel.empty.text() == "This document has no layers yet."
        session.history.undo()
        assert panel.pages.currentWidget() is panel.tree
        assert panel.tree.isExpanded(panel.tree.layers.index_of(LayerId("g")))

    def test_without_a_choice(self, panel: LayersPanel, session: Session) -> None:
        session.select([])
        assert not panel.controls.isEnabled()
        assert panel.tree.chosen() == ()
