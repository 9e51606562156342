"""The filter dialog: preview on the canvas, before and after, one exact step, and what it refuses."""

from __future__ import annotations

import threading
from dataclasses import fields, replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from studio.core import edits, filters
from studio.core.compositing import Compositor
from studio.core.document import Document
from studio.core.feedback import report
from studio.core.filters import GaussianBlur
from studio.core.geometry import Rect
from studio.core.layers import LayerId, Locks, RasterLayer
from studio.plugin_api.params import specs
from studio.ui.filtering.filters import FilterDialog
from studio.ui.filtering.parameters import PARAMETERS
from studio.ui.filtering.targets import Target
from studio.ui.forms.numbers import NumberField
from studio.ui.main_window import MainWindow
from tests.ui.filtering.conftest import GROUND, GROUP, ISLAND, TONE, Open, dialog_of, on_screen, rest, shown

LEFT = Qt.MouseButton.LeftButton


def open_filter(window: MainWindow, qtbot: QtBot, kind: str) -> FilterDialog:
    window.action_set[f"filter.{kind}"].trigger()
    dialog = dialog_of(window)
    assert isinstance(dialog, FilterDialog)
    rest(qtbot, window)
    return dialog


def type_value(dialog: FilterDialog, qtbot: QtBot, name: str, value: str) -> None:
    field = dialog.form[name].field
    assert isinstance(field, NumberField)
    field.box.entry.setFocus()
    field.box.entry.selectAll()
    qtbot.keyClicks(field.box.entry, value.replace(".", field.locale().decimalPoint()))
    qtbot.keyClick(field.box.entry, Qt.Key.Key_Tab)


def pixels(document: Document, layer: LayerId) -> np.ndarray:
    found = document.layer(layer)
    assert isinstance(found, RasterLayer)
    return found.pixels.read()


def test_parameters_ask_for_what_core_knows() -> None:
    assert set(PARAMETERS) == set(filters.LIMITS) == set(filters.LABELS)
    for kind, params_class in PARAMETERS.items():
        params = params_class()
        assert params.filter.kind == kind
        assert params.filter == type(params.filter)(), "the form begins with core's own values"
        names = {field.name for field in fields(params.filter)} - {"kind"}
        assert {spec.name for spec in specs(params_class)} == names
        for spec in specs(params_class):
            for value in (spec.minimum, spec.maximum):
                if value is not None:
                    made = replace(params, **{spec.name: type(spec.default)(value)})  # type: ignore[type-var]
                    assert filters.filter_fault(made.filter) == ""


