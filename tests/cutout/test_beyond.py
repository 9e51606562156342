from __future__ import annotations

import numpy as np
import pytest

from studio.core.geometry import Point, Size
from studio.cutout.beyond import FADE_SHARE, fading_out

PICTURE = Size(300, 400)
REACH = round(FADE_SHARE * 500)


def shadow(height: int, width: int, dtype: type[np.unsignedinteger] = np.uint8) -> np.ndarray:
    levels = np.zeros((height, width, 4), dtype)
    levels[..., :3] = np.arange(height)[:, None, None]
    levels[..., 3] = np.iinfo(dtype).max // 2
    return levels


def test_what_touches_no_edge_stays_as_it_is() -> None:
    levels = shadow(20, 30)
    same, origin = fading_out(levels, Point(5, 6), PICTURE)
    assert same is levels
    assert origin == Point(5, 6)


def test_an_empty_row_at_the_edge_is_no_shadow_there() -> None:
    levels = shadow(20, 30)
    levels[:, -1, 3] = 0
    assert fading_out(levels, Point(PICTURE.width - 30, 6), PICTURE)[0] is levels


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_beyond_the_right_edge_it_fades_to_nothing_and_inside_it_is_untouched(dtype: type[np.unsignedinteger]) -> None:
    levels = shadow(20, 30, dtype)
    wide, origin = fading_out(levels, Point(PICTURE.width - 30, 6), PICTURE)
    assert origin == Point(PICTURE.width - 30, 6)
    assert wide.shape == (20, 30 + REACH, 4)
    assert wide.dtype == dtype
    assert np.array_equal(wide[:, :30], levels)
    assert np.array_equal(wide[:, 30:, :3], np.repeat(levels[:, -1:, :3], REACH, axis=1))
    outside = wide[7, 29:, 3].astype(int)
    assert (np.diff(outside) <= 0).all()
    assert outside[0] == outside.max()
    assert outside[-1] == 0


def test_in_a_corner_it_goes_on_both_ways() -> None:
    wide, origin = fading_out(shadow(20, 30), Point(0, 0), PICTURE)
    assert origin == Point(-REACH, -REACH)
    assert wide.shape == (20 + REACH, 30 + REACH, 4)
    assert wide[0, 0, 3] == 0
    assert np.array_equal(wide[REACH:, REACH:], shadow(20, 30))
