"""Quick mask: the selection in red, painted on by brush and eraser with real events."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.geometry import Point, Rect
from studio.session import Session
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tools.brush import BrushTool, EraserTool, SmudgeTool
from studio.ui.canvas.tools.fill import FillTool
from studio.ui.canvas.tools.gradient import GradientTool
from studio.ui.canvas.tools.heal import HealTool
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.conftest import grabbed
from tests.ui.canvas.gestures import at, click, drag, move

NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def kit(canvas: CanvasView, session: Session) -> ToolKit:
    """The brush of 20 px on the quick mask, of which a box is selected."""
    session.apply("Start", lambda document: edits.select_rectangle(document, Rect(100, 50, 200, 150)))
    kit = ToolKit()
    kit.target.choose_selection(True)
    canvas.set_quick_mask(True)
    tool = BrushTool(kit)
    tool.brush.change(size_px=20.0, hardness=1.0)
    canvas.set_tool(tool)
    return kit


def value(session: Session, x: int, y: int) -> int:
    selection = session.document.selection
    assert selection is not None
    return int(selection.read(Rect(x, y, x + 1, y + 1))[0, 0])


def reddened(canvas: CanvasView, x: int, y: int) -> bool:
    view = at(canvas, x, y)
    tinted = grabbed(canvas.surface)[view.y(), view.x()].astype(int)
    canvas.set_quick_mask(False)
    plain = grabbed(canvas.surface)[view.y(), view.x()].astype(int)
    canvas.set_quick_mask(True)
    return bool((tinted[1:] < plain[1:] - 5).all())


def test_what_is_not_selected_is_red_and_the_ants_are_gone(canvas: CanvasView, session: Session, kit: ToolKit) -> None:
    assert reddened(canvas, 250, 180)
    assert not reddened(canvas, 150, 100)


def test_black_takes_away_and_white_adds_as_one_step_each(canvas: CanvasView, session: Session, kit: ToolKit) -> None:
    back = session.document.layers
    drag(canvas, (110, 100), (150, 100), (190, 100), modifiers=NONE)
    assert (value(session, 150, 100), value(session, 150, 130)) == (0, 255)
    kit.colors.swap()
    drag(canvas, (20, 20), (60, 20), modifiers=NONE)
    assert value(session, 40, 20) == 255
    assert session.document.layers is back
    assert session.history.labels[-2:] == ("Paint selection", "Paint selection")
    session.history.undo()
    session.history.undo()
    assert (value(session, 150, 100), value(session, 40, 20)) == (255, 0)


def test_the_eraser_takes_away(canvas: CanvasView, session: Session, kit: ToolKit) -> None:
    canvas.set_tool(EraserTool(kit))
    click(canvas, 150, 100)
    assert value(session, 150, 100) == 0


def test_escape_takes_the_stroke_back(canvas: CanvasView, session: Session, kit: ToolKit) -> None:
    before = session.document.selection
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 150, 100))
    move(canvas, (160, 100), NONE)
    assert value(session, 150, 100) == 0
    QTest.keyClick(canvas.surface, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 160, 100))
    assert session.document.selection == before
    assert session.history.labels == ("", "Start")


def test_only_what_is_painted_is_painted_again(
    canvas: CanvasView, session: Session, kit: ToolKit, qtbot: QtBot
) -> None:
    (quick,) = [overlay for overlay in canvas.surface._overlays if type(overlay).__name__ == "QuickMask"]
    asked: list[Rect] = []
    quick.repaint.connect(asked.append)
    click(canvas, 150, 100)
    assert asked
    assert all(isinstance(rect, Rect) for rect in asked)
    assert Rect.union(asked).contains_point(Point(150, 100))
    assert reddened(canvas, 150, 100)


def test_smudging_carries_the_selection_on(canvas: CanvasView, session: Session, kit: ToolKit) -> None:
    canvas.set_tool(SmudgeTool(kit))
    drag(canvas, (190, 100), (205, 100), (215, 100), modifiers=NONE)
    assert value(session, 204, 100) > 60
    assert session.history.labels == ("", "Start", "Smudge selection")


def test_the_bucket_and_the_gradient_work_on_it(
    canvas: CanvasView, session: Session, kit: ToolKit, qtbot: QtBot
) -> None:
    kit.colors.options.change(foreground=(1.0, 1.0, 1.0), background=(0.0, 0.0, 0.0))
    layers = session.document.layers
    canvas.set_tool(FillTool(kit))
    click(canvas, 20, 20)
    qtbot.waitUntil(lambda: value(session, 20, 20) == 255)
    canvas.set_tool(GradientTool(kit))
    drag(canvas, (100, 100), (150, 100), (200, 100), modifiers=NONE)
    qtbot.waitUntil(lambda: value(session, 210, 100) == 0)
    assert (value(session, 90, 100), abs(value(session, 150, 100) - 127) < 4) == (255, True)
    assert session.history.labels == ("", "Start", "Fill selection", "Gradient on selection")
    assert session.document.layers is layers


def test_another_selection_meanwhile_is_told(canvas: CanvasView, session: Session, kit: ToolKit, qtbot: QtBot) -> None:
    canvas.set_tool(FillTool(kit))
    with qtbot.waitSignal(canvas.notice) as told:
        click(canvas, 20, 20)
        session.history.apply(edits.step(edits.invert_selection))
    assert "meanwhile" in str(told.args)
    assert session.history.labels[-1] == "Invert selection"


def test_healing_says_that_it_does_not_work_on_it(
    canvas: CanvasView, session: Session, kit: ToolKit, qtbot: QtBot
) -> None:
    canvas.set_tool(HealTool(kit))
    with qtbot.waitSignal(canvas.notice) as told:
        click(canvas, 150, 100)
    assert "quick mask" in str(told.args)
    assert session.history.labels == ("", "Start")


def test_leaving_it_paints_on_layers_again(canvas: CanvasView, session: Session, kit: ToolKit) -> None:
    kit.target.choose_selection(False)
    canvas.set_quick_mask(False)
    session.history.apply(edits.step(edits.deselect))
    click(canvas, 150, 100)
    assert session.document.selection is None
    assert session.history.labels[-1] == "Brush stroke"


def test_painting_all_away_is_told(canvas: CanvasView, session: Session, kit: ToolKit, qtbot: QtBot) -> None:
    tool = canvas.tool
    assert isinstance(tool, BrushTool)
    tool.brush.change(size_px=900.0)
    with qtbot.waitSignal(canvas.notice) as told:
        click(canvas, 150, 100)
    assert "select nothing" in str(told.args)
    assert np.array_equal(value(session, 150, 100), 255)
