"""What the status bar tells of what is being done, and what its Cancel stops."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from studio.core.events import Subscriptions
from studio.jobs.center import JobProgress
from studio.session import Session
from studio.ui import text
from studio.ui.decompose import DecomposeBar, Stage
from studio.ui.status import StatusBar
from studio.ui.text import say
from studio.ui.work import FileWork


class Doings(QObject):
    """Work of the window before jobs, and of that the newest; `changed` tells that something began or ended.

    Args:
        works: what the window does beside itself, on files and for the canvas.
    """

    changed = Signal()

    def __init__(
        self, session: Session, decompose: DecomposeBar, status: StatusBar, works: tuple[FileWork, ...], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._decompose, self._status = session, decompose, status
        self._stages: dict[FileWork, str] = {}  # what is done where, the newest last, which is shown
        self._subscriptions = Subscriptions()
        for work in works:
            work.changed.connect(partial(self._on_work, work))
            work.progress.connect(partial(self._on_share, work))
        decompose.stage_changed.connect(self._on_stage)
        status.cancel_clicked.connect(self._cancel)

    def follow_jobs(self) -> None:
        """Tell of jobs from now on; the session must have them."""
        self._subscriptions.listen(self._session.jobs.progress, self._on_progress)
        self._subscriptions.listen(self._session.jobs.changed, self._on_jobs)

    def release(self) -> None:
        """Hear nothing more of jobs."""
        self._subscriptions.close()

    def _on_work(self, work: FileWork, stage: str) -> None:
        self._stages.pop(work, None)
        if stage:
            self._stages[work] = stage
        self._status.show_work(next(reversed(self._stages.values()), ""))
        self.changed.emit()

    def _on_share(self, work: FileWork, share: float) -> None:
        if work is next(reversed(self._stages), None):
            self._status.show_work(self._stages[work], share, can_cancel=True)

    def _on_stage(self) -> None:
        if self._decompose.stage is Stage.RUNNING and not self._stages:
            self._status.show_work(say(text.DECOMPOSE_WAITING), can_cancel=True)

    def _on_progress(self, news: JobProgress) -> None:
        if not self._stages:
            self._status.show_work(news.stage, news.fraction, can_cancel=True)

    def _on_jobs(self, _: object) -> None:
        if self._session.jobs.running is None and not self._stages:
            self._status.show_work("")
        self.changed.emit()

    def _cancel(self) -> None:
        """Stop the work that is shown; while the window itself does nothing that is a job."""
        work = next(reversed(self._stages), None)
        running = self._session.jobs.running if self._session.has_jobs else None
        if work is not None:
            work.cancel()
        elif running is not None:
            self._session.jobs.cancel(running)
        elif self._decompose.stage is Stage.RUNNING:
            self._decompose.cancel()
