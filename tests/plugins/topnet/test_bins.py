"""Bins, boxes and the search, on scores whose best places are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.topnet.bins import Bins, Shape, at_scale, best_places, best_scale, coverage, iou, scale_of

BINS = Bins()
SQUARE = Shape(640, 640)
CUP = Shape(30, 40)

shapes = st.builds(Shape, st.floats(1, 2000), st.floats(1, 2000))


def peaked(*bins: tuple[int, int, int]) -> np.ndarray:
    """Scores that fall off smoothly around each of the bins, the first being the highest."""
    places = np.indices(BINS.shape)
    out = np.full(BINS.shape, -50.0)
    for number, at in enumerate(bins):
        squared = np.sum([(axis - value) ** 2 for axis, value in zip(places, at, strict=True)], axis=0)
        out = np.maximum(out, 10.0 - number - 3.0 * squared)
    return out.astype(np.float32)


@given(st.integers(0, 15), st.integers(0, 31), st.integers(0, 31), shapes, shapes)
def test_a_bin_is_the_bin_of_its_box(k: int, i: int, j: int, thing: Shape, picture: Shape) -> None:
    place = BINS.place((k, i, j), thing, picture, 0.0)
    assert BINS.nearest(place.x, place.y, scale_of(place.width, place.height, picture), picture) == (k, i, j)


@given(st.integers(0, 15), shapes, shapes)
def test_boxes_keep_the_objects_shape_and_have_its_scale(k: int, thing: Shape, picture: Shape) -> None:
    width, height = BINS.sizes(thing, picture)[k]
    assert width / height == pytest.approx(thing.width / thing.height)
    assert scale_of(width, height, picture) == pytest.approx(BINS.scale(k))


def test_scales_are_even_steps_from_the_smallest_to_the_largest() -> None:
    scales = [BINS.scale(k) for k in range(BINS.scales)]
    assert scales[0] == pytest.approx(0.05)
    assert scales[-1] == pytest.approx(0.9)
    assert np.allclose(np.diff(np.log(scales)), np.log(scales[1] / scales[0]))


@given(st.integers(0, 2**32 - 1), shapes, shapes)
def test_no_box_leaves_the_picture_and_none_overlap(seed: int, thing: Shape, picture: Shape) -> None:
    scores = np.random.default_rng(seed).normal(size=BINS.shape).astype(np.float32)
    found = best_places(BINS, scores, BINS.valid(thing, picture), thing, picture, refine=False)
    for number, place in enumerate(found):
        left, top, right, bottom = place.edges
        slack = 1e-9 * max(picture.width, picture.height)
        assert left >= -slack
        assert top >= -slack
        assert right <= picture.width + slack
        assert bottom <= picture.height + slack
        others = tuple(np.array([other.edges[edge] for other in found[number + 1 :]]) for edge in range(4))
        assert (iou(place, others) <= 0.3 + 1e-9).all()
    assert [place.score for place in found] == sorted((place.score for place in found), reverse=True)


def test_peaks_come_back_in_order_and_not_as_copies_at_the_next_scale() -> None:
    peaks = ((6, 10, 8), (6, 10, 24), (4, 22, 16))
    found = best_places(BINS, peaked(*peaks), BINS.valid(CUP, SQUARE), CUP, SQUARE, count=3)
    nearest = [BINS.nearest(p.x, p.y, p.scale, SQUARE) for p in found]
    assert nearest == list(peaks)


def test_a_peak_between_bins_is_found_there() -> None:
    places = np.indices(BINS.shape).astype(np.float64)
    at = (6.3, 12.25, 15.6)
    scores = -np.sum([(axis - value) ** 2 for axis, value in zip(places, at, strict=True)], axis=0).astype(np.float32)
    place = best_places(BINS, scores, BINS.valid(CUP, SQUARE), CUP, SQUARE, count=1)[0]
    assert (BINS.step(place.scale), place.y / 20 - 0.5, place.x / 20 - 0.5) == pytest.approx(at, abs=0.01)


def test_the_best_size_at_a_place() -> None:
    scores = peaked((7, 16, 16))
    found = best_scale(BINS, scores, BINS.valid(CUP, SQUARE), 330, 330, SQUARE)
    assert found == pytest.approx(BINS.scale(7), rel=0.02)


def test_no_size_fits_in_the_corner() -> None:
    assert best_scale(BINS, peaked((7, 16, 16)), BINS.valid(CUP, SQUARE), 0, 0, SQUARE) is None


def test_a_given_size_leaves_that_step_alone() -> None:
    only = at_scale(BINS, BINS.valid(CUP, SQUARE), BINS.scale(5))
    assert only[5].any()
    assert not np.delete(only, 5, axis=0).any()


def test_coverage_is_the_share_of_each_box() -> None:
    mask = np.zeros((640, 640), np.bool_)
    mask[:, :320] = True
    share = coverage(BINS, mask, CUP, SQUARE)
    assert share[8, 16, 2] == 1
    assert share[8, 16, 29] == 0
    straddling = BINS.place((8, 16, 16), CUP, SQUARE, 0.0)
    expected = (320 - straddling.edges[0]) / straddling.width
    assert share[8, 16, 16] == pytest.approx(expected, abs=0.03)


def test_an_object_wider_than_the_picture_is_measured_by_its_width() -> None:
    wide = Shape(4000, 100)
    width, height = BINS.sizes(wide, SQUARE)[-1]
    assert width == pytest.approx(0.9 * 640)
    assert height == pytest.approx(width / 40)
