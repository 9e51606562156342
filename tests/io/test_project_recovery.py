"""Damaged projects: the damage is found and named, and what can be read is saved."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from studio.core import edits
from studio.core.errors import FileFormatError, StudioError, UsageError
from studio.core.geometry import Rect
from studio.core.layers import RasterLayer
from studio.io.project import Project, check, read, recover, write
from studio.io.report import Fate
from tests.io.test_project import states, timeline_of
from tests.support.documents import random_document


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A project with a history of four states, the third of them saved."""
    path = tmp_path / "work.lamina"
    documents = states(4)
    with Project.create(path, documents[0]) as project:
        project.record(timeline_of(documents[:3]))
        project.save()
        project.record(timeline_of(documents))
    return path


def change(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert connection.execute(statement, values).rowcount > 0


def tile_of_newest_state(path: Path) -> bytes:
    """The hash of a tile that only the newest of the states has."""
    with closing(sqlite3.connect(path)) as connection:
        return bytes(connection.execute("select hash from tile order by id desc limit 1").fetchone()[0])


def test_a_sound_project_has_no_faults_and_recovers_whole(sound: Path, tmp_path: Path) -> None:
    assert check(sound) == []
    assert recover(sound, tmp_path / "out.lamina") == ()
    with Project.open(tmp_path / "out.lamina") as project:
        assert [step.document for step in project.timeline().steps] == states(4)


@pytest.mark.parametrize(
    "statement",
    ["update tile set data = zeroblob(100) where hash = ?", "delete from tile where hash = ?"],
)
def test_a_lost_tile_is_named_and_the_rest_saved(sound: Path, tmp_path: Path, statement: str) -> None:
    change(sound, statement, tile_of_newest_state(sound))
    with pytest.raises(FileFormatError, match=r"pixels are (damaged|missing)") as caught:
        read(sound)
    assert "lamina doctor" in caught.value.hint
    assert any("part of the pixels lost of “Background”" in fault for fault in check(sound))
    notices = recover(sound, tmp_path / "out.lamina")
    assert [(n.fate, n.what, n.layer) for n in notices] == [(Fate.DROPPED, "part of the pixels", "Background")]
    saved = read(tmp_path / "out.lamina").document
    whole = states(4)[3]
    for after, before in zip(saved.walk(), whole.walk(), strict=True):
        assert isinstance(after, RasterLayer) == isinstance(before, RasterLayer)
        if isinstance(after, RasterLayer) and isinstance(before, RasterLayer):
            changed = after.pixels.changed_rect(before.pixels)
            kept = [
                key for key in after.pixels.tiles if np.array_equal(after.pixels.tiles[key], before.pixels.tiles[key])
            ]
            assert len(kept) == len(after.pixels.tiles)
            assert after.name == "Background" or changed.area >= 0
    assert check(tmp_path / "out.lamina") == []


def test_samples_that_were_swapped_are_noticed_by_their_hash(sound: Path) -> None:
    key = tile_of_newest_state(sound)
    other = "(select data from tile where hash != ? and length(hash) = 16 order by id limit 1)"
    change(sound, f"update tile set data = {other} where hash = ?", key, key)
    assert any("lost" in fault for fault in check(sound))


def test_a_lost_buffer_costs_the_layer(sound: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(sound)) as connection:
        key = connection.execute("select hash from buffer order by rowid desc limit 1").fetchone()[0]
    change(sound, "delete from buffer where hash = ?", key)
    notices = recover(sound, tmp_path / "out.lamina")
    assert ("layer", "Background") in {(notice.what, notice.layer) for notice in notices}
    assert len(read(tmp_path / "out.lamina").document.layers) == len(states(4)[3].layers) - 1


@pytest.mark.parametrize("table", ["buffer", "tile"])
def test_a_lost_selection_is_none_and_a_lost_channel_is_named(tmp_path: Path, table: str) -> None:
    document = edits.save_selection(edits.select_ellipse(random_document(3), Rect(2, 2, 50, 50)), "ellipse")
    document = edits.save_selection(edits.select_rectangle(document, Rect(5, 5, 30, 20)), "box")
    path = tmp_path / "work.lamina"
    write(document, path)
    before = {channel.name: channel.pixels for channel in document.channels}
    with closing(sqlite3.connect(path)) as connection:
        tree = json.loads(connection.execute("select tree from root").fetchone()[0])
        key = bytes.fromhex(tree["selection"])  # the box, as the selection and as the channel
        if table == "tile":
            key = bytes(connection.execute("select tiles from buffer where hash = ?", (key,)).fetchone()[0][8:])
    change(path, f"delete from {table} where hash = ?", key)
    assert any("selection" in fault for fault in check(path))
    notices = recover(path, tmp_path / "out.lamina")
    found = read(tmp_path / "out.lamina").document
    assert found.selection is None
    assert found.layers == document.layers
    kept = {channel.name: channel.pixels for channel in found.channels}
    assert kept["ellipse"] == before["ellipse"]
    assert ("box" in kept) == (table == "tile")
    told = {(notice.what, notice.layer) for notice in notices}
    assert {("channel", "the selection"), ("channel" if table == "buffer" else "part of the channel", "box")} <= told


def test_a_lost_present_falls_back_to_the_saved_state(sound: Path, tmp_path: Path) -> None:
    change(sound, "update root set tree = 'nonsense' where id = (select max(id) from root)")
    assert any("cannot be read" in fault for fault in check(sound))
    notices = recover(sound, tmp_path / "out.lamina")
    assert notices[0].what == "the present state"
    assert read(tmp_path / "out.lamina").document == states(3)[2]


def test_a_lost_history_keeps_the_newest_state(sound: Path, tmp_path: Path) -> None:
    change(sound, "delete from step")
    change(sound, "delete from info")
    with pytest.raises(FileFormatError, match="history is damaged"):
        read(sound)
    recover(sound, tmp_path / "out.lamina")
    assert read(tmp_path / "out.lamina").document == states(4)[3]


@pytest.mark.parametrize("seed", range(4))
def test_zeroed_stretches_of_the_file(sound: Path, tmp_path: Path, seed: int) -> None:
    data = bytearray(sound.read_bytes())
    at = int(np.random.default_rng(seed).integers(len(data) // 3, len(data) - 70_000))
    data[at : at + 60_000] = bytes(60_000)
    sound.write_bytes(data)
    assert check(sound)
    try:
        recover(sound, tmp_path / "out.lamina")
    except StudioError as error:
        assert "Nothing can be saved" in error.message
        assert not (tmp_path / "out.lamina").exists()
    else:
        assert check(tmp_path / "out.lamina") == []
        assert read(tmp_path / "out.lamina").document.size == states(1)[0].size


def test_a_cut_file_gives_back_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "work.lamina"
    document = states(1)[0]
    write(document, path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(FileFormatError, match="damaged"):
        read(path)
    notices = recover(path, tmp_path / "out.lamina")
    assert notices
    saved = read(tmp_path / "out.lamina").document
    assert [layer.name for layer in saved.walk()] == [layer.name for layer in document.walk()]
    assert sum(len(b.pixels.tiles) for b in saved.walk() if isinstance(b, RasterLayer)) > 0


def test_what_is_no_project_is_said(tmp_path: Path) -> None:
    for content in (b"", b"SQLite format 3\0" + bytes(200), b"text"):
        (tmp_path / "a.lamina").write_bytes(content)
        with pytest.raises(FileFormatError, match="Nothing can be saved"):
            recover(tmp_path / "a.lamina", tmp_path / "out.lamina")
    with pytest.raises(StudioError, match="Could not read"):
        check(tmp_path / "missing.lamina")
    with pytest.raises(UsageError, match="name of its own"):
        recover(tmp_path / "a.lamina", tmp_path / "a.lamina")
    assert [file.name for file in tmp_path.iterdir()] == ["a.lamina"]
