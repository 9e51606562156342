"""Where documents live: projects, recovery after a kill, saving elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from studio import documents
from studio.core import edits
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.geometry import Size
from studio.core.layers import ColorLabel, LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.documents import DocumentKeeper, Loaded
from studio.io import formats
from studio.io.project import Project, ProjectInUse
from studio.plugin_host.registry import Registry
from studio.session import Session
from tests.support.killing import abandon


class Posted:
    """What other threads posted, run when the test says so: the main thread's event loop."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def __call__(self, function: Callable[[], None]) -> None:
        self.waiting.append(function)

    def run(self) -> None:
        while self.waiting:
            self.waiting.pop(0)()


@pytest.fixture
def posted() -> Posted:
    return Posted()


@pytest.fixture
def session() -> Session:
    return Session(Registry())


@pytest.fixture
def keeper(session: Session, posted: Posted, tmp_path: Path) -> Iterator[DocumentKeeper]:
    keeper = DocumentKeeper(session, posted, tmp_path / "recovery")
    yield keeper
    keeper.close(keep_edits=True)
    keeper.leave()


@pytest.fixture
def document() -> Document:
    pixels = PixelBuffer.from_array(np.full((30, 40, 4), 200, np.uint8))
    return Document(size=Size(40, 30), layers=(RasterLayer(id=LayerId("a"), name="A", pixels=pixels),))


def rename(session: Session, name: str) -> None:
    session.history.apply(edits.step(edits.rename, LayerId("a"), name))


def kept_safe(keeper: DocumentKeeper, posted: Posted) -> None:
    """Do what the window's timer does, until the edits are in a project."""
    keeper.keep_safe()
    making = keeper._making  # pyright: ignore[reportPrivateUsage]  # the thread's end has no other sign
    if making is not None:
        making.result()
    posted.run()


class TestClosing:
    def test_the_document_is_closed_though_its_copy_cannot_be_removed(
        self, keeper: DocumentKeeper, session: Session, document: Document, posted: Posted
    ) -> None:
        keeper.take(Loaded(path=None, steps=(("", document),), name="New"))
        rename(session, "First")
        kept_safe(keeper, posted)
        (note,) = keeper.folder.glob("*.json")
        note.unlink()
        note.mkdir()  # which is no file to remove
        with pytest.raises(StudioError, match="could not be removed"):
            keeper.close(keep_edits=False)
        assert not session.has_document

    @pytest.mark.parametrize("heard", [True, False], ids=["heard", "closed before"])
    def test_a_document_saved_while_its_copy_is_begun_lives_in_its_project(
        self, keeper: DocumentKeeper, session: Session, document: Document, posted: Posted, tmp_path: Path, heard: bool
    ) -> None:
        keeper.take(Loaded(path=None, steps=(("", document),), name="New"))
        rename(session, "First")
        keeper.keep_safe()
        path = tmp_path / "work.lamina"
        keeper.moved(keeper.save_as_project(path)(), session.document, path)
        if heard:
            kept_safe(keeper, posted)
            assert keeper.lives_in_project
        keeper.close(keep_edits=True)
        posted.run()
        Project.open(path).close()  # nobody holds it any more
        assert list(keeper.folder.glob("*")) == []


class TestUnsavedWork:
    def test_an_unchanged_document_leaves_no_project(
        self, keeper: DocumentKeeper, document: Document, posted: Posted
    ) -> None:
        keeper.take(Loaded(path=None, steps=(("", document),), name="New"))
        kept_safe(keeper, posted)
        assert not keeper.folder.exists()

    def test_survives_a_kill(
        self, keeper: DocumentKeeper, session: Session, document: Document, posted: Posted, tmp_path: Path
    ) -> None:
        keeper.take(Loaded(path=tmp_path / "photo.png", steps=(("", document),), name="photo.png"))
        rename(session, "First")
        kept_safe(keeper, posted)
        rename(session, "Second")
        keeper.keep_safe()
        abandon(keeper, session)

        (found,) = documents.recoverable(keeper.folder)
        assert (found.name, found.original) == ("photo.png", tmp_path / "photo.png")
        loaded = documents.recover(found)
        assert not loaded.saved
        keeper.take(loaded)
        assert session.document.layer(LayerId("a")).name == "Second"
        assert keeper.is_modified
        session.history.undo()
        session.history.undo()
        assert session.document == document
        assert keeper.is_modified  # what is on the disk is older still

    def test_what_was_amended_survives_too(
        self, keeper: DocumentKeeper, session: Session, document: Document, posted: Posted
    ) -> None:
        keeper.take(Loaded(path=None, steps=(("", document),), name="New"))
        rename(session, "First")
        kept_safe(keeper, posted)
        session.history.amend(edits.step(edits.set_label, LayerId("a"), ColorLabel.RED))
        assert not keeper.is_kept
        keeper.keep_safe()
        abandon(keeper, session)
        (found,) = documents.recoverable(keeper.folder)
        loaded = documents.recover(found)
        assert [label for label, _ in loaded.steps] == ["", "Rename layer"]
        assert loaded.steps[1][1].layer(LayerId("a")).label is ColorLabel.RED
        keeper.take(loaded)

    def test_goes_when_it_is_discarded(
        self, keeper: DocumentKeeper, session: Session, document: Document, posted: Posted
    ) -> None:
        keeper.take(Loaded(path=None, steps=(("", document),), name="New"))
        rename(session, "B")
        kept_safe(keeper, posted)
        assert list(keeper.folder.glob("*.lamina"))
        keeper.close(keep_edits=False)
        assert list(keeper.folder.iterdir()) == []
        assert not session.has_document

    def test_closing_while_its_project_is_made_leaves_nothing(
        self, keeper: DocumentKeeper, session: Session, document: Document, posted: Posted
    ) -> None:
        keeper.take(Loaded(path=None, steps=(("", document),), name="New"))
        rename(session, "B")
        keeper.keep_safe()
        keeper.close(keep_edits=False)
        posted.run()
        assert list(keeper.folder.iterdir()) == []

    def test_of_a_window_that_runs_is_left_alone(
        self, keeper: DocumentKeeper, session: Session, document: Document, posted: Posted
    ) -> None:
        keeper.take(Loaded(path=None, steps=(("", document),), name="New"))
        rename(session, "B")
        kept_safe(keeper, posted)
        assert documents.recoverable(keeper.folder) == []
        assert list(keeper.folder.glob("*.lamina"))

    def test_a_gesture_is_kept_when_it_ends(
        self, keeper: DocumentKeeper, session: Session, document: Document, posted: Posted
    ) -> None:
        keeper.take(Loaded(path=None, steps=(("", document),), name="New"))
        with session.history.transaction("Paint"):
            rename(session, "B")
            assert not keeper.keep_safe()
        kept_safe(keeper, posted)
        backing = keeper._backing  # pyright: ignore[reportPrivateUsage]
        assert backing is not None
        backing.project.flush()
        assert backing.project.document().layer(LayerId("a")).name == "B"


