"""Adjustments of a layer's own pixels: the dialog around the editors, and adjustment layers on an empty document."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.core import adjustments, edits
from studio.core.adjustments import (
    Adjustment,
    BrightnessContrast,
    Exposure,
    GradientMap,
    HueSaturation,
    Invert,
    Levels,
    LevelsBand,
    Posterize,
    Threshold,
)
from studio.core.compositing import Compositor
from studio.core.document import Document
from studio.core.geometry import Rect, Size
from studio.core.layers import AdjustmentLayer, Locks
from studio.ui.filtering.adjusting import AdjustDialog
from studio.ui.main_window import MainWindow
from studio.ui.panels.layers.kinds import KINDS
from studio.ui.panels.properties import PropertiesPanel
from studio.ui.panels.properties.editors import EDITORS
from studio.ui.panels.properties.gradient import GradientMapEditor
from studio.ui.panels.properties.levels import LevelsEditor
from studio.ui.panels.properties.tones import ThresholdEditor
from tests.ui.filtering.conftest import GROUND, GROUP, ISLAND, Open, dialog_of, rest, shown

LEFT = Qt.MouseButton.LeftButton
VALUES: tuple[Adjustment, ...] = (
    Levels(rgb=LevelsBand(black=40, gamma=1.4)),
    HueSaturation(hue=60, saturation=-30),
    BrightnessContrast(brightness=40, contrast=20),
    Exposure(exposure=0.7),
    Threshold(level=140),
    Posterize(levels=3),
    GradientMap(reverse=True),
)


def open_adjustment(window: MainWindow, qtbot: QtBot, name: str) -> AdjustDialog:
    window.action_set[f"image.adjust_{name}"].trigger()
    dialog = dialog_of(window)
    assert isinstance(dialog, AdjustDialog)
    rest(qtbot, window)
    return dialog


def test_every_kind_that_core_knows_has_an_editor_and_an_action(window: MainWindow) -> None:
    kinds = set(Adjustment.__args__)
    assert set(EDITORS) == set(adjustments.LABELS) == kinds
    assert {kind for _, kind, _ in KINDS} == kinds
    for name, _, _ in KINDS:
        assert window.action_set.why_not(f"image.adjust_{name}") == ""


class TestDialog:
    def test_every_adjustment_looks_as_it_will_be(self, window: MainWindow, qtbot: QtBot) -> None:
        names = {kind: name for name, kind, _ in KINDS}
        for value in VALUES:
            before = window.session.document
            dialog = open_adjustment(window, qtbot, names[type(value)])
            dialog.editor.changed.emit(value)  # as its own tests have it ask
            rest(qtbot, window)
            seen = shown(window)
            assert np.abs(seen - Compositor().render(before)).max() > 5
            assert window.session.document is before
            qtbot.mouseClick(dialog.apply_button, LEFT)
            rest(qtbot, window)
            assert window.session.document == edits.apply_adjustment(before, GROUND, value)
            assert np.abs(shown(window) - seen).max() <= 1
            assert window.session.history.undo_label == adjustments.LABELS[type(value)]
            window.session.history.undo()
            assert window.session.document == before

    def test_a_handle_is_dragged_live(self, window: MainWindow, qtbot: QtBot) -> None:
        before = window.session.document
        dialog = open_adjustment(window, qtbot, "levels")
        editor = dialog.editor
        assert isinstance(editor, LevelsEditor)
        qtbot.waitUntil(lambda: dialog.histogram.is_idle)
        seen: list[int] = []
        qtbot.mousePress(editor.graph, LEFT, pos=editor.graph.place("black").toPoint())
        for value in (30, 60, 90):
            at = editor.graph.place("black").toPoint()
            at.setX(round(8 + (editor.graph.width() - 16) * value / 255))
            qtbot.mouseMove(editor.graph, at)
            rest(qtbot, window)
            seen.append(int(shown(window)[..., :3].sum()))
        qtbot.mouseRelease(editor.graph, LEFT)
        assert seen == sorted(seen, reverse=True)
        assert len(set(seen)) == 3
        assert window.session.document is before
        qtbot.mouseClick(dialog.reset_button, LEFT)
        assert dialog.adjustment == Levels()
        rest(qtbot, window)
        assert np.abs(shown(window) - Compositor().render(before).astype(int)).max() <= 1
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        assert window.session.document is before

    def test_the_histogram_is_of_the_layer_itself(self, window: MainWindow, qtbot: QtBot) -> None:
        window.session.select([ISLAND])
        window.action_set["image.adjust_threshold"].trigger()
        dialog = dialog_of(window)
        assert isinstance(dialog, AdjustDialog)
        editor = dialog.editor
        assert isinstance(editor, ThresholdEditor)
        qtbot.waitUntil(lambda: editor.graph._counts is not None)
        assert editor.graph._counts is not None
        assert editor.graph._counts.sum() == 3 * 60 * 50
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    def test_the_selection_counts(self, window: MainWindow, qtbot: QtBot) -> None:
        window.session.history.apply(edits.step(edits.select_ellipse, Rect(20, 20, 90, 90)))
        before = window.session.document
        dialog = open_adjustment(window, qtbot, "posterize")
        seen = shown(window)
        qtbot.mouseClick(dialog.apply_button, LEFT)
        rest(qtbot, window)
        assert window.session.document == edits.apply_adjustment(before, GROUND, Posterize())
        assert np.abs(shown(window) - seen).max() <= 1

    def test_invert_asks_nothing(self, window: MainWindow, qtbot: QtBot) -> None:
        before = window.session.document
        qtbot.keyClick(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda: not window.work.is_busy)
        assert window.session.document == edits.apply_adjustment(before, GROUND, Invert())
        assert window.session.history.undo_label == "Invert"

    def test_what_cannot_be_adjusted_says_why(self, window: MainWindow) -> None:
        session, why_not = window.session, window.action_set.why_not
        session.select([GROUP])
        assert why_not("image.adjust_levels") == "Choose a layer with pixels, or with a mask."
        session.select([ISLAND])
        session.history.apply(edits.step(edits.set_locks, GROUP, Locks(pixels=True)))
        assert "“Group” has its pixels locked" in why_not("image.adjust_levels")


class TestLayers:
    def test_on_an_empty_document(self, opened: Open, qtbot: QtBot) -> None:
        """An adjustment layer can be made where nothing is; what needs pixels says so."""
        window = opened(Document(size=Size(60, 40)))
        for name, _, _ in KINDS:
            assert window.action_set.why_not(f"image.adjust_{name}") == "Choose a layer first."
        window.action_set["layer.new_levels"].trigger()
        (layer,) = window.session.document.layers
        assert isinstance(layer, AdjustmentLayer)
        panel = window.docks.panel("properties")
        assert isinstance(panel, PropertiesPanel)
        editor = panel.editors[Levels]
        assert isinstance(editor, LevelsEditor)
        assert editor.isVisible()
        qtbot.waitUntil(lambda: panel.histogram.is_idle)
        assert "pixels" in window.action_set.why_not("image.adjust_levels")

    def test_a_drag_of_a_stop_is_one_step_and_live(self, window: MainWindow, qtbot: QtBot) -> None:
        window.action_set["layer.new_gradient_map"].trigger()
        panel = window.docks.panel("properties")
        assert isinstance(panel, PropertiesPanel)
        editor = panel.editors[GradientMap]
        assert isinstance(editor, GradientMapEditor)
        start = window.session.document
        steps = len(window.session.history.labels)
        qtbot.waitUntil(lambda: editor.bar.width() > 100)
        qtbot.mousePress(editor.bar, LEFT, pos=editor.bar.place(0.0).toPoint())
        pictures = []
        for position in (0.2, 0.4, 0.6):
            qtbot.mouseMove(editor.bar, editor.bar.place(position).toPoint())
            pictures.append(Compositor().render(window.session.document)[..., :3].astype(int).sum())
        qtbot.mouseRelease(editor.bar, LEFT, pos=editor.bar.place(0.6).toPoint())
        assert pictures == sorted(pictures, reverse=True)
        assert len(set(pictures)) == 3
        assert len(window.session.history.labels) == steps + 1
        layer = window.session.document.layer(window.session.selection[0])
        assert isinstance(layer, AdjustmentLayer)
        assert isinstance(layer.adjustment, GradientMap)
        assert layer.adjustment.gradient[0].position == pytest.approx(0.6, abs=0.02)
        window.session.history.undo()
        assert window.session.document == start
        qtbot.waitUntil(lambda: window.canvas.is_settled)
