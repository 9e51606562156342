"""Jobs on several threads: each is done once, what fails is told, and nobody waits for a helper that comes late."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from studio.core.kernels import machine


def test_every_job_is_done_once() -> None:
    for threads in (1, 2, 5, 40):
        done: Counter[int] = Counter()
        lock = threading.Lock()

        def job(number: int, done: Counter[int] = done, lock: threading.Lock = lock) -> None:
            with lock:
                done[number] += 1

        machine.in_parallel([partial(job, number) for number in range(30)], threads)
        assert done == Counter(range(30))


def test_helpers_work_at_the_same_time() -> None:
    both = threading.Barrier(2)

    def meet() -> None:
        both.wait(30)

    machine.in_parallel([meet, meet], 2)
    assert not both.broken


def test_a_failure_is_raised_once_all_have_stopped() -> None:
    both, ended = threading.Barrier(2), list[str]()

    def fail() -> None:
        both.wait(30)
        raise MemoryError("no room")

    def go_on() -> None:
        both.wait(30)
        ended.append("went on")

    with pytest.raises(MemoryError, match="no room"):
        machine.in_parallel([fail, go_on], 2)
    assert ended == ["went on"]


def test_nobody_waits_for_a_helper_that_comes_late(monkeypatch: pytest.MonkeyPatch) -> None:
    late: list[Callable[[], None]] = []
    done: list[int] = []
    monkeypatch.setattr(machine, "start_new_thread", lambda work, arguments: late.append(work))
    machine.in_parallel([partial(done.append, number) for number in range(4)], 3)
    assert done == [0, 1, 2, 3]
    for helper in late:
        helper()
    assert done == [0, 1, 2, 3]
    assert len(late) == 2


def test_without_more_threads_this_one_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(work: object, arguments: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(machine, "start_new_thread", refuse)
    done: list[int] = []
    machine.in_parallel([partial(done.append, number) for number in range(4)], 3)
    assert done == [0, 1, 2, 3]


def test_no_jobs_are_no_work() -> None:
    machine.in_parallel([], 4)
