"""Long work on files beside the window: one thread, one thing at a time, the result back on the main thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from studio.core.errors import JobCancelled
from studio.core.feedback import listening
from studio.ui.bridge import Bridge

T = TypeVar("T")

TELL_EVERY_S = 0.05


class FileWork(QObject):
    """Runs a function on a thread of its own. `changed` brings what is being done, or an empty text when it is done.

    `progress` brings the share 0..1 that is done, for work that tells it; such work can be cancelled, too.
    """

    changed = Signal(str)
    progress = Signal(float)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="files")
        self._stops: list[Event] = []  # one for each piece of counted work that runs or waits; set when it is to stop

    @property
    def is_busy(self) -> bool:
        """Whether something that counts runs or waits."""
        return bool(self._stops)

    def start(
        self, stage: str, work: Callable[[], T], then: Callable[[T], None], failed: Callable[[BaseException], None]
    ) -> None:
        """Run `work` soon; then one of the others, on the main thread. Without a `stage` it counts as no work.

        Work that is cancelled fails with JobCancelled. What `work` reports (`studio.core.feedback`) is its progress.
        """
        stop = Event() if stage else None
        if stop is not None:
            self._stops.append(stop)
            self.changed.emit(stage)

        def run() -> None:
            try:
                with listening(self._teller(stop)):
                    result = work()
            except BaseException as error:
                self._bridge.post(lambda error=error: self._end(stop, lambda: failed(error)))
            else:
                self._bridge.post(lambda: self._end(stop, lambda: then(result)))

        self._thread.submit(run)

    def cancel(self) -> None:
        """Stop what runs and what waits, as soon as it reports next; work that reports nothing goes on to its end.

        What is started later is not touched.
        """
        for stop in self._stops:
            stop.set()

    def close(self) -> None:
        """Wait for what runs and end the thread."""
        self._thread.shutdown(wait=True)

    def _teller(self, stop: Event | None) -> Callable[[float], None]:
        """What the work calls, on its own thread."""
        last_s = 0.0

        def tell(share: float) -> None:
            nonlocal last_s
            if stop is None:
                return
            if stop.is_set():
                raise JobCancelled
            now_s = time.monotonic()
            if now_s - last_s >= TELL_EVERY_S:
                last_s = now_s
                self._bridge.post(lambda: self._tell(share))

        return tell

    def _tell(self, share: float) -> None:
        if self._stops:
            self.progress.emit(share)

    def _end(self, stop: Event | None, tell: Callable[[], None]) -> None:
        if stop is not None:
            self._stops.remove(stop)
            if not self._stops:
                self.changed.emit("")
        tell()
