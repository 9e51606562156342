"""Edits of pixels and of masks."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core import edits
from studio.core.adjustments import BrightnessContrast
from studio.core.compositing import composite
from studio.core.document import MAX_SIDE_PX, Document
from studio.core.edits.samples import times
from studio.core.errors import DocumentError, ShapeError
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import AdjustmentLayer, GroupLayer, LayerId, Locks, Mask, RasterLayer
from studio.core.pixels import Depth, PixelBuffer, Pixels
from tests.support.documents import noise

A, C, G = LayerId("a"), LayerId("c"), LayerId("g")
ORIGIN = Point(30, 20)
SIZE = Size(40, 50)


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.fixture(params=Depth, ids=["8 bit", "16 bit"])
def document(request: pytest.FixtureRequest) -> Document:
    """g(a c): 100 x 80, the pixel layer `a` is 40 x 50 at (30, 20)."""
    depth = Depth(request.param)
    layer = RasterLayer(id=A, name="a", pixels=PixelBuffer.from_array(noise(rng(), SIZE, depth)), origin=ORIGIN)
    curves = AdjustmentLayer(id=C, name="c", adjustment=BrightnessContrast(), visible=False)
    return Document(size=Size(100, 80), depth=depth, layers=(GroupLayer(id=G, name="g", children=(layer, curves)),))


def raster(document: Document) -> RasterLayer:
    layer = document.layer(A)
    assert isinstance(layer, RasterLayer)
    return layer


def mask(document: Document) -> Mask:
    found = document.layer(A).mask
    assert found is not None
    return found


def on_canvas(document: Document, rect: Rect | None = None) -> Pixels:
    layer = raster(document)
    return layer.pixels.read((rect or document.canvas).moved(-layer.origin))


def patch(document: Document, size: Size, channels: int = 4) -> Pixels:
    return noise(np.random.default_rng(8), size, document.depth, channels)


def locked(document: Document, locks: Locks, layer_id: LayerId = A) -> Document:
    return edits.set_locks(document, layer_id, locks)


class TestWriting:
    @pytest.mark.parametrize("at", [Point(35, 25), Point(-20, -10), Point(60, 60), Point(95, 5), Point(-300, 500)])
    def test_replaces_and_grows(self, document: Document, at: Point) -> None:
        samples = patch(document, Size(25, 15))
        after = edits.write_pixels(document, A, at, samples)
        area = Rect(-400, -400, 600, 600)
        expected = on_canvas(document, area)
        expected[Rect.at(at, Size(25, 15)).slices(area.origin)] = samples
        assert np.array_equal(on_canvas(after, area), expected)
        assert after.check() == []

    def test_an_absurd_position_is_refused(self, document: Document) -> None:
        with pytest.raises(DocumentError, match="The layer would be"):
            edits.write_pixels(document, A, Point(MAX_SIDE_PX * 2, 0), patch(document, Size(2, 2)))

    def test_locked_transparency_keeps_alpha_and_bounds(self, document: Document) -> None:
        samples = patch(document, Size(60, 15))
        before = on_canvas(document)
        after_document = edits.write_pixels(locked(document, Locks(alpha=True)), A, Point(20, 30), samples)
        after = on_canvas(after_document)
        assert raster(after_document).bounds == raster(document).bounds
        assert np.array_equal(after[..., 3], before[..., 3])
        inside = np.zeros(before.shape[:2], bool)
        inside[30:45, 30:70] = (before[30:45, 30:70, 3] > 0) & (samples[:, 10:50, 3] > 0)
        assert inside.any()
        assert np.array_equal(after[~inside], before[~inside])
        assert np.array_equal(
            after[30:45, 30:70, :3][inside[30:45, 30:70]], samples[:, 10:50, :3][inside[30:45, 30:70]]
        )

    def test_far_outside_locked_transparency_is_nothing(self, document: Document) -> None:
        closed = locked(document, Locks(alpha=True))
        assert edits.write_pixels(closed, A, Point(300, 300), patch(document, Size(2, 2))) == closed

    @pytest.mark.parametrize("holder", [A, G])
    def test_locked_pixels_are_refused(self, document: Document, holder: LayerId) -> None:
        closed = locked(document, Locks(pixels=True), holder)
        white = patch(document, Size(4, 4), 1)
        with pytest.raises(DocumentError, match="pixels locked"):
            edits.write_pixels(closed, A, Point(0, 0), patch(document, Size(4, 4)))
        with pytest.raises(DocumentError, match="pixels locked"):
            edits.replace_pixels(closed, A, raster(document).pixels)
        with pytest.raises(DocumentError, match="pixels locked"):
            edits.clear(closed, A, Point(0, 0), white)

    def test_wrong_samples_are_refused(self, document: Document) -> None:
        with pytest.raises(ShapeError):
            edits.write_pixels(document, A, ORIGIN, patch(document, Size(4, 4), 1))
        with pytest.raises(ShapeError):
            edits.write_pixels(document, A, ORIGIN, np.zeros((4, 4, 4)))  # pyright: ignore[reportArgumentType]  # floats are the point
        with pytest.raises(DocumentError, match="no pixels of its own"):
            edits.write_pixels(document, G, ORIGIN, patch(document, Size(4, 4)))


class TestReplacing:
    def test_pixels_and_place(self, document: Document) -> None:
        pixels = PixelBuffer.from_array(patch(document, Size(7, 9)))
        layer = raster(edits.replace_pixels(document, A, pixels, Point(-3, 4)))
        assert layer.pixels is pixels
        assert layer.bounds == Rect(-3, 4, 4, 13)

    def test_what_breaks_the_document_is_refused(self, document: Document) -> None:
        other = Depth.EIGHT if document.depth is Depth.SIXTEEN else Depth.SIXTEEN
        for wrong in (
            PixelBuffer(Size(2, 2), other),
            PixelBuffer(Size(2, 2), document.depth, 1),
            PixelBuffer(Size(2, 2), document.depth, 4, 9),
        ):
            with pytest.raises(DocumentError, match="would break"):
                edits.replace_pixels(document, A, wrong)


class TestClearing:
    def test_white_clears_black_keeps_and_grey_fades(self, document: Document) -> None:
        top = document.depth.top
        coverage = np.zeros((10, 30, 1), document.depth.dtype)
        coverage[:, 10:20] = top // 2
        coverage[:, 20:] = top
        before = on_canvas(document)
        after = on_canvas(edits.clear(document, A, Point(40, 30), coverage))
        assert np.array_equal(after[:, :50], before[:, :50])
        assert (after[30:40, 60:70] == 0).all()
        faded = np.rint(before[30:40, 50:60, 3] * ((top - top // 2) / top))
        assert np.array_equal(after[30:40, 50:60, 3], faded)
        assert np.array_equal(after[40:], before[40:])

    def test_outside_is_nothing(self, document: Document) -> None:
        assert edits.clear(document, A, Point(90, 0), patch(document, Size(5, 5), 1)) == document

    def test_locked_transparency_is_refused(self, document: Document) -> None:
        with pytest.raises(DocumentError, match="transparency locked"):
            edits.clear(locked(document, Locks(alpha=True)), A, ORIGIN, patch(document, Size(5, 5), 1))


def test_trim_keeps_the_picture(document: Document) -> None:
    spread = edits.write_pixels(document, A, Point(-50, -60), patch(document, Size(2, 2)))
    back = edits.clear(spread, A, Point(-50, -60), np.full((2, 2, 1), document.depth.top, document.depth.dtype))
    trimmed = edits.trim(back, A)
    assert raster(back).bounds != raster(trimmed).bounds
    assert raster(document).bounds.contains(raster(trimmed).bounds)
    assert np.array_equal(composite(trimmed), composite(document))


class TestMasks:
    @pytest.fixture
    def masked(self, document: Document) -> Document:
        samples = patch(document, Size(30, 30), 1)
        pixels = PixelBuffer.from_array(samples, document.depth.top)
        return edits.set_mask(document, A, Mask(pixels=pixels, origin=Point(50, 40)))

    def test_set_and_remove(self, document: Document, masked: Document) -> None:
        assert masked != document
        assert edits.remove_mask(masked, A) == document
        with pytest.raises(DocumentError, match="has no mask"):
            edits.remove_mask(document, A)
        with pytest.raises(DocumentError, match="would break"):
            edits.set_mask(document, A, Mask(pixels=raster(document).pixels))

    @pytest.mark.parametrize("density", [1.0, 0.3])
    def test_applying_keeps_the_picture(self, masked: Document, density: float) -> None:
        thin = edits.set_mask_density(masked, A, density)
        applied = edits.apply_mask(thin, A)
        assert applied.layer(A).mask is None
        steps = np.abs(composite(applied).astype(int) - composite(thin).astype(int))
        assert steps[..., 3].max() <= 1
        assert steps[composite(applied)[..., 3] > 0].max() <= 1

    def test_transparency_becomes_a_mask_and_the_picture_stays(self, document: Document) -> None:
        new = edits.mask_from_alpha(document, A)
        alpha = raster(document).pixels.read()[..., 3]
        assert np.array_equal(mask(new).pixels.read()[..., 0], alpha)
        assert mask(new).origin == ORIGIN
        assert set(np.unique(raster(new).pixels.read()[..., 3])) == {0, document.depth.top}
        assert np.array_equal(composite(new), composite(document))
        with pytest.raises(DocumentError, match="has a mask already"):
            edits.mask_from_alpha(new, A)
        with pytest.raises(DocumentError, match="transparency locked"):
            edits.mask_from_alpha(locked(document, Locks(alpha=True)), A)

    def test_what_cannot_be_applied(self, masked: Document) -> None:
        with pytest.raises(DocumentError, match="is off"):
            edits.apply_mask(edits.set_mask_enabled(masked, A, False), A)
        with pytest.raises(DocumentError, match="no pixels"):
            edits.apply_mask(edits.set_mask(masked, G, mask(masked)), G)
        with pytest.raises(DocumentError, match="transparency locked"):
            edits.apply_mask(locked(masked, Locks(alpha=True)), A)

    def test_inverting_turns_inside_and_outside(self, masked: Document) -> None:
        inverted = mask(edits.invert_mask(masked, A))
        area = Rect(-5, -5, 60, 60)
        top = masked.depth.top
        assert np.array_equal(inverted.pixels.read(area), top - mask(masked).pixels.read(area))
        assert edits.invert_mask(edits.invert_mask(masked, A), A) == masked

    def test_painting_grows_the_mask(self, masked: Document) -> None:
        samples = patch(masked, Size(9, 9), 1)
        painted = mask(edits.write_mask(masked, A, Point(-20, 30), samples))
        area = Rect(-40, -40, 120, 120)
        expected = mask(masked).pixels.read(area.moved(-mask(masked).origin))
        expected[70:79, 20:29] = samples
        assert np.array_equal(painted.pixels.read(area.moved(-painted.origin)), expected)
        with pytest.raises(ShapeError):
            edits.write_mask(masked, A, ORIGIN, patch(masked, Size(3, 3)))

    def test_properties(self, masked: Document) -> None:
        assert not mask(edits.set_mask_enabled(masked, A, False)).enabled
        assert not mask(edits.set_mask_linked(masked, A, False)).linked
        assert mask(edits.set_mask_density(masked, A, 0.5)).density == 0.5
        with pytest.raises(DocumentError, match="not between"):
            edits.set_mask_density(masked, A, 1.5)


@pytest.mark.parametrize("depth", Depth)
def test_times_rounds_to_nearest(depth: Depth) -> None:
    values = np.unique(np.linspace(0, depth.top, 300).astype(depth.dtype))
    a, b = np.meshgrid(values, values)
    exact = a.astype(np.float64) * b / depth.top
    assert np.abs(times(a, b) - exact).max() <= 0.5
