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
    """What the user set: whether the heat map is shown."""

    heat: bool = True


class Placing(Protocol):
    """What the line of controls needs of the tool."""

    settings: Options[PlaceSettings]

    @property
    def target(self) -> object: ...
    def discard(self) -> None: ...
    def apply(self) -> None: ...


class PlaceOptions(QWidget):
    """The heat map, and what ends it."""

    def __init__(self, tool: Placing, target_changed: SignalInstance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heat = QCheckBox(say(text.HEAT), self)
        self.heat.setToolTip(say(text.HEAT_HELP))
        self.heat.setChecked(tool.settings.now.heat)
        self.heat.toggled.connect(lambda on: tool.settings.change(heat=on))
        self.cancel = self._button(text.CANCEL, text.CANCEL_HELP, tool.discard)
        self.place = self._button(text.APPLY, text.APPLY_HELP, tool.apply)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.heat)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.place)
        target_changed.connect(self.show_target)
        self.show_target(tool.target)

    def show_target(self, target: object) -> None:
        """Allow what can be done."""
        self.place.setEnabled(target is not None)
        self.place.setToolTip(say(text.NEEDS_PLACE if target is None else text.APPLY_HELP))

    def _button(self, label: str, help_: str, run: Callable[[], None]) -> QPushButton:
        button = QPushButton(say(label), self)
        button.setToolTip(say(help_))
        button.setAutoDefault(False)
        button.clicked.connect(lambda: run())
        return button
