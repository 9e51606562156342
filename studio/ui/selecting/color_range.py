"""Colour range: colours are picked in the picture, and what would be selected is shown while they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.core import edits
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.events import DocumentChanged, Subscriptions
from studio.core.geometry import Point, Rect
from studio.core.pixels import Pixels
from studio.core.selecting.colors import Color, color_range
from studio.core.selection import FULL, Combine
from studio.session import DocumentOpened
from studio.ui.canvas.options import Options
from studio.ui.canvas.tool import Tool
from studio.ui.canvas.tools.select_color import ColorPickTool
from studio.ui.canvas.view import CanvasView
from studio.ui.selecting import text
from studio.ui.selecting.channels import combine_choice
from studio.ui.selecting.soon import select_soon
from studio.ui.selecting.text import say

PREVIEW_PX = 300
"""The longer side of the preview is no longer than this."""
SOON_MS = 30
"""A preview waits so long for further changes."""
SWATCH_PX = 20
MOST_COLORS = 24


@dataclass(frozen=True, slots=True)
class RangeSet:
    """`fuzziness` is 1..255."""

    fuzziness: int = 40

    def __post_init__(self) -> None:
        if not 1 <= self.fuzziness <= FULL:
            raise ValueError("the fuzziness is 1..255")


class ColorRangeDialog(QDialog):
    """Stands beside the canvas, whose tool picks colours as long as it is open.

    Args:
        tool_after: the tool that the canvas gets when this closes.
    """

    def __init__(self, kept: Options[RangeSet], canvas: CanvasView, tool_after: Callable[[], Tool]) -> None:
        super().__init__(canvas.window())
        self._kept, self._canvas, self._tool_after = kept, canvas, tool_after
        self.setObjectName("color_range")
        self.setWindowTitle(say(text.RANGE_TITLE))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.colors: list[Color] = []
        self._small: Pixels | None = None
        self._over = False
        self._picker = ColorPickTool(self)
        self._picker.picked.connect(self.pick)
        self._soon = QTimer(self, interval=SOON_MS, singleShot=True)
        self._soon.timeout.connect(self._show_preview)
        self._lay_out()
        self._subscriptions = Subscriptions()
        self._subscriptions.listen(canvas.session.document_changed, self._on_changed)
        self._subscriptions.listen(canvas.session.opened, self._on_opened)
        self._subscriptions.listen(canvas.session.was_shut, self._on_opened)
        self._show_colors()
        self._ask_for_picture()

    def come_forward(self) -> None:
        """Show it in front, and pick colours on the canvas."""
        self._canvas.set_tool(self._picker)
        self.show()
        self.raise_()
        self.activateWindow()

    def pick(self, at: Point, away: bool) -> None:
        """Add the colour of a canvas pixel, or with `away` take the nearest of the picked ones away."""
        samples = composite(self._canvas.session.document, Rect(at.x, at.y, at.x + 1, at.y + 1))[0, 0]
        top = np.iinfo(samples.dtype).max
        color = (float(samples[0] / top), float(samples[1] / top), float(samples[2] / top))
        if away and self.colors:
            self.colors.remove(min(self.colors, key=lambda other: _gap(color, other)))
        elif not away and color not in self.colors and len(self.colors) < MOST_COLORS:
            self.colors.append(color)
        self._show_colors()

    def accept(self) -> None:
        self._kept.change(fuzziness=self.fuzziness.value())
        step = edits.step(
            edits.select_colors,
            tuple(self.colors),
            fuzziness=self.fuzziness.value(),
            combine=Combine(self.how.currentData()),
        )
        select_soon(self._canvas, step, say(text.FINDING))
        super().accept()

    def done(self, result: int) -> None:
        self._over = True
        self._soon.stop()
        self._subscriptions.close()
        if self._canvas.tool is self._picker:
            self._canvas.set_tool(self._tool_after())
        super().done(result)

    # What it looks like

    def _lay_out(self) -> None:
        hint = QLabel(say(text.RANGE_HINT), self)
        hint.setWordWrap(True)
        self.preview = QLabel(self)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview.setFixedSize(PREVIEW_PX, PREVIEW_PX * 2 // 3)
        self.preview.setAccessibleName(say(text.PREVIEW))
        self.preview.setToolTip(say(text.PREVIEW))
        self._swatches = QWidget(self)
        self._swatches.setAccessibleName(say(text.PICKED))
        row = QHBoxLayout(self._swatches)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.fuzziness = QSpinBox(self)
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        for control in (self.fuzziness, self._slider):
            control.setRange(1, FULL)
            control.setValue(self._kept.now.fuzziness)
            control.setAccessibleName(say(text.FUZZINESS))
            control.setToolTip(say(text.FUZZINESS_HELP))
        self.fuzziness.valueChanged.connect(self._slider.setValue)
        self._slider.valueChanged.connect(self.fuzziness.setValue)
        self.fuzziness.valueChanged.connect(lambda _: self._soon.start())
        number = QHBoxLayout()
        number.addWidget(self._slider, 1)
        number.addWidget(self.fuzziness)
        self.how = combine_choice(text.COMBINE_NAMES, text.COMBINE, self)
        form = QFormLayout()
        form.addRow(say(text.PICKED), self._swatches)
        form.addRow(say(text.FUZZINESS), number)
        form.addRow(say(text.OUTPUT), self.how)
        buttons = QDialogButtonBox(self)
        self.select = buttons.addButton(say(text.SELECT), QDialogButtonBox.ButtonRole.AcceptRole)
        self.select.setDefault(True)
        buttons.addButton(say(text.CANCEL), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(hint)
        column.addWidget(self.preview, 0, Qt.AlignmentFlag.AlignCenter)
        column.addLayout(form)
        column.addWidget(buttons)
        self.setFixedWidth(PREVIEW_PX + 60)

    def _show_colors(self) -> None:
        row = self._swatches.layout()
        while row is not None and row.count():
            item = row.takeAt(0)
            if item is not None and (swatch := item.widget()) is not None:
                swatch.deleteLater()
        for color in self.colors:
            cast("QHBoxLayout", row).addWidget(self._swatch(color))
        cast("QHBoxLayout", row).addStretch(1)
        self.select.setEnabled(bool(self.colors))
        self.select.setToolTip("" if self.colors else say(text.NEEDS_COLOR))
        self._soon.start()

    def _swatch(self, color: Color) -> QToolButton:
        shown = QColor.fromRgbF(*color)
        picture = QPixmap(SWATCH_PX, SWATCH_PX)
        picture.fill(shown)
        button = QToolButton(self._swatches)
        button.setIcon(picture)
        button.setIconSize(QSize(SWATCH_PX, SWATCH_PX))
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(say(text.PICKED_ONE, color=shown.name()))
        button.setAccessibleName(button.toolTip())
        button.clicked.connect(lambda: self._drop(color))
        return button

    def _drop(self, color: Color) -> None:
        self.colors.remove(color)
        self._show_colors()

    # The preview

    def _on_changed(self, news: DocumentChanged) -> None:
        if not news.changes.dirty.is_empty:
            self._ask_for_picture()

    def _on_opened(self, _: DocumentOpened | None) -> None:
        self.reject()

    def _ask_for_picture(self) -> None:
        """Have the picture composited as small as the preview is."""
        document = self._canvas.session.document
        level = 0
        while max(document.size.width, document.size.height) > PREVIEW_PX << level:
            level += 1
        self._canvas.request_image(document, document.canvas, level, lambda image: self._take(document, image))

    def _take(self, document: Document, image: QImage) -> None:
        session = self._canvas.session
        if self._over:  # it was asked for before the dialog went
            return
        if session.has_document and session.document.layers is document.layers:
            straight = image.convertToFormat(QImage.Format.Format_RGBA8888)
            lines = np.frombuffer(cast("memoryview", straight.constBits()), np.uint8)
            lines = lines.reshape(straight.height(), straight.bytesPerLine())[:, : 4 * straight.width()]
            self._small = lines.reshape(straight.height(), straight.width(), 4).copy()
            self._soon.start()

    def _show_preview(self) -> None:
        if self._small is None:
            return
        coverage = color_range(self._small, self.colors, self.fuzziness.value())
        height, width = coverage.shape
        image = QImage(coverage.data, width, height, width, QImage.Format.Format_Grayscale8)
        fitted = image.scaled(
            self.preview.size(), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        self.preview.setPixmap(QPixmap.fromImage(fitted))


def _gap(one: Color, other: Color) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))
