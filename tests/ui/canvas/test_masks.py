"""The selection's outline and the tint of a mask, as the document has them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.core import edits
from studio.core.geometry import Point, Rect
from studio.core.layers import LayerId, Mask
from studio.core.pixels import PixelBuffer
from studio.session import Session
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.conftest import grabbed


def changed(canvas: CanvasView, plain: NDArray[np.uint8], x: float, y: float) -> bool:
    """Whether something is drawn near a canvas point that was not there."""
    column, row = (int(value) for value in canvas.transform.to_view(x, y))
    around = np.s_[row - 2 : row + 3, column - 2 : column + 3]
    return bool((grabbed(canvas.surface)[around] != plain[around]).any())


@pytest.fixture
def masked(session: Session) -> Session:
    """The square has a mask that hides its left half; outside the mask nothing is hidden."""
    samples = np.full((60, 80, 1), 255, np.uint8)
    samples[:, :40] = 0
    buffer = PixelBuffer.from_array(samples)
    session.history.apply(edits.step(edits.set_mask, LayerId("square"), Mask(pixels=buffer, origin=Point(40, 30))))
    session.select([LayerId("square")])
    return session


def test_the_selection_is_outlined_and_follows_undo(canvas: CanvasView, session: Session) -> None:
    plain = grabbed(canvas.surface)
    session.history.apply(edits.step(edits.select_rectangle, Rect(100, 50, 200, 150)))
    assert changed(canvas, plain, 100, 100)
    assert not changed(canvas, plain, 150, 100)
    session.history.undo()
    assert not changed(canvas, plain, 100, 100)


def test_the_mask_of_the_active_layer_is_tinted_while_wanted(canvas: CanvasView, masked: Session) -> None:
    plain = grabbed(canvas.surface)
    canvas.set_mask_visible(True)
    assert changed(canvas, plain, 60, 50)
    assert not changed(canvas, plain, 100, 50)
    masked.select([LayerId("back")])
    assert not changed(canvas, plain, 60, 50)
    masked.select([LayerId("square")])
    assert changed(canvas, plain, 60, 50)
    canvas.set_mask_visible(False)
    assert not changed(canvas, plain, 60, 50)


def test_the_tint_follows_the_mask(canvas: CanvasView, masked: Session, qtbot: object) -> None:
    canvas.set_mask_visible(True)
    plain = grabbed(canvas.surface)
    masked.history.apply(edits.step(edits.invert_mask, LayerId("square")))
    assert changed(canvas, plain, 100, 50)
    assert changed(canvas, plain, 60, 50)
    assert changed(canvas, plain, 200, 150)  # what lies outside the mask is hidden now, too
