"""The tables of a damaged project, read row by row: what cannot be read is passed over."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from studio.core.errors import FileFormatError, StudioError
from studio.core.geometry import Size
from studio.core.pixels import Depth, Pixels
from studio.io.project import database
from studio.io.project.store import TILE_RECORD, StoredBuffer, buffer_hash
from studio.io.project.tiles import DamagedTile, hash_of, sample_bytes, unpacked

_MAX_ROWS = 100_000_000
_MAX_FULL_BYTES = 1 << 38


class Tables:
    """What can be read of each table; only data that still has the hash it was stored under."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.trees = {int(number): str(text) for number, text in self._rows("root", "id, tree")}
        self.steps = [(int(root), str(label)) for _, root, label in self._rows("step", "position, root, label")]
        self.cursor = self._number("cursor")
        self.checkpoint = self._number("checkpoint")
        self.blobs = {
            key: data
            for _, key, data in self._rows("blob", "rowid, hash, data")
            if _is_blob(data) and hash_of(data) == key
        }
        columns = "rowid, hash, width, height, depth, channels, fill, tiles"
        self.buffers = {
            row[1]: buffer for row in self._rows("buffer", columns) if (buffer := _buffer_of(*row[1:])) is not None
        }
        self._tile_ids = {key: int(number) for number, key in self._rows("tile", "id, hash")}
        self._tiles: dict[bytes, Pixels | None] = {}

    def tile(self, key: bytes, depth: Depth, channels: int) -> Pixels | None:
        """A tile with exactly the samples that were stored, else None."""
        if key not in self._tiles:
            self._tiles[key] = self._read_tile(key, depth, channels)
        return self._tiles[key]

    def damage(self) -> list[str]:
        """What SQLite's own check finds, a few lines at most."""
        try:
            rows = self._connection.execute("pragma quick_check(20)").fetchall()
        except sqlite3.DatabaseError as error:
            return [str(error)]
        return [str(row[0]).rstrip(".") for row in rows if row[0] != "ok"]

    def _read_tile(self, key: bytes, depth: Depth, channels: int) -> Pixels | None:
        try:
            row = self._connection.execute("select data from tile where id = ?", (self._tile_ids.get(key),)).fetchone()
            if row is None or not _is_blob(row[0]):
                return None
            tile = unpacked(row[0], depth, channels)
        except (sqlite3.DatabaseError, DamagedTile):
            return None
        return tile if hash_of(sample_bytes(tile)) == key else None

    def _number(self, key: str) -> int | None:
        try:
            row = self._connection.execute("select value from info where key = ?", (key,)).fetchone()
        except sqlite3.DatabaseError:
            return None
        return int(row[0]) if row is not None and str(row[0]).isdigit() else None

    def _rows(self, table: str, columns: str) -> Iterator[tuple[Any, ...]]:
        """The rows that can be read, by rising row number, which is the first column."""
        last = -1
        while last < _MAX_ROWS:
            query = f"select {columns} from {table} where rowid > ? order by rowid"
            try:
                for row in self._connection.execute(query, (last,)):
                    last = int(row[0])
                    yield row
            except (sqlite3.DatabaseError, OverflowError):
                last = self._behind_damage(table, last)
            else:
                return

    def _behind_damage(self, table: str, last: int) -> int:
        """The row number before the next one that can be read, or one behind all of them."""
        step = 1
        while last + step < _MAX_ROWS:
            query = f"select rowid from {table} where rowid > ? order by rowid limit 1"
            try:
                row = self._connection.execute(query, (last + step,)).fetchone()
            except sqlite3.DatabaseError:
                step *= 2
                continue
            return _MAX_ROWS if row is None else max(last + step, int(row[0]) - 1)
        return _MAX_ROWS


@contextmanager
def opened_copy(path: Path) -> Generator[sqlite3.Connection]:
    """A copy of the project, with its unfinished commit if there is one, that may be opened and changed freely.

    Raises StudioError when the file cannot be read, FileFormatError when it has no tables of ours.
    """
    with tempfile.TemporaryDirectory(prefix="lamina-") as folder:
        copy = Path(folder) / "project.lamina"
        try:
            shutil.copyfile(path, copy)
            journal = path.with_name(f"{path.name}-journal")
            if journal.exists():
                shutil.copyfile(journal, copy.with_name(f"{copy.name}-journal"))
        except OSError as error:
            raise StudioError(
                f"Could not read {path.name}: {error.strerror}.", "Check the name.", repr(error)
            ) from error
        _fill_up(copy)
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.text_factory = _readable_text
            _check_tables(connection, path.name)
            yield connection


def _fill_up(copy: Path) -> None:
    """Give a file that was cut off its full length again, with nothing in it: SQLite refuses a short one altogether."""
    with copy.open("rb+") as file:
        header = file.read(32)
        size = file.seek(0, 2)
        if len(header) < 32 or not header.startswith(b"SQLite format 3\0"):
            return
        page_bytes = int.from_bytes(header[16:18], "big")
        full = (65_536 if page_bytes == 1 else page_bytes) * int.from_bytes(header[28:32], "big")
        if size < full <= _MAX_FULL_BYTES:
            file.truncate(full)


def _check_tables(connection: sqlite3.Connection, name: str) -> None:
    try:
        found = int(connection.execute("pragma user_version").fetchone()[0])
        tables = {row[0] for row in connection.execute("select name from sqlite_schema")}
    except sqlite3.DatabaseError as error:
        raise FileFormatError(
            f"Nothing can be saved from {name}: it is no project, or its start is damaged.",
            "Check that it is the right file; an older copy may be whole.",
            repr(error),
        ) from error
    if not {"info", "root", "step", "tile", "buffer", "blob"} <= tables:
        raise FileFormatError(f"Nothing can be saved from {name}: it is not a Lamina project.", "Name a .lamina file.")
    if found > database.VERSION:
        raise FileFormatError(f"{name} was made by a newer version of Lamina Studio.", "Update Lamina Studio.")


def _readable_text(data: bytes) -> str:
    """Text of a damaged row: SQLite hands its bytes over unchecked."""
    return data.decode("utf-8", "replace")


def _is_blob(value: object) -> bool:
    return isinstance(value, bytes)


def _buffer_of(
    key: object, width: object, height: object, depth: object, channels: object, fill: object, tiles: object
) -> StoredBuffer | None:
    """The row as a buffer, or None when it is not what its hash says."""
    numbers = [
        value for value in (width, height, depth, channels, fill) if isinstance(value, int) and 0 <= value < 1 << 31
    ]
    if len(numbers) < 5 or not isinstance(tiles, bytes) or len(tiles) % TILE_RECORD.size:
        return None
    w, h, bits, count, empty = numbers
    if bits not in (8, 16) or count not in (1, 4) or buffer_hash(w, h, bits, count, empty, tiles) != key:
        return None
    return StoredBuffer(Size(w, h), Depth(bits), count, empty, tuple(TILE_RECORD.iter_unpack(tiles)))
