"""The field for the scenes of a sequence: cards with a caption and a number of frames."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from studio.plugin_api.interactions import SceneCard
from studio.plugin_api.params import ParamSpec
from studio.ui.forms import text
from studio.ui.forms.host import FormHost
from studio.ui.forms.lists import ListField, RowText
from studio.ui.forms.numbers import NumberBox
from studio.ui.forms.text import say
from studio.ui.forms.words import PromptEdit

FIRST_FRAMES = 16
"""A new scene has so many, where the limits allow it."""


class ScenesField(ListField[SceneCard]):
    """Scenes in the order they are played."""

    front_first = True
    hint = text.SCENES_EMPTY

    def __init__(self, spec: ParamSpec, host: FormHost, parent: QWidget | None = None) -> None:
        super().__init__(spec, host, parent)
        self.total = QLabel(self)
        self.total.setForegroundRole(self.total.foregroundRole().PlaceholderText)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addWidget(self.total)
        self.refresh()

    def row_of(self, entry: SceneCard, number: int) -> RowText:
        caption = " ".join(entry.caption.split()) or say(text.SCENE_NO_CAPTION)
        return RowText(
            shown=say(text.SCENE_ROW, number=number, caption=caption, frames=entry.frames), name=entry.caption
        )

    def renamed(self, entry: SceneCard, name: str) -> SceneCard:
        return replace(entry, caption=name)

    def fill_editor(self) -> None:
        low, high = self.spec.minimum or 1, self.spec.maximum or 1
        self.caption = PromptEdit(self.host, parent=self.editor)
        self.caption.setAccessibleName(say(text.SCENE_CAPTION))
        self.caption.textChanged.connect(lambda: self._change(caption=self.caption.toPlainText()))
        self.frames = NumberBox(low, high, 1, "", whole=True, parent=self.editor)
        self.frames.set_name(say(text.SCENE_FRAMES))
        self.frames.changed.connect(lambda frames: self._change(frames=round(frames)))
        self.editor_form.addRow(self.caption)
        self.editor_form.addRow(say(text.SCENE_FRAMES), self.frames)

    def show_in_editor(self, entry: SceneCard) -> None:
        if self.caption.toPlainText() != entry.caption:
            blocked = self.caption.blockSignals(True)
            self.caption.setPlainText(entry.caption)
            self.caption.blockSignals(blocked)
        self.frames.set_value(entry.frames)

    def more_buttons(self) -> list[QWidget]:
        self.add_button = QPushButton(say(text.SCENE_ADD))
        self.add_button.clicked.connect(self._add)
        return [self.add_button]

    def refresh(self) -> None:
        super().refresh()
        if hasattr(self, "total"):
            self.total.setText(say(text.SCENES_TOTAL, frames=sum(card.frames for card in self.value)))
            self.total.setVisible(bool(self.value))

    def _add(self) -> None:
        low, high = round(self.spec.minimum or 1), round(self.spec.maximum or 1)
        self.take((*self.value, SceneCard(caption="", frames=min(max(FIRST_FRAMES, low), high))))
        self.choose_row(len(self.value) - 1)
        self.caption.setFocus()

    def _change(self, **changes: object) -> None:
        if self.current is not None:
            self.change_current(replace(self.value[self.current], **changes))  # pyright: ignore[reportArgumentType] - fields of the card
