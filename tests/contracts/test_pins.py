"""Traps of the libraries we pin: each test fails when a new version brings one back."""

from __future__ import annotations

import importlib.metadata
import sys

import pytest
from PySide6.QtGui import QGuiApplication, QImage, QPainter


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_void_qt_calls_keep_the_references_of_none(qapp: QGuiApplication) -> None:
    # PySide6 6.12.0 takes one reference of None per void call and so ends the process after some thousands.
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    before = sys.getrefcount(None)
    for _ in range(20_000):
        painter.setOpacity(0.5)
    after = sys.getrefcount(None)
    painter.end()
    assert abs(after - before) < 1000


def test_only_the_opencv_without_a_window_toolkit_is_installed() -> None:
    # opencv-python brings a second Qt and sets plugin paths that abort the process.
    names = {found.metadata["Name"].lower() for found in importlib.metadata.distributions() if found.metadata["Name"]}
    assert "opencv-python-headless" in names
    assert not names & {"opencv-python", "opencv-contrib-python"}
