"""Reading and writing long files tells how far it is, and stops when it is told to, leaving what was there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import JobCancelled
from studio.core.feedback import listening
from studio.core.geometry import Point, Size
from studio.core.layers import GroupLayer, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.io import formats
from studio.io.images.flat import BAND_ROWS
from tests.support.documents import noise

LAYERED = ("psd", "psb", "ora", "lamina")
FLAT = ("png", "jpg", "webp", "avif", "tif")


@pytest.fixture(scope="module")
def document() -> Document:
    rng = np.random.default_rng(5)

    def layer(number: int) -> RasterLayer:
        pixels = PixelBuffer.from_array(noise(rng, Size(40, 30), Depth.EIGHT))
        return RasterLayer(name=f"Layer {number}", pixels=pixels, origin=Point(number, number))

    layers = [layer(number) for number in range(8)]
    return Document(size=Size(64, 48), layers=(*layers[:4], GroupLayer(name="Group", children=tuple(layers[4:]))))


def stopping_at(number: int) -> Callable[[float], None]:
    """A listener that cancels at its `number`-th report."""
    heard = 0

    def tell(share: float) -> None:
        nonlocal heard
        heard += 1
        if heard > number:
            raise JobCancelled

    return tell


@pytest.mark.parametrize("suffix", LAYERED)
def test_writing_and_reading_tell_how_far_they_are(document: Document, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{suffix}"
    for work in (lambda: formats.save_document(document, path), lambda: formats.open_document(path)):
        heard: list[float] = []
        with listening(heard.append):
            work()
        assert heard == sorted(heard)
        assert len(heard) >= 2
        assert heard[0] >= 0.0
        assert heard[-1] <= 1.0


@pytest.mark.parametrize("suffix", FLAT)
def test_so_does_writing_a_flat_picture_which_can_be_stopped_at_every_report(
    document: Document, suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"picture.{suffix}"
    formats.save_document(document.with_layers(document.layers[:1]), path)
    before = path.read_bytes()
    tall = edits.resize_canvas(document, Size(64, 2 * BAND_ROWS + 1))
    heard: list[float] = []
    with listening(heard.append):
        formats.save_document(tall, tmp_path / f"other.{suffix}")
    assert heard == sorted(heard)
    assert len(heard) >= 4  # three bands, and the moment before the rename
    assert heard[-1] <= 1.0
    for number in range(len(heard)):
        with pytest.raises(JobCancelled), listening(stopping_at(number)):
            formats.save_document(tall, path)
        assert path.read_bytes() == before
        assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("suffix", LAYERED)
@pytest.mark.parametrize("number", [0, 3, 7])
def test_a_cancelled_write_leaves_the_old_file(document: Document, suffix: str, number: int, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{suffix}"
    formats.save_document(document.with_layers(document.layers[:1]), path)
    before = path.read_bytes()
    with pytest.raises(JobCancelled), listening(stopping_at(number)):
        formats.save_document(document, path)
    assert path.read_bytes() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [path.name]


@pytest.mark.parametrize("suffix", LAYERED)
def test_a_cancelled_read_stops(document: Document, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{suffix}"
    formats.save_document(document, path)
    with pytest.raises(JobCancelled), listening(stopping_at(1)):
        formats.open_document(path)
    assert len(list(formats.open_document(path).document.walk())) == 9
