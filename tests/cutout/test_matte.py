"""Trimap, matte and foreground colours on drawn objects with known alpha."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from studio.cutout import measure
from studio.cutout.arrays import Floats
from studio.cutout.matte import MatteMethod, estimate_alpha, estimate_foreground
from studio.cutout.trimap import THINNEST_CORE_PX, make_trimap


def disc(size: int = 160, radius: float = 45, edge: float = 3.0) -> Floats:
    y, x = np.mgrid[:size, :size]
    return np.clip((radius - np.hypot(x - size / 2, y - size / 2)) / edge + 0.5, 0, 1).astype(np.float32)


def scene(alpha: Floats) -> tuple[Floats, Floats]:
    """A red object over speckled green: (image, true colours)."""
    rng = np.random.default_rng(0)
    noise = cv2.GaussianBlur(rng.standard_normal((*alpha.shape, 1)).astype(np.float32), (0, 0), 2)[..., None]
    ground = np.clip(np.array([0.25, 0.6, 0.3], np.float32) + 0.3 * noise, 0, 1)
    colours = np.broadcast_to(np.array([0.8, 0.2, 0.15], np.float32), ground.shape)
    return (colours * alpha[..., None] + ground * (1 - alpha[..., None])).astype(np.float32), colours


def test_trimap_is_sure_inside_and_outside_and_unknown_between() -> None:
    mask = disc() > 0.5
    trimap = make_trimap(mask)
    assert trimap[80, 80] == 1
    assert trimap[2, 2] == 0
    assert trimap[80, 80 + 45] == 0.5
    assert not (trimap[~mask] == 1).any()
    assert not (trimap[mask] == 0).any()


def test_trimap_keeps_a_core_in_thin_parts_but_not_in_hair() -> None:
    mask = np.zeros((200, 200), bool)
    mask[20:180, 60:68] = True
    mask[20:180, 120:122] = True
    trimap = make_trimap(mask, diagonal_px=4000)
    assert (trimap[100, 60:68] == 1).any()
    assert THINNEST_CORE_PX > 1
    assert not (trimap[100, 118:124] == 1).any()


def test_frame_is_not_an_outline() -> None:
    mask = np.zeros((100, 100), bool)
    mask[:, 50:] = True
    assert (make_trimap(mask)[:, -1] == 1).all()


def test_trimap_opens_towards_the_picture_s_own_edge() -> None:
    alpha = disc(edge=1.0)
    image, _ = scene(alpha)
    loose = cv2.dilate((alpha > 0.5).astype(np.uint8), np.ones((13, 13), np.uint8)) > 0
    wrong = alpha < 0.1
    diagonal = 900.0
    assert (make_trimap(loose, diagonal)[wrong] == 1).sum() > 0
    assert (make_trimap(loose, diagonal, image)[wrong] == 1).sum() == 0


@pytest.mark.parametrize(
    "method",
    [
        MatteMethod.CLOSED_FORM,
        MatteMethod.KNN,
        pytest.param(MatteMethod.LKM, marks=pytest.mark.slow),
        MatteMethod.GUIDED,
    ],
)
def test_matte_is_better_than_the_mask(method: MatteMethod) -> None:
    truth = disc(edge=6.0)
    image, _ = scene(truth)
    mask = truth > 0.5
    trimap = make_trimap(mask, diagonal_px=1400)
    alpha = estimate_alpha(image, trimap, mask, method)
    assert alpha.min() >= 0
    assert alpha.max() <= 1
    assert (alpha[trimap == 1] == 1).all()
    assert (alpha[trimap == 0] == 0).all()
    error = measure.sum_of_absolute_differences(alpha, truth)
    assert error < measure.sum_of_absolute_differences(mask.astype(np.float32), truth)


def test_closed_form_is_close_to_the_truth() -> None:
    truth = disc(edge=6.0)
    image, _ = scene(truth)
    mask = truth > 0.5
    alpha = estimate_alpha(image, make_trimap(mask, diagonal_px=1400), mask)
    assert measure.sum_of_absolute_differences(alpha, truth) < 0.25 * measure.sum_of_absolute_differences(
        mask.astype(np.float32), truth
    )


def test_half_size_first_agrees_with_solving_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = disc(edge=3.0)
    image, _ = scene(truth)
    mask = truth > 0.5
    trimap = make_trimap(mask, diagonal_px=2500)
    whole = estimate_alpha(image, trimap, mask)
    monkeypatch.setattr("studio.cutout.matte.COARSE_LIMIT", 1000)
    narrowed = estimate_alpha(image, trimap, mask)
    assert float(np.abs(whole - narrowed).mean()) < 0.004


def test_known_trimap_needs_no_solving() -> None:
    trimap = (disc() > 0.5).astype(np.float32)
    image, _ = scene(trimap)
    assert np.array_equal(estimate_alpha(image, trimap, trimap > 0), trimap)


def test_foreground_colours_lose_the_old_ground() -> None:
    alpha = disc(edge=8.0)
    image, colours = scene(alpha)
    band = (alpha > 0.2) & (alpha < 0.8)
    found = estimate_foreground(image, alpha)
    error = math.sqrt(float(np.mean((found - colours)[band] ** 2)))
    spill = math.sqrt(float(np.mean((image - colours)[band] ** 2)))
    assert error < 0.35 * spill
    assert np.array_equal(found[alpha == 1], image[alpha == 1])
