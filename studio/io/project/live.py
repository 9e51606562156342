"""A project that is being worked on: every edit goes to the file by itself; Save marks a checkpoint.

with Project.open(path) as project:
    history = restore(project.timeline())
    ...
    project.record(Timeline(steps, cursor))    # after every edit; returns at once, on disk within a second
    project.save()                             # the user's Save
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from studio.core.document import Document
from studio.core.errors import StudioError
from studio.io import atomic
from studio.io.project import database
from studio.io.project.lock import WriteLock
from studio.io.project.store import Result, Store, Timeline
from studio.io.project.writer import Writer

_Result = TypeVar("_Result")


class Project:
    """One `.lamina` file in use. Methods may be called from any one thread; only `record` never waits for the disk.

    `on_problem` is called, on another thread, with the error when edits can no longer be written (a full disk, say),
    and with None once they can again; nothing is lost meanwhile but the safety.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        lock: WriteLock | None,
        on_problem: Callable[[StudioError | None], None] | None = None,
    ) -> None:
        self.path = path
        self._lock = lock
        self._connection = connection
        self._store = Store(connection)
        self._timeline: Timeline | None = None
        self._writer = None if lock is None else Writer(self._write, on_problem or (lambda _: None))

    @classmethod
    def create(
        cls, path: Path, document: Document, on_problem: Callable[[StudioError | None], None] | None = None
    ) -> Self:
        """A new project with this document as its saved state, in place of any file there. Raises StudioError."""
        lock = _locked(path)
        try:
            write_new(path, Timeline.of(document))
            return cls(path, database.open_existing(path, writable=True), lock, on_problem)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        read_only: bool = False,
        on_problem: Callable[[StudioError | None], None] | None = None,
    ) -> Self:
        """Open a project; for reading only where the file or folder cannot be written.

        Raises ProjectInUse when it is open elsewhere, and StudioError when it cannot be read.
        """
        lock = None if read_only or not _is_writable(path) else _locked(path)
        try:
            connection = database.open_existing(path, writable=lock is not None)
            with database.reading(path):
                if lock is not None and path.with_name(f"{path.name}-journal").exists():
                    database.sweep_journal(connection)
                return cls(path, connection, lock, on_problem)
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    @property
    def is_read_only(self) -> bool:
        return self._writer is None

    @property
    def problem(self) -> StudioError | None:
        """Why the last edits are not on disk, when they could not be written."""
        return None if self._writer is None else self._writer.problem

    @property
    def has_unsaved(self) -> bool:
        """Whether the present state is another than the one saved last. Waits for the writer."""
        return self._call(lambda: self._store.has_unsaved)

    def document(self) -> Document:
        """The present document. Raises StudioError when the file is damaged."""
        return self._call(self._store.present)

    def timeline(self) -> Timeline:
        """The whole history, for undo after a restart. Raises StudioError when the file is damaged."""
        return self._call(self._store.timeline)

    def record(self, timeline: Timeline) -> None:
        """The history as it is after an edit, an undo or a redo. Returns at once. Raises StudioError when read-only."""
        self._writing().hand_over(timeline)

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until everything recorded is on disk; False when it took longer. Raises StudioError when it failed."""
        return self._writing().flush(timeout_s)

    def save(self) -> None:
        """Everything recorded is on disk and is what “Don't save” returns to; what no step needs goes afterwards."""
        writer = self._writing()
        writer.call(self._save)
        writer.later(self._collect)

    def revert(self) -> Timeline:
        """“Don't save”: go back to the last save, on disk too, and give the history up to there. Raises StudioError."""
        writer = self._writing()
        timeline = writer.call(self._revert)
        writer.later(self._collect)
        return timeline

    def save_copy(self, path: Path) -> None:
        """“Save as”: a copy with all history whose saved state is the present one. This project stays as it is.

        Raises ProjectInUse when the target is open somewhere, StudioError when it cannot be written.
        """
        if path.resolve() == self.path.resolve():
            self.save()
            return
        lock = _locked(path)
        try:
            if self._writer is None:
                self._copy(path)
            else:
                self._writer.call(lambda: self._copy(path))
        finally:
            lock.release()

    def add_result(self, result: Result) -> None:
        """Keep the report of a finished job; replaces one of the same id. Waits for the disk. Raises StudioError."""
        self._writing().call(lambda: self._add_result(result))

    def results(self) -> tuple[Result, ...]:
        """The reports of finished jobs, oldest first."""
        return self._call(self._store.results)

    def close(self) -> None:
        """Write what waits and let go of the file. Raises StudioError when the last edits could not be written."""
        problem = None
        if self._writer is not None:
            self._writer.stop()
            problem = self._writer.problem
        self._connection.close()
        if self._lock is not None:
            self._lock.release()
        if problem is not None:
            raise problem

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _writing(self) -> Writer:
        if self._writer is None:
            raise StudioError(f"{self.path.name} is open for reading only.", "Save a copy under another name.")
        return self._writer

    def _call(self, task: Callable[[], _Result]) -> _Result:
        """Run a task where the connection lives, its errors explained."""

        def explained() -> _Result:
            with database.reading(self.path):
                return task()

        return explained() if self._writer is None else self._writer.call(explained)

    def _write(self, timeline: Timeline) -> None:
        with database.database_errors(self.path, "save"):
            self._store.write(timeline)

    def _add_result(self, result: Result) -> None:
        with database.database_errors(self.path, "save"):
            self._store.add_result(result)

    def _save(self) -> None:
        with database.database_errors(self.path, "save"):
            self._store.mark_checkpoint()

    def _collect(self) -> None:
        with database.database_errors(self.path, "tidy"):
            self._store.collect()

    def _revert(self) -> Timeline:
        with database.reading(self.path):
            timeline = self._store.timeline_to_checkpoint()
        self._write(timeline)
        return timeline

    def _copy(self, path: Path) -> None:
        with atomic.replacing(path) as temporary:
            target = sqlite3.connect(temporary, isolation_level=None)
            with closing(target), database.database_errors(path, "write"):
                target.execute("pragma synchronous = off")
                self._connection.backup(target)
                target.execute("pragma journal_mode = off")
                Store(target).mark_checkpoint()


def write_new(path: Path, timeline: Timeline) -> None:
    """A whole new project file, atomically; the last step's state counts as saved. Raises StudioError."""
    with atomic.replacing(path) as temporary:
        temporary.unlink()
        with closing(database.create(temporary, path)) as connection, database.database_errors(path, "write"):
            store = Store(connection)
            store.write(timeline)
            store.mark_checkpoint()


def replace_project(path: Path, timeline: Timeline) -> None:
    """The same, refused while the target is open somewhere: its user would work on in a file that is gone.

    Raises ProjectInUse or StudioError.
    """
    lock = _locked(path)
    try:
        write_new(path, timeline)
    finally:
        lock.release()


def _locked(path: Path) -> WriteLock:
    try:
        return WriteLock(path)
    except OSError as error:
        raise atomic.write_error(path, error) from error


def _is_writable(path: Path) -> bool:
    """A missing file counts as writable, so that opening it says that it is missing."""
    return not path.exists() or (os.access(path, os.W_OK) and os.access(path.resolve().parent, os.W_OK))
