"""Flat files written by us and read again: pixels, profile, resolution, text, names, notices, bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.core import edits
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.errors import FileFormatError, StudioError
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import RasterLayer
from studio.core.pixels import Depth, PixelBuffer, to_depth
from studio.io.formats import open_document, plan_document, save_document
from studio.io.images.flat import has_opaque_layer, on_white, tidy_ppi
from studio.io.report import Fate
from tests.support.comparing import seen_difference
from tests.support.documents import random_document
from tests.support.profiles import wide_rgb_profile

EXACT = ("png", "webp", "tif")
DEEP = ("png", "tif")
ALL = ("png", "jpg", "webp", "avif", "tif")


def smooth(depth: Depth, alpha: bool) -> Document:
    """A document of one layer that lossy compression does well."""
    y, x = np.mgrid[0:90, 0:120].astype(np.float64)
    channels = [x / 119, y / 89, (x + y) / 208, np.clip(x / 60, 0, 1) if alpha else np.ones_like(x)]
    samples = (np.stack(channels, axis=-1) * depth.top).round().astype(depth.dtype)
    return Document(
        size=Size(120, 90), depth=depth, layers=(RasterLayer(name="only", pixels=PixelBuffer.from_array(samples)),)
    )


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("extension", EXACT)
@pytest.mark.parametrize("seed", range(3))
def test_lossless_formats_show_the_same_picture(tmp_path: Path, extension: str, depth: Depth, seed: int) -> None:
    document = random_document(seed, depth)
    document = document.with_layers(document.layers[1:]) if seed == 1 else document
    save_document(document, tmp_path / f"a.{extension}")
    opened = open_document(tmp_path / f"a.{extension}").document
    expected = composite(document)
    if extension not in DEEP:
        expected = to_depth(expected, Depth.EIGHT)
    assert opened.depth is (depth if extension in DEEP else Depth.EIGHT)
    assert seen_difference(composite(opened), expected) <= 1e-9


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize(("extension", "bound"), [("jpg", 6.0), ("avif", 8.0)])
def test_lossy_formats_stay_close(tmp_path: Path, extension: str, bound: float, alpha: bool) -> None:
    document = smooth(Depth.EIGHT, alpha)
    path = tmp_path / f"a.{extension}"
    save_document(document, path)
    picture = composite(document)
    if extension == "jpg":
        picture = np.concatenate([on_white(picture), np.full((90, 120, 1), 255, np.uint8)], axis=-1)
    assert seen_difference(composite(open_document(path).document), picture) <= bound


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("extension", ALL)
def test_profile_resolution_and_text_survive(tmp_path: Path, extension: str, depth: Depth) -> None:
    document = replace(
        smooth(depth, True),
        icc=wide_rgb_profile(),
        ppi=300.0,
        metadata=(("author", "Ève 作者"), ("copyright", "© عربي"), ("description", "tï & <t> 🌈")),
    )
    path = tmp_path / f"a.{extension}"
    save_document(document, path)
    opened = open_document(path).document
    assert opened.icc == document.icc
    assert opened.ppi == 300.0
    assert opened.metadata == document.metadata


@pytest.mark.parametrize("extension", ALL)
def test_the_same_document_gives_the_same_bytes(tmp_path: Path, extension: str) -> None:
    document = replace(random_document(7), icc=wide_rgb_profile())
    save_document(document, tmp_path / f"a.{extension}")
    save_document(document, tmp_path / f"b.{extension}")
    assert (tmp_path / f"a.{extension}").read_bytes() == (tmp_path / f"b.{extension}").read_bytes()


@pytest.mark.parametrize("extension", EXACT)
def test_colours_under_transparency_survive_in_one_layer(tmp_path: Path, extension: str) -> None:
    document = smooth(Depth.EIGHT, True)
    layer = document.layers[0]
    assert isinstance(layer, RasterLayer)
    assert (layer.pixels.read()[:, 0, 3] == 0).all()
    save_document(document, tmp_path / f"a.{extension}")
    again = open_document(tmp_path / f"a.{extension}").document.layers[0]
    assert isinstance(again, RasterLayer)
    assert again.pixels == layer.pixels


def test_an_opaque_picture_is_called_background_and_another_after_its_file(tmp_path: Path) -> None:
    save_document(smooth(Depth.EIGHT, False), tmp_path / "photo.png")
    save_document(smooth(Depth.EIGHT, True), tmp_path / "ball 球.png")
    assert [layer.name for layer in open_document(tmp_path / "photo.png").document.layers] == ["Background"]
    assert [layer.name for layer in open_document(tmp_path / "ball 球.png").document.layers] == ["ball 球"]


def test_a_moved_layer_is_cut_at_the_canvas(tmp_path: Path) -> None:
    document = smooth(Depth.EIGHT, False)
    layer = document.layers[0]
    assert isinstance(layer, RasterLayer)
    moved = document.with_layers((replace(layer, origin=Point(-10, 20)),))
    written = save_document(moved, tmp_path / "a.png")
    assert [notice.what for notice in written.notices] == ["pixels outside the canvas"]
    assert np.array_equal(composite(open_document(tmp_path / "a.png").document), composite(moved))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int) -> None:
    image = Image.fromarray(np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 10)
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(tmp_path / "a.png", exif=exif)
    image.save(tmp_path / "a.tif", tiffinfo={0x0112: orientation})
    turned: dict[int, Callable[[np.ndarray], np.ndarray]] = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
        8: lambda a: np.rot90(a, 1),
    }
    expected = turned[orientation](np.asarray(image))
    for name in ("a.png", "a.tif"):
        assert np.array_equal(composite(open_document(tmp_path / name).document)[..., :3], expected)


def test_the_plan_says_what_a_flat_file_loses(tmp_path: Path) -> None:
    document = random_document(3, Depth.SIXTEEN)
    said = {(notice.fate, notice.what) for notice in plan_document(document, tmp_path / "a.jpg")}
    assert (Fate.DROPPED, "16 bits per channel") in said
    assert (Fate.BAKED, "exact colours") in said
    assert any(fate is Fate.BAKED and what.endswith("layers") for fate, what in said)
    assert (Fate.DROPPED, "16 bits per channel") not in {
        (notice.fate, notice.what) for notice in plan_document(document, tmp_path / "a.png")
    }


def test_transparency_is_said_only_where_there_may_be_some(tmp_path: Path) -> None:
    opaque, clear = smooth(Depth.EIGHT, False), smooth(Depth.EIGHT, True)
    assert has_opaque_layer(opaque)
    assert not has_opaque_layer(clear)
    assert "transparency" not in [notice.what for notice in plan_document(opaque, tmp_path / "a.jpg")]
    assert "transparency" in [notice.what for notice in save_document(clear, tmp_path / "a.jpg").notices]


def test_too_large_for_the_format_is_refused_before_work(tmp_path: Path) -> None:
    wide = Document(size=Size(70_000, 2), layers=())
    for extension in ("jpg", "webp", "avif"):
        with pytest.raises(FileFormatError, match="pixels a side"):
            save_document(wide, tmp_path / f"a.{extension}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("extension", ALL)
def test_a_target_that_cannot_be_written_leaves_nothing(tmp_path: Path, extension: str) -> None:
    with pytest.raises(StudioError, match="Could not write"):
        save_document(smooth(Depth.EIGHT, False), tmp_path / "missing" / f"a.{extension}")
    (tmp_path / f"a.{extension}").mkdir()
    with pytest.raises(StudioError, match="Could not write"):
        save_document(smooth(Depth.EIGHT, False), tmp_path / f"a.{extension}")
    assert [path.name for path in tmp_path.iterdir()] == [f"a.{extension}"]


def test_resolutions_read_as_people_write_them() -> None:
    assert tidy_ppi(299.9994) == 300.0
    assert tidy_ppi(72.009) == 72.0
    assert tidy_ppi(120.5) == 120.5
    assert tidy_ppi(0.0) == 72.0


def test_saved_selections_are_named_as_lost(tmp_path: Path) -> None:
    document = edits.select_rectangle(random_document(3), Rect(2, 2, 9, 9))
    assert not [n for n in plan_document(document, tmp_path / "a.png") if "selection" in n.what]
    document = edits.save_selection(document, "sky")
    for name in ("a.png", "a.ora"):
        assert any(n.what == "saved selection “sky”" for n in plan_document(document, tmp_path / name)), name
    assert plan_document(document, tmp_path / "a.lamina") == ()


@pytest.mark.parametrize("suffix", ["png", "psd"])
def test_guides_are_no_text_that_gets_lost(suffix: str) -> None:
    document = edits.set_metadata(random_document(3), (("title", "Sea"),))
    guided = edits.set_guides(document, (4, 9), (7,))
    plans = [plan_document(one, Path(f"out.{suffix}")) for one in (document, guided)]
    assert plans[0] == plans[1]
    told = edits.set_metadata(guided, (*guided.metadata, ("mood", "calm")))
    assert plan_document(told, Path(f"out.{suffix}")) != plans[0]


def test_saved_selections_are_not_said_to_need_a_project() -> None:
    document = edits.save_selection(edits.select_rectangle(random_document(3), Rect(1, 1, 9, 9)), "Sky")
    (notice,) = [one for one in plan_document(document, Path("out.png")) if "Sky" in one.what]
    assert "PSD" in notice.why
    assert [one for one in plan_document(document, Path("out.psd")) if "Sky" in one.what] == []
