"""The selection painted as a mask: what a stroke selects and takes away, and when it is refused."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core import edits
from studio.core.document import Document
from studio.core.edits.quick_mask import SelectionStroke
from studio.core.errors import DocumentError
from studio.core.geometry import Point, Rect, Size
from studio.core.gradients import BLACK_TO_WHITE
from studio.core.history import History
from studio.core.layers import Place, RasterLayer
from studio.core.painting.brush import Brush, StrokePoint
from studio.core.painting.inks import Clone, Erase, Paint, Tone
from studio.core.pixels import PixelBuffer
from studio.core.selection import Coverage
from tests.support.documents import random_document

HARD = Brush(size_px=10, hardness=1.0, spacing=0.05)
WHITE, BLACK, GREY = Paint(color=(1, 1, 1)), Paint(color=(0, 0, 0)), Paint(color=(0.5, 0.5, 0.5))
LINE = (StrokePoint(x=20, y=20), StrokePoint(x=50, y=20))


def selected(document: Document) -> Coverage:
    assert document.selection is not None
    return document.selection.read()


@pytest.fixture
def sheet() -> Document:
    """60 x 40 with a box selected."""
    return edits.select_rectangle(Document(size=Size(60, 40)), Rect(0, 0, 30, 40))


def along(size: Size) -> np.ndarray:
    """Which pixels lie surely within the stroke, and surely outside of it."""
    y, x = np.mgrid[0 : size.height, 0 : size.width] + 0.5
    return np.hypot(np.clip(x, 20, 50) - x, y - 20)


@pytest.mark.parametrize(("ink", "value"), [(WHITE, 255), (BLACK, 0), (Erase(), 0), (GREY, 128)])
def test_it_is_selected_as_bright_as_it_is_painted(sheet: Document, ink: Paint | Erase, value: int) -> None:
    told, before = selected(edits.paint_selection(sheet, HARD, ink, LINE)), selected(sheet)
    far = along(sheet.size)
    assert np.abs(told[far < 4].astype(int) - value).max() <= 1
    assert np.array_equal(told[far > 6], before[far > 6])


def test_without_a_selection_everything_is_selected_at_first() -> None:
    start = Document(size=Size(60, 40))
    told = selected(edits.paint_selection(start, HARD, BLACK, LINE))
    far = along(start.size)
    assert (told[far < 4] == 0).all()
    assert (told[far > 6] == 255).all()


def test_what_lies_off_the_canvas_is_cut(sheet: Document) -> None:
    out = edits.paint_selection(sheet, HARD, WHITE, (StrokePoint(x=-20, y=-4), StrokePoint(x=80, y=44)))
    assert out.check() == []
    assert out.selection is not None
    assert out.selection.size == sheet.size


def test_painting_all_away_is_refused(sheet: Document) -> None:
    with pytest.raises(DocumentError, match="select nothing"):
        edits.paint_selection(sheet, Brush(size_px=300, hardness=1.0), BLACK, LINE)


def test_tones_change_how_much_is_selected(sheet: Document) -> None:
    half = edits.paint_selection(sheet, HARD, GREY, LINE)
    told = selected(edits.paint_selection(half, HARD, Tone(exposure=0.5), LINE))
    far = along(sheet.size)
    assert np.abs(told[far < 4].astype(float) - 255 * (128 / 255) ** (1 / 1.5)).max() <= 1
    assert np.array_equal(told[far > 6], selected(half)[far > 6])


def test_cloning_takes_what_is_selected_elsewhere(sheet: Document) -> None:
    told = selected(edits.paint_selection(sheet, HARD, Clone(offset=Point(-20, 0)), LINE))
    far = along(sheet.size)
    shifted = np.pad(selected(sheet)[:, :-20], ((0, 0), (20, 0)))
    assert np.array_equal(told[far < 4], shifted[far < 4])


def test_smudging_carries_the_selection_on(sheet: Document) -> None:
    out = edits.smudge_selection(sheet, HARD, LINE, strength=0.3)
    assert out.check() == []
    told = selected(out)
    assert told[20, 31] > 60
    assert told[20, 31] > told[20, 44]
    assert np.array_equal(told[along(sheet.size) > 7], selected(sheet)[along(sheet.size) > 7])


@pytest.mark.parametrize("merged", [False, True])
def test_the_bucket_fills_what_is_alike(sheet: Document, merged: bool) -> None:
    paper = np.full((40, 60, 4), 255, np.uint8)
    paper[20:] = (0, 0, 0, 255)
    start = edits.add_layers(sheet, (RasterLayer(pixels=PixelBuffer.from_array(paper)),), Place(None, 0))
    told = selected(edits.fill_selection(start, Point(50, 30), (1.0, 1.0, 1.0), merged=merged))
    expected = selected(sheet)
    if merged:
        expected[20:] = 255
    else:
        expected[:] = 255
    assert np.array_equal(told, expected)


def test_a_gradient_runs_over_the_selection(sheet: Document) -> None:
    told = selected(edits.shade_selection(sheet, BLACK_TO_WHITE, (0, 0), (60, 0), dither=False))
    exact = (np.arange(60) + 0.5) / 60 * 255
    assert np.abs(told - exact).max() <= 0.51


def test_an_edit_that_leaves_nothing_is_refused(sheet: Document) -> None:
    with pytest.raises(DocumentError, match="select nothing"):
        edits.fill_selection(sheet, Point(5, 5), (0.0, 0.0, 0.0))


def test_layers_and_the_old_root_stay_as_they_are() -> None:
    start = edits.select_rectangle(random_document(3), Rect(2, 2, 30, 30))
    before = selected(start)
    out = edits.paint_selection(start, HARD, BLACK, (StrokePoint(x=10, y=10),))
    assert out.layers is start.layers
    assert np.array_equal(selected(start), before)


def test_a_stroke_in_pieces_is_one_step_and_a_macro_knows_it(sheet: Document) -> None:
    history = History(sheet)
    stroke = SelectionStroke(sheet, HARD, BLACK)
    for point in LINE:
        stroke.extend([point])
        history.apply(stroke.edit, merge_key="stroke")
    stroke.finish()
    history.apply(stroke.edit, merge_key="stroke")
    assert history.labels == ("", "Paint selection")
    whole = edits.paint_selection(sheet, HARD, BLACK, LINE)
    assert np.array_equal(selected(history.document), selected(whole))
    (call,) = list(history.calls[-1] or ())
    again = edits.EDITS[call.id].function(sheet, **call.arguments)
    assert np.array_equal(selected(again), selected(whole))


def test_another_selection_meanwhile_ends_it(sheet: Document) -> None:
    stroke = SelectionStroke(sheet, HARD, BLACK)
    stroke.extend(LINE)
    moved = edits.move_selection(sheet, Point(3, 0))
    with pytest.raises(DocumentError, match="changed while"):
        stroke.edit(moved)
