"""The queue on disk: what waits, runs and is done survives a restart. Rows in SQLite, pixels in `.lamina` files."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.core.document import Document
from studio.core.errors import StudioError
from studio.io import project
from studio.jobs.messages import Failed, JobState
from studio.jobs.record import JobRecord
from studio.jobs.request import JobId, JobRequest
from studio.plugin_api.results import Placement, Results

SCHEMA_VERSION = 1
MAX_ATTEMPTS = 3
"""A job that was started this often and never ended is not started again: it takes the worker, or us, down with it."""

_SCHEMA = """
CREATE TABLE jobs (
    id TEXT PRIMARY KEY, label TEXT NOT NULL, plugin TEXT NOT NULL, engine TEXT NOT NULL, state TEXT NOT NULL,
    place REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    created_s REAL NOT NULL, started_s REAL NOT NULL DEFAULT 0, ended_s REAL NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '', hint TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '',
    accepted INTEGER NOT NULL DEFAULT 0, request TEXT NOT NULL, results TEXT
) STRICT
"""
_COLUMNS = (
    "id, label, plugin, engine, state, place, attempts, created_s, started_s, ended_s, message, hint, detail, accepted"
)


class JobQueue:
    """Jobs of one user. Not for several threads; one process at a time.

    Args:
        folder: where the queue lives; made if missing. Jobs found running there wait again, because nobody runs them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(folder / "queue.sqlite", isolation_level=None)
        with self._errors():
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("PRAGMA journal_mode = WAL")
            self._migrate()
            self._recover()
        self._sweep()

    def close(self) -> None:
        self._database.close()

    def add(self, request: JobRequest, label: str) -> JobRecord:
        """Put a request at the end of the queue; it is on disk when this returns. Raises StudioError."""
        project.write(request.document, self._file(request.id, "request.lamina"))
        if request.arrays:
            with self._file(request.id, "arrays.npz").open("wb") as file:
                np.savez(file, **request.arrays)  # pyright: ignore[reportArgumentType] - numpy's stub wants one array type
        told = {
            "params": dict(request.params),
            "seed": request.seed,
            "steps": request.steps,
            "in_place_of": request.in_place_of,
        }
        row = (request.id, label, request.plugin, request.engine, JobState.QUEUED, time.time(), json.dumps(told))
        with self._errors():
            self._database.execute(
                "INSERT INTO jobs (id, label, plugin, engine, state, created_s, request, place)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(place), 0) + 1 FROM jobs))",
                row,
            )
        return self.record(request.id)

    def records(self) -> list[JobRecord]:
        """All jobs: waiting ones in the order they will run, before and after them by time."""
        with self._errors():
            rows = self._database.execute(f"SELECT {_COLUMNS} FROM jobs ORDER BY place").fetchall()
        return [_record(row) for row in rows]

    def record(self, job: JobId) -> JobRecord:
        """Raises StudioError when there is no such job."""
        with self._errors():
            row = self._database.execute(f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", (job,)).fetchone()
        if row is None:
            raise StudioError("That job is no longer in the queue.", detail=job)
        return _record(row)

    def next_waiting(self) -> JobRecord | None:
        """The job to run next."""
        with self._errors():
            row = self._database.execute(
                f"SELECT {_COLUMNS} FROM jobs WHERE state = ? ORDER BY place LIMIT 1", (JobState.QUEUED,)
            ).fetchone()
        return None if row is None else _record(row)

    def request(self, job: JobId) -> JobRequest:
        """The whole request, pixels included. Raises StudioError when its files are gone."""
        record = self.record(job)
        with self._errors():
            (text,) = self._database.execute("SELECT request FROM jobs WHERE id = ?", (job,)).fetchone()
        told = json.loads(text)
        arrays: dict[str, NDArray[np.uint8]] = {}
        if (path := self._file(job, "arrays.npz")).exists():
            with np.load(path, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
        return JobRequest(
            id=job,
            plugin=record.plugin,
            engine=record.engine,
            params=told["params"],
            seed=told["seed"],
            steps=told["steps"],
            in_place_of=told.get("in_place_of", ""),
            document=project.read(self._file(job, "request.lamina")).document,
            arrays=arrays,
        )

    def start(self, job: JobId) -> None:
        """It runs now."""
        self._set(job, "state = ?, started_s = ?, attempts = attempts + 1", JobState.RUNNING, time.time())

    def finish(self, job: JobId, results: Results, document: Document) -> None:
        """Keep its results until they are accepted; `document` is the one it was asked for. Raises StudioError."""
        project.write(document.with_layers(results.layers), self._file(job, "results.lamina"))
        told = {
            "placement": str(results.placement),
            "figures": dict(results.figures),
            "notices": list(results.notices),
        }
        self._set(job, "state = ?, ended_s = ?, results = ?", JobState.FINISHED, time.time(), json.dumps(told))

    def fail(self, job: JobId, failed: Failed) -> None:
        words = (failed.message, failed.hint, failed.detail)
        self._set(
            job, "state = ?, ended_s = ?, message = ?, hint = ?, detail = ?", JobState.FAILED, time.time(), *words
        )

    def cancel(self, job: JobId) -> None:
        self._set(job, "state = ?, ended_s = ?", JobState.CANCELLED, time.time())

    def results(self, job: JobId) -> Results:
        """What a finished job gave. Raises StudioError when there is nothing, or its files are gone."""
        with self._errors():
            row = self._database.execute("SELECT results FROM jobs WHERE id = ?", (job,)).fetchone()
        if row is None or row[0] is None:
            raise StudioError("That job has no results.", detail=job)
        told = json.loads(row[0])
        return Results(
            layers=project.read(self._file(job, "results.lamina")).document.layers,
            placement=Placement(told["placement"]),
            figures=told["figures"],
            notices=tuple(told["notices"]),
        )

    def accept(self, job: JobId) -> None:
        """Its results have found their place, or were turned down."""
        self._set(job, "accepted = 1")

    def wait_again(self, job: JobId) -> None:
        """Put a job that has ended back to the end of the queue, as if it had never run."""
        self._set(
            job,
            "state = ?, attempts = 0, started_s = 0, ended_s = 0, accepted = 0, message = '', hint = '', detail = '',"
            " place = (SELECT max(place) + 1 FROM jobs)",
            JobState.QUEUED,
        )

    def move(self, job: JobId, before: JobId | None) -> None:
        """Let a waiting job run before another one, or last of all. Raises StudioError when either is not there."""
        places = [r.place for r in self.records() if r.state is JobState.QUEUED and r.id != job]
        if before is None:
            place = max(places, default=0.0) + 1
        else:
            after = self.record(before).place
            earlier = max((p for p in places if p < after), default=after - 2)
            place = (earlier + after) / 2
        self._set(job, "place = ?", place)

    def forget(self, job: JobId) -> None:
        """Take a job that has ended out of the list, with its files."""
        with self._errors():
            self._database.execute("DELETE FROM jobs WHERE id = ?", (job,))
        self._sweep()

    def _set(self, job: JobId, assignments: str, *values: object) -> None:
        with self._errors():
            changed = self._database.execute(f"UPDATE jobs SET {assignments} WHERE id = ?", (*values, job)).rowcount
        if not changed:
            raise StudioError("That job is no longer in the queue.", detail=job)

    def _file(self, job: JobId, suffix: str) -> Path:
        return self._folder / f"{job}.{suffix}"

    def _migrate(self) -> None:
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version == 0:
            self._database.execute(_SCHEMA)
            self._database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif version > SCHEMA_VERSION:
            raise StudioError("The job queue was made by a newer Lamina.", "Update Lamina.", str(self._folder))

    def _recover(self) -> None:
        """After a crash: what ran waits again, unless it was started too often."""
        words = "It was started several times and never came to an end."
        self._database.execute(
            "UPDATE jobs SET state = ?, ended_s = ?, message = ? WHERE state = ? AND attempts >= ?",
            (JobState.FAILED, time.time(), words, JobState.RUNNING, MAX_ATTEMPTS),
        )
        self._database.execute("UPDATE jobs SET state = ? WHERE state = ?", (JobState.QUEUED, JobState.RUNNING))

    def _sweep(self) -> None:
        """Remove files that belong to no job: of forgotten ones, and of one whose row was never written."""
        with self._errors():
            known = {row[0] for row in self._database.execute("SELECT id FROM jobs")}
        for path in self._folder.iterdir():
            if path.suffix in (".lamina", ".npz") and path.name.split(".")[0] not in known:
                path.unlink(missing_ok=True)

    @contextmanager
    def _errors(self) -> Generator[None]:
        """Raises StudioError in place of SQLite's errors."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise StudioError("Another Lamina has the job queue open.", "Close it first.", str(error)) from error
            raise StudioError("The job queue could not be written.", "Free some disk space.", str(error)) from error
        except sqlite3.DatabaseError as error:
            hint = f"Move the folder {self._folder} away and start again."
            raise StudioError("The job queue is damaged.", hint, str(error)) from error


def _record(row: tuple[object, ...]) -> JobRecord:
    names = _COLUMNS.split(", ")
    values = dict(zip(names, row, strict=True))
    return JobRecord(**{**values, "state": JobState(str(values["state"])), "accepted": bool(values["accepted"])})  # pyright: ignore[reportArgumentType] - columns have the fields' types (STRICT table)
