"""A stand-in for a window's event loop: what is posted runs on the test's own thread."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable

WAIT_S = 60


class MainThread:
    """What a window's event loop is to the job centre."""

    def __init__(self) -> None:
        self._tasks: queue.Queue[Callable[[], None]] = queue.Queue()

    def post(self, task: Callable[[], None]) -> None:
        self._tasks.put(task)

    def run_until(self, condition: Callable[[], bool]) -> None:
        """Run what is posted until the condition holds."""
        deadline = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < deadline, "waited too long"
            try:
                self._tasks.get(timeout=0.05)()
            except queue.Empty:
                continue

    def run_for(self, seconds: float) -> None:
        """Run what is posted for about this long."""
        end = time.monotonic() + seconds
        self.run_until(lambda: time.monotonic() >= end)
