"""The project file in use: documents, history, saving, reverting, copying, locking, old and foreign files."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import FileFormatError, StudioError
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import ForeignBlock, GroupLayer, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.io.formats import open_document, plan_document, save_document
from studio.io.project import Project, ProjectInUse, Result, Step, Timeline, check, read, write
from studio.io.project.database import VERSION
from studio.io.project.writer import RETRY_S, Writer
from tests.io.project_editor import edited, start
from tests.support.documents import every_mode_document, random_document

V1 = Path(__file__).parent / "data" / "project_v1.lamina"
V2 = Path(__file__).parent / "data" / "project_v2.lamina"


def states(count: int) -> list[Document]:
    """A document and what it becomes in `count` - 1 edits."""
    documents = [start()]
    while len(documents) < count:
        documents.append(edited(documents[-1], len(documents)))
    return documents


def timeline_of(documents: list[Document], cursor: int | None = None) -> Timeline:
    steps = tuple(Step(f"Edit {i}" if i else "", document) for i, document in enumerate(documents))
    return Timeline(steps, len(steps) - 1 if cursor is None else cursor)


def rows_in(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"select count(*) from {table}").fetchone()[0])


class TestDocuments:
    @settings(max_examples=40, deadline=None)
    @given(seed=st.integers(0, 10**6), depth=st.sampled_from(Depth), layers=st.integers(1, 14))
    def test_random_documents_come_back_equal(
        self, tmp_path_factory: pytest.TempPathFactory, seed: int, depth: Depth, layers: int
    ) -> None:
        path = tmp_path_factory.mktemp("project") / "a.lamina"
        document = random_document(seed, depth, Size(70, 300), layers=layers)
        assert plan_document(document, path) == ()
        save_document(document, path)
        opened = open_document(path)
        assert opened.document == document
        assert opened.notices == ()

    @pytest.mark.parametrize("depth", Depth)
    def test_everything_a_document_can_hold(self, tmp_path: Path, depth: Depth) -> None:
        block = ForeignBlock("psd", "Patt", bytes(range(256)) * 10)
        document = every_mode_document(depth)
        odd = RasterLayer(
            name="lone \ud800 surrogate\0", pixels=PixelBuffer(Size(0, 7), depth), origin=Point(-(10**6), 10**6)
        )
        group = GroupLayer(name="", children=(GroupLayer(children=(odd,)),), foreign=(block, block))
        document = replace(
            document,
            layers=(*document.layers, group),
            icc=b"\0profile",
            ppi=299.72,
            metadata=(("title", "題"), ("", "\ud800")),
            foreign=(block,),
        )
        document = edits.save_selection(edits.select_ellipse(document, Rect(3, 2, 30, 25)), "Ellipse 楕円")
        document = edits.save_selection(edits.invert_selection(document), "outside")
        write(document, tmp_path / "a.lamina")
        assert read(tmp_path / "a.lamina").document == document

    def test_the_same_document_gives_the_same_bytes(self, tmp_path: Path) -> None:
        write(random_document(5), tmp_path / "a.lamina")
        write(random_document(5), tmp_path / "b.lamina")
        assert (tmp_path / "a.lamina").read_bytes() == (tmp_path / "b.lamina").read_bytes()

    def test_equal_tiles_are_stored_and_loaded_once(self, tmp_path: Path) -> None:
        tile = np.random.default_rng(0).integers(0, 256, (256, 256, 4), dtype=np.uint8)
        wide = PixelBuffer.from_array(np.tile(tile, (2, 3, 1)))
        layers = (RasterLayer(pixels=wide), RasterLayer(pixels=PixelBuffer.from_array(tile)))
        write(Document(size=Size(768, 512), layers=layers), tmp_path / "a.lamina")
        assert rows_in(tmp_path / "a.lamina", "tile") == 1
        document = read(tmp_path / "a.lamina").document
        loaded = {
            id(t) for layer in document.walk() if isinstance(layer, RasterLayer) for t in layer.pixels.tiles.values()
        }
        assert len(loaded) == 1
        assert not any(t.flags.writeable for t in document.layers[0].pixels.tiles.values())  # pyright: ignore[reportAttributeAccessIssue]  # a raster layer


class TestHistory:
    def test_undo_works_after_a_restart(self, tmp_path: Path) -> None:
        path = tmp_path / "a.lamina"
        documents = states(5)
        with Project.create(path, documents[0]) as project:
            project.record(timeline_of(documents, cursor=2))
        with Project.open(path) as project:
            assert project.document() == documents[2]
            restored = project.timeline()
            assert [step.label for step in restored.steps] == ["", "Edit 1", "Edit 2", "Edit 3", "Edit 4"]
            assert [step.document for step in restored.steps] == documents
            assert restored.cursor == 2
            upper = [step.document.layers[1] for step in restored.steps]
            assert all(layer is upper[0] for layer in upper)
            project.record(Timeline(restored.steps, 4))
            project.flush()
        assert read(path).document == documents[4]

    def test_an_edit_costs_what_it_changed(self, tmp_path: Path) -> None:
        path = tmp_path / "a.lamina"
        documents = states(3)
        with Project.create(path, documents[0]) as project:
            project.record(timeline_of(documents[:2]))
            project.flush()
            before = rows_in(path, "tile"), rows_in(path, "buffer")
            project.record(timeline_of(documents))
            project.flush()
            changed = documents[1].layers[0].pixels.tiles.keys()  # pyright: ignore[reportAttributeAccessIssue]  # a raster layer
            assert rows_in(path, "tile") - before[0] <= min(4, len(changed))
            assert rows_in(path, "buffer") - before[1] == 1
            project.record(timeline_of(documents, cursor=0))
            project.flush()
            assert rows_in(path, "root") == 3

    def test_only_the_newest_of_many_histories_must_be_written(self, tmp_path: Path) -> None:
        path = tmp_path / "a.lamina"
        documents = states(2)
        with Project.create(path, documents[0]) as project:
            for number in range(300):
                drag = replace(documents[1], ppi=100.0 + number)
                project.record(timeline_of([documents[0], drag]))
            project.flush()
            assert project.document().ppi == 399.0
            assert rows_in(path, "root") == 2

    def test_a_drag_leaves_nothing_behind_after_saving(self, tmp_path: Path) -> None:
        path = tmp_path / "a.lamina"
        documents = states(12)
        with Project.create(path, documents[0]) as project:
            for document in documents[1:]:
                project.record(timeline_of([documents[0], document]))
                project.flush()
            project.save()
        write(documents[0], tmp_path / "b.lamina")
        expected = {
            tile.tobytes()
            for document in (documents[0], documents[-1])
            for layer in document.walk()
            if isinstance(layer, RasterLayer)
            for tile in layer.pixels.tiles.values()
        }
        masks = {
            tile.tobytes()
            for document in (documents[0], documents[-1])
            for layer in document.walk()
            if layer.mask is not None
            for tile in layer.mask.pixels.tiles.values()
        }
        assert rows_in(path, "tile") == len(expected | masks)
        assert check(path) == []
        with closing(sqlite3.connect(path)) as connection:
            free = connection.execute("pragma freelist_count").fetchone()[0]
            assert free <= 0.25 * connection.execute("pragma page_count").fetchone()[0]


class TestSaving:
    def test_unsaved_edits_are_on_disk_and_known_as_unsaved(self, tmp_path: Path) -> None:
        path = tmp_path / "a.lamina"
        documents = states(2)
        with Project.create(path, documents[0]) as project:
            assert not project.has_unsaved
            project.record(timeline_of(documents))
            assert project.has_unsaved
        with Project.open(path) as project:
            assert project.document() == documents[1]
            assert project.has_unsaved
            project.save()
            assert not project.has_unsaved

    def test_not_saving_goes_back_to_the_last_save(self, tmp_path: Path) -> None:
        path = tmp_path / "a.lamina"
        documents = states(5)
        with Project.create(path, documents[0]) as project:
            project.record(timeline_of(documents[:3]))
            project.save()
            project.record(timeline_of(documents))
            back = project.revert()
            assert back.document == documents[2]
            assert [step.document for step in back.steps] == documents[:3]
            assert not project.has_unsaved
        assert read(path).document == documents[2]
        assert check(path) == []

    def test_going_back_when_the_saved_state_left_the_history(self, tmp_path: Path) -> None:
        path = tmp_path / "a.lamina"
        documents = states(4)
        with Project.create(path, documents[0]) as project:
            project.record(timeline_of(documents[2:]))
            back = project.revert()
            assert back.steps == (Step("", documents[0]),)
        assert read(path).document == documents[0]

    def test_a_copy_has_the_history_and_counts_as_saved(self, tmp_path: Path) -> None:
        documents = states(3)
        with Project.create(tmp_path / "a.lamina", documents[0]) as project:
            project.record(timeline_of(documents))
            project.save_copy(tmp_path / "b.lamina")
            assert project.has_unsaved
            project.revert()
        with Project.open(tmp_path / "b.lamina") as copy:
            assert not copy.has_unsaved
            assert [step.document for step in copy.timeline().steps] == documents
        assert read(tmp_path / "a.lamina").document == documents[0]
        assert sorted(file.name for file in tmp_path.iterdir()) == ["a.lamina", "b.lamina"]

    def test_a_copy_to_its_own_name_is_a_save(self, tmp_path: Path) -> None:
        documents = states(2)
        with Project.create(tmp_path / "a.lamina", documents[0]) as project:
            project.record(timeline_of(documents))
            project.save_copy(tmp_path / "a.lamina")
            assert not project.has_unsaved

    def test_results_are_kept(self, tmp_path: Path) -> None:
        first = Result(id="1", made="2026-01-01T00:00:00Z", plugin="p", engine="classical", report='{"psnr": 40.5}')
        second = Result(id="2", made="2026-01-02T00:00:00Z", plugin="q", engine="tiny", layers=("a", "b"))
        with Project.create(tmp_path / "a.lamina", states(1)[0]) as project:
            project.add_result(second)
            project.add_result(replace(first, report="{}"))
            project.add_result(first)
        with Project.open(tmp_path / "a.lamina", read_only=True) as project:
            assert project.results() == (first, second)


class TestSharing:
    def test_a_second_window_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "a.lamina"
        documents = states(2)
        with Project.create(path, documents[0]) as project:
            with pytest.raises(ProjectInUse, match="open in another window"):
                Project.open(path)
            with pytest.raises(ProjectInUse):
                save_document(documents[1], path)
            with Project.open(path, read_only=True) as reader:
                assert reader.is_read_only
                assert reader.document() == documents[0]
                project.record(timeline_of(documents))
                project.flush()
                assert reader.document() == documents[1]
                with pytest.raises(StudioError, match="reading only"):
                    reader.save()
        Project.open(path).close()
        assert [file.name for file in tmp_path.iterdir()] == ["a.lamina"]

    def test_recording_from_the_main_thread_never_waits(self, tmp_path: Path) -> None:
        big = np.random.default_rng(0).integers(0, 256, (2048, 2048, 4), dtype=np.uint8)
        document = Document(size=Size(2048, 2048), layers=(RasterLayer(pixels=PixelBuffer.from_array(big)),))
        with Project.create(tmp_path / "a.lamina", states(1)[0]) as project:
            project.record(Timeline.of(document))
            assert not project.flush(timeout_s=0.0)
            assert project.flush()
            assert project.document() == document


class TestWriter:
    def test_a_failed_write_is_told_and_tried_again(self) -> None:
        full = threading.Event()
        full.set()
        told: list[StudioError | None] = []
        written: list[Timeline] = []

        def write_or_fail(timeline: Timeline) -> None:
            if full.is_set():
                raise StudioError("The disk is full.", "Free some space.")
            written.append(timeline)

        timeline = timeline_of(states(1))
        writer = Writer(write_or_fail, told.append)
        writer.hand_over(timeline)
        with pytest.raises(StudioError, match="disk is full"):
            writer.flush()
        with pytest.raises(StudioError, match="disk is full"):
            writer.call(lambda: None)
        full.clear()
        deadline = time.monotonic() + 10 * RETRY_S
        while writer.problem is not None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert writer.flush()
        writer.stop()
        assert written == [timeline]
        assert [type(entry) for entry in told] == [StudioError, type(None)]

    def test_a_fault_of_ours_does_not_end_the_thread(self) -> None:
        writer = Writer(lambda _: (_ for _ in ()).throw(RuntimeError("bug")), lambda _: None)
        writer.hand_over(timeline_of(states(1)))
        with pytest.raises(StudioError, match="Could not save"):
            writer.flush()
        writer.stop()
        with pytest.raises(StudioError, match="closed"):
            writer.call(lambda: None)


class TestOtherFiles:
    def test_a_project_of_version_1_opens_and_is_brought_up_to_date(self, tmp_path: Path) -> None:
        path = tmp_path / "old.lamina"
        shutil.copyfile(V1, path)
        before = path.read_bytes()
        assert read(path).document.ppi == 99.0
        assert check(path) == []
        assert path.read_bytes() == before
        with Project.open(path) as project:
            restored = project.timeline()
            assert [step.label for step in restored.steps] == ["", "Paint 筆", "Undone"]
            assert restored.steps[0].document == random_document(101, size=Size(24, 16), layers=3)
            assert restored.steps[1].document.icc == b"not checked here"
            assert project.has_unsaved
            assert project.results() == ()
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("pragma user_version").fetchone()[0] == VERSION

    def test_a_project_of_version_2_has_no_selection_yet(self, tmp_path: Path) -> None:
        path = tmp_path / "old.lamina"
        shutil.copyfile(V2, path)
        first = random_document(202, size=Size(24, 16), layers=4)
        assert read(path).document == replace(first, ppi=201.0)
        assert check(path) == []
        with Project.open(path) as project:
            restored = project.timeline()
            assert [step.label for step in restored.steps] == ["", "Resolution 解像度"]
            assert restored.steps[0].document == first
            assert [result.id for result in project.results()] == ["r1"]
            selected = edits.select_rectangle(restored.document, Rect(2, 3, 9, 9))
            project.record(Timeline((*restored.steps, Step("Select", selected)), 2))
            project.save()
        assert read(path).document == selected

    def test_newer_and_foreign_databases_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a.lamina"
        write(random_document(1), path)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"pragma user_version = {VERSION + 1}")
        for opening in (lambda: read(path), lambda: Project.open(path)):
            with pytest.raises(FileFormatError, match="newer version"):
                opening()
        other = tmp_path / "other.lamina"
        with closing(sqlite3.connect(other)) as connection:
            connection.execute("create table t (x)")
        with pytest.raises(FileFormatError, match="not a Lamina project"):
            open_document(other)
        assert sorted(file.name for file in tmp_path.iterdir()) == ["a.lamina", "other.lamina"]

    def test_missing_and_other_files(self, tmp_path: Path) -> None:
        with pytest.raises(StudioError, match="no such file"):
            Project.open(tmp_path / "missing.lamina")
        (tmp_path / "text.lamina").write_text("SQLite it is not")
        with pytest.raises(FileFormatError, match="not a Lamina project"):
            read(tmp_path / "text.lamina")
        with pytest.raises(StudioError, match="Could not write"):
            write(random_document(1), tmp_path / "no folder" / "a.lamina")
        assert [file.name for file in tmp_path.iterdir()] == ["text.lamina"]
