"""Masks and reference pictures given to a command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.core.errors import FileFormatError
from studio.core.pixels import Depth
from studio.io.formats import save_document
from studio.io.images import png, read_mask, read_rgb
from tests.support.documents import random_document
from tests.support.profiles import wide_rgb_profile

DISK = (np.hypot(*(np.mgrid[0:40, 0:60] - np.array([20, 30])[:, None, None])) < 15).astype(np.uint8) * 255


def test_gray_rgb_jpeg_and_sixteen_bit_masks_agree(tmp_path: Path) -> None:
    Image.fromarray(DISK).save(tmp_path / "gray.png")
    Image.fromarray(DISK).convert("RGB").save(tmp_path / "rgb.jpg", quality=95)
    Image.fromarray(DISK > 0).save(tmp_path / "bit.tif")
    (tmp_path / "deep.png").write_bytes(png.encode(DISK[..., None].astype(np.uint16) * 257))
    for name in ("gray.png", "rgb.jpg", "bit.tif", "deep.png"):
        mask = read_mask(tmp_path / name)
        assert mask.dtype == np.uint8
        assert mask.shape == DISK.shape
        assert np.array_equal(mask >= 128, DISK > 0), name


def test_a_cut_out_is_its_own_mask(tmp_path: Path) -> None:
    cut_out = np.zeros((40, 60, 4), np.uint8)
    cut_out[..., 3] = DISK
    Image.fromarray(cut_out).save(tmp_path / "object.png")
    assert np.array_equal(read_mask(tmp_path / "object.png"), DISK)


def test_the_shared_masks_are_masks(shared_photos: Path) -> None:
    for path in sorted(shared_photos.glob("*mask*")):
        mask = read_mask(path)
        assert mask.min() < 10, path.name
        assert mask.max() > 245, path.name


@pytest.mark.parametrize("depth", Depth)
def test_any_format_gives_srgb_colours_over_white(tmp_path: Path, depth: Depth) -> None:
    document = random_document(2, depth)
    document = document.with_layers(document.layers[1:])
    for name in ("a.ora", "a.lamina", "a.png"):
        save_document(document, tmp_path / name)
        rgb = read_rgb(tmp_path / name)
        assert rgb.dtype == np.uint8
        assert rgb.shape == (document.size.height, document.size.width, 3)
    clear = Image.new("RGBA", (2, 2), (10, 20, 30, 0))
    clear.save(tmp_path / "clear.png")
    assert (read_rgb(tmp_path / "clear.png") == 255).all()


def test_colours_are_moved_to_srgb(tmp_path: Path) -> None:
    Image.new("RGB", (2, 2), (0, 200, 0)).save(tmp_path / "a.png", icc_profile=wide_rgb_profile())
    red, green, _ = (int(v) for v in read_rgb(tmp_path / "a.png")[0, 0])
    assert green > 200
    assert red < 20


def test_a_mask_that_is_no_picture_is_said(tmp_path: Path) -> None:
    (tmp_path / "mask.png").write_bytes(b"")
    with pytest.raises(FileFormatError, match=r"mask\.png"):
        read_mask(tmp_path / "mask.png")
