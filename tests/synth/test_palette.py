from __future__ import annotations

from itertools import combinations

import pytest

from studio.synth.dice import Dice
from studio.synth.palette import (
    ANCHORS,
    TINTS,
    from_oklab,
    jittered,
    nearest_term,
    term_margin,
    tinted,
    to_oklab,
    tones,
)
from studio.synth.vocabulary import ColorName, Time


def test_oklab_returns_the_same_colour() -> None:
    for rgb in [*ANCHORS.values(), (0, 0, 0), (255, 255, 255), (1, 200, 77)]:
        assert from_oklab(to_oklab(rgb)) == rgb


def test_white_has_lightness_one_and_no_hue() -> None:
    assert to_oklab((255, 255, 255)) == pytest.approx((1.0, 0.0, 0.0), abs=1e-4)


def test_anchors_are_far_apart() -> None:
    for first, second in combinations(ANCHORS.values(), 2):
        gap = sum((a - b) ** 2 for a, b in zip(to_oklab(first), to_oklab(second), strict=True)) ** 0.5
        assert gap > 0.1


@pytest.mark.parametrize("term", list(ColorName))
def test_jitter_stays_inside_the_term(term: ColorName) -> None:
    shades = {jittered(term, Dice(seed)) for seed in range(60)}
    assert len(shades) > 20
    for rgb in shades:
        assert nearest_term(rgb) is term
        assert term_margin(rgb, term) > 0.4


@pytest.mark.parametrize("time", list(Time))
def test_every_term_is_recognised_in_every_light(time: Time) -> None:
    for term, rgb in ANCHORS.items():
        assert nearest_term(tinted(rgb, TINTS[time]), time) is term


@pytest.mark.parametrize("term", list(ColorName))
def test_ramps_fall_from_light_to_deep(term: ColorName) -> None:
    ramp = tones(ANCHORS[term])
    steps = [to_oklab(rgb)[0] for rgb in (ramp.light, ramp.base, ramp.shade, ramp.deep)]
    assert steps == sorted(steps, reverse=True)
    assert steps[0] > steps[1] > steps[3]
