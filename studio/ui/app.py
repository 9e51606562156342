"""The window as a program: application, style, translation, the net for unforeseen errors, start and end."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import cast

import platformdirs
from PySide6.QtCore import QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

import studio
from studio.core.errors import StudioError
from studio.session import Session
from studio.ui import theme
from studio.ui.bridge import Bridge
from studio.ui.canvas.collecting import hold_collector, release_collector, spare_what_is_there
from studio.ui.canvas.warming import Warming
from studio.ui.icons import drawn
from studio.ui.language import CatalogueTranslator, catalogue, chosen
from studio.ui.main_window import MainWindow
from studio.ui.notices import Notices
from studio.ui.settings import SettingsFile

_log = logging.getLogger(__name__)
ICON_SIZES_PX = (16, 32, 64, 128)


def queue_dir() -> Path:
    """Where pending jobs are kept between runs."""
    return platformdirs.user_data_path("lamina-studio", appauthor=False) / "queue"


def application(settings: SettingsFile) -> QApplication:
    """The Qt application in the theme and language of the settings; the running one when there is one."""
    running = QApplication.instance()
    app = cast("QApplication", running) if running is not None else QApplication(["lamina"])
    app.setApplicationName("lamina-studio")
    app.setApplicationDisplayName("Lamina Studio")
    app.setApplicationVersion(studio.__version__)
    QGuiApplication.setDesktopFileName("lamina-studio")
    app.setStyle("Fusion")
    translate(app, settings.now.language)
    look = theme.apply(settings.now.theme)
    sign = QIcon()
    for size in ICON_SIZES_PX:
        sign.addPixmap(drawn("layers", look.accent, size))
    app.setWindowIcon(sign)
    return app


def translate(app: QApplication, setting: str) -> None:
    """Put up the texts of a language in place of the last one's; Qt's own dialogs follow where Qt has them."""
    for old in app.findChildren(QTranslator, options=Qt.FindChildOption.FindDirectChildrenOnly):
        app.removeTranslator(old)
        old.deleteLater()
    language = chosen(setting)
    if texts := catalogue(language):
        app.installTranslator(CatalogueTranslator(texts, app))
    own = QTranslator(app)
    if own.load(QLocale(language), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(own)


class ErrorNet:
    """Turns errors that nobody foresaw into notices: the edge of the event loop. Restores the old net on `close`."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._old = sys.excepthook
        sys.excepthook = self._caught

    def close(self) -> None:
        """Let errors go where they went before."""
        sys.excepthook = self._old

    def _caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        if not isinstance(error, StudioError):
            _log.error("unforeseen", exc_info=(kind, error, trace))
        self._notices.fail(error)


def run(files: Sequence[str] = ()) -> int:
    """Show the window, open the first of the files, and stay until it is closed; the exit status."""
    settings = SettingsFile()
    app = application(settings)
    hold_collector()
    bridge = Bridge(app)
    session = Session()
    window = MainWindow(session, settings, bridge)
    net = ErrorNet(window.notices)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    window.show()
    warming = Warming(app)
    warming.done.connect(spare_what_is_there)
    warming.start()
    window.seen.connect(lambda: begin(window, [Path(name) for name in files]))
    code = app.exec()
    warming.release()
    net.close()
    release_collector()
    return code


def begin(window: MainWindow, files: Sequence[Path]) -> None:
    """What can wait until the window is seen: the job queue, left-over work, the files that were asked for."""
    try:
        window.use_worker(queue_dir())
    except (OSError, StudioError) as error:
        window.notices.fail(error)
    if window.settings.problem is not None:
        window.notices.fail(window.settings.problem)
    for fault in window.session.registry.faults:
        window.notices.fail(fault)
    if files:
        window.files.open(files[0])
    window.recovery.look()
