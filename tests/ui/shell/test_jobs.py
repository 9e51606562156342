"""Jobs in the whole window: previews over the canvas, notices, and what happens to jobs when things are closed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QMessageBox, QPushButton, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.document import Document
from studio.core.layers import LayerId
from studio.documents import Loaded
from studio.jobs.messages import JobState
from studio.jobs.queue import JobQueue
from studio.jobs.request import JobId
from studio.plugin_host.registry import user_plugins_dir
from studio.requests import PluginRun
from studio.ui.main_window import MainWindow
from studio.ui.panels.jobs import JobsPanel
from studio.ui.panels.jobs.detail import Deed
from studio.ui.panels.jobs.news import Tray
from tests.support.plugins import write_plugin
from tests.support.worker import patient_main
from tests.ui.shell.conftest import Make

WORKER_MS = 60_000
Show = Callable[[], MainWindow]


class Board:
    """What was to be shown on the desktop."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def tell(self, message: str) -> None:
        self.notes.append(message)


def watched(window: MainWindow) -> Board:
    """What the window tells the desktop from now on."""
    assert window.job_news is not None
    board = window.job_news._desktop = Board()
    return board


@pytest.fixture
def show(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make: Callable[[], MainWindow], document: Document, qtbot: QtBot
) -> Show:
    """Open a window with a worker on the test's queue and a document."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    write_plugin(user_plugins_dir(), "square")

    def shown() -> MainWindow:
        window = make()
        window.use_worker(tmp_path / "queue", patient_main)
        window.keeper.take(Loaded(path=None, steps=(("", document),), name="Test"))
        qtbot.waitUntil(lambda: window.canvas.is_settled)
        return window

    return shown


@pytest.fixture
def shown(show: Show) -> MainWindow:
    return show()


def run(window: MainWindow, task: str) -> JobId:
    return window.session.submit(PluginRun(plugin="square", params={"trouble": task}))


def ended(qtbot: QtBot, window: MainWindow, job: JobId) -> JobState:
    jobs = window.session.jobs
    qtbot.waitUntil(lambda: jobs.record(job).state.is_final, timeout=WORKER_MS)
    return jobs.record(job).state


def cards(window: MainWindow) -> list[str]:
    return [card.told.message for card in window.notices.cards]


def offer(window: MainWindow, label: str) -> QPushButton:
    """The button of that name on a card."""
    found = [b for card in window.notices.cards for b in card.findChildren(QPushButton) if b.text() == label]
    assert found, cards(window)
    return found[0]


def color_at(window: MainWindow, x: float, y: float) -> QColor:
    """What the canvas shows at a canvas point."""
    left, top = window.canvas.transform.to_view(x, y)
    return window.canvas.surface.grab().toImage().pixelColor(QPoint(round(left), round(top)))


def panel_of(window: MainWindow) -> JobsPanel:
    panel = window.docks.panel("jobs")
    assert isinstance(panel, JobsPanel)
    return panel


def begun(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until the worker is at it."""
    qtbot.waitUntil(lambda: window.session.jobs.last_progress is not None, timeout=WORKER_MS)


def test_a_preview_lies_over_the_canvas_and_is_no_layer(shown: MainWindow, document: Document, qtbot: QtBot) -> None:
    before = color_at(shown, 30, 40)
    job = run(shown, "paint")
    qtbot.waitUntil(lambda: color_at(shown, 30, 40).red() > 200, timeout=WORKER_MS)
    assert color_at(shown, 50, 40) == before  # the job's target ends at 42
    assert shown.session.document is document
    shown.session.jobs.cancel(job)
    assert ended(qtbot, shown, job) is JobState.CANCELLED
    assert color_at(shown, 30, 40) == before
    assert shown.session.document is document


def test_a_preview_goes_with_its_document(shown: MainWindow, document: Document, qtbot: QtBot) -> None:
    before = color_at(shown, 30, 40)
    job = run(shown, "paint")
    qtbot.waitUntil(lambda: color_at(shown, 30, 40).red() > 200, timeout=WORKER_MS)
    shown.keeper.take(Loaded(path=None, steps=(("", document),), name="Another"))
    qtbot.waitUntil(lambda: color_at(shown, 30, 40) == before)
    shown.session.jobs.cancel(job)
    ended(qtbot, shown, job)


