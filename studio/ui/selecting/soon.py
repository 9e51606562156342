"""Changing the selection beside the window: the new one is taken when it is ready, unless another came meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.history import LabelledEdit
from studio.ui.canvas.view import CanvasView
from studio.ui.refusals import say_refusal
from studio.ui.selecting import text
from studio.ui.selecting.text import say


def select_soon(canvas: CanvasView, edit: LabelledEdit, stage: str) -> None:
    """Do an edit that changes nothing but the selection, as one step."""
    session = canvas.session
    history, root = session.history, session.document

    def take(done: Document) -> None:
        if not session.has_document or session.history is not history:
            return

        def change(now: Document) -> Document:
            if now.selection is not root.selection:
                raise StudioError(say(text.CHANGED_MEANWHILE))
            return edits.set_selection(now, done.selection)

        told(canvas, lambda: history.apply(LabelledEdit(edit.label, change, edit.calls)))

    canvas.compute(stage, lambda: edit(root), take)


def told(canvas: CanvasView, work: Callable[[], object]) -> bool:
    """Do it; what cannot be done is told to the user. Returns whether it was done."""
    try:
        work()
    except StudioError as error:
        canvas.tell(say_refusal(error))
        return False
    return True
