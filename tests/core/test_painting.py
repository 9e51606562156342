"""Dabs, paths, inks, gradients and dither against plain scalar formulas."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.errors import DocumentError
from studio.core.geometry import Point, Rect
from studio.core.gradients import BLACK_TO_WHITE, GradientStop, gradient_at, gradient_faults
from studio.core.painting.brush import Brush, StrokePoint, require_brush, require_points, responded
from studio.core.painting.inks import Clone, Tone, ToneRange, brightness_of, toned_color
from studio.core.painting.mixing import erased, painted, rounded, toned
from studio.core.painting.path import Dab, DabPath
from studio.core.painting.presets import PRESETS
from studio.core.painting.shading import GradientShape, dither_thresholds, positions
from studio.core.painting.stamp import build_up, dab_print, dab_rect
from studio.core.pixels import Depth

points = st.builds(
    StrokePoint, x=st.floats(-50, 150), y=st.floats(-50, 150), pressure=st.floats(0, 1), time_ms=st.just(0.0)
)


def dabs_of(brush: Brush, stroke: list[StrokePoint], chunk: int = 1000) -> list[Dab]:
    path = DabPath(brush)
    out: list[Dab] = []
    for start in range(0, len(stroke), chunk):
        out += path.extend(stroke[start : start + chunk])
    return [*out, *path.finish()]


class TestBrush:
    def test_a_response_is_straight_between_its_pairs_and_flat_outside(self) -> None:
        response = ((0.2, 0.1), (0.6, 0.9))
        assert [responded(response, p) for p in (0.0, 0.2, 0.4, 0.6, 1.0)] == pytest.approx([0.1, 0.1, 0.5, 0.9, 0.9])
        assert responded((), 0.3) == 1.0

    @pytest.mark.parametrize(
        "brush",
        [
            Brush(size_px=0),
            Brush(hardness=1.2),
            Brush(spacing=math.nan),
            Brush(flow_by_pressure=((0.5, 0.2), (0.5, 0.3))),
            Brush(size_by_pressure=((0.5, 1.2),)),
        ],
    )
    def test_what_no_brush_can_be_is_refused(self, brush: Brush) -> None:
        with pytest.raises(DocumentError, match="brush's"):
            require_brush(brush)

    def test_presets_are_sound_and_differ(self) -> None:
        for brush in PRESETS.values():
            require_brush(brush)
        assert len(set(PRESETS.values())) == len(PRESETS) >= 5

    def test_points_off_any_canvas_are_refused(self) -> None:
        for point in (StrokePoint(x=math.inf, y=0), StrokePoint(x=0, y=2e6), StrokePoint(x=0, y=0, pressure=1.5)):
            with pytest.raises(DocumentError):
                require_points([point])


class TestPath:
    def test_dabs_lie_at_even_distances_on_a_straight_line(self) -> None:
        dabs = dabs_of(Brush(size_px=10, spacing=0.5), [StrokePoint(x=x, y=3.0) for x in (0, 7, 30, 31, 60)])
        assert [dab.x for dab in dabs] == pytest.approx([5.0 * i for i in range(13)])
        assert {round(dab.y, 9) for dab in dabs} == {3.0}

    @settings(max_examples=60, deadline=None)
    @given(stroke=st.lists(points, min_size=1, max_size=12), chunk=st.integers(1, 5))
    def test_a_stroke_does_not_depend_on_how_its_points_come(self, stroke: list[StrokePoint], chunk: int) -> None:
        brush = Brush(size_px=12, spacing=0.3, string_px=4, size_by_pressure=((0, 0.2), (1, 1)), scatter=0.5, seed=3)
        assert dabs_of(brush, stroke, chunk) == dabs_of(brush, stroke)

    @settings(max_examples=60, deadline=None)
    @given(stroke=st.lists(points, min_size=2, max_size=12))
    def test_neighbouring_dabs_are_never_farther_apart_than_the_spacing(self, stroke: list[StrokePoint]) -> None:
        dabs = dabs_of(Brush(size_px=10, spacing=0.4), stroke)
        gaps = [math.hypot(b.x - a.x, b.y - a.y) for a, b in pairwise(dabs)]
        assert all(gap <= 4.0 + 1e-6 for gap in gaps)
        assert (dabs[0].x, dabs[0].y) == (stroke[0].x, stroke[0].y)
        assert math.hypot(dabs[-1].x - stroke[-1].x, dabs[-1].y - stroke[-1].y) <= 4.0 + 1e-6

    def test_a_tap_is_one_dab_and_nothing_is_none(self) -> None:
        assert len(dabs_of(Brush(), [StrokePoint(x=4, y=5)])) == 1
        assert dabs_of(Brush(), []) == []

    def test_pressure_acts_as_the_curves_say(self) -> None:
        ramp = ((0.0, 0.0), (1.0, 1.0))
        brush = Brush(size_px=20, opacity=0.8, flow=0.5, opacity_by_pressure=ramp, flow_by_pressure=ramp)
        brush_dabs = dabs_of(brush, [StrokePoint(x=0, y=0, pressure=0.5)])
        assert (brush_dabs[0].opacity, brush_dabs[0].flow, brush_dabs[0].radius_px) == (0.4, 0.25, 10)

    def test_the_string_swallows_a_trembling_hand(self) -> None:
        shaky = [StrokePoint(x=float(x), y=1.5 * (-1) ** x) for x in range(0, 80, 2)]
        plain = dabs_of(Brush(size_px=4, spacing=0.5), shaky)
        steady = dabs_of(Brush(size_px=4, spacing=0.5, string_px=12), shaky)

        def wobble(dabs: list[Dab]) -> float:
            return float(np.std([dab.y for dab in dabs if 15 < dab.x < 65]))

        assert wobble(steady) < 0.4 * max(wobble(plain), 0.3)
        assert math.hypot(steady[-1].x - shaky[-1].x, steady[-1].y - shaky[-1].y) <= 2.0

    def test_jitter_is_off_unless_asked_for_and_repeats_with_its_seed(self) -> None:
        line = [StrokePoint(x=0, y=0), StrokePoint(x=100, y=0)]
        assert all(dab.y == 0 and dab.radius_px == 10 for dab in dabs_of(Brush(), line))
        wild = Brush(scatter=1.0, size_jitter=0.5, seed=7)
        assert dabs_of(wild, line) == dabs_of(wild, line)
        assert len({dab.radius_px for dab in dabs_of(wild, line)}) > 10


class TestStamp:
    @settings(max_examples=40, deadline=None)
    @given(
        x=st.floats(5, 15),
        y=st.floats(5, 15),
        radius=st.floats(0.3, 6),
        hardness=st.floats(0, 1),
        roundness=st.floats(0.2, 1),
        angle=st.floats(-90, 90),
    )
    def test_every_pixel_is_the_scalar_formula(
        self, x: float, y: float, radius: float, hardness: float, roundness: float, angle: float
    ) -> None:
        brush = Brush(hardness=hardness, roundness=roundness, angle=angle)
        rect = Rect(0, 0, 21, 21)
        out = dab_print(Dab(x, y, radius, 1.0, 1.0), brush, rect)
        turn = math.radians(angle)
        inner, outer = radius * hardness, radius
        if outer - inner < 1:
            inner, outer = (inner + outer) / 2 - 0.5, (inner + outer) / 2 + 0.5
        for row in range(0, 21, 4):
            for column in range(0, 21, 3):
                dx, dy = column + 0.5 - x, row + 0.5 - y
                u, v = dx * math.cos(turn) + dy * math.sin(turn), dy * math.cos(turn) - dx * math.sin(turn)
                away = math.hypot(u, v / roundness) if roundness < 1 else math.hypot(dx, dy)
                t = min(1.0, max(0.0, (outer - away) / (outer - inner)))
                assert out[row, column] == pytest.approx(t * t * (3 - 2 * t), abs=2e-4)

    def test_nothing_lies_outside_the_rectangle_of_a_dab(self) -> None:
        for x in (4.0, 4.3, 4.99):
            dab = Dab(x, 7.5, 3.2, 1.0, 1.0)
            wide = dab_print(dab, Brush(hardness=1.0), dab_rect(dab).grown(4))
            assert np.count_nonzero(wide) == np.count_nonzero(wide[4:-4, 4:-4]) > 0

    def test_flow_builds_up_and_opacity_caps(self) -> None:
        wet = np.zeros((1, 3), np.float32)
        wanted = 0.0
        for _ in range(5):
            wet = build_up(wet, np.array([[0.3, 0.0, 1.0]], np.float32), 0.6)
            wanted += 0.3 * (0.6 - wanted)
        assert wet[0].tolist() == pytest.approx([wanted, 0.0, 0.6])
        assert build_up(wet, np.ones((1, 3), np.float32), 0.2)[0, 2] == pytest.approx(0.6)


class TestMixing:
    @pytest.mark.parametrize("depth", Depth)
    def test_painting_and_erasing_are_the_scalar_formulas(self, depth: Depth) -> None:
        rng = np.random.default_rng(5)
        base = rng.integers(0, depth.top + 1, (12, 13, 4), dtype=depth.dtype)
        base[rng.random((12, 13)) < 0.2] = 0
        alpha = rng.random((12, 13)).astype(np.float32)
        alpha[rng.random((12, 13)) < 0.2] = 0
        color = np.array([0.2, 0.9, 0.5], np.float32)
        out, locked, gone = (
            painted(base, color, alpha),
            painted(base, color, alpha, lock_alpha=True),
            erased(base, alpha),
        )
        for y, x in np.ndindex(12, 13):
            a, b = float(alpha[y, x]), base[y, x] / depth.top
            total = a + b[3] * (1 - a)
            mixed = (color * a + b[:3] * b[3] * (1 - a)) / total if total else b[:3] * 0
            if a == 0:
                assert (out[y, x] == base[y, x]).all()
                assert (gone[y, x] == base[y, x]).all()
            else:
                assert np.abs(out[y, x] - np.array([*mixed, total]) * depth.top).max() <= 0.52
                assert abs(int(gone[y, x, 3]) - b[3] * (1 - a) * depth.top) <= 0.52
            assert locked[y, x, 3] == base[y, x, 3]
            if base[y, x, 3]:
                assert np.abs(locked[y, x, :3] - (b[:3] + (color - b[:3]) * a) * depth.top).max() <= 0.52
            else:
                assert (locked[y, x] == base[y, x]).all()
        mask = toned(base[..., :1], 0.25, alpha)
        wanted = base[..., 0] + (0.25 * depth.top - base[..., 0].astype(np.float64)) * alpha
        assert np.abs(mask[..., 0] - wanted).max() <= 0.52

    @pytest.mark.parametrize("part", ToneRange)
    def test_dodge_lightens_and_burn_darkens_and_nothing_is_neutral(self, part: ToneRange) -> None:
        ramp = np.repeat(np.linspace(0, 1, 11, dtype=np.float32)[None, :, None], 3, axis=2)
        assert np.abs(toned_color(ramp, Tone(exposure=0, range=part)) - ramp).max() < 1e-6
        light, dark = (toned_color(ramp, Tone(exposure=e, range=part)) for e in (0.8, -0.8))
        assert (light >= ramp - 1e-6).all()
        assert (dark <= ramp + 1e-6).all()
        change = np.abs(light - ramp)[0, :, 0]
        strongest = {ToneRange.SHADOWS: change[:4].max(), ToneRange.HIGHLIGHTS: change[6:].max()}
        assert strongest.get(part, change[2:8].max()) == change.max() > 0.1

    def test_small_things(self) -> None:
        assert brightness_of((1.0, 1.0, 1.0)) == pytest.approx(1.0)
        assert Clone.offset_to(Point(10, 20), Point(4, 5)) == Point(6, 15)
        assert rounded(np.array([[[0.5, 1.5, -1.0]]], np.float32), Depth.EIGHT)[0, 0].tolist() == [128, 255, 0]


class TestGradients:
    stops = (
        GradientStop(position=0.1, color=(1.0, 0.0, 0.0)),
        GradientStop(position=0.4, color=(0.0, 1.0, 0.0), opacity=0.5),
        GradientStop(position=0.4, color=(0.0, 0.0, 1.0)),
        GradientStop(position=0.9, color=(1.0, 1.0, 1.0), opacity=0.0),
    )

    def test_between_stops_beyond_them_and_at_a_jump(self) -> None:
        at = np.array([0.0, 0.1, 0.25, 0.39999, 0.4, 0.65, 0.9, 1.0])
        wanted = [
            (1, 0, 0, 1),
            (1, 0, 0, 1),
            (0.5, 0.5, 0, 0.75),
            (0, 1, 0, 0.5),
            (0, 0, 1, 1),
            (0.5, 0.5, 1, 0.5),
            (1, 1, 1, 0),
            (1, 1, 1, 0),
        ]
        assert np.abs(gradient_at(self.stops, at) - np.array(wanted)).max() < 1e-4
        assert (gradient_at(self.stops[:1], at) == (1, 0, 0, 1)).all()

    def test_faults(self) -> None:
        assert gradient_faults(BLACK_TO_WHITE) == ""
        assert "no stops" in gradient_faults(())
        assert "do not rise" in gradient_faults(self.stops[::-1])
        assert "between 0 and 1" in gradient_faults((GradientStop(position=0.0, color=(2.0, 0.0, 0.0)),))

    @pytest.mark.parametrize("shape", GradientShape)
    def test_positions_are_the_scalar_formula(self, shape: GradientShape) -> None:
        rect, start, end = Rect(-3, 2, 30, 25), (4.5, 6.25), (20.0, 17.5)
        out = positions(rect, start, end, shape)
        length = math.hypot(end[0] - start[0], end[1] - start[1])
        for y in range(rect.top, rect.bottom):
            for x in range(rect.left, rect.right):
                px, py = x + 0.5 - start[0], y + 0.5 - start[1]
                if shape is GradientShape.LINEAR:
                    t = (px * (end[0] - start[0]) + py * (end[1] - start[1])) / length**2
                else:
                    t = math.hypot(px, py) / length
                assert out[y - rect.top, x - rect.left] == pytest.approx(min(1.0, max(0.0, t)), abs=1e-12)

    def test_the_dither_has_64_even_steps_and_is_fixed_to_the_canvas(self) -> None:
        block = dither_thresholds(Rect(0, 0, 8, 8))
        assert sorted((block.ravel() * 64 - 0.5).tolist()) == list(range(64))
        assert (dither_thresholds(Rect(3, 5, 11, 13)) == np.roll(block, (-5, -3), axis=(0, 1))).all()
