"""How far a stack of layers is from the picture it came from: figures, and a heat map with a gain."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from studio.core import difference, pixels
from studio.core.compositing import composite
from studio.core.difference import Difference
from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.pixels import Depth, Pixels
from studio.ui import text, theme
from studio.ui.text import say

LARGEST_SIDE_PX = 1600
"""What is shown has no longer side than this; the figures are of all pixels."""
FIRST_SIZE = (760, 640)
TOPS_255 = (1, 2, 4, 8, 16, 32, 64, 128, 255)
"""What the slider chooses: the difference that is drawn white, from the finest to the coarsest."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Figures of all pixels; `gap` (h, w) in 1/255 and both pictures are no larger than what is shown."""

    difference: Difference
    size: Size
    gap: NDArray[np.float32]
    before: QImage
    now: QImage


def compared(first: Document, second: Document) -> Comparison:
    """Compare two documents as they look; may be called from any thread. Raises ShapeError for different sizes."""
    one, other = composite(first), composite(second)
    gap = difference.shrunk(difference.distance_map(one, other), LARGEST_SIDE_PX)
    return Comparison(difference.measure(one, other), first.size, gap, _image(one), _image(other))


class CompareDialog(QDialog):
    """How far the stack is from the picture that was opened."""

    def __init__(self, found: Comparison, parent: QWidget) -> None:
        super().__init__(parent)
        self._found = found
        self.setWindowTitle(say(text.COMPARE_TITLE))
        self.numbers = QLabel(_figures(found.difference), self)
        self.numbers.setWordWrap(True)
        self.picture = PictureView(self)
        self.picture.pointed.connect(self._on_pointed)
        self.shows = QComboBox(self)
        self.shows.setAccessibleName(say(text.COMPARE_SHOWS))
        for label in (text.COMPARE_HEAT, text.COMPARE_BEFORE, text.COMPARE_NOW):
            self.shows.addItem(say(label))
        self.shows.currentIndexChanged.connect(self._show)
        self.gain = QSlider(Qt.Orientation.Horizontal, self)
        self.gain.setRange(0, len(TOPS_255) - 1)
        self.gain.setPageStep(1)
        self.gain.setInvertedAppearance(True)
        self.gain.setInvertedControls(True)
        self.gain.setAccessibleName(say(text.COMPARE_GAIN))
        self.gain.setToolTip(say(text.COMPARE_GAIN_HELP))
        self.gain.setValue(_first_top(found.difference))
        self.gain.valueChanged.connect(self._show)
        self.legend = QLabel(self)
        self.readout = QLabel(self)
        self.readout.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._lay_out()
        self._show()
        self.resize(*FIRST_SIZE)

    @property
    def top_255(self) -> int:
        """The difference that is drawn white."""
        return TOPS_255[self.gain.value()]

    def _lay_out(self) -> None:
        controls = QHBoxLayout()
        controls.addWidget(self.shows)
        controls.addSpacing(theme.current().spacing_px)
        controls.addWidget(QLabel(say(text.COMPARE_GAIN), self))
        controls.addWidget(self.gain, 1)
        words = QHBoxLayout()
        words.addWidget(self.legend, 1)
        words.addWidget(self.readout)
        buttons = QDialogButtonBox(self)
        buttons.addButton(say(text.DONE), QDialogButtonBox.ButtonRole.AcceptRole).setDefault(True)
        buttons.accepted.connect(self.accept)
        column = QVBoxLayout(self)
        column.addWidget(self.numbers)
        column.addWidget(self.picture, 1)
        column.addLayout(words)
        column.addLayout(controls)
        column.addWidget(buttons)

    def _show(self) -> None:
        shown = self.shows.currentIndex()
        self.gain.setEnabled(shown == 0)
        self.legend.setText(say(text.COMPARE_LEGEND, top=self.top_255) if shown == 0 else "")
        if shown == 0:
            self.picture.set_image(_image(difference.heat_map(self._found.gap, self.top_255)))
            self.picture.setAccessibleName(say(text.COMPARE_IMAGE))
        else:
            self.picture.set_image(self._found.before if shown == 1 else self._found.now)
            self.picture.setAccessibleName(self.shows.currentText())

    def _on_pointed(self, at: tuple[float, float] | None) -> None:
        """Tell the difference under the pointer; `at` are shares of the picture."""
        if at is None:
            self.readout.setText("")
            return
        rows, columns = self._found.gap.shape
        gap = float(self._found.gap[min(rows - 1, int(at[1] * rows)), min(columns - 1, int(at[0] * columns))])
        x, y = int(at[0] * self._found.size.width), int(at[1] * self._found.size.height)
        self.readout.setText(say(text.COMPARE_AT, x=x, y=y, gap=f"{gap:.1f}"))


class PictureView(QWidget):
    """A picture as large as there is room. `pointed` brings the shares (x, y) of it under the pointer, or None."""

    pointed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._image = QImage()
        self.setMouseTracking(True)
        self.setMinimumSize(240, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def set_image(self, image: QImage) -> None:
        """Show another picture."""
        self._image = image
        self.update()

    @property
    def place(self) -> QRect:
        """Where the picture is drawn."""
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        corner = QPoint((self.width() - size.width()) // 2, (self.height() - size.height()) // 2)
        return QRect(corner, size)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), theme.brush(theme.current().canvas))
        if not self._image.isNull():
            painter.drawImage(self.place, self._image)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place, at = self.place, event.position()
        inside = place.contains(at.toPoint()) and not place.isEmpty()
        x, y = (at.x() - place.x()) / max(1, place.width()), (at.y() - place.y()) / max(1, place.height())
        self.pointed.emit((x, y) if inside else None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.update()
        super().resizeEvent(event)


def _figures(found: Difference) -> str:
    psnr = (
        say(text.COMPARE_IDENTICAL) if math.isinf(found.psnr_db) else say(text.COMPARE_DB, value=f"{found.psnr_db:.1f}")
    )
    return say(text.COMPARE_NUMBERS, largest=f"{found.max_255:.1f}", p95=f"{found.p95_255:.1f}", psnr=psnr)


def _first_top(found: Difference) -> int:
    """The finest step that still tells all differences apart, but no finer than 8/255."""
    return next(i for i, top in enumerate(TOPS_255) if top >= min(255.0, max(difference.HEAT_TOP_255, found.max_255)))


def _image(samples: Pixels) -> QImage:
    """(H, W, 4) RGBA as an image no larger than what is shown."""
    eight = np.ascontiguousarray(pixels.to_depth(samples, Depth.EIGHT))
    height, width = eight.shape[:2]
    image = QImage(eight.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    if max(width, height) > LARGEST_SIDE_PX:
        keep = Qt.AspectRatioMode.KeepAspectRatio
        return image.scaled(LARGEST_SIDE_PX, LARGEST_SIDE_PX, keep, Qt.TransformationMode.SmoothTransformation)
    return image.copy()
