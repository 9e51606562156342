"""Schedule, budget, averages, journal, numbered batches, crops."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from studio.core.errors import UsageError
from studio.synth.generate import Pairs
from studio.synth.splits import Split
from studio.training.batches import batches
from studio.training.choices import Config
from studio.training.crops import chooser, random_crop, to_pixels, to_signed
from studio.training.ema import Average, put, trained
from studio.training.journal import Journal
from studio.training.measures import psnr
from studio.training.recipe import Plan
from studio.training.scenes import CLASS, COLOR, SceneCache, Shown, draw_planes, keep_array, shown_recipe
from studio.training.schedule import Budget, rate_factor
from tests.training.line import LineData

PLAN = Plan(learning_rate=1.0, warmup_steps=10, floor=0.1, criterion="x")


class TestSchedule:
    def test_the_rate_rises_then_falls_to_its_floor(self) -> None:
        assert rate_factor(PLAN, 0, 0.0) == pytest.approx(0.1)
        assert rate_factor(PLAN, 4, 0.0) == pytest.approx(0.5)
        assert rate_factor(PLAN, 100, 0.5) == pytest.approx(0.55)
        assert rate_factor(PLAN, 100, 1.0) == pytest.approx(0.1)

    def test_a_budget_ends_with_whichever_comes_first(self) -> None:
        both = Budget(seconds=100, steps=10)
        assert both.progress(50, 1) == pytest.approx(0.5)
        assert both.progress(1, 9) == pytest.approx(0.9)
        assert both.progress(500, 0) == 1.0

    def test_a_budget_needs_an_end_after_the_beginning(self) -> None:
        with pytest.raises(UsageError, match="no end"):
            Budget()
        with pytest.raises(UsageError, match="before it begins"):
            Budget(seconds=0)


class TestAverage:
    def test_it_follows_the_formula_and_leaves_frozen_weights_out(self) -> None:
        model = nn.Sequential(nn.Linear(1, 1, bias=False), nn.Linear(1, 1).requires_grad_(False))
        put(model, {"0.weight": torch.tensor([[1.0]])})
        average = Average(model, limit=0.5)
        assert list(average.shadow) == ["0.weight"]
        put(model, {"0.weight": torch.tensor([[2.0]])})
        average.update(model)  # decay (1 + 0) / (10 + 0) = 0.1
        assert float(average.shadow["0.weight"]) == pytest.approx(0.1 * 1 + 0.9 * 2)
        for _ in range(200):
            average.update(model)
        before = float(average.shadow["0.weight"])
        put(model, {"0.weight": torch.tensor([[4.0]])})
        average.update(model)  # the limit holds by now
        assert float(average.shadow["0.weight"]) == pytest.approx((before + 4) / 2)

    def test_applied_weights_go_away_even_on_errors(self) -> None:
        model = nn.Linear(2, 2)
        average = Average(model, limit=0.9)
        put(model, {name: value + 1 for name, value in trained(model).items()})
        kept = model.weight.detach().clone()

        def fail_inside() -> None:
            with average.applied(model):
                assert not model.training
                assert torch.equal(model.weight, average.shadow["weight"])
                raise ValueError("stop")

        with pytest.raises(ValueError, match="stop"):
            fail_inside()
        assert torch.equal(model.weight, kept)
        assert model.training


class TestJournal:
    def test_rewinding_drops_later_steps_and_a_torn_line(self, tmp_path: Path) -> None:
        journal = Journal(tmp_path / "log.jsonl")
        for step in (10, 20, 30):
            journal.add("train", step, loss=step / 7)
        with journal.path.open("a") as stream:
            stream.write('{"kind": "train", "st')
        journal.rewind(20)
        journal.add("train", 30, loss=float("nan"))
        lines = [json.loads(line) for line in journal.path.read_text().splitlines()]
        assert [(line["step"], line["loss"]) for line in lines] == [(10, 1.4286), (20, 2.8571), (30, None)]


class TestBatches:
    def test_numbers_go_on_from_where_they_are_asked(self) -> None:
        source = batches(LineData(), first=5, stride=3, workers=0)
        for index in (5, 8, 11):
            assert torch.equal(next(source)["x"], LineData()(index)["x"])


class TestCrops:
    def test_the_same_names_choose_the_same_part(self) -> None:
        planes = np.random.default_rng(0).integers(0, 256, (40, 50, 5), dtype=np.uint8)
        first, second = (random_crop(planes, 16, chooser(3, "x", 7)) for _ in range(2))
        assert first.shape == (16, 16, 5)
        assert np.array_equal(first, second)
        assert not np.array_equal(first, random_crop(planes, 16, chooser(3, "x", 8)))

    def test_pixels_survive_the_way_to_tensors_and_back(self) -> None:
        pixels = np.arange(256, dtype=np.uint8).reshape(1, 8, 32, 1).repeat(3, axis=3)
        tensor = to_signed(pixels)
        assert tensor.shape == (1, 3, 8, 32)
        assert (float(tensor.min()), float(tensor.max())) == (-1.0, 1.0)
        assert np.array_equal(to_pixels(tensor), pixels)

    def test_psnr_is_that_of_the_formula(self) -> None:
        truth = torch.zeros(2, 3, 4, 4)
        made = torch.stack([torch.full((3, 4, 4), 0.2), torch.full((3, 4, 4), 0.02)])
        assert psnr(made, truth).tolist() == pytest.approx([20.0, 40.0], abs=1e-3)


class TestSceneCache:
    def test_a_kept_scene_is_the_drawn_one_and_is_not_drawn_again(self, tmp_path: Path) -> None:
        cache = SceneCache(tmp_path, Config.CPU)
        drawn = cache[3]
        assert np.array_equal(drawn, draw_planes(Split.TRAIN, 3, Config.CPU))
        assert drawn.shape == (128, 128, 5)
        assert drawn[..., CLASS].any()
        assert drawn[..., COLOR].any()
        assert np.array_equal(cache[3], drawn)
        assert len(list(tmp_path.rglob("*.npy"))) == 1

    def test_what_a_judge_must_know_is_kept_apart_from_what_others_are_shown(self, tmp_path: Path) -> None:
        judged = SceneCache(tmp_path, Config.CPU, shown=Shown.JUDGED)
        assert np.array_equal(judged[1], draw_planes(Split.TRAIN, 1, Config.CPU, Shown.JUDGED))
        assert np.array_equal(SceneCache(tmp_path, Config.CPU)[0], draw_planes(Split.TRAIN, 0, Config.CPU))
        assert not np.array_equal(judged[0], draw_planes(Split.TRAIN, 0, Config.CPU))

    def test_a_judge_is_shown_every_pair_and_every_fourth_scene_crowded(self) -> None:
        for index in range(24):
            recipe = shown_recipe(Shown.JUDGED, Split.TRAIN, index, Config.CPU)
            assert recipe.pairs is Pairs.ANY
            least = min(count for count, _ in recipe.counts)
            assert (least >= 4) == (index % 4 == 0)
            assert shown_recipe(Shown.SPLIT, Split.TRAIN, index, Config.CPU).pairs is Pairs.TRAINED

    def test_a_file_that_was_cut_short_is_made_anew(self, tmp_path: Path) -> None:
        path = tmp_path / "a.npy"
        keep_array(path, lambda: np.ones((4, 4), np.uint8))
        path.write_bytes(path.read_bytes()[:-3])
        again = keep_array(path, lambda: np.full((4, 4), 2, np.uint8))
        assert (again == 2).all()
        assert (np.load(path) == 2).all()
