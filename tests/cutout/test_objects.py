"""Finding all objects: scenes whose objects are known, and real pictures with masks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from studio.cutout.objects import find_objects
from studio.cutout.superpixels import borders, filled, frame_lengths, means, superpixels, without_gaps

RGB = NDArray[np.uint8]


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Intersection over union."""
    return float((one & other).sum() / max(1, (one | other).sum()))


def hovered(whole: NDArray[np.int32], mask: NDArray[np.bool_]) -> float:
    """How well the outline fits that is shown at a random pixel of the object."""
    names, counts = np.unique(whole[mask], return_counts=True)
    fits = [overlap(whole == name, mask) if name else 0.0 for name in names]
    return float(np.dot(fits, counts) / counts.sum())


@pytest.fixture(scope="module")
def scene() -> RGB:
    """300 x 200: a red disc and a blue box on a grey gradient with some noise."""
    y, x = np.mgrid[0:200, 0:300]
    ground = np.stack([150 + x // 6, 150 + y // 5, np.full_like(x, 160)], axis=-1)
    ground += np.random.default_rng(3).integers(-6, 7, ground.shape)
    picture = np.ascontiguousarray(np.clip(ground, 0, 255).astype(np.uint8))
    cv2.circle(picture, (80, 90), 40, (200, 40, 40), -1)
    cv2.rectangle(picture, (180, 80), (250, 150), (40, 60, 190), -1)
    return picture


def test_separate_objects_get_labels_of_their_own(scene: RGB) -> None:
    whole = find_objects(scene).whole
    y, x = np.mgrid[0:200, 0:300]
    disc = np.hypot(y - 90, x - 80) <= 40
    box = (x >= 180) & (x <= 250) & (y >= 80) & (y <= 150)
    assert hovered(whole, disc) > 0.95
    assert hovered(whole, box) > 0.95
    assert not whole[[0, -1]].any()
    assert whole.max() == 2


def test_parts_cover_the_picture_and_part_the_objects(scene: RGB) -> None:
    parts = find_objects(scene).parts
    assert parts.shape == scene.shape[:2]
    assert parts.min() == 1
    assert len({int(parts[90, 80]), int(parts[115, 215]), int(parts[10, 150])}) == 3


def test_the_same_picture_gives_the_same_maps(scene: RGB) -> None:
    first, second = find_objects(scene), find_objects(scene)
    np.testing.assert_array_equal(first.whole, second.whole)
    np.testing.assert_array_equal(first.parts, second.parts)


@pytest.mark.parametrize("size", [(1, 1), (5, 400), (24, 24), (30, 200)])
@pytest.mark.parametrize("value", [0, 255])
def test_pictures_with_nothing_in_them_have_no_objects(size: tuple[int, int], value: int) -> None:
    found = find_objects(np.full((*size, 3), value, np.uint8))
    assert found.whole.shape == found.parts.shape == size
    assert not found.whole.any()


def test_noise_is_survived() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (90, 130, 3), np.uint8)
    found = find_objects(noise)
    assert found.whole.shape == (90, 130)
    assert found.parts.min() >= 1


def test_the_objects_of_the_sample_picture(checkout: Path) -> None:
    samples = checkout / "assets" / "samples"
    whole = find_objects(np.asarray(Image.open(samples / "still_life.jpg").convert("RGB"))).whole
    for name in ("pear", "mug"):
        mask = np.asarray(Image.open(samples / f"still_life_{name}.png").convert("L")) >= 128
        assert hovered(whole, mask) > 0.8, name


class TestSuperpixels:
    """The regions underneath."""

    def test_they_follow_edges_and_have_no_gaps(self) -> None:
        edge = np.zeros((60, 90), np.float32)
        edge[:, 44:46] = 50
        labels = superpixels(edge, 10)
        assert sorted(np.unique(labels)) == list(range(labels.max() + 1))
        assert not set(labels[:, 43]) & set(labels[:, 47])

    def test_bare_pixels_take_the_nearest_label(self) -> None:
        labels = np.array([[1, 0, 0, 0, 2]], np.int32)
        assert filled(labels, labels > 0)[0, [0, 1, 3, 4]].tolist() == [1, 1, 2, 2]

    def test_borders_count_pixels_and_sum_edges(self) -> None:
        labels = without_gaps(np.array([[3, 3, 7], [3, 9, 7]]))
        edge = np.array([[0, 2, 5], [1, 4, 0]], np.float32)
        found = borders(labels, edge)
        told = {
            (int(a), int(b)): (float(n), float(s))
            for a, b, n, s in zip(found.first, found.second, found.length, found.edge, strict=True)
        }
        assert told == {(0, 1): (1.0, 5.0), (0, 2): (2.0, 8.0), (1, 2): (1.0, 4.0)}
        assert frame_lengths(labels).tolist() == [5.0, 4.0, 1.0]
        assert means(labels, edge)[:, 0].tolist() == [1.0, 2.5, 4.0]
