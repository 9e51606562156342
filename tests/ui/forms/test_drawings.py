"""Lists and the canvas, both ways: what is drawn is listed, what is chosen in the list is marked on the canvas."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QColorDialog, QFileDialog, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.errors import StudioError
from studio.core.geometry import Point
from studio.core.layers import BlendMode, GroupLayer, LayerId
from studio.plugin_api.interactions import (
    Box,
    Candidate,
    Candidates,
    HeatMap,
    LabelMap,
    ObjectEntry,
    Operation,
    OperationKind,
    Region,
    Suggestions,
)
from studio.plugin_api.params import BoxPick, MaskPick, PointPick
from studio.ui.forms.drawings import ObjectsField, OperationsField, PicksField, RegionsField
from studio.ui.forms.field import Field
from studio.ui.forms.places import PlacesField
from tests.plugins.demo_interactions.params import Params
from tests.ui.canvas.gestures import click, drag
from tests.ui.forms.conftest import Bench

LEFT = Qt.MouseButton.LeftButton
F = TypeVar("F", bound=Field)


def field(bench: Bench, name: str, kind: type[F]) -> F:
    found = bench.form[name].field
    assert isinstance(found, kind)
    return found


class TestRegions:
    @pytest.fixture
    def regions(self, bench: Bench) -> RegionsField:
        bench.form.set_params(
            Params(regions=(Region(box=Box(10, 10, 40, 30), label="sky"), Region(box=Box(100, 60, 60, 50))))
        )
        return field(bench, "regions", RegionsField)

    def test_drawing_fills_the_list(self, bench: Bench) -> None:
        regions = field(bench, "regions", RegionsField)
        assert regions.empty.isVisible()
        QTest.mouseClick(regions.draw_button, LEFT)
        drag(bench.canvas, (100, 50), (140, 60), (160, 90))
        assert bench.params.regions == (Region(box=Box(100, 50, 60, 40)),)
        assert regions.list.count() == 1
        assert regions.list.currentRow() == 0
        assert not regions.empty.isVisible()
        assert not regions.list.item(0).icon().isNull()

    def test_the_list_stands_topmost_first_and_marks_on_the_canvas(self, bench: Bench, regions: RegionsField) -> None:
        assert [regions.list.item(i).text() for i in range(2)] == ["Region 2", "sky"]
        rect = regions.list.visualItemRect(regions.list.item(1))
        QTest.mouseClick(regions.list.viewport(), LEFT, pos=rect.center())
        assert bench.canvas.tool is regions.tool
        assert regions.tool is not None
        assert regions.tool.current == 0
        assert regions.draw_button.isChecked()
        assert regions.box_editor.boxes[2].value() == 40

    def test_choosing_on_the_canvas_chooses_in_the_list(self, bench: Bench, regions: RegionsField) -> None:
        QTest.mouseClick(regions.draw_button, LEFT)
        click(bench.canvas, 30, 25)
        assert regions.list.currentRow() == 1
        click(bench.canvas, 130, 80)
        assert regions.list.currentRow() == 0
        click(bench.canvas, 250, 180)
        assert regions.current is None

    def test_moving_on_the_canvas_shows_in_numbers_and_numbers_move_it(
        self, bench: Bench, regions: RegionsField, qtbot: QtBot
    ) -> None:
        QTest.mouseClick(regions.draw_button, LEFT)
        drag(bench.canvas, (30, 25), (40, 25), (45, 35))
        assert regions.box_editor.boxes[0].value() == 25
        width = regions.box_editor.boxes[2]
        width.setFocus()
        width.selectAll()
        qtbot.keyClicks(width, "77")
        qtbot.keyClick(width, Qt.Key.Key_Return)
        assert bench.params.regions[0].box == Box(25, 20, 77, 30)
        assert regions.tool is not None
        assert regions.tool.value == bench.params.regions

    def test_rename_in_place_and_below(self, bench: Bench, regions: RegionsField, qtbot: QtBot) -> None:
        regions.choose_row(0)
        regions.list.setFocus()
        qtbot.keyClick(regions.list, Qt.Key.Key_F2)
        (editor,) = regions.list.findChildren(QLineEdit)
        assert editor.text() == ""  # “Region 2” is no name
        qtbot.keyClicks(editor, "sea")
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: bench.params.regions[1].label == "sea")
        regions.name_line.setFocus()
        qtbot.keyClicks(regions.name_line, " at dusk")
        assert bench.params.regions[1].label == "sea at dusk"
        assert regions.list.item(0).text() == "sea at dusk"

    def test_the_canvas_asks_for_a_name(self, bench: Bench, regions: RegionsField, qtbot: QtBot) -> None:
        QTest.mouseClick(regions.draw_button, LEFT)
        click(bench.canvas, 30, 25)
        qtbot.keyClick(bench.canvas.surface, Qt.Key.Key_F2)
        (editor,) = regions.list.findChildren(QLineEdit)
        assert editor.text() == "sky"
        qtbot.keyClick(editor, Qt.Key.Key_Escape)

    def test_reorder_by_button_key_and_drag(self, bench: Bench, regions: RegionsField, qtbot: QtBot) -> None:
        regions.choose_row(0)
        assert not regions.up_button.isEnabled()
        assert regions.up_button.toolTip().endswith("It is the first one already.")
        QTest.mouseClick(regions.down_button, LEFT)
        assert [region.label for region in bench.params.regions] == ["", "sky"]
        assert regions.list.currentRow() == 1
        regions.list.setFocus()
        qtbot.keyClick(regions.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        assert [region.label for region in bench.params.regions] == ["sky", ""]
        assert regions.list.model().moveRow(QModelIndex(), 0, QModelIndex(), 2)  # what a drag does
        qtbot.waitUntil(lambda: [region.label for region in bench.params.regions] == ["", "sky"])

    def test_deleting_on_either_side_deletes_on_both(self, bench: Bench, regions: RegionsField, qtbot: QtBot) -> None:
        QTest.mouseClick(regions.draw_button, LEFT)
        click(bench.canvas, 30, 25)
        qtbot.keyClick(bench.canvas.surface, Qt.Key.Key_Delete)
        assert [region.label for region in bench.params.regions] == [""]
        regions.choose_row(0)
        QTest.mouseClick(regions.remove_button, LEFT)
        assert bench.params.regions == ()
        assert regions.tool is not None
        assert regions.tool.value == ()

    def test_another_tool_lets_go_and_the_button_shows_it(self, bench: Bench, regions: RegionsField) -> None:
        QTest.mouseClick(regions.draw_button, LEFT)
        bench.canvas.set_tool(bench.own_tool)
        assert not regions.draw_button.isChecked()
        QTest.mouseClick(regions.draw_button, LEFT)
        QTest.mouseClick(regions.draw_button, LEFT)
        assert bench.canvas.tool is bench.own_tool

    def test_one_field_draws_at_a_time(self, bench: Bench, regions: RegionsField) -> None:
        cast = field(bench, "cast", ObjectsField)
        QTest.mouseClick(regions.draw_button, LEFT)
        QTest.mouseClick(cast.draw_button, LEFT)
        assert not regions.draw_button.isChecked()
        assert cast.draw_button.isChecked()


class TestPicks:
    def test_click_and_box_are_listed_front_most_first(self, bench: Bench) -> None:
        picks = field(bench, "subjects", PicksField)
        QTest.mouseClick(picks.draw_button, LEFT)
        click(bench.canvas, 200, 100)
        drag(bench.canvas, (20, 20), (40, 30), (60, 50))
        assert bench.params.subjects == (BoxPick(x=20, y=20, width=40, height=30), PointPick(x=200, y=100))
        assert [picks.list.item(i).text() for i in range(2)] == ["Object 1 (box)", "Object 2 (point)"]
        assert picks.list.currentRow() == 0
        picks.choose_row(1)
        assert not picks.box_editor.boxes[2].isEnabled()  # a point has no size

    def test_a_click_on_an_object_that_was_found_brings_its_mask(self, bench: Bench, qtbot: QtBot) -> None:
        picks = field(bench, "subjects", PicksField)
        QTest.mouseClick(picks.draw_button, LEFT)
        labels = np.zeros((200, 300), np.int32)
        labels[30:90, 40:120] = 1
        labels[120:160, 200:280] = 2
        picks.picks.set_label_maps((LabelMap(labels),))
        click(bench.canvas, 80, 60)
        click(bench.canvas, 240, 140)
        assert [pick.kind for pick in bench.params.subjects] == ["mask", "mask"]
        assert bench.form.problems() == {}
        masks = [bench.form.arrays[pick.array] for pick in bench.params.subjects if isinstance(pick, MaskPick)]
        assert [int((mask >= 128).sum()) for mask in masks] == [40 * 80, 60 * 80]
        qtbot.keyClick(bench.canvas.surface, Qt.Key.Key_Delete)
        assert len(bench.params.subjects) == 1
        assert len(bench.form.arrays) == 1

    def test_a_mask_of_the_chosen_layer(self, bench: Bench) -> None:
        picks = field(bench, "subjects", PicksField)
        bench.session.select((LayerId("square"),))
        picks.mask_button.click()
        (menu,) = [menu for menu in picks.findChildren(QMenu) if menu.isVisible()]
        menu.actions()[0].trigger()
        menu.close()
        (pick,) = bench.params.subjects
        assert pick == MaskPick(array="mask1", name="Square")
        mask = bench.form.arrays["mask1"]
        assert mask.shape == (200, 300)
        assert mask[30:90, 40:120].min() == 255
        assert mask.astype(int).sum() == 60 * 80 * 255

    def test_opacity_and_mode_of_the_layer_do_not_thin_its_mask(self, bench: Bench) -> None:
        picks = field(bench, "subjects", PicksField)
        document = bench.session.document
        faint = replace(document.layer(LayerId("square")), opacity=0.4, fill=0.5, blend=BlendMode.MULTIPLY)
        group = GroupLayer(name="Faint", opacity=0.2, children=(faint,))
        bench.session.start(document.with_layers((group,)))
        for layer in (faint.id, group.id):
            bench.session.select((layer,))
            picks.mask_button.click()
            (menu,) = [menu for menu in picks.findChildren(QMenu) if menu.isVisible()]
            menu.actions()[0].trigger()
            menu.close()
        masks = list(bench.form.arrays.values())
        assert [int((mask >= 128).sum()) for mask in masks] == [60 * 80, 60 * 80]

    def test_a_mask_file_must_have_the_pictures_size(self, bench: Bench, tmp_path: object, qtbot: QtBot) -> None:
        picks = field(bench, "subjects", PicksField)
        good, bad = f"{tmp_path}/mug.png", f"{tmp_path}/bad.png"
        Image.fromarray(np.full((200, 300), 255, np.uint8)).save(good)
        Image.fromarray(np.full((20, 30), 255, np.uint8)).save(bad)
        picks.mask_button.click()
        (menu,) = [menu for menu in picks.findChildren(QMenu) if menu.isVisible()]
        menu.actions()[1].trigger()
        menu.close()
        (dialog,) = picks.findChildren(QFileDialog)
        with qtbot.captureExceptions() as caught:
            dialog.fileSelected.emit(bad)
        assert isinstance(caught[0][1], StudioError)
        assert "30 × 20 px" in caught[0][1].message
        dialog.fileSelected.emit(good)
        dialog.reject()
        assert bench.params.subjects == (MaskPick(array="mask1", name="mug"),)

    def test_a_mask_that_is_not_kept_is_told(self, bench: Bench) -> None:
        bench.form.set_params(Params(subjects=(MaskPick(array="gone", name="猫"),)))
        assert "“猫” is not kept" in bench.form.problems()["subjects"]


class TestObjects:
    def test_colour_phrase_and_layer(self, bench: Bench, qtbot: QtBot) -> None:
        cast = field(bench, "cast", ObjectsField)
        QTest.mouseClick(cast.draw_button, LEFT)
        drag(bench.canvas, (20, 20), (40, 30), (60, 50))
        qtbot.keyClicks(cast.name_line, "a red mug")
        cast.layer_box.setFocus()
        qtbot.keyClick(cast.layer_box, Qt.Key.Key_Down)
        QTest.mouseClick(cast.color_button, LEFT)
        (dialog,) = cast.findChildren(QColorDialog)
        dialog.setCurrentColor("#123456")
        dialog.accept()
        assert bench.params.cast == (
            ObjectEntry(box=Box(20, 20, 40, 30), phrase="a red mug", color="#123456", layer="group"),
        )
        assert cast.tool is not None
        assert cast.tool.value == bench.params.cast
        bench.session.apply("Delete", lambda d: edits.remove_layers(d, (LayerId("group"),)))
        assert "“a red mug” is drawn on" in bench.form.problems()["cast"]


class TestOperations:
    @pytest.fixture
    def moves(self, bench: Bench) -> OperationsField:
        moves = field(bench, "moves", OperationsField)
        bench.session.select((LayerId("square"),))
        QTest.mouseClick(moves.add_button, LEFT)
        return moves

    def test_the_chosen_layer_is_added_and_dragged(self, bench: Bench, moves: OperationsField) -> None:
        assert moves.list.item(0).text() == "Square: Move and resize"
        drag(bench.canvas, (80, 60), (100, 70), (120, 80))
        assert bench.params.moves == (
            Operation(layer="square", source=Box(40, 30, 80, 60), target=Box(80, 50, 80, 60)),
        )

    def test_another_kind_by_key_and_remove_on_the_canvas(
        self, bench: Bench, moves: OperationsField, qtbot: QtBot
    ) -> None:
        moves.kind_box.setFocus()
        qtbot.keyClick(moves.kind_box, Qt.Key.Key_Down)
        assert bench.params.moves[0].kind is OperationKind.DUPLICATE
        bench.canvas.setFocus()
        qtbot.keyClick(bench.canvas.surface, Qt.Key.Key_Delete)
        assert bench.params.moves[0].kind is OperationKind.REMOVE
        assert moves.list.item(0).text() == "Square: Remove"
        assert not moves.box_editor.isVisible()
        moves.list.setFocus()
        qtbot.keyClick(moves.list, Qt.Key.Key_Delete)
        assert bench.params.moves == ()

    def test_a_layer_that_is_gone_is_told(self, bench: Bench, moves: OperationsField) -> None:
        bench.session.apply("Delete", lambda d: edits.remove_layers(d, (LayerId("square"),)))
        assert "moves" in bench.form.problems()
        assert moves.list.item(0).text() == "Layer that is gone: Move and resize"

    def test_nothing_chosen_cannot_be_added(self, bench: Bench) -> None:
        moves = field(bench, "moves", OperationsField)
        bench.session.select(())
        assert not moves.add_button.isEnabled()
        assert "Choose a layer first." in moves.add_button.toolTip()


class TestPlaces:
    @pytest.fixture
    def places(self, bench: Bench) -> PlacesField:
        places = field(bench, "place", PlacesField)
        heat = HeatMap(np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4), Box(0, 0, 300, 200))
        told = (Candidate(box=Box(20, 20, 60, 40), score=0.9), Candidate(box=Box(150, 90, 50, 50), score=0.4))
        bench.form.suggest({"place": Suggestions(Candidates(places=told), heat)})
        return places

    def test_suggestions_come_onto_the_canvas(self, bench: Bench, places: PlacesField) -> None:
        assert bench.canvas.tool is places.tool
        assert places.show_button.isChecked()
        assert [places.list.item(i).text() for i in range(2)] == [
            "1: score 0.90, 60 × 40 px",
            "2: score 0.40, 50 × 50 px",
        ]
        assert bench.params.place.chosen is None

    def test_are_chosen_on_either_side(self, bench: Bench, places: PlacesField, qtbot: QtBot) -> None:
        click(bench.canvas, 170, 110)
        assert places.list.currentRow() == 1
        assert bench.params.place.choice == Candidate(box=Box(150, 90, 50, 50), score=0.4)
        rect = places.list.visualItemRect(places.list.item(0))
        QTest.mouseClick(places.list.viewport(), LEFT, pos=rect.center())
        assert places.tool.value.chosen == 0
        QTest.mouseClick(places.none_button, LEFT)
        assert bench.params.place.chosen is None
        QTest.mouseClick(places.clear_button, LEFT)
        assert bench.params.place == Candidates()
        assert bench.canvas.tool is bench.own_tool

    def test_return_on_the_canvas_runs(self, bench: Bench, places: PlacesField, qtbot: QtBot) -> None:
        bench.canvas.setFocus()
        qtbot.keyClick(bench.canvas.surface, Qt.Key.Key_1)
        with qtbot.waitSignal(bench.host.run_wanted):
            qtbot.keyClick(bench.canvas.surface, Qt.Key.Key_Return)


def test_another_document_forgets_the_masks_and_keeps_the_boxes(bench: Bench) -> None:
    picks = field(bench, "subjects", PicksField)
    mask = np.zeros((200, 300), np.uint8)
    mask[150:190, 200:290] = 255
    picks.add_mask(mask, "猫")
    assert picks.draw_button.isChecked()  # what is added is marked on the canvas at once
    drag(bench.canvas, (20, 20), (40, 30), (60, 50))
    document = edits.translate(bench.session.document, (LayerId("ground"),), Point(1, 1))
    bench.session.start(document)
    assert len(bench.params.subjects) == 2
    assert "“猫” is not kept" in bench.form.problems()["subjects"]
