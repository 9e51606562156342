"""What happened, said without stopping the user: cards in a corner of the window, and a dialog for details."""

from __future__ import annotations

import platform
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

import studio
from studio.core.errors import StudioError
from studio.ui import text, theme
from studio.ui.icons import drawn, icon
from studio.ui.refusals import say_error
from studio.ui.text import say

SHOWN_MS = 6000
MOST = 4
WIDTH_PX = 380


@dataclass(frozen=True, slots=True)
class Offer:
    """Something a notice lets the user do about it."""

    label: str
    run: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One notice. An error stays until it is dismissed; the rest go by themselves."""

    message: str
    hint: str = ""
    detail: str = ""
    is_error: bool = False
    offer: Offer | None = None


def of_error(error: BaseException) -> Told:
    """What to show for an error; one that was not foreseen says so and keeps its trace in the details."""
    if isinstance(error, StudioError):
        message, hint = say_error(error.message), say_error(error.hint)
        return Told(message=message, hint=hint, detail=error.detail, is_error=True)
    trace = "".join(traceback.format_exception(error))
    return Told(message=say(text.UNFORESEEN), hint=say(text.UNFORESEEN_HINT), detail=trace, is_error=True)


class Notices(QWidget):
    """The cards, newest at the bottom, over the lower right corner of `parent`."""

    told = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._area = parent
        self.setAccessibleName(say(text.NOTICES))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(theme.current().spacing_px)
        self._cards: list[NoticeCard] = []
        parent.installEventFilter(self)
        self.hide()

    @property
    def cards(self) -> tuple[NoticeCard, ...]:
        """What is shown now, oldest first."""
        return tuple(self._cards)

    def tell(self, message: str, *, hint: str = "", offer: Offer | None = None) -> None:
        """Show something that the user may want to know."""
        self.show_notice(Told(message=message, hint=hint, offer=offer))

    def fail(self, error: BaseException) -> None:
        """Show an error."""
        self.show_notice(of_error(error))

    def show_notice(self, told: Told) -> None:
        """Show a card; one that says the same goes first, and the oldest when there are too many."""
        for card in [card for card in self._cards if card.told == told]:
            self._remove(card)
        while len(self._cards) >= MOST:
            self._remove(self._cards[0])
        card = NoticeCard(told, self)
        card.dismissed.connect(lambda: self._remove(card))
        self._cards.append(card)
        self._layout.addWidget(card)
        card.show()
        self.show()
        self._place()
        self.told.emit(told)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _remove(self, card: NoticeCard) -> None:
        if card not in self._cards:
            return
        self._cards.remove(card)
        self._layout.removeWidget(card)
        card.hide()
        card.deleteLater()
        self.setVisible(bool(self._cards))
        self._place()

    def _place(self) -> None:
        parent = self._area
        margin = 2 * theme.current().spacing_px
        width = min(WIDTH_PX, parent.width() - 2 * margin)
        self.setFixedWidth(max(width, 1))
        self._layout.activate()
        height = self._layout.totalHeightForWidth(self.width()) if self._layout.hasHeightForWidth() else 0
        self.resize(self.width(), max(height, self._layout.totalSizeHint().height()))
        self.move(parent.width() - self.width() - margin, parent.height() - self.height() - margin)
        self.raise_()


class NoticeCard(QFrame):
    """One notice with what can be done about it. `dismissed` when it is to go."""

    dismissed = Signal()

    def __init__(self, told: Told, parent: QWidget) -> None:
        super().__init__(parent)
        self.told = told
        self.setAccessibleName(told.message)
        self._sign = QLabel(self)
        close = QToolButton(self)
        close.setIcon(icon("close"))
        close.setToolTip(say(text.DISMISS))
        close.setAccessibleName(say(text.DISMISS))
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.clicked.connect(self.dismissed)
        line = self.fontMetrics().lineSpacing()
        drop = max(0, (close.sizeHint().height() - line) // 2)
        self._sign.setContentsMargins(0, max(0, (close.sizeHint().height() - theme.current().icon_px) // 2), 0, 0)
        words = self._words(drop)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 8, 10)
        row.setSpacing(10)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._dress()
        if not told.is_error:
            QTimer.singleShot(SHOWN_MS if told.offer is None else 2 * SHOWN_MS, self, self.dismissed.emit)

    def _words(self, drop_px: int) -> QVBoxLayout:
        """Message, hint and buttons, the first line `drop_px` below the top."""
        column = QVBoxLayout()
        column.setContentsMargins(0, drop_px, 0, 0)
        column.setSpacing(4)
        for words, name in ((self.told.message, "message"), (self.told.hint, "hint")):
            if words:
                label = QLabel(words, self)
                label.setObjectName(name)
                label.setWordWrap(True)
                label.setTextFormat(Qt.TextFormat.PlainText)
                column.addWidget(label)
        buttons = QHBoxLayout()
        for label, run in self._offers():
            button = QPushButton(label, self)
            button.setAccessibleName(label)
            button.clicked.connect(run)
            buttons.addWidget(button)
        if buttons.count():
            buttons.addStretch(1)
            column.addLayout(buttons)
        column.addStretch(1)
        return column

    def _offers(self) -> list[tuple[str, Callable[[], None]]]:
        offers: list[tuple[str, Callable[[], None]]] = []
        if (offer := self.told.offer) is not None:
            offers.append((offer.label, lambda: self._take(offer)))
        if self.told.is_error:
            offers.append((say(text.DETAILS), self._show_details))
        return offers

    def _take(self, offer: Offer) -> None:
        self.dismissed.emit()
        offer.run()

    def _show_details(self) -> None:
        dialog = DetailsDialog(self.told, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        look = theme.current()
        edge = look.danger if self.told.is_error else look.accent
        sign = "error" if self.told.is_error else "info"
        self._sign.setPixmap(drawn(sign, edge, look.icon_px, self.devicePixelRatioF()))
        sheet = (
            f"NoticeCard {{ background: {look.base}; border: 1px solid {look.border}; border-left: 3px solid {edge};"
            f" border-radius: {look.radius_px}px; }} QLabel#hint {{ color: {look.muted}; }}"
        )
        if self.styleSheet() != sheet:
            self.setStyleSheet(sheet)


class DetailsDialog(QDialog):
    """All that is known about a notice, to read and to copy."""

    def __init__(self, told: Told, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(say(text.DETAILS_TITLE))
        self.report = report_of(told)
        message = QLabel(told.message, self)
        message.setWordWrap(True)
        body = QPlainTextEdit(self.report, self)
        body.setReadOnly(True)
        body.setTabChangesFocus(True)
        body.setAccessibleName(say(text.DETAILS_TITLE))
        buttons = QDialogButtonBox(self)
        copy = buttons.addButton(say(text.COPY_DETAILS), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self._copy)
        done = buttons.addButton(say(text.DONE), QDialogButtonBox.ButtonRole.RejectRole)
        done.setDefault(True)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(message)
        column.addWidget(body)
        column.addWidget(buttons)
        self.resize(560, 320)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report)


def report_of(told: Told) -> str:
    """A notice as text for a report: what happened, the program and the system. It names no picture of the user's."""
    lines = [told.message, told.hint, "", told.detail, "", installation()]
    return "\n".join(lines).strip() + "\n"


def installation() -> str:
    """One line about the program and the system."""
    return f"Lamina Studio {studio.__version__}, Python {platform.python_version()}, {platform.platform()}"
