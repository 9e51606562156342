"""Cut files and flipped bytes, for every reader but PSD's: a StudioError or a sound document, never another error,
a hang, or memory out of proportion to the file.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.core.geometry import Size
from studio.core.pixels import Depth
from studio.io.formats import format_for_writing, save_document
from tests.support.documents import random_document
from tests.support.profiles import wide_rgb_profile

KINDS = ("png", "jpg", "webp", "avif", "tif", "ora", "lamina")
MEMORY_BYTES = 3 << 30


def damaged(data: bytes, seed: int, count: int) -> Iterator[bytes]:
    """Files cut anywhere, with single and many flipped bytes, stretches zeroed, doubled or moved."""
    rng = random.Random(seed)
    for number in range(count):
        broken = bytearray(data)
        at = rng.randrange(len(broken))
        match number % 5:
            case 0:
                del broken[at:]
            case 1:
                broken[at] ^= 1 << rng.randrange(8)
            case 2:
                for _ in range(rng.randrange(1, 40)):
                    broken[rng.randrange(len(broken))] = rng.randrange(256)
            case 3:
                broken[rng.randrange(min(200, len(broken)))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF))
            case _:
                stretch = rng.randrange(1, 200)
                broken[at : at + stretch] = rng.choice((b"", bytes(stretch), broken[at : at + stretch] * 2))
        yield bytes(broken)


def sample_file(folder: Path, kind: str, depth: Depth) -> Path:
    path = folder / f"sample.{kind}"
    document = replace(random_document(11, depth, Size(60, 50), layers=6), icc=wide_rgb_profile(), ppi=300.0)
    save_document(document, path)
    return path


def read_all_damaged(path: Path, seed: int, count: int) -> None:
    """Read every damaged form of the file with the reader of its own format."""
    codec = format_for_writing(path).codec
    target = path.with_name(f"broken{path.suffix}")
    for data in damaged(path.read_bytes(), seed, count):
        target.write_bytes(data)
        try:
            opened = codec.read(target)
        except StudioError as error:
            assert error.message.strip(), "an error without words"
        else:
            assert opened.document.check() == []


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_give_an_error_or_a_document(tmp_path: Path, kind: str, depth: Depth) -> None:
    read_all_damaged(sample_file(tmp_path, kind, depth), seed=int(depth), count=60)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="limits memory with a POSIX resource limit")
@pytest.mark.parametrize("kind", KINDS)
def test_many_damaged_files_within_bounded_memory(tmp_path: Path, checkout: Path, kind: str) -> None:
    command = [sys.executable, "-m", "tests.fuzz.test_io", str(tmp_path), kind]
    run = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=1500, check=False)
    assert run.returncode == 0, run.stderr[-3000:]


def main() -> None:
    """Thousands of damaged files in a process that may use 3 GiB: `python -m tests.fuzz.test_io FOLDER KIND`."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    for depth in Depth:
        read_all_damaged(sample_file(Path(sys.argv[1]), sys.argv[2], depth), seed=100 + int(depth), count=1500)


if __name__ == "__main__":
    main()
