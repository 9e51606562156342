"""The difference of two roots: what it names, and that its dirty rectangle covers every pixel that differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core import edits
from studio.core.adjustments import BrightnessContrast
from studio.core.changes import Changes, diff
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.edits import EDITS
from studio.core.geometry import EMPTY, Point, Rect, Size
from studio.core.layers import (
    AdjustmentLayer,
    BlendMode,
    GroupLayer,
    Layer,
    LayerId,
    Mask,
    Place,
    RasterLayer,
)
from studio.core.pixels import Depth, PixelBuffer
from tests.support.documents import noise, random_document
from tests.support.edits import edit_calls, edited, unlocked

CANVAS = Size(1000, 800)


def raster(name: str, bounds: Rect = CANVAS.rect, **more: object) -> RasterLayer:
    """An opaque grey layer whose id is its name."""
    samples = np.full((bounds.height, bounds.width, 4), 255, np.uint8)
    layer = RasterLayer(id=LayerId(name), name=name, pixels=PixelBuffer.from_array(samples), origin=bounds.origin)
    return replace(layer, **more)


def curves(name: str, **more: object) -> AdjustmentLayer:
    return replace(AdjustmentLayer(id=LayerId(name), name=name, adjustment=BrightnessContrast(brightness=20)), **more)


def group(name: str, *children: Layer, **more: object) -> GroupLayer:
    return replace(GroupLayer(id=LayerId(name), name=name, children=children), **more)


def stack(*layers: Layer) -> Document:
    document = Document(size=CANVAS, layers=layers)
    assert document.check() == []
    return document


A = LayerId("a")
SPOT = Rect(100, 100, 300, 200)


class TestWhatItNames:
    def test_nothing(self) -> None:
        document = stack(raster("a"))
        assert diff(document, document) == Changes()
        assert diff(document, stack(raster("a"))).is_empty

    def test_added_and_removed(self) -> None:
        old, new = stack(raster("a")), stack(raster("a"), group("g", raster("b", SPOT)))
        assert diff(old, new).added == ("g", "b")
        assert diff(new, old).removed == ("g", "b")
        assert diff(old, new).dirty == diff(new, old).dirty == SPOT

    def test_fields(self) -> None:
        old = stack(raster("a"), raster("b"))
        new = edits.rename(edits.set_opacity(old, A, 0.5), A, "other")
        assert diff(old, new).fields == {A: {"opacity", "name"}}

    def test_a_change_inside_a_group_is_told_of_the_layer_only(self) -> None:
        old = stack(group("g", raster("a")))
        assert set(diff(old, edits.set_opacity(old, A, 0.5)).fields) == {A}

    def test_another_kind_under_the_same_id(self) -> None:
        old = stack(group("g", raster("a", SPOT)))
        changes = diff(old, edits.merge_group(old, LayerId("g")))
        assert changes.fields == {"g": {"kind"}}
        assert changes.removed == (A,)
        assert changes.dirty == SPOT

    @pytest.mark.parametrize(
        ("order", "moved"),
        [("bcda", {"a"}), ("dabc", {"d"}), ("acdb", {"b"}), ("dcab", {"c", "d"}), ("abcd", set())],
    )
    def test_the_fewest_layers_have_moved(self, order: str, moved: set[str]) -> None:
        assert set(diff(stack(*map(raster, "abcd")), stack(*map(raster, order))).moved) == moved

    def test_swapped_neighbours_are_one_move(self) -> None:
        assert len(diff(stack(*map(raster, "abcd")), stack(*map(raster, "acbd"))).moved) == 1

    def test_into_a_group_is_a_move(self) -> None:
        old = stack(group("g"), raster("a", SPOT))
        changes = diff(old, edits.move_layers(old, [A], Place(LayerId("g"), 0)))
        assert (changes.moved, changes.fields, changes.dirty) == ((A,), {}, SPOT)
        assert changes.structure_changed

    def test_document_fields(self) -> None:
        old = stack(raster("a"))
        changes = diff(old, edits.set_ppi(old, 300.0))
        assert (changes.document_fields, changes.dirty) == ({"ppi"}, EMPTY)
        assert not changes.is_empty
        resized = edits.resize_canvas(old, Size(10, 10))
        assert diff(old, resized).dirty == Rect(0, 0, 10, 10)


class TestDirty:
    def test_painting_dirties_the_tiles_it_touches(self) -> None:
        old = stack(raster("bottom"), raster("a", Rect(10, 20, 900, 700)))
        new = edits.write_pixels(old, A, Point(300, 300), np.zeros((5, 5, 4), np.uint8))
        assert diff(old, new).dirty == Rect(10 + 256, 20 + 256, 10 + 512, 20 + 512)

    def test_growing_dirties_what_was_written_and_not_the_layer(self) -> None:
        old = stack(raster("a", Rect(400, 400, 900, 700)))
        new = edits.write_pixels(old, A, Point(395, 650), np.full((10, 3, 4), 9, np.uint8))
        layer = new.layer(A)
        assert layer.bounds == Rect(144, 400, 900, 700)
        assert diff(old, new).dirty == Rect(144, 400, 400, 700)

    @pytest.mark.parametrize(
        ("visible", "edit"),
        [
            (True, lambda d: edits.rename(d, A, "x")),
            (True, lambda d: edits.set_ai_visible(d, A, False)),
            (False, lambda d: edits.set_opacity(d, A, 0.2)),
            (False, lambda d: edits.translate(d, [A], Point(9, 9))),
        ],
        ids=["name", "switch", "hidden opacity", "hidden move"],
    )
    def test_nothing_to_draw(self, visible: bool, edit: Callable[[Document], Document]) -> None:
        old = stack(raster("bottom"), raster("a", SPOT, visible=visible))
        assert not diff(old, edit(old)).is_empty
        assert diff(old, edit(old)).dirty == EMPTY

    def test_moving_dirties_both_places(self) -> None:
        old = stack(raster("bottom"), raster("a", SPOT))
        assert diff(old, edits.translate(old, [A], Point(50, 0))).dirty == Rect(100, 100, 350, 200)

    def test_a_mask_bounds_its_layer(self) -> None:
        hole = Mask(pixels=PixelBuffer.from_array(np.full((10, 10, 1), 255, np.uint8)), origin=Point(150, 120))
        old = stack(raster("bottom"), raster("a", SPOT, mask=hole), curves("c", mask=hole))
        assert diff(old, edits.set_opacity(old, A, 0.5)).dirty == Rect(150, 120, 160, 130)
        assert diff(old, edits.set_opacity(old, LayerId("c"), 0.5)).dirty == Rect(150, 120, 160, 130)
        assert diff(old, edits.set_mask_enabled(old, LayerId("c"), False)).dirty == CANVAS.rect

    def test_painting_a_mask_dirties_its_tiles_inside_the_layer(self) -> None:
        white = Mask(pixels=PixelBuffer(CANVAS, Depth.EIGHT, 1, 255))
        old = stack(raster("bottom"), raster("a", SPOT, mask=white))
        new = edits.write_mask(old, A, Point(120, 120), np.zeros((4, 4, 1), np.uint8))
        assert diff(old, new).dirty == Rect(100, 100, 256, 200)

    def test_an_adjustment_acts_on_the_canvas_its_base_or_its_group(self) -> None:
        def dirty(document: Document) -> Rect:
            return diff(document, edits.set_opacity(document, LayerId("c"), 0.5)).dirty

        assert dirty(stack(raster("bottom"), curves("c"))) == CANVAS.rect
        assert dirty(stack(raster("bottom"), raster("a", SPOT), curves("c", clipping=True))) == SPOT
        isolated = group("g", raster("a", SPOT), curves("c"), blend=BlendMode.NORMAL)
        assert dirty(stack(raster("bottom"), isolated)) == SPOT
        assert dirty(stack(raster("bottom"), group("g", raster("a", SPOT), curves("c")))) == CANVAS.rect
        assert dirty(stack(raster("bottom"), group("g", curves("c"), visible=False))) == EMPTY

    def test_a_new_base_dirties_what_is_clipped_to_it(self) -> None:
        old = stack(raster("base", SPOT), raster("a", clipping=True))
        between = raster("between", Rect(0, 0, 50, 50))
        new = stack(raster("base", SPOT), between, raster("a", clipping=True))
        assert diff(old, new).dirty == Rect(0, 0, 300, 200)

    def test_clipping_to_a_pass_through_group_dirties_all_of_it(self) -> None:
        inside = group("g", raster("b", Rect(0, 0, 400, 400)), curves("c"))
        old = stack(raster("bottom"), inside, raster("a", SPOT))
        assert diff(old, edits.set_clipping(old, A, True)).dirty == CANVAS.rect


def assert_dirty_covers(old: Document, new: Document) -> None:
    """Outside the dirty rectangle the two pictures are the same, sample for sample."""
    dirty = diff(old, new).dirty
    assert new.canvas.contains(dirty)
    if old.size != new.size or old.depth != new.depth:
        assert dirty == new.canvas
        return
    differs = (composite(old) != composite(new)).any(axis=2)
    differs[dirty.slices()] = False
    assert not differs.any(), f"pixels differ outside {dirty}"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data(), seed=st.integers(0, 10_000))
def test_dirty_covers_every_differing_pixel(data: st.DataObject, seed: int) -> None:
    old = new = unlocked(random_document(seed))
    for _ in range(data.draw(st.integers(1, 3))):
        new = edited(new, *data.draw(edit_calls(new)))
    assert_dirty_covers(old, new)
    assert_dirty_covers(new, old)


@pytest.mark.parametrize("name", EDITS)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data(), seed=st.integers(0, 10_000))
def test_dirty_covers_each_edit(name: str, data: st.DataObject, seed: int) -> None:
    old = unlocked(random_document(seed))
    assert_dirty_covers(old, edited(old, *data.draw(edit_calls(old, (name,)))))


@pytest.mark.parametrize("seed", range(2))
def test_dirty_tiles_cover_painting_on_large_layers(seed: int) -> None:
    old = unlocked(random_document(seed, size=Size(600, 300), layers=4))
    rng = np.random.default_rng(seed)
    for layer in [layer for layer in old.walk() if isinstance(layer, RasterLayer)]:
        at = Point(int(rng.integers(-60, 600)), int(rng.integers(-60, 300)))
        new = edits.write_pixels(old, layer.id, at, noise(rng, Size(50, 40), Depth.EIGHT))
        assert_dirty_covers(old, new)
        assert diff(old, new).dirty.width <= 512


@pytest.mark.parametrize("seed", range(12))
def test_diff_of_unrelated_documents_covers_everything(seed: int) -> None:
    assert_dirty_covers(random_document(seed), random_document(seed + 100))
