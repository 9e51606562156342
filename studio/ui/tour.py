"""A scripted walk through the window that saves what it looks like: `python -m studio.ui.tour FOLDER`.

It opens the sample picture, marks its objects, takes it apart, drags one, opens every panel and dialog, and saves a
picture of each stop in every theme asked for. Scale it as a screen would with QT_SCALE_FACTOR=2. No display is needed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from studio.core.errors import StudioError
from studio.core.guides import Guides
from studio.session import Session
from studio.ui import theme
from studio.ui.app import application
from studio.ui.bridge import Bridge
from studio.ui.canvas.tools.place import PlaceTool
from studio.ui.comparison import CompareDialog
from studio.ui.decompose import Stage
from studio.ui.dialogs import NewDialog, ReportDialog
from studio.ui.language import LANGUAGES
from studio.ui.main_window import MainWindow
from studio.ui.palette import CommandPalette
from studio.ui.panels.plugins import PluginPanel
from studio.ui.settings import SettingsFile
from studio.ui.shortcuts import ShortcutEditor

SIZE = (1360, 850)
PATIENCE_S = 300.0
PEAR, MUG = (290, 470), (840, 430)
"""Where they are in the sample picture."""


class Tour:
    """The window on the way. `shot` saves what it looks like under the name of the stop."""

    def __init__(self, window: MainWindow, folder: Path, mark: str) -> None:
        self.window = window
        self._folder = folder
        self._mark = mark
        self._stop = 0
        self.saved: list[Path] = []

    def shot(self, name: str, widget: QWidget | None = None) -> None:
        """Save a picture of the window, or of another one over it."""
        self.wait(lambda: not self.window.session.has_document or self.window.canvas.is_settled)
        self._stop += 1
        path = self._folder / f"{self._stop:02d}_{name}_{self._mark}.png"
        (widget or self.window).grab().save(str(path))
        self.saved.append(path)

    def wait(self, done: Callable[[], bool]) -> None:
        """Let Qt work until `done`. Raises StudioError when it takes too long."""
        end = time.monotonic() + PATIENCE_S
        while not done():
            QCoreApplication.processEvents()
            time.sleep(0.002)
            if time.monotonic() > end:
                raise StudioError("The tour waited too long.", "Run it again when the machine is less busy.")
        for _ in range(10):
            QCoreApplication.processEvents()

    def wait_for_files(self) -> None:
        """Until nothing is read or written."""
        self.wait(lambda: not self.window.work.is_busy)


def walk(tour: Tour, *, decompose: bool) -> None:
    """All stops."""
    window = tour.window
    tour.shot("welcome")
    window.files.open_sample()
    tour.wait_for_files()
    tour.shot("sample")
    window.action_set["ai.layer_decomp"].trigger()
    tour.wait(lambda: not window.canvas.finder.is_busy)
    _point(tour, *PEAR)
    tour.shot("hover")
    for place in (PEAR, MUG):
        _click(tour, *place)
    tour.shot("marked")
    if decompose:
        window.decompose.run_button.click()
        tour.wait(lambda: window.session.jobs.running is not None)
        tour.shot("running")
        tour.wait(lambda: window.decompose.stage is Stage.HIDDEN and not window.session.jobs.running)
        tour.shot("decomposed")
        _drag(tour, MUG, (MUG[0] - 180, MUG[1] + 60))
        tour.shot("moved")
        window.files.compare()
        tour.wait_for_files()
        _stop_at(tour, "compare", CompareDialog)
        _placing(tour)
    else:
        window.decompose.cancel()
    _view(tour)
    _painting(tour)
    _panels(tour)
    _dialogs(tour)
    window.notices.tell("Exported still_life.psd.")
    window.notices.fail(StudioError("Could not open poster.psd: the layer data ends early.", "Export it again."))
    tour.shot("notices")


def _view(tour: Tour) -> None:
    """Rulers, guides, a mask in red, a turned view, single pixels."""
    window = tour.window
    window.action_set["layer.new"].trigger()
    window.action_set["layer.add_mask"].trigger()
    window.action_set["layer.invert_mask"].trigger()
    window.settings.change(rulers=False, mask_tint=False)
    window.switch_view("rulers")
    window.switch_view("mask_tint")
    window.canvas.set_guides(Guides(columns=(300, 900), rows=(400,)))
    tour.shot("rulers_guides_mask")
    window.switch_view("mask_tint")
    window.canvas.rotate_to(20)
    tour.shot("rotated")
    window.canvas.reset_rotation()
    window.canvas.zoom_to(24.0)
    tour.shot("pixels")
    window.canvas.fit()


def _placing(tour: Tour) -> None:
    """Where the moved object would fit, its best place chosen."""
    window = tour.window
    window.choose_tool("place")
    tool = window.canvas.tool
    if isinstance(tool, PlaceTool):
        tour.wait(lambda: bool(tool.value.places))
        tool.choose(0)
        tour.shot("place")
        tool.discard()
    window.choose_tool("move")


def _painting(tour: Tour) -> None:
    """A stroke of the brush beside the colour panel, and the gradient."""
    window = tour.window
    window.action_set["layer.new"].trigger()
    window.show_panel("colors")
    window.toolbox.kit.colors.options.change(foreground=(0.85, 0.3, 0.15))
    window.choose_tool("brush")
    _drag(tour, (200, 150), (600, 250))
    tour.shot("brush")
    window.choose_tool("gradient")
    tour.shot("gradient")
    window.choose_tool("move")


def _panels(tour: Tour) -> None:
    """Every panel in front, and the form of every plugin."""
    window = tour.window
    for name in ("history", "properties", "jobs"):
        window.docks.show(name)
        tour.wait(lambda: True)
        tour.shot(f"panel_{name}")
    window.docks.show("layers")
    window.docks.show("plugins")
    panel = window.docks.panel("plugins")
    if isinstance(panel, PluginPanel):
        for plugin in window.session.registry:
            panel.choose(plugin.manifest.id)
            tour.wait(lambda: True)
            tour.shot(f"form_{plugin.manifest.id}")


def _point(tour: Tour, x: int, y: int) -> None:
    """Move the pointer to a canvas point."""
    surface = tour.window.canvas.surface
    at = QPointF(*tour.window.canvas.transform.to_view(x, y))
    none = Qt.MouseButton.NoButton
    moved = QMouseEvent(QEvent.Type.MouseMove, at, surface.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier)
    QCoreApplication.sendEvent(surface, moved)
    tour.wait(lambda: True)


def _click(tour: Tour, x: int, y: int) -> None:
    """Click a canvas point."""
    at = QPointF(*tour.window.canvas.transform.to_view(x, y)).toPoint()
    QTest.mouseClick(tour.window.canvas.surface, Qt.MouseButton.LeftButton, pos=at)
    tour.wait(lambda: True)


def _drag(tour: Tour, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Drag from one canvas point to another."""
    canvas = tour.window.canvas
    first, last = (QPointF(*canvas.transform.to_view(*point)).toPoint() for point in (start, end))
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, pos=first)
    QTest.mouseMove(canvas.surface, (first + last) / 2)
    QTest.mouseMove(canvas.surface, last)
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, pos=last)
    tour.wait(lambda: True)


