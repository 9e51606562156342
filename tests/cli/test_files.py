"""`lamina info`, `convert`, `verify`, `diff`, and what they say about files that are not well."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from studio.io.formats import save_document
from tests.cli.conftest import Lamina
from tests.io.psd.material import noise_document


def test_info_shows_the_tree(lamina: Lamina, photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.psd"
    lamina("run", "square", photo, "--side", 6, "-o", out)
    ran = lamina("info", out)
    assert ran.code == 0
    assert "64 x 48 px, 8 bit" in ran.out
    assert "Square  [raster] · normal · 100% · 6 x 6 at 0,0 · made by square/classical" in ran.out
    told = json.loads(lamina("info", out, "--json").out)
    assert told["layers"][0]["layers"][0]["provenance"]["seed"] == 0
    assert told["layers"][1]["name"] == "Background"


def test_convert_says_what_it_loses(lamina: Lamina, photo: Path, tmp_path: Path) -> None:
    layered = tmp_path / "out.lamina"
    lamina("run", "square", photo, "-o", layered)
    ran = lamina("convert", layered, tmp_path / "flat.png")
    assert ran.code == 0
    assert "layers" in ran.err
    assert lamina("diff", layered, tmp_path / "flat.png").out.startswith("max 0/255")


def test_convert_bakes_adjustments_unless_told_otherwise(lamina: Lamina, tmp_path: Path) -> None:
    source, baked, live = (tmp_path / name for name in ("in.lamina", "baked.psd", "live.psd"))
    document = noise_document()
    save_document(document, source)
    ran = lamina("convert", source, baked)
    assert ran.code == 0
    assert "baked: adjustment layer (“curves”)" in ran.err
    assert "--adjustments live" in ran.err
    assert "curves (merged)" in lamina("info", baked).out
    kept = lamina("convert", source, live, "--adjustments", "live")
    assert kept.code == 0
    assert "GIMP and Krita pass over it" in kept.err
    assert lamina("verify", live, "--against", source).code == 0
    assert lamina("verify", baked, "--against", source).code == 0
    assert float(lamina("diff", baked, live).out.removeprefix("max ").partition("/")[0]) <= 1.0
    assert lamina("convert", source, live, "--adjustments", "frozen").code == 2


def test_verify_tells_a_sound_file_from_a_changed_one(lamina: Lamina, photo: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one.psd", tmp_path / "two.psd"
    lamina("run", "square", photo, "-o", one)
    lamina("run", "square", photo, "--seed", 1, "-o", two)
    assert lamina("verify", one).code == 0
    assert lamina("verify", one, "--against", one).code == 0
    ran = lamina("verify", one, "--against", two)
    assert ran.code == 1
    assert "FAULT" in ran.out


def test_diff_measures_and_draws(lamina: Lamina, photo: Path, tmp_path: Path) -> None:
    changed = _pixels(photo)
    changed[10:20, 10:20] = np.clip(changed[10:20, 10:20].astype(int) - 9, 0, 255)
    other, heat = tmp_path / "other.png", tmp_path / "heat.png"
    cv2.imwrite(str(other), changed)
    ran = lamina("diff", photo, other, "-o", heat)
    assert ran.code == 0
    assert ran.out.startswith("max 9/255")
    drawn = _pixels(heat)
    assert drawn[:9].max() == 0
    assert drawn[10:20, 10:20].max() > 100


def test_diff_of_different_sizes_is_refused(lamina: Lamina, photo: Path, tmp_path: Path) -> None:
    small = tmp_path / "small.png"
    cv2.imwrite(str(small), np.zeros((8, 8, 3), np.uint8))
    ran = lamina("diff", photo, small)
    assert ran.code == 1
    assert "64 x 48 and 8 x 8" in ran.err


def _pixels(path: Path) -> NDArray[np.uint8]:
    samples = cv2.imread(str(path))
    assert samples is not None
    return samples.astype(np.uint8)


def _huge_png() -> bytes:
    """A PNG header of 100,000 x 100,000 px with nothing behind it."""
    body = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


HUGE_PSD = b"8BPS" + struct.pack(">H6xHIIHH", 1, 4, 100_000, 100_000, 8, 3) + b"\0" * 12
BAD_FILES = {
    "empty.png": b"",
    "words.png": b"This is not a picture.",
    "words.psd": b"8BPS and then nonsense",
    "huge.png": _huge_png(),
    "huge.psd": HUGE_PSD,
    "huge.psb": HUGE_PSD.replace(b"\0\1", b"\0\2", 1),
    "cut.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "cut.ora": b"PK\x03\x04" + b"\0" * 26 + b"mimetypeimage/openraster",
    "cut.lamina": b"SQLite format 3\0" + b"\0" * 200,
    "cut.tif": b"II*\0\x08\0\0\0",
    "cut.webp": b"RIFF\x10\0\0\0WEBPVP8 ",
}


def test_a_report_that_cannot_be_written_is_found_before_any_work(lamina: Lamina, photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.psd"
    for report, words in ((tmp_path / "none" / "r.json", "does not exist"), (tmp_path, "it is a folder")):
        ran = lamina("run", "square", photo, "-o", out, "--report", report, "--quiet")
        assert ran.code == 1
        assert words in ran.err
        assert len(ran.err.strip().splitlines()) == 2
        assert not out.exists()


def test_a_wrong_choice_is_told_in_plain_words(lamina: Lamina, photo: Path, tmp_path: Path) -> None:
    ran = lamina("convert", photo, tmp_path / "out.psd", "--adjustments", "frozen")
    assert ran.code == 2
    assert "'frozen' is not one of 'live', 'baked'" in ran.err
    assert "Value error" not in ran.err


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_in_plain_words(lamina: Lamina, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(BAD_FILES[name])
    for arguments in (["info", path], ["convert", path, tmp_path / "out.psd"]):
        ran = lamina(*arguments)
        assert ran.code == 1
        assert name in ran.err
        assert len(ran.err.strip().splitlines()) <= 3
        assert not (tmp_path / "out.psd").exists()


@pytest.mark.parametrize("extension", [".psd", ".ora", ".lamina", ".png", ".jpg", ".webp", ".avif", ".tif"])
def test_an_unwritable_target_is_named_and_left_alone(
    lamina: Lamina, photo: Path, tmp_path: Path, extension: str
) -> None:
    folder = tmp_path / f"folder{extension}"
    folder.mkdir()
    ran = lamina("convert", photo, folder)
    assert ran.code == 1
    assert folder.name in ran.err
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_found_before_any_work(lamina: Lamina, photo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    ran = lamina("run", "square", photo, "-o", folder / "out.psd")
    assert ran.code == 1
    assert "you may not write into the folder" in ran.err


@pytest.mark.parametrize("extension", [".psd", ".ora", ".lamina", ".png", ".jpg", ".webp", ".avif", ".tif"])
def test_a_full_disk_leaves_no_part_of_a_file(photo: Path, tmp_path: Path, extension: str) -> None:
    """A limit on file size stands for the full disk: the system refuses the write in the same place."""
    out = tmp_path / "out"
    out.mkdir()
    limit = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    limit += "resource.setrlimit(resource.RLIMIT_FSIZE, (256, 256));"
    code = limit + "import sys; from studio.cli.program import invoke; sys.exit(invoke(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "convert", str(photo), str(out / f"out{extension}")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 1, ran.stderr
    assert f"out{extension}" in ran.stderr
    assert list(out.iterdir()) == []
