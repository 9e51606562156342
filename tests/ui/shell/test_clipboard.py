"""What the clipboard carries between documents beside the image that every program reads."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QColor, QGuiApplication, QImage, QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.ui.clipboard import DEEP
from studio.ui.main_window import MainWindow
from tests.ui.shell.conftest import settle


def press(window: MainWindow, keys: str) -> None:
    sequence = QKeySequence(keys)[0]  # pyright: ignore[reportIndexIssue]  # missing in PySide6's stub
    QTest.keyClick(window, sequence.key(), sequence.keyboardModifiers())


def test_sixteen_bits_stay_sixteen(opened: MainWindow, qtbot: QtBot) -> None:
    samples = np.full((10, 20, 4), 65535, np.uint16)
    samples[..., 0] = np.arange(200, dtype=np.uint16).reshape(10, 20) * 257 + 3  # lost in 8 bits
    deep = RasterLayer(id=LayerId("square"), name="Deep", pixels=PixelBuffer.from_array(samples), origin=Point(5, 6))
    opened.session.start(Document(size=Size(64, 48), depth=Depth.SIXTEEN, layers=(deep,)))
    press(opened, "Ctrl+X")
    settle(qtbot, opened)
    assert QGuiApplication.clipboard().image().pixelColor(1, 0).red() == 1
    press(opened, "Ctrl+V")
    pasted = opened.session.document.layers[-1]
    assert isinstance(pasted, RasterLayer)
    assert np.array_equal(pasted.pixels.read(), samples)
    opened.session.shut()
    press(opened, "Ctrl+V")
    assert opened.session.document.depth is Depth.SIXTEEN
    opened.session.start(Document(size=Size(64, 48), layers=()))
    press(opened, "Ctrl+V")
    (shallow,) = opened.session.document.layers
    assert isinstance(shallow, RasterLayer)
    assert shallow.pixels.depth is Depth.EIGHT


def claiming(*shape: int) -> bytes:
    """The header of an array of that shape, and nothing behind it."""
    held = io.BytesIO()
    np.lib.format.write_array_header_1_0(held, {"descr": "<u2", "fortran_order": False, "shape": shape})
    return held.getvalue()


@pytest.mark.parametrize("junk", [b"", b"junk", b"\x93NUMPY\x01\x00\xff\xff", claiming(10**9, 10**6, 4)])
def test_samples_that_cannot_be_read_leave_the_image(opened: MainWindow, junk: bytes) -> None:
    image = QImage(4, 3, QImage.Format.Format_RGBA8888)
    image.fill(QColor(1, 2, 3))
    mime = QMimeData()
    mime.setImageData(image)
    mime.setData(DEEP, junk)
    QGuiApplication.clipboard().setMimeData(mime)
    press(opened, "Ctrl+V")
    pasted = opened.session.document.layers[-1]
    assert isinstance(pasted, RasterLayer)
    assert pasted.pixels.read()[0, 0].tolist() == [1, 2, 3, 255]
