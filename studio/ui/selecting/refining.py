"""Refine edge: the selection's edge is found again in the picture, shown while it is set, and then taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QProgressBar,
    QVBoxLayout,
)

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import JobCancelled, StudioError
from studio.core.events import DocumentChanged, Subscriptions
from studio.core.history import EditCall, LabelledEdit
from studio.core.layers import LayerId, RasterLayer, new_layer_id
from studio.core.selection import Selection
from studio.retouch import RETOUCHES, extract_selected, refine_selection
from studio.session import DocumentOpened
from studio.ui import text as window_text
from studio.ui.canvas.options import Options
from studio.ui.canvas.overlays import RUBY
from studio.ui.canvas.view import CanvasView
from studio.ui.refusals import say_refusal
from studio.ui.selecting import text
from studio.ui.selecting.soon import told
from studio.ui.selecting.text import say
from studio.ui.selecting.tint import CoverageTint
from studio.ui.text import say as say_window

T = TypeVar("T")

SOON_MS = 200
"""The edge is looked for when nothing was set for so long."""


class Output(StrEnum):
    """What the new edge becomes."""

    SELECTION = "selection"
    MASK = "mask"
    LAYER = "layer"


class Ground(StrEnum):
    """What hides the part that is not selected."""

    RED = "red"
    BLACK = "black"
    WHITE = "white"


COLORS = {Ground.RED: RUBY, Ground.BLACK: QColor(0, 0, 0), Ground.WHITE: QColor(255, 255, 255)}


@dataclass(frozen=True, slots=True)
class Edge:
    """How the edge is found: `band_px` 1..250, `shift_px` -50..50, `feather_px` 0..50."""

    band_px: float = 6.0
    shift_px: float = 0.0
    feather_px: float = 0.0

    @property
    def call(self) -> EditCall:
        told: dict[str, object] = {
            "band_px": self.band_px,
            "shift_px": self.shift_px,
            "feather_px": self.feather_px,
        }
        return EditCall("refine_selection", told)

    def found_in(self, document: Document) -> Selection | None:
        """The selection with the new edge."""
        done = refine_selection(document, self.band_px, shift_px=self.shift_px, feather_px=self.feather_px)
        return done.selection


@dataclass(frozen=True, slots=True)
class RefineSet:
    """What was set last, apart from the edge itself."""

    band_px: float = 6.0
    clean: bool = True
    ground: Ground = Ground.RED
    output: Output = Output.SELECTION


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """The new selection, and what it was found for."""

    root: Document
    edge: Edge
    selection: Selection


class RefineDialog(QDialog):
    """Stands beside the canvas. The edge is looked for beside the window, again after every change."""

    def __init__(self, kept: Options[RefineSet], canvas: CanvasView) -> None:
        super().__init__(canvas.window())
        self._kept, self._canvas = kept, canvas
        self.setObjectName("refine_edge")
        self.setWindowTitle(say(text.REFINE_TITLE))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._found: _Found | None = None
        self._looking = self._wanted = self._over = False
        self._tint = CoverageTint(self)
        self._soon = QTimer(self, interval=SOON_MS, singleShot=True)
        self._soon.timeout.connect(self._look)
        self._lay_out()
        self._subscriptions = Subscriptions()
        self._subscriptions.listen(canvas.session.document_changed, self._on_changed)
        self._subscriptions.listen(canvas.session.opened, self._on_opened)
        self._subscriptions.listen(canvas.session.was_shut, self._on_opened)
        canvas.add_overlay(self._tint)
        canvas.work.progress.connect(self._on_share)
        self._look()

    @property
    def edge(self) -> Edge:
        """What is set."""
        return Edge(self.band.value(), self.shift.value(), self.soften.value())

    @property
    def is_ready(self) -> bool:
        """Whether the edge that is shown is the one that is set."""
        return self._current() is not None

    def accept(self) -> None:
        """Take the new edge as soon as it is there."""
        output = Output(self.output.currentData())
        if output is not Output.SELECTION and self._layer() is None:
            self._canvas.tell(say_window(window_text.NEEDS_PIXELS))
            return
        self._kept.change(band_px=self.band.value(), output=output)
        found = self._current()
        if found is None:
            self._wanted = True
            self._soon.stop()
            self._look()
        elif output is Output.SELECTION:
            self._finish(self._refined(found))
        elif output is Output.MASK:
            layer = self._layer()
            assert layer is not None
            steps = (self._refined(found), edits.step(edits.mask_from_selection, layer), edits.step(edits.deselect))
            self._finish(edits.together(edits.EDITS["mask_from_selection"].label, steps))
        else:
            self._cut_out(found)

    def done(self, result: int) -> None:
        if self._over:
            super().done(result)
            return
        self._over = True
        self._soon.stop()
        self._subscriptions.close()
        self._canvas.work.progress.disconnect(self._on_share)
        if self._looking:
            self._canvas.work.cancel()
        self._canvas.remove_overlay(self._tint)
        self._canvas.set_outlined(True)
        super().done(result)

    # Looking for the edge

    def _look(self) -> None:
        if self._looking or self._over:
            return
        root, edge = self._canvas.session.document, self.edge
        if root.selection is None:
            return
        self._looking = True
        self.busy.setRange(0, 0)

        def take(selection: Selection | None) -> None:
            self._looking = False
            if selection is not None and not self._over:
                self._found = _Found(root, edge, selection)
                self._show()
            self._on_looked()

        self._start(text.REFINING, lambda: edge.found_in(root), take)

    def _start(self, stage: str, work: Callable[[], T], take: Callable[[T], None]) -> None:
        def failed(error: BaseException) -> None:
            self._looking = self._wanted = False
            if not self._over:
                self.busy.setRange(0, 1)
            if isinstance(error, StudioError):
                self._canvas.tell(say_refusal(error))
            elif not isinstance(error, JobCancelled):
                raise error

        self._canvas.work.start(say(stage), work, take, failed)

    def _on_share(self, share: float) -> None:
        if self._looking:
            self.busy.setRange(0, 1000)
            self.busy.setValue(round(1000 * share))

    def _on_looked(self) -> None:
        """Look again when something was set meanwhile, else go on with what was wanted."""
        if self._over:
            return
        self.busy.reset()
        self.busy.setRange(0, 1)
        if self._current() is None:
            self._look()
        elif self._wanted:
            self._wanted = False
            self.accept()

    def _current(self) -> _Found | None:
        """The edge that was found, if it is the one that is set for the document that is open."""
        found, now = self._found, self._canvas.session.document
        fits = found is not None and found.edge == self.edge and found.root.layers is now.layers
        return found if fits and found is not None and found.root.selection is now.selection else None

    def _on_changed(self, news: DocumentChanged) -> None:
        if news.new.selection is None:
            self.reject()
        elif news.new.selection is not news.old.selection or not news.changes.dirty.is_empty:
            self._soon.start()

    def _on_opened(self, _: DocumentOpened | None) -> None:
        self.reject()

    def _show(self) -> None:
        """Hide what is not selected any more."""
        found = self._found
        if found is not None:
            color = COLORS[Ground(self.ground.currentData())]
            self._tint.show_coverage(found.selection.read(), found.root.canvas, color)
            self._canvas.set_outlined(False)

    # What becomes of it

    def _layer(self) -> LayerId | None:
        """The active layer, if it has pixels."""
        session = self._canvas.session
        if not session.selection:
            return None
        layer = session.document.layer(session.selection[0])
        return layer.id if isinstance(layer, RasterLayer) else None

    def _refined(self, found: _Found) -> LabelledEdit:
        label = RETOUCHES["refine_selection"].label
        return LabelledEdit(label, lambda now: edits.set_selection(now, found.selection), (found.edge.call,))

    def _cut_out(self, found: _Found) -> None:
        """A new layer of what is selected; this takes long, too."""
        layer, new, clean = self._layer(), new_layer_id(), self.clean.isChecked()
        assert layer is not None
        name = say_window(window_text.COPY_NAME)
        selected = replace(found.root, selection=found.selection)
        told_extract: dict[str, object] = {"layer_id": layer, "decontaminate": clean, "new_id": new, "name": name}
        calls = (found.edge.call, EditCall("extract_selected", told_extract), EditCall("deselect", {}))

        def cut() -> Document:
            return edits.deselect(extract_selected(selected, layer, decontaminate=clean, new_id=new, name=name))

        def take(done: Document) -> None:
            def change(now: Document) -> Document:
                if now.layers is not found.root.layers or now.selection is not found.root.selection:
                    raise StudioError(say(text.CHANGED_MEANWHILE))
                return replace(now, layers=done.layers, selection=None)

            if self._finish(LabelledEdit(RETOUCHES["extract_selected"].label, change, calls)):
                self._canvas.session.select((new,))

        self.busy.setRange(0, 0)
        self._start(text.REFINING, cut, take)

    def _finish(self, edit: LabelledEdit) -> bool:
        if self._over:
            return False
        self._subscriptions.close()
        done = told(self._canvas, lambda: self._canvas.session.history.apply(edit))
        super().accept()
        return done

    # What it looks like

    def _lay_out(self) -> None:
        now = self._kept.now
        self.band = self._number(text.BAND, text.BAND_HELP, 1, 250, now.band_px)
        self.shift = self._number(text.SHIFT, text.SHIFT_HELP, -50, 50, 0)
        self.soften = self._number(text.SOFTEN, text.SOFTEN_HELP, 0, 50, 0)
        self.ground = self._choice(text.SHOW_ON, text.SHOW_ON_HELP, text.GROUNDS, list(Ground), now.ground)
        self.output = self._choice(text.OUTPUT, text.OUTPUT_HELP, text.OUTPUTS, list(Output), now.output)
        self.clean = QCheckBox(say(text.CLEAN), self)
        self.clean.setToolTip(say(text.CLEAN_HELP))
        self.clean.setChecked(now.clean)
        self.clean.toggled.connect(lambda on: self._kept.change(clean=on))
        self.busy = QProgressBar(self)
        self.busy.setAccessibleName(say(text.REFINING))
        self.busy.setTextVisible(False)
        self.busy.setFixedHeight(6)
        form = QFormLayout()
        for label, field in ((text.BAND, self.band), (text.SHIFT, self.shift), (text.SOFTEN, self.soften)):
            form.addRow(say(label), field)
        form.addRow(say(text.SHOW_ON), self.ground)
        form.addRow(say(text.OUTPUT), self.output)
        form.addRow(self.clean)
        buttons = QDialogButtonBox(self)
        buttons.addButton(say(text.APPLY), QDialogButtonBox.ButtonRole.AcceptRole).setDefault(True)
        buttons.addButton(say(text.CANCEL), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.busy)
        column.addWidget(buttons)
        self.ground.activated.connect(lambda _: self._on_ground())
        self.output.currentIndexChanged.connect(lambda _: self._on_output())
        self._on_output()
        self.setMinimumWidth(340)

    def _on_ground(self) -> None:
        self._kept.change(ground=Ground(self.ground.currentData()))
        self._show()

    def _on_output(self) -> None:
        self.clean.setEnabled(Output(self.output.currentData()) is Output.LAYER)

    def _number(self, name: str, help_: str, least: float, most: float, value: float) -> QDoubleSpinBox:
        box = QDoubleSpinBox(self)
        box.setRange(least, most)
        box.setDecimals(1)
        box.setSuffix(say(text.PIXELS))
        box.setValue(value)
        box.setAccessibleName(say(name))
        box.setToolTip(say(help_))
        box.valueChanged.connect(lambda _: self._soon.start())
        return box

    def _choice(
        self, name: str, help_: str, names: dict[str, str], values: list[Ground] | list[Output], now: str
    ) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(say(name))
        box.setToolTip(say(help_))
        for value in values:
            box.addItem(say(names[value]), value)
        box.setCurrentIndex([str(value) for value in values].index(now))
        return box
