"""The queue on disk: what waits, runs and is done survives a restart. Rows in SQLite, pixels in `.lamina` files."""

from __future__ import annotations

import json
import sqlite3
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.layers import LayerId
from studio.io import project
from studio.jobs import suggestions
from studio.jobs.eta import PastRun
from studio.jobs.messages import Failed, JobState
from studio.jobs.record import JobRecord
from studio.jobs.request import Asked, JobId, JobRequest
from studio.plugin_api.results import Placement, Results

MAX_ATTEMPTS = 3
"""A job that was started this often and never ended is not started again: it takes the worker, or us, down with it."""

KEPT_BYTES = 4 * 1024**3
"""Results that are in a document already are forgotten beyond this, the oldest first."""
KEPT_TIMINGS = 40
"""How many runs of one plugin and engine are remembered for how long the next one will take."""

_MIGRATIONS = (
    """
CREATE TABLE jobs (
    id TEXT PRIMARY KEY, label TEXT NOT NULL, plugin TEXT NOT NULL, engine TEXT NOT NULL, state TEXT NOT NULL,
    place REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    created_s REAL NOT NULL, started_s REAL NOT NULL DEFAULT 0, ended_s REAL NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '', hint TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '',
    accepted INTEGER NOT NULL DEFAULT 0, request TEXT NOT NULL, results TEXT
) STRICT;
""",
    """
ALTER TABLE jobs ADD COLUMN megapixels REAL NOT NULL DEFAULT 0;
CREATE TABLE switches (name TEXT PRIMARY KEY, is_on INTEGER NOT NULL) STRICT;
CREATE TABLE timings (
    plugin TEXT NOT NULL, engine TEXT NOT NULL, megapixels REAL NOT NULL, steps INTEGER, seconds REAL NOT NULL,
    curve TEXT NOT NULL, ended_s REAL NOT NULL
) STRICT;
""",
    """
ALTER TABLE jobs ADD COLUMN kept_aside INTEGER NOT NULL DEFAULT 0;
""",
)
"""From each version of the database to the next, beginning with none."""
SCHEMA_VERSION = len(_MIGRATIONS)
_COLUMNS = (
    "id, label, plugin, engine, state, place, attempts, created_s, started_s, ended_s, message, hint, detail, accepted,"
    " megapixels, kept_aside"
)


