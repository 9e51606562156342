"""The dialogs that select by what the picture shows: colour range, and the edge refined."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QApplication,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.core.selecting.colors import color_range
from studio.core.selection import Combine
from studio.documents import Loaded
from studio.retouch import refine_selection
from studio.ui.main_window import MainWindow
from studio.ui.selecting.color_range import ColorRangeDialog
from studio.ui.selecting.refining import Ground, Output, RefineDialog
from tests.ui.canvas.conftest import grabbed
from tests.ui.canvas.gestures import at, click
from tests.ui.shell.selections import BOX, SQUARE, box, dialog, idle, press, same, selected


class TestColorRange:
    def test_picked_colours_are_selected(self, opened: MainWindow, qtbot: QtBot) -> None:
        opened.action_set["select.color_range"].trigger()
        asked = dialog(opened, ColorRangeDialog)
        assert not asked.select.isEnabled()
        click(opened.canvas, 10, 10)
        click(opened.canvas, 50, 40)
        assert len(asked.colors) == 2
        click(opened.canvas, 50, 40, Qt.KeyboardModifier.AltModifier)
        asked.fuzziness.setValue(10)
        asked.select.click()
        idle(qtbot, opened)
        assert same(selected(opened), box(Rect(5, 6, 25, 16)))
        assert opened.canvas.tool is opened.toolbox.tool
        assert opened.session.history.labels[-1] == "Select color range"

    def test_the_preview_follows(self, opened: MainWindow, qtbot: QtBot) -> None:
        opened.action_set["select.color_range"].trigger()
        asked = dialog(opened, ColorRangeDialog)
        click(opened.canvas, 10, 10)

        def white() -> float:
            picture = asked.preview.pixmap().toImage()
            if picture.isNull():
                return -1.0
            middle = [picture.pixelColor(x, 30).red() for x in range(picture.width())]
            return float(np.mean(np.array(middle) > 200))

        qtbot.waitUntil(lambda: 0.2 < white() < 0.5)
        asked.fuzziness.setValue(255)
        qtbot.waitUntil(lambda: white() < 0.5)
        (swatch,) = [button for button in asked.findChildren(QToolButton) if "take it away" in button.toolTip()]
        swatch.click()
        qtbot.waitUntil(lambda: white() == 0.0)
        asked.reject()
        assert selected(opened) is None
        assert opened.canvas.tool is opened.toolbox.tool

    def test_adding_to_what_is_selected(self, boxed: MainWindow, qtbot: QtBot) -> None:
        boxed.action_set["select.color_range"].trigger()
        asked = dialog(boxed, ColorRangeDialog)
        asked.pick(Point(10, 10), away=False)
        asked.fuzziness.setValue(10)
        asked.how.setCurrentIndex(list(Combine).index(Combine.ADD))
        asked.accept()
        idle(qtbot, boxed)
        assert same(selected(boxed), np.maximum(box(BOX), box(Rect(5, 6, 25, 16))))

    def test_a_picture_that_comes_too_late_is_dropped(self, opened: MainWindow, qtbot: QtBot) -> None:
        opened.action_set["select.color_range"].trigger()
        asked = dialog(opened, ColorRangeDialog)
        opened.session.history.apply(edits.step(edits.set_opacity, SQUARE, 0.5))  # asks for the picture again
        asked.reject()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        qtbot.waitUntil(lambda: opened.canvas.is_settled)
        assert selected(opened) is None

    def test_asked_for_again_it_comes_to_the_front_and_picks(self, opened: MainWindow) -> None:
        opened.choose_tool("brush")
        opened.action_set["select.color_range"].trigger()
        asked = dialog(opened, ColorRangeDialog)
        opened.choose_tool("hand")
        opened.action_set["select.color_range"].trigger()
        assert dialog(opened, ColorRangeDialog) is asked
        click(opened.canvas, 10, 10)
        assert len(asked.colors) == 1
        asked.close()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        assert opened.canvas.tool is opened.toolbox.get("hand")
        assert opened.tool == "hand"

    def test_it_ends_the_marking_of_objects(self, opened: MainWindow) -> None:
        opened.action_set["ai.layer_decomp"].trigger()
        assert opened.tool == "layer_decomp"
        opened.action_set["select.color_range"].trigger()
        asked = dialog(opened, ColorRangeDialog)
        assert opened.tool == "move"
        asked.reject()
        assert opened.canvas.tool is opened.toolbox.get("move")

    def test_closing_the_document_closes_it(self, opened: MainWindow, qtbot: QtBot) -> None:
        opened.action_set["select.color_range"].trigger()
        opened.keeper.close(keep_edits=False)
        assert not [one for one in opened.findChildren(ColorRangeDialog) if one.isVisible()]

    def test_it_is_the_scalar_definition(self) -> None:
        samples = np.array([[[10, 20, 30, 255], [10, 30, 30, 255], [0, 0, 0, 128], [10, 20, 30, 0]]], np.uint8)
        told = color_range(samples, [(10 / 255, 20 / 255, 30 / 255)], 40)
        assert told.tolist() == [[255, round(255 * 0.75), round(255 * 0.25 * 128 / 255), 0]]


@pytest.fixture
def soft(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A soft orange disc on blue, in one layer; a hard disc is selected, somewhat too small."""
    y, x = np.mgrid[0:96, 0:128]
    far = np.hypot(x - 64, y - 48)
    share = np.clip((33 - far) / 6, 0, 1)[..., None]
    color = share * np.array([240, 150, 30]) + (1 - share) * np.array([20, 60, 200])
    samples = np.dstack([np.rint(color), np.full((96, 128), 255)]).astype(np.uint8)
    layer = RasterLayer(id=LayerId("photo"), name="Photo", pixels=PixelBuffer.from_array(samples))
    document = edits.select_ellipse(Document(size=Size(128, 96), layers=(layer,)), Rect(36, 20, 92, 76))
    window.keeper.take(Loaded(path=None, steps=(("", document),), name="Test"))
    qtbot.waitUntil(lambda: window.canvas.is_settled)
    return window


