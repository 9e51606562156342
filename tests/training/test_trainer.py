"""The loop: repeats exactly, goes on exactly, ends on time, keeps the best."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from studio.training.choices import Config, DeviceChoice, Precision
from studio.training.ema import trained
from studio.training.schedule import Budget
from studio.training.trainer import Options, Trained, train
from tests.training.line import LINE


def options(out: Path, steps: int = 40, **more: object) -> Options:
    values: dict[str, object] = {"device": DeviceChoice.CPU, "precision": Precision.FP32, "workers": 0, "budget": Budget(steps=steps)}
    return Options(out=out, cache_dir=out / "cache", models_dir=out / "models", **{**values, **more})  # pyright: ignore[reportArgumentType]


def weights(made: Trained) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in trained(made.task).items()}


def test_a_run_learns_and_writes_its_log_and_pictures(tmp_path: Path) -> None:
    made = train(LINE, options(tmp_path, steps=300))
    entries = list(made.folder.journal.entries())
    losses = [entry["loss"] for entry in entries if entry["kind"] == "train"]
    assert len(losses) == 30
    assert losses[-1] < losses[0] / 20
    measured = [entry for entry in entries if entry["kind"] == "validation"]
    assert [entry["step"] for entry in measured] == [75, 150, 225, 300]
    assert len(list(made.folder.pictures.glob("*.png"))) == 4
    assert made.progress.best == pytest.approx(min(entry["error"] for entry in measured), rel=1e-3)
