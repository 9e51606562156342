"""Adjusting a layer, filters on masks, and previews: what is seen of them is what the edit makes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.core import adjust, edits
from studio.core.adjustments import Curves, GradientMap, HueSaturation, Invert, Levels, LevelsBand, Posterize
from studio.core.compositing import Compositor, composite
from studio.core.document import Document
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
)
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import AdjustmentLayer, BlendMode, LayerId, Locks, Mask, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.core.previews import FilterPreview, adjustment_preview
from tests.support.documents import noise

A = LayerId("a")
CANVAS = Size(160, 120)
FILTERS: tuple[Filter, ...] = (
    GaussianBlur(radius_px=5),
    BoxBlur(radius_px=8),
    MotionBlur(length_px=24, angle=30),
    Sharpen(amount=0.5, radius_px=6),
    Noise(amount=0.2, seed=3),
    HighPass(radius_px=12),
    Median(radius_px=8),
)
CURVE = Curves(rgb=((0, 20), (100, 160), (255, 240)))


def smooth(size: Size, depth: Depth = Depth.EIGHT) -> np.ndarray:
    """(h, w, 4) soft hills in three colours, opaque."""
    y, x = np.mgrid[0 : size.height, 0 : size.width].astype(np.float32)
    parts = [0.5 + 0.45 * np.sin(x / (9 + 4 * k) + k) * np.cos(y / (11 + 3 * k)) for k in range(3)]
    return np.stack([*(np.rint(part * depth.top) for part in parts), np.full(x.shape, depth.top)], -1).astype(
        depth.dtype
    )


def photo(depth: Depth = Depth.EIGHT, **more: object) -> Document:
    layer = RasterLayer(id=A, name="Photo", pixels=PixelBuffer.from_array(smooth(Size(170, 130), depth)))
    return Document(size=CANVAS, depth=depth, layers=(replace(layer, origin=Point(-4, -4), **more),))


def own(document: Document) -> np.ndarray:
    layer = document.layer(A)
    assert isinstance(layer, RasterLayer)
    return layer.pixels.read(document.canvas.moved(-layer.origin))


class TestAdjusting:
    @pytest.mark.parametrize("depth", Depth)
    def test_is_what_the_adjustment_layer_shows(self, depth: Depth) -> None:
        for value in (CURVE, Invert(), HueSaturation(hue=40, saturation=20), Posterize(levels=5), GradientMap()):
            start = photo(depth)
            shown = composite(edits.add_adjustment(start, value, A)).astype(int)
            adjusted = own(edits.apply_adjustment(start, A, value)).astype(int)
            assert np.abs(shown - adjusted).max() <= depth.top // 255

    def test_keeps_to_the_selection_and_to_transparency(self) -> None:
        start = edits.select_rectangle(photo(), Rect(10, 10, 60, 60))
        done = own(edits.apply_adjustment(start, A, Invert()))
        assert (done[10:60, 10:60, :3] == 255 - own(start)[10:60, 10:60, :3]).all()
        done[10:60, 10:60] = own(start)[10:60, 10:60]
        assert (done == own(start)).all()
        clear = edits.clear(start, A, Point(20, 20), np.full((9, 9, 1), 255, np.uint8))
        adjusted = own(edits.apply_adjustment(clear, A, Levels(rgb=LevelsBand(out_black=90))))
        assert (adjusted[20:29, 20:29] == 0).all()
        assert (adjusted[..., 3] == own(clear)[..., 3]).all()

    def test_values_are_those_of_the_formula(self) -> None:
        start = photo()
        color = np.moveaxis(own(start)[..., :3].astype(np.float32) / np.float32(255), 2, 0)
        wanted = np.rint(np.moveaxis(adjust.apply(CURVE, color), 0, 2) * 255)
        assert (own(edits.apply_adjustment(start, A, CURVE))[..., :3] == wanted).all()

    def test_locked_pixels_are_refused(self) -> None:
        with pytest.raises(DocumentError, match="locked"):
            edits.apply_adjustment(photo(locks=Locks(pixels=True)), A, Invert())

    @pytest.mark.parametrize("mode", [BlendMode.NORMAL, BlendMode.MULTIPLY, BlendMode.SCREEN])
    def test_the_preview_looks_like_the_edit(self, mode: BlendMode) -> None:
        half = np.zeros((120, 160, 1), np.uint8)
        half[:, 50:] = 200
        mask = Mask(pixels=PixelBuffer.from_array(half))
        top = photo(blend=mode, opacity=0.8, fill=0.9, mask=mask).layers[0]
        ground = RasterLayer(pixels=PixelBuffer.from_array(noise(np.random.default_rng(3), CANVAS, Depth.EIGHT)))
        above = RasterLayer(pixels=PixelBuffer.from_array(smooth(Size(60, 60))), clipping=True, opacity=0.5)
        start = edits.select_ellipse(Document(size=CANVAS, layers=(ground, top, above)), Rect(20, 10, 140, 110))
        for value in (CURVE, HueSaturation(hue=-30), GradientMap(reverse=True)):
            seen = composite(adjustment_preview(start, A, value)).astype(int)
            done = composite(edits.apply_adjustment(start, A, value)).astype(int)
            assert np.abs(seen - done).max() <= 1

    def test_the_preview_of_an_adjustment_layer_is_refused(self) -> None:
        layer = AdjustmentLayer(id=A, adjustment=Invert())
        with pytest.raises(DocumentError):
            adjustment_preview(Document(size=CANVAS, layers=(layer,)), A, Invert())


class TestMaskFilters:
    def masked(self) -> Document:
        values = np.zeros((120, 160, 1), np.uint8)
        values[30:90, 40:110] = 255
        return photo(mask=Mask(pixels=PixelBuffer.from_array(values)))

    def test_the_mask_is_filtered_and_the_pixels_stay(self) -> None:
        start = self.masked()
        done = edits.apply_filter(start, A, GaussianBlur(radius_px=4), on_mask=True)
        mask = done.layer(A).mask
        assert mask is not None
        values = mask.pixels.read(start.canvas.moved(-mask.origin))[..., 0].astype(int)
        assert (own(done) == own(start)).all()
        assert values[60, 75] == 255
        assert values[60, 0] == 0
        assert 120 <= values[60, 40] <= 150
        assert done.check() == []

    def test_a_layer_without_a_mask_is_refused(self) -> None:
        with pytest.raises(DocumentError, match="no mask"):
            edits.apply_filter(photo(), A, GaussianBlur(), on_mask=True)

    def test_the_selection_counts(self) -> None:
        start = edits.select_rectangle(self.masked(), Rect(0, 0, 60, 120))
        mask = edits.apply_filter(start, A, GaussianBlur(radius_px=4), on_mask=True).layer(A).mask
        before = start.layer(A).mask
        assert mask is not None
        assert before is not None
        rest = Rect(60, 0, 160, 120)
        assert (mask.pixels.read(rest) == before.pixels.read(rest)).all()


class TestFilterPreviews:
    @pytest.mark.parametrize("filter", FILTERS, ids=lambda value: value.kind)
    @pytest.mark.parametrize("depth", Depth)
    def test_at_full_size_it_is_the_edit_where_it_is_seen(self, filter: Filter, depth: Depth) -> None:
        start = photo(depth)
        seen = Rect(33, 21, 120, 90)
        shown = own(FilterPreview(start, A).at(filter, seen, 1)).astype(int)
        done = own(edits.apply_filter(start, A, filter)).astype(int)
        assert np.abs(shown - done)[seen.slices()].max() <= depth.top // 255

    @pytest.mark.parametrize("filter", FILTERS, ids=lambda value: value.kind)
    @pytest.mark.parametrize("scale", [2, 4])
    def test_zoomed_out_it_looks_like_the_edit(self, filter: Filter, scale: int) -> None:
        start = photo()
        shown = FilterPreview(start, A).at(filter, start.canvas, scale)
        one, other = (
            Compositor().render(document, scale=scale)[..., :3].astype(int)
            for document in (shown, edits.apply_filter(start, A, filter))
        )
        gap = np.abs(one - other)
        if isinstance(filter, Noise):  # another noise, as strong
            plain = Compositor().render(start, scale=scale)[..., :3].astype(int)
            assert 0.8 < np.std(one - plain) / np.std(other - plain) < 1.25
        else:  # the middle value of means is not the mean of middle values
            assert gap.mean() <= (4 if isinstance(filter, Median) else 2)
            assert gap.max() <= (24 if isinstance(filter, Median) else 12)

    def test_an_island_spreads_and_locks_and_selection_count(self) -> None:
        island = RasterLayer(id=A, pixels=PixelBuffer.from_array(smooth(Size(30, 30))), origin=Point(51, 43))
        start = edits.select_rectangle(Document(size=CANVAS, layers=(island,)), Rect(0, 0, 70, 120))
        filter = GaussianBlur(radius_px=6)
        for scale in (1, 2):
            shown, done = (
                Compositor().render(document, scale=scale).astype(int)
                for document in (
                    FilterPreview(start, A).at(filter, start.canvas, scale),
                    edits.apply_filter(start, A, filter),
                )
            )
            weight = done[..., 3:] / 255
            assert np.abs(shown[..., 3] - done[..., 3]).max() <= 4
            assert (np.abs(shown - done)[..., :3] * weight).max() <= 4
        locked = edits.set_locks(start, A, Locks(pixels=True))
        with pytest.raises(DocumentError, match="locked"):
            FilterPreview(locked, A).at(filter, start.canvas, 1)

    def test_of_a_mask(self) -> None:
        start = TestMaskFilters().masked()
        preview = FilterPreview(start, A, on_mask=True)
        for radius_px in (3, 9, 4):  # the reduced picture that is kept serves all of them
            filter = GaussianBlur(radius_px=radius_px)
            done = edits.apply_filter(start, A, filter, on_mask=True)
            for scale, most in ((1, 0), (2, 4)):
                one, other = (
                    Compositor().render(document, scale=scale)[..., 3].astype(int)
                    for document in (preview.at(filter, start.canvas, scale), done)
                )
                assert np.abs(one - other).max() <= most

    def test_what_is_not_seen_stays(self) -> None:
        start = photo()
        assert FilterPreview(start, A).at(GaussianBlur(), Rect(500, 500, 600, 600), 1) is start
        assert FilterPreview(start, A).at(Median(radius_px=1), start.canvas, 4) is start
