"""Free transform with real events: handles, keys, numbers, what is seen meanwhile and what becomes of the document."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.adjustments import Invert
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.geometry import Affine, Point, Rect
from studio.core.guides import Guides
from studio.core.homography import Homography
from studio.core.layers import AdjustmentLayer, LayerId, Locks, Mask, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.core.resampling import Sampling
from studio.session import Session
from studio.ui.canvas.tools.move import MoveTool
from studio.ui.canvas.tools.transform import FreeTransformTool, Mode
from studio.ui.canvas.tools.transform_options import NumberField, TransformOptions
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.conftest import grabbed
from tests.ui.canvas.gestures import at, drag, hover, move

BACK, SQUARE = LayerId("back"), LayerId("square")
NONE = Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def canvas(show: Callable[[Session], CanvasView], session: Session) -> CanvasView:
    """The canvas at 100 % with the square chosen: 80 x 60 at (40, 30)."""
    session.select([SQUARE])
    canvas = show(session)
    canvas.set_snapping(False)
    return canvas


@pytest.fixture
def tool(canvas: CanvasView) -> FreeTransformTool:
    tool = FreeTransformTool()
    canvas.set_tool(tool)
    return tool


def square(session: Session) -> RasterLayer:
    layer = session.document.layer(SQUARE)
    assert isinstance(layer, RasterLayer)
    return layer


def press(canvas: CanvasView, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(canvas.surface, key, modifiers)


def test_a_corner_scales_in_proportion_and_enter_makes_one_step(
    canvas: CanvasView, tool: FreeTransformTool, session: Session
) -> None:
    start = session.document
    drag(canvas, (120, 90), (160, 100), (200, 150), modifiers=NONE)
    assert session.document is start
    assert tool.framing is not None
    assert tool.framing.bounds == Rect(40, 30, 200, 150)
    press(canvas, Qt.Key.Key_Return)
    assert square(session).bounds == Rect(40, 30, 200, 150)
    assert (square(session).pixels.read() == (250, 40, 40, 160)).all()
    assert session.history.labels == ("", "Transform layer")
    session.history.undo()
    assert session.document is start


def test_shift_and_the_link_let_go_of_the_proportions(
    canvas: CanvasView, tool: FreeTransformTool, session: Session
) -> None:
    drag(canvas, (120, 90), (200, 80), modifiers=SHIFT)
    press(canvas, Qt.Key.Key_Return)
    assert square(session).bounds == Rect(40, 30, 200, 80)
    tool.settings.change(linked=False)
    canvas.set_tool(MoveTool())
    canvas.set_tool(tool)
    drag(canvas, (200, 80), (140, 110), modifiers=NONE)
    press(canvas, Qt.Key.Key_Return)
    assert square(session).bounds == Rect(40, 30, 140, 110)


def test_sides_scale_one_way_and_alt_works_from_the_pivot(
    canvas: CanvasView, tool: FreeTransformTool, session: Session
) -> None:
    drag(canvas, (120, 60), (150, 70), modifiers=NONE)
    assert tool.framing is not None
    assert tool.framing.bounds == Rect(40, 30, 150, 90)
    drag(canvas, (95, 90), (95, 100), modifiers=ALT)
    assert tool.framing.bounds == Rect(40, 20, 150, 100)
    press(canvas, Qt.Key.Key_Return)
    assert square(session).bounds == Rect(40, 20, 150, 100)


def test_moving_by_whole_pixels_is_exact_and_shares_every_tile(
    canvas: CanvasView, tool: FreeTransformTool, session: Session
) -> None:
    before = square(session)
    drag(canvas, (60, 50), (71, 45), modifiers=NONE)
    press(canvas, Qt.Key.Key_Right)
    press(canvas, Qt.Key.Key_Down, SHIFT)
    press(canvas, Qt.Key.Key_Return)
    after = square(session)
    assert after.origin == Point(40 + 11 + 1, 30 - 5 + 10)
    assert after.pixels is before.pixels
    assert session.history.labels == ("", "Move layer")


def test_outside_turns_and_shift_makes_right_angles_exact(
    canvas: CanvasView, tool: FreeTransformTool, session: Session
) -> None:
    samples = np.random.default_rng(3).integers(1, 256, (60, 80, 4), dtype=np.uint8)
    session.history.apply(edits.step(edits.write_pixels, SQUARE, Point(40, 30), samples))
    drag(canvas, (160, 60), (150, 120), (82, 140), modifiers=SHIFT)
    assert tool.framing is not None
    assert tool.framing.placement is not None
    assert tool.framing.placement.degrees == 90
    press(canvas, Qt.Key.Key_Return)
    assert square(session).bounds == Rect(50, 20, 110, 100)
    np.testing.assert_array_equal(square(session).pixels.read(), np.rot90(samples, -1))


def test_the_result_is_made_from_the_original_pixels_once(
    canvas: CanvasView, tool: FreeTransformTool, session: Session
) -> None:
    start = session.document
    drag(canvas, (160, 60), (150, 90), modifiers=NONE)
    drag(canvas, (60, 60), (80, 70), modifiers=NONE)
    drag(canvas, (160, 60), (150, 90), modifiers=NONE)
    assert tool.framing is not None
    framing = tool.framing
    press(canvas, Qt.Key.Key_Enter)
    wanted = edits.transform_layers(start, [SQUARE], framing.move)
    assert session.document == wanted


def test_escape_and_the_button_leave_everything_as_it_was(
    canvas: CanvasView, tool: FreeTransformTool, session: Session, qtbot: QtBot
) -> None:
    start, plain = session.document, composite(session.document)
    drag(canvas, (160, 60), (150, 90), modifiers=NONE)
    with qtbot.waitSignal(canvas.tool_done):
        press(canvas, Qt.Key.Key_Escape)
    assert session.document is start
    assert session.history.labels == ("",)
    qtbot.waitUntil(lambda: canvas.is_settled)
    assert canvas.surface.picture.pixel(80, 60) == tuple(plain[60, 80])
    canvas.set_tool(MoveTool())
    canvas.set_tool(tool)
    options = tool.options(canvas)
    drag(canvas, (60, 60), (70, 60), modifiers=NONE)
    QTest.mouseClick(options.discard, Qt.MouseButton.LeftButton)
    assert session.document is start
    assert tool.framing is None


def test_escape_in_a_drag_takes_back_the_drag_alone(
    canvas: CanvasView, tool: FreeTransformTool, session: Session
) -> None:
    drag(canvas, (60, 60), (70, 60), modifiers=NONE)
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 70, 60))
    move(canvas, (90, 80), NONE)
    press(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 90, 80))
    assert tool.framing is not None
    assert tool.framing.bounds == Rect(50, 30, 130, 90)


def test_undo_goes_back_one_drag_at_a_time(canvas: CanvasView, tool: FreeTransformTool, session: Session) -> None:
    drag(canvas, (60, 60), (70, 60), modifiers=NONE)
    drag(canvas, (70, 60), (70, 90), modifiers=NONE)
    assert tool.framing is not None
    assert tool.framing.bounds == Rect(50, 60, 130, 120)
    press(canvas, Qt.Key.Key_Z, CONTROL)
    assert tool.framing.bounds == Rect(50, 30, 130, 90)
    press(canvas, Qt.Key.Key_Z, CONTROL)
    assert tool.framing.bounds == Rect(40, 30, 120, 90)
    assert session.history.labels == ("",)


def test_another_tool_applies_and_asks_nothing(canvas: CanvasView, tool: FreeTransformTool, session: Session) -> None:
    drag(canvas, (120, 90), (200, 150), modifiers=NONE)
    canvas.set_tool(MoveTool())
    assert square(session).bounds == Rect(40, 30, 200, 150)
    assert session.history.labels == ("", "Transform layer")


def test_nothing_done_leaves_no_step(canvas: CanvasView, tool: FreeTransformTool, session: Session) -> None:
    press(canvas, Qt.Key.Key_Return)
    assert session.history.labels == ("",)


def test_several_layers_and_a_linked_mask_go_together(
    canvas: CanvasView, session: Session, tool: FreeTransformTool
) -> None:
    mask = Mask(pixels=PixelBuffer.from_array(np.full((60, 80, 1), 200, np.uint8)), origin=Point(40, 30))
    session.history.apply(edits.step(edits.set_mask, SQUARE, mask))
    session.select([SQUARE, BACK])
    start = session.document
    assert tool.framing is not None
    assert tool.framing.rect == Rect(0, 0, 300, 200)
    drag(canvas, (300, 200), (150, 100), modifiers=NONE)
    press(canvas, Qt.Key.Key_Return)
    assert square(session).bounds == Rect(20, 15, 60, 45)
    moved = square(session).mask
    assert moved is not None
    assert moved.bounds == Rect(20, 15, 60, 45)
    half = Homography.of(Affine.scale(0.5, 0.5))
    assert session.document == edits.transform_layers(start, [BACK, SQUARE], half)


def test_choosing_other_layers_applies_and_begins_with_them(
    canvas: CanvasView, tool: FreeTransformTool, session: Session
) -> None:
    drag(canvas, (60, 60), (70, 60), modifiers=NONE)
    session.select([BACK])
    assert square(session).origin == Point(50, 30)
    assert tool.framing is not None
    assert tool.framing.rect == Rect(0, 0, 300, 200)


@pytest.mark.parametrize(
    ("keys", "stop", "corners"),
    [
        (CONTROL, (140, 20), ((40, 30), (140, 20), (120, 90), (40, 90))),
        (CONTROL | ALT | SHIFT, (110, 31), ((50, 30), (110, 30), (120, 90), (40, 90))),
    ],
    ids=["distort", "perspective"],
)
def test_control_and_a_corner_bends(
    canvas: CanvasView,
    tool: FreeTransformTool,
    session: Session,
    keys: Qt.KeyboardModifier,
    stop: tuple[float, float],
    corners: tuple[tuple[float, float], ...],
) -> None:
    start = session.document
    drag(canvas, (120, 30), stop, modifiers=keys)
    assert tool.framing is not None
    np.testing.assert_allclose(tool.framing.corners, corners, atol=1e-6)
    press(canvas, Qt.Key.Key_Return)
    move_ = Homography.between(Homography().corners(Rect(40, 30, 120, 90)), corners)
    wanted = edits.transform_layers(start, [SQUARE], move_).layer(SQUARE)
    assert isinstance(wanted, RasterLayer)
    assert square(session).bounds == wanted.bounds
    assert np.abs(square(session).pixels.read().astype(int) - wanted.pixels.read()).max() <= 1


def test_modes_do_without_keys(canvas: CanvasView, tool: FreeTransformTool) -> None:
    tool.set_mode(Mode.SKEW)
    drag(canvas, (80, 30), (100, 35), modifiers=NONE)
    assert tool.framing is not None
    np.testing.assert_allclose(tool.framing.corners, ((60, 30), (140, 30), (120, 90), (40, 90)), atol=1e-6)
    tool.reset()
    tool.set_mode(Mode.ROTATE)
    drag(canvas, (110, 60), (80, 85), modifiers=SHIFT)
    assert tool.framing.placement is not None
    assert tool.framing.placement.degrees == 90


def test_the_pivot_can_be_moved_and_is_turned_about(canvas: CanvasView, tool: FreeTransformTool) -> None:
    drag(canvas, (80, 60), (42, 32), modifiers=NONE)  # near the corner, which attracts it
    assert tool.framing is not None
    assert tool.framing.pivot_now == (40, 30)
    drag(canvas, (140, 30), (40, 130), modifiers=SHIFT)
    assert tool.framing.bounds == Rect(-20, 30, 40, 110)


def test_frames_snap_to_guides_and_the_canvas(canvas: CanvasView, tool: FreeTransformTool, session: Session) -> None:
    canvas.set_snapping(True)
    canvas.set_guides(Guides(columns=(205,)))
    drag(canvas, (60, 60), (143, 100), modifiers=NONE)
    assert tool.framing is not None
    assert tool.framing.bounds.right == 205
    drag(canvas, (205, 100), (296, 100), modifiers=NONE)
    assert tool.framing.bounds.right == 300
    drag(canvas, (150, 100), (147, 100), modifiers=CONTROL)
    assert tool.framing.bounds.right == 297


def test_numbers_are_shown_and_taken(
    canvas: CanvasView, tool: FreeTransformTool, session: Session, qtbot: QtBot
) -> None:
    options = tool.options(canvas)
    qtbot.addWidget(options)
    options.adjustSize()
    options.show()
    assert [field.value() for field in options.fields] == [80, 60, 100, 100, 0, 0]
    type_into(options.width_field, "150")
    assert [field.value() for field in options.fields] == [80, 60, 150, 150, 0, 0]
    QTest.mouseClick(options.linked, Qt.MouseButton.LeftButton)
    type_into(options.height_field, "50")
    assert [field.value() for field in options.fields] == [80, 60, 150, 50, 0, 0]
    type_into(options.x_field, "100")
    type_into(options.angle_field, "90")
    assert tool.framing is not None
    assert tool.framing.bounds == Rect(85, 0, 115, 120)
    assert canvas.surface.hasFocus()  # Return gave the keys back
    press(canvas, Qt.Key.Key_Return)
    assert square(session).bounds == Rect(85, 0, 115, 120)
    assert not options.apply.isEnabled()


def type_into(field: NumberField, words: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, words)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_a_perspective_has_no_numbers_and_says_so(canvas: CanvasView, tool: FreeTransformTool, qtbot: QtBot) -> None:
    options = tool.options(canvas)
    qtbot.addWidget(options)
    drag(canvas, (120, 30), (140, 20), modifiers=CONTROL)
    assert not options.width_field.isEnabled()
    assert "perspective" in options.width_field.toolTip()
    QTest.mouseClick(options.reset, Qt.MouseButton.LeftButton)
    assert options.width_field.isEnabled()
    assert options.width_field.value() == 100


def test_the_chosen_interpolation_is_used(canvas: CanvasView, tool: FreeTransformTool, session: Session) -> None:
    start = session.document
    tool.settings.change(sampling=Sampling.NEAREST)
    drag(canvas, (160, 60), (150, 90), modifiers=NONE)
    assert tool.framing is not None
    framing = tool.framing
    press(canvas, Qt.Key.Key_Return)
    assert session.document == edits.transform_layers(start, [SQUARE], framing.move, sampling=Sampling.NEAREST)


def test_the_preview_is_what_the_result_will_be(
    canvas: CanvasView, tool: FreeTransformTool, session: Session, qtbot: QtBot
) -> None:
    drag(canvas, (160, 60), (150, 90), (130, 110), modifiers=NONE)
    drag(canvas, (80, 50), (150, 90), modifiers=NONE)
    qtbot.waitUntil(lambda: canvas.is_settled)
    assert tool.framing is not None
    wanted = composite(edits.transform_layers(session.document, [SQUARE], tool.framing.move))
    for x, y in ((150, 90), (145, 80), (60, 45), (20, 20), (280, 180)):
        shown = canvas.surface.picture.pixel(x, y)
        assert shown is not None
        assert np.abs(np.array(shown) - wanted[y, x]).max() <= 3
    press(canvas, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: canvas.is_settled)
    assert canvas.surface.picture.pixel(60, 45) == tuple(composite(session.document)[45, 60])


@pytest.mark.parametrize("locks", [Locks(position=True), Locks(pixels=True), Locks(alpha=True)])
def test_locked_layers_are_told(canvas: CanvasView, session: Session, qtbot: QtBot, locks: Locks) -> None:
    session.apply("Lock", lambda document: edits.set_locks(document, SQUARE, locks))
    with qtbot.waitSignal(canvas.notice) as told:
        canvas.set_tool(FreeTransformTool())
    assert "locked" in str(told.args)
    drag(canvas, (120, 90), (200, 150), modifiers=NONE)
    canvas.set_tool(MoveTool())
    assert session.history.labels == ("", "Lock")


def test_hidden_layers_and_adjustments_are_told(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    adjustment = AdjustmentLayer(id=LayerId("invert"), name="Invert", adjustment=Invert())
    session.apply("Add", lambda document: document.with_layers((*document.layers, adjustment)))
    session.select([LayerId("invert")])
    with qtbot.waitSignal(canvas.notice) as told:
        canvas.set_tool(FreeTransformTool())
    assert "nothing to transform" in str(told.args)
    canvas.set_tool(MoveTool())
    session.select([SQUARE])
    session.history.apply(edits.step(edits.set_visible, SQUARE, False))
    with qtbot.waitSignal(canvas.notice) as hidden:
        canvas.set_tool(FreeTransformTool())
    assert "is hidden" in str(hidden.args)


def test_an_edit_meanwhile_is_kept_and_one_of_the_layer_begins_anew(
    canvas: CanvasView, tool: FreeTransformTool, session: Session
) -> None:
    drag(canvas, (60, 60), (70, 60), modifiers=NONE)
    session.history.apply(edits.step(edits.set_opacity, BACK, 0.5))
    session.history.apply(edits.step(edits.set_opacity, SQUARE, 0.5))
    assert tool.framing is not None
    assert tool.framing.bounds == Rect(50, 30, 130, 90)
    session.history.apply(edits.step(edits.translate, (SQUARE,), Point(5, 5)))
    assert tool.framing.bounds == Rect(45, 35, 125, 95)
    session.history.apply(edits.step(edits.remove_layers, (SQUARE,)))
    assert tool.framing is None or tool.framing.rect == Rect(0, 0, 300, 200)


def test_another_document_drops_the_transform(
    canvas: CanvasView, tool: FreeTransformTool, session: Session, document: Document
) -> None:
    drag(canvas, (60, 60), (70, 60), modifiers=NONE)
    session.start(document)
    assert tool.framing is None
    canvas.set_tool(MoveTool())
    assert session.history.labels == ("",)


def test_what_is_selected_is_transformed_alone(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    session.select([BACK])
    session.history.apply(edits.step(edits.select_rectangle, Rect(150, 100, 210, 140)))
    start = session.document
    tool = FreeTransformTool()
    canvas.set_tool(tool)
    assert tool.framing is not None
    assert tool.framing.rect == Rect(150, 100, 210, 140)
    drag(canvas, (170, 110), (190, 150), modifiers=CONTROL)
    qtbot.waitUntil(lambda: canvas.is_settled)
    wanted = edits.transform_selected(start, BACK, Homography.of(Affine.translation(20, 40)))
    assert canvas.surface.picture.pixel(200, 170) == tuple(composite(wanted)[170, 200])
    press(canvas, Qt.Key.Key_Return)
    assert session.document == wanted
    assert session.history.undo_label == "Transform selection"
    session.history.undo()
    assert session.document is start


def test_another_selection_meanwhile_begins_anew(canvas: CanvasView, session: Session) -> None:
    session.select([BACK])
    session.history.apply(edits.step(edits.select_rectangle, Rect(150, 100, 210, 140)))
    tool = FreeTransformTool()
    canvas.set_tool(tool)
    drag(canvas, (170, 110), (190, 150), modifiers=CONTROL)
    session.history.apply(edits.step(edits.select_rectangle, Rect(10, 100, 50, 140)))
    assert tool.framing is not None
    assert tool.framing.rect == Rect(10, 100, 50, 140)
    canvas.set_tool(MoveTool())
    assert session.history.undo_label == "Select rectangle"


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every transform counts as long."""
    monkeypatch.setattr("studio.ui.canvas.tools.transform.AT_ONCE_PX", 0)


