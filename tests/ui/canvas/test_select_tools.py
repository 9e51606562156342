"""The selection tools, by real events: what is selected, how it combines, moving and nudging, telling of nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import Point, Rect
from studio.core.layers import LayerId
from studio.core.selection import Combine
from studio.plugin_api.interactions import LabelMap
from studio.plugin_host.registry import Registry
from studio.session import Session
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tools.select import SelectTool
from studio.ui.canvas.tools.select_box import Style
from studio.ui.canvas.tools.select_lasso import LassoTool, PolygonLassoTool
from studio.ui.canvas.tools.select_object import ObjectSelectTool
from studio.ui.canvas.tools.select_shapes import EllipseSelectTool, RectangleSelectTool
from studio.ui.canvas.tools.select_wand import MagicWandTool
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.conftest import grabbed
from tests.ui.canvas.gestures import at, click, double_click, drag, hover, move

Coverage = NDArray[np.uint8]
Spot = tuple[float, float]
NONE = Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
SIZE = (200, 300)


def same(told: Coverage | None, wanted: object) -> bool:
    """Whether something is selected, and just that."""
    return told is not None and np.array_equal(told, cast("ArrayLike", wanted))


def selected(session: Session) -> Coverage | None:
    selection = session.document.selection
    return None if selection is None else selection.read()


def rectangle(left: int, top: int, right: int, bottom: int) -> Coverage:
    """Pixel by pixel."""
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]]
    return np.where((x >= left) & (x < right) & (y >= top) & (y < bottom), 255, 0).astype(np.uint8)


def sampled(inside: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]]) -> Coverage:
    """Coverage of a shape by 16 x 16 points in each pixel."""
    count = 16
    steps = (np.arange(count) + 0.5) / count
    total = np.zeros(SIZE)
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]].astype(np.float64)
    for down in steps:
        for across in steps:
            total += inside(x + across, y + down)
    return np.rint(255 * total / count**2).astype(np.uint8)


def assert_about(told: Coverage | None, wanted: Coverage, most: int = 12) -> None:
    """Edges of pixels that are cut are as near as the sampling tells; all others are the same."""
    assert told is not None
    gap = np.abs(told.astype(int) - wanted)
    assert gap.max() <= most
    assert gap[(wanted == 0) | (wanted == 255)].max() <= 8


@pytest.fixture
def use(show: Callable[[Session], CanvasView], session: Session) -> Callable[[type[SelectTool]], CanvasView]:
    """A canvas at 100 % with a tool."""

    def use(kind: type[SelectTool]) -> CanvasView:
        canvas = show(session)
        canvas.set_snapping(False)
        canvas.set_tool(kind(ToolKit()))
        return canvas

    return use


@pytest.fixture
def canvas(use: Callable[[type[SelectTool]], CanvasView]) -> CanvasView:
    """With the rectangle."""
    return use(RectangleSelectTool)


Use = Callable[[type[SelectTool]], CanvasView]


class TestRectangle:
    def test_a_drag_selects_whole_pixels_as_one_step(self, canvas: CanvasView, session: Session) -> None:
        drag(canvas, (40, 30), (60, 90), (120, 95), modifiers=NONE)
        assert same(selected(session), rectangle(40, 30, 120, 95))
        assert session.history.labels == ("", "Select rectangle")
        session.history.undo()
        assert selected(session) is None
        session.history.redo()
        assert same(selected(session), rectangle(40, 30, 120, 95))

    @pytest.mark.parametrize("zoom", [0.5, 3.0])
    def test_at_every_zoom_and_angle(self, canvas: CanvasView, session: Session, zoom: float) -> None:
        canvas.set_transform(replace(canvas.transform, zoom=zoom).rotated(90, 0, 0).centered(90, 70, canvas.view_size))
        drag(canvas, (110, 90), (60, 50), modifiers=NONE)
        assert same(selected(session), rectangle(60, 50, 110, 90))

    def test_what_is_off_the_canvas_is_not_selected(self, canvas: CanvasView, session: Session) -> None:
        drag(canvas, (250, 150), (330, 230), modifiers=NONE)
        assert same(selected(session), rectangle(250, 150, 300, 200))

    def test_the_document_changes_only_at_the_end(self, canvas: CanvasView, session: Session) -> None:
        QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 40, 30))
        move(canvas, (90, 80), NONE)
        assert selected(session) is None
        QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 90, 80))
        assert selected(session) is not None

    @pytest.mark.parametrize(
        ("modifiers", "how"),
        [(NONE, Combine.REPLACE), (SHIFT, Combine.ADD), (ALT, Combine.SUBTRACT), (SHIFT | ALT, Combine.INTERSECT)],
    )
    def test_modifiers_at_the_press_combine(
        self, canvas: CanvasView, session: Session, modifiers: Qt.KeyboardModifier, how: Combine
    ) -> None:
        drag(canvas, (40, 30), (120, 90), modifiers=NONE)
        drag(canvas, (200, 150), (80, 60), modifiers=modifiers)
        old, new = rectangle(40, 30, 120, 90) > 0, rectangle(80, 60, 200, 150) > 0
        wanted = {
            Combine.REPLACE: new,
            Combine.ADD: old | new,
            Combine.SUBTRACT: old & ~new,
            Combine.INTERSECT: old & new,
        }[how]
        assert same(selected(session), np.where(wanted, 255, 0))

    def test_a_mode_of_the_options_does_the_same(self, canvas: CanvasView, session: Session) -> None:
        tool = canvas.tool
        assert isinstance(tool, RectangleSelectTool)
        drag(canvas, (40, 30), (120, 90), modifiers=NONE)
        tool.shared.change(combine=Combine.SUBTRACT)
        drag(canvas, (60, 50), (100, 70), modifiers=NONE)
        assert same(selected(session), rectangle(40, 30, 120, 90) - rectangle(60, 50, 100, 70))

    def test_shift_pressed_while_dragging_is_a_square(self, canvas: CanvasView, session: Session) -> None:
        QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 40, 30))
        move(canvas, (100, 50), NONE)
        QTest.keyPress(canvas.surface, Qt.Key.Key_Shift)
        QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, SHIFT, at(canvas, 100, 50))
        QTest.keyRelease(canvas.surface, Qt.Key.Key_Shift)
        assert same(selected(session), rectangle(40, 30, 100, 90))

    def test_alt_pressed_while_dragging_is_from_the_middle(self, canvas: CanvasView, session: Session) -> None:
        QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 100, 80))
        move(canvas, (120, 95), NONE)
        move(canvas, (130, 100), ALT)
        QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, ALT, at(canvas, 130, 100))
        assert same(selected(session), rectangle(70, 60, 130, 100))

    def test_shift_at_the_press_adds_and_shapes_only_when_pressed_again(
        self, canvas: CanvasView, session: Session
    ) -> None:
        drag(canvas, (10, 10), (20, 20), modifiers=NONE)
        drag(canvas, (40, 30), (100, 50), modifiers=SHIFT)
        assert same(selected(session), rectangle(10, 10, 20, 20) + rectangle(40, 30, 100, 50))
        session.history.undo()
        QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, SHIFT, at(canvas, 40, 30))
        move(canvas, (80, 50), SHIFT)
        move(canvas, (90, 50), NONE)
        move(canvas, (100, 50), SHIFT)
        QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, SHIFT, at(canvas, 100, 50))
        assert same(selected(session), rectangle(10, 10, 20, 20) + rectangle(40, 30, 100, 90))

    def test_without_a_selection_shift_shapes_at_once(self, canvas: CanvasView, session: Session) -> None:
        drag(canvas, (40, 30), (100, 50), modifiers=SHIFT)
        assert same(selected(session), rectangle(40, 30, 100, 90))

    def test_space_moves_the_box_while_it_is_dragged(self, canvas: CanvasView, session: Session) -> None:
        view = canvas.transform
        QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 40, 30))
        move(canvas, (80, 60), NONE)
        QTest.keyPress(canvas.surface, Qt.Key.Key_Space)
        move(canvas, (100, 90), NONE)
        QTest.keyRelease(canvas.surface, Qt.Key.Key_Space)
        move(canvas, (110, 95), NONE)
        QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 110, 95))
        assert same(selected(session), rectangle(60, 60, 110, 95))
        assert canvas.transform == view
        QTest.keyPress(canvas.surface, Qt.Key.Key_Space)  # after the drag it pans again
        drag(canvas, (50, 50), (60, 60), modifiers=NONE)
        QTest.keyRelease(canvas.surface, Qt.Key.Key_Space)
        assert canvas.transform != view

    def test_a_fixed_size_is_put_down_by_a_click(self, canvas: CanvasView, session: Session) -> None:
        tool = canvas.tool
        assert isinstance(tool, RectangleSelectTool)
        tool.style.change(style=Style.SIZE, width_px=50, height_px=20)
        click(canvas, 70, 40)
        assert same(selected(session), rectangle(70, 40, 120, 60))

    def test_a_fixed_ratio(self, canvas: CanvasView, session: Session) -> None:
        tool = canvas.tool
        assert isinstance(tool, RectangleSelectTool)
        tool.style.change(style=Style.RATIO, ratio_width=2.0, ratio_height=1.0)
        drag(canvas, (40, 30), (100, 32), modifiers=NONE)
        assert same(selected(session), rectangle(40, 30, 100, 60))

    def test_corners_snap_to_the_edge_of_a_layer(self, canvas: CanvasView, session: Session) -> None:
        canvas.set_snapping(True)
        drag(canvas, (43, 27), (117, 93), modifiers=NONE)
        assert same(selected(session), rectangle(40, 30, 120, 90))
        drag(canvas, (143, 107), (117, 93), modifiers=CONTROL)
        assert same(selected(session), rectangle(117, 93, 143, 107))

    def test_the_size_is_told(self, canvas: CanvasView, qtbot: QtBot) -> None:
        told: list[str] = []
        canvas.status.connect(told.append)
        drag(canvas, (40, 30), (120, 95), modifiers=NONE)
        assert told[-2:] == ["80 × 65 px at 40, 30", ""]

    def test_escape_gives_up(self, canvas: CanvasView, session: Session) -> None:
        QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 40, 30))
        move(canvas, (90, 80), NONE)
        QTest.keyClick(canvas.surface, Qt.Key.Key_Escape)
        QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 90, 80))
        assert session.history.labels == ("",)
        assert isinstance(canvas.tool, SelectTool)
        assert canvas.tool.outline.points == ()

    @pytest.mark.parametrize("stop", [(320, 60), (100, 30)], ids=["off the canvas", "no height"])
    def test_nothing_is_told(self, canvas: CanvasView, session: Session, qtbot: QtBot, stop: Spot) -> None:
        start = (310.0, 30.0) if stop[0] > 300 else (40.0, 30.0)
        with qtbot.waitSignal(canvas.notice) as told:
            drag(canvas, start, stop, modifiers=NONE)
        assert "Nothing is selected" in str(told.args)
        assert session.history.labels == ("",)

    def test_subtracting_all_is_told_and_the_selection_stays(
        self, canvas: CanvasView, session: Session, qtbot: QtBot
    ) -> None:
        drag(canvas, (60, 50), (80, 70), modifiers=NONE)
        with qtbot.waitSignal(canvas.notice) as told:
            drag(canvas, (40, 30), (120, 90), modifiers=ALT)
        assert "select nothing" in str(told.args)
        assert same(selected(session), rectangle(60, 50, 80, 70))

    def test_no_document(self, show: Callable[[Session], CanvasView]) -> None:
        canvas = show(Session(Registry()))
        canvas.set_tool(RectangleSelectTool(ToolKit()))
        drag(canvas, (0, 0), (50, 50), modifiers=NONE)
        QTest.keyClick(canvas.surface, Qt.Key.Key_Left)
        hover(canvas, 3, 3)
        assert not canvas.session.has_document


class TestOutline:
    def test_a_click_outside_deselects(self, canvas: CanvasView, session: Session) -> None:
        drag(canvas, (40, 30), (120, 90), modifiers=NONE)
        click(canvas, 200, 150)
        assert selected(session) is None
        assert session.history.labels[-1] == "Deselect"
        click(canvas, 200, 150)
        assert session.history.labels.count("Deselect") == 1

    def test_a_drag_inside_moves_it(self, canvas: CanvasView, session: Session) -> None:
        drag(canvas, (40, 30), (120, 90), modifiers=NONE)
        drag(canvas, (60, 50), (90, 60), (101, 66), modifiers=NONE)
        assert same(selected(session), rectangle(81, 46, 161, 106))
        assert session.history.labels == ("", "Select rectangle", "Move selection")

    def test_what_is_dragged_off_and_back_in_one_drag_is_whole(self, canvas: CanvasView, session: Session) -> None:
        drag(canvas, (40, 30), (120, 90), modifiers=NONE)
        drag(canvas, (60, 50), (-10, 50), (60, 60), modifiers=NONE)
        assert same(selected(session), rectangle(40, 40, 120, 100))

    def test_with_shift_pressed_on_the_way_it_keeps_to_one_axis(self, canvas: CanvasView, session: Session) -> None:
        drag(canvas, (40, 30), (120, 90), modifiers=NONE)
        QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 60, 50))
        move(canvas, (90, 58), SHIFT)
        QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, SHIFT, at(canvas, 90, 58))
        assert same(selected(session), rectangle(70, 30, 150, 90))

    def test_it_is_drawn_where_it_is_dragged_and_comes_back(self, canvas: CanvasView, session: Session) -> None:
        drag(canvas, (40, 30), (120, 90), modifiers=NONE)
        hover(canvas, 250, 180)

        def drawn(x: int, y: int) -> bool:
            view = at(canvas, x, y)
            rows = grabbed(canvas.surface)[view.y() - 8 : view.y() + 8, view.x() - 1 : view.x() + 2].reshape(-1, 3)
            return bool((rows.max(axis=1) < 20).any() and (rows.min(axis=1) > 235).any())

        assert drawn(40, 60)
        QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 60, 50))
        move(canvas, (80, 50), NONE)
        assert drawn(60, 60)
        assert not drawn(40, 60)
        QTest.keyClick(canvas.surface, Qt.Key.Key_Escape)
        assert drawn(40, 60)
        QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 80, 50))
        assert same(selected(session), rectangle(40, 30, 120, 90))

    def test_off_the_canvas_it_stays(self, canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
        drag(canvas, (40, 30), (60, 50), modifiers=NONE)
        with qtbot.waitSignal(canvas.notice) as told:
            drag(canvas, (50, 40), (-40, 40), modifiers=NONE)
        assert "leave the canvas" in str(told.args)
        assert same(selected(session), rectangle(40, 30, 60, 50))

    def test_arrow_keys_nudge_and_a_burst_is_one_step(self, canvas: CanvasView, session: Session) -> None:
        drag(canvas, (40, 30), (120, 90), modifiers=NONE)
        QTest.keyPress(canvas.surface, Qt.Key.Key_Right)
        QTest.keyPress(canvas.surface, Qt.Key.Key_Right)
        QTest.keyRelease(canvas.surface, Qt.Key.Key_Right)
        QTest.keyClick(canvas.surface, Qt.Key.Key_Up, SHIFT)
        assert same(selected(session), rectangle(42, 20, 122, 80))
        assert session.history.labels == ("", "Select rectangle", "Move selection", "Move selection")

    def test_a_drag_repaints_along_its_line_only(self, canvas: CanvasView) -> None:
        asked: list[Rect] = []
        canvas.tool.repaint.connect(asked.append)
        drag(canvas, (40, 30), (200, 150), (220, 170), modifiers=NONE)
        assert asked
        assert not any(rect.contains_point(Point(100, 80)) for rect in asked)
        assert max(min(rect.width, rect.height) for rect in asked) <= 1

    def test_the_pointer_tells_what_a_press_does(self, canvas: CanvasView, session: Session) -> None:
        drag(canvas, (40, 30), (120, 90), modifiers=NONE)
        hover(canvas, 60, 50)
        assert canvas.surface.cursor().shape() == Qt.CursorShape.SizeAllCursor
        QTest.keyPress(canvas.surface, Qt.Key.Key_Shift)
        added = canvas.surface.cursor()
        assert added.shape() == Qt.CursorShape.BitmapCursor
        QTest.keyRelease(canvas.surface, Qt.Key.Key_Shift)
        assert canvas.surface.cursor().shape() == Qt.CursorShape.SizeAllCursor
        hover(canvas, 200, 150)
        assert canvas.surface.cursor().shape() == Qt.CursorShape.BitmapCursor
        assert canvas.surface.cursor() != added


class TestEllipse:
    @pytest.mark.parametrize("smooth", [True, False])
    def test_it_touches_all_sides(self, use: Use, session: Session, smooth: bool) -> None:
        canvas = use(EllipseSelectTool)
        tool = canvas.tool
        assert isinstance(tool, EllipseSelectTool)
        tool.shared.change(antialias=smooth)
        drag(canvas, (40, 30), (121, 95), modifiers=NONE)

        def inside(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
            return ((x - 80.5) / 40.5) ** 2 + ((y - 62.5) / 32.5) ** 2 <= 1

        if smooth:
            assert_about(selected(session), sampled(inside))
        else:
            y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]] + 0.5
            assert same(selected(session), np.where(inside(x, y), 255, 0))
        assert session.history.labels[-1] == "Select ellipse"

    def test_a_circle_from_its_middle(self, use: Use, session: Session) -> None:
        canvas = use(EllipseSelectTool)
        drag(canvas, (100, 80), (130, 85), modifiers=SHIFT | ALT)
        assert_about(selected(session), sampled(lambda x, y: (x - 100) ** 2 + (y - 80) ** 2 <= 900))


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
