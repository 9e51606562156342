"""How far two pictures are apart, against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from studio.core import difference
from studio.core.errors import ShapeError


def picture(value: int = 100, alpha: int = 255, dtype: type[np.uint8] | type[np.uint16] = np.uint8) -> np.ndarray:
    samples = np.full((300, 40, 4), value, dtype)
    samples[..., 3] = alpha
    return samples


def test_equal_pictures() -> None:
    assert difference.measure(picture(), picture()) == difference.Difference(0.0, 0.0, math.inf, 0.0)


def test_one_changed_pixel() -> None:
    changed = picture()
    changed[7, 9, 1] = 110
    found = difference.measure(picture(), changed)
    assert found.max_255 == 10
    assert found.p95_255 == 0
    assert found.psnr_db == pytest.approx(10 * math.log10(255**2 / (100 / changed.size)))
    assert found.changed_share == 1 / 12000


def test_the_colour_of_transparent_pixels_does_not_count() -> None:
    assert difference.measure(picture(10, alpha=0), picture(200, alpha=0)).max_255 == 0


def test_half_transparent_colours_count_half() -> None:
    assert difference.measure(picture(100, 51), picture(200, 51)).max_255 == pytest.approx(20)


def test_eight_and_sixteen_bit_compare_on_one_scale() -> None:
    deep = picture(100 * 257, 65535, np.uint16)
    assert difference.measure(picture(100), deep).max_255 == pytest.approx(0, abs=1e-4)


def test_different_sizes_are_refused() -> None:
    with pytest.raises(ShapeError, match="40 x 300 and 40 x 10"):
        difference.measure(picture(), picture()[:10])


def test_the_heat_map_is_black_only_where_nothing_differs() -> None:
    changed = picture()
    changed[0, 0, 0] = 101
    heat = difference.heat_map(difference.distance_map(picture(), changed))
    assert heat.shape == (300, 40, 4)
    assert (heat[..., 3] == 255).all()
    assert heat[0, 0, :3].max() > 0
    assert heat[1:, :, :3].max() == 0


def test_a_given_top_makes_small_differences_bright() -> None:
    gap = np.array([[0.0, 1.0, 2.0, 9.0]], np.float32)
    fine, coarse = difference.heat_map(gap, 2.0), difference.heat_map(gap, 255.0)
    np.testing.assert_array_equal(fine[0, 2], fine[0, 3])
    assert int(fine[0, 1, :3].sum()) > int(coarse[0, 1, :3].sum()) + 100
    assert fine[0, 0, :3].tolist() == coarse[0, 0, :3].tolist() == [0, 0, 0]


def test_shrinking_keeps_the_largest_difference() -> None:
    gap = np.zeros((1000, 700), np.float32)
    gap[777, 333] = 5.0
    small = difference.shrunk(gap, 100)
    assert small.shape == (100, 70)
    assert (float(small.max()), float(small[77, 33])) == (5.0, 5.0)
    np.testing.assert_array_equal(difference.shrunk(gap, 1000), gap)
