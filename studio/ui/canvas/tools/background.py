"""Edits that take too long for the event loop: done in a thread, laid onto the document when they are ready."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from studio.core.document import Document
from studio.core.edits.targets import changed
from studio.core.errors import StudioError
from studio.core.history import LabelledEdit
from studio.core.layers import LayerId
from studio.session import Session
from studio.ui.canvas.tools import paint_text as text
from studio.ui.canvas.tools.paint_text import say

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    session: Session
    layer: LayerId
    edit: LabelledEdit


class BackgroundEdits(QObject):
    """Does edits of single layers one after the other, each on the document as it is when its turn comes.

    An edit whose layer was changed meanwhile is refused. `failed` brings a StudioError, `busy_changed` whether
    anything is being done.
    """

    failed = Signal(object)
    busy_changed = Signal(bool)
    _computed = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[_Work] = deque()
        self._thread: threading.Thread | None = None
        self._computed.connect(self._take)

    @property
    def is_busy(self) -> bool:
        return self._thread is not None

    def do(self, session: Session, layer: LayerId, edit: LabelledEdit) -> None:
        """Do this edit, which must change that layer only, as soon as possible."""
        self._waiting.append(_Work(session, layer, edit))
        self._next()

    def drop(self) -> None:
        """Forget what was not begun."""
        self._waiting.clear()

    def _next(self) -> None:
        while self._thread is None and self._waiting:
            work = self._waiting.popleft()
            if work.session.has_document and work.session.document.find(work.layer) is not None:
                self._start(work, work.session.document)

    def _start(self, work: _Work, before: Document) -> None:
        def compute() -> None:
            outcome: object
            try:
                outcome = work.edit(before)
            except StudioError as error:
                outcome = error
            except Exception as error:  # the window must hear of it, whatever it is
                _log.exception("unforeseen in %s", work.edit.label)
                outcome = StudioError(str(error) or type(error).__name__, detail=repr(error))
            with suppress(RuntimeError):  # the window was closed meanwhile, and this object with it
                self._computed.emit(work, before, outcome)

        self._thread = threading.Thread(target=compute, name="canvas-edit", daemon=True)
        self.busy_changed.emit(True)
        self._thread.start()

    def _take(self, work: _Work, before: Document, outcome: object) -> None:
        if self._thread is not None:
            self._thread.join()
        self._thread = None
        try:
            if isinstance(outcome, StudioError):
                raise outcome
            if isinstance(outcome, Document) and work.session.has_document:
                work.session.history.apply(
                    LabelledEdit(work.edit.label, _laid(work.layer, before, outcome), work.edit.calls)
                )
        except StudioError as error:
            self.failed.emit(error)
        self._next()
        if self._thread is None:
            self.busy_changed.emit(False)


def _laid(layer_id: LayerId, before: Document, after: Document) -> Callable[[Document], Document]:
    """Puts the layer as it came out in place of the one that went in, whatever else was done meanwhile."""

    def lay(now: Document) -> Document:
        old, new = before.layer(layer_id), after.layer(layer_id)
        if now.find(layer_id) is not old:
            raise StudioError(say(text.CHANGED_MEANWHILE, name=old.name))
        return changed(now, layer_id, lambda _: new)

    return lay
