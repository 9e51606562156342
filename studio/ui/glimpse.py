"""The picture that a file keeps of itself, shown while its layers are read: a large PSD takes seconds."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio import documents
from studio.ui import text, theme
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.rendering import for_screen, is_opaque
from studio.ui.text import say

MARGIN_SHARE = 0.04


def glimpse_of(path: Path) -> QImage | None:
    """The picture that a file keeps of itself; None where it keeps none. Call it on any thread."""
    samples = documents.glimpse(path)
    return None if samples is None else for_screen(samples, is_opaque(samples))


class Glimpse(QWidget):
    """Shows a picture as large as it fits, as the canvas would."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("glimpse")
        self.setAccessibleName(say(text.GLIMPSE))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.image = QImage()

    def show_image(self, image: QImage) -> None:
        """Show this picture; an empty one shows nothing."""
        self.image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), CanvasLook.of(theme.current()).surround)
        if not self.image.isNull():
            room = QSizeF(self.size()) * (1 - 2 * MARGIN_SHARE)
            size = QSizeF(self.image.size()).scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF((self.width() - size.width()) / 2, (self.height() - size.height()) / 2, *size.toTuple())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self.image)
        painter.end()
