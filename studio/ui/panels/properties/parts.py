"""The parts of the properties panel beside the adjustments: the mask, and how the layer was made."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QCheckBox, QFormLayout, QGroupBox, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from studio.core import edits
from studio.core.history import LabelledEdit
from studio.core.layers import Layer, LayerId, Provenance
from studio.session import Session
from studio.ui import theme
from studio.ui.icons import icon
from studio.ui.panels.amount import Amount
from studio.ui.panels.applying import apply
from studio.ui.panels.layers import text
from studio.ui.panels.layers.controls import NEW_MASKS, Actions, action_button, menu_button
from studio.ui.panels.layers.describing import made
from studio.ui.panels.layers.text import say

MASK_COMMANDS = ("layer.invert_mask", "layer.apply_mask", "layer.remove_mask")


class MaskPart(QGroupBox):
    """On, linked and density of the active layer's mask, and what can be done with it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(say(text.MASK_TITLE), parent)
        self._session = session
        self.enabled = QCheckBox(say(text.MASK_ENABLED), self)
        self.linked = QCheckBox(say(text.MASK_LINKED), self)
        self.density = Amount(
            say(text.DENSITY), 0, 100, 100, suffix=say(text.PERCENT), help_=say(text.DENSITY_HELP), parent=self
        )
        self._none = QLabel(say(text.MASK_NONE), self)
        switches = QHBoxLayout()
        switches.addWidget(self.enabled)
        switches.addWidget(self.linked)
        switches.addStretch(1)
        self._commands = QHBoxLayout()
        self._commands.setSpacing(2)
        column = QVBoxLayout(self)
        column.addWidget(self._none)
        column.addLayout(switches)
        column.addWidget(self.density)
        column.addLayout(self._commands)
        self._with_mask: list[QWidget] = [self.enabled, self.linked, self.density]
        self._without: list[QWidget] = [self._none]
        self.enabled.clicked.connect(
            lambda on: self._apply(lambda layer: edits.step(edits.set_mask_enabled, layer, on))
        )
        self.linked.clicked.connect(lambda on: self._apply(lambda layer: edits.step(edits.set_mask_linked, layer, on)))
        self.density.changed.connect(self._set_density)
        self.density.settled.connect(lambda: session.history.seal() if session.has_document else None)

    def use_actions(self, actions: Actions) -> None:
        """Make the buttons of these actions."""
        add = menu_button(say(text.ADD_MASK), NEW_MASKS, actions, self)
        add.setIcon(icon("mask"))
        add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._commands.addWidget(add)
        self._without.append(add)
        for name in MASK_COMMANDS:
            button = action_button(actions(name), self)
            self._commands.addWidget(button)
            self._with_mask.append(button)
        self._commands.addStretch(1)

    def show_layer(self, layer: Layer) -> None:
        """Show this layer's mask."""
        mask = layer.mask
        for widgets, wanted in ((self._with_mask, mask is not None), (self._without, mask is None)):
            for widget in widgets:
                widget.setVisible(wanted)
        if mask is not None:
            self.enabled.setChecked(mask.enabled)
            self.linked.setChecked(mask.linked)
            self.density.show_value(round(100 * mask.density))

    def _apply(self, edit: Callable[[LayerId], LabelledEdit], merge_key: str = "") -> None:
        """Edit the active layer. There is none when a field loses the focus because the document was closed."""
        session = self._session
        if session.has_document and session.selection:
            layer = session.selection[0]
            apply(session, edit(layer), (merge_key, layer) if merge_key else None)

    def _set_density(self, percent: int) -> None:
        self._apply(lambda layer: edits.step(edits.set_mask_density, layer, percent / 100), "density")


class MadePart(QGroupBox):
    """How a layer was made, to be read and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(say(text.MADE_TITLE), parent)
        self._form = QFormLayout(self)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._shown: Provenance | None = None

    def show_record(self, record: Provenance | None) -> None:
        """Show a record; hidden without one."""
        self.setVisible(record is not None)
        if record is None or record == self._shown:
            return
        self._shown = record
        while self._form.rowCount():
            self._form.removeRow(0)
        for label, value in made(record):
            words = QLabel(value, self)
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
            words.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            words.setAccessibleName(f"{label}: {value}")
            self._form.addRow(label, words)


def reset_button(parent: QWidget) -> QToolButton:
    """The button that takes an adjustment back to doing nothing."""
    button = QToolButton(parent)
    button.setText(say(text.RESET))
    button.setToolTip(say(text.RESET_HELP))
    button.setAccessibleName(say(text.RESET))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setIconSize(QSize(theme.current().icon_px - 4, theme.current().icon_px - 4))
    return button
