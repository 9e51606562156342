"""What is selected in the window, and the dialogs that ask about it."""

from __future__ import annotations

from typing import TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QDialog,
)
from pytestqt.qtbot import QtBot

from studio.core.geometry import Rect
from studio.core.layers import LayerId
from studio.ui.main_window import MainWindow

GROUND, SQUARE = LayerId("ground"), LayerId("square")
BOX = Rect(10, 8, 30, 20)
D = TypeVar("D", bound=QDialog)


def press(window: MainWindow, keys: str) -> None:
    sequence = QKeySequence(keys)[0]  # pyright: ignore[reportIndexIssue]  # missing in PySide6's stub
    QTest.keyClick(window.canvas.surface, sequence.key(), sequence.keyboardModifiers())


def same(told: NDArray[np.uint8] | None, wanted: object) -> bool:
    """Whether something is selected, and just that."""
    return told is not None and np.array_equal(told, cast("ArrayLike", wanted))


def selected(window: MainWindow) -> NDArray[np.uint8] | None:
    selection = window.session.document.selection
    return None if selection is None else selection.read()


def box(rect: Rect, size: tuple[int, int] = (48, 64)) -> NDArray[np.uint8]:
    out = np.zeros(size, np.uint8)
    out[rect.slices()] = 255
    return out


def dialog(window: MainWindow, kind: type[D]) -> D:
    """The one that is open."""
    (found,) = [one for one in window.findChildren(kind) if one.isVisible()]
    return found


def idle(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.canvas.work.is_busy and not window.work.is_busy)
