"""Mosaics: the parts of the composite that are kept, when the whole of it is too large, and across zooms."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.session import Session
from studio.ui.canvas import mosaic, picture
from studio.ui.canvas.mosaic import Mosaic, rects_of
from studio.ui.canvas.rendering import for_screen
from studio.ui.canvas.transform import ViewTransform
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.conftest import grabbed


def filled_with(value: int, width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(0xFF000000 | value * 0x010101)
    return image


class TestMosaic:
    """The bookkeeping of one level."""

    def test_a_small_level_is_held_whole_and_stale_at_first(self) -> None:
        held = Mosaic(Size(1001, 500), 1)
        assert held.window == held.area == Rect(0, 0, 501, 250)
        assert rects_of(held.stale) == [held.area]

    def test_a_large_level_is_held_around_what_is_seen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mosaic, "WHOLE_AREA", 1000)
        held = Mosaic(Size(5000, 4000), 0)
        assert held.window.is_empty
        held.cover(Rect(1000, 1000, 1600, 1400))
        assert held.window.contains(Rect(744, 744, 1856, 1656))
        assert held.area.contains(held.window)
        held.write(Rect(1000, 1000, 1100, 1100), filled_with(7, 100, 100), opaque=True)
        held.ordered(Rect(1000, 1000, 1100, 1100))
        held.cover(Rect(1050, 1000, 2400, 1400))
        assert held.pixel(1060, 1050) == (7, 7, 7, 255)
        assert held.pixel(1700, 1050) is None
        assert not held.stale.contains(mosaic.qrect(Rect(1060, 1050, 1061, 1051)))
        assert held.stale.contains(mosaic.qrect(Rect(1700, 1050, 1701, 1051)))

    def test_a_change_makes_its_level_pixels_stale(self) -> None:
        held = Mosaic(Size(400, 400), 2)
        held.ordered(held.area)
        held.invalidate(Rect(9, 9, 11, 17))
        assert rects_of(held.stale) == [Rect(2, 2, 3, 5)]

    def test_clear_is_where_pixels_are_not_opaque(self) -> None:
        held = Mosaic(Size(400, 400), 0)
        held.write(Rect(0, 0, 100, 100), filled_with(0, 100, 100), opaque=False)
        held.write(Rect(50, 0, 100, 100), filled_with(0, 50, 100), opaque=True)
        assert rects_of(held.clear) == [Rect(0, 0, 50, 100)]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("opaque", [True, False])
def test_samples_for_the_screen_are_right_to_one_step(dtype: type[np.uint8 | np.uint16], opaque: bool) -> None:
    top = int(np.iinfo(dtype).max)
    samples = np.random.default_rng(0).integers(0, top + 1, (40, 60, 4), dtype=dtype)
    if opaque:
        samples[:, :, 3] = top
    image = for_screen(samples, opaque).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    shown = np.frombuffer(image.constBits(), np.uint8).reshape(40, 60, 4)[:, :, [2, 1, 0, 3]]
    straight = samples / top
    straight[:, :, :3] *= straight[:, :, 3:]
    assert np.abs(shown - straight * 255).max() <= (0.5 + 1e-6 if opaque else 1.0)


@pytest.fixture
def large(session: Session) -> Document:
    """900 x 700 noise, coarse enough to tell shifted from right."""
    rng = np.random.default_rng(2)
    noise = rng.integers(0, 256, (700, 900, 4), dtype=np.uint8)
    noise[:, :, 3] = 255
    document = Document(
        size=Size(900, 700), layers=(RasterLayer(id=LayerId("noise"), pixels=PixelBuffer.from_array(noise)),)
    )
    session.start(document)
    return document


def expected(document: Document, transform: ViewTransform) -> NDArray[np.uint8]:
    """What a view of 500 x 400 at 100 % shows of a document that reaches beyond it."""
    left, top = (round(value) for value in transform.to_canvas(0, 0))
    return composite(document, Rect(left, top, left + 500, top + 400))[:, :, :3].astype(np.uint8)


def test_panning_over_a_picture_that_is_held_in_part(
    session: Session, large: Document, canvas: CanvasView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mosaic, "WHOLE_AREA", 1000)
    session.start(large)
    for x, y in ((0, 0), (-300, -200), (-20, -290), (-400, -300)):
        canvas.set_transform(ViewTransform(pan_x=x, pan_y=y))
        qtbot.waitUntil(lambda: canvas.is_settled)
        np.testing.assert_array_equal(grabbed(canvas.surface), expected(session.document, canvas.transform))


def test_slow_pictures_come_in_pieces_and_become_right(
    session: Session, large: Document, canvas: CanvasView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "AT_ONCE_S", 0.0)
    monkeypatch.setattr(picture, "PIECE_S", 0.0)
    pieces: list[Rect] = []
    canvas.surface.picture.changed.connect(pieces.append)
    canvas.set_transform(ViewTransform(pan_x=-100, pan_y=-100))
    qtbot.waitUntil(lambda: canvas.is_settled)
    pieces.clear()
    session.apply("Move layer", lambda document: edits.translate(document, [LayerId("noise")], Point(3, 5)))
    qtbot.waitUntil(lambda: canvas.is_settled)
    assert len(pieces) > 3
    assert all(piece.width <= mosaic.TILE for piece in pieces)
    assert pieces[0].contains(Rect(350, 300, 351, 301)), "what the user looks at comes first"
    np.testing.assert_array_equal(grabbed(canvas.surface), expected(session.document, canvas.transform))


def test_old_content_is_shown_until_the_new_level_is_there(
    session: Session, large: Document, canvas: CanvasView, qtbot: QtBot
) -> None:
    canvas.set_transform(ViewTransform(pan_x=-100, pan_y=-100))
    qtbot.waitUntil(lambda: canvas.is_settled)
    canvas.zoom_to(0.5)
    assert not canvas.is_settled
    shown = grabbed(canvas.surface)[150:250, 200:300].astype(float)
    assert shown.std() > 20, "blank until the level is there"
    qtbot.waitUntil(lambda: canvas.is_settled)


def test_edits_that_follow_fast_end_at_the_last(
    session: Session, large: Document, canvas: CanvasView, qtbot: QtBot
) -> None:
    canvas.set_transform(ViewTransform(pan_x=-100, pan_y=-100))
    for value in range(1, 30):
        session.history.apply(edits.step(edits.set_opacity, LayerId("noise"), value / 30), merge_key="opacity")
    session.history.apply(edits.step(edits.set_opacity, LayerId("noise"), 1.0), merge_key="opacity")
    qtbot.waitUntil(lambda: canvas.is_settled)
    np.testing.assert_array_equal(grabbed(canvas.surface), expected(large, canvas.transform))
