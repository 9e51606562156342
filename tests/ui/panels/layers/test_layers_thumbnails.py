"""Thumbnails: what they show, when they are made, and that nothing else makes them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import LayerId
from studio.core.pixels import TILE, Depth, PixelBuffer
from studio.session import Session
from studio.ui import theme
from studio.ui.panels.layers import LayersPanel
from studio.ui.panels.layers.rows import Part, parts_of
from studio.ui.panels.layers.thumbnails import framed, sampled
from tests.support.documents import noise
from tests.ui.panels.layers.gestures import at


def colors(picture: QPixmap) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4).copy()


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("size", [Size(1, 1), Size(700, 300), Size(3, 900), Size(513, 512)])
@pytest.mark.parametrize("most", [1, 7, 64, 2000])
def test_samples_are_pixels_of_the_picture(depth: Depth, size: Size, most: int) -> None:
    samples = noise(np.random.default_rng(3), size, depth)
    got = sampled(PixelBuffer.from_array(samples), size.rect, most)
    step = max(1, -(-max(size.width, size.height) // most))
    first = (min(step // 2, size.height - 1), min(step // 2, size.width - 1))
    wanted = samples[first[0] :: step, first[1] :: step]
    assert np.array_equal(got, wanted if depth is Depth.EIGHT else wanted >> 8)
    assert max(got.shape[:2]) <= most or step == 1


def test_samples_outside_the_buffer_are_its_fill() -> None:
    mask = PixelBuffer.from_array(np.zeros((10, 10, 1), np.uint8), 255)
    got = sampled(mask, Rect(-TILE, -10, TILE, 30), 2000)[..., 0]
    assert got[10:20, TILE : TILE + 10].max() == 0
    assert (got == 255).sum() == got.size - 100


def test_a_wide_layer_stands_in_the_middle_over_a_checkerboard(qapp: QApplication) -> None:
    theme.apply("dark")
    pixels = np.zeros((20, 40, 4), np.uint8)
    pixels[:, 20:] = (200, 10, 10, 255)
    got = colors(framed(PixelBuffer.from_array(pixels), Rect(0, 0, 40, 20), 32))
    assert got[:8, :, 3].max() == 0
    assert got[24:, :, 3].max() == 0
    assert np.abs(got[16, 20:31, :3].astype(int) - (200, 10, 10)).max() <= 2
    assert len(np.unique(got[10:22, 2:14, 0])) == 2


def test_an_empty_layer_has_a_picture_too(qapp: QApplication) -> None:
    assert not framed(PixelBuffer(Size(0, 0), Depth.EIGHT), Rect(0, 0, 0, 0), 20).isNull()


class TestWhenTheyAreMade:
    @pytest.fixture
    def settled(self, panel: LayersPanel, qtbot: QtBot) -> LayersPanel:
        thumbnails = panel.tree.thumbnails
        qtbot.waitUntil(lambda: thumbnails.made >= 5 and thumbnails.is_idle)
        return panel

    def test_once_for_every_picture_and_mask(self, settled: LayersPanel) -> None:
        assert settled.tree.thumbnails.made == 5  # a, b, masked with its mask, ground

    def test_not_for_properties_and_moves(self, settled: LayersPanel, session: Session, qtbot: QtBot) -> None:
        history, ground = session.history, LayerId("ground")
        history.apply(edits.step(edits.set_opacity, ground, 0.5))
        history.apply(edits.step(edits.translate, [ground], Point(5, 5)))
        history.apply(edits.step(edits.group_layers, [ground]))
        settled.tree.viewport().repaint()
        assert settled.tree.thumbnails.is_idle
        assert settled.tree.thumbnails.made == 5

    def test_again_for_the_layer_whose_pixels_changed(
        self, settled: LayersPanel, session: Session, qtbot: QtBot
    ) -> None:
        red = np.full((48, 64, 4), (250, 0, 0, 255), np.uint8)
        session.history.apply(edits.step(edits.write_pixels, LayerId("ground"), Point(0, 0), red))
        settled.tree.viewport().repaint()
        assert not settled.tree.thumbnails.is_idle
        qtbot.waitUntil(lambda: settled.tree.thumbnails.is_idle)
        assert settled.tree.thumbnails.made == 6
        shown = settled.tree.viewport().grab().toImage()
        index = settled.tree.layers.index_of(LayerId("ground"))
        layer = settled.tree.layers.layer_at(index)
        assert layer is not None
        middle = parts_of(layer, settled.tree.visualRect(index)).picture.center()
        assert shown.pixelColor(middle * shown.devicePixelRatio()).red() > 200

    def test_a_mask_that_is_inverted(self, settled: LayersPanel, session: Session, qtbot: QtBot) -> None:
        point = at(settled.tree, "masked", Part.MASK)
        point.setX(point.x() + 8)
        before = settled.tree.viewport().grab().toImage().pixelColor(point).red()
        session.history.apply(edits.step(edits.invert_mask, LayerId("masked")))
        settled.tree.viewport().repaint()
        qtbot.waitUntil(lambda: settled.tree.thumbnails.is_idle)
        after = settled.tree.viewport().grab().toImage().pixelColor(point).red()
        assert (before, after) == (255, 0)

    def test_only_for_rows_that_are_seen(
        self, panel: LayersPanel, session: Session, many: Document, qtbot: QtBot
    ) -> None:
        made = panel.tree.thumbnails.made
        session.start(many)
        panel.tree.viewport().repaint()
        qtbot.waitUntil(lambda: panel.tree.thumbnails.is_idle)
        assert panel.tree.thumbnails.made - made < 20
