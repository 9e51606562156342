"""What is written comes back: tree, properties, pixels, masks, adjustments, provenance; the same file twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageCms

from studio.core.adjustments import HueRange, HueSaturation
from studio.core.compositing import composite
from studio.core.difference import distance_map
from studio.core.document import Document
from studio.core.errors import FileFormatError, StudioError
from studio.core.geometry import Point, Size
from studio.core.layers import AdjustmentLayer, ForeignBlock, GroupLayer, Mask, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.io.psd import merged_preview, plan, read, verify, write
from studio.io.psd.gate import document_faults
from studio.io.psd.prepare import prepare
from studio.io.psd.records import layer_numbers
from studio.io.report import Fate
from tests.io.psd.material import noise_document
from tests.support.documents import every_mode_document, random_document

DEPTHS = list(Depth)
KINDS = [".psd", ".psb"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("seed", range(6))
def test_random_documents_come_back_whole(tmp_path: Path, seed: int, depth: Depth, kind: str) -> None:
    document = random_document(seed, depth)
    path = tmp_path / f"random{kind}"
    written = write(document, path)
    found = read(path)
    assert list(document_faults(prepare(document).document, found.document)) == []
    assert dict(written.figures)["merged vs layers, largest difference in 1/255"] <= 1.01
    assert verify(path, document).faults == ()


@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("depth", DEPTHS)
def test_noise_in_groups_masks_and_scripts_comes_back(tmp_path: Path, depth: Depth, transparent: bool) -> None:
    document = noise_document(depth, transparent=transparent)
    path = tmp_path / "noise.psd"
    assert write(document, path).notices == ()
    found = read(path)
    assert list(document_faults(document, found.document)) == []
    assert found.notices == ()


@pytest.mark.parametrize("depth", DEPTHS)
def test_all_modes_come_back_and_merge(tmp_path: Path, depth: Depth) -> None:
    path = tmp_path / "modes.psd"
    document = every_mode_document(depth)
    write(document, path)
    assert [layer.blend for layer in read(path).document.walk()] == [layer.blend for layer in document.walk()]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("depth", DEPTHS)
def test_the_same_document_gives_the_same_bytes(tmp_path: Path, depth: Depth, kind: str) -> None:
    document = noise_document(depth, transparent=True)
    write(document, tmp_path / f"a{kind}")
    write(document, tmp_path / f"b{kind}")
    assert (tmp_path / f"a{kind}").read_bytes() == (tmp_path / f"b{kind}").read_bytes()


def test_a_second_round_changes_nothing(tmp_path: Path) -> None:
    write(noise_document(), tmp_path / "a.psd")
    write(read(tmp_path / "a.psd").document, tmp_path / "b.psd")
    assert (tmp_path / "a.psd").read_bytes() == (tmp_path / "b.psd").read_bytes()


def test_layer_numbers_stay_when_layers_are_added_and_moved() -> None:
    document = noise_document()
    before = layer_numbers(document)
    moved = document.with_layers(
        (*document.layers[1:], RasterLayer(pixels=PixelBuffer(Size(1, 1), document.depth)), document.layers[0])
    )
    after = layer_numbers(moved)
    assert {key: after[key] for key in before} == before


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_merged_image_keeps_transparency(tmp_path: Path, depth: Depth) -> None:
    document = noise_document(depth, transparent=True)
    path = tmp_path / "clear.psd"
    write(document, path)
    preview = merged_preview(path)
    assert preview is not None
    expected = composite(document)
    assert (expected[:, :, 3] < depth.top).any()
    assert np.array_equal(preview[:, :, 3], expected[:, :, 3])
    assert distance_map(preview, expected).max() <= 1.01


def test_profile_and_resolution_come_back(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.core.createProfile("sRGB")).tobytes()
    document = replace(noise_document(), icc=profile, ppi=150.5)
    write(document, tmp_path / "icc.psd")
    found = read(tmp_path / "icc.psd").document
    assert found.icc == profile
    assert found.ppi == pytest.approx(150.5, abs=1e-4)


def test_metadata_of_any_key_comes_back(tmp_path: Path) -> None:
    pairs = (("Camera", "x\n<y> & 'z'"), ("copyright", "© 誰か"), ("description", "two\nlines"), ("title", "T"))
    write(replace(noise_document(), metadata=pairs), tmp_path / "meta.psd")
    assert read(tmp_path / "meta.psd").document.metadata == pairs


@pytest.mark.parametrize("name", ["", "\ud83d", "tail\0\0", "a\0b", "x" * 400, "🌈" * 200, "\x01\x1f", "line\nbreak"])
def test_any_name_can_be_written(tmp_path: Path, name: str) -> None:
    layer = RasterLayer(name=name, pixels=PixelBuffer.from_array(np.full((4, 4, 4), 255, np.uint8)))
    document = Document(size=Size(4, 4), layers=(layer,))
    write(document, tmp_path / "name.psd")
    assert read(tmp_path / "name.psd").document.layers[0].name == prepare(document).document.layers[0].name


def test_a_document_without_layers_can_be_written(tmp_path: Path) -> None:
    notices = write(Document(size=Size(5, 3)), tmp_path / "empty.psd").notices
    assert [notice.fate for notice in notices] == [Fate.CONVERTED]
    assert read(tmp_path / "empty.psd").document.layers[0].bounds.is_empty


def test_a_gray_mask_surround_is_drawn(tmp_path: Path) -> None:
    base = noise_document()
    pixels = PixelBuffer.from_array(np.full((5, 5, 1), 10, np.uint8), fill=77)
    masked = replace(base.layers[0], mask=Mask(pixels=pixels, origin=Point(3, 3)))
    document = base.with_layers((masked, *base.layers[1:]))
    assert [notice.what for notice in plan(document)] == ["gray mask surround"]
    write(document, tmp_path / "gray.psd")
    assert np.array_equal(composite(read(tmp_path / "gray.psd").document), composite(document))


def test_blocks_that_we_do_not_know_come_back(tmp_path: Path) -> None:
    base = noise_document()
    mystery = ForeignBlock("psd", "zzzz", b"\0\1\2\3odd")
    shared = ForeignBlock("psd", "lnk2", b"\0" * 8)
    guides = ForeignBlock("psd", "resource:1032", b"\0\0\0\1" + b"\0" * 12)
    layer = replace(base.layers[0], foreign=(mystery,))
    document = replace(base, layers=(layer, *base.layers[1:]), foreign=(guides, shared))
    write(document, tmp_path / "blocks.psd")
    found = read(tmp_path / "blocks.psd").document
    assert mystery in [replace_padding(block) for block in found.layers[0].foreign]
    assert guides in found.foreign


def replace_padding(block: ForeignBlock) -> ForeignBlock:
    """Payloads may be padded to whole words."""
    return ForeignBlock(block.format, block.key, block.data.rstrip(b"\0")) if block.key == "zzzz" else block


def test_text_goes_back_only_while_its_pixels_are_the_same(tmp_path: Path) -> None:
    from studio.io.psd import blocks

    base = noise_document()
    plain = base.layers[0]
    assert isinstance(plain, RasterLayer)
    text = replace(plain, foreign=blocks.with_digest(plain, (ForeignBlock("psd", "TySh", b"text"),)))
    kept, dropped = blocks.valid_blocks(text, text.foreign)
    assert [block.key for block in kept] == ["TySh"]
    moved = replace(text, origin=Point(1, 0))
    kept, dropped = blocks.valid_blocks(moved, moved.foreign)
    assert kept == []
    assert [block.key for block in dropped] == ["TySh"]
    notices = plan(base.with_layers((moved,)))
    assert [notice.fate for notice in notices] == [Fate.DROPPED]


def test_a_psd_holds_thirty_thousand_pixels_and_a_psb_more(tmp_path: Path) -> None:
    wide = Document(size=Size(30_001, 1), layers=(RasterLayer(pixels=PixelBuffer(Size(1, 1), Depth.EIGHT)),))
    with pytest.raises(FileFormatError, match=r"30,001 px and a PSD holds 30,000"):
        write(wide, tmp_path / "wide.psd")
    assert not list(tmp_path.iterdir())
    write(wide, tmp_path / "wide.psb")
    assert read(tmp_path / "wide.psb").document.size == Size(30_001, 1)


def test_nothing_is_left_where_writing_is_impossible(tmp_path: Path) -> None:
    with pytest.raises(StudioError):
        write(noise_document(), tmp_path / "missing" / "a.psd")
    (tmp_path / "folder.psd").mkdir()
    with pytest.raises(StudioError):
        write(noise_document(), tmp_path / "folder.psd")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.psd"]


def test_colour_ranges_beyond_six_are_named(tmp_path: Path) -> None:
    ranges = tuple(HueRange(hue=5, angles=(i, i + 5, i + 10, i + 15)) for i in range(0, 140, 20))
    layer = AdjustmentLayer(name="many", adjustment=HueSaturation(hue=3, ranges=ranges))
    document = noise_document().with_layers((*noise_document().layers, layer))
    notices = write(document, tmp_path / "hue.psd").notices
    assert [(notice.fate, notice.layer) for notice in notices] == [(Fate.DROPPED, "many")]
    found = read(tmp_path / "hue.psd").document.layers[-1]
    assert isinstance(found, AdjustmentLayer)
    assert isinstance(found.adjustment, HueSaturation)
    assert len(found.adjustment.ranges) == 6


def test_effects_that_go_back_are_named_in_the_plan() -> None:
    base = noise_document()
    layer = replace(base.layers[0], foreign=(ForeignBlock("psd", "lfx2", b"effects"),))
    notices = plan(base.with_layers((layer, *base.layers[1:])))
    assert [(notice.fate, notice.what) for notice in notices] == [(Fate.KEPT, "layer effects")]


def test_a_group_in_a_group_keeps_its_mask(tmp_path: Path) -> None:
    document = noise_document()
    write(document, tmp_path / "group.psd")
    inner = next(layer for layer in read(tmp_path / "group.psd").document.walk() if layer.name == "内側のグループ")
    assert isinstance(inner, GroupLayer)
    assert inner.mask is not None
    assert not inner.expanded
