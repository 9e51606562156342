"""Jobs as the window sees them: one queue, one worker, and news about every change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

from studio.core.errors import StudioError
from studio.core.events import Event
from studio.jobs.messages import Cancelled, Failed, Finished, JobState, Message, Outcome, Progress
from studio.jobs.process import ProcessRunner
from studio.jobs.queue import JobQueue
from studio.jobs.record import JobRecord
from studio.jobs.request import JobId, JobRequest

Post = Callable[[Callable[[], None]], None]
"""Runs a function later on the main thread; may be called from any thread."""


@dataclass(frozen=True, slots=True)
class JobChanged:
    """A job was added, changed its state or place, or (`record` None) was forgotten."""

    job: JobId
    record: JobRecord | None


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far the running job is: stage in words, share 0..1 or None."""

    job: JobId
    stage: str
    fraction: float | None


class JobCenter:
    """Runs the queue's jobs one after the other. All methods belong to the main thread.

    Args:
        queue: where jobs are kept.
        entry: the worker's main function.
        post: brings the worker's messages to the main thread.
    """

    def __init__(self, queue: JobQueue, entry: Callable[[Connection], None], post: Post) -> None:
        self._queue = queue
        self._post = post
        self._runner = ProcessRunner(entry, lambda message: post(lambda: self._hear(message)))
        self._running: JobRequest | None = None
        self._interactive: dict[JobId, Callable[[Outcome], None]] = {}
        self._paused = False
        self.changed = Event("jobs.changed", JobChanged)
        self.progress = Event("jobs.progress", JobProgress)

    @property
    def running(self) -> JobId | None:
        """The job that the worker is at."""
        return self._running.id if self._running else None

    @property
    def paused(self) -> bool:
        """Whether waiting jobs stay waiting; the running one goes on."""
        return self._paused

    @property
    def worker_pid(self) -> int | None:
        """The process id of the worker, if there is one."""
        return self._runner.worker_pid

    def records(self) -> list[JobRecord]:
        """All jobs in the order of the queue."""
        return self._queue.records()

    def record(self, job: JobId) -> JobRecord:
        """Raises StudioError when there is no such job."""
        return self._queue.record(job)

    def resume(self) -> None:
        """Let waiting jobs run; also after a restart, when there are any."""
        self._paused = False
        self._run_next()

    def pause(self) -> None:
        """Start no further job until `resume`."""
        self._paused = True

    def submit(self, request: JobRequest, label: str) -> JobId:
        """Put a job into the queue. Raises StudioError when it cannot be stored."""
        self._tell(self._queue.add(request, label).id)
        self._run_next()
        return request.id

    def ask(self, request: JobRequest, answer: Callable[[Outcome], None]) -> None:
        """Run something that takes milliseconds beside the queue; a newer call cancels an older one."""
        self._interactive[request.id] = answer
        self._runner.submit(request, interactive=True)

    def cancel(self, job: JobId) -> None:
        """Stop that job, waiting or running; one that has ended stays as it is."""
        if job == self.running:
            self._runner.cancel(job)
        elif self._queue.record(job).state is JobState.QUEUED:
            self._queue.cancel(job)
            self._tell(job)

    def retry(self, job: JobId) -> None:
        """Run a failed or cancelled job again, from its own request. Raises StudioError for others."""
        if self._queue.record(job).state not in (JobState.FAILED, JobState.CANCELLED):
            raise StudioError("Only a failed or cancelled job can be run again.")
        self._queue.wait_again(job)
        self._tell(job)
        self._run_next()

    def move(self, job: JobId, before: JobId | None) -> None:
        """Change the order of waiting jobs."""
        self._queue.move(job, before)
        self._tell(job)

    def results(self, job: JobId) -> Finished:
        """A finished job's results, read back from disk. Raises StudioError."""
        record = self._queue.record(job)
        return Finished(job, self._queue.results(job), record.ended_s - record.started_s)

    def accept(self, job: JobId) -> None:
        """The results are in a document, or were turned down; until then they are offered again after a restart."""
        self._queue.accept(job)
        self._tell(job)

    def forget(self, job: JobId) -> None:
        """Take an ended job out of the list. Raises StudioError while it waits or runs."""
        if not self._queue.record(job).state.is_final:
            raise StudioError("A job that waits or runs cannot be removed.", "Cancel it first.")
        self._queue.forget(job)
        self.changed.emit(JobChanged(job, None))

    def close(self) -> None:
        """Stop the worker. A running job stays in the queue and starts again next time."""
        self._running = None
        self._runner.close()
        self._queue.close()

    def _run_next(self) -> None:
        while not self._paused and self._running is None and (record := self._queue.next_waiting()) is not None:
            try:
                request = self._queue.request(record.id)
            except StudioError as error:
                self._queue.fail(record.id, Failed(record.id, error.message, error.hint, error.detail))
            else:
                self._running = request
                self._queue.start(record.id)
                self._runner.submit(request)
            self._tell(record.id)

    def _hear(self, message: Message) -> None:
        if (answer := self._interactive.get(message.job)) is not None:
            if isinstance(message, Outcome):
                del self._interactive[message.job]
                answer(message)
            return
        running = self._running
        if running is None or message.job != running.id:
            return
        if isinstance(message, Progress):
            self.progress.emit(JobProgress(message.job, message.stage, message.fraction))
        elif isinstance(message, Outcome):
            self._running = None
            self._record_end(running, message)
            self._tell(message.job)
            self._run_next()

    def _record_end(self, request: JobRequest, outcome: Outcome) -> None:
        """Keep what came out; results that cannot be stored make the job fail rather than vanish."""
        if isinstance(outcome, Cancelled):
            self._queue.cancel(request.id)
        elif isinstance(outcome, Failed):
            self._queue.fail(request.id, outcome)
        else:
            try:
                self._queue.finish(request.id, outcome.results, request.document)
            except StudioError as error:
                self._queue.fail(request.id, Failed(request.id, error.message, error.hint, error.detail))

    def _tell(self, job: JobId) -> None:
        self.changed.emit(JobChanged(job, self._queue.record(job)))
