"""OpenRaster: our documents come back as they were, other programs see the right picture, hostile files are refused."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.core.adjustments import HueSaturation
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.errors import FileFormatError, StudioError
from studio.core.geometry import Point, Size
from studio.core.layers import (
    AdjustmentLayer,
    BlendMode,
    ForeignBlock,
    GroupLayer,
    Layer,
    LayerId,
    Locks,
    Mask,
    RasterLayer,
)
from studio.core.pixels import Depth, PixelBuffer
from studio.io import ora
from studio.io.formats import open_document, save_document
from studio.io.images import png
from studio.io.ora.names import MODES, NAMESPACE, OPERATIONS
from studio.io.report import Fate
from tests.support.comparing import seen_difference
from tests.support.documents import every_mode_document, noise, random_document
from tests.support.profiles import wide_rgb_profile

OURS = f"{{{NAMESPACE}}}"


def raster(name: str, seed: int, **fields: object) -> RasterLayer:
    samples = noise(np.random.default_rng(seed), Size(40, 30), Depth.EIGHT)
    return replace(RasterLayer(name=name, pixels=PixelBuffer.from_array(samples)), **fields)  # pyright: ignore[reportArgumentType]  # fields of a layer


def document_of(*layers: Layer) -> Document:
    background = raster("Background", 0)
    opaque = background.pixels.read()
    opaque[..., 3] = 255
    background = replace(background, pixels=PixelBuffer.from_array(opaque))
    return Document(size=Size(40, 30), layers=(background, *layers))


def mask(seed: int) -> Mask:
    samples = noise(np.random.default_rng(seed), Size(25, 20), Depth.EIGHT, channels=1)
    return Mask(pixels=PixelBuffer.from_array(samples), origin=Point(3, 4))


def without_ours(path: Path) -> Path:
    """The file as a program that knows nothing of our namespace would write it again."""
    bare = path.with_name("bare.ora")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(bare, "w") as target:
        for entry in source.infolist():
            data = source.read(entry)
            target.writestr(entry.filename, stripped(data) if entry.filename == "stack.xml" else data)
    return bare


def stripped(xml: bytes) -> bytes:
    root = ET.fromstring(xml)
    for element in list(root.iter()):
        for child in [child for child in element if child.tag.startswith(OURS)]:
            element.remove(child)
        for key in [key for key in element.attrib if key.startswith(OURS)]:
            del element.attrib[key]
    return ET.tostring(root)


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as target:
        for name, data in members.items():
            target.writestr(name, data)
    return path


def members_for(stack: str, **more: bytes) -> dict[str, bytes]:
    xml = f'<?xml version="1.0" encoding="UTF-8"?><image version="0.0.3" w="8" h="6">{stack}</image>'
    picture = png.encode(np.full((6, 8, 4), 200, np.uint8))
    return {"mimetype": b"image/openraster", "stack.xml": xml.encode(), "data/a.png": picture, **more}


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("seed", range(12))
def test_documents_come_back_as_they_were(tmp_path: Path, seed: int, depth: Depth) -> None:
    document = replace(random_document(seed, depth), icc=wide_rgb_profile() if seed % 2 else None)
    save_document(document, tmp_path / "a.ora")
    opened = open_document(tmp_path / "a.ora")
    assert opened.document == document
    assert opened.notices == ()


def test_every_mode_has_a_name_of_its_own() -> None:
    assert set(OPERATIONS) == set(BlendMode)
    for mode in BlendMode:
        if mode is not BlendMode.PASS_THROUGH:
            assert MODES[OPERATIONS[mode]] is mode


def test_others_see_every_mode(tmp_path: Path) -> None:
    document = every_mode_document()
    save_document(document, tmp_path / "a.ora")
    assert [layer.blend for layer in open_document(without_ours(tmp_path / "a.ora")).document.layers] == [
        layer.blend for layer in document.layers
    ]


STACKS: dict[str, tuple[Layer, ...]] = {
    "mask": (raster("masked", 1, mask=mask(2), opacity=0.7, blend=BlendMode.MULTIPLY),),
    "clipping": (
        raster("base", 1, origin=Point(5, -4), opacity=0.6, blend=BlendMode.SCREEN),
        raster("clipped", 2, clipping=True, blend=BlendMode.MULTIPLY, mask=mask(3)),
    ),
    "adjustment": (
        raster("below", 1),
        AdjustmentLayer(name="hue", adjustment=HueSaturation(hue=90), mask=mask(4)),
        raster("above", 5, opacity=0.5),
    ),
    "adjustment in an isolated group": (
        GroupLayer(
            name="isolated",
            blend=BlendMode.NORMAL,
            opacity=0.8,
            children=(raster("inside", 1), AdjustmentLayer(adjustment=HueSaturation(saturation=-100))),
        ),
        raster("above", 5, opacity=0.5),
    ),
    "adjustment in pass-through groups": (
        GroupLayer(
            name="outer",
            children=(
                raster("inside", 1, opacity=0.5),
                GroupLayer(name="inner", children=(AdjustmentLayer(adjustment=HueSaturation(hue=-60)),)),
                raster("inside above", 2, opacity=0.4),
            ),
        ),
        raster("above", 5, opacity=0.5),
    ),
    "pass-through group with a mask": (
        GroupLayer(name="group", mask=mask(1), opacity=0.7, children=(raster("a", 2), raster("b", 3))),
    ),
    "isolated group with a mask": (
        GroupLayer(name="group", mask=mask(1), blend=BlendMode.MULTIPLY, children=(raster("a", 2), raster("b", 3))),
    ),
    "plain groups": (
        GroupLayer(name="through", children=(raster("a", 1, blend=BlendMode.MULTIPLY),)),
        GroupLayer(name="own", blend=BlendMode.SCREEN, opacity=0.5, children=(raster("b", 2, opacity=0.3),)),
    ),
    "hidden things": (
        AdjustmentLayer(visible=False, adjustment=HueSaturation(hue=50)),
        raster("hidden", 1, visible=False, mask=mask(2)),
        GroupLayer(visible=False, children=(AdjustmentLayer(adjustment=HueSaturation(hue=50)),)),
    ),
    "fill": (raster("filled", 1, fill=0.4, opacity=0.9),),
}


@pytest.mark.parametrize("case", STACKS)
def test_others_see_the_right_picture_and_we_lose_nothing(tmp_path: Path, case: str) -> None:
    document = document_of(*STACKS[case])
    save_document(document, tmp_path / "a.ora")
    assert open_document(tmp_path / "a.ora").document == document
    seen = open_document(without_ours(tmp_path / "a.ora")).document
    assert seen_difference(composite(seen), composite(document)) <= 1.0


@pytest.mark.parametrize("case", sorted(set(STACKS) - {"plain groups", "fill"}))
def test_stand_ins_are_reported(case: str) -> None:
    notices = ora.plan(document_of(*STACKS[case]))
    assert notices
    assert {notice.fate for notice in notices} == {Fate.CONVERTED}


def test_modes_that_only_krita_knows_and_foreign_blocks_are_reported() -> None:
    document = document_of(raster("pin", 1, blend=BlendMode.PIN_LIGHT, foreign=(ForeignBlock("psd", "x", b"1"),)))
    said = [str(notice) for notice in ora.plan(document)]
    assert any("mode pin light" in line and "Krita" in line for line in said)
    assert any(line.startswith("dropped: blocks of other file formats") for line in said)
    assert ora.plan(document_of(raster("plain", 1))) == ()


def test_the_file_is_laid_out_as_specified(tmp_path: Path) -> None:
    document = replace(random_document(3, size=Size(700, 300), layers=3), ppi=300.0)
    save_document(document, tmp_path / "a.ora")
    with zipfile.ZipFile(tmp_path / "a.ora") as found:
        first = found.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert found.read("mimetype") == b"image/openraster"
        image = ET.fromstring(found.read("stack.xml"))
        assert (image.get("w"), image.get("h"), image.get("xres"), image.get("yres")) == ("700", "300", "300", "300")
        assert [child.tag for child in image] == ["stack"]
        assert image[0].attrib == {}
        sources = {element.get("src") for element in image.iter("layer")}
        assert sources <= set(found.namelist())
        with Image.open(io.BytesIO(found.read("Thumbnails/thumbnail.png"))) as thumbnail:
            assert max(thumbnail.size) == 256
        merged = png.decode(io.BytesIO(found.read("mergedimage.png")), "merged", len(found.read("mergedimage.png")))
    assert np.array_equal(merged.samples, composite(document))


def test_the_same_document_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.ora", "b.ora"):
        save_document(random_document(9), tmp_path / name)
    assert (tmp_path / "a.ora").read_bytes() == (tmp_path / "b.ora").read_bytes()


def test_layers_without_pixels_and_impossible_names(tmp_path: Path) -> None:
    empty = RasterLayer(name="bell \x07 and \ud800", pixels=PixelBuffer(Size(0, 0), Depth.EIGHT))
    flat = RasterLayer(name="flat", pixels=PixelBuffer(Size(5, 0), Depth.EIGHT), origin=Point(2, 3))
    document = document_of(
        empty, flat, raster("masked", 1, mask=Mask(pixels=PixelBuffer(Size(0, 0), Depth.EIGHT, 1, 255)))
    )
    save_document(document, tmp_path / "a.ora")
    assert open_document(tmp_path / "a.ora").document == document


def test_a_file_of_another_program(tmp_path: Path) -> None:
    stack = """<stack>
      <layer name="top" src="data/a.png" x="2" y="-1" opacity="0.5" composite-op="svg:plus" edit-locked="true"
             alpha-preserve="true" selected="true"/>
      <stack name="g" isolation="auto"><layer src="data/a.png" visibility="hidden" composite-op="krita:erase"/></stack>
      <stack opacity="0.25" composite-op="svg:multiply"><text>hello</text><layer src="data/v.svg" name="curve"/></stack>
      <filter type="blur"/>
    </stack>"""
    opened = open_document(archive(tmp_path / "a.ora", members_for(stack)))
    isolated, through, top = opened.document.layers
    assert isinstance(top, RasterLayer)
    assert (top.origin, top.opacity, top.blend) == (Point(2, -1), 0.5, BlendMode.LINEAR_DODGE)
    assert top.locks == Locks(pixels=True)
    assert top.foreign == (ForeignBlock("ora", "alpha-preserve", b"true"),)
    assert isinstance(through, GroupLayer)
    assert (through.blend, through.children[0].visible, through.children[0].blend) == (
        BlendMode.PASS_THROUGH,
        False,
        BlendMode.NORMAL,
    )
    assert isinstance(isolated, GroupLayer)
    assert (isolated.name, isolated.blend, isolated.opacity, isolated.children) == (
        "Group",
        BlendMode.MULTIPLY,
        0.25,
        (),
    )
    said = [str(notice) for notice in opened.notices]
    assert len(said) == 4
    for part in ("krita:erase", "“text” element", "vector layer (“curve”)", "“filter” element"):
        assert any(part in line for line in said)
    save_document(opened.document, tmp_path / "b.ora")
    with zipfile.ZipFile(tmp_path / "b.ora") as found:
        assert b'alpha-preserve="true"' in found.read("stack.xml")


def test_a_layer_duplicated_elsewhere_gets_an_id_of_its_own(tmp_path: Path) -> None:
    layer = f'<layer src="data/a.png" xmlns:l="{NAMESPACE}" l:id="same"/>'
    layers = open_document(archive(tmp_path / "a.ora", members_for(f"<stack>{layer * 2}</stack>"))).document.layers
    assert len({found.id for found in layers}) == 2
    assert LayerId("same") in {found.id for found in layers}


@pytest.mark.parametrize(
    ("stack", "reason"),
    [
        ("<stack><layer src='../../etc/passwd'/></stack>", "outside itself"),
        ("<stack><layer src='/etc/passwd'/></stack>", "outside itself"),
        ("<stack><layer src='C:\\secret.png'/></stack>", "outside itself"),
        ("<stack><layer src='data/missing.png'/></stack>", "damaged"),
        ("<stack><layer src='mimetype'/></stack>", "damaged"),
        ("<stack>" * 300 + "</stack>" * 300, "damaged"),
        ("<stack", "damaged"),
        ("<layer src='data/a.png'/>", "damaged"),
    ],
)
def test_hostile_and_broken_stacks_are_refused(tmp_path: Path, stack: str, reason: str) -> None:
    with pytest.raises(FileFormatError, match=reason):
        open_document(archive(tmp_path / "a.ora", members_for(stack)))


def test_entities_are_refused(tmp_path: Path) -> None:
    members = members_for("<stack/>")
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    for declared in (f'<!DOCTYPE image [<!ENTITY e0 "x">{bomb}]>', '<!DOCTYPE image SYSTEM "file:///etc/passwd">'):
        members["stack.xml"] = f"{declared}<image w='8' h='6'><stack name='&e9;'/></image>".encode()
        with pytest.raises(FileFormatError, match="document type"):
            open_document(archive(tmp_path / "a.ora", members))


def test_sizes_that_cannot_be_are_refused(tmp_path: Path) -> None:
    members = members_for("<stack/>")
    for width, height in ((100_000, 100_000), (0, 5), (-3, 4), (400_000, 1)):
        members["stack.xml"] = f"<image w='{width}' h='{height}'><stack/></image>".encode()
        with pytest.raises(FileFormatError, match=f"{width} x {height}"):
            open_document(archive(tmp_path / "a.ora", members))


def test_a_layer_that_unpacks_to_a_giant_is_refused(tmp_path: Path) -> None:
    picture = bytearray(png.encode(np.zeros((6, 8, 4), np.uint8)))
    picture[16:24] = (100_000).to_bytes(4, "big") * 2
    picture[29:33] = zlib.crc32(bytes(picture[12:29])).to_bytes(4, "big")
    members = members_for("<stack><layer src='data/a.png'/></stack>") | {"data/a.png": bytes(picture)}
    with pytest.raises(FileFormatError, match="more than Lamina opens"):
        open_document(archive(tmp_path / "a.ora", members))


def test_other_zip_files_and_cut_ones_are_refused(tmp_path: Path) -> None:
    members = members_for("<stack/>")
    other = archive(tmp_path / "a.ora", members | {"mimetype": b"application/epub+zip"})
    with pytest.raises(FileFormatError, match="not OpenRaster"):
        ora.read(other)
    save_document(random_document(1), tmp_path / "b.ora")
    data = (tmp_path / "b.ora").read_bytes()
    (tmp_path / "b.ora").write_bytes(data[: len(data) // 2])
    with pytest.raises(FileFormatError, match="damaged or cut off"):
        open_document(tmp_path / "b.ora")


def test_a_target_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="Could not write"):
        save_document(random_document(1), tmp_path / "missing" / "a.ora")
    assert list(tmp_path.iterdir()) == []
