"""The dialog that scales the whole picture."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QLabel, QVBoxLayout, QWidget

from studio.core.document import MAX_SIDE_PX, Document
from studio.core.geometry import Size
from studio.core.resampling import Sampling
from studio.ui.geometry import text
from studio.ui.geometry.fields import SizeField, buttons, choice
from studio.ui.geometry.text import say

SAMPLINGS = (
    (text.SAMPLING_NEAREST, Sampling.NEAREST),
    (text.SAMPLING_BILINEAR, Sampling.BILINEAR),
    (text.SAMPLING_BICUBIC, Sampling.BICUBIC),
    (text.SAMPLING_LANCZOS, Sampling.LANCZOS),
)
_PIXELS, _PERCENT = "pixels", "percent"


class ImageSizeDialog(QDialog):
    """Width and height in pixels or percent, in proportion or not; what it takes in memory."""

    def __init__(self, document: Document, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(say(text.IMAGE_SIZE_TITLE))
        self._start = document.size
        self._bytes = sum(buffer.nbytes for buffer in document.buffers())
        self._size = document.size
        self.width_field = SizeField(say(text.WIDTH), say(text.WIDTH_HELP), self)
        self.height_field = SizeField(say(text.HEIGHT), say(text.HEIGHT_HELP), self)
        units = ((say(text.UNIT_PIXELS), _PIXELS), (say(text.UNIT_PERCENT), _PERCENT))
        self.unit = choice(say(text.UNIT), say(text.UNIT_HELP), units, self)
        self.proportions = QCheckBox(say(text.PROPORTIONS), self)
        self.proportions.setToolTip(say(text.PROPORTIONS_HELP))
        self.proportions.setChecked(True)
        names = [(say(label), sampling) for label, sampling in SAMPLINGS]
        self.sampling_choice = choice(say(text.SAMPLING), say(text.SAMPLING_HELP), names, self)
        self.sampling_choice.setCurrentIndex(self.sampling_choice.findData(Sampling.BICUBIC))
        self.memory = QLabel(self)
        form = QFormLayout()
        form.addRow(say(text.WIDTH), self.width_field)
        form.addRow(say(text.HEIGHT), self.height_field)
        form.addRow(say(text.UNIT), self.unit)
        form.addRow("", self.proportions)
        form.addRow(say(text.SAMPLING), self.sampling_choice)
        form.addRow(say(text.MEMORY), self.memory)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(buttons(self, say(text.RESIZE)))
        self.unit.currentIndexChanged.connect(lambda _: self._show())
        self.width_field.valueChanged.connect(lambda value: self._take(width=value))
        self.height_field.valueChanged.connect(lambda value: self._take(height=value))
        self.proportions.toggled.connect(lambda on: on and self._take(width=self.width_field.value()))
        self._show()
        self.width_field.selectAll()
        self.width_field.setFocus()

    @property
    def asked(self) -> Size:
        """The size in pixels."""
        return self._size

    @property
    def sampling(self) -> Sampling:
        return Sampling(self.sampling_choice.currentData())

    @property
    def _in_percent(self) -> bool:
        return self.unit.currentData() == _PERCENT

    def _take(self, *, width: float | None = None, height: float | None = None) -> None:
        """One side was typed; the other follows where they keep the proportion."""
        start, linked = self._start, self.proportions.isChecked()
        if width is not None:
            across = width / 100 if self._in_percent else width / start.width
            down = across if linked else self._size.height / start.height
        else:
            assert height is not None, "one side was typed"
            down = height / 100 if self._in_percent else height / start.height
            across = down if linked else self._size.width / start.width
        self._size = Size(_side(across * start.width), _side(down * start.height))
        self._show(typed=self.width_field if width is not None else self.height_field)

    def _show(self, typed: SizeField | None = None) -> None:
        """Show the size in the chosen unit, but leave the field alone that is being typed in."""
        for field, now, before in (
            (self.width_field, self._size.width, self._start.width),
            (self.height_field, self._size.height, self._start.height),
        ):
            if field is typed:
                continue
            if self._in_percent:
                field.set_unit(say(text.PERCENT), 0.01, 100 * MAX_SIDE_PX / before, 2)
                field.show_value(100 * now / before)
            else:
                field.set_unit(say(text.PIXELS), 1, MAX_SIDE_PX, 0)
                field.show_value(now)
        share = self._size.area / self._start.area
        self.memory.setText(say(text.MEMORY_VALUE, before=_told(self._bytes), after=_told(self._bytes * share)))


def _side(value: float) -> int:
    return min(max(round(value), 1), MAX_SIDE_PX)


def _told(nbytes: float) -> str:
    """In megabytes, with a digit where there are few."""
    value = nbytes / (1 << 20)
    return say(text.MEGABYTES, value=f"{value:.1f}" if value < 100 else f"{value:.0f}")
