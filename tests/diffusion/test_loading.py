"""Engines from folders, the hub's cache and single files; and every way in which files can be wrong."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.controlnets.controlnet import ControlNetModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import CLIPTextModel

from studio.core.errors import StudioError
from studio.diffusion import sources
from studio.diffusion.files import MANIFEST, ModelFault, read_manifest, write_manifest
from studio.diffusion.loading import INDEX, load_engine, load_model
from studio.diffusion.pickles import convert_pickle
from studio.diffusion.single_file import recognise
from studio.diffusion.sources import FileSource, FolderSource, HubSource, source_of
from studio.diffusion.weights import Placement
from tests.support import diffusion_models as models
from tests.support.original_layout import write_single_file

RESTORE = "Install it again."
UNET_WEIGHTS = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny engine as our recipes save it, with its manifest; tests copy it before they damage it."""
    folder = tmp_path_factory.mktemp("engine")
    models.stable_diffusion(seed=1).save_pretrained(folder)
    write_manifest(folder)
    return folder


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same engine in one file."""
    path = tmp_path_factory.mktemp("file") / "tiny.safetensors"
    write_single_file(models.stable_diffusion(seed=1), path)
    return path


@pytest.fixture
def engine(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "engine"))


def load_unet(folder: Path) -> object:
    return load_engine(FolderSource(folder, restore=RESTORE), ["unet"]).part("unet", UNet2DConditionModel)


def equal_weights(one: nn.Module, other: nn.Module) -> bool:
    first, second = one.state_dict(), other.state_dict()
    return first.keys() == second.keys() and all(torch.equal(value, second[name]) for name, value in first.items())


def edit_weights(path: Path, change: Callable[[dict[str, Tensor]], object]) -> None:
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path, metadata={"format": "pt"})


def edit_json(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


class TestWholeEngines:
    def test_every_part_is_what_was_saved(self, saved: Path) -> None:
        original = models.stable_diffusion(seed=1)
        engine = load_engine(FolderSource(saved, read_manifest(saved, RESTORE)))
        assert sorted(engine.parts) == ["scheduler", "text_encoder", "tokenizer", "unet", "vae"]
        for name, kind in {"unet": UNet2DConditionModel, "vae": AutoencoderKL, "text_encoder": CLIPTextModel}.items():
            part = engine.part(name, kind)
            assert equal_weights(part, getattr(original, name))
            assert not part.training
            assert not any(parameter.requires_grad for parameter in part.parameters())
        assert len(engine.model_hash) == 32

    def test_types_can_differ_by_part(self, saved: Path) -> None:
        place = Placement(torch.bfloat16, overrides={"vae": torch.float32})
        engine = load_engine(FolderSource(saved), ["unet", "vae"], place)
        assert sorted(engine.parts) == ["unet", "vae"]
        assert engine.part("unet", UNet2DConditionModel).dtype is torch.bfloat16
        assert engine.part("vae", AutoencoderKL).dtype is torch.float32

    def test_a_part_of_another_class_is_refused(self, saved: Path) -> None:
        engine = load_engine(FolderSource(saved), ["vae"])
        with pytest.raises(StudioError, match="no unet"):
            engine.part("unet", UNet2DConditionModel)
        with pytest.raises(StudioError, match="another kind of"):
            engine.part("vae", UNet2DConditionModel)

    def test_a_model_on_its_own(self, tmp_path: Path) -> None:
        controlnet = models.controlnet_for(models.unet())
        controlnet.save_pretrained(tmp_path)
        assert equal_weights(load_model(ControlNetModel, FolderSource(tmp_path)), controlnet)

    def test_half_precision_variants_are_found(self, tmp_path: Path) -> None:
        models.unet().save_pretrained(tmp_path / "unet", variant="fp16")
        (tmp_path / INDEX).write_text(json.dumps({"unet": ["diffusers", "UNet2DConditionModel"]}))
        assert isinstance(load_unet(tmp_path), UNet2DConditionModel)

    def test_nothing_is_printed_and_the_libraries_speak_again_afterwards(
        self, saved: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        from diffusers.utils import logging

        logging.set_verbosity_warning()
        try:
            load_engine(FolderSource(saved))
            assert logging.get_logger("diffusers").isEnabledFor(30)
        finally:
            logging.set_verbosity_error()
        assert capfd.readouterr() == ("", "")


@dataclass(frozen=True)
class Damage:
    """One way to spoil an engine's folder; the error must hold `words` and name the file `named`."""

    name: str
    change: Callable[[Path], object]
    words: str
    named: str


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


