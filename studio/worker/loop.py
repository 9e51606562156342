"""The worker process: takes orders from a pipe, runs jobs one after the other, and says how they go.

Three threads: one reads the pipe, so that a cancel is heard at once; the main one runs jobs, because model loaders
patch torch globally and want one thread; one runs the interactive lane, where only the latest request counts.
"""

from __future__ import annotations

import os
import queue
import threading
from multiprocessing.connection import Connection
from typing import cast

from studio.jobs.inline import Execute, InlineRunner
from studio.jobs.messages import Cancelled, Finished, Message, Outcome
from studio.jobs.orders import CancelJob, Order, RunJob
from studio.jobs.request import JobId, JobRequest
from studio.jobs.transport import discard, pack, unpack
from studio.plugin_host.registry import discover
from studio.worker.execution import Executor

NICENESS = 5
"""How far the window goes before the worker where both want a processor."""


def main(connection: Connection) -> None:
    """Entry of the process: serve the plugins of this installation until the pipe closes."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    Worker(connection, Executor(discover())).serve()


class Worker:
    """Serves one pipe."""

    def __init__(self, connection: Connection, execute: Execute) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._ordinary, self._interactive = InlineRunner(execute), InlineRunner(execute)
        self._lane_of: dict[JobId, InlineRunner] = {}
        self._jobs: queue.SimpleQueue[RunJob | None] = queue.SimpleQueue()
        self._latest = _LatestOnly()
        self._current_interactive: JobId | None = None

    def serve(self) -> None:
        """Run until told to quit or the other end is gone."""
        threading.Thread(target=self._listen, name="orders", daemon=True).start()
        threading.Thread(target=self._serve_interactive, name="interactive", daemon=True).start()
        while (order := self._jobs.get()) is not None:
            self._run(self._ordinary, order)

    def _listen(self) -> None:
        try:
            while True:
                order = cast("Order", self._connection.recv())
                if isinstance(order, RunJob):
                    self._take(order)
                elif isinstance(order, CancelJob):
                    if (lane := self._lane_of.get(order.job)) is not None:
                        lane.cancel(order.job)
                else:
                    break
        except (EOFError, OSError):
            pass  # the other end is gone: nobody wants the results
        self._jobs.put(None)

    def _take(self, order: RunJob) -> None:
        if not order.interactive:
            self._lane_of[order.job] = self._ordinary
            self._jobs.put(order)
            return
        self._lane_of[order.job] = self._interactive
        running = self._current_interactive
        if (overtaken := self._latest.put(order)) is not None:
            discard(overtaken.request)
            self._send(Cancelled(overtaken.job))
        if running is not None and running in self._lane_of:
            self._interactive.cancel(running)

    def _serve_interactive(self) -> None:
        while True:
            order = self._latest.get()
            self._current_interactive = order.job
            self._run(self._interactive, order)
            self._current_interactive = None

    def _run(self, lane: InlineRunner, order: RunJob) -> None:
        request = cast("JobRequest", unpack(order.request))
        lane.run(request, self._send)

    def _send(self, message: Message) -> None:
        """Results travel with their pixels in shared memory, everything else as it is."""
        if isinstance(message, Outcome):
            self._lane_of.pop(message.job, None)
        parcel = pack(message) if isinstance(message, Finished) else None
        with self._sending:
            try:
                self._connection.send(message if parcel is None else parcel)
            except OSError:  # the other end is gone
                if parcel is not None:
                    discard(parcel)


class _LatestOnly:
    """A slot for one order: a newer one takes its place."""

    def __init__(self) -> None:
        self._order: RunJob | None = None
        self._filled = threading.Condition()

    def put(self, order: RunJob) -> RunJob | None:
        """Fill the slot; returns the order that lost its place, if any."""
        with self._filled:
            overtaken, self._order = self._order, order
            self._filled.notify()
            return overtaken

    def get(self) -> RunJob:
        """Wait for an order and empty the slot."""
        with self._filled:
            while (order := self._order) is None:
                self._filled.wait()
            self._order = None
            return order
