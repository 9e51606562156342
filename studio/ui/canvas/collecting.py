"""Python's garbage collector, kept on the main thread while other threads run.

Left to itself it runs in whichever thread happens to allocate, and deletes there what it finds: a widget or timer in a
reference cycle, deleted by another thread than its own, crashes Qt now and then. So while anybody holds it, automatic
collection is off, and a timer of the main thread collects what Python's own thresholds ask for.
"""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QTimer

_TICK_MS = 250
_FULL_S = 60.0
"""The oldest generation takes tens of milliseconds, so it is looked at no more often than this."""


class _MainThreadCollector:
    def __init__(self) -> None:
        self._holders = 0
        self._timer: QTimer | None = None
        self._was_enabled = True
        self._last_full_s = 0.0

    def hold(self) -> None:
        self._holders += 1
        if self._holders > 1:
            return
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._last_full_s = time.monotonic()
        self._timer = QTimer()
        self._timer.timeout.connect(self._collect)
        self._timer.start(_TICK_MS)

    def release(self) -> None:
        self._holders -= 1
        if self._holders:
            return
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()

    def _collect(self) -> None:
        """The oldest generation that is due, as Python would."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        now_s = time.monotonic()
        for generation in (2, 1, 0):
            if counts[generation] <= thresholds[generation]:
                continue
            if generation == 2 and now_s - self._last_full_s < _FULL_S:
                continue
            if generation == 2:
                self._last_full_s = now_s
            gc.collect(generation)
            return


_collector = _MainThreadCollector()  # one for the process, because there is one garbage collector in it


def hold_collector() -> None:
    """Collect on the main thread only, until `release_collector` was called as often. Call it on the main thread."""
    _collector.hold()


def spare_what_is_there() -> None:
    """Leave all that is there now out of collections, until the collector is released.

    What the start has made stays for good anyway, and looking through it takes a tenth of a second each time: a window
    that stands still once a minute.
    """
    gc.freeze()


def release_collector() -> None:
    """Let Python collect wherever it likes again, once all holders have released."""
    _collector.release()
