"""The controls above the list: sliders, fields and the box of modes, by mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.layers import BlendMode, LayerId
from studio.session import Session
from studio.ui.panels.amount import Amount
from studio.ui.panels.layers import LayersPanel
from tests.ui.panels.layers.gestures import LEFT, move


def slide(amount: Amount, *shares: float) -> None:
    """Press on the slider and drag over these shares of its width."""
    slider = amount.slider
    points = [QPoint(round(share * (slider.width() - 1)), slider.height() // 2) for share in shares]
    QTest.mousePress(slider, LEFT, pos=points[0])
    for point in points[1:]:
        move(slider, point)
    QTest.mouseRelease(slider, LEFT, pos=points[-1])


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
        field = panel.controls.opacity.field
        field.selectAll()
        qtbot.keyClicks(field, "40")
        assert session.document.layer(LayerId("ground")).opacity == 1.0
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert session.document.layer(LayerId("ground")).opacity == 0.4

    def test_arrow_keys_are_one_step(self, panel: LayersPanel, session: Session, qtbot: QtBot) -> None:
        for _ in range(3):
            qtbot.keyClick(panel.controls.opacity.slider, Qt.Key.Key_Left)
        assert session.document.layer(LayerId("ground")).opacity == 0.97
        assert len(session.history.labels) == 2

    def test_a_double_click_on_the_label_brings_the_usual_value(self, panel: LayersPanel, session: Session) -> None:
        slide(panel.controls.opacity, 0.3)
        QTest.mouseDClick(panel.controls.opacity.label, LEFT)
        assert session.document.layer(LayerId("ground")).opacity == 1.0

    def test_all_chosen_layers_change(self, panel: LayersPanel, session: Session) -> None:
        session.select([LayerId("b"), LayerId("ground")])
        slide(panel.controls.opacity, 0.5)
        opacities = {layer.opacity for layer in session.document.walk() if layer.id in ("b", "ground")}
        assert len(opacities) == 1
        assert opacities != {1.0}
        assert len(session.history.labels) == 2

    def test_show_the_document(self, panel: LayersPanel, session: Session) -> None:
        slide(panel.controls.opacity, 0.5)
        shown = panel.controls.opacity.value
        session.history.undo()
        assert panel.controls.opacity.value == 100
        session.history.redo()
        assert panel.controls.opacity.value == panel.controls.opacity.slider.value() == shown


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
