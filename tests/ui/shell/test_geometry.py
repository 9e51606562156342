"""Transforms, cropping, sizes and alignment in the whole window: keys, menus, dialogs and the options of the tools."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QWidget
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.edits.arranging import Alignment, Anchor, Axis, Frame, Trimming
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import LayerId, Locks, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.core.resampling import Sampling
from studio.ui.canvas.tools.align_options import AlignOptions
from studio.ui.canvas.tools.crop import CropTool
from studio.ui.canvas.tools.transform import FreeTransformTool, Mode
from studio.ui.canvas.tools.transform_options import TransformOptions
from studio.ui.geometry.canvas_size import ANCHORS, CanvasSizeDialog
from studio.ui.geometry.fields import SizeField
from studio.ui.geometry.image_size import ImageSizeDialog
from studio.ui.geometry.questions import RotateDialog, TrimDialog
from studio.ui.main_window import MainWindow
from tests.ui.canvas.gestures import drag
from tests.ui.shell.conftest import settle

SQUARE, GROUND = LayerId("square"), LayerId("ground")
NONE, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(window.canvas.surface, key, modifiers)


def transform(window: MainWindow) -> FreeTransformTool:
    tool = window.canvas.tool
    assert isinstance(tool, FreeTransformTool)
    return tool


def dialog_of(window: MainWindow, action: str, kind: type[QDialog]) -> QDialog:
    window.action_set.run(action)
    (dialog,) = window.findChildren(kind)
    return dialog


def accept(dialog: QDialog) -> None:
    (box,) = dialog.findChildren(QDialogButtonBox)
    button = next(b for b in box.buttons() if box.buttonRole(b) is QDialogButtonBox.ButtonRole.AcceptRole)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def type_into(field: SizeField, words: str) -> None:
    field.selectAll()
    QTest.keyClicks(field, words)


def samples(document: Document, layer_id: LayerId) -> np.ndarray:
    layer = document.layer(layer_id)
    assert isinstance(layer, RasterLayer)
    return layer.pixels.read()


class TestFreeTransform:
    def test_its_key_begins_and_the_tool_of_before_comes_back(self, opened: MainWindow) -> None:
        opened.choose_tool("hand")
        press(opened, Qt.Key.Key_T, CONTROL)
        assert opened.tool == "transform"
        framing = transform(opened).framing
        assert framing is not None
        assert framing.rect == Rect(5, 6, 25, 16)
        press(opened, Qt.Key.Key_Right)
        press(opened, Qt.Key.Key_Return)
        assert opened.tool == "hand"
        assert opened.session.document.layer(SQUARE).bounds == Rect(6, 6, 26, 16)
        press(opened, Qt.Key.Key_T, CONTROL)
        press(opened, Qt.Key.Key_Escape)
        assert opened.tool == "hand"
        assert opened.session.history.labels == ("", "Move layer")

    @pytest.mark.parametrize("mode", [Mode.SCALE, Mode.ROTATE, Mode.SKEW, Mode.DISTORT, Mode.PERSPECTIVE])
    def test_the_menu_begins_in_a_mode(self, opened: MainWindow, mode: Mode) -> None:
        opened.action_set[f"edit.transform_{mode}"].trigger()
        assert transform(opened).mode is mode
        press(opened, Qt.Key.Key_Escape)
        opened.action_set["edit.free_transform"].trigger()
        assert transform(opened).mode is Mode.FREE

    def test_turns_are_done_at_once_or_to_what_is_transformed(self, opened: MainWindow, document: Document) -> None:
        opened.action_set["edit.turn_right"].trigger()
        assert opened.session.document == edits.turn_layers(document, [SQUARE], edits.Turn.QUARTER)
        opened.session.history.undo()
        press(opened, Qt.Key.Key_T, CONTROL)
        opened.action_set["edit.turn_right"].trigger()
        opened.action_set["edit.flip_horizontal"].trigger()
        assert opened.session.document is document
        press(opened, Qt.Key.Key_Return)
        np.testing.assert_array_equal(
            samples(opened.session.document, SQUARE), np.rot90(samples(document, SQUARE), -1)[:, ::-1]
        )
        assert len(opened.session.history.labels) == 2

    def test_what_cannot_be_transformed_is_said_in_the_menu(self, opened: MainWindow) -> None:
        opened.session.history.apply(edits.step(edits.set_locks, SQUARE, Locks(pixels=True)))
        action = opened.action_set["edit.free_transform"]
        assert not action.isEnabled()
        assert "locked" in action.toolTip()
        opened.session.history.undo()
        assert action.isEnabled()

    def test_the_options_stand_in_the_bar(self, opened: MainWindow) -> None:
        press(opened, Qt.Key.Key_T, CONTROL)
        (options,) = cast("QWidget", opened.options.shown).findChildren(TransformOptions)
        assert options.isVisible()
        press(opened, Qt.Key.Key_Escape)
        assert not options.isVisible()


class TestCrop:
    def test_the_key_and_enter_crop(self, opened: MainWindow, document: Document) -> None:
        press(opened, Qt.Key.Key_C)
        assert isinstance(opened.canvas.tool, CropTool)
        drag(opened.canvas, (10, 8), (40, 30))
        press(opened, Qt.Key.Key_Return)
        assert opened.session.document == edits.crop(document, Rect(10, 8, 40, 30))
        assert opened.tool == "crop"
        press(opened, Qt.Key.Key_Escape)
        assert opened.tool == "move"
        opened.action_set["image.reveal_all"].trigger()
        assert composite(opened.session.document).tobytes() == composite(document).tobytes()

    def test_cropping_to_the_selection(self, opened: MainWindow, document: Document) -> None:
        action = opened.action_set["image.crop_to_selection"]
        assert not action.isEnabled()
        opened.session.history.apply(edits.step(edits.select_rectangle, Rect(4, 5, 30, 20)))
        action.trigger()
        assert opened.session.document.size == Size(26, 15)

    def test_trimming_asks_by_what(self, opened: MainWindow, document: Document, qtbot: QtBot) -> None:
        opened.session.history.apply(edits.step(edits.remove_layers, [GROUND]))
        dialog = dialog_of(opened, "image.trim", TrimDialog)
        assert isinstance(dialog, TrimDialog)
        assert dialog.by is Trimming.TRANSPARENT
        accept(dialog)
        assert opened.session.document.size == Size(20, 10)
        assert opened.session.history.undo_label == "Trim"

    def test_what_trimming_refuses_is_told(self, opened: MainWindow, qtbot: QtBot) -> None:
        opened.session.history.apply(edits.step(edits.remove_layers, [SQUARE]))
        dialog = dialog_of(opened, "image.trim", TrimDialog)
        assert isinstance(dialog, TrimDialog)
        dialog.by_choice.setCurrentIndex(dialog.by_choice.findData(Trimming.TOP_LEFT))
        accept(dialog)
        assert opened.session.document.size == Size(64, 48)
        assert any("trimmed away" in card.told.message for card in opened.notices.cards)


class TestImageSize:
    def open(self, window: MainWindow) -> ImageSizeDialog:
        dialog = dialog_of(window, "image.size", ImageSizeDialog)
        assert isinstance(dialog, ImageSizeDialog)
        return dialog

    def test_it_resizes_beside_the_window_as_one_step(
        self, opened: MainWindow, document: Document, qtbot: QtBot
    ) -> None:
        dialog = self.open(opened)
        assert (dialog.width_field.value(), dialog.height_field.value()) == (64, 48)
        before = dialog.memory.text()
        type_into(dialog.width_field, "32")
        assert dialog.height_field.value() == 24
        assert dialog.memory.text() != before
        dialog.sampling_choice.setCurrentIndex(dialog.sampling_choice.findData(Sampling.NEAREST))
        accept(dialog)
        settle(qtbot, opened)
        assert opened.session.document == edits.resize_image(document, Size(32, 24), sampling=Sampling.NEAREST)
        assert opened.session.history.labels == ("", "Image size")
        opened.session.history.undo()
        assert opened.session.document is document

    def test_sides_alone_and_percent(self, opened: MainWindow, document: Document, qtbot: QtBot) -> None:
        dialog = self.open(opened)
        QTest.mouseClick(dialog.proportions, Qt.MouseButton.LeftButton, pos=dialog.proportions.rect().center())
        type_into(dialog.height_field, "96")
        assert dialog.asked == Size(64, 96)
        dialog.unit.setCurrentIndex(1)
        assert (dialog.width_field.value(), dialog.height_field.value()) == (100, 200)
        type_into(dialog.width_field, "50")
        assert dialog.asked == Size(32, 96)
        QTest.mouseClick(dialog.proportions, Qt.MouseButton.LeftButton, pos=dialog.proportions.rect().center())
        assert dialog.asked == Size(32, 24)
        accept(dialog)
        settle(qtbot, opened)
        assert opened.session.document.size == Size(32, 24)

    def test_an_edit_meanwhile_is_kept(self, opened: MainWindow, qtbot: QtBot) -> None:
        dialog = self.open(opened)
        type_into(dialog.width_field, "32")
        accept(dialog)
        opened.session.history.apply(edits.step(edits.set_opacity, SQUARE, 0.5))
        settle(qtbot, opened)
        assert opened.session.document.size == Size(32, 24)
        assert opened.session.document.layer(SQUARE).opacity == 0.5

    def test_cancelling_does_nothing(self, opened: MainWindow, document: Document) -> None:
        dialog = self.open(opened)
        type_into(dialog.width_field, "10")
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert opened.session.document is document


class TestCanvas:
    def open(self, window: MainWindow) -> CanvasSizeDialog:
        dialog = dialog_of(window, "image.canvas_size", CanvasSizeDialog)
        assert isinstance(dialog, CanvasSizeDialog)
        return dialog

    def test_the_canvas_grows_around_the_anchor(self, opened: MainWindow, document: Document) -> None:
        dialog = self.open(opened)
        type_into(dialog.width_field, "100")
        type_into(dialog.height_field, "60")
        button = dialog.grid.group.button([anchor for anchor, _ in ANCHORS].index(Anchor.BOTTOM_RIGHT))
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        accept(dialog)
        wanted = edits.set_canvas_size(document, Size(100, 60), anchor=Anchor.BOTTOM_RIGHT)
        assert opened.session.document == wanted

    def test_relative_sizes(self, opened: MainWindow, document: Document) -> None:
        dialog = self.open(opened)
        QTest.mouseClick(dialog.relative, Qt.MouseButton.LeftButton, pos=dialog.relative.rect().center())
        assert (dialog.width_field.value(), dialog.height_field.value()) == (0, 0)
        type_into(dialog.width_field, "-10")
        type_into(dialog.height_field, "6")
        assert dialog.asked == Size(54, 54)
        QTest.mouseClick(dialog.relative, Qt.MouseButton.LeftButton, pos=dialog.relative.rect().center())
        assert (dialog.width_field.value(), dialog.height_field.value()) == (54, 54)
        accept(dialog)
        assert opened.session.document == edits.set_canvas_size(document, Size(54, 54))

    def test_rotating_by_any_angle(self, opened: MainWindow, document: Document, qtbot: QtBot) -> None:
        dialog = dialog_of(opened, "image.rotate_by", RotateDialog)
        assert isinstance(dialog, RotateDialog)
        type_into(dialog.angle_field, "30")
        accept(dialog)
        settle(qtbot, opened)
        assert opened.session.document == edits.rotate_canvas(document, 30)


class TestAlign:
    def three(self, window: MainWindow, document: Document) -> list[LayerId]:
        spots = (Point(2, 3), Point(20, 9), Point(50, 30))
        pixels = PixelBuffer.from_array(np.full((6, 8, 4), 255, np.uint8))
        layers = [RasterLayer(id=LayerId(f"b{i}"), pixels=pixels, origin=spot) for i, spot in enumerate(spots)]
        window.session.apply("Add", lambda document: document.with_layers((*document.layers, *layers)))
        ids = [layer.id for layer in layers]
        window.session.select(ids)
        return ids

    def test_several_layers_among_themselves_and_one_to_the_canvas(
        self, opened: MainWindow, document: Document
    ) -> None:
        ids = self.three(opened, document)
        opened.action_set["layer.align_left"].trigger()
        assert [opened.session.document.layer(layer).bounds.left for layer in ids] == [2, 2, 2]
        opened.session.select([ids[0]])
        opened.action_set["layer.align_bottom"].trigger()
        assert opened.session.document.layer(ids[0]).bounds.bottom == 48

    def test_the_selection_comes_first(self, opened: MainWindow, document: Document) -> None:
        ids = self.three(opened, document)
        opened.session.history.apply(edits.step(edits.select_rectangle, Rect(10, 10, 40, 40)))
        opened.action_set["layer.align_right"].trigger()
        assert [opened.session.document.layer(layer).bounds.right for layer in ids] == [40, 40, 40]

    def test_distributing_needs_three(self, opened: MainWindow, document: Document) -> None:
        ids = self.three(opened, document)
        before = opened.session.document
        opened.action_set["layer.distribute_horizontal"].trigger()
        assert opened.session.document == edits.distribute_layers(before, ids, Axis.HORIZONTAL)
        opened.session.select(ids[:2])
        assert not opened.action_set["layer.distribute_horizontal"].isEnabled()

    def test_the_buttons_of_the_move_tool(self, opened: MainWindow, document: Document, qtbot: QtBot) -> None:
        ids = self.three(opened, document)
        (options,) = opened.options.findChildren(AlignOptions)
        before = opened.session.document
        QTest.mouseClick(options.buttons[Alignment.TOP], Qt.MouseButton.LeftButton)
        assert opened.session.document == edits.align_layers(before, ids, Alignment.TOP)
        options.frame_choice.setCurrentIndex(options.frame_choice.findData(Frame.CANVAS))
        QTest.mouseClick(options.buttons[Alignment.CENTER], Qt.MouseButton.LeftButton)
        assert {opened.session.document.layer(layer).bounds.left for layer in ids} == {28}
        options.frame_choice.setCurrentIndex(options.frame_choice.findData(Frame.SELECTION))
        with qtbot.waitSignal(opened.canvas.notice) as told:
            QTest.mouseClick(options.buttons[Alignment.LEFT], Qt.MouseButton.LeftButton)
        assert "no selection" in str(told.args)
