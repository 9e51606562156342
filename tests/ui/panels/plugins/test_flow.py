"""From the form over the canvas to layers, back to the form, and in place: by mouse and keyboard, in a real worker."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.geometry import Point, Rect
from studio.core.layers import GroupLayer, Layer, Mask, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.plugin_api.interactions import Box, Region
from studio.ui.main_window import MainWindow
from studio.ui.panels.plugins import PluginPanel
from tests.ui.canvas.gestures import drag
from tests.ui.panels.plugins.conftest import WORKER_MS, wait_for_end

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


def named(document: Document, name: str) -> Layer:
    (found,) = [layer for layer in document.walk() if layer.name == name]
    return found


def raster_named(document: Document, name: str) -> RasterLayer:
    layer = named(document, name)
    assert isinstance(layer, RasterLayer)
    return layer


def write(editor: QLineEdit, words: str) -> None:
    """What an input method commits, which is how Japanese is typed."""
    event = QInputMethodEvent()
    event.setCommitString(words)
    QApplication.sendEvent(editor, event)


def press_run(panel: PluginPanel, qtbot: QtBot) -> None:
    qtbot.mouseClick(panel.run_bar.run_button, LEFT)
    wait_for_end(qtbot, panel)


def draw_region(opened: MainWindow, panel: PluginPanel, qtbot: QtBot, start: Point, end: Point) -> None:
    """Press the draw button and drag a box on the canvas."""
    assert panel.form is not None
    button = panel.form["regions"].field.draw_button  # pyright: ignore[reportAttributeAccessIssue]
    if not button.isChecked():
        qtbot.mouseClick(button, LEFT)
    drag(opened.canvas, (start.x, start.y), (end.x - 2, end.y - 2), (end.x, end.y))


def test_the_whole_way(opened: MainWindow, working: PluginPanel, document: Document, qtbot: QtBot) -> None:
    panel, session = working, opened.session
    assert panel.form is not None
    draw_region(opened, panel, qtbot, Point(30, 20), Point(50, 40))
    assert panel.form.params.regions == (Region(box=Box(30, 20, 20, 20)),)  # pyright: ignore[reportAttributeAccessIssue]
    regions = panel.form["regions"].field
    regions.list.rename(0)  # pyright: ignore[reportAttributeAccessIssue]
    (editor,) = regions.list.findChildren(QLineEdit)  # pyright: ignore[reportAttributeAccessIssue]
    write(editor, "空")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: regions.value[0].label == "空")  # pyright: ignore[reportAttributeAccessIssue, reportIndexIssue]
    press_run(panel, qtbot)

    assert session.history.undo_label == "Every interaction"
    group = session.document.layers[-1]
    assert isinstance(group, GroupLayer)
    assert session.selection == (group.id,)
    painted = raster_named(session.document, "空")
    assert painted.bounds == Rect(30, 20, 50, 40)
    assert painted.provenance is not None
    assert (painted.provenance.part, painted.provenance.seed) == ("Demo/空", 0)
    assert "Done" in panel.run_bar.words.text()

    # Change what stays: name, place, opacity, mask, and a stroke by hand
    white = Mask(pixels=PixelBuffer.from_array(np.full((64, 96, 1), 255, np.uint8)))
    session.apply("Rename", lambda d: edits.rename(d, painted.id, "Sky"))
    session.apply("Move", lambda d: edits.translate(d, (painted.id,), Point(7, -3)))
    session.apply("Fade", lambda d: edits.set_opacity(d, painted.id, 0.5))
    session.apply("Mask", lambda d: edits.set_mask(d, painted.id, white))
    stroke = np.full((4, 4, 4), (1, 2, 3, 255), np.uint8)
    session.apply("Paint", lambda d: edits.write_pixels(d, painted.id, Point(40, 22), stroke))
    before, steps = session.document, len(session.history.labels)

    # Open the recipe, change the strength by keyboard, run in place
    qtbot.mouseClick(panel.strip.open_button, LEFT)
    assert panel.run_bar.run_button.text() == "Run again in place"
    assert panel.seed_row.is_locked
    strength = panel.form["strength"].field.box.entry  # pyright: ignore[reportAttributeAccessIssue]
    strength.setFocus()
    strength.selectAll()
    qtbot.keyClicks(strength, "1")
    qtbot.keyClick(strength, Qt.Key.Key_Tab)
    press_run(panel, qtbot)

    assert len(session.history.labels) == steps + 1
    made = raster_named(session.document, "Sky")
    assert (made.id, made.opacity, made.mask) == (painted.id, 0.5, white)
    assert made.bounds == Rect(37, 17, 57, 37)
    assert (made.pixels.read()[..., 3] == 255).all()
    by_hand = raster_named(session.document, "Sky (by hand)")
    assert by_hand.bounds == Rect(40, 22, 44, 26)
    assert (by_hand.pixels.read() == (1, 2, 3, 255)).all()
    inside = session.document.layers[-1]
    assert isinstance(inside, GroupLayer)
    assert [child.id for child in inside.children] == [made.id, by_hand.id]
    assert any("by hand" in card.told.hint or "Hand edits" in card.told.hint for card in opened.notices.cards)
    session.history.undo()
    assert session.document == before
    while session.history.can_undo:
        session.history.undo()
    assert session.document == document


def test_a_second_region_comes_beside_the_first_and_one_taken_away_goes(
    opened: MainWindow, working: PluginPanel, qtbot: QtBot
) -> None:
    panel, session = working, opened.session
    assert panel.form is not None
    draw_region(opened, panel, qtbot, Point(10, 30), Point(20, 40))
    press_run(panel, qtbot)
    first = raster_named(session.document, "Region 1")
    qtbot.mouseClick(panel.strip.open_button, LEFT)
    draw_region(opened, panel, qtbot, Point(40, 30), Point(50, 40))
    press_run(panel, qtbot)
    group = session.document.layers[-1]
    assert isinstance(group, GroupLayer)
    assert [child.name for child in group.children] == ["Region 1", "Region 2"]
    assert group.children[0].id == first.id

    field = panel.form["regions"].field
    field.list.choose(1)  # pyright: ignore[reportAttributeAccessIssue]  # the lower of the two
    field.list.setFocus()  # pyright: ignore[reportAttributeAccessIssue]
    QTest.keyClick(field.list, Qt.Key.Key_Delete)  # pyright: ignore[reportAttributeAccessIssue]
    press_run(panel, qtbot)
    group = session.document.layers[-1]
    assert isinstance(group, GroupLayer)
    assert [child.name for child in group.children] == ["Region 1"]
    assert group.children[0].bounds == Rect(40, 30, 50, 40)


def test_what_lies_below_shows_through_as_the_compositor_says(
    opened: MainWindow, working: PluginPanel, qtbot: QtBot
) -> None:
    draw_region(opened, working, qtbot, Point(30, 20), Point(50, 40))
    press_run(working, qtbot)
    seen = composite(opened.session.document)[30, 40].astype(int)
    assert abs(seen - (110, 50, 100, 255)).max() <= 1  # half (200, 40, 0) over (20, 60, 200)


def test_variations_wait_are_compared_and_taken_in_place(
    opened: MainWindow, working: PluginPanel, qtbot: QtBot
) -> None:
    panel, session = working, opened.session
    assert panel.form is not None
    draw_region(opened, panel, qtbot, Point(30, 20), Point(50, 40))
    panel.form["look"].field.set_value("noisy")
    press_run(panel, qtbot)
    group = session.document.layers[-1]
    qtbot.mouseClick(panel.strip.open_button, LEFT)
    before = session.document
    (two,) = [action for action in panel.run_bar.vary_button.menu().actions() if "2" in action.text()]
    two.trigger()
    wait_for_end(qtbot, panel)
    assert session.document == before
    assert panel.results.list.count() == 3
    newest = panel.results.list.item(0)
    assert not newest.icon().isNull()

    rect = panel.results.list.visualItemRect(newest)
    qtbot.mouseClick(panel.results.list.viewport(), LEFT, pos=rect.center())
    qtbot.mouseClick(panel.results.flip_button, LEFT)
    qtbot.waitUntil(lambda: panel.results.is_comparing, timeout=WORKER_MS)
    assert session.document == before
    qtbot.mouseClick(panel.results.apply_button, LEFT)
    assert not panel.results.is_comparing
    qtbot.waitUntil(lambda: session.document != before)
    assert session.document.layers[-1].id == group.id
    taken = raster_named(session.document, "Region 1").provenance
    assert taken is not None
    assert taken.job == panel.results.current
    session.history.undo()
    assert session.document == before

    panel.results.choose(panel.results.current)  # pyright: ignore[reportArgumentType]
    panel.results.list.setFocus()
    QTest.keyClick(panel.results.list, Qt.Key.Key_Delete)
    assert panel.results.list.count() == 2
    assert len(session.jobs.records()) == 2


def test_suggested_places_are_shown_and_the_chosen_one_is_used(
    opened: MainWindow, working: PluginPanel, qtbot: QtBot, tmp_path: object
) -> None:
    panel, session = working, opened.session
    assert panel.form is not None
    box = panel.form["find_places"].field.box  # pyright: ignore[reportAttributeAccessIssue]
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Space)
    steps = len(session.history.labels)
    press_run(panel, qtbot)
    assert len(session.history.labels) == steps  # suggestions change nothing
    places = panel.form["place"].field
    assert places.list.count() == 2  # pyright: ignore[reportAttributeAccessIssue]
    assert opened.canvas.tool is places.tool  # pyright: ignore[reportAttributeAccessIssue]
    opened.canvas.setFocus()
    QTest.keyClick(opened.canvas.surface, Qt.Key.Key_2)
    assert panel.form.params.place.chosen == 1  # pyright: ignore[reportAttributeAccessIssue]
    assert places.list.currentRow() == 1  # pyright: ignore[reportAttributeAccessIssue]
    press_run(panel, qtbot)
    assert len(session.history.labels) == steps + 1


def test_a_failed_run_says_why(opened: MainWindow, working: PluginPanel, qtbot: QtBot) -> None:
    panel = working
    assert panel.form is not None
    qtbot.mouseClick(panel.form.fold, LEFT)
    line = panel.form["title"].field.line  # pyright: ignore[reportAttributeAccessIssue]
    line.selectAll()
    qtbot.keyClicks(line, "Fail")
    before = opened.session.document
    press_run(panel, qtbot)
    assert "The paint has dried up. Choose another title." in panel.run_bar.words.text()
    assert opened.session.document == before


def test_cancel_stops_and_changes_nothing(opened: MainWindow, working: PluginPanel, qtbot: QtBot) -> None:
    before = opened.session.document
    opened.session.jobs.pause()
    qtbot.mouseClick(working.run_bar.run_button, LEFT)
    assert working.is_running
    assert not working.run_bar.run_button.isVisible()
    qtbot.mouseClick(working.run_bar.cancel_button, LEFT)
    wait_for_end(qtbot, working)
    assert working.run_bar.words.text() == "Cancelled."
    assert opened.session.document == before


@pytest.mark.parametrize("gone", ["deleted", "undone"])
def test_a_result_whose_place_is_gone_comes_on_top(
    opened: MainWindow, working: PluginPanel, qtbot: QtBot, gone: str
) -> None:
    panel, session = working, opened.session
    draw_region(opened, panel, qtbot, Point(30, 20), Point(50, 40))
    press_run(panel, qtbot)
    group = session.document.layers[-1]
    qtbot.mouseClick(panel.strip.open_button, LEFT)
    session.jobs.pause()
    qtbot.mouseClick(panel.run_bar.run_button, LEFT)
    if gone == "deleted":
        session.apply("Delete", lambda d: edits.remove_layers(d, (group.id,)))
    else:
        session.apply("Flatten", lambda d: edits.remove_layers(d, (group.id,)))
    session.jobs.resume()
    wait_for_end(qtbot, panel)
    assert len(session.document.layers) == 3
    assert session.document.layers[-1].id != group.id
    assert panel.recipe is None
