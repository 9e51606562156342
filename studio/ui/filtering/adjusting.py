"""The dialog of any adjustment of a layer's own pixels, around the editor that the properties panel has for it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from studio.core import edits
from studio.core.adjustments import LABELS, Adjustment
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.history import LabelledEdit
from studio.core.layers import BlendMode, LayerId
from studio.core.previews import adjustment_preview
from studio.ui.filtering.dialog import PreviewDialog, Workplace
from studio.ui.filtering.targets import why_no_pixels
from studio.ui.panels.properties.editors import EDITORS
from studio.ui.panels.properties.histogram import Histogram

WIDTH_PX = 320


class AdjustDialog(PreviewDialog):
    """Asks for one adjustment's values."""

    def __init__(self, workplace: Workplace, layer: LayerId, kind: type[Adjustment], parent: QWidget) -> None:
        super().__init__(workplace, layer, LABELS[kind], parent)
        self.adjustment: Adjustment = kind()
        self.editor = EDITORS[kind](self)
        self.editor.show_adjustment(self.adjustment)
        self.editor.changed.connect(self._take)
        self.histogram = Histogram(self)
        self.histogram.counted.connect(self.editor.show_histogram)
        self.body.addWidget(self.editor)
        self.body.addStretch(1)
        self.resize(WIDTH_PX, self.sizeHint().height())
        self.document_changed()
        self.changed()

    def edit(self) -> LabelledEdit:
        return adjustment_edit(self.layer, self.adjustment)

    def look(self) -> None:
        try:
            self.show_picture(adjustment_preview(self.session.document, self.layer, self.adjustment))
        except StudioError as error:
            self._on_failed(error)

    def reset(self) -> None:
        self._take(type(self.adjustment)())

    def why_not(self) -> str:
        return why_no_pixels(self.session.document, self.layer)

    def document_changed(self) -> None:
        if self.editor.wants_histogram:
            self.histogram.follow(_alone(self.session.document, self.layer))

    def _take(self, adjustment: Adjustment) -> None:
        self.adjustment = adjustment
        self.editor.show_adjustment(adjustment)
        self.changed()

    def _let_go(self) -> None:
        self.histogram.release()
        super()._let_go()


def adjustment_edit(layer: LayerId, adjustment: Adjustment) -> LabelledEdit:
    """The adjustment of the layer's pixels as a step, under its own name."""
    return replace(edits.step(edits.apply_adjustment, layer, adjustment), label=LABELS[type(adjustment)])


def _alone(document: Document, layer_id: LayerId) -> Document:
    """Only that layer's pixels, as they are in it."""
    layer = replace(
        document.layer(layer_id),
        visible=True, opacity=1.0, fill=1.0, blend=BlendMode.NORMAL, clipping=False, mask=None,
    )  # fmt: skip
    return document.with_layers((layer,))
