"""What the editors of adjustments have in common."""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.core.adjustments import Adjustment
from studio.ui.panels.layers import text
from studio.ui.panels.layers.text import say

A = TypeVar("A", bound=Adjustment)
Counts = NDArray[np.int64]
"""(3, 256): how many pixels have each value, for red, green and blue."""
CHANNELS = ("rgb", "red", "green", "blue")
CHANNEL_NAMES = (text.CHANNEL_RGB, text.CHANNEL_RED, text.CHANNEL_GREEN, text.CHANNEL_BLUE)


class Editor(QWidget, Generic[A]):
    """Shows an adjustment by `show_adjustment`; `changed` brings what the user makes of it, `settled` ends a drag."""

    changed = Signal(object)
    settled = Signal()
    wants_histogram = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(6)

    def show_adjustment(self, adjustment: A) -> None:
        """Show these values; nothing is emitted."""
        raise NotImplementedError

    def show_histogram(self, counts: Counts | None) -> None:
        """Show what comes in, for editors that want it."""

    def choice(self, label: str, entries: tuple[str, ...]) -> QComboBox:
        """A box with its label, at the end of the column."""
        box = QComboBox(self)
        box.setAccessibleName(label)
        box.addItems(list(entries))
        words = QLabel(label, self)
        words.setBuddy(box)
        row = QHBoxLayout()
        row.addWidget(words)
        row.addWidget(box, 1)
        self.column.addLayout(row)
        return box

    def channel_choice(self) -> QComboBox:
        """A box for RGB and the single channels."""
        return self.choice(say(text.CHANNEL), tuple(say(name) for name in CHANNEL_NAMES))
