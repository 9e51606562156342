"""The thread that writes a project while its user works on.

The newest history waits in one slot: a history that is handed over while another is being written replaces the one in
the slot, so a drag costs a write now and then and never a queue. Handing over takes microseconds.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from studio.core.errors import StudioError
from studio.io.project.store import Timeline

_Result = TypeVar("_Result")
_log = logging.getLogger(__name__)
RETRY_S = 2.0


class Writer:
    """Runs `write` with the newest history, and other tasks after it, on a thread of its own.

    A write that fails is tried again every two seconds; `problem` says why meanwhile.

    Args:
        write: stores a history; raises StudioError when it cannot.
        on_problem: called on the writer's thread with the error of a failed write, and with None when it works again.
    """

    def __init__(self, write: Callable[[Timeline], None], on_problem: Callable[[StudioError | None], None]) -> None:
        self._write = write
        self._on_problem = on_problem
        self._wake = threading.Condition()
        self._waiting: Timeline | None = None
        self._busy = False
        self._tasks: list[Callable[[], None]] = []
        self._stopping = False
        self._problem: StudioError | None = None
        self._thread = threading.Thread(target=self._run, name="project writer", daemon=True)
        self._thread.start()

    @property
    def problem(self) -> StudioError | None:
        """Why the newest history is not in the file, when a write failed."""
        return self._problem

    def hand_over(self, timeline: Timeline) -> None:
        """Write this history soon; returns at once."""
        with self._wake:
            self._waiting = timeline
            self._wake.notify_all()

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until what was handed over is on disk; False when it took longer. Raises StudioError if it failed."""
        with self._wake:
            settled = self._wake.wait_for(lambda: self._problem or not (self._waiting or self._busy), timeout_s)
            if self._problem:
                raise self._problem
            return bool(settled)

    def call(self, task: Callable[[], _Result]) -> _Result:
        """Run `task` on the thread once what was handed over is written, and give its result or its error.

        Raises StudioError without running it when the history cannot be written.
        """
        future: Future[_Result] = Future()

        def run() -> None:
            try:
                if self._problem is not None:
                    raise self._problem
                future.set_result(task())
            except BaseException as error:
                future.set_exception(error)

        with self._wake:
            if self._stopping:
                raise StudioError("The project is closed.", "Open it again.")
            self._tasks.append(run)
            self._wake.notify_all()
        return future.result()

    def later(self, task: Callable[[], None]) -> None:
        """Run `task` on the thread after what it has to do; returns at once. Its errors are only logged."""

        def run() -> None:
            try:
                task()
            except StudioError as error:
                _log.warning("%s (%s)", error.message, error.detail)

        with self._wake:
            self._tasks.append(run)
            self._wake.notify_all()

    def stop(self) -> None:
        """Write what waits, then end the thread. Calling it twice does nothing."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._tasks or self._stopping or (self._waiting and not self._problem)):
                    if not self._wake.wait(RETRY_S if self._waiting else None):
                        break
                timeline, self._waiting = self._waiting, None
                tasks, self._tasks = self._tasks, []
                self._busy = timeline is not None
                if self._stopping and timeline is None and not tasks:
                    return
            if timeline is not None:
                self._try(timeline)
            for task in tasks:
                task()
            if self._stopping and self._problem is not None:
                return

    def _try(self, timeline: Timeline) -> None:
        problem: StudioError | None = None
        try:
            self._write(timeline)
        except StudioError as error:
            _log.warning("%s (%s)", error.message, error.detail)
            problem = error
        except Exception as error:  # the edge of this thread: it must live on and tell, whatever went wrong
            _log.exception("a project could not be written")
            problem = StudioError("Could not save the project.", "Save a copy under another name.", repr(error))
        changed = (problem is None) != (self._problem is None)
        with self._wake:
            self._problem = problem
            self._busy = False
            if problem is not None and self._waiting is None:
                self._waiting = timeline
            self._wake.notify_all()
        if changed:
            self._on_problem(problem)
