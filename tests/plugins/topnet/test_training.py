"""What is learned from, how answers are judged, the slow reference, and a run of a few steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from plugins.topnet import bench, engines, evaluate, sliding, train
from plugins.topnet.bins import Bins, Shape
from plugins.topnet.losses import labelled_softmax
from plugins.topnet.network import BoxRegression, TopNet
from plugins.topnet.pool import OBJECTS, PAINTED_EVERY, PlacementBatches, PlacementPool
from plugins.topnet.scenes import Task, cut_out, stranger, task
from studio import resources
from studio.plugin_host.registry import discover
from studio.synth.dice import Dice
from studio.synth.splits import Split
from studio.training.export import finish
from studio.training.recipe import Config, Setup
from studio.training.schedule import Budget
from studio.training.trainer import Options
from studio.training.trainer import train as run
from tests.support.placement import write_placement_model

BINS = Bins()


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return [task(Split.VAL, index) for index in range(8)]


@pytest.fixture
def pool(tmp_path: Path) -> PlacementPool:
    return PlacementPool(tmp_path, 64, 32, BINS)


class TestTasks:
    def test_the_same_number_gives_the_same_task(self, tasks: list[Task]) -> None:
        again = task(Split.VAL, 3)
        assert np.array_equal(again.background, tasks[3].background)
        assert np.array_equal(again.thing, tasks[3].thing)
        assert again.box == tasks[3].box

    def test_the_object_is_gone_and_its_box_lies_on_the_picture(self, tasks: list[Task]) -> None:
        for one in tasks:
            assert one.target not in one.scene.instances
            assert 0 <= min(one.box) <= max(one.box) <= 1
            assert one.thing[..., 3].max() == 255
        assert np.mean([one.is_plausible(*one.box) for one in tasks]) >= 0.75

    def test_the_grid_of_good_bins_is_the_rule_itself(self, tasks: list[Task]) -> None:
        draws = np.random.default_rng(0)
        for one in tasks[:3]:
            good = one.plausible(BINS)
            assert 0 < good.mean() < 0.5
            some = [*draws.choice(np.argwhere(good), 10), *draws.integers(0, BINS.shape, (30, 3))]
            for k, i, j in some:
                place = BINS.place((float(k), float(i), float(j)), one.shape, one.picture, 0.0)
                assert bool(good[k, i, j]) == one.is_plausible(*evaluate.shares(place, one.picture)), (k, i, j)

    def test_the_cut_out_does_not_tell_how_far_away_it_is(self, tasks: list[Task]) -> None:
        one = tasks[0]
        near = replace(one.target, y=one.target.y + 0.1, height=2 * one.target.height)
        assert np.array_equal(cut_out(one.scene, one.target).pixels, cut_out(one.scene, near).pixels)

    def test_strangers_are_of_another_class_on_the_same_picture(self, tasks: list[Task]) -> None:
        for number, one in enumerate(tasks):
            other = stranger(one, Dice(number))
            assert other is not None
            assert other.target.kind is not one.target.kind
            assert other.background is one.background
            assert not np.array_equal(other.thing, one.thing)

    def test_painted_over_tasks_have_decoys_of_the_objects_size(self) -> None:
        one = task(Split.VAL, 1, painted_over=True)
        assert 2 <= len(one.decoys) <= 4
        for left, top, right, bottom in one.decoys:
            assert right - left == pytest.approx(one.box[2] - one.box[0])
            assert bottom - top == pytest.approx(one.box[3] - one.box[1])
        assert not np.array_equal(one.background, task(Split.VAL, 1).background)


class TestPool:
    def test_examples_survive_the_disk(self, pool: PlacementPool) -> None:
        draws = np.random.default_rng(0)
        drawn, read = pool.example(0, 0, draws), pool.example(0, 0, draws)
        assert drawn is not None
        assert read is not None
        one = task(Split.TRAIN, 0)
        for example in (drawn, read):
            assert np.array_equal(example.background, one.background)
            assert np.array_equal(example.thing, one.thing)
            assert np.array_equal(example.good, one.plausible(BINS))
            assert example.truth == one.truth(BINS)
        for number in range(1, OBJECTS):
            other = pool.example(0, number, draws)
            assert other is None or other.good[other.truth]

    def test_every_so_many_scenes_are_painted_over(self, pool: PlacementPool) -> None:
        found = pool.example(PAINTED_EVERY - 1, 0, np.random.default_rng(0))
        assert found is not None
        painted = task(Split.TRAIN, PAINTED_EVERY - 1, painted_over=True)
        assert np.array_equal(found.background, painted.background)

    def test_mirroring_takes_the_labels_along(self, pool: PlacementPool) -> None:
        found = pool.example(0, 0, np.random.default_rng(0))
        assert found is not None
        turned = found.mirrored()
        assert np.array_equal(turned.mirrored().background, found.background)
        assert turned.good[turned.truth] == found.good[found.truth]
        k, i, j = found.truth
        assert turned.truth == (k, i, BINS.cells - 1 - j)

    def test_loosening_keeps_the_middle_and_leaves_the_labels(self, pool: PlacementPool) -> None:
        found = pool.example(0, 0, np.random.default_rng(0))
        assert found is not None
        loose = found.loosened(0.2)
        assert not loose.thing[:2].any()
        assert loose.thing[16, 16, 3] > 0
        assert loose.good is found.good

    def test_batches_repeat_and_their_scenes_grow(self, pool: PlacementPool) -> None:
        data = PlacementBatches(pool, seed=1, batch=3, first=2, fresh=1, most=4)
        first, again = data(5), data(5)
        assert all(torch.equal(first[name], again[name]) for name in first)
        assert first["good"].shape == (3, *BINS.shape)
        data(0)
        assert len(list(pool.root.rglob("*.npy"))) <= 4


def test_labels_pull_all_good_bins_above_the_others() -> None:
    scores = torch.zeros(2, 2, 3, 3, requires_grad=True)
    good = torch.zeros(2, 2, 3, 3, dtype=torch.bool)
    good[:, 0, :2] = True
    loss = labelled_softmax(scores, good)
    loss.backward()
    assert float(loss.detach()) == pytest.approx(np.log(13))  # 12 others, and the good bin itself
    assert scores.grad is not None
    assert (scores.grad[good] < 0).all()
    assert (scores.grad[~good] > 0).all()
    apart = torch.where(good, 20.0, -20.0)
    assert float(labelled_softmax(apart, good)) < 1e-6


class TestJudging:
    def test_scores_that_know_the_rule_are_always_right(self, tasks: list[Task]) -> None:
        def oracle(part: object) -> np.ndarray:
            assert isinstance(part, (list, tuple))
            return np.stack([one.plausible(BINS).astype(np.float32) for one in part])

        found = evaluate.summary(evaluate.answers(oracle, BINS, tasks), BINS)
        assert found["plausible_1"] == 1.0
        assert found["plausible_at_size"] >= 0.75
        assert found["scale_within_step"] >= 0.75
        blind = evaluate.answers(lambda part: evaluate.random_scores(part, BINS), BINS, tasks)
        assert evaluate.summary(blind, BINS)["plausible_5"] < 0.5

    def test_the_true_bin_gives_the_true_box(self, tasks: list[Task]) -> None:
        def truth(part: object) -> np.ndarray:
            assert isinstance(part, (list, tuple))
            out = np.zeros((len(part), *BINS.shape), np.float32)
            for row, one in enumerate(part):
                out[row][one.truth(BINS)] = 1
            return out

        found = evaluate.summary(evaluate.answers(truth, BINS, tasks), BINS)
        assert found["iou_1"] > 0.5
        assert found["scale_within_step"] == 1.0

    def test_swapped_tasks_ask_for_another_class(self, tasks: list[Task]) -> None:
        others = evaluate.swapped(tasks, Split.VAL)
        assert len(others) == len(tasks)
        assert all(other.target.kind is not one.target.kind for other, one in zip(others, tasks, strict=True))
        for one in evaluate.able(others, BINS):
            assert one.plausible(BINS).any()

    def test_the_baseline_answers_with_one_box_on_the_picture(self, tasks: list[Task]) -> None:
        torch.manual_seed(0)
        for answer in evaluate.regressed(BoxRegression().eval(), BINS, tasks):
            (place,) = answer.places
            left, top, right, bottom = evaluate.shares(place, answer.task.picture)
            assert min(left, top) >= -1e-6
            assert max(right, bottom) <= 1 + 1e-6


class TestSliding:
    def test_scores_do_not_depend_on_what_is_asked_with_them(self, tasks: list[Task]) -> None:
        torch.manual_seed(0)
        scorer, grid = sliding.CompositeScorer().eval(), Bins(scales=3, cells=4)
        thing = cut_out(tasks[0].scene, tasks[0].target).pixels
        every = sliding.scores(scorer, tasks[0].background, thing, grid, grid.all())
        assert every.shape == (grid.count,)
        alone = sliding.scores(scorer, tasks[0].background, thing, grid, [grid.all()[17]])
        assert alone[0] == pytest.approx(every[17], abs=1e-5)

    def test_the_object_is_pasted_into_the_box_of_its_bin(self) -> None:
        class MaskCounter(sliding.CompositeScorer):
            def forward(self, composites: torch.Tensor) -> torch.Tensor:
                return composites[:, 3].sum((1, 2))

        thing, grid = np.full((20, 10, 4), 255, np.uint8), Bins(scales=3, cells=4, smallest=0.2, largest=0.8)
        counted = sliding.scores(
            MaskCounter(), np.zeros((64, 64, 3), np.uint8), thing, grid, [(k, 1, 1) for k in (0, 1)]
        )
        for k, pixels in enumerate(counted):
            place = grid.place((k, 1, 1), Shape(10, 20), Shape(64, 64), 0.0)
            assert pixels == pytest.approx(round(place.width) * round(place.height), abs=1)


class TestRuns:
    @pytest.mark.parametrize("name", ["topnet", "topnet_one_box", "topnet_regression"])
    def test_a_few_steps_make_a_model_that_loads(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(train, "VALIDATED", 4)
        monkeypatch.setattr(train, "TESTED", 4)
        monkeypatch.setattr(train, "FIRST_SCENES", 4)
        monkeypatch.setattr(train, "BATCH", {Config.CPU: 2})
        recipe = getattr(train, {"topnet": "RECIPE", "topnet_one_box": "ONE_BOX"}.get(name, "REGRESSION"))
        assert recipe.name == name
        options = Options(
            out=tmp_path / "run",
            cache_dir=tmp_path / "cache",
            models_dir=tmp_path / "models",
            budget=Budget(steps=2),
            workers=0,
        )
        folder = finish(recipe, run(recipe, options), options, tmp_path / "models")
        assert folder == tmp_path / "models" / name
        kind = BoxRegression if name == "topnet_regression" else TopNet
        assert kind.from_pretrained(folder).config["width"] == 96
        assert "plausible 1" in (folder / "README.md").read_text(encoding="utf-8")

    def test_the_manifest_lists_the_recipes(self) -> None:
        plugin = discover().get("topnet")
        assert [entry.name for entry in plugin.manifest.recipes] == ["topnet", "topnet_one_box", "topnet_regression"]
        assert all(plugin.recipe(entry.name) is not None for entry in plugin.manifest.recipes)

    def test_bins_of_a_task_are_those_of_its_network(self, tmp_path: Path) -> None:
        made = train.TopNetTask(Setup(Config.CPU, 0, tmp_path, tmp_path))
        assert made.bins == made.network.bins == BINS


@pytest.mark.slow
def test_the_bench_states_every_claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_placement_model(tmp_path / "models")
    monkeypatch.setattr(resources, "assets_dir", lambda: tmp_path)
    engines.load.cache_clear()
    monkeypatch.setattr(bench, "QUICK", bench.Counts(tasks=6, checks=3))
    quality, checks, speed = bench.tables(quick=True)
    assert [row[0] for row in quality.rows] == ["tiny", "random box", "one regressed box"]
    assert quality.rows[2][1] == "not trained"
    assert len(checks.rows) == 4
    assert any("16 x 32 x 32" in row[0] and row[2].endswith("x") for row in speed.rows)
