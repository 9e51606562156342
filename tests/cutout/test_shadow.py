"""Finding and measuring cast shadows on drawn ground with a known light factor."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from studio.cutout import measure
from studio.cutout.arrays import Floats, Mask
from studio.cutout.shadow import find_shadow

HEIGHT, WIDTH = 240, 320
TINTS = [(1.0, 1.0, 1.0), (1.06, 1.02, 0.92)]


def ground(seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    texture = np.zeros((HEIGHT, WIDTH), np.float32)
    for sigma, weight in ((0.8, 0.03), (3.0, 0.02), (12.0, 0.02)):
        noise = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH)).astype(np.float32), (0, 0), sigma)
        texture += weight * 3 * sigma * noise
    return np.clip((0.6 + texture)[..., None] * np.array([1.0, 0.95, 0.85]), 0.05, 1).astype(np.float32)


def ball() -> Mask:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.hypot(x - 150, y - 110) < 36


def factor(strength: float, tint: tuple[float, float, float] = TINTS[0]) -> Floats:
    """(H, W, 3) light factor of a soft ellipse from under the ball to the right; the tint raises a channel's loss."""
    shape = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(shape, (190, 152), (55, 15), 8, 0, 360, 1, -1)
    shade = strength * cv2.GaussianBlur(shape, (0, 0), 2.5)
    return np.exp(np.log(1 - shade)[..., None] * np.array(tint)).astype(np.float32)


@pytest.mark.parametrize("tint", TINTS)
@pytest.mark.parametrize("strength", [0.3, 0.55])
def test_shadow_is_found_and_relit(strength: float, tint: tuple[float, float, float]) -> None:
    truth, mask, ratio = ground(), ball(), factor(strength, tint)
    image = np.where(mask[..., None], np.float32(0.2), truth * ratio).astype(np.float32)
    shadow = find_shadow(image, mask)
    assert shadow is not None
    inside = (ratio.min(axis=2) < 0.95) & ~mask
    untouched = measure.psnr(image, truth, inside)
    relit = measure.psnr(np.clip(image / shadow.ratio, 0, 1), truth, inside)
    assert relit > untouched + 6
    away = (ratio.min(axis=2) > 0.999) & ~mask
    assert (shadow.ratio[away].min(axis=1) < 0.97).mean() < 0.01
    assert (shadow.ratio[~shadow.region] == 1).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_shadow_is_invented(seed: int) -> None:
    mask = ball()
    image = np.where(mask[..., None], np.float32(0.2), ground(seed)).astype(np.float32)
    assert find_shadow(image, mask) is None


def test_shadow_of_something_else_is_left_alone() -> None:
    mask = ball()
    image = ground() * np.roll(factor(0.5), (60, 100), (0, 1))
    assert find_shadow(np.where(mask[..., None], np.float32(0.2), image).astype(np.float32), mask) is None


def test_dark_material_that_goes_on_elsewhere_is_no_shadow() -> None:
    image, mask = ground(), ball()
    image[135:175] *= 0.5  # a dark stripe across the whole picture, behind the ball
    assert find_shadow(np.where(mask[..., None], np.float32(0.2), image).astype(np.float32), mask) is None


def test_other_objects_are_no_shadow() -> None:
    image, mask = ground(), ball()
    other = np.zeros_like(mask)
    other[130:170, 190:250] = True
    image[other] *= 0.5
    image = np.where(mask[..., None], np.float32(0.2), image).astype(np.float32)
    found = find_shadow(image, mask, others=other)
    assert found is None or not (found.ratio[140:160, 200:240] < 0.9).any()


def test_shadow_goes_on_smoothly_under_the_object() -> None:
    truth, mask, ratio = ground(), ball(), factor(0.5)
    image = np.where(mask[..., None], np.float32(0.2), truth * ratio).astype(np.float32)
    shadow = find_shadow(image, mask)
    assert shadow is not None
    core = cv2.erode(mask.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    below, above = shadow.ratio[130:144][core[130:144]].mean(), shadow.ratio[80:90][core[80:90]].mean()
    assert below < above


def test_a_picture_with_almost_no_ground_has_no_shadow() -> None:
    mask = np.ones((40, 40), bool)
    mask[:2] = False
    assert find_shadow(np.full((40, 40, 3), 0.5, np.float32), mask) is None
