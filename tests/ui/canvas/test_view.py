"""The canvas shows what the compositor makes, at every zoom, and follows the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.compositing import Compositor, composite
from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import LayerId
from studio.core.pixels import Depth, Pixels
from studio.plugin_host.registry import Registry
from studio.session import Session
from studio.ui.canvas.transform import ViewTransform
from studio.ui.canvas.view import CanvasView
from tests.support.documents import random_document
from tests.ui.canvas.conftest import grabbed
from tests.ui.canvas.gestures import hover

Show = Callable[[Session], CanvasView]


def settle(qtbot: QtBot, canvas: CanvasView) -> None:
    qtbot.waitUntil(lambda: canvas.is_settled)


def shown_canvas(canvas: CanvasView) -> NDArray[np.uint8]:
    """The part of the grab that the canvas covers, when it lies upright within the view."""
    rect = canvas.transform.covered(canvas.surface.canvas)
    return grabbed(canvas.surface)[rect.top : rect.bottom, rect.left : rect.right]


def over_checker(samples: Pixels, shown: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How far what is shown is from the samples where they are opaque."""
    opaque = samples[:, :, 3] == 255
    return np.abs(shown.astype(np.int64) - samples[:, :, :3].astype(np.int64))[opaque]


def test_at_full_size_the_grab_is_the_composite(canvas: CanvasView, session: Session) -> None:
    assert canvas.transform.zoom == 1.0
    shown = shown_canvas(canvas)
    expected = composite(session.document)[:, :, :3]
    assert shown.shape == expected.shape
    np.testing.assert_array_equal(shown, expected)
    assert len(np.unique(expected.reshape(-1, 3), axis=0)) > 1000, "the picture would not show a blank canvas"


@pytest.mark.parametrize("level", [1, 2])
def test_zoomed_out_by_powers_of_two_the_grab_is_the_shrunk_composite(
    canvas: CanvasView, session: Session, qtbot: QtBot, level: int
) -> None:
    canvas.zoom_to(0.5**level)
    settle(qtbot, canvas)
    np.testing.assert_array_equal(shown_canvas(canvas), Compositor().render(session.document, scale=2**level)[:, :, :3])


def test_between_the_levels_the_grab_is_near_the_shrunk_composite(
    canvas: CanvasView, session: Session, qtbot: QtBot
) -> None:
    canvas.zoom_to(0.37)
    settle(qtbot, canvas)
    mean = shown_canvas(canvas).reshape(-1, 3).mean(axis=0)
    np.testing.assert_allclose(mean, composite(session.document)[:, :, :3].reshape(-1, 3).mean(axis=0), atol=2.5)


@pytest.mark.parametrize("zoom", [2.0, 4.0, 6.0])
def test_zoomed_in_each_pixel_is_a_square(canvas: CanvasView, session: Session, qtbot: QtBot, zoom: float) -> None:
    canvas.set_transform(ViewTransform(zoom=zoom, pan_x=-zoom * 50, pan_y=-zoom * 40))
    settle(qtbot, canvas)
    expected = composite(session.document)[40:100, 50:120, :3].repeat(int(zoom), axis=0).repeat(int(zoom), axis=1)
    height, width = min(400, expected.shape[0]), min(500, expected.shape[1])
    np.testing.assert_array_equal(grabbed(canvas.surface)[:height, :width], expected[:height, :width])


@pytest.mark.parametrize(("angle", "turns"), [(90, -1), (-90, 1), (-180, 2)])
def test_turned_by_right_angles_it_is_the_turned_composite(
    canvas: CanvasView, session: Session, qtbot: QtBot, angle: float, turns: int
) -> None:
    canvas.rotate_to(angle)
    settle(qtbot, canvas)
    assert canvas.transform.rotation_deg == angle
    difference = shown_canvas(canvas).astype(int) - np.rot90(composite(session.document)[:, :, :3], turns).astype(int)
    assert np.abs(difference[1:-1, 1:-1]).max() <= 1


