"""The quick mask: what is not selected under red, read and painted again only where the selection changed."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QImage, QPainter

from studio.core.selection import FULL, Coverage, Selection
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.overlays import RUBY
from studio.ui.canvas.picture import qtransform
from studio.ui.canvas.tool import Overlay
from studio.ui.canvas.transform import ViewTransform


class QuickMask(Overlay):
    """Shows a selection; without one nothing is hidden."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selection: Selection | None = None
        self._coverage: Coverage | None = None
        self._image = QImage()

    def show_selection(self, selection: Selection | None) -> None:
        """Show another selection, or none."""
        before, self._selection = self._selection, selection
        if selection is None or before is None or before.size != selection.size or self._coverage is None:
            self._begin(selection)
            return
        changed = selection.pixels.changed_rect(before.pixels)
        self._coverage[changed.slices()] = selection.read(changed)
        self.repaint.emit(changed)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if self._coverage is None:
            return
        painter.setTransform(qtransform(transform.affine), combine=True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, transform.zoom < 1)
        painter.drawImage(0, 0, self._image)

    def _begin(self, selection: Selection | None) -> None:
        """The image reads the coverage in place, so that a part of it can become another."""
        self._image = QImage()
        self._coverage = None if selection is None else selection.read()
        if self._coverage is not None:
            height, width = self._coverage.shape
            stride = self._coverage.strides[0]
            self._image = QImage(self._coverage.data, width, height, stride, QImage.Format.Format_Indexed8)
            self._image.setColorTable([_tint(value) for value in range(FULL + 1)])
        self.repaint.emit(None)


def _tint(value: int) -> int:
    """What lies over a pixel of that coverage."""
    color = QColor(RUBY)
    color.setAlpha(round(RUBY.alpha() * (FULL - value) / FULL))
    return color.rgba()
