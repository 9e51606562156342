"""The adjustments: tables against scalar formulas, values worked out by hand, settings that change nothing."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core import adjust
from studio.core.adjustments import (
    STRAIGHT,
    Adjustment,
    BrightnessContrast,
    ColorBalance,
    Curves,
    Exposure,
    GradientMap,
    HueRange,
    HueSaturation,
    Invert,
    Levels,
    LevelsBand,
    Posterize,
    Threshold,
)
from studio.core.blend import Floats
from studio.core.pixels import Depth
from tests.support import scalar_compositor as scalar
from tests.support.documents import random_adjustment
from tests.support.tool_edits import KINDS_OF_TOOLS

REDS = HueRange(hue=40, saturation=-30, lightness=20, angles=(315, 345, 15, 45))

CASES: list[Adjustment] = [
    Levels(rgb=LevelsBand(black=20, white=230, gamma=1.7), red=LevelsBand(gamma=0.6, out_black=30)),
    Levels(green=LevelsBand(black=100, white=101)),
    Levels(blue=LevelsBand(out_black=255, out_white=0)),
    Curves(rgb=((0, 20), (92, 146), (179, 120), (255, 234)), blue=((30, 0), (200, 255))),
    HueSaturation(hue=120, saturation=35, lightness=-20),
    HueSaturation(saturation=-100),
    HueSaturation(saturation=100, ranges=(REDS,)),
    HueSaturation(hue=210, saturation=60, lightness=25, colorize=True),
    HueSaturation(ranges=(REDS, HueRange(lightness=-70, hue=-90, angles=(195, 225, 255, 285)))),
    BrightnessContrast(brightness=150),
    BrightnessContrast(brightness=-150, contrast=100),
    BrightnessContrast(brightness=40, contrast=-50),
    BrightnessContrast(brightness=20, contrast=57, legacy=True),
    BrightnessContrast(brightness=-23, contrast=-26, legacy=True),
    ColorBalance(shadows=(100, -100, 40), midtones=(-60, 30, 90), highlights=(20, 0, -100)),
    ColorBalance(midtones=(100, 100, -100), preserve_luminosity=False),
    *KINDS_OF_TOOLS,
]
NOTHING: list[Adjustment] = [
    Levels(),
    Curves(),
    HueSaturation(),
    HueSaturation(ranges=(HueRange(angles=(315, 345, 15, 45)),)),
    BrightnessContrast(),
    BrightnessContrast(legacy=True),
    ColorBalance(),
    ColorBalance(preserve_luminosity=False),
    Exposure(),
]


def palette() -> Floats:
    """(3, n) colours: the corners and greys of the cube and random ones, on 8-bit values and between."""
    rng = np.random.default_rng(5)
    corners = np.array(np.meshgrid([0, 0.5, 1], [0, 0.5, 1], [0, 0.5, 1])).reshape(3, -1)
    greys = np.repeat(np.arange(256)[None] / 255, 3, axis=0)
    whole = rng.integers(0, 256, (3, 300)) / 255
    return np.concatenate([corners, greys, whole, rng.random((3, 300))], axis=1).astype(np.float32)


@pytest.mark.parametrize("adjustment", CASES, ids=lambda a: type(a).__name__)
def test_equals_the_scalar_formula(adjustment: Adjustment) -> None:
    """Tables are exact on 8-bit values and interpolate between them."""
    c = palette()
    expected = np.array([scalar.adjusted(adjustment, scalar.color_of(map(float, color))) for color in c.T]).T
    result = adjust.apply(adjustment, c)
    assert result.dtype == np.float32
    assert result.min() >= 0
    assert result.max() <= 1 + 1e-6
    assert np.abs(result - expected)[:, :583].max() <= 2e-5  # corners, greys and whole values
    assert np.abs(result - expected).max() <= (1e-3 if not isinstance(adjustment, Exposure) else 4e-3)


def test_random_adjustments_equal_the_scalar_formula() -> None:
    rng = np.random.default_rng(6)
    c = palette()[:, ::7]
    for _ in range(25):
        adjustment = random_adjustment(rng)
        expected = np.array([scalar.adjusted(adjustment, scalar.color_of(map(float, color))) for color in c.T]).T
        assert np.abs(adjust.apply(adjustment, c) - expected).max() <= 1e-3, adjustment


@pytest.mark.parametrize("adjustment", NOTHING, ids=lambda a: type(a).__name__)
def test_default_settings_change_nothing(adjustment: Adjustment) -> None:
    c = palette()
    assert np.abs(adjust.apply(adjustment, c) - c).max() <= 2e-6


class TestGolden:
    """One grey or colour, worked out by hand."""

    @pytest.mark.parametrize(
        ("adjustment", "before", "after"),
        [
            (Levels(rgb=LevelsBand(black=55, white=155)), (105, 55, 155), (127.5, 0, 255)),
            (Levels(rgb=LevelsBand(gamma=2.0)), (64, 128, 255), (127.75, 180.67, 255)),
            (Levels(rgb=LevelsBand(out_black=70)), (0, 255, 51), (70, 255, 107)),
            (Levels(red=LevelsBand(out_white=0)), (200, 200, 200), (0, 200, 200)),
            (Curves(rgb=((0, 255), (255, 0))), (10, 100, 255), (245, 155, 0)),
            (Curves(rgb=((0, 0), (159, 255))), (53, 106, 200), (85, 170, 255)),
            (Curves(rgb=((50, 10), (100, 60))), (0, 75, 255), (10, 35, 60)),
            (HueSaturation(saturation=-100), (255, 0, 0), (127.5, 127.5, 127.5)),
            (HueSaturation(hue=120), (255, 51, 51), (51, 255, 51)),
            (HueSaturation(lightness=40), (0, 100, 255), (102, 162, 255)),
            (HueSaturation(lightness=-40), (0, 100, 255), (0, 60, 153)),
            (HueSaturation(hue=240, saturation=100, colorize=True), (51, 51, 51), (0, 0, 102)),
            (BrightnessContrast(brightness=110), (20, 60, 255), (40, 120, 255)),
            (BrightnessContrast(brightness=-110), (40, 120, 255), (20, 60, 255)),
            (BrightnessContrast(contrast=100), (63, 191, 0), (38, 216, 0)),
            (BrightnessContrast(contrast=50, legacy=True), (127, 137, 107), (127, 147, 87)),
            (ColorBalance(midtones=(100, 0, 0), preserve_luminosity=False), (127.5, 100, 0), (227.5, 100, 0)),
            (Invert(), (0, 100, 255), (255, 155, 0)),
            (Exposure(exposure=2.2), (51, 0, 127.5), (102, 0, 255)),
            (Exposure(gamma=2.0), (63.75, 255, 0), (127.5, 255, 0)),
            (Threshold(level=101), (101, 101, 101), (255, 255, 255)),
            (Threshold(level=101), (100, 100, 100), (0, 0, 0)),
            (Posterize(levels=3), (85, 86, 171), (0, 127.5, 255)),
            (GradientMap(), (255, 0, 0), (76.5, 76.5, 76.5)),
            (GradientMap(reverse=True), (0, 0, 0), (255, 255, 255)),
        ],
        ids=lambda value: type(value).__name__ if not isinstance(value, tuple) else "",
    )
    def test_value(self, adjustment: Adjustment, before: tuple[float, ...], after: tuple[float, ...]) -> None:
        result = adjust.apply(adjustment, np.array(before, np.float32)[:, None] / np.float32(255))
        assert result[:, 0] * 255 == pytest.approx(after, abs=0.02)


def test_posterize_steps_lie_where_photoshop_has_them_at_each_depth() -> None:
    c = np.repeat(np.arange(65536, dtype=np.float64)[None] / 65535, 3, axis=0).astype(np.float32)
    deep = adjust.apply(Posterize(levels=6), c, Depth.SIXTEEN)[0]
    assert np.flatnonzero(np.diff(deep)).tolist() == [65535 * k // 6 + (65535 * k % 6 > 0) - 1 for k in range(1, 6)]
    flat = adjust.apply(Posterize(levels=21), c[:, ::257])[0]
    starts = [13, 25, 37, 49, 61, 74, 86, 98, 110, 122, 135, 147, 159, 171, 183, 196, 208, 220, 232, 244]
    assert (np.flatnonzero(np.diff(flat)) + 1).tolist() == starts


def test_color_balance_keeps_the_luminosity() -> None:
    c = palette()
    out = adjust.apply(ColorBalance(shadows=(100, -50, 0), highlights=(-100, 30, 80)), c)
    assert np.abs(0.3 * (out - c)[0] + 0.59 * (out - c)[1] + 0.11 * (out - c)[2]).max() <= 1e-5


def test_a_range_leaves_other_hues_and_greys_alone() -> None:
    c = palette()
    turned = adjust.apply(HueSaturation(ranges=(REDS,)), c)
    spread = c.max(axis=0) - c.min(axis=0)
    blue = (c[2] >= c[0]) & (c[2] > c[1])
    cool = blue & (c[0] <= c[1])
    assert cool.sum() > 50
    assert np.abs(turned - c)[:, cool].max() <= 2e-6
    assert np.abs(turned - c)[:, spread == 0].max() <= 2e-6


def test_range_weights_run_through_zero() -> None:
    degrees = np.array([300.0, 315, 330, 345, 0, 15, 30, 45, 60])
    assert adjust.range_weight(degrees, REDS) == pytest.approx([0, 0, 0.5, 1, 1, 1, 0.5, 0, 0])


def test_a_curve_is_straight_by_default() -> None:
    assert Curves().rgb is STRAIGHT
    assert adjust.tables(Curves(rgb=((0, 0), (128, 128), (255, 255)))).values[1020] == pytest.approx(0.5)
