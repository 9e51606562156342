"""The controls above the list: mode, opacity, fill and switches of the chosen layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from studio.core import edits
from studio.core.document import Document
from studio.core.history import LabelledEdit
from studio.core.layers import BlendMode, ColorLabel, GroupLayer, LayerId
from studio.session import Session
from studio.ui import theme
from studio.ui.icons import icon
from studio.ui.panels.applying import apply
from studio.ui.panels.bar import AmountBar
from studio.ui.panels.layers import text
from studio.ui.panels.layers.blending import BlendBox
from studio.ui.panels.layers.rows import label_icon
from studio.ui.panels.layers.text import say

Actions = Callable[[str], QAction]
SWITCHES = (
    ("layer.lock_alpha", "layer.lock_pixels", "layer.lock_position"),
    ("layer.clipping",),
    ("layer.ai_visible", "layer.ai_editable"),
)
"""Actions that stand as buttons, in parts."""
NEW_MASKS = ("layer.add_mask", "layer.add_mask_hiding", "layer.mask_from_alpha")
"""Actions that give a layer a mask."""
SIGNS = {"layer.ai_visible": ("ai-eye", "ai-eye-off"), "layer.ai_editable": ("ai-edit", "ai-edit-off")}
"""Switches that are usually on: they show another icon when off, and are not marked when on."""


@dataclass(slots=True)
class _Look:
    """Modes as they were before the user began to look at others."""

    before: dict[LayerId, BlendMode] = field(default_factory=dict[LayerId, BlendMode])
    gesture: int = 0


class LayerControls(QWidget):
    """Shows the active layer and changes all chosen ones."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._looking = _Look()
        self.blend = BlendBox(self)
        self.opacity = AmountBar(
            say(text.OPACITY), 0, 100, suffix=say(text.PERCENT), help_=say(text.OPACITY_HELP), parent=self
        )
        self.fill = AmountBar(say(text.FILL), 0, 100, suffix=say(text.PERCENT), help_=say(text.FILL_HELP), parent=self)
        self.label_button = QToolButton(self)
        self.switches = QHBoxLayout()
        self.switches.setSpacing(1)
        top = QHBoxLayout()
        top.addWidget(self.blend, 1)
        top.addWidget(self.label_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 2)
        column.setSpacing(4)
        column.addLayout(top)
        amounts = QHBoxLayout()
        amounts.setSpacing(6)
        amounts.addWidget(self.opacity, 3)
        amounts.addWidget(self.fill, 2)
        column.addLayout(amounts)
        column.addLayout(self.switches)
        self.blend.chosen.connect(lambda mode: self._change(edits.set_blend, mode))
        self.blend.passed.connect(self._look_at)
        self.blend.left.connect(self._look_back)
        self.opacity.changed.connect(lambda value: self._change(edits.set_opacity, value / 100, drag="opacity"))
        self.fill.changed.connect(lambda value: self._change(edits.set_fill, value / 100, drag="fill"))
        for amount in (self.opacity, self.fill):
            amount.settled.connect(self._settle)
        self.label_button.setVisible(False)

    def use_actions(self, actions: Actions) -> None:
        """Make the buttons of these actions."""
        for part in SWITCHES:
            for name in part:
                shown = SIGNS.get(name)
                action = actions(name)
                button = action_button(action, self) if shown is None else SwitchButton(action, *shown, self)
                self.switches.addWidget(button)
            self.switches.addSpacing(4)
        self.switches.addStretch(1)
        menu = QMenu(self.label_button)
        for label in ColorLabel:
            action = QAction(label_icon(label), say(text.LABEL_NAMES[label]), menu)
            action.setIconVisibleInMenu(True)
            action.triggered.connect(lambda _checked=False, label=label: self._change(edits.set_label, label))
            menu.addAction(action)
        self.label_button.setMenu(menu)
        self.label_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.label_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.label_button.setAccessibleName(say(text.LABEL_BUTTON))
        self.label_button.setToolTip(say(text.LABEL_BUTTON))
        self.label_button.setVisible(True)

    def show_layers(self, document: Document | None, chosen: tuple[LayerId, ...]) -> None:
        """Show the active layer of these; nothing to set when there is none."""
        active = document.find(chosen[0]) if document is not None and chosen else None
        self.setEnabled(active is not None)
        if active is None or document is None:
            return
        groups = all(isinstance(document.find(layer), GroupLayer) for layer in chosen)
        self.blend.show_mode(active.blend, group=groups)
        self.opacity.show_value(round(100 * active.opacity))
        self.fill.show_value(round(100 * active.fill))
        self.label_button.setIcon(label_icon(active.label))

    def _change(self, edit: Callable[..., Document], value: object, *, drag: str = "") -> None:
        chosen = self._session.selection
        apply(self._session, edits.each(edit, chosen, value), (drag, chosen) if drag else None)

    def _settle(self) -> None:
        if self._session.has_document:
            self._session.history.seal()

    # Looking at modes before one is taken

    def _look_at(self, mode: BlendMode) -> None:
        """Show a mode for now. It is left out where it would cost the steps that can be redone."""
        history, chosen = self._session.history, self._session.selection
        if history.can_redo and not self._looking.before:
            return
        if not self._looking.before:
            self._looking.gesture += 1
            self._looking.before = {layer: history.document.layer(layer).blend for layer in chosen}
        apply(self._session, edits.each(edits.set_blend, chosen, mode), ("look", self._looking.gesture))

    def _look_back(self) -> None:
        """As it was, without a step."""
        before, self._looking.before = self._looking.before, {}
        if not before or not self._session.has_document:
            return

        def change(document: Document) -> Document:
            for layer, mode in before.items():
                document = edits.set_blend(document, layer, mode)
            return document

        label = edits.EDITS["set_blend"].label
        apply(self._session, LabelledEdit(label, change), ("look", self._looking.gesture))
        self._session.history.seal()


class SwitchButton(QToolButton):
    """A switch of an action that is usually on."""

    def __init__(self, action: QAction, on: str, off: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._action = action
        self._signs = {True: on, False: off}
        self.setIconSize(QSize(theme.current().icon_px - 2, theme.current().icon_px - 2))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        on = self._action.isChecked() or not self._action.isEnabled()
        name = self._action.text().replace("&", "")
        self.setEnabled(self._action.isEnabled())
        self.setIcon(icon(self._signs[on]))
        self.setToolTip(self._action.toolTip())
        self.setAccessibleName(f"{name}: {say(text.ON if on else text.OFF)}")


def menu_button(name: str, entries: Sequence[str], actions: Actions, parent: QWidget) -> QToolButton:
    """A button that opens a menu of actions."""
    button = QToolButton(parent)
    menu = QMenu(button)
    menu.setToolTipsVisible(True)
    fill(menu, entries, actions)
    button.setMenu(menu)
    button.setText(name)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(name)
    button.setToolTip(name)
    return button


def fill(menu: QMenu, names: Sequence[str], actions: Actions) -> None:
    """Put actions into a menu; an empty name draws a line."""
    for name in names:
        if name:
            menu.addAction(actions(name))
        else:
            menu.addSeparator()


def action_button(action: QAction, parent: QWidget) -> QToolButton:
    """A flat button of an action, reachable by Tab and with the action's name."""
    button = QToolButton(parent)
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setIconSize(QSize(theme.current().icon_px - 2, theme.current().icon_px - 2))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(action.text().replace("&", "").rstrip("….") or action.objectName())
    return button
