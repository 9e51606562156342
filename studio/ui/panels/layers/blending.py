"""The box of blend modes, in Photoshop's groups, that shows each mode while the pointer or the keys pass over it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from studio.core.layers import BlendMode
from studio.ui.panels.layers import text
from studio.ui.panels.layers.text import say

GROUPS = (
    (BlendMode.PASS_THROUGH,),
    (BlendMode.NORMAL, BlendMode.DISSOLVE),
    (
        BlendMode.DARKEN, BlendMode.MULTIPLY, BlendMode.COLOR_BURN, BlendMode.LINEAR_BURN, BlendMode.DARKER_COLOR,
    ),
    (
        BlendMode.LIGHTEN, BlendMode.SCREEN, BlendMode.COLOR_DODGE, BlendMode.LINEAR_DODGE, BlendMode.LIGHTER_COLOR,
    ),
    (
        BlendMode.OVERLAY, BlendMode.SOFT_LIGHT, BlendMode.HARD_LIGHT, BlendMode.VIVID_LIGHT, BlendMode.LINEAR_LIGHT,
        BlendMode.PIN_LIGHT, BlendMode.HARD_MIX,
    ),
    (BlendMode.DIFFERENCE, BlendMode.EXCLUSION, BlendMode.SUBTRACT, BlendMode.DIVIDE),
    (BlendMode.HUE, BlendMode.SATURATION, BlendMode.COLOR, BlendMode.LUMINOSITY),
)  # fmt: skip


class BlendBox(QComboBox):
    """`chosen` brings the mode that was taken, `passed` one that is only looked at, `left` ends the looking."""

    chosen = Signal(object)
    passed = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(say(text.BLEND))
        self.setToolTip(say(text.BLEND_HELP))
        self.setMaxVisibleItems(36)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for modes in GROUPS:
            if self.count():
                self.insertSeparator(self.count())
            for mode in modes:
                self.addItem(say(text.BLEND_NAMES[mode]), mode)
        self.activated.connect(lambda index: self.chosen.emit(BlendMode(self.itemData(index))))
        self.highlighted.connect(self._pass)
        self.view().installEventFilter(self)

    @property
    def is_open(self) -> bool:
        """Whether the list of modes is open."""
        return self.view().isVisible()

    def show_mode(self, mode: BlendMode, *, group: bool) -> None:
        """Show the layer's mode; only groups can pass through."""
        items = self.model()
        assert isinstance(items, QStandardItemModel)
        items.item(self.findData(BlendMode.PASS_THROUGH)).setEnabled(group)
        if not self.is_open:
            with QSignalBlocker(self):
                self.setCurrentIndex(self.findData(mode))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The looking ends when the list closes, however that comes about, and before a mode is taken."""
        if watched is self.view() and event.type() == QEvent.Type.Hide:
            self.left.emit()
        return super().eventFilter(watched, event)

    def _pass(self, index: int) -> None:
        mode = self.itemData(index)  # Qt gives back plain text
        if self.is_open and mode is not None:
            self.passed.emit(BlendMode(mode))
