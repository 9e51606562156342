"""The process runner with real processes: results, progress, exact cancel, killed and hanging workers."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Iterator
from multiprocessing.shared_memory import SharedMemory

import numpy as np
import pytest

from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.geometry import Size
from studio.core.layers import RasterLayer
from studio.core.pixels import PixelBuffer
from studio.jobs import process, transport
from studio.jobs.messages import Cancelled, Failed, Finished, Message, Outcome, Progress, Started
from studio.jobs.process import ProcessRunner
from studio.jobs.request import JobId, JobRequest
from tests.support.worker import patient_main

WAIT_S = 60


class Heard:
    """Messages of a runner, in the order they came."""

    def __init__(self) -> None:
        self.queue: queue.Queue[Message] = queue.Queue()
        self.all: list[Message] = []

    def __call__(self, message: Message) -> None:
        self.all.append(message)
        self.queue.put(message)

    def until(self, job: JobId, kind: type[Message]) -> Message:
        """The next message of this kind about the job."""
        while True:
            message = self.queue.get(timeout=WAIT_S)
            if message.job == job and isinstance(message, kind):
                return message


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def runner(heard: Heard) -> Iterator[ProcessRunner]:
    runner = ProcessRunner(patient_main, heard, cancel_grace_s=1.0)
    yield runner
    runner.close()
    ended = [message.job for message in heard.all if isinstance(message, Outcome)]
    assert len(ended) == len(set(ended)), "a job ended twice"


def request(task: str, side: int = 300) -> JobRequest:
    pixels = np.random.default_rng(1).integers(0, 256, (side, side, 4), dtype=np.uint8)
    layer = RasterLayer(name="Picture", pixels=PixelBuffer.from_array(pixels))
    document = Document(size=Size(side, side), layers=(layer,))
    return JobRequest(plugin="patient", engine="classical", params={"task": task}, document=document)


def test_a_parcel_gives_back_the_value_and_frees_its_memory() -> None:
    value = request("echo")
    parcel = transport.pack(value)
    again = transport.unpack(parcel)
    assert isinstance(again, JobRequest)
    assert again.document == value.document
    with pytest.raises(FileNotFoundError):
        SharedMemory(parcel.block)
    transport.discard(parcel)


def test_results_come_back_with_their_pixels(runner: ProcessRunner, heard: Heard) -> None:
    job = request("echo")
    runner.submit(job)
    done = heard.until(job.id, Finished)
    assert isinstance(done, Finished)
    assert done.results.layers == job.document.layers
    kinds = [type(message) for message in heard.all]
    assert kinds == [Started, Progress, Finished]


def test_an_error_comes_back_as_words(runner: ProcessRunner, heard: Heard) -> None:
    job = request("raise")
    runner.submit(job)
    failed = heard.until(job.id, Failed)
    assert isinstance(failed, Failed)
    assert "the engine coughed" in failed.message
    assert "Traceback" in failed.detail


def test_cancel_stops_that_job_only(runner: ProcessRunner, heard: Heard) -> None:
    first, second, third = request("wait"), request("wait"), request("echo")
    for job in (first, second, third):
        runner.submit(job)
    heard.until(first.id, Progress)
    runner.cancel(second.id)
    runner.cancel(first.id)
    heard.until(third.id, Finished)
    ends = {message.job: type(message) for message in heard.all if isinstance(message, Outcome)}
    assert ends == {first.id: Cancelled, second.id: Cancelled, third.id: Finished}


def test_one_that_is_cancelled_while_it_is_read_never_reaches_the_worker(runner: ProcessRunner, heard: Heard) -> None:
    first, second, held = request("echo"), request("echo"), threading.Event()

    def read() -> JobRequest:
        assert held.wait(WAIT_S)
        return first

    runner.submit_later(first.id, read)
    runner.submit(second)
    runner.cancel(first.id)
    held.set()
    heard.until(second.id, Finished)
    assert [type(message) for message in heard.all if message.job == first.id] == [Cancelled]


def test_one_that_cannot_be_read_fails_in_words(runner: ProcessRunner, heard: Heard) -> None:
    def read() -> JobRequest:
        raise StudioError("Its file is gone.", "Run it anew.")

    job = JobId("lost")
    runner.submit_later(job, read)
    assert heard.until(job, Failed) == Failed(job, "Its file is gone.", "Run it anew.", "")


def test_a_killed_worker_fails_its_job_and_a_fresh_one_takes_the_next(runner: ProcessRunner, heard: Heard) -> None:
    job = request("wait")
    runner.submit(job)
    heard.until(job.id, Progress)
    pid = runner.worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    failed = heard.until(job.id, Failed)
    assert isinstance(failed, Failed)
    assert "SIGKILL" in failed.detail
    again = request("echo")
    runner.submit(again)
    heard.until(again.id, Finished)
    assert runner.worker_pid != pid


def test_pixels_that_a_killed_worker_never_took_are_freed(runner: ProcessRunner, heard: Heard) -> None:
    running, waiting = request("wait"), request("echo")
    for job in (running, waiting):
        runner.submit(job)
    heard.until(running.id, Progress)
    worker, pid = runner._worker, runner.worker_pid
    assert worker is not None
    assert pid is not None
    parcel = worker.flights[waiting.id].parcel
    assert parcel is not None
    SharedMemory(parcel.block).close()
    os.kill(pid, signal.SIGKILL)
    heard.until(waiting.id, Failed)
    with pytest.raises(FileNotFoundError):
        SharedMemory(parcel.block)


def test_a_job_that_ignores_cancel_is_stopped_with_its_worker(runner: ProcessRunner, heard: Heard) -> None:
    job = request("hang")
    runner.submit(job)
    heard.until(job.id, Progress)
    runner.cancel(job.id)
    heard.until(job.id, Cancelled)
    again = request("echo")
    runner.submit(again)
    heard.until(again.id, Finished)


def test_the_interactive_lane_answers_while_a_job_runs_and_the_latest_wins(runner: ProcessRunner, heard: Heard) -> None:
    long = request("wait")
    runner.submit(long)
    heard.until(long.id, Progress)
    asked = [request("slow echo", side=16) for _ in range(8)]
    for job in asked:
        runner.submit(job, interactive=True)
    heard.until(asked[-1].id, Finished)
    ends = {message.job: type(message) for message in heard.all if isinstance(message, Outcome)}
    assert len(ends) == len(asked)
    assert ends[asked[-1].id] is Finished
    assert Cancelled in ends.values()
    runner.cancel(long.id)
    heard.until(long.id, Cancelled)


def test_closing_ends_what_runs(heard: Heard) -> None:
    runner = ProcessRunner(patient_main, heard)
    job = request("wait")
    runner.submit(job)
    heard.until(job.id, Progress)
    runner.close()
    heard.until(job.id, Cancelled)
    with pytest.raises(RuntimeError):
        runner.submit(request("echo"))


def test_a_message_whose_pixels_are_gone_fails_its_job_and_a_fresh_worker_takes_the_next(
    runner: ProcessRunner, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpack = process.unpack

    def gone(parcel: transport.Parcel) -> object:
        transport.discard(parcel)
        monkeypatch.setattr(process, "unpack", unpack)
        return unpack(parcel)

    monkeypatch.setattr(process, "unpack", gone)
    first, second = request("echo"), request("echo")
    runner.submit(first)
    failed = heard.until(first.id, Failed)
    assert isinstance(failed, Failed)
    assert "FileNotFoundError" in failed.detail
    runner.submit(second)
    heard.until(second.id, Finished)
