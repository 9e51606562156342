"""Moving, turning, resizing and cropping: always lossless, and the picture turns with the layers."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core import edits
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.edits import Turn
from studio.core.errors import DocumentError
from studio.core.geometry import ORIGIN, Point, Rect, Size
from studio.core.layers import BlendMode, GroupLayer, Layer, LayerId, Locks, Mask, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from tests.support.documents import noise, random_document

A, B, G = LayerId("a"), LayerId("b"), LayerId("g")
BACK = {
    Turn.FLIP_HORIZONTAL: Turn.FLIP_HORIZONTAL,
    Turn.FLIP_VERTICAL: Turn.FLIP_VERTICAL,
    Turn.QUARTER: Turn.THREE_QUARTERS,
    Turn.HALF: Turn.HALF,
    Turn.THREE_QUARTERS: Turn.QUARTER,
}


def leaf(name: str, at: Point, size: Size, *, linked: bool | None = None) -> RasterLayer:
    """Noise, with a mask at (5, 5) unless `linked` is None."""
    rng = np.random.default_rng(len(name))
    hole = PixelBuffer.from_array(noise(rng, Size(11, 8), Depth.EIGHT, 1), 255)
    mask = None if linked is None else Mask(pixels=hole, origin=Point(5, 5), linked=linked)
    pixels = PixelBuffer.from_array(noise(rng, size, Depth.EIGHT))
    return RasterLayer(id=LayerId(name), name=name, pixels=pixels, origin=at, mask=mask)


@pytest.fixture
def document() -> Document:
    """g(a b) with a mask on the group; a's mask is linked, b's is not."""
    children: tuple[Layer, ...] = (
        leaf("a", Point(3, 4), Size(20, 9), linked=True),
        leaf("b", ORIGIN, Size(7, 30), linked=False),
    )
    hole = Mask(pixels=PixelBuffer.from_array(np.full((6, 6, 1), 99, np.uint8), 255), origin=Point(1, 2))
    return Document(size=Size(40, 32), layers=(GroupLayer(id=G, name="g", children=children, mask=hole),))


def origins(document: Document) -> dict[str, tuple[Point | None, Point | None]]:
    """Origin of each layer and of its mask."""
    return {
        layer.name: (
            layer.origin if isinstance(layer, RasterLayer) else None,
            layer.mask.origin if layer.mask is not None else None,
        )
        for layer in document.walk()
    }


def without_dissolve(document: Document) -> Document:
    """Dissolve's noise belongs to the canvas and so does not turn with the picture."""
    for layer in document.walk():
        if layer.blend is BlendMode.DISSOLVE:
            document = edits.set_blend(document, layer.id, BlendMode.NORMAL)
    return document


class TestMoving:
    def test_a_group_moves_all_that_is_linked(self, document: Document) -> None:
        assert origins(edits.translate(document, [G], Point(10, -1))) == {
            "g": (None, Point(11, 1)),
            "a": (Point(13, 3), Point(15, 4)),
            "b": (Point(10, -1), Point(5, 5)),
        }

    def test_a_layer_named_with_its_group_moves_once(self, document: Document) -> None:
        assert edits.translate(document, [A, G], Point(1, 1)) == edits.translate(document, [G], Point(1, 1))

    def test_no_pixel_is_copied(self, document: Document) -> None:
        moved = edits.translate(document, [A], Point(500, 500)).layer(A)
        old = document.layer(A)
        assert isinstance(moved, RasterLayer)
        assert isinstance(old, RasterLayer)
        assert moved.pixels is old.pixels

    @pytest.mark.parametrize(("holder", "moving"), [(A, A), (G, A), (A, G), (G, G)])
    def test_a_locked_position_holds(self, document: Document, holder: LayerId, moving: LayerId) -> None:
        held = edits.set_locks(document, holder, Locks(position=True))
        with pytest.raises(DocumentError, match="position locked"):
            edits.translate(held, [moving], Point(1, 0))
        assert edits.translate(edits.set_locks(document, B, Locks(position=True)), [A], Point(1, 0)) != document


