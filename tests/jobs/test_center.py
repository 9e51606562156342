"""The queue and its worker together: order, restart, kill, random schedules; nothing is lost, nothing comes twice."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.geometry import Rect
from studio.io import project
from studio.io.report import Written
from studio.jobs import process, transport
from studio.jobs.center import JobCenter, JobProgress
from studio.jobs.eta import PastRun
from studio.jobs.messages import Finished, JobState, Outcome
from studio.jobs.queue import MAX_ATTEMPTS, JobQueue
from studio.jobs.request import JobId, JobRequest
from tests.jobs.test_process import request
from tests.support.threads import MainThread
from tests.support.worker import patient_main

DATA = Path(__file__).parent / "data"
NOTHING = JobProgress(JobId(""), "", None)


@pytest.fixture
def thread() -> MainThread:
    return MainThread()


@pytest.fixture
def center(tmp_path: Path, thread: MainThread) -> Iterator[JobCenter]:
    center = JobCenter(JobQueue(tmp_path / "jobs"), patient_main, thread.post)
    yield center
    center.close()


def states(center: JobCenter) -> dict[JobId, JobState]:
    return {record.id: record.state for record in center.records()}


def submit(center: JobCenter, *tasks: str) -> list[JobRequest]:
    jobs = [request(task, side=40) for task in tasks]
    for job in jobs:
        center.submit(job, f"Job {job.id[:4]}")
    return jobs


def wait_for_a_run(center: JobCenter, thread: MainThread) -> None:
    thread.run_until(lambda: center.running is not None)


def test_jobs_run_in_order_and_keep_their_results(center: JobCenter, thread: MainThread) -> None:
    ended: list[JobId] = []
    held = center.changed.connect(
        lambda news: ended.append(news.job) if news.record and news.record.state.is_final else None
    )
    jobs = submit(center, "echo", "raise", "echo")
    thread.run_until(lambda: len(ended) == 3)
    held.close()
    assert ended == [job.id for job in jobs]
    assert list(states(center).values()) == [JobState.FINISHED, JobState.FAILED, JobState.FINISHED]
    assert center.results(jobs[0].id).results.layers == jobs[0].document.layers
    failed = center.records()[1]
    assert "the engine coughed" in failed.message
    assert "Traceback" in failed.detail


def test_pausing_moving_cancelling_and_retrying(center: JobCenter, thread: MainThread) -> None:
    center.pause()
    first, second, third = submit(center, "echo", "echo", "echo")
    center.move(third.id, before=first.id)
    center.cancel(second.id)
    assert center.running is None
    order: list[JobId] = []
    held = center.changed.connect(
        lambda news: order.append(news.job) if news.record and news.record.state is JobState.FINISHED else None
    )
    center.resume()
    thread.run_until(lambda: len(order) == 2)
    assert order == [third.id, first.id]
    assert states(center)[second.id] is JobState.CANCELLED
    with pytest.raises(StudioError):
        center.retry(first.id)
    center.retry(second.id)
    thread.run_until(lambda: len(order) == 3)
    held.close()


def test_a_job_that_ended_can_be_forgotten_with_its_files(
    center: JobCenter, thread: MainThread, tmp_path: Path
) -> None:
    (job,) = submit(center, "echo")
    with pytest.raises(StudioError, match="waits or runs"):
        center.forget(job.id)
    thread.run_until(lambda: states(center)[job.id].is_final)
    assert list((tmp_path / "jobs").glob(f"{job.id}*"))
    center.forget(job.id)
    assert center.records() == []
    assert not list((tmp_path / "jobs").glob(f"{job.id}*"))


def test_waiting_and_running_jobs_survive_a_restart(tmp_path: Path, thread: MainThread) -> None:
    folder = tmp_path / "jobs"
    center = JobCenter(JobQueue(folder), patient_main, thread.post)
    running, waiting = submit(center, "slow echo", "echo")
    center.close()
    reopened = JobCenter(JobQueue(folder), patient_main, thread.post)
    assert list(states(reopened).values()) == [JobState.QUEUED, JobState.QUEUED]
    reopened.resume()
    thread.run_until(lambda: all(state.is_final for state in states(reopened).values()))
    for job in (running, waiting):
        assert reopened.results(job.id).results.layers == job.document.layers
    reopened.close()


def test_results_that_nobody_took_are_still_there_after_a_restart(tmp_path: Path, thread: MainThread) -> None:
    center = JobCenter(JobQueue(tmp_path / "jobs"), patient_main, thread.post)
    taken, left = submit(center, "echo", "echo")
    thread.run_until(lambda: all(state.is_final for state in states(center).values()))
    center.accept(taken.id)
    center.close()
    again = JobQueue(tmp_path / "jobs")
    assert {record.id: record.accepted for record in again.records()} == {taken.id: True, left.id: False}
    assert again.results(left.id).layers == left.document.layers
    again.close()


def test_a_job_that_always_takes_us_down_is_given_up(tmp_path: Path) -> None:
    job = request("echo", side=16)
    jobs = JobQueue(tmp_path / "jobs")
    jobs.add(job, "Deadly")
    for _ in range(MAX_ATTEMPTS):
        jobs.start(job.id)
        jobs.close()
        jobs = JobQueue(tmp_path / "jobs")
    assert jobs.record(job.id).state is JobState.FAILED
    assert jobs.next_waiting() is None
    jobs.close()


def test_closing_on_purpose_is_no_failed_attempt(tmp_path: Path, thread: MainThread) -> None:
    for _ in range(MAX_ATTEMPTS + 1):
        center = JobCenter(JobQueue(tmp_path / "jobs"), patient_main, thread.post)
        if not center.records():
            submit(center, "wait")
        else:
            assert [record.state for record in center.begin()] == [JobState.QUEUED]
        wait_for_a_run(center, thread)
        center.close()
    again = JobQueue(tmp_path / "jobs")
    assert [(record.state, record.attempts) for record in again.records()] == [(JobState.QUEUED, 0)]
    again.close()


def test_a_paused_queue_stays_paused_after_a_restart(tmp_path: Path, thread: MainThread) -> None:
    center = JobCenter(JobQueue(tmp_path / "jobs"), patient_main, thread.post)
    heard: list[bool] = []
    held = center.switched.connect(heard.append)
    center.pause()
    center.pause()
    submit(center, "echo")
    center.close()
    held.close()
    again = JobCenter(JobQueue(tmp_path / "jobs"), patient_main, thread.post)
    assert again.paused
    assert len(again.begin()) == 1
    assert again.running is None
    again.resume()
    thread.run_until(lambda: all(state.is_final for state in states(again).values()))
    again.close()
    assert heard == [True]
    third = JobQueue(tmp_path / "jobs")
    assert not third.is_paused
    third.close()


def test_steps_and_previews_come_from_the_worker(center: JobCenter, thread: MainThread) -> None:
    (job,) = submit(center, "paint")
    thread.run_until(lambda: center.last_preview is not None and (center.last_progress or NOTHING).step > 2)
    preview, progress = center.last_preview, center.last_progress
    assert preview is not None
    assert progress is not None
    assert (preview.job, preview.area) == (job.id, Rect(10, 20, 42, 52))
    assert preview.samples.shape == (8, 8, 4)
    assert (progress.stage, progress.steps) == ("Working", 100_000)
    center.cancel(job.id)
    thread.run_until(lambda: states(center)[job.id].is_final)
    assert center.last_preview is None


def test_the_next_run_is_estimated_from_the_last(center: JobCenter, thread: MainThread) -> None:
    (first,) = submit(center, "slow echo")
    assert center.estimate(first.id) is None
    thread.run_until(lambda: states(center)[first.id].is_final)
    center.pause()
    (second,) = submit(center, "slow echo")
    found = center.estimate(second.id)
    assert found is not None
    assert 0 < found.low_s < found.high_s < 60
    assert center.estimate(first.id) is None


def test_ended_jobs_go_but_not_results_that_nobody_took(center: JobCenter, thread: MainThread) -> None:
    taken, failed, left = submit(center, "echo", "raise", "echo")
    thread.run_until(lambda: states(center)[left.id].is_final)
    center.pause()
    (waiting,) = submit(center, "echo")
    center.accept(taken.id)
    center.forget_ended()
    assert set(states(center)) == {left.id, waiting.id}
    assert failed.id not in states(center)
    assert center.result_layers(left.id) == tuple(layer.id for layer in left.document.layers)


def test_the_oldest_results_go_when_jobs_take_too_much_space(tmp_path: Path, thread: MainThread) -> None:
    """Those that are in a document; what nobody took, and what failed, stays."""
    one_job = 2 * 212_992  # its request and its results
    center = JobCenter(JobQueue(tmp_path / "jobs", kept_bytes=3 * one_job), patient_main, thread.post)
    gone: list[JobId] = []
    held = center.changed.connect(lambda news: gone.append(news.job) if news.record is None else None)
    left, failed, *others = submit(center, "echo", "raise", "echo", "echo", "echo")
    thread.run_until(lambda: all(state.is_final for state in states(center).values()))
    for job in others:
        center.accept(job.id)
    assert gone == [job.id for job in others[: len(gone)]]
    assert 0 < len(gone) < len(others)
    assert {left.id, failed.id, others[-1].id} <= set(states(center))
    assert center.results(left.id).results.layers == left.document.layers
    held.close()
    center.close()


def test_results_that_cannot_be_written_fail_the_job(
    center: JobCenter, thread: MainThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise StudioError("There is no space left.", "Free some.")

    (job,) = submit(center, "slow echo")
    monkeypatch.setattr(project, "write", full)
    thread.run_until(lambda: states(center)[job.id].is_final)
    record = center.record(job.id)
    assert (record.state, record.message, record.hint) == (JobState.FAILED, "There is no space left.", "Free some.")


def test_a_queue_of_the_first_version_is_taken_over(tmp_path: Path) -> None:
    """tests/jobs/data/queue_1 was written by the code of schema version 1: a finished, a waiting and a failed job."""
    shutil.copytree(DATA / "queue_1", tmp_path / "jobs")
    queue = JobQueue(tmp_path / "jobs")
    assert [(r.label, r.state, r.megapixels) for r in queue.records()] == [
        ("Finished", JobState.FINISHED, 0.0),
        ("Waiting", JobState.QUEUED, 0.0),
        ("Failed", JobState.FAILED, 0.0),
    ]
    finished, waiting, _ = queue.records()
    assert queue.results(finished.id).figures == {"area_px": 64}
    assert queue.result_layers(finished.id) == ()
    assert queue.request(waiting.id).params == {"task": "echo"}
    assert not queue.is_paused
    queue.add_timing("patient", "classical", PastRun(megapixels=1.0, seconds=2.0))
    assert queue.timings("patient", "classical") == [PastRun(megapixels=1.0, seconds=2.0)]
    queue.close()


def test_a_queue_of_the_second_version_is_taken_over(tmp_path: Path) -> None:
    """tests/jobs/data/queue_2 was written by the code of schema version 2: a finished and a waiting job."""
    shutil.copytree(DATA / "queue_2", tmp_path / "jobs")
    queue = JobQueue(tmp_path / "jobs")
    finished, waiting = queue.records()
    assert [finished.label, waiting.label] == ["Finished", "Waiting"]
    assert not finished.kept_aside
    assert queue.results(finished.id).figures == {"area_px": 64}
    assert queue.asked(waiting.id).params == {"task": "echo"}
    aside = queue.add(request("echo", side=8), "Variation", kept_aside=True)
    queue.close()
    queue = JobQueue(tmp_path / "jobs")
    assert queue.record(aside.id).kept_aside
    queue.close()


def test_what_was_asked_is_told_without_reading_pixels(tmp_path: Path) -> None:
    queue = JobQueue(tmp_path)
    job = replace(request("echo", side=8), arrays={"mask": np.zeros((8, 8), np.uint8)}, in_place_of="layer", steps=4)
    queue.add(job, "Job")
    queue.write_request(job)
    (tmp_path / f"{job.id}.request.lamina").write_bytes(b"damaged")
    assert queue.asked(job.id) == job.asked
    assert queue.asked(job.id).has_arrays
    queue.close()


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 cut off", b"not an archive"], ids=["empty", "cut", "foreign"])
def test_damaged_masks_are_told(tmp_path: Path, damage: bytes) -> None:
    queue = JobQueue(tmp_path)
    job = replace(request("echo", side=8), arrays={"mask": np.zeros((8, 8), np.uint8)})
    queue.add(job, "Job")
    queue.write_request(job)
    (tmp_path / f"{job.id}.arrays.npz").write_bytes(damage)
    with pytest.raises(StudioError, match="masks cannot be read"):
        queue.request(job.id)
    queue.close()


def test_masks_that_cannot_be_stored_are_told(tmp_path: Path) -> None:
    queue = JobQueue(tmp_path)
    job = replace(request("echo", side=8), arrays={"mask": np.zeros((8, 8), np.uint8)})
    (tmp_path / f"{job.id}.arrays.npz").mkdir()
    with pytest.raises(StudioError, match="masks could not be stored"):
        queue.write_request(job)
    assert not list(tmp_path.glob("*.lamina"))
    assert not list(tmp_path.glob(".*"))
    queue.close()


def test_a_second_instance_is_told(tmp_path: Path) -> None:
    first = JobQueue(tmp_path / "jobs")
    with pytest.raises(StudioError, match="Another Lamina"):
        JobQueue(tmp_path / "jobs")
    first.close()


def test_a_damaged_queue_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "jobs"
    folder.mkdir()
    (folder / "queue.sqlite").write_bytes(b"SQLite format 3\0" + os.urandom(4000))
    with pytest.raises(StudioError, match="damaged"):
        JobQueue(folder)


@pytest.mark.parametrize("seed", range(3))
def test_random_schedules_lose_nothing(tmp_path: Path, thread: MainThread, seed: int) -> None:
    """Submit, cancel and kill at random; every job ends once, cancelled ones were cancelled, results are complete."""
    choose = random.Random(seed)
    center = JobCenter(JobQueue(tmp_path / "jobs"), patient_main, thread.post)
    ended: list[JobId] = []
    held = center.changed.connect(
        lambda news: ended.append(news.job) if news.record and news.record.state.is_final else None
    )
    jobs: list[JobRequest] = []
    cancelled: set[JobId] = set()
    kills = 0
    for _ in range(14):
        jobs += submit(center, choose.choice(["echo", "slow echo"]))
        thread.run_for(choose.random() * 0.1)
        action = choose.random()
        if action < 0.3:
            target = choose.choice(jobs).id
            if not states(center)[target].is_final:
                cancelled.add(target)
            center.cancel(target)
        elif action < 0.45 and (pid := center.worker_pid) is not None and center.running:
            os.kill(pid, signal.SIGKILL)
            kills += 1
    thread.run_until(lambda: all(state.is_final for state in states(center).values()))
    held.close()
    assert sorted(ended) == sorted(job.id for job in jobs)
    for job in jobs:
        state = states(center)[job.id]
        assert state is not JobState.CANCELLED or job.id in cancelled
        if state is JobState.FINISHED:
            assert center.results(job.id).results.layers == job.document.layers
    assert list(states(center).values()).count(JobState.FAILED) <= kills
    center.close()


def test_the_interactive_lane_has_no_row(center: JobCenter, thread: MainThread) -> None:
    answers: list[Outcome] = []
    center.ask(request("echo", side=16), answers.append)
    thread.run_until(lambda: bool(answers))
    assert isinstance(answers[0], Finished)
    assert center.records() == []


def test_forgetting_a_job_leaves_a_result_alone_that_is_being_written(tmp_path: Path) -> None:
    queue = JobQueue(tmp_path)
    job = request("echo", side=8)
    queue.add(job, "One")
    queue.cancel(job.id)
    draft = tmp_path / ".another.results-1a2b.lamina"
    draft.write_bytes(b"half")
    queue.forget(job.id)
    assert draft.exists()
    queue.close()
    JobQueue(tmp_path).close()
    assert not draft.exists()


def test_a_job_that_the_system_has_no_room_for_fails_and_the_next_one_runs(
    center: JobCenter, thread: MainThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[JobRequest] = []

    def full(job: JobRequest) -> transport.Parcel:
        if not refused:
            refused.append(job)
            raise OSError(28, "No space left on device")
        return transport.pack(job)

    monkeypatch.setattr(process, "pack", full)
    first, second = submit(center, "echo", "echo")
    thread.run_until(lambda: states(center)[second.id] is JobState.FINISHED)
    record = center.record(first.id)
    assert record.state is JobState.FAILED
    assert "no memory" in record.message
    assert "No space left" in record.detail


def test_a_question_that_cannot_be_handed_over_is_answered(
    center: JobCenter, thread: MainThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(job: JobRequest) -> transport.Parcel:
        raise MemoryError

    monkeypatch.setattr(process, "pack", full)
    answers: list[Outcome] = []
    center.ask(request("echo", side=8), answers.append)
    thread.run_until(lambda: bool(answers))
    assert [type(answer).__name__ for answer in answers] == ["Failed"]


class SlowDisk:
    """Holds up the writing of requests until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._held = Event()
        self._write = project.write
        monkeypatch.setattr(project, "write", self)

    def __call__(self, document: Document, path: Path) -> Written:
        assert self._held.wait(60)
        return self._write(document, path)

    def let_go(self) -> None:
        self._held.set()


