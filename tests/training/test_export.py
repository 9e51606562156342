"""What a finished run leaves: weights that reload, a card, a list of files; published whole or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from studio.core.errors import StudioError
from studio.diffusion.files import ModelFault, read_manifest, verify
from studio.diffusion.latents import decode_latents, encode_picture
from studio.diffusion.loading import load_model
from studio.diffusion.previews import read_factors
from studio.diffusion.sources import FolderSource
from studio.training.export import finish, publish
from studio.training.recipe import Config, Setup
from studio.training.recipes.reader import CLASSES, COLORS, READER, ReaderTask, read
from studio.training.recipes.vae import VAE4, build_vae, normalise_latents, write_factors_for
from studio.training.recipes.vae16 import on_grey, start_from, straight
from studio.training.trainer import Options, train
from tests.training.line import LINE, LineTask
from tests.training.test_trainer import options


@pytest.fixture
def told(tmp_path: Path) -> Options:
    return options(tmp_path / "run")


class TestFinish:
    def test_the_model_reloads_as_it_was_measured(self, told: Options) -> None:
        made = train(LINE, told)
        folder = finish(LINE, made, told)
        assert isinstance(made.task, LineTask)
        again = LineTask()
        again.load(folder)
        x = torch.linspace(0, 1, 5)[:, None]
        with torch.no_grad():
            assert (again.line(x) - made.task.line(x)).abs().max() < 2e-3  # half precision

    def test_the_card_says_how_it_was_made_and_what_was_measured(self, told: Options) -> None:
        folder = finish(LINE, train(LINE, told), told)
        card = (folder / "README.md").read_text()
        for part in ("# A line", "lamina train line --config cpu", "- steps: 40", "| error |", "Bends nothing."):
            assert part in card
        assert "| split | 4 |" in card  # "test": the figures are those of the test split
        assert (folder / "samples.png").is_file()

    def test_every_file_is_recorded(self, told: Options) -> None:
        folder = finish(LINE, train(LINE, told), told)
        records = read_manifest(folder, "")
        assert [record.path for record in records] == ["README.md", "model.safetensors", "samples.png"]
        verify(folder, records, "")
        assert {(folder / record.path).stat().st_mode & 0o777 for record in records} == {0o644}
        (folder / "model.safetensors").write_bytes(b"x" * records[1].size)
        with pytest.raises(ModelFault, match=r"damaged or was changed: .*model\.safetensors"):
            verify(folder, records, "")

    def test_a_finished_run_is_exported_again_without_training(self, told: Options) -> None:
        first = finish(LINE, train(LINE, told), told)
        before = (first / "model.safetensors").read_bytes()
        again = finish(LINE, train(LINE, told), told)
        assert again == first
        assert (again / "model.safetensors").read_bytes() == before


class TestPublish:
    def test_it_takes_the_place_of_the_last_one(self, told: Options, tmp_path: Path) -> None:
        models = tmp_path / "models"
        (models / "line").mkdir(parents=True)
        (models / "line" / "stale.txt").write_text("old")
        folder = finish(LINE, train(LINE, told), told, models)
        assert folder == models / "line"
        assert sorted(path.name for path in models.iterdir()) == ["line"]
        assert not (folder / "stale.txt").exists()
        verify(folder, read_manifest(folder, ""), "")

    def test_a_place_that_cannot_be_written_is_named(self, told: Options, tmp_path: Path) -> None:
        folder = finish(LINE, train(LINE, told), told)
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(StudioError, match="Could not publish the model to"):
            publish(folder, tmp_path / "file" / "line")


class TestAutoencoders:
    @pytest.fixture
    def vae(self) -> AutoencoderKL:
        torch.manual_seed(0)
        return build_vae((8, 16), 3, 4).eval()

    @pytest.fixture
    def pictures(self) -> torch.Tensor:
        return torch.rand(6, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1

    def test_normalising_changes_latents_and_no_picture(self, vae: AutoencoderKL, pictures: torch.Tensor) -> None:
        raw = encode_picture(vae, pictures)
        before = decode_latents(vae, raw)
        normalise_latents(vae, raw)
        latents = encode_picture(vae, pictures)
        assert latents.mean((0, 2, 3)).abs().max() < 1e-4
        assert (latents.std((0, 2, 3)) - 1).abs().max() < 1e-4
        assert (decode_latents(vae, latents) - before).abs().max() < 1e-4

    def test_normalising_keeps_what_is_drawn_from_the_posterior(
        self, vae: AutoencoderKL, pictures: torch.Tensor
    ) -> None:
        raw = encode_picture(vae, pictures, (3, "draw"))
        latents = encode_picture(vae, pictures)
        mean, spread = latents.mean((0, 2, 3))[:, None, None], latents.std((0, 2, 3))[:, None, None]
        normalise_latents(vae, latents)
        assert (encode_picture(vae, pictures, (3, "draw")) * spread + mean - raw).abs().max() < 1e-4

    def test_a_saved_one_reloads_in_half_precision(
        self, vae: AutoencoderKL, pictures: torch.Tensor, tmp_path: Path
    ) -> None:
        normalise_latents(vae, encode_picture(vae, pictures))
        want = encode_picture(vae, pictures)
        write_factors_for(vae, pictures, tmp_path)
        again = load_model(AutoencoderKL, FolderSource(tmp_path))
        assert (encode_picture(again, pictures) - want).abs().max() < 2e-2
        assert read_factors(tmp_path).channels == 4

    def test_an_rgba_one_starts_as_the_rgb_one_and_opaque(self, vae: AutoencoderKL, pictures: torch.Tensor) -> None:
        wide = build_vae((8, 16), 4, 16).eval()
        start_from(wide, vae)
        noise = torch.rand(6, 1, 16, 16)
        out = decode_latents(wide, encode_picture(wide, torch.cat([pictures, noise], dim=1)))
        assert (out[:, :3] - decode_latents(vae, encode_picture(vae, pictures))).abs().max() < 1e-5
        assert (out[:, 3] == 1).all()

    def test_layers_over_grey_come_back_straight(self) -> None:
        pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 4), dtype=np.uint8)
        pixels[0] = 0
        values = torch.from_numpy(np.ascontiguousarray(np.moveaxis(on_grey(pixels), -1, 0)))
        assert (values[:3, 0] == 0).all()
        again = straight(values)
        solid = pixels[..., 3] >= 16
        assert np.abs(again.astype(int) - pixels)[solid].max() <= 1
        assert not again[0].any()


class TestReader:
    def test_an_untrained_one_reads_labels_of_the_right_kinds(self, tmp_path: Path) -> None:
        task = READER.task(Setup(Config.CPU, 0, tmp_path, tmp_path))
        assert isinstance(task, ReaderTask)
        classes, colors = read(task.reader.eval(), torch.zeros(2, 3, 32, 48))
        assert classes.shape == colors.shape == (2, 32, 48)
        assert int(classes.max()) < CLASSES
        assert int(colors.max()) < COLORS


@pytest.mark.parametrize("recipe", [VAE4, READER], ids=lambda recipe: recipe.name)
def test_batches_are_the_same_for_the_same_number(recipe: object, tmp_path: Path) -> None:
    first, second = (
        recipe.task(Setup(Config.CPU, 5, tmp_path / name, tmp_path)).data(7)  # pyright: ignore[reportAttributeAccessIssue]
        for name in ("a", "b")
    )
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
