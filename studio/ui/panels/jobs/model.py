"""The queue as a list for Qt: the running job, those that wait in their order, then what has ended, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from studio.jobs.center import JobProgress
from studio.jobs.eta import Estimate
from studio.jobs.messages import JobState
from studio.jobs.record import JobRecord
from studio.jobs.request import JobId
from studio.ui.panels.jobs import text
from studio.ui.panels.jobs.text import say, say_range, say_time
from studio.ui.refusals import say_error
from studio.ui.spoken import say_plugin

MIME = "application/x-lamina-job"
ENTRY_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One job as it is shown. `place` is 1 for the next one to run, 0 for those that do not wait."""

    record: JobRecord
    place: int = 0
    paused: bool = False
    cancelling: bool = False
    progress: JobProgress | None = None
    estimate: Estimate | None = None

    @property
    def fraction(self) -> float | None:
        """How far the run is, 0..1, when that is known."""
        return None if self.progress is None else self.progress.fraction

    @property
    def status(self) -> str:
        """What it is at, in one line."""
        record = self.record
        match record.state:
            case JobState.RUNNING:
                return self._running()
            case JobState.QUEUED:
                parts = [say(text.WAITING_PAUSED if self.paused else text.WAITING)]
                if self.estimate is not None:
                    parts.append(say(text.TAKES, time=say_range(self.estimate)))
                return " · ".join(parts)
            case JobState.FINISHED if record.accepted:
                return say(text.FINISHED, time=say_time(record.ended_s - record.started_s))
            case JobState.FINISHED:
                return say(text.FINISHED_WAITS)
            case JobState.FAILED:
                return say(text.FAILED, message=say_error(record.message))
            case JobState.CANCELLED:
                return say(text.CANCELLED)

    @property
    def brief(self) -> str:
        """The same with the time that is left first, for where there may be no room for all of it."""
        if self.record.state is JobState.RUNNING and self._left:
            return " · ".join((self._left, *self._stage))
        return self.status

    def _running(self) -> str:
        return " · ".join((*self._stage, self._left) if self._left else self._stage)

    @property
    def _stage(self) -> tuple[str, ...]:
        if self.cancelling:
            return (say(text.CANCELLING),)
        if self.progress is None:
            return (say(text.STARTING),)
        if not self.progress.steps:
            return (self.progress.stage,)
        return self.progress.stage, say(text.STEP, step=self.progress.step, steps=self.progress.steps)

    @property
    def _left(self) -> str:
        known = self.estimate is not None and self.progress is not None and not self.cancelling
        return say(text.LEFT, time=say_range(self.estimate)) if known and self.estimate is not None else ""


class JobsModel(QAbstractListModel):
    """`moved` asks to let a waiting job run before another one, or last of all (None)."""

    moved = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []

    @property
    def entries(self) -> Sequence[Entry]:
        """What is listed, top to bottom."""
        return self._entries

    def show(self, records: Sequence[JobRecord], *, paused: bool) -> None:
        """List these jobs; rows that stay keep what they know of progress."""
        known = {entry.record.id: entry for entry in self._entries}
        waiting = sorted((r for r in records if r.state is JobState.QUEUED), key=lambda record: record.place)
        places = {record.id: number for number, record in enumerate(waiting, 1)}
        running = [record for record in records if record.state is JobState.RUNNING]
        ended = sorted((r for r in records if r.state.is_final), key=lambda record: record.ended_s, reverse=True)
        order = (*running, *waiting, *ended)
        new = [_entry(record, known.get(record.id), places.get(record.id, 0), paused) for record in order]
        if [entry.record.id for entry in new] == [entry.record.id for entry in self._entries]:
            for row, entry in enumerate(new):
                self._replace(row, entry)
            return
        self.beginResetModel()
        self._entries = new
        self.endResetModel()

    def show_progress(self, progress: JobProgress | None, estimate: Estimate | None) -> None:
        """The running job came this far."""
        for row, entry in enumerate(self._entries):
            if entry.record.state is JobState.RUNNING:
                self._replace(row, replace(entry, progress=progress or entry.progress, estimate=estimate))

    def show_estimate(self, job: JobId, estimate: Estimate | None) -> None:
        """How long a waiting job will take."""
        row = self.row_of(job)
        if row >= 0:
            self._replace(row, replace(self._entries[row], estimate=estimate))

    def show_cancelling(self, job: JobId) -> None:
        """The running job was told to stop."""
        row = self.row_of(job)
        if row >= 0:
            self._replace(row, replace(self._entries[row], cancelling=True))

    def row_of(self, job: JobId) -> int:
        """The row of a job, -1 when it is not listed."""
        return next((row for row, entry in enumerate(self._entries) if entry.record.id == job), -1)

    def entry(self, index: Index) -> Entry | None:
        """What is shown in that row."""
        return self._entries[index.row()] if index.isValid() and index.row() < len(self._entries) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entry(index)
        if entry is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return say_plugin(entry.record.label)
            case Qt.ItemDataRole.AccessibleTextRole:
                return say(text.SPOKEN, label=say_plugin(entry.record.label), status=entry.status)
            case Qt.ItemDataRole.ToolTipRole:
                return f"{say_plugin(entry.record.label)}\n{entry.status}"
            case role if role == ENTRY_ROLE:
                return entry
            case _:
                return None

    # Dragging waiting jobs

    def flags(self, index: Index) -> Qt.ItemFlag:
        entry = self.entry(index)
        if entry is None:
            return Qt.ItemFlag.ItemIsDropEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsDragEnabled if entry.place else flags

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        mime = QMimeData()
        entry = self.entry(indexes[0]) if indexes else None
        if entry is not None:
            mime.setData(MIME, str(entry.record.id).encode())
        return mime

    def canDropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        return data.hasFormat(MIME) and self._dragged(data) is not None

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        """Ask for the move. The queue tells when it is done, so Qt itself has nothing to take away."""
        dragged = self._dragged(data)
        if dragged is None:
            return False
        at = row if row >= 0 else parent.row() if parent.isValid() else len(self._entries)
        below = (entry.record.id for entry in self._entries[max(at, 0) :] if entry.place)
        before = next((job for job in below if job != dragged.record.id), None)
        self.moved.emit(dragged.record.id, before)
        return False

    def _dragged(self, data: QMimeData) -> Entry | None:
        """The waiting job of a drag; None when it has begun to run, or comes from elsewhere."""
        row = self.row_of(JobId(bytes(data.data(MIME).data()).decode(errors="replace")))
        return self._entries[row] if row >= 0 and self._entries[row].place else None

    def _replace(self, row: int, entry: Entry) -> None:
        if self._entries[row] != entry:
            self._entries[row] = entry
            index = self.index(row)
            self.dataChanged.emit(index, index)


def _entry(record: JobRecord, known: Entry | None, place: int, paused: bool) -> Entry:
    kept = known if known is not None and known.record.state is record.state else Entry(record=record)
    return replace(kept, record=record, place=place, paused=paused)
