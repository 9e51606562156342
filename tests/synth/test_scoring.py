"""Scores of pictures whose truth is known: the renderer's own maps, and maps drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest

from studio.synth.bootstrap import estimate, paired_difference
from studio.synth.caption import Style, Wording, describe
from studio.synth.render import Render, render
from studio.synth.scoring import (
    Asked,
    Binding,
    asked_by,
    find_objects,
    instance_recall,
    overlap,
    score_picture,
)
from studio.synth.splits import Split, split_scene
from studio.synth.vocabulary import ColorName, ObjectClass
from studio.synth.world import SMALL_WORLD

HOUSE, TREE, CAR = ObjectClass.HOUSE, ObjectClass.TREE, ObjectClass.CAR
RED, GREEN, BLUE, WHITE = ColorName.RED, ColorName.GREEN, ColorName.BLUE, ColorName.WHITE


def picture(*boxes: tuple[ObjectClass, ColorName, int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Class and colour maps of 64 x 64 px with squares: (class, colour, left, top, side)."""
    classes, colors = np.zeros((64, 64), np.uint8), np.zeros((64, 64), np.uint8)
    for kind, color, left, top, side in boxes:
        part = (slice(top, top + side), slice(left, left + side))
        classes[part], colors[part] = kind.label, color.label
    return classes, colors


def bindings(maps: tuple[np.ndarray, np.ndarray], *asked: Asked) -> list[Binding]:
    return [score.binding for score in score_picture(*maps, asked).objects]


def test_each_outcome_has_its_name() -> None:
    asked = (Asked(HOUSE, RED), Asked(TREE, GREEN))
    assert bindings(picture((HOUSE, RED, 2, 2, 20), (TREE, GREEN, 30, 30, 20)), *asked) == [Binding.PROPER] * 2
    assert bindings(picture((HOUSE, GREEN, 2, 2, 20), (TREE, RED, 30, 30, 20)), *asked) == [Binding.IMPROPER] * 2
    assert bindings(picture((HOUSE, BLUE, 2, 2, 20)), *asked) == [Binding.OTHER, Binding.MISSING]
    assert bindings(picture(), *asked) == [Binding.MISSING] * 2


def test_rates_add_up_to_one() -> None:
    maps = picture((HOUSE, GREEN, 0, 0, 15), (TREE, GREEN, 20, 0, 15), (CAR, ColorName.PINK, 40, 0, 15))
    asked = (Asked(HOUSE, RED), Asked(TREE, GREEN), Asked(CAR, BLUE), Asked(ObjectClass.SUN, WHITE))
    score = score_picture(*maps, asked)
    assert [score.rate(binding) for binding in Binding] == [0.25, 0.25, 0.25, 0.25]
    assert score.recall == 0.75
    assert not score.is_right


def test_right_colours_are_matched_first() -> None:
    maps = picture((HOUSE, BLUE, 0, 0, 24), (HOUSE, RED, 40, 40, 12))
    assert bindings(maps, Asked(HOUSE, RED), Asked(HOUSE, BLUE)) == [Binding.PROPER] * 2
    assert bindings(maps, Asked(HOUSE, RED), Asked(HOUSE, RED)) == [Binding.PROPER, Binding.OTHER]


def test_touching_objects_of_two_colours_are_two() -> None:
    maps = picture((TREE, RED, 10, 10, 16), (TREE, GREEN, 26, 10, 16))
    assert {found.color for found in find_objects(*maps, TREE)} == {RED, GREEN}
    assert bindings(maps, Asked(TREE, GREEN), Asked(TREE, RED)) == [Binding.PROPER] * 2


def test_specks_are_no_objects() -> None:
    assert find_objects(*picture((TREE, RED, 10, 10, 3)), TREE) == []


def test_an_asked_colour_on_another_object_leaks() -> None:
    classes, colors = picture((HOUSE, RED, 0, 0, 30), (TREE, GREEN, 40, 40, 20))
    colors[:5, :30] = GREEN.label
    score = score_picture(classes, colors, (Asked(HOUSE, RED), Asked(TREE, GREEN)))
    assert [item.leaks for item in score.objects] == [True, False]
    assert score.leakage == 0.5


def test_no_colour_asked_takes_any() -> None:
    assert bindings(picture((CAR, WHITE, 5, 5, 20)), Asked(CAR, None)) == [Binding.PROPER]


@pytest.fixture(scope="module")
def drawn() -> list[Render]:
    scenes = (split_scene(Split.TEST, index, SMALL_WORLD) for index in range(120))
    return [render(scene, 128) for scene in scenes if 1 <= len(scene.instances) <= 2][:40]


def test_drawn_pictures_score_high_and_shuffled_captions_low(drawn: list[Render]) -> None:
    captions = [describe(item.scene, 0, Wording(style=Style.LIST)) for item in drawn]
    large = [min(item.visible_mask(n).mean() for n in range(len(item.layers))) > 0.006 for item in drawn]

    def rate(shift: int) -> float:
        turned = captions[shift:] + captions[:shift]
        pairs = [pair for pair, fits in zip(zip(drawn, turned, strict=True), large, strict=True) if fits]
        scores = [score_picture(item.class_map(), item.color_map(), asked_by(told)) for item, told in pairs]
        return float(np.mean([score.rate(Binding.PROPER) for score in scores]))

    assert sum(large) >= 20
    assert rate(0) >= 0.97
    assert rate(7) <= 0.35


def test_instances_are_found_where_they_are(drawn: list[Render]) -> None:
    item = next(item for item in drawn if len(item.layers) == 1)
    (kind,) = (instance.kind for instance in item.scene.instances)
    place = item.visible_mask(0)
    assert instance_recall(item.class_map(), [(kind, place)]) == 1.0
    assert instance_recall(item.class_map(), [(kind, np.roll(place, 64, axis=1)[:, ::-1] & ~place)]) == 0.0
    assert overlap(place, place) == 1.0


def test_intervals_hold_the_mean_and_shrink() -> None:
    rng = np.random.default_rng(3)
    wide, narrow = estimate(rng.random(20).tolist()), estimate(rng.random(2000).tolist())
    assert wide.low <= wide.mean <= wide.high
    assert narrow.high - narrow.low < (wide.high - wide.low) / 5
    assert str(estimate([1.0, 1.0])) == "100.0 (100.0..100.0)"


def test_a_paired_difference_is_sharper_than_two_means() -> None:
    rng = np.random.default_rng(4)
    base = rng.random(100)
    better = (base + 0.05).tolist()
    found = paired_difference(better, base.tolist())
    assert found.low == pytest.approx(0.05)
    assert found.high == pytest.approx(0.05)
    with pytest.raises(ValueError, match="zip"):
        paired_difference([1.0], [1.0, 2.0])
