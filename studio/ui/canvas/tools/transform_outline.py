"""What a transform of the selection's outline works on; the pixels stay. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from studio.core import edits
from studio.core.document import Document
from studio.core.events import DocumentChanged
from studio.core.geometry import EMPTY, ORIGIN, Rect
from studio.core.history import LabelledEdit
from studio.core.layers import Layer, LayerId
from studio.core.resampling import Sampling
from studio.core.selection import Selection
from studio.ui.canvas.framing import Framing


@dataclass(frozen=True, slots=True)
class OutlineWork:
    """The selection as the document had it, used as `TransformWork` is."""

    selection: Selection
    ids: ClassVar[tuple[LayerId, ...]] = ()
    layers: ClassVar[tuple[Layer, ...]] = ()
    ignoring: ClassVar[frozenset[str]] = frozenset()

    @property
    def frame(self) -> Rect:
        """What is selected at all."""
        return self.selection.bounds

    @property
    def area(self) -> int:
        """How many pixels there are to compute."""
        return self.frame.area

    def step(self, framing: Framing, sampling: Sampling) -> LabelledEdit | None:
        """What makes the selection as it is shown; None when that is as it is."""
        if framing.move.whole_offset == ORIGIN:
            return None
        return edits.step(edits.transform_outline, framing.move, sampling=sampling)

    def preview(self, document: Document, framing: Framing, sampling: Sampling) -> tuple[Document, Rect]:
        """The document as it is: the outline is drawn by the tool."""
        return document, EMPTY

    def is_same(self, news: DocumentChanged) -> bool:
        """Whether the new document has the same selection."""
        return news.new.selection is self.selection
