"""Recording, keeping and playing macros in the window."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from studio import macros
from studio.core.document import Document
from studio.core.errors import JobCancelled, StudioError
from studio.core.events import Subscriptions
from studio.core.history import LabelledEdit
from studio.macro_library import MacroLibrary
from studio.macros import Played, Recorded, Recorder
from studio.session import DocumentOpened
from studio.ui import icons, theme
from studio.ui.actions import Shell
from studio.ui.panels.macros import text
from studio.ui.panels.macros.saving import SaveMacroDialog
from studio.ui.panels.macros.text import say
from studio.ui.work import FileWork

SIGN_PX = 14


class Macros(QObject):
    """`changed` tells that macros came or went, that another one is chosen, or that recording began or ended.

    Args:
        library: the user's own unless given.
    """

    changed = Signal()

    def __init__(self, shell: Shell, work: FileWork, window: QWidget, library: MacroLibrary | None = None) -> None:
        super().__init__(window)
        self._shell = shell
        self._work = work
        self._window = window
        self.library = MacroLibrary() if library is None else library
        self.chosen = ""
        self._recorder: Recorder | None = None
        self._subscriptions = Subscriptions()
        self._subscriptions.listen(shell.session.opened, self._on_opened)
        self._subscriptions.listen(shell.session.was_shut, self._on_shut)
        work.changed.connect(lambda _: self.changed.emit())

    @property
    def is_recording(self) -> bool:
        return self._recorder is not None

    def choose(self, name: str) -> None:
        """The macro that “Play macro” plays; empty for none."""
        if name != self.chosen:
            self.chosen = name
            self.changed.emit()

    # Why not

    def why_not_record(self) -> str:
        return "" if self._shell.session.has_document or self.is_recording else say(text.NEEDS_DOCUMENT)

    def why_not_play(self) -> str:
        if not self._shell.session.has_document:
            return say(text.NEEDS_DOCUMENT)
        if not self.chosen:
            return say(text.NEEDS_MACRO)
        return say(text.IS_BUSY) if self._work.is_busy else ""

    # Recording

    def record(self) -> None:
        """Begin to record, or stop and ask what to do with what was recorded."""
        if self.is_recording:
            self.stop()
        elif not self.why_not_record():
            self._recorder = Recorder(self._shell.session)
            self.changed.emit()

    def stop(self, *, ended: bool = False) -> None:
        """Stop recording and ask for a name; with nothing recorded that is told.

        Args:
            ended: the document is gone, so the recording cannot go on.
        """
        recorder = self._recorder
        if recorder is None:
            return
        try:
            recorded = recorder.recorded()
        except StudioError as error:
            self._forget()
            self._shell.notices.fail(error)
            return
        if not recorded.steps and not recorded.left_out:
            self._forget()
            self._shell.notices.tell(say(text.NOTHING))
            return
        if ended:
            self._forget()
            self._shell.notices.tell(say(text.ENDED))
        dialog = SaveMacroDialog(recorded, self.library, self._window, ended=ended)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._keep(dialog.name, recorded))
        dialog.rejected.connect(lambda: self._forget() if dialog.discarded else None)
        dialog.open()

    def _keep(self, name: str, recorded: Recorded) -> None:
        try:
            self.library.save(name, recorded.steps)
        except StudioError as error:
            self._shell.notices.fail(error)
            return
        self.chosen = name
        self._forget()
        self._shell.notices.tell(say(text.KEPT, name=name))

    def _forget(self) -> None:
        self._recorder = None
        self.changed.emit()

    # Playing

    def play(self) -> None:
        """Do the chosen macro's steps to the open document, beside the window; one undo step, or none at all."""
        if self.why_not_play():
            return
        name, session = self.chosen, self._shell.session
        try:
            steps = self.library.steps(name)
        except StudioError as error:
            self._shell.notices.fail(error)
            return
        if any(step.get("command") == "run_plugin" for step in steps):  # models are for the worker, not for the window
            refusal = StudioError(say(text.RUNS_PLUGIN, name=name), say(text.RUNS_PLUGIN_HINT))
            self._shell.notices.fail(refusal)
            return
        base = session.document
        work = partial(macros.played, base, steps, session.registry, session.consents)
        self._work.start(
            say(text.PLAYING, name=name), work, lambda played: self._on_played(name, base, played), self._on_failed
        )

    def _on_played(self, name: str, base: Document, played: Played) -> None:
        session = self._shell.session
        if not session.has_document:
            return
        if session.document is not base:  # something else was done meanwhile: do it to that
            self.choose(name)
            self.play()
            return
        if played.document == base:
            self._shell.notices.tell(say(text.PLAYED_NOTHING, name=name))
            return
        session.history.apply(LabelledEdit(name, lambda _: played.document, played.calls))
        self._shell.notices.tell(say(text.PLAYED, name=name))

    def _on_failed(self, error: BaseException) -> None:
        if not isinstance(error, JobCancelled):
            self._shell.notices.fail(error)

    # The list

    def rename(self, name: str, new: str) -> None:
        """Raises StudioError."""
        self.library.rename(name, new.strip())
        self.chosen = new.strip()
        self.changed.emit()

    def delete(self, name: str) -> None:
        """Raises StudioError."""
        self.library.delete(name)
        self.chosen = ""
        self.changed.emit()

    def release(self) -> None:
        """Hear nothing more."""
        self._subscriptions.close()

    def _on_opened(self, _: DocumentOpened) -> None:
        self.stop(ended=True)
        self.changed.emit()

    def _on_shut(self, _: None) -> None:
        self.stop(ended=True)
        self.changed.emit()


class RecordingSign(QToolButton):
    """Stands in the status bar while a macro is recorded; a click stops it."""

    def __init__(self, flow: Macros, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = flow
        self.setText(say(text.RECORDING))
        self.setToolTip(say(text.RECORDING_HELP))
        self.setAccessibleName(say(text.STOP))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(SIGN_PX, SIGN_PX))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(flow.record)
        flow.changed.connect(self._follow)
        self._dress()
        self._follow()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_flow"):
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        look = theme.current()
        self.setIcon(icons.tinted("record", look.danger, look.disabled, look.danger))

    def _follow(self) -> None:
        self.setVisible(self._flow.is_recording)
