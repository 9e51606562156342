"""The lines of options of the selection tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QSignalBlocker, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QToolButton,
    QWidget,
)

from studio.core.document import MAX_SIDE_PX
from studio.core.events import Subscriptions
from studio.core.selection import FULL, Combine
from studio.ui.canvas.options import Options
from studio.ui.canvas.tools.select_box import BoxStyle, Style
from studio.ui.canvas.tools.select_settings import ObjectSet, SelectSet, WandSet
from studio.ui.icons import icon
from studio.ui.selecting import text
from studio.ui.selecting.text import say

F = TypeVar("F", bound=QWidget)

SIGNS = {
    Combine.REPLACE: "select-new",
    Combine.ADD: "select-add",
    Combine.SUBTRACT: "select-subtract",
    Combine.INTERSECT: "select-intersect",
}
LARGEST_RATIO = 1000.0
SPACE_PX = 14
"""Between parts that have nothing to do with each other."""


class CombineButtons(QWidget):
    """What a new selection does with the one there is: one of four buttons is down."""

    def __init__(self, shared: Options[SelectSet], parent: QWidget) -> None:
        super().__init__(parent)
        self._shared = shared
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.setAccessibleName(say(text.COMBINE))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        self.buttons: dict[Combine, QToolButton] = {}
        for combine in SIGNS:
            button = self.buttons[combine] = self._button(combine)
            self._group.addButton(button)
            row.addWidget(button)
        self._subscriptions = Subscriptions()
        self._subscriptions.listen(shared.changed, self._show)
        self._dress()
        self._show(shared.now)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "buttons"):
            self._dress()
        super().changeEvent(event)

    def _button(self, combine: Combine) -> QToolButton:
        button = QToolButton(self)
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        name = say(text.COMBINE_NAMES[combine])
        button.setAccessibleName(name)
        button.setToolTip(f"{name}\n{say(text.COMBINE_HELP[combine])}")
        button.clicked.connect(lambda: self._shared.change(combine=combine))
        return button

    def _dress(self) -> None:
        for combine, button in self.buttons.items():
            button.setIcon(icon(SIGNS[combine]))

    def _show(self, now: SelectSet) -> None:
        self.buttons[now.combine].setChecked(True)


class SelectLine(QWidget):
    """The buttons that all of them begin with; a kind of tool adds its own."""

    def __init__(self, shared: Options[SelectSet], parent: QWidget) -> None:
        super().__init__(parent)
        self._shared = shared
        self._subscriptions = Subscriptions()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self.combine = CombineButtons(shared, self)
        self._row.addWidget(self.combine)
        self._row.addSpacing(SPACE_PX)

    def add(self, widget: QWidget) -> None:
        """One more control at the end."""
        self._row.addWidget(widget)

    def add_named(self, label: str, field: QWidget) -> QLabel:
        """One more control with its label in front."""
        words = QLabel(say(label), self)
        words.setBuddy(field)
        words.setToolTip(field.toolTip())
        self._row.addWidget(words)
        self._row.addWidget(field)
        return words

    def add_antialias(self) -> QCheckBox:
        """Whether edges are smooth, which all tools share."""
        box = self.switch(
            text.ANTIALIAS,
            text.ANTIALIAS_HELP,
            self._shared.now.antialias,
            lambda on: self._shared.change(antialias=on),
        )

        def show(now: SelectSet) -> None:
            box.setChecked(now.antialias)

        self._subscriptions.listen(self._shared.changed, show)
        self.add(box)
        return box

    def switch(self, label: str, help_: str, on: bool, change: Callable[[bool], None]) -> QCheckBox:
        """A box to tick."""
        box = QCheckBox(say(label), self)
        box.setChecked(on)
        box.setToolTip(say(help_))
        box.toggled.connect(change)
        return box

    def end(self, hint: str = "") -> None:
        """Nothing comes any more, but a hint."""
        if hint:
            self._row.addSpacing(SPACE_PX)
            words = QLabel(hint, self)
            words.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            self._row.addWidget(words)
        self._row.addStretch(1)


class LineOptions(SelectLine):
    """Of the lasso and the polygonal lasso."""

    def __init__(self, shared: Options[SelectSet], hint: str, parent: QWidget) -> None:
        super().__init__(shared, parent)
        self.antialias = self.add_antialias()
        self.end(hint)


class BoxOptions(SelectLine):
    """Of rectangle and ellipse: the style, and the numbers that it needs."""

    def __init__(
        self, shared: Options[SelectSet], style: Options[BoxStyle], parent: QWidget, *, soft_edge: bool
    ) -> None:
        super().__init__(shared, parent)
        self._style = style
        now = style.now
        self.style_choice = QComboBox(self)
        self.style_choice.setAccessibleName(say(text.STYLE))
        self.style_choice.setToolTip(say(text.STYLE_HELP))
        for kind in Style:
            self.style_choice.addItem(say(text.STYLE_NAMES[kind]), kind)
        self.style_choice.setCurrentIndex(list(Style).index(now.style))
        self.style_choice.activated.connect(lambda _: self._style.change(style=Style(self.style_choice.currentData())))
        self.ratio_width = self._ratio(text.RATIO_WIDTH, now.ratio_width, "ratio_width")
        self.ratio_height = self._ratio(text.RATIO_HEIGHT, now.ratio_height, "ratio_height")
        self.width_px = self._pixels(text.SIZE_WIDTH, now.width_px, "width_px")
        self.height_px = self._pixels(text.SIZE_HEIGHT, now.height_px, "height_px")
        if soft_edge:
            self.antialias = self.add_antialias()
            self._row.addSpacing(SPACE_PX)
        self.add_named(text.STYLE, self.style_choice)
        self._colon = QLabel(":", self)
        for field in (self.ratio_width, self._colon, self.ratio_height):
            self.add(field)
        self._labels = (
            self.add_named(text.SIZE_WIDTH, self.width_px),
            self.add_named(text.SIZE_HEIGHT, self.height_px),
        )
        self.end(say(text.HOW_TO["box"]))
        self._subscriptions.listen(style.changed, lambda _: self._show_numbers())
        self._show_numbers()

    def _ratio(self, name: str, value: float, field: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox(self)
        box.setRange(1 / 100, LARGEST_RATIO)
        box.setDecimals(2)
        box.setValue(value)
        box.valueChanged.connect(lambda new: self._style.change(**{field: new}))
        return _named(box, name, text.RATIO_HELP)

    def _pixels(self, name: str, value: int, field: str) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(1, MAX_SIDE_PX)
        box.setSuffix(say(text.PIXELS))
        box.setValue(value)
        box.valueChanged.connect(lambda new: self._style.change(**{field: new}))
        return _named(box, name, text.SIZE_HELP)

    def _show_numbers(self) -> None:
        now = self._style.now
        with QSignalBlocker(self.style_choice):
            self.style_choice.setCurrentIndex(list(Style).index(now.style))
        for field in (self.ratio_width, self._colon, self.ratio_height):
            field.setVisible(now.style is Style.RATIO)
        for field in (*self._labels, self.width_px, self.height_px):
            field.setVisible(now.style is Style.SIZE)


class WandOptions(SelectLine):
    """Of the magic wand."""

    def __init__(self, shared: Options[SelectSet], settings: Options[WandSet], parent: QWidget) -> None:
        super().__init__(shared, parent)
        now = settings.now
        self.tolerance = QSpinBox(self)
        self.tolerance.setRange(0, FULL)
        self.tolerance.setValue(now.tolerance)
        self.tolerance.valueChanged.connect(lambda value: settings.change(tolerance=value))
        self.add_named(text.TOLERANCE, _named(self.tolerance, text.TOLERANCE, text.TOLERANCE_HELP))
        self.contiguous = self.switch(
            text.CONTIGUOUS, text.CONTIGUOUS_HELP, now.contiguous, lambda on: settings.change(contiguous=on)
        )
        self.all_layers = self.switch(
            text.ALL_LAYERS, text.ALL_LAYERS_HELP, now.all_layers, lambda on: settings.change(all_layers=on)
        )
        self.add(self.contiguous)
        self.add(self.all_layers)
        self.antialias = self.add_antialias()
        self.end()


class ObjectOptions(SelectLine):
    """Of selecting objects."""

    def __init__(self, shared: Options[SelectSet], settings: Options[ObjectSet], parent: QWidget) -> None:
        super().__init__(shared, parent)
        self.fine = self.switch(text.FINE, text.FINE_HELP, settings.now.fine, lambda on: settings.change(fine=on))
        self.add(self.fine)
        self.end(say(text.OBJECT_STATUS))


def _named(field: F, name: str, help_: str) -> F:
    field.setAccessibleName(say(name))
    field.setToolTip(say(help_))
    return field
