"""The menu bar, filled from the tables of actions, with the files opened last, the themes and the panels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QMenu, QMenuBar

from studio.ui import action_table, text
from studio.ui.actions import ActionSet
from studio.ui.docks import Docks
from studio.ui.settings import SettingsFile
from studio.ui.text import say


def fill_menus(
    bar: QMenuBar, actions: ActionSet, docks: Docks, settings: SettingsFile, open_file: Callable[[Path], None]
) -> None:
    """Put every action that says so into its menu, in the order of the table."""
    bar.setAccessibleName(say(text.MENU_BAR))
    menus: dict[str, QMenu] = {}
    for menu_id, title in action_table.MENUS:
        menus[menu_id] = _menu(title, bar)
        bar.addMenu(menus[menu_id])
    parents: dict[str, str] = {}
    for menu_id, parent, title in action_table.SUBMENUS:
        menus[menu_id] = _menu(title, menus[parent])
        parents[menu_id] = parent
    for spec in actions.specs.values():
        if spec.menu:
            menu = menus[spec.menu]
            if spec.menu in parents and menu.isEmpty():
                _begin_part(menus[parents[spec.menu]], spec.menu)
                menus[parents[spec.menu]].addMenu(menu)
            _begin_part(menu, spec.id)
            menu.addAction(actions[spec.id])
    menus["file"].insertMenu(actions["file.sample"], RecentMenu(settings, open_file, menus["file"]))
    for title, prefix in ((text.MENU_THEME, "theme."), (text.MENU_LANGUAGE, "language.")):
        menu = _menu(title, menus["window"])
        menu.addActions([actions[name] for name in actions.specs if name.startswith(prefix)])
        menus["window"].addMenu(menu)
    menus["window"].addSeparator()
    for dock in docks:
        menus["window"].addAction(dock.toggleViewAction())


class RecentMenu(QMenu):
    """The files opened last, the newest first."""

    def __init__(self, settings: SettingsFile, open_file: Callable[[Path], None], parent: QMenu) -> None:
        super().__init__(say(text.MENU_RECENT), parent)
        self._settings, self._open = settings, open_file
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        recent = [Path(name) for name in self._settings.now.recent]
        for path in recent:
            action = self.addAction(path.name.replace("&", "&&"))
            action.setToolTip(str(path))
            action.triggered.connect(lambda _checked=False, path=path: self._open(path))
        if recent:
            self.addSeparator()
            clear = self.addAction(say(text.CLEAR_RECENT))
            clear.triggered.connect(lambda: self._settings.change(recent=()))
        else:
            self.addAction(say(text.NO_RECENT)).setEnabled(False)


def _menu(title: str, parent: QMenu | QMenuBar) -> QMenu:
    menu = QMenu(say(title), parent)
    menu.setToolTipsVisible(True)
    return menu


def _begin_part(menu: QMenu, entry: str) -> None:
    """Draw a line above an action or submenu that begins a new part."""
    if entry in action_table.SEPARATED and not menu.isEmpty():
        menu.addSeparator()
