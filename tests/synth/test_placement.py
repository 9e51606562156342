from __future__ import annotations

import numpy as np
import pytest

from studio.core.errors import UsageError
from studio.synth.frame import Frame
from studio.synth.placement import Box, box_at, expected_height, is_free, judge, plausible_grid, withheld
from studio.synth.scene import Scene
from studio.synth.splits import Split, split_scene
from studio.synth.terrain import ground_at, ground_map
from studio.synth.vocabulary import TRAITS, Ground, ObjectClass
from tests.synth.worlds import meadow, two_trees, varied_scenes


def _fitting(kind: ObjectClass, x: float, y: float, factor: float = 1.0) -> Box:
    return box_at(kind, x, y, expected_height(meadow(), kind, y) * factor)


def test_a_house_belongs_on_land_at_its_size() -> None:
    backdrop = meadow(pond=True)
    good = judge(backdrop, ObjectClass.HOUSE, _fitting(ObjectClass.HOUSE, 0.75, 0.8))
    assert good.is_plausible
    assert good.ratio == pytest.approx(1.0)
    assert not judge(backdrop, ObjectClass.HOUSE, _fitting(ObjectClass.HOUSE, 0.3, 0.66)).supported
    assert not judge(backdrop, ObjectClass.HOUSE, _fitting(ObjectClass.HOUSE, 0.75, 0.8, 1.3)).is_plausible
    assert not judge(backdrop, ObjectClass.HOUSE, _fitting(ObjectClass.HOUSE, 0.75, 0.8, 0.75)).is_plausible
    assert not judge(backdrop, ObjectClass.HOUSE, _fitting(ObjectClass.HOUSE, 0.02, 0.8)).inside


def test_boats_need_water_and_birds_the_sky() -> None:
    backdrop = meadow(pond=True)
    assert judge(backdrop, ObjectClass.BOAT, _fitting(ObjectClass.BOAT, 0.3, 0.66)).is_plausible
    assert not judge(backdrop, ObjectClass.BOAT, _fitting(ObjectClass.BOAT, 0.75, 0.66)).is_plausible
    assert judge(backdrop, ObjectClass.BIRD, _fitting(ObjectClass.BIRD, 0.5, 0.3)).is_plausible
    assert not judge(backdrop, ObjectClass.BIRD, box_at(ObjectClass.BIRD, 0.5, 0.7, 0.1)).is_plausible


def test_things_grow_towards_the_viewer_and_birds_upwards() -> None:
    heights = [expected_height(meadow(), ObjectClass.CAR, y) for y in (0.45, 0.5, 0.7, 0.9)]
    assert heights[0] == 0
    assert heights == sorted(heights)
    birds = [expected_height(meadow(), ObjectClass.BIRD, y) for y in (0.4, 0.2, 0.0)]
    assert birds == sorted(birds)


def test_the_grid_agrees_with_single_verdicts() -> None:
    xs, ys = np.linspace(0.05, 0.95, 9), np.linspace(0.05, 0.95, 9)
    heights = np.array([0.08, 0.16, 0.3])
    for kind in (ObjectClass.HOUSE, ObjectClass.BOAT, ObjectClass.BIRD, ObjectClass.CAR):
        for backdrop in (meadow(pond=True), split_scene(Split.TEST, 3).backdrop):
            grid = plausible_grid(backdrop, kind, xs, ys, heights, TRAITS[kind].aspect)
            for k, height in enumerate(heights):
                for j, y in enumerate(ys):
                    for i, x in enumerate(xs):
                        one = judge(backdrop, kind, box_at(kind, float(x), float(y + height / 2), float(height)))
                        assert grid[k, j, i] == one.is_plausible


def test_the_grid_holds_both_answers() -> None:
    xs = np.linspace(0.05, 0.95, 16)
    grid = plausible_grid(meadow(), ObjectClass.HOUSE, xs, xs, np.geomspace(0.06, 0.6, 8), 1.2)
    assert 0.01 < grid.mean() < 0.3


def test_ground_map_and_single_places_agree() -> None:
    for scene in varied_scenes(1):
        frame = Frame.of(scene, 48)
        labels = ground_map(scene.backdrop, frame)
        for row, column in ((0, 0), (20, 30), (40, 5), (47, 47)):
            ground = ground_at(scene.backdrop, float(frame.xs[column]), float(frame.ys[row]))
            assert labels[row, column] == ground.label


def test_a_meadow_has_sky_land_and_its_pond() -> None:
    labels = ground_map(meadow(pond=True), Frame.of(Scene(backdrop=meadow(pond=True)), 64))
    assert set(np.unique(labels)) == {Ground.SKY.label, Ground.LAND.label, Ground.WATER.label}


def test_withheld_object_is_gone_and_its_place_is_kept() -> None:
    task = withheld(two_trees(), 2)
    assert [instance.id for instance in task.scene.instances] == [1]
    assert task.target.id == 2
    assert task.box.bottom == task.target.y
    with pytest.raises(UsageError):
        withheld(two_trees(), 5)


def test_occupied_places_are_not_free() -> None:
    scene = two_trees()
    assert not is_free(scene, Box(0.45, 0.6, 0.7, 0.9))
    assert is_free(scene, Box(0.0, 0.0, 0.2, 0.2))
