"""From composited samples to what Qt draws."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core.pixels import Depth
from studio.ui.canvas.rendering import is_opaque


@pytest.mark.parametrize("depth", Depth)
def test_one_alpha_that_is_not_full_is_found_wherever_it_is(depth: Depth) -> None:
    rng = np.random.default_rng(int(depth))
    samples = rng.integers(0, depth.top + 1, (7, 11, 4), dtype=depth.dtype)
    samples[..., 3] = depth.top
    assert is_opaque(samples)
    assert is_opaque(samples[::2, 1:9])
    for row, column in ((0, 0), (6, 10), (3, 5)):
        for value in (0, depth.top - 1, depth.top // 2):
            clear = samples.copy()
            clear[row, column, 3] = value
            assert not is_opaque(clear)


@pytest.mark.parametrize("depth", Depth)
def test_colours_do_not_count(depth: Depth) -> None:
    samples = np.zeros((3, 4, 4), depth.dtype)
    assert not is_opaque(samples)
    samples[..., 3] = depth.top
    assert is_opaque(samples)
    assert is_opaque(samples[:0])
