from __future__ import annotations

import numpy as np
import pytest

from studio.core.errors import UsageError
from studio.synth.compose import lay, to_bytes, to_float
from studio.synth.edits import (
    Duplicate,
    Edit,
    Flip,
    Move,
    Pan,
    Recolor,
    Remove,
    Resize,
    Swap,
    Zoom,
    apply,
    edit_truth,
    lifted_layer,
)
from studio.synth.palette import nearest_term
from studio.synth.render import render
from studio.synth.splits import Split, split_scene
from studio.synth.vocabulary import ColorName
from tests.synth.worlds import two_trees

EVERY: list[Edit] = [
    Remove((1,)),
    Move(1, 0.1, -0.05),
    Move(1, 0.1, 0.1, perspective=True),
    Resize(2, 0.5),
    Flip(1),
    Duplicate(1, -0.25, 0.0),
    Swap(1, 2),
    Recolor(1, ColorName.BLUE),
    Pan(0.125, 0.0),
    Zoom(0.5),
]


@pytest.mark.parametrize("edit", EVERY, ids=str)
def test_the_truth_is_the_edited_scene_drawn_again(edit: Edit) -> None:
    scene = two_trees()
    truth = edit_truth(scene, edit, 96)
    assert np.array_equal(truth.before.composite, render(scene, 96).composite)
    assert np.array_equal(truth.after.composite, render(apply(scene, edit), 96).composite)
    assert np.array_equal(truth.changed, (truth.before.composite != truth.after.composite).any(axis=2))
    assert truth.changed.any()


def test_removal_takes_the_shadow_too_and_touches_nothing_else() -> None:
    truth = edit_truth(two_trees(), Remove((2,)), 96)
    layers = truth.before.layers[1]
    near = np.zeros(truth.source.shape, np.bool_)
    for _, patch, _ in layers.stack:
        near |= patch.on_canvas(truth.before.size)[:, :, 3] > 0
    assert not (truth.changed & ~near).any()
    assert not truth.target.any()
    assert np.array_equal(truth.source, truth.before.visible_mask(1))


def test_lifted_layer_puts_back_what_was_removed_exactly() -> None:
    for scene in (two_trees(), split_scene(Split.CROWDED, 2), split_scene(Split.TEST, 4)):
        for instance in scene.instances:
            truth = edit_truth(scene, Remove((instance.id,)), 96)
            picture = to_float(truth.after.composite)
            lay(picture, lifted_layer(truth))
            assert np.array_equal(to_bytes(picture), truth.before.composite)


def test_lifted_matte_is_what_is_seen_of_the_object() -> None:
    truth = edit_truth(two_trees(), Remove((1,)), 128)
    alpha = lifted_layer(truth).on_canvas(truth.before.size)[:, :, 3]
    assert (alpha[truth.source] >= 128).all()
    assert not alpha[truth.before.visible_mask(1)][
        truth.before.layers[1].object.on_canvas(truth.before.size)[truth.before.visible_mask(1)][:, 3] == 255
    ].any()


def test_a_move_by_whole_pixels_shifts_the_drawing() -> None:
    scene = two_trees().without(1)
    truth = edit_truth(scene, Move(2, -8 / 64, 4 / 64), 64)
    before, after = truth.before.layers[0].object, truth.after.layers[0].object
    assert (after.origin.x - before.origin.x, after.origin.y - before.origin.y) == (-8, 4)
    assert np.array_equal(before.pixels[:, :, 3], after.pixels[:, :, 3])


def test_moving_nearer_brings_to_the_front() -> None:
    scene = apply(two_trees(), Move(1, 0.0, 0.15))
    assert [instance.id for instance in scene.instances] == [2, 1]


def test_perspective_moves_scale() -> None:
    old = two_trees().instance(1)
    grown = apply(two_trees(), Move(1, 0.0, 0.1, perspective=True)).instance(1)
    assert grown.height == pytest.approx(old.height * (0.9 - 0.45) / (0.8 - 0.45))
    assert apply(two_trees(), Move(1, 0.0, 0.1)).instance(1).height == old.height


def test_flip_mirrors_the_silhouette() -> None:
    truth = edit_truth(two_trees().without(2), Flip(1), 128)
    before, after = truth.before.layers[0].object.pixels, truth.after.layers[0].object.pixels
    assert abs(int(before.shape[1]) - int(after.shape[1])) <= 1
    assert not np.array_equal(before[:, :, 3], after[:, :, 3])


def test_duplicates_get_a_new_id_and_swaps_exchange_places() -> None:
    copied = apply(two_trees(), Duplicate(1, -0.25, 0.0))
    assert sorted(instance.id for instance in copied.instances) == [1, 2, 3]
    assert copied.instance(3).x == pytest.approx(0.17)
    swapped = apply(two_trees(), Swap(1, 2))
    assert (swapped.instance(1).x, swapped.instance(1).y) == (0.58, 0.9)
    assert (swapped.instance(2).x, swapped.instance(2).y) == (0.42, 0.8)


def test_recolouring_changes_term_and_shade() -> None:
    blue = apply(two_trees(), Recolor(1, ColorName.BLUE)).instance(1)
    assert blue.color is ColorName.BLUE
    assert nearest_term(blue.rgb) is ColorName.BLUE


def test_zoom_keeps_the_middle() -> None:
    view = apply(apply(two_trees(), Zoom(2.0)), Zoom(0.5)).view
    assert (view.x, view.y, view.zoom) == pytest.approx((0.0, 0.0, 1.0))
    half = apply(two_trees(), Zoom(2.0)).view
    assert (half.x, half.y, half.zoom) == (0.25, 0.25, 2.0)


@pytest.mark.parametrize("edit", [Remove((9,)), Move(9, 0, 0), Resize(1, 0.0), Resize(1, -1.0), Zoom(0.0), Swap(1, 9)])
def test_impossible_edits_are_refused(edit: Edit) -> None:
    with pytest.raises(UsageError):
        apply(two_trees(), edit)
