"""Selecting by what the picture shows, by real events: the magic wand, and objects."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import Point, Rect
from studio.core.layers import LayerId
from studio.core.selection import Combine
from studio.plugin_api.interactions import LabelMap
from studio.session import Session
from studio.ui.canvas.tools.select_object import ObjectSelectTool
from studio.ui.canvas.tools.select_wand import MagicWandTool
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.gestures import click, drag, hover
from tests.ui.canvas.selections import (
    ALT,
    CONTROL,
    NONE,
    SHIFT,
    SIZE,
    Use,
    rectangle,
    same,
    selected,
)


class TestWand:
    def wand(self, use: Use, session: Session) -> tuple[CanvasView, MagicWandTool]:
        session.select([LayerId("square")])
        canvas = use(MagicWandTool)
        tool = canvas.tool
        assert isinstance(tool, MagicWandTool)
        tool.shared.change(antialias=False)
        return canvas, tool

    def test_it_selects_the_colour_of_the_active_layer(self, use: Use, session: Session, qtbot: QtBot) -> None:
        canvas, _ = self.wand(use, session)
        click(canvas, 60, 50)
        qtbot.waitUntil(lambda: not canvas.work.is_busy)
        assert same(selected(session), rectangle(40, 30, 120, 90))
        assert session.history.labels == ("", "Magic wand")
        (call,) = list(session.history.calls[-1] or ())
        assert (call.id, call.arguments["at"], call.arguments["combine"]) == (
            "select_similar",
            Point(60, 50),
            Combine.REPLACE,
        )

    @pytest.mark.parametrize("contiguous", [True, False])
    def test_tolerance_over_all_layers(self, use: Use, session: Session, qtbot: QtBot, contiguous: bool) -> None:
        canvas, tool = self.wand(use, session)
        tool.settings.change(all_layers=True, tolerance=20, contiguous=contiguous)
        click(canvas, 200, 150)
        qtbot.waitUntil(lambda: not canvas.work.is_busy)
        y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]]
        back = np.stack([x * 255 // 300, y * 255 // 200, (x + y) % 256], axis=-1)
        near = np.abs(back - back[150, 200]).max(axis=-1) <= 20
        told = selected(session)
        assert told is not None
        assert told[150, 200] == 255
        outside = ~(rectangle(40, 30, 120, 90) > 0)
        if contiguous:
            assert not (told[outside] > 0)[~near[outside]].any()
        else:
            assert np.array_equal(told[outside] > 0, near[outside])

    def test_clicks_in_quick_succession_all_count(self, use: Use, session: Session, qtbot: QtBot) -> None:
        canvas, tool = self.wand(use, session)
        tool.settings.change(tolerance=0)
        session.apply("Start", lambda document: edits.select_rectangle(document, Rect(280, 0, 300, 20)))
        click(canvas, 60, 50, SHIFT)
        session.select([LayerId("back")])
        click(canvas, 200, 150, SHIFT)
        qtbot.waitUntil(lambda: not canvas.work.is_busy)
        told = selected(session)
        assert told is not None
        assert told[10, 290] == told[50, 60] == told[150, 200] == 255
        assert session.history.labels == ("", "Start", "Magic wand", "Magic wand")

    def test_off_the_canvas_and_without_a_layer_it_is_told(self, use: Use, session: Session, qtbot: QtBot) -> None:
        canvas, _ = self.wand(use, session)
        with qtbot.waitSignal(canvas.notice) as told:
            click(canvas, 310, 50)
        assert "no picture" in str(told.args)
        session.select([])
        with qtbot.waitSignal(canvas.notice) as told:
            click(canvas, 60, 50)
        assert "choose a layer" in str(told.args)

    def test_another_document_takes_no_result_of_the_last_one(self, use: Use, session: Session, qtbot: QtBot) -> None:
        canvas, _ = self.wand(use, session)
        click(canvas, 60, 50)
        session.start(session.document)
        qtbot.waitUntil(lambda: not canvas.work.is_busy)
        assert selected(session) is None


class TestObjects:
    def test_a_click_takes_the_object_that_is_outlined(self, use: Use, session: Session) -> None:
        canvas = use(ObjectSelectTool)
        tool = canvas.tool
        assert isinstance(tool, ObjectSelectTool)
        labels = np.zeros(SIZE, np.int32)
        labels[30:90, 40:120] = 1
        parts = labels.copy()
        parts[30:90, 80:120] = 2
        tool.set_label_maps((LabelMap(labels=labels), LabelMap(labels=parts)))
        assert tool.knows_objects
        hover(canvas, 100, 50)
        click(canvas, 100, 50)
        assert same(selected(session), rectangle(40, 30, 120, 90))
        click(canvas, 100, 50, CONTROL | ALT)
        assert same(selected(session), rectangle(40, 30, 80, 90))
        assert session.history.labels == ("", "Select object", "Select object")

    @pytest.mark.parametrize("by", ["box", "click"])
    def test_elsewhere_it_is_searched_for(self, use: Use, session: Session, qtbot: QtBot, by: str) -> None:
        session.history.apply(edits.step(edits.remove_layers, [LayerId("back")]))
        session.apply("Solid", lambda document: edits.fill_selected(_inside(document), LayerId("square"), (1, 0, 0)))
        session.history.apply(edits.step(edits.deselect))
        canvas = use(ObjectSelectTool)
        if by == "box":
            drag(canvas, (30, 20), (130, 100), modifiers=NONE)
        else:
            click(canvas, 80, 60)
        qtbot.waitUntil(lambda: not canvas.work.is_busy)
        told = selected(session)
        assert told is not None
        wanted = rectangle(40, 30, 120, 90) > 0
        assert (told > 0)[wanted].mean() > 0.95
        assert (told > 0)[~wanted].mean() < 0.01
        (call,) = list(session.history.calls[-1] or ())
        assert call.id == "select_object"

    def test_a_box_off_the_canvas_is_told(self, use: Use, qtbot: QtBot) -> None:
        canvas = use(ObjectSelectTool)
        with qtbot.waitSignal(canvas.notice) as told:
            drag(canvas, (310, 30), (330, 60), modifiers=NONE)
        assert "Nothing is selected" in str(told.args)

    def test_what_cannot_be_found_is_told(self, use: Use, session: Session, qtbot: QtBot) -> None:
        canvas = use(ObjectSelectTool)
        with qtbot.waitSignal(canvas.notice) as told:
            drag(canvas, (298, 30), (310, 60), modifiers=NONE)
        assert "box" in str(told.args)
        assert session.history.labels == ("",)


def _inside(document: Document) -> Document:
    return edits.select_rectangle(document, Rect(40, 30, 120, 90))
