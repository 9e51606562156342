"""`lamina run`: from a picture to a layered file and a report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.io.formats import open_document
from tests.cli.conftest import Lamina


@pytest.mark.parametrize("extension", [".psd", ".ora", ".lamina"])
def test_a_picture_becomes_a_layered_file(lamina: Lamina, photo: Path, tmp_path: Path, extension: str) -> None:
    out, report = tmp_path / f"out{extension}", tmp_path / "report.json"
    ran = lamina("run", "square", photo, "--side", 6, "--seed", 3, "-o", out, "--report", report)
    assert ran.code == 0, ran.err
    names = [layer.name for layer in open_document(out).document.walk()]
    assert names == ["Background", "Squares", "Square"]
    told = json.loads(report.read_text(encoding="utf-8"))
    assert (told["plugin"], told["engine"], told["seed"]) == ("square", "classical", 3)
    assert told["parameters"]["side"] == 6
    assert told["figures"] == {"area_px": 36}
    assert "3 layers" in ran.out
    assert "Painting" in ran.err


def test_quiet_leaves_stderr_to_errors_and_losses(lamina: Lamina, photo: Path, tmp_path: Path) -> None:
    assert lamina("run", "square", photo, "-o", tmp_path / "out.psd", "--quiet").err == ""


def test_the_schema_needs_no_picture(lamina: Lamina) -> None:
    ran = lamina("run", "square", "--schema")
    assert ran.code == 0
    assert json.loads(ran.out)["properties"]["side"]["maximum"] == 64


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "circle", "photo.png", "-o", "out.psd"], 2, "no plugin"),
        (["run", "square", "photo.png", "-o", "out.psd", "--engine", "steam"], 2, "no engine"),
        (["run", "square", "photo.png", "-o", "out.psd", "--seed", 2**32], 2, "from 0 to 4294967295"),
        (["run", "square", "photo.png", "-o", "out.psd", "--steps", 1001], 2, "from 1 to 1000"),
        (["run", "square", "photo.png", "-o", "out.xyz"], 2, ".xyz"),
        (["run", "square", "photo.png", "-o", "out"], 2, "extension"),
        (["run", "square", "photo.png"], 2, "-o"),
        (["run", "square", "-o", "out.psd"], 2, "needs a picture"),
        (["run", "square", "photo.png", "-o", "out.psd", "--side", "1000"], 2, "side"),
        (["run", "square", "missing.png", "-o", "out.psd"], 1, "missing.png"),
        (["run", "square", "photo.png", "-o", "nowhere/out.psd"], 1, "does not exist"),
        (["run", "square", "photo.png", "-o", "out.psd", "--trouble", "raise"], 1, "brush broke"),
        (["run", "square", "photo.png", "-o", "out.psd", "--trouble", "say"], 1, "no paint"),
        (["frobnicate"], 2, "frobnicate"),
        (["info"], 2, "FILE"),
    ],
)
def test_wrong_use_is_2_and_failed_work_is_1_in_three_lines(
    lamina: Lamina,
    photo: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = lamina(*arguments, *(["--quiet"] if arguments[0] == "run" else []))
    assert ran.code == code
    assert words in ran.err
    assert len(ran.err.strip().splitlines()) <= 3
    assert "Traceback" not in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "photo.png"]


def test_the_version_needs_no_command(lamina: Lamina) -> None:
    ran = lamina("--version")
    assert ran.code == 0
    assert ran.out.startswith("lamina 0.")


def test_debug_shows_the_traceback(lamina: Lamina, photo: Path, tmp_path: Path) -> None:
    ran = lamina("--debug", "run", "square", photo, "-o", tmp_path / "out.psd", "--trouble", "raise")
    assert ran.code == 1
    assert "RuntimeError: the brush broke" in ran.err


def test_profile_prints_where_the_time_went(lamina: Lamina, photo: Path) -> None:
    ran = lamina("--profile", "info", photo)
    assert ran.code == 0
    assert "cumulative" in ran.err
