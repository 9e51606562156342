"""The 27 blend functions: against plain scalar formulas and values worked out by hand; neutral colours."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.blend import FUNCTIONS, NEUTRAL, SPECIAL_FILL, Floats, blend
from studio.core.layers import BlendMode
from tests.support import scalar_compositor as scalar

MODES = tuple(mode for mode in BlendMode if mode is not BlendMode.PASS_THROUGH)
GRID = (0.0, 1 / 255, 0.1, 0.25, 1 / 3, 127 / 255, 0.5, 128 / 255, 0.6, 0.75, 0.9, 254 / 255, 1.0)

GOLDEN = {
    # mode: (backdrop, source, result) of one channel, worked out by hand
    BlendMode.NORMAL: [(0.2, 0.7, 0.7)],
    BlendMode.DISSOLVE: [(0.2, 0.7, 0.7)],
    BlendMode.DARKEN: [(0.2, 0.7, 0.2), (0.7, 0.2, 0.2)],
    BlendMode.MULTIPLY: [(0.2, 0.7, 0.14), (1, 0.3, 0.3)],
    BlendMode.COLOR_BURN: [(0.8, 0.5, 0.6), (0.2, 0.5, 0), (1, 0, 1), (0.9, 0, 0)],
    BlendMode.LINEAR_BURN: [(0.8, 0.5, 0.3), (0.2, 0.5, 0)],
    BlendMode.LIGHTEN: [(0.2, 0.7, 0.7), (0.7, 0.2, 0.7)],
    BlendMode.SCREEN: [(0.2, 0.7, 0.76), (0, 0.3, 0.3)],
    BlendMode.COLOR_DODGE: [(0.2, 0.5, 0.4), (0.8, 0.5, 1), (0, 1, 0), (0.1, 1, 1)],
    BlendMode.LINEAR_DODGE: [(0.2, 0.5, 0.7), (0.8, 0.5, 1)],
    BlendMode.OVERLAY: [(0.2, 0.7, 0.28), (0.8, 0.7, 0.88)],
    BlendMode.SOFT_LIGHT: [(0.25, 0.75, 0.375), (0.25, 0.25, 0.15625), (0.64, 1, 0.8), (0.5, 0, 0.25)],
    BlendMode.HARD_LIGHT: [(0.7, 0.2, 0.28), (0.7, 0.8, 0.88)],
    BlendMode.VIVID_LIGHT: [(0.8, 0.25, 0.6), (0.2, 0.75, 0.4), (1, 0, 0), (0, 1, 1)],
    BlendMode.LINEAR_LIGHT: [(0.4, 0.6, 0.6), (0.9, 0.9, 1), (0.3, 0.1, 0)],
    BlendMode.PIN_LIGHT: [(0.8, 0.25, 0.5), (0.2, 0.75, 0.5), (0.3, 0.25, 0.3)],
    BlendMode.HARD_MIX: [(0.6, 0.5, 1), (0.4, 0.5, 0), (1, 0, 1), (0, 1, 0)],
    BlendMode.DIFFERENCE: [(0.2, 0.7, 0.5), (0.7, 0.2, 0.5)],
    BlendMode.EXCLUSION: [(0.2, 0.7, 0.62), (1, 0.3, 0.7)],
    BlendMode.SUBTRACT: [(0.7, 0.2, 0.5), (0.2, 0.7, 0)],
    BlendMode.DIVIDE: [(0.2, 0.5, 0.4), (0.7, 0.5, 1), (0, 0, 0), (0.1, 0, 1)],
}

RED, GREEN, GREY = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.4, 0.4, 0.4)
GOLDEN_COLORS = {
    # luminosity of red 0.3, of green 0.59, of the grey 0.4
    BlendMode.DARKER_COLOR: [(RED, GREEN, RED), (GREEN, RED, RED)],
    BlendMode.LIGHTER_COLOR: [(RED, GREEN, GREEN), (GREEN, RED, GREEN)],
    BlendMode.HUE: [(GREY, RED, GREY), (RED, GREEN, (0, 0.3 / 0.59, 0))],
    BlendMode.SATURATION: [(RED, GREY, (0.3, 0.3, 0.3)), (GREY, RED, GREY)],
    BlendMode.COLOR: [(RED, GREY, (0.3, 0.3, 0.3)), (GREY, RED, (1, 0.1 / 0.7, 0.1 / 0.7))],
    BlendMode.LUMINOSITY: [(GREY, RED, (0.3, 0.3, 0.3)), (RED, GREY, (1, 0.1 / 0.7, 0.1 / 0.7))],
}


def colors(values: list[tuple[float, float, float]]) -> Floats:
    return np.array(values, np.float32).T.copy()


def test_there_are_27_modes() -> None:
    assert len(MODES) == 27
    assert set(FUNCTIONS) == set(BlendMode)
    assert set(GOLDEN) | set(GOLDEN_COLORS) == set(MODES)


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_equals_the_scalar_formula(mode: BlendMode) -> None:
    """Every pair of grid values in every channel, and random colours; within 1e-5."""
    pairs = list(itertools.product(GRID, GRID))
    rng = np.random.default_rng(3)
    b = [(p[0], q[0], r[0]) for p, q, r in zip(pairs, pairs[5:] + pairs[:5], pairs[::-1], strict=True)]
    s = [(p[1], q[1], r[1]) for p, q, r in zip(pairs, pairs[5:] + pairs[:5], pairs[::-1], strict=True)]
    b += [tuple(color) for color in rng.random((400, 3)).astype(np.float32).tolist()]
    s += [tuple(color) for color in rng.random((400, 3)).astype(np.float32).tolist()]
    backdrop, source = colors(b), colors(s)
    expected = [
        scalar.blend(mode, scalar.color_of(map(float, p)), scalar.color_of(map(float, q)))
        for p, q in zip(backdrop.T, source.T, strict=True)
    ]
    result = blend(mode, backdrop, source)
    assert result.dtype == np.float32
    assert np.abs(result.T - np.array(expected)).max() <= 1e-5


@pytest.mark.parametrize("mode", GOLDEN, ids=str)
def test_golden_channel(mode: BlendMode) -> None:
    for b, s, expected in GOLDEN[mode]:
        result = blend(mode, colors([(b, b, b)]), colors([(s, s, s)]))
        assert result == pytest.approx(expected, abs=1e-6), (b, s)


@pytest.mark.parametrize("mode", GOLDEN_COLORS, ids=str)
def test_golden_color(mode: BlendMode) -> None:
    for b, s, expected in GOLDEN_COLORS[mode]:
        assert blend(mode, colors([b]), colors([s]))[:, 0] == pytest.approx(expected, abs=1e-6), (b, s)


def test_hard_mix_ties_follow_the_backdrop() -> None:
    """Photoshop's file shows it for black and white; between them it is our continuation."""
    b = np.arange(256, dtype=np.float32) / np.float32(255)
    s = np.float32(1) - b
    result = blend(BlendMode.HARD_MIX, np.stack([b] * 3), np.stack([s] * 3))[0]
    assert np.array_equal(result, (np.arange(256) > 127).astype(np.float32))