class TestPreview:
    @pytest.mark.parametrize("kind", PARAMETERS)
    def test_what_is_seen_is_what_is_done(self, window: MainWindow, qtbot: QtBot, kind: str) -> None:
        dialog = open_filter(window, qtbot, kind)
        assert window.canvas.transform.level == 0
        before, seen = window.session.document, shown(window)
        assert np.abs(seen - Compositor().render(before)).max() > 3, "the filter shows"
        assert window.session.document is before
        assert not window.session.history.can_undo
        with qtbot.waitSignal(dialog.accepted):
            qtbot.mouseClick(dialog.apply_button, LEFT)
        rest(qtbot, window)
        assert np.abs(shown(window) - seen).max() <= 1
        done = edits.apply_filter(before, GROUND, dialog.filter)
        assert window.session.document == done
        assert window.session.history.undo_label == filters.LABELS[kind]
        window.session.history.undo()
        assert window.session.document == before
        assert window.canvas.preview is None
        assert window.filtering.dialog is None

    def test_zoomed_out_it_is_made_at_that_size(self, window: MainWindow, qtbot: QtBot) -> None:
        window.canvas.zoom_to(0.4)
        qtbot.waitUntil(lambda: window.canvas.is_settled)
        assert window.canvas.transform.level == 1
        dialog = open_filter(window, qtbot, "gaussian_blur")
        seen = shown(window)
        done = edits.apply_filter(window.session.document, GROUND, dialog.filter)
        gap = np.abs(seen - Compositor().render(done, scale=2).astype(int))
        assert gap.mean() <= 2
        assert gap.max() <= 16
        window.canvas.zoom_to(1.0)  # the view at full size is exact again
        rest(qtbot, window)
        assert np.abs(shown(window) - Compositor().render(done).astype(int)).max() <= 1
        qtbot.mouseClick(dialog.cancel_button, LEFT)

    def test_a_slider_changes_it_and_the_values_are_kept(self, window: MainWindow, qtbot: QtBot) -> None:
        dialog = open_filter(window, qtbot, "gaussian_blur")
        first = shown(window)
        field = dialog.form["radius_px"].field
        assert isinstance(field, NumberField)
        assert field.box.slider is not None
        qtbot.keyClick(field.box.slider, Qt.Key.Key_PageUp)
        rest(qtbot, window)
        radius = field.value
        assert radius > 4
        assert np.abs(shown(window) - first).max() > 0
        qtbot.mouseClick(dialog.apply_button, LEFT)
        rest(qtbot, window)
        again = open_filter(window, qtbot, "gaussian_blur")
        assert again.filter == GaussianBlur(radius_px=radius)
        qtbot.mouseClick(again.reset_button, LEFT)
        assert again.filter == GaussianBlur()
        qtbot.mouseClick(again.cancel_button, LEFT)

    def test_before_is_shown_while_the_button_is_held(self, window: MainWindow, qtbot: QtBot) -> None:
        window.choose_tool("hand")
        rest(qtbot, window)
        plain = on_screen(window)
        dialog = open_filter(window, qtbot, "box_blur")
        filtered = on_screen(window)
        assert np.abs(filtered - plain).max() > 20
        qtbot.mousePress(dialog.before_button, LEFT)
        rest(qtbot, window)
        assert (on_screen(window) == plain).all()
        qtbot.mouseRelease(dialog.before_button, LEFT)
        rest(qtbot, window)
        assert (on_screen(window) == filtered).all()
        dialog.before_button.setFocus()
        qtbot.keyPress(dialog.before_button, Qt.Key.Key_Space)
        rest(qtbot, window)
        assert (on_screen(window) == plain).all()
        qtbot.keyRelease(dialog.before_button, Qt.Key.Key_Space)
        qtbot.keyClick(dialog.preview_box, Qt.Key.Key_Space)  # the preview off
        rest(qtbot, window)
        assert (on_screen(window) == plain).all()
        assert not dialog.before_button.isEnabled()
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        assert window.filtering.dialog is None

    def test_cancelling_leaves_everything_as_it_was(self, window: MainWindow, qtbot: QtBot) -> None:
        before, plain = window.session.document, on_screen(window)
        tool = window.tool
        dialog = open_filter(window, qtbot, "median")
        assert window.tool == "hand"
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        rest(qtbot, window)
        assert window.session.document is before
        assert (on_screen(window) == plain).all()
        assert window.tool == tool

    def test_wrong_values_cannot_be_typed(self, window: MainWindow, qtbot: QtBot) -> None:
        dialog = open_filter(window, qtbot, "high_pass")
        for value in ("9999", "0", "-3"):
            type_value(dialog, qtbot, "radius_px", value)
            assert filters.filter_fault(dialog.filter) == ""
        qtbot.mouseClick(dialog.cancel_button, LEFT)


