"""Previews of transforms: what is drawn from a buffer that is not resampled is what the edit will make, nearly."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core import edits
from studio.core.changes import diff
from studio.core.compositing import Compositor, composite, load_kernels
from studio.core.document import Document
from studio.core.errors import DocumentError
from studio.core.geometry import Affine, Point, Rect, Size
from studio.core.homography import Homography
from studio.core.layers import GroupLayer, LayerId, Locks, Mask, RasterLayer
from studio.core.moved import MovedBuffer
from studio.core.pixels import Depth, PixelBuffer
from studio.core.resampling import Sampling

BACK, TOP = LayerId("back"), LayerId("top")
MOVES = {
    "smaller": Homography.about((150, 110), Affine.scale(0.4, 0.3)),
    "larger": Homography.about((150, 110), Affine.scale(2.5, 3)),
    "turned": Homography.about((150, 110), Affine.rotation(33)),
    "mirrored": Homography.about((150, 110), Affine.scale(-1.3, 0.8)),
    "leaning": Homography.between(
        ((60, 40), (260, 40), (260, 190), (60, 190)), ((40, 60), (250, 20), (300, 210), (90, 170))
    ),
}


def document(depth: Depth = Depth.EIGHT) -> Document:
    """Soft waves over an opaque ground; the upper layer has a linked mask and clear corners."""
    y, x = np.mgrid[0:150, 0:200].astype(np.float64)
    wave = 0.5 + 0.5 * np.sin(x / 19) * np.cos(y / 23)
    round_ = np.clip(1.4 - np.hypot(x - 100, y - 75) / 60, 0, 1)
    top = np.stack([wave, 1 - wave, 0.5 * wave, round_], axis=-1) * depth.top
    back = np.full((220, 300, 4), depth.top, depth.dtype)
    back[..., 0] = np.linspace(0, depth.top, 300).astype(depth.dtype)
    mask = np.clip(np.linspace(-0.5, 1.5, 200)[None, :, None].repeat(150, axis=0), 0, 1) * depth.top
    return Document(
        size=Size(300, 220),
        depth=depth,
        layers=(
            RasterLayer(id=BACK, pixels=PixelBuffer.from_array(back)),
            RasterLayer(
                id=TOP,
                pixels=PixelBuffer.from_array(top.astype(depth.dtype)),
                origin=Point(60, 40),
                mask=Mask(pixels=PixelBuffer.from_array(mask.astype(depth.dtype)), origin=Point(60, 40)),
            ),
        ),
    )


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("scale", [1, 2, 4])
@pytest.mark.parametrize("depth", Depth)
def test_a_preview_looks_like_the_result(name: str, scale: int, depth: Depth) -> None:
    load_kernels()
    start = document(depth)
    done = edits.transform_layers(start, [TOP], MOVES[name])
    seen = edits.transform_preview(start, [TOP], MOVES[name])
    wanted = Compositor().render(done, scale=scale).astype(np.float64) / depth.top
    shown = Compositor().render(seen, scale=scale).astype(np.float64) / depth.top
    difference = np.abs(shown - wanted).max(axis=2)
    assert difference.mean() < 0.006
    assert np.percentile(difference, 99) < 0.09


def test_a_preview_costs_no_pixels_and_leaves_the_document() -> None:
    start = document()
    seen = edits.transform_preview(start, [TOP], MOVES["turned"])
    layer = seen.layer(TOP)
    assert isinstance(layer, RasterLayer)
    assert isinstance(layer.pixels, MovedBuffer)
    assert seen.layer(BACK) is start.layer(BACK)
    done = edits.transform_layers(start, [TOP], MOVES["turned"]).layer(TOP)
    assert isinstance(done, RasterLayer)
    assert layer.bounds == done.bounds


def test_comparing_finds_all_of_a_preview_changed() -> None:
    start = document()
    half_turn = Homography.about((160, 115), Affine.rotation(179.99))
    seen, other = (edits.transform_preview(start, [TOP], half_turn) for _ in range(2))
    layer = seen.layer(TOP)
    assert seen != other
    assert diff(start, seen).dirty.contains(layer.bounds.intersect(start.canvas))
    assert diff(seen, other).dirty.contains(layer.bounds.intersect(start.canvas))


def test_moves_by_whole_pixels_are_done_at_once() -> None:
    start = document()
    move = Homography.of(Affine.translation(7, -3))
    assert edits.transform_preview(start, [TOP], move) == edits.transform_layers(start, [TOP], move)


@pytest.mark.parametrize("sampling", Sampling)
def test_read_whole_it_is_the_result(sampling: Sampling) -> None:
    start = document()
    seen = edits.transform_preview(start, [TOP], MOVES["leaning"], sampling=sampling).layer(TOP)
    done = edits.transform_layers(start, [TOP], MOVES["leaning"], sampling=sampling).layer(TOP)
    assert isinstance(seen, RasterLayer)
    assert isinstance(done, RasterLayer)
    assert (seen.pixels.read() == done.pixels.read()).all()
    part = Rect(30, 40, 90, 70)
    shown, wanted = seen.pixels.read(part).astype(int), done.pixels.read(part).astype(int)
    solid = wanted[..., 3] > 64  # the colour of what is hardly there is a quotient of small numbers
    assert np.abs(shown - wanted)[solid].max() <= 1


def test_without_kernels_the_preview_is_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.core.compositing.load_kernels", lambda: None)
    start = document()
    seen = edits.transform_preview(start, [TOP], MOVES["turned"])
    done = edits.transform_layers(start, [TOP], MOVES["turned"])
    shown, wanted = Compositor().render(seen), composite(done)
    assert np.abs(shown.astype(int) - wanted.astype(int)).max() <= 1


def test_groups_are_previewed_as_a_whole_and_locks_count() -> None:
    start = edits.group_layers(document(), [BACK, TOP], group_id=LayerId("g"))
    seen = edits.transform_preview(start, [LayerId("g")], MOVES["turned"]).layer(LayerId("g"))
    assert isinstance(seen, GroupLayer)
    assert all(isinstance(layer, RasterLayer) and isinstance(layer.pixels, MovedBuffer) for layer in seen.children)
    locked = edits.set_locks(start, TOP, Locks(pixels=True))
    with pytest.raises(DocumentError, match="locked"):
        edits.transform_preview(locked, [LayerId("g")], MOVES["turned"])
    with pytest.raises(DocumentError, match="flat"):
        edits.transform_preview(start, [TOP], Homography.of(Affine.scale(0, 1)))


def test_a_soft_edge_does_not_darken() -> None:
    load_kernels()
    samples = np.zeros((64, 64, 4), np.uint8)
    samples[16:48, 16:48] = (255, 255, 255, 255)
    white = PixelBuffer.from_array(np.full((64, 64, 4), 255, np.uint8))
    start = Document(
        size=Size(64, 64),
        layers=(RasterLayer(id=BACK, pixels=white), RasterLayer(id=TOP, pixels=PixelBuffer.from_array(samples))),
    )
    seen = edits.transform_preview(start, [TOP], Homography.about((32, 32), Affine.rotation(20)))
    assert Compositor().render(seen).min() == 255
