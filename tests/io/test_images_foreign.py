"""Flat files that others wrote: every kind of samples, and files that are broken, hostile or no pictures at all."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from studio.core.compositing import composite
from studio.core.errors import FileFormatError, StudioError
from studio.core.pixels import Depth
from studio.io.formats import open_document
from studio.io.images import png
from studio.io.report import Opened
from tests.support.profiles import gray_profile, wide_rgb_profile

RNG = np.random.default_rng(5)
DEEP_RGB = RNG.integers(0, 65536, (20, 30, 3), dtype=np.uint16)
RGB = RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8)


def opened_pixels(path: Path) -> np.ndarray:
    return composite(open_document(path).document)


def said(opened: Opened) -> list[str]:
    return [str(notice) for notice in opened.notices]


def png_of(color_type: int, bits: int, rows: list[bytes], width: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG from raw rows, for kinds that no library of ours writes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, len(rows), bits, color_type, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    body = b"".join(chunk(kind, data) for kind, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def rows_of(samples: np.ndarray) -> list[bytes]:
    return [row.astype(">u2").tobytes() for row in samples]


class TestPng:
    def test_sixteen_bit_colour_of_every_kind(self, tmp_path: Path) -> None:
        path = tmp_path / "a.png"
        key = tuple(int(v) for v in DEEP_RGB[3, 4])
        path.write_bytes(png_of(2, 16, rows_of(DEEP_RGB), 30, (b"tRNS", struct.pack(">HHH", *key))))
        pixels = opened_pixels(path)
        assert pixels[3, 4, 3] == 0
        assert (np.delete(pixels[..., 3].ravel(), 3 * 30 + 4) == 65535).all()
        visible = pixels[..., 3] > 0
        assert np.array_equal(pixels[..., :3][visible], DEEP_RGB[visible])

    def test_sixteen_bit_gray_with_and_without_alpha(self, tmp_path: Path) -> None:
        path = tmp_path / "a.png"
        gray = DEEP_RGB[..., :2]
        path.write_bytes(png_of(4, 16, rows_of(gray), 30))
        opened = open_document(path)
        pixels = composite(opened.document)
        shown = gray[..., 1] > 0
        assert np.array_equal(pixels[..., 3], gray[..., 1])
        assert np.array_equal(pixels[..., 0][shown], gray[..., 0][shown])
        assert said(opened) == ["converted: gray picture: to RGB"]
        path.write_bytes(png_of(0, 16, rows_of(gray[..., :1]), 30))
        assert np.array_equal(opened_pixels(path)[..., 2], gray[..., 0])

    def test_palette_with_transparency(self, tmp_path: Path) -> None:
        image = Image.fromarray(np.array([[0, 1], [2, 1]], np.uint8), mode=None).convert("P")
        image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
        image.save(tmp_path / "a.png", transparency=bytes([255, 128, 0]))
        pixels = opened_pixels(tmp_path / "a.png")
        assert pixels[0, 0].tolist() == [255, 0, 0, 255]
        assert pixels[0, 1, 3] == 128
        assert pixels[1, 0, 3] == 0

    def test_one_bit(self, tmp_path: Path) -> None:
        Image.fromarray(np.array([[True, False]])).save(tmp_path / "a.png")
        assert opened_pixels(tmp_path / "a.png")[..., 0].tolist() == [[255, 0]]

    def test_a_gray_profile_is_applied_and_gone(self, tmp_path: Path) -> None:
        gray = np.arange(256, dtype=np.uint8)[None].repeat(2, axis=0)
        Image.fromarray(gray).save(tmp_path / "a.png", icc_profile=gray_profile(1.0))
        opened = open_document(tmp_path / "a.png").document
        assert opened.icc is None
        assert composite(opened)[0, 128, 0] > 180  # linear light 0.5 is sRGB 188

    def test_damaged_and_misfit_profiles_are_dropped_and_said(self, tmp_path: Path) -> None:
        for profile in (b"not a profile", gray_profile()):
            Image.fromarray(RGB).save(tmp_path / "a.png", icc_profile=profile)
            opened = open_document(tmp_path / "a.png")
            assert opened.document.icc is None
            assert any("colour profile" in line for line in said(opened))

    def test_an_odd_gamma_is_said(self, tmp_path: Path) -> None:
        path = tmp_path / "a.png"
        path.write_bytes(png_of(2, 8, [row.tobytes() for row in RGB], 30, (b"gAMA", struct.pack(">I", 100_000))))
        assert any("gamma of 1" in line for line in said(open_document(path)))

    def test_sixteen_bit_chunks_are_written_in_order(self) -> None:
        data = png.encode(DEEP_RGB.repeat(2, axis=2)[..., :4], wide_rgb_profile(), 300.0, (("title", "é"),))
        assert data.index(b"pHYs") < data.index(b"IDAT")
        assert data.index(b"iCCP") < data.index(b"IDAT")
        Image.open(io.BytesIO(data)).verify()


class TestTiff:
    def write(self, path: Path, samples: np.ndarray, **options: object) -> Path:
        tifffile.imwrite(path, samples, **options)  # pyright: ignore[reportArgumentType]  # passed on as they are
        return path

    def test_planes_strips_and_byte_orders(self, tmp_path: Path) -> None:
        planar = self.write(tmp_path / "a.tif", np.moveaxis(DEEP_RGB, 2, 0), photometric="rgb", planarconfig="separate")
        big = self.write(tmp_path / "b.tif", DEEP_RGB, photometric="rgb", byteorder=">", bigtiff=True, tile=(16, 16))
        for path in (planar, big):
            assert np.array_equal(opened_pixels(path)[..., :3], DEEP_RGB)

    def test_associated_alpha_is_divided_out(self, tmp_path: Path) -> None:
        straight = np.concatenate([RGB, RNG.integers(1, 256, (20, 30, 1), dtype=np.uint8)], axis=-1)
        premultiplied = straight.copy()
        premultiplied[..., :3] = (straight[..., :3].astype(int) * straight[..., 3:] + 127) // 255
        path = self.write(tmp_path / "a.tif", premultiplied, photometric="rgb", extrasamples=["assocalpha"])
        pixels = opened_pixels(path).astype(int)
        assert np.array_equal(pixels[..., 3], straight[..., 3])
        solid = straight[..., 3] > 127
        assert np.abs(pixels - straight)[solid].max() <= 1

    def test_an_unnamed_fourth_channel_is_alpha_and_more_are_dropped(self, tmp_path: Path) -> None:
        four = np.concatenate([RGB, RGB[..., :1]], axis=-1)
        opened = open_document(self.write(tmp_path / "a.tif", four, photometric="rgb", extrasamples=["unspecified"]))
        assert np.array_equal(composite(opened.document)[..., 3], RGB[..., 0])
        assert any("unnamed" in line for line in said(opened))
        five = np.concatenate([RGB, RGB[..., :2]], axis=-1)
        opened = open_document(
            self.write(tmp_path / "b.tif", five, photometric="rgb", extrasamples=["unspecified"] * 2)
        )
        assert (composite(opened.document)[..., 3] == 255).all()
        assert any("2 extra channels" in line for line in said(opened))

    def test_gray_white_is_zero_and_one_bit(self, tmp_path: Path) -> None:
        inverted = self.write(tmp_path / "a.tif", RGB[..., 0], photometric="miniswhite")
        assert np.array_equal(opened_pixels(inverted)[..., 0], 255 - RGB[..., 0])
        bits = self.write(tmp_path / "b.tif", RGB[..., 0] > 100, photometric="minisblack")
        assert np.array_equal(opened_pixels(bits)[..., 1], np.where(RGB[..., 0] > 100, 255, 0))

    def test_floats_are_linear_light_and_clipped(self, tmp_path: Path) -> None:
        values = np.array([[[0.0, 0.5, 1.0], [2.0, -1.0, np.nan]]], np.float32)
        opened = open_document(self.write(tmp_path / "a.tif", values, photometric="rgb"))
        assert opened.document.depth is Depth.SIXTEEN
        pixels = composite(opened.document)[0, :, :3] / 65535
        assert np.allclose(pixels, [[0, 0.7354, 1], [1, 0, 0]], atol=1e-3)
        assert any("32-bit floating" in line for line in said(opened))

    def test_wide_whole_numbers(self, tmp_path: Path) -> None:
        path = self.write(tmp_path / "a.tif", DEEP_RGB.astype(np.uint32) << 16, photometric="rgb")
        assert np.array_equal(opened_pixels(path)[..., :3], DEEP_RGB)

    def test_ink_becomes_rgb_with_a_notice(self, tmp_path: Path) -> None:
        inks = np.array([[[0, 0, 0, 0], [255, 0, 0, 0], [0, 0, 0, 255]]], np.uint8)
        opened = open_document(self.write(tmp_path / "a.tif", inks, photometric="separated"))
        assert composite(opened.document)[0, :, :3].tolist() == [[255, 255, 255], [0, 255, 255], [0, 0, 0]]
        assert any("CMYK" in line and "approximate" in line for line in said(opened))

    def test_lab_becomes_rgb_with_a_notice(self, tmp_path: Path) -> None:
        lab = np.array([[[255, 0, 0], [128, 80, 67]]], np.uint8)
        opened = open_document(self.write(tmp_path / "a.tif", lab, photometric="cielab"))
        white, red = composite(opened.document)[0, :, :3].astype(int)
        assert white.min() >= 254
        assert red[0] > 200
        assert red[1] < 60
        assert any("Lab" in line for line in said(opened))

    def test_a_palette_of_sixteen_bit_entries(self, tmp_path: Path) -> None:
        colormap = np.zeros((3, 256), np.uint16)
        colormap[:, 7] = (0xFF00, 0x8000, 0x1200)
        path = self.write(tmp_path / "a.tif", np.full((2, 2), 7, np.uint8), photometric="palette", colormap=colormap)
        assert opened_pixels(path)[0, 0].tolist() == [255, 128, 18, 255]

    @pytest.mark.parametrize("samples", [RGB, DEEP_RGB, np.concatenate([DEEP_RGB, DEEP_RGB[..., :1]], axis=-1)])
    def test_lzw_at_both_depths(self, tmp_path: Path, samples: np.ndarray) -> None:
        swapped = np.ascontiguousarray(samples[..., [2, 1, 0, 3][: samples.shape[2]]])
        done, data = cv2.imencode(".tif", swapped, [cv2.IMWRITE_TIFF_COMPRESSION, 5])
        assert done
        (tmp_path / "a.tif").write_bytes(data.tobytes())
        pixels = opened_pixels(tmp_path / "a.tif")
        shown = pixels[..., 3] > 0
        assert np.array_equal(pixels[..., : samples.shape[2]][shown], samples[shown])

    def test_jpeg_in_tiff_and_lzw_ink_go_through_pillow(self, tmp_path: Path) -> None:
        y, x = np.mgrid[0:64, 0:64]
        smooth = np.stack([x * 4, y * 4, x + y], axis=-1).astype(np.uint8)
        Image.fromarray(smooth).save(tmp_path / "a.tif", compression="jpeg", quality=95)
        assert np.abs(opened_pixels(tmp_path / "a.tif")[..., :3].astype(int) - smooth).mean() < 6
        Image.fromarray(smooth).convert("CMYK").save(tmp_path / "b.tif", compression="tiff_lzw")
        assert np.abs(opened_pixels(tmp_path / "b.tif")[..., :3].astype(int) - smooth).max() <= 2

    def test_only_the_first_page_is_opened(self, tmp_path: Path) -> None:
        with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
            writer.write(RGB, photometric="rgb")
            writer.write(RGB[:5], photometric="rgb")
        opened = open_document(tmp_path / "a.tif")
        assert np.array_equal(composite(opened.document)[..., :3], RGB)
        assert any("1 further pages" in line for line in said(opened))


class TestOthers:
    def test_a_cmyk_jpeg(self, tmp_path: Path) -> None:
        Image.new("CMYK", (16, 16), (255, 0, 0, 0)).save(tmp_path / "a.jpg", quality=95)
        opened = open_document(tmp_path / "a.jpg")
        assert np.abs(composite(opened.document)[8, 8, :3].astype(int) - [0, 255, 255]).max() <= 3
        assert any("CMYK" in line for line in said(opened))

    def test_of_an_animation_the_first_frame(self, tmp_path: Path) -> None:
        frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
        for name in ("a.webp", "a.avif", "a.png"):
            frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], quality=100)
            opened = open_document(tmp_path / name)
            assert composite(opened.document)[4, 4, 0] > 240, name
            assert any("further frames" in line for line in said(opened)), name

    def test_the_content_counts_not_the_name(self, tmp_path: Path) -> None:
        Image.fromarray(RGB).save(tmp_path / "a.png")
        (tmp_path / "a.png").rename(tmp_path / "a.jpg")
        assert np.array_equal(opened_pixels(tmp_path / "a.jpg")[..., :3], RGB)

    def test_shared_photographs_open(self, shared_photos: Path) -> None:
        for path in sorted(shared_photos.glob("*.[jp][pn]g")):
            document = open_document(path).document
            with Image.open(path) as image:
                assert (document.size.width, document.size.height) == image.size, path.name


def huge_headers() -> dict[str, bytes]:
    """Files whose headers ask for 100,000 x 100,000 pixels."""
    side = 100_000
    ihdr = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    png_start = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + ihdr + struct.pack(">I", zlib.crc32(b"IHDR" + ihdr))
    )
    idat = zlib.compress(bytes(1000))
    png_rest = struct.pack(">I", len(idat)) + b"IDAT" + idat + struct.pack(">I", zlib.crc32(b"IDAT" + idat))
    tags = [
        (256, 4, 1, side),
        (257, 4, 1, side),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (279, 4, 1, 8),
    ]
    tiff = (
        b"II*\0\x08\0\0\0"
        + struct.pack("<H", len(tags))
        + b"".join(struct.pack("<HHII", *tag) for tag in tags)
        + bytes(4)
    )
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16)).save(buffer, "JPEG")
    jpeg = bytearray(buffer.getvalue())
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", 60_000, 60_000)
    return {"png": png_start + png_rest, "tif": tiff, "jpg": bytes(jpeg)}


@pytest.mark.parametrize("extension", ["png", "tif", "jpg"])
def test_giant_headers_are_refused_before_anything_is_allocated(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"bomb.{extension}"
    path.write_bytes(huge_headers()[extension])
    with pytest.raises(FileFormatError, match="more than Lamina opens") as caught:
        open_document(path)
    assert "megapixels" in caught.value.hint


def test_a_small_file_that_claims_a_large_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(
        png_of(6, 8, [bytes(4)] * 3, 1).replace(struct.pack(">II", 1, 3), struct.pack(">II", 9000, 9000), 1)
    )
    data = bytearray(path.read_bytes())
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match="cannot hold 9000 x 9000"):
        open_document(path)


@pytest.mark.parametrize("extension", ["png", "jpg", "webp", "avif", "tif"])
def test_cut_files_are_said_to_be_cut(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"a.{extension}"
    Image.fromarray(RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(FileFormatError, match=rf"Could not open a\.{extension}"):
        open_document(path)


def test_empty_missing_and_other_files_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.png").write_text("not a picture")
    with pytest.raises(FileFormatError, match="the file is empty"):
        open_document(tmp_path / "empty.png")
    with pytest.raises(FileFormatError, match="not a picture that Lamina knows"):
        open_document(tmp_path / "text.png")
    with pytest.raises(StudioError, match="No such file"):
        open_document(tmp_path / "missing.png")
