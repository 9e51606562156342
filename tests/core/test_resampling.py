"""Layers under homographies: exact where no pixel is cut, the plain bicubic formula or the plain mean elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from studio.core.edits.geometry import Turn, turned_samples
from studio.core.errors import DocumentError
from studio.core.geometry import Affine, Point, Rect, Size
from studio.core.homography import Homography
from studio.core.pixels import Depth, PixelBuffer
from studio.core.resampling import Sampling, resampled
from tests.support.documents import noise

TURNS = {
    Turn.FLIP_HORIZONTAL: Affine(a=-1.0),
    Turn.FLIP_VERTICAL: Affine(d=-1.0),
    Turn.QUARTER: Affine(a=0.0, b=1.0, c=-1.0, d=0.0),
    Turn.HALF: Affine(a=-1.0, d=-1.0),
    Turn.THREE_QUARTERS: Affine(a=0.0, b=-1.0, c=1.0, d=0.0),
}


SMALL = Size(37, 23)


def picture(depth: Depth = Depth.EIGHT, size: Size = SMALL, channels: int = 4) -> PixelBuffer:
    return PixelBuffer.from_array(noise(np.random.default_rng(4), size, depth, channels))


def kernel(t: float) -> float:
    """Keys' cubic with -0.75."""
    t = abs(t)
    if t <= 1:
        return 1.25 * t**3 - 2.25 * t**2 + 1
    return -0.75 * t**3 + 3.75 * t**2 - 6 * t + 3 if t < 2 else 0.0


def cubic(plane: NDArray[np.float64], x: float, y: float) -> float:
    """One sample at canvas coordinates of a picture whose border goes on."""
    u, v = x - 0.5, y - 0.5
    left, top = math.floor(u), math.floor(v)
    total = 0.0
    for j in range(top - 1, top + 3):
        for i in range(left - 1, left + 3):
            value = plane[min(max(j, 0), plane.shape[0] - 1), min(max(i, 0), plane.shape[1] - 1)]
            total += value * kernel(u - i) * kernel(v - j)
    return total


class TestExact:
    def test_whole_moves_share_every_tile(self) -> None:
        pixels = picture()
        moved, origin = resampled(pixels, Point(3, 4), Homography.of(Affine.translation(-7, 12)))
        assert moved is pixels
        assert origin == Point(-4, 16)

    @pytest.mark.parametrize("turn", Turn)
    @pytest.mark.parametrize("depth", Depth)
    def test_right_angles_keep_every_sample(self, turn: Turn, depth: Depth) -> None:
        pixels = picture(depth)
        move = Homography.about((21.5, 15.5), TURNS[turn])
        turned, origin = resampled(pixels, Point(3, 4), move)
        assert (turned.read() == turned_samples(pixels.read(), turn)).all()
        xs, ys = zip(*move.corners(Rect.at(Point(3, 4), pixels.size)), strict=True)
        assert origin == Point(round(min(xs)), round(min(ys)))

    @pytest.mark.parametrize("factor", [2, 3, 5])
    def test_shrinking_by_whole_numbers_is_the_mean(self, factor: int) -> None:
        size = Size(12 * factor, 7 * factor)
        pixels = picture(Depth.SIXTEEN, size)
        small, origin = resampled(pixels, Point(0, 0), Homography.of(Affine.scale(1 / factor, 1 / factor)))
        assert (small.size, origin) == (Size(12, 7), Point(0, 0))
        values = pixels.read().astype(np.float64)
        values[..., :3] *= values[..., 3:] / 65535
        blocks = values.reshape(7, factor, 12, factor, 4).mean(axis=(1, 3))
        wanted = blocks[..., :3] / np.maximum(blocks[..., 3:] / 65535, 1e-9)
        assert np.abs(small.read()[..., 3] - blocks[..., 3]).max() <= 1
        assert np.abs(small.read()[..., :3] - wanted).max() <= 3

    def test_there_and_back_by_a_whole_factor_keeps_flat_colour(self) -> None:
        flat = PixelBuffer.from_array(np.full((20, 30, 4), (10, 200, 90, 255), np.uint8))
        big, origin = resampled(flat, Point(0, 0), Homography.of(Affine.scale(3, 3)))
        assert (big.read() == (10, 200, 90, 255)).all()
        back, _ = resampled(big, origin, Homography.of(Affine.scale(1 / 3, 1 / 3)))
        assert back == flat


