"""The sketch recipe on a random scene model: begins as nothing, learns, and loads as a stock ControlNet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.models.controlnets.controlnet import ControlNetModel

from studio.diffusion.files import ModelFault
from studio.diffusion.loading import load_model
from studio.diffusion.sources import FolderSource
from studio.synth.splits import Split
from studio.training.choices import Config, Precision
from studio.training.recipe import Setup
from studio.training.recipes.sketch import SketchRecipe, SketchSize, SketchTask, draw_pair, load_scene_engine
from studio.training.schedule import Budget
from studio.training.trainer import Options, train
from tests.support.diffusion_models import quiet_libraries
from tests.support.scene_engine import write_scene_engine

RECIPE = SketchRecipe(sizes={Config.CPU: SketchSize(batch=2, validated=2, tested=2)})


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Setup:
    root = tmp_path_factory.mktemp("sketch")
    write_scene_engine(root / "models")
    return Setup(Config.CPU, 0, root / "cache", root / "models")


@pytest.fixture(scope="module")
def task(setup: Setup) -> SketchTask:
    torch.manual_seed(0)
    with quiet_libraries():
        made = RECIPE.task(setup)
    assert isinstance(made, SketchTask)
    return made


def test_a_pair_belongs_together() -> None:
    pair = next(
        pair for pair in (draw_pair(Split.TRAIN, index, Config.CPU, 0) for index in range(9)) if pair.drawn.layers
    )
    assert pair.sketch.shape == pair.drawn.composite.shape
    blobs, objects = pair.sketch.any(axis=2), pair.drawn.order > 0
    assert (blobs & objects).sum() > 0.6 * objects.sum()
    again = draw_pair(Split.TRAIN, 0, Config.CPU, 0)
    assert np.array_equal(again.sketch, draw_pair(Split.TRAIN, 0, Config.CPU, 0).sketch)


def test_at_first_the_control_changes_nothing(task: SketchTask) -> None:
    pair = draw_pair(Split.VAL, 0, Config.CPU, 0)
    with quiet_libraries():
        assert torch.equal(task.draw(pair, 3, strength=1.0), task.draw(pair, 3, strength=0.0))


def test_only_the_controlnet_is_trained(task: SketchTask) -> None:
    trained = [name for name, value in task.named_parameters() if value.requires_grad]
    assert trained
    assert all(name.startswith("controlnet.") for name in trained)
    task(task.data(0))["loss"].backward()
    assert any(value.grad is not None and value.grad.abs().sum() > 0 for value in task.controlnet.parameters())
    assert all(value.grad is None for value in task.model.unet.parameters())
    task.zero_grad(set_to_none=True)


def test_it_trains_and_loads_as_a_stock_controlnet(setup: Setup, tmp_path: Path) -> None:
    options = Options(
        out=tmp_path / "run",
        cache_dir=setup.cache_dir,
        models_dir=setup.models_dir,
        budget=Budget(steps=2),
        workers=0,
        precision=Precision.FP32,
    )
    with quiet_libraries():
        made = train(RECIPE, options)
        made.task.export(tmp_path / "model")
        read = load_model(ControlNetModel, FolderSource(tmp_path / "model"))
    assert isinstance(made.task, SketchTask)
    for name, value in made.task.controlnet.state_dict().items():
        assert torch.equal(read.state_dict()[name], value.half().float())


def test_without_the_scene_model_it_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ModelFault) as caught:
        load_scene_engine(tmp_path)
    assert "lamina train scene" in caught.value.hint
