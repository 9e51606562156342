"""Healing: blemishes go, the rest stays, and a moved texture takes on the colours around it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import DocumentError
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import LayerId, Locks, Mask, RasterLayer
from studio.core.painting.brush import Brush, StrokePoint
from studio.core.pixels import Depth, PixelBuffer
from studio.retouch import heal

A = LayerId("a")
SPOT = Rect(58, 38, 68, 48)
BRUSH = Brush(size_px=18, hardness=0.9)
TAP = [StrokePoint(x=63, y=43)]


def clean(depth: Depth = Depth.EIGHT) -> NDArray[np.uint8 | np.uint16]:
    """A slope with fine grain."""
    y, x = np.mgrid[0:90, 0:130].astype(np.float64)
    grain = np.random.default_rng(3).standard_normal((90, 130)) * 0.01
    value = np.clip(0.25 + 0.4 * x / 130 + 0.2 * y / 90 + grain, 0, 1)
    out = np.full((90, 130, 4), depth.top, depth.dtype)
    for channel, share in enumerate((1.0, 0.8, 0.6)):
        out[..., channel] = np.rint(value * share * depth.top)
    return out


def skin(depth: Depth = Depth.EIGHT) -> Document:
    """The slope with a dark spot."""
    spotted = clean(depth)
    spotted[SPOT.slices()] = (depth.top // 20, 0, 0, depth.top)
    layer = RasterLayer(id=A, name="Skin", pixels=PixelBuffer.from_array(spotted))
    return Document(size=Size(130, 90), depth=depth, layers=(layer,))


def pixels(document: Document) -> NDArray[np.float64]:
    layer = document.layer(A)
    assert isinstance(layer, RasterLayer)
    return layer.pixels.read(document.canvas.moved(-layer.origin)).astype(np.float64) / document.depth.top


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("offset", [None, Point(-35, 20)])
def test_a_spot_goes_and_what_the_stroke_does_not_cover_stays(depth: Depth, offset: Point | None) -> None:
    start = skin(depth)
    out = heal(start, A, BRUSH, TAP, offset=offset)
    assert out.check() == []
    truth, before, after = clean(depth) / depth.top, pixels(start), pixels(out)
    spot = SPOT.slices()
    assert np.abs(after[spot] - truth[spot]).mean() < 0.1 * np.abs(before[spot] - truth[spot]).mean()
    far = np.ones((90, 130), bool)
    far[33:53, 53:73] = False
    assert (before[far] == after[far]).all()
    assert (after[..., 3] == 1).all()


def test_texture_from_elsewhere_takes_on_the_colours_around() -> None:
    start = skin()
    moved = heal(start, A, BRUSH, TAP, offset=Point(50, 30))
    brighter = clean()[SPOT.moved(Point(50, 30)).slices()][..., :3].mean() - clean()[SPOT.slices()][..., :3].mean()
    assert brighter > 20
    healed = pixels(moved)[SPOT.slices()][..., :3].mean() * 255
    assert healed == pytest.approx(float(clean()[SPOT.slices()][..., :3].mean()), abs=3)


def test_it_keeps_to_the_selection_and_repeats_with_its_seed() -> None:
    start = edits.select_rectangle(skin(), Rect(63, 0, 130, 90))
    out = heal(start, A, BRUSH, TAP, seed=4)
    assert out == heal(start, A, BRUSH, TAP, seed=4)
    assert (pixels(out)[:, :63] == pixels(start)[:, :63]).all()
    assert (pixels(out)[:, 63:] != pixels(start)[:, 63:]).any()


def test_refusals() -> None:
    with pytest.raises(DocumentError, match="locked"):
        heal(edits.set_locks(skin(), A, Locks(pixels=True)), A, BRUSH, TAP)
    with pytest.raises(DocumentError, match="nothing around"):
        heal(skin(), A, Brush(size_px=900, hardness=1), TAP)
    with pytest.raises(DocumentError, match="nothing where"):
        heal(skin(), A, BRUSH, TAP, offset=Point(500, 0))
    assert heal(skin(), A, BRUSH, [StrokePoint(x=-300, y=0)]) == skin()
    away = edits.select_rectangle(skin(), Rect(0, 0, 9, 9))
    assert heal(away, A, BRUSH, TAP) == away


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("offset", [None, Point(-35, 20)])
def test_a_hole_in_a_mask_goes_and_the_picture_stays(depth: Depth, offset: Point | None) -> None:
    values = clean(depth)[..., :1].copy()
    truth = values.copy()
    values[SPOT.slices()] = 0
    start = edits.set_mask(skin(depth), A, Mask(pixels=PixelBuffer.from_array(values)))
    out = heal(start, A, BRUSH, TAP, offset=offset, on_mask=True)
    assert out.check() == []
    mask = out.layer(A).mask
    assert mask is not None
    after = mask.pixels.read(start.canvas.moved(-mask.origin)).astype(np.float64)
    spot = SPOT.slices()
    assert np.abs(after[spot] - truth[spot]).mean() < 0.1 * truth[spot].mean()
    far = np.ones((90, 130), bool)
    far[33:53, 53:73] = False
    assert (after[far] == values[far]).all()
    assert np.array_equal(pixels(out), pixels(start))