def test_a_finished_job_is_told_here_and_on_the_desktop(shown: MainWindow, qtbot: QtBot) -> None:
    board = watched(shown)
    job = run(shown, "echo")
    assert ended(qtbot, shown, job) is JobState.FINISHED
    assert cards(shown) == ["“Paint a square” is done: its layers are in the document."]
    assert board.notes == ["“Paint a square” is done."]
    panel = panel_of(shown)
    panel.choose(job)
    qtbot.mouseClick(panel.detail.buttons[Deed.SHOW], Qt.MouseButton.LeftButton)
    assert set(shown.session.selection) == set(shown.session.jobs.result_layers(job))


def test_the_desktop_is_told_only_while_the_window_is_not_active(shown: MainWindow, qtbot: QtBot) -> None:
    """Where the system has no place for notes, as here, nothing happens and nothing fails."""
    tray = Tray(shown)
    shown.hide()
    assert not shown.isActiveWindow()
    tray.tell("“Paint a square” is done.")
    assert (tray.sign is not None) == QSystemTrayIcon.isSystemTrayAvailable()
    shown.show()


def test_a_failed_job_is_an_error_here_and_on_the_desktop(shown: MainWindow, qtbot: QtBot) -> None:
    board = watched(shown)
    assert ended(qtbot, shown, run(shown, "raise")) is JobState.FAILED
    (card,) = shown.notices.cards
    assert card.told.is_error
    assert "the engine coughed" in card.told.message
    assert board.notes == ["“Paint a square” failed."]


def test_a_deleted_target_layer_is_told(shown: MainWindow, qtbot: QtBot) -> None:
    job = run(shown, "slow echo")
    shown.session.select([layer.id for layer in shown.session.document.layers])
    shown.session.apply("Delete", lambda document: document.with_layers(()))
    ended(qtbot, shown, job)
    assert [layer.name for layer in shown.session.document.layers] == ["Ground", "Square"]
    (card,) = shown.notices.cards
    assert card.told.hint == "The layer it was made from is not there any more, so they were put on top."


def test_a_killed_worker_is_told_and_the_document_never_notices(
    shown: MainWindow, document: Document, qtbot: QtBot
) -> None:
    job = run(shown, "wait")
    begun(qtbot, shown)
    pid = shown.session.jobs.worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert ended(qtbot, shown, job) is JobState.FAILED
    assert cards(shown) == ["The worker stopped while it was at this job."]
    assert shown.session.document is document
    assert ended(qtbot, shown, run(shown, "echo")) is JobState.FINISHED


