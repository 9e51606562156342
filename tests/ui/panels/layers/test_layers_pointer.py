"""What clicks in the list do, told by real mouse events and read from the document."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.layers import GroupLayer, LayerId
from studio.session import Session
from studio.ui.panels.layers import LayersPanel
from studio.ui.panels.layers.rows import Part
from tests.ui.panels.layers.gestures import ALT, CTRL, LEFT, SHIFT, at, click, drag, editor_of, move, tree_of


def visible(session: Session) -> dict[str, bool]:
    return {layer.id: layer.visible for layer in session.document.walk()}


class TestEyes:
    def test_a_click_hides_and_shows(self, panel: LayersPanel, session: Session) -> None:
        click(panel.tree, at(panel.tree, "masked", Part.EYE))
        assert not session.document.layer(LayerId("masked")).visible
        click(panel.tree, at(panel.tree, "masked", Part.EYE))
        assert session.document.layer(LayerId("masked")).visible
        assert session.history.labels == ("", "Change visibility", "Change visibility")

    def test_a_click_chooses_nothing(self, panel: LayersPanel, session: Session) -> None:
        click(panel.tree, at(panel.tree, "masked", Part.EYE))
        assert session.selection == ("ground",)

    def test_a_drag_switches_all_it_passes_as_one_step(self, panel: LayersPanel, session: Session) -> None:
        tree = panel.tree
        drag(tree, at(tree, "tone", Part.EYE), at(tree, "b", Part.EYE), at(tree, "masked", Part.EYE))
        assert visible(session) == {"tone": False, "g": False, "b": False, "a": False, "masked": False, "ground": True}
        assert len(session.history.labels) == 2
        session.history.undo()
        assert all(visible(session).values())

    def test_a_drag_makes_all_what_the_first_became(self, panel: LayersPanel, session: Session) -> None:
        tree = panel.tree
        click(tree, at(tree, "masked", Part.EYE))
        drag(tree, at(tree, "ground", Part.EYE), at(tree, "masked", Part.EYE))
        assert visible(session)["ground"] is visible(session)["masked"] is False

    def test_two_drags_are_two_steps(self, panel: LayersPanel, session: Session) -> None:
        tree = panel.tree
        for _ in range(2):
            drag(tree, at(tree, "ground", Part.EYE), at(tree, "masked", Part.EYE))
        assert all(visible(session).values())
        assert len(session.history.labels) == 3

    def test_alt_click_shows_only_this_one_and_back(self, panel: LayersPanel, session: Session) -> None:
        tree = panel.tree
        click(tree, at(tree, "ground", Part.EYE))
        before = visible(session)
        click(tree, at(tree, "a", Part.EYE), ALT)
        assert [name for name, shown in visible(session).items() if shown] == ["g", "a"]
        click(tree, at(tree, "a", Part.EYE), ALT)
        assert visible(session) == before
        assert session.history.labels[-2:] == ("Show only", "Change visibility")

    def test_alt_click_on_one_that_is_alone_shows_all(self, panel: LayersPanel, session: Session) -> None:
        tree = panel.tree
        for name in ("tone", "g", "masked"):
            click(tree, at(tree, name, Part.EYE))
        session.history.undo()
        click(tree, at(tree, "masked", Part.EYE))
        click(tree, at(tree, "a", Part.EYE))
        click(tree, at(tree, "b", Part.EYE))
        click(tree, at(tree, "ground", Part.EYE), ALT)
        assert all(visible(session).values())

    def test_quick_clicks_are_two_clicks(self, panel: LayersPanel, session: Session) -> None:
        tree = panel.tree
        point = at(tree, "ground", Part.EYE)
        QTest.mouseClick(tree.viewport(), LEFT, pos=point)
        QTest.mouseDClick(tree.viewport(), LEFT, pos=point)
        assert visible(session)["ground"]


class TestChoosing:
    def test_click_control_and_shift(self, panel: LayersPanel, session: Session) -> None:
        tree = panel.tree
        click(tree, at(tree, "masked"))
        assert session.selection == ("masked",)
        click(tree, at(tree, "tone"), CTRL)
        assert session.selection == ("tone", "masked")
        click(tree, at(tree, "a"))
        click(tree, at(tree, "ground"), SHIFT)
        assert session.selection == ("a", "masked", "ground")

    def test_a_click_on_one_of_several_chooses_it_alone(self, panel: LayersPanel, session: Session) -> None:
        tree = panel.tree
        session.select([LayerId("masked"), LayerId("ground")])
        click(tree, at(tree, "ground"))
        assert session.selection == ("ground",)

    def test_follows_the_session(self, panel: LayersPanel, session: Session) -> None:
        session.select([LayerId("b"), LayerId("masked")])
        assert panel.tree.chosen() == ("b", "masked")

    def test_opens_the_groups_of_a_layer_chosen_elsewhere(self, panel: LayersPanel, session: Session) -> None:
        tree = panel.tree
        tree.collapse(tree.layers.index_of(LayerId("g")))
        session.select([LayerId("a")])
        assert tree.isExpanded(tree.layers.index_of(LayerId("g")))
        assert tree.chosen() == ("a",)

    def test_the_choice_outlives_edits(self, panel: LayersPanel, session: Session) -> None:
        tree = panel.tree
        session.select([LayerId("b"), LayerId("masked")])
        drag(tree, at(tree, "tone"), at(tree, "ground", share=0.9))
        session.select([LayerId("b"), LayerId("masked")])
        session.history.undo()
        assert tree.chosen() == session.selection == ("b", "masked")


class TestGroups:
    def close(self, panel: LayersPanel) -> None:
        """Click the sign in front of the group."""
        tree = panel.tree
        rect = tree.visualRect(tree.layers.index_of(LayerId("g")))
        sign = rect.center()
        sign.setX(rect.left() - tree.indentation() // 2)
        click(tree, sign)

    def is_expanded(self, session: Session) -> bool:
        group = session.document.layer(LayerId("g"))
        assert isinstance(group, GroupLayer)
        return group.expanded

    def test_closing_is_no_change_by_itself(self, panel: LayersPanel, session: Session, qtbot: QtBot) -> None:
        self.close(panel)
        QApplication.processEvents()
        assert not panel.tree.is_open(LayerId("g"))
        assert not session.history.is_modified
        assert session.history.labels == ("",)

    def test_it_is_written_with_the_next_edit(self, panel: LayersPanel, session: Session, qtbot: QtBot) -> None:
        self.close(panel)
        session.history.apply(edits.step(edits.set_opacity, LayerId("ground"), 0.5))
        qtbot.waitUntil(lambda: not self.is_expanded(session))
        assert session.history.labels == ("", "Change opacity")

    def test_undo_does_not_open_it(self, panel: LayersPanel, session: Session, qtbot: QtBot) -> None:
        self.close(panel)
        session.history.apply(lambda document: document.with_layers(document.layers[1:]), "Cut")
        qtbot.waitUntil(lambda: not self.is_expanded(session))
        session.history.undo()
        assert not panel.tree.is_open(LayerId("g"))
        assert self.is_expanded(session)

    def test_a_double_click_on_the_folder_opens_it(self, panel: LayersPanel) -> None:
        tree = panel.tree
        point = at(tree, "g", Part.PICTURE)
        QTest.mouseDClick(tree.viewport(), LEFT, pos=point)
        assert not tree.isExpanded(tree.layers.index_of(LayerId("g")))


class TestMasks:
    def test_shift_click_turns_it_off(self, panel: LayersPanel, session: Session) -> None:
        click(panel.tree, at(panel.tree, "masked", Part.MASK), SHIFT)
        mask = session.document.layer(LayerId("masked")).mask
        assert mask is not None
        assert not mask.enabled
        assert session.selection == ("ground",)

    def test_the_chain_unlinks(self, panel: LayersPanel, session: Session) -> None:
        click(panel.tree, at(panel.tree, "masked", Part.LINK))
        mask = session.document.layer(LayerId("masked")).mask
        assert mask is not None
        assert not mask.linked

    def test_a_double_click_asks_for_its_properties(self, panel: LayersPanel, qtbot: QtBot) -> None:
        with qtbot.waitSignal(panel.tree.properties_wanted):
            QTest.mouseDClick(panel.tree.viewport(), LEFT, pos=at(panel.tree, "masked", Part.MASK))


class TestSelectingPixels:
    def bounds(self, session: Session) -> Rect | None:
        selection = session.document.selection
        return None if selection is None else selection.bounds

    def test_control_click_on_a_picture(self, panel: LayersPanel, session: Session) -> None:
        tree = panel.tree
        click(tree, at(tree, "masked", Part.PICTURE), CTRL)
        assert self.bounds(session) == Rect(5, 6, 25, 16)
        assert session.selection == ("ground",)
        click(tree, at(tree, "a", Part.PICTURE), CTRL | SHIFT)
        assert self.bounds(session) == Rect(0, 0, 25, 16)
        click(tree, at(tree, "a", Part.PICTURE), CTRL | ALT)
        assert session.document.selection is not None
        assert session.document.selection.read(Rect(0, 0, 5, 6)).max() == 0

    def test_control_click_on_a_mask(self, panel: LayersPanel, session: Session) -> None:
        click(panel.tree, at(panel.tree, "masked", Part.MASK), CTRL)
        assert self.bounds(session) == Rect(32, 0, 64, 48)

    def test_an_adjustment_has_no_pixels_to_select(self, panel: LayersPanel, session: Session) -> None:
        click(panel.tree, at(panel.tree, "tone", Part.PICTURE), CTRL)
        assert self.bounds(session) is None
        assert session.selection == ("tone", "ground")


class TestClipping:
    @pytest.mark.parametrize(("row", "share"), [("masked", 0.97), ("ground", 0.02)])
    def test_alt_click_on_the_line_clips_the_upper_layer(
        self, panel: LayersPanel, session: Session, row: str, share: float
    ) -> None:
        click(panel.tree, at(panel.tree, row, share=share), ALT)
        assert session.document.layer(LayerId("masked")).clipping
        click(panel.tree, at(panel.tree, row, share=share), ALT)
        assert not session.document.layer(LayerId("masked")).clipping

    def test_there_is_nothing_below_the_lowest(self, panel: LayersPanel, session: Session) -> None:
        click(panel.tree, at(panel.tree, "ground", share=0.97), ALT)
        assert session.history.labels == ("",)

    def test_the_pointer_shows_it(self, panel: LayersPanel) -> None:
        tree = panel.tree
        usual = tree.viewport().cursor().shape()
        tree._show_cursor(at(tree, "masked", share=0.97), ALT)
        assert tree.viewport().cursor().shape() is Qt.CursorShape.BitmapCursor
        tree._show_cursor(at(tree, "masked", share=0.5), ALT)
        assert tree.viewport().cursor().shape() is usual


class TestRenaming:
    def test_double_click_type_return(self, panel: LayersPanel, session: Session, qtbot: QtBot) -> None:
        QTest.mouseDClick(panel.tree.viewport(), LEFT, pos=at(panel.tree, "masked"))
        field = editor_of(panel.tree)
        assert field.selectedText() == "Masked"
        qtbot.keyClicks(field, "Neu / 1")
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: session.document.layer(LayerId("masked")).name == "Neu / 1")
        assert session.history.undo_label == "Rename layer"

    def test_what_is_typed_outlives_a_change_of_the_layer(
        self, panel: LayersPanel, session: Session, qtbot: QtBot
    ) -> None:
        QTest.mouseDClick(panel.tree.viewport(), LEFT, pos=at(panel.tree, "masked"))
        field = editor_of(panel.tree)
        qtbot.keyClicks(field, "New")
        session.history.apply(edits.step(edits.set_opacity, LayerId("masked"), 0.5))
        assert field.text() == "New"
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: session.document.layer(LayerId("masked")).name == "New")

    def test_escape_and_nothing_keep_the_name(self, panel: LayersPanel, session: Session, qtbot: QtBot) -> None:
        for key, typed in ((Qt.Key.Key_Escape, "Other"), (Qt.Key.Key_Return, " ")):
            QTest.mouseDClick(panel.tree.viewport(), LEFT, pos=at(panel.tree, "masked"))
            field = editor_of(panel.tree)
            qtbot.keyClicks(field, typed)
            qtbot.keyClick(field, key)
            qtbot.waitUntil(lambda: panel.tree.state() is not QAbstractItemView.State.EditingState)
            assert session.document.layer(LayerId("masked")).name == "Masked"
        assert session.history.labels == ("",)


class TestDragging:
    def test_between_siblings(self, panel: LayersPanel, session: Session) -> None:
        drag(panel.tree, at(panel.tree, "ground"), at(panel.tree, "masked"), at(panel.tree, "tone", share=0.1))
        assert tree_of(session) == "ground tone g(b a) masked"
        assert session.history.undo_label == "Reorder layers"

    def test_into_a_group(self, panel: LayersPanel, session: Session) -> None:
        drag(panel.tree, at(panel.tree, "ground"), at(panel.tree, "g"))
        assert tree_of(session) == "tone g(ground b a) masked"

    def test_to_the_top_of_an_open_group(self, panel: LayersPanel, session: Session) -> None:
        drag(panel.tree, at(panel.tree, "ground"), at(panel.tree, "g", share=0.95))
        assert tree_of(session) == "tone g(ground b a) masked"

    def test_between_rows_of_a_group(self, panel: LayersPanel, session: Session) -> None:
        drag(panel.tree, at(panel.tree, "tone"), at(panel.tree, "a", share=0.1))
        assert tree_of(session) == "g(b tone a) masked ground"

    def test_below_the_last_of_a_group_the_side_decides(self, panel: LayersPanel, session: Session) -> None:
        tree = panel.tree
        inside, outside = at(tree, "a", share=0.9), at(tree, "a", share=0.9)
        outside.setX(tree.visualRect(tree.layers.index_of(LayerId("g"))).left())
        drag(tree, at(tree, "tone"), inside)
        assert tree_of(session) == "g(b a tone) masked ground"
        session.history.undo()
        drag(tree, at(tree, "tone"), outside)
        assert tree_of(session) == "g(b a) tone masked ground"

    def test_below_everything(self, panel: LayersPanel, session: Session) -> None:
        tree = panel.tree
        bottom = at(tree, "ground")
        bottom.setY(tree.viewport().height() - 30)
        drag(tree, at(tree, "b"), bottom)
        assert tree_of(session) == "tone g(a) masked ground b"

    def test_several_keep_their_order_and_stay_chosen(self, panel: LayersPanel, session: Session) -> None:
        session.select([LayerId("tone"), LayerId("ground")])
        drag(panel.tree, at(panel.tree, "ground"), at(panel.tree, "a", share=0.1))
        assert tree_of(session) == "g(b tone ground a) masked"
        assert session.selection == ("tone", "ground")
        assert len(session.history.labels) == 2

    def test_a_group_cannot_go_into_itself(self, panel: LayersPanel, session: Session) -> None:
        drag(panel.tree, at(panel.tree, "g"), at(panel.tree, "a", share=0.1))
        assert session.history.labels == ("",)

    def test_escape_puts_it_back(self, panel: LayersPanel, session: Session, qtbot: QtBot) -> None:
        tree = panel.tree
        QTest.mousePress(tree.viewport(), LEFT, pos=at(tree, "ground"))
        move(tree.viewport(), at(tree, "tone", share=0.1))
        assert tree.is_dragging
        qtbot.keyClick(tree, Qt.Key.Key_Escape)
        assert not tree.is_dragging
        QTest.mouseRelease(tree.viewport(), LEFT, pos=at(tree, "tone", share=0.1))
        assert session.history.labels == ("",)

    def test_alt_copies(self, panel: LayersPanel, session: Session) -> None:
        drag(panel.tree, at(panel.tree, "ground"), at(panel.tree, "tone", share=0.1), modifiers=ALT)
        top = session.document.layers[-1]
        assert (top.name, top.id != "ground") == ("Ground copy", True)
        assert session.selection == (top.id,)
        assert tree_of(session).endswith("tone g(b a) masked ground")
        assert session.history.undo_label == "Duplicate layer"

    def test_alt_copies_a_group_and_a_layer_in_it_once(self, panel: LayersPanel, session: Session) -> None:
        session.select([LayerId("g"), LayerId("a")])
        drag(panel.tree, at(panel.tree, "g"), at(panel.tree, "tone", share=0.1), modifiers=ALT)
        group = session.document.layers[-1]
        assert isinstance(group, GroupLayer)
        assert [layer.name for layer in group.children] == ["A", "B"]
        assert len(session.document.layers) == 5
        assert session.selection == (group.id,)
        assert [call.id for call in session.history.calls[-1] or ()] == ["duplicate_layers"]

    def test_a_small_move_is_a_click(self, panel: LayersPanel, session: Session) -> None:
        start = at(panel.tree, "masked")
        end = at(panel.tree, "masked")
        end.setX(start.x() + 3)
        drag(panel.tree, start, end)
        assert session.selection == ("masked",)
        assert session.history.labels == ("",)

    def test_an_edit_from_elsewhere_ends_it_unharmed(self, panel: LayersPanel, session: Session) -> None:
        tree = panel.tree
        QTest.mousePress(tree.viewport(), LEFT, pos=at(tree, "masked"))
        move(tree.viewport(), at(tree, "tone", share=0.1))
        session.history.apply(lambda document: document.with_layers(document.layers[:1]), "Cut")
        QTest.mouseRelease(tree.viewport(), LEFT, pos=at(tree, "ground"))
        assert tree_of(session) == "ground"
        assert not tree.is_dragging

    def test_scrolls_near_the_edge(self, panel: LayersPanel, session: Session, many: Document, qtbot: QtBot) -> None:
        tree = panel.tree
        session.start(many)
        tree.verticalScrollBar().setValue(0)
        QTest.mousePress(tree.viewport(), LEFT, pos=at(tree, "l49.8"))
        edge = at(tree, "l49.8")
        edge.setY(tree.viewport().height() - 4)
        move(tree.viewport(), edge)
        qtbot.waitUntil(lambda: tree.verticalScrollBar().value() > 60)
        qtbot.keyClick(tree, Qt.Key.Key_Escape)
        QTest.mouseRelease(tree.viewport(), LEFT, pos=edge)
        assert session.history.labels == ("",)
