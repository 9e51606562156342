"""What the window says about jobs outside the panel: notices, notes on the desktop, and the preview on the canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from studio.core.errors import StudioError
from studio.core.events import Subscriptions
from studio.jobs.center import JobChanged, JobPreview
from studio.jobs.messages import JobState
from studio.jobs.record import JobRecord
from studio.jobs.request import JobId
from studio.placing import Source
from studio.session import Arrived, Offered, Session, Withheld
from studio.ui.canvas.overlays import Preview
from studio.ui.canvas.view import CanvasView
from studio.ui.notices import Notices, Offer, of_error
from studio.ui.panels.jobs import text
from studio.ui.panels.jobs.text import say
from studio.ui.spoken import say_plugin

_SOURCES = {Source.AS_ASKED: "", Source.GONE: text.SOURCE_GONE, Source.CHANGED: text.SOURCE_CHANGED}
PATIENCE_MS = 500
"""How long results wait before an edit that nobody is at any more counts as over."""


class Desktop(Protocol):
    """Where a note can be shown outside the window."""

    def tell(self, message: str) -> None: ...


class Tray(QObject):
    """Notes on the desktop while the window is not the active one, where the system has a place for them.

    The sign in the tray stays until the window is active again, because a note goes with its sign.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._sign: QSystemTrayIcon | None = None
        window.installEventFilter(self)

    @property
    def sign(self) -> QSystemTrayIcon | None:
        """What is in the tray; None until the first note."""
        return self._sign

    def tell(self, message: str) -> None:
        """Show a note, and mark the window where windows are listed."""
        if self._window.isActiveWindow():
            return
        QApplication.alert(self._window)
        if QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages():
            if self._sign is None:
                self._sign = QSystemTrayIcon(self._window.windowIcon(), self)
            self._sign.show()
            self._sign.showMessage(say(text.DESKTOP_TITLE), message, self._window.windowIcon())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowActivate and self._sign is not None:
            self._sign.hide()
        return False


class JobNews(QObject):
    """Listens to the session and its queue, which must be there.

    Args:
        show_panel: brings the jobs panel to the front with that job chosen.
        desktop: where to show notes outside the window; the system's tray unless given.
    """

    def __init__(
        self,
        session: Session,
        canvas: CanvasView,
        notices: Notices,
        window: QWidget,
        show_panel: Callable[[JobId], None],
        desktop: Desktop | None = None,
    ) -> None:
        super().__init__(window)
        self._session, self._canvas, self._notices = session, canvas, notices
        self._show_panel = show_panel
        self._desktop = Tray(window) if desktop is None else desktop
        self._overlay = Preview(self)
        self._shown: JobId | None = None
        self._told_of_pause = {record.id for record in session.jobs.records()}
        self._patience = QTimer(self, interval=PATIENCE_MS, singleShot=True)
        self._patience.timeout.connect(self._end_left_edit)
        self._subscriptions = Subscriptions()
        listen = self._subscriptions.listen
        listen(session.jobs.changed, self._on_changed)
        listen(session.jobs.previewed, self._on_preview)
        listen(session.arrived, self._on_arrived)
        listen(session.offered, self._on_offered)
        listen(session.delayed, lambda _: self._patience.start())
        listen(session.opened, lambda _: self._take_preview_away())
        listen(session.was_shut, lambda _: self._take_preview_away())

    def release(self) -> None:
        """Hear nothing more."""
        self._patience.stop()
        self._take_preview_away()
        self._subscriptions.close()

    def begin(self) -> None:
        """Let what an earlier run of the program left go on, and say so."""
        jobs = self._session.jobs
        left = jobs.begin()
        if left and jobs.paused:
            self._notices.tell(
                say(text.LEFT_OVER_PAUSED, count=len(left)), offer=Offer(say(text.RESUME), lambda: jobs.resume())
            )
        elif left:
            self._notices.tell(say(text.LEFT_OVER, count=len(left)), offer=self._panel_offer(left[0].id))
        ready = [r for r in jobs.records() if r.state is JobState.FINISHED and not r.accepted and not r.kept_aside]
        if ready:
            self._notices.tell(say(text.RESULTS_WAIT, count=len(ready)), offer=self._panel_offer(ready[-1].id))

    def _end_left_edit(self) -> None:
        """Results wait for the end of an edit; one made by keys or the wheel has none of its own."""
        if not self._session.has_document or self._session.history.is_at_rest:
            return
        holds = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if holds or QApplication.activePopupWidget() is not None:
            self._patience.start()
        else:
            self._session.history.seal()

    # Preview on the canvas

    @property
    def preview(self) -> Preview:
        """What is painted over the canvas while a job runs."""
        return self._overlay

    def _on_preview(self, news: JobPreview) -> None:
        if not self._session.awaits(news.job):
            return
        if self._shown is None:
            self._canvas.add_overlay(self._overlay)
        self._shown = news.job
        self._overlay.set_picture(news.samples, news.area)

    def _take_preview_away(self) -> None:
        if self._shown is not None:
            self._shown = None
            self._overlay.set_picture(None)
            self._canvas.remove_overlay(self._overlay)

    # Notices

    def _on_changed(self, news: JobChanged) -> None:
        record = news.record
        if record is not None and record.state is JobState.QUEUED:
            self._tell_of_pause(record)
        if record is not None and not record.state.is_final:
            return
        if news.job == self._shown:
            self._take_preview_away()
        if record is not None and record.state is JobState.FAILED:
            self._notices.show_notice(of_error(StudioError(record.message, record.hint, record.detail)))
            self._desktop.tell(say(text.DESKTOP_FAILED, job=say_plugin(record.label)))

    def _tell_of_pause(self, record: JobRecord) -> None:
        """Once for each job that will not start: the queue may have been paused in an earlier run of the program."""
        jobs = self._session.jobs
        if jobs.paused and record.id not in self._told_of_pause:
            self._told_of_pause.add(record.id)
            self._notices.tell(
                say(text.QUEUED_PAUSED, job=say_plugin(record.label)),
                offer=Offer(say(text.RESUME), lambda: jobs.resume()),
            )

    def _on_arrived(self, news: Arrived) -> None:
        record = self._session.jobs.record(news.job)
        words = text.ARRIVED if news.layers else text.ARRIVED_NOTHING
        hint = _SOURCES[news.source]
        self._notices.tell(say(words, job=say_plugin(record.label)), hint=say(hint) if hint else "")
        self._desktop.tell(say(text.DESKTOP_DONE, job=say_plugin(record.label)))

    def _on_offered(self, news: Offered) -> None:
        record = self._session.jobs.record(news.job)
        if news.why is Withheld.REDO:
            offer = Offer(say(text.PLACE), lambda: self._place(record))
            self._notices.tell(
                say(text.WITHHELD_REDO, job=say_plugin(record.label)), hint=say(text.WITHHELD_REDO_HINT), offer=offer
            )
        else:
            offer = self._panel_offer(record.id)
            self._notices.tell(
                say(text.ELSEWHERE, job=say_plugin(record.label)), hint=say(text.ELSEWHERE_HINT), offer=offer
            )
        self._desktop.tell(say(text.DESKTOP_DONE, job=say_plugin(record.label)))

    def _place(self, record: JobRecord) -> None:
        try:
            self._session.take_soon(record.id)
        except StudioError as error:
            self._notices.fail(error)

    def _panel_offer(self, job: JobId) -> Offer:
        return Offer(say(text.SHOW_PANEL), lambda: self._show_panel(job))
