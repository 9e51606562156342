"""The jobs panel on a real queue with a real worker: what it lists, what its buttons and keys do."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.jobs.messages import JobState
from studio.jobs.request import JobId
from studio.plugin_host.registry import Registry
from studio.session import Session
from studio.ui.app import application
from studio.ui.bridge import Bridge
from studio.ui.notices import DetailsDialog
from studio.ui.panels.jobs import JobsPanel
from studio.ui.panels.jobs.detail import Deed
from studio.ui.panels.jobs.model import MIME
from studio.ui.settings import SettingsFile
from tests.jobs.test_process import request
from tests.support.worker import patient_main

WORKER_MS = 60_000
Open = Callable[[], JobsPanel]


@pytest.fixture
def open_panel(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Open]:
    """Show a panel on the queue in the test's folder; the last one is closed first, as a program that ends."""
    application(SettingsFile(tmp_path / "window.toml"))
    shown: list[tuple[JobsPanel, Session, Bridge]] = []

    def close() -> None:
        for panel, session, bridge in shown:
            panel.release()
            session.close()
            bridge.close()
            panel.close()
            panel.deleteLater()
            bridge.deleteLater()
        shown.clear()

    def show() -> JobsPanel:
        close()
        session, bridge = Session(Registry()), Bridge()
        session.use_worker(tmp_path / "jobs", bridge.post, patient_main)
        panel = JobsPanel(session)
        panel.follow_jobs()
        session.jobs.begin()
        panel.resize(300, 420)
        panel.show()
        shown.append((panel, session, bridge))
        return panel

    yield show
    close()


@pytest.fixture
def panel(open_panel: Open) -> JobsPanel:
    return open_panel()


def submit(panel: JobsPanel, *tasks: str) -> list[JobId]:
    jobs = panel._session.jobs
    return [jobs.submit(request(task, side=40), f"{task} {number}") for number, task in enumerate(tasks)]


def state(panel: JobsPanel, job: JobId) -> JobState:
    return panel._session.jobs.record(job).state


def ended(qtbot: QtBot, panel: JobsPanel, *jobs: JobId) -> None:
    qtbot.waitUntil(lambda: all(state(panel, job).is_final for job in jobs), timeout=WORKER_MS)


def listed(panel: JobsPanel) -> list[str]:
    """What the rows say, as a screen reader hears it."""
    model = panel.model
    return [str(model.data(model.index(row), Qt.ItemDataRole.AccessibleTextRole)) for row in range(model.rowCount())]


def press(qtbot: QtBot, panel: JobsPanel, deed: Deed) -> None:
    button = panel.detail.buttons[deed]
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_an_empty_queue_says_what_will_be_here(panel: JobsPanel) -> None:
    assert panel.empty.isVisible()
    assert panel.empty.title.text() == "No jobs yet"
    assert not panel.clear_button.isEnabled()
    assert panel.clear_button.toolTip() == "Nothing has ended yet."
    assert panel.detail.isHidden()


def test_a_queue_that_cannot_be_opened_is_told(qtbot: QtBot, qapp: QApplication) -> None:
    panel = JobsPanel(Session(Registry()))
    qtbot.addWidget(panel)
    panel.show_unavailable()
    assert panel.empty.title.text() == "Jobs cannot run"
    assert not panel.pause_button.isEnabled()
    panel.release()


def test_the_running_job_shows_stage_step_and_time(panel: JobsPanel, qtbot: QtBot) -> None:
    (first,) = submit(panel, "slow echo")
    ended(qtbot, panel, first)
    (job,) = submit(panel, "wait")
    qtbot.waitUntil(lambda: panel.current is not None and panel.current.record.id == job)
    qtbot.waitUntil(lambda: "step" in panel.detail.status.text() and "left" in panel.detail.status.text(), timeout=9000)
    assert listed(panel)[0].startswith("wait 0, Working · step ")
    assert panel.detail.bar.isVisible()
    assert panel.detail.bar.maximum() == 1000
    press(qtbot, panel, Deed.CANCEL)
    assert panel.detail.status.text() == "Stopping"
    assert not panel.detail.buttons[Deed.CANCEL].isEnabled()
    ended(qtbot, panel, job)
    assert state(panel, job) is JobState.CANCELLED
    assert listed(panel)[0] == "wait 0, Cancelled"


def test_the_preview_of_the_running_step_is_shown_and_goes(panel: JobsPanel, qtbot: QtBot) -> None:
    (job,) = submit(panel, "paint")
    qtbot.waitUntil(panel.detail.preview.isVisible, timeout=WORKER_MS)
    color = panel.detail.preview.pixmap().toImage().pixelColor(20, 20)
    assert (color.red(), color.green(), color.blue()) == (255, 0, 0)
    press(qtbot, panel, Deed.CANCEL)
    ended(qtbot, panel, job)
    assert panel.detail.preview.isHidden()


