"""Taking a picture apart from the canvas: mark objects by click or box, press Decompose, drag what came out.

The bar stands above the canvas while objects are marked. The marks become the parameters of the plugin `layer_decomp`;
the session puts its layers into the document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from studio.core.errors import StudioError
from studio.core.events import Subscriptions
from studio.core.layers import GroupLayer, Layer
from studio.jobs.center import JobChanged
from studio.jobs.messages import JobState
from studio.jobs.request import JobId
from studio.plugin_api.params import Picks
from studio.requests import PluginRun
from studio.session import Arrived, DocumentOpened, Session
from studio.ui import text
from studio.ui.canvas.interactions.picks import PicksInteraction
from studio.ui.canvas.view import CanvasView
from studio.ui.text import say

PLUGIN = "layer_decomp"
PARAMETER = "objects"
_RUN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Stage(StrEnum):
    """How far it is; the bar is shown while objects are marked."""

    HIDDEN = "hidden"
    MARKING = "marking"
    RUNNING = "running"


class Marking(PicksInteraction):
    """Marks objects; Return decomposes, Escape lets go of a mark and then leaves."""

    run_wanted = Signal()
    left = Signal()

    def claims(self, event: QKeyEvent) -> bool:
        return event.key() in (*_RUN_KEYS, Qt.Key.Key_Escape) or super().claims(event)

    def key_press(self, event: QKeyEvent) -> bool:
        if event.key() in _RUN_KEYS:
            self.run_wanted.emit()
            return True
        if event.key() == Qt.Key.Key_Escape and self.current is None:
            self.left.emit()
            return True
        return super().key_press(event)


class DecomposeBar(QFrame):
    """`left` tells that the canvas may have its tool back, `failed` brings the error of a job, `stage_changed` that the
    bar is at something else.
    """

    left = Signal()
    failed = Signal(object)
    stage_changed = Signal()

    def __init__(self, session: Session, canvas: CanvasView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._canvas = canvas
        self._stage = Stage.HIDDEN
        self._job: JobId | None = None
        self._ended: JobId | None = None
        self._picks = Marking(parent=self)
        self._picks.run_wanted.connect(self._run_if_marked)
        self._picks.left.connect(self.cancel)
        self._subscriptions = Subscriptions()
        self._subscriptions.listen(session.opened, self._on_opened)
        self._subscriptions.listen(session.arrived, self._on_arrived)
        self.setAccessibleName(say(text.DECOMPOSE_BAR))
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.clear_button = self._button(text.DECOMPOSE_CLEAR, lambda: self._picks_changed(()))
        self.run_button = self._button(text.DECOMPOSE_RUN, self._run)
        self.run_button.setDefault(True)
        self.cancel_button = self._button(text.CANCEL, self.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.addWidget(self.words, 1)
        for part in (self.clear_button, self.cancel_button, self.run_button):
            row.addWidget(part)
        self._picks.changed.connect(self._picks_changed)
        canvas.finder.busy_changed.connect(lambda _: self._show())
        self._show()

    @property
    def stage(self) -> Stage:
        return self._stage

    @property
    def picks(self) -> Picks:
        """What is marked, front-most first."""
        return self._picks.value

    def begin(self) -> None:
        """Let the user mark objects on the canvas."""
        if self._stage is Stage.RUNNING:
            return
        self._picks.set_value(())
        self._canvas.set_tool(self._picks)
        self._canvas.setFocus()
        self._enter(Stage.MARKING)

    def cancel(self) -> None:
        """Stop the job, or stop marking."""
        if self._stage is Stage.RUNNING and self._job is not None:
            self._session.jobs.cancel(self._job)
        elif self._stage is Stage.MARKING:
            self._leave()

    def follow_jobs(self) -> None:
        """Listen to the queue; call it once the session has a worker."""
        self._subscriptions.listen(self._session.jobs.changed, self._on_job)

    def release(self) -> None:
        """Hear nothing more."""
        self._subscriptions.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._stage is Stage.MARKING:
            self._leave()
            return
        super().keyPressEvent(event)

    def _run_if_marked(self) -> None:
        if self.picks:
            self._run()

    def _run(self) -> None:
        params = {PARAMETER: [asdict(pick) for pick in self.picks]}
        try:
            job = self._session.submit(PluginRun(plugin=PLUGIN, params=params, arrays=self._picks.masks))
        except StudioError as error:
            self.failed.emit(error)
            return
        self._job = job
        self._enter(Stage.RUNNING)
        self.left.emit()

    def _picks_changed(self, picks: Picks) -> None:
        if picks != self._picks.value:
            self._picks.set_value(picks)
        self._show()

    def _on_opened(self, _: DocumentOpened) -> None:
        if self._stage is Stage.MARKING:
            self._leave()

    def _on_job(self, news: JobChanged) -> None:
        record = news.record
        if news.job != self._job or record is None or not record.state.is_final:
            return
        self._job, self._ended = None, news.job
        self._enter(Stage.HIDDEN)
        if record.state is JobState.FAILED:
            self.failed.emit(StudioError(record.message or say(text.JOB_FAILED), record.hint, record.detail))

    def _on_arrived(self, news: Arrived) -> None:
        """The layers are there; they are not when the document was closed meanwhile, or steps were undone."""
        if news.job in (self._job, self._ended) and news.layers:
            self._choose_front_object(self._session.document.find(news.layers[-1]))

    def _choose_front_object(self, result: Layer | None) -> None:
        """The front object's group, so that dragging moves it with its shadow."""
        if isinstance(result, GroupLayer) and len(result.children) > 1:
            self._session.select((result.children[-1].id,))

    def _leave(self) -> None:
        self._enter(Stage.HIDDEN)
        self.left.emit()

    def _enter(self, stage: Stage) -> None:
        """Show another stage; the keyboard goes back to the canvas when the bar goes."""
        had_focus = self._stage is Stage.MARKING or self.isAncestorOf(QApplication.focusWidget() or self)
        self._stage = stage
        self._show()
        if had_focus:
            self._canvas.setFocus()
        self.stage_changed.emit()

    def _show(self) -> None:
        marking = self._stage is Stage.MARKING
        count = len(self.picks)
        if marking and self._canvas.finder.is_busy:
            self.words.setText(say(text.DECOMPOSE_LOOKING))
        elif marking:
            self.words.setText(say(text.DECOMPOSE_MARKED, count=count) if count else say(text.DECOMPOSE_HINT))
        for button in (self.clear_button, self.run_button):
            button.setVisible(marking)
            button.setEnabled(count > 0)
            button.setToolTip("" if count else say(text.DECOMPOSE_NEEDS_OBJECT))
        self.setVisible(marking)

    def _button(self, label: str, run: Callable[[], None]) -> QPushButton:
        button = QPushButton(say(label), self)
        button.clicked.connect(lambda: run())
        return button
