"""The picture report over photos, on drawn pictures in a folder of the same names."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from plugins.topnet.bench import photo_table
from plugins.topnet.network import TopNet
from studio.core.errors import StudioError

NAMES = ("road.jpg", "horse.jpg", "boat.jpg", "truck.jpg", "dog_on_bench.png", "teddy.jpg", "ball.jpg")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    noise = np.random.default_rng(0)
    for name in NAMES:
        small = noise.integers(0, 256, (6, 8, 3), np.uint8)
        cv2.imwrite(str(tmp_path / name), cv2.resize(small, (160, 120)))
    for name in ("teddy_mask.png", "ball_mask1.jpg"):
        mask = np.zeros((60, 80), np.uint8)
        cv2.circle(mask, (40, 30), 20, 255, -1)
        cv2.imwrite(str(tmp_path / name), mask)  # of another size than its photo
    return tmp_path


def test_every_object_is_shown_in_every_photo(photos: Path) -> None:
    table = photo_table(TopNet(), photos)
    assert len(table.rows) == len(table.pictures) == 10
    assert "out of domain" in table.title
    assert {picture.name for picture in table.pictures} >= {"road_teddy", "dog_on_bench_ball"}
    for picture in table.pictures:
        assert picture.pixels.shape == (480 + 28, 640, 3)
        assert (picture.pixels[-28:] > 200).any()  # the label
        assert picture.pixels[:480].std() > 10


def test_a_missing_photo_is_named(photos: Path) -> None:
    (photos / "boat.jpg").unlink()
    with pytest.raises(StudioError, match=r"boat\.jpg cannot be read"):
        photo_table(TopNet(), photos)
