"""The gradient tool's own gradient: made with real events, drawn as core draws it, kept between runs."""

from __future__ import annotations

import tomllib
from collections.abc import Callable

import numpy as np
import pytest
import tomli_w
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.compositing import Compositor, composite
from studio.core.document import Document
from studio.core.geometry import Rect, Size
from studio.core.layers import RasterLayer
from studio.core.pixels import PixelBuffer
from studio.session import Session
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.options import Options
from studio.ui.canvas.tool import Tool
from studio.ui.canvas.tools.flyout import Flyout
from studio.ui.canvas.tools.gradient import GradientTool
from studio.ui.canvas.tools.gradient_page import GradientPage
from studio.ui.canvas.tools.gradient_settings import GradientColors, GradientSettings, stops_of, table_of
from studio.ui.canvas.view import CanvasView
from studio.ui.panels.properties.gradient import PRESETS
from tests.ui.canvas.gestures import at, drag, move
from tests.ui.canvas.tools.conftest import NONE, PAPER, pixels

Use = Callable[[Tool], None]


@pytest.fixture
def tool(kit: ToolKit, use: Use) -> GradientTool:
    tool = GradientTool(kit)
    use(tool)
    return tool


@pytest.fixture
def holder(tool: GradientTool, qtbot: QtBot) -> QWidget:
    """A window with the gradient tool's option line."""
    holder = QWidget()
    qtbot.addWidget(holder)
    tool.options(holder)
    holder.show()
    return holder


@pytest.fixture
def page(holder: QWidget) -> GradientPage:
    flyout = next(iter(holder.findChildren(Flyout)))
    QTest.mouseClick(flyout, Qt.MouseButton.LeftButton)
    assert isinstance(flyout.page, GradientPage)
    return flyout.page


def test_a_preset_its_stops_and_their_opacity_are_drawn(
    canvas: CanvasView, session: Session, kit: ToolKit, tool: GradientTool, page: GradientPage, qtbot: QtBot
) -> None:
    page.editor.presets.setFocus()
    QTest.keyClick(page.editor.presets, Qt.Key.Key_Down)
    QTest.keyClick(page.editor.presets, Qt.Key.Key_Down)
    chosen = page.editor.presets.currentIndex() - 1
    assert tool.settings.now.colors is GradientColors.OWN
    assert stops_of(tool.settings.now.stops) == PRESETS[chosen][1]
    QTest.keyClick(page.editor.bar, Qt.Key.Key_Insert)
    for _ in range(2):
        QTest.keyClick(page.opacity, Qt.Key.Key_PageDown)
    stops = stops_of(tool.settings.now.stops)
    assert len(stops) == len(PRESETS[chosen][1]) + 1
    assert min(stop.opacity for stop in stops) == pytest.approx(0.8)
    before = session.document
    drag(canvas, (20, 75), (180, 75), modifiers=NONE)
    qtbot.waitUntil(lambda: not tool.work.is_busy)
    exact = edits.draw_gradient(before, session.selection[0], stops, (20.0, 75.0), (180.0, 75.0))
    assert session.document == exact


def test_reversed_runs_the_other_way() -> None:
    table = ((0.0, 1.0, 0.0, 0.0, 1.0), (0.3, 0.0, 1.0, 0.0, 0.5), (1.0, 0.0, 0.0, 1.0, 1.0))
    paints = ToolKit().colors.now
    there = GradientSettings(colors=GradientColors.OWN, stops=table).gradient(paints)
    back = GradientSettings(colors=GradientColors.OWN, stops=table, reversed=True).gradient(paints)
    assert table_of(there) == table
    assert [stop.position for stop in back] == pytest.approx([0.0, 0.7, 1.0])
    assert [stop.color for stop in back] == [stop.color for stop in reversed(there)]


def test_it_is_kept_and_faulty_ones_are_not_taken(tool: GradientTool, page: GradientPage) -> None:
    QTest.keyClick(page.editor.bar, Qt.Key.Key_Insert)
    kept = tomllib.loads(tomli_w.dumps({"tools": tool.kit.table}))["tools"]
    assert ToolKit(kept).options("gradient", GradientSettings()).now == tool.settings.now
    for faulty in ([[0.5, 2.0, 0.0, 0.0, 1.0]], [[0.1, 0.2]], [["a", 0.0, 0.0, 0.0, 1.0]], []):
        assert Options(GradientSettings(), {"stops": faulty}).now == GradientSettings()


@pytest.mark.parametrize("on_mask", [False, True])
def test_a_large_preview_in_few_pixels_looks_like_the_edit(
    canvas: CanvasView, session: Session, kit: ToolKit, tool: GradientTool, qtbot: QtBot, on_mask: bool
) -> None:
    paper = np.full((1500, 2000, 4), 255, np.uint8)
    layer = RasterLayer(id=PAPER, name="Paper", pixels=PixelBuffer.from_array(paper))
    session.start(edits.mask_from_selection(Document(size=Size(2000, 1500), layers=(layer,)), PAPER))
    session.select([PAPER])
    kit.target.choose(PAPER if on_mask else None)
    canvas.fit()
    size = canvas.view_size
    part = canvas.transform.seen(Rect(0, 0, size.width, size.height)).intersect(session.document.canvas)
    assert part.area > 1_000_000, "so that a pixel of the preview stands for several"
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 200, 300))
    move(canvas, (1700, 1200), NONE)
    qtbot.waitUntil(lambda: canvas.preview is not None)
    assert canvas.preview is not None
    seen = Compositor().render(canvas.preview, part).astype(int)  # as the canvas does
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 1700, 1200))
    qtbot.waitUntil(lambda: not tool.work.is_busy)
    assert np.abs(seen - composite(session.document, part)).max() <= 4
    assert pixels(session, PAPER).shape[:2] == (1500, 2000)
