"""Jobs as the window sees them: one queue, one worker, and news about every change."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import numpy as np
from numpy.typing import NDArray

from studio.core.errors import StudioError
from studio.core.events import Event
from studio.core.geometry import Rect
from studio.core.layers import LayerId
from studio.jobs.eta import Estimate, PastRun, Recording, rest_of_run, whole_run
from studio.jobs.messages import Cancelled, Failed, Finished, JobState, Message, Outcome, Preview, Progress, Started
from studio.jobs.process import ProcessRunner
from studio.jobs.queue import JobQueue
from studio.jobs.record import JobRecord
from studio.jobs.request import Asked, JobId, JobRequest
from studio.plugin_api.results import Results

_log = logging.getLogger(__name__)

Post = Callable[[Callable[[], None]], None]
"""Runs a function later on the main thread; may be called from any thread."""


@dataclass(frozen=True, slots=True)
class JobChanged:
    """A job was added, changed its state or place, or (`record` None) was forgotten."""

    job: JobId
    record: JobRecord | None


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far the running job is: stage in words, share 0..1 or None, and step 1..`steps` of the stage, 0 for none."""

    job: JobId
    stage: str
    fraction: float | None
    step: int = 0
    steps: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class JobPreview:
    """What the running job has come to: (h, w, 4) straight RGBA for these canvas pixels."""

    job: JobId
    samples: NDArray[np.uint8]
    area: Rect


@dataclass(slots=True, eq=False)
class _Run:
    """The job that the worker is at, as far as it is known. `began` is monotonic, None until the worker has begun.

    `request` is None until it was read.
    """

    record: JobRecord
    steps: int | None
    request: JobRequest | None
    began: float | None = None
    progress: JobProgress | None = None
    preview: JobPreview | None = None
    recording: Recording = field(default_factory=Recording)

    @property
    def elapsed_s(self) -> float:
        return 0.0 if self.began is None else time.monotonic() - self.began