class TestFormulas:
    @settings(max_examples=8, deadline=None)
    @given(
        degrees=st.floats(-180, 180),
        x=st.floats(1.0, 2.5),
        y=st.floats(1.0, 2.5),
        lean=st.floats(-0.002, 0.002),
    )
    def test_enlarging_turning_and_leaning_is_bicubic(self, degrees: float, x: float, y: float, lean: float) -> None:
        pixels = picture(Depth.SIXTEEN, Size(24, 18), channels=1)
        turn = Homography.about((12, 9), Affine.scale(x, y).then(Affine.rotation(degrees)))
        move = turn.then(Homography((1.0, 0.0, 0.0, 0.0, 1.0, 0.0, lean, 0.0, 1.0)))
        if move.whole_offset is not None:
            return
        out, origin = resampled(pixels, Point(0, 0), move)
        plane, inverse = pixels.read()[..., 0] / 65535, move.inverse()
        samples = out.read()[..., 0]
        for row in range(0, out.size.height, 5):
            for column in range(0, out.size.width, 7):
                u, v = inverse.apply(origin.x + column + 0.5, origin.y + row + 0.5)
                steps = [
                    math.dist((u, v), inverse.apply(origin.x + column + 0.5 + dx, origin.y + row + 0.5 + dy))
                    for dx, dy in ((1, 0), (0, 1))
                ]
                if 2 < u < 22 and 2 < v < 16 and max(steps) < 0.9:
                    wanted = min(1.0, max(0.0, cubic(plane, u, v)))
                    assert abs(samples[row, column] / 65535 - wanted) < 3e-3

    def test_hidden_colour_does_not_bleed_in(self) -> None:
        samples = np.zeros((10, 10, 4), np.uint8)
        samples[:, :5] = (255, 0, 0, 255)
        samples[:, 5:] = (0, 255, 0, 0)
        out, _ = resampled(PixelBuffer.from_array(samples), Point(0, 0), Homography.of(Affine.rotation(20)))
        shown = out.read()[out.read()[..., 3] > 0]
        assert (shown[:, :3] == (255, 0, 0)).all()

    def test_an_edge_between_pixels_becomes_its_share(self) -> None:
        full = PixelBuffer.from_array(np.full((8, 8, 4), 255, np.uint8))
        out, origin = resampled(full, Point(0, 0), Homography.of(Affine.translation(0.25, 0)))
        assert (out.size, origin) == (Size(9, 8), Point(0, 0))
        assert out.read()[4, :, 3].tolist() == [191, *[255] * 7, 64]

    @pytest.mark.parametrize("fill", [0, 255])
    def test_a_mask_has_its_fill_outside(self, fill: int) -> None:
        values = np.full((12, 12, 1), 255 - fill, np.uint8)
        out, _ = resampled(PixelBuffer.from_array(values, fill), Point(0, 0), Homography.of(Affine.rotation(45)))
        assert out.fill == fill
        assert out.read()[0, 0, 0] == fill
        middle = out.size.height // 2
        assert out.read()[middle, out.size.width // 2, 0] == 255 - fill

    def test_a_large_picture_shrinks_in_parts_without_seams(self) -> None:
        y, x = np.mgrid[0:700, 0:2600].astype(np.float64)
        ramp = np.rint((x / 2600 + y / 700) / 2 * 65535).astype(np.uint16)[..., None]
        out, _ = resampled(PixelBuffer.from_array(ramp), Point(0, 0), Homography.of(Affine.scale(0.47, 0.53)))
        small = out.read()[2:-2, 2:-2, 0].astype(np.int64)
        assert np.abs(np.diff(small, 2, axis=0)).max() <= 6
        assert np.abs(np.diff(small, 2, axis=1)).max() <= 6


class TestHomography:
    def test_corners_go_where_they_are_pulled(self) -> None:
        target = ((2.0, 3.0), (40.0, -5.0), (55.0, 30.0), (-4.0, 26.0))
        move = Homography.between(Homography().corners(Rect(0, 0, 30, 20)), target)
        for found, wanted in zip(move.corners(Rect(0, 0, 30, 20)), target, strict=True):
            assert found == pytest.approx(wanted)
        back = move.then(move.inverse())
        assert back.apply(11, 7) == pytest.approx((11, 7))

    def test_what_cannot_be_seen_is_refused(self) -> None:
        flat = Homography.of(Affine.scale(0, 1))
        with pytest.raises(DocumentError, match="flat"):
            resampled(picture(), Point(0, 0), flat)
        with pytest.raises(DocumentError, match="flat"):
            Homography.between([(0, 0)] * 4, [(0, 0), (1, 0), (1, 1), (0, 1)])
        behind = Homography((1.0, 0.0, 0.0, 0.0, 1.0, 0.0, -0.1, 0.0, 1.0))
        with pytest.raises(DocumentError, match="too strong"):
            resampled(picture(), Point(0, 0), behind)
        with pytest.raises(DocumentError, match="3700000 x 23 px"):
            resampled(picture(), Point(0, 0), Homography.of(Affine.scale(1e5, 1)))


class TestSampling:
    @pytest.mark.parametrize("depth", Depth)
    def test_lanczos_enlarges_by_its_formula(self, depth: Depth) -> None:
        pixels = picture(depth, Size(14, 11), channels=1)
        move = Homography.about((3.0, 2.0), Affine.scale(2.7, -1.9))
        out, origin = resampled(pixels, Point(0, 0), move, Sampling.LANCZOS)
        plane, inverse = pixels.read()[..., 0] / depth.top, move.inverse()
        samples = out.read()[..., 0]
        for row in range(2, out.size.height - 2, 3):
            for column in range(2, out.size.width - 2, 4):
                u, v = inverse.apply(origin.x + column + 0.5, origin.y + row + 0.5)
                wanted = min(1.0, max(0.0, windowed_sinc(plane, u, v)))
                assert abs(samples[row, column] / depth.top - wanted) < 0.51 / depth.top + 2e-5

    def test_lanczos_keeps_flat_colour_and_alpha(self) -> None:
        flat = PixelBuffer.from_array(np.full((9, 12, 4), (10, 200, 90, 255), np.uint8))
        out, _ = resampled(flat, Point(0, 0), Homography.of(Affine.scale(3.5, 2.5)), Sampling.LANCZOS)
        shown = out.read()[:22]  # the last row is covered by half
        assert (shown == (10, 200, 90, 255)).all()

    def test_turned_pictures_get_the_cubic(self) -> None:
        move = Homography.about((10, 10), Affine.scale(2, 2).then(Affine.rotation(10)))
        sharp, _ = resampled(picture(), Point(0, 0), move, Sampling.LANCZOS)
        cubed, _ = resampled(picture(), Point(0, 0), move)
        assert sharp == cubed

    def test_nearest_makes_no_new_colours(self) -> None:
        pixels = picture()
        samples = pixels.read()
        samples[samples[..., 3] == 0] = 0
        out, _ = resampled(pixels, Point(0, 0), Homography.of(Affine.scale(3, 3)), Sampling.NEAREST)
        assert (out.read() == samples.repeat(3, axis=0).repeat(3, axis=1)).all()
        known = {tuple(pixel) for pixel in samples.reshape(-1, 4).tolist()} | {(0, 0, 0, 0)}
        turned, _ = resampled(pixels, Point(0, 0), Homography.of(Affine.rotation(25)), Sampling.NEAREST)
        assert {tuple(pixel) for pixel in turned.read().reshape(-1, 4).tolist()} <= known

    def test_bilinear_is_the_mean_halfway(self) -> None:
        ramp = PixelBuffer.from_array(np.tile(np.arange(0, 200, 20, dtype=np.uint8), (4, 1))[..., None])
        out, _ = resampled(ramp, Point(0, 0), Homography.of(Affine.scale(2, 1)), Sampling.BILINEAR)
        assert out.read()[1, 1:9, 0].tolist() == [5, 15, 25, 35, 45, 55, 65, 75]


def windowed_sinc(plane: NDArray[np.float64], x: float, y: float) -> float:
    """One sample of the three-lobed Lanczos at canvas coordinates of a picture whose border goes on."""

    def weight(t: float) -> float:
        if abs(t) >= 3:
            return 0.0
        return 1.0 if t == 0 else 3 * math.sin(math.pi * t) * math.sin(math.pi * t / 3) / (math.pi * t) ** 2

    u, v = x - 0.5, y - 0.5
    total = weights = 0.0
    for j in range(math.floor(v) - 2, math.floor(v) + 4):
        for i in range(math.floor(u) - 2, math.floor(u) + 4):
            value = plane[min(max(j, 0), plane.shape[0] - 1), min(max(i, 0), plane.shape[1] - 1)]
            total += value * weight(u - i) * weight(v - j)
            weights += weight(u - i) * weight(v - j)
    return total / weights