DAMAGES = [
    Damage("index missing", lambda f: (f / INDEX).unlink(), "missing", INDEX),
    Damage("index not JSON", lambda f: (f / INDEX).write_text("{"), "cannot be read", INDEX),
    Damage("part missing", lambda f: shutil.rmtree(f / "unet"), "missing", "unet"),
    Damage("config missing", lambda f: (f / "unet/config.json").unlink(), "missing", "config.json"),
    Damage("config cut", lambda f: truncated(f / "unet/config.json"), "cannot be read", "config.json"),
    Damage(
        "config of another class",
        lambda f: edit_json(f / "unet/config.json", _class_name="AutoencoderKL"),
        "another kind of model (AutoencoderKL)",
        "config.json",
    ),
    Damage(
        "config of another size",
        lambda f: edit_json(f / "unet/config.json", cross_attention_dim=64),
        "do not fit",
        "unet",
    ),
    Damage("weights missing", lambda f: (f / UNET_WEIGHTS).unlink(), "weights are missing", "unet"),
    Damage("weights cut", lambda f: truncated(f / UNET_WEIGHTS), "damaged or incomplete", "safetensors"),
    Damage("weights empty", lambda f: (f / UNET_WEIGHTS).write_bytes(b""), "damaged or incomplete", "safetensors"),
    Damage("header garbage", lambda f: (f / UNET_WEIGHTS).write_bytes(b"\xff" * 64), "damaged", "safetensors"),
    Damage(
        "weight missing",
        lambda f: edit_weights(f / UNET_WEIGHTS, lambda tensors: tensors.pop("conv_in.weight")),
        "do not fit",
        "config.json",
    ),
    Damage(
        "weight too many",
        lambda f: edit_weights(f / UNET_WEIGHTS, lambda tensors: tensors.update(extra=torch.ones(1))),
        "do not fit",
        "config.json",
    ),
    Damage(
        "weight of another shape",
        lambda f: edit_weights(f / UNET_WEIGHTS, lambda tensors: tensors.update({"conv_in.bias": torch.ones(3)})),
        "do not fit",
        "unet",
    ),
    Damage(
        "pickle instead",
        lambda f: (f / UNET_WEIGHTS).rename(f / "unet/diffusion_pytorch_model.bin"),
        "pickle",
        "diffusion_pytorch_model.bin",
    ),
    Damage(
        "shard missing",
        lambda f: (f / "unet/diffusion_pytorch_model.safetensors.index.json").write_text(
            json.dumps({"weight_map": {"conv_in.weight": "diffusion_pytorch_model-00002-of-00002.safetensors"}})
        ),
        "part of the model's weights is missing",
        "00002-of-00002",
    ),
]


class TestDamage:
    @pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
    def test_is_refused_with_file_and_remedy(self, engine: Path, damage: Damage) -> None:
        damage.change(engine)
        with pytest.raises(ModelFault) as caught:
            load_unet(engine)
        assert damage.words in caught.value.message
        assert damage.named in caught.value.message
        assert caught.value.hint

    def test_text_encoders_are_checked_as_strictly(self, engine: Path) -> None:
        edit_weights(engine / "text_encoder/model.safetensors", lambda tensors: tensors.popitem())
        with pytest.raises(ModelFault, match="do not fit"):
            load_engine(FolderSource(engine), ["text_encoder"])

    def test_a_broken_tokenizer_is_named(self, engine: Path) -> None:
        (engine / "tokenizer/tokenizer.json").write_text("{")
        with pytest.raises(ModelFault, match="tokenizer"):
            load_engine(FolderSource(engine), ["tokenizer"])

    def test_a_wrong_hash_is_found_before_anything_is_loaded(self, engine: Path) -> None:
        edit_weights(engine / UNET_WEIGHTS, lambda tensors: tensors["conv_in.bias"].add_(1))
        load_unet(engine)  # without records nobody can tell
        with pytest.raises(ModelFault, match=r"damaged or was changed.*unet"):
            load_engine(FolderSource(engine, read_manifest(engine, RESTORE)), ["vae"])

    @pytest.mark.parametrize("entry", [["pipeline", "MyUNet"], ["diffusers", "NoSuchModel"], ["os", "system"]])
    def test_code_that_comes_with_a_model_is_never_run(self, engine: Path, entry: list[str]) -> None:
        edit_json(engine / INDEX, unet=entry)
        (engine / "unet" / "my_unet.py").write_text("raise SystemExit('ran')")
        with pytest.raises(StudioError, match="never runs"):
            load_unet(engine)

    def test_parts_that_an_engine_lacks_are_named(self, saved: Path) -> None:
        with pytest.raises(ModelFault, match=r"no controlnet.*model_index\.json"):
            load_engine(FolderSource(saved), ["unet", "controlnet"])

    def test_a_missing_folder_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(ModelFault, match="nowhere"):
            load_engine(FolderSource(tmp_path / "nowhere"))


