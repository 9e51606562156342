"""Opening, saving, exporting, placing and closing, as the user meets them: questions, progress, reports.

What happens to the bytes is in studio/documents.py; here it runs beside the window, and its errors become notices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QWidget

from studio import documents, resources
from studio.core import edits
from studio.core.document import Document
from studio.core.edits.areas import selected_area
from studio.core.errors import JobCancelled, StudioError
from studio.core.geometry import Point, Size
from studio.core.history import LabelledEdit
from studio.core.layers import LayerId, RasterLayer
from studio.documents import DocumentKeeper, Loaded, Recoverable
from studio.io import formats
from studio.io.delivery import Adjustments
from studio.io.project import Project, ProjectInUse
from studio.io.report import Notice, Written, losses
from studio.ui import text
from studio.ui.action_table import put_above
from studio.ui.actions import Shell
from studio.ui.clipboard import Clip, clip_of, clip_on, layer_of
from studio.ui.dialogs import Answer, NewDialog, ReportDialog, answer_of, unsaved_box
from studio.ui.glimpse import glimpse_of
from studio.ui.notices import Offer
from studio.ui.text import say
from studio.ui.work import FileWork

SAMPLE = "still_life.jpg"
NEW_SIZE = Size(1920, 1080)
DIALOG_SIZE = (820, 540)
LAYERED = {"lamina", "psd", "psb", "ora"}
GATE_FIGURE = "largest difference in 1/255"


T = TypeVar("T")


class FileFlow(QObject):
    """`changed` tells that the file, its name or what is busy is another."""

    changed = Signal()
    glimpsed = Signal(object)

    def __init__(self, shell: Shell, keeper: DocumentKeeper, work: FileWork, window: QWidget) -> None:
        super().__init__(window)
        self._shell = shell
        self._keeper = keeper
        self._work = work
        self._window = window
        work.changed.connect(lambda _: self.changed.emit())

    @property
    def is_busy(self) -> bool:
        return self._work.is_busy

    @property
    def has_changed(self) -> bool:
        """Whether saving would write something: changes, or a document that has no file yet."""
        session = self._shell.session
        pending = self._shell.canvas.tool.is_pending
        return session.has_document and (self._keeper.is_modified or pending or session.path is None)

    # Opening

    def new(self) -> None:
        """Ask for a size and begin an empty document."""
        dialog = NewDialog(NEW_SIZE, self._window)
        dialog.accepted.connect(lambda: self._begin(dialog.document(), say(text.UNTITLED)))
        _show(dialog)

    def choose_and_open(self) -> None:
        """Ask for a file and open it."""
        dialog = self._dialog(say(text.OPEN_TITLE), QFileDialog.AcceptMode.AcceptOpen, [_all_pictures()])
        dialog.fileSelected.connect(lambda name: self.open(Path(name)))
        _show(dialog)

    def open_sample(self) -> None:
        """Open the picture that comes with the program, as a document without a file."""
        path = resources.sample(SAMPLE)

        def load() -> Loaded:
            read = documents.read(path, background=say(text.BACKGROUND))
            return Loaded(path=None, steps=read.steps, name=path.name)

        self._after_closing(lambda: self._load(path.name, load, remember=None))

    def open(self, path: Path) -> None:
        """Open a file in place of the open document, after asking about unsaved work."""
        if not path.exists():
            self._shell.settings.forget(path)
            self._shell.notices.fail(
                StudioError(say(text.MISSING_FILE, name=path.name), say(text.MISSING_FILE_HINT), str(path))
            )
            return
        read = partial(documents.read, path, on_problem=self._keeper.tell_problem, background=say(text.BACKGROUND))

        def load() -> None:
            if not self._shell.session.has_document:
                self._work.start("", lambda: glimpse_of(path), self._glimpsed, self._failed)
            self._load(path.name, read, remember=path)

        self._after_closing(load)

    def _glimpsed(self, image: QImage | None) -> None:
        if image is not None and not self._shell.session.has_document:
            self.glimpsed.emit(image)

    def recover(self, item: Recoverable) -> None:
        """Open work that an earlier run left behind."""
        read = partial(documents.recover, item, on_problem=self._keeper.tell_problem)

        def told() -> None:
            self._shell.notices.tell(say(text.RECOVERED, name=item.name))

        self._after_closing(lambda: self._load(item.name, read, remember=None, then=told))

    def _load(
        self, name: str, read: Callable[[], Loaded], *, remember: Path | None, then: Callable[[], None] | None = None
    ) -> None:
        def loaded(result: Loaded) -> None:
            if not self._settled() or self._keeper.is_modified:  # since reading began, by the user or by a job
                self._give_up(result)
                self._after_closing(lambda: self._load(name, read, remember=remember, then=then))
                return
            self._let_go()
            self._take(result)
            if remember is not None:
                self._shell.settings.opened(remember)
            if then is not None:
                then()
            self.changed.emit()

        def failed(error: BaseException) -> None:
            if isinstance(error, ProjectInUse) and remember is not None:
                self._offer_read_only(remember)
            else:
                self._failed(error)

        self._work.start(say(text.OPENING, name=name), read, loaded, failed)

    def _give_up(self, result: Loaded) -> None:
        """Let go of a document that was read and is not opened: its project is free to be read again."""
        if result.project is not None:
            try:
                result.project.close()
            except StudioError as error:
                self._shell.notices.fail(error)

    def _failed(self, error: BaseException) -> None:
        """Tell how work on a file ended that did not come to its end."""
        if isinstance(error, JobCancelled):
            self._shell.notices.tell(say(text.CANCELLED))
        else:
            self._shell.notices.fail(error)

    def _take(self, result: Loaded) -> None:
        self._keeper.take(result)
        if result.notices:
            name, notices = result.name, result.notices
            offer = Offer(say(text.SHOW_REPORT), lambda: self._show_report(name, notices))
            self._shell.notices.tell(say(text.OPENED_CHANGED, name=name, count=len(notices)), offer=offer)
        if not result.saved and self._keeper.lives_in_project:
            offer = Offer(say(text.BACK_TO_SAVED), self._back_to_saved)
            self._shell.notices.tell(say(text.REOPENED_UNSAVED, name=result.name), offer=offer)

    def _show_report(self, name: str, notices: Sequence[Notice]) -> None:
        title = say(text.REPORT_TITLE_OPEN, name=name)
        _show(ReportDialog(title, say(text.REPORT_LEAD_OPEN), notices, self._window, asks=False))

    def _back_to_saved(self) -> None:
        path = self._shell.session.path
        if path is not None:
            self._let_go(keep_edits=False)
            self.open(path)

    def _offer_read_only(self, path: Path) -> None:
        box = QMessageBox(self._window)
        box.setObjectName("in_use")
        box.setWindowTitle(say(text.OPEN_TITLE))
        box.setText(say(text.IN_USE_TEXT, name=path.name))
        box.setInformativeText(say(text.IN_USE_HINT))
        box.addButton(say(text.OPEN_READ_ONLY), QMessageBox.ButtonRole.AcceptRole)
        box.setEscapeButton(box.addButton(say(text.CANCEL), QMessageBox.ButtonRole.RejectRole))
        read = partial(documents.read, path, read_only=True, background=say(text.BACKGROUND))
        box.accepted.connect(lambda: self._load(path.name, read, remember=None))
        _show(box)

    def begin(self, document: Document, name: str) -> None:
        """Open a document that was made and has no file yet, after asking about unsaved work."""
        self._begin(document, name)

    def _begin(self, document: Document, name: str) -> None:
        self._after_closing(lambda: self._start(document, name))

    def _start(self, document: Document, name: str) -> None:
        self._let_go()
        self._keeper.take(Loaded(path=None, steps=(("", document),), name=name))
        self.changed.emit()

    # Closing

    def close(self) -> None:
        """Close the document, after asking about unsaved work."""
        self._after_closing(self._shut)

    def ask_to_close(self, then: Callable[[], None]) -> None:
        """Run `then` once nothing is lost by closing; not at all when the user cancels."""
        self._after_closing(then, ends=True)

    def _shut(self) -> None:
        self._let_go()
        self.changed.emit()

    def _settled(self) -> bool:
        """Make what a tool has pending a part of the document; False where that cannot be, which the tool told."""
        return self._shell.canvas.tool.settle()

    def _after_closing(self, then: Callable[[], None], *, ends: bool = False) -> None:
        """Run `then` once nothing is lost by it; `ends` when the whole program ends, and its jobs with it."""
        if not self._settled():
            return
        if not self._keeper.is_modified:
            then()
            return
        session = self._shell.session
        job_runs = not ends and session.has_jobs and session.jobs.running is not None
        box = unsaved_box(self._keeper.name, self._window, job_runs=job_runs)

        def answered(_: int) -> None:
            answer = answer_of(box)
            if answer is Answer.SAVE:
                self._save(then=lambda: self._after_closing(then, ends=ends))  # edits go on while a file is written
            elif answer is Answer.DISCARD:
                self._let_go(keep_edits=False)
                then()

        box.finished.connect(answered)
        _show(box)

    def _let_go(self, *, keep_edits: bool = True) -> None:
        try:
            self._keeper.close(keep_edits=keep_edits)
        except StudioError as error:
            self._shell.notices.fail(error)

    # Saving

    def save(self) -> None:
        """Write the document where it came from; ask for a project's name where that cannot hold it."""
        self._save()

    def _save(self, then: Callable[[], None] | None = None) -> None:
        if not self._settled():
            return
        path = self._shell.session.path
        if path is None or self._keeper.read_only:
            self._save_as(then)
        elif self._keeper.lives_in_project:
            root = self._shell.session.document
            self._write(path, self._keeper.save_project(), lambda _: self._on_saved(root, path, then))
        elif formats.format_for_writing(path).id in LAYERED:
            self._write_document(path, then)
        else:
            self._shell.notices.tell(say(text.FLAT_SAVE_HINT, name=path.name))
            self._save_as(then)

    def save_as(self) -> None:
        """Ask for a name and save there; the document lives there from then on."""
        self._save_as()

    def _save_as(self, then: Callable[[], None] | None = None) -> None:
        kinds = [entry for entry in formats.FORMATS if entry.id in LAYERED]
        dialog = self._dialog(
            say(text.SAVE_TITLE), QFileDialog.AcceptMode.AcceptSave, [_filter(kind) for kind in kinds]
        )
        dialog.setDefaultSuffix("lamina")
        dialog.selectFile(f"{Path(self._keeper.name).stem}.lamina")
        dialog.fileSelected.connect(lambda name: self.save_to(Path(name), then))
        _show(dialog)

    def save_to(self, path: Path, then: Callable[[], None] | None = None) -> None:
        """Save under this name, as the extension says; the document lives there from then on."""
        if not self._settled():
            return
        if formats.format_for_writing(path).id != "lamina":
            self._write_document(path, then)
            return
        root = self._shell.session.document

        def moved(project: Project) -> None:
            self._keeper.moved(project, root, path)
            self._on_saved(root, path, then)

        self._write(path, self._keeper.save_as_project(path), moved)

    def _write_document(self, path: Path, then: Callable[[], None] | None) -> None:
        root = self._shell.session.document

        def write() -> None:
            saving = partial(formats.save_document, root, path, Adjustments.LIVE)
            self._write(path, saving, lambda _: self._on_saved(root, path, then))

        # The document lives on in this file, so it keeps what can be edited; exporting is for other programs.
        self._show_plan(root, path, write, Adjustments.LIVE, only_losses=True)

    def _on_saved(self, root: Document, path: Path, then: Callable[[], None] | None) -> None:
        self._keeper.saved(root, path)
        self._shell.settings.opened(path)
        self._shell.notices.tell(say(text.SAVED, name=path.name))
        self.changed.emit()
        if then is not None:
            then()

    # Exporting

    def export(self) -> None:
        """Ask for a name, show what the format keeps, and write a copy."""
        kinds = [_filter(entry) for entry in formats.FORMATS if entry.id != "lamina"]
        dialog = self._dialog(say(text.EXPORT_TITLE), QFileDialog.AcceptMode.AcceptSave, kinds)
        dialog.setDefaultSuffix("psd")
        dialog.selectFile(f"{Path(self._keeper.name).stem}.psd")
        dialog.fileSelected.connect(lambda name: self.export_to(Path(name)))
        _show(dialog)

    def export_to(self, path: Path) -> None:
        """Show what the format keeps, and write a copy when the user agrees."""
        if not self._settled():
            return
        root = self._shell.session.document

        def written(result: Written) -> None:
            self._shell.notices.tell(_exported(path, result))
            self.changed.emit()

        def write() -> None:
            self._write(path, partial(formats.save_document, root, path), written, stage=text.EXPORTING)

        self._show_plan(root, path, write, Adjustments.BAKED, only_losses=False)

    def _show_plan(
        self, root: Document, path: Path, write: Callable[[], None], adjustments: Adjustments, *, only_losses: bool
    ) -> None:
        entry = formats.format_for_writing(path)

        def planned(notices: tuple[Notice, ...]) -> None:
            if only_losses and not losses(notices):
                write()
                return
            lead = text.REPORT_LEAD_WRITE if losses(notices) else text.REPORT_LEAD_LOSSLESS
            title = say(text.REPORT_TITLE_WRITE, name=path.name)
            dialog = ReportDialog(title, say(lead, format=entry.title), notices, self._window, asks=True)
            dialog.accepted.connect(write)
            _show(dialog)

        plan = partial(formats.plan_document, root, path, adjustments)
        self._work.start(say(text.SAVING, name=path.name), plan, planned, self._failed)

    def _write(self, path: Path, write: Callable[[], T], then: Callable[[T], None], stage: str = text.SAVING) -> None:
        self._work.start(say(stage, name=path.name), write, then, self._failed)

    # Placing

    def place(self) -> None:
        """Ask for a picture and put it above the active layer."""
        dialog = self._dialog(say(text.PLACE_TITLE), QFileDialog.AcceptMode.AcceptOpen, [_all_pictures()])
        dialog.fileSelected.connect(lambda name: self.place_file(Path(name)))
        _show(dialog)

    def place_file(self, path: Path) -> None:
        """Put the picture of a file above the active layer, as one undo step."""

        def placed(layer: RasterLayer) -> None:
            if self._shell.session.has_document:
                put_above(self._shell, _centred(layer, self._shell.session.document))
                self._shell.notices.tell(say(text.PLACED, name=path.name))

        depth = self._shell.session.document.depth
        read = partial(documents.picture_of, path, depth)
        self._work.start(say(text.OPENING, name=path.name), read, placed, self._failed)

    def paste(self) -> None:
        """Put the clipboard's picture above the active layer; open it when nothing is open."""
        clip = clip_on(QGuiApplication.clipboard().mimeData())
        if clip.is_empty:
            self._shell.notices.tell(say(text.NOTHING_PASTED))
        else:
            self._put_clip(clip)

    def _put_clip(self, clip: Clip) -> None:
        """A layer above the active one; a document of its own when nothing is open."""
        session = self._shell.session
        if session.has_document:
            layer = layer_of(clip, say(text.PASTED_NAME), session.document.depth)
            put_above(self._shell, _centred(layer, session.document))
        else:
            layer = layer_of(clip, say(text.PASTED_NAME))
            document = Document(size=layer.pixels.size, depth=layer.pixels.depth, layers=(layer,))
            self._begin(document, say(text.UNTITLED))

    def copy_merged(self) -> None:
        """Put the picture as it looks on the clipboard, as far as it is selected."""
        self._copy(self._shell.session.document, None)

    def copy(self, *, cut: bool = False) -> None:
        """Put what is selected of the active layer on the clipboard, and with `cut` take it away there."""
        session = self._shell.session
        root, layer = session.document, session.selection[0]
        if cut:
            self._cut(root, layer)
        else:
            self._copy(root, layer)

    def _cut(self, root: Document, layer: LayerId) -> None:
        session = self._shell.session
        history, clear = session.history, edits.step(edits.clear_selected, layer)

        def done(found: tuple[Clip, Document]) -> None:
            clip, cleared = found
            if not session.has_document or session.history is not history:
                return
            if session.document is not root:  # something else was done meanwhile: cut from that
                self._cut(session.document, layer)
            elif clip.is_empty:
                self._shell.notices.tell(say(text.COPIED_NOTHING))
            else:
                clip.put()
                history.apply(replace(clear, function=lambda _: cleared))
                self._shell.notices.tell(say(text.COPIED_LAYER))

        self._work.start(say(text.STATUS_WORK), lambda: (clip_of(root, layer), clear(root)), done, self._failed)

    def _copy(self, root: Document, layer: LayerId | None) -> None:
        def done(clip: Clip) -> None:
            if clip.is_empty:
                self._shell.notices.tell(say(text.COPIED_NOTHING))
                return
            clip.put()
            self._shell.notices.tell(say(text.COPIED if layer is None else text.COPIED_LAYER))

        self._work.start(say(text.STATUS_WORK), lambda: clip_of(root, layer), done, self._failed)

    def carry_out(self, stage: str, edit: LabelledEdit) -> None:
        """Do an edit that takes long beside the window; where the document changed meanwhile, do it to that instead."""
        base = self._shell.session.document

        def done(result: Document) -> None:
            made = replace(edit, function=lambda document: result if document is base else edit(document))
            try:
                self._shell.session.history.apply(made)
            except StudioError as error:
                self._failed(error)

        self._work.start(stage, lambda: edit(base), done, self._failed)

    def take_drop(self, mime: QMimeData) -> None:
        """What was dropped on the window: pictures go into the open document, layered files are opened."""
        paths = dropped_files(mime)
        if not paths:
            clip = clip_on(mime)
            if not clip.is_empty:
                self._put_clip(clip)
            return
        if not self._shell.session.has_document or documents.is_project(paths[0]) or _is_layered(paths[0]):
            self.open(paths[0])
            return
        for path in paths:
            self.place_file(path)

    # Comparing

    def compare(self) -> None:
        """Show how far the stack is from the picture the history began with."""
        # Here, because it brings OpenCV, which the start of the window need not wait for.
        from studio.ui.comparison import CompareDialog, Comparison, compared

        history = self._shell.session.history
        first, now = history.steps[0][1], history.document

        def show(found: Comparison) -> None:
            _show(CompareDialog(found, self._window))

        self._work.start(say(text.STATUS_WORK), partial(compared, first, now), show, self._failed)

    def _dialog(self, title: str, mode: QFileDialog.AcceptMode, filters: list[str]) -> QFileDialog:
        dialog = QFileDialog(self._window, title, self._shell.settings.now.folder or str(Path.home()))
        dialog.setAcceptMode(mode)
        opens = mode is QFileDialog.AcceptMode.AcceptOpen
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile if opens else QFileDialog.FileMode.AnyFile)
        dialog.setNameFilters(filters)
        dialog.resize(*DIALOG_SIZE)
        return dialog


