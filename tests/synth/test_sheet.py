from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.core.document import Document
from studio.core.errors import UsageError
from studio.synth.render import render
from studio.synth.scene import from_json
from studio.synth.sheet import Kind, anatomy, grid, sheet, write_samples
from tests.synth.worlds import two_trees


def test_grid_places_pictures_row_by_row() -> None:
    tiles = [np.full((20, 30, 3), shade, np.uint8) for shade in (10, 60, 110)]
    picture = grid(tiles, 2)
    assert picture.shape == (2 * 26 + 6, 2 * 36 + 6, 3)
    assert (picture[6:26, 6:36] == 10).all()
    assert (picture[6:26, 42:72] == 60).all()
    assert (picture[32:52, 6:36] == 110).all()


def test_captions_are_written_below() -> None:
    tiles = [np.zeros((64, 64, 3), np.uint8)]
    plain, said = grid(tiles, 1), grid(tiles, 1, ["a red house"])
    assert said.shape[0] > plain.shape[0]
    assert (said[72:] < 100).any()


def test_sheets_hold_every_seed() -> None:
    assert sheet((1, 2, 3), 48, columns=3).shape[1] == 3 * 54 + 6
    assert anatomy(render(two_trees(), 48)).ndim == 3


def test_samples_are_written(tmp_path: Path) -> None:
    saved: list[Path] = []

    def save(document: Document, path: Path) -> None:
        assert document.check() == []
        path.write_bytes(b"layers")
        saved.append(path)

    written = write_samples(tmp_path / "out", (1, 2), 48, tuple(Kind), save)
    assert all(path.is_file() for path in written)
    assert len(saved) == 8
    assert {path.suffix for path in written} == {".png", ".json", ".psd", ".ora"}
    assert from_json((tmp_path / "out" / "scene_1.json").read_text()).instances
    with Image.open(tmp_path / "out" / "scenes.png") as picture:
        assert picture.size[0] > 96


def test_layers_need_a_writer_and_samples_a_seed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="writer"):
        write_samples(tmp_path, (1,), 48, (Kind.PSD,))
    with pytest.raises(UsageError, match="nothing to draw"):
        write_samples(tmp_path, (), 48, (Kind.SHEET,))