class TestHubCache:
    @pytest.fixture
    def cache(self, saved: Path, tmp_path: Path) -> Path:
        """A cache as the hub's client writes it."""
        repo = tmp_path / "models--someone--tiny"
        shutil.copytree(saved, repo / "snapshots" / "0123abcd", ignore=shutil.ignore_patterns(MANIFEST))
        (repo / "refs").mkdir()
        (repo / "refs" / "main").write_text("0123abcd")
        return tmp_path

    def test_an_installed_model_is_loaded(self, cache: Path, saved: Path) -> None:
        records = read_manifest(saved, RESTORE)
        engine = load_engine(HubSource("someone/tiny", files=records, cache=cache), ["unet"])
        assert engine.part("unet", UNet2DConditionModel)

    def test_a_model_that_is_not_installed_says_how_to_get_it(self, cache: Path) -> None:
        with pytest.raises(StudioError, match="someone/other is not installed") as caught:
            load_engine(HubSource("someone/other", cache=cache))
        assert "lamina models get" in caught.value.hint

    def test_a_damaged_file_in_the_cache_is_named(self, cache: Path, saved: Path) -> None:
        truncated(cache / "models--someone--tiny/snapshots/0123abcd" / UNET_WEIGHTS)
        with pytest.raises(ModelFault, match="incomplete"):
            load_engine(HubSource("someone/tiny", files=read_manifest(saved, RESTORE), cache=cache))


