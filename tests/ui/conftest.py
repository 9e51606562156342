"""What every test of the window must leave behind: no Qt warning, no widget, no timer, no thread."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, QtMsgType
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

HARMLESS = ("propagateSizeHints", "This plugin does not support")
"""What the offscreen platform says about itself."""


@pytest.fixture(autouse=True)
def _leaves_nothing(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    """Fails the test that made Qt complain, or that leaves a window, a running timer or a thread."""
    qtlog = request.getfixturevalue("qtlog")
    widgets = set(map(id, QApplication.topLevelWidgets()))
    threads = set(threading.enumerate())
    yield
    _let_go()
    records = [record for record in qtlog.records if record.type is not QtMsgType.QtDebugMsg]
    warned = [record.message for record in records if not any(word in record.message for word in HARMLESS)]
    _delete_later_ones()
    if _left(qapp, widgets, threads):
        gc.collect()  # what only a reference cycle holds is not a leak
        _delete_later_ones()
    assert warned == [], "Qt complained"
    assert _left(qapp, widgets, threads) == [], "something is left"


def _let_go() -> None:
    """Release what Qt takes for held: a double click of QTest ends with a press."""
    held = QApplication.mouseButtons()
    if held == Qt.MouseButton.NoButton:
        return
    widget = QWidget()
    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton):
        if held & button:
            QTest.mouseRelease(widget, button)
    assert QApplication.mouseButtons() == Qt.MouseButton.NoButton
    widget.deleteLater()


def _left(app: QApplication, widgets: set[int], threads: set[threading.Thread]) -> list[str]:
    """Windows and threads that were not there before, and timers that still run."""
    return [
        *(repr(widget) for widget in QApplication.topLevelWidgets() if id(widget) not in widgets),
        *(repr(timer) for timer in app.findChildren(QTimer) if timer.isActive()),
        *(thread.name for thread in threading.enumerate() if thread not in threads and thread.is_alive()),
    ]


def _delete_later_ones() -> None:
    """Do the deletions that were put off, and what they lead to."""
    for _ in range(2):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QCoreApplication.processEvents()
