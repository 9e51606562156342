"""The jobs panel: the queue, what is done with it, and the chosen job."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.core.errors import StudioError
from studio.core.events import Subscriptions
from studio.core.layers import LayerId
from studio.jobs.center import JobCenter, JobChanged, JobPreview, JobProgress
from studio.jobs.messages import JobState
from studio.jobs.record import JobRecord
from studio.jobs.request import JobId
from studio.session import Session
from studio.ui import theme
from studio.ui.icons import icon
from studio.ui.notices import DetailsDialog, of_error
from studio.ui.panels.jobs import text
from studio.ui.panels.jobs.detail import Deed, JobDetail, Offer, offers_of
from studio.ui.panels.jobs.model import Entry, JobsModel
from studio.ui.panels.jobs.rows import JobRows, muted_palette
from studio.ui.panels.jobs.text import say
from studio.ui.spoken import say_plugin

TICK_MS = 500
"""How often the time that is left is told anew."""


class JobsPanel(QWidget):
    """`failed` brings an error; `opened` a document to open and its name, made of a result with nothing open."""

    failed = Signal(object)
    opened = Signal(object, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._subscriptions = Subscriptions()
        self._jobs_followed = False
        self._can_run = True
        self.model = JobsModel(self)
        self.model.moved.connect(self._move)
        self.list = JobList(self)
        self.list.setModel(self.model)
        self.list.wanted.connect(self._do_to_current)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.selectionModel().currentChanged.connect(lambda *_: self.show_current())
        self.summary = QLabel(self)
        self.pause_button = self._tool("pause", text.PAUSE, self._toggle_pause)
        self.clear_button = self._tool("trash", text.CLEAR, self._clear)
        self.banner = self._made_banner()
        self.empty = EmptyPage(self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.list)
        self.detail = JobDetail(self)
        self.detail.wanted.connect(self._do_to_current)
        self._ticking = QTimer(self, interval=TICK_MS)
        self._ticking.timeout.connect(self._tick)
        self._lay_out()
        self._listen()
        self.refresh()

    def follow_jobs(self) -> None:
        """Show the queue from now on; call it once the session has a worker."""
        jobs = self._session.jobs
        self._jobs_followed = True
        self._subscriptions.listen(jobs.changed, self._on_changed)
        self._subscriptions.listen(jobs.progress, self._on_progress)
        self._subscriptions.listen(jobs.previewed, self._on_preview)
        self._subscriptions.listen(jobs.switched, lambda _: self.refresh())
        self.refresh()

    def show_unavailable(self) -> None:
        """Say that there is no queue in this run of the program."""
        self._can_run = False
        self.refresh()

    def refresh(self) -> None:
        """Show the queue as it is."""
        jobs = self._jobs
        self.show_records([] if jobs is None else jobs.records(), paused=jobs is not None and jobs.paused)

    def show_records(self, records: Sequence[JobRecord], *, paused: bool) -> None:
        """Show these jobs, whatever the queue holds."""
        chosen, jobs = self.current, self._jobs
        self.model.show(records, paused=paused)
        if jobs is not None:
            self._show_times(jobs)
        self._choose(chosen.record.id if chosen else None)
        self._show_state(paused=paused)
        self.show_current()

    def release(self) -> None:
        """Hear nothing more."""
        self._ticking.stop()
        self._subscriptions.close()
        self._jobs_followed = False

    @property
    def current(self) -> Entry | None:
        """The chosen job."""
        return self.model.entry(self.list.currentIndex())

    def choose(self, job: JobId) -> None:
        """Show that job in full."""
        self._choose(job)

    # What it listens to

    @property
    def _jobs(self) -> JobCenter | None:
        return self._session.jobs if self._jobs_followed and self._session.has_jobs else None

    def _listen(self) -> None:
        session = self._session
        self._subscriptions.listen(session.opened, lambda _: self.show_current())
        self._subscriptions.listen(session.was_shut, lambda _: self.show_current())
        self._subscriptions.listen(session.document_changed, lambda _: self.show_current())

    def _on_changed(self, news: JobChanged) -> None:
        self.refresh()
        record = news.record
        if record is not None and record.state is JobState.RUNNING and not self.list.hasFocus():
            self._choose(record.id)

    def _on_progress(self, news: JobProgress) -> None:
        jobs = self._jobs
        if jobs is not None:
            self.model.show_progress(news, jobs.estimate(news.job))
            self._show_current_if(news.job)

    def _on_preview(self, news: JobPreview) -> None:
        current = self.current
        if current is not None and current.record.id == news.job:
            self.detail.show_preview(news.samples)

    def _tick(self) -> None:
        """Time goes by without news, too."""
        jobs = self._jobs
        if jobs is not None and (running := jobs.running) is not None:
            self.model.show_progress(None, jobs.estimate(running))
            self._show_current_if(running)

    # What it shows

    def _show_state(self, *, paused: bool) -> None:
        entries = self.model.entries
        running = any(entry.record.state is JobState.RUNNING for entry in entries)
        waiting = sum(1 for entry in entries if entry.place)
        if running:
            self.summary.setText(say(text.SUMMARY_BOTH, count=waiting) if waiting else say(text.SUMMARY_RUNNING))
        else:
            self.summary.setText(say(text.SUMMARY_WAITING, count=waiting) if waiting else say(text.SUMMARY_IDLE))
        self._pages.setCurrentWidget(self.list if entries else self.empty)
        self.empty.show_ready(self._can_run)
        self.banner.setVisible(paused)
        self.pause_button.setVisible(not paused)
        self.pause_button.setEnabled(self._jobs is not None)
        self.pause_button.setToolTip(say(text.PAUSE_HELP if self._can_run else text.NOT_READY_HINT))
        clearable = any(_clearable(entry) for entry in entries)
        self.clear_button.setEnabled(clearable)
        self.clear_button.setToolTip(say(text.CLEAR_HELP if clearable else text.CLEAR_NOTHING))
        if running and self.isVisible():
            self._ticking.start()
        elif not running:
            self._ticking.stop()

    def _show_times(self, jobs: JobCenter) -> None:
        """How long the jobs will take, as far as that is known."""
        if jobs.running is not None:
            self.model.show_progress(jobs.last_progress, jobs.estimate(jobs.running))
        for entry in self.model.entries:
            if entry.place and entry.estimate is None:
                self.model.show_estimate(entry.record.id, jobs.estimate(entry.record.id))

    def show_current(self) -> None:
        """Show the chosen job as it is now."""
        entry = self.current
        self.detail.show_job(entry, () if entry is None else self._offers(entry))
        jobs = self._jobs
        preview = None if jobs is None else jobs.last_preview
        if entry is not None and preview is not None and preview.job == entry.record.id:
            self.detail.show_preview(preview.samples)

    def _show_current_if(self, job: JobId) -> None:
        entry = self.current
        if entry is not None and entry.record.id == job:
            self.detail.show_job(entry, self._offers(entry))

    def _offers(self, entry: Entry) -> list[Offer]:
        waiting = sum(1 for other in self.model.entries if other.place)
        has = self._session.has_document
        return offers_of(entry, waiting=waiting, shown=bool(self._layers(entry)), document_open=has)

    def _layers(self, entry: Entry) -> list[LayerId]:
        """The outermost layers of a result that are in the open document."""
        jobs = self._jobs
        if jobs is None or entry.record.state is not JobState.FINISHED or not self._session.has_document:
            return []
        made = set(jobs.result_layers(entry.record.id))
        document = self._session.document
        found = [layer.id for layer in document.walk() if layer.id in made]
        if found:
            return found
        return [layer.id for layer in document.layers if layer.provenance and layer.provenance.job == entry.record.id]

    def _choose(self, job: JobId | None) -> None:
        """Choose a job; the first one when it is not there."""
        if not self.model.entries:
            return
        row = max(self.model.row_of(job) if job is not None else 0, 0)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.list.selectionModel().setCurrentIndex(self.model.index(row), flags)

    # What can be done

    def _do_to_current(self, deed: str) -> None:
        """Do it if it is offered now."""
        entry = self.current
        if entry is None:
            return
        offers = self._offers(entry)
        wanted = offers[0].deed if deed == MAIN else _meant(Deed(deed), offers)
        if any(offer.deed is wanted and not offer.reason for offer in offers):
            self._do(wanted, entry)

    def _do(self, deed: Deed, entry: Entry) -> None:
        job = entry.record.id
        try:
            match deed:
                case Deed.CANCEL:
                    self._cancel(entry)
                case Deed.RETRY:
                    self._session.jobs.retry(job)
                    self._choose(job)
                case Deed.SHOW:
                    self._session.select(self._layers(entry))
                case Deed.PLACE:
                    self._session.take_soon(job)
                case Deed.OPEN:
                    self._open(entry)
                case Deed.DETAILS:
                    self._show_details(entry)
                case Deed.EARLIER:
                    self._shift(entry, -1)
                case Deed.LATER:
                    self._shift(entry, 1)
                case Deed.REMOVE:
                    self._session.jobs.forget(job)
        except StudioError as error:
            self.failed.emit(error)
            self.refresh()

    def _cancel(self, entry: Entry) -> None:
        self._session.jobs.cancel(entry.record.id)
        if entry.record.state is JobState.RUNNING:
            self.model.show_cancelling(entry.record.id)
            self.show_current()

    def _open(self, entry: Entry) -> None:
        """Open a result as a document of the size that it was made for."""
        jobs, job = self._session.jobs, entry.record.id
        document = jobs.request(job).document.with_layers(jobs.results(job).results.layers)
        self.opened.emit(document, say_plugin(entry.record.label))
        jobs.accept(job)

    def _show_details(self, entry: Entry) -> None:
        record = entry.record
        told = of_error(StudioError(record.message, record.hint, record.detail))
        dialog = DetailsDialog(told, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _shift(self, entry: Entry, by: int) -> None:
        """Let a waiting job change places with its neighbour."""
        waiting = [other.record.id for other in self.model.entries if other.place]
        at = waiting.index(entry.record.id)
        after = at - 1 if by < 0 else at + 2
        self._move(entry.record.id, waiting[after] if after < len(waiting) else None)

    def _move(self, job: JobId, before: JobId | None) -> None:
        try:
            self._session.jobs.move(job, before)
        except StudioError as error:
            self.failed.emit(error)
        self._choose(job)

    def _toggle_pause(self) -> None:
        jobs = self._jobs
        if jobs is not None:
            (jobs.resume if jobs.paused else jobs.pause)()

    def _clear(self) -> None:
        jobs = self._jobs
        if jobs is not None:
            jobs.forget_ended()

    def _show_menu(self, at: QPoint) -> None:
        entry = self.model.entry(self.list.indexAt(at))
        if entry is None:
            return
        self._choose(entry.record.id)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for offer in self._offers(entry):
            action = menu.addAction(say(offer.label))
            action.setEnabled(not offer.reason)
            action.setToolTip(say(offer.reason or offer.help))
            action.triggered.connect(lambda _=False, deed=offer.deed: self._do_to_current(deed))
        menu.popup(self.list.viewport().mapToGlobal(at))

    # Looks

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "empty"):
            self.pause_button.setIcon(icon("pause"))
            self.clear_button.setIcon(icon("trash"))
        super().changeEvent(event)

    def _made_banner(self) -> QFrame:
        banner = QFrame(self)
        banner.setObjectName("paused")
        words = QLabel(say(text.PAUSED_BANNER), banner)
        words.setWordWrap(True)
        self.resume_button = QPushButton(say(text.RESUME), banner)
        self.resume_button.setToolTip(say(text.RESUME_HELP))
        self.resume_button.clicked.connect(self._toggle_pause)
        row = QHBoxLayout(banner)
        row.setContentsMargins(10, 6, 6, 6)
        row.addWidget(words, 1)
        row.addWidget(self.resume_button)
        return banner

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(10, 4, 6, 4)
        head.addWidget(self.summary, 1)
        head.addWidget(self.pause_button)
        head.addWidget(self.clear_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.banner)
        column.addWidget(self._pages, 1)
        column.addWidget(self.detail)

    def _tool(self, sign: str, name: str, run: object) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(sign))
        button.setAccessibleName(say(name))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(run)
        return button


MAIN = "main"
"""Asks for the main thing that can be done with a job."""


def _meant(deed: Deed, offers: list[Offer]) -> Deed:
    """Delete means Cancel for a job that has not ended."""
    cancels = any(offer.deed is Deed.CANCEL for offer in offers)
    return Deed.CANCEL if deed is Deed.REMOVE and cancels else deed


def _clearable(entry: Entry) -> bool:
    record = entry.record
    return record.state.is_final and (record.accepted or record.state is not JobState.FINISHED)


class JobList(QListView):
    """The list with its keys: Enter, Delete, Alt+Up and Alt+Down. `wanted` brings a deed, or MAIN."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(say(text.LIST))
        self.setItemDelegate(JobRows(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.doubleClicked.connect(lambda _: self.wanted.emit(MAIN))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the chosen job in view when what is said about it takes more room."""
        super().resizeEvent(event)
        self.scrollTo(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        deed = _KEYS.get(_pressed(event))
        if deed is None:
            super().keyPressEvent(event)
        else:
            self.wanted.emit(deed)
            event.accept()

    def event(self, event: QEvent) -> bool:
        """Keep these keys from the shortcuts of the window while the list has the focus."""
        overrides = event.type() == QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and _pressed(event) in _KEYS:
            event.accept()
            return True
        return super().event(event)


_KEYS = {
    (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier): MAIN,
    (Qt.Key.Key_Enter, Qt.KeyboardModifier.NoModifier): MAIN,
    (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier): Deed.REMOVE,
    (Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier): Deed.EARLIER,
    (Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier): Deed.LATER,
}


def _pressed(event: QKeyEvent) -> tuple[Qt.Key, Qt.KeyboardModifier]:
    return Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier


class EmptyPage(QWidget):
    """What stands where the list would be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel(self)
        self.words = QLabel(self)
        for label in (self.title, self.words):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
        self.words.setPalette(muted_palette(self.palette(), theme.current()))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.addStretch(1)
        column.addWidget(self.title)
        column.addWidget(self.words)
        column.addStretch(2)

    def show_ready(self, ready: bool) -> None:
        """Nothing is listed; or jobs cannot run at all."""
        self.title.setText(say(text.NOTHING_YET if ready else text.NOT_READY))
        self.words.setText(say(text.NOTHING_YET_HINT if ready else text.NOT_READY_HINT))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "words"):
            self.words.setPalette(muted_palette(self.palette(), theme.current()))
        super().changeEvent(event)
