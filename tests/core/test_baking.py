"""Baking adjustments: no adjustment layer is left, the picture is the same, and no more is merged than must be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.adjustments import (
    BrightnessContrast,
    Curves,
    Exposure,
    GradientMap,
    HueSaturation,
    Invert,
    Posterize,
    Threshold,
)
from studio.core.baking import Baked, Extent, bake_adjustments
from studio.core.compositing import composite
from studio.core.difference import distance_map
from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import (
    AdjustmentLayer,
    BlendMode,
    GroupLayer,
    Layer,
    LayerId,
    Layers,
    Mask,
    Provenance,
    RasterLayer,
    walk,
)
from studio.core.pixels import Depth, PixelBuffer
from tests.support.documents import noise, random_adjustment, random_document

SIZE = Size(48, 36)
HARSH = (Invert(), Threshold(level=100), Posterize(levels=3), GradientMap(), Exposure(exposure=1.5))
DARKER = Curves(rgb=((0, 0), (128, 90), (255, 240)))


def leaf(name: str, *, opaque: bool = False, depth: Depth = Depth.EIGHT, **rest: object) -> RasterLayer:
    """Noise over a part of the canvas, or over the whole of it when opaque."""
    rng = np.random.default_rng([ord(char) for char in name])
    samples = noise(rng, SIZE if opaque else Size(30, 24), depth)
    if opaque:
        samples[..., 3] = depth.top
    origin = Point(0, 0) if opaque else Point(int(rng.integers(-9, 15)), int(rng.integers(-9, 12)))
    return RasterLayer(id=LayerId(name), name=name, pixels=PixelBuffer.from_array(samples), origin=origin, **rest)  # pyright: ignore[reportArgumentType] - plain fields


def curves(name: str = "curves", **rest: object) -> AdjustmentLayer:
    return AdjustmentLayer(id=LayerId(name), name=name, adjustment=DARKER, **rest)  # pyright: ignore[reportArgumentType] - plain fields


def group(name: str, *children: Layer, **rest: object) -> GroupLayer:
    return GroupLayer(id=LayerId(name), name=name, children=children, **rest)  # pyright: ignore[reportArgumentType] - plain fields


def speckled(depth: Depth = Depth.EIGHT) -> Mask:
    rng = np.random.default_rng(4)
    return Mask(pixels=PixelBuffer.from_array(noise(rng, Size(20, 20), depth, 1), depth.top), origin=Point(9, 3))


def stack(*layers: Layer) -> Document:
    document = Document(size=SIZE, layers=layers)
    assert document.check() == []
    return document


def apart_255(first: Document, second: Document) -> float:
    return float(distance_map(composite(first), composite(second)).max(initial=0))


def names(layers: Layers) -> str:
    """The tree in one line: groups as name(children)."""
    told: list[str] = []
    for layer in layers:
        inside = f"({names(layer.children)})" if isinstance(layer, GroupLayer) else ""
        told.append(f"{'^' if layer.clipping else ''}{'' if layer.visible else '-'}{layer.name}{inside}")
    return " ".join(told)


def assert_baked(document: Document, tree: str, *extents: Extent) -> Baked:
    baked = bake_adjustments(document)
    assert names(baked.document.layers) == tree
    assert [merger.extent for merger in baked.mergers] == list(extents)
    assert apart_255(document, baked.document) <= 1.0
    assert_sound(document, baked)
    return baked


def assert_sound(document: Document, baked: Baked) -> None:
    """No adjustment is left, and every layer that is gone is accounted for."""
    assert baked.document.check() == []
    left = {layer.id for layer in baked.document.walk()}
    assert not any(isinstance(layer, AdjustmentLayer) for layer in baked.document.walk())
    gone = {layer.id for merger in baked.mergers for layer in walk(merger.layers)}
    assert {layer.id for layer in document.walk()} <= left | gone | {layer.id for layer in baked.left_out}


class TestWhatIsMerged:
    def test_a_document_without_adjustments_is_itself(self) -> None:
        document = stack(leaf("a", opaque=True), group("g", leaf("b")))
        baked = bake_adjustments(document)
        assert baked.document is document
        assert not baked.mergers

    def test_one_layer_below_keeps_its_name_id_and_origin(self) -> None:
        made = Provenance(plugin="layer_decomp", engine="classical")
        document = stack(leaf("a", opaque=True, provenance=made, ai_editable=False), curves(opacity=0.7), leaf("b"))
        baked = assert_baked(document, "a b", Extent.GROUP)
        lowest = baked.document.layers[0]
        assert (lowest.id, lowest.provenance, lowest.opacity, lowest.ai_editable) == (LayerId("a"), made, 1.0, False)
        assert baked.document.layers[1] is document.layers[2]

    def test_several_layers_become_one_that_is_named_after_the_adjustment(self) -> None:
        document = stack(leaf("a", opaque=True), leaf("b", blend=BlendMode.SCREEN), curves(mask=speckled()), leaf("c"))
        assert_baked(document, "curves (merged) c", Extent.GROUP)

    def test_the_topmost_adjustment_takes_the_lower_ones_along(self) -> None:
        hue = AdjustmentLayer(name="hue", adjustment=HueSaturation(hue=40), blend=BlendMode.COLOR)
        document = stack(leaf("a", opaque=True), curves(), leaf("b"), hue, leaf("c"))
        assert_baked(document, "hue (merged) c", Extent.GROUP)

    def test_an_isolated_group_ends_it(self) -> None:
        inner = group("g", leaf("b"), curves(), leaf("c"), blend=BlendMode.NORMAL, opacity=0.5, mask=speckled())
        baked = assert_baked(stack(leaf("a", opaque=True), inner, leaf("d")), "a g(b c) d", Extent.GROUP)
        kept = baked.document.layers[1]
        assert (kept.opacity, kept.mask) == (0.5, inner.mask)

    def test_a_clipped_one_goes_into_its_base(self) -> None:
        base = leaf("b", blend=BlendMode.MULTIPLY, opacity=0.6, mask=speckled(), fill=0.8)
        clipped = (leaf("x", clipping=True), curves(clipping=True), leaf("y", clipping=True, blend=BlendMode.SCREEN))
        baked = assert_baked(stack(leaf("a", opaque=True), base, *clipped), "a b ^y", Extent.BASE)
        merged = baked.document.layers[1]
        assert (merged.blend, merged.opacity, merged.fill) == (base.blend, base.opacity, base.fill)
        assert merged.mask == base.mask
        assert merged.id == base.id

    def test_a_group_with_one_clipped_to_it_becomes_pixels(self) -> None:
        base = group("g", leaf("b"), leaf("c"), opacity=0.5)
        baked = assert_baked(stack(leaf("a", opaque=True), base, curves(clipping=True)), "a g", Extent.BASE)
        merged = baked.document.layers[1]
        assert isinstance(merged, RasterLayer)
        assert (merged.blend, merged.opacity) == (BlendMode.NORMAL, 0.5)

    def test_through_an_open_group_it_takes_what_lies_below_the_group(self) -> None:
        inner = group("g", leaf("b"), curves(), leaf("c"))
        document = stack(leaf("a", opaque=True), inner, leaf("d"))
        baked = assert_baked(document, "curves (merged) g(c) d", Extent.OUTSIDE)
        assert baked.document.layers[1].id == inner.id

    def test_through_nested_open_groups(self) -> None:
        inner = group("outer", leaf("b"), group("inner", leaf("c"), curves(), leaf("d")), leaf("e"))
        document = stack(leaf("a", opaque=True), inner)
        assert_baked(document, "curves (merged) outer(inner(d) e)", Extent.OUTSIDE)

    def test_a_group_left_empty_is_gone(self) -> None:
        document = stack(leaf("a", opaque=True), group("g", leaf("b"), curves()), leaf("d"))
        assert_baked(document, "curves (merged) d", Extent.OUTSIDE)

    @pytest.mark.parametrize("rest", [{"opacity": 0.4}, {"fill": 0.3}, {"mask": speckled()}])
    def test_a_pass_through_group_that_counts_partly_is_merged_whole(self, rest: dict[str, object]) -> None:
        document = stack(leaf("a", opaque=True), group("g", leaf("b"), curves(), leaf("c"), **rest), leaf("d"))
        assert_baked(document, "curves (merged) d", Extent.OUTSIDE)

    def test_a_group_that_layers_are_clipped_to_is_isolated(self) -> None:
        inner = group("g", leaf("b"), curves(), leaf("c"))
        document = stack(leaf("a", opaque=True), inner, leaf("x", clipping=True))
        assert_baked(document, "a g(b c) ^x", Extent.GROUP)

    def test_a_clipped_open_group_acts_on_the_base(self) -> None:
        clipped = group("g", curves(), leaf("c"), clipping=True)
        assert_baked(stack(leaf("a", opaque=True), leaf("b"), clipped), "a b", Extent.BASE)

    def test_layers_clipped_to_an_adjustment_go_along(self) -> None:
        document = stack(leaf("a", opaque=True), curves(opacity=0.5), leaf("x", clipping=True), leaf("b"))
        assert_baked(document, "curves (merged) b", Extent.GROUP)

    def test_with_nothing_below_it_is_just_gone(self) -> None:
        baked = assert_baked(stack(curves(), leaf("a")), "a", Extent.GROUP)
        assert baked.mergers[0].into == ""

    def test_pixels_off_the_canvas_are_kept(self) -> None:
        outside = replace(leaf("a", opaque=True), origin=Point(-20, -15))
        baked = bake_adjustments(stack(outside, curves()))
        assert baked.document.layers[0].bounds == outside.bounds


class TestHiddenLayers:
    def test_hidden_adjustments_are_left_out(self) -> None:
        document = stack(leaf("a", opaque=True), curves("one", visible=False), leaf("b"), curves("two", opacity=0.0))
        baked = assert_baked(document, "a b")
        assert [layer.name for layer in baked.left_out] == ["one", "two"]

    def test_what_is_clipped_to_a_hidden_adjustment_stays_hidden(self) -> None:
        document = stack(leaf("a", opaque=True), curves(visible=False), leaf("x", clipping=True))
        assert_baked(document, "a -x")

    def test_hidden_layers_below_stay(self) -> None:
        document = stack(leaf("a", opaque=True), leaf("h", visible=False), leaf("x", clipping=True), curves())
        assert_baked(document, "-h ^x a", Extent.GROUP)

    def test_hidden_layers_in_a_group_that_is_cut_stay_in_it(self) -> None:
        document = stack(leaf("a", opaque=True), group("g", leaf("h", visible=False), curves()))
        assert_baked(document, "curves (merged) g(-h)", Extent.OUTSIDE)

    def test_a_hidden_layer_is_baked_for_when_it_is_shown(self) -> None:
        hidden = leaf("b", visible=False)
        document = stack(leaf("a", opaque=True), hidden, curves(clipping=True))
        baked = assert_baked(document, "a -b", Extent.BASE)
        shown = [
            root.with_layers(tuple(replace(layer, visible=True) for layer in root.layers))
            for root in (document, baked.document)
        ]
        assert apart_255(shown[0], shown[1]) <= 1.0

    def test_hidden_layers_inside_a_merged_group_are_named(self) -> None:
        inner = group("g", leaf("b"), leaf("h", visible=False), blend=BlendMode.NORMAL)
        baked = assert_baked(stack(leaf("a", opaque=True), inner, curves()), "curves (merged)", Extent.GROUP)
        assert [layer.name for layer in baked.mergers[0].hidden] == ["h"]


def test_a_mode_that_shows_the_rounding_is_merged_too() -> None:
    """Hard Mix asks only on which side of a threshold a colour lies, so that one step too many flips it."""
    gray = noise(np.random.default_rng(1), SIZE, Depth.EIGHT)
    gray[..., :3] = np.linspace(0, 255, SIZE.width).astype(np.uint8)[None, :, None]
    gray[..., 3] = 255
    ramp = RasterLayer(id=LayerId("a"), name="a", pixels=PixelBuffer.from_array(gray))
    lift = AdjustmentLayer(id=LayerId("bc"), name="bc", adjustment=BrightnessContrast(brightness=31, contrast=17))
    mixed = leaf("m", opaque=True, blend=BlendMode.HARD_MIX)
    assert_baked(stack(ramp, lift, leaf("n"), mixed, leaf("b")), "bc (merged) b", Extent.ABOVE)


def test_baking_gives_the_same_document_twice() -> None:
    document = random_document(11, layers=12)
    assert bake_adjustments(document).document == bake_adjustments(document).document


def _adjusted(layers: Layers, rng: np.random.Generator) -> Iterator[Layer]:
    """The same tree with adjustments strewn in at every level, some of them clipped; half of the groups are open."""
    for index, layer in enumerate(layers):
        if isinstance(layer, GroupLayer):
            plain = {"blend": BlendMode.PASS_THROUGH, "opacity": 1.0, "fill": 1.0, "mask": None}
            children = tuple(_adjusted(layer.children, rng))
            layer = replace(layer, children=children, **(plain if rng.random() < 0.5 else {}))
        yield layer
        if rng.random() < 0.35:
            yield AdjustmentLayer(
                id=LayerId(rng.bytes(16).hex()),
                name=f"adjustment {index}",
                adjustment=random_adjustment(rng) if rng.random() < 0.7 else HARSH[int(rng.integers(len(HARSH)))],
                opacity=float(rng.choice([1.0, 0.5])),
                blend=BlendMode(str(rng.choice([BlendMode.NORMAL, BlendMode.LUMINOSITY, BlendMode.MULTIPLY]))),
                clipping=bool(rng.random() < 0.4),
                visible=bool(rng.random() < 0.9),
            )


@settings(max_examples=120, deadline=None, suppress_health_check=(HealthCheck.too_slow,))
@given(seed=st.integers(0, 100_000), depth=st.sampled_from(Depth), count=st.integers(2, 14), opaque=st.booleans())
def test_any_document_looks_the_same_without_its_adjustments(seed: int, depth: Depth, count: int, opaque: bool) -> None:
    random = random_document(seed, depth, SIZE, layers=count)
    layers = random.layers if opaque else random.layers[1:]
    document = random.with_layers(tuple(_adjusted(layers, np.random.default_rng(seed))))
    assert document.check() == []
    baked = bake_adjustments(document)
    assert apart_255(document, baked.document) <= 1.01
    assert_sound(document, baked)
