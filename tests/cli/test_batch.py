"""`lamina batch`: a recipe over a folder; broken files are reported and the rest is done."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from studio.commands import object_name
from studio.core.adjustments import BrightnessContrast
from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.layers import AdjustmentLayer, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.io.formats import open_document, save_document
from tests.cli.conftest import Lamina

RECIPE = {
    "version": 1,
    "files": ["*.png"],
    "steps": [
        {"command": "run_plugin", "plugin": "square", "params": {"side": 4}, "seed": 2},
        {"command": "set_opacity", "layer_id": "Square", "opacity": 0.5},
        {"command": "rename", "layer_id": "Squares", "name": "Squares on {stem}"},
    ],
    "save": ["{stem}.psd", "{stem}_flat.jpg"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good pictures and a broken one."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("one.png", "two.png"):
        cv2.imwrite(str(folder / name), np.full((20, 30, 3), 90, np.uint8))
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    return folder


def write_recipe(tmp_path: Path, recipe: object) -> Path:
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps(recipe), encoding="utf-8")
    return path


def test_broken_files_are_reported_and_the_rest_is_done(lamina: Lamina, folder: Path, tmp_path: Path) -> None:
    out, report = tmp_path / "out", tmp_path / "report.json"
    ran = lamina("batch", folder, "--recipe", write_recipe(tmp_path, RECIPE), "--out", out, "--report", report)
    assert ran.code == 1
    assert "2 done, 1 failed" in ran.out
    assert sorted(path.name for path in out.iterdir()) == ["one.psd", "one_flat.jpg", "two.psd", "two_flat.jpg"]
    layers = {layer.name: layer for layer in open_document(out / "one.psd").document.walk()}
    assert layers["Square"].opacity == pytest.approx(0.5, abs=1 / 255)
    assert "Squares on one" in layers
    told = {entry["file"]: entry for entry in json.loads(report.read_text(encoding="utf-8"))["files"]}
    assert told["broken.png"]["error"]
    assert told["one.png"]["figures"][0]["figures"] == {"area_px": 16}


def test_all_good_is_exit_code_0(lamina: Lamina, folder: Path, tmp_path: Path) -> None:
    (folder / "broken.png").unlink()
    ran = lamina("batch", folder, "--recipe", write_recipe(tmp_path, RECIPE), "--out", tmp_path / "out")
    assert (ran.code, "2 done, 0 failed" in ran.out) == (0, True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steps": [{"command": "explode"}]}, "explode"),
        ({"steps": [{"layer_id": "x"}]}, "names no command"),
        ({"save": []}, "save"),
        ({"save": ["{stem}.xyz"]}, ".xyz"),
        ({"save": [{"file": "{stem}.psd", "adjustments": "frozen"}]}, "adjustments"),
        ({"version": 9}, "version"),
        ({"files": ["*.bmp"]}, "*.bmp"),
        ({"colour": 1}, "colour"),
    ],
)
def test_a_faulty_recipe_is_refused_before_any_work(
    lamina: Lamina, folder: Path, tmp_path: Path, change: dict[str, object], words: str
) -> None:
    out = tmp_path / "out"
    ran = lamina("batch", folder, "--recipe", write_recipe(tmp_path, RECIPE | change), "--out", out, "--quiet")
    assert ran.code == 2
    assert words in ran.err
    assert len(ran.err.strip().splitlines()) <= 3
    assert not out.exists()


def test_a_recipe_says_what_becomes_of_adjustments(lamina: Lamina, tmp_path: Path) -> None:
    document = Document(
        size=Size(8, 6),
        layers=(
            RasterLayer(name="Photo", pixels=PixelBuffer.from_array(np.full((6, 8, 4), 200, np.uint8))),
            AdjustmentLayer(name="Darker", adjustment=BrightnessContrast(brightness=-60)),
        ),
    )
    folder, out, report = tmp_path / "in", tmp_path / "out", tmp_path / "report.json"
    folder.mkdir()
    save_document(document, folder / "stack.lamina")
    told = {"save": [{"file": "{stem}_live.psd", "adjustments": "live"}, "{stem}.psd"]}
    recipe = write_recipe(tmp_path, told)
    assert lamina("batch", folder, "--recipe", recipe, "--out", out, "--report", report, "--quiet").code == 0
    layers = [[layer.name for layer in open_document(path).document.walk()] for path in sorted(out.iterdir())]
    assert layers == [["Photo"], ["Photo", "Darker"]]
    (entry,) = json.loads(report.read_text(encoding="utf-8"))["files"]
    assert [notice.split(":")[:2] for notice in entry["notices"]] == [
        ["stack_live.psd", " kept"],
        ["stack.psd", " baked"],
    ]


def test_objects_are_named_after_their_masks() -> None:
    masks = [Path("still_life_pear.png"), Path("still_life_mug.png")]
    assert [object_name(mask, masks) for mask in masks] == ["Pear", "Mug"]
    plain = [Path("ball_mask0.jpg"), Path("ball_mask1.jpg")]
    assert [object_name(mask, plain) for mask in plain] == ["", ""]
    assert object_name(Path("photo_mask.png"), [Path("photo_mask.png")]) == ""
