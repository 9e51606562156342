"""Merging: the picture stays the same, or the merge is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.core import edits
from studio.core.adjustments import BrightnessContrast
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.edits.merging import LOOK_TOLERANCE
from studio.core.errors import DocumentError
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import (
    AdjustmentLayer,
    BlendMode,
    GroupLayer,
    Layer,
    LayerId,
    Locks,
    Mask,
    Place,
    RasterLayer,
)
from studio.core.pixels import Depth, PixelBuffer, Pixels
from tests.support.documents import noise, random_document
from tests.support.edits import unlocked

SIZE = Size(48, 36)


def leaf(name: str, mode: BlendMode = BlendMode.NORMAL, *, clipping: bool = False, opaque: bool = False) -> RasterLayer:
    """Noise 30 x 24 around (5, 4), or over the whole canvas when opaque."""
    rng = np.random.default_rng(ord(name))
    samples = noise(rng, SIZE if opaque else Size(30, 24), Depth.EIGHT)
    if opaque:
        samples[..., 3] = 255
    at = Point(0, 0) if opaque else Point(int(rng.integers(-9, 15)), int(rng.integers(-9, 12)))
    return RasterLayer(
        id=LayerId(name),
        name=name,
        pixels=PixelBuffer.from_array(samples),
        origin=at,
        blend=mode,
        clipping=clipping,
        opacity=0.8,
        mask=Mask(pixels=PixelBuffer.from_array(noise(rng, Size(9, 9), Depth.EIGHT, 1), 255), origin=Point(9, 9)),
    )


def stack(*layers: Layer) -> Document:
    document = Document(size=SIZE, layers=layers)
    assert document.check() == []
    return document


def assert_same_look(old: Document, new: Document) -> None:
    def premultiplied(samples: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        out = samples.astype(np.float64)
        out[..., :3] *= out[..., 3:] / old.depth.top
        return out

    assert np.abs(premultiplied(composite(old)) - premultiplied(composite(new))).max() <= LOOK_TOLERANCE


def layer_names(document: Document) -> str:
    return "".join(layer.name for layer in document.walk())


class TestMergeDown:
    def test_normal_layers_over_anything(self) -> None:
        document = stack(leaf("z", opaque=True), leaf("b"), leaf("a"), leaf("y", BlendMode.MULTIPLY))
        merged = edits.merge_down(document, LayerId("a"))
        assert layer_names(merged) == "zby"
        assert_same_look(document, merged)

    def test_the_lower_layer_gives_id_name_and_switches(self) -> None:
        lower = edits.set_ai_editable(stack(leaf("b"), leaf("a")), LayerId("b"), False)
        layer = edits.merge_down(lower, LayerId("a")).layers[0]
        assert (layer.id, layer.name, layer.ai_editable) == ("b", "b", False)
        assert (layer.opacity, layer.fill, layer.blend, layer.mask) == (1.0, 1.0, BlendMode.NORMAL, None)

    @pytest.mark.parametrize("mode", [BlendMode.MULTIPLY, BlendMode.LUMINOSITY, BlendMode.DISSOLVE, BlendMode.HARD_MIX])
    def test_any_mode_onto_an_opaque_layer(self, mode: BlendMode) -> None:
        bottom = edits.set_opacity(edits.remove_mask(stack(leaf("z", opaque=True)), LayerId("z")), LayerId("z"), 1.0)
        document = edits.add_layers(bottom, [leaf("a", mode)], Place(None, 1))
        merged = edits.merge_down(document, LayerId("a"))
        assert layer_names(merged) == "z"
        assert_same_look(document, merged)

    def test_a_mode_that_reaches_below_is_refused_unless_allowed(self) -> None:
        document = stack(leaf("z", opaque=True), leaf("b"), leaf("a", BlendMode.MULTIPLY))
        with pytest.raises(DocumentError, match="would change the picture") as raised:
            edits.merge_down(document, LayerId("a"))
        assert raised.value.hint
        assert layer_names(edits.merge_down(document, LayerId("a"), may_change_look=True)) == "zb"

    def test_the_check_sees_through_what_lies_above(self) -> None:
        cover = leaf("y", opaque=True)
        document = stack(leaf("z", opaque=True), leaf("b"), leaf("a", BlendMode.MULTIPLY), cover)
        with pytest.raises(DocumentError, match="would change the picture"):
            edits.merge_down(edits.set_visible(document, LayerId("y"), True), LayerId("a"))

    def test_a_clipped_layer_into_its_base_keeps_the_base_s_mode(self) -> None:
        document = stack(
            leaf("z", opaque=True),
            leaf("b", BlendMode.COLOR_BURN),
            leaf("a", BlendMode.SCREEN, clipping=True),
            leaf("c", BlendMode.DIFFERENCE, clipping=True),
        )
        merged = edits.merge_down(document, LayerId("a"))
        assert layer_names(merged) == "zbc"
        assert merged.layer(LayerId("b")).blend is BlendMode.COLOR_BURN
        assert_same_look(document, merged)

    def test_a_clipped_layer_into_another(self) -> None:
        document = stack(leaf("z", opaque=True), leaf("b"), leaf("c", clipping=True), leaf("a", clipping=True))
        merged = edits.merge_down(document, LayerId("a"))
        assert [(layer.name, layer.clipping) for layer in merged.layers] == [("z", False), ("b", False), ("c", True)]
        assert_same_look(document, merged)

    def test_a_base_takes_what_is_clipped_to_it_along(self) -> None:
        document = stack(
            leaf("z", opaque=True), leaf("b"), leaf("c", clipping=True), leaf("a"), leaf("d", clipping=True), leaf("e")
        )
        merged = edits.merge_down(document, LayerId("a"))
        assert layer_names(merged) == "zbe"
        assert_same_look(document, merged)

    def test_inside_hidden_groups_it_is_checked_too(self) -> None:
        inner = GroupLayer(
            id=LayerId("g"), name="g", visible=False, children=(leaf("b"), leaf("a", BlendMode.MULTIPLY))
        )
        with pytest.raises(DocumentError, match="would change the picture"):
            edits.merge_down(stack(leaf("z", opaque=True), inner), LayerId("a"))

    def test_pixels_off_the_canvas_are_kept(self) -> None:
        document = edits.translate(stack(leaf("b"), leaf("a")), [LayerId("b"), LayerId("a")], Point(-500, 0))
        merged = edits.translate(edits.merge_down(document, LayerId("a")), [LayerId("b")], Point(500, 0))
        assert_same_look(stack(leaf("b"), leaf("a")), merged)

    def test_what_cannot_be_merged(self) -> None:
        document = stack(leaf("b"), leaf("a"))
        with pytest.raises(DocumentError, match="nothing below"):
            edits.merge_down(document, LayerId("b"))
        for name in "ab":
            with pytest.raises(DocumentError, match=f"“{name}” is hidden"):
                edits.merge_down(edits.set_visible(document, LayerId(name), False), LayerId("a"))
            with pytest.raises(DocumentError, match=f"“{name}” has its pixels locked"):
                edits.merge_down(edits.set_locks(document, LayerId(name), Locks(pixels=True)), LayerId("a"))

    def test_an_adjustment_over_transparency_is_refused(self) -> None:
        bright = AdjustmentLayer(id=LayerId("c"), name="c", adjustment=BrightnessContrast(brightness=90))
        with pytest.raises(DocumentError, match="would change the picture"):
            edits.merge_down(stack(leaf("z", opaque=True), leaf("b"), bright), LayerId("c"))
        merged = edits.merge_down(stack(leaf("z", opaque=True), bright), LayerId("c"))
        assert_same_look(stack(leaf("z", opaque=True), bright), merged)


class TestMergeGroup:
    @pytest.mark.parametrize("mode", [BlendMode.NORMAL, BlendMode.OVERLAY])
    def test_an_isolated_group_keeps_mode_opacity_and_mask(self, mode: BlendMode) -> None:
        mask = leaf("m").mask
        inner = GroupLayer(
            id=LayerId("g"),
            name="g",
            blend=mode,
            opacity=0.6,
            mask=mask,
            children=(leaf("b"), leaf("a", BlendMode.HUE)),
        )
        document = stack(leaf("z", opaque=True), inner, leaf("y", BlendMode.SCREEN))
        merged = edits.merge_group(document, LayerId("g"))
        layer = merged.layer(LayerId("g"))
        assert isinstance(layer, RasterLayer)
        assert (layer.blend, layer.opacity, layer.mask) == (mode, 0.6, mask)
        assert_same_look(document, merged)

    def test_pass_through_groups_of_normal_layers(self) -> None:
        inner = GroupLayer(id=LayerId("g"), name="g", opacity=0.6, children=(leaf("b"), leaf("a")))
        document = stack(leaf("z", opaque=True), inner)
        assert_same_look(document, edits.merge_group(document, LayerId("g")))

    def test_pass_through_groups_that_act_below_are_refused(self) -> None:
        inner = GroupLayer(id=LayerId("g"), name="g", children=(leaf("a", BlendMode.MULTIPLY),))
        document = stack(leaf("z", opaque=True), inner)
        with pytest.raises(DocumentError, match="would change the picture"):
            edits.merge_group(document, LayerId("g"))
        assert layer_names(edits.merge_group(document, LayerId("g"), may_change_look=True)) == "zg"

    def test_an_empty_group_becomes_an_empty_layer(self) -> None:
        document = stack(leaf("z"), GroupLayer(id=LayerId("g"), name="g"))
        assert edits.merge_group(document, LayerId("g")).layer(LayerId("g")).bounds == Rect(0, 0, 0, 0)

    def test_locked_pixels_inside_are_refused(self) -> None:
        document = stack(GroupLayer(id=LayerId("g"), name="g", children=(leaf("a"),)))
        with pytest.raises(DocumentError, match="pixels locked"):
            edits.merge_group(edits.set_locks(document, LayerId("a"), Locks(pixels=True)), LayerId("g"))


@pytest.mark.parametrize("seed", range(20))
def test_every_merge_in_a_random_document_keeps_the_look_or_is_refused(seed: int) -> None:
    whole = unlocked(random_document(seed, list(Depth)[seed % 2], layers=6))
    for count in range(1, len(whole.layers) + 1):
        document = whole.with_layers(whole.layers[:count])
        for merge in (edits.merge_down, edits.merge_group):
            try:
                merged = merge(document, document.layers[-1].id)
            except DocumentError as error:
                assert error.hint
                continue
            assert merged.check() == []
            assert_same_look(document, merged)


@pytest.mark.parametrize("depth", Depth)
def test_flatten_is_the_picture(depth: Depth) -> None:
    document = random_document(11, depth)
    flat = edits.flatten(document, layer_id=LayerId("f"))
    assert [layer.id for layer in flat.layers] == ["f"]
    assert np.array_equal(composite(flat), composite(document))
    assert edits.flatten(Document(size=SIZE)).layers[0].bounds == SIZE.rect


class TestMergeLayers:
    def test_neighbours_become_one_in_the_place_of_the_topmost(self) -> None:
        document = stack(leaf("z", opaque=True), leaf("c"), leaf("b"), leaf("a"), leaf("y", BlendMode.MULTIPLY))
        merged = edits.merge_layers(document, [LayerId("a"), LayerId("c"), LayerId("b")])
        assert layer_names(merged) == "zay"
        assert merged.layers[1].id == LayerId("a")
        assert_same_look(document, merged)

    def test_layers_that_are_all_clipped_stay_clipped(self) -> None:
        document = stack(leaf("z", opaque=True), leaf("b"), leaf("a", clipping=True), leaf("c", clipping=True))
        merged = edits.merge_layers(document, [LayerId("a"), LayerId("c")])
        assert [layer.clipping for layer in merged.layers] == [False, False, True]
        assert_same_look(document, merged)

    def test_groups_are_drawn_into_it(self) -> None:
        group = GroupLayer(id=LayerId("g"), name="g", children=(leaf("a"), leaf("b")), blend=BlendMode.NORMAL)
        document = stack(leaf("z", opaque=True), group, leaf("c"))
        merged = edits.merge_layers(document, [group.id, LayerId("a"), LayerId("c")])
        assert layer_names(merged) == "zc"
        assert_same_look(document, merged)

    def test_what_would_change_the_picture_is_refused_unless_allowed(self) -> None:
        document = stack(leaf("z", opaque=True), leaf("a"), leaf("b", BlendMode.MULTIPLY), leaf("c"))
        with pytest.raises(DocumentError, match="would change the picture"):
            edits.merge_layers(document, [LayerId("b"), LayerId("c")])
        allowed = edits.merge_layers(document, [LayerId("b"), LayerId("c")], may_change_look=True)
        assert layer_names(allowed) == "zac"

    def test_needs_two_that_show_and_are_free(self) -> None:
        document = stack(leaf("b"), leaf("a"))
        with pytest.raises(DocumentError, match="alone"):
            edits.merge_layers(document, [LayerId("a")])
        with pytest.raises(DocumentError, match="“b” is hidden"):
            edits.merge_layers(edits.set_visible(document, LayerId("b"), False), [LayerId("a"), LayerId("b")])
        locked = edits.set_locks(document, LayerId("b"), Locks(pixels=True))
        with pytest.raises(DocumentError, match="“b” has its pixels locked"):
            edits.merge_layers(locked, [LayerId("a"), LayerId("b")])


class TestMergeVisible:
    def test_hidden_layers_stay_where_they_are(self) -> None:
        document = stack(leaf("z"), leaf("b", opaque=True), leaf("a"), leaf("y", BlendMode.MULTIPLY))
        document = edits.set_visible(edits.set_visible(document, LayerId("z"), False), LayerId("a"), False)
        merged = edits.merge_visible(document)
        assert layer_names(merged) == "zba"
        assert [layer.visible for layer in merged.layers] == [False, True, False]
        assert_same_look(document, merged)

    def test_a_group_keeps_what_is_hidden_in_it(self) -> None:
        group = GroupLayer(id=LayerId("g"), name="g", children=(leaf("a"), leaf("b")))
        document = edits.set_visible(stack(group, leaf("c")), LayerId("b"), False)
        merged = edits.merge_visible(document)
        assert [layer.name for layer in merged.walk()] == ["g", "g", "b"]
        assert isinstance(merged.layers[0], RasterLayer)
        assert merged.layer(group.id).name == "g"
        assert_same_look(document, merged)

    def test_what_is_clipped_to_a_hidden_base_stays(self) -> None:
        document = stack(leaf("z", opaque=True), leaf("c"), leaf("b"), leaf("a", clipping=True))
        document = edits.set_visible(document, LayerId("b"), False)
        merged = edits.merge_visible(document)
        assert layer_names(merged) == "zba"
        assert_same_look(document, merged)

    def test_needs_two_that_show_and_are_free(self) -> None:
        document = edits.set_visible(stack(leaf("b"), leaf("a")), LayerId("a"), False)
        with pytest.raises(DocumentError, match="Fewer than two"):
            edits.merge_visible(document)
        locked = edits.set_locks(stack(leaf("b"), leaf("a")), LayerId("b"), Locks(pixels=True))
        with pytest.raises(DocumentError, match="locked"):
            edits.merge_visible(locked)

    @pytest.mark.parametrize("seed", range(12))
    def test_keeps_the_picture_of_any_document(self, seed: int) -> None:
        document = unlocked(random_document(seed))
        assert_same_look(document, edits.merge_visible(document))


class TestClosedToModels:
    """What one merged layer withholds from models, or protects from them, the new one does too."""

    def closed(self, name: str) -> RasterLayer:
        return replace(leaf(name), ai_visible=False, ai_editable=False)

    @staticmethod
    def is_closed(document: Document, name: str) -> bool:
        layer = document.layer(LayerId(name))
        assert layer.ai_visible == layer.ai_editable
        return not layer.ai_visible

    def test_every_merge_keeps_them(self) -> None:
        start = stack(leaf("a"), self.closed("b"), leaf("c"))
        b, c = LayerId("b"), LayerId("c")
        assert self.is_closed(edits.merge_down(start, b), "a")
        assert self.is_closed(edits.merge_layers(start, [b, c]), "c")
        assert self.is_closed(edits.merge_visible(start), "a")
        assert self.is_closed(edits.flatten(start, layer_id=LayerId("all")), "all")
        group = stack(GroupLayer(id=LayerId("g"), name="G", children=(leaf("a"), self.closed("b"))))
        assert self.is_closed(edits.merge_group(group, LayerId("g")), "g")

    def test_what_does_not_show_closes_nothing(self) -> None:
        start = stack(leaf("a"), replace(self.closed("b"), visible=False), leaf("c"))
        assert not self.is_closed(edits.flatten(start, layer_id=LayerId("all")), "all")
        assert not self.is_closed(edits.merge_layers(start, [LayerId("a"), LayerId("c")]), "c")

    def test_a_layer_that_leaves_a_closed_group_or_base_stays_closed(self) -> None:
        group = GroupLayer(
            id=LayerId("g"), name="G", children=(leaf("a"), leaf("b")), ai_visible=False, ai_editable=False
        )
        start = stack(group, leaf("c"))
        inside = edits.merge_layers(start, [LayerId("a"), LayerId("b")], may_change_look=True)
        assert not self.is_closed(inside, "b")  # the group it is still in withholds it
        outside = edits.merge_layers(start, [LayerId("b"), LayerId("c")], may_change_look=True)
        assert self.is_closed(outside, "c")
        clipped = stack(self.closed("a"), leaf("b", clipping=True), leaf("c"))
        assert self.is_closed(edits.merge_layers(clipped, [LayerId("b"), LayerId("c")], may_change_look=True), "c")