class JobQueue:
    """Jobs of one user. Not for several threads; one process at a time.

    Args:
        folder: where the queue lives; made if missing. Jobs found running there wait again, because nobody runs them.
        kept_bytes: how much disk space jobs may take before results that found their place are forgotten.
    """

    def __init__(self, folder: Path, kept_bytes: int = KEPT_BYTES) -> None:
        self._folder = folder
        self._kept_bytes = kept_bytes
        folder.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(folder / "queue.sqlite", isolation_level=None)
        with self._errors():
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")  # no wait for the disk on the main thread
            self._migrate()
            self._recover()
        self.sweep(drafts=True)

    def close(self) -> None:
        self._database.close()

    def add(self, request: JobRequest, label: str, *, kept_aside: bool = False) -> JobRecord:
        """Put a request at the end of the queue. Its pixels are written with `write_request`. Raises StudioError."""
        told = {
            "params": dict(request.params),
            "seed": request.seed,
            "steps": request.steps,
            "in_place_of": request.in_place_of,
            "has_arrays": bool(request.arrays),
        }
        names = (request.id, label, request.plugin, request.engine, JobState.QUEUED)
        row = (*names, time.time(), json.dumps(told), request.document.size.rect.area / 1e6, int(kept_aside))
        with self._errors():
            self._database.execute(
                "INSERT INTO jobs (id, label, plugin, engine, state, created_s, request, megapixels, kept_aside, place)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(place), 0) + 1 FROM jobs))",
                row,
            )
        return self.record(request.id)

    def write_request(self, request: JobRequest) -> None:
        """Write the pixels of a request that was added; from any thread. Raises StudioError.

        The document comes last: a job whose document is there has everything.
        """
        if request.arrays:
            _write_arrays(self._file(request.id, "arrays.npz"), request.arrays)
        project.write(request.document, self._file(request.id, "request.lamina"))

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
        """The whole request, pixels included. Raises StudioError when its files are not there."""
        return self.request_later(job)()

    def request_later(self, job: JobId) -> Callable[[], JobRequest]:
        """The same as a function that reads the files, on any thread. Raises StudioError when there is no such job."""
        files = self._file(job, "request.lamina"), self._file(job, "arrays.npz")
        return partial(_read_request, job, self.asked(job), *files)

    def asked(self, job: JobId) -> Asked:
        """The request without its pixels, which reads no file. Raises StudioError when there is no such job."""
        record = self.record(job)
        with self._errors():
            (text,) = self._database.execute("SELECT request FROM jobs WHERE id = ?", (job,)).fetchone()
        told = json.loads(text)
        return Asked(
            plugin=record.plugin,
            engine=record.engine,
            params=told["params"],
            seed=told["seed"],
            steps=told["steps"],
            in_place_of=told.get("in_place_of", ""),
            has_arrays=told.get("has_arrays", self._file(job, "arrays.npz").exists()),
        )

    def arrays(self, job: JobId) -> dict[str, NDArray[np.uint8]]:
        """The masks and pictures that came with a request. Raises StudioError when they cannot be read."""
        return _read_arrays(self._file(job, "arrays.npz"))

    def target(self, job: JobId) -> str:
        """The layer that the job's result is to take the place of; empty when there is none."""
        with self._errors():
            row = self._database.execute("SELECT request FROM jobs WHERE id = ?", (job,)).fetchone()
        return "" if row is None else json.loads(row[0]).get("in_place_of", "")

    def steps(self, job: JobId) -> int | None:
        """How many steps were asked for; None for the engine's own number."""
        with self._errors():
            row = self._database.execute("SELECT request FROM jobs WHERE id = ?", (job,)).fetchone()
        return None if row is None else json.loads(row[0])["steps"]

    def start(self, job: JobId) -> None:
        """It runs now."""
        self._set(job, "state = ?, started_s = ?, attempts = attempts + 1", JobState.RUNNING, time.time())

    def put_back(self, job: JobId) -> None:
        """It was stopped on purpose and waits again where it stood; that start does not count."""
        self._set(job, "state = ?, started_s = 0, attempts = max(attempts - 1, 0)", JobState.QUEUED)

    def write_layers(self, job: JobId, results: Results, document: Document) -> None:
        """Write the pixels of a result, for `finish`; from any thread. `document` is the one it was asked for.

        Raises StudioError.
        """
        project.write(document.with_layers(results.layers), self._file(job, "results.lamina"))

    def finish(self, job: JobId, results: Results) -> None:
        """Keep its results until they are accepted; their pixels were written with `write_layers`."""
        told = {
            "placement": str(results.placement),
            "below": results.below,
            "figures": dict(results.figures),
            "notices": list(results.notices),
            "layers": [layer.id for layer in results.layers],
            "suggestions": suggestions.to_json(results.suggestions),
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
        return self.results_later(job)()

    def results_later(self, job: JobId) -> Callable[[], Results]:
        """The same as a function that reads the files, on any thread. Raises StudioError when there is nothing."""
        with self._errors():
            row = self._database.execute("SELECT results FROM jobs WHERE id = ?", (job,)).fetchone()
        if row is None or row[0] is None:
            raise StudioError("That job has no results.", detail=job)
        return partial(_read_results, json.loads(row[0]), self._file(job, "results.lamina"))

    def result_layers(self, job: JobId) -> tuple[LayerId, ...]:
        """The outermost layers of what a finished job gave; none for one of an older Lamina."""
        with self._errors():
            row = self._database.execute("SELECT results FROM jobs WHERE id = ?", (job,)).fetchone()
        if row is None or row[0] is None:
            return ()
        return tuple(LayerId(layer) for layer in json.loads(row[0]).get("layers", ()))

    @property
    def is_paused(self) -> bool:
        """Whether the user has stopped the queue, perhaps in an earlier run of the program."""
        with self._errors():
            row = self._database.execute("SELECT is_on FROM switches WHERE name = 'paused'").fetchone()
        return row is not None and bool(row[0])

    def set_paused(self, paused: bool) -> None:
        """Keep in mind that the queue is stopped, or is not."""
        with self._errors():
            self._database.execute("INSERT OR REPLACE INTO switches VALUES ('paused', ?)", (int(paused),))

    def timings(self, plugin: str, engine: str) -> list[PastRun]:
        """The last runs that came to their end, newest first."""
        with self._errors():
            rows = self._database.execute(
                "SELECT megapixels, seconds, steps, curve FROM timings WHERE plugin = ? AND engine = ?"
                " ORDER BY ended_s DESC LIMIT ?",
                (plugin, engine, KEPT_TIMINGS),
            ).fetchall()
        return [PastRun(megapixels=r[0], seconds=r[1], steps=r[2], curve=tuple(json.loads(r[3]))) for r in rows]

    def add_timing(self, plugin: str, engine: str, run: PastRun) -> None:
        """Remember how long a run took, and forget the oldest beyond `KEPT_TIMINGS`."""
        values = (plugin, engine, run.megapixels, run.steps, run.seconds, json.dumps(run.curve), time.time())
        with self._errors():
            self._database.execute("INSERT INTO timings VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            self._database.execute(
                "DELETE FROM timings WHERE plugin = ? AND engine = ? AND rowid NOT IN"
                " (SELECT rowid FROM timings WHERE plugin = ? AND engine = ? ORDER BY ended_s DESC LIMIT ?)",
                (plugin, engine, plugin, engine, KEPT_TIMINGS),
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
        self.sweep()

    def trim(self) -> list[JobId]:
        """Forget the oldest results that are in a document while jobs take too much space; returns what was forgotten.

        What failed, was cancelled or has not found its place stays until the user lets it go.
        """
        sizes: Counter[str] = Counter()
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):  # the results of the next job may be on their way to their name
                sizes[path.name.split(".")[0]] += path.stat().st_size
        done = [r for r in self.records() if r.state is JobState.FINISHED and r.accepted]
        gone: list[JobId] = []
        held = sizes.total()
        for record in sorted(done, key=lambda record: record.ended_s):
            if held <= self._kept_bytes:
                break
            held -= sizes[record.id]
            gone.append(record.id)
        for job in gone:
            self.forget(job)
        return gone

    def _set(self, job: JobId, assignments: str, *values: object) -> None:
        with self._errors():
            changed = self._database.execute(f"UPDATE jobs SET {assignments} WHERE id = ?", (*values, job)).rowcount
        if not changed:
            raise StudioError("That job is no longer in the queue.", detail=job)

    def _file(self, job: JobId, suffix: str) -> Path:
        return self._folder / f"{job}.{suffix}"

    def _migrate(self) -> None:
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise StudioError("The job queue was made by a newer Lamina.", "Update Lamina.", str(self._folder))
        for step in range(version, SCHEMA_VERSION):
            self._database.executescript(f"BEGIN; {_MIGRATIONS[step]} PRAGMA user_version = {step + 1}; COMMIT;")

    def _recover(self) -> None:
        """After a crash: what ran waits again, unless it was started too often."""
        words = "It was started several times and never came to an end."
        self._database.execute(
            "UPDATE jobs SET state = ?, ended_s = ?, message = ? WHERE state = ? AND attempts >= ?",
            (JobState.FAILED, time.time(), words, JobState.RUNNING, MAX_ATTEMPTS),
        )
        self._database.execute("UPDATE jobs SET state = ? WHERE state = ?", (JobState.QUEUED, JobState.RUNNING))

    def sweep(self, *, drafts: bool = False) -> None:
        """Remove files that belong to no job: of forgotten ones, some of which were still being written then.

        Drafts, whose names begin with a dot, may be results that are being written; they are left-overs at the start
        only.
        """
        with self._errors():
            known = {row[0] for row in self._database.execute("SELECT id FROM jobs")}
        for path in self._folder.iterdir():
            is_draft = path.name.startswith(".")
            stays = not drafts if is_draft else path.name.split(".")[0] in known
            if path.suffix in (".lamina", ".npz") and not stays:
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


def _write_arrays(path: Path, arrays: Mapping[str, NDArray[np.uint8]]) -> None:
    """Raises StudioError, and leaves no half of a file."""
    draft = path.with_name(f".{path.name}")
    try:
        with draft.open("wb") as file:
            np.savez(file, **arrays)  # pyright: ignore[reportArgumentType] - numpy's stub wants one array type
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise StudioError("The job's masks could not be stored.", "Free some disk space.", repr(error)) from error


def _read_arrays(path: Path) -> dict[str, NDArray[np.uint8]]:
    if not path.exists():
        return {}
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        hint = "Remove the job and run the plugin anew."
        raise StudioError("The job's masks cannot be read: their file is damaged.", hint, repr(error)) from error


def _read_request(job: JobId, told: Asked, document: Path, arrays: Path) -> JobRequest:
    if not document.exists():
        raise StudioError(
            "What this job was asked for is not on disk.",
            "The program ended before it was written, or the file was removed. Run the plugin anew.",
            str(document),
        )
    return JobRequest(
        id=job,
        plugin=told.plugin,
        engine=told.engine,
        params=told.params,
        seed=told.seed,
        steps=told.steps,
        in_place_of=told.in_place_of,
        document=project.read(document).document,
        arrays=_read_arrays(arrays),
    )


def _read_results(told: dict[str, Any], path: Path) -> Results:
    return Results(
        layers=project.read(path).document.layers,
        placement=Placement(told["placement"]),
        below=told.get("below"),
        figures=told["figures"],
        notices=tuple(told["notices"]),
        suggestions=suggestions.of_json(told.get("suggestions", {})),
    )


def _record(row: tuple[object, ...]) -> JobRecord:
    names = _COLUMNS.split(", ")
    values = dict(zip(names, row, strict=True))
    switches = {name: bool(values[name]) for name in ("accepted", "kept_aside")}
    return JobRecord(**{**values, **switches, "state": JobState(str(values["state"]))})  # pyright: ignore[reportArgumentType] - columns have the fields' types (STRICT table)
