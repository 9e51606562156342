"""Work on files beside the window: what cancelling stops, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest
from pytestqt.qtbot import QtBot

from studio.core.errors import JobCancelled
from studio.core.feedback import report
from studio.ui.bridge import Bridge
from studio.ui.work import FileWork


class Endless:
    """Work that goes on until it is cancelled or `let_go`, and what became of it."""

    def __init__(self) -> None:
        self.begun = Event()
        self.let_go = Event()
        self.ends: list[str] = []

    def start(self, work: FileWork) -> None:
        work.start("Endless", self._go_on, lambda _: self.ends.append("done"), self._on_failed)

    def _go_on(self) -> None:
        while not self.let_go.wait(0.005):
            report(0.5)
            self.begun.set()

    def _on_failed(self, error: BaseException) -> None:
        assert isinstance(error, JobCancelled)
        self.ends.append("cancelled")


@pytest.fixture
def bridge(qtbot: QtBot) -> Iterator[Bridge]:
    bridge = Bridge()
    yield bridge
    bridge.close()
    bridge.deleteLater()


@pytest.fixture
def work(bridge: Bridge) -> Iterator[FileWork]:
    work = FileWork(bridge)
    yield work
    work.cancel()
    work.close()
    work.deleteLater()


def test_cancelling_stops_what_runs_and_waits_but_nothing_that_comes_later(work: FileWork, qtbot: QtBot) -> None:
    running, waiting, later = Endless(), Endless(), Endless()
    running.start(work)
    waiting.start(work)
    qtbot.waitUntil(running.begun.is_set)
    work.cancel()
    later.start(work)  # while the cancelled ones have not stopped yet
    qtbot.waitUntil(later.begun.is_set)
    qtbot.waitUntil(lambda: waiting.ends == ["cancelled"])
    later.let_go.set()
    qtbot.waitUntil(lambda: not work.is_busy)
    assert (running.ends, later.ends) == (["cancelled"], ["done"])
