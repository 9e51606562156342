"""Layers that a recipe made: their marks, hand edits, and a new result in their place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.core import edits
from studio.core.document import Document
from studio.core.generative import InPlace, digest, is_edited, marked, put_in_place, root_of, without_result
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import BlendMode, GroupLayer, Layer, LayerId, Mask, Provenance, RasterLayer
from studio.core.pixels import Depth, PixelBuffer


def raster(name: str, rect: Rect, color: tuple[int, ...] = (200, 10, 10, 255), **more: object) -> RasterLayer:
    samples = np.full((rect.height, rect.width, 4), color, np.uint8)
    return RasterLayer(name=name, pixels=PixelBuffer.from_array(samples), origin=rect.origin, **more)  # pyright: ignore[reportArgumentType] - fields of a layer


def made(run: str, *, replaces: bool = False) -> Provenance:
    return Provenance(plugin="demo", engine="classical", run=run, job=run, replaces=replaces)


def result(run: str, *names: str, color: tuple[int, ...] = (200, 10, 10, 255)) -> tuple[Layer, ...]:
    """A marked group of rasters, 10 x 10, side by side from (10, 10) on."""
    children = tuple(raster(name, Rect(10 + 12 * i, 10, 20 + 12 * i, 20), color) for i, name in enumerate(names))
    return marked((GroupLayer(name="Result", children=children),), made(run))


@pytest.fixture
def document() -> Document:
    """A ground, a result of two parts, and a layer above it."""
    ground, top = raster("Ground", Rect(0, 0, 64, 48), (0, 0, 90, 255)), raster("Top", Rect(0, 0, 4, 4))
    return Document(size=Size(64, 48), layers=(ground, *result("one", "A", "B"), top))


def layer_named(document: Document, name: str) -> Layer:
    (found,) = [layer for layer in document.walk() if layer.name == name]
    return found


def raster_named(document: Document, name: str) -> RasterLayer:
    layer = layer_named(document, name)
    assert isinstance(layer, RasterLayer)
    return layer


def remade(document: Document, layers: tuple[Layer, ...], originals: tuple[Layer, ...] = ()) -> InPlace:
    found = put_in_place(document, layer_named(document, "Result").id, layers, originals)
    assert found is not None
    assert found.document.check() == []
    return found


class TestMarks:
    def test_parts_are_paths_of_names_and_numbered_where_they_repeat(self) -> None:
        inner = GroupLayer(name="In/side", children=(raster("A", Rect(0, 0, 1, 1)), raster("A", Rect(0, 0, 1, 1))))
        (whole,) = marked((GroupLayer(name="All", children=(inner,)),), made("run"))
        parts = [
            layer.provenance.part for layer in Document(size=Size(4, 4), layers=(whole,)).walk() if layer.provenance
        ]
        assert parts == ["All", "All/In|side", "All/In|side/A", "All/In|side/A#2"]

    def test_own_provenance_stays(self) -> None:
        own = Provenance(plugin="other", engine="tiny", prompt="a boat", seed=4)
        (layer,) = marked((raster("A", Rect(3, 4, 8, 9), provenance=own),), made("run"))
        assert layer.provenance is not None
        assert (layer.provenance.plugin, layer.provenance.prompt, layer.provenance.seed) == ("other", "a boat", 4)
        assert (layer.provenance.x, layer.provenance.y, layer.provenance.width, layer.provenance.height) == (3, 4, 5, 5)

    def test_margins_and_colours_that_do_not_show_make_no_difference(self) -> None:
        plain = PixelBuffer.from_array(np.full((4, 4, 4), 200, np.uint8))
        wide = np.zeros((8, 9, 4), np.uint8)
        wide[..., :3] = 77
        wide[2:6, 3:7] = 200
        assert digest(PixelBuffer.from_array(wide)) == digest(plain)
        wide[2, 3, 0] = 201
        assert digest(PixelBuffer.from_array(wide)) != digest(plain)

    def test_moving_is_no_edit_and_painting_is(self, document: Document) -> None:
        part = raster_named(document, "A")
        assert not is_edited(part)
        moved = edits.translate(document, (part.id,), Point(5, 5))
        assert not is_edited(raster_named(moved, "A"))
        painted = edits.write_pixels(document, part.id, Point(12, 12), np.full((2, 2, 4), 9, np.uint8))
        assert is_edited(raster_named(painted, "A"))

    def test_a_deeper_document_is_no_edit(self, document: Document) -> None:
        deep = edits.convert_depth(document, Depth.SIXTEEN)
        assert not is_edited(raster_named(deep, "A"))

    def test_the_root_is_the_outermost_layer_of_the_run(self, document: Document) -> None:
        root = layer_named(document, "Result")
        assert root_of(document, layer_named(document, "A").id) == root
        assert root_of(document, root.id) == root
        assert root_of(document, layer_named(document, "Ground").id) is None
        nested = edits.group_layers(document, (root.id,), "Outer")
        found = root_of(nested, layer_named(document, "B").id)
        assert found is not None
        assert found.id == root.id

    def test_without_the_result_the_document_is_what_it_was_made_from(self, document: Document) -> None:
        assert [layer.name for layer in without_result(document.layers, "one")] == ["Ground", "Top"]


class TestInPlace:
    def test_keeps_everything_but_pixels(self, document: Document) -> None:
        part = raster_named(document, "A")
        mask = Mask(pixels=PixelBuffer.from_array(np.full((48, 64, 1), 128, np.uint8)))
        document = edits.rename(document, part.id, "猫")
        document = edits.set_opacity(document, part.id, 0.25)
        document = edits.set_blend(document, part.id, BlendMode.SCREEN)
        document = edits.set_mask(document, part.id, mask)
        document = edits.translate(document, (part.id,), Point(-3, 20))
        document = edits.set_visible(document, layer_named(document, "Result").id, False)
        found = remade(document, result("two", "A", "B", color=(0, 200, 0, 255)))
        new, old = raster_named(found.document, "猫"), raster_named(document, "猫")
        assert (new.id, new.opacity, new.blend, new.mask) == (old.id, 0.25, BlendMode.SCREEN, old.mask)
        assert new.bounds == Rect(7, 30, 17, 40)
        assert (new.pixels.read() == (0, 200, 0, 255)).all()
        assert not layer_named(found.document, "Result").visible
        assert [layer.name for layer in found.document.walk()] == ["Ground", "Result", "猫", "B", "Top"]
        assert found.kept == ()
        assert new.provenance is not None
        assert (new.provenance.run, new.provenance.job) == ("one", "two")

    def test_can_be_done_again_and_again(self, document: Document) -> None:
        part = raster_named(document, "B")
        document = edits.translate(document, (part.id,), Point(2, 2))
        for run in ("two", "three", "four"):
            document = remade(document, result(run, "A", "B")).document
        assert raster_named(document, "B").bounds == part.bounds.moved(Point(2, 2))
        assert len(list(document.walk())) == 5

    def test_on_another_canvas_the_new_result_says_where_it_lies(self, document: Document) -> None:
        group = layer_named(document, "Result")
        cropped = edits.crop(edits.translate(document, (group.id,), Point(3, 3)), Rect(8, 8, 40, 40))
        new = marked(
            (GroupLayer(name="Result", children=(raster("A", Rect(1, 1, 11, 11)), raster("B", Rect(13, 1, 23, 11)))),),
            replace(made("two"), canvas_width=32, canvas_height=32),
        )
        found = remade(cropped, new)
        assert raster_named(found.document, "A").bounds == Rect(1, 1, 11, 11)

    def test_new_parts_come_beside_their_siblings_moved_as_these(self, document: Document) -> None:
        group = layer_named(document, "Result")
        document = edits.translate(document, (group.id,), Point(1, 5))
        found = remade(document, result("two", "A", "C", "B"))
        assert [layer.name for layer in found.document.walk()] == ["Ground", "Result", "A", "C", "B", "Top"]
        assert raster_named(found.document, "C").origin == Point(23, 15)

    def test_parts_that_are_gone_go(self, document: Document) -> None:
        found = remade(document, result("two", "B"))
        assert [layer.name for layer in found.document.walk()] == ["Ground", "Result", "B", "Top"]

    def test_what_was_put_into_the_group_stays(self, document: Document) -> None:
        group = layer_named(document, "Result")
        assert isinstance(group, GroupLayer)
        added = replace(group, children=(group.children[0], raster("Mine", Rect(0, 0, 2, 2)), *group.children[1:]))
        document = document.with_layers((document.layers[0], added, document.layers[2]))
        found = remade(document, result("two", "B"))
        assert [layer.name for layer in found.document.walk()] == ["Ground", "Result", "Mine", "B", "Top"]

    def test_a_part_that_was_moved_out_of_its_group_is_found(self, document: Document) -> None:
        part = raster_named(document, "A")
        group = layer_named(document, "Result")
        assert isinstance(group, GroupLayer)
        document = document.with_layers(
            (part, document.layers[0], replace(group, children=group.children[1:]), document.layers[2])
        )
        found = remade(document, result("two", "A", "B", color=(0, 200, 0, 255)))
        assert [layer.name for layer in found.document.walk()] == ["A", "Ground", "Result", "B", "Top"]
        assert (raster_named(found.document, "A").pixels.read()[0, 0] == (0, 200, 0, 255)).all()

    def test_a_copy_of_the_result_is_left_alone(self, document: Document) -> None:
        document = edits.duplicate_layers(document, (layer_named(document, "Result").id,))
        copy = layer_named(document, "Result copy")
        found = remade(document, result("two", "A", "B", color=(0, 200, 0, 255)))
        assert found.document.find(copy.id) == copy
        back = put_in_place(document, copy.id, result("two", "A", "B", color=(0, 200, 0, 255)))
        assert back is not None
        assert layer_named(back.document, "Result") == layer_named(document, "Result")

    def test_a_single_layer_is_its_own_root(self) -> None:
        (layer,) = marked((raster("Only", Rect(2, 2, 6, 6)),), made("one"))
        document = Document(size=Size(16, 16), layers=(layer,))
        new = marked((raster("Only", Rect(3, 3, 9, 9), (1, 1, 1, 255)),), made("two"))
        found = put_in_place(document, layer.id, new)
        assert found is not None
        assert found.document.layers[0].id == layer.id
        assert found.document.layers[0].bounds == Rect(3, 3, 9, 9)

    def test_results_of_another_depth_fit(self, document: Document) -> None:
        deep = edits.convert_depth(document, Depth.SIXTEEN)
        found = remade(deep, result("two", "A", "B", "C"))
        assert {layer.pixels.depth for layer in found.document.walk() if isinstance(layer, RasterLayer)} == {
            Depth.SIXTEEN
        }

    def test_there_is_nothing_to_do_where_the_layer_is_gone(self, document: Document) -> None:
        assert put_in_place(document, LayerId("gone"), result("two", "A")) is None
        assert put_in_place(document, layer_named(document, "Ground").id, result("two", "A")) is None


class TestHandEdits:
    @pytest.fixture
    def painted(self, document: Document) -> Document:
        """Part A with 2 x 2 pixels painted by hand, after it was moved."""
        part = raster_named(document, "A")
        moved = edits.translate(document, (part.id,), Point(4, 0))
        return edits.write_pixels(moved, part.id, Point(16, 12), np.full((2, 2, 4), (9, 8, 7, 255), np.uint8))

    def test_are_a_layer_of_their_own_where_the_original_is_known(self, document: Document, painted: Document) -> None:
        found = remade(painted, result("two", "A", "B", color=(0, 200, 0, 255)), document.layers[1:2])
        assert found.kept == ("A",)
        assert [layer.name for layer in found.document.walk()] == ["Ground", "Result", "A", "A (by hand)", "B", "Top"]
        kept = raster_named(found.document, "A (by hand)")
        assert kept.visible
        assert kept.bounds == Rect(16, 12, 18, 14)
        assert (kept.pixels.read() == (9, 8, 7, 255)).all()
        assert kept.provenance is None
        assert raster_named(found.document, "A").bounds == Rect(14, 10, 24, 20)

    def test_are_kept_whole_and_hidden_where_it_is_not(self, painted: Document) -> None:
        found = remade(painted, result("two", "A", "B"))
        kept = raster_named(found.document, "A (by hand)")
        assert not kept.visible
        assert kept.pixels == raster_named(painted, "A").pixels

    def test_outlive_a_part_that_is_gone(self, document: Document, painted: Document) -> None:
        found = remade(painted, result("two", "B"), document.layers[1:2])
        assert [layer.name for layer in found.document.walk()] == ["Ground", "Result", "A (by hand)", "B", "Top"]

    def test_beyond_the_old_bounds_do_not_count_as_moving(self, document: Document) -> None:
        part = raster_named(document, "A")
        painted = edits.write_pixels(document, part.id, Point(2, 2), np.full((3, 3, 4), (9, 8, 7, 255), np.uint8))
        found = remade(painted, result("two", "A", "B"), document.layers[1:2])
        assert raster_named(found.document, "A").bounds == Rect(10, 10, 20, 20)
        assert raster_named(found.document, "A (by hand)").bounds == Rect(2, 2, 5, 5)
