"""The shipped weights: they load, they do what their cards say, and when they are broken the error helps."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d import UNet2DModel
from safetensors.torch import load_file

from studio import resources
from studio.diffusion.files import ModelFault, read_manifest, verify, write_manifest
from studio.diffusion.latents import decode_latents, encode_picture
from studio.diffusion.loading import load_model
from studio.diffusion.previews import preview, read_factors
from studio.diffusion.sources import FolderSource
from studio.synth.splits import Split
from studio.training.crops import to_pixels, to_signed
from studio.training.layer_set import OPAQUE, draw_layers, on_grey
from studio.training.measures import psnr
from studio.training.recipes.reader import read
from studio.training.recipes.vae import there_and_back
from studio.training.scenes import CLASS, COLOR, Config, draw_planes
from studio.training.shipped import shipped_vae

MODELS = resources.assets_dir() / "models"
SHIPPED = sorted(manifest.parent.name for manifest in MODELS.glob("*/files.json"))
MIB = 2**20


@pytest.fixture(scope="module")
def planes() -> np.ndarray:
    return np.stack([draw_planes(Split.TEST, index, Config.CPU) for index in range(6)])


@pytest.fixture(scope="module")
def vae4() -> AutoencoderKL:
    return shipped_vae(MODELS)


def test_the_weights_fit_their_budget() -> None:
    files = {name: [f for f in (MODELS / name).rglob("*") if f.is_file()] for name in SHIPPED}
    sizes = {name: sum(f.stat().st_size for f in found) for name, found in files.items()}
    assert {"vae4", "vae16", "reader", "scene"} <= sizes.keys()
    assert max(sizes.values()) <= 16 * MIB
    assert sum(sizes.values()) <= 40 * MIB


@pytest.mark.parametrize("name", SHIPPED)
def test_every_model_is_whole_and_has_a_card(name: str) -> None:
    folder = MODELS / name
    records = read_manifest(folder, "")
    verify(folder, records, "")
    recorded = {record.path for record in records}
    assert {"README.md", "samples.png"} <= recorded
    assert {path.suffix for path in folder.rglob("*") if path.is_file()} <= {
        ".md",
        ".png",
        ".json",
        ".safetensors",
        ".txt",
    }
    card = (folder / "README.md").read_text(encoding="utf-8")
    for part in ("## Data", "## Training", "- seconds: ", "- hardware: ", "- date: ", "## Measured on the test split"):
        assert part in card, part


def test_the_autoencoder_gives_pictures_back(vae4: AutoencoderKL, planes: np.ndarray) -> None:
    pictures = to_signed(planes[..., :3])
    assert float(psnr(there_and_back(vae4, pictures), pictures).mean()) > 25


def test_its_latents_are_normalised(vae4: AutoencoderKL, planes: np.ndarray) -> None:
    latents = encode_picture(vae4, to_signed(planes[..., :3]))
    assert latents.shape == (6, 4, 16, 16)
    assert latents.mean((0, 2, 3)).abs().max() < 0.5
    assert ((latents.std((0, 2, 3)) - 1).abs() < 0.4).all()


def test_its_preview_shows_the_colours_of_the_picture(vae4: AutoencoderKL, planes: np.ndarray) -> None:
    latents = encode_picture(vae4, to_signed(planes[..., :3]))
    small = preview(latents[0], read_factors(MODELS / "vae4")).astype(float)
    mean = planes[0, ..., :3].reshape(16, 8, 16, 8, 3).mean((1, 3))
    assert np.abs(small - mean).mean() < 25


def test_the_reader_reads_pictures_and_what_the_autoencoder_gives_back(vae4: AutoencoderKL, planes: np.ndarray) -> None:
    folder = MODELS / "reader"
    reader = load_model(UNet2DModel, FolderSource(folder, read_manifest(folder, "")))
    pictures = to_signed(planes[..., :3])
    seen = decode_latents(vae4, encode_picture(vae4, pictures), at_once=6)
    for picture in (pictures, to_signed(to_pixels(seen))):
        classes, colors = (found.numpy() for found in read(reader, picture))
        assert (classes == planes[..., CLASS]).mean() > 0.95
        assert (colors == planes[..., COLOR]).mean() > 0.95


class TestBroken:
    """Each fault names the file and says how to get it back."""

    @pytest.fixture
    def copy(self, tmp_path: Path) -> Path:
        shutil.copytree(MODELS / "vae4", tmp_path / "vae4")
        return tmp_path / "vae4"

    def fault(self, copy: Path) -> ModelFault:
        with pytest.raises(ModelFault) as caught:
            shipped_vae(copy.parent)
        assert "lamina train vae4" in caught.value.hint
        return caught.value

    def weights(self, copy: Path) -> Path:
        return copy / "diffusion_pytorch_model.safetensors"

    def test_the_folder_is_missing(self, copy: Path) -> None:
        shutil.rmtree(copy)
        assert self.fault(copy).path == copy / "files.json"

    def test_the_weights_are_missing(self, copy: Path) -> None:
        self.weights(copy).unlink()
        fault = self.fault(copy)
        assert "is missing" in fault.message
        assert fault.path == self.weights(copy)

    def test_the_weights_end_early(self, copy: Path) -> None:
        path = self.weights(copy)
        path.write_bytes(path.read_bytes()[:-100])
        fault = self.fault(copy)
        assert "incomplete or was changed" in fault.message
        assert fault.path == path

    def test_one_byte_of_the_weights_differs(self, copy: Path) -> None:
        path = self.weights(copy)
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        fault = self.fault(copy)
        assert "damaged or was changed" in fault.message
        assert fault.path == path

    def test_the_configuration_is_another_models(self, copy: Path) -> None:
        path = copy / "config.json"
        config = json.loads(path.read_text())
        path.write_text(json.dumps({**config, "latent_channels": 5}))
        write_manifest(copy)  # the list of files agrees, the weights do not
        assert self.fault(copy).path.is_relative_to(copy)

    def test_the_configuration_is_not_json(self, copy: Path) -> None:
        (copy / "config.json").write_text("{")
        write_manifest(copy)
        assert self.fault(copy).path == copy / "config.json"

    def test_the_list_of_files_is_not_one(self, copy: Path) -> None:
        (copy / "files.json").write_text("[]")
        assert self.fault(copy).path == copy / "files.json"


def test_the_layer_autoencoder_gives_layers_and_their_alpha_back() -> None:
    folder = MODELS / "vae16"
    vae = load_model(AutoencoderKL, FolderSource(folder, read_manifest(folder, "")))
    values = on_grey(draw_layers(Split.TEST, 1, Config.CPU)[OPAQUE:])
    layers = torch.from_numpy(np.ascontiguousarray(np.moveaxis(values, -1, 1)))
    made = there_and_back(vae, layers)
    assert float(psnr(made[:, :3], layers[:, :3]).mean()) > 28
    assert float(psnr(made[:, 3:], layers[:, 3:]).mean()) > 20


@pytest.mark.parametrize("name", ["vae4", "vae16", "reader"])
def test_weights_are_stored_in_half_precision(name: str) -> None:
    stored = load_file(MODELS / name / "diffusion_pytorch_model.safetensors")
    assert {value.dtype for value in stored.values()} == {torch.float16}
