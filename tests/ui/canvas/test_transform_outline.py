"""Transforming the selection's outline with real events: the pixels stay, one undo step, what is seen meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.geometry import Affine, Rect
from studio.core.homography import Homography
from studio.core.resampling import Sampling
from studio.session import Session
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tools.transform import FreeTransformTool
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.conftest import grabbed
from tests.ui.canvas.gestures import at, drag, move

NONE = Qt.KeyboardModifier.NoModifier
BOX = Rect(60, 50, 140, 110)


@pytest.fixture
def tool(show: Callable[[Session], CanvasView], session: Session) -> FreeTransformTool:
    """A frame around the selected box, at 100 %."""
    session.apply("Start", lambda document: edits.select_rectangle(document, BOX))
    canvas = show(session)
    canvas.set_snapping(False)
    kit = ToolKit()
    kit.options("transform", FreeTransformTool().settings.now).change(sampling=Sampling.NEAREST)
    tool = FreeTransformTool(kit)
    tool.work_on_outline()
    canvas.set_tool(tool)
    return tool


@pytest.fixture
def canvas(tool: FreeTransformTool) -> CanvasView:
    assert isinstance(tool.host, CanvasView)
    return tool.host


def selected(session: Session) -> np.ndarray:
    assert session.document.selection is not None
    return session.document.selection.read()


def boxed(session: Session, box: Rect) -> np.ndarray:
    expected = np.zeros((session.document.size.height, session.document.size.width), np.uint8)
    expected[box.slices()] = 255
    return expected


def test_dragging_inside_moves_the_outline_and_not_the_pixels(canvas: CanvasView, session: Session) -> None:
    before = session.document
    drag(canvas, (80, 65), (90, 75), (105, 80))
    assert session.document is before
    QTest.keyClick(canvas.surface, Qt.Key.Key_Return)
    assert np.array_equal(selected(session), boxed(session, Rect(85, 65, 165, 125)))
    assert session.document.layers is before.layers
    assert session.history.labels == ("", "Start", "Transform outline")
    session.history.undo()
    assert session.document is before


def test_a_handle_scales_it_exactly(canvas: CanvasView, session: Session) -> None:
    drag(canvas, (140, 80), (180, 80), (220, 80), modifiers=Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(canvas.surface, Qt.Key.Key_Return)
    assert np.array_equal(selected(session), boxed(session, Rect(60, 50, 220, 110)))


def test_escape_leaves_it_as_it_was(canvas: CanvasView, session: Session, tool: FreeTransformTool) -> None:
    before = session.document
    drag(canvas, (80, 65), (90, 75))
    QTest.keyClick(canvas.surface, Qt.Key.Key_Escape)
    assert session.document is before
    assert tool.framing is None


def test_the_moved_outline_is_seen(canvas: CanvasView, session: Session) -> None:
    spots = [at(canvas, 200, y) for y in range(70, 90)]
    before = grabbed(canvas.surface)
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 80, 65))
    move(canvas, (140, 65), Qt.KeyboardModifier.ControlModifier)
    after = grabbed(canvas.surface)
    assert any((before[spot.y(), spot.x()] != after[spot.y(), spot.x()]).any() for spot in spots)
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 140, 65))


def test_choosing_another_layer_keeps_it_and_another_tool_applies_it(
    canvas: CanvasView, session: Session, tool: FreeTransformTool
) -> None:
    drag(canvas, (80, 65), (90, 65))
    session.select([session.document.layers[0].id])
    assert tool.is_pending
    canvas.set_tool(FreeTransformTool())
    assert session.history.labels == ("", "Start", "Transform outline")
    assert tool.framing is None


def test_without_a_selection_it_says_so(show: Callable[[Session], CanvasView], session: Session, qtbot: QtBot) -> None:
    canvas, tool = show(session), FreeTransformTool()
    tool.work_on_outline()
    with qtbot.waitSignal(canvas.notice) as told:
        canvas.set_tool(tool)
    assert "Nothing is selected" in str(told.args)


def test_core_agrees_with_a_shift_and_a_flip_sample_by_sample(session: Session) -> None:
    rng = np.random.default_rng(3)
    size = session.document.size
    values = rng.integers(0, 256, (size.height, size.width), np.uint8)
    start = edits.combine_selection(session.document, values)
    moved = edits.transform_outline(start, Homography.of(Affine.translation(7, -4)))
    assert moved.selection is not None
    expected = np.zeros_like(values)
    expected[: size.height - 4, 7:] = values[4:, : size.width - 7]
    assert np.array_equal(moved.selection.read(), expected)
    flip = Homography.of(Affine.scale(-1, 1).then(Affine.translation(size.width, 0)))
    flipped = edits.transform_outline(start, flip)
    assert flipped.selection is not None
    assert np.array_equal(flipped.selection.read(), values[:, ::-1])
