"""Macros in the window: recorded from commands, kept, played as one step, run by `lamina batch`, and the list."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QTreeWidget, QTreeWidgetItem, QWidget
from pytestqt.qtbot import QtBot

from studio import recipe
from studio.core import edits
from studio.core.adjustments import Invert
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.filters import GaussianBlur
from studio.core.geometry import Point
from studio.io.formats import save_document
from studio.session import Session
from studio.ui.main_window import MainWindow
from studio.ui.panels.macros.saving import SaveMacroDialog
from tests.ui.panels.macros.conftest import PHOTO, open_picture, panel_of, picture

LEFT = Qt.MouseButton.LeftButton
STEPS = (
    {"command": "rename", "layer_id": "#1", "name": "Ink"},
    {"command": "set_opacity", "layer_id": "#1", "opacity": 0.5},
)


def current(tree: QTreeWidget) -> QTreeWidgetItem:
    """The macro that is chosen."""
    item = tree.currentItem()
    assert item is not None
    return item


def steps_of(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    """What is listed below a macro."""
    return [step for at in range(item.childCount()) if (step := item.child(at)) is not None]


def done_by_hand(document: Document) -> Document:
    """What `record` records."""
    document = edits.apply_filter(document, PHOTO, GaussianBlur())
    document = edits.apply_adjustment(document, PHOTO, Invert())
    return edits.duplicate_layers(document, [PHOTO])


def saving(window: MainWindow) -> SaveMacroDialog:
    (dialog,) = window.findChildren(SaveMacroDialog)
    return dialog


def record(window: MainWindow, qtbot: QtBot, name: str) -> None:
    """Filter, adjust and duplicate by the window's own actions, and keep that."""
    panel = panel_of(window)
    qtbot.mouseClick(panel.record_button, LEFT)
    assert window.macros.is_recording
    window.action_set["filter.gaussian_blur"].trigger()
    dialog = window.filtering.dialog
    assert dialog is not None
    with qtbot.waitSignal(dialog.accepted):
        qtbot.mouseClick(dialog.apply_button, LEFT)
    window.action_set["image.adjust_invert"].trigger()
    qtbot.waitUntil(lambda: not window.work.is_busy)
    window.action_set["layer.duplicate"].trigger()
    qtbot.mouseClick(panel.record_button, LEFT)
    dialog = saving(window)
    dialog.field.clear()
    assert not dialog.keep_button.isEnabled()
    qtbot.keyClicks(dialog.field, name)
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert not window.macros.is_recording


