"""The lassos by real events: what their line holds, corners set, moved and taken back, telling of nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.geometry import Rect
from studio.session import Session
from studio.ui.canvas.tools.select_lasso import LassoTool, PolygonLassoTool
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.gestures import at, click, double_click, drag, hover, move
from tests.ui.canvas.selections import (
    ALT,
    NONE,
    SHIFT,
    Coverage,
    Spot,
    Use,
    assert_about,
    rectangle,
    same,
    sampled,
    selected,
)


def polygon(corners: tuple[Spot, ...]) -> Coverage:
    """By the even-odd rule at 16 x 16 points in each pixel."""

    def inside(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        out = np.zeros(x.shape, np.bool_)
        for (x0, y0), (x1, y1) in zip(corners, (*corners[1:], corners[0]), strict=True):
            if y0 != y1:
                crosses = (y0 <= y) != (y1 <= y)
                out ^= crosses & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
        return out

    return sampled(inside)


TRIANGLE = ((40.0, 30.0), (160.0, 50.0), (70.0, 140.0))


class TestLasso:
    def test_the_line_is_closed_at_the_end(self, use: Use, session: Session) -> None:
        canvas = use(LassoTool)
        drag(canvas, *TRIANGLE, modifiers=NONE)
        assert_about(selected(session), polygon(TRIANGLE), most=20)
        assert session.history.labels == ("", "Lasso")

    def test_adding(self, use: Use, session: Session) -> None:
        canvas = use(LassoTool)
        session.apply("Start", lambda document: edits.select_rectangle(document, Rect(200, 100, 240, 140)))
        drag(canvas, *TRIANGLE, modifiers=SHIFT)
        wanted = np.maximum(polygon(TRIANGLE), rectangle(200, 100, 240, 140))
        assert_about(selected(session), wanted, most=20)

    def test_a_line_there_and_back_is_told(self, use: Use, session: Session, qtbot: QtBot) -> None:
        canvas = use(LassoTool)
        with qtbot.waitSignal(canvas.notice) as told:
            drag(canvas, (40, 30), (100, 30), modifiers=NONE)
        assert "Nothing is selected" in str(told.args)
        assert session.history.labels == ("",)

    def test_a_new_point_repaints_only_near_it(self, use: Use) -> None:
        canvas = use(LassoTool)
        arc = [(100 + 80 * math.cos(turn / 20), 100 + 80 * math.sin(turn / 20)) for turn in range(95)]
        QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, *arc[0]))
        for spot in arc[1:]:
            move(canvas, spot, NONE)
        asked: list[Rect] = []
        canvas.tool.repaint.connect(asked.append)
        move(canvas, (104, 22), NONE)
        assert 0 < len(asked) < 10  # the new piece, and the lines that close the line before and now
        assert not any(rect.intersect(Rect(0, 103, 300, 200)).area for rect in asked)
        QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 104, 22))


class TestPolygon:
    def corners(self, canvas: CanvasView, modifiers: Qt.KeyboardModifier = NONE) -> None:
        for x, y in TRIANGLE:
            click(canvas, x, y, modifiers)

    @pytest.mark.parametrize("how", ["enter", "start", "double"])
    def test_closing(self, use: Use, session: Session, how: str) -> None:
        canvas = use(PolygonLassoTool)
        if how == "double":
            click(canvas, *TRIANGLE[0])
            click(canvas, *TRIANGLE[1])
            double_click(canvas, *TRIANGLE[2])
        else:
            self.corners(canvas)
            assert session.history.labels == ("",)
            if how == "enter":
                QTest.keyClick(canvas.surface, Qt.Key.Key_Return)
            else:
                click(canvas, TRIANGLE[0][0] + 3, TRIANGLE[0][1] - 2)
        assert_about(selected(session), polygon(TRIANGLE), most=20)
        assert session.history.labels == ("", "Lasso")

    def test_backspace_takes_corners_back_and_escape_all(self, use: Use, session: Session) -> None:
        canvas = use(PolygonLassoTool)
        tool = canvas.tool
        assert isinstance(tool, PolygonLassoTool)
        self.corners(canvas)
        QTest.keyClick(canvas.surface, Qt.Key.Key_Backspace)
        assert len(tool.corners) == 2
        QTest.keyClick(canvas.surface, Qt.Key.Key_Escape)
        assert tool.corners == ()
        QTest.keyClick(canvas.surface, Qt.Key.Key_Return)
        assert session.history.labels == ("",)

    def test_two_corners_are_told(self, use: Use, session: Session, qtbot: QtBot) -> None:
        canvas = use(PolygonLassoTool)
        click(canvas, *TRIANGLE[0])
        click(canvas, *TRIANGLE[1])
        with qtbot.waitSignal(canvas.notice) as told:
            QTest.keyClick(canvas.surface, Qt.Key.Key_Return)
        assert "three corners" in str(told.args)
        assert session.history.labels == ("",)

    def test_the_first_press_says_how_it_combines(self, use: Use, session: Session) -> None:
        canvas = use(PolygonLassoTool)
        session.apply("Start", lambda document: edits.select_rectangle(document, Rect(0, 0, 300, 200)))
        click(canvas, *TRIANGLE[0], ALT)
        click(canvas, *TRIANGLE[1])
        click(canvas, *TRIANGLE[2])
        QTest.keyClick(canvas.surface, Qt.Key.Key_Return)
        assert_about(selected(session), 255 - polygon(TRIANGLE), most=20)

    def test_shift_turns_a_side_to_45_degrees(self, use: Use) -> None:
        canvas = use(PolygonLassoTool)
        tool = canvas.tool
        assert isinstance(tool, PolygonLassoTool)
        click(canvas, 50, 50)
        click(canvas, 100, 53, SHIFT)
        click(canvas, 143, 97, SHIFT)
        assert tool.corners[1] == pytest.approx((100, 50), abs=1e-6)
        assert tool.corners[2][0] - 100 == pytest.approx(tool.corners[2][1] - 50)

    def test_a_drag_moves_the_corner_that_it_set(self, use: Use) -> None:
        canvas = use(PolygonLassoTool)
        tool = canvas.tool
        assert isinstance(tool, PolygonLassoTool)
        drag(canvas, (50, 50), (90, 50), (100, 60), modifiers=NONE)
        assert tool.corners == ((50, 50), (100, 60))
        drag(canvas, (120, 120), (100, 130), modifiers=NONE)
        assert tool.corners == ((50, 50), (100, 60), (100, 130))

    def test_inside_a_selection_a_drag_moves_it(self, use: Use, session: Session) -> None:
        canvas = use(PolygonLassoTool)
        session.apply("Start", lambda document: edits.select_rectangle(document, Rect(40, 30, 120, 90)))
        drag(canvas, (60, 50), (80, 60), modifiers=NONE)
        assert same(selected(session), rectangle(60, 40, 140, 100))

    def test_another_document_forgets_the_corners(self, use: Use, session: Session) -> None:
        canvas = use(PolygonLassoTool)
        tool = canvas.tool
        assert isinstance(tool, PolygonLassoTool)
        self.corners(canvas)
        session.start(session.document)
        hover(canvas, 20, 20)
        assert tool.corners == ()
