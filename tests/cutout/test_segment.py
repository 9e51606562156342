"""Selection from a box, a point or nothing, and mask cleaning."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from studio.core.errors import StudioError
from studio.core.geometry import Point, Rect
from studio.cutout.arrays import Mask
from studio.cutout.segment import clean_mask, segment_auto, segment_box, segment_point

HEIGHT, WIDTH = 180, 240


def scene() -> tuple[NDArray[np.uint8], Mask]:
    """A speckled orange ellipse on a green field."""
    rng = np.random.default_rng(0)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(mask, (120, 95), (45, 32), 20, 0, 360, 1, -1)
    image = np.where(mask[..., None] > 0, (200, 120, 40), (60, 130, 70)) + rng.normal(0, 9, (HEIGHT, WIDTH, 1))
    return np.clip(image, 0, 255).astype(np.uint8), mask > 0


def overlap(a: Mask, b: Mask) -> float:
    return float((a & b).sum() / (a | b).sum())


def test_box_finds_the_object() -> None:
    image, truth = scene()
    assert overlap(segment_box(image, Rect(65, 50, 175, 140)), truth) > 0.95


def test_point_finds_the_object() -> None:
    image, truth = scene()
    assert overlap(segment_point(image, Point(118, 92)), truth) > 0.9


def test_auto_finds_the_object() -> None:
    image, truth = scene()
    assert overlap(segment_auto(image), truth) > 0.9


def test_box_may_reach_over_the_frame() -> None:
    image, truth = scene()
    assert overlap(segment_box(image, Rect(60, 40, 400, 150)), truth) > 0.8


def test_full_size_band_is_as_sharp_as_the_picture() -> None:
    rng = np.random.default_rng(0)
    truth = np.zeros((720, 960), np.uint8)
    cv2.ellipse(truth, (480, 380), (180, 128), 20, 0, 360, 1, -1)
    image = np.where(truth[..., None] > 0, (200, 120, 40), (60, 130, 70)) + rng.normal(0, 9, (720, 960, 1))
    found = segment_box(np.clip(image, 0, 255).astype(np.uint8), Rect(260, 200, 700, 560))
    assert overlap(found, truth > 0) > 0.995


def test_wrong_boxes_and_points_say_what_to_do() -> None:
    image, _ = scene()
    with pytest.raises(StudioError) as caught:
        segment_box(image, Rect(900, 900, 950, 950))
    assert "240 x 180" in caught.value.hint
    with pytest.raises(StudioError, match="outside the picture"):
        segment_point(image, Point(240, 10))


def test_clean_mask_drops_specks_and_closes_pinholes() -> None:
    mask = np.zeros((200, 200), bool)
    mask[50:150, 50:150] = True
    mask[100:103, 100:103] = False
    mask[10, 10] = True
    expected = np.zeros((200, 200), bool)
    expected[50:150, 50:150] = True
    assert np.array_equal(clean_mask(mask), expected)