class TestRefining:
    def refine(self, window: MainWindow, qtbot: QtBot, output: Output) -> RefineDialog:
        window.action_set["select.refine"].trigger()
        asked = dialog(window, RefineDialog)
        asked.band.setValue(8)
        asked.output.setCurrentIndex(list(Output).index(output))
        qtbot.waitUntil(lambda: asked.is_ready and not window.canvas.work.is_busy, timeout=20_000)
        return asked

    def test_the_new_edge_becomes_the_selection(self, soft: MainWindow, qtbot: QtBot) -> None:
        start = soft.session.document
        asked = self.refine(soft, qtbot, Output.SELECTION)
        assert soft.session.document is start
        asked.accept()
        wanted = refine_selection(start, 8.0)
        assert wanted.selection is not None
        assert same(selected(soft), wanted.selection.read())
        (call,) = list(soft.session.history.calls[-1] or ())
        assert (call.id, call.arguments["band_px"]) == ("refine_selection", 8.0)
        soft.action_set["edit.undo"].trigger()
        assert soft.session.document.selection is start.selection

    def test_accepting_before_it_is_found_waits_for_it(self, soft: MainWindow, qtbot: QtBot) -> None:
        press(soft, "Ctrl+Alt+R")
        asked = dialog(soft, RefineDialog)
        asked.shift.setValue(2)
        asked.accept()
        qtbot.waitUntil(lambda: len(soft.session.history.labels) == 2, timeout=20_000)
        (call,) = list(soft.session.history.calls[-1] or ())
        assert call.arguments["shift_px"] == 2.0

    def test_a_new_layer_without_the_ground(self, soft: MainWindow, qtbot: QtBot) -> None:
        asked = self.refine(soft, qtbot, Output.LAYER)
        assert asked.clean.isEnabled()
        asked.accept()
        qtbot.waitUntil(lambda: len(soft.session.document.layers) == 2, timeout=20_000)
        new = soft.session.document.layers[1]
        assert isinstance(new, RasterLayer)
        assert soft.session.selection == (new.id,)
        assert selected(soft) is None
        samples = new.pixels.read()
        edge = (samples[..., 3] > 60) & (samples[..., 3] < 200)
        assert edge.any()
        assert np.median(samples[edge][:, 2]) < 90  # orange has 30, the ground 200
        assert len(soft.session.history.labels) == 2
        soft.action_set["edit.undo"].trigger()
        assert len(soft.session.document.layers) == 1

    def test_a_mask(self, soft: MainWindow, qtbot: QtBot) -> None:
        asked = self.refine(soft, qtbot, Output.MASK)
        asked.accept()
        mask = soft.session.document.layers[0].mask
        assert mask is not None
        assert selected(soft) is None
        assert len(soft.session.history.labels) == 2

    def test_it_is_shown_while_it_is_set(self, soft: MainWindow, qtbot: QtBot) -> None:
        asked = self.refine(soft, qtbot, Output.SELECTION)
        asked.ground.setCurrentIndex(list(Ground).index(Ground.BLACK))
        asked.ground.activated.emit(1)
        view = at(soft.canvas, 5, 5)
        assert grabbed(soft.canvas.surface)[view.y(), view.x()].max() < 5
        edge = at(soft.canvas, 36, 48)  # the left end of what was selected before

        def marches() -> bool:
            rows = grabbed(soft.canvas.surface)[edge.y() - 8 : edge.y() + 8, edge.x() - 1 : edge.x() + 2]
            colors = rows.reshape(-1, 3)
            return bool((colors.min(axis=1) > 235).any() and (colors.max(axis=1) < 20).any())

        assert not marches()
        asked.reject()
        assert grabbed(soft.canvas.surface)[view.y(), view.x()].max() > 100
        assert marches()

    def test_closing_it_stops_the_work(self, soft: MainWindow, qtbot: QtBot) -> None:
        soft.action_set["select.refine"].trigger()
        asked = dialog(soft, RefineDialog)
        asked.reject()
        idle(qtbot, soft)
        assert len(soft.session.history.labels) == 1
        assert not soft.notices.cards

    def test_deselecting_closes_it(self, soft: MainWindow, qtbot: QtBot) -> None:
        asked = self.refine(soft, qtbot, Output.SELECTION)
        soft.action_set["select.none"].trigger()
        assert not asked.isVisible()

    def test_without_pixels_there_is_no_new_layer(self, soft: MainWindow, qtbot: QtBot) -> None:
        asked = self.refine(soft, qtbot, Output.LAYER)
        soft.session.select([])
        asked.accept()
        assert "pixel layer" in soft.notices.cards[0].told.message
        assert asked.isVisible()
        asked.reject()