@pytest.mark.usefixtures("long")
class TestLongOnes:
    """Transforms that are worked out beside the window."""

    def test_the_tool_waits_and_it_is_one_step(
        self, canvas: CanvasView, tool: FreeTransformTool, session: Session, qtbot: QtBot
    ) -> None:
        start = session.document
        drag(canvas, (160, 60), (150, 90), modifiers=NONE)
        assert tool.framing is not None
        framing = tool.framing
        with qtbot.waitSignal(canvas.tool_done):
            press(canvas, Qt.Key.Key_Return)
            assert session.document is start
            drag(canvas, (80, 60), (90, 60), modifiers=NONE)
            assert tool.framing == framing
        assert session.document == edits.transform_layers(start, [SQUARE], framing.move)
        assert session.history.labels == ("", "Transform layer")

    def test_another_tool_does_not_wait_for_the_end(
        self, canvas: CanvasView, tool: FreeTransformTool, session: Session, qtbot: QtBot
    ) -> None:
        drag(canvas, (160, 60), (150, 90), modifiers=NONE)
        assert tool.framing is not None
        wanted = edits.transform_layers(session.document, [SQUARE], tool.framing.move)
        press(canvas, Qt.Key.Key_Return)
        canvas.set_tool(MoveTool())
        assert session.document == wanted
        qtbot.wait(0)
        assert len(session.history.labels) == 2

    def test_edits_meanwhile_are_kept(
        self, canvas: CanvasView, tool: FreeTransformTool, session: Session, qtbot: QtBot
    ) -> None:
        drag(canvas, (160, 60), (150, 90), modifiers=NONE)
        assert tool.framing is not None
        move_ = tool.framing.move
        with qtbot.waitSignal(canvas.tool_done):
            press(canvas, Qt.Key.Key_Return)
            session.history.apply(edits.step(edits.set_opacity, SQUARE, 0.5))
            between = session.document
        assert session.document == edits.transform_layers(between, [SQUARE], move_)

    def test_escape_gives_it_up(
        self, canvas: CanvasView, tool: FreeTransformTool, session: Session, qtbot: QtBot
    ) -> None:
        start = session.document
        drag(canvas, (160, 60), (150, 90), modifiers=NONE)
        press(canvas, Qt.Key.Key_Return)
        press(canvas, Qt.Key.Key_Escape)
        assert tool.framing is None
        qtbot.waitUntil(lambda: not any(thread.name == "canvas-transform" for thread in threading.enumerate()))
        assert session.document is start