def _dialogs(tour: Tour) -> None:
    window = tour.window
    window.show_palette()
    palette = window.findChildren(CommandPalette)[-1]
    palette.field.setText("layer")
    tour.shot("palette", palette)
    palette.reject()
    window.show_shortcuts()
    _stop_at(tour, "shortcuts", ShortcutEditor)
    window.files.new()
    _stop_at(tour, "new", NewDialog)
    window.files.export_to(Path(tempfile.gettempdir()) / "tour.jpg")
    tour.wait_for_files()
    _stop_at(tour, "report", ReportDialog)
    window.files.close()
    _stop_at(tour, "unsaved", QMessageBox)


def _stop_at(tour: Tour, name: str, kind: type[QDialog]) -> None:
    """Save what the shown dialog of this kind looks like, and close it."""
    (dialog,) = (found for found in tour.window.findChildren(kind) if found.isVisible())
    tour.shot(name, dialog)
    dialog.reject()


@contextmanager
def on_window(look: str, language: str = "en") -> Iterator[MainWindow]:
    """A window with settings and recovery of its own, closed at the end."""
    with tempfile.TemporaryDirectory(prefix="lamina-tour-") as home:
        settings = SettingsFile(Path(home) / "window.toml")
        settings.change(theme=look, language=language)
        app = application(settings)
        bridge = Bridge(app)
        window = MainWindow(Session(), settings, bridge, recovery=Path(home) / "recovery")
        window.use_worker(Path(home) / "queue")
        window.resize(*SIZE)
        window.show()
        try:
            yield window
        finally:
            for dialog in window.findChildren(QDialog):
                dialog.close()
            window.keeper.close(keep_edits=False)
            window.close()
            window.deleteLater()
            QCoreApplication.processEvents()


def main(arguments: list[str] | None = None) -> int:
    """Walk through the window once for each theme; the exit status."""
    parser = argparse.ArgumentParser(description="Walk through the window and save what it looks like.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--theme", action="append", choices=list(theme.THEMES), help="may be given several times")
    parser.add_argument("--language", choices=list(LANGUAGES), default="en")
    parser.add_argument("--quick", action="store_true", help="do not decompose the picture")
    told = parser.parse_args(arguments)
    told.folder.mkdir(parents=True, exist_ok=True)
    scale = os.environ.get("QT_SCALE_FACTOR", "1")
    for look in told.theme or ["dark", "light"]:
        with on_window(look, told.language) as window:
            tour = Tour(window, told.folder, f"{look}_{round(100 * float(scale))}_{told.language}")
            walk(tour, decompose=not told.quick)
            print(*tour.saved, sep="\n")
    return 0


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.exit(main())
