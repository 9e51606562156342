"""Rectangle and ellipse by real events, and the outline of any: what is selected, how it combines, moving, nudging."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.geometry import Point, Rect
from studio.core.selection import Combine
from studio.plugin_host.registry import Registry
from studio.session import Session
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tools.select import SelectTool
from studio.ui.canvas.tools.select_box import Style
from studio.ui.canvas.tools.select_shapes import EllipseSelectTool, RectangleSelectTool
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.conftest import grabbed
from tests.ui.canvas.gestures import at, click, drag, hover, move
from tests.ui.canvas.selections import (
    ALT,
    CONTROL,
    NONE,
    SHIFT,
    SIZE,
    Spot,
    Use,
    assert_about,
    rectangle,
    same,
    sampled,
    selected,
)


@pytest.fixture
def canvas(use: Callable[[type[SelectTool]], CanvasView]) -> CanvasView:
    """With the rectangle."""
    return use(RectangleSelectTool)


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