def test_the_pointer_tells_what_a_press_would_do(canvas: CanvasView, tool: FreeTransformTool) -> None:
    def shape(x: float, y: float) -> Qt.CursorShape:
        hover(canvas, x, y)
        return QCursor(canvas.surface.cursor()).shape()

    assert shape(120, 90) is Qt.CursorShape.SizeFDiagCursor
    assert shape(120, 30) is Qt.CursorShape.SizeBDiagCursor
    assert shape(120, 60) is Qt.CursorShape.SizeHorCursor
    assert shape(80, 30) is Qt.CursorShape.SizeVerCursor
    assert shape(60, 45) is Qt.CursorShape.SizeAllCursor
    assert shape(80, 60) is Qt.CursorShape.CrossCursor
    assert shape(200, 150) is Qt.CursorShape.BitmapCursor


def test_the_frame_is_drawn_where_it_is(canvas: CanvasView, tool: FreeTransformTool) -> None:
    drag(canvas, (60, 45), (160, 95), modifiers=NONE)
    shown = grabbed(canvas.surface).astype(int)
    corner = at(canvas, 140, 80)
    patch = shown[corner.y() - 2 : corner.y() + 3, corner.x() - 2 : corner.x() + 3]
    assert (patch == 255).all(axis=-1).any()


def test_the_options_are_in_the_order_they_are_read(canvas: CanvasView, tool: FreeTransformTool, qtbot: QtBot) -> None:
    options = tool.options(canvas)
    qtbot.addWidget(options)
    assert isinstance(options, TransformOptions)
    assert all(field.accessibleName() and field.toolTip() for field in options.fields)
