"""Inserted layers: colours follow the surroundings, shadows fall as others do, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core import edits
from studio.core.adjustments import Curves
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.errors import DocumentError
from studio.core.geometry import Point, Size
from studio.core.layers import AdjustmentLayer, BlendMode, GroupLayer, LayerId, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.cutout.insertion import Light, light_of, matching_gains
from studio.cutout.insertion import cast_shadow as shadow_of
from studio.retouch import cast_shadow, match_light
from studio.retouch.insertion import scene_light

THING = LayerId("thing")


def flat(color: tuple[int, int, int], width: int, height: int, depth: Depth = Depth.EIGHT) -> PixelBuffer:
    samples = np.full((height, width, 4), 255, depth.dtype)
    samples[..., :3] = color
    return PixelBuffer.from_array(samples * (257 if depth is Depth.SIXTEEN else 1))


def scene(ground: tuple[int, int, int] = (40, 50, 110), depth: Depth = Depth.EIGHT) -> Document:
    """A warm bright post on a dark blue ground."""
    below = RasterLayer(name="Ground", pixels=flat(ground, 200, 160, depth))
    post = RasterLayer(id=THING, name="Post", pixels=flat((230, 200, 150), 30, 60, depth), origin=Point(80, 40))
    return Document(size=Size(200, 160), depth=depth, layers=(below, post))


def named(document: Document, name: str) -> RasterLayer | AdjustmentLayer:
    found = [layer for layer in document.walk() if layer.name == name]
    assert len(found) == 1
    assert not isinstance(found[0], GroupLayer)
    return found[0]


def mean(document: Document, x: int, y: int) -> np.ndarray:
    return composite(document)[y, x, :3].astype(float)


class TestLight:
    @pytest.mark.parametrize("depth", Depth)
    def test_a_bright_object_in_the_dark_becomes_darker_and_bluer(self, depth: Depth) -> None:
        before, after = scene(depth=depth), match_light(scene(depth=depth), THING)
        assert after.check() == []
        was, now = mean(before, 95, 70), mean(after, 95, 70)
        assert (now < was).all()
        assert now[2] / now[0] > was[2] / was[0]
        curves = named(after, "Matched light")
        assert isinstance(curves, AdjustmentLayer)
        assert curves.clipping
        assert isinstance(curves.adjustment, Curves)

    def test_nothing_but_the_object_changes(self) -> None:
        before, after = composite(scene()), composite(match_light(scene(), THING))
        outside = np.ones(before.shape[:2], bool)
        outside[40:100, 80:110] = False
        assert (before[outside] == after[outside]).all()

    def test_more_strength_goes_further_and_none_goes_nowhere(self) -> None:
        reds = [mean(match_light(scene(), THING, strength), 95, 70)[0] for strength in (0.0, 0.3, 0.6)]
        assert reds[0] == 230
        assert reds[0] > reds[1] > reds[2]

    def test_an_object_like_its_surroundings_stays(self) -> None:
        assert np.abs(mean(match_light(scene((230, 200, 150)), THING), 95, 70) - (230, 200, 150)).max() <= 2

    def test_what_cannot_be_matched_says_so(self) -> None:
        alone = scene().with_layers(scene().layers[1:])
        with pytest.raises(DocumentError, match="nothing behind"):
            match_light(alone, THING)
        away = edits.translate(scene(), [THING], Point(900, 0))
        with pytest.raises(DocumentError, match="shows nothing on the canvas"):
            match_light(away, THING)
        with pytest.raises(DocumentError, match="cannot be matched by 2"):
            match_light(scene(), THING, 2)

    def test_gains_stay_within_bounds(self) -> None:
        thing, dark = np.full((9, 9, 3), 0.97, np.float32), np.full((30, 30, 3), 0.001, np.float32)
        ones = np.ones((30, 30), np.float32)
        assert matching_gains(thing, ones[:9, :9], dark, ones, 1.0) == pytest.approx((0.5, 0.5, 0.5))
        assert matching_gains(thing, 0 * ones[:9, :9], dark, ones, 1.0) == (1.0, 1.0, 1.0)
        blue = dark + np.array([0, 0, 0.9], np.float32)
        gains = matching_gains(thing, ones[:9, :9], blue, ones, 1.0)
        assert gains[2] / gains[0] == pytest.approx(1.5**2, rel=0.01)


class TestShadow:
    @pytest.mark.parametrize("depth", Depth)
    def test_it_lies_below_the_object_and_darkens_the_ground_beside_it(self, depth: Depth) -> None:
        before, after = scene(depth=depth), cast_shadow(scene(depth=depth), THING)
        assert after.check() == []
        assert [layer.name for layer in after.layers] == ["Ground", "Cast shadow", "Post"]
        assert named(after, "Cast shadow").blend is BlendMode.MULTIPLY
        was, now = composite(before), composite(after)
        assert (was[40:100, 80:110] == now[40:100, 80:110]).all()  # it is behind the post
        assert (now <= was).all()
        assert now[102, 104, 0] < 0.8 * was[102, 104, 0]
        assert (now[:80, :70] == was[:80, :70]).all()

    def test_it_falls_where_it_is_told_to(self) -> None:
        alpha = np.zeros((80, 80), np.float32)
        alpha[10:70, 35:45] = 1
        for across, down in ((0.8, 0.3), (-0.6, 0.3), (0.5, -0.25), (0.0, 0.4)):
            made = shadow_of(alpha, Light(across, down, 0.5))
            y, x = np.average(np.indices(made.share.shape).reshape(2, -1), axis=1, weights=made.share.ravel())
            assert np.sign(round(x + made.left - 39.5, 0)) == np.sign(across)
            assert np.sign(y + made.top - 67) == np.sign(down)
            assert made.share.max() <= 0.5

    def test_it_is_softer_far_from_the_foot(self) -> None:
        alpha = np.zeros((120, 60), np.float32)
        alpha[10:110, 20:40] = 1
        made = shadow_of(alpha, Light(0.0, 0.9, 0.5))
        near, far = made.share[-made.top + 115], made.share[-made.top + 180]
        assert np.abs(np.diff(near)).max() > 3 * np.abs(np.diff(far)).max()

    def test_the_light_of_known_shadows_is_found_again(self) -> None:
        alpha = np.zeros((200, 300), np.float32)
        alpha[60:140, 120:160] = 1
        for light in (Light(0.7, 0.25, 0.4), Light(-0.5, 0.3, 0.6), Light(0.9, -0.2, 0.3)):
            made, shadow = shadow_of(alpha, light), np.zeros((400, 600), np.float32)
            top, left = 100 + made.top, 150 + made.left
            shadow[top : top + made.share.shape[0], left : left + made.share.shape[1]] = made.share
            thing = np.zeros_like(shadow)
            thing[100:300, 150:450] = alpha
            found = light_of([(thing, shadow)])
            assert found is not None
            assert found.across == pytest.approx(light.across, abs=0.15)
            assert found.down == pytest.approx(light.down, abs=0.1)
        assert light_of([]) is None
        assert light_of([(thing, 0 * shadow)]) is None

    def test_it_follows_the_shadows_of_other_objects(self) -> None:
        """A decomposed object with its shadow to the left: the new one falls to the left, too."""
        other = RasterLayer(id=LayerId("other"), name="Other", pixels=flat((9, 9, 9), 20, 40), origin=Point(150, 60))
        lone = scene().with_layers((*scene().layers, other))
        known = cast_shadow(lone, LayerId("other"), across=-0.8, down=0.2, depth=0.5)
        grouped = edits.group_layers(known, [layer.id for layer in known.layers[2:]], name="Other")
        light = scene_light(grouped, THING)
        assert light is not None
        assert light.across == pytest.approx(-0.8, abs=0.15)
        assert cast_shadow(grouped, THING).layers[1].bounds.left < 60

    def test_what_casts_no_shadow_says_so(self) -> None:
        faint = RasterLayer(id=LayerId("faint"), name="Faint", pixels=PixelBuffer(Size(9, 9), Depth.EIGHT))
        document = scene().with_layers((*scene().layers, faint))
        with pytest.raises(DocumentError, match="casts no shadow"):
            cast_shadow(document, faint.id)
        with pytest.raises(DocumentError, match="too long or too dark"):
            cast_shadow(document, THING, across=9.0)
