"""The editors of exposure, threshold, posterize, invert and gradient map: what they show and what they ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog
from pytestqt.qtbot import QtBot

from studio.core.adjustments import Adjustment, Exposure, GradientMap, Invert, Posterize, Threshold
from studio.ui.panels.properties.editor import Editor
from studio.ui.panels.properties.gradient import PRESETS, GradientBar, GradientMapEditor
from studio.ui.panels.properties.tones import (
    ExposureEditor,
    InvertEditor,
    PosterizeEditor,
    ThresholdEditor,
)


@pytest.mark.parametrize(
    ("editor_type", "adjustment"),
    [
        (ExposureEditor, Exposure(exposure=1.25, offset=-0.1, gamma=0.8)),
        (ThresholdEditor, Threshold(level=90)),
        (PosterizeEditor, Posterize(levels=7)),
        (InvertEditor, Invert()),
        (GradientMapEditor, GradientMap(reverse=True)),
    ],
)
def test_showing_asks_for_nothing(qtbot: QtBot, editor_type: type[Editor[Adjustment]], adjustment: Adjustment) -> None:
    editor = editor_type()
    qtbot.addWidget(editor)
    asked: list[object] = []
    editor.changed.connect(asked.append)
    editor.show_adjustment(adjustment)
    assert asked == []


def test_exposure_is_shown_in_stops_and_kept_exactly(qtbot: QtBot) -> None:
    editor = ExposureEditor()
    qtbot.addWidget(editor)
    editor.show_adjustment(Exposure(exposure=1.25, offset=-0.1, gamma=0.8))
    fields = (editor.exposure.field, editor.offset.field, editor.gamma.field)
    decimal = fields[0].locale().decimalPoint()
    assert [field.text().replace(decimal, ".") for field in fields] == ["1.25", "-0.1000", "0.80"]
    editor.exposure.field.setFocus()
    editor.exposure.field.selectAll()
    with qtbot.waitSignal(editor.changed) as told:
        qtbot.keyClicks(editor.exposure.field, f"2{decimal}75")
        qtbot.keyClick(editor.exposure.field, Qt.Key.Key_Return)
    assert told.args == [Exposure(exposure=2.75, offset=-0.1, gamma=0.8)]
    editor.show_adjustment(Exposure(exposure=1.25, offset=-0.1, gamma=0.8))
    with qtbot.waitSignal(editor.changed) as told:
        editor.gamma.field.setValue(150)
    assert told.args == [Exposure(exposure=1.25, offset=-0.1, gamma=1.5)]


def test_exposure_changes_only_what_is_dragged(qtbot: QtBot) -> None:
    editor = ExposureEditor()
    qtbot.addWidget(editor)
    fine = Exposure(exposure=1.2345, offset=-0.00123, gamma=0.87654)
    for field, amount, value, wanted in (
        ("exposure", editor.exposure, 200, 2.0),
        ("offset", editor.offset, 37, 0.0037),
        ("gamma", editor.gamma, 150, 1.5),
    ):
        editor.show_adjustment(fine)
        with qtbot.waitSignal(editor.changed) as told:
            amount.slider.setValue(value)
        assert told.args == [replace(fine, **{field: wanted})]


def test_the_others_ask_for_what_is_set(qtbot: QtBot) -> None:
    threshold, posterize, gradient = ThresholdEditor(), PosterizeEditor(), GradientMapEditor()
    for editor in (threshold, posterize, gradient):
        qtbot.addWidget(editor)
    with qtbot.waitSignal(threshold.changed) as told:
        threshold.level.field.setValue(77)
    assert told.args == [Threshold(level=77)]
    with qtbot.waitSignal(posterize.changed) as told:
        posterize.levels.field.setValue(9)
    assert told.args == [Posterize(levels=9)]
    gradient.show()
    with qtbot.waitSignal(gradient.changed) as told:
        qtbot.keyClick(gradient.reverse, Qt.Key.Key_Space)
    assert told.args == [GradientMap(reverse=True)]


def test_the_threshold_is_dragged_on_the_histogram(qtbot: QtBot) -> None:
    editor = ThresholdEditor()
    qtbot.addWidget(editor)
    editor.resize(260, 160)
    editor.show()
    asked: list[Threshold] = []
    editor.changed.connect(asked.append)
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(editor.graph, left, pos=editor.graph.place(128).toPoint())
    qtbot.mouseMove(editor.graph, editor.graph.place(60).toPoint())
    with qtbot.waitSignal(editor.settled):
        qtbot.mouseRelease(editor.graph, left, pos=editor.graph.place(60).toPoint())
    assert abs(asked[-1].level - 60) <= 1
    assert editor.wants_histogram


class TestGradient:
    @pytest.fixture
    def editor(self, qtbot: QtBot) -> GradientMapEditor:
        """The editor, which shows what it asks for as the properties panel would."""
        made = GradientMapEditor()
        qtbot.addWidget(made)
        made.changed.connect(made.show_adjustment)
        made.resize(300, 200)
        made.show()
        return made

    def last(self, editor: GradientMapEditor) -> GradientMap:
        return editor._value

    def point(self, bar: GradientBar, position: float) -> QPoint:
        return bar.place(position).toPoint()

    def test_a_click_adds_a_stop_in_the_color_that_is_there(self, editor: GradientMapEditor, qtbot: QtBot) -> None:
        with qtbot.waitSignal(editor.settled):
            qtbot.mouseClick(editor.bar, Qt.MouseButton.LeftButton, pos=self.point(editor.bar, 0.5))
        stops = self.last(editor).gradient
        assert len(stops) == 3
        assert stops[1].position == pytest.approx(0.5, abs=0.01)
        assert stops[1].color == pytest.approx((stops[1].position,) * 3, abs=1e-6)
        assert editor.bar.chosen == 1

    def test_a_drag_moves_a_stop_past_another(self, editor: GradientMapEditor, qtbot: QtBot) -> None:
        left = Qt.MouseButton.LeftButton
        qtbot.mouseClick(editor.bar, left, pos=self.point(editor.bar, 0.5))
        qtbot.mousePress(editor.bar, left, pos=self.point(editor.bar, 0.0))
        qtbot.mouseMove(editor.bar, self.point(editor.bar, 0.8))
        qtbot.mouseRelease(editor.bar, left, pos=self.point(editor.bar, 0.8))
        stops = self.last(editor).gradient
        assert [stop.position for stop in stops] == pytest.approx([0.5, 0.8, 1.0], abs=0.01)
        assert stops[1].color == (0.0, 0.0, 0.0)
        assert editor.bar.chosen == 1

    def test_a_stop_dragged_down_goes_and_two_stay(self, editor: GradientMapEditor, qtbot: QtBot) -> None:
        left = Qt.MouseButton.LeftButton
        qtbot.mouseClick(editor.bar, left, pos=self.point(editor.bar, 0.5))
        below = self.point(editor.bar, 0.5) + QPoint(0, 90)
        qtbot.mousePress(editor.bar, left, pos=self.point(editor.bar, 0.5))
        qtbot.mouseMove(editor.bar, below)
        qtbot.mouseRelease(editor.bar, left, pos=below)
        assert len(self.last(editor).gradient) == 2
        assert not editor.remove_button.isEnabled()
        assert "two stops" in editor.remove_button.toolTip()
        qtbot.keyClick(editor.bar, Qt.Key.Key_Delete)
        assert len(self.last(editor).gradient) == 2

    def test_keys_do_the_same(self, editor: GradientMapEditor, qtbot: QtBot) -> None:
        qtbot.keyClick(editor.bar, Qt.Key.Key_Insert)
        assert [stop.position for stop in self.last(editor).gradient] == [0.0, 0.5, 1.0]
        qtbot.keyClick(editor.bar, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        qtbot.keyClick(editor.bar, Qt.Key.Key_Left)
        assert self.last(editor).gradient[1].position == pytest.approx(0.59)
        assert "59 %" in editor.bar.accessibleDescription()
        qtbot.keyClick(editor.bar, Qt.Key.Key_PageUp)
        assert editor.bar.chosen == 2
        qtbot.keyClick(editor.bar, Qt.Key.Key_PageDown)
        qtbot.keyClick(editor.bar, Qt.Key.Key_Delete)
        assert len(self.last(editor).gradient) == 2

    def test_the_color_dialog_shows_at_once_and_gives_back(self, editor: GradientMapEditor, qtbot: QtBot) -> None:
        before = self.last(editor)
        for accept in (False, True):
            qtbot.keyClick(editor.bar, Qt.Key.Key_Space)
            (dialog,) = editor.findChildren(QColorDialog)
            dialog.setCurrentColor(QColor("#336699"))
            assert self.last(editor).gradient[0].color == pytest.approx((0.2, 0.4, 0.6), abs=1e-4)
            with qtbot.waitSignal(editor.settled):
                (dialog.accept if accept else dialog.reject)()
            if not accept:
                assert self.last(editor) == before
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        assert self.last(editor) != before

    def test_ready_made_ones_are_named_and_taken(self, editor: GradientMapEditor, qtbot: QtBot) -> None:
        assert editor.presets.currentText() == PRESETS[0][0]
        for name, stops in PRESETS[1:]:
            qtbot.keyClick(editor.presets, Qt.Key.Key_Down)
            assert self.last(editor).gradient == stops
            assert editor.presets.currentText() == name
        qtbot.keyClick(editor.bar, Qt.Key.Key_Insert)
        assert editor.presets.currentIndex() == 0

    def test_reversed_the_bar_shows_white_on_the_left(self, editor: GradientMapEditor, qtbot: QtBot) -> None:
        def ground(share: float) -> int:
            bar = editor.bar
            return bar.grab().toImage().pixelColor(round(bar.place(share).x()), 12).lightness()

        assert ground(0.05) < 60 < 200 < ground(0.95)
        left = ground(0.05)
        qtbot.keyClick(editor.reverse, Qt.Key.Key_Space)
        assert self.last(editor).reverse
        assert ground(0.05) == pytest.approx(left, abs=4)  # the handle went over with it
        assert editor.bar.place(0.05).x() > editor.bar.place(0.95).x()
