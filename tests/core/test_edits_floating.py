"""Transforms of what is selected: the rest stays, what moves is laid on it, the selection goes along."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core import edits
from studio.core.compositing import Compositor, composite, composite_layers, load_kernels
from studio.core.document import Document
from studio.core.errors import DocumentError
from studio.core.geometry import Affine, Point, Rect, Size
from studio.core.homography import Homography
from studio.core.layers import BlendMode, LayerId, Locks, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.core.resampling import Sampling
from tests.support.documents import noise

LAYER = LayerId("layer")
BOX = Rect(20, 15, 50, 35)


def document(depth: Depth = Depth.EIGHT) -> Document:
    """An opaque layer of noise with room around it, a box of it selected."""
    samples = noise(np.random.default_rng(5), Size(90, 60), depth)
    samples[..., 3] = depth.top
    layer = RasterLayer(id=LAYER, name="Noise", pixels=PixelBuffer.from_array(samples), origin=Point(5, 5))
    return edits.select_rectangle(Document(size=Size(110, 80), depth=depth, layers=(layer,)), BOX)


def read(document: Document, rect: Rect) -> np.ndarray:
    layer = document.layer(LAYER)
    assert isinstance(layer, RasterLayer)
    return layer.pixels.read(rect.moved(-layer.origin))


@pytest.mark.parametrize("depth", Depth)
def test_moving_by_whole_pixels_is_exact(depth: Depth) -> None:
    start = document(depth)
    out = edits.transform_selected(start, LAYER, Homography.of(Affine.translation(40, 30)))
    target = BOX.moved(Point(40, 30))
    assert (read(out, target) == read(start, BOX)).all()
    assert not read(out, BOX)[:15, :20].any()
    untouched = Rect(60, 5, 95, 30)
    assert (read(out, untouched) == read(start, untouched)).all()
    assert out.selection is not None
    assert out.selection.bounds == target
    assert out.check() == []


def test_a_quarter_turn_keeps_every_sample() -> None:
    start = document()
    turn = Homography.about((35, 25), Affine(a=0.0, b=1.0, c=-1.0, d=0.0))
    out = edits.transform_selected(start, LAYER, turn)
    assert (read(out, Rect(25, 10, 45, 40)) == np.rot90(read(start, BOX), -1)).all()


def test_what_is_laid_down_covers_as_far_as_it_is_opaque() -> None:
    start = edits.feather_selection(document(), 3)
    move = Homography.about((35, 25), Affine.rotation(20).then(Affine.translation(30, 12)))
    out = edits.transform_selected(start, LAYER, move, sampling=Sampling.BILINEAR)
    parts = edits.Lifted.of(start, LAYER)
    alone = start.with_layers((parts.floating,))
    whole = edits.transform_layers(alone, [parts.floating.id], move, sampling=Sampling.BILINEAR)
    wanted = composite_layers(start, (parts.rest, *whole.layers))
    assert np.abs(composite(out).astype(int) - wanted.astype(int)).max() <= 1


@pytest.mark.parametrize("scale", [1, 2])
def test_a_preview_looks_like_the_result(scale: int) -> None:
    load_kernels()
    start = edits.set_blend(edits.set_opacity(document(), LAYER, 0.6), LAYER, BlendMode.MULTIPLY)
    move = Homography.of(Affine.translation(31, 12))
    seen = edits.Lifted.of(start, LAYER).preview(start, move, Sampling.BICUBIC)
    done = edits.transform_selected(start, LAYER, move)
    shown, wanted = (Compositor().render(one, scale=scale).astype(int) for one in (seen, done))
    gaps = np.abs(shown - wanted).max(axis=2)
    if scale == 1:
        assert gaps.max() <= 2
    else:  # layers are reduced before they are mixed, which shows along the outline of what is multiplied
        assert (gaps > 2).mean() <= 0.03
        assert gaps.max() <= 64


def test_without_a_selection_it_is_the_layer() -> None:
    start = edits.deselect(document())
    move = Homography.about((30, 30), Affine.scale(0.5, 2))
    assert edits.transform_selected(start, LAYER, move) == edits.transform_layers(start, [LAYER], move)


def test_locks_and_empty_places_are_told() -> None:
    start = document()
    move = Homography.of(Affine.translation(5, 0))
    with pytest.raises(DocumentError, match="locked"):
        edits.transform_selected(edits.set_locks(start, LAYER, Locks(pixels=True)), LAYER, move)
    away = edits.select_rectangle(start, Rect(100, 70, 110, 80))
    with pytest.raises(DocumentError, match="is selected"):
        edits.transform_selected(away, LAYER, move)


def test_a_selection_that_leaves_the_canvas_is_gone() -> None:
    out = edits.transform_selected(document(), LAYER, Homography.of(Affine.translation(500, 0)))
    assert out.selection is None
    assert (read(out, BOX.moved(Point(500, 0))) == read(document(), BOX)).all()
