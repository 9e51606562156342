"""The frame of a transform: handles, numbers, right angles and what stays exact."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.errors import DocumentError
from studio.core.geometry import Point, Rect
from studio.core.homography import Homography
from studio.core.pixels import PixelBuffer
from studio.core.resampling import resampled
from studio.ui.canvas.framing import Framing, Placement
from studio.ui.canvas.interactions.handles import Handle

FRAME = Framing.around(Rect(40, 30, 120, 90))
CORNERS = (Handle(-1, -1), Handle(1, -1), Handle(1, 1), Handle(-1, 1))


def near(spots: object) -> object:
    """Approximately these numbers or spots, flattened like what `flat` gives."""
    return pytest.approx(flat(spots), abs=1e-6)


def flat(spots: object) -> list[float]:
    return np.asarray(spots, np.float64).ravel().tolist()


def test_a_corner_keeps_the_proportions_and_the_other_corner() -> None:
    out = FRAME.stretched(Handle(1, 1), (200, 150), keep_aspect=True, about_pivot=False)
    assert flat(out.corners[0]) == near((40, 30))
    assert flat(out.corners[2]) == near((200, 150))
    away = FRAME.stretched(Handle(1, 1), (200, 90), keep_aspect=True, about_pivot=False)
    x, y = away.corners[2]
    assert (x - 40) / (y - 30) == pytest.approx(80 / 60)
    free = FRAME.stretched(Handle(1, 1), (200, 60), keep_aspect=False, about_pivot=False)
    assert flat(free.corners[2]) == near((200, 60))


def test_sides_scale_one_way_and_alt_is_about_the_pivot() -> None:
    assert FRAME.stretched(Handle(1, 0), (160, 0), keep_aspect=True, about_pivot=False).bounds == Rect(40, 30, 160, 90)
    assert FRAME.stretched(Handle(0, -1), (0, 0), keep_aspect=True, about_pivot=True).bounds == Rect(40, 0, 120, 120)
    mirrored = FRAME.stretched(Handle(1, 0), (0, 0), keep_aspect=False, about_pivot=False)
    assert mirrored.bounds == Rect(0, 30, 40, 90)
    placement = mirrored.placement
    assert placement is not None
    assert (placement.across, placement.down) == (-0.5, 1.0)


def test_a_turned_frame_stretches_along_its_own_sides() -> None:
    turned = FRAME.turned(30)
    corners = turned.corners
    x, y = turned.at(Handle(1, 0))
    cos, sin = math.cos(math.radians(30)), math.sin(math.radians(30))
    out = turned.stretched(Handle(1, 0), (x + 80 * cos, y + 80 * sin), keep_aspect=False, about_pivot=False)
    assert flat(out.corners[0]) == near(corners[0])
    assert flat(out.corners[3]) == near(corners[3])
    placement = out.placement
    assert placement is not None
    assert flat((placement.across, placement.down, placement.degrees)) == near((2.0, 1.0, 30.0))


@settings(max_examples=50, deadline=None)
@given(
    x=st.floats(-500, 500),
    y=st.floats(-500, 500),
    across=st.floats(0.05, 9) | st.floats(-9, -0.05),
    down=st.floats(0.05, 9),
    degrees=st.floats(-89, 89),
    slant=st.floats(-80, 80),
)
def test_numbers_there_and_back(x: float, y: float, across: float, down: float, degrees: float, slant: float) -> None:
    told = Placement(x, y, across, down, degrees, slant)
    back = FRAME.placed(told).placement
    assert back is not None
    again = FRAME.placed(back)
    for spot, other in zip(FRAME.placed(told).corners, again.corners, strict=True):
        assert spot == pytest.approx(other, abs=1e-5)
    assert FRAME.placed(told).pivot_now == pytest.approx((x, y), abs=1e-6)


def test_flat_numbers_are_refused() -> None:
    with pytest.raises(DocumentError, match="flat"):
        FRAME.placed(Placement(0, 0, across=0))


@pytest.mark.parametrize("rect", [Rect(40, 30, 120, 90), Rect(3, 4, 14, 10), Rect(0, 0, 5, 5)])
def test_right_angles_and_flips_keep_every_sample(rect: Rect) -> None:
    samples = np.random.default_rng(1).integers(0, 256, (rect.height, rect.width, 4), dtype=np.uint8)
    samples[..., 3] |= 1
    pixels = PixelBuffer.from_array(samples)
    frame = Framing.around(rect)
    for framing, wanted in (
        (frame.turned(90), np.rot90(samples, -1)),
        (frame.turned(180), samples[::-1, ::-1]),
        (frame.turned(90).turned(90).turned(90), np.rot90(samples)),
        (frame.mirrored(-1, 1), samples[:, ::-1]),
        (frame.mirrored(1, -1).turned(90), np.rot90(samples[::-1], -1)),
    ):
        out, _ = resampled(pixels, rect.origin, framing.move)
        np.testing.assert_array_equal(out.read(), wanted)
    full = frame.turned(90).turned(90).turned(90).turned(90)
    assert full.move.whole_offset == Point(0, 0)


def test_moves_are_exact() -> None:
    assert FRAME.moved(17, -5).move.whole_offset == Point(17, -5)
    assert FRAME.placed(Placement(85, 61)).move.whole_offset == Point(5, 1)


def test_corners_pull_alone_or_as_a_perspective() -> None:
    bent = FRAME.bent(Handle(1, -1), (150, 10))
    assert flat(bent.corners) == near(((40, 30), (150, 10), (120, 90), (40, 90)))
    assert bent.placement is None
    seen = FRAME.bent(Handle(-1, -1), (50, 31), mirror=True)
    assert flat(seen.corners) == near(((50, 30), (110, 30), (120, 90), (40, 90)))
    crossed = FRAME.bent(Handle(1, -1), (0, 200))
    assert crossed == FRAME


def test_sides_slant() -> None:
    along = FRAME.slanted(Handle(0, -1), 20, 9, along=True)
    assert flat(along.corners) == near(((60, 30), (140, 30), (120, 90), (40, 90)))
    placement = along.placement
    assert placement is not None
    assert placement.slant == pytest.approx(math.degrees(math.atan(-20 / 60)))
    free = FRAME.slanted(Handle(1, 0), 5, 7, along=False)
    assert flat(free.corners) == near(((40, 30), (125, 37), (125, 97), (40, 90)))


def test_the_pivot_goes_along() -> None:
    framing = FRAME.with_pivot(40, 30).turned(90)
    assert flat(framing.pivot_now) == near((40, 30))
    assert framing.bounds == Rect(-20, 30, 40, 110)
    assert flat(framing.moved(10, 0).pivot_now) == near((50, 30))


def test_squared_puts_the_edges_on_whole_pixels() -> None:
    out = FRAME.stretched(Handle(1, 1), (133.4, 100.05), keep_aspect=True, about_pivot=False).squared()
    assert flat(out.corners[2]) == near((133, 100))
    turned = FRAME.turned(10)
    assert turned.squared() == turned
    quarter = FRAME.turned(90).stretched(Handle(1, 0), (90, 133.3), keep_aspect=False, about_pivot=False).squared()
    assert all(value == pytest.approx(round(value), abs=1e-9) for spot in quarter.corners for value in spot)


@pytest.mark.parametrize("handle", CORNERS)
def test_a_bent_frame_is_the_map_between_the_corners(handle: Handle) -> None:
    x, y = handle.on(FRAME.rect)
    bent = FRAME.bent(handle, (x + 9, y - 7))
    wanted = Homography.between(FRAME.corners, bent.corners)
    assert flat(bent.move.values) == near(wanted.values)
