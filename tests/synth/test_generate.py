from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from studio.core.errors import UsageError
from studio.synth.dice import Dice
from studio.synth.generate import Recipe, generate
from studio.synth.placement import instance_box, judge
from studio.synth.render import render
from studio.synth.splits import Split, split_of, split_recipe, split_scene, split_seed
from studio.synth.vocabulary import RARE_CLASSES, TRAITS, Biome, ColorName, Ground, ObjectClass, Time
from studio.synth.world import SMALL_WORLD, World, held_out_pairs
from tests.synth.worlds import varied_scenes


def test_same_seed_same_scene() -> None:
    for seed in (0, 7, 2**60):
        assert generate(seed) == generate(seed)
    assert generate(1) != generate(2)


def test_every_object_stands_where_it_may_at_its_size() -> None:
    for scene in varied_scenes(12):
        for instance in scene.instances:
            verdict = judge(scene.backdrop, instance.kind, instance_box(instance), scene.aspect)
            assert verdict.is_plausible, (scene.seed, instance.name, verdict)


def test_objects_do_not_lose_each_other() -> None:
    for scene in varied_scenes(6):
        drawn = render(scene, 96)
        for number in range(len(scene.instances)):
            assert drawn.visible_share(number) > 0.2, (scene.seed, scene.instances[number].name)


def test_ids_are_unique_and_depth_rises() -> None:
    for scene in varied_scenes(6):
        depths = [instance.depth for instance in scene.instances]
        assert depths == sorted(depths)
        assert len({instance.id for instance in scene.instances}) == len(scene.instances)


def test_sun_and_moon_keep_their_hours_and_give_the_light() -> None:
    lights = [
        (scene, instance)
        for scene in varied_scenes(20)
        for instance in scene.instances
        if instance.kind in (ObjectClass.SUN, ObjectClass.MOON)
    ]
    assert len(lights) > 10
    for scene, instance in lights:
        assert instance.x == scene.backdrop.light.x
        hours = (Time.DAY, Time.SUNSET) if instance.kind is ObjectClass.SUN else (Time.NIGHT, Time.SUNSET)
        assert scene.backdrop.time in hours


def test_nothing_throws_a_shadow_in_the_sky_or_on_water() -> None:
    for scene in varied_scenes(6):
        for instance in scene.instances:
            if instance.ground in (Ground.SKY, Ground.WATER):
                assert instance.effects.shadow == 0


@pytest.mark.parametrize("biome", list(Biome))
def test_every_biome_and_time_can_be_asked_for(biome: Biome) -> None:
    for time in Time:
        scene = generate(3, Recipe(biome=biome, time=time))
        assert (scene.backdrop.biome, scene.backdrop.time) == (biome, time)
        assert scene.instances


def test_wide_scenes_use_their_width() -> None:
    middles = [i.x for seed in range(40) for i in generate(seed, Recipe(aspect=2.0)).instances]
    assert max(middles) > 1.6
    assert min(middles) < 0.4


class TestSplits:
    def test_seeds_are_disjoint(self) -> None:
        for split in Split:
            assert split_of(split_seed(split, 0)) is split
            assert split_of(split_seed(split, 2**40 - 1)) is split
        assert split_of(-1) is None
        with pytest.raises(UsageError):
            split_seed(Split.TEST, 2**40)

    def test_held_out_pairs_appear_in_the_compositional_split_only(self) -> None:
        for split in Split:
            for index in range(30):
                pairs = {(i.kind, i.color) for i in split_scene(split, index).instances}
                assert bool(pairs & held_out_pairs()) is (split is Split.COMPOSITIONAL)

    def test_two_pairs_of_every_class_are_held_out_and_never_its_usual_colour(self) -> None:
        counts = Counter(kind for kind, _ in held_out_pairs())
        assert counts == dict.fromkeys(ObjectClass, 2)
        for kind in ObjectClass:
            usual = max(TRAITS[kind].typical, key=lambda item: item[1])[0]
            assert (kind, usual) not in held_out_pairs()

    def test_crowded_scenes_hold_four_to_eight(self) -> None:
        assert {len(split_scene(Split.CROWDED, index).instances) for index in range(40)} == {4, 5, 6, 7, 8}

    def test_small_objects_cover_less_than_two_percent(self) -> None:
        for index in range(25):
            drawn = render(split_scene(Split.SMALL, index), 128)
            for number, layers in enumerate(drawn.layers):
                assert drawn.amodal_mask(number).mean() < 0.021, layers.instance.name

    def test_rare_scenes_hold_a_rare_class(self) -> None:
        for index in range(20):
            kinds = {instance.kind for instance in split_scene(Split.RARE, index).instances}
            assert kinds & RARE_CLASSES

    def test_rare_classes_are_rare_in_training(self) -> None:
        kinds = Counter(i.kind for index in range(600) for i in split_scene(Split.TRAIN, index).instances)
        total = kinds.total()
        for kind in RARE_CLASSES:
            assert kinds[kind] / total < 0.025
        assert kinds[ObjectClass.TREE] / total > 0.2

    def test_small_world_stays_within_its_bounds(self) -> None:
        for split in (Split.TRAIN, Split.COMPOSITIONAL, Split.CROWDED, Split.SMALL):
            for index in range(12):
                scene = split_scene(split, index, SMALL_WORLD)
                assert scene.backdrop.biome in SMALL_WORLD.biomes
                for instance in scene.instances:
                    assert instance.kind in SMALL_WORLD.classes
                    assert instance.color in SMALL_WORLD.colors
                    assert instance.pattern in SMALL_WORLD.patterns


def test_a_world_without_homes_is_refused() -> None:
    cups_at_sea = World(classes=(ObjectClass.CUP,), biomes=(Biome.SEA,))
    with pytest.raises(UsageError, match="No class"):
        generate(0, Recipe(world=cups_at_sea))


def test_a_recipe_that_cannot_be_filled_is_refused() -> None:
    only_moon = World(classes=(ObjectClass.MOON,), biomes=(Biome.SEA,))
    with pytest.raises(UsageError, match="No scene"):
        generate(0, replace(split_recipe(Split.CROWDED, only_moon), time=Time.DAY))


def test_colour_bias_gives_the_usual_colour() -> None:
    for bias, low, high in ((1.0, 0.5, 1.0), (0.0, 0.0, 0.35)):
        world = World(classes=(ObjectClass.TREE,), biomes=(Biome.MEADOW,), bias=bias)
        colors = [i.color for seed in range(60) for i in generate(seed, Recipe(world=world)).instances]
        assert low <= colors.count(ColorName.GREEN) / len(colors) <= high


def test_dice_give_the_same_numbers_for_ever() -> None:
    dice = Dice(42).child("a", 1)
    assert [dice.integer(0, 9999) for _ in range(4)] == [7329, 6148, 3877, 5589]
    assert Dice(42).child("a", 1).seed == dice.seed != Dice(42).child("a", 2).seed
