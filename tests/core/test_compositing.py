"""The picture of a layer tree: against the scalar oracle for random documents, and small cases worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.core.adjustments import Adjustment, Curves, HueSaturation
from studio.core.compositing import Compositor, composite, composite_layers
from studio.core.document import Document
from studio.core.geometry import Point, Rect, Size
from studio.core.kernels import strips
from studio.core.kernels.program import program_of
from studio.core.layers import AdjustmentLayer, BlendMode, GroupLayer, Layer, Mask, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from tests.support import scalar_compositor as scalar
from tests.support.documents import every_mode_document, random_document

ONE = Size(1, 1)
RED, GREEN, BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)
WHITE, GREY = (255, 255, 255, 255), (128, 128, 128, 255)
INVERT: Adjustment = Curves(rgb=((0, 255), (255, 0)))


def dot(color: tuple[int, ...], **more: object) -> RasterLayer:
    """A layer of one pixel."""
    return replace(RasterLayer(pixels=PixelBuffer.from_array(np.array(color, np.uint8).reshape(1, 1, 4))), **more)


def group(*children: Layer, **more: object) -> GroupLayer:
    return replace(GroupLayer(children=children, blend=BlendMode.NORMAL), **more)


def adjustment(**more: object) -> AdjustmentLayer:
    return replace(AdjustmentLayer(adjustment=INVERT), **more)


def mask(value: int, **more: object) -> Mask:
    return replace(Mask(pixels=PixelBuffer.from_array(np.full((1, 1, 1), value, np.uint8))), **more)


def pixel(*layers: Layer) -> tuple[int, ...]:
    """The one pixel of a stack, bottom to top."""
    return tuple(int(v) for v in composite(Document(size=ONE, layers=layers))[0, 0])


class TestAgainstTheOracle:
    @pytest.mark.parametrize("seed", range(24))
    def test_random_documents_in_float(self, seed: int) -> None:
        """Premultiplied colour and alpha of every pixel within 1e-5; the tables of adjustments may add 1e-3."""
        depth = Depth.SIXTEEN if seed % 2 else Depth.EIGHT
        document = random_document(seed, depth, Size(18, 14), layers=9)
        expected = scalar.picture(document)
        pile = strips.piled(program_of(document.layers), document.canvas)
        color = np.moveaxis(pile.straight() * (pile.alpha > 0), 0, -1)
        weighted = np.abs(color * pile.alpha[..., None] - expected[..., :3] * expected[..., 3:])
        adjusts = any(isinstance(layer, AdjustmentLayer) for layer in document.walk())
        assert weighted.max() <= (1e-3 if adjusts else 1e-5)
        assert weighted.mean() <= 2e-5
        assert np.abs(pile.alpha - expected[..., 3]).max() <= 1e-5

    @pytest.mark.parametrize("depth", Depth)
    def test_every_mode_in_samples(self, depth: Depth) -> None:
        """Rounded once: at most one step from the exact picture, and hardly ever that."""
        document = every_mode_document(depth, Size(24, 20))
        expected = np.floor(scalar.picture(document) * depth.top + 0.5)
        difference = np.abs(composite(document).astype(int) - expected)
        assert difference.max() <= 1
        assert (difference > 0).mean() <= 0.01

    def test_every_mode_alone_over_transparency(self) -> None:
        document = every_mode_document(size=Size(12, 10))
        for layer in document.layers[1:]:
            alone = document.with_layers((document.layers[3], layer))
            expected = np.floor(scalar.picture(alone) * 255 + 0.5)
            assert np.abs(composite(alone).astype(int) - expected).max() <= 1, layer.name


class TestGolden:
    def test_nothing(self) -> None:
        assert pixel() == (0, 0, 0, 0)

    def test_one_layer_is_itself(self) -> None:
        rng = np.random.default_rng(1)
        for depth in Depth:
            samples = rng.integers(1, depth.top + 1, (40, 30, 4), dtype=depth.dtype)
            layer = RasterLayer(pixels=PixelBuffer.from_array(samples))
            assert np.array_equal(composite(Document(size=Size(30, 40), depth=depth, layers=(layer,))), samples)

    def test_half_red_over_blue(self) -> None:
        assert pixel(dot(BLUE), dot(RED, opacity=0.5)) == (128, 0, 128, 255)
        assert pixel(dot(BLUE), dot((255, 0, 0, 51))) == (51, 0, 204, 255)

    def test_over_transparency_colours_stay_straight(self) -> None:
        assert pixel(dot(RED, opacity=0.5)) == (255, 0, 0, 128)
        assert pixel(dot((200, 100, 50, 0))) == (0, 0, 0, 0)
        # 128/255 red over 128/255 blue: alpha 0.75, of which red 2/3
        assert pixel(dot((0, 0, 255, 128)), dot((255, 0, 0, 128))) == (170, 0, 85, 192)

    def test_a_mode_counts_only_where_there_is_backdrop(self) -> None:
        assert pixel(dot(RED, blend=BlendMode.MULTIPLY)) == RED
        assert pixel(dot((0, 255, 0, 128)), dot((255, 0, 0, 255), blend=BlendMode.MULTIPLY)) == (127, 0, 0, 255)

    def test_opacity_and_fill(self) -> None:
        assert pixel(dot(WHITE), dot((0, 0, 0, 255), fill=0.5)) == (128, 128, 128, 255)
        assert pixel(dot(WHITE), dot((0, 0, 0, 255), fill=0.5, opacity=0.5)) == (191, 191, 191, 255)

    def test_fill_weakens_the_source_of_a_special_mode(self) -> None:
        half = {"opacity": 1.0, "fill": 0.5}
        assert pixel(dot(GREY), dot(WHITE, blend=BlendMode.COLOR_DODGE, **half)) == WHITE  # 0.502 / (1 - 0.5)
        assert pixel(dot(GREY), dot(WHITE, blend=BlendMode.DIFFERENCE, **half)) == (1, 1, 1, 255)  # |128 - 127.5|
        assert pixel(dot(GREY), dot(WHITE, blend=BlendMode.DIFFERENCE, opacity=0.5)) == (128, 128, 128, 255)
        assert pixel(dot(GREY), dot(WHITE, blend=BlendMode.LINEAR_DODGE, fill=0.25)) == (192, 192, 192, 255)
        assert pixel(dot(WHITE, blend=BlendMode.LINEAR_DODGE, fill=0.25)) == (255, 255, 255, 64)

    def test_hidden_and_zero_opacity(self) -> None:
        assert pixel(dot(BLUE), dot(RED, visible=False), dot(GREEN, opacity=0.0)) == BLUE
        assert pixel(dot(BLUE), dot(RED, fill=0.0)) == BLUE
        assert pixel(group(dot(RED), visible=False)) == (0, 0, 0, 0)


class TestMasks:
    def test_scales_alpha(self) -> None:
        assert pixel(dot(BLUE), dot(RED, mask=mask(51))) == (51, 0, 204, 255)

    def test_density(self) -> None:
        assert pixel(dot(BLUE), dot(RED, mask=mask(0, density=0.8))) == (51, 0, 204, 255)
        assert pixel(dot(BLUE), dot(RED, mask=mask(0, density=0.0))) == RED

    def test_disabled(self) -> None:
        assert pixel(dot(BLUE), dot(RED, mask=mask(0, enabled=False))) == RED

    @pytest.mark.parametrize(("fill", "expected"), [(0, BLUE), (255, RED)])
    def test_outside_its_buffer(self, fill: int, expected: tuple[int, ...]) -> None:
        far = Mask(pixels=PixelBuffer.from_array(np.full((2, 2, 1), 100, np.uint8), fill), origin=Point(5, 5))
        empty = Mask(pixels=PixelBuffer(Size(0, 0), Depth.EIGHT, 1, fill))
        assert pixel(dot(BLUE), dot(RED, mask=far)) == expected
        assert pixel(dot(BLUE), dot(RED, mask=empty)) == expected

    def test_on_groups_of_both_kinds(self) -> None:
        for blend in (BlendMode.NORMAL, BlendMode.PASS_THROUGH):
            assert pixel(dot(BLUE), group(dot(RED), mask=mask(51), blend=blend)) == (51, 0, 204, 255)


class TestGroups:
    def test_an_isolated_group_blends_as_one(self) -> None:
        inside = dot(WHITE, blend=BlendMode.DIFFERENCE)
        assert pixel(dot(RED), group(inside)) == WHITE
        assert pixel(dot(RED), group(inside, blend=BlendMode.PASS_THROUGH)) == (0, 255, 255, 255)

    def test_opacity_of_an_isolated_group(self) -> None:
        assert pixel(dot(BLUE), group(dot(GREEN), dot(RED), opacity=0.5)) == (128, 0, 128, 255)

    def test_opacity_of_a_pass_through_group_goes_back_to_what_was_before(self) -> None:
        inside = dot(WHITE, blend=BlendMode.DIFFERENCE)
        assert pixel(dot(RED), group(inside, blend=BlendMode.PASS_THROUGH, opacity=0.2)) == (204, 51, 51, 255)
        assert pixel(group(dot(RED), blend=BlendMode.PASS_THROUGH, opacity=0.2)) == (255, 0, 0, 51)

    def test_the_mode_of_a_group(self) -> None:
        assert pixel(dot(GREY), group(dot(RED), blend=BlendMode.MULTIPLY)) == (128, 0, 0, 255)

    def test_an_adjustment_stays_inside_an_isolated_group(self) -> None:
        assert pixel(dot(RED), group(adjustment())) == RED
        assert pixel(dot(RED), group(dot(BLUE, opacity=0.5), adjustment())) == (255, 128, 0, 255)
        assert pixel(dot(RED), group(adjustment(), blend=BlendMode.PASS_THROUGH)) == (0, 255, 255, 255)


class TestClipping:
    def test_inside_the_alpha_of_the_base(self) -> None:
        assert pixel(dot((0, 255, 0, 51)), dot(RED, clipping=True)) == (255, 0, 0, 51)
        assert pixel(dot((0, 255, 0, 0)), dot(RED, clipping=True)) == (0, 0, 0, 0)

    def test_the_base_s_mode_and_opacity_act_on_the_whole(self) -> None:
        assert pixel(dot(BLUE), dot(GREEN, opacity=0.2), dot(RED, clipping=True)) == (51, 0, 204, 255)
        base = dot(WHITE, blend=BlendMode.MULTIPLY)
        assert pixel(dot(GREY), base, dot(RED, clipping=True)) == (128, 0, 0, 255)

    def test_a_clipped_layer_blends_with_the_base_only(self) -> None:
        clipped = dot(GREY, clipping=True, blend=BlendMode.MULTIPLY)
        assert pixel(dot(BLUE), dot((255, 255, 0, 128)), clipped) == (64, 64, 127, 255)

    def test_a_hidden_base_hides_the_clipped(self) -> None:
        assert pixel(dot(BLUE), dot(GREEN, visible=False), dot(RED, clipping=True)) == BLUE
        assert pixel(dot(BLUE), dot(GREEN, opacity=0.0), dot(RED, clipping=True)) == BLUE

    def test_a_clipped_adjustment_changes_the_base_only(self) -> None:
        assert pixel(dot(BLUE), dot((255, 0, 0, 51)), adjustment(clipping=True)) == (0, 51, 255, 255)

    def test_groups_as_base_and_as_clipped(self) -> None:
        assert pixel(group(dot((0, 255, 0, 51))), dot(RED, clipping=True)) == (255, 0, 0, 51)
        through = group(dot((0, 255, 0, 51)), blend=BlendMode.PASS_THROUGH)
        assert pixel(through, dot(RED, clipping=True)) == (255, 0, 0, 51)
        assert pixel(dot((0, 255, 0, 51)), group(dot(RED), clipping=True)) == (255, 0, 0, 51)

    def test_on_an_adjustment(self) -> None:
        """The adjusted backdrop is the base: what is clipped to it shows at the adjustment's opacity."""
        assert pixel(dot(RED), adjustment(opacity=0.2), dot(BLUE, clipping=True)) == (204, 0, 51, 255)

    def test_the_lowest_layer_has_nothing_to_be_clipped_to(self) -> None:
        assert pixel(dot(RED, clipping=True)) == RED


