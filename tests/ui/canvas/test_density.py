"""One canvas pixel is one device pixel on dense screens; in a process of its own, as Qt reads the scale only once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
import numpy as np
from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from studio.core.compositing import composite
from studio.plugin_host.registry import Registry
from studio.session import Session
from studio.ui.canvas.view import CanvasView
from tests.support.documents import every_mode_document
from studio.core.geometry import Size

application = QApplication([])
session = Session(Registry())
session.start(every_mode_document(size=Size(200, 150)))
canvas = CanvasView(session)
canvas.resize(400, 300)
canvas.show()
canvas.actual_size()
while not canvas.is_settled:
    application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
image = canvas.surface.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
shown = lines[:, : image.width() * 3].reshape(image.height(), image.width(), 3)
ratio = canvas.transform.pixel_ratio
x, y = (round(value * ratio) for value in canvas.transform.to_view(0, 0))
expected = composite(session.document)[:, :, :3]
print(ratio, canvas.transform.zoom, canvas.zoom_text)
print(np.abs(shown[y : y + 150, x : x + 200].astype(int) - expected).max())
canvas.release()
"""


@pytest.mark.parametrize("scale", ["1.5", "2"])
def test_one_canvas_pixel_is_one_device_pixel(checkout: Path, scale: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=checkout,
        env={**os.environ, "QT_SCALE_FACTOR": scale, "QT_SCALE_FACTOR_ROUNDING_POLICY": "PassThrough"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    facts, difference = run.stdout.splitlines()
    assert facts == f"{float(scale)} 1.0 100 %"
    assert difference == "0"
