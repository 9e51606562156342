"""Adjustments through their records, and those of Photoshop's that ours can stand for."""

from __future__ import annotations

import numpy as np
import pytest
from psd_tools.constants import Tag
from psd_tools.psd.tagged_blocks import TaggedBlock, TaggedBlocks

from studio.core.adjustments import (
    BrightnessContrast,
    ColorBalance,
    Curves,
    HueRange,
    HueSaturation,
    Levels,
    LevelsBand,
)
from studio.io.psd.adjust_blocks import as_stored, read_adjustment, unreadable_adjustment, write_adjustment
from studio.io.psd.substitutes import substitute
from tests.support.documents import random_adjustment


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


def test_inversion_is_a_curve() -> None:
    blocks = TaggedBlocks()
    blocks.set_data(Tag.INVERT)
    assert substitute(blocks, gray=False) == ("Invert", Curves(rgb=((0, 255), (255, 0))))


@pytest.mark.parametrize(("exposure", "offset", "gamma"), [(0, 0, 1), (1.5, 0, 1), (-2, 0, 1.4), (0.5, 0.01, 0.8)])
def test_exposure_is_a_curve_within_its_tolerance(exposure: float, offset: float, gamma: float) -> None:
    blocks = TaggedBlocks()
    blocks.set_data(Tag.EXPOSURE, 1, exposure, offset, gamma)
    found = substitute(blocks, gray=False)
    assert found is not None
    assert isinstance(found[1], Curves)
    assert 2 <= len(found[1].rgb) <= 19


def test_threshold_is_only_a_level_of_gray() -> None:
    blocks = TaggedBlocks()
    blocks.set_data(Tag.THRESHOLD, 128)
    assert substitute(blocks, gray=True) == ("Threshold", Levels(rgb=LevelsBand(black=127, white=128)))
    assert substitute(blocks, gray=False) is None
