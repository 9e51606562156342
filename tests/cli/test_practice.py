"""`lamina synth` and `lamina train`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from studio import resources
from studio.io.formats import open_document
from studio.plugin_host.registry import user_plugins_dir
from tests.cli.conftest import Lamina
from tests.training.line import LineTask

RECIPES = """
[[recipes]]
name = "ruler"
title = "a straight line"
entry = "train:LINE"
"""


@pytest.fixture
def ruler_plugin() -> None:
    """Gives the square plugin a recipe of its own."""
    folder = user_plugins_dir() / "square"
    manifest = folder / "plugin.toml"
    text = manifest.read_text()
    manifest.write_text(text.replace("[entry]", RECIPES + "\n[entry]"))
    (folder / "train.py").write_text("from tests.training.line import LINE\n")


def test_synth_writes_sheets_scenes_and_layered_files(lamina: Lamina, tmp_path: Path) -> None:
    ran = lamina("synth", "--out", tmp_path / "out", "--count", 2, "--seed", 5, "--size", 64)
    assert ran.code == 0
    written = [Path(line) for line in ran.out.splitlines()]
    assert all(path.is_file() for path in written)
    names = {path.name for path in written}
    assert {"scenes.png", "anatomy.png", "designs.png", "clips.png"} <= names
    assert {
        f"{what}_{seed}.{kind}" for what in ("scene", "design") for seed in (5, 6) for kind in ("json", "psd", "ora")
    } <= names
    opened = open_document(tmp_path / "out" / "scene_5.psd").document
    assert [layer.name for layer in opened.layers] == ["Background", "Objects"]


def test_synth_writes_only_what_is_asked_for(lamina: Lamina, tmp_path: Path) -> None:
    ran = lamina("synth", "--out", tmp_path, "--count", 1, "--size", 64, "--kind", "json")
    assert ran.code == 0
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["design_0.json", "scene_0.json"]
    assert json.loads((tmp_path / "scene_0.json").read_text())["seed"] == 0


def test_synth_refuses_a_size_that_cannot_be_drawn(lamina: Lamina) -> None:
    assert lamina("synth", "--size", 5).code == 2


def test_an_unknown_model_is_refused_with_the_known_ones(lamina: Lamina, ruler_plugin: None) -> None:
    ran = lamina("train", "nothing", "--minutes", 1)
    assert ran.code == 2
    assert "no model “nothing”" in ran.err
    assert all(name in ran.err for name in ("vae4", "reader", "ruler"))


def test_a_plugins_recipe_is_trained_and_resumed(lamina: Lamina, ruler_plugin: None, tmp_path: Path) -> None:
    told = ("train", "ruler", "--out", tmp_path / "run", "--device", "cpu", "--precision", "fp32", "--workers", 0)
    ran = lamina(*told, "--minutes", 0.01)
    assert ran.code == 0
    assert f"{tmp_path / 'run' / 'model'}: the model" in ran.out
    assert "Training, step" in ran.err
    Image.open(tmp_path / "run" / "model" / "samples.png").verify()
    log = (tmp_path / "run" / "log.jsonl").read_text()
    again = lamina(*told, "--minutes", 0.01, "--quiet")
    assert again.code == 0
    assert again.err == ""
    trained = [line for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines() if '"train"' in line]
    assert trained == [line for line in log.splitlines() if '"train"' in line]


def test_runs_lie_in_the_users_data_folder_when_no_place_is_given(
    lamina: Lamina, ruler_plugin: None, tmp_path: Path
) -> None:
    ran = lamina("train", "ruler", "--device", "cpu", "--workers", 0, "--minutes", 0.01, "--quiet")
    assert ran.code == 0
    assert (tmp_path / "data" / "lamina-studio" / "training" / "ruler-cpu" / "checkpoint.pt").is_file()


def test_publishing_needs_a_checkout(lamina: Lamina, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "checkout_root", lambda: None)
    ran = lamina("train", "vae4", "--minutes", 1, "--publish")
    assert ran.code == 2
    assert "no place for new models" in ran.err


def test_a_stopped_training_says_how_to_go_on(
    lamina: Lamina, ruler_plugin: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: LineTask, batch: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(LineTask, "forward", interrupted)
    ran = lamina("train", "ruler", "--out", tmp_path / "run", "--device", "cpu", "--workers", 0, "--minutes", 1)
    assert ran.code == 1
    assert "same command again" in ran.err