def test_waiting_jobs_keep_their_order_and_change_it_by_keys(panel: JobsPanel, qtbot: QtBot) -> None:
    panel._session.jobs.pause()
    a, b, c = submit(panel, "echo", "echo", "echo")
    panel.choose(c)
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert order(panel) == [a, c, b]
    qtbot.keyClick(panel.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(panel.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)  # it is the first already
    assert order(panel) == [c, a, b]
    assert not panel.detail.buttons[Deed.EARLIER].isEnabled()
    assert panel.detail.buttons[Deed.EARLIER].toolTip() == "It is the next one already."
    press(qtbot, panel, Deed.LATER)
    assert order(panel) == [a, c, b]
    qtbot.keyClick(panel.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert order(panel) == [a, b, c]
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert state(panel, c) is JobState.CANCELLED


def order(panel: JobsPanel) -> list[JobId]:
    """The waiting jobs as the panel lists them, which must be the queue's own order."""
    shown = [entry.record.id for entry in panel.model.entries if entry.place]
    records = panel._session.jobs.records()
    assert shown == [record.id for record in records if record.state is JobState.QUEUED]
    return shown


@pytest.mark.parametrize(("row", "wanted"), [(0, "cab"), (1, "acb"), (3, "abc"), (-1, "abc")])
def test_a_waiting_job_is_dragged_to_another_place(panel: JobsPanel, row: int, wanted: str) -> None:
    panel._session.jobs.pause()
    jobs = dict(zip("abc", submit(panel, "echo", "echo", "echo"), strict=True))
    drop(panel, jobs["c"], row)
    assert order(panel) == [jobs[letter] for letter in wanted]
    assert panel.current is not None
    assert panel.current.record.id == jobs["c"]


def drop(panel: JobsPanel, job: JobId, row: int) -> None:
    model = panel.model
    mime = model.mimeData([model.index(model.row_of(job))])
    assert model.canDropMimeData(mime, Qt.DropAction.MoveAction, row, 0, QModelIndex())
    model.dropMimeData(mime, Qt.DropAction.MoveAction, row, 0, QModelIndex())


def test_only_waiting_jobs_can_be_dragged(panel: JobsPanel, qtbot: QtBot) -> None:
    (running,) = submit(panel, "wait")
    model = panel.model
    qtbot.waitUntil(lambda: state(panel, running) is JobState.RUNNING)
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsDragEnabled
    foreign = QMimeData()
    foreign.setData(MIME, b"\xff\x00nonsense")
    for mime in (model.mimeData([model.index(0)]), foreign, QMimeData()):
        assert not model.canDropMimeData(mime, Qt.DropAction.MoveAction, 0, 0, QModelIndex())
        assert not model.dropMimeData(mime, Qt.DropAction.MoveAction, 0, 0, QModelIndex())
    assert state(panel, running) is JobState.RUNNING


def test_pausing_lasts_over_a_restart(open_panel: Open, qtbot: QtBot) -> None:
    panel = open_panel()
    qtbot.mouseClick(panel.pause_button, Qt.MouseButton.LeftButton)
    (job,) = submit(panel, "echo")
    assert panel.banner.isVisible()
    assert listed(panel) == ["echo 0, Waiting, paused"]
    panel = open_panel()
    assert panel.banner.isVisible()
    assert state(panel, job) is JobState.QUEUED
    qtbot.mouseClick(panel.resume_button, Qt.MouseButton.LeftButton)
    assert panel.banner.isHidden()
    ended(qtbot, panel, job)
    assert state(panel, job) is JobState.FINISHED


def test_a_running_job_starts_again_after_a_restart(open_panel: Open, qtbot: QtBot) -> None:
    panel = open_panel()
    first, second = submit(panel, "slow echo", "echo")
    qtbot.waitUntil(lambda: "step" in listed(panel)[0], timeout=WORKER_MS)
    panel = open_panel()
    assert [state(panel, job) for job in (first, second)] == [JobState.RUNNING, JobState.QUEUED]
    ended(qtbot, panel, first, second)
    assert [state(panel, job) for job in (first, second)] == [JobState.FINISHED, JobState.FINISHED]


def test_failed_and_cancelled_jobs_stay_until_they_are_cleared(panel: JobsPanel, qtbot: QtBot) -> None:
    failed, cancelled, waits = submit(panel, "raise", "wait", "echo")
    qtbot.waitUntil(lambda: state(panel, cancelled) is JobState.RUNNING, timeout=WORKER_MS)
    panel.choose(cancelled)
    press(qtbot, panel, Deed.CANCEL)
    ended(qtbot, panel, failed, cancelled, waits)
    assert {entry.record.id for entry in panel.model.entries} == {failed, cancelled, waits}
    qtbot.mouseClick(panel.clear_button, Qt.MouseButton.LeftButton)
    assert [entry.record.id for entry in panel.model.entries] == [waits]  # nobody has taken its layers
    assert not panel.clear_button.isEnabled()


def test_an_error_can_be_read_copied_and_run_again(panel: JobsPanel, qtbot: QtBot) -> None:
    (job,) = submit(panel, "raise")
    ended(qtbot, panel, job)
    assert "the engine coughed" in panel.detail.status.text()
    assert panel.detail.hint.text().startswith("Run again with --debug")
    press(qtbot, panel, Deed.DETAILS)
    (dialog,) = panel.findChildren(DetailsDialog)
    copy = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Copy details")
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert "the engine coughed" in copied
    assert "Traceback" in copied
    dialog.reject()
    press(qtbot, panel, Deed.RETRY)
    assert state(panel, job) is JobState.RUNNING
    ended(qtbot, panel, job)
    assert state(panel, job) is JobState.FAILED


def test_a_killed_worker_is_told_and_replaced(panel: JobsPanel, qtbot: QtBot) -> None:
    killed, after = submit(panel, "wait", "echo")
    qtbot.waitUntil(lambda: "step" in listed(panel)[0], timeout=WORKER_MS)
    pid = panel._session.jobs.worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    ended(qtbot, panel, killed, after)
    assert state(panel, after) is JobState.FINISHED
    panel.choose(killed)
    assert panel.detail.status.text() == "The worker stopped while it was at this job."
    assert "A fresh worker" in panel.detail.hint.text()
    assert panel._session.jobs.worker_pid != pid


def test_a_result_opens_as_a_document_when_none_is_open(panel: JobsPanel, qtbot: QtBot) -> None:
    (job,) = submit(panel, "echo")
    ended(qtbot, panel, job)
    opened: list[object] = []
    panel.opened.connect(lambda document, name: opened.append((document, name)))
    asked = panel._session.jobs.request(job).document
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert opened == [(asked, "echo 0")]
    assert panel._session.jobs.record(job).accepted


def test_a_result_whose_files_are_gone_is_an_error_and_no_crash(panel: JobsPanel, qtbot: QtBot, tmp_path: Path) -> None:
    (job,) = submit(panel, "raise")
    ended(qtbot, panel, job)
    for path in (tmp_path / "jobs").glob(f"{job}*"):
        path.unlink()
    panel._session.jobs.pause()
    press(qtbot, panel, Deed.RETRY)
    panel._session.jobs.resume()
    ended(qtbot, panel, job)
    assert state(panel, job) is JobState.FAILED
    heard: list[StudioError] = []
    panel.failed.connect(heard.append)
    panel._move(JobId("nobody"), None)
    assert [error.message for error in heard] == ["That job is no longer in the queue."]


def test_a_long_queue_scrolls_and_paints(panel: JobsPanel, qtbot: QtBot) -> None:
    panel._session.jobs.pause()
    jobs = submit(panel, *["echo"] * 30)
    assert panel.summary.text() == "30 waiting"
    panel.choose(jobs[-1])
    rect = panel.list.visualRect(panel.list.currentIndex())
    assert panel.list.viewport().rect().contains(rect)
    image = panel.list.grab(rect.translated(panel.list.viewport().pos())).toImage()
    seen = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
    assert len(seen) > 3, "the row shows no text"


def test_the_whole_panel_is_reached_by_keys(panel: JobsPanel, qtbot: QtBot) -> None:
    (job,) = submit(panel, "raise")
    ended(qtbot, panel, job)
    panel.pause_button.setFocus()
    reached = set()
    for _ in range(12):
        focus = QApplication.focusWidget()
        assert focus is not None
        reached.add(focus.accessibleName() or getattr(focus, "text", str)())
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert {
        "Pause the queue",
        "Clear what has ended",
        "Jobs",
        "Run again",
        "Details…",
        "Remove from the list",
    } <= reached


def test_previews_keep_their_shape(panel: JobsPanel, qapp: QApplication) -> None:
    wide = np.full((40, 400, 4), (0, 255, 0, 255), np.uint8)
    panel.detail.show_preview(wide)
    pixmap = panel.detail.preview.pixmap()
    assert pixmap.width() / pixmap.height() == pytest.approx(10, rel=0.15)
