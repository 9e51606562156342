"""The editors of exposure, threshold, posterize, invert and gradient map: what they show and what they ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.core.adjustments import Adjustment, Exposure, GradientMap, Invert, Posterize, Threshold
from studio.ui.panels.properties.editor import Editor
from studio.ui.panels.properties.tones import (
    ExposureEditor,
    GradientMapEditor,
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


def test_exposure_is_in_hundredths_and_the_offset_in_ten_thousandths(qtbot: QtBot) -> None:
    editor = ExposureEditor()
    qtbot.addWidget(editor)
    editor.show_adjustment(Exposure(exposure=1.25, offset=-0.1, gamma=0.8))
    assert (editor.exposure.value, editor.offset.value, editor.gamma.value) == (125, -1000, 80)
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
        qtbot.mouseClick(gradient.reverse, Qt.MouseButton.LeftButton)
    assert told.args == [GradientMap(reverse=True)]
