"""What is not selected, hidden under a colour: stretched over the canvas, so that a smaller preview will do."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from studio.core.geometry import EMPTY, Rect
from studio.core.selection import FULL, Coverage
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.mosaic import qrect
from studio.ui.canvas.picture import qtransform
from studio.ui.canvas.tool import Overlay
from studio.ui.canvas.transform import ViewTransform


class CoverageTint(Overlay):
    """Draws over what is not selected. The coverage is drawn in place, so it must not change."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._coverage: Coverage | None = None
        self._image = QImage()
        self._area = EMPTY

    def show_coverage(self, coverage: Coverage | None, area: Rect, color: QColor) -> None:
        """Hide under `color` what (h, w) coverage leaves out of `area` on the canvas; None hides nothing."""
        self._coverage, self._area = None, area
        if coverage is not None:
            self._coverage = np.ascontiguousarray(coverage)
            height, width = coverage.shape
            stride = self._coverage.strides[0]
            self._image = QImage(self._coverage.data, width, height, stride, QImage.Format.Format_Indexed8)
            self._image.setColorTable([_hiding(color, value) for value in range(FULL + 1)])
        self.repaint.emit(None)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if self._coverage is None:
            return
        painter.setTransform(qtransform(transform.affine), combine=True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, transform.zoom < 1)
        painter.drawImage(QRectF(qrect(self._area)), self._image)


def _hiding(color: QColor, value: int) -> int:
    """The colour as strong as a pixel of that coverage is left out."""
    out = QColor(color)
    out.setAlpha(round(color.alpha() * (FULL - value) / FULL))
    return out.rgba()
