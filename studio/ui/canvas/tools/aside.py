"""One long edit worked out beside the window, while its tool waits for it."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from studio.core.document import Document
from studio.core.history import LabelledEdit


class EditAside(QObject):
    """`finished` comes on the thread of this object when the edit is worked out; `take` may be called before, too."""

    finished = Signal()

    def __init__(self, edit: LabelledEdit, base: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._edit = edit
        self._base = base
        self._result: Document | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._work, name="canvas-transform", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def take(self) -> LabelledEdit:
        """Wait for the result; the edit that makes it the document, or is done anew to one that changed meanwhile.

        Raises what the edit raised.
        """
        self._thread.join()
        if self._error is not None:
            raise self._error
        return replace(self._edit, function=self._laid)

    def _laid(self, document: Document) -> Document:
        return self._result if self._result is not None and document is self._base else self._edit(document)

    def _work(self) -> None:
        try:
            self._result = self._edit(self._base)
        except Exception as error:  # it is raised where the result is taken
            self._error = error
        with suppress(RuntimeError):  # the window was closed meanwhile, and this object with it
            self.finished.emit()
