"""The chosen job: its preview, what it is at in full, how far, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.jobs.messages import JobState
from studio.ui import theme
from studio.ui.canvas.rendering import for_screen
from studio.ui.icons import icon
from studio.ui.panels.jobs import text
from studio.ui.panels.jobs.model import Entry
from studio.ui.panels.jobs.rows import muted_palette
from studio.ui.panels.jobs.text import say
from studio.ui.refusals import say_error
from studio.ui.spoken import say_plugin

PREVIEW = QSize(88, 66)
MOST_LINES = 4


class Deed(StrEnum):
    """What can be done with a job."""

    CANCEL = "cancel"
    RETRY = "retry"
    SHOW = "show"
    PLACE = "place"
    OPEN = "open"
    DETAILS = "details"
    EARLIER = "earlier"
    LATER = "later"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Offer:
    """A deed with its words; `reason` says why it cannot be done now."""

    deed: Deed
    label: str
    help: str
    reason: str = ""


def offers_of(entry: Entry, *, waiting: int, shown: bool, document_open: bool) -> list[Offer]:
    """What can be done with this job, the main thing first.

    Args:
        waiting: how many jobs wait.
        shown: whether its layers are in the open document.
    """
    match entry.record.state:
        case JobState.RUNNING:
            return [Offer(Deed.CANCEL, text.CANCEL, text.CANCEL_HELP, text.CANCELLING if entry.cancelling else "")]
        case JobState.QUEUED:
            first = text.FIRST_ALREADY if entry.place == 1 else ""
            last = text.LAST_ALREADY if entry.place == waiting else ""
            return [
                Offer(Deed.CANCEL, text.CANCEL, text.CANCEL_HELP),
                Offer(Deed.EARLIER, text.EARLIER, text.EARLIER, first),
                Offer(Deed.LATER, text.LATER, text.LATER, last),
            ]
        case JobState.FINISHED:
            if shown:
                main = Offer(Deed.SHOW, text.SHOW, text.SHOW_HELP)
            elif document_open:
                main = Offer(Deed.PLACE, text.PLACE, text.PLACE_HELP)
            else:
                main = Offer(Deed.OPEN, text.OPEN, text.OPEN_HELP)
            lost = not entry.record.accepted
            return [main, Offer(Deed.REMOVE, text.REMOVE, text.REMOVE_WAITING if lost else text.REMOVE)]
        case JobState.FAILED:
            return [
                Offer(Deed.RETRY, text.RETRY, text.RETRY_HELP),
                Offer(Deed.DETAILS, text.DETAILS, text.DETAILS_HELP),
                Offer(Deed.REMOVE, text.REMOVE, text.REMOVE),
            ]
        case JobState.CANCELLED:
            return [
                Offer(Deed.RETRY, text.RETRY, text.RETRY_HELP),
                Offer(Deed.REMOVE, text.REMOVE, text.REMOVE),
            ]


_SIGNS = {Deed.EARLIER: "up", Deed.LATER: "down", Deed.REMOVE: "trash"}
"""Deeds that are shown as a sign without words."""


class JobDetail(QFrame):
    """`wanted` brings the deed that was asked for."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(say(text.DETAIL))
        self.preview = QLabel(self)
        self.preview.setFixedSize(PREVIEW)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview.setAccessibleName(say(text.PREVIEW))
        self.title = _words(self)
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.status = _words(self)
        self.hint = _words(self)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName(say(text.PROGRESS))
        self.buttons: dict[Deed, QPushButton | QToolButton] = {deed: self._button(deed) for deed in Deed}
        self._lay_out()
        self._dress()
        self.show_job(None, ())

    def show_job(self, entry: Entry | None, offers: Sequence[Offer]) -> None:
        """Show this job, or nothing."""
        if entry is None:
            self.hide()
            return
        record = entry.record
        _say_in(self.title, say_plugin(record.label))
        failed = record.state is JobState.FAILED
        _say_in(self.status, say_error(record.message) if failed else entry.status)
        _say_in(self.hint, say_error(record.hint) if failed else "")
        self.bar.setVisible(record.state is JobState.RUNNING)
        self.bar.setRange(0, 0 if entry.fraction is None else 1000)
        if entry.fraction is not None:
            self.bar.setValue(round(1000 * entry.fraction))
        told = {offer.deed: offer for offer in offers}
        for deed, button in self.buttons.items():
            if deed not in told:
                button.hide()  # first: with too many in its row the dock would grow, and stay so
        for deed, button in self.buttons.items():
            if (offer := told.get(deed)) is not None:
                button.show()
                button.setEnabled(not offer.reason)
                button.setToolTip(say(offer.reason or offer.help))
                button.setAccessibleName(say(offer.label))
                button.setAccessibleDescription(say(offer.help))
        if record.state is not JobState.RUNNING:
            self.show_preview(None)
        self.show()

    def show_preview(self, samples: NDArray[np.uint8] | None) -> None:
        """What the running job has come to, (h, w, 4) straight RGBA; None takes it away."""
        self.preview.setVisible(samples is not None)
        if samples is None:
            self.preview.setPixmap(QPixmap())
            return
        ratio = self.devicePixelRatioF()
        room = QSize(round(PREVIEW.width() * ratio), round(PREVIEW.height() * ratio))
        image = for_screen(samples, opaque=False).scaled(
            room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        image.setDevicePixelRatio(ratio)
        self.preview.setPixmap(QPixmap.fromImage(image))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        look = theme.current()
        for deed, name in _SIGNS.items():
            self.buttons[deed].setIcon(icon(name))
        for label in (self.status, self.hint):
            label.setPalette(muted_palette(self.palette(), look))
        sheet = f"JobDetail {{ border-top: 1px solid {look.border}; }} JobDetail QLabel {{ background: transparent; }}"
        if self.styleSheet() != sheet:
            self.setStyleSheet(sheet)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(3)
        for part in (self.title, self.status, self.hint):
            words.addWidget(part)
        words.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(10)
        upper.addWidget(self.preview, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(words, 1)
        lower = QHBoxLayout()
        lower.setSpacing(4)
        for deed in Deed:
            if deed not in _SIGNS:
                lower.addWidget(self.buttons[deed])
        lower.addStretch(1)
        for deed in _SIGNS:
            lower.addWidget(self.buttons[deed])
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addLayout(upper)
        column.addWidget(self.bar)
        column.addLayout(lower)

    def _button(self, deed: Deed) -> QPushButton | QToolButton:
        if deed in _SIGNS:
            button: QPushButton | QToolButton = QToolButton(self)
        else:
            button = QPushButton(say(_LABELS[deed]), self)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda: self.wanted.emit(deed))
        button.hide()
        return button


_LABELS = {
    Deed.CANCEL: text.CANCEL,
    Deed.RETRY: text.RETRY,
    Deed.SHOW: text.SHOW,
    Deed.PLACE: text.PLACE,
    Deed.OPEN: text.OPEN,
    Deed.DETAILS: text.DETAILS,
}


def _words(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    label.setMaximumHeight(MOST_LINES * label.fontMetrics().lineSpacing() + 2)
    return label


def _say_in(label: QLabel, words: str) -> None:
    label.setText(words)
    label.setToolTip(words)
    label.setVisible(bool(words))
