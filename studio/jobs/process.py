"""The runner that keeps a worker process: the window stays free, and a worker that dies takes nothing with it."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import cast

from studio.core.errors import StudioError
from studio.jobs.messages import Cancelled, Failed, Message, Outcome
from studio.jobs.orders import CancelJob, Order, Quit, RunJob
from studio.jobs.request import JobId, JobRequest
from studio.jobs.transport import Parcel, discard, pack, unpack

_log = logging.getLogger(__name__)

CANCEL_GRACE_S = 5.0
"""A job that does not stop by then is stopped with its worker."""
QUIT_GRACE_S = 2.0


@dataclass(slots=True)
class _Flight:
    """A job the worker has and has not answered."""

    cancelled: bool = False
    timer: threading.Timer | None = None
    parcel: Parcel | None = None


@dataclass(slots=True)
class _Worker:
    """One process, its pipe and the jobs it has; a job of an older worker is never taken for one of a newer."""

    process: SpawnProcess
    connection: Connection
    flights: dict[JobId, _Flight] = field(default_factory=dict[JobId, _Flight])
    sending: threading.Lock = field(default_factory=threading.Lock)


class ProcessRunner:
    """Starts a worker when the first job comes, and a fresh one after it died. Its methods return at once.

    Jobs are read, packed and sent on a thread of its own, in the order they come, because their pixels may be many.

    Args:
        entry: the worker's main function, importable by name.
        listener: hears every message, on a thread of this runner's; each job ends with exactly one outcome.
        cancel_grace_s: how long a cancelled job may go on before its worker is stopped.
    """

    def __init__(
        self,
        entry: Callable[[Connection], None],
        listener: Callable[[Message], None],
        cancel_grace_s: float = CANCEL_GRACE_S,
    ) -> None:
        self._entry = entry
        self._listener = listener
        self._cancel_grace_s = cancel_grace_s
        self._lock = threading.RLock()
        self._worker: _Worker | None = None
        self._leaving: dict[JobId, bool] = {}  # not with a worker yet, and whether cancelled
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="lamina-worker-orders")
        self._closed = False

    @property
    def worker_pid(self) -> int | None:
        """The process id of the worker, or None when there is none."""
        with self._lock:
            return self._worker.process.pid if self._worker else None

    def submit(self, request: JobRequest, *, interactive: bool = False) -> None:
        """Hand the request to the worker; jobs of the ordinary lane run in the order they come."""
        self.submit_later(request.id, lambda: request, interactive=interactive)

    def submit_later(self, job: JobId, read: Callable[[], JobRequest], *, interactive: bool = False) -> None:
        """The same for a request that is still to be read, on another thread; `read` may raise StudioError."""
        with self._lock:
            if self._closed:
                raise RuntimeError("the runner is closed")
            self._leaving[job] = False
        self._sender.submit(self._hand_over, job, read, interactive)

    def cancel(self, job: JobId) -> None:
        """Stop that job; a final message follows. Cancelling a job that is not here does nothing."""
        with self._lock:
            if job in self._leaving:
                self._leaving[job] = True
                return
            worker = self._worker
            flight = worker.flights.get(job) if worker else None
            if worker is None or flight is None or flight.cancelled:
                return
            flight.cancelled = True
            flight.timer = threading.Timer(self._cancel_grace_s, self._kill, (worker, job))
            flight.timer.daemon = True
            flight.timer.start()
        self._send(worker, CancelJob(job))

    def close(self) -> None:
        """Stop the worker; jobs that it had end as cancelled."""
        with self._lock:
            self._closed = True
        self._sender.shutdown(wait=True)
        with self._lock:
            worker = self._worker
            if worker is None:
                return
            for flight in worker.flights.values():
                flight.cancelled = True
        self._send(worker, Quit())
        worker.process.join(QUIT_GRACE_S)
        if worker.process.is_alive():
            worker.process.kill()
        worker.process.join()

    def _hand_over(self, job: JobId, read: Callable[[], JobRequest], interactive: bool) -> None:
        """On the sending thread: one job to the worker, or its end when it was cancelled or cannot be sent."""
        parcel: Parcel | None = None
        try:
            if not self._is_given_up(job):
                parcel = pack(read())
            worker = self._boarded(job, parcel)
        except Exception as error:  # the edge of this thread: the jobs behind must go on, whatever went wrong
            self._end_here(job, parcel, _never_left(job, error))
        else:
            if parcel is None or worker is None:
                self._end_here(job, parcel, Cancelled(job))
            elif not self._send(worker, RunJob(job, parcel, interactive)):
                discard(parcel)

    def _is_given_up(self, job: JobId) -> bool:
        """Whether a job that has not left was cancelled, or nothing leaves any more."""
        with self._lock:
            return self._closed or self._leaving[job]

    def _boarded(self, job: JobId, parcel: Parcel | None) -> _Worker | None:
        """The worker that a job is with from now on; None for one that was given up."""
        with self._lock:
            if parcel is None or self._is_given_up(job):
                return None
            worker = self._worker or self._started()
            worker.flights[job] = _Flight(parcel=parcel)
            del self._leaving[job]
            return worker

    def _end_here(self, job: JobId, parcel: Parcel | None, outcome: Outcome) -> None:
        """A job that never left has ended."""
        with self._lock:
            del self._leaving[job]
        if parcel is not None:
            discard(parcel)
        self._listener(outcome)

    def _started(self) -> _Worker:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=self._entry, args=(theirs,), name="lamina-worker", daemon=True)
        process.start()
        theirs.close()
        worker = self._worker = _Worker(process, ours)
        threading.Thread(target=self._listen, args=(worker,), name="lamina-worker-messages", daemon=True).start()
        return worker

    def _send(self, worker: _Worker, order: Order) -> bool:
        """Whether the order left; when it did not, the listening thread finds the worker dead and says so."""
        try:
            with worker.sending:
                worker.connection.send(order)
        except OSError:
            return False
        return True

    def _kill(self, worker: _Worker, job: JobId) -> None:
        with self._lock:
            if job not in worker.flights:
                return
        _log.warning("job %s did not stop in %.1f s; stopping its worker", job, self._cancel_grace_s)
        worker.process.kill()

    def _listen(self, worker: _Worker) -> None:
        why = ""
        try:
            while True:
                told: object = worker.connection.recv()
                self._deliver(worker, cast("Message", unpack(told) if isinstance(told, Parcel) else told))
        except (EOFError, ConnectionError):
            worker.process.join(QUIT_GRACE_S)  # it is ending, and its exit code tells why
        except Exception as error:  # the edge of this thread: what was told is lost, so its job must end here
            _log.exception("a message of the worker could not be taken")
            why = repr(error)
        self._bury(worker, why)

    def _deliver(self, worker: _Worker, message: Message) -> None:
        with self._lock:
            flight = worker.flights.get(message.job)
            if flight is None:
                _log.info("dropped a late %s of job %s", type(message).__name__, message.job)
                return
            if isinstance(message, Outcome):
                del worker.flights[message.job]
                if flight.timer is not None:
                    flight.timer.cancel()
        self._listener(message)

    def _bury(self, worker: _Worker, why: str) -> None:
        """The worker is gone, or cannot be heard: its jobs end here, and the next job starts a fresh one.

        Args:
            why: what kept it from being heard; empty when it ended by itself.
        """
        if worker.process.is_alive():
            worker.process.kill()
        worker.process.join()
        worker.connection.close()
        with self._lock:
            if self._worker is worker:
                self._worker = None
            flights = list(worker.flights.items())
            worker.flights.clear()
        for job, flight in flights:
            if flight.timer is not None:
                flight.timer.cancel()
            if flight.parcel is not None:
                discard(flight.parcel)  # the worker may have died before it took the pixels over
            self._listener(Cancelled(job) if flight.cancelled else _death_of(job, worker.process.exitcode, why))


def _never_left(job: JobId, error: Exception) -> Failed:
    """What is told of a job that could not be handed to the worker."""
    if isinstance(error, StudioError):
        return Failed(job, error.message, error.hint, error.detail)
    if isinstance(error, (OSError, MemoryError)):
        hint = "Close other programs or use a smaller picture, then run it again."
        return Failed(job, "The system has no memory or no process left for this job.", hint, str(error))
    _log.error("job %s could not be handed over", job, exc_info=error)
    return Failed(job, "The job could not be handed to the worker.", "Run it anew.", repr(error))


def _death_of(job: JobId, exit_code: int | None, why: str) -> Failed:
    killed = exit_code is not None and exit_code < 0
    how = (
        f"was stopped by {signal.Signals(-exit_code).name}" if killed and exit_code else f"ended with code {exit_code}"
    )
    hint = (
        "A fresh worker takes its place. Run the job again; if it happens again, use a smaller picture: the system may"
        " have run out of memory."
    )
    return Failed(job, "The worker stopped while it was at this job.", hint, why or f"the worker process {how}")
