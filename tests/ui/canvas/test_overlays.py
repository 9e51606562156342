"""Selection outline, mask tint and brush outline, compared with the picture without them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from studio.core.geometry import Point, Rect
from studio.ui.canvas.overlays import BrushOutline, MarchingAnts, MaskTint, Preview
from studio.ui.canvas.tool import Overlay
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.conftest import grabbed


def added(canvas: CanvasView, overlay: Overlay) -> NDArray[np.int64]:
    """(h, w) how far each pixel of the view changes with the overlay."""
    plain = grabbed(canvas.surface).astype(np.int64)
    canvas.add_overlay(overlay)
    changed = grabbed(canvas.surface).astype(np.int64)
    canvas.remove_overlay(overlay)
    np.testing.assert_array_equal(grabbed(canvas.surface), plain, "removing an overlay must leave nothing")
    return np.abs(changed - plain).max(axis=-1)


def near(changes: NDArray[np.int64], canvas: CanvasView, x: float, y: float, reach: int = 2) -> int:
    """The largest change around a canvas point."""
    view_x, view_y = (int(value) for value in canvas.transform.to_view(x, y))
    return int(changes[view_y - reach : view_y + reach + 1, view_x - reach : view_x + reach + 1].max())


@pytest.fixture
def mask() -> NDArray[np.uint8]:
    """60 x 40, inside but for its left half."""
    mask = np.zeros((40, 60), np.uint8)
    mask[:, 30:] = 255
    return mask


@pytest.mark.parametrize("zoom", [0.5, 1.0, 3.0])
def test_ants_walk_along_the_edge_of_the_mask(
    canvas: CanvasView, qtbot: QtBot, mask: NDArray[np.uint8], zoom: float
) -> None:
    canvas.zoom_to(zoom)
    qtbot.waitUntil(lambda: canvas.is_settled)
    ants = MarchingAnts()
    ants.set_mask(mask, Point(100, 80))
    changes = added(canvas, ants)
    for x, y in ((130, 100), (160, 100), (145, 80), (145, 120)):
        assert near(changes, canvas, x, y, reach=5) > 60
    assert near(changes, canvas, 145, 100) == 0
    assert near(changes, canvas, 110, 100) == 0


def test_ants_move(canvas: CanvasView, qtbot: QtBot, mask: NDArray[np.uint8]) -> None:
    ants = MarchingAnts()
    ants.set_mask(mask, Point(100, 80))
    canvas.add_overlay(ants)
    first = grabbed(canvas.surface)
    with qtbot.waitSignal(ants.repaint):
        pass
    assert (grabbed(canvas.surface) != first).any()
    ants.set_mask(None)


def test_walking_ants_repaint_only_their_edge(canvas: CanvasView, qtbot: QtBot) -> None:
    ants = MarchingAnts()
    ants.set_mask(np.full((200, 300), 255, np.uint8))
    canvas.add_overlay(ants)
    grabbed(canvas.surface)
    asked: list[Rect] = []
    ants.repaint.connect(asked.append)
    qtbot.waitUntil(lambda: len(asked) > 20)
    assert not any(rect.contains_point(Point(150, 100)) for rect in asked)
    for x, y in ((0, 100), (299, 100), (150, 0), (150, 199)):
        assert any(rect.grown(1).contains_point(Point(x, y)) for rect in asked)
    canvas.remove_overlay(ants)
    ants.set_mask(None)


def test_a_large_outline_comes_in_pieces(canvas: CanvasView, qtbot: QtBot) -> None:
    large = np.zeros((4000, 1000), np.uint8)
    large[3900:3990, 10:990] = 255
    ants = MarchingAnts()
    canvas.add_overlay(ants)
    ants.set_mask(large, Point(0, -3890))

    def shown() -> bool:
        x, y = (int(value) for value in canvas.transform.to_view(200, 100))
        colors = grabbed(canvas.surface)[y - 2 : y + 3, x - 10 : x + 10].reshape(-1, 3)
        return bool((colors.max(axis=1) < 20).any() and (colors.min(axis=1) > 235).any())

    qtbot.waitUntil(shown)
    canvas.remove_overlay(ants)


def test_the_tint_shows_what_a_mask_hides(canvas: CanvasView, mask: NDArray[np.uint8]) -> None:
    tint = MaskTint()
    tint.set_mask(mask, Point(100, 80), canvas=canvas.surface.canvas)
    changes = added(canvas, tint)
    assert near(changes, canvas, 110, 100) > 40
    assert near(changes, canvas, 145, 100) == 0
    assert near(changes, canvas, 250, 100) > 40, "around the mask its outside value counts"
    tint.set_mask(mask, Point(100, 80), outside=255, canvas=canvas.surface.canvas)
    assert near(added(canvas, tint), canvas, 250, 180) == 0


def test_the_brush_is_outlined_at_its_size(canvas: CanvasView) -> None:
    brush = BrushOutline()
    brush.set_brush(60, hardness=0.5)
    brush.set_position((150, 100))
    changes = added(canvas, brush)
    for x, y in ((120, 100), (180, 100), (150, 70), (150, 130)):
        assert near(changes, canvas, x, y) > 40
    assert near(changes, canvas, 150, 100) == 0
    brush.set_position(None)
    assert added(canvas, brush).max() == 0


def test_a_tiny_brush_is_a_cross(canvas: CanvasView) -> None:
    brush = BrushOutline()
    brush.set_brush(1)
    brush.set_position((150, 100))
    assert near(added(canvas, brush), canvas, 150, 100, reach=5) > 40


def test_a_preview_lies_at_its_place(canvas: CanvasView) -> None:
    preview = Preview()
    samples = np.zeros((10, 20, 4), np.uint8)
    samples[:, :10] = (255, 0, 255, 255)
    preview.set_picture(samples, Rect(100, 80, 180, 120))
    changes = added(canvas, preview)
    assert near(changes, canvas, 115, 100) > 60
    assert near(changes, canvas, 165, 100) == 0
    preview.set_picture(None)
    assert added(canvas, preview).max() == 0
