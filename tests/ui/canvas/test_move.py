"""The move tool: one undo step for each drag, live, with snapping, locks and guides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import Point, Rect, Size
from studio.core.guides import Guides, guides_of
from studio.core.layers import LayerId, Locks, RasterLayer
from studio.session import Session
from studio.ui.canvas.tools.move import MoveTool
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.conftest import grabbed
from tests.ui.canvas.gestures import at, drag, move

SQUARE = LayerId("square")
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def canvas(show: Callable[[Session], CanvasView], session: Session) -> CanvasView:
    """The canvas at 100 %, with the move tool and the square selected."""
    session.select([SQUARE])
    canvas = show(session)
    canvas.set_tool(MoveTool())
    return canvas


def origin(session: Session) -> Point:
    layer = session.document.layer(SQUARE)
    assert isinstance(layer, RasterLayer)
    return layer.origin


def test_a_drag_moves_live_and_is_one_step(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    seen: list[Point] = []
    held = session.document_changed.connect(lambda news: seen.append(origin(session)))
    drag(canvas, (60, 50), (70, 55), (90, 70), (101, 66))
    held.close()
    assert seen == [Point(50, 35), Point(70, 50), Point(81, 46)]
    assert session.history.labels == ("", "Move layer")
    session.history.undo()
    assert origin(session) == Point(40, 30)


def test_two_drags_are_two_steps(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    drag(canvas, (60, 50), (80, 50))
    drag(canvas, (60, 50), (60, 90))
    assert session.history.labels == ("", "Move layer", "Move layer")


def test_a_drag_back_to_the_start_leaves_no_step(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    drag(canvas, (60, 50), (90, 50), (60, 50))
    assert session.history.labels == ("",)


def test_escape_takes_the_drag_back(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    qtbot.mousePress(canvas.surface, Qt.MouseButton.LeftButton, CONTROL, at(canvas, 60, 50))
    move(canvas, (90, 80), CONTROL)
    assert origin(session) == Point(70, 60)
    qtbot.keyClick(canvas.surface, Qt.Key.Key_Escape)
    assert origin(session) == Point(40, 30)
    qtbot.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, CONTROL, at(canvas, 90, 80))
    assert session.history.labels == ("",)


def test_the_document_may_be_closed_before_a_drag_has_moved(canvas: CanvasView, session: Session) -> None:
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 60, 50))
    session.shut()
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 60, 50))
    assert not session.has_document
    canvas.set_tool(MoveTool())


def test_shift_keeps_to_one_axis(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    drag(canvas, (60, 50), (100, 58), modifiers=CONTROL | SHIFT)
    assert origin(session) == Point(80, 30)


@pytest.mark.parametrize("zoom", [0.5, 2.0])
def test_offsets_are_canvas_pixels_at_every_zoom_and_angle(
    canvas: CanvasView, session: Session, qtbot: QtBot, zoom: float
) -> None:
    canvas.set_transform(replace(canvas.transform, zoom=zoom).rotated(90, 0, 0).centered(100, 80, canvas.view_size))
    drag(canvas, (60, 50), (100, 70))
    assert origin(session) == Point(80, 50)


@pytest.mark.parametrize(
    ("stop", "expected"),
    [((22, 50), Point(0, 30)), ((60, 21), Point(40, 0)), ((129, 50), Point(110, 30)), ((190, 50), Point(170, 30))],
    ids=["left edge of the canvas", "top edge", "middle of the canvas", "nothing near"],
)
def test_moves_snap_to_the_canvas(
    canvas: CanvasView, session: Session, qtbot: QtBot, stop: tuple[float, float], expected: Point
) -> None:
    drag(canvas, (60, 50), stop, modifiers=NONE)
    assert origin(session) == expected


def test_moves_snap_to_guides_unless_switched_off(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    canvas.set_guides(Guides(columns=(205,)))
    drag(canvas, (60, 50), (140, 60), modifiers=NONE)
    assert origin(session) == Point(125, 40)  # its right edge on the guide
    session.history.undo()
    canvas.set_snapping(False)
    drag(canvas, (60, 50), (140, 60), modifiers=NONE)
    assert origin(session) == Point(120, 40)


def test_a_transparent_rim_does_not_snap(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    """A stroke's layer reaches over whole tiles; what snaps is the stroke."""
    square = session.document.layer(SQUARE)
    assert isinstance(square, RasterLayer)
    pixels, shift = square.pixels.grown(Rect(-20, -20, 250, 250))
    wide = replace(square, pixels=pixels, origin=square.origin + shift)
    layers = tuple(wide if layer.id == SQUARE else layer for layer in session.document.layers)
    session.history.apply(lambda document: document.with_layers(layers), "Widen")
    drag(canvas, (60, 50), (22, 50), modifiers=NONE)
    assert origin(session) - shift == Point(0, 30)


