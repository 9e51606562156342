"""`lamina plugins`, `doctor`, `bench` and `demo`."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.benchmarks import Benchmark
from studio.cli import reports
from studio.io.formats import open_document
from studio.plugin_api.bench import BenchPicture, BenchTable
from tests.cli.conftest import Lamina


def test_plugins_are_listed_with_their_engines(lamina: Lamina) -> None:
    ran = lamina("plugins")
    assert ran.code == 0
    assert "layer_decomp" in ran.out
    assert "engine classical" in ran.out
    assert {entry["id"] for entry in json.loads(lamina("plugins", "--json").out)} >= {"layer_decomp", "square"}


def test_doctor_finds_this_installation_well(lamina: Lamina) -> None:
    ran = lamina("doctor")
    assert ran.code == 0, ran.out
    assert "FAIL" not in ran.out
    assert "plugins: layer_decomp" in ran.out


def test_doctor_recovers_a_damaged_project(lamina: Lamina, photo: Path, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole.lamina", tmp_path / "out.lamina"
    lamina("run", "square", photo, "-o", whole)
    ran = lamina("doctor", whole, "-o", out)
    assert ran.code == 0, ran.out
    assert open_document(out).document == open_document(whole).document
    with closing(sqlite3.connect(whole)) as database, database:
        database.execute("UPDATE tile SET data = randomblob(100) WHERE rowid = (SELECT min(rowid) FROM tile)")
    out.unlink()
    ran = lamina("doctor", whole, "-o", out)
    assert ran.code == 1
    assert "FAIL" in ran.out
    assert len(list(open_document(out).document.walk())) >= 1


def test_recovering_needs_a_target(lamina: Lamina, tmp_path: Path) -> None:
    assert lamina("doctor", tmp_path / "any.lamina").code == 2


def test_an_unknown_benchmark_lists_what_there_is(lamina: Lamina) -> None:
    ran = lamina("bench", "nothing")
    assert ran.code == 2
    assert "layer_decomp" in ran.err


def test_pictures_of_a_benchmark_go_into_a_folder(
    lamina: Lamina, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    red = np.full((4, 6, 3), (200, 10, 10), np.uint8)
    table = BenchTable("looks", ("what",), (("red",),), pictures=(BenchPicture("red", red),))
    monkeypatch.setattr(reports, "pick", lambda registry, name: [Benchmark("looks", lambda quick: [table])])
    ran = lamina("bench", "looks", "--pictures", tmp_path / "new" / "folder")
    assert ran.code == 0, ran.err
    assert "### looks" in ran.out
    with Image.open(tmp_path / "new" / "folder" / "red.png") as written:
        assert np.array_equal(np.asarray(written), red)
    (tmp_path / "file").write_text("in the way")
    ran = lamina("bench", "looks", "--pictures", tmp_path / "file")
    assert ran.code == 1
    assert "Choose another folder" in ran.err


@pytest.mark.slow
def test_the_demo_ends_with_a_psd_and_a_contact_sheet(lamina: Lamina, tmp_path: Path) -> None:
    ran = lamina("demo", "--out", tmp_path / "demo")
    assert ran.code == 0, ran.err
    assert "at most 0/255" in ran.out
    names = [layer.name for layer in open_document(tmp_path / "demo" / "still_life.psd").document.walk()]
    assert "Pear" in names
    assert "Mug" in names
    assert (tmp_path / "demo" / "still_life.sheet.png").stat().st_size > 100_000
