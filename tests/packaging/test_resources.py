"""Bundled files as a checkout finds them; tests/packaging/test_wheel.py does the same from an installed wheel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import resources

OBJECTS = ("still_life_mug.png", "still_life_pear.png")


def test_a_checkout_finds_its_own_folders(checkout: Path) -> None:
    assert resources.checkout_root() == checkout
    assert resources.plugins_dir() == checkout / "plugins"
    assert resources.assets_dir() == checkout / "assets"
    assert (resources.plugins_dir() / "layer_decomp" / "plugin.toml").is_file()


@pytest.mark.parametrize("name", OBJECTS)
def test_sample_masks_fit_the_sample_picture(name: str) -> None:
    with Image.open(resources.sample("still_life.jpg")) as picture, Image.open(resources.sample(name)) as image:
        assert image.size == picture.size == (1200, 800)
        mask = np.asarray(image)
    assert set(np.unique(mask)) == {0, 255}
    assert 0.02 < (mask == 255).mean() < 0.3
    assert not mask[[0, -1]].any(), "the object stands whole inside the picture"
    assert not mask[:, [0, -1]].any()


def test_sample_objects_do_not_overlap() -> None:
    mug, pear = (np.asarray(Image.open(resources.sample(name))) for name in OBJECTS)
    assert not (mug & pear).any()
