"""`lamina run` with a plugin that uses every kind of parameter: each has an option."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.core.layers import RasterLayer
from studio.io.formats import open_document
from tests.cli.conftest import Lamina
from tests.support.demo_plugin import DEMO, install_demo


@pytest.fixture(autouse=True)
def demo(square_plugin: None) -> None:
    install_demo()


def written(folder: Path, name: str, told: object) -> Path:
    path = folder / name
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def box(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "width": width, "height": height}


def test_every_kind_has_an_option(lamina: Lamina, photo: Path, tmp_path: Path) -> None:
    stamp, out = tmp_path / "stamp.png", tmp_path / "out.lamina"
    Image.fromarray(np.full((3, 5, 4), (1, 2, 3, 255), np.uint8)).save(stamp)
    mask = tmp_path / "mask.png"
    samples = np.zeros((48, 64), np.uint8)
    samples[10:20, 30:50] = 255
    Image.fromarray(samples).save(mask)
    regions = written(tmp_path, "regions.json", [{"box": box(1, 2, 3, 4), "label": "空"}])
    cast = [{"box": box(5, 5, 6, 6), "phrase": "cat", "color": "#00ff00"}]
    moves = written(
        tmp_path, "moves.json", [{"layer": "Background", "source": box(0, 0, 9, 9), "target": box(8, 8, 4, 4)}]
    )
    story = written(tmp_path, "story.json", [{"caption": "Night", "frames": 7}])
    ran = lamina(
        *("run", DEMO, photo, "-o", out, "--prompt", "a boat", "--strength", "1", "--look", "flat", "--rounds", 2),
        *("--regions", regions, "--cast", json.dumps(cast), "--moves", moves, "--scenes", story, "--mask", mask),
        *("--place", "20,24,5,3", "--stamp", stamp, "--base", "Background", "--canvas", "128x64", "--title", "Made"),
    )
    assert ran.code == 0, ran.err
    layers = {layer.name: layer for layer in open_document(out).document.walk()}
    assert list(layers) == [
        "Background", "Made", "空", "cat", "Subject 1", "Background: place", "Night", "Stamp", "Mean",
    ]  # fmt: skip
    stamped = layers["Stamp"]
    assert isinstance(stamped, RasterLayer)
    assert stamped.bounds.size.width == 5
    assert (stamped.origin.x, stamped.origin.y) == (20, 24)
    assert (stamped.pixels.read() == (1, 2, 3, 255)).all()
    assert layers["Subject 1"].bounds.size.width == 20
    made = layers["空"].provenance
    assert made is not None
    assert made.prompt == "a boat"
    assert json.loads(made.parameters)["canvas"] == {"width": 128, "height": 64}


def test_suggested_places_are_in_the_report(lamina: Lamina, photo: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    ran = lamina("run", DEMO, photo, "--find-places", "-o", tmp_path / "out.png", "--report", report)
    assert ran.code == 0, ran.err
    told = json.loads(report.read_text(encoding="utf-8"))
    assert [place["score"] for place in told["suggestions"]["place"]["places"]] == pytest.approx([0.9, 0.6])


def test_the_schema_describes_every_kind(lamina: Lamina) -> None:
    properties = json.loads(lamina("run", DEMO, "--schema").out)["properties"]
    assert {entry["x-kind"] for entry in properties.values()} == {
        "prompt", "number", "regions", "picks", "objects", "operations", "switch", "places", "file", "layer", "scenes",
        "choice", "integer", "text", "size",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--regions", "missing.json"), 1, "missing.json"),
        (("--regions", "[1,"), 2, "not JSON"),
        (("--regions", '[{"box": 1}]'), 2, "regions"),
        (("--canvas", "7x7"), 2, "16 to 2048"),
        (("--canvas", "wide"), 2, "512x512"),
        (("--place", "1,2"), 2, "4 whole numbers"),
        (("--stamp", "nothing.png"), 1, "nothing.png"),
        (("--base", "Nobody"), 2, "no layer “Nobody”"),
        (("--title", " "), 2, "Give the result a title."),
        (("--engine", "missing"), 1, "licence"),
    ],
)
def test_wrong_values_are_refused(
    lamina: Lamina, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...], code: int, words: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    ran = lamina("run", DEMO, photo, "-o", tmp_path / "out.png", "--quiet", *arguments)
    assert ran.code == code, ran.err
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert len(ran.err.strip().splitlines()) <= 3
    assert not (tmp_path / "out.png").exists()
