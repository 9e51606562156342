"""The loop: repeats exactly, goes on exactly, ends when told, keeps the best."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from studio.core.errors import StudioError, UsageError
from studio.training import checkpoint
from studio.training.choices import Config, DeviceChoice, Precision
from studio.training.ema import trained
from studio.training.recipe import Batch, Losses, Setup, Task
from studio.training.schedule import Budget
from studio.training.trainer import BAD_STEPS, Options, Trained, train
from tests.training.line import LINE, LineData, LineRecipe, LineTask


def options(out: Path, steps: int = 40) -> Options:
    return Options(
        out=out,
        cache_dir=out / "cache",
        models_dir=out / "models",
        budget=Budget(steps=steps),
        device=DeviceChoice.CPU,
        precision=Precision.FP32,
        workers=0,
    )


def weights(made: Trained) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in trained(made.task).items()}


def state(folder: Path) -> checkpoint.State:
    return checkpoint.load(folder / "checkpoint.pt", checkpoint.Identity("line", "cpu", 0))


def assert_equal(first: dict[str, Tensor], second: dict[str, Tensor]) -> None:
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert torch.equal(value, second[name]), name


def test_a_run_learns_and_writes_its_log_and_pictures(tmp_path: Path) -> None:
    made = train(LINE, options(tmp_path, steps=300))
    entries = list(made.folder.journal.entries())
    losses = [entry["loss"] for entry in entries if entry["kind"] == "train"]
    assert len(losses) == 30
    assert float(str(losses[-1])) < float(str(losses[0])) / 20
    measured = [entry for entry in entries if entry["kind"] == "validation"]
    assert [entry["step"] for entry in measured] == [75, 150, 225, 300]
    assert len(list(made.folder.pictures.glob("*.png"))) == 4
    assert made.progress.best == pytest.approx(min(float(str(entry["error"])) for entry in measured), rel=1e-3)


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    first, second = (train(LINE, options(tmp_path / name)) for name in "ab")
    other = train(LINE, replace(options(tmp_path / "c"), seed=1))
    assert_equal(weights(first), weights(second))
    assert not torch.equal(weights(first)["line.0.weight"], weights(other)["line.0.weight"])


class _StopsAt(LineRecipe):
    """Fails in the middle of a step, as a machine would."""

    def __init__(self, step: int) -> None:
        self.step = step

    def task(self, setup: Setup) -> Task:
        return _StoppingTask(self.step)


class _StoppingTask(LineTask):
    def __init__(self, step: int) -> None:
        super().__init__()
        self.left = step

    def forward(self, batch: Batch) -> Losses:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        return super().forward(batch)


def test_a_stopped_run_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole = train(LINE, options(tmp_path / "whole"))
    told = replace(options(tmp_path / "cut"), checkpoint_s=0.0)
    with pytest.raises(KeyboardInterrupt):
        train(_StopsAt(17), told)
    assert state(tmp_path / "cut").progress.step == 17
    resumed = train(LINE, told)
    assert_equal(weights(resumed), weights(whole))
    first, second = state(tmp_path / "cut"), state(tmp_path / "whole")
    assert_equal(dict(first.weights), dict(second.weights))
    assert_equal(dict(first.average), dict(second.average))


def test_the_log_of_a_resumed_run_has_each_step_once(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(_StopsAt(35), options(tmp_path))  # logged at 10, 20, 30; no checkpoint was due
    made = train(LINE, options(tmp_path))
    steps = [entry["step"] for entry in made.folder.journal.entries() if entry["kind"] == "train"]
    assert steps == [10, 20, 30, 40]


def test_a_run_that_is_prolonged_is_validated_over_what_was_added(tmp_path: Path) -> None:
    train(LINE, options(tmp_path, steps=40))
    made = train(LINE, options(tmp_path, steps=80))
    measured = [entry["step"] for entry in made.folder.journal.entries() if entry["kind"] == "validation"]
    assert measured == [10, 20, 30, 40, 60, 80]


KILLED = """
from pathlib import Path
from dataclasses import replace
from tests.training.line import LINE
from tests.training.test_trainer import options
from studio.training.trainer import train
told = replace(options(Path({out!r}), steps=100000), checkpoint_s=0.0)
train(LINE, told, lambda stage, share: print(stage, flush=True))
"""


def test_a_killed_process_leaves_a_run_that_goes_on(tmp_path: Path, checkout: Path) -> None:
    out = tmp_path / "killed"
    code = KILLED.format(out=str(out))
    with subprocess.Popen([sys.executable, "-c", code], cwd=checkout, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "step 30" in line:
                break
        process.kill()
    assert process.returncode == -9
    reached = state(out).progress.step
    assert reached >= 29
    resumed = train(LINE, options(out, steps=reached + 40))
    assert resumed.progress.step == reached + 40
    straight_on = checkpoint.load(out / "checkpoint.pt", checkpoint.Identity("line", "cpu", 0))
    assert all(bool(torch.isfinite(value).all()) for value in straight_on.weights.values())


def test_worker_processes_give_the_same_run(tmp_path: Path) -> None:
    alone = train(LINE, options(tmp_path / "alone", steps=12))
    helped = train(LINE, replace(options(tmp_path / "helped", steps=12), workers=1))
    assert_equal(weights(alone), weights(helped))


def test_a_time_budget_ends_the_run_and_is_kept_across_stops(tmp_path: Path) -> None:
    told = replace(options(tmp_path), budget=Budget(seconds=0.3))
    made = train(LINE, told)
    assert made.progress.elapsed_s >= 0.3
    spent = made.progress.step
    assert train(LINE, told).progress.step == spent
    assert train(LINE, replace(told, budget=Budget(seconds=made.progress.elapsed_s + 0.2))).progress.step > spent


def test_another_run_in_the_folder_is_refused_and_fresh_replaces_it(tmp_path: Path) -> None:
    train(LINE, options(tmp_path))
    other = replace(options(tmp_path), config=Config.GPU)
    with pytest.raises(UsageError, match="another one: line, cpu, seed 0"):
        train(LINE, other)
    assert train(LINE, replace(other, fresh=True)).progress.step == 40


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    train(LINE, options(tmp_path))
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(StudioError, match=r"cannot be read: .*checkpoint\.pt") as caught:
        train(LINE, options(tmp_path))
    assert "--fresh" in caught.value.hint


class _Diverging(LineRecipe):
    def task(self, setup: Setup) -> Task:
        return _DivergingTask()


class _DivergingTask(LineTask):
    def forward(self, batch: Batch) -> Losses:
        return {"loss": super().forward(batch)["loss"] * float("nan")}


def test_a_run_that_diverges_says_so(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="diverged"):
        train(_Diverging(), options(tmp_path, steps=BAD_STEPS + 5))


@dataclass(frozen=True)
class _Worse:
    """A recipe whose validation gets worse from the second time on."""

    name: str = "line"
    title: str = "worse"

    def plan(self, config: Config) -> object:
        return LINE.plan(config)

    def task(self, setup: Setup) -> Task:
        return _WorseTask()


class _WorseTask(LineTask):
    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def validate(self, split: object) -> dict[str, float]:
        self.times += 1
        return {"error": float(self.times)}


def test_the_best_weights_are_kept_not_the_last(tmp_path: Path) -> None:
    made = train(_Worse(), options(tmp_path))  # pyright: ignore[reportArgumentType]  plan is LINE's
    assert made.progress.best == 1.0
    best = checkpoint.read_file(tmp_path / "best.pt")
    assert_equal(weights(made), best)
    assert not torch.equal(best["line.0.weight"], state(tmp_path).average["line.0.weight"])


class _DyingData(LineData):
    def __call__(self, index: int) -> Batch:
        if index == 3:
            os._exit(1)
        return super().__call__(index)


class _DyingTask(LineTask):
    def __init__(self) -> None:
        super().__init__()
        self.data = _DyingData()


class _Dying(LineRecipe):
    def task(self, setup: Setup) -> Task:
        return _DyingTask()


def test_a_dead_data_process_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="process that makes training data") as caught:
        train(_Dying(), replace(options(tmp_path), workers=1))
    assert "same command again" in caught.value.hint


def test_bfloat16_on_a_processor_learns_too(tmp_path: Path) -> None:
    made = train(LINE, replace(options(tmp_path, steps=300), precision=Precision.BF16))
    losses = [float(str(entry["loss"])) for entry in made.folder.journal.entries() if entry["kind"] == "train"]
    assert losses[-1] < losses[0] / 10
    assert all(value.dtype is torch.float32 for value in weights(made).values())


def test_a_gpu_that_is_not_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="no GPU"):
        train(LINE, replace(options(tmp_path), device=DeviceChoice.CUDA))
