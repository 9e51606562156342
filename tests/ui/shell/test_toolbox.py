"""The toolbox of the window: one table, its buttons and keys, and the row of options."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QSlider,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.documents import Loaded
from studio.ui import icons
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tool import Tool
from studio.ui.main_window import MainWindow
from studio.ui.settings import SettingsFile
from studio.ui.tool_buttons import ToolButtons
from studio.ui.tool_options import Strip
from studio.ui.toolbox import GROUPS, SPECS, TOOLS, Toolbox, ToolSpec, members, sharing
from tests.ui.shell.conftest import Make


@dataclass(frozen=True)
class Set:
    soft: bool = False
    words: str = "one"


class Plain(Tool):
    """A tool with a wide line of options, for the test."""

    def __init__(self, kit: ToolKit) -> None:
        super().__init__()
        self.set = kit.options("plain", Set())

    @property
    def name(self) -> str:
        return "Plain"

    def options(self, parent: QWidget) -> QWidget:
        line = QWidget(parent)
        row = QHBoxLayout(line)
        for number in range(30):
            box = QCheckBox(f"Option {number}", line)
            box.toggled.connect(lambda on: self.set.change(soft=on))
            row.addWidget(box)
        return line


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(window.canvas.surface, key, modifiers)


def buttons(window: MainWindow) -> ToolButtons:
    (bar,) = window.findChildren(ToolButtons)
    return bar


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch, make: Make, document: Document, qtbot: QtBot) -> MainWindow:
    """A window with two more tools on one key in a group of their own, and a document."""
    monkeypatch.setitem(GROUPS, "more", "More")
    for name in ("first", "second"):
        monkeypatch.setitem(SPECS, name, ToolSpec(name, name.capitalize(), "brush", "Y", "more", Plain))
    window = make()
    window.keeper.take(Loaded(path=None, steps=(("", document),), name="Test"))
    qtbot.waitUntil(lambda: window.canvas.is_settled)
    return window


def test_the_table_is_sound() -> None:
    assert len({spec.name for spec in TOOLS}) == len(TOOLS)
    assert {spec.icon for spec in TOOLS} <= set(icons.names())
    assert [group for group, _ in groupby(spec.group for spec in TOOLS)] == list(GROUPS)
    for spec in TOOLS:  # a key stands for tools of one group
        assert {other.group for other in TOOLS if other.key == spec.key} == {spec.group}
        assert spec in sharing(spec)
        assert set(sharing(spec)) <= set(members(spec.group))


def test_every_tool_works_on_a_canvas(opened: MainWindow) -> None:
    for spec in TOOLS:
        opened.action_set[f"tool.{spec.name}"].trigger()
        assert opened.tool == spec.name
        assert opened.canvas.tool is opened.toolbox.get(spec.name)
        assert opened.action_set[f"tool.{spec.name}"].isChecked()
        assert opened.canvas.tool.name


def test_a_shared_key_brings_the_last_one_and_with_shift_the_next(two: MainWindow) -> None:
    window = two
    press(window, Qt.Key.Key_Y)
    assert window.tool == "first"
    press(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ShiftModifier)
    assert window.tool == "second"
    press(window, Qt.Key.Key_V)
    press(window, Qt.Key.Key_Y)
    assert window.tool == "second"
    press(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ShiftModifier)
    assert window.tool == "first"
    press(window, Qt.Key.Key_V)
    press(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ShiftModifier)
    assert window.tool == "first"


def test_the_button_of_a_group_shows_its_last_tool_and_lists_all(two: MainWindow, qtbot: QtBot) -> None:
    window = two
    button = buttons(window).button("more")
    assert button.accessibleName() == "First (Y)"
    assert button.tip == "First (Y)\nHold the button for more tools."
    window.choose_tool("second")
    assert (button.accessibleName(), button.isChecked()) == ("Second (Y)", True)
    window.choose_tool("move")
    assert (button.accessibleName(), button.isChecked()) == ("Second (Y)", False)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.tool == "second"
    menu = button.menu()
    assert [action.text() for action in menu.actions()] == ["First", "Second"]
    menu.actions()[0].trigger()
    assert window.tool == "first"
    assert buttons(window).button("zoom").menu() is None


def test_a_right_press_opens_the_list(two: MainWindow, qtbot: QtBot) -> None:
    button = buttons(two).button("more")
    seen: list[bool] = []
    button.menu().aboutToShow.connect(lambda: seen.append(True))
    QTimer.singleShot(0, button.menu().close)
    QApplication.sendEvent(button, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(3, 3), QPoint(3, 3)))
    assert seen == [True]


def test_the_row_of_options_keeps_its_height_and_scrolls(two: MainWindow, qtbot: QtBot) -> None:
    window = two
    window.resize(900, 700)
    qtbot.wait(0)
    place = window.options.geometry()
    window.choose_tool("first")
    qtbot.wait(0)
    strip = window.options.shown
    assert isinstance(strip, Strip)
    assert window.options.geometry() == place
    assert strip.onward.isVisible()
    assert not strip.back.isEnabled()
    QTest.mouseClick(strip.onward, Qt.MouseButton.LeftButton)
    assert strip.back.isEnabled()
    last = strip.findChildren(QCheckBox)[-1]
    last.setFocus(Qt.FocusReason.TabFocusReason)
    strip.area.ensureWidgetVisible(last)
    assert strip.area.viewport().rect().contains(last.mapTo(strip.area.viewport(), last.rect().center()))
    window.choose_tool("move")
    assert window.options.geometry() == place


def wheel(over: QWidget) -> None:
    """Turn the wheel one notch towards the user; as with a real one, what a widget ignores goes to its parent."""
    place, none = QPointF(over.rect().center()), Qt.KeyboardModifier.NoModifier
    receiver: QWidget | None = over
    while receiver is not None:
        turned = QWheelEvent(
            place, over.mapToGlobal(place), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, none,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        was_used = QApplication.sendEvent(receiver, turned) and turned.isAccepted()
        receiver = None if was_used else receiver.parentWidget()


@pytest.mark.parametrize(("tool", "kind"), [("brush", QSlider), ("wand", QAbstractSpinBox), ("gradient", QComboBox)])
def test_the_wheel_scrolls_the_row_and_changes_only_what_has_the_focus(
    opened: MainWindow, qtbot: QtBot, tool: str, kind: type[QWidget]
) -> None:
    opened.choose_tool(tool)
    strip = opened.options.shown
    assert isinstance(strip, Strip)
    strip.setFixedWidth(200)
    bar = strip.area.horizontalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    before = opened.toolbox.kit.table
    control = next(part for part in strip.findChildren(kind) if part.isVisible())
    wheel(control)
    assert bar.value() > 0
    assert opened.toolbox.kit.table == before
    control.setFocus()
    scrolled = bar.value()
    wheel(control)
    assert bar.value() == scrolled
    assert opened.toolbox.kit.table != before


def test_the_wheel_leaves_controls_alone_that_came_later(opened: MainWindow, qtbot: QtBot) -> None:
    opened.choose_tool("brush")
    strip = opened.options.shown
    assert isinstance(strip, Strip)
    content = strip.area.widget()
    assert content is not None
    line = content.layout()
    assert line is not None
    late = QSpinBox(content)
    late.setAccessibleName("Late")
    line.addWidget(late)
    late.show()
    qtbot.waitUntil(lambda: late.focusPolicy() is Qt.FocusPolicy.StrongFocus)
    late.setValue(5)
    wheel(late)
    assert late.value() == 5
    late.setFocus()
    wheel(late)
    assert late.value() == 4


def test_the_decomposition_stands_in_place_of_the_options(opened: MainWindow, qtbot: QtBot) -> None:
    place = opened.canvas.mapTo(opened, QPoint(0, 0))
    opened.decompose.begin()
    qtbot.wait(0)
    assert opened.decompose.isVisible()
    assert not opened.options.own.isVisible()
    assert opened.canvas.mapTo(opened, QPoint(0, 0)) == place
    opened.decompose.cancel()
    assert opened.options.own.isVisible()
    assert not opened.decompose.isVisible()


def test_what_is_set_is_kept(two: MainWindow, settings: SettingsFile) -> None:
    window = two
    window.choose_tool("first")
    strip = window.options.shown
    assert strip is not None
    strip.findChildren(QCheckBox)[0].click()
    window.close()
    assert SettingsFile(settings.path).now.tools["plain"] == {"soft": True, "words": "one"}
    again = Toolbox(SettingsFile(settings.path))
    tool = again.get("second")
    assert isinstance(tool, Plain)
    assert tool.set.now == Set(soft=True)


def test_options_that_do_not_fit_have_their_default() -> None:
    kit = ToolKit({"plain": {"soft": 3, "words": "two", "gone": 1}})
    assert kit.options("plain", Set()).now == Set(words="two")
    assert kit.table["plain"] == {"soft": False, "words": "two"}


def test_a_change_is_told_once(qapp: QApplication) -> None:
    kit = ToolKit()
    told: list[str] = []
    held = kit.changed.connect(told.append)
    options = kit.options("plain", Set())
    options.change(soft=True)
    options.change(soft=True)
    assert kit.options("plain", Set()) is options
    assert told == ["plain"]
    held.close()
