"""A scripted walk through the window that saves what it looks like: `python -m studio.ui.tour FOLDER`.

It opens the sample picture, works on its layers, decomposes it when the worker can, and saves a picture of each stop in
every theme asked for. Scale it as a screen would with QT_SCALE_FACTOR=2. No display is needed.
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

from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from studio import resources
from studio.commands import RunPlugin, run_plugin
from studio.core.errors import StudioError
from studio.core.layers import GroupLayer
from studio.session import Session
from studio.ui import theme
from studio.ui.app import application
from studio.ui.bridge import Bridge
from studio.ui.dialogs import NewDialog, ReportDialog
from studio.ui.language import LANGUAGES
from studio.ui.main_window import MainWindow
from studio.ui.palette import CommandPalette
from studio.ui.settings import SettingsFile
from studio.ui.shortcuts import ShortcutEditor

SIZE = (1360, 850)
PATIENCE_S = 60.0
MASKS = ("still_life_pear.png", "still_life_mug.png")


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
    _mark(tour, 290, 470)
    _mark(tour, 840, 430)
    tour.shot("marked")
    window.decompose.cancel()
    if decompose:
        run_plugin(
            window.session, RunPlugin(plugin="layer_decomp", masks=tuple(map(str, map(resources.sample, MASKS))))
        )
        _choose_front_object(window)
        tour.shot("decomposed")
    window.session.select(window.session.selection[:1])
    window.action_set["layer.duplicate"].trigger()
    window.settings.change(rulers=False)
    window.switch_view("rulers")
    window.canvas.actual_size()
    tour.shot("rulers")
    window.canvas.rotate_to(20)
    tour.shot("rotated")
    window.canvas.reset_rotation()
    window.canvas.fit()
    _dialogs(tour)
    window.notices.tell("Exported still_life.psd.")
    window.notices.fail(StudioError("Could not open poster.psd: the layer data ends early.", "Export it again."))
    tour.shot("notices")


def _mark(tour: Tour, x: int, y: int) -> None:
    """Click the object at a canvas point."""
    at = QPointF(*tour.window.canvas.transform.to_view(x, y)).toPoint()
    QTest.mouseClick(tour.window.canvas.surface, Qt.MouseButton.LeftButton, pos=at)
    tour.wait(lambda: True)


def _choose_front_object(window: MainWindow) -> None:
    whole = window.session.document.layers[-1]
    if isinstance(whole, GroupLayer):
        window.session.select([whole.children[-1].id])


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
