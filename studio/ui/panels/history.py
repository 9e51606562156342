"""The history panel: every step, where the document stands, which state the file holds, and the memory they take."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QLabel,
    QListView,
    QProgressBar,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.errors import StudioError
from studio.core.events import DocumentChanged, Subscriptions
from studio.core.history import History
from studio.session import Session
from studio.ui import theme
from studio.ui.icons import drawn
from studio.ui.panels import history_text as text
from studio.ui.panels.history_text import say
from studio.ui.text import say_edit

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
ROW_PX = 28
SIGN_PX = 16
STATE = Qt.ItemDataRole.UserRole
BAR_STEPS = 1000
FOLLOW_MS = 40
"""How often the panel follows a drag, which must not wait for it."""


@dataclass(frozen=True, slots=True)
class StepState:
    """What a row shows: its label, and whether it is the present state, undone, or what the file holds."""

    label: str
    is_current: bool
    is_undone: bool
    is_saved: bool

    @property
    def words(self) -> str:
        """All of it, for a screen reader."""
        told = ((self.is_current, text.CURRENT), (self.is_undone, text.UNDONE), (self.is_saved, text.SAVED))
        return ", ".join([self.label, *(say(word) for holds, word in told if holds)])


class StepModel(QAbstractListModel):
    """One row for every step, oldest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: list[StepState] = []

    def show(self, history: History | None) -> None:
        """Follow the history; rows that stay the same are left alone."""
        new = [] if history is None else _steps(history)
        old, self._steps = self._steps, self._steps[:]
        kept = min(len(old), len(new))
        if len(old) > kept:
            self.beginRemoveRows(NOWHERE, kept, len(old) - 1)
            del self._steps[kept:]
            self.endRemoveRows()
        changed = [row for row in range(kept) if old[row] != new[row]]
        self._steps[:kept] = new[:kept]
        if len(new) > kept:
            self.beginInsertRows(NOWHERE, kept, len(new) - 1)
            self._steps[kept:] = new[kept:]
            self.endInsertRows()
        if changed:
            self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._steps)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self._steps):
            return None
        step = self._steps[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return step.label
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(
                    [step.label, *([say(text.SAVED_TIP)] if step.is_saved else []),
                     *([] if step.is_current else [say(text.GO_TIP)])]
                )  # fmt: skip
            case Qt.ItemDataRole.AccessibleTextRole:
                return step.words
            case _ if role == STATE:
                return step
            case _:
                return None


def _steps(history: History) -> list[StepState]:
    saved, cursor = history.saved_cursor, history.cursor
    labels = history.labels
    return [
        StepState(
            label=say_edit(label) if label else say(text.UNNAMED if row else text.FIRST),
            is_current=row == cursor,
            is_undone=row > cursor,
            is_saved=row == saved,
        )
        for row, label in enumerate(labels)
    ]


class StepDelegate(QStyledItemDelegate):
    """Paints a step: a mark at the present state, undone steps faint, a sign at what the file holds."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        step = index.data(STATE)
        assert isinstance(step, StepState)
        rect: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]  # missing in the stub
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        font = QFont(option.font)  # pyright: ignore[reportAttributeAccessIssue]
        look = theme.current()
        painter.save()
        ink = look.text
        if step.is_current:
            painter.fillRect(rect, QColor(look.selection))
            ink = look.selection_text
            font.setBold(True)
        elif step.is_undone:
            ink = look.muted
            font.setItalic(True)
        if state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
            painter.setPen(QColor(look.accent))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        device = painter.device()
        scale = device.devicePixelRatioF() if device is not None else 1.0
        top = rect.center().y() - SIGN_PX // 2 + 1
        if step.is_current:
            painter.drawPixmap(QPoint(rect.left() + 6, top), drawn("chevron-right", ink, SIGN_PX, scale))
        words = rect.adjusted(6 + SIGN_PX + 6, 0, -8, 0)
        if step.is_saved:
            words.setRight(words.right() - SIGN_PX - 6)
            painter.drawPixmap(QPoint(rect.right() - 8 - SIGN_PX, top), drawn("save", ink, SIGN_PX, scale))
        painter.setFont(font)
        painter.setPen(QColor(ink))
        shown = QFontMetrics(font).elidedText(step.label, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.restore()


class StepList(QListView):
    """Return and Space go where the keys stand, as a click does."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            self.clicked.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class HistoryPanel(QWidget):
    """Shows the session's history; `refresh` after a save, `release` at the end."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setAccessibleName(say(text.PANEL))
        self.steps = StepModel(self)
        self.list = StepList(self)
        self.list.setModel(self.steps)
        self.list.setItemDelegate(StepDelegate(self.list))
        self.list.setAccessibleName(say(text.LIST))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.empty = QLabel(say(text.NO_DOCUMENT), self)
        self.empty.setWordWrap(True)
        self.empty.setMargin(24)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.list)
        self.pages.addWidget(self.empty)
        self.memory = QLabel(self)
        self.memory.setToolTip(say(text.MEMORY_TIP))
        self.memory.setMinimumWidth(1)  # a long text does not make the dock wider
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setMaximum(BAR_STEPS)
        self.foot = QWidget(self)
        foot = QVBoxLayout(self.foot)
        foot.setContentsMargins(10, 6, 10, 8)
        foot.setSpacing(4)
        foot.addWidget(self.memory)
        foot.addWidget(self.bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        column.addWidget(self.foot)
        self.list.clicked.connect(self._go)
        self._following = QTimer(self, interval=FOLLOW_MS, singleShot=True)
        self._following.timeout.connect(self.refresh)
        self._subscriptions = Subscriptions()
        self._subscriptions.listen(session.opened, lambda _: self.refresh())
        self._subscriptions.listen(session.was_shut, lambda _: self.refresh())
        self._subscriptions.listen(session.document_changed, self._on_changed)
        self.refresh()

    def refresh(self) -> None:
        """Show the history as it is now."""
        self._following.stop()
        history = self._session.history if self._session.has_document else None
        self.steps.show(history)
        self.pages.setCurrentWidget(self.empty if history is None else self.list)
        self.foot.setVisible(history is not None)
        if history is not None:
            self._show_memory(history)
            current = self.steps.index(history.cursor)
            self.list.setCurrentIndex(current)
            self.list.scrollTo(current)

    def release(self) -> None:
        """Hear nothing more."""
        self._following.stop()
        self._subscriptions.close()

    def _show_memory(self, history: History) -> None:
        used, budget = (QLocale().formattedDataSize(size, 1) for size in (history.nbytes, history.budget_bytes))
        self.memory.setText(say(text.MEMORY, used=used, budget=budget))
        self.bar.setAccessibleName(self.memory.text())
        self.bar.setValue(min(BAR_STEPS, BAR_STEPS * history.nbytes // max(1, history.budget_bytes)))

    def _go(self, index: QModelIndex) -> None:
        """Go to a step, once what a tool has pending is one, too; that would cost the steps that can be redone."""
        if index.row() > self._session.history.cursor and self._session.pending.is_pending:
            self._session.troubled.emit(StudioError(say(text.PENDING), say(text.PENDING_HINT)))
            self.refresh()
            return
        if not self._session.settle():
            self.refresh()
            return
        try:
            self._session.history.go_to(index.row())
        except StudioError as error:
            self._session.troubled.emit(error)
            self.refresh()

    def _on_changed(self, news: DocumentChanged) -> None:
        """The steps of a drag are counted now and then, which must not hold it up."""
        if not news.continues:
            self.refresh()
        elif not self._following.isActive():
            self._following.start()
