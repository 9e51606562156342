"""Where the open document lives: its file, and the project on disk that keeps every edit of it safe. No Qt.

A `.lamina` file is itself that project. Any other document gets one of its own in the recovery folder at its first
edit; it goes when the document is saved or closed, and is offered at the next start when the program was killed.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import platformdirs

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.events import Event
from studio.core.history import History
from studio.core.layers import (
    BACKGROUND_NAME,
    RasterLayer,
)
from studio.core.pixels import Depth, Pixels, to_depth
from studio.io import formats
from studio.io.project import Project, Step, Timeline
from studio.io.project.live import replace_project
from studio.io.report import Notice
from studio.session import Session

Post = Callable[[Callable[[], None]], None]
PROJECT_SUFFIX = ".lamina"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A document just read, with its history, and the project it goes on living in, if any.

    `saved` is False when it holds edits that were not saved.
    """

    path: Path | None
    steps: tuple[tuple[str, Document], ...]
    cursor: int = 0
    saved: bool = True
    notices: tuple[Notice, ...] = ()
    project: Project | None = None
    read_only: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recoverable:
    """Work that the program did not get to save: its project, what it was called, and when it was last written."""

    project: Path
    name: str
    original: Path | None
    changed_s: float


def recovery_dir() -> Path:
    """Where projects of documents lie that are not projects themselves."""
    return platformdirs.user_data_path("lamina-studio", appauthor=False) / "recovery"


def is_project(path: Path) -> bool:
    """Whether the name is a project's."""
    return path.suffix.lower() == PROJECT_SUFFIX


def read(
    path: Path,
    *,
    read_only: bool = False,
    on_problem: Callable[[StudioError | None], None] | None = None,
    background: str = BACKGROUND_NAME,
) -> Loaded:
    """Read a file of any known format; may be called from any thread.

    A project stays open for writing, with its history, unless `read_only`. A flat opaque picture becomes one layer that
    is called `background`.
    Raises ProjectInUse when a project is open elsewhere, StudioError when the file cannot be read.
    """
    known = formats.format_of_file(path)
    if known.id != "lamina":
        opened = formats.open_document(path)
        document = opened.document
        if not known.layered and document.layers[0].name == BACKGROUND_NAME:
            document = edits.rename(document, document.layers[0].id, background)
        return Loaded(path=path, steps=(("", document),), notices=opened.notices, name=path.name)
    return _read_project(path, path, path.name, read_only=read_only, on_problem=on_problem)


def glimpse(path: Path) -> Pixels | None:
    """The picture that a PSD keeps of itself, (H, W, 4) straight RGBA of 8 bits; None where a file keeps none.

    It takes a fraction of the time that the layers do, and says nothing of faults: reading the file will.
    """
    from studio.io.psd import merged_preview  # as slow to import as the window is to start

    try:
        stored = merged_preview(path) if formats.format_of_file(path).id in ("psd", "psb") else None
    except (StudioError, OSError):
        return None
    return None if stored is None else to_depth(stored, Depth.EIGHT)


def picture_of(path: Path, depth: Depth) -> RasterLayer:
    """A file's picture as one layer, layered files flattened; may be called from any thread. Raises StudioError."""
    document = edits.flatten(formats.open_document(path).document, path.stem)
    layer = edits.convert_depth(document, depth).layers[0]
    assert isinstance(layer, RasterLayer)  # what flattening makes
    return layer


def recover(item: Recoverable, on_problem: Callable[[StudioError | None], None] | None = None) -> Loaded:
    """Read what was left over; may be called from any thread. Raises StudioError."""
    return _read_project(item.project, item.original, item.name, read_only=False, on_problem=on_problem)


def _read_project(
    file: Path,
    path: Path | None,
    name: str,
    *,
    read_only: bool,
    on_problem: Callable[[StudioError | None], None] | None,
) -> Loaded:

    project = Project.open(file, read_only=read_only, on_problem=on_problem)
    try:
        timeline = project.timeline()
        saved = not project.has_unsaved
    except BaseException:
        project.close()
        raise
    kept = None if project.is_read_only else project
    if kept is None:
        project.close()
    return Loaded(
        path=path,
        steps=tuple((step.label, step.document) for step in timeline.steps),
        cursor=timeline.cursor,
        saved=saved,
        project=kept,
        read_only=kept is None,
        name=name,
    )


