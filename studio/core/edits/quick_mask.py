"""Quick mask: the selection painted as a mask, where white selects and black takes away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from studio.core.document import Document
from studio.core.edits.wet import Stroke
from studio.core.errors import DocumentError
from studio.core.geometry import Rect, Size
from studio.core.history import EditCall, LabelledEdit
from studio.core.layers import LayerId, Mask, RasterLayer
from studio.core.painting.brush import Brush, StrokePoint
from studio.core.painting.inks import Ink
from studio.core.pixels import Depth, PixelBuffer
from studio.core.selection import FULL, Selection, coverage_buffer, on_canvas

LABEL = "Paint selection"
_SHEET = LayerId("selection")


def paint_selection(document: Document, brush: Brush, ink: Ink, points: Sequence[StrokePoint]) -> Document:
    """Paint the selection along a stroke: as bright as the colour it is selected, and erasing takes away.

    Without a selection everything is selected. Raises DocumentError when nothing would be left, and for other inks.
    """
    stroke = SelectionStroke(document, brush, ink)
    stroke.extend(points)
    stroke.finish()
    return stroke.edit(document)


class SelectionStroke:
    """One stroke on the selection, to be used as `wet.Stroke` is: the mask of a sheet of paper that is painted on.

    Raises DocumentError for a brush out of range, and for inks other than painting and erasing.
    """

    def __init__(self, document: Document, brush: Brush, ink: Ink) -> None:
        self._size = document.size
        self._told: dict[str, object] = {"brush": brush, "ink": ink}
        self._points: list[StrokePoint] = []
        self._grounds = [document.selection]
        """What there was at first, and what was laid onto the document last."""
        sheet = RasterLayer(
            id=_SHEET, name=LABEL, pixels=PixelBuffer(Size(0, 0), Depth.EIGHT), mask=Mask(pixels=_mask_of(document))
        )
        self._stroke = Stroke(Document(size=document.size, layers=(sheet,)), _SHEET, brush, ink, on_mask=True)

    def extend(self, points: Sequence[StrokePoint]) -> Rect:
        """Go on through these points; the canvas area that changed."""
        self._points += points
        return self._stroke.extend(points)

    def finish(self) -> Rect:
        """Lift the pen; the canvas area that changed."""
        return self._stroke.finish()

    @property
    def edit(self) -> LabelledEdit:
        """The stroke so far, for the history: one step under one merge key, which a macro can do again.

        It raises DocumentError when nothing would be selected, and when the selection was changed meanwhile.
        """
        call = EditCall("paint_selection", {**self._told, "points": tuple(self._points)})
        return LabelledEdit(LABEL, partial(self._laid, self._painted()), (call,))

    def _painted(self) -> PixelBuffer:
        mask = self._stroke.document.layer(_SHEET).mask
        assert mask is not None, "the sheet has a mask"
        return on_canvas(mask.pixels, self._size, mask.origin)

    def _laid(self, pixels: PixelBuffer, document: Document) -> Document:
        if document.size != self._size or not any(document.selection is ground for ground in self._grounds):
            raise DocumentError("The selection was changed while it was painted on.", "Draw the stroke again.")
        if not pixels.tiles:
            raise DocumentError("That would select nothing.", "Leave a part, or Deselect to select everything.")
        selection = Selection(pixels)
        self._grounds = [self._grounds[0], selection]
        return replace(document, selection=selection)


def _mask_of(document: Document) -> PixelBuffer:
    if document.selection is not None:
        return document.selection.pixels
    return coverage_buffer(np.full((document.size.height, document.size.width), FULL, np.uint8))
