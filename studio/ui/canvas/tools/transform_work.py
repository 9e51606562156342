"""What a free transform works on: its layers, why not, how they look under way, and the edit it ends in. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio.core import edits
from studio.core.document import Document
from studio.core.edits.arranging import shown_bounds
from studio.core.edits.floating import Lifted
from studio.core.edits.targets import outermost
from studio.core.errors import StudioError
from studio.core.events import DocumentChanged
from studio.core.geometry import EMPTY, ORIGIN, Rect
from studio.core.history import LabelledEdit
from studio.core.layers import AdjustmentLayer, Layer, LayerId, RasterLayer, path_to, walk
from studio.core.resampling import Sampling
from studio.ui.canvas.framing import Framing
from studio.ui.canvas.tools import transform_text as text
from studio.ui.canvas.tools.transform_text import say
from studio.ui.refusals import say_refusal


@dataclass(frozen=True, slots=True)
class TransformWork:
    """What is transformed: the layers, outermost ones only, as the document had them.

    `ignoring` are all layers in them, which attract nothing; `frame` is what shows of them.
    """

    ids: tuple[LayerId, ...]
    layers: tuple[Layer, ...]
    ignoring: frozenset[str]
    frame: Rect
    reach: Rect
    """The canvas where an adjustment goes along, whose mask shows anywhere; else nothing."""
    lifted: Lifted | None = None
    """The layer in two, where what is selected of it is transformed alone."""

    @classmethod
    def of(cls, document: Document, ids: Sequence[LayerId]) -> TransformWork:
        """The layers, or what is selected of one. Raises DocumentError when nothing that shows of it is selected."""
        layers = outermost(document, ids)
        inside = tuple(walk(layers))
        only = layers[0] if len(layers) == 1 else None
        lifted = None
        if document.selection is not None and isinstance(only, RasterLayer):
            lifted = Lifted.of(document, only.id)
        adjusts = any(isinstance(layer, AdjustmentLayer) for layer in inside)
        return cls(
            tuple(layer.id for layer in layers),
            layers,
            frozenset(layer.id for layer in inside),
            frame_of(document, layers) if lifted is None else lifted.floating.bounds,
            document.canvas if adjusts else EMPTY,
            lifted,
        )

    @property
    def area(self) -> int:
        """How many pixels there are to compute, about."""
        return sum(layer.bounds.area for layer in walk(self.layers) if isinstance(layer, RasterLayer))

    def step(self, framing: Framing, sampling: Sampling) -> LabelledEdit | None:
        """What makes the document look as it is shown; None when that is as it is."""
        offset = framing.move.whole_offset
        if offset == ORIGIN:
            return None
        if self.lifted is not None:
            return edits.step(edits.transform_selected, self.ids[0], framing.move, sampling=sampling)
        if offset is not None:
            return edits.step(edits.translate, self.ids, offset)
        return edits.step(edits.transform_layers, self.ids, framing.move, sampling=sampling)

    def preview(self, document: Document, framing: Framing, sampling: Sampling) -> tuple[Document, Rect]:
        """The document as it will look, and where on the canvas the transformed layers are in it."""
        if self.lifted is not None:
            return self.lifted.preview(document, framing.move, sampling), framing.bounds.grown(2)
        preview = edits.transform_preview(document, self.ids, framing.move, sampling=sampling)
        return preview, Rect.union((self.reach, *(preview.layer(layer_id).bounds for layer_id in self.ids)))

    def is_same(self, news: DocumentChanged) -> bool:
        """Whether the new document has the same pixels to transform, whatever else became of it."""
        if self.lifted is not None and news.new.selection is not news.old.selection:
            return False
        now = [news.new.find(layer.id) for layer in self.layers]
        return all(new is not None and _same_pixels(new, old) for new, old in zip(now, self.layers, strict=True))


def why_not(document: Document, ids: Sequence[LayerId]) -> str:
    """Why these layers cannot be transformed, in words for the user; empty when they can."""
    if not ids:
        return say(text.NOTHING_CHOSEN)
    for layer in outermost(document, ids):
        for step in path_to(document.layers, layer.id):
            if not step.visible:
                return say(text.IS_HIDDEN, name=step.name)
        if isinstance(layer, AdjustmentLayer) and (layer.mask is None or not layer.mask.linked):
            return say(text.NO_PIXELS, name=layer.name)
        if not isinstance(layer, AdjustmentLayer) and layer.bounds.is_empty:
            return say(text.IS_EMPTY, name=layer.name)
    try:
        edits.require_transformable(document, ids)
    except StudioError as error:
        return say_refusal(error)
    return ""


def frame_of(document: Document, layers: Sequence[Layer]) -> Rect:
    """What is seen of the layers together; what they hold where nothing is seen, the canvas for adjustments alone."""
    shown = Rect.union(shown_bounds(layer) for layer in layers)
    held = Rect.union(layer.bounds for layer in layers)
    return next((rect for rect in (shown, held) if not rect.is_empty), document.canvas)


def _same_pixels(new: Layer, old: Layer) -> bool:
    """Whether a layer has the pixels, masks and places that it had, whatever became of its other fields."""
    before, after = tuple(walk((old,))), tuple(walk((new,)))
    if len(before) != len(after):
        return False
    return all(
        a.id == b.id
        and getattr(a, "pixels", None) is getattr(b, "pixels", None)
        and getattr(a, "origin", None) == getattr(b, "origin", None)
        and a.mask is b.mask
        for a, b in zip(before, after, strict=True)
    )