@pytest.fixture
def disk(center: JobCenter, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    disk = SlowDisk(monkeypatch)
    yield disk
    disk.let_go()


def test_a_job_is_listed_at_once_and_runs_once_it_is_on_disk(
    disk: SlowDisk, center: JobCenter, thread: MainThread
) -> None:
    masked = replace(request("echo", side=8), arrays={"mask": np.ones((8, 8), np.uint8)})
    center.submit(masked, "Masked")
    (second,) = submit(center, "echo")
    assert list(states(center).values()) == [JobState.QUEUED, JobState.QUEUED]
    assert center.running is None
    assert center.request(masked.id) is masked
    assert center.arrays(masked.id) == dict(masked.arrays)
    assert center.asked(masked.id).has_arrays
    disk.let_go()
    thread.run_until(lambda: states(center)[second.id].is_final)
    assert list(states(center).values()) == [JobState.FINISHED, JobState.FINISHED]


def test_one_that_is_cancelled_before_it_is_written_never_runs_but_may_be_run_again(
    disk: SlowDisk, center: JobCenter, thread: MainThread
) -> None:
    first, second = submit(center, "echo", "echo")
    center.cancel(first.id)
    disk.let_go()
    thread.run_until(lambda: states(center)[second.id].is_final)
    assert list(states(center).values()) == [JobState.CANCELLED, JobState.FINISHED]
    center.retry(first.id)
    thread.run_until(lambda: states(center)[first.id].is_final)
    assert center.results(first.id).results.layers == first.document.layers


def test_one_that_is_forgotten_before_it_is_written_leaves_no_file(
    disk: SlowDisk, center: JobCenter, thread: MainThread, tmp_path: Path
) -> None:
    first, second = submit(center, "echo", "echo")
    center.cancel(first.id)
    center.forget(first.id)
    disk.let_go()
    thread.run_until(lambda: states(center)[second.id].is_final)
    assert not list((tmp_path / "jobs").glob(f"*{first.id}*"))


def test_closing_waits_for_what_is_being_written(tmp_path: Path, thread: MainThread) -> None:
    center = JobCenter(JobQueue(tmp_path / "jobs"), patient_main, thread.post)
    (job,) = submit(center, "echo")
    center.close()
    again = JobQueue(tmp_path / "jobs")
    assert [record.state for record in again.records()] == [JobState.QUEUED]
    assert again.request(job.id).document == job.document
    again.close()


def test_a_request_that_cannot_be_written_fails_its_job_and_the_next_one_runs(
    center: JobCenter, thread: MainThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, failed = project.write, list[Path]()

    def full(document: Document, path: Path) -> Written:
        if not failed:
            failed.append(path)
            raise StudioError("There is no space left.", "Free some.")
        return write(document, path)

    monkeypatch.setattr(project, "write", full)
    first, second = submit(center, "echo", "echo")
    thread.run_until(lambda: states(center)[second.id].is_final)
    assert list(states(center).values()) == [JobState.FAILED, JobState.FINISHED]
    assert center.record(first.id).message == "There is no space left."


def test_one_that_a_crash_kept_from_being_written_is_told_after_a_restart(tmp_path: Path, thread: MainThread) -> None:
    queue = JobQueue(tmp_path / "jobs")
    lost, kept = request("echo", side=8), request("echo", side=8)
    for job in (lost, kept):
        queue.add(job, "Job")
    queue.write_request(kept)
    queue.close()
    center = JobCenter(JobQueue(tmp_path / "jobs"), patient_main, thread.post)
    center.begin()
    thread.run_until(lambda: states(center)[kept.id].is_final)
    assert list(states(center).values()) == [JobState.FAILED, JobState.FINISHED]
    assert "not on disk" in center.record(lost.id).message
    center.close()


def test_whatever_goes_wrong_at_the_edge_of_a_thread_the_job_fails_and_the_next_one_runs(
    center: JobCenter, thread: MainThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken: set[str] = set()

    def once(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def work(*given: object) -> object:
            if name not in broken:
                broken.add(name)
                raise MemoryError(name) if name.startswith("write") else ValueError(name)
            return real(*given)

        return work

    edges: list[tuple[object, str]] = [
        (JobQueue, "write_request"),
        (process, "pack"),
        (JobQueue, "write_layers"),
        (process, "unpack"),
    ]
    for owner, name in edges:
        monkeypatch.setattr(owner, name, once(name, getattr(owner, name)))
        first, second = submit(center, "echo", "echo")
        thread.run_until(lambda job=second: states(center)[job.id] is JobState.FINISHED)
        record = center.record(first.id)
        assert record.state is JobState.FAILED, name
        assert name in record.detail