def test_undo_while_a_job_runs_loses_nothing(shown: MainWindow, document: Document, qtbot: QtBot) -> None:
    shown.session.select((LayerId("square"),))
    shown.action_set["layer.delete"].trigger()
    job = run(shown, "slow echo")
    shown.action_set["edit.undo"].trigger()
    ended(qtbot, shown, job)
    assert shown.session.document == document
    assert shown.session.history.can_redo
    assert cards(shown) == ["“Paint a square” is done, and its layers wait."]
    qtbot.mouseClick(offer(shown, "Place layers"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(shown.session.document.layers) == 3)
    assert shown.session.jobs.record(job).accepted


def test_the_document_is_closed_while_its_job_runs(shown: MainWindow, document: Document, qtbot: QtBot) -> None:
    job = run(shown, "slow echo")
    shown.files.close()
    assert not shown.session.has_document
    assert ended(qtbot, shown, job) is JobState.FINISHED
    assert cards(shown) == ["“Paint a square” is done, and its document is not open any more."]
    qtbot.mouseClick(offer(shown, "Show jobs"), Qt.MouseButton.LeftButton)
    panel = panel_of(shown)
    assert panel.isVisible()
    qtbot.mouseClick(panel.detail.buttons[Deed.OPEN], Qt.MouseButton.LeftButton)
    assert shown.session.document == document
    assert shown.keeper.is_modified or shown.files.has_changed
    assert shown.session.jobs.record(job).accepted


class TestClosingWithARunningJob:
    def ask(self, window: MainWindow) -> QMessageBox:
        window.close()
        assert window.isVisible()
        box = window.findChild(QMessageBox, "closing_with_job")
        assert isinstance(box, QMessageBox)
        return box

    def press(self, qtbot: QtBot, box: QMessageBox, choice: str) -> None:
        button = box.findChild(QPushButton, choice)
        assert isinstance(button, QPushButton)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def test_not_closing_leaves_all_as_it_is(self, shown: MainWindow, qtbot: QtBot) -> None:
        job = run(shown, "wait")
        begun(qtbot, shown)
        box = self.ask(shown)
        assert box.text() == "“Paint a square” is still running."
        shown.close()  # a second time asks no second time
        assert len([b for b in shown.findChildren(QMessageBox) if b.isVisible()]) == 1
        self.press(qtbot, box, "cancel")
        assert shown.isVisible()
        assert shown.session.jobs.running == job
        shown.session.jobs.cancel(job)
        ended(qtbot, shown, job)

    def test_stopped_it_starts_again_from_its_request_the_next_time(
        self, show: Show, qtbot: QtBot, tmp_path: Path
    ) -> None:
        first = show()
        job = run(first, "slow echo")
        begun(qtbot, first)
        self.press(qtbot, self.ask(first), "stop")
        assert not first.isVisible()
        queue = JobQueue(tmp_path / "queue")
        assert [(r.id, r.state, r.attempts) for r in queue.records()] == [(job, JobState.QUEUED, 0)]
        queue.close()
        second = show()
        assert second.session.jobs.running == job
        assert cards(second) == ["Jobs from the last time go on: 1."]
        assert ended(qtbot, second, job) is JobState.FINISHED
        assert not second.session.jobs.record(job).accepted
        assert second.session.jobs.results(job).results.layers

    def test_waiting_closes_when_the_job_has_ended(self, shown: MainWindow, qtbot: QtBot) -> None:
        run(shown, "slow echo")
        begun(qtbot, shown)
        self.press(qtbot, self.ask(shown), "wait")
        assert shown.isVisible()
        qtbot.waitUntil(lambda: shown.findChild(QMessageBox, "unsaved") is not None, timeout=WORKER_MS)
        unsaved = shown.findChild(QMessageBox, "unsaved")  # the job's layers have come into the document
        assert isinstance(unsaved, QMessageBox)
        self.press(qtbot, unsaved, "discard")
        qtbot.waitUntil(lambda: not shown.isVisible())

    def test_waiting_can_be_taken_back(self, shown: MainWindow, qtbot: QtBot) -> None:
        job = run(shown, "slow echo")
        begun(qtbot, shown)
        self.press(qtbot, self.ask(shown), "wait")
        qtbot.mouseClick(offer(shown, "Keep it open"), Qt.MouseButton.LeftButton)
        ended(qtbot, shown, job)
        assert shown.isVisible()
        assert shown.findChild(QMessageBox, "unsaved") is None


def test_a_paused_queue_with_jobs_from_the_last_time_offers_to_go_on(show: Show, make: Make, qtbot: QtBot) -> None:
    first = show()
    first.action_set["ai.pause"].trigger()
    job = run(first, "echo")
    assert cards(first) == ["“Paint a square” waits, because the queue is paused."]
    first.close()
    second = show()
    assert cards(second) == ["Jobs from the last time wait: 1. The queue is paused."]
    assert second.action_set["ai.pause"].isChecked()
    qtbot.mouseClick(offer(second, "Resume"), Qt.MouseButton.LeftButton)
    assert ended(qtbot, second, job) is JobState.FINISHED
    second.close()
    third = show()
    assert cards(third) == ["Results from the last time wait in the Jobs panel: 1."]


def test_a_result_waits_for_a_value_that_is_changed_by_keys(shown: MainWindow, qtbot: QtBot) -> None:
    """Nothing says that such a change is over, so it is when nothing is held."""
    job = run(shown, "echo")
    shown.session.history.apply(edits.step(edits.set_opacity, LayerId("square"), 0.5), merge_key="keys")
    ended(qtbot, shown, job)
    qtbot.waitUntil(lambda: shown.session.jobs.record(job).accepted, timeout=WORKER_MS)
    assert len(shown.session.history.labels) == 3


def test_what_is_kept_aside_is_not_told_at_every_start(show: Show, qtbot: QtBot, tmp_path: Path) -> None:
    first = show()
    aside = first.session.submit(PluginRun(plugin="square", params={"trouble": "echo"}, kept_aside=True))
    ended(qtbot, first, aside)
    first.close()
    second = show()
    assert second.session.jobs.record(aside).state is JobState.FINISHED
    assert cards(second) == []
