"""Files in other colour modes and depths, built here, and what becomes of them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from psd_tools.constants import ColorMode, Compression, Resource
from psd_tools.psd import PSD
from psd_tools.psd.color_mode_data import ColorModeData
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_data import ImageData
from psd_tools.psd.image_resources import ImageResource, ImageResources

from studio.core.layers import RasterLayer
from studio.core.pixels import Depth, Pixels
from studio.io.psd import read
from studio.io.psd.profiles import rgb_profile_of_gray, srgb_profile
from studio.io.report import Fate


def flat(
    path: Path,
    mode: ColorMode,
    depth: int,
    planes: list[bytes],
    side: int,
    palette: bytes = b"",
    icc: bytes | None = None,
) -> Path:
    """A file without layers, its planes as they lie in the file."""
    header = FileHeader(channels=len(planes), height=side, width=side, depth=depth, color_mode=mode)
    resources = ImageResources()
    if icc is not None:
        resources[Resource.ICC_PROFILE] = ImageResource(key=Resource.ICC_PROFILE, data=icc)
    data = ImageData(Compression.RAW, b"".join(planes))
    psd = PSD(header=header, color_mode_data=ColorModeData(palette), image_resources=resources, image_data=data)
    with path.open("wb") as file:
        psd.write(file)
    return path


def pixels(path: Path) -> Pixels:
    layer = read(path).document.layers[0]
    assert isinstance(layer, RasterLayer)
    return layer.pixels.read()


def plane(values: list[float], depth: int) -> bytes:
    if depth == 32:
        return np.asarray(values, ">f4").tobytes()
    dtype, top = (">u2", 65535) if depth == 16 else ("u1", 255)
    return np.round(np.asarray(values) * top).astype(dtype).tobytes()


@pytest.mark.parametrize("depth", [8, 16])
def test_gray_values_stay(tmp_path: Path, depth: int) -> None:
    path = flat(tmp_path / "gray.psd", ColorMode.GRAYSCALE, depth, [plane([0, 0.2, 0.6, 1], depth)], 2)
    opened = read(path)
    assert opened.document.depth is Depth(depth)
    assert [notice.fate for notice in opened.notices] == [Fate.CONVERTED]
    top = opened.document.depth.top
    assert (pixels(path).reshape(-1, 4)[1] == [round(0.2 * top)] * 3 + [top]).all()


def test_one_bit_is_ink_and_paper(tmp_path: Path) -> None:
    path = flat(tmp_path / "bit.psd", ColorMode.BITMAP, 1, [bytes([0b10000000, 0b01000000])], 2)
    assert pixels(path)[:, :, 0].tolist() == [[0, 255], [255, 0]]


def test_indexed_colours_come_from_the_table(tmp_path: Path) -> None:
    table = bytes(range(256)) + bytes(255 - value for value in range(256)) + bytes([7]) * 256
    path = flat(tmp_path / "indexed.psd", ColorMode.INDEXED, 8, [bytes([0, 1, 2, 255])], 2, palette=table)
    assert pixels(path).reshape(-1, 4)[:, :3].tolist() == [[0, 255, 7], [1, 254, 7], [2, 253, 7], [255, 0, 7]]


@pytest.mark.parametrize("depth", [8, 16])
def test_cmyk_without_profile_is_ink_on_white(tmp_path: Path, depth: int) -> None:
    """Stored inverted: 1 is no ink. The four pixels are paper, cyan, black and magenta with half black."""
    planes = [[1, 0, 1, 1], [1, 1, 1, 0], [1, 1, 1, 1], [1, 1, 0, 0.5]]
    path = flat(tmp_path / "ink.psd", ColorMode.CMYK, depth, [plane(values, depth) for values in planes], 2)
    top = read(path).document.depth.top
    found = pixels(path).reshape(-1, 4)[:, :3] / top
    assert np.allclose(found, [[1, 1, 1], [0, 1, 1], [0, 0, 0], [0.5, 0, 0.5]], atol=0.003)


@pytest.mark.parametrize("depth", [8, 16])
def test_lab_is_the_colour_it_names(tmp_path: Path, depth: int) -> None:
    """White, black, middle gray, and sRGB red as littleCMS gives it."""
    zero = 128 / 255 if depth == 8 else 32768 / 65535
    step = 1 / 255 if depth == 8 else 256 / 65535
    lightness = [1, 0, 0.5339, 0.5429]
    a = [zero, zero, zero, zero + 80.8 * step]
    b = [zero, zero, zero, zero + 69.9 * step]
    path = flat(tmp_path / "lab.psd", ColorMode.LAB, depth, [plane(values, depth) for values in (lightness, a, b)], 2)
    found = pixels(path).reshape(-1, 4)[:, :3] / read(path).document.depth.top
    assert np.allclose(found, [[1, 1, 1], [0, 0, 0], [0.498, 0.498, 0.498], [1, 0, 0]], atol=0.02)


def test_float_is_linear_light_and_may_be_out_of_range(tmp_path: Path) -> None:
    planes = [plane([0, 0.214, 1, 9], 32), plane([0, 0.214, 1, -1], 32), plane([0, 0.214, 1, np.nan], 32)]
    path = flat(tmp_path / "float.psd", ColorMode.RGB, 32, planes, 2)
    assert read(path).document.depth is Depth.SIXTEEN
    found = pixels(path).reshape(-1, 4)[:, :3] / 65535
    assert np.allclose(found, [[0, 0, 0], [0.5, 0.5, 0.5], [1, 1, 1], [1, 0, 0]], atol=0.002)


def test_multichannel_of_three_is_their_light(tmp_path: Path) -> None:
    path = flat(tmp_path / "multi.psd", ColorMode.MULTICHANNEL, 8, [plane([v] * 4, 8) for v in (0.2, 0.4, 0.8)], 2)
    assert pixels(path)[0, 0].tolist() == [51, 102, 204, 255]


def test_duotone_is_read_as_gray(tmp_path: Path) -> None:
    path = flat(tmp_path / "duo.psd", ColorMode.DUOTONE, 8, [plane([0.2] * 4, 8)], 2, palette=b"\0" * 528)
    assert pixels(path)[0, 0].tolist() == [51, 51, 51, 255]
    assert [notice.what for notice in read(path).notices] == ["duotone colours"]


def test_our_srgb_profile_is_the_same_every_time_and_reads_as_none(tmp_path: Path) -> None:
    assert srgb_profile() == srgb_profile()
    planes = [plane([0.5] * 4, 8)] * 3
    path = flat(tmp_path / "srgb.psd", ColorMode.RGB, 8, planes, 2, icc=srgb_profile())
    assert read(path).document.icc is None
    other = srgb_profile()[:-1] + b"\1"
    assert read(flat(tmp_path / "other.psd", ColorMode.RGB, 8, planes, 2, icc=other)).document.icc == other


def test_a_gray_profile_becomes_an_rgb_profile_of_the_same_grays(tmp_path: Path) -> None:
    gray = gray_profile(power=1.8)
    made = rgb_profile_of_gray(gray)
    assert made is not None
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    target = ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile()))

    def shown(image: Image.Image, profile: bytes) -> np.ndarray:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
        assert converted is not None
        return np.asarray(converted).astype(int)

    assert np.abs(shown(ramp, gray) - shown(ramp.convert("RGB"), made)).max() <= 1
    path = flat(tmp_path / "dot.psd", ColorMode.GRAYSCALE, 8, [plane([0.5] * 4, 8)], 2, icc=gray)
    assert read(path).document.icc == made
    assert rgb_profile_of_gray(b"no profile") is None
    assert rgb_profile_of_gray(srgb_profile()) is None


def gray_profile(power: float) -> bytes:
    """A minimal gray profile with one power curve."""
    curve = b"curv\0\0\0\0\0\0\0\1" + round(power * 256).to_bytes(2, "big") + b"\0\0"
    white = b"XYZ \0\0\0\0" + srgb_profile()[68:80]
    start = 128 + 4 + 24
    table = (2).to_bytes(4, "big") + b"kTRC" + start.to_bytes(4, "big") + len(curve).to_bytes(4, "big")
    table += b"wtpt" + (start + len(curve)).to_bytes(4, "big") + len(white).to_bytes(4, "big")
    body = table + curve + white
    head = bytearray(srgb_profile()[:128])
    head[0:4] = (128 + len(body)).to_bytes(4, "big")
    head[8:12] = b"\2\x10\0\0"
    head[16:20] = b"GRAY"
    return bytes(head) + body