class TestSingleFiles:
    def test_it_is_recognised_by_its_keys(self, file: Path) -> None:
        found = recognise(file)
        assert (found.title, found.pipeline) == ("Stable Diffusion 1.x", "StableDiffusionPipeline")
        assert found.repo == "stable-diffusion-v1-5/stable-diffusion-v1-5"
        original = models.stable_diffusion(seed=1)
        parts = (original.unet, original.vae, original.text_encoder)
        assert found.parameters == sum(value.numel() for part in parts for value in part.state_dict().values())

    def test_it_gives_the_same_weights_as_the_folder(self, file: Path, saved: Path) -> None:
        engine = load_engine(FileSource(file, configs=saved))
        original = models.stable_diffusion(seed=1)
        for name in ("unet", "vae", "text_encoder"):
            assert equal_weights(engine.part(name, nn.Module), getattr(original, name))
        assert sorted(load_engine(FileSource(file, configs=saved), ["unet"]).parts) == ["unet"]

    def test_without_configurations_it_says_what_is_needed(self, file: Path) -> None:
        with pytest.raises(StudioError, match=r"tiny\.safetensors is a Stable Diffusion 1\.x model") as caught:
            load_engine(FileSource(file))
        assert "stable-diffusion-v1-5" in caught.value.hint

    def test_configurations_of_another_size_are_refused(self, file: Path, engine: Path) -> None:
        edit_json(engine / "unet/config.json", cross_attention_dim=64)
        with pytest.raises(ModelFault, match="do not fit"):
            load_engine(FileSource(file, configs=engine))

    def test_a_file_that_lacks_weights_is_refused(self, file: Path, saved: Path, tmp_path: Path) -> None:
        cut = Path(shutil.copy(file, tmp_path))
        edit_weights(cut, lambda tensors: tensors.pop("model.diffusion_model.middle_block.0.in_layers.2.weight"))
        with pytest.raises(ModelFault, match="do not fit"):
            load_engine(FileSource(cut, configs=saved))

    def test_one_model_from_one_file(self, saved: Path) -> None:
        source = FileSource(saved / UNET_WEIGHTS, configs=saved / "unet")
        loaded = load_model(UNet2DConditionModel, source)
        assert equal_weights(loaded, models.stable_diffusion(seed=1).unet)

    @pytest.mark.parametrize("content", [b"PK\x03\x04 a zip", pickle.dumps({"a": 1}), b"", b"{}"])
    def test_what_is_not_safetensors_is_refused(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "model.safetensors"
        path.write_bytes(content)
        with pytest.raises(ModelFault, match=r"model\.safetensors"):
            load_engine(FileSource(path))

    def test_unknown_tensors_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "other.safetensors"
        save_file({"some.weight": torch.ones(2)}, path)
        with pytest.raises(ModelFault, match="not known"):
            recognise(path)


class TestSourcesOfEntries:
    @dataclass(frozen=True)
    class Entry:
        shipped: str = ""
        repo: str = ""
        revision: str = ""
        files: tuple[()] = ()

    def test_what_a_person_imported_comes_first(self, saved: Path, tmp_path: Path) -> None:
        file = tmp_path / "a.safetensors"
        file.touch()
        entry = self.Entry(repo="someone/tiny", revision="0123abcd")
        assert source_of(entry, saved) == FolderSource(saved)
        assert source_of(entry, file) == FileSource(file)
        assert source_of(entry) == HubSource("someone/tiny", "0123abcd")

    def test_shipped_weights_are_checked_against_their_manifest(
        self, engine: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (engine.parent / "models").mkdir()
        engine.rename(engine.parent / "models" / "scene")
        monkeypatch.setattr(sources.resources, "assets_dir", lambda: engine.parent)
        source = source_of(self.Entry(shipped="scene"))
        assert isinstance(source, FolderSource)
        assert len(source.files) > 5
        (engine.parent / "models/scene" / UNET_WEIGHTS).write_bytes(b"")
        with pytest.raises(ModelFault, match="incomplete") as caught:
            load_engine(source)
        assert "again" in caught.value.hint

    def test_weights_without_any_source_are_refused(self) -> None:
        with pytest.raises(StudioError, match="Import"):
            raise_hint(lambda: source_of(self.Entry()))


def raise_hint(action: Callable[[], object]) -> None:
    """Raise an error again with its hint in its words, for `match`."""
    try:
        action()
    except StudioError as error:
        raise StudioError(f"{error.message} {error.hint}") from error


class TestPickles:
    def test_weights_are_converted(self, tmp_path: Path) -> None:
        weight = torch.randn(3, 4)
        torch.save({"state_dict": {"a": weight, "b": weight.T, "epoch": 3}, "optimizer": None}, tmp_path / "w.ckpt")
        assert convert_pickle(tmp_path / "w.ckpt", tmp_path / "w.safetensors") == 2
        converted = load_file(tmp_path / "w.safetensors")
        assert torch.equal(converted["a"], weight)
        assert torch.equal(converted["b"], weight.T)

    def test_a_pickle_that_runs_something_is_refused(self, tmp_path: Path) -> None:
        class Attack:
            def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
                return (Path.touch, (tmp_path / "ran",))

        torch.save({"a": torch.ones(1), "b": Attack()}, tmp_path / "bad.pt")
        with pytest.raises(ModelFault, match="more than weights"):
            convert_pickle(tmp_path / "bad.pt", tmp_path / "bad.safetensors")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.pt"]

    @pytest.mark.parametrize("content", [b"", b"\x80\x04garbage", b"PK\x03\x04"])
    def test_damaged_files_are_refused(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "w.bin").write_bytes(content)
        with pytest.raises(ModelFault, match=r"w\.bin"):
            convert_pickle(tmp_path / "w.bin", tmp_path / "w.safetensors")
        assert not (tmp_path / "w.safetensors").exists()

    def test_a_pickle_without_weights_is_refused(self, tmp_path: Path) -> None:
        torch.save({"epoch": 3}, tmp_path / "w.bin")
        with pytest.raises(ModelFault, match="no weights"):
            convert_pickle(tmp_path / "w.bin", tmp_path / "w.safetensors")
