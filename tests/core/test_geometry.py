"""Rectangles against sets of pixels, and affine maps against each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from studio.core.geometry import EMPTY, Affine, Point, Rect, Size

near = st.integers(-12, 12)
rects = st.builds(Rect, near, near, near, near)
points = st.builds(Point, near, near)
floats = st.floats(-4, 4)
maps = st.builds(Affine, floats, floats, floats, floats, floats, floats)


def pixels(rect: Rect) -> set[tuple[int, int]]:
    return {(x, y) for x in range(rect.left, rect.right) for y in range(rect.top, rect.bottom)}


@given(rects, rects)
def test_rectangles_are_sets_of_pixels(a: Rect, b: Rect) -> None:
    assert pixels(a.intersect(b)) == pixels(a) & pixels(b)
    assert a.contains(b) == (pixels(b) <= pixels(a))
    assert a.area == len(pixels(a))
    assert a.is_empty == (not pixels(a))
    around = Rect.union((a, b))
    assert pixels(around) >= pixels(a) | pixels(b)
    assert around == EMPTY or not (a.is_empty and b.is_empty)
    assert a.intersect(b) == EMPTY or not a.intersect(b).is_empty


@given(rects, points)
def test_moving(rect: Rect, by: Point) -> None:
    assert pixels(rect.moved(by)) == {(x + by.x, y + by.y) for x, y in pixels(rect)}
    assert rect.contains_point(by) == ((by.x, by.y) in pixels(rect))


@given(rects, st.integers(1, 5))
def test_cells_are_the_grid_cells_that_are_touched(rect: Rect, step: int) -> None:
    cells = list(rect.cells(step))
    assert set(cells) == {(x // step, y // step) for x, y in pixels(rect)}
    assert len(cells) == len(set(cells))
    assert cells == sorted(cells, key=lambda cell: (cell[1], cell[0]))


@given(rects, st.integers(-5, 5))
def test_grown(rect: Rect, margin: int) -> None:
    grown = rect.grown(margin)
    assert grown.is_empty or grown.width == rect.width + 2 * margin
    assert rect.is_empty or margin < 0 or grown.contains(rect)


@given(points, st.builds(Size, st.integers(1, 9), st.integers(1, 9)), st.integers(0, 9), st.integers(0, 9))
def test_slices_address_the_rectangle_in_an_array(corner: Point, size: Size, right: int, down: int) -> None:
    rect, origin = Rect.at(corner, size), corner - Point(right, down)
    array = np.zeros((30, 30), bool)
    array[rect.slices(origin)] = True
    rows, columns = np.nonzero(array)
    assert {(int(x) + origin.x, int(y) + origin.y) for x, y in zip(columns, rows, strict=True)} == pixels(rect)


def test_sizes() -> None:
    assert Rect.at(Point(-3, 2), Size(4, 5)) == Rect(-3, 2, 1, 7)
    assert Rect(-3, 2, 1, 7).size == Size(4, 5)
    assert Size(3, 4).diagonal == 5.0
    assert (Size(3, 4).rect, Size(3, 4).area) == (Rect(0, 0, 3, 4), 12)
    assert -(Point(1, 2) - Point(4, 4)) == Point(3, 2)


@given(maps, maps, floats, floats)
def test_then_applies_one_after_the_other(first: Affine, second: Affine, x: float, y: float) -> None:
    assert first.then(second).apply(x, y) == pytest.approx(second.apply(*first.apply(x, y)), abs=1e-9)


@given(maps, floats, floats)
def test_inverse(forth: Affine, x: float, y: float) -> None:
    assume(abs(forth.a * forth.d - forth.b * forth.c) > 0.1)
    assert forth.inverse().apply(*forth.apply(x, y)) == pytest.approx((x, y), abs=1e-6)


def test_a_flat_map_has_no_inverse() -> None:
    with pytest.raises(ZeroDivisionError):
        Affine.scale(0, 1).inverse()


def test_a_quarter_turn_is_clockwise_on_screen() -> None:
    assert Affine.rotation(90).apply(1, 0) == pytest.approx((0, 1))
    assert Affine.rotation(90).then(Affine.translation(5, 0)).apply(0, 1) == pytest.approx((4, 0))
