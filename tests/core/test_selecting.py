"""Coverage of shapes, colours and reshaped outlines, against plain scalar references."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from studio.core.geometry import Point, Rect, Size
from studio.core.pixels import Depth, to_depth
from studio.core.selecting import colors, reshape, shapes
from studio.core.selection import FULL, Coverage
from tests.support.documents import noise

CANVAS = Size(40, 30)
corners = st.tuples(st.floats(-10, 50), st.floats(-10, 40))


def inside(x: float, y: float, points: list[tuple[float, float]]) -> bool:
    """Even-odd rule: how many edges lie to the left."""
    hits = 0
    for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
        if (y0 <= y) != (y1 <= y) and x0 + (y - y0) / (y1 - y0) * (x1 - x0) <= x:
            hits += 1
    return hits % 2 == 1


def disc(radius: float, size: Size = CANVAS) -> Coverage:
    y, x = np.mgrid[: size.height, : size.width]
    return np.where(np.hypot(x - 19.5, y - 14.5) <= radius, FULL, 0).astype(np.uint8)


class TestShapes:
    def test_a_rectangle_is_cut_by_the_canvas(self) -> None:
        out = shapes.rectangle(CANVAS, Rect(-5, 3, 7, 100))
        assert out.dtype == np.uint8
        assert (out[3:, :7] == FULL).all()
        assert int(out.sum()) == 7 * 27 * FULL

    @settings(max_examples=60, deadline=None)
    @given(points=st.lists(corners, min_size=3, max_size=7))
    def test_a_hard_polygon_is_the_even_odd_rule_at_pixel_centres(self, points: list[tuple[float, float]]) -> None:
        out = shapes.polygon(CANVAS, points, antialias=False)
        assert set(np.unique(out)) <= {0, FULL}
        for y in range(0, 30, 3):
            for x in range(0, 40, 3):
                assert (out[y, x] == FULL) == inside(x + 0.5, y + 0.5, points)

    @settings(max_examples=25, deadline=None)
    @given(points=st.lists(corners, min_size=3, max_size=6))
    def test_a_soft_polygon_is_the_covered_share(self, points: list[tuple[float, float]]) -> None:
        out = shapes.polygon(CANVAS, points)
        fine = 16
        for y, x in ((0, 0), (7, 11), (15, 20), (22, 33)):
            share = np.mean(
                [inside(x + (i + 0.5) / fine, y + (j + 0.5) / fine, points) for i in range(fine) for j in range(fine)]
            )
            assert abs(out[y, x] / FULL - share) <= 0.1

    def test_upright_edges_are_exact_and_flat_ones_to_one_line(self) -> None:
        out = shapes.polygon(CANVAS, [(3.3, 5.25), (20.7, 5.25), (20.7, 10.5), (3.3, 10.5)])
        assert out[7, 3] == round(0.7 * FULL)
        assert out[7, 20] == round(0.7 * FULL)
        assert out[5, 10] == round(0.75 * FULL)
        assert out[10, 10] == round(0.5 * FULL)
        assert out[4].sum() == out[11].sum() == 0

    def test_a_lasso_that_crosses_itself_has_a_hole(self) -> None:
        square = [(0, 0), (20, 0), (20, 20), (0, 20)]
        inner = [(5, 5), (15, 5), (15, 15), (5, 15)]
        out = shapes.polygon(CANVAS, [*square, square[0], *inner, inner[0]])
        assert out[10, 10] == 0
        assert out[2, 10] == FULL

    def test_too_few_points_cover_nothing(self) -> None:
        assert not shapes.polygon(CANVAS, [(1, 1), (9, 9)]).any()
        assert not shapes.ellipse(CANVAS, Rect(4, 4, 4, 9)).any()

    @pytest.mark.parametrize("rect", [Rect(5, 4, 35, 26), Rect(-10, -10, 20, 15)])
    def test_an_ellipse_has_its_area_and_its_outline(self, rect: Rect) -> None:
        out = shapes.ellipse(CANVAS, rect)
        center = (rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2
        for y in range(30):
            for x in range(40):
                away = math.hypot((x + 0.5 - center[0]) / (rect.width / 2), (y + 0.5 - center[1]) / (rect.height / 2))
                if away < 0.9:
                    assert out[y, x] == FULL
                elif away > 1.15:
                    assert out[y, x] == 0
        if rect.left >= 0:
            assert out.sum() / FULL == pytest.approx(math.pi * rect.width * rect.height / 4, rel=0.002)


def scalar_wand(samples: NDArray[np.uint8], seed: Point, tolerance: int) -> set[tuple[int, int]]:
    """Flood from the seed, pixel by pixel."""

    def seen(x: int, y: int) -> list[int]:
        pixel = [int(v) for v in samples[y, x]]
        return pixel if pixel[3] else [0, 0, 0, 0]

    wanted = seen(seed.x, seed.y)
    height, width = samples.shape[:2]
    found: set[tuple[int, int]] = set()
    waiting = [(seed.x, seed.y)]
    while waiting:
        x, y = waiting.pop()
        if not (0 <= x < width and 0 <= y < height) or (x, y) in found:
            continue
        if max(abs(a - b) for a, b in zip(seen(x, y), wanted, strict=True)) <= tolerance:
            found.add((x, y))
            waiting += [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
    return found


class TestColors:
    @settings(max_examples=30, deadline=None)
    @given(seed=st.integers(0, 999), tolerance=st.integers(0, 255), x=st.integers(0, 15), y=st.integers(0, 11))
    def test_the_contiguous_wand_is_a_flood(self, seed: int, tolerance: int, x: int, y: int) -> None:
        rng = np.random.default_rng(seed)
        samples = (noise(rng, Size(16, 12), Depth.EIGHT) // 100 * 100).astype(np.uint8)
        out = colors.wand(samples, Point(x, y), tolerance, antialias=False)
        found = scalar_wand(samples, Point(x, y), tolerance)
        assert {(int(c), int(r)) for r, c in zip(*np.nonzero(out), strict=True)} == found
        assert set(np.unique(out)) <= {0, FULL}

    def test_without_contiguous_it_finds_islands_at_either_depth(self) -> None:
        samples = np.zeros((8, 8, 4), np.uint8)
        samples[..., 3] = 255
        samples[1, 1] = samples[6, 6] = (200, 10, 10, 255)
        for ready in (samples, to_depth(samples, Depth.SIXTEEN)):
            near = colors.wand(ready, Point(1, 1), 20)
            far = colors.wand(ready, Point(1, 1), 20, contiguous=False)
            assert int(near.sum()) == FULL
            assert np.argwhere(far).tolist() == [[1, 1], [6, 6]]

    def test_antialiasing_adds_only_neighbours_in_part(self) -> None:
        samples = np.full((5, 9, 4), 255, np.uint8)
        samples[:, 3, :3] = 225  # 30 off: within twice the tolerance
        samples[:, 4:, :3] = 0
        hard = colors.wand(samples, Point(0, 0), 20, antialias=False)
        soft = colors.wand(samples, Point(0, 0), 20)
        assert (hard[:, :3] == FULL).all()
        assert not hard[:, 3:].any()
        assert (soft[:, 3] == round(0.5 * FULL)).all()
        assert not soft[:, 4:].any()

    def test_what_cannot_be_seen_has_no_colour(self) -> None:
        samples = np.zeros((1, 3, 4), np.uint8)
        samples[0, 1] = (255, 255, 255, 0)
        assert (colors.wand(samples, Point(0, 0), 0) == FULL).all()

    def test_a_colour_range_is_the_distance_to_the_nearest_colour(self) -> None:
        rng = np.random.default_rng(3)
        samples = noise(rng, Size(20, 10), Depth.EIGHT)
        wanted = [(1.0, 0.2, 0.0), (0.0, 0.0, 1.0)]
        out = colors.color_range(samples, wanted, 90)
        for y, x in np.ndindex(10, 20):
            r, g, b, a = (float(v) for v in samples[y, x])
            r, g, b = (r, g, b) if a else (0.0, 0.0, 0.0)
            gap = min(max(abs(r - c[0] * 255), abs(g - c[1] * 255), abs(b - c[2] * 255)) for c in wanted)
            assert abs(int(out[y, x]) - max(0.0, 1 - gap / 90) * a) <= 0.51

    def test_luminosity_is_weighted_and_times_alpha(self) -> None:
        samples = np.array([[[255, 0, 0, 255], [0, 255, 0, 255], [255, 255, 255, 128], [9, 9, 9, 0]]], np.uint8)
        assert colors.luminosity(samples)[0].tolist() == [round(0.3 * 255), round(0.59 * 255), 128, 0]


class TestReshape:
    def test_feather_is_a_gaussian(self) -> None:
        step = np.zeros((9, 60), np.uint8)
        step[:, 30:] = FULL
        out = reshape.feather(step, 4.0)
        for x in range(60):
            wanted = FULL * 0.5 * (1 + math.erf((x + 0.5 - 30) / (4.0 * math.sqrt(2))))
            assert abs(int(out[4, x]) - wanted) <= 1.5

    def test_a_wide_feather_is_that_gaussian_too(self) -> None:
        step = np.zeros((20, 600), np.uint8)
        step[:, 300:] = FULL
        out = reshape.feather(step, 60.0)
        for x in range(0, 600, 7):
            wanted = FULL * 0.5 * (1 + math.erf((x + 0.5 - 300) / (60.0 * math.sqrt(2))))
            assert abs(int(out[10, x]) - wanted) <= 2.5

    @pytest.mark.parametrize("px", [1, 3, 7])
    def test_growing_and_shrinking_move_straight_edges_by_whole_pixels(self, px: int) -> None:
        rect = Rect(12, 10, 28, 20)
        grown = reshape.grow(shapes.rectangle(CANVAS, rect), px)
        assert (grown[15, 12 - px : 28 + px] == FULL).all()
        assert grown[15, 12 - px - 1] == grown[15, 28 + px] == 0
        back = reshape.shrink(shapes.rectangle(CANVAS, rect.grown(px)), px)
        assert (back == shapes.rectangle(CANVAS, rect)).all()

    def test_growing_is_round(self) -> None:
        grown = reshape.grow(disc(5), 6)
        inner, outer = disc(10.2), disc(12.2)
        assert (grown[inner > 0] == FULL).all()
        assert not grown[outer == 0].any()

    def test_the_edge_of_the_canvas_is_no_outline(self) -> None:
        left = shapes.rectangle(CANVAS, Rect(0, 0, 20, 30))
        assert (reshape.shrink(left, 4) == shapes.rectangle(CANVAS, Rect(0, 0, 16, 30))).all()
        assert (reshape.border(left, 6) == shapes.rectangle(CANVAS, Rect(17, 0, 23, 30))).all()
        full = shapes.rectangle(CANVAS, Rect(0, 0, 40, 30))
        assert (reshape.shrink(full, 9) == full).all()

    def test_smoothing_drops_specks_and_holes_and_keeps_straight_edges(self) -> None:
        half = shapes.rectangle(CANVAS, Rect(0, 0, 20, 30))
        dirty = half.copy()
        dirty[10, 8] = 0
        dirty[12, 30] = FULL
        assert (reshape.smooth(dirty, 2) == half)[4:26, :17].all()
        assert not reshape.smooth(dirty, 2)[:, 23:].any()
        assert (reshape.smooth(half, 3) == half).all()
