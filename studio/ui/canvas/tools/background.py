"""Edits that take too long for the event loop: done beside the window, laid onto the document when they are ready."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from studio.core.document import Document
from studio.core.edits.targets import changed
from studio.core.errors import JobCancelled, StudioError
from studio.core.history import History, LabelledEdit
from studio.core.layers import LayerId
from studio.ui.canvas.tool import CanvasHost
from studio.ui.canvas.tools import paint_text as text
from studio.ui.canvas.tools.paint_text import say
from studio.ui.refusals import say_refusal

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    host: CanvasHost
    history: History
    layer: LayerId | None
    edit: LabelledEdit


class BackgroundEdits(QObject):
    """Does edits of single layers, or of the selection, one after the other.

    Each is done on the document as it is when its turn comes; one whose layer (or selection) was changed meanwhile is
    refused. What goes wrong is told to the user. What waits is done whatever tool is chosen meanwhile; cancelling
    drops it, and so does another document. `busy_changed` tells whether anything is being done.
    """

    busy_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[_Work] = deque()
        self._is_busy = False

    @property
    def is_busy(self) -> bool:
        return self._is_busy

    def do(self, host: CanvasHost, layer: LayerId | None, edit: LabelledEdit) -> None:
        """Do this edit, which must change that layer only (None: the selection), as soon as possible."""
        self._waiting.append(_Work(host, host.session.history, layer, edit))
        if not self._is_busy:
            self._next()

    def _next(self) -> None:
        was_busy, self._is_busy = self._is_busy, False
        while self._waiting and not self._is_busy:
            work = self._waiting.popleft()
            if _is_open(work) and (work.layer is None or work.history.document.find(work.layer) is not None):
                self._is_busy = True
                self._start(work, work.history.document)
        if self._is_busy != was_busy:
            self.busy_changed.emit(self._is_busy)

    def _start(self, work: _Work, before: Document) -> None:
        def take(outcome: Document | StudioError | JobCancelled) -> None:
            if isinstance(outcome, JobCancelled):
                self._waiting.clear()
            else:
                self._lay(work, before, outcome)
            self._next()

        work.host.compute(say(text.WORKING), lambda: _outcome(work.edit, before), take)

    def _lay(self, work: _Work, before: Document, outcome: Document | StudioError) -> None:
        try:
            if isinstance(outcome, StudioError):
                raise outcome
            if _is_open(work):
                lay = _laid(work.layer, before, outcome)
                work.history.apply(LabelledEdit(work.edit.label, lay, work.edit.calls))
        except StudioError as error:
            work.host.tell(say_refusal(error))


def _is_open(work: _Work) -> bool:
    """Whether the document that it was asked for is still the one that is worked on."""
    session = work.host.session
    return session.has_document and session.history is work.history


def _outcome(edit: LabelledEdit, before: Document) -> Document | StudioError | JobCancelled:
    """What an edit makes of a document, or why it does not."""
    try:
        return edit(before)
    except (StudioError, JobCancelled) as error:
        return error
    except Exception as error:  # whatever it is, the edits that wait must go on and the user must hear of it
        _log.exception("unforeseen in %s", edit.label)
        return StudioError(str(error) or type(error).__name__, detail=repr(error))


def _laid(layer_id: LayerId | None, before: Document, after: Document) -> Callable[[Document], Document]:
    """Puts the layer as it came out in place of the one that went in, whatever else was done meanwhile."""
    if layer_id is None:
        return lambda now: _selected(now, before, after)

    def lay(now: Document) -> Document:
        old, new = before.layer(layer_id), after.layer(layer_id)
        if now.find(layer_id) is not old:
            raise StudioError(say(text.CHANGED_MEANWHILE, name=old.name))
        return changed(now, layer_id, lambda _: new)

    return lay


def _selected(now: Document, before: Document, after: Document) -> Document:
    """The selection as it came out in place of the one that went in."""
    if now.selection is not before.selection or now.size != before.size:
        raise StudioError(say(text.SELECTION_CHANGED))
    return replace(now, selection=after.selection)
