"""Opening, saving, exporting, dropping, pasting and closing, by real events and dialogs."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.adjustments import BrightnessContrast
from studio.core.compositing import composite
from studio.core.difference import distance_map
from studio.core.document import Document
from studio.core.layers import AdjustmentLayer, LayerId, RasterLayer
from studio.io import formats
from studio.ui.comparison import CompareDialog
from studio.ui.dialogs import NewDialog, ReportDialog
from studio.ui.main_window import MainWindow
from tests.support.killing import abandon
from tests.ui.shell.conftest import Make, settle

D = TypeVar("D", QFileDialog, QMessageBox, NewDialog, ReportDialog)


def asked(window: MainWindow, qtbot: QtBot, kind: type[D]) -> D:
    """The dialog of this kind that the window shows."""

    def shown() -> list[D]:
        return [dialog for dialog in window.findChildren(kind) if dialog.isVisible()]

    qtbot.waitUntil(lambda: len(shown()) == 1)
    return shown()[0]


def answer(window: MainWindow, qtbot: QtBot, label: str) -> None:
    """Press the button with this label in the question that is shown."""
    box = asked(window, qtbot, QMessageBox)
    (button,) = (button for button in box.buttons() if button.text() == label)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def agree(window: MainWindow, qtbot: QtBot) -> None:
    """Write the file in spite of what the report says."""
    report = asked(window, qtbot, ReportDialog)
    (button,) = (button for button in report.findChildren(QPushButton) if button.text() == "Write the file")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(qtbot, window)


def choose(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    """Type a name into the file dialog that is shown and accept it."""
    dialog = asked(window, qtbot, QFileDialog)
    dialog.selectFile(str(path))
    dialog.fileSelected.emit(str(path))
    dialog.reject()
    settle(qtbot, window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def drop(window: MainWindow, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(50, 50), copy, mime, left, none)
    QApplication.sendEvent(window, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(50, 50), copy, mime, left, none))


@pytest.fixture
def picture(tmp_path: Path, document: Document) -> Path:
    path = tmp_path / "photo.png"
    formats.save_document(document, path)
    return path


def change(window: MainWindow, name: str = "Changed") -> None:
    top = window.session.document.layers[-1].id
    window.session.history.apply(edits.step(edits.rename, top, name))


class TestOpening:
    def test_by_key_and_dialog(self, window: MainWindow, qtbot: QtBot, picture: Path) -> None:
        qtbot.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
        choose(window, qtbot, picture)
        assert window.session.path == picture
        assert np.array_equal(composite(window.session.document), composite(formats.open_document(picture).document))
        assert window.settings.now.recent == (str(picture),)
        assert "photo.png" in window.windowTitle()
        assert window.canvas.isVisible()

    def test_the_canvas_shows_the_picture(self, window: MainWindow, qtbot: QtBot, picture: Path) -> None:
        window.files.open(picture)
        settle(qtbot, window)
        qtbot.waitUntil(lambda: window.canvas.is_settled)
        x, y = window.canvas.transform.to_view(40, 40)
        seen = window.canvas.surface.grab().toImage().pixelColor(round(x), round(y))
        assert (seen.red(), seen.green(), seen.blue()) == (20, 60, 200)

    def test_the_sample_has_no_file_to_overwrite(self, window: MainWindow, qtbot: QtBot) -> None:
        button = next(
            b for b in window.middle.welcome.findChildren(QPushButton) if b.text() == "Try the sample picture"
        )
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        settle(qtbot, window)
        assert window.session.path is None
        assert window.session.document.size.width == 1200

    def test_a_broken_file_leaves_everything_as_it_was(self, opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
        broken = tmp_path / "broken.psd"
        broken.write_bytes(b"8BPS\x00\x01 and nothing more")
        before = opened.session.document
        drop(opened, broken)
        settle(qtbot, opened)
        assert opened.session.document is before
        (card,) = opened.notices.cards
        assert "broken.psd" in card.told.message
        assert card.told.is_error

    def test_what_a_psd_keeps_of_itself_is_shown_before_its_layers_are_read(
        self, window: MainWindow, qtbot: QtBot, tmp_path: Path, document: Document
    ) -> None:
        path = tmp_path / "poster.psd"
        formats.save_document(document, path)
        seen: list[QColor] = []

        def look(_: object) -> None:
            shown = window.middle.glimpse.grab().toImage()
            seen.append(shown.pixelColor(shown.width() // 2, shown.height() // 2))

        window.files.glimpsed.connect(look)
        window.files.open(path)
        settle(qtbot, window)
        assert [(color.red(), color.green(), color.blue()) for color in seen] == [(20, 60, 200)]
        assert window.session.path == path
        assert window.canvas.isVisible()
        assert not window.middle.glimpse.isVisible()

    def test_after_a_glimpse_of_a_file_that_cannot_be_read_the_welcome_is_back(
        self, window: MainWindow, qtbot: QtBot, tmp_path: Path, document: Document
    ) -> None:
        path = tmp_path / "poster.psd"
        formats.save_document(document, path)
        glimpsed: list[object] = []
        window.files.glimpsed.connect(
            lambda _: (glimpsed.append(window.middle.glimpse.isVisible()), window.work.cancel())
        )
        window.files.open(path)
        settle(qtbot, window)
        assert glimpsed == [True]
        if not window.session.has_document:  # else it was read before it could be stopped
            assert window.middle.welcome.isVisible()

    def test_a_glimpse_stays_while_other_work_ends(
        self, window: MainWindow, qtbot: QtBot, tmp_path: Path, document: Document
    ) -> None:
        path = tmp_path / "poster.psd"
        formats.save_document(document, path)
        ended: list[bool] = []

        def do_something_else(_: object) -> None:
            window.canvas.work.changed.emit("Finding")
            window.canvas.work.changed.emit("")
            ended.append(window.middle.glimpse.isVisible())

        window.files.glimpsed.connect(do_something_else)
        window.files.open(path)
        settle(qtbot, window)
        assert ended == [True]
        assert window.canvas.isVisible()

    def test_a_missing_recent_file_is_forgotten(self, window: MainWindow, tmp_path: Path) -> None:
        gone = tmp_path / "gone.png"
        window.settings.change(recent=(str(gone),))
        window.files.open(gone)
        assert window.settings.now.recent == ()
        assert "gone.png" in window.notices.cards[0].told.message

    def test_dropping_a_picture_on_the_empty_window_opens_it(
        self, window: MainWindow, qtbot: QtBot, picture: Path
    ) -> None:
        drop(window, picture)
        settle(qtbot, window)
        assert window.session.path == picture

    def test_dropping_a_picture_on_a_document_adds_a_layer(
        self, opened: MainWindow, qtbot: QtBot, picture: Path
    ) -> None:
        drop(opened, picture)
        settle(qtbot, opened)
        assert [layer.name for layer in opened.session.document.layers] == ["Ground", "Square", "photo"]
        opened.session.history.undo()
        assert len(opened.session.document.layers) == 2

    def test_a_picture_dropped_without_a_file_becomes_a_layer(self, opened: MainWindow) -> None:
        image = QImage(10, 8, QImage.Format.Format_RGB32)
        image.fill(QColor(10, 200, 30))
        mime = QMimeData()
        mime.setImageData(image)
        copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        entering = QDragEnterEvent(QPoint(50, 50), copy, mime, left, none)
        QApplication.sendEvent(opened, entering)
        assert entering.isAccepted()
        QApplication.sendEvent(opened, QDropEvent(QPointF(50, 50), copy, mime, left, none))
        assert composite(opened.session.document)[24, 32].tolist() == [10, 200, 30, 255]

    def test_new_asks_for_size_and_depth(self, window: MainWindow, qtbot: QtBot) -> None:
        qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        dialog = asked(window, qtbot, NewDialog)
        dialog.width_px.setValue(320)
        dialog.height_px.setValue(200)
        dialog.accept()
        assert (window.session.document.size.width, window.session.document.size.height) == (320, 200)
        assert composite(window.session.document).min() == 255


class TestPasting:
    def test_becomes_a_layer_in_the_middle(self, opened: MainWindow, qtbot: QtBot) -> None:
        image = QImage(10, 8, QImage.Format.Format_ARGB32)
        image.fill(QColor(1, 200, 3, 255))
        QGuiApplication.clipboard().setImage(image)
        qtbot.keyClick(opened.canvas.surface, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        layer = opened.session.document.layers[-1]
        assert isinstance(layer, RasterLayer)
        assert (layer.origin.x, layer.origin.y) == (27, 20)
        assert layer.pixels.read()[0, 0].tolist() == [1, 200, 3, 255]
        assert opened.session.selection == (layer.id,)

    def test_opens_a_document_when_there_is_none(self, window: MainWindow) -> None:
        image = QImage(10, 8, QImage.Format.Format_RGB32)
        image.fill(QColor(9, 8, 7))
        QGuiApplication.clipboard().setImage(image)
        window.action_set["edit.paste"].trigger()
        assert composite(window.session.document)[0, 0].tolist() == [9, 8, 7, 255]

    def test_copy_merged_puts_the_picture_on_the_clipboard(self, opened: MainWindow, qtbot: QtBot) -> None:
        opened.action_set["edit.copy_merged"].trigger()
        settle(qtbot, opened)
        image = QGuiApplication.clipboard().image()
        assert (image.width(), image.height()) == (64, 48)
        assert image.pixelColor(6, 7) == QColor(220, 30, 30)


class TestSaving:
    def test_a_picture_is_saved_as_a_project(
        self, window: MainWindow, qtbot: QtBot, picture: Path, tmp_path: Path
    ) -> None:
        before = picture.read_bytes()
        window.files.open(picture)
        settle(qtbot, window)
        change(window)
        assert window.isWindowModified()
        qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        choose(window, qtbot, tmp_path / "photo.lamina")
        assert window.session.path == tmp_path / "photo.lamina"
        assert not window.isWindowModified()
        assert picture.read_bytes() == before
        change(window, "Again")
        qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        settle(qtbot, window)
        assert not window.isWindowModified()
        assert formats.open_document(tmp_path / "photo.lamina").document == window.session.document

    def test_nothing_to_save_is_said(self, window: MainWindow, qtbot: QtBot, picture: Path) -> None:
        window.files.open(picture)
        settle(qtbot, window)
        assert window.action_set.why_not("file.save") == "There are no changes to save."

    def test_export_shows_what_is_lost_first(self, opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
        path = tmp_path / "out.png"
        opened.action_set["file.export"].trigger()
        choose(opened, qtbot, path)
        report = asked(opened, qtbot, ReportDialog)
        assert report.table.topLevelItemCount() > 0
        assert not path.exists()
        agree(opened, qtbot)
        assert np.array_equal(composite(formats.open_document(path).document), composite(opened.session.document))
        assert opened.session.path is None

    def test_export_of_a_psd_tells_what_was_checked(self, opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
        opened.files.export_to(tmp_path / "out.psd")
        agree(opened, qtbot)
        assert [layer.name for layer in formats.open_document(tmp_path / "out.psd").document.layers] == [
            "Ground",
            "Square",
        ]
        assert "differs from the document by" in opened.notices.cards[-1].told.message

    def test_saving_keeps_adjustments_and_exporting_bakes_them(
        self, opened: MainWindow, qtbot: QtBot, tmp_path: Path
    ) -> None:
        darker = AdjustmentLayer(name="Darker", adjustment=BrightnessContrast(brightness=-60))
        opened.session.apply("Add", lambda document: document.with_layers((*document.layers, darker)))
        opened.files.export_to(tmp_path / "out.psd")
        report = asked(opened, qtbot, ReportDialog)
        assert report.table.findItems("Darker", Qt.MatchFlag.MatchExactly, 2)
        agree(opened, qtbot)
        opened.files.save_to(tmp_path / "work.psd")
        settle(qtbot, opened)
        files = [formats.open_document(tmp_path / name).document for name in ("out.psd", "work.psd")]
        kinds = [[type(layer) for layer in document.layers] for document in files]
        assert kinds == [[RasterLayer], [*(type(layer) for layer in opened.session.document.layers)]]
        assert distance_map(composite(files[0]), composite(files[1])).max() <= 1.0

    def test_a_folder_that_is_gone_is_told_and_nothing_is_lost(
        self, opened: MainWindow, qtbot: QtBot, tmp_path: Path
    ) -> None:
        change(opened)
        opened.files.save_to(tmp_path / "no" / "work.lamina")
        settle(qtbot, opened)
        assert opened.notices.cards[-1].told.is_error
        assert opened.keeper.is_modified
        assert opened.session.document.layers[-1].name == "Changed"


class TestClosing:
    def test_without_changes_asks_nothing(self, opened: MainWindow, qtbot: QtBot) -> None:
        qtbot.keyClick(opened, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
        assert not opened.session.has_document
        assert opened.middle.welcome.isVisible()

    def test_cancel_keeps_the_document(self, opened: MainWindow, qtbot: QtBot) -> None:
        change(opened)
        opened.close()
        answer(opened, qtbot, "Cancel")
        assert opened.isVisible()
        assert opened.session.document.layers[-1].name == "Changed"

    def test_do_not_save_closes_the_window(self, opened: MainWindow, qtbot: QtBot) -> None:
        change(opened)
        opened.close()
        answer(opened, qtbot, "Don't save")
        assert not opened.isVisible()

    def test_save_saves_and_then_closes(self, opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
        change(opened)
        opened.files.close()
        answer(opened, qtbot, "Save")
        choose(opened, qtbot, tmp_path / "work.lamina")
        qtbot.waitUntil(lambda: not opened.session.has_document)
        assert formats.open_document(tmp_path / "work.lamina").document.layers[-1].name == "Changed"

    def test_not_saving_a_project_returns_to_its_last_save(
        self, opened: MainWindow, qtbot: QtBot, tmp_path: Path
    ) -> None:
        path = tmp_path / "work.lamina"
        opened.files.save_to(path)
        settle(qtbot, opened)
        change(opened)
        opened.files.close()
        answer(opened, qtbot, "Don't save")
        assert formats.open_document(path).document.layers[-1].name == "Square"

    def test_what_changes_while_a_file_is_read_is_asked_about(
        self, opened: MainWindow, qtbot: QtBot, document: Document, tmp_path: Path
    ) -> None:
        path = tmp_path / "other.lamina"
        formats.save_document(document, path)
        opened.files.open(path)
        change(opened)  # nothing of the reading was heard yet
        answer(opened, qtbot, "Cancel")
        settle(qtbot, opened)
        assert opened.session.document.layers[-1].name == "Changed"
        opened.files.open(path)  # not in use by what was read and given up
        answer(opened, qtbot, "Don't save")
        qtbot.waitUntil(lambda: opened.session.path == path)
        assert opened.session.document.layers[-1].name == "Square"

    def test_what_changes_while_a_file_is_written_is_asked_about(
        self, opened: MainWindow, qtbot: QtBot, tmp_path: Path
    ) -> None:
        opened.files.save_to(tmp_path / "work.lamina")
        settle(qtbot, opened)
        change(opened, "First")
        opened.files.close()
        answer(opened, qtbot, "Save")
        change(opened, "Second")  # nothing of the writing was heard yet
        settle(qtbot, opened)
        answer(opened, qtbot, "Cancel")
        assert opened.session.document.layers[-1].name == "Second"


class TestTwoWindows:
    def test_the_second_may_read_the_project(
        self, make: Make, document: Document, qtbot: QtBot, tmp_path: Path
    ) -> None:
        path = tmp_path / "work.lamina"
        formats.save_document(document, path)
        first, second = make(), make()
        first.files.open(path)
        settle(qtbot, first)
        second.files.open(path)
        answer(second, qtbot, "Open for reading only")
        settle(qtbot, second)
        assert second.keeper.read_only
        assert second.session.document == first.session.document
        assert "reading only" in second.windowTitle()
        second.session.select([LayerId("square")])
        second.action_set["layer.duplicate"].trigger()
        assert len(second.session.document.layers) == 3


class TestRecovery:
    def test_work_of_a_killed_window_comes_back(
        self, make: Make, document: Document, qtbot: QtBot, tmp_path: Path, picture: Path
    ) -> None:
        first = make()
        first.files.open(picture)
        settle(qtbot, first)
        change(first, "Kept")
        qtbot.waitUntil(lambda: bool(list((tmp_path / "recovery").glob("*.lamina"))))
        qtbot.waitUntil(lambda: first.keeper.is_kept)
        abandon(first.keeper, first.session)
        second = make()
        second.recovery.look()

        def offers() -> list[QPushButton]:
            return [b for b in second.middle.welcome.findChildren(QPushButton) if b.text() == "Recover"]

        qtbot.waitUntil(lambda: len(offers()) == 1)
        (button,) = offers()
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        settle(qtbot, second)
        assert second.session.document.layers[-1].name == "Kept"
        assert second.isWindowModified()
        assert second.session.path == picture

    def test_a_drag_without_a_pause_is_kept_while_it_goes_on(
        self, opened: MainWindow, qtbot: QtBot, tmp_path: Path
    ) -> None:
        levels = itertools.cycle((0.2, 0.4, 0.6))

        def drag() -> None:
            edit = edits.step(edits.set_opacity, LayerId("square"), next(levels))
            opened.session.history.apply(edit, merge_key="drag")

        ticks = QTimer(interval=0)
        ticks.timeout.connect(drag)
        ticks.start()
        qtbot.waitUntil(lambda: bool(list((tmp_path / "recovery").glob("*.lamina"))))
        ticks.stop()


def test_the_stack_is_compared_with_the_opened_picture(opened: MainWindow, qtbot: QtBot) -> None:
    assert opened.action_set.why_not("image.compare") == "Nothing was changed since the picture was opened."
    opened.session.select([LayerId("square")])
    opened.action_set["layer.delete"].trigger()
    opened.action_set["image.compare"].trigger()
    settle(qtbot, opened)
    (dialog,) = opened.findChildren(CompareDialog)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "Largest difference 200.0/255" in words
    dialog.reject()


def test_the_gain_brings_small_differences_out(opened: MainWindow, qtbot: QtBot) -> None:
    opened.session.select([LayerId("square")])
    opened.session.history.apply(edits.step(edits.set_opacity, LayerId("square"), 0.99))
    opened.action_set["image.compare"].trigger()
    settle(qtbot, opened)
    (dialog,) = opened.findChildren(CompareDialog)
    middle = dialog.picture.place.center()

    def brightness() -> int:
        return dialog.picture.grab().toImage().pixelColor(inside).lightness()

    place = dialog.picture.place
    inside = QPoint(place.left() + place.width() * 31 // 128, place.top() + place.height() * 23 // 96)  # on the square
    before = brightness()
    assert dialog.top_255 == 8
    qtbot.keyClick(dialog.gain, Qt.Key.Key_Right)
    qtbot.keyClick(dialog.gain, Qt.Key.Key_Right)
    assert dialog.top_255 == 2
    assert brightness() > before + 60
    assert dialog.picture.grab().toImage().pixelColor(middle).lightness() == 0  # equal stays black
    at = QPointF(inside)
    none = Qt.MouseButton.NoButton
    moved = QMouseEvent(QMouseEvent.Type.MouseMove, at, at, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(dialog.picture, moved)
    assert dialog.readout.text() == "15, 11: 2.0/255"
    dialog.shows.setCurrentIndex(1)
    assert not dialog.gain.isEnabled()
    red = dialog.picture.grab().toImage().pixelColor(inside)
    assert (red.red(), red.green(), red.blue()) == (220, 30, 30)
    dialog.reject()
