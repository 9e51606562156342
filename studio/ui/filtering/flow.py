"""Filters, adjustments and edge repair as the window offers them: one dialog at a time, and the last filter again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QWidget

from studio.core.adjustments import Adjustment
from studio.core.document import Document
from studio.core.errors import JobCancelled
from studio.core.filters import LABELS, Filter
from studio.core.history import LabelledEdit
from studio.core.layers import LayerId
from studio.ui.actions import Shell
from studio.ui.filtering import text
from studio.ui.filtering.adjusting import AdjustDialog, adjustment_edit
from studio.ui.filtering.background import Background
from studio.ui.filtering.dialog import PreviewDialog, Workplace, finish
from studio.ui.filtering.edges import EdgeDialog, EdgeParams
from studio.ui.filtering.filters import FilterDialog, filter_edit
from studio.ui.filtering.parameters import FilterParams
from studio.ui.filtering.targets import Target, targets
from studio.ui.filtering.text import say
from studio.ui.text import say_edit
from studio.ui.toolbox import SPECS
from studio.ui.work import FileWork

LOOK_AROUND = "hand"
"""The tool while a dialog is open: the canvas is for looking."""
GAP_PX = 24


class Filtering(QObject):
    """Opens the dialogs beside `window`; call `release` at the end."""

    def __init__(self, shell: Shell, work: FileWork, window: QWidget) -> None:
        super().__init__(window)
        self._shell = shell
        self._work = work
        self._window = window
        self.background = Background(self)
        self.dialog: PreviewDialog | None = None
        self.last: Filter | None = None
        self._params: dict[str, FilterParams] = {}
        self._edges = EdgeParams()
        self._tool = ""
        self._place: QPoint | None = None

    @property
    def last_label(self) -> str:
        """What the last filter is called, in English; empty when there was none."""
        return "" if self.last is None else LABELS[self.last.kind]

    def open_filter(self, kind: str) -> None:
        """Ask for a filter's values, beginning with the last ones."""
        dialog = FilterDialog(
            self._workplace(), self._layer, kind, self._window, self._params.get(kind), on_mask=self._is_mask_chosen
        )
        dialog.applying.connect(lambda: self._keep(dialog))
        self._open(dialog)

    def open_adjustment(self, kind: type[Adjustment]) -> None:
        """Ask for an adjustment's values."""
        self._open(AdjustDialog(self._workplace(), self._layer, kind, self._window))

    def adjust(self, adjustment: Adjustment) -> None:
        """Adjust the active layer without asking."""
        self._do(adjustment_edit(self._layer, adjustment))

    def open_edges(self) -> None:
        """Ask for the values of an edge repair, beginning with the last ones."""
        params = replace(self._edges, on_mask=self._edges.on_mask or self._is_mask_chosen)
        dialog = EdgeDialog(self._workplace(), self._layer, self._window, params)
        dialog.applying.connect(lambda: self._keep_edges(dialog))
        self._open(dialog)

    def repeat(self) -> None:
        """Apply the last filter with the same values to the active layer, or to its mask where that is chosen."""
        if self.last is None:
            return
        on_mask = self._is_mask_chosen or Target.PIXELS not in targets(self._shell.session.document, self._layer)
        self._do(filter_edit(self._layer, self.last, on_mask=on_mask))

    def release(self) -> None:
        """Close the dialog and end the thread."""
        if self.dialog is not None:
            self.dialog.release()
        self.background.close()

    @property
    def _layer(self) -> LayerId:
        return self._shell.session.selection[0]

    @property
    def _is_mask_chosen(self) -> bool:
        """Whether strokes would go to the active layer's mask."""
        return self._shell.toolbox.kit.target.is_mask(self._shell.session.document.layer(self._layer))

    def _workplace(self) -> Workplace:
        if self.dialog is not None:
            dialog = self.dialog
            dialog.release()
            dialog.close()
        return Workplace(self._shell.session, self._shell.canvas, self.background)

    def _open(self, dialog: PreviewDialog) -> None:
        """Show it at the right of the canvas, or where the last one was left."""
        self.dialog = dialog
        dialog.closed.connect(lambda: self._on_closed(dialog))
        self._look_around()
        dialog.show()
        canvas = self._shell.canvas
        if self._place is None:
            corner = canvas.mapToGlobal(canvas.rect().topRight())
            self._place = QPoint(corner.x() - dialog.frameGeometry().width() - GAP_PX, corner.y() + GAP_PX)
        dialog.move(self._place)

    def _look_around(self) -> None:
        self._tool = self._shell.tool
        self._shell.choose_tool(LOOK_AROUND)

    def _on_closed(self, dialog: PreviewDialog) -> None:
        if self.dialog is not dialog:
            return
        self.dialog = None
        self._place = dialog.pos()
        self._window.activateWindow()
        self._shell.canvas.setFocus()
        if self._shell.tool == LOOK_AROUND and self._tool in SPECS:
            self._shell.choose_tool(self._tool)

    def _keep(self, dialog: FilterDialog) -> None:
        self._params[dialog.kind] = dialog.params
        self.last = dialog.filter

    def _keep_edges(self, dialog: EdgeDialog) -> None:
        self._edges = replace(dialog.params, source=self._edges.source)  # another layer was cut from another photo

    def _do(self, edit: LabelledEdit) -> None:
        """Do it beside the window, told of in the status bar; one undo step."""
        session = self._shell.session
        base = session.document

        def done(result: Document) -> None:
            if session.has_document and session.document is base:
                finish(session, edit, base, result)
            elif session.has_document and _same_layers(edit, session.document):
                self._do(edit)

        self._work.start(say(text.APPLYING, name=say_edit(edit.label)), _computed(edit, base), done, self._failed)

    def _failed(self, error: BaseException) -> None:
        if not isinstance(error, JobCancelled):
            self._shell.notices.fail(error)


def _computed(edit: LabelledEdit, base: Document) -> Callable[[], Document]:
    return lambda: edit(base)


def _same_layers(edit: LabelledEdit, document: Document) -> bool:
    """Whether the layer that the edit is about is still there."""
    ids = (call.arguments.get("layer_id") for call in edit.calls)
    return all(isinstance(layer, str) and document.find(LayerId(layer)) is not None for layer in ids)
