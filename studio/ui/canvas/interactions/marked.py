"""An object marked by its mask, as it is drawn."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QPainter

from studio.core.geometry import Rect
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.outline import INSIDE, MaskSamples
from studio.ui.canvas.overlays import AccentTint, HoverOutline
from studio.ui.canvas.tool import Overlay
from studio.ui.canvas.transform import ViewTransform


class MarkedObject(Overlay):
    """Tinted and outlined where `mask` (H, W), canvas-sized, is 128 or more."""

    def __init__(self, mask: MaskSamples, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.mask = mask
        self.bounds = _bounds(mask)
        self._parts = (AccentTint(self), HoverOutline(self))
        inside = np.where(mask[self.bounds.slices()] >= INSIDE, np.uint8(255), np.uint8(0))
        for part in self._parts:
            part.set_mask(inside, self.bounds.origin)
            part.repaint.connect(self.repaint)

    def holds(self, x: float, y: float) -> bool:
        """Whether a canvas point lies inside."""
        row, column = math.floor(y), math.floor(x)
        height, width = self.mask.shape
        return 0 <= row < height and 0 <= column < width and bool(self.mask[row, column] >= INSIDE)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        for part in self._parts:
            painter.save()
            part.paint(painter, transform, look)
            painter.restore()


def _bounds(mask: MaskSamples) -> Rect:
    """Where the mask is inside; one pixel when it is nowhere."""
    rows, columns = np.flatnonzero((mask >= INSIDE).any(axis=1)), np.flatnonzero((mask >= INSIDE).any(axis=0))
    if not rows.size:
        return Rect(0, 0, 1, 1)
    return Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
