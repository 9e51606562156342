"""What dragging a handle does to a box."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.geometry import Rect
from studio.ui.canvas.interactions.handles import HANDLES, Handle, normal, resized

boxes = st.builds(
    lambda x, y, w, h: Rect(x, y, x + w, y + h),
    st.integers(-200, 200),
    st.integers(-200, 200),
    st.integers(1, 300),
    st.integers(1, 300),
)
handles = st.sampled_from(HANDLES)
steps = st.integers(-400, 400)


@given(boxes, handles)
def test_no_drag_changes_nothing(rect: Rect, handle: Handle) -> None:
    for keep in (False, True):
        for middle in (False, True):
            assert resized(rect, handle, 0, 0, keep_aspect=keep, from_middle=middle) == rect


@given(boxes, handles, steps, steps)
def test_only_the_dragged_sides_move(rect: Rect, handle: Handle, dx: int, dy: int) -> None:
    new = resized(rect, handle, dx, dy)
    assert not new.is_empty
    if handle.across == 0:
        assert (new.left, new.right) == (rect.left, rect.right)
    else:
        fixed = rect.left if handle.across > 0 else rect.right
        assert fixed in (new.left, new.right)
    if handle.down == 0:
        assert (new.top, new.bottom) == (rect.top, rect.bottom)


@given(boxes, handles, steps, steps)
def test_from_the_middle_it_stays_there(rect: Rect, handle: Handle, dx: int, dy: int) -> None:
    new = resized(rect, handle, dx, dy, from_middle=True)
    assert abs((new.left + new.right) - (rect.left + rect.right)) <= 1
    assert abs((new.top + new.bottom) - (rect.top + rect.bottom)) <= 1


@given(boxes, handles, steps, steps)
def test_in_proportion_both_sides_change_alike(rect: Rect, handle: Handle, dx: int, dy: int) -> None:
    new = resized(rect, handle, dx, dy, keep_aspect=True)
    off = abs(new.width * rect.height - new.height * rect.width)
    assert off <= 1.01 * max(rect.width, rect.height)


@pytest.mark.parametrize(
    ("handle", "step", "expected"),
    [
        (Handle(1, 1), (10, 5), Rect(10, 20, 60, 45)),
        (Handle(-1, -1), (5, 5), Rect(15, 25, 50, 40)),
        (Handle(0, -1), (99, -10), Rect(10, 10, 50, 40)),
        (Handle(1, 0), (-60, 0), Rect(-10, 20, 10, 40)),  # dragged past the left side
    ],
)
def test_known_drags(handle: Handle, step: tuple[int, int], expected: Rect) -> None:
    assert resized(Rect(10, 20, 50, 40), handle, *step) == expected


@given(steps, steps, steps, steps)
def test_two_corners_in_any_order_are_a_box(a: int, b: int, c: int, d: int) -> None:
    assert normal(a, b, c, d) == normal(c, d, a, b)
    assert not normal(a, b, c, d).is_empty