def test_a_locked_position_is_told_and_stays(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    session.apply("Lock", lambda document: edits.set_locks(document, SQUARE, Locks(position=True)))
    with qtbot.waitSignal(canvas.notice) as told:
        drag(canvas, (60, 50), (90, 80))
    assert "position" in str(told.args)
    assert origin(session) == Point(40, 30)
    assert session.history.labels[-1] == "Lock"


def test_nothing_selected_is_told(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    session.select([])
    with qtbot.waitSignal(canvas.notice) as told:
        drag(canvas, (60, 50), (90, 80))
    assert "No layer is selected" in str(told.args)


def test_arrow_keys_move_and_a_burst_is_one_step(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    qtbot.keyPress(canvas.surface, Qt.Key.Key_Right)
    qtbot.keyPress(canvas.surface, Qt.Key.Key_Right)
    qtbot.keyRelease(canvas.surface, Qt.Key.Key_Right)
    qtbot.keyClick(canvas.surface, Qt.Key.Key_Up, SHIFT)
    assert origin(session) == Point(42, 20)
    assert session.history.labels == ("", "Move layer", "Move layer")


def test_a_guide_comes_out_of_a_ruler_moves_and_goes(canvas: CanvasView, qtbot: QtBot) -> None:
    canvas.set_rulers_visible(True)
    qtbot.waitUntil(lambda: canvas.surface.x() > 0)
    ruler = canvas.findChild(QWidget, "ruler_left")
    assert ruler is not None
    target = canvas.surface.mapTo(canvas, at(canvas, 120, 60))
    qtbot.mousePress(ruler, Qt.MouseButton.LeftButton, pos=QPoint(5, 50))
    qtbot.mouseRelease(ruler, Qt.MouseButton.LeftButton, pos=ruler.mapFrom(canvas, target))
    assert canvas.guides == Guides(columns=(120,))
    drag(canvas, (120, 20), (150, 20), modifiers=NONE)
    assert canvas.guides == Guides(columns=(150,))
    left = canvas.transform.to_canvas(-5, 0)[0]
    drag(canvas, (150, 20), (left, 20), modifiers=NONE)
    assert canvas.guides == Guides()


def test_a_guide_out_of_a_ruler_goes_to_the_edge_that_is_near(canvas: CanvasView, qtbot: QtBot) -> None:
    canvas.set_rulers_visible(True)
    qtbot.waitUntil(lambda: canvas.surface.x() > 0)
    ruler = canvas.findChild(QWidget, "ruler_left")
    assert ruler is not None
    there = ruler.mapFrom(canvas, canvas.surface.mapTo(canvas, at(canvas, 122, 60)))
    qtbot.mousePress(ruler, Qt.MouseButton.LeftButton, pos=QPoint(5, 50))
    qtbot.mouseRelease(ruler, Qt.MouseButton.LeftButton, pos=there)
    assert canvas.guides == Guides(columns=(120,))  # the layer's right edge


def test_losing_the_focus_takes_the_drag_back(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    qtbot.mousePress(canvas.surface, Qt.MouseButton.LeftButton, CONTROL, at(canvas, 60, 50))
    move(canvas, (90, 80), CONTROL)
    canvas.surface.clearFocus()
    assert origin(session) == Point(40, 30)


def test_the_moved_area_is_painted(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    painted: list[Rect] = []
    canvas.surface.picture.changed.connect(painted.append)
    drag(canvas, (60, 50), (160, 110))
    qtbot.waitUntil(lambda: canvas.is_settled)
    assert Rect.union(painted).contains(Rect(40, 30, 120, 90))
    assert Rect.union(painted).contains(Rect(140, 90, 220, 150))


def test_the_selection_is_outlined_and_the_outline_moves_along(
    canvas: CanvasView, session: Session, qtbot: QtBot
) -> None:
    def outlined(x: int, y: int) -> bool:
        view = at(canvas, x, y)
        shown = grabbed(canvas.surface)[view.y() - 1 : view.y() + 2, view.x() - 1 : view.x() + 2].astype(int)
        accent = canvas.surface.look.accent
        return bool((np.abs(shown - [accent.red(), accent.green(), accent.blue()]).max(axis=-1) < 3).any())

    def any_outlined(x: int) -> bool:
        return any(outlined(x, y) for y in range(40, 60))

    assert any_outlined(40)
    assert not any_outlined(90)
    drag(canvas, (60, 50), (110, 50))
    qtbot.waitUntil(lambda: canvas.is_settled)
    assert any_outlined(90)
    session.select([])
    assert not any_outlined(90)


def test_snapping_shows_the_line_while_it_lasts(canvas: CanvasView, qtbot: QtBot) -> None:
    plain = grabbed(canvas.surface)
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 60, 50))
    move(canvas, (22, 50), NONE)  # the left edge of the canvas attracts
    qtbot.waitUntil(lambda: canvas.is_settled)
    edge = at(canvas, 0, 0).x()
    far = slice(360, 390)  # below the canvas, where nothing else is drawn
    assert (grabbed(canvas.surface)[far, edge - 1 : edge + 2] != plain[far, edge - 1 : edge + 2]).any()
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 22, 50))
    np.testing.assert_array_equal(grabbed(canvas.surface)[far], plain[far])


def test_guides_belong_to_the_document(
    canvas: CanvasView, session: Session, show: Callable[[Session], CanvasView]
) -> None:
    canvas.set_guides(Guides(columns=(40, 90), rows=(12,)))
    assert guides_of(session.document) == Guides((40, 90), (12,))
    assert session.history.undo_label == "Change guides"
    again = Session()
    again.start(session.document)
    assert show(again).guides == Guides((40, 90), (12,))
    session.history.undo()
    assert canvas.guides == Guides()
    session.history.redo()
    assert canvas.guides == Guides((40, 90), (12,))


def test_dragging_a_guide_is_one_step_and_escape_takes_it_back(canvas: CanvasView, session: Session) -> None:
    canvas.set_guides(Guides(columns=(150,)))
    steps = len(session.history.labels)
    drag(canvas, (150, 60), (170, 60), (200, 60))
    assert canvas.guides == Guides(columns=(200,))
    assert len(session.history.labels) == steps + 1
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at(canvas, 200, 60))
    move(canvas, (220, 60), Qt.KeyboardModifier.NoModifier)
    QTest.keyClick(canvas.surface, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at(canvas, 220, 60))
    assert canvas.guides == Guides(columns=(200,))
    assert len(session.history.labels) == steps + 1


