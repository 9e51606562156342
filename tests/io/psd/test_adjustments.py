"""Adjustments through their records, and those of Photoshop's that ours can stand for."""

from __future__ import annotations

import numpy as np
import pytest
from psd_tools.constants import Tag
from psd_tools.psd.tagged_blocks import TaggedBlock, TaggedBlocks

from studio.core.adjustments import (
    Adjustment,
    BrightnessContrast,
    ColorBalance,
    Curves,
    Exposure,
    GradientMap,
    HueRange,
    HueSaturation,
    Levels,
    LevelsBand,
)
from studio.core.gradients import GradientStop
from studio.io.psd.adjust_blocks import as_stored, read_adjustment, unreadable_adjustment, write_adjustment
from studio.io.psd.substitutes import substitute
from tests.support.documents import random_adjustment
from tests.support.tool_edits import KINDS_OF_TOOLS


@pytest.mark.parametrize("seed", range(40))
def test_random_adjustments_come_back(seed: int) -> None:
    adjustment = random_adjustment(np.random.default_rng(seed))
    assert as_stored(adjustment) == adjustment


@pytest.mark.parametrize(
    "adjustment",
    [
        BrightnessContrast(brightness=-100, contrast=100, legacy=True),
        HueSaturation(hue=360, saturation=100, lightness=-100, colorize=True),
        HueSaturation(ranges=tuple(HueRange(hue=i, angles=(i, i + 10, i + 20, i + 30)) for i in range(1, 7))),
        Levels(rgb=LevelsBand(gamma=9.99), green=LevelsBand(gamma=0.1, black=255, white=0)),
        Curves(blue=tuple((x * 14, 255 - x * 14) for x in range(19))),
        Curves(),
        ColorBalance(preserve_luminosity=False),
    ],
)
def test_the_ends_of_the_ranges_come_back(adjustment: Levels | Curves | HueSaturation | BrightnessContrast) -> None:
    assert as_stored(adjustment) == adjustment


def test_more_ranges_than_the_record_has_cannot_be_stored() -> None:
    ranges = tuple(HueRange(hue=1, angles=(i, i, i, i)) for i in range(7))
    assert as_stored(HueSaturation(ranges=ranges)) is None


def test_levels_with_an_odd_tail_are_read_by_their_head() -> None:
    blocks = TaggedBlocks()
    write_adjustment(Levels(rgb=LevelsBand(black=9, gamma=1.5)), blocks)
    raw = blocks[Tag.LEVELS].data.tobytes()
    blocks[Tag.LEVELS] = TaggedBlock(key=Tag.LEVELS, data=raw[:60] + b"odd")
    assert read_adjustment(blocks) == Levels(rgb=LevelsBand(black=9, gamma=1.5))
    blocks[Tag.LEVELS] = TaggedBlock(key=Tag.LEVELS, data=raw[:20])
    assert read_adjustment(blocks) is None
    assert unreadable_adjustment(blocks) == "Levels"


def test_gray_files_have_their_curve_where_red_stands() -> None:
    blocks = TaggedBlocks()
    write_adjustment(Curves(red=((0, 9), (255, 200))), blocks)
    assert read_adjustment(blocks, gray=True) == Curves(rgb=((0, 9), (255, 200)))


@pytest.mark.parametrize("adjustment", KINDS_OF_TOOLS, ids=lambda a: type(a).__name__)
def test_the_tools_adjustments_come_back(adjustment: Adjustment) -> None:
    """Exposures as 32-bit floats, gradients in 4096 places and 16-bit colours."""
    found = as_stored(adjustment)
    assert type(found) is type(adjustment)
    if isinstance(adjustment, Exposure) and isinstance(found, Exposure):
        assert found.exposure == pytest.approx(adjustment.exposure, abs=1e-6)
        assert found.offset == pytest.approx(adjustment.offset, abs=1e-6)
        assert found.gamma == pytest.approx(adjustment.gamma, abs=1e-6)
    elif isinstance(adjustment, GradientMap) and isinstance(found, GradientMap):
        assert found.reverse == adjustment.reverse
        for stored, stop in zip(found.gradient, adjustment.gradient, strict=True):
            assert stored.position == pytest.approx(stop.position, abs=1 / 4096)
            assert stored.color == pytest.approx(stop.color, abs=1 / 65535)
    else:
        assert found == adjustment


def test_a_moved_midpoint_becomes_a_stop() -> None:
    blocks = TaggedBlocks()
    write_adjustment(GradientMap(), blocks)
    blocks[Tag.GRADIENT_MAP].data.color_stops[1].midpoint = 25
    assert read_adjustment(blocks) == GradientMap(
        gradient=(
            GradientStop(position=0.0, color=(0.0, 0.0, 0.0)),
            GradientStop(position=0.25, color=(0.5, 0.5, 0.5)),
            GradientStop(position=1.0, color=(1.0, 1.0, 1.0)),
        )
    )


def test_a_noise_gradient_is_none_of_ours() -> None:
    blocks = TaggedBlocks()
    write_adjustment(GradientMap(), blocks)
    blocks[Tag.GRADIENT_MAP].data.mode = 1
    assert read_adjustment(blocks) is None
    assert unreadable_adjustment(blocks) == "Gradient Map"


@pytest.mark.parametrize(("exposure", "offset", "gamma"), [(0, 0, 1), (1.5, 0, 1), (-2, 0, 1.4), (0.5, 0.01, 0.8)])
def test_exposure_of_gray_is_a_curve_within_its_tolerance(exposure: float, offset: float, gamma: float) -> None:
    blocks = TaggedBlocks()
    blocks.set_data(Tag.EXPOSURE, 1, exposure, offset, gamma)
    assert read_adjustment(blocks, gray=True) is None
    assert substitute(blocks, gray=False) is None
    found = substitute(blocks, gray=True)
    assert found is not None
    assert isinstance(found[1], Curves)
    assert 2 <= len(found[1].rgb) <= 19
