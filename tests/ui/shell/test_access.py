"""The accessibility tree of the whole window: every control has a name, and the keyboard reaches it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QHeaderView,
    QMenu,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.adjustments import Levels
from studio.core.layers import AdjustmentLayer, LayerId, Mask, Place
from studio.core.pixels import PixelBuffer
from studio.ui.main_window import MainWindow
from studio.ui.toolbox import SPECS

ROLES = frozenset(
    {
        QAccessible.Role.Button, QAccessible.Role.ButtonMenu, QAccessible.Role.ButtonDropDown,
        QAccessible.Role.CheckBox, QAccessible.Role.RadioButton, QAccessible.Role.ComboBox, QAccessible.Role.SpinBox,
        QAccessible.Role.Slider, QAccessible.Role.EditableText, QAccessible.Role.Tree, QAccessible.Role.List,
        QAccessible.Role.Table, QAccessible.Role.PageTab, QAccessible.Role.PageTabList, QAccessible.Role.ProgressBar,
        QAccessible.Role.MenuItem, QAccessible.Role.Canvas,
    }
)  # fmt: skip
"""What a person works with: a screen reader must be able to say what each of these is."""


def tree(interface: QAccessibleInterface, path: str = "") -> Iterator[tuple[str, QAccessibleInterface]]:
    """Everything under an interface that is not hidden, with the way to it."""
    for index in range(interface.childCount()):
        child = interface.child(index)
        if child is None or not child.isValid() or child.state().invisible:
            continue
        here = f"{path}/{child.role().name}[{child.text(QAccessible.Text.Name)}]"
        yield here, child
        yield from tree(child, here)


def unnamed(window: MainWindow) -> list[str]:
    """Controls of the tree that say nothing about themselves."""
    root = QAccessible.queryAccessibleInterface(window)
    assert root is not None
    found: list[str] = []
    items = list(tree(root))
    assert len([item for _, item in items if item.role() in ROLES]) > 40, "the tree was not walked"
    for path, item in items:
        is_part = any(
            f"/{whole}[" in path.rpartition("/")[0] for whole in ("ComboBox", "SpinBox", "Tree", "List", "Table")
        )
        if item.role() in ROLES and not is_part and not item.text(QAccessible.Text.Name).strip():
            found.append(path)
    return found


def unreached(window: MainWindow) -> list[str]:
    """Enabled controls that Tab never comes to, however often it is pressed."""
    wanted = {
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if widget.focusProxy() is None and not isinstance(widget, QMenu) and widget.window() is window
        if type(widget) is not QAbstractScrollArea
    }
    assert len(wanted) > 15, "the controls were not found"
    window.canvas.surface.setFocus()
    reached: set[QWidget] = set()
    for _ in range(3 * len(wanted)):
        focus = QApplication.focusWidget()
        assert focus is not None
        reached.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
        if QApplication.focusWidget() is focus:  # it uses Tab itself: Control leads out
            QTest.keyClick(focus, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    return sorted(f"{type(widget).__name__} {widget.accessibleName()!r}" for widget in wanted - reached)


@pytest.fixture
def full(opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """A document with every kind of layer, and a worker."""
    opened.use_worker(tmp_path / "queue")
    opened.resize(1500, 1000)
    history = opened.session.history
    mask = Mask(pixels=PixelBuffer.from_array(np.full((48, 64, 1), 200, np.uint8)))
    history.apply(edits.step(edits.set_mask, LayerId("square"), mask))
    levels = AdjustmentLayer(id=LayerId("levels"), name="Levels", adjustment=Levels())
    history.apply(edits.step(edits.add_layers, (levels,), Place(None, 2)))
    history.apply(edits.step(edits.group_layers, (LayerId("square"),)))
    qtbot.waitUntil(lambda: opened.canvas.is_settled)
    return opened


@pytest.mark.parametrize("dock", ["layers", "history", "plugins", "properties", "colors", "jobs", "macros"])
@pytest.mark.parametrize("layer", ["square", "levels"])
def test_every_panel(full: MainWindow, dock: str, layer: str) -> None:
    full.session.select([LayerId(layer)])
    assert full.docks.show(dock)
    QApplication.processEvents()
    assert unnamed(full) == []
    assert unreached(full) == []


def test_the_options_of_every_tool(full: MainWindow) -> None:
    for name in SPECS:
        full.choose_tool(name)
        QApplication.processEvents()
        assert unnamed(full) == [], name
    for name in ("brush", "gradient"):
        full.choose_tool(name)
        assert unreached(full) == [], name


def test_the_form_of_every_plugin(full: MainWindow) -> None:
    panel = full.docks.panel("plugins")
    assert panel is not None
    for plugin in full.session.registry:
        full.docks.show("plugins")
        panel.choose(plugin.manifest.id)  # pyright: ignore[reportAttributeAccessIssue]  # the plugin panel has it
        QApplication.processEvents()
        assert unnamed(full) == [], plugin.manifest.id
        assert unreached(full) == [], plugin.manifest.id


def test_marking_and_notices(full: MainWindow) -> None:
    full.notices.tell("Something happened.")
    full.action_set["ai.layer_decomp"].trigger()
    assert unnamed(full) == []
    assert unreached(full) == []


def test_menus_say_what_they_do(full: MainWindow) -> None:
    for menu in full.menuBar().findChildren(QMenu):
        for action in menu.actions():
            assert action.isSeparator() or action.text().strip(), menu.title()


def test_lists_and_tabs_are_named(full: MainWindow) -> None:
    views = [view for view in full.findChildren(QAbstractItemView) if view.parent() is not None]
    assert [repr(view) for view in views if not view.accessibleName() and not _is_inner(view)] == []
    bars = [bar for bar in full.findChildren(QTabBar) if bar.isVisible()]
    assert [bar.tabText(i) for bar in bars for i in range(bar.count()) if not bar.tabText(i)] == []


def _is_inner(view: QAbstractItemView) -> bool:
    """A header, or the list of a combo box."""
    return isinstance(view, QHeaderView) or any(isinstance(widget, QComboBox) for widget in _parents(view))


def _parents(widget: QWidget) -> Iterator[QWidget]:
    parent = widget.parentWidget()
    while parent is not None:
        yield parent
        parent = parent.parentWidget()