class TestAdjustments:
    def test_opacity_mode_and_mask(self) -> None:
        assert pixel(dot(RED), adjustment()) == (0, 255, 255, 255)
        assert pixel(dot(RED), adjustment(opacity=0.2)) == (204, 51, 51, 255)
        assert pixel(dot(RED), adjustment(mask=mask(51))) == (204, 51, 51, 255)
        assert pixel(dot(RED), adjustment(blend=BlendMode.LIGHTEN)) == WHITE

    def test_alpha_stays(self) -> None:
        assert pixel(dot((255, 0, 0, 51)), adjustment()) == (0, 255, 255, 51)
        assert pixel(adjustment()) == (0, 0, 0, 0)

    def test_the_straight_colour_is_adjusted(self) -> None:
        grey = adjustment(adjustment=HueSaturation(saturation=-100))
        assert pixel(dot((255, 0, 0, 51)), grey) == (128, 128, 128, 51)


class TestDissolve:
    def test_all_or_nothing_and_the_coverage(self) -> None:
        size = Size(256, 256)
        samples = np.tile(np.array([0, 255, 0, 255], np.uint8), (256, 256, 1))
        for opacity in (0.0, 0.25, 0.8, 1.0):
            layer = RasterLayer(pixels=PixelBuffer.from_array(samples), blend=BlendMode.DISSOLVE, opacity=opacity)
            out = composite(Document(size=size, layers=(layer,)))
            assert set(np.unique(out[..., 3])) <= {0, 255}
            assert (out[..., 3] == 255).mean() == pytest.approx(opacity, abs=0.01)

    def test_the_dither_is_fixed_to_the_canvas(self) -> None:
        """The same canvas position gets the same noise wherever the layer lies and whatever part is asked for."""
        samples = np.full((80, 90, 4), 255, np.uint8)
        layer = RasterLayer(pixels=PixelBuffer.from_array(samples), blend=BlendMode.DISSOLVE, opacity=0.5)
        document = Document(size=Size(80, 70), layers=(layer,))
        whole = composite(document)
        moved = composite(document.with_layers((replace(layer, origin=Point(-7, -5)),)))
        assert np.array_equal(whole, moved)
        assert np.array_equal(whole[20:50, 30:60], composite(document, Rect(30, 20, 60, 50)))


