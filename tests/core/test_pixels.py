"""Pixel buffers against plain arrays: what is read is what was written, and equal pictures are equal buffers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from studio.core.errors import ShapeError
from studio.core.geometry import EMPTY, ORIGIN, Point, Rect, Size
from studio.core.pixels import TILE, Depth, PixelBuffer, Pixels, to_depth

FILLS = (0, 255, 100)
edges = st.sampled_from([0, 1, 3, TILE - 1, TILE, TILE + 1, 2 * TILE, 2 * TILE + 7])
positions = st.sampled_from([-TILE, -3, 0, 1, TILE - 1, TILE, TILE + 2])


@st.composite
def arrays(draw: DrawFn, channels: int = 1) -> Pixels:
    """(H, W, C) arrays around the tile size, many of their samples a possible fill."""
    shape = (draw(edges), draw(edges), channels)
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    out = rng.integers(0, 256, shape, dtype=np.uint8)
    out[rng.random(shape[:2]) < draw(st.sampled_from([0.0, 0.5, 1.0]))] = draw(st.sampled_from(FILLS))
    return out


def plain_read(array: Pixels, rect: Rect, fill: int) -> Pixels:
    out = np.full((rect.height, rect.width, array.shape[2]), fill, array.dtype)
    part = rect.intersect(Rect(0, 0, array.shape[1], array.shape[0]))
    if not part.is_empty:
        out[part.slices(rect.origin)] = array[part.slices()]
    return out


@settings(max_examples=60, deadline=None)
@given(arrays(), st.sampled_from(FILLS), positions, positions, edges, edges)
def test_reading(array: Pixels, fill: int, left: int, top: int, width: int, height: int) -> None:
    buffer = PixelBuffer.from_array(array, fill)
    assert np.array_equal(buffer.read(), array)
    rect = Rect.at(Point(left, top), Size(width, height))
    assert np.array_equal(buffer.read(rect), plain_read(array, rect, fill))
    assert buffer.read(rect).flags.writeable


@settings(max_examples=60, deadline=None)
@given(arrays(), arrays(), st.sampled_from(FILLS), positions, positions)
def test_writing(array: Pixels, patch: Pixels, fill: int, left: int, top: int) -> None:
    buffer = PixelBuffer.from_array(array, fill)
    expected = array.copy()
    target = Rect.at(Point(left, top), Size(patch.shape[1], patch.shape[0])).intersect(buffer.rect)
    if not target.is_empty:
        expected[target.slices()] = patch[target.slices(Point(left, top))]
    after = buffer.with_rect(Point(left, top), patch)
    assert np.array_equal(after.read(), expected)
    assert after == PixelBuffer.from_array(expected, fill)
    assert hash(after) == hash(PixelBuffer.from_array(expected, fill))
    assert np.array_equal(buffer.read(), array)
    different = (expected != array).any(axis=2)
    different[buffer.changed_rect(after).slices()] = False
    assert not different.any()


def test_an_equal_write_shares_every_tile() -> None:
    array = np.random.default_rng(0).integers(0, 256, (600, 600, 4), dtype=np.uint8)
    buffer = PixelBuffer.from_array(array)
    after = buffer.with_rect(Point(100, 100), array[100:500, 100:500])
    assert all(after.tiles[key] is tile for key, tile in buffer.tiles.items())
    assert buffer.changed_rect(after) == EMPTY


def test_only_touched_tiles_are_copied() -> None:
    buffer = PixelBuffer.from_array(np.full((600, 600, 4), 9, np.uint8))
    after = buffer.with_rect(Point(260, 10), np.zeros((5, 5, 4), np.uint8))
    assert [key for key, tile in buffer.tiles.items() if after.tiles[key] is not tile] == [(1, 0)]
    assert buffer.changed_rect(after) == Rect(256, 0, 512, 256)
    assert after.changed_rect(buffer) == Rect(256, 0, 512, 256)


def test_a_buffer_copies_what_it_is_made_from_and_is_read_only() -> None:
    array = np.ones((10, 10, 4), np.uint8)
    buffer = PixelBuffer.from_array(array)
    array[:] = 7
    assert (buffer.read() == 1).all()
    tile = buffer.tile(0, 0)
    assert tile is not None
    with pytest.raises(ValueError, match="read-only"):
        tile[0, 0] = 3


def test_flat_areas_are_not_stored() -> None:
    assert PixelBuffer.from_array(np.zeros((600, 600, 4), np.uint8)).nbytes == 0
    assert PixelBuffer.from_array(np.full((600, 600, 1), 255, np.uint8), 255).nbytes == 0
    painted = PixelBuffer(Size(600, 600), Depth.EIGHT).with_rect(ORIGIN, np.ones((9, 9, 4), np.uint8))
    assert painted.with_rect(ORIGIN, np.zeros((9, 9, 4), np.uint8)).nbytes == 0


@settings(max_examples=60, deadline=None)
@given(arrays(), st.sampled_from(FILLS))
def test_trimmed_of_masks(array: Pixels, fill: int) -> None:
    buffer = PixelBuffer.from_array(array, fill)
    trimmed, start = buffer.trimmed()
    assert np.array_equal(trimmed.read(buffer.rect.moved(-start)), array)
    rows, columns = np.nonzero(array[:, :, 0] != fill)
    size = Size(int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1) if rows.size else Size(0, 0)
    assert trimmed.size == size or trimmed is buffer


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 899), st.integers(0, 699)), max_size=6), st.sampled_from((0, 255)))
def test_the_shown_rectangle_is_that_of_the_pixels_that_show(spots: list[tuple[int, int]], fill: int) -> None:
    array = np.full((700, 900, 1), fill, np.uint8)
    for x, y in spots:
        array[y, x] = 77
    shown = PixelBuffer.from_array(array, fill).shown_rect()
    xs, ys = [x for x, _ in spots], [y for _, y in spots]
    assert shown == (Rect(min(xs), min(ys), max(xs) + 1, max(ys) + 1) if spots else Rect(0, 0, 0, 0))


def test_trimmed_of_pixels_follows_alpha() -> None:
    array = np.zeros((300, 300, 4), np.uint8)
    array[:, :, :3] = 50  # colour without alpha does not show
    array[280:290, 10:270, 3] = 1
    trimmed, start = PixelBuffer.from_array(array).trimmed()
    assert (trimmed.size, start) == (Size(260, 10), Point(10, 280))
    assert np.array_equal(trimmed.read(), array[280:290, 10:270])
    empty, _ = PixelBuffer.from_array(np.zeros((5, 5, 4), np.uint8)).trimmed()
    assert empty.size == Size(0, 0)


@settings(max_examples=60, deadline=None)
@given(arrays(), st.sampled_from(FILLS), positions, positions, edges, edges)
def test_grown(array: Pixels, fill: int, left: int, top: int, width: int, height: int) -> None:
    buffer = PixelBuffer.from_array(array, fill)
    rect = Rect.at(Point(left, top), Size(width, height))
    grown, start = buffer.grown(rect)
    whole = Rect.union((buffer.rect, rect))
    assert Rect.at(start, grown.size).contains(whole)
    assert np.array_equal(grown.read(whole.moved(-start)), buffer.read(whole))
    assert {id(tile) for tile in grown.tiles.values()} == {id(tile) for tile in buffer.tiles.values()}
    assert grown == PixelBuffer.from_array(grown.read(), fill)


def test_sixteen_to_eight_bits_rounds_to_nearest_and_eight_survive() -> None:
    every = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1)
    eight = to_depth(every, Depth.EIGHT)
    for value in (0, 1, 128, 129, 32767, 32768, 65406, 65407, 65535):
        assert eight.ravel()[value] == round(Fraction(value * 255, 65535))
    assert np.array_equal(eight.ravel(), np.rint(np.arange(65536) / 257))
    small = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    assert np.array_equal(to_depth(to_depth(small, Depth.SIXTEEN), Depth.EIGHT), small)
    assert to_depth(small, Depth.SIXTEEN).max() == 65535
    assert to_depth(small, Depth.EIGHT) is small


@settings(max_examples=40, deadline=None)
@given(arrays(4), st.sampled_from(FILLS))
def test_depth_of_buffers(array: Pixels, fill: int) -> None:
    buffer = PixelBuffer.from_array(array, fill)
    sixteen = buffer.to_depth(Depth.SIXTEEN)
    assert sixteen == PixelBuffer.from_array(to_depth(array, Depth.SIXTEEN), fill * 257)
    assert sixteen.to_depth(Depth.EIGHT) == buffer


def test_a_tile_that_rounds_to_fill_is_dropped() -> None:
    faint = PixelBuffer.from_array(np.full((20, 20, 1), 100, np.uint16))
    assert faint.to_depth(Depth.EIGHT) == PixelBuffer.from_array(np.zeros((20, 20, 1), np.uint8))
    assert faint.map_tiles(lambda tile: tile // 128).nbytes == 0


@settings(max_examples=40, deadline=None)
@given(arrays(), st.sampled_from(FILLS))
def test_map_tiles_with_another_fill(array: Pixels, fill: int) -> None:
    inverted = PixelBuffer.from_array(array, fill).map_tiles(lambda tile: 255 - tile, 255 - fill)
    assert inverted == PixelBuffer.from_array(255 - array, 255 - fill)


def test_unequal_buffers() -> None:
    buffer = PixelBuffer.from_array(np.ones((4, 4, 4), np.uint8))
    others = [
        PixelBuffer.from_array(np.ones((4, 5, 4), np.uint8)),
        PixelBuffer.from_array(np.ones((4, 4, 4), np.uint16)),
        PixelBuffer.from_array(np.ones((4, 4, 1), np.uint8)),
        PixelBuffer.from_array(np.ones((4, 4, 4), np.uint8), 1),
        PixelBuffer.from_array(np.full((4, 4, 4), 2, np.uint8)),
    ]
    assert all(buffer != other for other in others)
    assert buffer != "buffer"
    assert all(buffer.changed_rect(other) == Rect.union((buffer.rect, other.rect)) for other in others[:4])


def test_wrong_arrays_are_refused() -> None:
    for bad in (np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4, 4, 1), np.uint8)):
        with pytest.raises(ShapeError, match="channels"):
            PixelBuffer.from_array(bad)
    with pytest.raises(ShapeError, match="8-bit or 16-bit"):
        Depth.of(np.zeros((4, 4, 4)))
    buffer = PixelBuffer(Size(4, 4), Depth.EIGHT)
    for wrong in (np.zeros((4, 4, 4), np.uint16), np.zeros((4, 4, 1), np.uint8)):
        with pytest.raises(ShapeError, match="Cannot write"):
            buffer.with_rect(ORIGIN, wrong)


def test_two_dimensional_arrays_are_masks() -> None:
    assert PixelBuffer.from_array(np.ones((3, 4), np.uint8)).channels == 1
