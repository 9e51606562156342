"""The strip that tells of the chosen layer's recipe, and that a recipe is open."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from studio.ui.forms import text
from studio.ui.forms.field import IconButton
from studio.ui.forms.text import say


class RecipeStrip(QFrame):
    """`open` asks to fill the panel from the chosen layer's recipe, `leave` to let go of the one that is open."""

    open = Signal()
    leave = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.open_button = QPushButton(say(text.RECIPE_OPEN), self)
        self.open_button.clicked.connect(self.open)
        self.leave_button = IconButton("close", text.RECIPE_LEAVE, self.leave.emit, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 6, 6)
        row.addWidget(self.words, 1)
        row.addWidget(self.open_button)
        row.addWidget(self.leave_button)
        self.hide()

    def offer(self, layer: str, plugin: str, *, known: bool) -> None:
        """The chosen layer has a recipe."""
        words = text.RECIPE_OFFER if known else text.RECIPE_NO_PLUGIN
        self._show(say(words, layer=layer, plugin=plugin), can_open=known, is_open=False)

    def show_open(self, layer: str) -> None:
        """The recipe of this layer is open."""
        self._show(say(text.RECIPE_EDITING, layer=layer), can_open=False, is_open=True)

    def _show(self, words: str, *, can_open: bool, is_open: bool) -> None:
        self.words.setText(words)
        self.open_button.setVisible(can_open)
        self.leave_button.setVisible(is_open)
        self.show()
