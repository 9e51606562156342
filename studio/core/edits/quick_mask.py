"""Quick mask: the selection worked on as a mask, where white selects and black takes away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.edits.smudge import Smudge
from studio.core.edits.strokes import draw_gradient, fill_similar
from studio.core.edits.wet import Stroke
from studio.core.errors import DocumentError
from studio.core.geometry import Point, Rect, Size
from studio.core.gradients import Gradient
from studio.core.history import EditCall, LabelledEdit
from studio.core.layers import LayerId, Mask, RasterLayer
from studio.core.painting.brush import Brush, StrokePoint
from studio.core.painting.inks import Clone, Ink
from studio.core.painting.shading import GradientShape, Spot
from studio.core.pixels import Depth, PixelBuffer, Pixels, to_depth
from studio.core.selecting.colors import Color
from studio.core.selection import FULL, Selection, coverage_buffer, on_canvas

LABEL = "Paint selection"
SMUDGE_LABEL = "Smudge selection"
_SHEET = LayerId("selection")


def paint_selection(document: Document, brush: Brush, ink: Ink, points: Sequence[StrokePoint]) -> Document:
    """Paint the selection along a stroke: as bright as the colour it is selected, and erasing takes away.

    Cloning takes what is selected elsewhere, lightening and darkening change how much is. Without a selection
    everything is selected. Raises DocumentError when nothing would be left.
    """
    stroke = SelectionStroke(document, brush, ink)
    stroke.extend(points)
    stroke.finish()
    return stroke.edit(document)


def smudge_selection(
    document: Document, brush: Brush, points: Sequence[StrokePoint], *, strength: float = 0.5
) -> Document:
    """Smear the selection along a stroke. Raises DocumentError when nothing would be left."""
    stroke = SelectionStroke(document, brush, Smear(strength))
    stroke.extend(points)
    stroke.finish()
    return stroke.edit(document)


def fill_selection(
    document: Document,
    at: Point,
    color: Color,
    *,
    tolerance: int = 32,
    contiguous: bool = True,
    antialias: bool = True,
    merged: bool = False,
    opacity: float = 1.0,
) -> Document:
    """The paint bucket on the selection, as `fill_similar` on a mask.

    Args:
        merged: compare the colours of all layers; else how much is selected.
    Raises DocumentError when nothing would be left.
    """
    seen = _picture(to_depth(composite(document), Depth.EIGHT)) if merged else _grey(document)
    filled = fill_similar(
        Document(size=document.size, layers=(seen, _sheet(document))),
        _SHEET,
        at,
        color,
        tolerance=tolerance,
        contiguous=contiguous,
        antialias=antialias,
        opacity=opacity,
        on_mask=True,
    )
    return _selected(document, filled)


def shade_selection(
    document: Document,
    gradient: Gradient,
    start: Spot,
    end: Spot,
    *,
    shape: GradientShape = GradientShape.LINEAR,
    opacity: float = 1.0,
    dither: bool = True,
) -> Document:
    """Lay the brightness of a gradient over the selection, as `draw_gradient` over a mask.

    Raises DocumentError when nothing would be left.
    """
    sheet = Document(size=document.size, layers=(_sheet(document),))
    shaded = draw_gradient(
        sheet, _SHEET, gradient, start, end, shape=shape, opacity=opacity, dither=dither, on_mask=True
    )
    return _selected(document, shaded)


@dataclass(frozen=True, slots=True)
class Smear:
    """Smudging in the place of an ink; `strength` as in `Smudge`."""

    strength: float = 0.5


class SelectionStroke:
    """One stroke on the selection, to be used as `wet.Stroke` is: the mask of a sheet of paper that is painted on.

    Raises DocumentError for a brush out of range.
    """

    def __init__(self, document: Document, brush: Brush, ink: Ink | Smear) -> None:
        self._size = document.size
        self._points: list[StrokePoint] = []
        self._grounds = [document.selection]
        """What there was at first, and what was laid onto the document last."""
        sheet = Document(size=document.size, layers=(_sheet(document),))
        self._stroke: Stroke | Smudge
        if isinstance(ink, Smear):
            self._label, self._id = SMUDGE_LABEL, "smudge_selection"
            self._told: dict[str, object] = {"brush": brush, "strength": ink.strength}
            self._stroke = Smudge(sheet, _SHEET, brush, ink.strength, on_mask=True)
        else:
            self._label, self._id = LABEL, "paint_selection"
            self._told = {"brush": brush, "ink": ink}
            own = replace(ink, source=_SHEET) if isinstance(ink, Clone) else ink
            self._stroke = Stroke(sheet, _SHEET, brush, own, on_mask=True)

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
        call = EditCall(self._id, {**self._told, "points": tuple(self._points)})
        return LabelledEdit(self._label, partial(self._laid, _painted(self._stroke.document)), (call,))

    def _laid(self, pixels: PixelBuffer, document: Document) -> Document:
        if document.size != self._size or not any(document.selection is ground for ground in self._grounds):
            raise DocumentError("The selection was changed while it was painted on.", "Draw the stroke again.")
        selection = _made(pixels)
        self._grounds = [self._grounds[0], selection]
        return replace(document, selection=selection)


def _sheet(document: Document) -> RasterLayer:
    """A layer without pixels whose mask is the selection."""
    return RasterLayer(
        id=_SHEET, name=LABEL, pixels=PixelBuffer(Size(0, 0), Depth.EIGHT), mask=Mask(pixels=_mask_of(document))
    )


def _grey(document: Document) -> RasterLayer:
    """How much is selected, as an opaque grey picture."""
    values = _mask_of(document).read()
    return _picture(np.concatenate([values.repeat(3, axis=2), np.full_like(values, FULL)], axis=2))


def _picture(samples: Pixels) -> RasterLayer:
    return RasterLayer(name=LABEL, pixels=PixelBuffer.from_array(samples))


def _painted(sheet: Document) -> PixelBuffer:
    """What the mask of the sheet has become, on its canvas."""
    mask = sheet.layer(_SHEET).mask
    assert mask is not None, "the sheet has a mask"
    return on_canvas(mask.pixels, sheet.size, mask.origin)


def _made(pixels: PixelBuffer) -> Selection:
    if not pixels.tiles:
        raise DocumentError("That would select nothing.", "Leave a part, or Deselect to select everything.")
    return Selection(pixels)


def _selected(document: Document, sheet: Document) -> Document:
    """The document with the sheet's mask as its selection."""
    return replace(document, selection=_made(_painted(sheet)))


def _mask_of(document: Document) -> PixelBuffer:
    if document.selection is not None:
        return document.selection.pixels
    return coverage_buffer(np.full((document.size.height, document.size.width), FULL, np.uint8))
