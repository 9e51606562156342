"""The move tool's options: buttons that align and distribute the chosen layers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from studio.core import edits
from studio.core.edits.arranging import Alignment, Axis, Frame
from studio.core.errors import StudioError
from studio.core.history import LabelledEdit
from studio.ui.canvas.tool import Tool
from studio.ui.geometry import text
from studio.ui.geometry.alignments import ALIGNMENTS, AXES, frame_for
from studio.ui.geometry.text import say
from studio.ui.icons import icon
from studio.ui.refusals import say_refusal

FRAMES: tuple[tuple[str, Frame | None], ...] = (
    (text.TO_AUTOMATIC, None),
    (text.TO_CANVAS, Frame.CANVAS),
    (text.TO_SELECTION, Frame.SELECTION),
    (text.TO_LAYERS, Frame.LAYERS),
)


class AlignOptions(QWidget):
    """One button for each way, and what layers are aligned to. What cannot be done is told."""

    def __init__(self, tool: Tool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tool = tool
        self.frame_choice = QComboBox(self)
        self.frame_choice.setAccessibleName(say(text.ALIGN_TO))
        self.frame_choice.setToolTip(say(text.ALIGN_TO_HELP))
        for label, frame in FRAMES:
            self.frame_choice.addItem(say(label), frame)
        words = QLabel(say(text.ALIGN_TO), self)
        words.setBuddy(self.frame_choice)
        self.buttons: dict[Alignment | Axis, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(words)
        row.addWidget(self.frame_choice)
        row.addSpacing(8)
        for alignment, label in ALIGNMENTS:
            if alignment is Alignment.TOP:
                row.addSpacing(8)
            row.addWidget(self._button(alignment, label, text.ALIGN_HELP, lambda a=alignment: self._align(a)))
        row.addSpacing(8)
        for axis, label in AXES:
            row.addWidget(self._button(axis, label, text.DISTRIBUTE_HELP, lambda a=axis: self._distribute(a)))
        row.addStretch(1)
        self._dress()

    @property
    def frame(self) -> Frame:
        """What layers are aligned to now."""
        told = self.frame_choice.currentData()
        return frame_for(self._tool.host.session) if told is None else Frame(told)

    def _button(self, way: Alignment | Axis, label: str, help_: str, run: Callable[[], None]) -> QToolButton:
        button = self.buttons[way] = QToolButton(self)
        button.setAccessibleName(say(label))
        button.setToolTip(f"{say(label)}\n{say(help_)}")
        button.clicked.connect(lambda: run())
        return button

    def _align(self, alignment: Alignment) -> None:
        if self._tool.is_active and self._tool.host.session.has_document:
            layers = self._tool.host.session.selection
            self._do(edits.step(edits.align_layers, layers, alignment, to=self.frame))

    def _distribute(self, axis: Axis) -> None:
        if self._tool.is_active and self._tool.host.session.has_document:
            self._do(edits.step(edits.distribute_layers, self._tool.host.session.selection, axis))

    def _do(self, edit: LabelledEdit) -> None:
        host = self._tool.host
        try:
            host.session.history.apply(edit)
        except StudioError as error:
            host.tell(say_refusal(error))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "buttons"):
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        for way, button in self.buttons.items():
            kind = "align" if isinstance(way, Alignment) else "distribute"
            button.setIcon(icon(f"{kind}-{way}"))
