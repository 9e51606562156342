"""The line of controls of the place tool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QWidget

from studio.ui.canvas.options import Options
from studio.ui.canvas.tools import place_text as text
from studio.ui.canvas.tools.place_text import say


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSettings:
    """What the user set: whether the heat map is shown, whether only the selection is searched, and what is added to
    the object once it is placed.
    """

    heat: bool = True
    inside: bool = True
    shadow: bool = False
    light: bool = False


class Placing(Protocol):
    """What the line of controls needs of the tool."""

    settings: Options[PlaceSettings]

    @property
    def target(self) -> object: ...
    def discard(self) -> None: ...
    def apply(self) -> None: ...


class PlaceOptions(QWidget):
    """The heat map, what is added, and what ends it."""

    def __init__(self, tool: Placing, target_changed: SignalInstance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        now, change = tool.settings.now, tool.settings.change
        self.heat = self._switch(text.HEAT, text.HEAT_HELP, now.heat, lambda on: change(heat=on))
        self.inside = self._switch(text.INSIDE, text.INSIDE_HELP, now.inside, lambda on: change(inside=on))
        self.shadow = self._switch(text.SHADOW, text.SHADOW_HELP, now.shadow, lambda on: change(shadow=on))
        self.light = self._switch(text.LIGHT, text.LIGHT_HELP, now.light, lambda on: change(light=on))
        self.cancel = self._button(text.CANCEL, text.CANCEL_HELP, tool.discard)
        self.place = self._button(text.APPLY, text.APPLY_HELP, tool.apply)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for switch in (self.heat, self.inside, self.shadow, self.light):
            row.addWidget(switch)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.place)
        target_changed.connect(self.show_target)
        self.show_target(tool.target)

    def show_target(self, target: object) -> None:
        """Allow what can be done."""
        self.place.setEnabled(target is not None)
        self.place.setToolTip(say(text.NEEDS_PLACE if target is None else text.APPLY_HELP))

    def _switch(self, label: str, help_: str, on: bool, change: Callable[[bool], None]) -> QCheckBox:
        box = QCheckBox(say(label), self)
        box.setToolTip(say(help_))
        box.setChecked(on)
        box.toggled.connect(change)
        return box

    def _button(self, label: str, help_: str, run: Callable[[], None]) -> QPushButton:
        button = QPushButton(say(label), self)
        button.setToolTip(say(help_))
        button.setAutoDefault(False)
        button.clicked.connect(lambda: run())
        return button
