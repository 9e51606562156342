"""The line of controls of a tool, made of its options: each control shows a field and sets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QEvent, QSignalBlocker, QSize
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from studio.core.events import Subscriptions
from studio.ui import theme
from studio.ui.canvas.options import Options
from studio.ui.icons import icon
from studio.ui.panels.bar import AmountBar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
GAP_PX = 6


class OptionLine(QWidget):
    """Add controls from left to right, then `end`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._subscriptions = Subscriptions()
        self._signs: dict[QToolButton, str] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP_PX)
        self.destroyed.connect(self._subscriptions.close)

    def add(self, widget: QWidget) -> None:
        """Any other control."""
        self._row.addWidget(widget)

    def amount(
        self,
        options: Options[T],
        field: str,
        label: str,
        low: int,
        high: int,
        *,
        unit: float = 1.0,
        suffix: str = "",
        help_: str = "",
        curve: float = 1.0,
    ) -> AmountBar:
        """A number; the bar counts in `unit`, so 0.01 shows a share as percent."""
        bar = AmountBar(label, low, high, suffix=suffix, help_=help_, curve=curve, parent=self)
        bar.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        bar.changed.connect(lambda value: options.change(**{field: value * unit}))
        self._row.addWidget(bar)
        self._follow(options, field, lambda value: bar.show_value(round(float(str(value)) / unit)))
        return bar

    def switch(
        self, options: Options[T], field: str, label: str, *, help_: str = "", sign: str = "", on: object = True
    ) -> QWidget:
        """On or off: a button with an icon, else a box with a label. `on` is what the field is set to by it.

        What is off is as empty as a value of that type can be.
        """
        if sign:
            button = QToolButton(self)
            button.setCheckable(True)
            self._signs[button] = sign
            self._dress()
        else:
            button = QCheckBox(label, self)
        button.setAccessibleName(label)
        button.setToolTip(help_ or label)
        button.setFocusPolicy(button.focusPolicy() | button.focusPolicy().TabFocus)
        button.clicked.connect(lambda checked: options.change(**{field: on if checked else type(on)()}))
        self._row.addWidget(button)
        self._follow(options, field, lambda value: button.setChecked(bool(value)))
        return button

    def choice(
        self, options: Options[T], field: str, entries: Mapping[object, str], label: str, *, help_: str = ""
    ) -> QComboBox:
        """One of several, by what they are called; the label stands in front."""
        values = list(entries)
        box = QComboBox(self)
        box.addItems(list(entries.values()))
        box.setAccessibleName(label)
        box.setToolTip(help_)
        words = QLabel(label, self)
        words.setBuddy(box)
        box.activated.connect(lambda index: options.change(**{field: values[index]}))
        self._row.addWidget(words)
        self._row.addWidget(box)

        def show(value: object) -> None:
            with QSignalBlocker(box):
                box.setCurrentIndex(values.index(value) if value in values else -1)

        self._follow(options, field, show)
        return box

    def end(self) -> None:
        """What is over stays free."""
        self._row.addStretch(1)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_signs"):
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        side = theme.current().icon_px
        for button, sign in self._signs.items():
            button.setIcon(icon(sign))
            button.setIconSize(QSize(side, side))

    def _follow(self, options: Options[T], field: str, show: Callable[[object], None]) -> None:
        self._subscriptions.listen(options.changed, lambda now: show(getattr(now, field)))
        show(getattr(options.now, field))
