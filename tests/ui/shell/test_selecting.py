"""The Select menu, its tools, and what Delete, copying and new layers do with what is selected."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QSlider,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio import documents
from studio.core import edits
from studio.core.geometry import Point, Rect
from studio.core.layers import Locks, RasterLayer
from studio.core.selecting import reshape
from studio.core.selection import Combine
from studio.ui.main_window import MainWindow
from studio.ui.selecting.amounts import AmountDialog
from studio.ui.selecting.channels import LoadDialog, SaveDialog
from tests.ui.canvas.gestures import click, drag
from tests.ui.shell.selections import BOX, GROUND, SQUARE, box, dialog, idle, press, same, selected


class TestMenu:
    def test_all_none_again_and_inverse_by_keys(self, opened: MainWindow) -> None:
        assert "no earlier selection" in opened.action_set.why_not("select.again")
        assert "Nothing is selected" in opened.action_set.why_not("select.none")
        press(opened, "Ctrl+A")
        assert same(selected(opened), box(Rect(0, 0, 64, 48)))
        opened.session.history.apply(edits.step(edits.select_rectangle, BOX))
        press(opened, "Ctrl+Shift+I")
        assert same(selected(opened), 255 - box(BOX))
        press(opened, "Ctrl+D")
        assert selected(opened) is None
        assert "Everything is selected" in opened.action_set.why_not("select.inverse")
        press(opened, "Ctrl+Shift+D")
        assert same(selected(opened), 255 - box(BOX))
        for _ in range(5):
            press(opened, "Ctrl+Z")
        assert selected(opened) is None
        assert opened.session.history.cursor == 0

    def test_the_inverse_of_all_is_told(self, opened: MainWindow) -> None:
        press(opened, "Ctrl+A")
        press(opened, "Ctrl+Shift+I")
        assert [card.told.message for card in opened.notices.cards] == ["That would select nothing."]
        assert same(selected(opened), box(Rect(0, 0, 64, 48)))

    def test_what_a_layer_covers(self, opened: MainWindow) -> None:
        opened.action_set["select.layer"].trigger()
        assert same(selected(opened), box(Rect(5, 6, 25, 16)))

    def test_without_a_document_all_say_why(self, window: MainWindow) -> None:
        mine = [name for name in window.action_set.specs if name.startswith("select.")]
        assert len(mine) >= 13
        for name in (*mine, "edit.cut", "edit.copy", "edit.clear", "layer.via_copy", "layer.via_cut"):
            assert window.action_set.why_not(name) == "Open a picture first.", name

    def test_another_size_of_canvas_has_no_earlier_selection(self, boxed: MainWindow) -> None:
        press(boxed, "Ctrl+D")
        assert boxed.action_set.why_not("select.again") == ""
        boxed.session.history.apply(edits.step(edits.crop, Rect(0, 0, 20, 20)))
        assert "no earlier selection" in boxed.action_set.why_not("select.again")


class TestAmounts:
    @pytest.mark.parametrize(
        ("name", "px", "wanted"),
        [
            ("grow", 3, lambda told: reshape.grow(told, 3)),
            ("shrink", 2, lambda told: reshape.shrink(told, 2)),
            ("border", 4, lambda told: reshape.border(told, 4)),
            ("smooth", 2, lambda told: reshape.smooth(told, 2)),
            ("feather", 1.5, lambda told: reshape.feather(told, 1.5)),
        ],
        ids=["grow", "shrink", "border", "smooth", "feather"],
    )
    def test_each_by_its_dialog(self, boxed: MainWindow, qtbot: QtBot, name: str, px: float, wanted: object) -> None:
        boxed.action_set[f"select.{name}"].trigger()
        asked = dialog(boxed, AmountDialog)
        asked.amount.clear()
        qtbot.keyClicks(asked.amount, str(px))
        qtbot.keyClick(asked.amount, Qt.Key.Key_Return)
        idle(qtbot, boxed)
        assert callable(wanted)
        assert same(selected(boxed), wanted(box(BOX)))
        (call,) = list(boxed.session.history.calls[-1] or ())
        assert call.id == f"{name}_selection"
        boxed.session.history.undo()
        assert same(selected(boxed), box(BOX))
        boxed.action_set[f"select.{name}"].trigger()
        assert dialog(boxed, AmountDialog).amount.value() == px
        dialog(boxed, AmountDialog).reject()

    def test_cancelling_changes_nothing(self, boxed: MainWindow, qtbot: QtBot) -> None:
        press(boxed, "Shift+F6")
        asked = dialog(boxed, AmountDialog)
        qtbot.keyClick(asked, Qt.Key.Key_Escape)
        assert same(selected(boxed), box(BOX))

    def test_shrinking_to_nothing_is_told(self, boxed: MainWindow, qtbot: QtBot) -> None:
        boxed.action_set["select.shrink"].trigger()
        asked = dialog(boxed, AmountDialog)
        asked.amount.setValue(50)
        asked.accept()
        qtbot.waitUntil(lambda: bool(boxed.notices.cards))
        assert "select nothing" in boxed.notices.cards[0].told.message
        assert same(selected(boxed), box(BOX))

    def test_a_selection_made_meanwhile_stays(self, boxed: MainWindow, qtbot: QtBot) -> None:
        boxed.action_set["select.grow"].trigger()
        dialog(boxed, AmountDialog).accept()
        assert "being found" in boxed.action_set.why_not("edit.clear")
        boxed.session.history.apply(edits.step(edits.select_all))
        idle(qtbot, boxed)
        assert same(selected(boxed), box(Rect(0, 0, 64, 48)))
        assert "changed meanwhile" in boxed.notices.cards[0].told.message


class TestSaving:
    def test_save_load_rename_and_delete(self, boxed: MainWindow, qtbot: QtBot) -> None:
        assert "No selection was saved" in boxed.action_set.why_not("select.load")
        boxed.action_set["select.save"].trigger()
        asked = dialog(boxed, SaveDialog)
        assert asked.name.currentText() == "Selection 1"
        asked.name.setCurrentText("Box")
        assert not asked.how.isEnabled()
        asked.save.click()
        assert [channel.name for channel in boxed.session.document.channels] == ["Box"]
        press(boxed, "Ctrl+D")
        boxed.action_set["select.load"].trigger()
        loading = dialog(boxed, LoadDialog)
        loading.list.setFocus()
        qtbot.keyClick(loading.list, Qt.Key.Key_F2)
        field = loading.list.findChild(QLineEdit)
        assert isinstance(field, QLineEdit)
        field.selectAll()
        qtbot.keyClicks(field, "Frame")
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: [channel.name for channel in boxed.session.document.channels] == ["Frame"])
        assert loading.isVisible()
        loading.load.click()
        assert same(selected(boxed), box(BOX))
        boxed.action_set["select.load"].trigger()
        loading = dialog(boxed, LoadDialog)
        loading.delete.click()
        assert boxed.session.document.channels == ()
        assert not loading.load.isEnabled()
        loading.reject()
        boxed.action_set["edit.undo"].trigger()
        assert [channel.name for channel in boxed.session.document.channels] == ["Frame"]

    def test_saving_over_and_loading_as_a_part(self, boxed: MainWindow) -> None:
        boxed.session.history.apply(edits.step(edits.save_selection, "Box"))
        boxed.session.history.apply(edits.step(edits.select_rectangle, Rect(20, 10, 40, 30)))
        boxed.action_set["select.save"].trigger()
        asked = dialog(boxed, SaveDialog)
        asked.name.setCurrentText("Box")
        assert asked.how.isEnabled()
        asked.how.setCurrentIndex(list(Combine).index(Combine.ADD))
        asked.accept()
        both = np.maximum(box(BOX), box(Rect(20, 10, 40, 30)))
        (channel,) = boxed.session.document.channels
        assert np.array_equal(channel.pixels.read()[..., 0], both)
        press(boxed, "Ctrl+A")
        boxed.action_set["select.load"].trigger()
        loading = dialog(boxed, LoadDialog)
        loading.how.setCurrentIndex(list(Combine).index(Combine.SUBTRACT))
        loading.accept()
        assert same(selected(boxed), 255 - both)

    def test_a_name_that_is_taken_is_told(self, boxed: MainWindow) -> None:
        for name in ("One", "Two"):
            boxed.session.history.apply(edits.step(edits.save_selection, name))
        boxed.action_set["select.load"].trigger()
        loading = dialog(boxed, LoadDialog)
        loading.list.item(0).setText("Two")
        assert boxed.notices.cards
        assert [loading.list.item(row).text() for row in range(2)] == ["One", "Two"]
        loading.reject()

    def test_a_project_keeps_selection_and_channels(self, boxed: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
        boxed.session.history.apply(edits.step(edits.save_selection, "Box"))
        boxed.session.history.apply(edits.step(edits.invert_selection))
        path = tmp_path / "kept.lamina"
        boxed.files.save_to(path)
        idle(qtbot, boxed)
        boxed.keeper.close(keep_edits=False)
        kept = documents.read(path, read_only=True)
        root = kept.steps[-1][1]
        assert root.selection is not None
        assert np.array_equal(root.selection.read(), 255 - box(BOX))
        assert np.array_equal(root.channels[0].pixels.read()[..., 0], box(BOX))
        if kept.project is not None:
            kept.project.close()


class TestQuickMask:
    def test_q_turns_it_on_and_off_and_the_brush_paints_it(self, boxed: MainWindow) -> None:
        start = boxed.session.document.layers
        press(boxed, "Q")
        assert boxed.action_set["select.quick_mask"].isChecked()
        assert "Q leaves it" in boxed.notices.cards[0].told.message
        press(boxed, "B")
        click(boxed.canvas, 20, 14)
        assert boxed.session.document.layers is start
        told = selected(boxed)
        assert told is not None
        assert told[14, 20] == 0
        press(boxed, "Q")
        assert not boxed.action_set["select.quick_mask"].isChecked()
        click(boxed.canvas, 12, 10)
        assert boxed.session.document.layers is not start


class TestPixels:
    def test_delete_clears_what_is_selected(self, boxed: MainWindow) -> None:
        boxed.session.select([SQUARE, GROUND])
        assert boxed.action_set["edit.clear"].text() == "Delete selected pixels"
        press(boxed, "Del")
        ground = boxed.session.document.layer(GROUND)
        assert isinstance(ground, RasterLayer)
        assert np.array_equal(ground.pixels.read()[..., 3], 255 - box(BOX))
        square = boxed.session.document.layer(SQUARE)
        assert isinstance(square, RasterLayer)
        alpha = square.pixels.read(Rect(0, 0, 64, 48).moved(-square.origin))[..., 3]
        assert np.array_equal(alpha, np.minimum(box(Rect(5, 6, 25, 16)), 255 - box(BOX)))
        assert len(boxed.session.history.labels) == 3

    def test_without_a_selection_it_deletes_the_layer(self, opened: MainWindow) -> None:
        assert opened.action_set["edit.clear"].text() == "Delete layer"
        press(opened, "Del")
        assert [layer.id for layer in opened.session.document.layers] == [GROUND]

    def test_copy_and_paste_in_place(self, boxed: MainWindow, qtbot: QtBot) -> None:
        press(boxed, "Ctrl+C")
        idle(qtbot, boxed)
        image = QGuiApplication.clipboard().image()
        assert (image.width(), image.height()) == (20, 12)
        assert image.pixelColor(2, 2) == QColor(220, 30, 30)
        assert image.pixelColor(18, 10).alpha() == 0
        press(boxed, "Ctrl+V")
        pasted = boxed.session.document.layers[-1]
        assert isinstance(pasted, RasterLayer)
        assert pasted.origin == Point(BOX.left, BOX.top)
        seen = np.minimum(box(Rect(5, 6, 25, 16)), box(BOX))
        assert np.array_equal(pasted.pixels.read(Rect(0, 0, 64, 48).moved(-pasted.origin))[..., 3], seen)

    def test_copy_merged(self, boxed: MainWindow, qtbot: QtBot) -> None:
        press(boxed, "Ctrl+Shift+C")
        idle(qtbot, boxed)
        image = QGuiApplication.clipboard().image()
        assert (image.width(), image.height()) == (20, 12)
        assert image.pixelColor(2, 2) == QColor(220, 30, 30)
        assert image.pixelColor(18, 10) == QColor(20, 60, 200)

    def test_cut(self, boxed: MainWindow, qtbot: QtBot) -> None:
        boxed.session.select([GROUND])
        press(boxed, "Ctrl+X")
        idle(qtbot, boxed)
        assert QGuiApplication.clipboard().image().pixelColor(2, 2) == QColor(20, 60, 200)
        ground = boxed.session.document.layer(GROUND)
        assert isinstance(ground, RasterLayer)
        assert np.array_equal(ground.pixels.read()[..., 3], 255 - box(BOX))

    def test_cut_takes_what_lies_off_the_canvas_along(self, opened: MainWindow, qtbot: QtBot) -> None:
        opened.session.select([SQUARE])
        opened.session.history.apply(edits.step(edits.translate, [SQUARE], Point(-15, 0)))
        before = opened.session.document.layer(SQUARE)
        assert isinstance(before, RasterLayer)
        assert before.bounds.left < 0
        press(opened, "Ctrl+X")
        idle(qtbot, opened)
        image = QGuiApplication.clipboard().image()
        assert (image.width(), image.height()) == (before.bounds.width, before.bounds.height)
        assert image.pixelColor(0, 0) == QColor(220, 30, 30)
        after = opened.session.document.layer(SQUARE)
        assert isinstance(after, RasterLayer)
        assert not after.pixels.tiles

    def test_cut_from_a_locked_layer_changes_neither_layer_nor_clipboard(
        self, opened: MainWindow, qtbot: QtBot
    ) -> None:
        opened.session.select([SQUARE])
        opened.session.history.apply(edits.step(edits.set_locks, SQUARE, Locks(pixels=True)))
        QGuiApplication.clipboard().clear()
        before = opened.session.document
        opened.files.copy(cut=True)
        idle(qtbot, opened)
        assert opened.session.document is before
        assert QGuiApplication.clipboard().image().isNull()
        assert "locked" in opened.notices.cards[0].told.message

    def test_cut_where_there_is_nothing_leaves_no_step(self, opened: MainWindow, qtbot: QtBot) -> None:
        opened.session.history.apply(edits.step(edits.select_rectangle, Rect(40, 30, 60, 40)))
        QGuiApplication.clipboard().clear()
        labels = opened.session.history.labels
        press(opened, "Ctrl+X")
        idle(qtbot, opened)
        assert opened.session.history.labels == labels
        assert "Nothing was copied" in opened.notices.cards[0].told.message

    def test_nothing_to_copy_is_told(self, opened: MainWindow, qtbot: QtBot) -> None:
        opened.session.history.apply(edits.step(edits.select_rectangle, Rect(40, 30, 60, 40)))
        QGuiApplication.clipboard().clear()
        press(opened, "Ctrl+C")
        idle(qtbot, opened)
        assert "Nothing was copied" in opened.notices.cards[0].told.message

    @pytest.mark.parametrize("cut", [False, True])
    def test_a_layer_of_what_is_selected(self, boxed: MainWindow, cut: bool) -> None:
        boxed.session.select([GROUND])
        press(boxed, "Ctrl+Shift+J" if cut else "Ctrl+J")
        new = boxed.session.document.layers[1]
        assert isinstance(new, RasterLayer)
        assert (new.name, new.bounds) == ("Ground copy", BOX)
        assert boxed.session.selection == (new.id,)
        ground = boxed.session.document.layer(GROUND)
        assert isinstance(ground, RasterLayer)
        wanted = 255 - box(BOX) if cut else np.full((48, 64), 255)
        assert np.array_equal(ground.pixels.read()[..., 3], wanted)

    def test_a_layer_via_copy_of_a_group_needs_no_selection(self, boxed: MainWindow) -> None:
        boxed.session.history.apply(edits.step(edits.group_layers, [SQUARE]))
        boxed.session.select([boxed.session.document.layers[-1].id])
        assert "pixel layer" in boxed.action_set.why_not("layer.via_copy")
        press(boxed, "Ctrl+D")
        press(boxed, "Ctrl+J")
        assert len(boxed.session.document.layers) == 3

    def test_add_mask_shows_what_is_selected(self, boxed: MainWindow) -> None:
        boxed.action_set["layer.add_mask"].trigger()
        mask = boxed.session.document.layer(SQUARE).mask
        assert mask is not None
        assert np.array_equal(mask.pixels.read(Rect(0, 0, 64, 48).moved(-mask.origin))[..., 0], box(BOX))


class TestToolsInTheWindow:
    @pytest.mark.parametrize(
        ("keys", "tool"),
        [
            (("M",), "select_rectangle"),
            (("Shift+M", "Shift+M"), "select_ellipse"),
            (("L",), "lasso"),
            (("L", "Shift+L"), "lasso_polygon"),
            (("W",), "wand"),
            (("W", "Shift+W"), "select_object"),
        ],
    )
    def test_keys_choose_them(self, opened: MainWindow, keys: tuple[str, ...], tool: str) -> None:
        for one in keys:
            press(opened, one)
        assert opened.tool == tool

    def test_a_drag_selects_and_the_options_combine(self, opened: MainWindow) -> None:
        opened.canvas.set_snapping(False)
        press(opened, "M")
        drag(opened.canvas, (10, 8), (30, 20), modifiers=Qt.KeyboardModifier.NoModifier)
        assert same(selected(opened), box(BOX))
        (add,) = [
            button
            for button in cast("QWidget", opened.options.shown).findChildren(QToolButton)
            if button.accessibleName().startswith("Add")
        ]
        add.click()
        drag(opened.canvas, (40, 30), (50, 40), modifiers=Qt.KeyboardModifier.NoModifier)
        assert same(selected(opened), np.maximum(box(BOX), box(Rect(40, 30, 50, 40))))

    @pytest.mark.parametrize(
        "tool", ["select_rectangle", "select_ellipse", "lasso", "lasso_polygon", "wand", "select_object"]
    )
    def test_every_control_has_a_name_and_is_reached_by_tab(self, opened: MainWindow, tool: str) -> None:
        opened.choose_tool(tool)
        kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QSlider)
        controls = [control for kind in kinds for control in cast("QWidget", opened.options.shown).findChildren(kind)]
        assert len(controls) >= 5
        for control in controls:
            if control.isVisible() and control.focusPolicy() != Qt.FocusPolicy.NoFocus:
                assert control.accessibleName() or getattr(control, "text", lambda: "")(), control
                assert control.toolTip(), control
