"""The crop tool with real events: frames, proportions, straightening, and what becomes of what is cropped."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.geometry import Point, Rect, Size
from studio.core.guides import Guides
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.session import Session
from studio.ui.canvas.cropping import CropFrame
from studio.ui.canvas.interactions.handles import Handle
from studio.ui.canvas.tools.crop import CropTool
from studio.ui.canvas.tools.crop_options import CropOptions
from studio.ui.canvas.tools.transform_options import NumberField
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.conftest import grabbed
from tests.ui.canvas.gestures import at, click, drag, hover

NONE, SHIFT, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def canvas(show: Callable[[Session], CanvasView], session: Session) -> CanvasView:
    canvas = show(session)
    canvas.set_snapping(False)
    return canvas


@pytest.fixture
def tool(canvas: CanvasView) -> CropTool:
    tool = CropTool()
    canvas.set_tool(tool)
    return tool


@pytest.fixture
def options(tool: CropTool, canvas: CanvasView, qtbot: QtBot) -> CropOptions:
    options = tool.options(canvas)
    assert isinstance(options, CropOptions)
    qtbot.addWidget(options)
    options.adjustSize()
    options.show()
    return options


def press(canvas: CanvasView, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(canvas.surface, key, modifiers)


def rect(tool: CropTool) -> Rect:
    assert tool.frame is not None
    return tool.frame.rect


def type_into(field: NumberField, words: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, words)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_a_drag_draws_a_frame_and_enter_crops_and_hides(canvas: CanvasView, tool: CropTool, session: Session) -> None:
    start = session.document
    drag(canvas, (50, 40), (90, 60), (150, 120), modifiers=NONE)
    assert rect(tool) == Rect(50, 40, 150, 120)
    assert session.document is start
    press(canvas, Qt.Key.Key_Return)
    assert session.document == edits.crop(start, Rect(50, 40, 150, 120))
    assert session.document.size == Size(100, 80)
    back = session.document.layer(LayerId("back"))
    assert isinstance(back, RasterLayer)
    assert (back.origin, back.pixels.size) == (Point(-50, -40), Size(300, 200))
    assert session.history.labels == ("", "Crop")
    assert rect(tool) == Rect(0, 0, 100, 80)
    session.history.undo()
    assert session.document is start
    assert rect(tool) == Rect(0, 0, 300, 200)


def test_what_is_cropped_goes_when_asked(
    canvas: CanvasView, tool: CropTool, options: CropOptions, session: Session
) -> None:
    assert not options.delete_cropped.isChecked()
    QTest.mouseClick(options.delete_cropped, Qt.MouseButton.LeftButton, pos=options.delete_cropped.rect().center())
    drag(canvas, (50, 40), (150, 120), modifiers=NONE)
    QTest.mouseClick(options.apply, Qt.MouseButton.LeftButton)
    back = session.document.layer(LayerId("back"))
    assert isinstance(back, RasterLayer)
    assert (back.origin, back.pixels.size) == (Point(0, 0), Size(100, 80))


def test_handles_resize_beyond_the_canvas_which_extends_it(
    canvas: CanvasView, tool: CropTool, session: Session
) -> None:
    start = composite(session.document)
    drag(canvas, (300, 200), (330, 220), modifiers=NONE)
    drag(canvas, (0, 110), (-20, 110), modifiers=NONE)
    assert rect(tool) == Rect(-20, 0, 330, 220)
    click(canvas, 100, 100)
    QTest.mouseDClick(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 100, 100))
    assert session.document.size == Size(350, 220)
    shown = composite(session.document)
    np.testing.assert_array_equal(shown[:200, 20:320], start)
    assert not shown[200:].any()


def test_the_frame_moves_by_drag_and_keys_and_escape_resets(
    canvas: CanvasView, tool: CropTool, session: Session, qtbot: QtBot
) -> None:
    drag(canvas, (50, 40), (150, 120), modifiers=NONE)
    drag(canvas, (80, 80), (90, 70), modifiers=NONE)
    assert rect(tool) == Rect(60, 30, 160, 110)
    press(canvas, Qt.Key.Key_Left, SHIFT)
    press(canvas, Qt.Key.Key_Down)
    assert rect(tool) == Rect(50, 31, 150, 111)
    press(canvas, Qt.Key.Key_Escape)
    assert rect(tool) == Rect(0, 0, 300, 200)
    with qtbot.waitSignal(canvas.tool_done):
        press(canvas, Qt.Key.Key_Escape)
    assert session.history.labels == ("",)


def test_shift_keeps_the_proportion_and_alt_the_middle(canvas: CanvasView, tool: CropTool) -> None:
    drag(canvas, (100, 50), (180, 90), modifiers=SHIFT)
    assert rect(tool) == Rect(100, 50, 180, 130)
    drag(canvas, (180, 90), (200, 90), modifiers=ALT)
    assert rect(tool) == Rect(80, 50, 200, 130)
    drag(canvas, (200, 130), (260, 135), modifiers=SHIFT)
    assert rect(tool) == Rect(80, 50, 260, 170)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("1:1", Rect(50, 0, 250, 200)), ("16:9", Rect(0, 15, 300, 184)), ("original", Rect(0, 0, 300, 200))],
)
def test_proportions_fit_into_the_frame(
    canvas: CanvasView, tool: CropTool, options: CropOptions, name: str, wanted: Rect
) -> None:
    options.ratio.setCurrentIndex(options.ratio.findData(name))
    options.ratio.activated.emit(options.ratio.currentIndex())
    assert rect(tool) == wanted
    drag(canvas, (wanted.right, wanted.bottom), (wanted.right - 60, wanted.bottom - 9), modifiers=NONE)
    assert rect(tool).width / rect(tool).height == pytest.approx(wanted.width / wanted.height, abs=0.01)
    assert rect(tool).origin == wanted.origin
    QTest.mouseClick(options.swap, Qt.MouseButton.LeftButton)
    assert rect(tool).width / rect(tool).height == pytest.approx(wanted.height / wanted.width, abs=0.02)


def test_sizes_are_exact_and_extend(canvas: CanvasView, tool: CropTool, session: Session) -> None:
    tool.choose_ratio("1920x1080")
    assert rect(tool).size == Size(1920, 1080)
    press(canvas, Qt.Key.Key_Return)
    assert session.document.size == Size(1920, 1080)
    square = session.document.layer(LayerId("square"))
    assert square.bounds.origin == Point(40 + 810, 30 + 440)


def test_dragging_outside_straightens(canvas: CanvasView, tool: CropTool, session: Session) -> None:
    start = session.document
    drag(canvas, (50, 40), (150, 120), modifiers=NONE)
    drag(canvas, (180, 80), (100, 150), modifiers=SHIFT)
    assert tool.frame == CropFrame(Rect(50, 40, 150, 120), 90)
    press(canvas, Qt.Key.Key_Enter)
    assert session.document == edits.crop_turned(start, Rect(50, 40, 150, 120), 90)
    assert session.history.labels == ("", "Crop and straighten")
    session.history.undo()
    assert session.document is start


def large(session: Session) -> None:
    """A picture of 1.44 megapixels in the place of the small one."""
    samples = np.zeros((1200, 1200, 4), np.uint8)
    samples[...] = (90, 120, 150, 255)
    layer = RasterLayer(id=LayerId("back"), name="Back", pixels=PixelBuffer.from_array(samples))
    session.start(Document(size=Size(1200, 1200), layers=(layer,)))


def test_a_large_picture_is_turned_beside_the_window(
    canvas: CanvasView, tool: CropTool, session: Session, qtbot: QtBot
) -> None:
    large(session)
    start = session.document
    tool.set_degrees(10)
    press(canvas, Qt.Key.Key_Return)
    press(canvas, Qt.Key.Key_Return)  # once is enough
    assert session.document is start
    assert canvas.work.is_busy
    session.history.apply(edits.step(edits.rename, LayerId("back"), "Meanwhile"))
    qtbot.waitUntil(lambda: not canvas.work.is_busy)
    assert session.history.labels == ("", "Rename layer", "Crop and straighten")
    assert session.document == edits.crop_turned(edits.rename(start, LayerId("back"), "Meanwhile"), start.canvas, 10)


def test_what_was_turned_for_another_frame_is_dropped(
    canvas: CanvasView, tool: CropTool, session: Session, qtbot: QtBot
) -> None:
    large(session)
    tool.set_degrees(10)
    press(canvas, Qt.Key.Key_Return)
    tool.set_degrees(20)  # another frame: what is worked out is not wanted any more
    qtbot.waitUntil(lambda: not canvas.work.is_busy)
    assert session.history.labels == ("",)
    press(canvas, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(session.history.labels) == 2)


def test_a_turned_frame_keeps_the_other_side_where_it_is(canvas: CanvasView, tool: CropTool) -> None:
    tool.set_size(100, 60)
    tool.set_degrees(30)
    assert tool.frame is not None
    before = tool.frame.framing
    x, y = before.at(Handle(1, 0))
    cos, sin = math.cos(math.radians(30)), math.sin(math.radians(30))
    drag(canvas, (x, y), (x + 40 * cos, y + 40 * sin), modifiers=NONE)
    assert tool.frame.rect.size == Size(140, 60)
    after = tool.frame.framing
    np.testing.assert_allclose(after.at(Handle(-1, 0)), before.at(Handle(-1, 0)), atol=1.5)


def test_numbers_are_shown_and_taken(
    canvas: CanvasView, tool: CropTool, options: CropOptions, session: Session
) -> None:
    assert [field.value() for field in (options.width_field, options.height_field, options.angle_field)] == [
        300,
        200,
        0,
    ]
    type_into(options.width_field, "200")
    assert rect(tool) == Rect(50, 0, 250, 200)
    tool.choose_ratio("1:1")
    type_into(options.height_field, "120")
    assert rect(tool).size == Size(120, 120)
    type_into(options.angle_field, "5.25")
    assert tool.frame is not None
    assert tool.frame.degrees == 5.25
    assert canvas.surface.hasFocus()


def test_the_frame_snaps_to_guides_and_the_canvas(canvas: CanvasView, tool: CropTool) -> None:
    canvas.set_snapping(True)
    canvas.set_guides(Guides(columns=(120,), rows=(130,)))
    drag(canvas, (10, 10), (123, 128), modifiers=NONE)
    assert rect(tool) == Rect(10, 10, 120, 130)
    drag(canvas, (10, 10), (3, -4), modifiers=NONE)
    assert rect(tool) == Rect(0, 0, 120, 130)


def test_a_selection_is_the_first_frame(canvas: CanvasView, session: Session) -> None:
    session.history.apply(edits.step(edits.select_rectangle, Rect(20, 30, 90, 80)))
    tool = CropTool()
    canvas.set_tool(tool)
    assert rect(tool) == Rect(20, 30, 90, 80)


def test_what_would_go_is_shaded_and_thirds_are_drawn(canvas: CanvasView, tool: CropTool) -> None:
    plain = grabbed(canvas.surface).astype(int)
    drag(canvas, (60, 40), (240, 160), modifiers=NONE)
    shown = grabbed(canvas.surface).astype(int)

    def brightness(picture: np.ndarray, x: int, y: int) -> int:
        view = at(canvas, x, y)
        return int(picture[view.y(), view.x()].sum())

    assert brightness(shown, 280, 180) < 0.6 * brightness(plain, 280, 180)
    assert brightness(shown, 90, 150) == brightness(plain, 90, 150)
    assert brightness(shown, 120, 60) != brightness(plain, 120, 60)


def test_the_view_stays_where_it_was(canvas: CanvasView, tool: CropTool, session: Session) -> None:
    corner = canvas.transform.to_view(50, 40)
    drag(canvas, (50, 40), (150, 120), modifiers=NONE)
    press(canvas, Qt.Key.Key_Return)
    assert canvas.transform.to_view(0, 0) == pytest.approx(corner, abs=1)


def test_the_pointer_tells_what_a_press_would_do(canvas: CanvasView, tool: CropTool) -> None:
    def shape(x: float, y: float) -> Qt.CursorShape:
        hover(canvas, x, y)
        return QCursor(canvas.surface.cursor()).shape()

    assert shape(100, 60) is Qt.CursorShape.CrossCursor
    drag(canvas, (60, 40), (240, 160), modifiers=NONE)
    assert shape(100, 60) is Qt.CursorShape.SizeAllCursor
    assert shape(240, 100) is Qt.CursorShape.SizeHorCursor
    assert shape(280, 180) is Qt.CursorShape.BitmapCursor
