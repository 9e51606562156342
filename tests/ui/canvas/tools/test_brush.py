"""Brush, eraser, smudge, lighten and darken on a real canvas: pixels, steps, keys, locks, masks, the pen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.compositing import composite
from studio.core.edits.smudge import Smudge
from studio.core.layers import GroupLayer, Locks, Mask, Place
from studio.core.painting.brush import StrokePoint
from studio.core.painting.inks import Erase, Paint, Tone, ToneRange
from studio.core.pixels import PixelBuffer
from studio.io import formats
from studio.session import Session
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tool import Tool
from studio.ui.canvas.tools.brush import BrushTool, EraserTool, SmudgeTool, ToneTool
from studio.ui.canvas.tools.brush_settings import SIZE_BY_PRESSURE, BrushSettings
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.conftest import grabbed
from tests.ui.canvas.gestures import at, click, drag, hover, move
from tests.ui.canvas.tools.conftest import ALT, NONE, PAPER, RED, SHIFT, TOP, Pen, pixels, told

Use = Callable[[Tool], None]
WAY = ((50.0, 60.0), (90.0, 62.0), (130.0, 80.0))


def points(*way: tuple[float, float]) -> tuple[StrokePoint, ...]:
    """The way with the last stop twice, as press, moves and release bring it."""
    return tuple(StrokePoint(x=x, y=y) for x, y in way)


@pytest.fixture
def brush(kit: ToolKit, use: Use) -> BrushTool:
    tool = BrushTool(kit)
    tool.brush.change(size_px=20.0, hardness=1.0)
    use(tool)
    return tool


def test_a_stroke_is_what_core_paints_and_one_step(
    canvas: CanvasView, session: Session, brush: BrushTool, tmp_path: Path
) -> None:
    before = session.document
    drag(canvas, *WAY, modifiers=NONE)
    exact = edits.paint_stroke(before, TOP, brush.brush.now.brush(1), Paint(color=RED), points(*WAY))
    assert session.document == exact
    assert tuple(pixels(session, TOP)[60, 60]) == (255, 0, 0, 255)
    assert session.history.labels == ("", "Brush stroke")
    path = tmp_path / "painted.ora"
    session.save(path)
    assert np.array_equal(composite(formats.open_document(path).document), composite(session.document))
    session.history.undo()
    assert session.document == before
    session.history.redo()
    assert session.document == exact


def test_it_is_seen_while_it_is_painted(canvas: CanvasView, session: Session, brush: BrushTool, qtbot: QtBot) -> None:
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 50, 60))
    assert pixels(session, TOP)[60, 50, 3] == 255
    move(canvas, (90, 60), NONE)
    qtbot.waitUntil(lambda: pixels(session, TOP)[60, 70, 3] == 255)
    assert not session.history.is_at_rest
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 90, 60))
    assert session.history.is_at_rest
    assert session.history.labels == ("", "Brush stroke")


def test_escape_takes_the_stroke_back(canvas: CanvasView, session: Session, brush: BrushTool, qtbot: QtBot) -> None:
    before = session.document
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 50, 60))
    move(canvas, (90, 60), NONE)
    qtbot.waitUntil(lambda: pixels(session, TOP)[60, 70, 3] == 255)
    QTest.keyClick(canvas.surface, Qt.Key.Key_Escape)
    assert session.document == before
    assert session.history.labels == ("",)
    move(canvas, (120, 60), NONE)
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 120, 60))
    assert session.history.labels == ("",)


def test_undo_while_painting_begins_a_step_anew(
    canvas: CanvasView, session: Session, brush: BrushTool, qtbot: QtBot
) -> None:
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 50, 60))
    session.history.undo()
    assert not pixels(session, TOP).any()
    move(canvas, (90, 60), NONE)
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 90, 60))
    assert session.history.labels == ("", "Brush stroke")
    assert pixels(session, TOP)[60, 50, 3] == 255


def test_shift_goes_straight_on_from_the_last_stroke(canvas: CanvasView, session: Session, brush: BrushTool) -> None:
    click(canvas, 30, 30)
    click(canvas, 150, 110, SHIFT)
    assert pixels(session, TOP)[70, 90, 3] == 255
    assert pixels(session, TOP)[30, 150, 3] == 0
    assert session.history.labels == ("", "Brush stroke", "Brush stroke")


def test_alt_picks_the_color_and_paints_nothing(
    canvas: CanvasView, session: Session, kit: ToolKit, brush: BrushTool
) -> None:
    click(canvas, 30, 30, ALT)
    assert kit.colors.now.foreground == pytest.approx((20 / 255, 40 / 255, 200 / 255))
    assert session.history.labels == ("",)
    QTest.keyPress(canvas.surface, Qt.Key.Key_Alt)
    assert canvas.surface.cursor().shape() == Qt.CursorShape.CrossCursor
    QTest.keyRelease(canvas.surface, Qt.Key.Key_Alt)
    assert canvas.surface.cursor().shape() == Qt.CursorShape.BlankCursor


def test_what_was_painted_with_is_recent(canvas: CanvasView, kit: ToolKit, brush: BrushTool) -> None:
    click(canvas, 30, 30)
    kit.colors.options.change(foreground=(0.0, 0.0, 1.0))
    click(canvas, 60, 30)
    assert kit.colors.now.recent == ("#0000ff", "#ff0000")


def test_digits_set_the_opacity(canvas: CanvasView, session: Session, brush: BrushTool) -> None:
    QTest.keyClick(canvas.surface, Qt.Key.Key_4)
    assert brush.brush.now.opacity == pytest.approx(0.4)
    QTest.keyClick(canvas.surface, Qt.Key.Key_5)
    assert brush.brush.now.opacity == pytest.approx(0.45)
    drag(canvas, (30, 60), (90, 60), (40, 60), modifiers=NONE)  # crosses itself, and covers no more for it
    assert pixels(session, TOP)[60, 60, 3] == round(0.45 * 255)
    QTest.keyClick(canvas.surface, Qt.Key.Key_0)
    assert brush.brush.now.opacity == 1.0


def test_the_outline_has_the_true_size_and_stays_at_the_pointer(canvas: CanvasView, brush: BrushTool) -> None:
    canvas.zoom_to(2.0)
    canvas.surface.repaint()
    plain = grabbed(canvas.surface)
    hover(canvas, 100, 75)
    rows, columns = np.nonzero((grabbed(canvas.surface) != plain).any(axis=2))
    assert 40 <= np.ptp(columns) <= 44, "20 px at 200 %"
    assert 40 <= np.ptp(rows) <= 44
    canvas.set_transform(canvas.transform.panned(30, 0))
    moved = grabbed(canvas.surface)
    QApplication.sendEvent(canvas.surface, QEvent(QEvent.Type.Leave))
    _, after = np.nonzero((moved != grabbed(canvas.surface)).any(axis=2))
    assert abs((after.min() + after.max()) - (columns.min() + columns.max())) <= 2
    brush.resize(3)
    assert brush.brush.now.size_px > 30


def test_the_outline_has_the_shape_of_the_tip(canvas: CanvasView, brush: BrushTool) -> None:
    brush.brush.change(size_px=60.0, roundness=0.3, angle=90.0)
    hover(canvas, 100, 75)
    look = grabbed(canvas.surface).astype(int)
    hover(canvas, 20, 20)
    without = grabbed(canvas.surface).astype(int)
    middle = at(canvas, 100, 75)
    changed = (look != without).any(axis=2)
    assert changed[middle.y() - 32 : middle.y() - 27, middle.x() - 2 : middle.x() + 3].any(), "it stands upright"
    assert not changed[middle.y() - 2 : middle.y() + 3, middle.x() + 24 : middle.x() + 36].any(), "and is narrow"


def test_pressure_and_the_other_end_of_the_pen(canvas: CanvasView, session: Session, brush: BrushTool) -> None:
    brush.brush.change(size_px=40.0, size_by_pressure=SIZE_BY_PRESSURE)
    Pen(canvas).draw((40, 40, 0.1), (60, 40, 0.1))
    Pen(canvas).draw((40, 100, 1.0), (60, 100, 1.0))
    alpha = pixels(session, TOP)[..., 3]
    thin, thick = (alpha[:70, 50] > 0).sum(), (alpha[70:, 50] > 0).sum()
    assert 5 <= thin <= 12
    assert 38 <= thick <= 42
    Pen(canvas, eraser=True).draw((50, 100, 1.0), (50, 101, 1.0))
    assert pixels(session, TOP)[100, 50, 3] == 0
    assert len(session.history.labels) == 4


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (edits.step(edits.set_locks, TOP, Locks(pixels=True)), "locked"),
        (edits.step(edits.set_visible, TOP, False), "hidden"),
    ],
    ids=["locked", "hidden"],
)
def test_what_cannot_be_painted_on_says_why(
    canvas: CanvasView, session: Session, brush: BrushTool, spoil: Callable[..., object], word: str
) -> None:
    session.history.apply(spoil)  # pyright: ignore[reportArgumentType]  # labelled edits
    words, before = told(canvas), session.document
    drag(canvas, *WAY, modifiers=NONE)
    assert session.document is before
    assert len(words) == 1
    assert word in words[0]


def test_groups_and_nothing_chosen_say_why(canvas: CanvasView, session: Session, brush: BrushTool) -> None:
    session.history.apply(edits.step(edits.group_layers, (TOP,)))
    (group,) = (layer.id for layer in session.document.layers if isinstance(layer, GroupLayer))
    words, before = told(canvas), session.document
    session.select([group])
    click(canvas, 60, 60)
    session.select([])
    click(canvas, 60, 60)
    assert ["group" in words[0], "No layer" in words[1]] == [True, True]
    assert session.document is before


def test_locked_transparency_keeps_alpha(canvas: CanvasView, session: Session, brush: BrushTool) -> None:
    session.select([PAPER])
    session.history.apply(edits.step(edits.set_locks, PAPER, Locks(alpha=True)))
    drag(canvas, *WAY, modifiers=NONE)
    now = pixels(session, PAPER)
    assert tuple(now[60, 60]) == (255, 0, 0, 255)
    assert (now[..., 3] == 255).all()


def test_a_new_mask_is_painted_on_in_grey(canvas: CanvasView, session: Session, kit: ToolKit, brush: BrushTool) -> None:
    session.select([PAPER])
    white = Mask(pixels=PixelBuffer.from_array(np.full((150, 200, 1), 255, np.uint8)))
    session.history.apply(edits.step(edits.set_mask, PAPER, white))
    assert kit.target.mask_of == PAPER
    kit.colors.options.change(foreground=(0.0, 0.0, 0.0))
    before = pixels(session, PAPER)
    drag(canvas, *WAY, modifiers=NONE)
    mask = session.document.layer(PAPER).mask
    assert mask is not None
    assert mask.pixels.read()[60, 60, 0] == 0
    assert np.array_equal(pixels(session, PAPER), before)
    assert composite(session.document)[60, 60, 3] == 0
    kit.target.choose(None)
    click(canvas, 150, 120)
    assert tuple(pixels(session, PAPER)[120, 150]) == (0, 0, 0, 255)
    session.select([TOP])
    session.select([PAPER])
    assert kit.target.mask_of is None


def test_adjustments_are_painted_on_their_mask(
    canvas: CanvasView, session: Session, kit: ToolKit, brush: BrushTool
) -> None:
    from studio.core.adjustments import Invert
    from studio.core.layers import AdjustmentLayer, LayerId

    layer = AdjustmentLayer(id=LayerId("invert"), name="Invert", adjustment=Invert())
    session.history.apply(edits.step(edits.add_layers, (layer,), Place(None, 2)))
    session.select([layer.id])
    words = told(canvas)
    click(canvas, 60, 60)
    assert "no pixels" in words[0]
    white = Mask(pixels=PixelBuffer.from_array(np.full((150, 200, 1), 255, np.uint8)))
    session.history.apply(edits.step(edits.set_mask, layer.id, white))
    kit.target.choose(None)
    kit.colors.reset()
    click(canvas, 60, 60)
    mask = session.document.layer(layer.id).mask
    assert mask is not None
    assert mask.pixels.read()[60, 60, 0] == 0


def test_the_eraser_takes_away(canvas: CanvasView, session: Session, kit: ToolKit, use: Use) -> None:
    session.select([PAPER])
    tool = EraserTool(kit)
    use(tool)
    before = session.document
    drag(canvas, *WAY, modifiers=NONE)
    assert pixels(session, PAPER)[60, 60, 3] == 0
    assert session.document == edits.paint_stroke(before, PAPER, tool.brush.now.brush(1), Erase(), points(*WAY))


def test_smudging_is_what_core_smears(canvas: CanvasView, session: Session, kit: ToolKit, use: Use) -> None:
    session.select([PAPER])
    tool = SmudgeTool(kit)
    use(tool)
    QTest.keyClick(canvas.surface, Qt.Key.Key_8)
    assert tool.settings.now.strength == pytest.approx(0.8)
    before = session.document
    drag(canvas, (90, 75), (110, 75), (120, 75), modifiers=NONE)
    stroke = Smudge(before, PAPER, tool.brush.now.brush(1), tool.settings.now.strength)
    stroke.extend(points((90, 75), (110, 75), (120, 75)))
    stroke.finish()
    assert session.document == stroke.document
    assert pixels(session, PAPER)[75, 108, 2] > 70, "blue was carried into the green"
    assert session.history.labels == ("", "Smudge")


@pytest.mark.parametrize("darkens", [False, True])
@pytest.mark.parametrize("held", [NONE, ALT])
def test_lighten_and_darken(
    canvas: CanvasView, session: Session, kit: ToolKit, use: Use, darkens: bool, held: Qt.KeyboardModifier
) -> None:
    session.select([PAPER])
    tool = ToneTool(kit, darkens=darkens)
    tool.settings.change(range=ToneRange.SHADOWS)
    use(tool)
    before = session.document
    drag(canvas, *WAY, modifiers=held)
    exposure = 0.3 if darkens == (held == ALT) else -0.3
    ink = Tone(exposure=exposure, range=ToneRange.SHADOWS)
    assert session.document == edits.paint_stroke(before, PAPER, tool.brush.now.brush(1), ink, points(*WAY))
    assert (pixels(session, PAPER)[60, 60, 0] > 20) == (exposure > 0)


def test_smudging_and_tones_work_on_the_mask_that_is_chosen(
    canvas: CanvasView, session: Session, kit: ToolKit, use: Use
) -> None:
    values = np.full((150, 200, 1), 255, np.uint8)
    values[:, :100] = 60
    session.select([PAPER])
    session.history.apply(edits.step(edits.set_mask, PAPER, Mask(pixels=PixelBuffer.from_array(values))))
    before, samples = session.document, pixels(session, PAPER)
    smudging = SmudgeTool(kit)
    use(smudging)
    drag(canvas, (90, 75), (110, 75), (120, 75), modifiers=NONE)
    way = points((90, 75), (110, 75), (120, 75))
    smeared = edits.smudge(before, PAPER, smudging.brush.now.brush(1), way, on_mask=True)
    assert session.document == smeared
    tone = ToneTool(kit, darkens=False)
    use(tone)
    drag(canvas, *WAY, modifiers=NONE)
    lighter = edits.paint_stroke(
        smeared, PAPER, tone.brush.now.brush(1), Tone(exposure=0.3), points(*WAY), on_mask=True
    )
    assert session.document == lighter
    mask = lighter.layer(PAPER).mask
    assert mask is not None
    assert 60 < mask.pixels.read()[75, 108, 0] < 255, "the dark half was carried into the white one"
    assert mask.pixels.read()[62, 70, 0] > 80
    assert np.array_equal(pixels(session, PAPER), samples)


@pytest.mark.parametrize("end", [(130.0, 68.0), (56.0, 120.0)])
def test_shift_while_painting_keeps_to_a_row_or_a_column(
    canvas: CanvasView, session: Session, brush: BrushTool, qtbot: QtBot, end: tuple[float, float]
) -> None:
    brush.brush.change(size_px=6.0)
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 50, 60))
    move(canvas, end, SHIFT)
    move(canvas, (end[0] + 4, end[1] + 3), SHIFT)
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, SHIFT, at(canvas, end[0] + 4, end[1] + 3))
    rows, columns = np.nonzero(pixels(session, TOP)[..., 3])
    thick = np.ptp(rows) if end[0] > 100 else np.ptp(columns)
    assert thick <= 6


def test_changing_the_tool_takes_a_stroke_back(
    canvas: CanvasView, session: Session, kit: ToolKit, brush: BrushTool
) -> None:
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 50, 60))
    assert session.history.labels == ("", "Brush stroke")
    canvas.set_tool(EraserTool(kit))
    assert session.history.labels == ("",)
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 50, 60))
    assert not pixels(session, TOP).any()


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="size_px"):
        replace(BrushSettings(), size_px=0.0)
    assert ToolKit({"brush": {"size_px": -4.0}}).options("brush", BrushSettings()).now == BrushSettings()
