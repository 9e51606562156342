"""Profiles: recognising them and moving samples between them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.core.errors import FileFormatError
from studio.core.geometry import Size
from studio.core.layers import RasterLayer
from studio.core.pixels import Depth, PixelBuffer, Pixels, to_depth
from studio.io import color
from tests.support.documents import noise, random_document
from tests.support.profiles import gray_profile, wide_rgb_profile


def ramp(depth: Depth) -> Pixels:
    """(16, 256, 4): a gray ramp over smooth colours, opaque."""
    x = np.linspace(0, depth.top, 256)
    rows = [np.stack([x, x * k / 15, depth.top - x * k / 15, np.full_like(x, depth.top)], axis=-1) for k in range(16)]
    return np.stack(rows).round().astype(depth.dtype)


def test_names_and_kinds() -> None:
    assert color.profile_name(None) == "sRGB"
    assert color.profile_name(wide_rgb_profile()) == "Wide test RGB"
    assert color.profile_mode(wide_rgb_profile()) == "RGB"
    assert color.profile_mode(gray_profile()) == "L"
    assert color.is_srgb(None)
    assert color.is_srgb(color.srgb())
    assert not color.is_srgb(wide_rgb_profile())


def test_a_damaged_profile_is_said() -> None:
    with pytest.raises(FileFormatError, match="profile is damaged"):
        color.profile_mode(b"no profile at all")


def test_wide_colours_move_and_come_back() -> None:
    start = ramp(Depth.EIGHT)
    there = color.convert_pixels(start, None, wide_rgb_profile())
    back = color.convert_pixels(there, wide_rgb_profile(), None)
    assert np.abs(there.astype(int) - start).max() > 20
    assert np.abs(back.astype(int) - start).max() <= 3
    assert np.array_equal(there[..., 3], start[..., 3])


def test_sixteen_bits_follow_eight_and_stay_smooth() -> None:
    eight = color.convert_pixels(ramp(Depth.EIGHT), wide_rgb_profile(), None)
    sixteen = color.convert_pixels(to_depth(ramp(Depth.EIGHT), Depth.SIXTEEN), wide_rgb_profile(), None)
    assert np.array_equal(to_depth(sixteen, Depth.EIGHT), eight)
    fine = np.zeros((1, 512, 4), np.uint16)
    fine[...] = np.linspace(20_000, 22_000, 512).astype(np.uint16)[None, :, None]
    moved = color.convert_pixels(fine, wide_rgb_profile(), None)[0, :, 0].astype(int)
    assert len(np.unique(moved)) > 300


def test_colours_under_transparency_are_left_alone() -> None:
    samples = noise(np.random.default_rng(1), Size(20, 20), Depth.EIGHT)
    samples[..., 3] = 0
    assert np.array_equal(color.convert_pixels(samples, None, wide_rgb_profile()), samples)


def test_gray_and_lab_samples_become_rgb() -> None:
    gray = np.arange(256, dtype=np.uint8)[None, :, None]
    rgb = color.moved_colors(gray, gray_profile(1.8)).astype(int)[0]
    expected = 255 * np.clip((gray[0, :, 0] / 255) ** 1.8, 0, 1)
    linear = expected / 255
    srgb = 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.abs(rgb - srgb[:, None]).max() <= 1.5
    white = color.moved_colors(np.array([[[255, 0, 0]]], np.uint8), color.lab())
    assert white.min() >= 254


def test_profiles_that_do_not_fit_the_channels_are_refused() -> None:
    with pytest.raises(FileFormatError, match="does not fit"):
        color.moved_colors(np.zeros((2, 2, 3), np.uint8), gray_profile())


@pytest.mark.parametrize("depth", Depth)
def test_a_document_goes_to_srgb_and_back(depth: Depth) -> None:
    document = replace(random_document(4, depth), icc=wide_rgb_profile())
    seen = color.to_srgb(document)
    assert seen.icc is None
    assert seen.check() == []
    again = color.from_srgb(seen, wide_rgb_profile())
    assert again.icc == document.icc
    for before, after in zip(document.walk(), again.walk(), strict=True):
        assert before.name == after.name
        if isinstance(before, RasterLayer) and isinstance(after, RasterLayer):
            assert np.array_equal(before.pixels.read()[..., 3], after.pixels.read()[..., 3])


def test_a_document_in_srgb_is_not_touched() -> None:
    document = random_document(4)
    assert color.to_srgb(document) is document
    tagged = replace(document, icc=color.srgb())
    assert color.to_srgb(tagged).layers is tagged.layers


def test_tiles_without_pixels_stay_without() -> None:
    buffer = PixelBuffer(Size(600, 600), Depth.EIGHT)
    document = replace(random_document(0), layers=(RasterLayer(pixels=buffer),), icc=wide_rgb_profile())
    layer = color.to_srgb(document).layers[0]
    assert isinstance(layer, RasterLayer)
    assert layer.pixels.tiles == {}
