"""Strokes, smudging, bucket and gradient on documents: exact where a plain formula says what must come out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from studio.core import edits
from studio.core.changes import diff
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.edits.smudge import Smudge
from studio.core.edits.wet import Stroke
from studio.core.errors import DocumentError
from studio.core.geometry import Point, Rect, Size
from studio.core.gradients import GradientStop, gradient_at
from studio.core.history import History
from studio.core.layers import LayerId, Locks, Mask, Place, RasterLayer
from studio.core.painting.brush import Brush, StrokePoint
from studio.core.painting.inks import Clone, Erase, Ink, Paint, Tone
from studio.core.painting.path import DabPath
from studio.core.painting.shading import GradientShape, dither_thresholds, positions
from studio.core.painting.stamp import build_up, dab_print
from studio.core.pixels import Depth, PixelBuffer
from studio.core.selecting.colors import wand
from tests.support.documents import noise

INK, PHOTO = LayerId("ink"), LayerId("photo")
CANVAS = Size(600, 400)
RED = Paint(color=(1.0, 0.0, 0.0))
LINE = [StrokePoint(x=40.5, y=60.5), StrokePoint(x=90.5, y=80.5, pressure=0.4), StrokePoint(x=150.5, y=64.5)]
LOOP = [StrokePoint(x=x, y=y) for x, y in ((50, 50), (120, 50), (120, 120), (60, 40), (150, 130), (50, 50))]


def sheet(depth: Depth = Depth.EIGHT) -> Document:
    """Noise below an empty layer."""
    photo = noise(np.random.default_rng(8), CANVAS, depth)
    return Document(
        size=CANVAS,
        depth=depth,
        layers=(
            RasterLayer(id=PHOTO, name="Photo", pixels=PixelBuffer.from_array(photo)),
            RasterLayer(id=INK, name="Ink", pixels=PixelBuffer(CANVAS, depth)),
        ),
    )


def layer(document: Document, layer_id: LayerId) -> RasterLayer:
    found = document.layer(layer_id)
    assert isinstance(found, RasterLayer)
    return found


def pixels(document: Document, layer_id: LayerId, rect: Rect | None = None) -> NDArray[np.uint8 | np.uint16]:
    own = layer(document, layer_id)
    return own.pixels.read((document.canvas if rect is None else rect).moved(-own.origin))


def coverage(brush: Brush, points: list[StrokePoint]) -> NDArray[np.float32]:
    """What a stroke covers of the canvas, built up dab by dab in one large plane."""
    wet = np.zeros((CANVAS.height, CANVAS.width), np.float32)
    path = DabPath(brush)
    for dab in [*path.extend(points), *path.finish()]:
        wet = build_up(wet, dab_print(dab, brush, CANVAS.rect) * np.float32(dab.flow), dab.opacity)
    return wet


@pytest.mark.parametrize("depth", Depth)
class TestStrokes:
    def test_a_stroke_is_its_coverage_in_its_colour(self, depth: Depth) -> None:
        brush = Brush(size_px=14, hardness=0.5, opacity=0.7, flow=0.4)
        out = pixels(edits.paint_stroke(sheet(depth), INK, brush, RED, LINE), INK)
        wet = coverage(brush, LINE)
        assert np.abs(out[..., 3] - wet * depth.top).max() <= 0.6
        assert (out[out[..., 3] > 0][:, :3] == (depth.top, 0, 0)).all()

    def test_erasing_scales_alpha_and_nothing_else(self, depth: Depth) -> None:
        brush = Brush(size_px=30, opacity=0.5)
        start = sheet(depth)
        before, after = pixels(start, PHOTO), pixels(edits.paint_stroke(start, PHOTO, brush, Erase(), LINE), PHOTO)
        wanted = before[..., 3] * (1 - coverage(brush, LINE).astype(np.float64))
        assert np.abs(after[..., 3] - wanted).max() <= 0.6
        kept = after[..., 3] > 0
        assert (after[kept][:, :3] == before[kept][:, :3]).all()

    def test_opacity_caps_however_often_a_stroke_crosses_itself(self, depth: Depth) -> None:
        brush = Brush(size_px=20, opacity=0.5, flow=1.0, hardness=1.0)
        out = pixels(edits.paint_stroke(sheet(depth), INK, brush, RED, LOOP), INK)
        assert out[..., 3].max() == round(depth.top * 0.5)
        twice = edits.paint_stroke(edits.paint_stroke(sheet(depth), INK, brush, RED, LOOP), INK, brush, RED, LOOP)
        assert abs(int(pixels(twice, INK)[..., 3].max()) - depth.top * 0.75) <= 1

    def test_a_hard_clone_is_the_source_moved(self, depth: Depth) -> None:
        brush = Brush(size_px=40, hardness=1.0)
        clone = Clone(offset=Point(-13, 22), source=PHOTO)
        start = sheet(depth)
        out = pixels(edits.paint_stroke(start, INK, brush, clone, LINE), INK)
        full = coverage(brush, LINE) == 1
        taken = pixels(start, PHOTO, start.canvas.moved(Point(-13, 22)))
        shown = full & (taken[..., 3] > 0)
        assert shown.sum() > 1000
        assert (out[shown] == taken[shown]).all()
        merged = edits.paint_stroke(start, INK, brush, Clone(offset=Point(-13, 22)), LINE)
        assert (pixels(merged, INK)[shown] == composite(start, start.canvas.moved(Point(-13, 22)))[shown]).all()

    def test_cloning_onto_itself_takes_what_was_there_before(self, depth: Depth) -> None:
        brush = Brush(size_px=30, hardness=1.0)
        start = sheet(depth)
        out = pixels(edits.paint_stroke(start, PHOTO, brush, Clone(offset=Point(5, 0), source=PHOTO), LINE), PHOTO)
        taken = pixels(start, PHOTO, start.canvas.moved(Point(5, 0)))
        shown = (coverage(brush, LINE) == 1) & (taken[..., 3] == depth.top)
        assert (out[shown] == taken[shown]).all()

    def test_a_mask_gets_the_brightness_and_the_eraser_hides(self, depth: Depth) -> None:
        half = depth.top // 2
        mask = Mask(pixels=PixelBuffer(CANVAS, depth, 1, half))
        start = edits.set_mask(sheet(depth), PHOTO, mask)
        brush = Brush(size_px=24, hardness=1.0)
        for ink, value in ((Paint(color=(1.0, 1.0, 1.0)), depth.top), (Erase(), 0)):
            out = edits.paint_stroke(start, PHOTO, brush, ink, LINE, on_mask=True).layer(PHOTO).mask
            assert out is not None
            values = out.pixels.read()[..., 0]
            wet = coverage(brush, LINE)
            assert np.abs(values - (half + (value - half) * wet.astype(np.float64))).max() <= 0.6
            assert (
                pixels(edits.paint_stroke(start, PHOTO, brush, ink, LINE, on_mask=True), PHOTO).tobytes()
                == pixels(start, PHOTO).tobytes()
            )

    def test_dodge_keeps_alpha_and_locked_alpha_keeps_it_too(self, depth: Depth) -> None:
        start = sheet(depth)
        locked = edits.set_locks(start, PHOTO, Locks(alpha=True))
        for document, ink in ((start, Tone(exposure=0.8)), (locked, RED)):
            before, after = (
                pixels(document, PHOTO),
                pixels(edits.paint_stroke(document, PHOTO, Brush(size_px=40), ink, LINE), PHOTO),
            )
            assert (before[..., 3] == after[..., 3]).all()
            assert (before != after).any()
            assert (after[before[..., 3] == 0] == before[before[..., 3] == 0]).all()

    def test_smudging_leaves_flat_colour_alone_and_drags_an_edge(self, depth: Depth) -> None:
        samples = np.full((CANVAS.height, CANVAS.width, 4), depth.top, depth.dtype)
        samples[:, :100, :3] = depth.top // 3
        document = Document(
            size=CANVAS, depth=depth, layers=(RasterLayer(id=PHOTO, pixels=PixelBuffer.from_array(samples)),)
        )
        brush = Brush(size_px=30, hardness=0.5)
        across = [StrokePoint(x=70, y=200), StrokePoint(x=140, y=200)]
        out = pixels(edits.smudge(document, PHOTO, brush, across, strength=0.8), PHOTO)
        assert (out[200, 100:115, 0] < depth.top).all()
        assert (out[..., 3] == depth.top).all()
        assert (out[:, :40] == samples[:, :40]).all()
        assert (out[:180] == samples[:180]).all()
        away = [StrokePoint(x=300, y=50), StrokePoint(x=400, y=90)]
        assert edits.smudge(document, PHOTO, brush, away) == document


class TestTiles:
    def test_a_dab_touches_only_its_tiles(self) -> None:
        start = sheet()
        stroke = Stroke(start, PHOTO, Brush(size_px=40), RED)
        stroke.extend([StrokePoint(x=250, y=100)])
        before, after = layer(start, PHOTO).pixels.tiles, layer(stroke.document, PHOTO).pixels.tiles
        assert {key for key in after if after[key] is not before[key]} == {(0, 0), (1, 0)}
        assert diff(start, stroke.document).dirty == Rect(0, 0, 512, 256)

    def test_painting_off_the_layer_grows_it_by_whole_tiles_and_keeps_the_rest(self) -> None:
        start = edits.translate(sheet(), [PHOTO], Point(37, -11))
        brush = Brush(size_px=20)
        out = edits.paint_stroke(start, PHOTO, brush, RED, [StrokePoint(x=-30, y=5), StrokePoint(x=10, y=390)])
        own, old = layer(out, PHOTO), layer(start, PHOTO)
        assert out.check() == []
        assert (own.origin.x - old.origin.x) % 256 == 0
        assert own.bounds.contains(old.bounds)
        kept = [tile for tile in own.pixels.tiles.values() if any(tile is other for other in old.pixels.tiles.values())]
        assert len(kept) >= 2
        far = Rect(300, 0, 600, 300)
        assert (pixels(out, PHOTO, far) == pixels(start, PHOTO, far)).all()

    def test_what_a_stroke_does_not_change_is_the_same_document(self) -> None:
        start = sheet()
        assert edits.paint_stroke(start, INK, Brush(), Erase(), LINE) == start
        assert edits.paint_stroke(start, INK, Brush(opacity=0.0), RED, LINE) == start
        assert edits.paint_stroke(start, INK, Brush(), RED, []) == start

    def test_erasing_everything_of_a_tile_frees_it(self) -> None:
        small = Document(
            size=Size(30, 30), layers=(RasterLayer(id=INK, pixels=PixelBuffer(Size(30, 30), Depth.EIGHT)),)
        )
        inked = edits.fill_selected(small, INK, (0.0, 0.0, 0.0))
        rubbed = edits.paint_stroke(inked, INK, Brush(size_px=200, hardness=1), Erase(), [StrokePoint(x=15, y=15)])
        assert layer(rubbed, INK).pixels.tiles == {}
        assert rubbed.check() == []


points = st.builds(StrokePoint, x=st.floats(-40, 640), y=st.floats(-40, 440), pressure=st.floats(0, 1))
inks = st.sampled_from([RED, Erase(), Tone(exposure=-0.5), Clone(offset=Point(9, -4), source=PHOTO)])


QUICKLY = (Phase.explicit, Phase.reuse, Phase.generate)
"""No shrinking: each example paints a stroke many times over."""


class TestLiveness:
    @settings(max_examples=15, deadline=None, phases=QUICKLY)
    @given(stroke=st.lists(points, min_size=1, max_size=6), ink=inks, on_photo=st.booleans())
    def test_painted_live_or_at_once_is_the_same(self, stroke: list[StrokePoint], ink: Ink, on_photo: bool) -> None:
        start = edits.feather_selection(edits.select_ellipse(sheet(), Rect(20, 10, 560, 380)), 9)
        target = PHOTO if on_photo else INK
        brush = Brush(size_px=35, hardness=0.3, flow=0.5, spacing=0.3)
        live = Stroke(start, target, brush, ink)
        shown = start
        for point in stroke:
            area = live.extend([point])
            changed = diff(shown, live.document)
            shown = live.document
            assert changed.dirty.is_empty or not area.is_empty
        live.finish()
        assert live.document.check() == []
        assert live.document == edits.paint_stroke(start, target, brush, ink, stroke)
        outside = start.selection is not None and start.selection.read() == 0
        assert (pixels(live.document, target)[outside] == pixels(start, target)[outside]).all()

    @settings(max_examples=10, deadline=None, phases=QUICKLY)
    @given(stroke=st.lists(points, min_size=1, max_size=4))
    def test_smudged_live_or_at_once_is_the_same(self, stroke: list[StrokePoint]) -> None:
        brush = Brush(size_px=18, spacing=0.5)
        live = Smudge(sheet(), PHOTO, brush, 0.5)
        for point in stroke:
            live.extend([point])
            assert live.document.check() == []
        live.finish()
        assert live.document == edits.smudge(sheet(), PHOTO, brush, stroke)


class TestRefusals:
    def test_locks_and_missing_masks(self) -> None:
        start = sheet()
        for locks, ink in ((Locks(pixels=True), RED), (Locks(alpha=True), Erase())):
            with pytest.raises(DocumentError, match="locked"):
                edits.paint_stroke(edits.set_locks(start, INK, locks), INK, Brush(), ink, LINE)
        with pytest.raises(DocumentError, match="has no mask"):
            edits.paint_stroke(start, INK, Brush(), RED, LINE, on_mask=True)
        masked = edits.mask_from_selection(start, INK)
        with pytest.raises(DocumentError, match="has no mask"):
            edits.paint_stroke(masked, INK, Brush(), Clone(offset=Point(9, 0), source=PHOTO), LINE, on_mask=True)
        with pytest.raises(DocumentError, match="has no mask"):
            edits.smudge(start, INK, Brush(), LINE, on_mask=True)
        with pytest.raises(DocumentError, match="between -1 and 1"):
            edits.paint_stroke(start, PHOTO, Brush(), Tone(exposure=3), LINE)
        with pytest.raises(DocumentError, match="strength"):
            edits.smudge(start, PHOTO, Brush(), LINE, strength=2)

    def test_gradient_and_bucket(self) -> None:
        start = sheet()
        stops = (GradientStop(position=0.0, color=(0.0, 0.0, 0.0)),)
        with pytest.raises(DocumentError, match="no length"):
            edits.draw_gradient(start, INK, stops, (4, 4), (4, 4))
        with pytest.raises(DocumentError, match="no stops"):
            edits.draw_gradient(start, INK, (), (4, 4), (9, 4))
        with pytest.raises(DocumentError, match="no picture"):
            edits.fill_similar(start, INK, Point(600, 0), (0.0, 0.0, 0.0))


@pytest.mark.parametrize("depth", Depth)
class TestFills:
    def test_the_bucket_fills_what_the_wand_finds_on_the_layer_or_on_all(self, depth: Depth) -> None:
        start = edits.select_rectangle(sheet(depth), Rect(100, 0, 300, 200))
        start = edits.fill_selected(start, PHOTO, (0.0, 0.0, 1.0))
        start = edits.select_rectangle(start, Rect(0, 0, 200, 400))
        out = pixels(edits.fill_similar(start, INK, Point(150, 50), (1.0, 1.0, 0.0), tolerance=3), INK)
        found = wand(composite(start), Point(150, 50), 3)
        found[:, 200:] = 0
        assert (out[..., 3] == np.rint(found / 255 * depth.top)).all()
        own = edits.fill_similar(start, INK, Point(150, 50), (1.0, 1.0, 0.0), source=INK)
        assert (pixels(own, INK)[:, :200] == (depth.top, depth.top, 0, depth.top)).all()
        assert not pixels(own, INK)[:, 200:].any()

    @pytest.mark.parametrize("shape", GradientShape)
    def test_a_gradient_is_exact(self, depth: Depth, shape: GradientShape) -> None:
        stops = (
            GradientStop(position=0.0, color=(1.0, 0.2, 0.0)),
            GradientStop(position=1.0, color=(0.0, 0.4, 1.0), opacity=0.25),
        )
        start, ends = sheet(depth), ((20.5, 30.25), (480.0, 300.0))
        values = gradient_at(stops, positions(start.canvas, *ends, shape))
        plain = edits.draw_gradient(start, INK, stops, *ends, shape=shape, dither=False)
        assert np.abs(pixels(plain, INK) - values * depth.top).max() <= 0.52
        dithered = pixels(edits.draw_gradient(start, INK, stops, *ends, shape=shape), INK)
        limit = dither_thresholds(start.canvas)[..., None]
        steps = values * depth.top
        sure = np.abs(steps - np.floor(steps) - limit) > 0.02
        assert (dithered == np.ceil(steps - limit))[sure].all()
        assert abs(float(dithered.mean() - steps.mean())) < 0.01

    def test_a_gradient_keeps_to_selection_and_locks(self, depth: Depth) -> None:
        stops = (GradientStop(position=0.0, color=(1.0, 0.0, 0.0)), GradientStop(position=1.0, color=(0.0, 0.0, 1.0)))
        start = edits.set_locks(edits.select_ellipse(sheet(depth), Rect(50, 50, 300, 300)), PHOTO, Locks(alpha=True))
        out = edits.draw_gradient(start, PHOTO, stops, (0, 0), (600, 0))
        before, after = pixels(start, PHOTO), pixels(out, PHOTO)
        assert start.selection is not None
        outside = start.selection.read() == 0
        assert (before[outside] == after[outside]).all()
        assert (before[..., 3] == after[..., 3]).all()


@pytest.mark.parametrize("depth", Depth)
class TestFillsOnMasks:
    STOPS = (GradientStop(position=0.0, color=(0.0, 0.0, 0.0)), GradientStop(position=1.0, color=(1.0, 1.0, 1.0)))

    def test_a_gradient_is_exact_and_leaves_the_pixels(self, depth: Depth) -> None:
        white = Mask(pixels=PixelBuffer(CANVAS, depth, channels=1, fill=depth.top))
        start = edits.set_mask(sheet(depth), PHOTO, white)
        out = edits.draw_gradient(start, PHOTO, self.STOPS, (0, 0), (600, 0), dither=False, on_mask=True)
        mask = layer(out, PHOTO).mask
        assert mask is not None
        exact = positions(start.canvas, (0, 0), (600, 0), GradientShape.LINEAR) * depth.top
        assert np.abs(mask.pixels.read(start.canvas.moved(-mask.origin))[..., 0] - exact).max() <= 0.52
        assert np.array_equal(pixels(out, PHOTO), pixels(start, PHOTO))
        assert out.check() == []

    def test_the_bucket_fills_with_brightness_where_it_is_selected(self, depth: Depth) -> None:
        start = edits.mask_from_selection(edits.select_rectangle(sheet(depth), Rect(0, 0, 300, 400)), INK)
        start = edits.select_rectangle(start, Rect(100, 0, 500, 400))
        out = edits.fill_similar(start, INK, Point(150, 50), (0.0, 1.0, 0.0), source=INK, on_mask=True)
        mask = layer(out, INK).mask
        assert mask is not None
        values = mask.pixels.read(start.canvas.moved(-mask.origin))[..., 0]
        assert (values[:, 100:500] == round(0.59 * depth.top)).all()
        assert (values[:, :100] == depth.top).all()
        assert (values[:, 500:] == 0).all()

    def test_cloning_on_a_mask_takes_a_mask_or_the_brightness_of_the_picture(self, depth: Depth) -> None:
        steps = np.arange(600)[None, :, None].repeat(400, axis=0) * (depth.top // 600)
        start = edits.set_mask(sheet(depth), INK, Mask(pixels=PixelBuffer.from_array(steps.astype(depth.dtype))))
        brush, shift = Brush(size_px=40, hardness=1.0), Point(30, 10)
        inside = Rect.at(Point(int(LINE[0].x) - 4, int(LINE[0].y) - 4), Size(8, 8))
        picture = composite(start).astype(np.float64)[inside.moved(shift).slices()]
        bright = picture[..., :3] @ (0.3, 0.59, 0.11)
        share = picture[..., 3] / depth.top
        under = steps[..., 0][inside.slices()]
        wanted = {INK: steps[..., 0][inside.moved(shift).slices()], None: under + (bright - under) * share}
        for source, values in wanted.items():
            out = edits.paint_stroke(start, INK, brush, Clone(offset=shift, source=source), LINE, on_mask=True)
            mask = out.layer(INK).mask
            assert mask is not None
            assert np.abs(mask.pixels.read(inside.moved(-mask.origin))[..., 0] - values).max() <= 0.6
            assert out.layer(PHOTO) is start.layer(PHOTO)

    def test_without_a_mask_it_says_so(self, depth: Depth) -> None:
        with pytest.raises(DocumentError, match="has no mask"):
            edits.draw_gradient(sheet(depth), INK, self.STOPS, (0, 0), (9, 0), on_mask=True)


class TestStrokesUnderWay:
    """Applied to a history point by point, while something else happens to the document."""

    @staticmethod
    def started(document: Document, kind: str) -> Stroke | Smudge:
        if kind == "smudge":
            return Smudge(document, PHOTO, Brush(size_px=15), 0.5)
        return Stroke(document, PHOTO, Brush(size_px=9), RED, on_mask=kind == "mask")

    @staticmethod
    def masked() -> Document:
        mask = Mask(pixels=PixelBuffer.from_array(np.full((400, 600, 1), 255, np.uint8)))
        return edits.set_mask(sheet(), PHOTO, mask)

    @pytest.mark.parametrize("kind", ["paint", "mask", "smudge"])
    def test_what_came_between_stays(self, kind: str) -> None:
        history = History(self.masked())
        stroke = self.started(history.document, kind)
        for number, point in enumerate(LINE):
            stroke.extend([point])
            history.apply(stroke.edit, merge_key="stroke")
            if number == 0:  # a result arrives
                new = RasterLayer(id=LayerId("new"), name="New", pixels=PixelBuffer(CANVAS, Depth.EIGHT))
                history.apply(edits.step(edits.add_layers, (new,), Place(None, 2)))
        stroke.finish()
        history.apply(stroke.edit, merge_key="stroke")
        assert [layer.id for layer in history.document.layers] == [PHOTO, INK, "new"]
        assert history.document.layer(PHOTO) == stroke.document.layer(PHOTO) != self.masked().layer(PHOTO)
        while history.can_undo:
            history.undo()
        history.apply(stroke.edit)  # where it began is still its ground
        assert history.document.layer(PHOTO) == stroke.document.layer(PHOTO)

    @pytest.mark.parametrize("kind", ["paint", "mask", "smudge"])
    def test_it_is_refused_where_the_layer_is_another(self, kind: str) -> None:
        start = self.masked()
        stroke = self.started(start, kind)
        stroke.extend(LINE)
        repainted = edits.invert_mask(start, PHOTO) if kind == "mask" else edits.clear_selected(start, PHOTO)
        moved = edits.translate(start, [PHOTO], Point(3, 0))
        for other in (repainted, moved):
            with pytest.raises(DocumentError, match="“Photo” was changed while it was painted on"):
                stroke.edit(other)
        with pytest.raises(DocumentError, match="no longer in the document"):
            stroke.edit(edits.remove_layers(start, [PHOTO]))
        assert stroke.edit(start) == stroke.document
