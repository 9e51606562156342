"""Long work on files beside the window: one thread, one thing at a time, the result back on the main thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from studio.ui.bridge import Bridge

T = TypeVar("T")


class FileWork(QObject):
    """Runs a function on a thread of its own. `changed` brings what is being done, or an empty text when it is done."""

    changed = Signal(str)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="files")
        self._running = 0

    @property
    def is_busy(self) -> bool:
        """Whether something that counts runs or waits."""
        return self._running > 0

    def start(
        self, stage: str, work: Callable[[], T], then: Callable[[T], None], failed: Callable[[BaseException], None]
    ) -> None:
        """Run `work` soon; then one of the others, on the main thread. Without a `stage` it counts as no work."""
        counted = bool(stage)
        if counted:
            self._running += 1
            self.changed.emit(stage)

        def run() -> None:
            try:
                result = work()
            except BaseException as error:
                self._bridge.post(lambda error=error: self._end(counted, lambda: failed(error)))
            else:
                self._bridge.post(lambda: self._end(counted, lambda: then(result)))

        self._thread.submit(run)

    def close(self) -> None:
        """Wait for what runs and end the thread."""
        self._thread.shutdown(wait=True)

    def _end(self, counted: bool, tell: Callable[[], None]) -> None:
        if counted:
            self._running -= 1
            if not self._running:
                self.changed.emit("")
        tell()