def recoverable(folder: Path) -> list[Recoverable]:
    """What earlier runs left behind, newest first; leftovers with nothing in them are removed.

    Those of another window that is running now are left alone. May be called from any thread.
    """

    found: list[Recoverable] = []
    for file in folder.glob(f"*{PROJECT_SUFFIX}"):
        try:
            with Project.open(file) as project:
                wanted = project.has_unsaved
        except StudioError:  # in use, or so damaged that only `lamina doctor` may help
            continue
        if wanted:
            found.append(_described(file))
        else:
            _remove(file)
    return sorted(found, key=lambda item: -item.changed_s)


def discard(item: Recoverable) -> None:
    """Throw left-over work away."""
    _remove(item.project)


def _described(file: Path) -> Recoverable:
    try:
        told = cast("dict[str, object]", json.loads(_note_of(file).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        told = {}
    original = told.get("path")
    return Recoverable(
        project=file,
        name=str(told.get("name") or file.stem),
        original=Path(original) if isinstance(original, str) else None,
        changed_s=file.stat().st_mtime,
    )


def _note_of(file: Path) -> Path:
    return file.with_suffix(".json")


def _remove(file: Path) -> None:
    for part in (file, _note_of(file), file.with_name(f"{file.name}-journal")):
        part.unlink(missing_ok=True)


class DocumentKeeper:
    """The session's document and the project behind it. Its methods belong to the main thread.

    Call `keep_safe` soon after every change, as often as it asks for it. `troubled` brings the error when edits can no
    longer be written, and None when they can again.

    Args:
        post: brings news of other threads to the main thread.
        folder: for projects of documents that are not projects.
    """

    def __init__(self, session: Session, post: Post, folder: Path | None = None) -> None:
        self._session = session
        self._post = post
        self._folder = recovery_dir() if folder is None else folder
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="recovery")
        self._backing: _Backing | None = None
        self._making: Future[_Backing | StudioError] | None = None
        self._kept: tuple[int, Document | None, int] = (0, None, 0)
        self._cannot_keep = False
        self.name = ""
        self.read_only = False
        self.troubled = Event("documents.troubled", object)

    @property
    def folder(self) -> Path:
        """Where recovery projects lie."""
        return self._folder

    @property
    def is_modified(self) -> bool:
        """Whether something would be lost by closing."""
        return self._session.has_document and self._session.history.is_modified

    @property
    def lives_in_project(self) -> bool:
        """Whether the document's file is the project that its edits go to."""
        return self._backing is not None and not self._backing.temporary

    def tell_problem(self, problem: StudioError | None) -> None:
        """For `read`'s `on_problem`; may be called from any thread."""
        self._post(lambda: self.troubled.emit(problem))

    def take(self, loaded: Loaded) -> None:
        """Make a document that was read the open one. The last one must be closed."""
        self.name, self.read_only = loaded.name, loaded.read_only
        self._cannot_keep = False
        if loaded.project is not None:
            temporary = loaded.project.path.parent == self._folder
            self._backing = _Backing(loaded.project, temporary=temporary)
        self._session.restore(loaded.steps, loaded.cursor, saved=loaded.saved, path=loaded.path, notices=loaded.notices)
        self._kept = self._present()

    def close(self, *, keep_edits: bool) -> None:
        """Let the document go. Without `keep_edits` a project returns to its last save.

        Raises StudioError when the last edits of a project could not be written; the document is closed all the same.
        """
        making, self._making = self._making, None
        backing, self._backing = self._backing, None
        with ExitStack() as closing:  # the last one first, each whatever becomes of the others
            if self._session.has_document:
                closing.callback(self._session.shut)
            if backing is not None:
                closing.callback(backing.close, revert=not keep_edits)
            if making is not None:
                closing.callback(lambda: _drop(making.result()))

    def leave(self) -> None:
        """End the thread; after this nothing else may be called."""
        self._maker.shutdown(wait=True)

    def keep_safe(self) -> bool:
        """Hand the history to the disk; returns at once. False asks to be called again soon."""
        if not self._session.has_document or self._present() == self._kept:
            return True
        history = self._session.history
        if history.document is not history.steps[history.cursor][1]:
            return False  # in the middle of a gesture
        if self._backing is None:
            if not self._cannot_keep:
                self._make_backing()
            return True
        self._kept = self._present()
        self._backing.record(history)
        return True

    @property
    def is_kept(self) -> bool:
        """Whether the newest edits are on the disk."""
        return self._present() == self._kept and self._backing is not None and self._backing.project.flush(0)

    # Saving

    def save_project(self) -> Callable[[], None]:
        """What to run, on any thread, to make the present state the saved one; then call `saved`."""
        assert self._backing is not None, "the document lives in no project"
        self.keep_safe()
        return self._backing.project.save

    def saved(self, root: Document, path: Path | None = None) -> None:
        """`root` is what the file holds now; edits made since stay unsaved. `path` is where the document lives now."""
        if self._session.history.document is root:
            self._session.history.mark_saved()
        if path is not None:
            self._session.path = path
            self.name, self.read_only = path.name, False
            if self._backing is not None and self._backing.temporary and not self.is_modified:
                self._drop_backing()

    def save_as_project(self, path: Path) -> Callable[[], Project]:
        """What to run, on any thread, to write a project with the whole history; its result goes to `moved`."""
        history = self._session.history
        steps, cursor = history.steps, history.cursor
        backing = self._backing

        def write() -> Project:

            if backing is not None and not backing.temporary and backing.path.resolve() == path.resolve():
                backing.project.save()
                return backing.project
            replace_project(path, _timeline(steps, cursor))
            return Project.open(path, on_problem=self.tell_problem)

        return write

    def moved(self, project: Project, root: Document, path: Path) -> None:
        """The document lives in `project` from now on; `root` is what was saved there."""
        if self._backing is None or self._backing.project is not project:
            self._drop_backing()
            self._backing = _Backing(project, temporary=False)
        self._kept = (0, None, 0)
        self.saved(root, path)

    def _drop_backing(self) -> None:
        backing, self._backing = self._backing, None
        if backing is not None:
            backing.close(revert=not backing.temporary)

    def _present(self) -> tuple[int, Document | None, int]:
        history = self._session.history
        return len(history.labels), history.document, history.cursor

    def _make_backing(self) -> None:
        """Begin a project in the recovery folder, on a thread: writing all pixels takes a while."""
        if self._making is not None:
            return
        history = self._session.history
        file = self._folder / f"{uuid.uuid4().hex}{PROJECT_SUFFIX}"
        note = {"name": self.name, "path": None if self._session.path is None else str(self._session.path)}
        root = history.steps[0][1]

        def make() -> _Backing | StudioError:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                _note_of(file).write_text(json.dumps(note), encoding="utf-8")
                made = _Backing(Project.create(file, root, on_problem=self.tell_problem), temporary=True)
            except StudioError as error:
                made = error
            except (OSError, MemoryError) as error:
                made = StudioError("Your edits cannot be kept safe on the disk.", "Save the document.", repr(error))
            self._post(lambda: self._on_made(made))
            return made

        self._making = self._maker.submit(make)

    def _on_made(self, made: _Backing | StudioError) -> None:
        if self._making is None or self._making.result() is not made:
            return  # the document was closed meanwhile, and its project with it
        self._making = None
        if self._backing is not None:  # the document was saved as a project meanwhile
            _drop(made)
        elif isinstance(made, StudioError):
            self._cannot_keep = True
            self.troubled.emit(made)
        else:
            self._backing = made
            self.keep_safe()


class _Backing:
    """The project behind the open document; a temporary one goes when it is closed."""

    def __init__(self, project: Project, *, temporary: bool) -> None:
        self.project = project
        self.temporary = temporary

    @property
    def path(self) -> Path:
        return self.project.path

    def record(self, history: History) -> None:
        self.project.record(_timeline(history.steps, history.cursor))

    def close(self, *, revert: bool) -> None:
        """Let go of the file; `revert` takes a lasting project back to its last save first. Raises StudioError."""
        if self.temporary:
            with suppress(StudioError):  # what could not be written goes anyway
                self.project.close()
            try:
                _remove(self.path)
            except OSError as error:
                hint = "It is offered again at the next start."
                raise StudioError("A copy kept for recovery could not be removed.", hint, repr(error)) from error
            return
        try:
            if revert:
                self.project.revert()
        finally:
            self.project.close()


def _drop(made: _Backing | StudioError) -> None:
    """Let a project in the recovery folder go that came too late to be needed. Raises StudioError."""
    if isinstance(made, _Backing):
        made.close(revert=True)


def _timeline(steps: Sequence[tuple[str, Document]], cursor: int) -> Timeline:
    return Timeline(tuple(Step(label, root) for label, root in steps), cursor)