def test_a_dragged_guide_snaps_to_canvas_and_layers_but_not_to_other_guides(
    canvas: CanvasView, session: Session
) -> None:
    canvas.set_guides(Guides(columns=(90, 250), rows=(12,)))
    drag(canvas, (90, 150), (123, 150), modifiers=NONE)
    assert canvas.guides.columns == (120, 250)  # the square's right edge
    drag(canvas, (280, 12), (280, 97), modifiers=NONE)
    assert canvas.guides.rows == (100,)  # the middle of the canvas
    drag(canvas, (120, 150), (252, 150), modifiers=NONE)
    assert canvas.guides.columns == (250, 252)
    drag(canvas, (280, 100), (280, 2))  # with Control
    assert canvas.guides.rows == (2,)
    session.history.undo()
    canvas.set_snapping(False)
    drag(canvas, (280, 100), (280, 2), modifiers=NONE)
    assert canvas.guides.rows == (2,)


@pytest.mark.parametrize("told", ["", "[]", "{", '{"columns": 3}', '{"columns": [1.5, "x", true], "rows": null}'])
def test_metadata_that_holds_something_else_is_no_guide(told: str) -> None:
    assert guides_of(Document(size=Size(9, 9), metadata=(("guides", told),))) == Guides()


def test_only_the_outline_is_painted_again_and_only_when_it_moved(
    canvas: CanvasView, session: Session, show: Callable[[Session], CanvasView], qtbot: QtBot
) -> None:
    """The picture paints itself when it is ready; painting it before would cost a frame."""
    asked: list[Rect] = []
    canvas.tool.repaint.connect(asked.append)
    session.history.apply(edits.step(edits.set_opacity, SQUARE, 0.5))
    assert asked == []
    session.history.apply(edits.step(edits.translate, (SQUARE,), Point(50, 20)))
    assert {min(rect.width, rect.height) for rect in asked} == {1}
    assert Rect.union(asked) == Rect(40, 30, 170, 110)
    qtbot.waitUntil(lambda: canvas.is_settled)
    fresh = show(session)
    fresh.set_tool(MoveTool())
    fresh.set_transform(canvas.transform)
    qtbot.waitUntil(lambda: fresh.is_settled)
    assert np.array_equal(grabbed(canvas.surface), grabbed(fresh.surface))
