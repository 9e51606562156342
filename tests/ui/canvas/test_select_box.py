"""The box of a drag, against its definition for every drag in a small range."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.geometry import Rect
from studio.ui.canvas.options import read
from studio.ui.canvas.tools.select_box import BoxStyle, Style, dragged_box

spots = st.tuples(st.integers(-50, 50), st.integers(-50, 50))


@given(spots, spots)
def test_free_is_the_box_between_two_corners(start: tuple[int, int], stop: tuple[int, int]) -> None:
    box = dragged_box(start, stop, BoxStyle())
    assert (box.left, box.right) == tuple(sorted((start[0], stop[0])))
    assert (box.top, box.bottom) == tuple(sorted((start[1], stop[1])))


@given(spots, spots)
def test_from_the_middle_it_reaches_as_far_the_other_way(start: tuple[int, int], stop: tuple[int, int]) -> None:
    box = dragged_box(start, stop, BoxStyle(), from_middle=True)
    assert (box.left + box.right, box.top + box.bottom) == (2 * start[0], 2 * start[1])
    assert (box.right - start[0], box.bottom - start[1]) == (abs(stop[0] - start[0]), abs(stop[1] - start[1]))


@given(spots, spots, st.booleans())
def test_a_square_has_the_longer_side_and_its_corner_at_the_start(
    start: tuple[int, int], stop: tuple[int, int], fixed: bool
) -> None:
    style = BoxStyle(style=Style.RATIO) if fixed else BoxStyle()
    box = dragged_box(start, stop, style, square=not fixed)
    side = max(abs(stop[0] - start[0]), abs(stop[1] - start[1]))
    assert (box.right - box.left, box.bottom - box.top) == (side, side)
    assert start[0] in (box.left, box.right)
    assert start[1] in (box.top, box.bottom)
    assert (start[0] == box.right) == (stop[0] < start[0] or side == 0)


@pytest.mark.parametrize(("stop", "size"), [((30, 2), (30, 10)), ((6, 20), (60, 20)), ((-9, -5), (15, 5))])
def test_a_ratio_follows_the_side_that_is_further(stop: tuple[int, int], size: tuple[int, int]) -> None:
    box = dragged_box((0, 0), stop, BoxStyle(style=Style.RATIO, ratio_width=3, ratio_height=1))
    assert (box.width, box.height) == size
    assert box.left == (0 if stop[0] > 0 else -size[0])


def test_a_fixed_size_hangs_on_the_pointer() -> None:
    style = BoxStyle(style=Style.SIZE, width_px=20, height_px=7)
    assert dragged_box((0, 0), (5, 6), style) == Rect(5, 6, 25, 13)
    assert dragged_box((0, 0), (5, 6), style, from_middle=True) == Rect(-5, 3, 15, 10)


def test_a_drag_along_one_axis_is_empty() -> None:
    assert dragged_box((4, 4), (9, 4), BoxStyle()).is_empty


@pytest.mark.parametrize("told", [{"ratio_width": 0.0}, {"width_px": 0}, {"style": "round"}, {"width_px": "9"}])
def test_settings_that_make_no_box_are_not_taken(told: dict[str, object]) -> None:
    assert read(BoxStyle(), told) == BoxStyle()
