"""Something to put a result into: the document that a run begins which starts from nothing, with nothing open."""

from __future__ import annotations

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import Rect, Size
from studio.documents import DocumentKeeper, Loaded
from studio.session import Session

NEW_SIZE = Size(512, 512)
"""The size of a document that is begun for parameters that have none."""


class BegunDocument:
    """`begin` it before a run, `fit` it to what came out, or `drop` it when nothing comes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._begun: Document | None = None

    def begin(self, size: Size | None, name: str, keeper: DocumentKeeper | None) -> None:
        """Open an empty document unless one is open. Without a `keeper` nothing keeps it safe."""
        if self._session.has_document:
            return
        document = self._begun = Document(size=size or NEW_SIZE)
        if keeper is None:
            self._session.start(document)
        else:
            keeper.take(Loaded(path=None, steps=(("", document),), name=name))

    def fit(self) -> None:
        """Cut the document to what the first run put into it, where that has another size."""
        begun, self._begun = self._begun, None
        steps = self._session.history.steps
        document = self._session.document
        if begun is None or len(steps) != 2 or steps[0][1] is not begun:
            return
        area = Rect.union(layer.bounds for layer in document.layers)
        if not area.is_empty and area != document.canvas:
            self._session.history.apply(edits.step(edits.crop, area))

    def drop(self, keeper: DocumentKeeper | None) -> None:
        """Close the document again, if nothing came into it. Raises StudioError."""
        begun, self._begun = self._begun, None
        if begun is None or not self._session.has_document or self._session.document is not begun:
            return
        if keeper is None:
            self._session.shut()
        else:
            keeper.close(keep_edits=False)
