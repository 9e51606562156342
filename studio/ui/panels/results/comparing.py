"""What the document would look like with a result, over the canvas: all of it, or up to a line."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPixmap

from studio.core.geometry import Rect
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.picture import qtransform
from studio.ui.canvas.tool import Overlay
from studio.ui.canvas.transform import ViewTransform

CHECKER_PX = 8


class ComparisonOverlay(Overlay):
    """Shows a picture from `split` (0..1 of its width) on to the right; 0 shows all of it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._area = Rect(0, 0, 0, 0)
        self._canvas = Rect(0, 0, 0, 0)
        self._split = 0.0

    @property
    def has_picture(self) -> bool:
        return not self._image.isNull()

    def show_picture(self, image: QImage, area: Rect, canvas: Rect) -> None:
        """Show an image that covers `area`, inside `canvas`; both in canvas pixels."""
        self._image, self._area, self._canvas = image, area, canvas
        self.repaint.emit(None)

    def set_split(self, split: float) -> None:
        """Begin further to the right."""
        self._split = split
        self.repaint.emit(None)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if not self.has_picture:
            return
        edge = self._canvas.left + self._split * self._canvas.width
        shown = QRectF(edge, self._canvas.top, self._canvas.right - edge, self._canvas.height)
        painter.save()
        painter.setTransform(qtransform(transform.affine), combine=True)
        painter.setClipRect(shown)
        checker = _checker(look)
        checker.setTransform(painter.transform().inverted()[0])
        painter.fillRect(shown, checker)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, transform.zoom < 1)
        area = self._area
        painter.drawImage(QRectF(area.left, area.top, area.width, area.height), self._image)
        painter.restore()
        if self._split > 0:
            ends = [QPointF(*transform.to_view(edge, y)) for y in (self._canvas.top, self._canvas.bottom)]
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for color, width in ((QColor(0, 0, 0, 150), 4.0), (QColor(255, 255, 255), 1.5)):
                painter.setPen(QPen(color, width))
                painter.drawLine(*ends)


def _checker(look: CanvasLook) -> QBrush:
    """The ground that transparency is shown on."""
    tile = QPixmap(2 * CHECKER_PX, 2 * CHECKER_PX)
    tile.fill(look.checker_light)
    painter = QPainter(tile)
    for x, y in ((CHECKER_PX, 0), (0, CHECKER_PX)):
        painter.fillRect(x, y, CHECKER_PX, CHECKER_PX, look.checker_dark)
    painter.end()
    return QBrush(tile)