class TestTurning:
    @pytest.mark.parametrize("turn", Turn)
    @pytest.mark.parametrize("seed", range(4))
    def test_the_canvas_turns_with_its_picture(self, turn: Turn, seed: int) -> None:
        document = without_dissolve(random_document(seed))
        turned = edits.turn_canvas(document, turn)
        assert np.array_equal(composite(turned), edits.turned_samples(composite(document), turn))
        assert turned.check() == []
        assert edits.turn_canvas(turned, BACK[turn]) == document

    @pytest.mark.parametrize("turn", Turn)
    def test_layers_turn_in_place_and_back(self, document: Document, turn: Turn) -> None:
        turned = edits.turn_layers(document, [A], turn)
        old, new = document.layer(A), turned.layer(A)
        assert isinstance(old, RasterLayer)
        assert isinstance(new, RasterLayer)
        assert np.array_equal(new.pixels.read(), edits.turned_samples(old.pixels.read(), turn))
        assert abs(old.bounds.left + old.bounds.right - new.bounds.left - new.bounds.right) <= 1
        assert abs(old.bounds.top + old.bounds.bottom - new.bounds.top - new.bounds.bottom) <= 1
        assert edits.turn_layers(turned, [A], BACK[turn]) == document

    @pytest.mark.parametrize("turn", [Turn.QUARTER, Turn.THREE_QUARTERS])
    def test_four_quarters_come_home(self, document: Document, turn: Turn) -> None:
        turned = document
        for _ in range(4):
            turned = edits.turn_layers(turned, [A, B], turn)
        assert origins(turned) == origins(document)

    def test_layers_turn_together(self, document: Document) -> None:
        turned = edits.turn_layers(document, [G], Turn.FLIP_HORIZONTAL)
        frame = document.layer(G).bounds
        assert turned.layer(G).bounds == frame
        assert origins(turned)["a"][0] == Point(frame.right - 23 + frame.left, 4)
        assert origins(turned)["b"] == (Point(frame.right - 7, 0), Point(5, 5))

    def test_a_linked_mask_turns_about_its_layer(self, document: Document) -> None:
        turned = edits.turn_layers(document, [A], Turn.FLIP_VERTICAL).layer(A)
        assert turned.mask is not None
        assert turned.mask.bounds == Rect(5, 4, 16, 12)

    def test_an_adjustments_mask_turns_about_the_canvas(self) -> None:
        document = random_document(3)
        hole = Mask(pixels=PixelBuffer.from_array(np.full((6, 6, 1), 99, np.uint8), 255), origin=Point(1, 2))
        empty = Document(size=document.size, layers=(GroupLayer(id=G, mask=hole),))
        mask = edits.turn_layers(empty, [G], Turn.FLIP_HORIZONTAL).layer(G).mask
        assert mask is not None
        assert mask.bounds == Rect(document.size.width - 7, 2, document.size.width - 1, 8)

    @pytest.mark.parametrize("locks", [Locks(alpha=True), Locks(pixels=True), Locks(position=True)])
    def test_locks_hold(self, document: Document, locks: Locks) -> None:
        with pytest.raises(DocumentError, match="locked"):
            edits.turn_layers(edits.set_locks(document, B, locks), [G], Turn.HALF)


class TestCanvas:
    @pytest.mark.parametrize("seed", range(4))
    def test_hidden_pixels_come_back(self, seed: int) -> None:
        document = random_document(seed)
        small = edits.resize_canvas(document, Size(20, 10), Point(-30, -20))
        assert small.size == Size(20, 10)
        assert edits.resize_canvas(small, document.size, Point(30, 20)) == document

    def test_unlinked_masks_stay_with_the_picture(self, document: Document) -> None:
        assert origins(edits.resize_canvas(document, Size(90, 90), Point(10, 10)))["b"] == (
            Point(10, 10),
            Point(15, 15),
        )

    def test_impossible_sizes_are_refused(self, document: Document) -> None:
        for size in (Size(0, 10), Size(10, 300_001)):
            with pytest.raises(DocumentError, match="canvas"):
                edits.resize_canvas(document, size)

    @pytest.mark.parametrize("delete_hidden", [False, True])
    @pytest.mark.parametrize("seed", range(4))
    def test_a_crop_is_that_part_of_the_picture(self, seed: int, delete_hidden: bool) -> None:
        document = without_dissolve(random_document(seed))
        rect = Rect(13, 7, 70, 50)
        cropped = edits.crop(document, rect, delete_hidden=delete_hidden)
        assert np.array_equal(composite(cropped), composite(document, rect))
        assert cropped.check() == []
        if delete_hidden:
            assert all(cropped.canvas.contains(layer.bounds) for layer in cropped.walk())
        else:
            assert edits.crop(cropped, document.canvas.moved(-rect.origin)) == document

    def test_an_empty_crop_is_refused(self, document: Document) -> None:
        with pytest.raises(DocumentError, match="empty"):
            edits.crop(document, Rect(5, 5, 5, 9))
