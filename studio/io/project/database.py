"""The SQLite file of a project: how it is opened, its tables, its version and the steps from older versions.

A rollback journal, not a write-ahead log: between commits the project is one whole file that can be copied, lies well
on network drives and read-only media, and can be read while it is open elsewhere. It costs some 15 ms more per commit,
which the background writer waits for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from studio.core.errors import FileFormatError, StudioError

APPLICATION_ID = 0x4C414D49  # “LAMI”
VERSION = 4
PAGE_BYTES = 16_384
BUSY_TIMEOUT_S = 5.0
DOCTOR_HINT = "Run `lamina doctor FILE.lamina -o NEW.lamina` to save what can be saved."

_TABLES = """
create table info (key text primary key, value text not null) without rowid;
create table tile (id integer primary key, hash blob not null unique, data blob not null);
create table buffer (
    hash blob primary key, width integer not null, height integer not null, depth integer not null,
    channels integer not null, fill integer not null, tiles blob not null
);
create table blob (hash blob primary key, data blob not null);
create table root (id integer primary key, tree text not null);
create table step (position integer primary key, root integer not null references root, label text not null);
"""
_RESULTS = """
create table result (
    id text primary key, made text not null, plugin text not null, engine text not null, layers text not null,
    report text not null
);
"""
_SELECTIONS = """
update root set tree = json_set(tree, '$.selection', null, '$.channels', json('[]')) where json_valid(tree);
"""
_TEXT_LAYERS = ""  # their trees say what is written; older ones say nothing
_MIGRATIONS = {1: _RESULTS, 2: _SELECTIONS, 3: _TEXT_LAYERS}  # from that version to the next


def create(path: Path, target: Path) -> sqlite3.Connection:
    """A new project at `path`, to be renamed to `target` once it is whole: it is written without a journal."""
    with database_errors(target, "write"):
        connection = _connected(path, "rwc")
        connection.execute(f"pragma page_size = {PAGE_BYTES}")
        connection.execute("pragma auto_vacuum = incremental")
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        connection.executescript(f"begin; {_TABLES} {_RESULTS} commit;")
        connection.execute(f"pragma application_id = {APPLICATION_ID}")
        connection.execute(f"pragma user_version = {VERSION}")
    return connection


def open_existing(path: Path, *, writable: bool) -> sqlite3.Connection:
    """The connection to a project of this version. Raises StudioError for anything else.

    Opened for reading, an older project is brought up to date in a temporary copy and the file is left alone.
    """
    if not path.is_file():
        raise StudioError(f"Could not open {path.name}: there is no such file.", "Check the name.", detail=str(path))
    with reading(path):
        connection = _connected(path, "rw") if writable else _reader(path)
    try:
        with reading(path):
            found = _checked_version(connection, path)
            if found < VERSION and not writable:
                connection = _copied(connection)
            migrate(connection, found)
    except BaseException:
        connection.close()
        raise
    return connection


def sweep_journal(connection: sqlite3.Connection) -> None:
    """Let a commit that changes nothing remove the journal that a killed process left behind before it counted."""
    with transaction(connection):
        connection.execute("insert or replace into info values ('sweep', '')")
        connection.execute("delete from info where key = 'sweep'")


def migrate(connection: sqlite3.Connection, found: int) -> None:
    """Bring the tables from version `found` to `VERSION`, each step in a transaction of its own."""
    for version in range(found, VERSION):
        connection.executescript(
            f"begin immediate; {_MIGRATIONS[version]} pragma user_version = {version + 1}; commit;"
        )


@contextmanager
def database_errors(path: Path, doing: str) -> Generator[None]:
    """Turn SQLite's errors into ours: `doing` is the verb, such as “save”."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _explained(path, doing, error) from error


@contextmanager
def reading(path: Path) -> Generator[None]:
    """The same around what reads rows, where a damaged file can hold values of any type in any column."""
    with database_errors(path, "open"):
        try:
            yield
        except (TypeError, ValueError, KeyError, OverflowError, RecursionError) as error:
            message = f"Could not open {path.name}: the project is damaged."
            raise FileFormatError(message, DOCTOR_HINT, repr(error)) from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Generator[None]:
    """All of the block or nothing of it."""
    connection.execute("begin immediate")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise
    connection.execute("commit")


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    """Used from one thread at a time, though not always the one that opened it."""
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.execute("pragma trusted_schema = off")
    connection.execute("pragma cell_size_check = on")
    connection.execute("pragma synchronous = full")
    connection.execute("pragma schema_version").fetchone()  # the first look at the file: undoes a half-done commit
    return connection


def _reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads. A half-done commit of a killed process is undone first, where that is allowed."""
    try:
        return _connected(path, "ro")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise
    _connected(path, "rw").close()
    return _connected(path, "ro")


def _checked_version(connection: sqlite3.Connection, path: Path) -> int:
    application = int(connection.execute("pragma application_id").fetchone()[0])
    version = int(connection.execute("pragma user_version").fetchone()[0])
    if application != APPLICATION_ID:
        raise FileFormatError(
            f"Could not open {path.name}: it is a database, but not a Lamina project.", "Choose another file."
        )
    if version > VERSION:
        raise FileFormatError(
            f"Could not open {path.name}: a newer version of Lamina Studio made it.",
            "Update Lamina Studio.",
            detail=f"schema {version}, this program knows {VERSION}",
        )
    if version < 1:
        raise FileFormatError(f"Could not open {path.name}: its header is damaged.", DOCTOR_HINT)
    return version


def _copied(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A temporary copy that may be changed; SQLite removes it when it is closed."""
    copy = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    with connection:
        connection.backup(copy)
    connection.close()
    return copy


def _explained(path: Path, doing: str, error: sqlite3.DatabaseError) -> StudioError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    detail = f"{path}: {error!r} ({getattr(error, 'sqlite_errorname', 'no code')})"
    name = path.name
    match code:
        case sqlite3.SQLITE_FULL:
            return StudioError(
                f"Could not {doing} {name}: the disk is full.", "Free some space and save again.", detail
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StudioError(f"Could not {doing} {name}: another program is using it.", "Close it there.", detail)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return StudioError(f"Could not {doing} {name}: it may not be changed.", "Save a copy elsewhere.", detail)
        case sqlite3.SQLITE_NOTADB:
            return FileFormatError(
                f"Could not {doing} {name}: it is not a Lamina project.", "Choose another file.", detail
            )
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN:
            return StudioError(f"Could not {doing} {name}: the disk or folder does not answer.", "Check it.", detail)
        case _:
            return FileFormatError(f"Could not {doing} {name}: the project is damaged.", DOCTOR_HINT, detail)
