"""How far a stack of layers is from the picture it came from."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from studio.core import difference
from studio.core.compositing import composite
from studio.core.difference import Difference
from studio.core.document import Document
from studio.core.pixels import Pixels
from studio.ui import text
from studio.ui.text import say

HEAT_SIDE_PX = 640


@dataclass(frozen=True, slots=True)
class Comparison:
    """Figures, and `heat` (H, W, 4) 8-bit RGBA: black is equal."""

    difference: Difference
    heat: Pixels


def compared(first: Document, second: Document) -> Comparison:
    """Compare two documents as they look; may be called from any thread. Raises ShapeError for different sizes."""
    one, other = composite(first), composite(second)
    return Comparison(difference.measure(one, other), difference.heat_map(difference.distance_map(one, other)))


class CompareDialog(QDialog):
    """How far the stack is from the picture that was opened: figures and a heat map."""

    def __init__(self, found: Difference, heat: Pixels, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(say(text.COMPARE_TITLE))
        psnr = (
            say(text.COMPARE_IDENTICAL)
            if math.isinf(found.psnr_db)
            else say(text.COMPARE_DB, value=f"{found.psnr_db:.1f}")
        )
        numbers = QLabel(
            say(text.COMPARE_NUMBERS, largest=f"{found.max_255:.1f}", p95=f"{found.p95_255:.1f}", psnr=psnr), self
        )
        numbers.setWordWrap(True)
        picture = QLabel(self)
        picture.setAccessibleName(say(text.COMPARE_IMAGE))
        picture.setPixmap(_pixmap(heat, HEAT_SIDE_PX, self.devicePixelRatioF()))
        legend = QLabel(say(text.COMPARE_IMAGE), self)
        buttons = QDialogButtonBox(self)
        buttons.addButton(say(text.DONE), QDialogButtonBox.ButtonRole.AcceptRole).setDefault(True)
        buttons.accepted.connect(self.accept)
        column = QVBoxLayout(self)
        for part in (numbers, picture, legend, buttons):
            column.addWidget(part)


def _pixmap(samples: Pixels, side_px: int, ratio: float) -> QPixmap:
    """(H, W, 4) 8-bit RGBA, no larger than `side_px` logical pixels on either side."""
    height, width = samples.shape[:2]
    image = QImage(np.ascontiguousarray(samples).data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    side = round(side_px * ratio)
    if max(width, height) > side:
        keep = Qt.AspectRatioMode.KeepAspectRatio
        image = image.scaled(side, side, keep, Qt.TransformationMode.SmoothTransformation)
    pixmap = QPixmap.fromImage(image.copy())
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
