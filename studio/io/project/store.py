"""What a project's tables hold: documents as roots, buffers and tiles stored once, the history, the checkpoint.

Everything here is synchronous and belongs to one thread at a time.
"""

from __future__ import annotations

import json
import sqlite3
import struct
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from studio.core.document import Document
from studio.core.errors import FileFormatError
from studio.core.feedback import each
from studio.core.geometry import Size
from studio.core.pixels import Depth, PixelBuffer, Pixels
from studio.io.project import tree
from studio.io.project.database import DOCTOR_HINT, transaction
from studio.io.project.tiles import HASH_BYTES, DamagedTile, hash_of, packed, sample_bytes, unpacked

TILE_RECORD = struct.Struct(f"<II{HASH_BYTES}s")
_BUFFER_HEADER = struct.Struct("<IIHHI")
_PACKERS = 2
_BATCH = 64
_FREE_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Step:
    """One state of the history and what the menu calls the edit that led to it."""

    label: str
    document: Document


@dataclass(frozen=True, slots=True)
class Timeline:
    """The history, oldest first, and which of its steps is the present."""

    steps: tuple[Step, ...]
    cursor: int

    @classmethod
    def of(cls, document: Document) -> Timeline:
        """A history that begins now."""
        return cls((Step("", document),), 0)

    @property
    def document(self) -> Document:
        return self.steps[self.cursor].document


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a finished job reported, kept beside the layers it made: figures do not fit into a layer.

    `made` is ISO 8601 in UTC, `layers` the ids of the layers it made, `report` JSON text of the plugin's own.
    """

    id: str
    made: str
    plugin: str
    engine: str
    layers: tuple[str, ...] = ()
    report: str = "{}"


@dataclass(frozen=True, slots=True)
class StoredBuffer:
    """A row of the buffer table."""

    size: Size
    depth: Depth
    channels: int
    fill: int
    tiles: tuple[tuple[int, int, bytes], ...]
    """Column, row and hash of each stored tile."""


class Store:
    """Reads and writes documents through one connection; knows what the file holds already."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._root_of: dict[int, tuple[Document, int]] = {}
        self._buffer_hash: dict[int, tuple[PixelBuffer, bytes]] = {}
        self._tile_hash: dict[int, tuple[weakref.ref[Pixels], bytes]] = {}
        self._tile_of: weakref.WeakValueDictionary[bytes, Pixels] = weakref.WeakValueDictionary()
        self._buffer_of: dict[bytes, PixelBuffer] = {}
        self._layers: tree.LayerMemo = {}
        self._buffers_in_file = {bytes(row[0]) for row in connection.execute("select hash from buffer")}
        self._tiles_in_file = {bytes(row[0]) for row in connection.execute("select hash from tile")}

    # Writing

    def write(self, timeline: Timeline) -> None:
        """Make the file's history this one, in one transaction. Costs what changed since the last call."""
        held = (set(self._buffers_in_file), set(self._tiles_in_file))
        roots: dict[int, tuple[Document, int]] = {}
        try:
            with transaction(self.connection):
                rows: list[tuple[int, int, str]] = []
                for position, step in enumerate(timeline.steps):
                    root = roots.get(id(step.document)) or self._root_of.get(id(step.document))
                    number = self._put(step.document) if root is None else root[1]
                    roots[id(step.document)] = (step.document, number)
                    rows.append((position, number, step.label.encode("utf-8", "replace").decode()))
                self.connection.execute("delete from step")
                self.connection.executemany("insert into step values (?, ?, ?)", rows)
                self._set("cursor", str(timeline.cursor))
                self.connection.execute(
                    "delete from root where id not in (select root from step)"
                    " and id not in (select cast(value as integer) from info where key = 'checkpoint')"
                )
        except BaseException:
            self._buffers_in_file, self._tiles_in_file = held
            raise
        self._root_of = roots
        self._forget_buffers_except(timeline)

    def add_result(self, result: Result) -> None:
        """Keep a job's report; replaces one of the same id."""
        row = (result.id, result.made, result.plugin, result.engine, json.dumps(result.layers), result.report)
        self.connection.execute("insert or replace into result values (?, ?, ?, ?, ?, ?)", row)

    def mark_checkpoint(self) -> None:
        """The present root is what the user saved."""
        with transaction(self.connection):
            self._set("checkpoint", str(self._present_root()))

    def collect(self) -> None:
        """Remove what neither the history nor the checkpoint needs, and give the space back when it is much."""
        with transaction(self.connection):
            keep = {self.checkpoint, *(row[0] for row in self.connection.execute("select root from step"))}
            self._delete("root", "id", keep)
            buffers, blobs = self._needed(str(row[0]) for row in self.connection.execute("select tree from root"))
            self._delete("buffer", "hash", buffers)
            self._delete("blob", "hash", blobs)
            tiles = {
                key
                for row in self.connection.execute("select tiles from buffer")
                for _, _, key in TILE_RECORD.iter_unpack(row[0])
            }
            self._delete("tile", "hash", tiles)
        self._buffers_in_file, self._tiles_in_file = buffers, tiles
        self._root_of = {key: root for key, root in self._root_of.items() if root[1] in keep}
        free, pages = (
            self.connection.execute(f"pragma {name}").fetchone()[0] for name in ("freelist_count", "page_count")
        )
        if free > _FREE_SHARE * pages:
            self.connection.executescript("pragma incremental_vacuum")  # execute() would stop after one page

    # Reading

    @property
    def cursor(self) -> int:
        """Raises FileFormatError when the history is damaged."""
        cursor, count = int(self._get("cursor")), self.connection.execute("select count(*) from step").fetchone()[0]
        if not 0 <= cursor < count:
            raise FileFormatError("The project's history is damaged.", DOCTOR_HINT, f"{cursor} of {count}")
        return cursor

    @property
    def checkpoint(self) -> int:
        """The root that was saved last."""
        return int(self._get("checkpoint"))

    @property
    def has_unsaved(self) -> bool:
        """Whether the present root is another than the saved one."""
        return self._present_root() != self.checkpoint

    def present(self) -> Document:
        """The present document. Raises FileFormatError."""
        return self._document(self._present_root())

    def saved(self) -> Document:
        """The document of the last save. Raises FileFormatError."""
        return self._document(self.checkpoint)

    def timeline(self) -> Timeline:
        """The whole history; steps share the tiles, buffers and layers they have in common. Raises FileFormatError."""
        rows = self.connection.execute("select root, label from step order by position").fetchall()
        documents = {number: self._document(number) for number in {row[0] for row in rows}}
        return Timeline(tuple(Step(str(label), documents[number]) for number, label in rows), self.cursor)

    def timeline_to_checkpoint(self) -> Timeline:
        """The history up to the last save; only the saved document where no step shows it any more."""
        timeline, saved = self.timeline(), self.saved()
        last = max((i for i, step in enumerate(timeline.steps) if step.document is saved), default=None)
        return Timeline.of(saved) if last is None else Timeline(timeline.steps[: last + 1], last)

    def results(self) -> tuple[Result, ...]:
        """The jobs' reports, oldest first."""
        rows = self.connection.execute("select id, made, plugin, engine, layers, report from result order by made, id")
        return tuple(
            Result(
                id=str(key),
                made=str(made),
                plugin=str(plugin),
                engine=str(engine),
                layers=tuple(str(layer) for layer in json.loads(layers)),
                report=str(report),
            )
            for key, made, plugin, engine, layers, report in rows
        )

    def stored_buffer(self, key: bytes) -> StoredBuffer:
        """Raises FileFormatError when it is missing or makes no sense."""
        row = self.connection.execute(
            "select width, height, depth, channels, fill, tiles from buffer where hash = ?", (key,)
        ).fetchone()
        if row is None:
            raise FileFormatError("A layer's pixels are missing in the project.", DOCTOR_HINT, f"buffer {key.hex()}")
        width, height, depth, channels, fill, tiles = row
        sound = depth in (8, 16) and channels in (1, 4) and 0 <= width < 1 << 31 and 0 <= height < 1 << 31
        if (
            not sound
            or len(tiles) % TILE_RECORD.size
            or buffer_hash(width, height, depth, channels, fill, tiles) != key
        ):
            raise FileFormatError("A layer's pixels are damaged in the project.", DOCTOR_HINT, f"buffer {key.hex()}")
        return StoredBuffer(Size(width, height), Depth(depth), channels, fill, tuple(TILE_RECORD.iter_unpack(tiles)))

    # Inside

    def _put(self, document: Document) -> int:
        """Store a root and all that it needs, unless the file holds it already; its number.

        Tree and buffers lie before the tiles in the file: what is left of a file that was cut off can then be used.
        """
        new: dict[bytes, PixelBuffer] = {}

        def name_buffer(buffer: PixelBuffer) -> str:
            known = self._buffer_hash.get(id(buffer))
            key = self._hash_buffer(buffer) if known is None else known[1]
            if key not in self._buffers_in_file:
                new[key] = buffer
            return key.hex()

        text = tree.to_json(document, tree.Sink(name_buffer, self._put_blob))
        if (same := self.connection.execute("select id from root where tree = ?", (text,)).fetchone()) is not None:
            return int(same[0])
        number = self.connection.execute("insert into root (tree) values (?)", (text,)).lastrowid
        assert number is not None  # an insert always has one
        for key, buffer in new.items():
            row = (key, buffer.size.width, buffer.size.height, int(buffer.depth), buffer.channels, buffer.fill)
            self.connection.execute(
                "insert into buffer values (?, ?, ?, ?, ?, ?, ?)", (*row, self._tile_records(buffer))
            )
        for buffer in each(new.values()):
            self._put_tiles(buffer)
        self._buffers_in_file.update(new)
        return number

    def _put_tiles(self, buffer: PixelBuffer) -> None:
        """Pack the tiles that the file does not hold, several at a time."""
        new = {key: tile for tile in buffer.tiles.values() if (key := self._hash_tile(tile)) not in self._tiles_in_file}

        def pack(item: tuple[bytes, Pixels]) -> tuple[bytes, bytes]:
            return item[0], packed(sample_bytes(item[1]))

        with ThreadPoolExecutor(_PACKERS) as packers:
            for batch in _batches(list(new.items()), 8 * _PACKERS):
                rows = packers.map(pack, batch)
                self.connection.executemany("insert into tile (hash, data) values (?, ?)", rows)
        self._tiles_in_file.update(new)

    def _put_blob(self, data: bytes) -> str:
        key = hash_of(data)
        self.connection.execute("insert or ignore into blob values (?, ?)", (key, data))
        return key.hex()

    def _hash_buffer(self, buffer: PixelBuffer) -> bytes:
        size = buffer.size
        key = buffer_hash(
            size.width, size.height, int(buffer.depth), buffer.channels, buffer.fill, self._tile_records(buffer)
        )
        self._buffer_hash[id(buffer)] = (buffer, key)
        return key

    def _tile_records(self, buffer: PixelBuffer) -> bytes:
        records = ((*place, self._hash_tile(tile)) for place, tile in sorted(buffer.tiles.items(), key=lambda t: t[0]))
        return b"".join(TILE_RECORD.pack(*record) for record in records)

    def _hash_tile(self, tile: Pixels) -> bytes:
        """Computed once per tile, and remembered as long as the tile lives."""
        known = self._tile_hash.get(id(tile))
        if known is not None and known[0]() is tile:
            return known[1]
        key = hash_of(sample_bytes(tile))
        self._remember_tile(tile, key)
        return key

    def _forget_buffers_except(self, timeline: Timeline) -> None:
        """Let go of buffers that the history let go."""
        alive = {id(buffer) for step in timeline.steps for buffer in step.document.buffers()}
        self._buffer_hash = {key: value for key, value in self._buffer_hash.items() if key in alive}
        self._buffer_of.clear()
        self._layers.clear()

    def _document(self, number: int) -> Document:
        """The document of one root; what other roots share with it is the same object."""
        known = next((document for document, root in self._root_of.values() if root == number), None)
        if known is not None:
            return known
        row = self.connection.execute("select tree from root where id = ?", (number,)).fetchone()
        if row is None:
            raise FileFormatError("A state of the project's history is missing.", DOCTOR_HINT, f"root {number}")
        text = str(row[0])
        buffers, _ = tree.references(text)
        self._load_buffers({bytes.fromhex(key) for key in buffers})
        document = tree.from_json(text, tree.Source(self._get_buffer, self._get_blob, self._layers))
        if faults := document.check():
            raise FileFormatError("A state of the project's history is damaged.", DOCTOR_HINT, "; ".join(faults))
        self._root_of[id(document)] = (document, number)
        return document

    def _load_buffers(self, keys: set[bytes]) -> None:
        stored = {key: self.stored_buffer(key) for key in keys if key not in self._buffer_of}
        kinds = {tile: (item.depth, item.channels) for item in stored.values() for _, _, tile in item.tiles}
        tiles = self._load_tiles(kinds)
        for key, item in stored.items():
            placed = {(column, row): tiles[tile] for column, row, tile in item.tiles}
            buffer = PixelBuffer(item.size, item.depth, item.channels, item.fill, placed)
            self._buffer_of[key] = buffer
            self._buffer_hash[id(buffer)] = (buffer, key)

    def _load_tiles(self, kinds: Mapping[bytes, tuple[Depth, int]]) -> dict[bytes, Pixels]:
        """Each tile once, even when many buffers hold it; those in memory already are not read again."""
        tiles = {key: tile for key in kinds if (tile := self._tile_of.get(key)) is not None}
        missing = [key for key in kinds if key not in tiles]

        def unpack(row: tuple[bytes, bytes]) -> tuple[bytes, Pixels]:
            return row[0], unpacked(row[1], *kinds[row[0]])

        with ThreadPoolExecutor(_PACKERS) as packers:
            unpacking: list[Future[tuple[bytes, Pixels]]] = []
            for batch in each((*_batches(missing, _BATCH), ())):
                rows = self._tile_rows(batch)
                tiles.update(_finished(unpacking))  # the last batch was unpacked while this one was read
                unpacking = [packers.submit(unpack, row) for row in rows]
        if lost := kinds.keys() - tiles.keys():
            raise FileFormatError("A layer's pixels are missing in the project.", DOCTOR_HINT, f"{len(lost)} tiles")
        for key in missing:
            self._remember_tile(tiles[key], key)
        return tiles

    def _tile_rows(self, keys: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
        """Hash and data of tiles in the order in which they lie in the file."""
        marks = ", ".join("?" * len(keys))
        inner = f"select id from tile where hash in ({marks})"
        return self.connection.execute(
            f"select hash, data from tile where id in ({inner}) order by id", keys
        ).fetchall()

    def _remember_tile(self, tile: Pixels, key: bytes) -> None:
        number, hashes = id(tile), self._tile_hash
        hashes[number] = (weakref.ref(tile, lambda _: hashes.pop(number, None)), key)
        self._tile_of[key] = tile

    def _get_buffer(self, key: str) -> PixelBuffer:
        return self._buffer_of[bytes.fromhex(key)]

    def _get_blob(self, key: str) -> bytes:
        row = self.connection.execute("select data from blob where hash = ?", (bytes.fromhex(key),)).fetchone()
        if row is None or hash_of(row[0]).hex() != key:
            raise FileFormatError("A part of the project is missing or damaged.", DOCTOR_HINT, f"blob {key}")
        return bytes(row[0])

    def _present_root(self) -> int:
        return int(self.connection.execute("select root from step where position = ?", (self.cursor,)).fetchone()[0])

    def _needed(self, trees: Iterable[str]) -> tuple[set[bytes], set[bytes]]:
        """Buffers and blobs that any of the trees names."""
        buffers: set[bytes] = set()
        blobs: set[bytes] = set()
        for text in trees:
            named, other = tree.references(text)
            buffers.update(map(bytes.fromhex, named))
            blobs.update(map(bytes.fromhex, other))
        return buffers, blobs

    def _delete(self, table: str, column: str, keep: set[int] | set[bytes]) -> None:
        found = self.connection.execute(f"select {column} from {table}")
        gone = [row for row in found if row[0] not in keep]
        self.connection.executemany(f"delete from {table} where {column} = ?", gone)

    def _get(self, key: str) -> str:
        row = self.connection.execute("select value from info where key = ?", (key,)).fetchone()
        if row is None or not str(row[0]).isdigit():
            raise FileFormatError("The project's history is damaged.", DOCTOR_HINT, f"no {key}")
        return str(row[0])

    def _set(self, key: str, value: str) -> None:
        self.connection.execute("insert or replace into info values (?, ?)", (key, value))


def buffer_hash(width: int, height: int, depth: int, channels: int, fill: int, tiles: bytes) -> bytes:
    """The address of a buffer: its header and its tiles' records."""
    return hash_of(_BUFFER_HEADER.pack(width, height, depth, channels, fill) + tiles)


def _finished(unpacking: Iterable[Future[tuple[bytes, Pixels]]]) -> list[tuple[bytes, Pixels]]:
    """Unpacked tiles with their hashes. Raises FileFormatError when one is damaged."""
    try:
        return [future.result() for future in unpacking]
    except DamagedTile as error:
        raise FileFormatError("A layer's pixels are damaged in the project.", DOCTOR_HINT, str(error)) from error


_Item = TypeVar("_Item")


def _batches(items: Sequence[_Item], count: int) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), count):
        yield items[start : start + count]