class TestRecording:
    def test_what_is_done_is_kept_and_played_on_another_picture(self, window: MainWindow, qtbot: QtBot) -> None:
        record(window, qtbot, "Soft negative")
        panel = panel_of(window)
        assert window.macros.library.names() == ["Soft negative"]
        commands = [step["command"] for step in window.macros.library.steps("Soft negative")]
        assert commands == ["apply_filter", "apply_adjustment", "duplicate_layers"]
        open_picture(window, qtbot, 2)
        start = window.session.document
        assert window.macros.chosen == "Soft negative"
        qtbot.mouseClick(panel.play_button, LEFT)
        qtbot.waitUntil(lambda: not window.work.is_busy)
        played = window.session.document
        assert (composite(played) == composite(done_by_hand(picture(2)))).all()
        assert len(played.layers) == 2
        assert window.session.history.labels == ("", "Soft negative")
        window.session.history.undo()
        assert window.session.document == start

    def test_the_file_runs_with_batch(self, window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
        record(window, qtbot, "Soft negative")
        folder = tmp_path / "in"
        folder.mkdir()
        save_document(picture(3), folder / "photo.png")
        file = tmp_path / "exported.json"
        panel_of(window).export_file(file)
        (outcome,) = recipe.run(Session(), folder, recipe.load(file), tmp_path / "out", lambda *_: None)
        assert (outcome.error, outcome.outputs) == ("", ["photo.lamina"])
        opened = Session()
        opened.open(tmp_path / "out" / "photo.lamina")
        assert (composite(opened.document) == composite(done_by_hand(picture(3)))).all()

    def test_the_state_is_seen_everywhere(self, window: MainWindow, qtbot: QtBot) -> None:
        (sign,) = [b for b in window.status.findChildren(QWidget) if type(b).__name__ == "RecordingSign"]
        action = window.action_set["macro.record"]
        assert sign.isHidden()
        action.trigger()
        assert sign.isVisible()
        assert action.isChecked()
        assert action.text() == "Stop recording"
        assert panel_of(window).record_button.isChecked()
        qtbot.mouseClick(sign, LEFT)  # nothing was done, so nothing is asked
        assert not window.macros.is_recording
        assert sign.isHidden()
        assert not window.findChildren(SaveMacroDialog)

    def test_going_on_and_discarding(self, window: MainWindow, qtbot: QtBot) -> None:
        window.action_set["macro.record"].trigger()
        window.session.history.apply(edits.step(edits.rename, PHOTO, "One"))
        window.action_set["macro.record"].trigger()
        qtbot.mouseClick(saving(window).go_on_button, LEFT)
        assert window.macros.is_recording
        window.session.history.apply(edits.step(edits.set_opacity, PHOTO, 0.5))
        qtbot.waitUntil(lambda: not window.findChildren(SaveMacroDialog))
        window.action_set["macro.record"].trigger()
        assert saving(window).steps.count() == 2
        qtbot.mouseClick(saving(window).discard_button, LEFT)
        assert not window.macros.is_recording
        assert window.macros.library.names() == []

    def test_what_cannot_be_told_is_named(self, window: MainWindow, qtbot: QtBot) -> None:
        window.action_set["macro.record"].trigger()
        window.session.history.apply(edits.step(edits.write_pixels, PHOTO, Point(0, 0), np.zeros((2, 2, 4), np.uint8)))
        window.session.history.apply(edits.step(edits.rename, PHOTO, "One"))
        window.action_set["macro.record"].trigger()
        dialog = saving(window)
        assert "left out: Paint." in dialog.left_out.text()
        assert dialog.steps.count() == 1
        qtbot.mouseClick(dialog.discard_button, LEFT)

    def test_closing_the_document_ends_it_and_nothing_is_lost(self, window: MainWindow, qtbot: QtBot) -> None:
        window.action_set["macro.record"].trigger()
        window.session.history.apply(edits.step(edits.rename, PHOTO, "One"))
        open_picture(window, qtbot, 2)
        assert not window.macros.is_recording
        dialog = saving(window)
        assert not dialog.go_on_button.isVisible()
        qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
        assert window.macros.library.names() == ["Macro 1"]


class TestPlaying:
    def test_a_step_that_fails_leaves_the_document_as_it_was(self, window: MainWindow, qtbot: QtBot) -> None:
        window.macros.library.save("Broken", (*STEPS, {"command": "rename", "layer_id": "gone", "name": "x"}))
        window.macros.choose("Broken")
        start = window.session.document
        panel_of(window).refresh()
        qtbot.mouseClick(panel_of(window).play_button, LEFT)
        qtbot.waitUntil(lambda: not window.work.is_busy)
        assert window.session.document is start
        assert not window.session.history.can_undo
        messages = [card.told.message for card in window.notices.cards]
        assert any("Step 3 of 3 of the macro failed, so none was done" in message for message in messages)

    def test_a_macro_that_runs_a_plugin_is_refused_before_any_step(self, window: MainWindow) -> None:
        window.macros.library.save("Clever", (*STEPS, {"command": "run_plugin", "plugin": "layer_decomp"}))
        window.macros.choose("Clever")
        start = window.session.document
        window.action_set["macro.play"].trigger()
        assert not window.work.is_busy
        assert window.session.document is start
        assert "lamina batch" in window.notices.cards[0].told.hint

    def test_played_while_another_is_recorded_its_steps_are_recorded(self, window: MainWindow, qtbot: QtBot) -> None:
        window.macros.library.save("Ink", STEPS)
        window.macros.choose("Ink")
        window.action_set["macro.record"].trigger()
        window.action_set["macro.play"].trigger()
        qtbot.waitUntil(lambda: not window.work.is_busy)
        window.action_set["macro.record"].trigger()
        dialog = saving(window)
        assert dialog.steps.count() == 2
        qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
        assert [step["command"] for step in window.macros.library.steps("Macro 1")] == ["rename", "set_opacity"]

    def test_why_not(self, window: MainWindow) -> None:
        assert window.action_set.why_not("macro.play") == "Choose a macro first."
        window.session.shut()
        window.action_set.refresh()
        assert window.action_set.why_not("macro.record") == "Open a picture first."


class TestList:
    @pytest.fixture
    def listed(self, window: MainWindow) -> MainWindow:
        window.macros.library.save("Ink", STEPS)
        window.macros.library.save("線画 & a very long name that no panel has the room for, and then some", STEPS[:1])
        window.macros.choose("Ink")
        panel_of(window).refresh()
        return window

    def test_macros_open_to_their_steps(self, listed: MainWindow) -> None:
        tree = panel_of(listed).tree
        item = current(tree)
        assert item.text(0) == "Ink"
        item.setExpanded(True)
        assert [step.text(0) for step in steps_of(item)] == ["1. Rename layer", "2. Change opacity"]
        assert "opacity: 0.5" in steps_of(item)[1].toolTip(0)

    def test_renamed_in_place(self, listed: MainWindow, qtbot: QtBot) -> None:
        panel = panel_of(listed)
        qtbot.mouseClick(panel.rename_button, LEFT)
        (field,) = panel.tree.findChildren(QLineEdit)
        field.selectAll()
        qtbot.keyClicks(field, "Blue ink")
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: "Blue ink" in listed.macros.library.names())
        assert listed.macros.chosen == "Blue ink"
        assert current(panel.tree).text(0) == "Blue ink"

    def test_a_name_that_is_taken_is_refused(self, listed: MainWindow, qtbot: QtBot) -> None:
        listed.macros.library.save("Other", STEPS)
        panel = panel_of(listed)
        panel.refresh()
        qtbot.mouseClick(panel.rename_button, LEFT)
        (field,) = panel.tree.findChildren(QLineEdit)
        field.selectAll()
        qtbot.keyClicks(field, "Other")
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: any("already" in card.told.message for card in listed.notices.cards))
        assert current(panel.tree).text(0) == "Ink"

    def test_deleted_and_put_back(self, listed: MainWindow, qtbot: QtBot) -> None:
        panel = panel_of(listed)
        qtbot.mouseClick(panel.delete_button, LEFT)
        assert "Ink" not in listed.macros.library.names()
        assert not panel.delete_button.isEnabled()
        (button,) = [b for b in listed.notices.findChildren(QPushButton) if b.text() == "Put back"]
        qtbot.mouseClick(button, LEFT)
        assert listed.macros.library.steps("Ink") == STEPS
        assert listed.macros.chosen == "Ink"

    def test_imported_and_exported(self, listed: MainWindow, tmp_path: Path) -> None:
        panel = panel_of(listed)
        panel.export_file(tmp_path / "Out.json")
        panel.import_file(tmp_path / "Out.json")
        assert listed.macros.chosen == "Out"
        assert listed.macros.library.steps("Out") == STEPS
        broken = tmp_path / "broken.json"
        broken.write_text("{", encoding="utf-8")
        heard: list[StudioError] = []
        held = listed.session.troubled.connect(heard.append)
        panel.import_file(broken)
        assert "not JSON" in heard[0].message
        held.close()

    def test_a_file_that_is_broken_says_so(self, listed: MainWindow) -> None:
        listed.macros.library.path("Ink").write_text("[", encoding="utf-8")
        panel = panel_of(listed)
        item = current(panel.tree)
        item.setExpanded(True)
        assert steps_of(item)[0].text(0).startswith("This macro cannot be read: ")
        listed.action_set["macro.play"].trigger()
        assert not listed.session.history.can_undo
