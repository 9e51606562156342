"""The files of a model: records with sizes and hashes, and the check that they are all there and whole.

No torch here.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from studio.core.errors import StudioError

MANIFEST = "files.json"
MANIFEST_VERSION = 1
_CHUNK_BYTES = 1 << 22


class Algorithm(StrEnum):
    """Hashes a record may use: ours, and the one that the model hub states."""

    BLAKE2B = "blake2b"
    SHA256 = "sha256"


class FileEntry(Protocol):
    """What is checked of a file; plugin manifests bring their own type with these attributes."""

    @property
    def path(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def digest(self) -> str: ...


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file: path with forward slashes inside the model's folder, bytes, and "algorithm:hex"."""

    path: str
    size: int
    digest: str


class ModelFault(StudioError):
    """A model's files cannot be used; `path` is the file at fault, and the message names it."""

    def __init__(self, path: Path, what: str, restore: str, reason: str = "") -> None:
        super().__init__(f"{what}: {path}.", restore, reason)
        self.path = path


def digest_file(path: Path, algorithm: Algorithm = Algorithm.BLAKE2B) -> str:
    """ "algorithm:hex" of a file; 32 bytes for either algorithm."""
    state = hashlib.blake2b(digest_size=32) if algorithm is Algorithm.BLAKE2B else hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            state.update(chunk)
    return f"{algorithm}:{state.hexdigest()}"


def record_folder(folder: Path) -> tuple[FileRecord, ...]:
    """Records of every file in a model's folder, the manifest aside, sorted by path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)
    return tuple(
        FileRecord(path.relative_to(folder).as_posix(), path.stat().st_size, digest_file(path)) for path in files
    )


def write_manifest(folder: Path) -> tuple[FileRecord, ...]:
    """Record a folder's files in its manifest; same files, same bytes."""
    records = record_folder(folder)
    text = json.dumps({"version": MANIFEST_VERSION, "files": [asdict(record) for record in records]}, indent=1)
    draft = folder / f".{MANIFEST}.new"
    draft.write_text(text + "\n", encoding="utf-8")
    os.replace(draft, folder / MANIFEST)
    return records


def read_manifest(folder: Path, restore: str) -> tuple[FileRecord, ...]:
    """The records of a folder's manifest. Raises ModelFault when it is missing or cannot be understood."""
    path = folder / MANIFEST
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        records = tuple(
            FileRecord(str(file["path"]), int(file["size"]), str(file["digest"])) for file in stored["files"]
        )
    except FileNotFoundError as error:
        raise ModelFault(path, "The list of the model's files is missing", restore) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFault(path, "The list of the model's files cannot be read", restore, repr(error)) from error
    return records


def verify(folder: Path, files: Iterable[FileEntry], restore: str, *, hashes: bool = True) -> None:
    """Check that every file is there, has its size and, with `hashes`, its content.

    Raises ModelFault at the first that fails.
    """
    for file in files:
        path = folder / file.path
        if not path.resolve().is_relative_to(folder.resolve()) and not path.is_symlink():
            raise ModelFault(path, "The list of the model's files names one outside its folder", restore)
        if not path.is_file():
            raise ModelFault(path, "A file of the model is missing", restore)
        if path.stat().st_size != file.size:
            reason = f"{path.stat().st_size} bytes instead of {file.size}"
            raise ModelFault(path, "A file of the model is incomplete or was changed", restore, reason)
        if hashes and digest_file(path, _algorithm(file, path, restore)) != file.digest:
            raise ModelFault(path, "A file of the model is damaged or was changed", restore, f"expected {file.digest}")


def model_hash(files: Sequence[FileEntry]) -> str:
    """One BLAKE2b (16 bytes, hex) over all records, in any order, for a result's provenance."""
    state = hashlib.blake2b(digest_size=16)
    for file in sorted(files, key=lambda file: file.path):
        state.update(f"{file.path}\n{file.digest}\n".encode())
    return state.hexdigest()


def _algorithm(file: FileEntry, path: Path, restore: str) -> Algorithm:
    try:
        return Algorithm(file.digest.partition(":")[0])
    except ValueError as error:
        raise ModelFault(
            path, "The list of the model's files has an unknown kind of hash", restore, file.digest
        ) from error
