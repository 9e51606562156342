"""Records of a model's files: what they catch, and what the messages say."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.diffusion.files import (
    MANIFEST,
    Algorithm,
    FileRecord,
    ModelFault,
    digest_file,
    model_hash,
    read_manifest,
    record_folder,
    verify,
    write_manifest,
)

RESTORE = "Install it again."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / "weights.safetensors").write_bytes(b"w" * 1000)
    (tmp_path / "config.json").write_text("{}")
    write_manifest(tmp_path)
    return tmp_path


def test_a_manifest_records_every_file_but_itself(folder: Path) -> None:
    records = read_manifest(folder, RESTORE)
    assert [record.path for record in records] == ["config.json", "unet/weights.safetensors"]
    assert records == record_folder(folder)
    assert records[1].size == 1000
    verify(folder, records, RESTORE)


def test_the_same_files_give_the_same_manifest(folder: Path) -> None:
    before = (folder / MANIFEST).read_bytes()
    write_manifest(folder)
    assert (folder / MANIFEST).read_bytes() == before


def test_digests_are_those_of_the_standard_library(folder: Path) -> None:
    data = b"w" * 1000
    path = folder / "unet" / "weights.safetensors"
    assert digest_file(path) == f"blake2b:{hashlib.blake2b(data, digest_size=32).hexdigest()}"
    assert digest_file(path, Algorithm.SHA256) == f"sha256:{hashlib.sha256(data).hexdigest()}"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_bytes(b"w" * 999), "incomplete"),
        (lambda path: path.write_bytes(b"w" * 999 + b"x"), "damaged"),
    ],
)
def test_damage_is_named_with_its_file_and_remedy(folder: Path, damage, words: str) -> None:
    path = folder / "unet" / "weights.safetensors"
    damage(path)
    with pytest.raises(ModelFault) as caught:
        verify(folder, read_manifest(folder, RESTORE), RESTORE)
    assert isinstance(caught.value, StudioError)
    assert words in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.hint == RESTORE
    assert caught.value.path == path


def test_sizes_alone_can_be_checked(folder: Path) -> None:
    (folder / "unet" / "weights.safetensors").write_bytes(b"x" * 1000)
    verify(folder, read_manifest(folder, RESTORE), RESTORE, hashes=False)


@pytest.mark.parametrize("text", ["", "[]", '{"files": [{"path": "a"}]}', '{"files": 3}', "\x00"])
def test_an_unreadable_manifest_is_named(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_text(text)
    with pytest.raises(ModelFault, match=r"cannot be read.*files\.json"):
        read_manifest(folder, RESTORE)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFault, match=r"missing.*files\.json"):
        read_manifest(tmp_path, RESTORE)


def test_a_manifest_cannot_reach_outside_its_folder(folder: Path, tmp_path: Path) -> None:
    record = FileRecord("../outside", 1, "blake2b:00")
    with pytest.raises(ModelFault, match="outside its folder"):
        verify(folder / "unet", [record], RESTORE)


def test_an_unknown_kind_of_hash_is_named(folder: Path) -> None:
    with pytest.raises(ModelFault, match="unknown kind of hash"):
        verify(folder, [FileRecord("config.json", 2, "md5:00")], RESTORE)


def test_the_hash_of_a_model_is_that_of_its_files_in_any_order(folder: Path) -> None:
    records = read_manifest(folder, RESTORE)
    assert model_hash(records) == model_hash(tuple(reversed(records)))
    assert len(model_hash(records)) == 32
    (folder / "config.json").write_text("[]")
    assert model_hash(write_manifest(folder)) != model_hash(records)


def test_checking_files_needs_no_torch() -> None:
    code = "import sys, studio.diffusion.files; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