class TestParts:
    @pytest.mark.parametrize("seed", range(6))
    def test_a_part_is_cut_from_the_whole(self, seed: int) -> None:
        document = random_document(seed, size=Size(300, 280))
        whole = composite(document)
        for rect in (Rect(0, 0, 1, 1), Rect(250, 3, 262, 270), Rect(17, 255, 300, 280)):
            assert np.array_equal(composite(document, rect), whole[rect.slices()])

    def test_outside_the_canvas(self) -> None:
        layer = dot(RED, origin=Point(-3, -2))
        document = Document(size=ONE, layers=(layer,))
        out = composite(document, Rect(-4, -3, -2, -1))
        assert out.shape == (2, 2, 4)
        assert tuple(out[1, 1]) == RED
        assert not out[0].any()

    def test_an_empty_rectangle(self) -> None:
        assert composite(Document(size=ONE, layers=(dot(RED),)), Rect(0, 0, 0, 0)).shape == (0, 0, 4)

    def test_a_group_alone(self) -> None:
        inner = group(dot(RED, opacity=0.5))
        document = Document(size=ONE, layers=(dot(BLUE), inner))
        assert tuple(composite_layers(document, inner.children)[0, 0]) == (255, 0, 0, 128)

    def test_the_picture_belongs_to_the_caller(self) -> None:
        document = Document(size=ONE, layers=(dot(RED),))
        composite(document)[:] = 7
        assert tuple(Compositor().render(document)[0, 0]) == RED


class TestExactness:
    def test_an_exact_stack_recomposes(self) -> None:
        """Background and object cut from a photo, as decomposition leaves them, give the photo's very samples."""
        rng = np.random.default_rng(9)
        for depth in Depth:
            photo = rng.integers(0, depth.top + 1, (64, 64, 4), dtype=depth.dtype)
            photo[..., 3] = depth.top
            background = photo.copy()
            background[20:40, 20:40, :3] = depth.top // 3
            cut = np.zeros_like(photo)
            cut[20:40, 20:40] = photo[20:40, 20:40]
            layers = tuple(RasterLayer(pixels=PixelBuffer.from_array(part)) for part in (background, cut))
            through = GroupLayer(children=layers)
            document = Document(size=Size(64, 64), depth=depth, layers=(through,))
            assert np.array_equal(composite(document), photo)
