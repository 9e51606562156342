"""The view transform: mapping there and back, what stays put, and the levels it asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.geometry import Rect, Size
from studio.ui.canvas.transform import MAX_ZOOM, MIN_ZOOM, STEPS, ViewTransform, next_zoom

coordinates = st.floats(-20_000, 20_000)
view_points = st.floats(0, 4000)
transforms = st.builds(
    ViewTransform,
    zoom=st.floats(MIN_ZOOM, MAX_ZOOM),
    rotation_deg=st.one_of(st.floats(-180, 180), st.sampled_from([-90.0, 0.0, 90.0, 180.0])),
    mirrored=st.booleans(),
    pan_x=st.floats(-5000, 5000),
    pan_y=st.floats(-5000, 5000),
    pixel_ratio=st.sampled_from([1.0, 1.25, 1.5, 2.0, 3.0]),
)


def device_px(transform: ViewTransform, a: tuple[float, float], b: tuple[float, float]) -> float:
    """How far apart two view points are, in device pixels."""
    return max(abs(a[0] - b[0]), abs(a[1] - b[1])) * transform.pixel_ratio


@given(transforms, coordinates, coordinates)
def test_to_view_and_back_is_where_it_was(transform: ViewTransform, x: float, y: float) -> None:
    back = transform.to_canvas(*transform.to_view(x, y))
    assert back == pytest.approx((x, y), abs=1e-5)


@given(transforms, st.floats(MIN_ZOOM, MAX_ZOOM), view_points, view_points)
def test_zooming_keeps_the_point_under_the_cursor(transform: ViewTransform, zoom: float, x: float, y: float) -> None:
    under = transform.to_canvas(x, y)
    new = transform.zoomed(zoom, x, y)
    assert new.zoom == zoom
    # Both transforms may start up to half a device pixel beside themselves; the old half is enlarged too.
    allowed = 0.75 * (1 + zoom / transform.zoom) + 1e-3
    assert device_px(new, new.to_view(*under), (x, y)) <= allowed


@given(transforms, st.lists(st.floats(MIN_ZOOM, MAX_ZOOM), max_size=8), view_points, view_points)
def test_zooming_about_one_point_and_back_does_not_drift(
    transform: ViewTransform, zooms: list[float], x: float, y: float
) -> None:
    new = transform
    for zoom in [*zooms, transform.zoom]:
        new = new.zoomed(zoom, x, y)
    assert (new.pan_x, new.pan_y) == pytest.approx((transform.pan_x, transform.pan_y), rel=1e-6, abs=1e-3)


@given(transforms, st.floats(-360, 360), view_points, view_points)
def test_turning_keeps_its_middle(transform: ViewTransform, angle: float, x: float, y: float) -> None:
    under = transform.to_canvas(x, y)
    new = transform.rotated(angle, x, y)
    assert -180 <= new.rotation_deg < 180
    assert device_px(new, new.to_view(*under), (x, y)) <= 1.5


@given(transforms, view_points, view_points)
def test_mirroring_keeps_the_line_and_mirrors_beside_it(transform: ViewTransform, x: float, y: float) -> None:
    beside = transform.to_canvas(x + 100, y)
    new = transform.flipped(x, y)
    assert device_px(new, new.to_view(*beside), (x - 100, y)) <= 1.5
    assert new.flipped(x, y).pan_x == pytest.approx(transform.pan_x, abs=1e-4)


@given(transforms, st.floats(-300, 300), st.floats(-300, 300))
def test_panning_moves_what_is_seen(transform: ViewTransform, dx: float, dy: float) -> None:
    x, y = transform.to_view(10, 20)
    moved = transform.panned(dx, dy)
    assert device_px(transform, moved.to_view(10, 20), (x + dx, y + dy)) <= 1.001


@given(transforms)
def test_right_angles_start_on_a_whole_device_pixel(transform: ViewTransform) -> None:
    if transform.rotation_deg % 90 == 0:
        at = transform.to_view(0, 0)
        for value in at:
            assert value * transform.pixel_ratio == pytest.approx(round(value * transform.pixel_ratio), abs=1e-6)


@given(transforms, st.integers(1, 9000), st.integers(1, 9000), st.integers(200, 3000), st.integers(200, 3000))
def test_fit_shows_everything_and_touches_two_sides(
    transform: ViewTransform, width: int, height: int, view_width: int, view_height: int
) -> None:
    view = Size(view_width, view_height)
    fitted = transform.fitted(Size(width, height), view, margin_px=10)
    seen = fitted.covered(Rect(0, 0, width, height))
    if fitted.zoom > MIN_ZOOM:
        assert view.rect.grown(2).contains(seen)
    if MIN_ZOOM < fitted.zoom < MAX_ZOOM:
        assert min(abs(seen.width - (view_width - 20)), abs(seen.height - (view_height - 20))) <= 2


def test_fit_goes_no_further_than_asked() -> None:
    assert ViewTransform().fitted(Size(100, 100), Size(1000, 1000), largest=1.0).zoom == 1.0


@given(transforms)
def test_the_level_leaves_between_a_half_and_one(transform: ViewTransform) -> None:
    rest = transform.zoom * 2**transform.level
    assert rest > 0.5 - 1e-6
    assert rest <= 1 + 1e-6 or transform.level == 0


@pytest.mark.parametrize(("zoom", "level"), [(4, 0), (1, 0), (0.75, 0), (0.5, 1), (0.3, 1), (0.25, 2), (1 / 64, 6)])
def test_known_levels(zoom: float, level: int) -> None:
    assert ViewTransform(zoom=zoom).level == level


@given(transforms, st.integers(-500, 5000), st.integers(-500, 5000), st.integers(1, 900), st.integers(1, 900))
def test_seen_and_covered_hold_each_other(transform: ViewTransform, x: int, y: int, width: int, height: int) -> None:
    part = Rect(x, y, x + width, y + height)
    assert transform.seen(transform.covered(part)).contains(part)


def test_steps_go_through_one_hundred_percent() -> None:
    assert next_zoom(0.9, 1) == 1.0
    assert next_zoom(1.0, 1) == 1.5
    assert next_zoom(1.2, -1) == 1.0
    assert next_zoom(0.01, 100) == MAX_ZOOM
    assert next_zoom(3.0, -100) == MIN_ZOOM
    assert list(STEPS) == sorted(STEPS)


def test_another_screen_shows_the_same_size() -> None:
    transform = ViewTransform(zoom=1.0, pan_x=10, pixel_ratio=1.0)
    dense = transform.at_ratio(2.0)
    assert dense.zoom == 2.0
    assert dense.to_view(50, 50) == pytest.approx(transform.to_view(50, 50))