class JobCenter:
    """Runs the queue's jobs one after the other. All methods belong to the main thread, and take it only for rows:
    pixels of requests and results are read and written on other threads.

    Args:
        queue: where jobs are kept.
        entry: the worker's main function.
        post: brings the worker's messages to the main thread.
    """

    def __init__(self, queue: JobQueue, entry: Callable[[Connection], None], post: Post) -> None:
        self._queue = queue
        self._post = post
        self._runner = ProcessRunner(entry, self._receive)
        self._run: _Run | None = None
        self._writing: dict[JobId, JobRequest] = {}  # in the queue, and not all on disk yet
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="lamina-requests")
        self._interactive: dict[JobId, Callable[[Outcome], None]] = {}
        self._paused = queue.is_paused
        self._newest: Finished | None = None
        self._closed = False
        self.changed = Event("jobs.changed", JobChanged)
        self.progress = Event("jobs.progress", JobProgress)
        self.previewed = Event("jobs.previewed", JobPreview)
        self.switched = Event("jobs.switched", bool)

    @property
    def running(self) -> JobId | None:
        """The job that the worker is at."""
        return self._run.record.id if self._run else None

    @property
    def paused(self) -> bool:
        """Whether waiting jobs stay waiting, in the next run of the program too; the running one goes on."""
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

    @property
    def last_progress(self) -> JobProgress | None:
        """What the running job told last."""
        return self._run.progress if self._run else None

    @property
    def last_preview(self) -> JobPreview | None:
        """What the running job showed last."""
        return self._run.preview if self._run else None

    def estimate(self, job: JobId) -> Estimate | None:
        """How long the job will take, or will still take if it runs; None when that is not known, or it has ended."""
        record = self._queue.record(job)
        if record.state.is_final:
            return None
        runs = self._queue.timings(record.plugin, record.engine)
        steps = self._queue.steps(job)
        run = self._run if job == self.running else None
        if run is None:
            return whole_run(runs, record.megapixels, steps)
        fraction = run.progress.fraction if run.progress else None
        return rest_of_run(runs, record.megapixels, steps, elapsed_s=run.elapsed_s, fraction=fraction)

    def begin(self) -> list[JobRecord]:
        """Go on with what an earlier run of the program left, unless the queue is paused; returns those jobs."""
        left = [record for record in self._queue.records() if not record.state.is_final]
        self._run_next()
        return left

    def resume(self) -> None:
        """Let waiting jobs run."""
        self._switch(False)
        self._run_next()

    def pause(self) -> None:
        """Start no further job until `resume`, not even after a restart."""
        self._switch(True)

    def submit(self, request: JobRequest, label: str, *, kept_aside: bool = False) -> JobId:
        """Put a job into the queue; see `JobRecord.kept_aside`. Raises StudioError when the queue cannot be written.

        Its pixels are written beside the window, and it can run once they are on disk; else it fails.
        """
        self._queue.add(request, label, kept_aside=kept_aside)
        self._writing[request.id] = request
        self._tell(request.id)
        self._writer.submit(self._write, request)  # last: from now on it competes with the main thread
        return request.id

    def ask(self, request: JobRequest, answer: Callable[[Outcome], None]) -> None:
        """Run something that takes milliseconds beside the queue; a newer call cancels an older one.

        After `close` there is no answer.
        """
        if not self._closed:
            self._interactive[request.id] = answer
            self._runner.submit(request, interactive=True)

    def cancel(self, job: JobId) -> None:
        """Stop that job, waiting or running; one that has ended stays as it is."""
        if job == self.running:
            self._runner.cancel(job)
        elif self._queue.record(job).state is JobState.QUEUED:
            self._queue.cancel(job)
            self._tell(job)
            self._run_next()  # the next one may have been ready before it

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
        self._run_next()

    def results(self, job: JobId) -> Finished:
        """A finished job's results, read back from disk. Raises StudioError."""
        if self._newest is not None and self.is_at_hand(job):
            return self._newest
        record = self._queue.record(job)
        return Finished(job, self._queue.results(job), record.ended_s - record.started_s)

    def result_layers(self, job: JobId) -> tuple[LayerId, ...]:
        """The outermost layers that a finished job gave."""
        return self._queue.result_layers(job)

    def results_later(self, job: JobId) -> Callable[[], Results]:
        """A function that reads a finished job's results, on any thread. Raises StudioError when there are none."""
        newest = self._newest
        return self._queue.results_later(job) if newest is None or newest.job != job else lambda: newest.results

    def is_at_hand(self, job: JobId) -> bool:
        """Whether a job's results need not be read from disk."""
        return self._newest is not None and self._newest.job == job

    def request(self, job: JobId) -> JobRequest:
        """What was asked for, pixels included. Raises StudioError when its files are gone."""
        return self.request_later(job)()

    def request_later(self, job: JobId) -> Callable[[], JobRequest]:
        """A function that reads what was asked for, on any thread. Raises StudioError when there is no such job."""
        request = self._writing.get(job)
        return self._queue.request_later(job) if request is None else lambda: request

    def asked(self, job: JobId) -> Asked:
        """What was asked for, without pixels. Raises StudioError when there is no such job."""
        return self._queue.asked(job)

    def arrays(self, job: JobId) -> dict[str, NDArray[np.uint8]]:
        """The masks and pictures that came with a job's request."""
        request = self._writing.get(job)
        return self._queue.arrays(job) if request is None else dict(request.arrays)

    def target(self, job: JobId) -> str:
        """The layer that the job's result is to take the place of; empty when there is none."""
        return self._queue.target(job)

    def accept(self, job: JobId) -> None:
        """The results are in a document, or were turned down; until then they are offered again after a restart."""
        for forgotten in self._queue.trim():
            self.changed.emit(JobChanged(forgotten, None))
        self._queue.accept(job)
        if self._newest is not None and self._newest.job == job:
            self._newest = None
        self._tell(job)

    def forget(self, job: JobId) -> None:
        """Take an ended job out of the list. Raises StudioError while it waits or runs."""
        if not self._queue.record(job).state.is_final:
            raise StudioError("A job that waits or runs cannot be removed.", "Cancel it first.")
        self._queue.forget(job)
        self.changed.emit(JobChanged(job, None))

    def forget_ended(self) -> None:
        """Take out of the list what has ended, but for results that nobody has taken yet."""
        for record in self._queue.records():
            if record.state.is_final and (record.accepted or record.state is not JobState.FINISHED):
                self.forget(record.id)

    def close(self) -> None:
        """Stop the worker, once all that was asked for is on disk. A running job stays in the queue and starts again
        next time.
        """
        run, self._run = self._run, None
        self._closed = True
        self._runner.close()
        self._writer.shutdown(wait=True)
        if run is not None:
            self._queue.put_back(run.record.id)
        self._queue.close()

    def _switch(self, paused: bool) -> None:
        if paused != self._paused:
            self._queue.set_paused(paused)
            self._paused = paused
            self.switched.emit(paused)

    def _write(self, request: JobRequest) -> None:
        """On the writer's thread."""
        failed: Failed | None = None
        try:
            self._queue.write_request(request)
        except StudioError as error:
            failed = Failed(request.id, error.message, error.hint, error.detail)
        except Exception as error:  # the edge of this thread: the job must end, whatever went wrong
            _log.exception("the pixels of job %s could not be stored", request.id)
            hint = "Close other programs or use a smaller picture, then run the plugin anew."
            failed = Failed(request.id, "The job's pixels could not be stored.", hint, repr(error))
        self._post(lambda: self._on_written(request, failed))

    def _on_written(self, request: JobRequest, failed: Failed | None) -> None:
        if self._closed:
            return
        del self._writing[request.id]
        state = next((record.state for record in self._queue.records() if record.id == request.id), None)
        if state is None:  # cancelled and forgotten meanwhile
            self._queue.sweep()
        elif failed is not None and state is JobState.QUEUED:
            self._queue.fail(request.id, failed)
            self._tell(request.id)
        self._run_next(at_hand=request)

    def _run_next(self, at_hand: JobRequest | None = None) -> None:
        """Start the next job if the worker is free and that job is on disk; `at_hand` need not be read from there."""
        if self._paused or self._run is not None or self._closed:
            return
        record = self._queue.next_waiting()
        if record is None or record.id in self._writing:
            return
        request = at_hand if at_hand is not None and at_hand.id == record.id else None
        run = self._run = _Run(record, self._queue.steps(record.id), request)
        read = self._queue.request_later(record.id)
        self._queue.start(record.id)
        self._runner.submit_later(record.id, lambda: _filled(run, read))
        self._tell(record.id)

    def _receive(self, message: Message) -> None:
        """On the runner's thread: write the pixels of a result, which takes long, and pass the message on.

        Results that cannot be stored make the job fail rather than vanish.
        """
        run = self._run
        if isinstance(message, Finished) and run is not None and message.job == run.record.id:
            assert run.request is not None  # it was sent
            try:
                self._queue.write_layers(message.job, message.results, run.request.document)
            except StudioError as error:
                message = Failed(message.job, error.message, error.hint, error.detail)
            except Exception as error:  # the edge of the runner's thread, as in `_write`
                _log.exception("the result of job %s could not be stored", message.job)
                hint = "Close other programs or use a smaller picture, then run it again."
                message = Failed(message.job, "The job's result could not be stored.", hint, repr(error))
        heard = message
        self._post(lambda: self._hear(heard))

    def _hear(self, message: Message) -> None:
        if (answer := self._interactive.get(message.job)) is not None:
            if isinstance(message, Outcome):
                del self._interactive[message.job]
                answer(message)
            return
        run = self._run
        if run is None or message.job != run.record.id:
            return
        if isinstance(message, Outcome):
            self._run = None
            self._record_end(run, message)
            self._tell(message.job)
            self._run_next()
        else:
            self._follow(run, message)

    def _follow(self, run: _Run, message: Started | Progress | Preview) -> None:
        if isinstance(message, Started):
            run.began = time.monotonic()
        elif isinstance(message, Progress):
            run.recording.note(message.fraction, run.elapsed_s)
            run.progress = JobProgress(message.job, message.stage, message.fraction, message.step, message.steps)
            self.progress.emit(run.progress)
        else:
            run.preview = JobPreview(message.job, message.samples, message.area)
            self.previewed.emit(run.preview)

    def _record_end(self, run: _Run, outcome: Outcome) -> None:
        """Keep what came out, and how long it took."""
        job = run.record.id
        if isinstance(outcome, Cancelled):
            self._queue.cancel(job)
        elif isinstance(outcome, Failed):
            self._queue.fail(job, outcome)
        else:
            self._queue.finish(job, outcome.results)
            self._newest = outcome
            past = PastRun(
                megapixels=run.record.megapixels,
                seconds=outcome.seconds,
                steps=run.steps,
                curve=run.recording.curve(outcome.seconds),
            )
            self._queue.add_timing(run.record.plugin, run.record.engine, past)

    def _tell(self, job: JobId) -> None:
        self.changed.emit(JobChanged(job, self._queue.record(job)))


def _filled(run: _Run, read: Callable[[], JobRequest]) -> JobRequest:
    """On the runner's thread: the request of a run, which its results are written with, too. Raises StudioError."""
    if run.request is None:
        run.request = read()
    return run.request