class TestProjects:
    @pytest.fixture
    def project(self, tmp_path: Path, document: Document) -> Path:
        path = tmp_path / "work.lamina"
        formats.save_document(document, path)
        return path

    def test_edits_come_back_with_their_history(
        self, keeper: DocumentKeeper, session: Session, project: Path, posted: Posted
    ) -> None:
        keeper.take(documents.read(project))
        rename(session, "B")
        kept_safe(keeper, posted)
        keeper.close(keep_edits=True)
        keeper.take(documents.read(project))
        assert session.document.layer(LayerId("a")).name == "B"
        assert keeper.is_modified
        assert session.history.undo_label == "Rename layer"

    def test_not_saving_returns_to_the_last_save(
        self, keeper: DocumentKeeper, session: Session, project: Path, posted: Posted
    ) -> None:
        keeper.take(documents.read(project))
        rename(session, "B")
        kept_safe(keeper, posted)
        keeper.close(keep_edits=False)
        keeper.take(documents.read(project))
        assert session.document.layer(LayerId("a")).name == "A"
        assert not keeper.is_modified

    def test_save_marks_the_present_state(self, keeper: DocumentKeeper, session: Session, project: Path) -> None:
        keeper.take(documents.read(project))
        rename(session, "B")
        root = session.document
        keeper.save_project()()
        keeper.saved(root, project)
        assert not keeper.is_modified
        keeper.close(keep_edits=False)
        assert documents.read(project, read_only=True).saved

    def test_a_second_window_may_only_read(self, keeper: DocumentKeeper, project: Path, posted: Posted) -> None:
        keeper.take(documents.read(project))
        with pytest.raises(ProjectInUse):
            documents.read(project)
        loaded = documents.read(project, read_only=True)
        assert loaded.read_only
        assert loaded.project is None

    def test_save_as_keeps_the_history_and_moves_there(
        self, keeper: DocumentKeeper, session: Session, project: Path, tmp_path: Path
    ) -> None:
        keeper.take(documents.read(project))
        rename(session, "B")
        root, other = session.document, tmp_path / "other.lamina"
        keeper.moved(keeper.save_as_project(other)(), root, other)
        assert (session.path, keeper.name, keeper.is_modified) == (other, "other.lamina", False)
        session.history.undo()
        keeper.keep_safe()
        keeper.close(keep_edits=True)
        with Project.open(other) as kept:
            assert kept.document().layer(LayerId("a")).name == "A"
        assert documents.read(project, read_only=True).steps[-1][1].layer(LayerId("a")).name == "A"


def test_a_picture_becomes_a_project_and_its_recovery_goes(
    keeper: DocumentKeeper, session: Session, document: Document, posted: Posted, tmp_path: Path
) -> None:
    picture = tmp_path / "photo.png"
    formats.save_document(document, picture)
    keeper.take(documents.read(picture))
    assert not keeper.lives_in_project
    session.apply("Rename layer", lambda root: edits.rename(root, root.layers[0].id, "B"))
    kept_safe(keeper, posted)
    root, path = session.document, tmp_path / "photo.lamina"
    keeper.moved(keeper.save_as_project(path)(), root, path)
    assert keeper.lives_in_project
    assert list(keeper.folder.iterdir()) == []


def test_a_disk_that_cannot_be_written_is_told_once(
    session: Session, document: Document, posted: Posted, tmp_path: Path
) -> None:
    blocked = tmp_path / "recovery"
    blocked.write_text("a file where the folder should be")
    keeper = DocumentKeeper(session, posted, blocked)
    heard: list[object] = []
    held = keeper.troubled.connect(heard.append)
    keeper.take(Loaded(path=None, steps=(("", document),), name="New"))
    rename(session, "B")
    kept_safe(keeper, posted)
    kept_safe(keeper, posted)
    assert len(heard) == 1
    assert session.document.layer(LayerId("a")).name == "B"
    held.close()
    keeper.close(keep_edits=False)
    keeper.leave()


def test_a_placed_picture_has_the_depth_of_the_document(document: Document, tmp_path: Path) -> None:
    picture = tmp_path / "photo.png"
    formats.save_document(document, picture)
    layer = documents.picture_of(picture, documents.Depth.SIXTEEN)
    assert (layer.name, layer.pixels.depth, layer.pixels.size) == ("photo", documents.Depth.SIXTEEN, Size(40, 30))
