"""The effect-layer algebra: legal colours, exact recomposition, least alpha, and the effect region."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.cutout import algebra, stack
from studio.cutout.arrays import Floats, Levels
from studio.cutout.stack import ObjectEstimate

SHAPE = (24, 31)


def picture(rng: np.random.Generator, dtype: type[np.unsignedinteger] = np.uint8) -> Levels:
    return rng.integers(0, np.iinfo(dtype).max + 1, (*SHAPE, 3), dtype=dtype)


def unit(levels: Levels) -> Floats:
    return levels.astype(np.float32) / algebra.peak_of(levels.dtype)


@given(st.integers(0, 2**32 - 1), st.sampled_from([np.uint8, np.uint16]))
@settings(max_examples=30, deadline=None)
def test_minimum_alpha_gives_a_legal_colour_and_the_image(seed: int, dtype: type[np.unsignedinteger]) -> None:
    rng = np.random.default_rng(seed)
    image, background = picture(rng, dtype), picture(rng, dtype)
    peak = algebra.peak_of(image.dtype)
    alpha = algebra.raise_alpha(algebra.minimum_alpha(unit(image), unit(background)), peak) / peak
    free = np.divide(
        unit(image) - (1 - alpha[..., None]) * unit(background),
        alpha[..., None],
        out=np.zeros((*SHAPE, 3), np.float32),
        where=alpha[..., None] > 0,
    )
    assert free.min() > -1e-3
    assert free.max() < 1 + 1e-3
    colour = np.round(algebra.solve_colour(unit(image), unit(background), alpha) * peak) / peak
    composite = np.round(algebra.over(unit(background), colour, alpha) * peak)
    # A colour rounded under alpha just below one lands within half a level; 16-bit ties may flip in float32.
    assert np.abs(composite - image).max() <= (0 if dtype is np.uint8 else 1)


def test_minimum_alpha_is_zero_only_where_nothing_changed() -> None:
    rng = np.random.default_rng(1)
    image = unit(picture(rng))
    background = image.copy()
    background[5:9, 7:12] = 1 - background[5:9, 7:12]
    changed = (image != background).any(axis=2)
    assert np.array_equal(algebra.minimum_alpha(image, background) > 0, changed)


def test_minimum_alpha_grows_with_the_difference() -> None:
    background = np.full((1, 50, 3), 0.4, np.float32)
    image = background + np.linspace(0, 0.6, 50, dtype=np.float32)[None, :, None]
    assert (np.diff(algebra.minimum_alpha(image, background)[0]) > 0).all()


def test_saturated_pixels_that_agree_are_no_evidence() -> None:
    for value in (0.0, 1.0):
        flat = np.full((3, 3, 3), value, np.float32)
        assert not algebra.minimum_alpha(flat, flat).any()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shadow", [True, False])
def test_exact_stack_rebuilds_any_picture_over_any_base(dtype: type[np.unsignedinteger], shadow: bool) -> None:
    rng = np.random.default_rng(3)
    target = picture(rng, dtype)
    base = rng.random((*SHAPE, 3), dtype=np.float32)
    ratio = rng.uniform(0.3, 1, (*SHAPE, 3)).astype(np.float32) if shadow else None
    alpha = np.where(rng.random(SHAPE) < 0.5, rng.random(SHAPE), 0).astype(np.float32)
    foreground = rng.random((*SHAPE, 3), dtype=np.float32)
    region = np.ones(SHAPE, bool)
    layers = stack.exact_stack(base, target, ObjectEstimate(alpha, foreground, ratio, region))
    peak = algebra.peak_of(target.dtype)
    composite = base
    for layer, blend in (
        (layers.shadow, algebra.multiply),
        (layers.residual, algebra.over),
        (layers.object, algebra.over),
    ):
        composite = blend(composite, layer.colour.astype(np.float32) / peak, layer.alpha.astype(np.float32) / peak)
    assert np.abs(np.round(composite * peak) - target).max() <= (0 if dtype is np.uint8 else 1)
    assert np.abs(composite - layers.composite).max() < 1e-6


def test_exact_stack_leaves_a_right_estimate_alone() -> None:
    rng = np.random.default_rng(4)
    background = picture(rng)
    alpha8 = rng.integers(0, 256, SHAPE).astype(np.float32)
    colour = picture(rng)
    ratio = np.full((*SHAPE, 3), 0.6, np.float32)
    shadow_alpha, shadow_colour = algebra.shadow_levels(ratio, 255)
    composite = algebra.multiply(unit(background), shadow_colour / 255, shadow_alpha / 255)
    composite = algebra.over(composite, unit(colour), alpha8 / 255)
    # Keep off rounding ties, where the check is stricter than rounding itself.
    safe = (np.abs(composite * 255 - np.round(composite * 255)) < 0.4).all(axis=2)
    estimate = ObjectEstimate(alpha8 / 255, unit(colour), ratio, np.ones(SHAPE, bool))
    layers = stack.exact_stack(unit(background), np.round(composite * 255).astype(np.uint8), estimate)
    present = safe & (alpha8 > 0)
    assert np.array_equal(layers.object.alpha[present], alpha8[present])
    assert np.array_equal(layers.object.colour[present], colour[present])
    assert not layers.residual.alpha[safe].any()


def test_clean_stack_has_no_residual_and_the_smooth_factor() -> None:
    rng = np.random.default_rng(5)
    base = rng.random((*SHAPE, 3), dtype=np.float32)
    ratio = np.full((*SHAPE, 3), 0.5, np.float32)
    nothing = np.zeros(SHAPE, np.float32)
    estimate = ObjectEstimate(nothing, np.zeros((*SHAPE, 3), np.float32), ratio, np.ones(SHAPE, bool))
    layers = stack.clean_stack(base, estimate, np.dtype(np.uint8))
    assert not layers.residual.alpha.any()
    assert np.abs(layers.composite - 0.5 * base).max() < 0.5 / 255


def test_multiply_levels_reach_half_a_level() -> None:
    rng = np.random.default_rng(6)
    ratio = rng.random((*SHAPE, 3), dtype=np.float32)
    alpha, colour = algebra.shadow_levels(ratio, 255)
    white = np.ones((*SHAPE, 3), np.float32)
    assert np.abs(algebra.multiply(white, colour / 255, alpha / 255) - ratio).max() <= 0.5 / 255 + 1e-6


def test_effect_region_keeps_what_touches_the_object_and_no_other_change() -> None:
    rng = np.random.default_rng(7)
    background = rng.uniform(0.4, 0.6, (100, 140, 3)).astype(np.float32)
    image = background.copy()
    mask = np.zeros((100, 140), bool)
    mask[30:60, 40:70] = True
    image[mask] = 0.9
    image[60:70, 45:80] *= 0.5  # a shadow that touches
    image[10:20, 110:130] *= 0.5  # somebody else's shadow
    region = algebra.effect_region(image, background, mask)
    assert region[62:69, 46:79].all()
    assert region[mask].all()
    assert not region[8:22, 105:135].any()


def test_shadow_ratio_tells_shadows_from_glow() -> None:
    background = np.full((60, 90, 3), 0.5, np.float32)
    mask = np.zeros((60, 90), bool)
    mask[20:30, 30:40] = True
    image = background.copy()
    image[30:40, 30:50] *= 0.6
    image[10:20, 30:40] *= np.array([1.4, 1.1, 0.9], np.float32)
    region = mask | (image != background).any(axis=2)
    ratio = algebra.shadow_ratio(image, background, region, mask)
    assert np.allclose(ratio[34:37, 35:45], 0.6, atol=0.02)
    assert (ratio[10:20, 30:40] == 1).all()