def dropped_files(mime: QMimeData) -> list[Path]:
    """The local files of a drop."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def _is_layered(path: Path) -> bool:
    try:
        return formats.format_of_file(path).layered
    except StudioError:
        return True  # opening it says what is wrong


def _centred(layer: RasterLayer, document: Document) -> RasterLayer:
    """In the middle of what is selected, else of the canvas; what was copied from there comes to lie where it was."""
    size, area = layer.pixels.size, selected_area(document)
    origin = Point(area.left + (area.width - size.width) // 2, area.top + (area.height - size.height) // 2)
    return replace(layer, origin=origin)


def _exported(path: Path, result: Written) -> str:
    found = [value for name, value in result.figures if name.endswith(GATE_FIGURE)]
    if found:
        return say(text.EXPORTED_CHECKED, name=path.name, difference=f"{max(found):g}")
    return say(text.EXPORTED, name=path.name)


def _all_pictures() -> str:
    patterns = " ".join(f"*{extension}" for entry in formats.FORMATS for extension in entry.extensions)
    return f"{say(text.FILTER_ALL)} ({patterns})"


def _filter(entry: formats.Format) -> str:
    return f"{entry.title} ({' '.join(f'*{extension}' for extension in entry.extensions)})"


def _show(dialog: QDialog) -> None:
    """Ask without stopping the window; the dialog goes when it is answered."""
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
