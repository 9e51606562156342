"""The scene recipe on random models and a handful of scenes: its data, its loss, and the folder that it writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline

from studio.diffusion.files import ModelFault
from studio.diffusion.latents import decode_latents
from studio.diffusion.loading import load_engine
from studio.diffusion.noise import gaussian
from studio.diffusion.sources import FolderSource
from studio.diffusion.text_to_image import Sampling, TextToImage
from studio.synth.placement import instance_box
from studio.synth.splits import Split, split_of
from studio.training.choices import Config, Precision
from studio.training.crops import to_pixels
from studio.training.prompt_sets import PromptKind, prompt_set
from studio.training.recipe import Setup
from studio.training.recipes.scene import SceneRecipe, SceneSize, SceneTask, early_timesteps, load_vae, spread_timesteps
from studio.training.scene_latents import cover
from studio.training.scene_set import SMALLEST_AREA, caption_text, chosen_scene
from studio.training.schedule import Budget
from studio.training.trainer import Options, train
from tests.support.diffusion_models import quiet_libraries
from tests.support.scene_engine import write_scene_engine, write_vae4

SIZE = SceneSize(widths=(16, 16, 32), batch=3, files=2, per_file=4, validated=4, tested=4, judged=(1, 1), text_steps=2)
RECIPE = SceneRecipe(sizes={Config.CPU: SIZE})


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Setup:
    root = tmp_path_factory.mktemp("scene")
    write_vae4(root / "models")
    return Setup(Config.CPU, 0, root / "cache", root / "models")


@pytest.fixture(scope="module")
def task(setup: Setup) -> SceneTask:
    torch.manual_seed(0)
    task = RECIPE.task(setup)
    assert isinstance(task, SceneTask)
    return task


def test_scenes_of_the_set_are_large_enough_and_from_their_split() -> None:
    scenes = [chosen_scene(Split.TRAIN, index, Config.CPU) for index in range(200)]
    areas = [instance_box(instance).area for scene in scenes for instance in scene.instances]
    assert min(areas) >= SMALLEST_AREA
    assert all(split_of(scene.seed) is Split.TRAIN for scene in scenes)
    assert len({scene.seed for scene in scenes}) == 200
    empty = [scene for scene in scenes if not scene.instances]
    assert 2 <= len(empty) <= 30
    assert caption_text(empty[0], 0)


def test_captions_of_a_scene_vary_and_repeat() -> None:
    scene = next(s for s in (chosen_scene(Split.TRAIN, i, Config.CPU) for i in range(20)) if len(s.instances) > 1)
    texts = [caption_text(scene, draw) for draw in range(8)]
    assert len(set(texts)) > 2
    assert texts == [caption_text(scene, draw) for draw in range(8)]


def test_an_epoch_shows_every_scene_once(task: SceneTask) -> None:
    batches = [task.data(number) for number in range(8)]
    latents = torch.cat([batch["latents"] for batch in batches])
    assert latents.shape == (24, 4, 16, 16)
    first, second, third = latents.flatten(1).split(8)
    for later in (second, third):
        assert torch.equal(first.sum(1).sort().values, later.sum(1).sort().values)
    assert torch.equal(batches[2]["tokens"], task.data(2)["tokens"])


def test_some_captions_are_empty(task: SceneTask) -> None:
    tokens = torch.cat([task.data(number)["tokens"] for number in range(200)])
    share = (tokens == torch.tensor(task.batches.empty)).all(1).float().mean()
    assert 0.06 < share < 0.2


def test_timesteps_cover_the_schedule() -> None:
    levels = spread_timesteps(64)
    assert levels.shape == (64,)
    assert ((levels.float() / 1000 * 64).long() - torch.arange(64)).abs().max() <= 1
    assert 0 <= levels.min() <= levels.max() < 1000


def test_half_of_the_training_is_on_the_noisiest_quarter() -> None:
    torch.manual_seed(1)
    levels = torch.cat([early_timesteps(32) for _ in range(20)])
    assert 0 <= levels.min() <= levels.max() < 1000
    assert float((levels >= 750).float().mean()) == pytest.approx(0.625, abs=0.02)
    assert len(early_timesteps(1)) == 1


def test_the_cover_is_that_of_the_boxes() -> None:
    scene = next(s for s in (chosen_scene(Split.TRAIN, i, Config.CPU) for i in range(30)) if len(s.instances) == 1)
    box = instance_box(scene.instances[0])
    found = cover(scene, 16) / 255
    assert found.sum() / 256 == pytest.approx(box.area, rel=0.05)
    rows, columns = np.nonzero(found)
    assert (rows.min(), columns.min()) == (int(box.top * 16), int(box.left * 16))
    assert not cover(scene.without(scene.instances[0].id), 16).any()


def test_objects_weigh_more_than_the_backdrop(task: SceneTask) -> None:
    torch.manual_seed(3)
    batch = dict(task.data(1))
    torch.manual_seed(4)
    losses = task(batch)
    torch.manual_seed(4)
    even = task({**batch, "cover": torch.zeros_like(batch["cover"])})
    assert float(even["loss"].detach()) == pytest.approx(float(even["plain"].detach()), rel=1e-5)
    assert float(losses["plain"].detach()) == pytest.approx(float(even["plain"].detach()), rel=1e-5)
    assert float(losses["loss"].detach()) != pytest.approx(float(losses["plain"].detach()), rel=1e-5)


def test_the_loss_is_that_of_the_velocity(task: SceneTask) -> None:
    """A model that says nothing (its last layer is zero) is wrong by the velocity itself."""
    latents, noise = gaussian((2, 4, 16, 16), 1), gaussian((2, 4, 16, 16), 2)
    levels = torch.tensor([100, 900])
    last = task.unet.conv_out
    kept = {name: value.clone() for name, value in last.state_dict().items()}
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.zeros_(last.bias)  # pyright: ignore[reportArgumentType]
    with torch.no_grad():
        found = task.errors(latents, task.data(0)["tokens"][:2], noise, levels)
    last.load_state_dict(kept)
    share = task.scheduler.alphas_cumprod[levels].sqrt()[:, None, None, None]
    velocity = share * noise - (1 - share**2).sqrt() * latents
    assert torch.allclose(found, velocity.square(), atol=1e-4)


def test_training_moves_u_net_and_text_encoder_but_not_the_autoencoder(setup: Setup, tmp_path: Path) -> None:
    options = Options(
        out=tmp_path / "run",
        cache_dir=setup.cache_dir,
        models_dir=setup.models_dir,
        budget=Budget(steps=3),
        workers=0,
        precision=Precision.FP32,
    )
    with quiet_libraries():
        made = train(RECIPE, options)
        assert isinstance(made.task, SceneTask)
        made.task.export(tmp_path / "model")
    fresh, _ = load_vae(setup.models_dir)
    for name, value in fresh.state_dict().items():
        assert torch.equal(value, made.task.vae.state_dict()[name])
    entries = list(made.folder.journal.entries())
    assert [entry for entry in entries if entry["kind"] == "validation"]
    torch.manual_seed(0)
    start = RECIPE.task(setup)
    assert isinstance(start, SceneTask)
    for part in ("unet", "text_encoder"):
        before, after = getattr(start, part).state_dict(), getattr(made.task, part).state_dict()
        assert any(not torch.equal(before[name], after[name]) for name in before)
    assert (tmp_path / "model" / "vocabulary.json").is_file()
    load_engine(FolderSource(tmp_path / "model"))


def test_the_stock_pipeline_draws_what_our_loop_draws(tmp_path: Path) -> None:
    folder = write_scene_engine(tmp_path)
    prompt, sampling = "a red house", Sampling(steps=3, scale=4.0, rescale=0.5, height=128, width=128)
    with quiet_libraries():
        stock = StableDiffusionPipeline.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
        stock.set_progress_bar_config(disable=True)
        model = TextToImage.of(load_engine(FolderSource(folder)).parts)
        noise = model.noise([5], sampling)
        theirs = stock(
            prompt,
            num_inference_steps=3,
            guidance_scale=4.0,
            guidance_rescale=0.5,
            latents=noise,
            height=128,
            width=128,
            output_type="np",
            return_dict=False,
        )[0][0]
        ours = model.draw([prompt], [5], sampling)
        again = decode_latents(model.vae, model.latents(model.embeds([prompt], sampling), noise, sampling))
    assert torch.equal(ours, again)
    assert np.abs(to_pixels(ours)[0].astype(int) - np.round(np.asarray(theirs) * 255).astype(int)).max() <= 1


@pytest.mark.parametrize("kind", list(PromptKind))
def test_prompts_are_of_their_kind(kind: PromptKind) -> None:
    prompts = prompt_set(kind, 12, Config.CPU)
    counts = {len(prompt.scene.instances) for prompt in prompts}
    expected = {PromptKind.ONE: {1}, PromptKind.TWO: {2}, PromptKind.CROWDED: {4, 5, 6, 7, 8}}
    assert counts <= expected.get(kind, {1, 2, 3})
    assert len({prompt.text for prompt in prompts}) > 6
    splits = {split_of(prompt.scene.seed) for prompt in prompts}
    own = {PromptKind.COMPOSITIONAL: Split.COMPOSITIONAL, PromptKind.CROWDED: Split.CROWDED}
    assert splits == {own.get(kind, Split.TEST)}


def test_without_vae4_it_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ModelFault, match="list of the model's files is missing") as caught:
        load_vae(tmp_path)
    assert "lamina train vae4" in caught.value.hint


def test_the_folder_does_not_say_where_its_parts_came_from(setup: Setup, task: SceneTask, tmp_path: Path) -> None:
    with quiet_libraries():
        task.export(tmp_path / "model")
    for path in (tmp_path / "model").rglob("*.json"):
        assert str(setup.models_dir) not in path.read_text(encoding="utf-8"), path
