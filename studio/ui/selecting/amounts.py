"""Grow, Shrink, Border, Smooth and Feather: one number of pixels each, and the button that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QDoubleSpinBox, QFormLayout, QLabel, QVBoxLayout

from studio.core import edits
from studio.core.history import LabelledEdit
from studio.ui.canvas.options import Options
from studio.ui.canvas.view import CanvasView
from studio.ui.selecting import text
from studio.ui.selecting.soon import select_soon
from studio.ui.selecting.text import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What was chosen last, in pixels."""

    grow: float = 5.0
    shrink: float = 5.0
    border: float = 10.0
    smooth: float = 5.0
    feather: float = 5.0


@dataclass(frozen=True, slots=True)
class Reshaping:
    """One way to change the outline: what it may be given, and the edit."""

    name: str
    least: float
    most: float
    edit: Callable[[float], LabelledEdit] = field(compare=False)
    decimals: int = 1


RESHAPINGS: Mapping[str, Reshaping] = MappingProxyType(
    {
        reshaping.name: reshaping
        for reshaping in (
            Reshaping("grow", 0.5, 1000, lambda px: edits.step(edits.grow_selection, px)),
            Reshaping("shrink", 0.5, 1000, lambda px: edits.step(edits.shrink_selection, px)),
            Reshaping("border", 1, 1000, lambda px: edits.step(edits.border_selection, px)),
            Reshaping("smooth", 1, 500, lambda px: edits.step(edits.smooth_selection, round(px)), decimals=0),
            Reshaping("feather", 0.1, 500, lambda px: edits.step(edits.feather_selection, px)),
        )
    }
)


class AmountDialog(QDialog):
    """Asks for the pixels; accepting it changes the selection beside the window."""

    def __init__(self, reshaping: Reshaping, kept: Options[Amounts], canvas: CanvasView) -> None:
        super().__init__(canvas.window())
        self._reshaping, self._kept, self._canvas = reshaping, kept, canvas
        name = reshaping.name
        self.setObjectName(f"select_{name}")
        self.setWindowTitle(say(text.AMOUNT_TITLES[name]))
        hint = QLabel(say(text.AMOUNT_HELP[name]), self)
        hint.setWordWrap(True)
        self.amount = QDoubleSpinBox(self)
        self.amount.setDecimals(reshaping.decimals)
        self.amount.setRange(reshaping.least, reshaping.most)
        self.amount.setSuffix(say(text.PIXELS))
        self.amount.setAccessibleName(say(text.AMOUNT_TITLES[name]))
        self.amount.setToolTip(say(text.AMOUNT_HELP[name]))
        self.amount.setValue(getattr(kept.now, name))
        self.amount.selectAll()
        form = QFormLayout()
        form.addRow(say(text.BY), self.amount)
        buttons = QDialogButtonBox(self)
        buttons.addButton(say(text.AMOUNT_DO[name]), QDialogButtonBox.ButtonRole.AcceptRole).setDefault(True)
        buttons.addButton(say(text.CANCEL), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(hint)
        column.addLayout(form)
        column.addWidget(buttons)
        self.setMinimumWidth(340)

    def accept(self) -> None:
        super().accept()
        px = self.amount.value()
        self._kept.change(**{self._reshaping.name: px})
        select_soon(self._canvas, self._reshaping.edit(px), say(text.AMOUNT_DOING))
