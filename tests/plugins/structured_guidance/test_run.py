"""The plugin on the whole line, with random weights in the place of the shipped ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from plugins.structured_guidance.params import Mode, Params
from plugins.structured_guidance.run import run
from studio import resources
from studio.cli.program import invoke
from studio.core.document import Document
from studio.core.errors import StudioError, UsageError
from studio.core.geometry import Rect, Size
from studio.core.layers import GroupLayer, RasterLayer
from studio.core.pixels import Depth
from studio.io.formats import open_document
from studio.plugin_api.context import Context, Identity
from studio.plugin_api.params import PixelSize, from_json, problems
from studio.plugin_api.results import Results
from studio.plugin_api.testing import check_cancel, check_manifest, check_params, check_run
from tests.support.scene_engine import write_scene_engine

PROMPT = "a red house beside a yellow tree at night"
IDENTITY = Identity(plugin="structured_guidance", plugin_version="1", engine="tiny", model_id="lamina/scene")


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assets")
    write_scene_engine(folder / "models")
    return folder


@pytest.fixture(autouse=True)
def _random_weights(assets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "assets_dir", lambda: assets)


def make_context(seed: int = 0, depth: Depth = Depth.EIGHT, side: int = 128) -> Context:
    return Context(document=Document(size=Size(side, side), depth=depth), identity=IDENTITY, seed=seed, steps=2)


def picture_of(results: Results) -> RasterLayer:
    (group,) = results.layers
    assert isinstance(group, GroupLayer)
    (layer,) = group.children
    assert isinstance(layer, RasterLayer)
    return layer


def test_conformance() -> None:
    check_manifest(resources.plugins_dir() / "structured_guidance")
    check_params(Params)
    params = Params(prompt=PROMPT)
    check_run(run, params, make_context)
    check_cancel(run, params, make_context)


def test_a_picture_with_its_record() -> None:
    layer = picture_of(run(make_context(seed=3), Params(prompt=f"  {PROMPT} \n")))
    assert layer.bounds == Rect(0, 0, 128, 128)
    pixels = layer.pixels.read()
    assert (pixels[..., 3] == 255).all()
    assert len(np.unique(pixels[..., :3])) > 10
    made = layer.provenance
    assert made is not None
    assert (made.prompt, made.seed, made.engine, made.model_id) == (PROMPT, 3, "tiny", "lamina/scene")
    assert len(made.model_hash) == 32
    assert json.loads(made.parameters)["mode"] == "off"


def test_seed_and_prompt_change_the_picture() -> None:
    first, other, elsewhere = (
        picture_of(run(make_context(seed), Params(prompt=prompt))).pixels.read()
        for seed, prompt in ((0, PROMPT), (1, PROMPT), (0, "a boat"))
    )
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, elsewhere)


def test_the_engines_own_size_lies_in_the_middle() -> None:
    layer = picture_of(run(make_context(side=200), Params(prompt=PROMPT)))
    assert layer.bounds == Rect(36, 36, 164, 164)


def test_another_size_is_drawn_as_asked() -> None:
    layer = picture_of(run(make_context(), Params(prompt=PROMPT, size=PixelSize(64, 96))))
    assert layer.bounds.size == Size(64, 96)


def test_sixteen_bit_documents_get_sixteen_bit_layers() -> None:
    assert picture_of(run(make_context(depth=Depth.SIXTEEN), Params(prompt=PROMPT))).pixels.depth is Depth.SIXTEEN


def test_progress_goes_step_by_step_with_pictures() -> None:
    heard: list[tuple[str, float | None, int, int]] = []
    seen: list[tuple[tuple[int, ...], Rect]] = []
    context = make_context(side=256)
    context.steps = 4
    context.on_progress = lambda stage, fraction, step=0, steps=0: heard.append((stage, fraction, step, steps))
    context.on_preview = lambda samples, area: seen.append((samples.shape, area))
    run(context, Params(prompt=PROMPT))
    assert [(step, steps) for stage, _, step, steps in heard if stage == "Drawing" and step] == [
        (1, 4),
        (2, 4),
        (3, 4),
        (4, 4),
    ]
    fractions = [fraction for _, fraction, _, _ in heard if fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] < 1
    assert seen == [((16, 16, 4), Rect(64, 64, 192, 192))] * 4


def test_words_that_the_engine_does_not_know_are_named() -> None:
    assert run(make_context(), Params(prompt=PROMPT)).notices == ()
    (notice,) = run(make_context(), Params(prompt="a red dragon at night")).notices
    assert "“dragon”" in notice
    assert "“red”" not in notice


def test_what_a_long_prompt_loses_is_named() -> None:
    notices = run(make_context(), Params(prompt=", ".join(["a red house"] * 15) + " and a boat")).notices
    assert "and a boat" in notices[0]


@pytest.mark.parametrize("prompt", ["乘 🏠", "\ud800 a house", "a\x00b", "é" * 200])
def test_any_prompt_is_drawn(prompt: str) -> None:
    assert picture_of(run(make_context(), Params(prompt=prompt))).name == "Picture"


def test_missing_words_and_half_a_size_are_said() -> None:
    assert set(problems(Params())) == {"prompt"}
    assert set(problems(Params(prompt=PROMPT, size=PixelSize(0, 64)))) == {"size"}
    assert problems(Params(prompt=PROMPT)) == {}


@pytest.mark.parametrize("told", [{"mode": "average"}, {"size": {"width": 30, "height": 64}}, {"guidance": 21}])
def test_what_is_not_there_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        from_json(Params, {"prompt": PROMPT, **told})
    assert [str(mode) for mode in Mode] == ["off"]


def test_the_command_line_draws_and_the_file_opens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "scene.psd"
    line = [
        "run",
        "structured_guidance",
        "--prompt",
        PROMPT,
        "--mode",
        "off",
        "--steps",
        "2",
        "--quiet",
        "-o",
        str(out),
    ]
    assert invoke(line) == 0, capsys.readouterr().err
    document = open_document(out).document
    assert document.size == Size(128, 128)
    assert [layer.name for layer in document.walk()] == [PROMPT, "Picture"]
    made = document.layers[0].provenance
    assert made is not None
    assert made.prompt == PROMPT


def test_the_canvas_is_as_large_as_asked(tmp_path: Path) -> None:
    out = tmp_path / "wide.png"
    line = ["run", "structured_guidance", "--prompt", "x", "--size", "96x64", "--steps", "1", "--quiet", "-o", str(out)]
    assert invoke(line) == 0
    assert open_document(out).document.size == Size(96, 64)


class TestFaultyWeights:
    """Through the command line: code 1, three lines at most, the file named, and the way to restore it."""

    @pytest.fixture
    def models(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(resources, "assets_dir", lambda: tmp_path)
        return write_scene_engine(tmp_path / "models")

    def said(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
        out = tmp_path / "scene.psd"
        assert invoke(["run", "structured_guidance", "--prompt", PROMPT, "--quiet", "-o", str(out)]) == 1
        assert not out.exists()
        told = capsys.readouterr().err
        assert len(told.strip().splitlines()) <= 3
        return told

    def test_none(self, tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
        models.rename(tmp_path / "elsewhere")
        told = self.said(tmp_path, capsys)
        assert str(models) in told
        assert "lamina train scene" in told

    def test_a_file_is_gone(self, tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (models / "tokenizer" / "tokenizer.json").unlink()
        assert "tokenizer.json" in self.said(tmp_path, capsys)

    def test_a_flipped_bit(self, tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
        weights = models / "unet" / "diffusion_pytorch_model.safetensors"
        content = bytearray(weights.read_bytes())
        content[-1] ^= 1
        weights.write_bytes(content)
        told = self.said(tmp_path, capsys)
        assert "damaged" in told
        assert weights.name in told

    def test_cut_short(self, tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
        weights = models / "text_encoder" / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-100])
        assert "incomplete" in self.said(tmp_path, capsys)


def test_an_engine_that_is_not_installed_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    context = make_context()
    context.identity = Identity(plugin="structured_guidance", plugin_version="1", engine="sd15")
    with pytest.raises(StudioError, match="not installed"):
        run(context, Params(prompt=PROMPT))
