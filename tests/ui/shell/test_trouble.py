"""What goes wrong with files in the window: nothing is lost, and the words are clear."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.feedback import report
from studio.core.layers import LayerId
from studio.io import atomic, formats
from studio.ui.dialogs import ReportDialog
from studio.ui.main_window import MainWindow
from tests.ui.shell.conftest import settle


def drop(window: MainWindow, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(window.rect().center(), copy, mime, left, none))
    QApplication.sendEvent(window, QDropEvent(QPointF(window.rect().center()), copy, mime, left, none))


def errors(window: MainWindow) -> list[str]:
    """Messages and hints of the errors that are shown."""
    return [f"{card.told.message} {card.told.hint}" for card in window.notices.cards if card.told.is_error]


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is written reaches its place."""

    def refuse(temporary: Path, path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(atomic, "_publish", refuse)


class TestDropping:
    @pytest.mark.parametrize("name", ["broken.psd", "broken.png", "broken.lamina", "notes.txt", "empty.jpg"])
    def test_a_broken_file_is_told_and_changes_nothing(
        self, opened: MainWindow, document: Document, qtbot: QtBot, tmp_path: Path, name: str
    ) -> None:
        heads = {"broken.psd": b"8BPS\x00\x01cut", "broken.png": b"\x89PNG\r\n\x1a\ncut"}
        heads["broken.lamina"] = b"SQLite format 3\x00cut"
        path = tmp_path / name
        path.write_bytes(b"" if name == "empty.jpg" else heads.get(name, b"just words"))
        drop(opened, path)
        settle(qtbot, opened)
        (told,) = errors(opened)
        assert name in told
        assert opened.session.document is document
        assert opened.keeper.name == "Test"

    def test_the_sound_ones_of_several_are_placed(
        self, opened: MainWindow, document: Document, qtbot: QtBot, tmp_path: Path
    ) -> None:
        formats.save_document(document, tmp_path / "sound.png")
        (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\ncut")
        drop(opened, tmp_path / "sound.png", tmp_path / "broken.png")
        settle(qtbot, opened)
        assert [layer.name for layer in opened.session.document.layers][-1] == "sound"
        assert len(opened.session.document.layers) == len(document.layers) + 1
        assert len(errors(opened)) == 1

    def test_a_folder_is_told(self, opened: MainWindow, document: Document, qtbot: QtBot, tmp_path: Path) -> None:
        drop(opened, tmp_path)
        settle(qtbot, opened)
        assert len(errors(opened)) == 1
        assert opened.session.document is document


class TestFullDisk:
    @pytest.mark.parametrize("name", ["work.psd", "work.ora", "work.lamina"])
    def test_a_save_that_fails_keeps_edits_and_the_old_file(
        self, opened: MainWindow, qtbot: QtBot, tmp_path: Path, full_disk: None, name: str
    ) -> None:
        path = tmp_path / name
        path.write_bytes(b"what was there")
        opened.session.select([LayerId("square")])
        opened.action_set["layer.duplicate"].trigger()
        edited = opened.session.document
        opened.files.save_to(path)
        settle(qtbot, opened)
        assert any(name in told and "No space left" in told for told in errors(opened))
        assert path.read_bytes() == b"what was there"
        assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == [name]
        assert opened.session.document is edited
        assert opened.keeper.is_modified
        assert opened.isWindowModified()

    def test_a_save_before_closing_that_fails_closes_nothing(
        self, opened: MainWindow, qtbot: QtBot, tmp_path: Path, full_disk: None
    ) -> None:
        opened.session.select([LayerId("square")])
        opened.action_set["layer.duplicate"].trigger()
        closed: list[bool] = []
        opened.files.save_to(tmp_path / "work.lamina", then=lambda: closed.append(True))
        settle(qtbot, opened)
        assert closed == []
        assert opened.session.has_document
        assert opened.isVisible()


class TestCancelling:
    def test_progress_is_shown_and_cancel_stops_the_work(self, opened: MainWindow, qtbot: QtBot) -> None:
        ended: list[BaseException] = []

        def work() -> None:
            while True:
                report(0.25)

        opened.work.start("Writing work.psd", work, lambda _: None, ended.append)
        qtbot.waitUntil(lambda: opened.status.cancel.isVisible())
        assert opened.status.bar.value() == 250
        assert opened.status.work.text() == "Writing work.psd"
        qtbot.mouseClick(opened.status.cancel, Qt.MouseButton.LeftButton)
        settle(qtbot, opened)
        assert [type(error).__name__ for error in ended] == ["JobCancelled"]
        assert not opened.status.cancel.isVisible()
        assert opened.status.work.text() == ""

    def test_a_cancelled_export_says_so_and_leaves_no_file(
        self, opened: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reached, go_on = threading.Event(), threading.Event()
        plain = formats.save_document

        def slow(document: Document, path: Path, *more: object) -> object:
            reached.set()
            assert go_on.wait(30)
            return plain(document, path, *more)  # pyright: ignore[reportArgumentType]  # passed on as it came

        monkeypatch.setattr(formats, "save_document", slow)
        opened.files.export_to(tmp_path / "out.ora")
        qtbot.waitUntil(lambda: bool(_accept_report(opened)))
        qtbot.waitUntil(reached.is_set)
        opened.work.cancel()
        go_on.set()
        settle(qtbot, opened)
        assert [card.told.message for card in opened.notices.cards] == ["Cancelled. Nothing was changed."]
        assert not (tmp_path / "out.ora").exists()

    def test_work_after_a_cancelled_one_runs(self, opened: MainWindow, qtbot: QtBot) -> None:
        def endless() -> None:
            while True:
                report(0.5)

        ended: list[object] = []
        opened.work.start("First", endless, ended.append, ended.append)
        opened.work.cancel()
        settle(qtbot, opened)
        opened.work.start("Second", lambda: report(0.5) or "done", ended.append, ended.append)
        settle(qtbot, opened)
        assert ended[1] == "done"


def _accept_report(window: MainWindow) -> bool:
    """Press the button that writes, once the report is there."""
    shown = [dialog for dialog in window.findChildren(ReportDialog) if dialog.isVisible()]
    for dialog in shown:
        dialog.accept()
    return bool(shown)
