"""Finding damage in a project, and saving from a damaged one what can be saved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from studio.core.document import Document
from studio.core.errors import FileFormatError, UsageError
from studio.core.layers import RasterLayer
from studio.core.pixels import PixelBuffer
from studio.io.project import tree
from studio.io.project.live import replace_project
from studio.io.project.salvage import Tables, opened_copy
from studio.io.project.store import Step, StoredBuffer, Timeline
from studio.io.report import Fate, Notice


def check(path: Path) -> list[str]:
    """Everything wrong with a project, one sentence each; empty for a sound one. Reads and hashes every tile.

    Raises StudioError when the file is no project at all.
    """
    with opened_copy(path) as connection:
        tables = Tables(connection)
        faults = [f"The database is damaged: {line}." for line in tables.damage()]
        if tables.cursor not in range(len(tables.steps)) or tables.checkpoint is None:
            faults.append("The history does not say which state is the present or the saved one.")
        roots = dict.fromkeys([root for root, _ in tables.steps] + ([tables.checkpoint] if tables.checkpoint else []))
        for root in roots:
            faults += _faults_of(tables, root)
    return faults


def recover(path: Path, out: Path) -> tuple[Notice, ...]:
    """Write what can be read of a damaged project to `out`, a new project; what was lost is in the notices.

    The present state is kept even with holes, an older one only when it is whole. `path` is left as it is.
    Raises StudioError when no state can be read, and UsageError when both names mean one file.
    """
    if path.resolve() == out.resolve():
        raise UsageError("The recovered project needs a name of its own.", "Choose another name for it.")
    with opened_copy(path) as connection:
        timeline, notices = _timeline(Tables(connection), path.name)
    replace_project(out, timeline)
    return notices


@dataclass(slots=True)
class _Lost:
    """What of one state could not be read: layers, masks, channels, and tiles by the buffer that misses them."""

    layers: list[str] = field(default_factory=list[str])
    masks: list[str] = field(default_factory=list[str])
    channels: list[str] = field(default_factory=list[str])
    tiles: dict[int, int] = field(default_factory=dict[int, int])
    blobs: int = 0


def _faults_of(tables: Tables, root: int) -> list[str]:
    try:
        _, notices = _document(tables, root)
    except FileFormatError as error:
        return [f"State {root} cannot be read: {error.message}"]
    return [f"State {root}: {notice.what} lost{f' of “{notice.layer}”' * bool(notice.layer)}." for notice in notices]


def _timeline(tables: Tables, name: str) -> tuple[Timeline, tuple[Notice, ...]]:
    """The present state, or the newest that can be read, among the older ones that are whole."""
    wanted = _candidates(tables)
    for root in wanted:
        try:
            document, notices = _document(tables, root)
        except FileFormatError:
            continue
        break
    else:
        raise FileFormatError(f"Nothing can be saved from {name}: no state of its document can be read.")
    if root != wanted[0]:
        notices.insert(0, Notice(Fate.DROPPED, "the present state", why="an older one was taken in its place"))
    steps, cursor = _whole_steps(tables, root, document)
    left_out = len(tables.steps) - len(steps)
    if left_out > 0:
        notices.append(Notice(Fate.DROPPED, f"{left_out} steps of the history", why="they cannot be read whole"))
    return Timeline(tuple(steps), cursor), tuple(notices)


def _candidates(tables: Tables) -> list[int]:
    """Roots in the order in which they are wanted: the present one, the saved one, then the newest."""
    wanted = [root for position, (root, _) in enumerate(tables.steps) if position == tables.cursor]
    wanted += [] if tables.checkpoint is None else [tables.checkpoint]
    return list(dict.fromkeys([*wanted, *sorted(tables.trees, reverse=True)]))


def _whole_steps(tables: Tables, present: int, document: Document) -> tuple[list[Step], int]:
    """The history around the `present` root without the steps that lost something, and where `present` is in it."""
    at = [position for position, (root, _) in enumerate(tables.steps) if root == present]
    chosen = tables.cursor if tables.cursor in at else (at[0] if at else None)
    steps: list[Step] = []
    cursor = 0
    for position, (root, label) in enumerate(tables.steps):
        if position == chosen:
            cursor = len(steps)
            steps.append(Step(label, document))
        elif (whole := _whole(tables, root)) is not None:
            steps.append(Step(label, whole))
    if chosen is None:
        steps.append(Step("", document))
        cursor = len(steps) - 1
    return steps, cursor


def _whole(tables: Tables, root: int) -> Document | None:
    try:
        document, notices = _document(tables, root)
    except FileFormatError:
        return None
    return None if notices else document


def _document(tables: Tables, root: int) -> tuple[Document, list[Notice]]:
    """A state with what is lost left out or left empty. Raises FileFormatError when its tree cannot be read."""
    if root not in tables.trees:
        raise FileFormatError("its layer tree is missing.")
    lost = _Lost()
    text = _without_lost(tables, tables.trees[root], lost)
    source = tree.Source(lambda key: _buffer(tables, key, lost), lambda key: tables.blobs[bytes.fromhex(key)], {})
    document = _with_whole_selection(tree.from_json(text, source), lost)
    if faults := document.check():
        raise FileFormatError("its layer tree makes no sense.", detail="; ".join(faults))
    return document, _notices(document, lost)


def _with_whole_selection(document: Document, lost: _Lost) -> Document:
    """The document without its selection where that has holes: edits would go through them unseen."""
    if document.selection is None or id(document.selection.pixels) not in lost.tiles:
        return document
    lost.channels.append("the selection")
    return replace(document, selection=None)


def _buffer(tables: Tables, key: str, lost: _Lost) -> PixelBuffer:
    """The buffer with lost tiles left empty, and counted."""
    stored = tables.buffers[bytes.fromhex(key)]
    found = {(column, row): tables.tile(tile, stored.depth, stored.channels) for column, row, tile in stored.tiles}
    tiles = {place: tile for place, tile in found.items() if tile is not None}
    buffer = PixelBuffer(stored.size, stored.depth, stored.channels, stored.fill, tiles)
    if len(tiles) < len(found):
        lost.tiles[id(buffer)] = len(found) - len(tiles)
    return buffer


def _without_lost(tables: Tables, text: str, lost: _Lost) -> str:
    """The tree without layers, masks and blocks whose data is gone. Raises FileFormatError."""
    try:
        root = cast("dict[str, object]", json.loads(text))
        if root["icc"] is not None and not _has(tables.blobs, root["icc"]):
            root["icc"] = None
            lost.blobs += 1
        root["foreign"] = _kept_blocks(tables, root["foreign"], lost)
        root["layers"] = _kept_layers(tables, root["layers"], lost)
        _keep_selections(tables, root, lost)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileFormatError("its layer tree is damaged.", detail=repr(error)) from error
    return json.dumps(root)


def _kept_layers(tables: Tables, records: object, lost: _Lost) -> list[dict[str, object]]:
    kept: list[dict[str, object]] = []
    for record in cast("list[dict[str, object]]", records):
        name = str(record["name"])
        if "pixels" in record and not _has(tables.buffers, record["pixels"]):
            lost.layers.append(name)
            continue
        mask = cast("dict[str, object] | None", record["mask"])
        if mask is not None and not _has(tables.buffers, mask["pixels"]):
            record["mask"] = None
            lost.masks.append(name)
        record["foreign"] = _kept_blocks(tables, record["foreign"], lost)
        if "children" in record:
            record["children"] = _kept_layers(tables, record["children"], lost)
        kept.append(record)
    return kept


def _keep_selections(tables: Tables, root: dict[str, object], lost: _Lost) -> None:
    """Leave in the tree the selection and the channels that can be read."""
    root.setdefault("selection", None)  # trees from before version 3 have neither; a damaged file is not migrated
    root.setdefault("channels", [])
    if root["selection"] is not None and not _has(tables.buffers, root["selection"]):
        root["selection"] = None
        lost.channels.append("the selection")
    records = cast("list[dict[str, object]]", root["channels"])
    root["channels"] = [record for record in records if _has(tables.buffers, record["pixels"])]
    lost.channels += [str(record["name"]) for record in records if record not in cast("list[object]", root["channels"])]


def _kept_blocks(tables: Tables, records: object, lost: _Lost) -> list[dict[str, object]]:
    blocks = cast("list[dict[str, object]]", records)
    kept = [block for block in blocks if _has(tables.blobs, block["data"])]
    lost.blobs += len(blocks) - len(kept)
    return kept


def _has(table: dict[bytes, bytes] | dict[bytes, StoredBuffer], key: object) -> bool:
    return bytes.fromhex(str(key)) in table


def _notices(document: Document, lost: _Lost) -> list[Notice]:
    notices = [Notice(Fate.DROPPED, "layer", name, "its pixels cannot be read") for name in lost.layers]
    notices += [Notice(Fate.DROPPED, "mask", name, "it cannot be read") for name in lost.masks]
    notices += [Notice(Fate.DROPPED, "channel", name, "it cannot be read") for name in lost.channels]
    if lost.blobs:
        notices.append(Notice(Fate.DROPPED, f"{lost.blobs} profiles or foreign blocks", why="they cannot be read"))
    for layer in document.walk():
        parts = [("pixels", layer.pixels)] if isinstance(layer, RasterLayer) else []
        parts += [] if layer.mask is None else [("mask", layer.mask.pixels)]
        notices += _tile_notices(layer.name, parts, lost)
    for channel in document.channels:
        notices += _tile_notices(channel.name, [("channel", channel.pixels)], lost)
    return notices


def _tile_notices(name: str, parts: Sequence[tuple[str, PixelBuffer]], lost: _Lost) -> Iterator[Notice]:
    for what, buffer in parts:
        if id(buffer) in lost.tiles:
            count = lost.tiles[id(buffer)]
            why = f"{count} of its {len(buffer.tiles) + count} tiles cannot be read"
            yield Notice(Fate.DROPPED, f"part of the {what}", name, why)