class TestUnderWay:
    def test_the_newest_wish_counts_and_closing_stops_it(self, window: MainWindow, qtbot: QtBot) -> None:
        dialog = open_filter(window, qtbot, "gaussian_blur")
        started, made = threading.Event(), list[str]()

        def endless() -> Document:
            started.set()
            while True:
                report(0.5)

        dialog.make(endless, stops=True)
        qtbot.waitUntil(started.is_set)
        for name in "abc":
            window.filtering.background.ask(lambda name=name: name, made.append, lambda error: None)
        assert not window.filtering.background.is_idle
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: window.filtering.background.is_idle, timeout=5000)
        assert made == []
        assert window.canvas.preview is None

    def test_a_newer_preview_takes_the_place_of_a_waiting_one(self, window: MainWindow, qtbot: QtBot) -> None:
        background = window.filtering.background
        gate, made = threading.Event(), list[str]()

        def first() -> str:
            gate.wait(10)
            return "first"

        def work(name: str) -> str:
            return name

        background.ask(first, made.append, lambda error: None)
        qtbot.waitUntil(lambda: background._running is not None)
        for name in ("second", "third", "fourth"):
            background.ask(lambda name=name: work(name), made.append, lambda error: None)
        gate.set()
        qtbot.waitUntil(lambda: background.is_idle)
        assert made == ["first", "fourth"]

    def test_an_edit_meanwhile_is_seen_and_kept(self, window: MainWindow, qtbot: QtBot) -> None:
        dialog = open_filter(window, qtbot, "gaussian_blur")
        window.session.history.apply(edits.step(edits.turn_layers, [GROUND], edits.Turn.FLIP_HORIZONTAL))
        turned = window.session.document
        rest(qtbot, window)
        assert np.abs(shown(window) - Compositor().render(turned)).max() > 3
        qtbot.mouseClick(dialog.apply_button, LEFT)
        rest(qtbot, window)
        assert window.session.document == edits.apply_filter(turned, GROUND, GaussianBlur())

    def test_the_dialog_goes_with_its_layer(self, window: MainWindow, qtbot: QtBot) -> None:
        open_filter(window, qtbot, "gaussian_blur")
        window.session.history.apply(edits.step(edits.remove_layers, [GROUND]))
        assert window.filtering.dialog is None
        assert window.canvas.preview is None

    def test_the_dialog_goes_with_its_document(self, opened: Open, document: Document, qtbot: QtBot) -> None:
        window = opened(document)
        window.session.select([GROUND])
        open_filter(window, qtbot, "gaussian_blur")
        opened(edits.flatten(document))
        assert window.filtering.dialog is None

    def test_another_dialog_closes_the_first(self, window: MainWindow, qtbot: QtBot) -> None:
        first = open_filter(window, qtbot, "gaussian_blur")
        with qtbot.waitSignal(first.closed):
            second = open_filter(window, qtbot, "median")
        assert dialog_of(window) is second
        rest(qtbot, window)
        assert window.canvas.preview is not None
        qtbot.keyClick(second, Qt.Key.Key_Escape)

    def test_closing_the_window_ends_it(self, window: MainWindow, qtbot: QtBot) -> None:
        """The fixture that watches over threads and timers fails this one where something is left."""
        open_filter(window, qtbot, "motion_blur")
        window.keeper.close(keep_edits=False)
        window.close()
        assert not any(thread.name == "previews" for thread in threading.enumerate())