def test_mirrored_it_is_the_mirrored_composite(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    canvas.mirror()
    settle(qtbot, canvas)
    difference = shown_canvas(canvas).astype(int) - composite(session.document)[:, ::-1, :3].astype(int)
    assert np.abs(difference[1:-1, 1:-1]).max() <= 1


def test_turned_freely_every_pixel_is_where_the_transform_says(
    canvas: CanvasView, session: Session, qtbot: QtBot
) -> None:
    canvas.set_transform(replace(canvas.transform, zoom=4.0).rotated(33, 0, 0).centered(80, 60, canvas.view_size))
    settle(qtbot, canvas)
    shown, expected = grabbed(canvas.surface), composite(session.document)
    for x, y in ((80, 60), (70, 50), (100, 70), (85, 80)):
        view_x, view_y = canvas.transform.to_view(x + 0.5, y + 0.5)
        np.testing.assert_allclose(shown[int(view_y), int(view_x)], expected[y, x, :3], atol=2)


@pytest.mark.parametrize("seed", [3, 8])
@pytest.mark.parametrize("depth", list(Depth))
def test_random_documents_of_both_depths(show: Show, seed: int, depth: Depth) -> None:
    session = Session(Registry())
    session.start(random_document(seed, depth))
    canvas = show(session)
    expected = composite(session.document)
    if depth is Depth.SIXTEEN:
        expected = ((expected.astype(np.uint32) + 128) // 257).astype(np.uint8)
    assert over_checker(expected, shown_canvas(canvas)).max() == 0


def test_what_is_transparent_shows_the_checkerboard(show: Show, session: Session) -> None:
    session.apply("Delete layer", lambda document: edits.remove_layers(document, [LayerId("back")]))
    canvas = show(session)
    shown = shown_canvas(canvas)
    look = canvas.surface.look
    squares = {(color.red(), color.green(), color.blue()) for color in (look.checker_light, look.checker_dark)}
    assert {tuple(color) for color in shown[150:200, 0:40].reshape(-1, 3).tolist()} == squares
    mixed = shown[40:60, 60:80].astype(int)
    for color in squares:
        blend = np.array([250, 40, 40]) * 160 / 255 + np.array(color) * (1 - 160 / 255)
        assert (np.abs(mixed - blend).max(axis=-1) <= 2).any()


def test_an_edit_shows_where_it_was_made(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    canvas.set_transform(canvas.transform)  # the view is the user's from now on
    session.apply("Move layer", lambda document: edits.translate(document, [LayerId("square")], Point(100, 60)))
    settle(qtbot, canvas)
    np.testing.assert_array_equal(shown_canvas(canvas), composite(session.document)[:, :, :3])
    session.history.undo()
    settle(qtbot, canvas)
    np.testing.assert_array_equal(shown_canvas(canvas), composite(session.document)[:, :, :3])


def test_only_the_changed_part_is_painted(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    asked: list[object] = []
    canvas.surface.picture.changed.connect(asked.append)
    samples = np.full((4, 4, 4), 255, np.uint8)
    session.apply("Paint", lambda document: edits.write_pixels(document, LayerId("square"), Point(50, 40), samples))
    settle(qtbot, canvas)
    (rect,) = asked
    layer = session.document.layer(LayerId("square"))
    assert rect == layer.bounds  # one tile, cut to the layer


def test_another_document_replaces_the_picture(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    other = random_document(4, size=Size(200, 150))
    session.start(other)
    settle(qtbot, canvas)
    assert over_checker(composite(other), shown_canvas(canvas)).max() == 0


def test_a_canvas_of_another_size_shows_whole(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    session.apply("Canvas size", lambda document: edits.resize_canvas(document, Size(320, 260), Point(10, 20)))
    settle(qtbot, canvas)
    expected = composite(session.document)
    assert over_checker(expected, shown_canvas(canvas)).max() == 0
    assert shown_canvas(canvas).shape[:2] == expected.shape[:2]


def test_nothing_open_is_an_empty_surround(show: Show) -> None:
    canvas = show(Session(Registry()))
    assert len(np.unique(grabbed(canvas.surface).reshape(-1, 3), axis=0)) == 1
    canvas.fit()
    canvas.zoom_in()


def test_a_display_conversion_changes_what_is_shown(canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
    def inverted(samples: Pixels) -> Pixels:
        samples = samples.copy()
        samples[:, :, :3] = 255 - samples[:, :, :3]
        return samples

    canvas.set_display_conversion(inverted)
    settle(qtbot, canvas)
    np.testing.assert_array_equal(shown_canvas(canvas), 255 - composite(session.document)[:, :, :3])


def test_a_picture_that_cannot_be_made_is_told(canvas: CanvasView, qtbot: QtBot) -> None:
    def broken(samples: Pixels) -> Pixels:
        raise MemoryError("no room")

    with qtbot.waitSignal(canvas.notice) as told:
        canvas.set_display_conversion(broken)
    assert "no room" in str(told.args)
    canvas.set_display_conversion(None)
    settle(qtbot, canvas)


def wheel(canvas: CanvasView, at: QPoint, delta: int, modifiers: Qt.KeyboardModifier) -> None:
    """Turn the wheel over a point of the surface."""
    event = QWheelEvent(
        QPointF(at),
        QPointF(canvas.surface.mapToGlobal(at)),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.surface, event)


class TestNavigation:
    """By mouse, wheel and keys."""

    def test_the_wheel_zooms_to_the_cursor(self, canvas: CanvasView) -> None:
        at = QPoint(150, 140)
        under = canvas.transform.to_canvas(150, 140)
        wheel(canvas, at, 240, Qt.KeyboardModifier.NoModifier)
        assert canvas.transform.zoom == 2.0
        assert canvas.transform.to_view(*under) == pytest.approx((150, 140), abs=1)
        wheel(canvas, at, -240, Qt.KeyboardModifier.NoModifier)
        assert canvas.transform.zoom == 1.0

    def test_fine_wheel_steps_zoom_smoothly(self, canvas: CanvasView) -> None:
        wheel(canvas, QPoint(10, 10), 30, Qt.KeyboardModifier.NoModifier)
        assert 1.0 < canvas.transform.zoom < 1.2

    def test_shift_and_wheel_pans_sideways(self, canvas: CanvasView) -> None:
        x, y = canvas.transform.to_view(0, 0)
        wheel(canvas, QPoint(10, 10), 120, Qt.KeyboardModifier.ShiftModifier)
        assert canvas.transform.to_view(0, 0) == pytest.approx((x + 60, y))

    @pytest.mark.parametrize("button", [Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton])
    def test_dragging_pans(self, canvas: CanvasView, qtbot: QtBot, button: Qt.MouseButton) -> None:
        x, y = canvas.transform.to_view(0, 0)
        qtbot.mousePress(canvas.surface, button, pos=QPoint(100, 100))
        qtbot.mouseMove(canvas.surface, QPoint(130, 90))
        qtbot.mouseRelease(canvas.surface, button, pos=QPoint(130, 90))
        assert canvas.transform.to_view(0, 0) == pytest.approx((x + 30, y - 10))

    def test_space_pans_with_any_tool_and_escape_takes_it_back(self, canvas: CanvasView, qtbot: QtBot) -> None:
        before = canvas.transform
        qtbot.keyPress(canvas.surface, Qt.Key.Key_Space)
        assert canvas.surface.cursor().shape() is Qt.CursorShape.OpenHandCursor
        qtbot.mousePress(canvas.surface, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
        qtbot.mouseMove(canvas.surface, QPoint(160, 100))
        assert canvas.transform != before
        qtbot.keyClick(canvas.surface, Qt.Key.Key_Escape)
        assert canvas.transform == before
        qtbot.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, pos=QPoint(160, 100))
        qtbot.keyRelease(canvas.surface, Qt.Key.Key_Space)
        assert canvas.transform == before

    def test_space_with_shift_turns_and_with_control_zooms(self, canvas: CanvasView, qtbot: QtBot) -> None:
        qtbot.keyPress(canvas.surface, Qt.Key.Key_Space)
        for modifier in (Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier):
            qtbot.mousePress(canvas.surface, Qt.MouseButton.LeftButton, modifier, pos=QPoint(400, 200))
            qtbot.mouseMove(canvas.surface, QPoint(300, 320))
            qtbot.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, modifier, pos=QPoint(300, 320))
        qtbot.keyRelease(canvas.surface, Qt.Key.Key_Space)
        assert 40 < canvas.transform.rotation_deg < 90
        assert canvas.transform.zoom == pytest.approx(0.5, rel=0.05)
        canvas.mirror()
        canvas.reset_rotation()
        assert (canvas.transform.rotation_deg, canvas.transform.mirrored) == (0, False)

    def test_fit_and_actual_size(self, canvas: CanvasView) -> None:
        canvas.fit()
        assert canvas.transform.zoom == pytest.approx((500 - 48) / 300)
        assert canvas.zoom_text == "151 %"
        canvas.actual_size()
        assert canvas.zoom_text == "100 %"
        canvas.zoom_to(2 / 3)
        assert canvas.zoom_text == "66.7 %"

    def test_resizing_keeps_the_middle(self, canvas: CanvasView, qtbot: QtBot) -> None:
        middle = canvas.transform.to_canvas(250, 200)
        canvas.resize(700, 500)
        assert canvas.transform.to_canvas(350, 250) == pytest.approx(middle, abs=1)

    def test_the_cursor_tells_pixel_and_color(self, canvas: CanvasView, session: Session, qtbot: QtBot) -> None:
        told: list[tuple[object, ...]] = []
        canvas.cursor_moved.connect(lambda *args: told.append(args))
        hover(canvas, 50, 40)
        expected = tuple(int(value) for value in composite(session.document)[40, 50])
        assert told[-1] == (50, 40, expected)


def test_releasing_ends_thread_and_listening(canvas: CanvasView, session: Session, document: Document) -> None:
    canvas.release()
    canvas.release()
    assert len(session.document_changed) == 0
    assert len(session.opened) == 0
    session.start(document)


class TestByKeys:
    """What the canvas does with no mouse at all."""

    def test_arrows_pan_and_plus_and_minus_zoom(self, canvas: CanvasView, qtbot: QtBot) -> None:
        x, y = canvas.transform.to_view(0, 0)
        qtbot.keyClick(canvas.surface, Qt.Key.Key_Right)
        qtbot.keyClick(canvas.surface, Qt.Key.Key_Up)
        assert canvas.transform.to_view(0, 0) == pytest.approx((x - 50, y + 40))
        qtbot.keyClick(canvas.surface, Qt.Key.Key_Plus)
        assert canvas.transform.zoom == 1.5
        qtbot.keyClick(canvas.surface, Qt.Key.Key_Minus)
        assert canvas.transform.zoom == 1.0

    def test_focus_by_tab_is_seen(self, canvas: CanvasView) -> None:
        canvas.surface.clearFocus()
        plain = grabbed(canvas.surface)
        canvas.surface.setFocus(Qt.FocusReason.TabFocusReason)
        accent = canvas.surface.look.accent
        assert tuple(grabbed(canvas.surface)[0, 100]) == (accent.red(), accent.green(), accent.blue())
        canvas.surface.clearFocus()
        np.testing.assert_array_equal(grabbed(canvas.surface), plain)
