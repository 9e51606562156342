"""The field for a place out of several: the suggestions of a run, listed and shown over a heat map."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.plugin_api.interactions import Candidates, Suggestions
from studio.plugin_api.params import ParamSpec
from studio.ui.canvas.interactions.candidates import CandidatesInteraction
from studio.ui.forms import text
from studio.ui.forms.field import Field, IconButton
from studio.ui.forms.host import FormHost
from studio.ui.forms.lists import EntryList, RowText
from studio.ui.forms.text import say
from studio.ui.icons import icon


class PlacesField(Field):
    """Choose one of the suggested places, here or on the canvas."""

    def __init__(self, spec: ParamSpec, host: FormHost, parent: QWidget | None = None) -> None:
        super().__init__(spec, host, parent)
        self._value = cast("Candidates", spec.default)
        self.tool = CandidatesInteraction(self._value, self)
        self.list = EntryList(spec.label, renames=False, parent=self)
        self.list.setAccessibleDescription(spec.help)
        self.list.setDragDropMode(EntryList.DragDropMode.NoDragDrop)
        self.empty = QLabel(say(text.PLACES_EMPTY), self)
        self.empty.setWordWrap(True)
        self.empty.setForegroundRole(self.empty.foregroundRole().PlaceholderText)
        self.show_button = QPushButton(say(text.PLACES_SHOW), self)
        self.show_button.setIcon(icon("heat"))
        self.show_button.setIconSize(QSize(16, 16))
        self.show_button.setCheckable(True)
        self.none_button = IconButton("close", text.PLACES_NONE, lambda: self._choose(None), self)
        self.clear_button = IconButton("trash", text.PLACES_CLEAR, self._clear, self)
        bar = QHBoxLayout()
        bar.setSpacing(2)
        bar.addWidget(self.show_button)
        bar.addStretch(1)
        bar.addWidget(self.none_button)
        bar.addWidget(self.clear_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(bar)
        column.addWidget(self.empty)
        column.addWidget(self.list)
        self.list.currentRowChanged.connect(self._on_row)
        self.tool.changed.connect(self._on_tool_value)
        self.tool.accepted.connect(host.run_wanted)
        self.show_button.toggled.connect(self._on_show)
        host.tool_changed.connect(self._on_tool)
        host.document_changed.connect(self._refresh)
        self._refresh()

    @property
    def value(self) -> Candidates:
        return self._value

    def set_value(self, value: object) -> None:
        self._value = cast("Candidates", value)
        self.tool.set_value(self._value)
        self._refresh()

    def suggest(self, told: Suggestions) -> None:
        """Show what a run suggests, on the canvas too."""
        self.tool.set_heat(told.heat)
        self.set_value(told.candidates)
        self.host.begin(self.tool)
        self.changed.emit()

    def release(self) -> None:
        self.host.end(self.tool)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "show_button"):
            self.show_button.setIcon(icon("heat"))
        super().changeEvent(event)

    def _refresh(self) -> None:
        places, chosen = self._value.places, self._value.chosen
        self.list.fill(
            [
                RowText(
                    shown=say(
                        text.PLACES_ROW,
                        number=number,
                        score=f"{place.score:.2f}",
                        width=place.box.width,
                        height=place.box.height,
                    )
                )
                for number, place in enumerate(places, 1)
            ]
        )
        self.list.choose(-1 if chosen is None else chosen)
        self.list.setVisible(bool(places))
        self.empty.setVisible(not places)
        self.show_button.setEnabled(self.host.can_draw and bool(places))
        self.show_button.setToolTip("" if self.show_button.isEnabled() else say(text.PLACES_EMPTY))
        self.none_button.allow("" if chosen is not None else say(text.PLACES_NONE_CHOSEN))
        self.clear_button.allow("" if places else say(text.PLACES_EMPTY))

    def _on_row(self, row: int) -> None:
        if row >= 0:
            self.host.begin(self.tool)
        self._choose(row if row >= 0 else None)

    def _choose(self, index: int | None) -> None:
        if index != self._value.chosen:
            self.tool.choose(index)

    def _clear(self) -> None:
        self.tool.set_heat(None)
        self.host.end(self.tool)
        self.set_value(replace(self._value, places=(), chosen=None))
        self.changed.emit()

    def _on_tool_value(self, value: object) -> None:
        self._value = cast("Candidates", value)
        self._refresh()
        self.changed.emit()

    def _on_show(self, on: bool) -> None:
        if on == self.host.is_drawing(self.tool):
            return
        if on:
            self.host.begin(self.tool)
        else:
            self.host.end(self.tool)
        self._on_tool()

    def _on_tool(self) -> None:
        self.show_button.setChecked(self.host.is_drawing(self.tool))