class TestTargets:
    def test_the_selection_counts(self, window: MainWindow, qtbot: QtBot) -> None:
        window.session.history.apply(edits.step(edits.select_rectangle, Rect(20, 20, 90, 90)))
        before = pixels(window.session.document, GROUND)
        dialog = open_filter(window, qtbot, "box_blur")
        qtbot.mouseClick(dialog.apply_button, LEFT)
        rest(qtbot, window)
        changed = (pixels(window.session.document, GROUND) != before).any(axis=2)
        assert changed[20:90, 20:90].any()
        changed[20:90, 20:90] = False
        assert not changed.any()

    def test_a_mask_can_be_chosen(self, window: MainWindow, qtbot: QtBot) -> None:
        window.session.select([ISLAND])
        before = window.session.document
        dialog = open_filter(window, qtbot, "gaussian_blur")
        assert dialog.target_box.isVisible()
        qtbot.keyClick(dialog.target_box.box, Qt.Key.Key_Down)
        assert dialog.target_box.target is Target.MASK
        rest(qtbot, window)
        seen = shown(window)
        qtbot.mouseClick(dialog.apply_button, LEFT)
        rest(qtbot, window)
        after = window.session.document
        assert (pixels(after, ISLAND) == pixels(before, ISLAND)).all()
        assert after == edits.apply_filter(before, ISLAND, GaussianBlur(), on_mask=True)
        assert np.abs(shown(window) - seen).max() <= 1
        window.session.history.undo()
        assert window.session.document == before
        window.toolbox.kit.target.choose(ISLAND)  # as a click on the mask's thumbnail does
        window.action_set["filter.last"].trigger()
        qtbot.waitUntil(lambda: not window.work.is_busy)
        assert window.session.document == after
        assert open_filter(window, qtbot, "median").target_box.target is Target.MASK
        qtbot.keyClick(dialog_of(window), Qt.Key.Key_Escape)

    def test_what_cannot_be_filtered_says_why(self, window: MainWindow) -> None:
        session, actions = window.session, window.action_set

        def reason() -> str:
            action: QAction = actions["filter.gaussian_blur"]
            assert not action.isEnabled()
            assert action.toolTip().endswith(actions.why_not("filter.gaussian_blur"))
            return actions.why_not("filter.gaussian_blur")

        session.select([GROUP])
        assert reason() == "Choose a layer with pixels, or with a mask."
        session.select([TONE])
        assert "pixels" in reason()
        session.select([])
        assert reason() == "Choose a layer first."
        session.select([GROUND, ISLAND])
        assert reason() == "Choose exactly one layer."
        session.select([GROUND])
        session.history.apply(edits.step(edits.set_visible, GROUND, False))
        assert "hidden" in reason()
        session.history.undo()
        session.history.apply(edits.step(edits.set_locks, GROUND, Locks(pixels=True)))
        assert reason() == "“Ground” has its pixels locked. Unlock it in the layer panel."
        session.history.undo()
        session.select([ISLAND])
        session.history.apply(edits.step(edits.set_visible, GROUP, False))
        assert "hidden" in reason()
        session.shut()
        window.action_set.refresh()
        assert reason() == "Open a picture first."

    def test_a_lock_that_comes_meanwhile_disables_apply(self, window: MainWindow, qtbot: QtBot) -> None:
        dialog = open_filter(window, qtbot, "gaussian_blur")
        window.session.history.apply(edits.step(edits.set_locks, GROUND, Locks(pixels=True)))
        assert not dialog.apply_button.isEnabled()
        assert "locked" in dialog.apply_button.toolTip()
        assert window.canvas.preview is None
        window.session.history.undo()
        assert dialog.apply_button.isEnabled()
        qtbot.mouseClick(dialog.cancel_button, LEFT)


class TestAgain:
    def test_the_last_filter_with_the_same_values(self, window: MainWindow, qtbot: QtBot) -> None:
        again, start = window.action_set["filter.last"], window.session.document
        assert not again.isEnabled()
        assert window.action_set.why_not("filter.last") == "No filter was applied yet."
        dialog = open_filter(window, qtbot, "noise")
        type_value(dialog, qtbot, "seed", "7")
        qtbot.mouseClick(dialog.apply_button, LEFT)
        rest(qtbot, window)
        once = window.session.document
        assert once == edits.apply_filter(start, GROUND, filters.Noise(seed=7))
        assert again.text() == "Last filter: Add noise"
        qtbot.waitUntil(window.isActiveWindow)
        qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda: not window.work.is_busy)
        assert window.session.document == edits.apply_filter(once, GROUND, filters.Noise(seed=7))
        assert window.session.history.undo_label == "Add noise"
        window.session.history.undo()
        assert window.session.document == once
