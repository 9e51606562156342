"""Clone, heal, fill, gradient and eyedropper on a real canvas."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.feedback import report
from studio.core.geometry import Point, Size
from studio.core.gradients import GradientStop
from studio.core.history import LabelledEdit
from studio.core.layers import Locks, Mask
from studio.core.painting.inks import Clone
from studio.core.painting.shading import GradientShape
from studio.core.pixels import PixelBuffer
from studio.retouch import heal
from studio.session import Session
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tool import Tool
from studio.ui.canvas.tools.background import BackgroundEdits
from studio.ui.canvas.tools.clone import CloneTool
from studio.ui.canvas.tools.eyedropper import EyedropperTool, color_at
from studio.ui.canvas.tools.fill import FillTool
from studio.ui.canvas.tools.gradient import GradientTool
from studio.ui.canvas.tools.gradient_settings import GradientColors
from studio.ui.canvas.tools.heal import HealTool
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.conftest import grabbed
from tests.ui.canvas.gestures import at, click, drag, hover, move
from tests.ui.canvas.tools.conftest import ALT, NONE, PAPER, RED, SHIFT, TOP, pixels, told
from tests.ui.canvas.tools.test_brush import points

Use = Callable[[Tool], None]


def test_cloning_needs_a_source_and_copies_from_it(
    canvas: CanvasView, session: Session, kit: ToolKit, use: Use
) -> None:
    session.select([PAPER])
    tool = CloneTool(kit)
    tool.brush.change(size_px=20.0, hardness=1.0)
    use(tool)
    words, before = told(canvas), session.document
    click(canvas, 30, 40)
    assert "Alt" in words[0]
    click(canvas, 150, 40, ALT)
    assert tool.source.at == (150.0, 40.0)
    drag(canvas, (30, 40), (50, 60), modifiers=NONE)
    ink = Clone(offset=Point(120, 0), source=PAPER)
    brush = tool.brush.now.brush(2)
    assert session.document == edits.paint_stroke(before, PAPER, brush, ink, points((30, 40), (50, 60)))
    assert tuple(pixels(session, PAPER)[40, 30]) == (30, 180, 60, 255)
    assert session.history.labels == ("", "Brush stroke")


@pytest.mark.parametrize("aligned", [True, False])
def test_the_source_keeps_its_distance_or_its_place(
    canvas: CanvasView, session: Session, kit: ToolKit, use: Use, aligned: bool
) -> None:
    tool = CloneTool(kit)
    tool.settings.change(aligned=aligned, merged=True)
    tool.brush.change(size_px=10.0, hardness=1.0)
    use(tool)
    click(canvas, 90, 40, ALT)
    click(canvas, 20, 40)
    click(canvas, 60, 40)  # 40 further on: the aligned source is at 130 by now, in the green
    there = tuple(int(value) for value in pixels(session, TOP)[40, 60])
    assert there == ((30, 180, 60, 255) if aligned else (20, 40, 200, 255))
    hover(canvas, 70, 40)
    assert tool.source.at == ((140.0, 40.0) if aligned else (90.5, 40.5))


def spotted(session: Session) -> None:
    """Put a dark spot onto the green half of the paper."""
    spot = np.full((8, 8, 4), (0, 0, 0, 255), np.uint8)
    session.history.apply(edits.step(edits.write_pixels, PAPER, Point(150, 70), spot))
    session.select([PAPER])


def test_healing_repairs_in_the_background(
    canvas: CanvasView, session: Session, kit: ToolKit, use: Use, qtbot: QtBot
) -> None:
    spotted(session)
    tool = HealTool(kit)
    use(tool)
    before = session.document
    drag(canvas, (152, 74), (157, 74), modifiers=NONE)
    assert tool.work.is_busy
    assert session.document is before
    veiled = grabbed(canvas.surface)
    qtbot.waitUntil(lambda: not tool.work.is_busy, timeout=240_000)
    assert session.document == heal(before, PAPER, tool.brush.now.brush(1), points((152, 74), (157, 74)), seed=1)
    assert pixels(session, PAPER)[70:78, 150:158, 1].min() > 150
    assert session.history.labels == ("", "Paint", "Heal")
    assert (grabbed(canvas.surface) != veiled).any()
    session.history.undo()
    assert session.document == before


def test_healing_from_a_source(canvas: CanvasView, session: Session, kit: ToolKit, use: Use, qtbot: QtBot) -> None:
    spotted(session)
    tool = HealTool(kit)
    use(tool)
    click(canvas, 154, 110, ALT)
    assert tool.settings.now.from_source
    click(canvas, 154, 74)
    qtbot.waitUntil(lambda: not tool.work.is_busy, timeout=240_000)
    assert pixels(session, PAPER)[70:78, 150:158, 1].min() > 150
    (call,) = list(session.history.calls[-1] or ())
    assert (call.id, call.arguments["offset"]) == ("heal", Point(0, 36))


def test_healing_what_changed_meanwhile_is_refused(
    canvas: CanvasView, session: Session, kit: ToolKit, use: Use, qtbot: QtBot
) -> None:
    spotted(session)
    tool = HealTool(kit)
    use(tool)
    words = told(canvas)
    click(canvas, 154, 74)
    session.history.apply(edits.step(edits.set_opacity, PAPER, 0.5))
    after = session.document
    qtbot.waitUntil(lambda: not tool.work.is_busy, timeout=240_000)
    assert session.document is after
    assert "changed" in words[0]
    session.history.apply(edits.step(edits.set_locks, PAPER, Locks(pixels=True)))
    click(canvas, 154, 74)
    assert not tool.work.is_busy
    assert "locked" in words[1]


def test_edits_in_the_background_wait_for_each_other(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    work = BackgroundEdits()
    busy: list[bool] = []
    work.busy_changed.connect(busy.append)
    for color in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)):
        work.do(canvas, PAPER, edits.step(edits.fill_selected, PAPER, color))
    qtbot.waitUntil(lambda: not work.is_busy)
    assert session.history.labels == ("", "Fill", "Fill")
    assert tuple(pixels(session, PAPER)[0, 0]) == (0, 255, 0, 255)
    assert busy == [True, False]


def test_cancelling_one_drops_those_that_wait_and_tells_nothing(
    canvas: CanvasView, session: Session, qtbot: QtBot
) -> None:
    work, words, before = BackgroundEdits(), told(canvas), session.document
    begun = Event()

    def endless(_: Document) -> Document:
        while True:
            report(0.5)
            begun.set()

    work.do(canvas, PAPER, LabelledEdit("Endless", endless))
    work.do(canvas, PAPER, edits.step(edits.fill_selected, PAPER, RED))
    qtbot.waitUntil(begun.is_set)
    canvas.work.cancel()
    qtbot.waitUntil(lambda: not work.is_busy)
    assert session.document is before
    assert words == []
    work.do(canvas, PAPER, edits.step(edits.fill_selected, PAPER, RED))
    qtbot.waitUntil(lambda: not work.is_busy)
    assert tuple(pixels(session, PAPER)[0, 0]) == (255, 0, 0, 255)


def test_what_waits_is_done_when_another_tool_is_chosen(
    canvas: CanvasView, session: Session, kit: ToolKit, use: Use, qtbot: QtBot
) -> None:
    session.select([PAPER])
    fill, gradient = FillTool(kit), GradientTool(kit)
    use(fill)
    click(canvas, 150, 40)
    click(canvas, 30, 40)
    use(EyedropperTool(kit))
    qtbot.waitUntil(lambda: not fill.work.is_busy)
    use(gradient)
    drag(canvas, (40, 50), (140, 50), modifiers=NONE)
    drag(canvas, (40, 50), (40, 90), modifiers=NONE)
    use(EyedropperTool(kit))
    assert canvas.preview is None
    qtbot.waitUntil(lambda: not gradient.work.is_busy)
    assert session.history.labels == ("", "Bucket fill", "Bucket fill", "Gradient", "Gradient")


def test_heals_that_wait_are_done_when_another_tool_is_chosen(
    canvas: CanvasView, session: Session, kit: ToolKit, use: Use, qtbot: QtBot
) -> None:
    spotted(session)
    tool = HealTool(kit)
    use(tool)
    click(canvas, 30, 40)  # nothing to repair
    drag(canvas, (152, 74), (157, 74), modifiers=NONE)
    use(EyedropperTool(kit))
    qtbot.waitUntil(lambda: not tool.work.is_busy, timeout=240_000)
    assert pixels(session, PAPER)[70:78, 150:158, 1].min() > 150


def test_what_waits_is_dropped_with_its_document(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    work, words, document = BackgroundEdits(), told(canvas), session.document
    for color in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)):
        work.do(canvas, PAPER, edits.step(edits.fill_selected, PAPER, color))
    session.start(document)  # the same layers again
    qtbot.waitUntil(lambda: not work.is_busy)
    assert session.document is document
    assert words == []


def test_a_click_fills_what_is_alike(
    canvas: CanvasView, session: Session, kit: ToolKit, use: Use, qtbot: QtBot
) -> None:
    session.select([PAPER])
    tool = FillTool(kit)
    use(tool)
    before = session.document
    click(canvas, 150, 40)
    qtbot.waitUntil(lambda: not tool.work.is_busy)
    assert session.document == edits.fill_similar(before, PAPER, Point(150, 40), RED, source=PAPER)
    assert tuple(pixels(session, PAPER)[140, 190]) == (255, 0, 0, 255)
    assert tuple(pixels(session, PAPER)[140, 50]) == (20, 40, 200, 255)
    assert session.history.labels == ("", "Bucket fill")
    tool.settings.change(merged=True, tolerance=0, contiguous=False)
    session.select([TOP])
    click(canvas, 20, 20)
    qtbot.waitUntil(lambda: not tool.work.is_busy)
    assert pixels(session, TOP)[75, 50, 3] == 255
    assert pixels(session, TOP)[75, 150, 3] == 0
    click(canvas, 150, 40, ALT)
    assert kit.colors.now.foreground == RED


def test_filling_off_the_canvas_or_a_locked_layer_says_why(
    canvas: CanvasView, session: Session, kit: ToolKit, use: Use, qtbot: QtBot
) -> None:
    tool = FillTool(kit)
    use(tool)
    words, before = told(canvas), session.document
    click(canvas, -20, 40)
    qtbot.waitUntil(lambda: not tool.work.is_busy)
    assert session.document is before
    assert "no picture" in words[0]
    session.history.apply(edits.step(edits.set_locks, TOP, Locks(pixels=True)))
    click(canvas, 20, 40)
    assert "locked" in words[1]


@pytest.mark.parametrize("shape", list(GradientShape))
def test_a_drag_draws_a_gradient(
    canvas: CanvasView, session: Session, kit: ToolKit, use: Use, qtbot: QtBot, shape: GradientShape
) -> None:
    tool = GradientTool(kit)
    tool.settings.change(shape=shape)
    use(tool)
    before = session.document
    drag(canvas, (40, 50), (90, 60), (140, 50), modifiers=NONE)
    qtbot.waitUntil(lambda: not tool.work.is_busy)
    stops = (GradientStop(position=0.0, color=RED), GradientStop(position=1.0, color=(1.0, 1.0, 1.0)))
    assert session.document == edits.draw_gradient(before, TOP, stops, (40.0, 50.0), (140.0, 50.0), shape=shape)
    assert session.history.labels == ("", "Gradient")
    session.history.undo()
    assert session.document == before


def test_the_gradient_is_seen_before_it_is_drawn(
    canvas: CanvasView, session: Session, kit: ToolKit, use: Use, qtbot: QtBot
) -> None:
    tool = GradientTool(kit)
    tool.settings.change(colors=GradientColors.TO_CLEAR, reversed=True, opacity=0.8)
    use(tool)
    before = session.document
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 20, 75))
    move(canvas, (180, 75), NONE)
    qtbot.waitUntil(lambda: canvas.preview is not None and canvas.is_settled)
    shown = canvas.preview
    assert shown is not None
    assert session.document is before
    seen = composite(shown).astype(int)
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 180, 75))
    qtbot.waitUntil(lambda: not tool.work.is_busy)
    assert canvas.preview is None
    assert np.abs(seen - composite(session.document)).max() <= 2


def test_escape_and_a_click_draw_no_gradient(
    canvas: CanvasView, session: Session, kit: ToolKit, use: Use, qtbot: QtBot
) -> None:
    tool = GradientTool(kit)
    use(tool)
    before = session.document
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 20, 75))
    move(canvas, (180, 75), NONE)
    qtbot.waitUntil(lambda: canvas.preview is not None)
    QTest.keyClick(canvas.surface, Qt.Key.Key_Escape)
    assert canvas.preview is None
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 180, 75))
    click(canvas, 60, 60)
    assert not tool.work.is_busy
    assert session.document is before


def test_shift_keeps_the_gradient_straight(
    canvas: CanvasView, session: Session, kit: ToolKit, use: Use, qtbot: QtBot
) -> None:
    tool = GradientTool(kit)
    use(tool)
    drag(canvas, (40, 50), (140, 57), modifiers=SHIFT)
    qtbot.waitUntil(lambda: not tool.work.is_busy)
    (call,) = list(session.history.calls[-1] or ())
    assert call.arguments["end"] == pytest.approx((140.0, 50.0))


def test_the_eyedropper_takes_point_and_mean(canvas: CanvasView, session: Session, kit: ToolKit, use: Use) -> None:
    tool = EyedropperTool(kit)
    use(tool)
    click(canvas, 30, 30)
    assert kit.colors.now.foreground == pytest.approx((20 / 255, 40 / 255, 200 / 255))
    click(canvas, 150, 30, ALT)
    assert kit.colors.now.background == pytest.approx((30 / 255, 180 / 255, 60 / 255))
    tool.settings.change(side=5)
    click(canvas, 100, 30)  # two columns of blue, three of green
    assert kit.colors.now.foreground[0] == pytest.approx((2 * 20 + 3 * 30) / 5 / 255)
    tool.settings.change(merged=False)
    before = kit.colors.now
    click(canvas, 30, 30)  # the layer is empty there
    assert kit.colors.now == before
    session.select([PAPER])
    click(canvas, 30, 30)
    assert kit.colors.now.foreground == pytest.approx((20 / 255, 40 / 255, 200 / 255))


def test_escape_brings_the_old_color_back(canvas: CanvasView, kit: ToolKit, use: Use) -> None:
    use(EyedropperTool(kit))
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 30, 30))
    ringed = grabbed(canvas.surface)
    assert kit.colors.now.foreground != RED
    QTest.keyClick(canvas.surface, Qt.Key.Key_Escape)
    assert kit.colors.now.foreground == RED
    assert (grabbed(canvas.surface) != ringed).any()
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 30, 30))


def test_a_mean_goes_by_alpha_and_stops_at_the_canvas(session: Session) -> None:
    half = np.zeros((2, 2, 4), np.uint8)
    half[0, 0], half[0, 1] = (255, 0, 0, 255), (0, 0, 255, 85)
    document = edits.write_pixels(session.document, TOP, Point(0, 0), half)
    layer = document.layer(TOP)
    assert color_at(document, layer, 0, 0, 3) == pytest.approx((0.75, 0.0, 0.25))  # pyright: ignore[reportArgumentType]
    assert color_at(document, None, 199.5, 149.5, 3) == pytest.approx((30 / 255, 180 / 255, 60 / 255))
    assert color_at(document, None, 300, 10, 1) is None
    assert document.size == Size(200, 150)


def test_fill_and_gradient_work_on_the_mask_that_is_chosen(
    canvas: CanvasView, session: Session, kit: ToolKit, use: Use, qtbot: QtBot
) -> None:
    session.select([PAPER])
    white = Mask(pixels=PixelBuffer.from_array(np.full((150, 200, 1), 255, np.uint8)))
    session.history.apply(edits.step(edits.set_mask, PAPER, white))
    before, samples = session.document, pixels(session, PAPER)
    kit.colors.reset()
    gradient = GradientTool(kit)
    use(gradient)
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 20, 75))
    move(canvas, (180, 75), NONE)
    qtbot.waitUntil(lambda: canvas.preview is not None)
    seen = composite(canvas.preview or before).astype(int)
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 180, 75))
    qtbot.waitUntil(lambda: not gradient.work.is_busy)
    stops = gradient.settings.now.gradient(kit.colors.now)
    assert session.document == edits.draw_gradient(before, PAPER, stops, (20.0, 75.0), (180.0, 75.0), on_mask=True)
    assert np.abs(seen - composite(session.document))[..., 3].max() <= 2
    fill = FillTool(kit)
    use(fill)
    click(canvas, 30, 40)
    qtbot.waitUntil(lambda: not fill.work.is_busy)
    assert composite(session.document)[:, :100, 3].max() == 0
    assert composite(session.document)[75, 190, 3] == 255
    assert np.array_equal(pixels(session, PAPER), samples)
    assert session.history.labels == ("", "Add mask", "Gradient", "Bucket fill")
