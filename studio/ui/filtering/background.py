"""A thread beside the window for what is looked at before it is done: only the newest wish counts."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from studio.core.errors import JobCancelled
from studio.core.feedback import listening
from studio.ui.canvas.collecting import hold_collector, release_collector

T = TypeVar("T")

CLOSE_TIMEOUT_S = 30.0
TELL_EVERY_S = 0.05
_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Wish:
    """It holds no Qt object, because the thread may be the last to let go of it."""

    ticket: int
    work: Callable[[], object]
    stopped: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True, eq=False)
class _End:
    ticket: int
    value: object = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """What is to be told on the main thread."""

    then: Callable[[Any], None]
    failed: Callable[[Exception], None]
    progress: Callable[[float], None] | None


class Background(QObject):
    """Does one thing at a time; its answers come on the thread that this object lives on.

    `close` must be called before the object goes away.
    """

    _ended = Signal(object)
    _told = Signal(int, float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wake = threading.Condition()
        self._waiting: _Wish | None = None
        self._running: _Wish | None = None
        self._closed = False
        self._tickets = count()
        self._answers: dict[int, _Answer] = {}
        self._thread = threading.Thread(target=self._work, name="previews", daemon=True)
        self._ended.connect(self._on_ended)
        self._told.connect(self._on_told)

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs, waits or is still to be told."""
        with self._wake:
            return self._waiting is None and self._running is None and not self._answers

    def ask(
        self,
        work: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: Callable[[float], None] | None = None,
        *,
        stops: bool = False,
    ) -> None:
        """Do `work` as soon as the thread is free; what waited in its place is dropped.

        Args:
            work: called on the thread; it may hold no Qt object. What it reports (`studio.core.feedback`) is progress.
            then: called with its value; `failed` with its error in place of that.
            stops: also stop what runs now, as soon as it reports; else that is still told of.
        """
        if self._closed:
            return
        if self._thread.ident is None:
            hold_collector()
            self._thread.start()
        wish = _Wish(next(self._tickets), work)
        with self._wake:
            if self._waiting is not None:
                self._answers.pop(self._waiting.ticket, None)
            if stops and self._running is not None:
                self._forget(self._running)
            self._answers[wish.ticket] = _Answer(then, failed, progress)
            self._waiting = wish
            self._wake.notify()

    def stop(self) -> None:
        """Drop what waits, stop what runs as soon as it reports, and tell nothing more of either."""
        with self._wake:
            self._waiting = None
            if self._running is not None:
                self._running.stopped.set()
            self._answers.clear()

    def close(self) -> None:
        """Stop and end the thread. Closing twice is fine."""
        if self._closed:
            return
        self.stop()
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_TIMEOUT_S)
            release_collector()

    def _forget(self, wish: _Wish) -> None:
        wish.stopped.set()
        self._answers.pop(wish.ticket, None)

    # On the thread

    def _work(self) -> None:
        while (wish := self._next()) is not None:
            try:
                with listening(self._teller(wish)):
                    end = _End(wish.ticket, wish.work())
            except JobCancelled:
                end = None
            except Exception as error:  # whatever it is, the thread must live on and the window must hear of it
                _log.info("a preview failed", exc_info=True)
                end = _End(wish.ticket, error=error)
            with self._wake:
                self._running = None
            if end is not None and not self._closed:
                self._ended.emit(end)

    def _next(self) -> _Wish | None:
        with self._wake:
            while self._waiting is None and not self._closed:
                self._wake.wait()
            self._running, self._waiting = self._waiting, None
            return None if self._closed else self._running

    def _teller(self, wish: _Wish) -> Callable[[float], None]:
        last_s = time.monotonic()

        def tell(share: float) -> None:
            nonlocal last_s
            if wish.stopped.is_set():
                raise JobCancelled
            now_s = time.monotonic()
            if now_s - last_s >= TELL_EVERY_S:
                last_s = now_s
                self._told.emit(wish.ticket, share)

        return tell

    # On the main thread

    def _on_ended(self, end: _End) -> None:
        answer = self._answers.pop(end.ticket, None)
        if answer is not None and end.error is not None:
            answer.failed(end.error)
        elif answer is not None:
            answer.then(end.value)

    def _on_told(self, ticket: int, share: float) -> None:
        answer = self._answers.get(ticket)
        if answer is not None and answer.progress is not None:
            answer.progress(share)
