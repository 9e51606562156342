"""The only place where news from other threads crosses into Qt and onto the main thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal


class Bridge(QObject):
    """Runs functions on the thread it lives on, in the order in which they were posted.

    `session.use_worker(folder, bridge.post)` is its first use. After `close` nothing more is run: what a worker still
    has to say about a window that is gone is dropped.
    """

    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, function: Callable[[], None]) -> None:
        """Run `function` soon on the main thread; may be called from any thread."""
        if self._open:
            self._posted.emit(function)

    def close(self) -> None:
        """Run nothing more."""
        self._open = False

    def _run(self, function: Callable[[], None]) -> None:
        if self._open:
            function()
