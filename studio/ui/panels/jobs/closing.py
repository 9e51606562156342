"""Closing the window while a job runs: wait for it, stop it and keep it in the queue, or do not close."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QMessageBox, QWidget

from studio.core.events import Subscriptions
from studio.jobs.center import JobChanged
from studio.jobs.request import JobId
from studio.session import Session
from studio.ui.notices import Notices, Offer
from studio.ui.panels.jobs import text
from studio.ui.panels.jobs.text import say, say_range
from studio.ui.spoken import say_plugin


class Choice(StrEnum):
    """What to do with the running job."""

    WAIT = "wait"
    STOP = "stop"
    CANCEL = "cancel"


_ANSWERS = (
    (Choice.WAIT, text.CLOSING_WAIT, QMessageBox.ButtonRole.AcceptRole),
    (Choice.STOP, text.CLOSING_STOP, QMessageBox.ButtonRole.DestructiveRole),
    (Choice.CANCEL, text.CLOSING_CANCEL, QMessageBox.ButtonRole.RejectRole),
)


class JobsAtClosing(QObject):
    """Stands between the window's close button and a running job. One question at a time."""

    def __init__(self, session: Session, notices: Notices, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._notices, self._window = session, notices, window
        self._waiting_for: JobId | None = None
        self._then: Callable[[], None] | None = None
        self._subscriptions = Subscriptions()
        self._subscriptions.listen(session.jobs.changed, self._on_changed)
        self.box: QMessageBox | None = None

    @property
    def is_needed(self) -> bool:
        """Whether closing now would stop a job."""
        return self._session.has_jobs and self._session.jobs.running is not None

    def ask(self, then: Callable[[], None]) -> None:
        """Ask, and run `then` when the window may be closed; not at all when the user stays."""
        running = self._session.jobs.running
        if running is None:
            then()
        elif self.box is None:
            self.box = self._made_box(running)
            self.box.finished.connect(lambda _: self._answered(running, then))
            self.box.open()

    def release(self) -> None:
        """Hear nothing more."""
        self._subscriptions.close()
        self._waiting_for = self._then = None

    def _made_box(self, job: JobId) -> QMessageBox:
        jobs = self._session.jobs
        box = QMessageBox(self._window)
        box.setObjectName("closing_with_job")
        box.setWindowTitle(say(text.CLOSING_TITLE))
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setText(say(text.CLOSING_TEXT, job=say_plugin(jobs.record(job).label)))
        estimate = jobs.estimate(job)
        time = "" if estimate is None else say(text.CLOSING_TIME, time=say_range(estimate)) + " "
        box.setInformativeText(time + say(text.CLOSING_HINT))
        for choice, label, role in _ANSWERS:
            button = box.addButton(say(label), role)
            button.setObjectName(choice)
            if choice is Choice.WAIT:
                box.setDefaultButton(button)
            if choice is Choice.CANCEL:
                box.setEscapeButton(button)
        return box

    def _answered(self, job: JobId, then: Callable[[], None]) -> None:
        box, self.box = self.box, None
        pressed = None if box is None else box.clickedButton()
        choice = Choice.CANCEL if pressed is None else Choice(pressed.objectName())
        if box is not None:
            box.deleteLater()
        if choice is Choice.STOP or (choice is Choice.WAIT and self._session.jobs.running != job):
            then()
        elif choice is Choice.WAIT:
            self._wait(job, then)

    def _wait(self, job: JobId, then: Callable[[], None]) -> None:
        self._waiting_for, self._then = job, then
        label = say_plugin(self._session.jobs.record(job).label)
        stay = Offer(say(text.CLOSING_STAY), self._stay)
        self._notices.tell(say(text.CLOSING_WAITING, job=label), offer=stay)

    def _stay(self) -> None:
        self._waiting_for = self._then = None

    def _on_changed(self, news: JobChanged) -> None:
        """The one that was waited for has ended; the next one is put back into the queue when the window goes."""
        if news.job != self._waiting_for or (news.record is not None and not news.record.state.is_final):
            return
        then = self._then
        self._stay()
        if then is not None:
            QTimer.singleShot(0, self, then)  # not in the middle of the news, which others have yet to hear
