"""What is selected, compared with what should be: pixel by pixel, and by sampling."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import Qt

from studio.session import Session
from studio.ui.canvas.tools.select import SelectTool
from studio.ui.canvas.view import CanvasView

Coverage = NDArray[np.uint8]
Spot = tuple[float, float]
NONE = Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
SIZE = (200, 300)


def same(told: Coverage | None, wanted: object) -> bool:
    """Whether something is selected, and just that."""
    return told is not None and np.array_equal(told, cast("ArrayLike", wanted))


def selected(session: Session) -> Coverage | None:
    selection = session.document.selection
    return None if selection is None else selection.read()


def rectangle(left: int, top: int, right: int, bottom: int) -> Coverage:
    """Pixel by pixel."""
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]]
    return np.where((x >= left) & (x < right) & (y >= top) & (y < bottom), 255, 0).astype(np.uint8)


def sampled(inside: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]]) -> Coverage:
    """Coverage of a shape by 16 x 16 points in each pixel."""
    count = 16
    steps = (np.arange(count) + 0.5) / count
    total = np.zeros(SIZE)
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]].astype(np.float64)
    for down in steps:
        for across in steps:
            total += inside(x + across, y + down)
    return np.rint(255 * total / count**2).astype(np.uint8)


def assert_about(told: Coverage | None, wanted: Coverage, most: int = 12) -> None:
    """Edges of pixels that are cut are as near as the sampling tells; all others are the same."""
    assert told is not None
    gap = np.abs(told.astype(int) - wanted)
    assert gap.max() <= most
    assert gap[(wanted == 0) | (wanted == 255)].max() <= 8


Use = Callable[[type[SelectTool]], CanvasView]
"""Shows the canvas with a selection tool."""
