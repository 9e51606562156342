"""Fields by mouse and keyboard: what they hold, what they refuse, what they say."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.layers import LayerId
from studio.plugin_api.params import LayerFilter, PixelSize
from studio.ui.forms.drawings import RegionsField
from studio.ui.forms.field import Field, IconButton
from studio.ui.forms.numbers import NumberBox, NumberField, SizeField, decimals_of
from studio.ui.forms.scenes import ScenesField
from studio.ui.forms.sources import FileField, LayerBox, LayerField
from studio.ui.forms.words import ChoiceField, PromptField, SwitchField, TextField
from tests.plugins.demo_interactions.params import Look, Params
from tests.ui.forms.conftest import Bench

LEFT = Qt.MouseButton.LeftButton


F = TypeVar("F", bound=Field)


def field(bench: Bench, name: str, kind: type[F]) -> F:
    found = bench.form[name].field
    assert isinstance(found, kind)
    return found


def test_the_defaults_are_what_the_class_says(bench: Bench) -> None:
    assert bench.params == Params()
    assert bench.form.is_default


class TestNumbers:
    def test_slider_and_entry_show_the_same(self, bench: Bench, qtbot: QtBot) -> None:
        box = field(bench, "strength", NumberField).box
        assert box.slider is not None
        assert (box.slider.minimum(), box.slider.maximum(), box.slider.value()) == (0, 20, 10)
        box.slider.setFocus()
        qtbot.keyClick(box.slider, Qt.Key.Key_Right)
        assert bench.params.strength == pytest.approx(0.55)
        assert box.entry.text() == "0.55"
        box.entry.setFocus()
        box.entry.selectAll()
        qtbot.keyClicks(box.entry, "0.9")
        qtbot.keyClick(box.entry, Qt.Key.Key_Return)
        assert bench.params.strength == pytest.approx(0.9)
        assert box.slider.value() == 18

    @pytest.mark.parametrize(("low", "high", "step", "whole"), [(0.1, 500.0, 0.1, False), (1, 1000, 1, True)])
    def test_a_fine_slider_gives_small_values_more_room(
        self, qtbot: QtBot, low: float, high: float, step: float, whole: bool
    ) -> None:
        box = NumberBox(low, high, step, "px", whole=whole, fine=True)
        qtbot.addWidget(box)
        assert box.slider is not None
        seen: list[float] = []
        box.changed.connect(seen.append)
        for place in range(0, box.slider.maximum() + 1, 10):
            box.slider.setValue(place)
            assert box.slider.value() == place, "a drag is not pulled back"
        assert seen == sorted(seen)
        assert (box.slider.minimum(), seen[-1]) == (0, high)
        box.slider.setValue(box.slider.maximum() // 2)
        assert box.value < high / 7
        for value in (low, high, low + 7 * step):
            box.set_value(value)
            assert box.value == pytest.approx(value)

    def test_the_entry_keeps_to_the_limits(self, bench: Bench, qtbot: QtBot) -> None:
        bench.form.fold.click()
        entry = field(bench, "rounds", NumberField).box.entry
        entry.setFocus()
        entry.selectAll()
        qtbot.keyClicks(entry, "99")
        qtbot.keyClick(entry, Qt.Key.Key_Return)
        assert bench.params.rounds <= 64
        assert entry.text().endswith("times")

    def test_the_wheel_over_it_scrolls_the_form_and_changes_nothing(self, bench: Bench) -> None:
        box = field(bench, "strength", NumberField).box
        bench.canvas.setFocus()
        for part in (box.slider, box.entry):
            assert part is not None
            middle = QPointF(part.rect().center())
            wheel = QWheelEvent(
                middle, QPointF(part.mapToGlobal(middle.toPoint())), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
            )  # fmt: skip
            QApplication.sendEvent(part, wheel)
        assert bench.form.is_default

    @pytest.mark.parametrize(("step", "count"), [(1, 0), (0.5, 1), (0.05, 2), (0.125, 3), (1e-9, 6)])
    def test_as_many_decimals_as_the_step_needs(self, step: float, count: int) -> None:
        assert decimals_of(step) == count

    def test_a_size_is_swapped_and_taken_from_the_canvas(self, bench: Bench) -> None:
        size = field(bench, "canvas", SizeField)
        size.set_value(PixelSize(64, 128))
        bench.form.fold.click()
        swap = size.findChildren(IconButton)[0]
        QTest.mouseClick(swap, LEFT)
        assert bench.params.canvas == PixelSize(128, 64)
        QTest.mouseClick(size.canvas_button, LEFT)
        assert bench.params.canvas == PixelSize(296, 200)  # multiples of 8


class TestWords:
    def test_a_switch_by_key(self, bench: Bench) -> None:
        QTest.keyClick(field(bench, "find_places", SwitchField).box, Qt.Key.Key_Space)
        assert bench.params.find_places

    def test_a_choice_is_a_member_of_its_class(self, bench: Bench, qtbot: QtBot) -> None:
        bench.form.fold.click()
        box = field(bench, "look", ChoiceField).box
        assert [box.itemText(i) for i in range(box.count())] == ["Flat", "Noisy"]
        box.setFocus()
        qtbot.keyClick(box, Qt.Key.Key_Down)
        assert bench.params.look is Look.NOISY

    def test_a_prompt_has_lines_and_ctrl_return_runs(self, bench: Bench, qtbot: QtBot) -> None:
        edit = field(bench, "prompt", PromptField).edit
        edit.setFocus()
        qtbot.keyClicks(edit, "a boat")
        qtbot.keyClick(edit, Qt.Key.Key_Return)
        edit.insertPlainText("夜の港")
        assert bench.params.prompt == "a boat\n夜の港"
        with qtbot.waitSignal(bench.host.run_wanted):
            qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        qtbot.keyClick(edit, Qt.Key.Key_Tab)
        assert not edit.hasFocus()
        assert bench.params.prompt == "a boat\n夜の港"


class TestFiles:
    @pytest.fixture
    def stamp(self, tmp_path: Path) -> Path:
        path = tmp_path / "切手.png"
        Image.fromarray(np.full((3, 5, 4), (1, 2, 3, 255), np.uint8)).save(path)
        return path

    def test_a_dropped_file_is_taken_and_shown(self, bench: Bench, stamp: Path) -> None:
        file = field(bench, "stamp", FileField)
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(stamp))])
        drop = QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
        file.dropEvent(drop)
        assert drop.isAccepted()
        assert bench.params.stamp == str(stamp)
        assert file.line.text() == "切手.png"
        assert not file.picture.pixmap().isNull()
        QTest.mouseClick(file.clear_button, LEFT)
        assert bench.params.stamp == ""

    def test_a_file_that_is_gone_is_told(self, bench: Bench, stamp: Path, qtbot: QtBot) -> None:
        file = field(bench, "stamp", FileField)
        file.line.setFocus()
        qtbot.keyClicks(file.line, str(stamp.with_name("nothing.png")))
        qtbot.keyClick(file.line, Qt.Key.Key_Return)
        assert bench.form["stamp"].fault.isVisible()
        assert "no such file" in bench.form["stamp"].fault.text()
        assert "stamp" in bench.form.problems()


class TestLayers:
    def names(self, box: QComboBox) -> list[str]:
        return [box.itemText(i) for i in range(box.count())]

    def test_only_layers_of_the_kind_are_offered_topmost_first(self, bench: Bench) -> None:
        assert self.names(field(bench, "base", LayerField).box) == ["No layer", "Square", "Ground"]
        kinds = {LayerFilter.ANY: 4, LayerFilter.GROUP: 2, LayerFilter.MASKED: 2}
        for kind, count in kinds.items():
            assert LayerBox(bench.host, kind, bench.whole).count() == count, kind

    def test_it_follows_the_document(self, bench: Bench, qtbot: QtBot) -> None:
        layer = field(bench, "base", LayerField)
        layer.box.setFocus()
        qtbot.keyClick(layer.box, Qt.Key.Key_Down)
        assert bench.params.base == "square"
        bench.session.apply("Rename", lambda d: edits.rename(d, LayerId("square"), "四角"))
        assert layer.box.currentText() == "四角"
        bench.session.apply("Delete", lambda d: edits.remove_layers(d, (LayerId("square"),)))
        assert "not in this document" in bench.form["base"].fault.text()
        bench.session.history.undo()
        assert bench.params.base == "square"
        assert not bench.form["base"].fault.isVisible()

    def test_the_chosen_layer_is_taken_and_one_of_another_kind_is_not(self, bench: Bench) -> None:
        layer = field(bench, "base", LayerField)
        bench.session.select((LayerId("group"),))
        assert not layer.active_button.isEnabled()
        assert "no pixels" in layer.active_button.toolTip()
        bench.session.select((LayerId("ground"),))
        QTest.mouseClick(layer.active_button, LEFT)
        assert bench.params.base == "ground"


class TestScenes:
    def test_cards_are_added_worded_reordered_and_counted(self, bench: Bench, qtbot: QtBot) -> None:
        scenes = field(bench, "scenes", ScenesField)
        QTest.mouseClick(scenes.add_button, LEFT)
        qtbot.keyClicks(scenes.caption, "dawn")
        QTest.mouseClick(scenes.add_button, LEFT)
        qtbot.keyClicks(scenes.caption, "dusk")
        entry = scenes.frames.entry
        entry.setFocus()
        entry.selectAll()
        qtbot.keyClicks(entry, "48")
        qtbot.keyClick(entry, Qt.Key.Key_Return)
        assert [(card.caption, card.frames) for card in bench.params.scenes] == [("dawn", 16), ("dusk", 48)]
        assert scenes.total.text() == "64 frames in all"
        scenes.list.setFocus()
        qtbot.keyClick(scenes.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        assert [card.caption for card in bench.params.scenes] == ["dusk", "dawn"]
        qtbot.keyClick(scenes.list, Qt.Key.Key_Delete)
        assert [card.caption for card in bench.params.scenes] == ["dawn"]


class TestRows:
    def test_one_row_is_reset_and_its_button_goes(self, bench: Bench, qtbot: QtBot) -> None:
        row = bench.form["strength"]
        assert not row.reset_button.isVisible()
        row.show_value(0.75)
        assert row.reset_button.isVisible()
        with qtbot.waitSignal(bench.form.changed):
            QTest.mouseClick(row.reset_button, LEFT)
        assert bench.params.strength == 0.5
        assert not row.reset_button.isVisible()

    def test_all_are_reset(self, bench: Bench) -> None:
        bench.form.set_params(Params(strength=0.1, title="x", prompt="y", find_places=True))
        bench.form.reset()
        assert bench.params == Params()

    def test_advanced_rows_are_folded_away_and_shown_where_one_was_changed(self, bench: Bench) -> None:
        line = field(bench, "title", TextField).line
        assert not line.isVisible()
        bench.form.set_params(Params(title="x"))
        assert line.isVisible()
        assert bench.form.fold.text() == "Advanced (1 changed)"

    def test_the_plugin_says_what_is_wrong_in_its_own_words(self, bench: Bench, qtbot: QtBot) -> None:
        bench.form.fold.click()
        line = field(bench, "title", TextField).line
        line.setFocus()
        line.selectAll()
        qtbot.keyClick(line, Qt.Key.Key_Delete)
        assert bench.form["title"].fault.text() == "Give the result a title."
        assert bench.form.problems() == {"title": "Give the result a title."}
        qtbot.keyClicks(line, "ok")
        assert not bench.form["title"].fault.isVisible()

    def test_help_unfolds(self, bench: Bench) -> None:
        row = bench.form["strength"]
        assert not row.help.isVisible()
        QTest.mouseClick(row.info_button, LEFT)
        assert row.help.isVisible()
        assert row.help.text().startswith("How opaque")
        assert row.width() <= 320

    def test_a_long_text_does_not_make_the_form_wider(self, bench: Bench) -> None:
        long = "語" * 200
        bench.session.apply("Rename", lambda d: edits.rename(d, LayerId("square"), long))
        bench.form.set_params(Params(base="square", title=long, prompt=long, stamp=f"/{long}.png"))
        assert bench.form.minimumSizeHint().width() <= 300


def test_without_a_picture_what_needs_one_is_disabled_and_says_so(empty: Bench) -> None:
    regions = empty.form["regions"].field
    assert isinstance(regions, RegionsField)
    assert not regions.draw_button.isEnabled()
    assert regions.draw_button.toolTip() == "Open a picture first."
    layer = empty.form["base"].field
    assert isinstance(layer, LayerField)
    assert not layer.active_button.isEnabled()
