from __future__ import annotations

import numpy as np
import pytest

from studio.synth.palette import ANCHORS
from studio.synth.render import render
from studio.synth.sketch import BlobColors, blob_sketch, edge_map, line_sketch
from studio.synth.splits import Split, split_scene
from studio.synth.vocabulary import ColorName
from tests.synth.worlds import two_trees, varied_scenes


def _overlap(
    first: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], second: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
) -> float:
    return float((first & second).sum() / max(1, (first | second).sum()))


def test_every_pixel_is_black_or_a_legend_colour_and_no_object_is_lost() -> None:
    for scene in varied_scenes(2):
        drawn = render(scene, 128)
        sketch = blob_sketch(drawn, seed=scene.seed % 97)
        assert len({entry.rgb for entry in sketch.legend}) == len(scene.instances)
        covered = np.zeros(drawn.order.shape, np.bool_)
        for entry in sketch.legend:
            assert sketch.mask(entry).any()
            covered |= sketch.mask(entry)
        assert not sketch.image[~covered].any()


def test_blobs_follow_the_objects_and_smooth_ones_follow_them_exactly() -> None:
    drawn = render(two_trees(), 128)
    rough, exact = blob_sketch(drawn, 1), blob_sketch(drawn, 1, roughness=0.0)
    for number in range(2):
        assert 0.6 < _overlap(rough.mask(rough.legend[number]), drawn.visible_mask(number)) < 1
        assert _overlap(exact.mask(exact.legend[number]), drawn.visible_mask(number)) == 1


def test_groups_share_a_colour_and_others_are_left_out() -> None:
    drawn = render(split_scene(Split.CROWDED, 0), 128)
    ids = [instance.id for instance in drawn.scene.instances]
    sketch = blob_sketch(drawn, groups=[ids[:2], ids[2:3]])
    assert [entry.ids for entry in sketch.legend] == [tuple(ids[:2]), (ids[2],)]


def test_own_colours_are_the_terms() -> None:
    sketch = blob_sketch(render(two_trees(), 96), colors=BlobColors.OWN)
    assert [entry.rgb for entry in sketch.legend] == [ANCHORS[ColorName.GREEN], ANCHORS[ColorName.RED]]


@pytest.mark.parametrize("seed", [0, 1])
def test_lines_run_along_the_outlines(seed: int) -> None:
    drawn = render(two_trees(), 128)
    lines = line_sketch(drawn, seed)
    assert lines.shape == (128, 128, 3)
    ink = lines[:, :, 0] > 100
    assert 0.01 < ink.mean() < 0.15
    inside = drawn.amodal_mask(1)
    middle = inside & np.roll(inside, 8, 0) & np.roll(inside, -8, 0) & np.roll(inside, 8, 1) & np.roll(inside, -8, 1)
    assert middle.any()
    assert ink[middle].mean() < 0.02


def test_sketches_repeat() -> None:
    drawn = render(two_trees(), 96)
    assert np.array_equal(line_sketch(drawn, 3), line_sketch(drawn, 3))
    assert not np.array_equal(line_sketch(drawn, 3), line_sketch(drawn, 4))
    assert np.array_equal(blob_sketch(drawn, 3).image, blob_sketch(drawn, 3).image)


def test_edges_are_black_and_white() -> None:
    edges = edge_map(render(two_trees(), 96))
    assert set(np.unique(edges)) == {0, 255}
    assert edges.mean() > 5
