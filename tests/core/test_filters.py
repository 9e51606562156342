"""Filters against plain scalar formulas, and how they keep to selection, locks and the canvas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.core import edits
from studio.core.document import Document
from studio.core.edits.arranging import shown_bounds
from studio.core.errors import DocumentError
from studio.core.filters import (
    BoxBlur,
    Filter,
    GaussianBlur,
    HighPass,
    Median,
    MotionBlur,
    Noise,
    Sharpen,
    filtered,
    reach_px,
    straight,
)
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import LayerId, Locks, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from tests.support.documents import noise

A = LayerId("a")
CANVAS = Size(48, 36)
ALL: tuple[Filter, ...] = (
    GaussianBlur(radius_px=1.5),
    BoxBlur(radius_px=2),
    MotionBlur(length_px=9, angle=30),
    Sharpen(amount=1.2, radius_px=1.5),
    Noise(amount=0.2, seed=5),
    HighPass(radius_px=2),
    Median(radius_px=2),
)


def photo(depth: Depth = Depth.EIGHT, *, opaque: bool = True) -> Document:
    """Noise that covers the canvas and reaches off it."""
    samples = noise(np.random.default_rng(6), Size(60, 50), depth)
    if opaque:
        samples[..., 3] = depth.top
    layer = RasterLayer(id=A, name="Photo", pixels=PixelBuffer.from_array(samples), origin=Point(-6, -7))
    return Document(size=CANVAS, depth=depth, layers=(layer,))


def island(depth: Depth = Depth.EIGHT) -> Document:
    """A square in the middle of the canvas."""
    samples = np.full((10, 12, 4), depth.top, depth.dtype)
    samples[..., 1] = depth.top // 4
    layer = RasterLayer(id=A, name="Island", pixels=PixelBuffer.from_array(samples), origin=Point(18, 13))
    return Document(size=CANVAS, depth=depth, layers=(layer,))


def layer_of(document: Document) -> RasterLayer:
    layer = document.layer(A)
    assert isinstance(layer, RasterLayer)
    return layer


def pixels(document: Document, rect: Rect | None = None) -> NDArray[np.uint8 | np.uint16]:
    layer = layer_of(document)
    return layer.pixels.read((document.canvas if rect is None else rect).moved(-layer.origin))


def kernel(filter_: Filter) -> dict[tuple[int, int], float]:
    """The weights of a blur by (dx, dy)."""
    match filter_:
        case GaussianBlur(radius_px=sigma):
            reach = math.ceil(4 * sigma)
            one = {d: math.exp(-d * d / (2 * sigma * sigma)) for d in range(-reach, reach + 1)}
            total = sum(one.values())
            return {(x, y): one[x] * one[y] / total**2 for x in one for y in one}
        case BoxBlur(radius_px=r):
            side = range(-r, r + 1)
            return {(x, y): 1 / (2 * r + 1) ** 2 for x in side for y in side}
        case _:
            raise AssertionError


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("filter_", [GaussianBlur(radius_px=1.3), BoxBlur(radius_px=2)], ids=lambda f: f.kind)
def test_blurs_are_premultiplied_sums(depth: Depth, filter_: Filter) -> None:
    start = photo(depth, opaque=False)
    before = pixels(start, Rect(0, 0, 40, 30)).astype(np.float64) / depth.top
    before[..., :3] *= before[..., 3:]
    after = pixels(edits.apply_filter(start, A, filter_), Rect(0, 0, 40, 30))
    weights = kernel(filter_)
    for y, x in ((10, 10), (15, 21), (19, 30), (12, 28)):
        total = np.sum([weight * before[y + dy, x + dx] for (dx, dy), weight in weights.items()], axis=0)
        color = total[:3] / total[3]
        assert np.abs(after[y, x] - np.array([*color, total[3]]) * depth.top).max() <= 0.51 + depth.top * 2e-6


@pytest.mark.parametrize("depth", Depth)
def test_the_median_is_the_middle_sample(depth: Depth) -> None:
    start = photo(depth)
    before, after = pixels(start), pixels(edits.apply_filter(start, A, Median(radius_px=3)))
    for y, x in ((10, 10), (20, 33), (4, 40)):
        window = before[y - 3 : y + 4, x - 3 : x + 4].reshape(-1, 4)
        assert (after[y, x] == np.sort(window, axis=0)[24]).all()


def test_sharpen_and_high_pass_are_what_the_blur_takes_away() -> None:
    start = photo(Depth.SIXTEEN)
    before = pixels(start).astype(np.float64)
    blurred = pixels(edits.apply_filter(start, A, GaussianBlur(radius_px=2))).astype(np.float64)
    sharp = pixels(edits.apply_filter(start, A, Sharpen(amount=0.7, radius_px=2)))
    assert np.abs(sharp - np.clip(before + 0.7 * (before - blurred), 0, 65535)).max() <= 2
    high = pixels(edits.apply_filter(start, A, HighPass(radius_px=2)))[..., :3]
    assert np.abs(high - np.clip((before - blurred)[..., :3] + 32767.5, 0, 65535)).max() <= 2
    calm = pixels(edits.apply_filter(start, A, Sharpen(amount=0.7, radius_px=2, threshold=1.0)))
    assert (calm == pixels(start)).all()


def test_motion_blur_smears_along_its_line_only() -> None:
    start = island(Depth.SIXTEEN)
    across = pixels(edits.apply_filter(start, A, MotionBlur(length_px=9)))[..., 3] / 65535
    assert across[18, 18:30] == pytest.approx(
        [5 / 9, 6 / 9, 7 / 9, 8 / 9, *[1] * 4, 8 / 9, 7 / 9, 6 / 9, 5 / 9], abs=0.02
    )
    assert not across[12].any()
    down = pixels(edits.apply_filter(start, A, MotionBlur(length_px=9, angle=90)))[..., 3] / 65535
    assert not down[:, 17].any()
    assert down[9, 20] == pytest.approx(1 / 9, abs=0.001)


def test_noise_has_its_deviation_and_repeats() -> None:
    flat = edits.fill_selected(photo(Depth.SIXTEEN), A, (0.5, 0.5, 0.5))
    for even, wanted in ((False, 0.05), (True, 0.05 / math.sqrt(3))):
        out = pixels(edits.apply_filter(flat, A, Noise(amount=0.05, even=even, seed=3))) / 65535
        assert float(out[..., :3].std()) == pytest.approx(wanted, rel=0.05)
        assert (out[..., 3] == 1).all()
    first, again = (edits.apply_filter(flat, A, Noise(amount=0.1, monochrome=True, seed=8)) for _ in range(2))
    assert first == again
    assert (pixels(first)[..., 0] == pixels(first)[..., 2]).all()
    assert first != edits.apply_filter(flat, A, Noise(amount=0.1, monochrome=True, seed=9))


@pytest.mark.parametrize("filter_", ALL, ids=lambda f: f.kind)
class TestEveryFilter:
    def test_nothing_changes_outside_the_selection(self, filter_: Filter) -> None:
        start = edits.feather_selection(edits.select_ellipse(photo(opaque=False), Rect(8, 6, 40, 30)), 2)
        assert start.selection is not None
        share = start.selection.read()
        out = edits.apply_filter(start, A, filter_)
        assert out.check() == []
        before, after = pixels(start), pixels(out)
        assert (before[share == 0] == after[share == 0]).all()
        assert (before[share == 255] != after[share == 255]).any()
        whole = pixels(edits.apply_filter(edits.deselect(start), A, filter_))
        if not isinstance(filter_, Noise):
            assert np.abs(whole[share == 255].astype(int) - after[share == 255]).max() <= 1

    def test_locks(self, filter_: Filter) -> None:
        start = photo(opaque=False)
        alpha_locked = edits.set_locks(start, A, Locks(alpha=True))
        out = edits.apply_filter(alpha_locked, A, filter_)
        assert (pixels(out)[..., 3] == pixels(start)[..., 3]).all()
        assert layer_of(out).bounds == layer_of(start).bounds
        with pytest.raises(DocumentError, match="locked"):
            edits.apply_filter(edits.set_locks(start, A, Locks(pixels=True)), A, filter_)

    def test_opaque_pictures_keep_their_edges(self, filter_: Filter) -> None:
        out = edits.apply_filter(photo(), A, filter_)
        assert (pixels(out)[..., 3] == 255).all()
        assert layer_of(out).bounds == layer_of(photo()).bounds

    def test_an_island_spreads_and_no_further_than_it_reaches(self, filter_: Filter) -> None:
        out = edits.apply_filter(island(), A, filter_)
        assert out.check() == []
        assert layer_of(island()).bounds.grown(reach_px(filter_)).contains(shown_bounds(layer_of(out)))
        if isinstance(filter_, GaussianBlur | BoxBlur):
            alpha = pixels(out)[..., 3].astype(np.float64).sum()
            assert alpha == pytest.approx(float(pixels(island())[..., 3].sum()), rel=0.01)
            shown = pixels(out)[pixels(out)[..., 3] > 40]
            assert (np.abs(shown[:, :3].astype(int) - (255, 63, 255)) <= 3).all()


def test_values_out_of_range_are_named() -> None:
    for filter_ in (GaussianBlur(radius_px=0), Median(radius_px=200), Noise(amount=math.nan), Sharpen(threshold=2)):
        with pytest.raises(DocumentError, match=filter_.kind):
            edits.apply_filter(photo(), A, filter_)
    empty = Document(size=CANVAS, layers=(RasterLayer(id=A, pixels=PixelBuffer(Size(0, 0), Depth.EIGHT)),))
    assert edits.apply_filter(empty, A, GaussianBlur()) == empty


@pytest.mark.parametrize("filter_", [GaussianBlur(radius_px=26), HighPass(radius_px=44), Sharpen(radius_px=24)])
def test_a_wide_blur_has_no_seams(filter_: Filter) -> None:
    """A tall layer is filtered strip by strip, at an odd place; it must come out as it does in one piece."""
    samples = noise(np.random.default_rng(4), Size(40, 900), Depth.SIXTEEN)
    samples[..., 3] = Depth.SIXTEEN.top
    samples[300:600] //= 3
    samples[..., 3] = Depth.SIXTEEN.top
    layer = RasterLayer(id=A, name="Tall", pixels=PixelBuffer.from_array(samples), origin=Point(3, 5))
    start = Document(size=Size(46, 910), depth=Depth.SIXTEEN, layers=(layer,))
    start = edits.set_locks(start, A, Locks(alpha=True))
    after = layer_of(edits.apply_filter(start, A, filter_)).pixels.read(Rect(0, 0, 40, 900))
    reach = reach_px(filter_)
    around = np.zeros((900 + 2 * reach, 40 + 2 * reach, 4), np.float32)
    around[reach:-reach, reach:-reach] = samples.astype(np.float32) / Depth.SIXTEEN.top
    whole = filtered(filter_, around, Depth.SIXTEEN, Point(3 - reach, 5 - reach))[reach:-reach, reach:-reach]
    wanted = straight(whole) * Depth.SIXTEEN.top
    assert np.abs(after[..., :3] - wanted).max() <= 1
