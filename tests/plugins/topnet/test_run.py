"""The plugin on the whole line, with random weights in the place of the shipped ones: limits are kept all the same."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from plugins.topnet import engines
from plugins.topnet.params import Params
from plugins.topnet.run import run
from studio import resources
from studio.cli.program import invoke
from studio.core import edits
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import BlendMode, GroupLayer, LayerId, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.io.formats import open_document
from studio.placing import Source
from studio.placing import placed as put
from studio.plugin_api.context import Context, Identity
from studio.plugin_api.interactions import Box, Candidate, Candidates, Region
from studio.plugin_api.params import from_json, problems
from studio.plugin_api.results import Results
from studio.plugin_api.testing import check_cancel, check_manifest, check_params, check_run
from tests.support.placement import write_placement_model

IDENTITY = Identity(plugin="topnet", plugin_version="1", engine="tiny", model_id="lamina/topnet")
THING = LayerId("thing")
MOVED = Point(3, 4)


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assets")
    write_placement_model(folder / "models")
    return folder


@pytest.fixture(autouse=True)
def _random_weights(assets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "assets_dir", lambda: assets)
    engines.load.cache_clear()


def picture(width: int = 120, height: int = 90) -> np.ndarray:
    samples = np.full((height, width, 4), 255, np.uint8)
    samples[..., :3] = np.random.default_rng(1).integers(0, 256, (height, width, 3))
    return samples


def thing(width: int = 20, height: int = 30) -> np.ndarray:
    """An ellipse with a transparent border around it."""
    samples = np.zeros((height + 8, width + 8, 4), np.uint8)
    center = (width // 2 + 4, height // 2 + 4)
    cv2.ellipse(samples, center, (width // 2 - 1, height // 2 - 1), 0, 0, 360, (200, 40, 30, 255), -1)
    return samples


def document(depth: Depth = Depth.EIGHT, width: int = 120, height: int = 90, moved: Point = MOVED) -> Document:
    samples = [picture(width, height), thing()]
    if depth is Depth.SIXTEEN:
        samples = [part.astype(np.uint16) * 257 for part in samples]
    ground = RasterLayer(name="Ground", pixels=PixelBuffer.from_array(samples[0]))
    layer = RasterLayer(id=THING, name="Ball", pixels=PixelBuffer.from_array(samples[1]), origin=moved)
    return Document(size=Size(width, height), depth=depth, layers=(ground, layer))


def make_context(shown: Document | None = None) -> Context:
    return Context(document=document() if shown is None else shown, identity=IDENTITY)


def boxes_of(results: Results) -> list[Rect]:
    return [place.box.rect for place in results.suggestions["places"].candidates.places]


def placed(results: Results) -> RasterLayer:
    (group,) = results.layers
    assert isinstance(group, GroupLayer)
    (layer,) = group.children
    assert isinstance(layer, RasterLayer)
    return layer


def test_conformance() -> None:
    check_manifest(resources.plugins_dir() / "topnet")
    check_params(Params)
    check_run(run, Params(layer=THING), make_context)
    check_cancel(run, Params(layer=THING), make_context)


def test_the_best_place_with_its_record_and_report() -> None:
    results = run(make_context(), Params(layer=THING))
    layer, boxes = placed(results), boxes_of(results)
    assert layer.bounds == boxes[0]
    assert layer.name == "Ball"
    assert len(boxes) == 5
    assert all(Rect(0, 0, 120, 90).grown(1).contains(box) for box in boxes)
    made = layer.provenance
    assert made is not None
    assert (made.engine, made.model_id) == ("tiny", "lamina/topnet")
    assert len(made.model_hash) == 32
    assert {"best_scale", "place_1", "place_5"} <= set(results.figures)


def test_the_object_keeps_its_shape_and_its_edge_stays_clean() -> None:
    layer = placed(run(make_context(), Params(layer=THING, scale=0.8)))
    box = layer.bounds
    assert box.height == pytest.approx(0.8 * 90, abs=1)
    assert box.width / box.height == pytest.approx(19 / 29, abs=0.05)
    pixels = layer.pixels.read()
    seen = pixels[..., 3] >= 16
    assert 0 < seen.mean() < 1
    assert np.abs(pixels[seen][:, :3].astype(int) - (200, 40, 30)).max() <= 8


def test_suggestions_change_nothing() -> None:
    results = run(make_context(), Params(layer=THING, suggest=True, top=3))
    assert results.layers == ()
    told = results.suggestions["places"]
    assert len(told.candidates.places) == 3
    assert told.candidates.chosen is None
    assert told.heat is not None
    assert told.heat.area == Box(0, 0, 120, 90)
    assert told.heat.values.shape == (32, 32)


def test_the_chosen_place_is_taken() -> None:
    box = Box(40, 20, 30, 45)
    chosen = Candidates(places=(Candidate(box=box, score=0.0),), chosen=0)
    assert placed(run(make_context(), Params(layer=THING, places=chosen))).bounds == box.rect


def test_a_given_centre_and_a_given_size() -> None:
    at = placed(run(make_context(), Params(layer=THING, at="60,45"))).bounds
    assert abs((at.left + at.right) / 2 - 60) <= 1
    assert abs((at.top + at.bottom) / 2 - 45) <= 1
    both = placed(run(make_context(), Params(layer=THING, at="60,45", scale=0.4))).bounds
    assert both.height == 36
    assert all(box.height == 36 for box in boxes_of(run(make_context(), Params(layer=THING, scale=0.4))))


def test_boxes_and_layers_limit_the_place() -> None:
    half = (Region(box=Box(0, 0, 60, 90)),)
    for box in boxes_of(run(make_context(), Params(layer=THING, inside=half))):
        assert box.intersect(Rect(0, 0, 60, 90)).area >= 0.7 * box.area
    wall = np.zeros((90, 120, 4), np.uint8)
    wall[:, :60] = 255
    shown = document()
    shown = shown.with_layers(
        (shown.layers[0], RasterLayer(name="Wall", pixels=PixelBuffer.from_array(wall)), shown.layers[1])
    )
    for box in boxes_of(run(make_context(shown), Params(layer=THING))):
        assert box.intersect(Rect(0, 0, 60, 90)).area <= 0.2 * box.area
    free = boxes_of(run(make_context(shown), Params(layer=THING, clear=False)))
    assert any(box.intersect(Rect(0, 0, 60, 90)).area > 0.2 * box.area for box in free)


def test_a_selection_limits_the_place() -> None:
    selected = edits.select_rectangle(document(), Rect(60, 0, 120, 90))
    for box in boxes_of(run(make_context(selected), Params(layer=THING))):
        assert box.intersect(Rect(60, 0, 120, 90)).area >= 0.7 * box.area


def test_finishing_comes_as_layers_around_the_object() -> None:
    (made,) = run(make_context(), Params(layer=THING, shadow=True, light=True)).layers
    assert isinstance(made, GroupLayer)
    assert [layer.name for layer in made.children] == ["Cast shadow", "Ball", "Matched light"]
    shadow, ball, light = made.children
    assert (shadow.blend, light.clipping) == (BlendMode.MULTIPLY, True)
    assert ball.bounds == placed(run(make_context(), Params(layer=THING))).bounds


def test_behind_a_layer_is_below_it() -> None:
    whole = document()
    front = RasterLayer(id=LayerId("front"), name="Front", pixels=PixelBuffer.from_array(thing()), origin=Point(60, 40))
    shown = whole.with_layers((*whole.layers, front))
    results = run(make_context(shown), Params(layer=THING, behind="front"))
    assert results.below == front.id
    merged, source = put(shown, results, shown)
    assert [layer.name for layer in merged.layers] == ["Ground", "Ball", "Ball placed", "Front"]
    assert source is Source.AS_ASKED
    assert put(whole, results, shown)[1] is Source.GONE


def test_what_lies_beyond_the_canvas_belongs_to_the_object() -> None:
    outside = document(moved=Point(-14, 4))
    same = [boxes_of(run(make_context(shown), Params(layer=THING))) for shown in (document(), outside)]
    assert same[0] == same[1]


def test_sixteen_bit_documents_get_sixteen_bit_layers() -> None:
    layer = placed(run(make_context(document(Depth.SIXTEEN)), Params(layer=THING)))
    assert layer.pixels.depth is Depth.SIXTEEN
    eight = placed(run(make_context(), Params(layer=THING)))
    assert layer.bounds == eight.bounds


def test_an_object_larger_than_the_picture_is_made_small() -> None:
    huge = RasterLayer(id=THING, name="Wall", pixels=PixelBuffer.from_array(thing(700, 900)))
    shown = document()
    box = placed(run(make_context(shown.with_layers((shown.layers[0], huge))), Params(layer=THING))).bounds
    assert Rect(0, 0, 120, 90).grown(1).contains(box)


@pytest.mark.parametrize("size", [(1, 1), (15, 400), (400, 2)])
def test_a_picture_without_room_says_so(size: tuple[int, int]) -> None:
    with pytest.raises(StudioError, match="too small"):
        run(make_context(document(width=size[0], height=size[1])), Params(layer=THING))


def test_nothing_to_place_says_so() -> None:
    shown = document()
    empty = RasterLayer(id=THING, name="Air", pixels=PixelBuffer.from_array(np.zeros((9, 9, 4), np.uint8)))
    with pytest.raises(StudioError, match="transparent everywhere"):
        run(make_context(shown.with_layers((shown.layers[0], empty))), Params(layer=THING))
    folder = GroupLayer(id=THING, name="Folder")
    with pytest.raises(StudioError, match="no pixels"):
        run(make_context(shown.with_layers((shown.layers[0], folder))), Params(layer=THING))


def test_limits_that_nothing_meets_say_so() -> None:
    with pytest.raises(StudioError, match="fits nowhere"):
        run(make_context(), Params(layer=THING, inside=(Region(box=Box(500, 500, 4, 4)),)))
    with pytest.raises(StudioError, match="not on the picture"):
        run(make_context(), Params(layer=THING, at="500,20"))


def test_missing_and_malformed_parameters_are_named() -> None:
    assert set(problems(Params())) == {"layer"}
    assert set(problems(Params(object="x.png", at="here"))) == {"at"}
    assert problems(Params(object="x.png", at=" 3, 4.5 ")) == {}
    assert from_json(Params, {"object": "x.png", "at": "3,4.5"}).centre == (3.0, 4.5)


class TestCommandLine:
    """`topnet BACKGROUND --object OBJ.png [--mask M.png] [--top K] [--at x,y | --scale s]`."""

    @pytest.fixture
    def line(self, tmp_path: Path) -> list[str]:
        cv2.imwrite(str(tmp_path / "ground.png"), picture())
        cv2.imwrite(str(tmp_path / "ball.png"), thing()[..., [2, 1, 0, 3]])
        out = ["-o", str(tmp_path / "out.psd"), "--report", str(tmp_path / "r.json"), "--quiet"]
        return ["run", "topnet", str(tmp_path / "ground.png"), "--object", str(tmp_path / "ball.png"), *out]

    def test_places_the_object(self, tmp_path: Path, line: list[str]) -> None:
        assert invoke([*line, "--top", "2"]) == 0
        made = open_document(tmp_path / "out.psd").document
        assert [layer.name for layer in made.walk()][-2:] == ["Object placed", "Object"]
        told = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
        assert [name for name in told["figures"] if name.startswith("place_")] == ["place_1", "place_2"]

    def test_at_and_scale(self, tmp_path: Path, line: list[str]) -> None:
        assert invoke([*line, "--at", "70,40"]) == 0
        (layer,) = (one for one in open_document(tmp_path / "out.psd").document.walk() if one.name == "Object")
        assert isinstance(layer, RasterLayer)
        assert abs((layer.bounds.left + layer.bounds.right) / 2 - 70) <= 1.5
        assert invoke([*line, "--scale", "0.5"]) == 0
        (layer,) = (one for one in open_document(tmp_path / "out.psd").document.walk() if one.name == "Object")
        assert isinstance(layer, RasterLayer)
        assert layer.bounds.height == 45

    def test_a_mask_cuts_the_object_out(self, tmp_path: Path, line: list[str]) -> None:
        mask = np.zeros((38, 28), np.uint8)
        mask[10:20, 8:18] = 255
        cv2.imwrite(str(tmp_path / "mask.png"), mask)
        assert invoke([*line, "--mask", str(tmp_path / "mask.png"), "--scale", "0.5"]) == 0
        (layer,) = (one for one in open_document(tmp_path / "out.psd").document.walk() if one.name == "Object")
        assert isinstance(layer, RasterLayer)
        assert layer.bounds.width == pytest.approx(layer.bounds.height, abs=1)

    def test_wrong_input_says_what_to_do(
        self, tmp_path: Path, line: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        cv2.imwrite(str(tmp_path / "mask.png"), np.zeros((5, 5), np.uint8))
        assert invoke([*line, "--mask", str(tmp_path / "mask.png")]) == 1
        assert "5 x 5 px" in capsys.readouterr().err
        assert invoke([*line, "--at", "middle"]) == 2
        assert "320,240" in capsys.readouterr().err
        assert not (tmp_path / "out.psd").exists()

    def test_missing_weights_are_named_with_what_restores_them(
        self, tmp_path: Path, line: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(resources, "assets_dir", lambda: tmp_path / "nothing")
        assert invoke(line) == 1
        told = capsys.readouterr().err
        assert "lamina train topnet" in told
        assert len(told.strip().splitlines()) <= 3
