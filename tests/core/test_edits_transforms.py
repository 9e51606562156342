"""Transforms, image size, canvas size, aligning: whole documents, several layers at once."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core import edits
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.edits.arranging import Alignment, Anchor, Axis, Frame, Trimming, shown_bounds
from studio.core.errors import DocumentError
from studio.core.geometry import ORIGIN, Affine, Point, Rect, Size
from studio.core.homography import Homography
from studio.core.layers import GroupLayer, LayerId, Locks, Mask, Place, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from tests.support.documents import noise, random_document

A, B, C = LayerId("a"), LayerId("b"), LayerId("c")


def block(layer_id: LayerId, rect: Rect, room: Point) -> RasterLayer:
    """An opaque block in a layer with transparent room around it."""
    outer = Rect(rect.left - room.x, rect.top - room.y, rect.right + room.x, rect.bottom + room.y)
    samples = np.zeros((outer.height, outer.width, 4), np.uint8)
    samples[rect.slices(outer.origin)] = (200, 40, 10, 255)
    return RasterLayer(id=layer_id, name=layer_id, pixels=PixelBuffer.from_array(samples), origin=outer.origin)


def blocks(room: Point = ORIGIN) -> Document:
    rects = {A: Rect(5, 6, 15, 16), B: Rect(30, 20, 50, 26), C: Rect(70, 40, 78, 60)}
    layers = tuple(block(layer_id, rect, room) for layer_id, rect in rects.items())
    return Document(size=Size(100, 80), layers=layers)


def bounds(document: Document, layer_id: LayerId) -> Rect:
    return shown_bounds(document.layer(layer_id))


class TestTransforms:
    def test_layers_and_linked_masks_go_together(self) -> None:
        mask = Mask(pixels=PixelBuffer.from_array(np.full((10, 10, 1), 255, np.uint8)), origin=Point(5, 6))
        start = edits.set_mask(blocks(), A, mask)
        loose = edits.set_mask_linked(start, A, linked=False)
        move = Homography.of(Affine.scale(2, 2))
        for document, wanted in ((start, Rect(10, 12, 30, 32)), (loose, Rect(5, 6, 15, 16))):
            out = edits.transform_layers(document, [A, B], move)
            layer = out.layer(A)
            assert layer.mask is not None
            assert layer.mask.bounds == wanted
            assert bounds(out, B) == Rect(60, 40, 100, 52)
            assert out.layer(C) is document.layer(C)
            assert out.check() == []

    def test_a_group_is_turned_as_a_whole(self) -> None:
        start = edits.group_layers(blocks(), [A, B], group_id=LayerId("g"))
        turned = edits.rotate_layers(start, [LayerId("g")], 90)
        there = edits.turn_layers(start, [LayerId("g")], edits.Turn.QUARTER)
        for one in (A, B):
            first, second = turned.layer(one), there.layer(one)
            assert isinstance(first, RasterLayer)
            assert isinstance(second, RasterLayer)
            assert (first.pixels, first.origin) == (second.pixels, second.origin)
        back = edits.rotate_layers(turned, [LayerId("g")], -90)
        assert composite(back).tobytes() == composite(start).tobytes()

    def test_scaling_is_about_the_common_centre_and_may_mirror(self) -> None:
        out = edits.scale_layers(blocks(), [A], -2, 1)
        assert bounds(out, A) == Rect(0, 6, 20, 16)
        assert bounds(edits.skew_layers(blocks(), [A], 45, 0), A).width == 10 + 10
        far = edits.distort_layers(blocks(), [B], ((0, 0), (40, 0), (40, 12), (0, 12)))
        assert bounds(far, B) == Rect(0, 0, 40, 12)

    def test_locks(self) -> None:
        for locks in (Locks(position=True), Locks(pixels=True), Locks(alpha=True)):
            locked = edits.set_locks(blocks(), A, locks)
            with pytest.raises(DocumentError, match="locked"):
                edits.scale_layers(locked, [A], 2, 2)
        pixels_locked = edits.set_locks(blocks(), A, Locks(pixels=True, alpha=True))
        moved = edits.transform_layers(pixels_locked, [A], Homography.of(Affine.translation(4, -2)))
        assert bounds(moved, A) == Rect(9, 4, 19, 14)
        with pytest.raises(DocumentError, match="90 degrees"):
            edits.skew_layers(blocks(), [A], 90, 0)


class TestThePicture:
    @pytest.mark.parametrize("depth", Depth)
    def test_image_size_scales_everything_and_keeps_opaque_edges(self, depth: Depth) -> None:
        photo = noise(np.random.default_rng(2), Size(60, 40), depth)
        photo[..., 3] = depth.top
        layer = RasterLayer(id=A, pixels=PixelBuffer.from_array(photo))
        start = Document(size=Size(60, 40), depth=depth, layers=(GroupLayer(children=(layer,)),))
        start = edits.save_selection(edits.select_rectangle(start, Rect(10, 10, 30, 30)), "box")
        half = edits.resize_image(start, Size(30, 20))
        assert half.check() == []
        assert half.selection is not None
        assert half.selection.bounds == Rect(5, 5, 15, 15)
        assert half.channels[0].pixels == half.selection.pixels
        wanted = composite(start).reshape(20, 2, 30, 2, 4).astype(np.float64).mean(axis=(1, 3))
        assert np.abs(composite(half) - wanted).max() <= 1
        large = edits.resize_image(start, Size(91, 63))
        assert (composite(large)[..., 3] == depth.top).all()
        with pytest.raises(DocumentError, match="cannot be"):
            edits.resize_image(start, Size(0, 20))

    def test_image_size_of_any_document_and_back_is_sound(self) -> None:
        for seed in range(3):
            start = random_document(seed)
            out = edits.resize_image(edits.resize_image(start, Size(50, 90)), start.size)
            assert out.check() == []
            assert [layer.id for layer in out.walk()] == [layer.id for layer in start.walk()]

    def test_rotating_the_canvas(self) -> None:
        start = edits.select_rectangle(blocks(), Rect(5, 6, 15, 16))
        assert edits.rotate_canvas(start, 450) == edits.turn_canvas(start, edits.Turn.QUARTER)
        assert edits.rotate_canvas(start, 360) == start
        out = edits.rotate_canvas(start, 30)
        assert out.size == Size(127, 120)
        assert out.check() == []
        shown = composite(out)[..., 3].astype(np.float64).sum()
        assert shown == pytest.approx(float(composite(start)[..., 3].sum()), rel=0.01)
        assert out.selection is not None
        assert start.selection is not None
        assert float(out.selection.read().sum()) == pytest.approx(float(start.selection.read().sum()), rel=0.01)

    def test_the_canvas_grows_around_its_anchor(self) -> None:
        wanted = {Anchor.TOP_LEFT: Point(0, 0), Anchor.CENTER: Point(10, 5), Anchor.BOTTOM_RIGHT: Point(20, 10)}
        for anchor, offset in wanted.items():
            out = edits.set_canvas_size(blocks(), Size(120, 90), anchor=anchor)
            assert bounds(out, A) == Rect(5, 6, 15, 16).moved(offset)
        smaller = edits.set_canvas_size(blocks(), Size(80, 80), anchor=Anchor.RIGHT)
        assert bounds(smaller, A) == Rect(-15, 6, -5, 16)

    def test_cropping_to_the_selection_keeps_or_cuts_what_is_hidden(self) -> None:
        start = edits.select_ellipse(blocks(), Rect(20, 10, 60, 50))
        kept = edits.crop_to_selection(start)
        assert kept.size == Size(40, 40)
        assert bounds(kept, A) == Rect(-15, -4, -5, 6)
        assert bounds(edits.crop_to_selection(start, delete_hidden=True), A).is_empty
        with pytest.raises(DocumentError, match="no selection"):
            edits.crop_to_selection(blocks())


class TestArranging:
    @pytest.mark.parametrize("alignment", Alignment)
    def test_aligning_brings_edges_together(self, alignment: Alignment) -> None:
        start = edits.select_rectangle(blocks(Point(2, 3)), Rect(10, 10, 91, 71))
        for frame, rect in (
            (Frame.CANVAS, start.canvas),
            (Frame.SELECTION, Rect(10, 10, 91, 71)),
            (Frame.LAYERS, Rect(5, 6, 78, 60)),
        ):
            out = edits.align_layers(start, [A, B, C], alignment, to=frame)
            for one in (A, B, C):
                found, before = bounds(out, one), bounds(start, one)
                assert found.size == before.size
                match alignment:
                    case Alignment.LEFT | Alignment.RIGHT | Alignment.TOP | Alignment.BOTTOM:
                        assert getattr(found, alignment) == getattr(rect, alignment)
                    case Alignment.CENTER:
                        assert abs(found.left + found.right - rect.left - rect.right) <= 1
                        assert found.top == before.top
                    case Alignment.MIDDLE:
                        assert abs(found.top + found.bottom - rect.top - rect.bottom) <= 1
                        assert found.left == before.left

    def test_distributing_makes_gaps_even_and_keeps_the_ends(self) -> None:
        for axis in Axis:
            out = edits.distribute_layers(blocks(Point(2, 3)), [A, B, C], axis)
            a, b, c = (bounds(out, one) for one in (A, B, C))
            gaps = (
                (b.left - a.right, c.left - b.right)
                if axis is Axis.HORIZONTAL
                else (b.top - a.bottom, c.top - b.bottom)
            )
            assert abs(gaps[0] - gaps[1]) <= 1
            assert (a, c) == (bounds(blocks(), A), bounds(blocks(), C))
        with pytest.raises(DocumentError, match="Fewer than three"):
            edits.distribute_layers(blocks(), [A, B], Axis.VERTICAL)

    def test_what_shows_nothing_stays(self) -> None:
        empty = edits.clear_selected(blocks(), A)
        out = edits.align_layers(empty, [A, B], Alignment.LEFT, to=Frame.CANVAS)
        assert out.layer(A) is empty.layer(A)
        with pytest.raises(DocumentError, match="no selection"):
            edits.align_layers(blocks(), [A], Alignment.LEFT, to=Frame.SELECTION)


class TestCanvas:
    def test_a_turned_crop_stands_upright_and_keeps_what_is_hidden(self) -> None:
        start = blocks()
        rect = Rect(20, 15, 60, 45)
        cropped = edits.crop_turned(start, rect, 90)
        assert cropped.size == rect.size
        there_and_back = edits.crop_turned(cropped, cropped.canvas, -90)
        moved = edits.crop(start, rect)
        assert composite(there_and_back).tobytes() == composite(moved).tobytes()
        assert bounds(cropped, A).size == Size(10, 10)  # off the canvas, and still there
        cut = edits.crop_turned(start, rect, 90, delete_hidden=True)
        assert bounds(cut, A).is_empty
        assert cut.check() == []

    def test_straightening_puts_the_line_level(self) -> None:
        """What slants by the angle of the rectangle is level afterwards."""
        bar = block(B, Rect(10, 38, 90, 42), ORIGIN)
        start = edits.rotate_layers(Document(size=Size(100, 80), layers=(bar,)), [B], 12)
        assert bounds(start, B).height > 18
        assert bounds(edits.crop_turned(start, start.canvas, 12), B).height <= 7

    def test_a_crop_at_no_angle_is_a_crop(self) -> None:
        rect = Rect(-5, 3, 50, 90)
        assert edits.crop_turned(blocks(), rect, 360) == edits.crop(blocks(), rect)

    @pytest.mark.parametrize(
        ("by", "wanted"),
        [(Trimming.TRANSPARENT, Rect(5, 6, 78, 60)), (Trimming.TOP_LEFT, Rect(5, 6, 78, 60))],
    )
    def test_trimming_leaves_what_shows(self, by: Trimming, wanted: Rect) -> None:
        trimmed = edits.trim_canvas(blocks(Point(3, 3)), by=by)
        assert trimmed.size == wanted.size
        assert bounds(trimmed, A).origin == ORIGIN
        white = RasterLayer(id=LayerId("w"), pixels=PixelBuffer.from_array(np.full((80, 100, 4), 255, np.uint8)))
        framed = edits.add_layers(blocks(), [white], Place(None, 0))
        assert edits.trim_canvas(framed).size == framed.size
        assert edits.trim_canvas(framed, by=Trimming.BOTTOM_RIGHT).size == wanted.size

    def test_nothing_to_leave_is_told(self) -> None:
        with pytest.raises(DocumentError, match="trimmed away"):
            edits.trim_canvas(Document(size=Size(10, 10), layers=()))

    def test_revealing_all_shows_what_was_cropped(self) -> None:
        start = blocks()
        cropped = edits.crop(start, Rect(20, 15, 60, 45))
        shown = edits.reveal_all(cropped)
        assert shown.size == Size(78 - 5, 60 - 6)
        assert composite(shown).tobytes() == composite(start, Rect(5, 6, 78, 60)).tobytes()
        assert edits.reveal_all(start) == start
