"""Random schedules through the panel's own buttons and keys, with real workers that are killed now and then.

Whatever is done: jobs run in the order that the panel shows, each ends once for each time it was started, only jobs
that were told to stop are cancelled, and the layers of every finished one come into the document exactly once.
"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.layers import RasterLayer
from studio.core.pixels import PixelBuffer
from studio.jobs.center import JobChanged
from studio.jobs.messages import JobState
from studio.jobs.request import JobId
from studio.plugin_host.registry import user_plugins_dir
from studio.requests import PluginRun
from studio.session import Arrived, Session
from studio.ui.app import application
from studio.ui.bridge import Bridge
from studio.ui.panels.jobs import JobsPanel
from studio.ui.panels.jobs.detail import Deed
from studio.ui.panels.jobs.model import Entry
from studio.ui.settings import SettingsFile
from tests.support.plugins import write_plugin
from tests.support.worker import patient_main

WAIT_MS = 120_000
ACTIONS = 40


class Schedule:
    """One panel, what is done to it, and what is heard meanwhile."""

    def __init__(self, panel: JobsPanel, session: Session, qtbot: QtBot, choose: random.Random) -> None:
        self.panel, self.session, self.qtbot, self.choose = panel, session, qtbot, choose
        self.submitted: dict[JobId, str] = {}
        self.stopped: set[JobId] = set()
        self.starts, self.ends = Counter[JobId](), Counter[JobId]()
        self.arrived = Counter[JobId]()
        self.kills = 0
        self.steps = 0
        self.faults: list[str] = []
        self._waiting: list[JobId] = []
        self._held = (
            session.jobs.changed.connect(self._on_changed),
            session.jobs.progress.connect(lambda _: self._count_step()),
            session.arrived.connect(self._on_arrived),
        )

    def act(self) -> None:
        """Do one thing at random."""
        deeds = (self.submit, self.submit, self.stop, self.reorder, self.drag, self.retry, self.pause, self.kill)
        self.choose.choice(deeds)()
        self.breathe()

    def breathe(self) -> None:
        """Let some of what happens be heard, as far as anything happens."""
        wanted = self.steps + self.choose.randrange(4)
        jobs = self.session.jobs
        self.qtbot.waitUntil(lambda: self.steps >= wanted or jobs.running is None, timeout=WAIT_MS)

    def submit(self) -> None:
        task = self.choose.choice(("echo", "slow echo", "slow echo", "raise"))
        job = self.session.submit(PluginRun(plugin="square", params={"trouble": task}))
        self.submitted[job] = task

    def stop(self) -> None:
        """Press Delete on a job that waits or runs."""
        entry = self._pick(lambda entry: not entry.record.state.is_final)
        if entry is not None:
            self.stopped.add(entry.record.id)
            self.panel.choose(entry.record.id)
            self.qtbot.keyClick(self.panel.list, Qt.Key.Key_Delete)

    def reorder(self) -> None:
        entry = self._pick(lambda entry: entry.place > 0)
        if entry is not None:
            self.panel.choose(entry.record.id)
            key = self.choose.choice((Qt.Key.Key_Up, Qt.Key.Key_Down))
            self.qtbot.keyClick(self.panel.list, key, Qt.KeyboardModifier.AltModifier)

    def drag(self) -> None:
        entry = self._pick(lambda entry: entry.place > 0)
        if entry is not None:
            model = self.panel.model
            mime = model.mimeData([model.index(model.row_of(entry.record.id))])
            row = self.choose.randrange(-1, model.rowCount() + 1)
            model.dropMimeData(mime, Qt.DropAction.MoveAction, row, 0, QModelIndex())

    def retry(self) -> None:
        entry = self._pick(lambda entry: entry.record.state in (JobState.FAILED, JobState.CANCELLED))
        if entry is not None:
            self.stopped.discard(entry.record.id)
            self.panel.choose(entry.record.id)
            button = self.panel.detail.buttons[Deed.RETRY]
            self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def pause(self) -> None:
        paused = self.session.jobs.paused
        button = self.panel.resume_button if paused else self.panel.pause_button
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def kill(self) -> None:
        pid = self.session.jobs.worker_pid
        if pid is not None and self.session.jobs.running is not None and self.choose.random() < 0.5:
            self.kills += 1
            os.kill(pid, signal.SIGKILL)

    def finish(self) -> None:
        """Let everything come to its end."""
        if self.session.jobs.paused:
            self.pause()
        records = self.session.jobs.records
        self.qtbot.waitUntil(lambda: all(record.state.is_final for record in records()), timeout=WAIT_MS)
        for held in self._held:
            held.close()

    def _pick(self, fits: Callable[[Entry], bool]) -> Entry | None:
        entries = [entry for entry in self.panel.model.entries if fits(entry)]
        return self.choose.choice(entries) if entries else None

    def _count_step(self) -> None:
        self.steps += 1

    def _on_changed(self, news: JobChanged) -> None:
        record = news.record
        if record is not None and record.state is JobState.RUNNING:
            self.starts[news.job] += 1
            if self._waiting[:1] != [news.job]:
                self.faults.append(f"{news.job} was started before {self._waiting[:1]}")
        if record is not None and record.state.is_final and not record.accepted:
            self.ends[news.job] += 1
        self._waiting = [r.id for r in self.session.jobs.records() if r.state is JobState.QUEUED]

    def _on_arrived(self, news: Arrived) -> None:
        self.arrived[news.job] += 1


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    write_plugin(user_plugins_dir(), "square")
    application(SettingsFile(tmp_path / "window.toml"))
    session, bridge = Session(), Bridge()
    pixels = PixelBuffer.from_array(np.full((24, 32, 4), 200, np.uint8))
    session.start(Document(size=Size(32, 24), layers=(RasterLayer(name="Photo", pixels=pixels),)))
    session.use_worker(tmp_path / "jobs", bridge.post, patient_main)
    yield session
    session.close()
    bridge.close()
    bridge.deleteLater()


@pytest.mark.parametrize("seed", range(4))
def test_random_schedules_lose_nothing(session: Session, qtbot: QtBot, seed: int) -> None:
    panel = JobsPanel(session)
    qtbot.addWidget(panel)
    panel.follow_jobs()
    panel.resize(300, 500)
    panel.show()
    schedule = Schedule(panel, session, qtbot, random.Random(seed))
    for _ in range(ACTIONS):
        schedule.act()
    schedule.finish()
    panel.release()
    check(schedule)


def check(schedule: Schedule) -> None:
    """What the module's docstring promises."""
    records = {record.id: record for record in schedule.session.jobs.records()}
    assert schedule.faults == []
    assert records.keys() == schedule.submitted.keys()
    assert [entry.record for entry in schedule.panel.model.entries if not entry.record.state.is_final] == []
    unforced = 0
    for job, task in schedule.submitted.items():
        state = records[job].state
        assert state is not JobState.CANCELLED or job in schedule.stopped
        assert schedule.arrived[job] == (1 if state is JobState.FINISHED else 0)
        assert records[job].accepted == (state is JobState.FINISHED)
        assert state is not JobState.FINISHED or task != "raise"
        unforced += state is JobState.FAILED and task != "raise"
        assert schedule.ends[job] >= max(schedule.starts[job], 1)
    assert unforced <= schedule.kills
    jobs = schedule.session.jobs
    finished = [job for job, record in records.items() if record.state is JobState.FINISHED]
    came = sum(len(jobs.request(job).document.layers) for job in finished)  # the worker gives back what it was given
    assert len(schedule.session.document.layers) == 1 + came
    assert schedule.session.document.check() == []
