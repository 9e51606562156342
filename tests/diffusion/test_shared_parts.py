"""Parts shared between models: kept once, found from both, and refused when the other model has changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from studio.diffusion.files import ModelFault, read_manifest, verify, write_manifest
from studio.diffusion.loading import load_engine
from studio.diffusion.shared_parts import SHARED, part_folder, share_parts
from studio.diffusion.sources import FolderSource
from tests.support import diffusion_models as models

RESTORE = "Install it again."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline beside an autoencoder that is the same as its own."""
    folder = tmp_path_factory.mktemp("models")
    models.stable_diffusion(seed=1).save_pretrained(folder / "pipeline")
    shutil.copytree(folder / "pipeline" / "vae", folder / "vae4")
    for name in ("vae4", "pipeline"):
        write_manifest(folder / name)
    assert share_parts(folder / "pipeline", folder) == ("vae",)
    return folder


@pytest.fixture
def shelf(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "models"))


def test_the_weights_are_kept_once_and_load_as_before(made: Path) -> None:
    folder = made / "pipeline"
    assert not (folder / "vae").exists()
    records = read_manifest(folder, RESTORE)
    verify(folder, records, RESTORE)
    assert SHARED in {record.path for record in records}
    vae = load_engine(FolderSource(folder, records, RESTORE)).part("vae", AutoencoderKL)
    original = models.stable_diffusion(seed=1).vae.state_dict()
    assert all(torch.equal(value, original[name]) for name, value in vae.state_dict().items())


def test_a_pipeline_of_its_own_shares_nothing(tmp_path: Path) -> None:
    models.stable_diffusion(seed=1).save_pretrained(tmp_path / "pipeline")
    models.stable_diffusion(seed=2).vae.save_pretrained(tmp_path / "vae4")
    write_manifest(tmp_path / "vae4")
    assert share_parts(tmp_path / "pipeline", tmp_path) == ()
    assert part_folder(tmp_path / "pipeline", "vae", RESTORE) == tmp_path / "pipeline" / "vae"
    assert not (tmp_path / "pipeline" / SHARED).exists()


def test_a_model_that_was_made_again_is_not_taken_for_the_old_one(shelf: Path) -> None:
    models.stable_diffusion(seed=2).vae.save_pretrained(shelf / "vae4")
    write_manifest(shelf / "vae4")
    with pytest.raises(ModelFault, match=r"made with another version of this model: .*vae4") as fault:
        load_engine(FolderSource(shelf / "pipeline", restore=RESTORE))
    assert fault.value.hint == RESTORE


def test_a_damaged_or_missing_model_is_named(shelf: Path) -> None:
    weights = next((shelf / "vae4").glob("*.safetensors"))
    weights.write_bytes(b"\0" * weights.stat().st_size)
    with pytest.raises(ModelFault, match=r"damaged or was changed: .*vae4"):
        load_engine(FolderSource(shelf / "pipeline", restore=RESTORE))
    shutil.rmtree(shelf / "vae4")
    with pytest.raises(ModelFault, match=r"list of the model's files is missing: .*vae4"):
        load_engine(FolderSource(shelf / "pipeline", restore=RESTORE))


@pytest.mark.parametrize("text", ["", "[]", '{"vae": 3}', json.dumps({"vae": {"model": "vae4"}})])
def test_an_unreadable_list_is_named(shelf: Path, text: str) -> None:
    (shelf / "pipeline" / SHARED).write_text(text)
    with pytest.raises(ModelFault, match=r"shared parts cannot be read: .*shared.json"):
        part_folder(shelf / "pipeline", "vae", RESTORE)


def test_a_part_that_nobody_has_is_missing(shelf: Path) -> None:
    (shelf / "pipeline" / SHARED).write_text("{}")
    with pytest.raises(ModelFault, match=r"A folder of the model is missing: .*vae"):
        load_engine(FolderSource(shelf / "pipeline", restore=RESTORE))
