"""The docks at the window's sides and which panel stands in each. A panel that is not there yet has no dock."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QWidget

from studio.session import Session
from studio.ui import text
from studio.ui.text import say

WIDTH_PX, MOST_WIDTH_PX = 300, 420
"""Docks are a fifth of the window wide at first, within these."""
HEIGHTS = {"layers": 50, "plugins": 50}
"""Percent of the height that docks above each other have at first: a list of layers needs rows, a form scrolls."""


@dataclass(frozen=True, slots=True)
class DockSpec:
    """One dock: the panel's module and class, and where it stands at first.

    A panel takes the session. What else it has, it is told: `use_actions(lookup)` gives it the window's actions by id,
    `refresh()` says that the file changed without the document (it was saved, or another was opened).
    """

    id: str
    title: str
    module: str
    panel: str
    area: Qt.DockWidgetArea
    beside: str = ""
    """The dock it shares its place with, as a tab."""


_RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
DOCKS = (
    DockSpec("layers", text.DOCK_LAYERS, "studio.ui.panels.layers", "LayersPanel", _RIGHT),
    DockSpec("history", text.DOCK_HISTORY, "studio.ui.panels.history", "HistoryPanel", _RIGHT, "layers"),
    DockSpec("macros", text.DOCK_MACROS, "studio.ui.panels.macros", "MacrosPanel", _RIGHT, "layers"),
    DockSpec("plugins", text.DOCK_PLUGINS, "studio.ui.panels.plugins", "PluginPanel", _RIGHT),
    DockSpec("properties", text.DOCK_PROPERTIES, "studio.ui.panels.properties", "PropertiesPanel", _RIGHT, "plugins"),
    DockSpec("colors", text.DOCK_COLORS, "studio.ui.panels.colors", "ColorsPanel", _RIGHT, "plugins"),
    DockSpec("jobs", text.DOCK_JOBS, "studio.ui.panels.jobs", "JobsPanel", _RIGHT, "plugins"),
)


def available() -> Iterator[DockSpec]:
    """Docks whose panel is part of this version."""
    if importlib.util.find_spec("studio.ui.panels") is None:
        return
    for spec in DOCKS:
        if importlib.util.find_spec(spec.module) is not None:
            yield spec


class Docks:
    """The window's docks by id.

    A panel that stands behind another at first is made when it is asked for or seen, and otherwise by `complete`, so
    that the window is seen sooner.
    """

    def __init__(self, window: QMainWindow, session: Session, actions: Callable[[str], QAction]) -> None:
        self._window = window
        self._session = session
        self._actions = actions
        self._docks: dict[str, QDockWidget] = {}
        self._waiting: dict[str, list[Callable[[QWidget], None]]] = {}  # of panels that are not made yet
        self._specs = {spec.id: spec for spec in available()}
        for spec in self._specs.values():
            self._docks[spec.id] = self._dock(spec)
            self._waiting[spec.id] = []
            if not spec.beside:
                self._make(spec.id)
        self.arrange()
        for dock_id, dock in self._docks.items():
            dock.visibilityChanged.connect(partial(self._on_seen, dock_id))
        self._completing = QTimer(window, interval=0)
        self._completing.timeout.connect(self._make_next)

    def __iter__(self) -> Iterator[QDockWidget]:
        return iter(self._docks.values())

    def panel(self, dock_id: str) -> QWidget | None:
        """The panel in that dock, or None when this version has none."""
        dock = self._docks.get(dock_id)
        if dock is None:
            return None
        self._make(dock_id)
        return dock.widget()

    def when_made(self, dock_id: str, then: Callable[[QWidget], None]) -> None:
        """Call `then` with a panel: now if it is there, else when it is made; not when this version has none."""
        if dock_id in self._waiting:
            self._waiting[dock_id].append(then)
        elif dock_id in self._docks and (panel := self._docks[dock_id].widget()) is not None:
            then(panel)

    def complete(self) -> None:
        """Make the panels that nobody has seen yet, too: one in each round of the event loop."""
        if self._waiting:
            self._completing.start()

    def release(self) -> None:
        """Make no more panels: the window closes."""
        self._completing.stop()
        self._waiting.clear()

    def show(self, dock_id: str) -> bool:
        """Bring a dock to the front; False when this version has none."""
        dock = self._docks.get(dock_id)
        if dock is None:
            return False
        self._make(dock_id)
        dock.show()
        dock.raise_()
        return True

    def refresh(self) -> None:
        """Tell the panels that want to know that the file changed."""
        for dock in self._docks.values():
            refresh = getattr(dock.widget(), "refresh", None)
            if refresh is not None:
                refresh()

    def set_visible(self, visible: bool) -> None:
        """Show or hide them all."""
        for dock in self._docks.values():
            dock.setVisible(visible)

    def arrange(self) -> None:
        """Put every dock where it stands at first."""
        present = [(spec, dock) for spec in DOCKS if (dock := self._docks.get(spec.id)) is not None]
        groups: dict[str, QDockWidget] = {}
        for spec, dock in present:
            dock.setFloating(False)
            last = groups.get(spec.beside or spec.id)
            if last is None:
                self._window.addDockWidget(spec.area, dock)
            else:  # at once: all docks below each other would make the window grow
                self._window.tabifyDockWidget(last, dock)
            dock.show()
            groups[spec.beside or spec.id] = dock
        for name in groups:
            self._docks[name].raise_()
        self.fit()

    def fit(self) -> None:
        """Give the docks their first width; works once the window is shown."""
        docks = [dock for dock in self._docks.values() if dock.isVisible()]
        width = min(max(WIDTH_PX, self._window.width() // 5), MOST_WIDTH_PX)
        self._window.resizeDocks(docks, [width] * len(docks), Qt.Orientation.Horizontal)
        split = [dock for name in HEIGHTS if (dock := self._docks.get(name)) is not None and dock.isVisible()]
        shares = [share for name, share in HEIGHTS.items() if self._docks.get(name) in split]
        self._window.resizeDocks(
            split, [share * self._window.height() // 100 for share in shares], Qt.Orientation.Vertical
        )
        self.tidy()

    def tidy(self) -> None:
        """Qt 6.11 leaves the tab bar of two docks behind in the middle of the window when a third one joins them."""
        bars = self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        docks = {bar: {bar.tabText(i) for i in range(bar.count())} for bar in bars}
        for bar, held in docks.items():
            if any(held < others for others in docks.values()):
                bar.hide()

    def _dock(self, spec: DockSpec) -> QDockWidget:
        dock = QDockWidget(say(spec.title), self._window)
        dock.setObjectName(f"dock.{spec.id}")
        dock.setAccessibleName(say(spec.title))
        return dock

    def _make(self, dock_id: str) -> None:
        """Put the panel into its dock, unless it is there."""
        waiting = self._waiting.pop(dock_id, None)
        if waiting is None:
            return
        dock, spec = self._docks[dock_id], self._specs[dock_id]
        panel: QWidget = getattr(importlib.import_module(spec.module), spec.panel)(self._session)
        dock.setWidget(panel)
        panel.show()  # Qt leaves that to us once the dock is seen
        use_window = getattr(panel, "use_window", None)
        if use_window is not None:
            use_window(self._window)
        use_actions = getattr(panel, "use_actions", None)
        if use_actions is not None:
            use_actions(self._actions)
        for then in waiting:
            then(panel)

    def _make_next(self) -> None:
        dock_id = next(iter(self._waiting), None)
        if dock_id is None:
            self._completing.stop()
        else:
            self._make(dock_id)

    def _on_seen(self, dock_id: str, seen: bool) -> None:
        if seen:
            self._make(dock_id)