@pytest.mark.parametrize("mode", sorted(SPECIAL_FILL), ids=str)
@pytest.mark.parametrize("fill", [0.0, 0.3, 0.99])
def test_fill_in_the_special_modes(mode: BlendMode, fill: float) -> None:
    rng = np.random.default_rng(4)
    b, s = rng.random((3, 200), np.float32), rng.random((3, 200), np.float32)
    expected = [
        scalar.blend(mode, scalar.color_of(map(float, p)), scalar.color_of(map(float, q)), fill)
        for p, q in zip(b.T, s.T, strict=True)
    ]
    tolerance = 1e-4 if fill == 0.99 else 1e-5  # the ramp of Hard Mix has a slope of 100 there
    assert np.abs(blend(mode, b, s, fill).T - np.array(expected)).max() <= tolerance
    if fill == 0:
        assert np.abs(blend(mode, b, s, fill) - b).max() <= 1e-6


@pytest.mark.parametrize("mode", NEUTRAL, ids=str)
def test_the_neutral_colour_changes_nothing(mode: BlendMode) -> None:
    b = np.stack([np.linspace(0, 1, 256, dtype=np.float32)] * 3)
    s = np.full_like(b, NEUTRAL[mode])
    assert np.abs(blend(mode, b, s) - b).max() <= 1e-6


@given(
    mode=st.sampled_from(MODES),
    values=st.lists(st.floats(0, 1, width=32), min_size=6, max_size=6),
    fill=st.floats(0, 1, width=32),
)
def test_results_stay_in_range(mode: BlendMode, values: list[float], fill: float) -> None:
    b, s = colors([(values[0], values[1], values[2])]), colors([(values[3], values[4], values[5])])
    result = blend(mode, b, s, fill)
    assert np.isfinite(result).all()
    assert result.min() >= 0
    assert result.max() <= 1 + 1e-6
