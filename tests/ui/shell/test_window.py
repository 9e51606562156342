"""The window itself: palette, shortcut editor, notices, settings between runs, names and keyboard for everything."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollBar,
    QTabBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.geometry import Size
from studio.requests import PluginRun
from studio.ui import theme
from studio.ui.app import ErrorNet
from studio.ui.main_window import MainWindow
from studio.ui.notices import SHOWN_MS, DetailsDialog
from studio.ui.palette import CommandPalette, matches, score
from studio.ui.settings import Settings, SettingsFile
from studio.ui.shortcuts import ShortcutEditor, conflicts
from tests.ui.shell.conftest import Make
from tests.ui.test_work import Endless


class TestPalette:
    def open(self, window: MainWindow, qtbot: QtBot) -> CommandPalette:
        modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        qtbot.keyClick(window, Qt.Key.Key_P, modifiers)
        (palette,) = window.findChildren(CommandPalette)
        return palette

    def test_types_chooses_and_does(self, opened: MainWindow, qtbot: QtBot) -> None:
        palette = self.open(opened, qtbot)
        qtbot.keyClicks(palette.field, "dupl")
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)
        assert [layer.name for layer in opened.session.document.layers] == ["Ground", "Square", "Square copy"]

    def test_arrows_choose_another(self, opened: MainWindow, qtbot: QtBot) -> None:
        palette = self.open(opened, qtbot)
        qtbot.keyClicks(palette.field, "layer")
        first = palette.list.currentItem()
        qtbot.keyClick(palette.field, Qt.Key.Key_Down)
        assert palette.list.currentItem() is not first
        qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
        assert not palette.isVisible()

    def test_says_why_something_cannot_be_done(self, window: MainWindow, qtbot: QtBot) -> None:
        palette = self.open(window, qtbot)
        qtbot.keyClicks(palette.field, "merge down")
        item = palette.list.topLevelItem(0)
        assert item is not None
        assert item.text(1) == "Open a picture first."
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)
        assert palette.isVisible()
        palette.reject()

    def test_says_when_nothing_matches(self, window: MainWindow, qtbot: QtBot) -> None:
        palette = self.open(window, qtbot)
        qtbot.keyClicks(palette.field, "qqqq")
        assert not palette.list.isVisible()
        palette.reject()

    @pytest.mark.parametrize(("typed", "wanted"), [("md", "layer.merge_down"), ("export", "file.export"), ("1:", None)])
    def test_finds_the_best_first(self, opened: MainWindow, typed: str, wanted: str | None) -> None:
        found = matches(opened.action_set, typed)
        assert (found[0].action if found else None) == wanted

    def test_letters_must_be_in_order(self) -> None:
        assert score("nwod", "Merge down") is None
        assert score("", "Merge down") == 0.0


class TestShortcutEditor:
    def open(self, window: MainWindow) -> ShortcutEditor:
        window.show_shortcuts()
        (editor,) = window.findChildren(ShortcutEditor)
        return editor

    def test_takes_keys_from_another_action_and_keeps_them(
        self, opened: MainWindow, qtbot: QtBot, settings: SettingsFile
    ) -> None:
        editor = self.open(opened)
        editor.choose("image.flatten")
        editor.keys.setKeySequence(QKeySequence("Ctrl+E"))
        assert "Merge down" in editor.message.text()
        qtbot.mouseClick(editor.set_button, Qt.MouseButton.LeftButton)
        specs = opened.action_set.specs
        assert conflicts({name: opened.action_set.keys(name) for name in specs}) == {}
        assert SettingsFile(settings.path).now.shortcuts == {"image.flatten": "Ctrl+E", "layer.merge_down": ""}
        editor.reject()
        qtbot.keyClick(opened.canvas.surface, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
        assert [layer.name for layer in opened.session.document.layers] == ["Background"]

    def test_resets(self, opened: MainWindow, qtbot: QtBot, settings: SettingsFile) -> None:
        editor = self.open(opened)
        editor.choose("layer.merge_down")
        qtbot.mouseClick(editor.clear_button, Qt.MouseButton.LeftButton)
        assert opened.action_set.keys("layer.merge_down") == ()
        qtbot.mouseClick(editor.reset_all_button, Qt.MouseButton.LeftButton)
        assert opened.action_set.keys("layer.merge_down") == ("Ctrl+E",)
        assert settings.now.shortcuts == {}
        editor.reject()

    def test_search_narrows_the_list(self, opened: MainWindow, qtbot: QtBot) -> None:
        editor = self.open(opened)
        qtbot.keyClicks(editor.search, "mask")
        shown = [editor.list.topLevelItem(row) for row in range(editor.list.topLevelItemCount())]
        assert shown
        assert all(item is not None and "mask" in item.text(0).lower() for item in shown)
        editor.reject()


class TestNotices:
    def test_errors_stay_and_can_be_copied(self, window: MainWindow, qtbot: QtBot) -> None:
        window.notices.fail(StudioError("It failed.", "Try again.", "some detail"))
        (card,) = window.notices.cards
        (details,) = (button for button in card.findChildren(QPushButton) if button.text() == "Details…")
        qtbot.mouseClick(details, Qt.MouseButton.LeftButton)
        (dialog,) = window.findChildren(DetailsDialog)
        (copy,) = (button for button in dialog.findChildren(QPushButton) if button.text() == "Copy details")
        qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
        copied = QGuiApplication.clipboard().text()
        assert "It failed." in copied
        assert "some detail" in copied
        dialog.reject()
        (close,) = card.findChildren(QToolButton)
        qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
        assert window.notices.cards == ()

    def test_others_go_by_themselves(self, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("studio.ui.notices.SHOWN_MS", 10)
        window.notices.tell("Done.")
        assert len(window.notices.cards) == 1
        qtbot.waitUntil(lambda: window.notices.cards == ())
        assert SHOWN_MS > 1000

    def test_the_same_is_shown_once_and_few_at_a_time(self, window: MainWindow) -> None:
        for index in range(10):
            window.notices.fail(StudioError(f"Failure {index}."))
            window.notices.fail(StudioError(f"Failure {index}."))
        assert len(window.notices.cards) == 4

    def test_unforeseen_errors_are_shown(self, window: MainWindow) -> None:
        old = sys.excepthook
        net = ErrorNet(window.notices)
        try:
            raise ZeroDivisionError("by zero")
        except ZeroDivisionError as error:
            sys.excepthook(type(error), error, error.__traceback__)
        net.close()
        assert sys.excepthook is old
        (card,) = window.notices.cards
        assert "ZeroDivisionError" in card.told.detail
        assert card.told.hint

    def test_cards_fit_into_the_window(self, window: MainWindow) -> None:
        window.notices.fail(StudioError("A very long message. " * 12, "And a hint that is long as well. " * 6))
        inside = window.notices.parentWidget()
        assert inside is not None
        assert inside.rect().contains(window.notices.geometry())


class TestSettings:
    def test_come_back(self, settings: SettingsFile) -> None:
        settings.change(theme="light", recent=("a", "b"), shortcuts={"x": "Ctrl+X"}, docks=b"\x00\xff")
        assert SettingsFile(settings.path).now == settings.now

    def test_the_last_one_of_several_is_kept(self, settings: SettingsFile) -> None:
        for number in range(8):
            settings.change_beside(folder=f"{number}")
            assert settings.now.folder == f"{number}"
        settings.change_beside(theme="light")
        settings.flush()
        assert SettingsFile(settings.path).now == Settings(folder="7", theme="light")
        settings.change_beside(folder="8")
        settings.change(theme="dark")
        assert SettingsFile(settings.path).now == Settings(folder="8", theme="dark")

    @pytest.mark.parametrize("broken", ["theme = ", "\x00\x01", 'docks = "&&&"'])
    def test_a_broken_file_gives_defaults_and_is_kept(self, tmp_path: Path, broken: str) -> None:
        path = tmp_path / "window.toml"
        path.write_text(broken)
        settings = SettingsFile(path)
        assert settings.now == Settings()
        assert settings.problem is not None
        assert (tmp_path / "window.toml.broken").read_text() == broken

    def test_wrong_types_are_ignored(self, tmp_path: Path) -> None:
        path = tmp_path / "window.toml"
        path.write_text('theme = 5\nrulers = true\nnew_thing = "x"\n')
        assert SettingsFile(path).now == Settings(rulers=True)

    def test_recent_files_are_few_and_newest_first(self, settings: SettingsFile, tmp_path: Path) -> None:
        for index in range(20):
            settings.opened(tmp_path / f"{index}.png")
        settings.opened(tmp_path / "15.png")
        settings.flush()
        assert len(settings.now.recent) == 12
        assert settings.now.recent[0].endswith("15.png")

    def test_a_folder_that_cannot_be_written_is_no_harm(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        settings = SettingsFile(tmp_path / "file" / "window.toml")
        settings.change(theme="light")
        assert settings.now.theme == "light"
        assert settings.problem is not None

    def test_theme_is_used_at_once_and_kept(self, window: MainWindow, settings: SettingsFile) -> None:
        window.action_set["theme.light"].trigger()
        assert theme.current().name == "light"
        assert SettingsFile(settings.path).now.theme == "light"
        assert window.action_set["theme.light"].isChecked()
        window.action_set["theme.dark"].trigger()

    def test_place_of_the_window_comes_back(self, make: Make, settings: SettingsFile) -> None:
        first = make()
        first.resize(780, 740)
        first.close()
        assert settings.now.docks
        second = make()
        assert (second.width(), second.height()) == (780, 740)

    def test_tabs_of_docks_are_shown_once(self, make: Make, settings: SettingsFile) -> None:
        for window in (make(), make()):  # the second one has its docks from the settings
            QApplication.processEvents()
            bars = [bar for bar in window.findChildren(QTabBar) if bar.parent() is window and bar.isVisible()]
            titles = [bar.tabText(i) for bar in bars for i in range(bar.count())]
            assert sorted(titles) == sorted({dock.windowTitle() for dock in window.docks})
            window.close()
            assert settings.now.docks

    def test_docks_keep_their_width_when_a_job_begins(self, window: MainWindow, tmp_path: Path) -> None:
        QApplication.processEvents()
        before = [dock.width() for dock in window.docks if not dock.visibleRegion().isEmpty()]
        window.use_worker(tmp_path / "queue")
        window.session.jobs.pause()
        window.session.start(Document(size=Size(8, 8)))
        params = {"objects": [{"kind": "point", "x": 1, "y": 1}]}
        window.session.submit(PluginRun(plugin="layer_decomp", params=params))
        QApplication.processEvents()
        assert [dock.width() for dock in window.docks if not dock.visibleRegion().isEmpty()] == before

    def test_panels_hide_and_come_back(self, window: MainWindow) -> None:
        docks = window.findChildren(QDockWidget)
        window.action_set["window.hide_panels"].trigger()
        assert all(dock.isHidden() for dock in docks)
        window.action_set["window.reset_panels"].trigger()
        assert not any(dock.isHidden() for dock in docks)


CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit)


def named(widget: QWidget) -> str:
    """What a screen reader says."""
    words = widget.accessibleName()
    if isinstance(widget, QAbstractButton):
        words = words or widget.text() or widget.toolTip()
    return words


def is_inner(widget: QWidget) -> bool:
    """Whether Qt made it as a part of another widget, such as the editor of a spin box."""
    if widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar):
        return True
    parent = widget.parentWidget()
    return isinstance(parent, QAbstractSpinBox | QComboBox | QDockWidget | QMenu) or (
        parent is not None and type(parent).__name__ in ("QKeySequenceEdit", "QHeaderView", "QTreeWidget", "QTabBar")
    )


def faults(root: QWidget) -> list[str]:
    """Controls that a screen reader cannot name or the keyboard cannot reach."""
    found: list[str] = []
    for widget in root.findChildren(QWidget):
        if not isinstance(widget, CONTROLS) or not widget.isVisible() or is_inner(widget):
            continue
        if not named(widget):
            found.append(f"{widget!r} has no name")
        if widget.isEnabled() and not widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None:
            found.append(f"{named(widget)!r} is not reached by Tab")
    return found


class TestAccess:
    def test_of_the_empty_window(self, window: MainWindow) -> None:
        window.settings.change(recent=("somewhere/picture.png",))
        window.middle.welcome.show_recent([Path("somewhere/picture.png")])
        assert faults(window) == []

    def test_of_the_open_window(self, opened: MainWindow) -> None:
        opened.notices.fail(StudioError("It failed."))
        assert faults(opened) == []

    def test_of_the_dialogs(self, opened: MainWindow) -> None:
        opened.show_palette()
        opened.show_shortcuts()
        opened.files.new()
        for dialog in QApplication.topLevelWidgets():
            if dialog is not opened and dialog.isVisible():
                assert faults(dialog) == []
                dialog.close()

    def test_docks_have_names(self, window: MainWindow) -> None:
        assert all(dock.accessibleName() and dock.windowTitle() for dock in window.findChildren(QDockWidget))


def test_the_status_bar_cancels_the_work_that_it_shows(opened: MainWindow, qtbot: QtBot) -> None:
    file, tool = Endless(), Endless()
    file.start(opened.work)
    qtbot.waitUntil(file.begun.is_set)
    tool.start(opened.canvas.work)
    qtbot.waitUntil(tool.begun.is_set)
    qtbot.waitUntil(opened.status.cancel.isVisible)
    opened.status.cancel.click()
    qtbot.waitUntil(lambda: tool.ends == ["cancelled"])
    assert opened.status.work.text() == "Endless"  # the other one is shown again
    assert file.ends == []
    qtbot.waitUntil(opened.status.cancel.isVisible)
    opened.status.cancel.click()
    qtbot.waitUntil(lambda: file.ends == ["cancelled"])
    assert not opened.status.cancel.isVisible()
